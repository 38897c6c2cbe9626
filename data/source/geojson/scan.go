package geojson

import (
	"errors"
	"strconv"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// The functions below walk the bytes of one JSON value that the decoder has already
// checked, without allocating: a token at a time would cost several times more for
// large geometries. They never read out of bounds, whatever the bytes.

// geometryError says where in a value a geometry is not what it should be.
type geometryError struct {
	offset int
	fr, en string
}

func (e *geometryError) Error() string { return e.en }

func blank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// endOf is the offset after the value that begins at i.
func endOf(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return endOfString(b, i)
	case '{', '[':
		for depth := 0; i < len(b); i++ {
			switch b[i] {
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			case '"':
				i = endOfString(b, i) - 1
			}
		}
		return len(b)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

func endOfString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}

// members calls f with the name (without quotes, unescaped) and the extent of the
// value of each member of the object at the start of b.
func members(b []byte, f func(name []byte, from, to int)) {
	i := blank(b, 0)
	if i >= len(b) || b[i] != '{' {
		return
	}
	for i++; ; i++ {
		i = blank(b, i)
		if i >= len(b) || b[i] != '"' {
			return
		}
		nameEnd := endOfString(b, i)
		name := b[i+1 : max(i+1, nameEnd-1)]
		for _, c := range name {
			if c == '\\' {
				name, _ = jsontext.AppendUnquote(nil, b[i:nameEnd])
				break
			}
		}
		i = blank(b, nameEnd)
		if i >= len(b) || b[i] != ':' {
			return
		}
		from := blank(b, i+1)
		to := endOf(b, from)
		f(name, from, to)
		if i = blank(b, to); i >= len(b) || b[i] != ',' {
			return
		}
	}
}

// elements calls f with the extent of each element of the array at the start of b.
func elements(b []byte, f func(from, to int)) {
	i := blank(b, 0)
	if i >= len(b) || b[i] != '[' {
		return
	}
	for i++; ; i++ {
		from := blank(b, i)
		if from >= len(b) || b[from] == ']' {
			return
		}
		to := endOf(b, from)
		if to == from {
			return
		}
		f(from, to)
		if i = blank(b, to); i >= len(b) || b[i] != ',' {
			return
		}
	}
}

// textOf is a scalar as text: "" for null, the items of an array joined by commas.
func textOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	switch b[0] {
	case '"':
		end := len(b)
		for _, c := range b {
			if c == '\\' {
				s, err := jsontext.AppendUnquote(nil, b)
				if err != nil && len(s) == 0 {
					return ""
				}
				return string(s)
			}
		}
		return string(b[1:max(1, end-1)])
	case 'n', '{':
		return ""
	case '[':
		var list []byte
		elements(b, func(from, to int) {
			if s := scalarText(b[from:to]); s != "" {
				if len(list) > 0 {
					list = append(list, ',')
				}
				list = append(list, s...)
			}
		})
		return string(list)
	}
	return string(b)
}

func scalarText(b []byte) string {
	if b[0] == '[' || b[0] == '{' {
		return ""
	}
	return textOf(b)
}

var errNumber = errors.New("not a number")

// number parses the JSON number at b[i:] and gives the offset after it.
func number(b []byte, i int) (float64, int, error) {
	start := i
	// Coordinates are short decimals: up to 15 digits are exact in a float64 and so
	// is the power of ten, hence their quotient is correctly rounded.
	neg := i < len(b) && b[i] == '-'
	if neg {
		i++
	}
	var mantissa uint64
	digits, decimals, point := 0, 0, false
	for ; i < len(b); i++ {
		c := b[i]
		if c >= '0' && c <= '9' {
			if digits++; digits <= 15 {
				mantissa = mantissa*10 + uint64(c-'0')
				if point {
					decimals++
				}
			}
			continue
		}
		if c == '.' && !point {
			point = true
			continue
		}
		break
	}
	if digits == 0 {
		return 0, start, errNumber
	}
	if digits <= 15 && (i >= len(b) || b[i] != 'e' && b[i] != 'E') {
		f := float64(mantissa) / powers[decimals]
		if neg {
			f = -f
		}
		return f, i, nil
	}
	for i < len(b) && (b[i] >= '0' && b[i] <= '9' || b[i] == '.' || b[i] == 'e' || b[i] == 'E' || b[i] == '+' || b[i] == '-') {
		i++
	}
	// ParseFloat keeps no reference to its argument.
	f, err := strconv.ParseFloat(unsafe.String(&b[start], i-start), 64)
	if err != nil {
		return 0, start, errNumber
	}
	return f, i, nil
}

var powers = [16]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// position parses "[x, y, …]" at b[i:]; further ordinates are dropped.
func position(b []byte, i int) (orb.Point, int, error) {
	var p orb.Point
	start := i
	if i = blank(b, i); i >= len(b) || b[i] != '[' {
		return p, start, &geometryError{i, "une position [longitude, latitude] est attendue", "a position [longitude, latitude] is expected"}
	}
	i++
	for n := 0; ; n++ {
		i = blank(b, i)
		f, end, err := number(b, i)
		if err != nil {
			return p, start, &geometryError{i, "un nombre est attendu dans une position", "a number is expected in a position"}
		}
		if n < 2 {
			p[n] = f
		}
		i = blank(b, end)
		if i < len(b) && b[i] == ',' {
			i++
			continue
		}
		if i < len(b) && b[i] == ']' && n >= 1 {
			return p, i + 1, nil
		}
		return p, start, &geometryError{i, "une position a deux nombres au moins", "a position has two numbers at least"}
	}
}

// list parses "[item, …]" at b[i:]; item gives the offset after itself.
func list(b []byte, i int, item func(i int) (int, error)) (int, error) {
	if i = blank(b, i); i >= len(b) || b[i] != '[' {
		return i, &geometryError{i, "une liste est attendue", "an array is expected"}
	}
	if i = blank(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = item(i); err != nil {
			return i, err
		}
		i = blank(b, i)
		switch {
		case i < len(b) && b[i] == ',':
			i++
		case i < len(b) && b[i] == ']':
			return i + 1, nil
		default:
			return i, &geometryError{i, "« , » ou « ] » est attendu", "“,” or “]” is expected"}
		}
	}
}
