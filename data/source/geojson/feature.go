package geojson

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
)

// feature is the extents of a feature's members, null when absent.
type feature struct {
	object                   bool
	id, properties, geometry jsontext.Value
	geometryAt               int // offset of the geometry in the feature
}

func split(v jsontext.Value) feature {
	f := feature{object: len(v) > 0 && v[0] == '{'}
	members(v, func(name []byte, from, to int) {
		switch string(name) {
		case "id":
			f.id = v[from:to]
		case "properties":
			f.properties = v[from:to]
		case "geometry":
			f.geometry, f.geometryAt = v[from:to], from
		}
	})
	return f
}

// feature makes a record of a feature; where locates an offset in it.
func (r *reader) feature(f feature, at source.Location, where func(offset int) source.Location) error {
	r.features++
	if err := r.e.Tick(); err != nil {
		return err
	}
	if !f.object {
		r.e.Error(at, "", "bad-structure", "", "",
			"une entité { \"type\": \"Feature\" … } est attendue ; l’élément est écarté.",
			"a feature { \"type\": \"Feature\" … } is expected; the element is set aside.")
		return nil
	}
	r.attrs.Reset()
	members(f.properties, func(name []byte, from, to int) {
		if s := r.mapper.Slot(name); s.Known() {
			r.attrs.Set(s, textOf(f.properties[from:to]))
		}
	})
	if len(f.id) > 0 {
		r.attrs.SetDefault(source.FieldID, "id", textOf(f.id))
	}
	r.geometry.reset()
	var problem *data.Problem
	if err := r.parser.read(f.geometry, f.geometryAt, 0, &r.geometry); err != nil {
		r.geometry.reset()
		var bad *geometryError
		if !errors.As(err, &bad) {
			return err
		}
		spot := where(bad.offset)
		problem = &data.Problem{
			Severity: data.SeverityError, Code: "bad-geometry", Field: "geometry",
			Message: data.Text{
				FR: fmt.Sprintf("géométrie mal formée (ligne %d, colonne %d) : %s.", spot.Line, spot.Column, bad.fr),
				EN: fmt.Sprintf("malformed geometry (line %d, column %d): %s.", spot.Line, spot.Column, bad.en),
			},
		}
	}
	switch r.opt.Layer {
	case data.LayerZones:
		return r.zone(f, at, problem)
	case data.LayerAreas:
		return r.area(at, problem)
	case data.LayerPlaces:
		return r.place(f, at, problem)
	default:
		return r.site(f, at, problem)
	}
}

// issue makes an identifier of a feature's content.
func (r *reader) issue(prefix string, f feature, at source.Location) string {
	if !r.issued {
		r.issued = true
		r.e.Problem(source.IssuedIDNote(at))
	}
	return source.IssuedID(prefix, string(f.properties), string(f.geometry))
}

func (r *reader) site(f feature, at source.Location, problem *data.Problem) error {
	s, problems := r.mapper.Site(&r.attrs)
	if reason, ok := r.mapper.Wanted(&s); !ok {
		r.e.Filtered(reason)
		return nil
	}
	if s.ID == "" {
		s.ID = r.issue("site", f, at)
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	r.e.Problems(problems, at, s.ID)
	if r.e.Duplicate(s.ID, at) {
		return nil
	}
	s.Position = r.position(s.DepartmentCode, at, s.ID, problem)
	return r.e.Site(s, at)
}

func (r *reader) place(f feature, at source.Location, problem *data.Problem) error {
	p, problems := r.mapper.Place(&r.attrs)
	if p.ID == "" {
		p.ID = r.issue("place", f, at)
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	r.e.Problems(problems, at, p.ID)
	if r.e.Duplicate(p.ID, at) {
		return nil
	}
	p.Position = r.position(p.DepartmentCode, at, p.ID, problem)
	return r.e.Place(p, at)
}

// position locates a record by its one point. Without geometry it is not located;
// with another one, or a malformed one, it is not either, and a problem says so.
func (r *reader) position(department string, at source.Location, record string, problem *data.Problem) *data.Position {
	g := &r.geometry
	switch {
	case problem != nil:
		problem.Severity = data.SeverityWarning
		problem.Message.FR += " L’enregistrement est gardé, non localisé."
		problem.Message.EN += " The record is kept, not located."
		r.e.Problems([]data.Problem{*problem}, at, record)
		return nil
	case len(g.points) == 1 && len(g.polygons) == 0 && g.other == "":
		p, located, problems := r.locator.Locate(g.points[0][0], g.points[0][1], r.declared, department)
		r.e.Problems(problems, at, record)
		if !located {
			return nil
		}
		precision, source, score := r.mapper.Quality(&r.attrs)
		return &data.Position{Point: p, Precision: precision, Source: source, GeocodingScore: score}
	case len(g.points) == 0 && len(g.polygons) == 0 && g.other == "":
		return nil
	}
	r.e.Problems([]data.Problem{{
		Severity: data.SeverityWarning, Code: "wrong-geometry", Field: "geometry",
		Message: data.Text{
			FR: "un seul point est attendu (" + g.describe(true) + " ici) : l’enregistrement est gardé, non localisé.",
			EN: "one point is expected (" + g.describe(false) + " here): the record is kept, not located.",
		},
	}}, at, record)
	return nil
}

// describe says what a geometry holds.
func (g *geometry) describe(french bool) string {
	var parts []string
	add := func(n int, fr, en string) {
		if n > 0 {
			word := en
			if french {
				word = fr
			}
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	add(len(g.points), "points", "points")
	add(len(g.polygons), "polygones", "polygons")
	if g.other != "" {
		parts = append(parts, g.other)
	}
	return strings.Join(parts, ", ")
}

// polygons gives the polygons of a record in CRS84; ok is false when it has none,
// with an error among the problems.
func (r *reader) polygons(department string, problem *data.Problem) (orb.MultiPolygon, []data.Problem, bool) {
	g := &r.geometry
	if problem != nil {
		problem.Message.FR += " L’enregistrement est écarté."
		problem.Message.EN += " The record is set aside."
		return nil, []data.Problem{*problem}, false
	}
	if len(g.polygons) == 0 {
		p := data.Problem{
			Severity: data.SeverityError, Code: "missing-geometry", Field: "geometry",
			Message: data.Text{
				FR: "géométrie absente ou vide : un polygone est attendu ; l’enregistrement est écarté.",
				EN: "missing or empty geometry: a polygon is expected; the record is set aside.",
			},
		}
		if what := g.describe(true); what != "" {
			p.Code = "wrong-geometry"
			p.Message.FR = "un polygone est attendu (" + what + " ici) ; l’enregistrement est écarté."
			p.Message.EN = "a polygon is expected (" + g.describe(false) + " here); the record is set aside."
		}
		return nil, []data.Problem{p}, false
	}
	located, problems := r.locator.LocatePolygons(g.polygons, r.declared, department)
	if located && (len(g.points) > 0 || g.other != "") {
		problems = append(problems, data.Problem{
			Severity: data.SeverityWarning, Code: "wrong-geometry", Field: "geometry",
			Message: data.Text{
				FR: "seuls les polygones de cette géométrie sont gardés.", EN: "only the polygons of this geometry are kept.",
			},
		})
	}
	return g.polygons, problems, located
}

func (r *reader) zone(f feature, at source.Location, problem *data.Problem) error {
	z, problems := r.mapper.Zone(&r.attrs)
	if z.Code == "" {
		z.Code = r.issue("zone", f, at)
	}
	if z.Name == "" {
		z.Name = z.Code
	}
	department := ""
	if len(z.DepartmentCodes) == 1 {
		department = z.DepartmentCodes[0]
	}
	polygons, found, ok := r.polygons(department, problem)
	r.e.Problems(append(problems, found...), at, z.Code)
	if !ok || r.e.Duplicate(z.Code, at) {
		return nil
	}
	z.Geometry = polygons
	return r.e.Zone(z, at)
}

func (r *reader) area(at source.Location, problem *data.Problem) error {
	area, problems := r.mapper.Area(&r.attrs)
	if area.Code == "" {
		r.e.Problems(problems, at, "")
		return nil
	}
	polygons, found, ok := r.polygons(area.DepartmentCode, problem)
	r.e.Problems(append(problems, found...), at, area.Code)
	if !ok || r.e.Duplicate(area.Level+" "+area.Code, at) {
		return nil
	}
	area.Geometry = polygons
	return r.e.Area(area, at)
}
