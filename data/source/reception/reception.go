// Package reception reads the lists of police and gendarmerie units that receive the
// public (Ministry of the Interior), format "police-gendarmerie": export-gn2.csv, whose
// units have an identifier and opening hours, and export-pn.csv, which has neither.
//
// geocodage_x_GPS is the longitude and geocodage_y_GPS the latitude; some are exchanged
// and put right. The pair in geocodage_epsg serves when they are empty. The files do not
// say how precise their positions are.
package reception

import (
	"context"
	"strings"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Format is the format "police-gendarmerie".
type Format struct{}

var _ source.Format = Format{}

// ID is "police-gendarmerie".
func (Format) ID() string { return "police-gendarmerie" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Points d’accueil de la police et de la gendarmerie", EN: "Reception points of police and gendarmerie"}
}

// Layers are the places.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerPlaces} }

var required = []string{"service", "code_commune_insee", "geocodage_x_GPS", "geocodage_y_GPS"}

// Detect is sure when the header has the names of these files.
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

	id, service, address, commune, department int
	lon, lat, x, y, epsg, hours               int
	gendarmerie                               bool
	issued                                    bool
}

// Read gives the units in file order. A file whose lines have a public identifier of unit
// or opening hours is the gendarmerie's.
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
		id: t.Column("identifiant_public_unite"), service: t.Column("service"), address: t.Column("adresse_geographique"),
		commune: t.Column("code_commune_insee"), department: t.Column("departement"),
		lon: t.Column("geocodage_x_GPS"), lat: t.Column("geocodage_y_GPS"),
		x: t.Column("geocodage_x"), y: t.Column("geocodage_y"), epsg: t.Column("geocodage_epsg"), hours: t.Column("horaires_accueil"),
	}
	r.gendarmerie = r.id >= 0 || r.hours >= 0
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		if err := r.unit(); err != nil {
			return err
		}
	}
}

func (r *reader) unit() error {
	p := data.Place{
		Kind: data.PlacePolice, Source: data.PlacePolice, Edition: r.opt.Edition,
		Name: strings.Join(strings.Fields(r.Get(r.service)), " "),
	}
	prefix := "pn"
	if r.gendarmerie {
		p.Kind, p.Source, prefix = data.PlaceGendarmerie, data.PlaceGendarmerie, "gn"
	}
	commune := r.Get(r.commune)
	var ok bool
	p.CommuneCode, p.DepartmentCode, ok = source.Territory(commune, r.Get(r.department))
	if !r.opt.KeepsDepartment(p.DepartmentCode) {
		r.Filtered("département " + p.DepartmentCode)
		return nil
	}
	// Some units have no identifier, or 0 for one.
	if id := source.Identifier(r.Get(r.id)); strings.Trim(id, "0") != "" {
		p.ID = prefix + "-" + id
	} else {
		if !r.issued {
			r.issued = true
			r.Problem(source.IssuedIDNote(r.Line()))
		}
		p.ID = source.IssuedID(prefix, r.Content(r.service, r.address, r.commune)...)
	}
	if r.Duplicate(p.ID, r.Line()) {
		return nil
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	if !ok {
		r.Found(data.SeverityWarning, "bad-commune-code", p.ID, r.commune,
			"code INSEE de commune ou de département mal formé\u00a0: 01004, 2A004 ou 97411 est attendu. Il est ignoré.",
			"malformed INSEE code of commune or département: 01004, 2A004 or 97411 is expected. It is ignored.")
	}
	p.Position = r.position(&p)
	if raw := r.Get(r.hours); raw != "" {
		night, readable := openAtNight(raw)
		if readable {
			p.OpenAtNight = &night
		} else {
			r.Found(data.SeverityInfo, "unreadable-hours", p.ID, r.hours,
				"horaires d’accueil illisibles\u00a0: «\u00a0Lundi\u00a0: 8h00-12h00 14h00-18h00 Mardi\u00a0: …\u00a0» est attendu. L’ouverture de nuit reste inconnue.",
				"unreadable opening hours: “Lundi : 8h00-12h00 14h00-18h00 Mardi : …” is expected. Whether it opens at night stays unknown.")
		}
	}
	return r.Place(p, r.Line())
}

func (r *reader) position(p *data.Place) *data.Position {
	geographic := crs.CRS84
	lon, lat := r.Get(r.lon), r.Get(r.lat)
	point, located, problems := r.locator.LocateText(lon, lat, &geographic, p.DepartmentCode)
	if !located && r.Get(r.x) != "" && r.Get(r.y) != "" {
		declared, unknown := r.locator.Label(r.Get(r.epsg), data.SeverityWarning)
		if declared != nil || len(unknown) == 0 {
			point, located, problems = r.locator.LocateText(r.Get(r.x), r.Get(r.y), declared, p.DepartmentCode)
		} else {
			problems = append(problems, source.RefusedPosition(unknown)...)
		}
	}
	r.Problems(problems, r.Line(), p.ID)
	if !located {
		return nil
	}
	return &data.Position{Point: point, Precision: data.PrecisionUnspecified, Source: "ministère de l’Intérieur"}
}
