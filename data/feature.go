package data

import (
	"github.com/paulmach/orb"

	"vigie/geo/exposure"
)

// ColumnType is the type of a property.
type ColumnType = exposure.Type

// Types of properties.
const (
	TypeString  = exposure.TypeString
	TypeInteger = exposure.TypeInteger
	TypeNumber  = exposure.TypeNumber
	TypeBoolean = exposure.TypeBoolean
)

// Column describes one property of a layer's features: the source of CSV
// headers, GeoPackage columns, JSON schemas, queryables and legends.
type Column struct {
	Name  string // stable, snake_case
	Type  ColumnType
	Label Text
	Unit  string // UCUM-like: "m", "1" (ratio 0–1), "" when none
	// Decimals is the number of decimals written for TypeNumber.
	Decimals int
	// Codes are the values of a column that has a closed list of them.
	Codes []Code
}

// Code is one value of a closed list.
type Code struct {
	Code  string `json:"code"`
	Label Text   `json:"label"`
}

// Value is one property's value: text, integer, number, boolean or Null (unknown).
type Value = exposure.Value

// Null is the value of what is unknown. The zero Value is Null.
var Null = Value{}

// String makes a text value.
func String(s string) Value { return exposure.String(s) }

// StringOrNull makes a text value, Null when s is empty.
func StringOrNull(s string) Value { return exposure.StringOrNull(s) }

// Integer makes an integer value (exact up to 2^53).
func Integer(n int) Value { return exposure.Integer(n) }

// Number makes a number; the writer rounds it to the column's decimals.
func Number(f float64) Value { return exposure.Number(f) }

// Boolean makes a boolean value.
func Boolean(b bool) Value { return exposure.Boolean(b) }

// Feature is what a viewer gets of one record: an identifier, a geometry
// (nil when not located) and values aligned with the layer's Schema.
type Feature struct {
	ID       string
	Geometry orb.Geometry // CRS84
	Values   []Value
}

// Schema is the columns of a layer as a viewer sees them.
type Schema struct {
	Layer Layer
	Title Text
	// Description says what the title does not; empty for nothing.
	Description Text
	Columns     []Column
	// Geometry is the OGC type: "Point", "MultiPolygon".
	Geometry string
}

// FeatureWriter writes features to an output format, in constant memory.
// Values are aligned with the Schema given when the writer was made; the
// feature and its slices may be reused by the caller after Write returns.
type FeatureWriter interface {
	Write(*Feature) error
	// Close ends the document; it does not close the underlying io.Writer.
	Close() error
}

// ColumnsOf are the columns of catalogue indicators.
func ColumnsOf(indicators []exposure.Indicator) []Column {
	out := make([]Column, len(indicators))
	for i := range indicators {
		in := &indicators[i]
		out[i] = Column{Name: in.ID, Type: in.Type, Label: in.Label, Unit: in.Unit, Decimals: in.Decimals}
	}
	return out
}
