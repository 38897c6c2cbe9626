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
	"io"

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

// Detect recognises an object whose beginning speaks of features.
func (Format) Detect(in *source.Input) int {
	m, ok := in.MainOrOnly(extensions...)
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
	m, ok := in.MainOrOnly(extensions...)
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
