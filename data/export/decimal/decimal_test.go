package decimal_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vigie/data/export/decimal"
)

func TestAppendShortestForm(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{0, 7, "0"},
		{math.Copysign(0, -1), 7, "0"},
		{-0.00000001, 7, "0"},
		{2.3522219, 7, "2.3522219"},
		{2.35222193, 7, "2.3522219"},
		{2.35, 7, "2.35"},
		{-61.5, 7, "-61.5"},
		{48, 7, "48"},
		{100, 0, "100"},
		{0.05, 1, "0.1"},
		{0.05, 2, "0.05"},
		{-0.5, 0, "-1"},
		{999.999, 2, "1000"},
		{1234567.8, 1, "1234567.8"},
		{1e16, 2, "10000000000000000"},
		{10, 3, "10"},
		{0.001, 3, "0.001"},
	} {
		if got := string(decimal.Append(nil, c.v, c.decimals)); got != c.want {
			t.Errorf("Append(%v, %d) = %s, want %s", c.v, c.decimals, got, c.want)
		}
	}
}

func TestAppendIsWithinHalfAUnitAndMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e7, 1e7).Draw(t, "v")
		d := rapid.IntRange(0, 8).Draw(t, "decimals")
		s := string(decimal.Append(nil, v, d))
		back, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%q is no number: %v", s, err)
		}
		unit := math.Pow(10, -float64(d))
		if math.Abs(back-v) > unit/2*(1+1e-6)+math.Abs(v)*1e-15 {
			t.Fatalf("%v written as %s, further than half of %g", v, s, unit)
		}
		if i := strings.IndexByte(s, '.'); i >= 0 && (s[len(s)-1] == '0' || len(s)-i-1 > d) {
			t.Fatalf("%v written as %s: not the shortest form with %d decimals", v, s, d)
		}
		if back != decimal.Round(v, d) {
			t.Fatalf("Round(%v, %d) = %v but Append wrote %s", v, d, decimal.Round(v, d), s)
		}
	})
}
