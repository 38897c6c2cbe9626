package geojson

import (
	"fmt"
	"strconv"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/decimal"
)

// Encoder encodes the features of one schema. It is immutable and may be shared
// between goroutines.
type Encoder struct {
	keys     [][]byte // `"name":` with the comma that goes before it
	decimals []int
}

// NewEncoder prepares the encoding of a schema's features. Two columns of one
// name are an error: JSON objects with repeated names mean different things to
// different readers.
func NewEncoder(schema *data.Schema) (*Encoder, error) {
	if err := export.CheckColumns(schema); err != nil {
		return nil, fmt.Errorf("geojson: %w", err)
	}
	e := &Encoder{}
	for i, c := range schema.Columns {
		var key []byte
		if i > 0 {
			key = append(key, ',')
		}
		key = appendString(key, c.Name)
		e.keys = append(e.keys, append(key, ':'))
		e.decimals = append(e.decimals, c.Decimals)
	}
	return e, nil
}

// AppendFeature appends one Feature object, with extra foreign members such as
// links after its properties. The error is that of a feature that does not match
// the schema or has a coordinate that is not finite; dst is then returned as given.
func (e *Encoder) AppendFeature(dst []byte, f *data.Feature, extra ...Member) ([]byte, error) {
	return e.append(dst, f, extra)
}

// AppendFeature appends one Feature object of the given schema. Callers with
// many features of one schema keep an Encoder instead.
func AppendFeature(dst []byte, schema *data.Schema, f *data.Feature, extra ...Member) ([]byte, error) {
	e, err := NewEncoder(schema)
	if err != nil {
		return dst, err
	}
	return e.append(dst, f, extra)
}

func (e *Encoder) append(dst []byte, f *data.Feature, extra []Member) ([]byte, error) {
	if len(f.Values) != len(e.keys) {
		return dst, fmt.Errorf("geojson: feature %q has %d values, its schema %d columns", f.ID, len(f.Values), len(e.keys))
	}
	start := len(dst)
	dst = append(dst, `{"type":"Feature"`...)
	if f.ID != "" {
		dst = append(dst, `,"id":`...)
		dst = appendString(dst, f.ID)
	}
	dst = append(dst, `,"geometry":`...)
	dst, ok := appendGeometry(dst, f.Geometry)
	if !ok {
		return dst[:start], fmt.Errorf("geojson: feature %q: the geometry has a coordinate that is not a finite number, or a type unknown to GeoJSON", f.ID)
	}
	dst = append(dst, `,"properties":{`...)
	for i := range f.Values {
		dst = append(dst, e.keys[i]...)
		dst = appendValue(dst, &f.Values[i], e.decimals[i])
	}
	dst = append(dst, '}')
	dst = appendMembers(dst, extra)
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v *data.Value, decimals int) []byte {
	if s, ok := v.Text(); ok {
		return appendString(dst, s)
	}
	if n, ok := v.Int(); ok {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	if f, ok := export.Number(v); ok { // JSON has no others
		return decimal.Append(dst, f, decimals)
	}
	if b, ok := v.Bool(); ok {
		return strconv.AppendBool(dst, b)
	}
	return append(dst, "null"...)
}
