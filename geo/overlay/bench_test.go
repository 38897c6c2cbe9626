package overlay_test

import (
	"math"
	"strconv"
	"testing"

	"vigie/geo/overlay"

	"github.com/paulmach/orb"
)

// wavy is a simple closed ring of n positions around a centre, radius 0.01 degree.
func wavy(n int, x, y float64) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := 0.01 * (1 + 0.3*math.Sin(7*a) + 0.05*math.Sin(41*a))
		r = append(r, orb.Point{x + d*math.Cos(a), y + d*math.Sin(a)})
	}
	return append(r, r[0])
}

// twisted is wavy with every fiftieth pair of positions exchanged, so that it crosses itself.
func twisted(n int) orb.Ring {
	r := wavy(n, 2.3, 48.8)
	for i := 10; i+1 < n; i += 50 {
		r[i], r[i+1] = r[i+1], r[i]
	}
	return r
}

func BenchmarkEvenOdd(b *testing.B) {
	for _, n := range []int{100, 1000, 10000, 100000} {
		ring := []orb.Ring{twisted(n)}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				overlay.EvenOdd(ring)
			}
		})
	}
}

// BenchmarkUnion unites a grid of overlapping polygons.
func BenchmarkUnion(b *testing.B) {
	for _, n := range []int{2, 10, 40} {
		var parts []orb.MultiPolygon
		for i := range n {
			for j := range n {
				parts = append(parts, orb.MultiPolygon{{wavy(100, 2+0.015*float64(i), 48+0.015*float64(j))}})
			}
		}
		b.Run(strconv.Itoa(n*n)+"x100", func(b *testing.B) {
			for b.Loop() {
				overlay.Union(parts)
			}
		})
	}
}

func BenchmarkOverlaps(b *testing.B) {
	near := orb.MultiPolygon{{wavy(100, 2.3, 48.8)}}
	other := orb.MultiPolygon{{wavy(100, 2.315, 48.8)}}
	b.Run("100x100", func(b *testing.B) {
		for b.Loop() {
			overlay.Overlaps(near, other)
		}
	})
	far := orb.MultiPolygon{{wavy(100, 5, 44)}}
	b.Run("far", func(b *testing.B) {
		for b.Loop() {
			overlay.Overlaps(near, far)
		}
	})
}
