package delimited

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// record makes one record of the layer.
func (r *reader) record(a *source.Attributes, line [][]byte, at source.Location) error {
	switch r.opt.Layer {
	case data.LayerZones:
		return r.zone(a, line, at)
	case data.LayerAreas:
		return r.area(a, at)
	case data.LayerPlaces:
		return r.place(a, line, at)
	default:
		return r.site(a, line, at)
	}
}

// report gives problems the place of their record, and of their field when they name one.
func (r *reader) report(problems []data.Problem, at source.Location, record string) {
	for i := range problems {
		if field := problems[i].Field; field != "" {
			problems[i].Column = slices.Index(r.header.names, field) + 1
		}
	}
	r.e.Problems(problems, at, record)
}

// id issues an identifier to a record that has none.
func (r *reader) id(id, prefix string, line [][]byte, at source.Location) string {
	if id != "" {
		return id
	}
	if !r.issued {
		r.issued = true
		r.e.Problem(source.IssuedIDNote(at))
	}
	content := make([]string, len(line))
	for i, f := range line {
		content[i] = string(f)
	}
	return source.IssuedID(prefix, content...)
}

func (r *reader) site(a *source.Attributes, line [][]byte, at source.Location) error {
	s, problems := r.mapper.Site(a)
	if reason, ok := r.mapper.Wanted(&s); !ok {
		r.e.Filtered(reason)
		return nil
	}
	s.ID = r.id(s.ID, "site", line, at)
	if s.Name == "" {
		s.Name = s.ID
	}
	r.report(problems, at, s.ID)
	if r.e.Duplicate(s.ID, at) {
		return nil
	}
	s.Position = r.position(a, s.DepartmentCode, at, s.ID)
	return r.e.Site(s, at)
}

func (r *reader) place(a *source.Attributes, line [][]byte, at source.Location) error {
	p, problems := r.mapper.Place(a)
	p.ID = r.id(p.ID, "place", line, at)
	if p.Name == "" {
		p.Name = p.ID
	}
	r.report(problems, at, p.ID)
	if r.e.Duplicate(p.ID, at) {
		return nil
	}
	p.Position = r.position(a, p.DepartmentCode, at, p.ID)
	return r.e.Place(p, at)
}

// position locates a record by its longitude and latitude, else by its projected
// coordinates, else by its well-known text.
func (r *reader) position(a *source.Attributes, department string, at source.Location, record string) *data.Position {
	var point orb.Point
	var located bool
	var problems []data.Problem
	x, y := a.Get(source.FieldX), a.Get(source.FieldY)
	switch {
	case a.Get(source.FieldLon) != "" && a.Get(source.FieldLat) != "":
		point, located, problems = r.locator.LocateText(a.Get(source.FieldLon), a.Get(source.FieldLat), &geographic, department)
	case x != "" || y != "":
		declared, unknown := r.locator.Label(a.Get(source.FieldCRS), data.SeverityError)
		if problems = unknown; len(unknown) == 0 {
			point, located, problems = r.locator.LocateText(x, y, declared, department)
		} else {
			refuse(problems)
		}
	case a.Get(source.FieldWKT) != "":
		geometry, declared, found := r.wkt(a)
		if problems = found; len(found) > 0 {
			refuse(problems)
		}
		if p, ok := geometry.(orb.Point); ok {
			point, located, problems = r.locator.Locate(p[0], p[1], declared, department)
		} else if geometry != nil {
			problems = append(problems, data.Problem{
				Severity: data.SeverityWarning, Code: "wrong-geometry", Field: a.Name(source.FieldWKT),
				Message: data.Text{
					FR: "un point est attendu : l’enregistrement est gardé, non localisé.",
					EN: "a point is expected: the record is kept, not located.",
				},
			})
		}
	default:
		point, located, problems = r.locator.LocateText(a.Get(source.FieldLon), a.Get(source.FieldLat), &geographic, department)
	}
	r.report(problems, at, record)
	if !located {
		return nil
	}
	precision, source, score := r.mapper.Quality(a)
	return &data.Position{Point: point, Precision: precision, Source: source, GeocodingScore: score}
}

var geographic = crs.CRS84

// refuse says what becomes of a record whose position can't be read.
func refuse(problems []data.Problem) {
	for i := range problems {
		problems[i].Message.FR += " La position est refusée ; l’enregistrement est gardé, non localisé."
		problems[i].Message.EN += " The position is refused; the record is kept, not located."
	}
}

// wkt reads the geometry column; nil for an empty one or in case of a problem.
func (r *reader) wkt(a *source.Attributes) (orb.Geometry, *crs.CRS, []data.Problem) {
	text := a.Get(source.FieldWKT)
	g, srid, err := source.ParseWKT(text)
	var bad *source.WKTError
	if errors.As(err, &bad) {
		from := max(0, bad.Offset-20)
		return nil, nil, []data.Problem{{
			Severity: data.SeverityError, Code: "bad-wkt", Field: a.Name(source.FieldWKT), Value: data.Clip(text[from:min(len(text), bad.Offset+20)]),
			Message: data.Text{
				FR: fmt.Sprintf("géométrie WKT mal formée au caractère %d : %s.", bad.Offset+1, bad.FR),
				EN: fmt.Sprintf("malformed WKT geometry at character %d: %s.", bad.Offset+1, bad.EN),
			},
		}}
	}
	label := a.Get(source.FieldCRS)
	if srid != 0 {
		label = strconv.Itoa(srid)
	}
	declared, problems := r.locator.Label(label, data.SeverityError)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	return g, declared, nil
}

// polygons reads the polygons of a record; ok is false when it has none, with an error among the problems.
func (r *reader) polygons(a *source.Attributes, department string) (orb.MultiPolygon, []data.Problem, bool) {
	g, declared, problems := r.wkt(a)
	if len(problems) > 0 {
		return nil, problems, false
	}
	polygons, ok := g.(orb.MultiPolygon)
	if !ok {
		return nil, []data.Problem{{
			Severity: data.SeverityError, Code: "wrong-geometry", Field: a.Name(source.FieldWKT), Value: data.Clip(a.Get(source.FieldWKT)),
			Message: data.Text{
				FR: "un polygone est attendu dans la colonne de géométrie ; l’enregistrement est écarté.",
				EN: "a polygon is expected in the geometry column; the record is set aside.",
			},
		}}, false
	}
	located, problems := r.locator.LocatePolygons(polygons, declared, department)
	return polygons, problems, located
}

func (r *reader) zone(a *source.Attributes, line [][]byte, at source.Location) error {
	z, problems := r.mapper.Zone(a)
	z.Code = r.id(z.Code, "zone", line, at)
	if z.Name == "" {
		z.Name = z.Code
	}
	department := ""
	if len(z.DepartmentCodes) == 1 {
		department = z.DepartmentCodes[0]
	}
	polygons, found, ok := r.polygons(a, department)
	r.report(append(problems, found...), at, z.Code)
	if !ok || r.e.Duplicate(z.Code, at) {
		return nil
	}
	z.Geometry = polygons
	return r.e.Zone(z, at)
}

func (r *reader) area(a *source.Attributes, at source.Location) error {
	area, problems := r.mapper.Area(a)
	if area.Code == "" {
		r.report(problems, at, "")
		return nil
	}
	polygons, found, ok := r.polygons(a, area.DepartmentCode)
	r.report(append(problems, found...), at, area.Code)
	if !ok || r.e.Duplicate(area.Level+" "+area.Code, at) {
		return nil
	}
	area.Geometry = polygons
	return r.e.Area(area, at)
}
