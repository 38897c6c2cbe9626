// Package decimal writes numbers with a bounded number of decimals in their
// shortest form. It is what the text exporters share, and is much faster than
// strconv's fixed format, which has no fast path.
package decimal

import (
	"math"
	"strconv"
)

// CoordinateDecimals is the number of decimals of a longitude or latitude in
// degrees: 1e-7° is about 1 cm, the accuracy of the whole product.
const CoordinateDecimals = 7

// maxExact bounds the integers that a float64 holds exactly.
const maxExact = 1 << 53

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// MaxDecimals is the largest number of decimals that is rounded to; more is taken as MaxDecimals.
const MaxDecimals = len(powers) - 1

// Append appends v rounded half away from zero to at most decimals decimals,
// without trailing zeros, exponent or negative zero. v must be finite.
func Append(dst []byte, v float64, decimals int) []byte {
	decimals = min(max(decimals, 0), MaxDecimals)
	scaled := math.Round(v * powers[decimals])
	if math.Abs(scaled) >= maxExact {
		// Beyond this size a float64 has no decimals worth rounding.
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	n := int64(scaled)
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	for decimals > 0 && n%10 == 0 {
		n /= 10
		decimals--
	}
	var digits [20]byte
	i := len(digits)
	for k := 0; ; k++ {
		if k == decimals && k > 0 {
			i--
			digits[i] = '.'
		}
		if n == 0 && k > decimals {
			break
		}
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, digits[i:]...)
}

// Round rounds v half away from zero to decimals decimals, as Append writes it.
func Round(v float64, decimals int) float64 {
	decimals = min(max(decimals, 0), MaxDecimals)
	scaled := math.Round(v * powers[decimals])
	if math.Abs(scaled) >= maxExact || math.IsNaN(scaled) {
		return v
	}
	return scaled / powers[decimals]
}
