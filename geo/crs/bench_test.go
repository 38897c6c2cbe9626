package crs

import (
	"testing"

	"github.com/paulmach/orb"
)

var sinkX, sinkY float64

func benchmarkCRS(b *testing.B, code int, f func(c CRS, lon, lat, x, y float64)) {
	c := mustCode(b, code)
	center := c.Area().Center()
	lon, lat := center[0]+0.7, center[1]+0.3
	x, y := c.FromWGS84(lon, lat)
	b.ReportAllocs()
	for b.Loop() {
		f(c, lon, lat, x, y)
	}
}

func BenchmarkFromWGS84(b *testing.B) {
	for name, code := range map[string]int{"Lambert-93": 2154, "UTM": 2975, "RGPF": 3297} {
		b.Run(name, func(b *testing.B) {
			benchmarkCRS(b, code, func(c CRS, lon, lat, _, _ float64) { sinkX, sinkY = c.FromWGS84(lon, lat) })
		})
	}
}

func BenchmarkToWGS84(b *testing.B) {
	for name, code := range map[string]int{"Lambert-93": 2154, "UTM": 2975, "RGPF": 3297} {
		b.Run(name, func(b *testing.B) {
			benchmarkCRS(b, code, func(c CRS, _, _, x, y float64) { sinkX, sinkY = c.ToWGS84(x, y) })
		})
	}
}

func BenchmarkScale(b *testing.B) {
	for name, code := range map[string]int{"Lambert-93": 2154, "UTM": 2975} {
		b.Run(name, func(b *testing.B) {
			benchmarkCRS(b, code, func(c CRS, lon, lat, _, _ float64) { sinkX = c.Scale(lon, lat) })
		})
	}
}

func BenchmarkScaleGradient(b *testing.B) {
	for name, code := range map[string]int{"Lambert-93": 2154, "UTM": 2975} {
		b.Run(name, func(b *testing.B) {
			benchmarkCRS(b, code, func(c CRS, _, _, x, y float64) { sinkX, sinkY = c.ScaleGradient(x, y) })
		})
	}
}

func BenchmarkLocal(b *testing.B) {
	for name, code := range map[string]int{"Lambert-93": 2154, "UTM": 2975} {
		b.Run(name, func(b *testing.B) {
			benchmarkCRS(b, code, func(c CRS, lon, lat, _, _ float64) { sinkX = c.Local(lon, lat).Scale })
		})
	}
}

func BenchmarkInverse(b *testing.B) {
	p, q := orb.Point{2.1, 48.3}, orb.Point{2.11, 48.31}
	b.ReportAllocs()
	for b.Loop() {
		sinkX, sinkY = Inverse(p, q)
	}
}

func BenchmarkAzimuthalForward(b *testing.B) {
	a, q := NewAzimuthal(orb.Point{2.1, 48.3}), orb.Point{2.11, 48.31}
	b.ReportAllocs()
	for b.Loop() {
		sinkX, sinkY = a.Forward(q)
	}
}

// The hot path must not allocate.
func TestNoAllocations(t *testing.T) {
	a := NewAzimuthal(orb.Point{2.1, 48.3})
	for _, code := range []int{2154, 2975, 3297, 4326, 3857} {
		c := mustCode(t, code)
		center := c.Area().Center()
		n := testing.AllocsPerRun(100, func() {
			x, y := c.FromWGS84(center[0], center[1])
			sinkX, sinkY = c.ToWGS84(x, y)
			sinkX = c.Scale(center[0], center[1])
			sinkX = c.Local(center[0], center[1]).X
			sinkX, sinkY = c.ScaleGradient(x, y)
			sinkX, sinkY = a.Forward(center)
		})
		if n != 0 {
			t.Errorf("EPSG:%d: %v allocations", code, n)
		}
	}
}
