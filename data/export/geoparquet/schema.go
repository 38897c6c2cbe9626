package geoparquet

import (
	"reflect"

	"github.com/parquet-go/parquet-go"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/decimal"
)

// root is a group that keeps its columns in the order of the schema, where the
// library's own sorts them by name.
type root struct {
	parquet.Group
	fields []parquet.Field
}

func (r root) Fields() []parquet.Field { return r.fields }

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value is for rows that are Go structures, which this package has none of.
func (f field) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func rootOf(s *data.Schema) root {
	var r root
	for _, c := range s.Columns {
		r.fields = append(r.fields, field{parquet.Optional(nodeOf(c.Type)), c.Name})
	}
	r.fields = append(r.fields, field{parquet.Optional(parquet.Leaf(parquet.ByteArrayType)), ColumnGeometry})
	return r
}

func nodeOf(t data.ColumnType) parquet.Node {
	switch t {
	case data.TypeInteger:
		return parquet.Int(64)
	case data.TypeNumber:
		return parquet.Leaf(parquet.DoubleType)
	case data.TypeBoolean:
		return parquet.Leaf(parquet.BooleanType)
	default:
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	}
}

// valueOf gives the value in its column's type; false when it is of another.
func valueOf(v *data.Value, c *data.Column) (parquet.Value, bool) {
	if v.IsNull() {
		return parquet.NullValue(), true
	}
	switch c.Type {
	case data.TypeInteger:
		n, ok := v.Int()
		return parquet.Int64Value(int64(n)), ok
	case data.TypeNumber:
		if f, ok := export.Number(v); ok {
			return parquet.DoubleValue(decimal.Round(f, c.Decimals)), true
		}
		_, ok := v.Float()
		return parquet.NullValue(), ok
	case data.TypeBoolean:
		b, ok := v.Bool()
		return parquet.BooleanValue(b), ok
	default:
		return parquet.ValueOf(v.Format()), true
	}
}
