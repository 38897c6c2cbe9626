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
		key = appendString(key, c.Name)
		e.keys = append(e.keys, append(key, ':'))
	}
	return e, nil
}

// AppendFeature appends one Feature object, with extra foreign members such as
// links after its properties. The error is that of a feature that does not match
// the schema or has a coordinate that is not finite; dst is then returned as given.
func (e *Encoder) AppendFeature(dst []byte, f *data.Feature, extra ...Member) ([]byte, error) {
	if err := export.CheckFeature(e.schema, f); err != nil {
		return dst, fmt.Errorf("geojson: %w", err)
	}
	return e.append(dst, f, extra), nil
}

// append appends a feature that was checked.
func (e *Encoder) append(dst []byte, f *data.Feature, extra []Member) []byte {
	dst = append(dst, `{"type":"Feature"`...)
	if f.ID != "" {
		dst = append(dst, `,"id":`...)
		dst = appendString(dst, f.ID)
	}
	dst = append(dst, `,"geometry":`...)
	dst = appendGeometry(dst, f.Geometry)
	dst = append(dst, `,"properties":{`...)
	for i := range f.Values {
		dst = append(dst, e.keys[i]...)
		dst = appendValue(dst, &f.Values[i], e.schema.Columns[i].Decimals)
	}
	dst = append(dst, '}')
	for _, m := range extra {
		dst = appendMember(dst, m.Name, m.Value)
	}
	return append(dst, '}')
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
