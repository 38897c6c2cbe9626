package exposure

import (
	"math"
	"strconv"
)

// Type is the type of an indicator's values.
type Type uint8

// Types of values.
const (
	TypeString Type = iota
	TypeInteger
	TypeNumber
	TypeBoolean
)

// Value is one property's value: a small tagged union, without allocation.
type Value struct {
	kind uint8
	num  float64
	str  string // the text, or why the value is unknown (Reason)
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

// unknown is an unknown value that says why, for Indicator.Why.
func unknown(why Reason) Value { return Value{str: string(why)} }

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

// Number makes a number, Null of NaN; the writer rounds it to the indicator's decimals.
func Number(f float64) Value {
	if math.IsNaN(f) {
		return Null
	}
	return Value{kind: valueNumber, num: f}
}

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
func (v Value) Text() (string, bool) {
	if v.kind != valueString {
		return "", false
	}
	return v.str, true
}

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

// Format gives the value as plain text, numbers in their shortest form; "" for Null.
func (v Value) Format() string {
	switch v.kind {
	case valueString:
		return v.str
	case valueInteger, valueNumber:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case valueTrue:
		return "true"
	case valueFalse:
		return "false"
	}
	return ""
}
