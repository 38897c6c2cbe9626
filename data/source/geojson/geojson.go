// Package geojson reads GeoJSON (RFC 7946 and the older edition of 2008), format
// "geojson": a FeatureCollection, one Feature, or a sequence of Features on lines or
// after record separators (RFC 8142). It streams: memory holds one feature and the
// identifiers.
//
// Coordinates are longitude, latitude in CRS84 unless the "crs" member of the 2008
// edition, before the features, says otherwise; heights are dropped. Values that
// can't be what is declared are recognised and named, see source.Locator.
package geojson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Format is the format "geojson".
type Format struct{}

// ID is "geojson".
func (Format) ID() string { return "geojson" }

// Label names the format.
func (Format) Label() data.Text { return data.Text{FR: "GeoJSON", EN: "GeoJSON"} }

// Layers are all the layers.
func (Format) Layers() []data.Layer {
	return []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas}
}

var extensions = []string{".geojson", ".json", ".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl"}

const headBytes = 64 << 10

func main(in *source.Input) (source.Member, bool) {
	if m, ok := in.Main(extensions...); ok {
		return m, true
	}
	if members := in.Members(); len(members) == 1 {
		return members[0], true
	}
	return source.Member{}, false
}

// Detect recognises an object whose beginning speaks of features.
func (Format) Detect(in *source.Input) int {
	m, ok := main(in)
	if !ok {
		return 0
	}
	head, ok := source.TextHead(m, headBytes)
	if !ok {
		return 0
	}
	head = bytes.TrimLeft(head, " \t\r\n\x1e")
	if !bytes.HasPrefix(head, []byte("{")) {
		return 0
	}
	for _, mark := range []string{`"FeatureCollection"`, `"Feature"`, `"features"`} {
		if bytes.Contains(head, []byte(mark)) {
			return 90
		}
	}
	if m.Ext() == ".geojson" {
		return 30 // so that the answer is about the document
	}
	return 0
}

// recordSeparator precedes each text of an RFC 8142 sequence.
const recordSeparator = 0x1e

// unseparated makes blanks of record separators, which JSON allows nowhere.
type unseparated struct{ r io.Reader }

func (u unseparated) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	for b := p[:n]; ; {
		i := bytes.IndexByte(b, recordSeparator)
		if i < 0 {
			return n, err
		}
		b[i] = ' '
		b = b[i+1:]
	}
}

// reader is one read.
type reader struct {
	e        *source.Emitter
	opt      source.Options
	mapper   *source.Mapper
	locator  *source.Locator
	stream   *source.JSON
	declared *crs.CRS
	parser   parser
	geometry geometry
	attrs    source.Attributes
	features int
	issued   bool
}

// Read gives the features in file order.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := main(in)
	if !ok {
		if m, ok = in.Main(); !ok {
			return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
		}
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	text := source.NewText(body, m.File())
	r := &reader{
		e: source.NewEmitter(ctx, in, sink), opt: opt, mapper: source.NewMapper(opt), locator: source.NewLocator(opt),
		stream: source.NewJSON(unseparated{text}, m.File()),
	}
	lonLat := crs.CRS84
	r.declared = &lonLat
	if p, ok := in.IgnoredNote(m, extensions...); ok {
		r.e.Problem(p)
	}
	documents := 0
	for ; ; documents++ {
		more, err := r.stream.More()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := r.document(); err != nil {
			return err
		}
	}
	if documents == 0 {
		return source.Reject(source.Location{File: m.File(), Line: 1}, source.CodeEmptyFile,
			"le fichier ne contient aucun document JSON.", "the file holds no JSON document.")
	}
	if r.features == 0 {
		r.e.Problem(data.Problem{
			Severity: data.SeverityWarning, Code: "no-feature", File: m.File(),
			Message: data.Text{FR: "le document ne contient aucune entité (« features » vide).", EN: "the document holds no feature (empty “features”)."},
		})
	}
	if p, ok := text.Note(); ok {
		r.e.Problem(p)
	}
	r.e.Done()
	return nil
}

// document reads one value at the top level: a collection, whose features are read
// as they come, or a feature, whose members wait for the end of the object.
func (r *reader) document() error {
	at := r.stream.Here()
	var kind string
	var collection bool
	var f feature
	err := r.stream.Object(func(name string) error {
		switch name {
		case "type":
			v, _, err := r.stream.Value()
			kind = textOf(v)
			return err
		case "features":
			collection = true
			return r.stream.Array(func() error {
				v, at, err := r.stream.Value()
				if err != nil {
					return err
				}
				start := r.stream.Offset() - int64(len(v))
				return r.feature(split(v), at, func(offset int) source.Location { return r.stream.At(start + int64(offset)) })
			})
		case "crs":
			return r.crs(collection)
		case "id", "properties", "geometry":
			v, _, err := r.stream.Value()
			if err != nil {
				return err
			}
			kept := v.Clone()
			switch name {
			case "id":
				f.id = kept
			case "properties":
				f.properties = kept
			case "geometry":
				f.geometry = kept
			}
			return nil
		}
		return r.stream.Skip()
	})
	switch {
	case err != nil:
		return err
	case collection:
		return nil
	case kind == "Feature":
		f.object = true
		return r.feature(f, at, func(int) source.Location { return at })
	}
	if kind == "" {
		kind = "?"
	}
	return source.Reject(at, source.CodeUnrecognised,
		"ce n’est pas du GeoJSON d’entités : « type » vaut "+source.Quote(kind)+" ; « FeatureCollection » ou « Feature » est attendu.",
		"this is not GeoJSON of features: “type” is "+source.QuoteEN(kind)+"; “FeatureCollection” or “Feature” is expected.")
}

// crs reads the member of the 2008 edition. A null one, or a link, says nothing.
func (r *reader) crs(late bool) error {
	v, at, err := r.stream.Value()
	if err != nil {
		return err
	}
	var label string
	members(v, func(name []byte, from, to int) {
		if string(name) == "properties" {
			properties := v[from:to]
			members(properties, func(name []byte, from, to int) {
				if s := string(name); s == "name" || s == "code" {
					label = textOf(properties[from:to])
				}
			})
		}
	})
	if label == "" || r.opt.CRS != nil {
		return nil
	}
	declared, problems := r.locator.Label(label, data.SeverityError)
	if len(problems) > 0 {
		p := problems[0]
		p.File, p.Line, p.Column, p.Field = at.File, at.Line, at.Column, "crs"
		return &data.RejectedError{Problem: p}
	}
	if late && *declared != *r.declared {
		r.e.Problem(data.Problem{
			Severity: data.SeverityWarning, Code: "late-crs", File: at.File, Line: at.Line, Field: "crs", Value: data.Clip(label),
			Message: data.Text{
				FR: "le membre « crs » vient après les entités, qui ont été lues d’après l’ordre de grandeur de leurs coordonnées.",
				EN: "the member “crs” comes after the features, which were read by the range of their coordinates.",
			},
		})
		return nil
	}
	r.declared = declared
	return nil
}

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
