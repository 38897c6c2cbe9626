package pointindex

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
)

func bruteForce(points []orb.Point, p orb.Point) []Neighbour {
	out := make([]Neighbour, len(points))
	for i, q := range points {
		d, _ := crs.Inverse(p, q)
		out[i] = Neighbour{i, d}
	}
	slices.SortFunc(out, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Index, b.Index))
	})
	return out
}

func drawPoint(t *rapid.T, label string, spread float64) orb.Point {
	return crs.Direct(orb.Point{2.6, 46.4}, rapid.Float64Range(0, 360).Draw(t, label+" azimuth"), rapid.Float64Range(0, spread).Draw(t, label+" distance"))
}

func TestAgreesWithBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spread := rapid.SampledFrom([]float64{300, 20_000, 300_000}).Draw(t, "spread")
		points := make([]orb.Point, rapid.IntRange(0, 60).Draw(t, "points"))
		for i := range points {
			points[i] = drawPoint(t, "point", spread)
		}
		if len(points) > 2 {
			points[1] = points[0] // several homes at one point
		}
		p := drawPoint(t, "from", spread)
		ix := Build(points)
		want := bruteForce(points, p)
		n := rapid.IntRange(1, 8).Draw(t, "n")
		got := ix.NearestN(p, n)
		if len(got) != min(n, len(points)) {
			t.Fatalf("%d neighbours of %d points", len(got), len(points))
		}
		for i := range got {
			if math.Abs(got[i].Distance-want[i].Distance) > 1e-6 {
				t.Fatalf("neighbour %d: %v, want %v", i, got[i], want[i])
			}
		}
		radius := rapid.Float64Range(0, spread).Draw(t, "radius")
		inside := ix.Within(p, radius)
		count := 0
		for _, w := range want {
			if w.Distance <= radius {
				count++
			}
		}
		if len(inside) != count {
			t.Fatalf("%d within %v, want %d", len(inside), radius, count)
		}
	})
}

func TestAcrossTheAntimeridian(t *testing.T) {
	ix := Build([]orb.Point{{-179.999, -16}, {179, -16}})
	if got, _ := ix.Nearest(orb.Point{179.999, -16}); got.Index != 0 || math.Abs(got.Distance-214) > 1 {
		t.Errorf("%+v", got)
	}
}

func TestEmpty(t *testing.T) {
	if _, ok := Build(nil).Nearest(orb.Point{2, 46}); ok {
		t.Error("an empty index has no nearest point")
	}
}
