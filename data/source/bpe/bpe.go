// Package bpe reads the base permanente des équipements of Insee, format "bpe": one line
// a facility, of every edition that has coordinates (95 columns in 2025).
//
// The type of facility (TYPEQU) gives the kind, by data.PlaceKinds; other types, and kinds
// that are only imported on request, are filtered. The coordinates are those of
// LONGITUDE and LATITUDE, else of LAMBERT_X and LAMBERT_Y in the projection of the EPSG
// column. Their precision follows QUALITE_GEOLOC and QUALITE_XY, the worse of the two: a
// point drawn at random in its commune (33, or an error over 500 m) is worth no more than
// the commune. The file has no identifier: one is made of the kind, the name and the
// address, so that it holds from an edition to the next. Lines that share it, such as the
// sections of one lycée, are one place.
package bpe

import (
	"context"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Source is data.Place.Source of the places of this format.
const Source = "bpe"

// Format is the format "bpe".
type Format struct{}

var _ source.Format = Format{}

// ID is "bpe".
func (Format) ID() string { return "bpe" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Base permanente des équipements (Insee)", EN: "Permanent database of facilities (Insee)"}
}

// Layers are the places.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerPlaces} }

// Detect is sure when the header has the names of the BPE.
func (Format) Detect(in *source.Input) int {
	if source.HasColumns(source.TableColumns(in), "TYPEQU", "DEPCOM", "QUALITE_XY") {
		return 95
	}
	return 0
}

// reader is one read.
type reader struct {
	*source.Table
	opt     source.Options
	locator *source.Locator

	typequ, depcom, dep, name, complement, edition int
	lon, lat, x, y, epsg                           int
	qualityXY, qualityGeocoding                    int
	// identity are the columns that tell a facility from another.
	identity []int
	seen     map[string]bool
	types    map[string]facilityType
}

// facilityType is what becomes of the facilities of a type.
type facilityType struct {
	kind   data.PlaceKind
	wanted bool
}

// Read gives the places in file order. Options.Categories are codes of the BPE or kinds.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	if err := t.Require("TYPEQU", "DEPCOM", "QUALITE_XY"); err != nil {
		return err
	}
	r := &reader{
		Table: t, opt: opt, locator: source.NewLocator(opt), seen: make(map[string]bool), types: make(map[string]facilityType),
		typequ: t.Column("TYPEQU"), depcom: t.Column("DEPCOM"), dep: t.Column("DEP"),
		name: t.Column("NOMRS"), complement: t.Column("CNOMRS"), edition: t.Column("AN"),
		lon: t.Column("LONGITUDE"), lat: t.Column("LATITUDE"), x: t.Column("LAMBERT_X"), y: t.Column("LAMBERT_Y"), epsg: t.Column("EPSG"),
		qualityXY: t.Column("QUALITE_XY"), qualityGeocoding: t.Column("QUALITE_GEOLOC"),
	}
	for _, column := range []string{"DEPCOM", "NOMRS", "CNOMRS", "NUMVOIE", "INDREP", "TYPVOIE", "LIBVOIE", "CADR", "CODPOS"} {
		if i := t.Column(column); i >= 0 {
			r.identity = append(r.identity, i)
		}
	}
	if r.name < 0 { // older editions tell facilities apart by their place only
		r.identity = append(r.identity, max(r.x, 0), max(r.y, 0))
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		if err := r.facility(); err != nil {
			return err
		}
	}
}

// wanted tells whether a type is asked for: by default every kind of data.PlaceKinds but
// those on request.
func (r *reader) wanted(code string) (kind data.PlaceKind, ok bool) {
	kind, known := data.PlaceKindByBPE(code)
	if r.opt.Categories == nil {
		return kind, known && !kind.OnRequest
	}
	if !known {
		kind.ID = data.KindOther
	}
	return kind, slices.ContainsFunc(r.opt.Categories, func(c string) bool {
		return strings.EqualFold(c, code) || known && strings.EqualFold(c, kind.ID)
	})
}

// maxTypes bounds the types remembered, whatever a file holds: the BPE has some 230.
const maxTypes = 4096

func (r *reader) facility() error {
	code := r.Get(r.typequ)
	if code == "" {
		r.Bad("missing-type", "", r.typequ, "type d’équipement (TYPEQU) absent", "missing type of facility (TYPEQU)")
		return nil
	}
	t, known := r.types[code]
	if !known {
		t.kind, t.wanted = r.wanted(code)
		if len(r.types) < maxTypes {
			r.types[strings.Clone(code)] = t
		}
	}
	if !t.wanted {
		r.Filtered("TYPEQU " + data.Clip(code))
		return nil
	}
	kind := t.kind
	p := data.Place{Kind: kind.ID, Source: Source, Edition: r.Get(r.edition)}
	var ok bool
	p.CommuneCode, p.DepartmentCode, ok = source.Territory(r.Get(r.depcom), r.Get(r.dep))
	if !r.opt.KeepsDepartment(p.DepartmentCode) {
		r.Filtered("département " + p.DepartmentCode)
		return nil
	}
	p.ID = source.IssuedID(Source, append(r.Content(r.identity...), kind.ID)...)
	if r.seen[p.ID] {
		r.Filtered("same facility")
		return nil
	}
	r.seen[p.ID] = true
	if !ok {
		r.Found(data.SeverityWarning, "bad-commune-code", p.ID, r.depcom,
			"code INSEE de commune mal formé\u00a0: 5 caractères sont attendus (01004, 2A004, 97411). Il est ignoré.",
			"malformed INSEE commune code: 5 characters are expected (01004, 2A004, 97411). It is ignored.")
	}
	p.Name = strings.Join(strings.Fields(r.Get(r.name)), " ")
	if p.Name == "" {
		p.Name = strings.Join(strings.Fields(r.Get(r.complement)), " ")
	}
	if p.Name == "" {
		p.Name = kind.Label.FR
	}
	p.Position = r.position(&p)
	return r.Place(p, r.Line())
}

// maxDisagreement is how far apart the two pairs of coordinates of a line may be, in
// metres: longitudes and latitudes are given to 1e-5 degree, projected ones to the metre.
const maxDisagreement = 100

func (r *reader) position(p *data.Place) *data.Position {
	projected, hasProjected, problems := r.projected(p.DepartmentCode)
	geographic := crs.CRS84
	point, located, found := r.locator.LocateText(r.Get(r.lon), r.Get(r.lat), &geographic, p.DepartmentCode)
	switch {
	case located && hasProjected:
		problems = found
		if d, _ := crs.Inverse(point, projected); d > maxDisagreement {
			r.Found(data.SeverityWarning, "coordinates-disagree", p.ID, r.lon,
				"les deux couples de coordonnées de la ligne sont à plus de 100\u00a0m l’un de l’autre\u00a0: longitude et latitude sont retenues. Vérifiez la projection (EPSG).",
				"the two pairs of coordinates of the line are more than 100 m apart: longitude and latitude are taken. Check the projection (EPSG).")
		}
	case located:
		problems = append(problems, found...)
	case hasProjected:
		point = projected
		problems = append(problems, found...)
	default:
		r.Problems(append(problems, found...), r.Line(), p.ID)
		return nil
	}
	r.Problems(problems, r.Line(), p.ID)
	return &data.Position{Point: point, Precision: r.precision(), Source: "BPE"}
}

func (r *reader) projected(department string) (point orb.Point, located bool, problems []data.Problem) {
	if r.Get(r.x) == "" && r.Get(r.y) == "" {
		return point, false, nil
	}
	declared, problems := r.locator.Label(r.Get(r.epsg), data.SeverityWarning)
	if len(problems) > 0 {
		return point, false, source.RefusedPosition(problems)
	}
	if declared == nil {
		// Editions before the EPSG column are in the legal projection of the place.
		if legal, ok := crs.LegalForDepartment(department); ok {
			declared = &legal
		}
	}
	return r.locator.LocateText(r.Get(r.x), r.Get(r.y), declared, department)
}

// precision is the worse of what the quality of the geocoding and that of the coordinates
// tell.
func (r *reader) precision() data.Precision {
	worst := data.PrecisionUnspecified
	for _, p := range []data.Precision{geocoding(r.Get(r.qualityGeocoding)), coordinates(r.Get(r.qualityXY))} {
		if rank(p) > rank(worst) {
			worst = p
		}
	}
	return worst
}

// rank orders the precisions that this format gives from the unspecified, which any other
// replaces, to the worst.
func rank(p data.Precision) int {
	return slices.Index([]data.Precision{data.PrecisionUnspecified, data.PrecisionHouseNumber, data.PrecisionStreet, data.PrecisionCommune}, p)
}

// geocoding reads QUALITE_GEOLOC: 11 sure street and number found, 12 sure street and
// random number, 21 and 22 the same of a probable street, 33 random point of the commune.
func geocoding(code string) data.Precision {
	switch code {
	case "11":
		return data.PrecisionHouseNumber
	case "12", "21", "22":
		return data.PrecisionStreet
	case "33":
		return data.PrecisionCommune
	}
	return data.PrecisionUnspecified
}

// coordinates reads QUALITE_XY, a letter or in older editions a word: good (error under
// 100 m), acceptable (100 to 500 m), bad (over 500 m, maybe drawn at random).
func coordinates(quality string) data.Precision {
	if quality == "" {
		return data.PrecisionUnspecified
	}
	switch quality[0] {
	case 'B':
		return data.PrecisionHouseNumber
	case 'A':
		return data.PrecisionStreet
	case 'M':
		return data.PrecisionCommune
	}
	return data.PrecisionUnspecified
}
