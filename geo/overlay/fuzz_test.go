package overlay_test

import (
	"encoding/binary"
	"math"
	"testing"

	"vigie/geo/overlay"

	"github.com/paulmach/orb"
)

// ringsOf reads rings from bytes: the first byte chooses a coarse lattice, a lattice of single
// grid steps, or any doubles; a coordinate of 0xff.. ends a ring.
func ringsOf(data []byte) []orb.Ring {
	if len(data) == 0 {
		return nil
	}
	mode := data[0] % 3
	data = data[1:]
	rings := []orb.Ring{nil}
	last := func() *orb.Ring { return &rings[len(rings)-1] }
	if mode == 2 {
		for len(data) >= 16 && len(rings) < 64 {
			x := math.Float64frombits(binary.LittleEndian.Uint64(data))
			y := math.Float64frombits(binary.LittleEndian.Uint64(data[8:]))
			if data[0] == 0xff {
				rings = append(rings, nil)
			}
			*last() = append(*last(), orb.Point{x, y})
			data = data[16:]
		}
		return rings
	}
	step := 1e-3
	if mode == 1 {
		step = 1e-9
	}
	for len(data) >= 2 {
		if data[0] == 0xff {
			rings = append(rings, nil)
		} else {
			*last() = append(*last(), orb.Point{2 + step*float64(data[0]), 46 + step*float64(data[1])})
		}
		data = data[2:]
	}
	return rings
}

func FuzzEvenOdd(f *testing.F) {
	f.Add([]byte{0, 0, 0, 10, 10, 10, 0, 0, 10})
	f.Add([]byte{1, 0, 0, 10, 10, 10, 0, 0, 10, 0xff, 0, 2, 2, 7, 1, 5, 5})
	f.Add([]byte{0, 0, 0, 9, 0, 9, 9, 0, 9, 0xff, 0, 3, 0, 6, 0, 6, 3, 0xff, 0, 3, 3, 6, 6, 3, 6})
	f.Add(append([]byte{2}, make([]byte, 48)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 512 {
			return // crossings go with the square, and geo/repair judges no more than MaxCrossings
		}
		rings := ringsOf(data)
		got := overlay.EvenOdd(rings)
		checkFuzzed(t, got)
		var parts []orb.MultiPolygon
		for _, r := range rings {
			parts = append(parts, multi(r))
		}
		checkFuzzed(t, overlay.Union(parts))
	})
}

// checkFuzzed checks validity, which geo/repair knows for longitudes and latitudes only:
// larger results are scaled down.
func checkFuzzed(t *testing.T, mp orb.MultiPolygon) {
	t.Helper()
	size := 0.0
	for _, r := range flat(mp) {
		for _, p := range r {
			size = max(size, math.Abs(p[0]), math.Abs(p[1]))
		}
	}
	if size <= 90 {
		mustBeValid(t, mp)
		return
	}
	_, exponent := math.Frexp(size)
	scaled := make(orb.MultiPolygon, len(mp))
	for i, poly := range mp {
		for _, r := range poly {
			var s orb.Ring
			for _, p := range r {
				s = append(s, orb.Point{math.Ldexp(p[0], 6-exponent), math.Ldexp(p[1], 6-exponent)})
			}
			scaled[i] = append(scaled[i], s)
		}
	}
	mustBeValid(t, scaled)
}
