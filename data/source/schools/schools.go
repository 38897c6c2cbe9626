// Package schools reads the directory of schools of the Ministry of Education (annuaire de
// l'éducation, fr-en-annuaire-education) as CSV, format "schools".
//
// Écoles, collèges, lycées and EREA, which are kept as lycées, that are open are read;
// services, medical establishments and those closed are filtered. The identifier is the
// UAI. A position of precision "Ville" is the centre of the commune.
package schools

import (
	"context"
	"strings"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Source is data.Place.Source of the places of this format.
const Source = "schools"

// Format is the format "schools".
type Format struct{}

var _ source.Format = Format{}

// ID is "schools".
func (Format) ID() string { return "schools" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Annuaire de l’éducation, CSV", EN: "Directory of schools, CSV"}
}

// Layers are the places.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerPlaces} }

var required = []string{"identifiant_de_l_etablissement", "type_etablissement"}

// Detect is sure when the header has the names of the directory.
func (Format) Detect(in *source.Input) int {
	if source.HasColumns(source.TableColumns(in), required...) {
		return 95
	}
	return 0
}

type reader struct {
	*source.Table
	opt     source.Options
	locator *source.Locator

	id, name, kind, state, commune, department int
	lon, lat, x, y, epsg, precision            int
}

// Read gives the schools in file order.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	if err := t.Require(required...); err != nil {
		return err
	}
	r := &reader{
		Table: t, opt: opt, locator: source.NewLocator(opt),
		id: t.Column("identifiant_de_l_etablissement"), name: t.Column("nom_etablissement"), kind: t.Column("type_etablissement"), state: t.Column("etat"),
		commune: t.Column("code_commune"), department: t.Column("code_departement"),
		lon: t.Column("longitude"), lat: t.Column("latitude"),
		x: t.Column("coordx_origine", "coordonnee_x"), y: t.Column("coordy_origine", "coordonnee_y"), epsg: t.Column("epsg_origine", "epsg"),
		precision: t.Column("precision_localisation"),
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		if err := r.school(); err != nil {
			return err
		}
	}
}

// kinds are the kinds of the directory's types, by their folded names.
var kinds = map[string]string{
	"ecole": data.PlaceSchool, "college": data.PlaceCollege, "lycee": data.PlaceLycee, "erea": data.PlaceLycee,
}

func (r *reader) school() error {
	kind, ok := kinds[source.FoldName(r.Get(r.kind))]
	if !ok {
		r.Filtered("type " + data.Clip(r.Get(r.kind)))
		return nil
	}
	if state := source.FoldName(r.Get(r.state)); state == "ferme" || state == "fermee" {
		r.Filtered("closed")
		return nil
	}
	p := data.Place{ID: strings.ToUpper(r.Get(r.id)), Kind: kind, Source: Source, Edition: r.opt.Edition, Name: strings.Join(strings.Fields(r.Get(r.name)), " ")}
	p.CommuneCode, p.DepartmentCode, ok = source.Territory(r.Get(r.commune), r.Get(r.department))
	if !r.opt.KeepsDepartment(p.DepartmentCode) {
		r.Filtered("département " + p.DepartmentCode)
		return nil
	}
	if !validUAI(p.ID) {
		r.Bad("bad-uai", p.ID, r.id, "code UAI absent ou mal formé\u00a0: 7 chiffres et une lettre sont attendus",
			"missing or malformed UAI code: 7 digits and a letter are expected")
		return nil
	}
	if r.Duplicate(p.ID, r.Line()) {
		return nil
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	if !ok {
		r.Found(data.SeverityWarning, "bad-commune-code", p.ID, r.commune,
			"code INSEE de commune ou de département mal formé\u00a0: 01004 et 001 sont attendus. Il est ignoré.",
			"malformed INSEE code of commune or département: 01004 and 001 are expected. It is ignored.")
	}
	p.Position = r.position(&p)
	return r.Place(p, r.Line())
}

// validUAI tells the shape of a number of the répertoire académique et ministériel: 7
// digits and a letter.
func validUAI(s string) bool {
	if len(s) != 8 || s[7] < 'A' || s[7] > 'Z' {
		return false
	}
	for i := range 7 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (r *reader) position(p *data.Place) *data.Position {
	geographic := crs.CRS84
	point, located, problems := r.locator.LocateText(r.Get(r.lon), r.Get(r.lat), &geographic, p.DepartmentCode)
	if !located && r.Get(r.x) != "" && r.Get(r.y) != "" {
		declared, unknown := r.locator.Label(r.Get(r.epsg), data.SeverityWarning)
		if len(unknown) == 0 {
			point, located, problems = r.locator.LocateText(r.Get(r.x), r.Get(r.y), declared, p.DepartmentCode)
		} else {
			problems = append(problems, source.RefusedPosition(unknown)...)
		}
	}
	r.Problems(problems, r.Line(), p.ID)
	if !located {
		return nil
	}
	return &data.Position{Point: point, Precision: source.ParsePrecision(r.Get(r.precision)), Source: "annuaire de l’éducation"}
}
