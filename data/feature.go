package data

import "github.com/paulmach/orb"

// ColumnType is the type of a property.
type ColumnType uint8

// Types of properties.
const (
	TypeString ColumnType = iota
	TypeInteger
	TypeNumber
	TypeBoolean
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
}

// Value is one property's value: a small tagged union, without allocation.
type Value struct {
	kind uint8
	num  float64
	str  string
}

const (
	valueNull = iota
	valueString
	valueInteger
	valueNumber
	valueTrue
	valueFalse
)

// Null is the value of what is unknown. The zero Value is Null.
var Null = Value{}

// String makes a text value.
func String(s string) Value { return Value{kind: valueString, str: s} }

// StringOrNull makes a text value, Null when s is empty.
func StringOrNull(s string) Value {
	if s == "" {
		return Null
	}
	return String(s)
}

// Integer makes an integer value (exact up to 2^53).
func Integer(n int) Value { return Value{kind: valueInteger, num: float64(n)} }

// Number makes a number; the writer rounds it to the column's decimals.
func Number(f float64) Value { return Value{kind: valueNumber, num: f} }

// Boolean makes a boolean value.
func Boolean(b bool) Value {
	if b {
		return Value{kind: valueTrue}
	}
	return Value{kind: valueFalse}
}

// IsNull tells whether the value is unknown.
func (v Value) IsNull() bool { return v.kind == valueNull }

// Text returns a text value's string.
func (v Value) Text() (string, bool) { return v.str, v.kind == valueString }

// Int returns an integer value.
func (v Value) Int() (int, bool) { return int(v.num), v.kind == valueInteger }

// Float returns an integer's or number's value.
func (v Value) Float() (float64, bool) {
	return v.num, v.kind == valueInteger || v.kind == valueNumber
}

// Bool returns a boolean value.
func (v Value) Bool() (b, ok bool) {
	return v.kind == valueTrue, v.kind == valueTrue || v.kind == valueFalse
}

// Feature is what a viewer gets of one record: an identifier, a geometry
// (nil when not located) and values aligned with the layer's Schema.
type Feature struct {
	ID       string
	Geometry orb.Geometry // CRS84
	Values   []Value
}

// Schema is the columns of a layer as a viewer sees them.
type Schema struct {
	Layer   Layer
	Title   Text
	Columns []Column
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
