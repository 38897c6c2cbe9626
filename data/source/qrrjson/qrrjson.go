// Package qrrjson reads the compact JSON in which the quartiers de reconquête
// républicaine (Ministry of the Interior) are carried:
//
//	{"meta": {…}, "zones": [{"name": …, "dep": …, "code": …, "g": MultiPolygon coordinates}, …]}
//
// Longitude and latitude on WGS 84. Parts of a zone are often stored as holes of
// another: the rings of a polygon are handed over together as they are, and the
// repair of geometry puts them right.
package qrrjson

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// CodeNoZones is the code of a document without its list of zones.
const CodeNoZones = "no-zones"

// headSize is how much of the document Detect looks at, in bytes.
const headSize = 4 << 10

// Format reads the QRR JSON. The zero value is ready.
type Format struct{}

var _ source.Format = Format{}

// ID is "qrr-json".
func (Format) ID() string { return "qrr-json" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "JSON des quartiers de reconquête républicaine", EN: "JSON of police priority districts (QRR)"}
}

// Layers is zones only.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerZones} }

func member(in *source.Input) (source.Member, bool) { return in.Main(".json", "") }

// Detect looks for the members that this document has and GeoJSON has not.
func (Format) Detect(in *source.Input) int {
	m, ok := member(in)
	if !ok {
		return 0
	}
	head, err := m.Head(headSize)
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if err != nil || !bytes.HasPrefix(head, []byte("{")) ||
		!bytes.Contains(head, []byte(`"zones"`)) || bytes.Contains(head, []byte(`"FeatureCollection"`)) {
		return 0
	}
	if bytes.Contains(head, []byte(`"g"`)) && bytes.Contains(head, []byte(`"code"`)) {
		return 95
	}
	return 40
}

// position is a GeoJSON-like position; ordinates after the second are dropped.
type position orb.Point

var errPosition = errors.New("a position is a list of at least two numbers")

// UnmarshalJSONFrom reads [lon, lat, …].
func (p *position) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return errPosition
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	n := 0
	for dec.PeekKind() != ']' {
		t, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if t.Kind() != '0' {
			return errPosition
		}
		if n < len(p) {
			// Of a number beyond the range of float64, which no coordinate is, the
			// infinity is refused with the record.
			p[n], _ = t.Float()
		}
		n++
	}
	if n < len(p) {
		return errPosition
	}
	_, err := dec.ReadToken()
	return err
}

// text is a JSON string or number, as text.
type text string

// UnmarshalJSONFrom reads one value.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch tok.Kind() {
	case '"', '0':
		*t = text(tok.String())
	case 'n':
	default:
		return errors.New("a text is expected")
	}
	return nil
}

type zone struct {
	Name text           `json:"name"`
	Dep  text           `json:"dep"`
	Code text           `json:"code"`
	G    [][][]position `json:"g"`
}

func (z *zone) geometry() orb.Geometry {
	var g orb.MultiPolygon
	for _, p := range z.G {
		polygon := make(orb.Polygon, 0, len(p))
		for _, r := range p {
			ring := make(orb.Ring, len(r))
			for i := range r {
				ring[i] = orb.Point(r[i])
			}
			if len(ring) > 0 {
				polygon = append(polygon, ring)
			}
		}
		if len(polygon) > 0 {
			g = append(g, polygon)
		}
	}
	if len(g) == 0 {
		return nil
	}
	return g
}

// Read reads the zones. Their kind is QRR unless the options say otherwise.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := member(in)
	if !ok {
		return source.Reject(source.Location{File: in.Name}, source.CodeUnrecognised,
			"aucun fichier .json n’a été donné.", "no .json file was given.")
	}
	opt.Layer = data.LayerZones
	if opt.Kind == "" {
		opt.Kind = data.ZoneQRR
	}
	r, err := m.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	content := source.NewText(r, m.File())
	doc := source.NewJSON(content, m.File())
	features := source.NewFeatures(ctx, in, opt, sink)
	lonLat := crs.CRS84
	features.StartLayer(m.Name, m.File(), []string{"code", "name", "dep"}, &lonLat)

	found := false
	err = doc.Object(func(name string) error {
		if name != "zones" {
			return doc.Skip()
		}
		found = true
		return doc.Array(func() error {
			if err := features.Tick(); err != nil {
				return err
			}
			value, at, err := doc.Value()
			if err != nil {
				return err
			}
			return readZone(features, value, at)
		})
	})
	if err == nil {
		err = doc.End()
	}
	if err != nil {
		return err
	}
	if !found {
		return source.Reject(source.Location{File: m.File()}, CodeNoZones,
			"la liste « zones » manque.", "the list “zones” is missing.")
	}
	if p, ok := content.Note(); ok {
		features.Problem(p)
	}
	features.Done()
	return nil
}

func readZone(features *source.Features, value jsontext.Value, at source.Location) error {
	var z zone
	err := json.Unmarshal(value, &z, json.RejectUnknownMembers(false), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	features.Set(0, string(z.Code))
	features.Set(1, string(z.Name))
	features.Set(2, string(z.Dep))
	if err != nil {
		where := ""
		var semantic *json.SemanticError
		if errors.As(err, &semantic) && semantic.JSONPointer != "" {
			where = string(semantic.JSONPointer) + " : "
		}
		return features.EmitUndecoded(at,
			where+"« g » doit être une liste de polygones, eux-mêmes listes d’anneaux de positions [longitude, latitude], et « code » et « name » des textes.",
			where+"“g” must be a list of polygons, themselves lists of rings of positions [longitude, latitude], and “code” and “name” texts.")
	}
	g := z.geometry()
	if bad, ok := notFinite(g); ok {
		return features.EmitUndecoded(at,
			fmt.Sprintf("la coordonnée %g, %g n’est pas un nombre fini.", bad[0], bad[1]),
			fmt.Sprintf("the coordinate %g, %g is not a finite number.", bad[0], bad[1]))
	}
	return features.Emit(at, g)
}

func notFinite(g orb.Geometry) (orb.Point, bool) {
	polygons, _ := g.(orb.MultiPolygon)
	for _, p := range polygons {
		for _, r := range p {
			for _, v := range r {
				if v[0]*0 != 0 || v[1]*0 != 0 {
					return v, true
				}
			}
		}
	}
	return orb.Point{}, false
}
