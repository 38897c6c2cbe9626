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
	schema *data.Schema
	keys   [][]byte // `"name":` with the comma that goes before it
}

// NewEncoder prepares the encoding of a schema's features. Two columns of one
// name are an error: JSON objects with repeated names mean different things to
// different readers.
func NewEncoder(schema *data.Schema) (*Encoder, error) {
	if err := export.CheckColumns(schema); err != nil {
		return nil, fmt.Errorf("geojson: %w", err)
	}
	e := &Encoder{schema: schema}
	for i, c := range schema.Columns {
		var key []byte
		if i > 0 {
			key = append(key, ',')
		}
		key, _ = appendString(key, c.Name)
		e.keys = append(e.keys, append(key, ':'))
	}
	return e, nil
}

// AppendFeature appends one Feature object, with extra foreign members such as
// links after its properties. The error is that of a feature that does not match
// the schema or has a coordinate that is not finite; dst is then returned as given.
func (e *Encoder) AppendFeature(dst []byte, f *data.Feature, extra ...Member) ([]byte, error) {
	dst, err := e.append(dst, f, extra)
	if err != nil {
		return dst, fmt.Errorf("geojson: %w", err)
	}
	return dst, nil
}

// append finds on the way what export.CheckFeature refuses, and leaves it the words.
func (e *Encoder) append(dst []byte, f *data.Feature, extra []Member) ([]byte, error) {
	if len(f.Values) != len(e.keys) {
		return dst, export.CheckFeature(e.schema, f)
	}
	given := dst
	dst = append(dst, `{"type":"Feature"`...)
	if f.ID != "" {
		dst = append(dst, `,"id":`...)
		dst, _ = appendString(dst, f.ID)
	}
	dst = append(dst, `,"geometry":`...)
	valid := true
	if f.Geometry == nil {
		dst = append(dst, "null"...)
	} else {
		dst, valid = appendGeometry(dst, f.Geometry)
	}
	dst = append(dst, `,"properties":{`...)
	for i := range f.Values {
		dst = append(dst, e.keys[i]...)
		var ok bool
		dst, ok = appendValue(dst, &f.Values[i], e.schema.Columns[i].Decimals)
		valid = valid && ok
	}
	if !valid {
		return given, export.CheckFeature(e.schema, f)
	}
	dst = append(dst, '}')
	for _, m := range extra {
		dst = appendMember(dst, m.Name, m.Value)
	}
	return append(dst, '}'), nil
}

// appendValue appends a value; ok is false for a text that is not clean.
func appendValue(dst []byte, v *data.Value, decimals int) (_ []byte, ok bool) {
	if s, ok := v.Text(); ok {
		return appendString(dst, s)
	}
	if n, ok := v.Int(); ok {
		return strconv.AppendInt(dst, int64(n), 10), true
	}
	if f, ok := export.Number(v); ok { // JSON has no others
		return decimal.Append(dst, f, decimals), true
	}
	if b, ok := v.Bool(); ok {
		return strconv.AppendBool(dst, b), true
	}
	return append(dst, "null"...), true
}
