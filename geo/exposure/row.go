package exposure

import "math"

// Row is the values of a list of indicators in little memory: a number each, and the
// texts apart. It is immutable.
type Row struct {
	numbers []float64 // NaN for unknown and for texts
	texts   []string  // of the indicators of TypeString, "" for unknown
}

// MeasureRow gives the values of indicators for the evaluator's subject.
func MeasureRow(indicators []Indicator, e *Evaluator) Row {
	texts := 0
	for i := range indicators {
		if indicators[i].Type == TypeString {
			texts++
		}
	}
	r := Row{numbers: make([]float64, len(indicators)), texts: make([]string, 0, texts)}
	for i := range indicators {
		v := indicators[i].Of(e)
		r.numbers[i] = v.Float64()
		if indicators[i].Type == TypeString {
			r.texts = append(r.texts, v.str)
		}
	}
	return r
}

// Empty tells whether nothing was measured.
func (r Row) Empty() bool { return r.numbers == nil }

// Number is the i-th indicator's value as a number (Value.Float64).
func (r Row) Number(i int) float64 { return r.numbers[i] }

// Append adds the values to a list; indicators are those that were measured.
func (r Row) Append(values []Value, indicators []Indicator) []Value {
	text := 0
	for i, f := range r.numbers {
		v := Null
		switch {
		case indicators[i].Type == TypeString:
			v = StringOrNull(r.texts[text])
			text++
		case math.IsNaN(f):
		case indicators[i].Type == TypeBoolean:
			v = Boolean(f != 0)
		case indicators[i].Type == TypeInteger:
			v = Integer(int(f))
		default:
			v = Number(f)
		}
		values = append(values, v)
	}
	return values
}
