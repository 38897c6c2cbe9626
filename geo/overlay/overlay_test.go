package overlay_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"vigie/geo/overlay"
	"vigie/geo/repair"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func rect(x1, y1, x2, y2 float64) orb.Ring {
	return orb.Ring{{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}, {x1, y1}}
}

func multi(rings ...orb.Ring) orb.MultiPolygon { return orb.MultiPolygon{rings} }

// area is the planar area of a valid, oriented result.
func area(mp orb.MultiPolygon) float64 {
	sum := 0.0
	for _, p := range mp {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				// From the first position, so that large coordinates do not drown small areas.
				ax, ay := r[i-1][0]-r[0][0], r[i-1][1]-r[0][1]
				bx, by := r[i][0]-r[0][0], r[i][1]-r[0][1]
				sum += (ax*by - ay*bx) / 2
			}
		}
	}
	return sum
}

// odd tells by a ray to the east whether p is inside an odd number of rings.
func odd(p orb.Point, rings []orb.Ring) bool {
	in := false
	for _, r := range rings {
		for i := range r {
			a, b := r[i], r[(i+1)%len(r)]
			if (a[1] <= p[1]) != (b[1] <= p[1]) && p[0] < a[0]+(p[1]-a[1])*(b[0]-a[0])/(b[1]-a[1]) {
				in = !in
			}
		}
	}
	return in
}

func covers(mp orb.MultiPolygon, p orb.Point) bool {
	return slices.ContainsFunc(mp, func(poly orb.Polygon) bool { return odd(p, poly) })
}

// near tells whether p is within d of an edge.
func near(p orb.Point, rings []orb.Ring, d float64) bool {
	for _, r := range rings {
		for i := range r {
			a, b := r[i], r[(i+1)%len(r)]
			ux, uy := b[0]-a[0], b[1]-a[1]
			t := 0.0
			if l := ux*ux + uy*uy; l > 0 {
				t = min(max(((p[0]-a[0])*ux+(p[1]-a[1])*uy)/l, 0), 1)
			}
			if math.Hypot(p[0]-a[0]-t*ux, p[1]-a[1]-t*uy) < d {
				return true
			}
		}
	}
	return false
}

// fataler is what *testing.T and *rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// mustBeValid checks the conventions that the package promises.
func mustBeValid(t fataler, mp orb.MultiPolygon) {
	t.Helper()
	if mp == nil {
		t.Fatalf("result is nil")
	}
	if ok, problem := repair.Valid(mp); !ok {
		t.Fatalf("not valid: %v: %v", problem, mp)
	}
	for _, p := range mp {
		for i, r := range p {
			if len(r) < 4 || r[0] != r[len(r)-1] {
				t.Fatalf("ring not closed: %v", r)
			}
			for k := 1; k < len(r); k++ {
				if r[k] == r[k-1] {
					t.Fatalf("repeated position: %v", r)
				}
			}
			if ccw := area(orb.MultiPolygon{{r}}) > 0; ccw != (i == 0) {
				t.Fatalf("ring %d has the wrong direction: %v", i, r)
			}
		}
	}
}

func TestEvenOdd(t *testing.T) {
	square := rect(0, 0, 10, 10)
	tests := []struct {
		name  string
		rings []orb.Ring
		want  orb.MultiPolygon
	}{
		{"nothing", nil, orb.MultiPolygon{}},
		{"no positions", []orb.Ring{{}}, orb.MultiPolygon{}},
		{"one position", []orb.Ring{{{1, 1}}}, orb.MultiPolygon{}},
		{"two positions", []orb.Ring{{{1, 1}, {2, 2}}}, orb.MultiPolygon{}},
		{"collinear", []orb.Ring{{{1, 1}, {2, 2}, {3, 3}, {1, 1}}}, orb.MultiPolygon{}},
		{"square", []orb.Ring{square}, multi(square)},
		{"clockwise, other start", []orb.Ring{{{10, 0}, {0, 0}, {0, 10}, {10, 10}, {10, 0}}}, multi(square)},
		{"not closed", []orb.Ring{square[:4]}, multi(square)},
		{"repeated positions", []orb.Ring{{{0, 0}, {0, 0}, {10, 0}, {10, 10}, {10, 10}, {0, 10}, {0, 0}}}, multi(square)},
		{"not a number", []orb.Ring{{{0, 0}, {10, 0}, {math.NaN(), 3}, {10, 10}, {math.Inf(1), 0}, {0, 10}, {0, 0}}}, multi(square)},
		{"equal rings cancel", []orb.Ring{square, square}, orb.MultiPolygon{}},
		{"three equal rings", []orb.Ring{square, square, square}, multi(square)},
		{
			"bow-tie", []orb.Ring{{{0, 0}, {10, 10}, {10, 0}, {0, 10}, {0, 0}}},
			orb.MultiPolygon{{{{0, 0}, {5, 5}, {0, 10}, {0, 0}}}, {{{5, 5}, {10, 0}, {10, 10}, {5, 5}}}},
		},
		{
			"lobes that touch at a corner", []orb.Ring{{{0, 0}, {5, 5}, {10, 0}, {10, 10}, {5, 5}, {0, 10}, {0, 0}}},
			orb.MultiPolygon{{{{0, 0}, {5, 5}, {0, 10}, {0, 0}}}, {{{5, 5}, {10, 0}, {10, 10}, {5, 5}}}},
		},
		{
			"hole and island", []orb.Ring{square, rect(2, 2, 8, 8), rect(4, 4, 6, 6)},
			orb.MultiPolygon{{square, {{2, 2}, {2, 8}, {8, 8}, {8, 2}, {2, 2}}}, {rect(4, 4, 6, 6)}},
		},
		{
			"hole outside", []orb.Ring{square, rect(20, 0, 30, 10)},
			orb.MultiPolygon{{square}, {rect(20, 0, 30, 10)}},
		},
		{
			"hole across the border", []orb.Ring{square, rect(5, 2, 15, 8)},
			orb.MultiPolygon{
				{{{0, 0}, {10, 0}, {10, 2}, {5, 2}, {5, 8}, {10, 8}, {10, 10}, {0, 10}, {0, 0}}},
				{{{10, 2}, {15, 2}, {15, 8}, {10, 8}, {10, 2}}},
			},
		},
		{
			"hole along the border", []orb.Ring{square, rect(5, 0, 10, 5)},
			multi(orb.Ring{{0, 0}, {5, 0}, {5, 5}, {10, 5}, {10, 10}, {0, 10}, {0, 0}}),
		},
		{
			"hole that touches the border at a point", []orb.Ring{square, {{5, 0}, {7, 4}, {3, 4}, {5, 0}}},
			multi(
				orb.Ring{{0, 0}, {5, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}},
				orb.Ring{{3, 4}, {7, 4}, {5, 0}, {3, 4}},
			),
		},
		{
			"hole from border to border", []orb.Ring{square, {{5, 0}, {7, 5}, {5, 10}, {3, 5}, {5, 0}}},
			orb.MultiPolygon{
				{{{0, 0}, {5, 0}, {3, 5}, {5, 10}, {0, 10}, {0, 0}}},
				{{{5, 0}, {10, 0}, {10, 10}, {5, 10}, {7, 5}, {5, 0}}},
			},
		},
		{
			"holes that touch each other", []orb.Ring{square, rect(2, 2, 4, 4), rect(4, 4, 6, 6)},
			multi(square, orb.Ring{{2, 2}, {2, 4}, {4, 4}, {4, 2}, {2, 2}}, orb.Ring{{4, 4}, {4, 6}, {6, 6}, {6, 4}, {4, 4}}),
		},
		{
			"island that touches its hole at its first position",
			[]orb.Ring{square, rect(2, 2, 8, 8), {{2, 2}, {6, 3}, {6, 6}, {2, 2}}},
			orb.MultiPolygon{{square, {{2, 2}, {2, 8}, {8, 8}, {8, 2}, {2, 2}}}, {{{2, 2}, {6, 3}, {6, 6}, {2, 2}}}},
		},
		{
			"ring around itself, closed at a point", []orb.Ring{{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {8, 5}, {5, 2}, {2, 5}, {5, 10}, {0, 10}, {0, 0}}},
			multi(
				orb.Ring{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {0, 10}, {0, 0}},
				orb.Ring{{2, 5}, {5, 10}, {8, 5}, {5, 2}, {2, 5}},
			),
		},
		{"spike", []orb.Ring{{{0, 0}, {10, 0}, {10, 5}, {20, 5}, {10, 5}, {10, 10}, {0, 10}, {0, 0}}}, multi(orb.Ring{{0, 0}, {10, 0}, {10, 5}, {10, 10}, {0, 10}, {0, 0}})},
		{"backtrack along an edge", []orb.Ring{{{0, 0}, {8, 0}, {4, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}}, multi(orb.Ring{{0, 0}, {4, 0}, {8, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}})},
		{
			"neighbours share a border", []orb.Ring{square, rect(10, 0, 20, 10)},
			multi(orb.Ring{{0, 0}, {10, 0}, {20, 0}, {20, 10}, {10, 10}, {0, 10}, {0, 0}}),
		},
		{"sliver below the grid", []orb.Ring{{{0, 0}, {1, 1e-10}, {1, 2e-10}, {0, 0}}}, orb.MultiPolygon{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := overlay.EvenOdd(tt.rings)
			mustBeValid(t, got)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

// TestDoublyWoundIsOut: where one ring winds around twice the number is even.
func TestDoublyWoundIsOut(t *testing.T) {
	got := overlay.EvenOdd([]orb.Ring{{{0, 0}, {10, 0}, {10, 10}, {2, 10}, {2, 2}, {8, 2}, {8, 12}, {0, 12}, {0, 0}}})
	mustBeValid(t, got)
	if a := area(got); a != 10*10+8*2-6*8 {
		t.Errorf("area %v: %v", a, got)
	}
	if covers(got, orb.Point{5, 5}) || !covers(got, orb.Point{1, 5}) || !covers(got, orb.Point{9, 5}) {
		t.Errorf("wrong ground covered: %v", got)
	}
}

func TestUnion(t *testing.T) {
	square := rect(0, 0, 10, 10)
	hole := orb.Ring{{2, 2}, {2, 8}, {8, 8}, {8, 2}, {2, 2}}
	tests := []struct {
		name  string
		parts []orb.MultiPolygon
		want  orb.MultiPolygon
	}{
		{"nothing", nil, orb.MultiPolygon{}},
		{"empty parts", []orb.MultiPolygon{{}, {{}}, nil}, orb.MultiPolygon{}},
		{"equal parts", []orb.MultiPolygon{multi(square), multi(square), {{square}, {square}}}, multi(square)},
		{"inside", []orb.MultiPolygon{multi(square), multi(rect(2, 2, 3, 3))}, multi(square)},
		{"disjoint", []orb.MultiPolygon{multi(rect(20, 0, 30, 10)), multi(square)}, orb.MultiPolygon{{square}, {rect(20, 0, 30, 10)}}},
		{
			"overlap", []orb.MultiPolygon{multi(square), multi(rect(5, 5, 15, 15))},
			multi(orb.Ring{{0, 0}, {10, 0}, {10, 5}, {15, 5}, {15, 15}, {5, 15}, {5, 10}, {0, 10}, {0, 0}}),
		},
		{
			"shared border with T-junctions", []orb.MultiPolygon{multi(square), multi(rect(10, 2, 20, 8))},
			multi(orb.Ring{{0, 0}, {10, 0}, {10, 2}, {20, 2}, {20, 8}, {10, 8}, {10, 10}, {0, 10}, {0, 0}}),
		},
		{"touching corners", []orb.MultiPolygon{multi(square), multi(rect(10, 10, 20, 20))}, orb.MultiPolygon{{square}, {rect(10, 10, 20, 20)}}},
		{"hole filled exactly", []orb.MultiPolygon{multi(square, hole), multi(rect(2, 2, 8, 8))}, multi(square)},
		{"island in a hole", []orb.MultiPolygon{multi(square, hole), multi(rect(4, 4, 6, 6))}, orb.MultiPolygon{{square, hole}, {rect(4, 4, 6, 6)}}},
		{
			"clockwise parts with a hole given counter-clockwise",
			[]orb.MultiPolygon{multi(orb.Ring{{0, 0}, {0, 10}, {10, 10}, {10, 0}, {0, 0}}, rect(2, 2, 8, 8))}, multi(square, hole),
		},
		{
			"a ring around a hole made by four parts",
			[]orb.MultiPolygon{multi(rect(0, 0, 10, 2)), multi(rect(0, 8, 10, 10)), multi(rect(0, 0, 2, 10)), multi(rect(8, 0, 10, 10))},
			multi(
				orb.Ring{{0, 0}, {2, 0}, {8, 0}, {10, 0}, {10, 2}, {10, 8}, {10, 10}, {8, 10}, {2, 10}, {0, 10}, {0, 8}, {0, 2}, {0, 0}},
				hole,
			),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := overlay.Union(tt.parts)
			mustBeValid(t, got)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

// TestUnionOfInvalid: a part that crosses itself is read by the even-odd rule before it is
// united; its clockwise lobe must not cancel what another part covers.
func TestUnionOfInvalid(t *testing.T) {
	bowTie := multi(orb.Ring{{0, 0}, {10, 10}, {10, 0}, {0, 10}, {0, 0}})
	for _, bar := range []orb.Ring{rect(0, 2, 10, 4), {{0, 2}, {0, 4}, {10, 4}, {10, 2}, {0, 2}}} {
		got := overlay.Union([]orb.MultiPolygon{bowTie, multi(bar)})
		mustBeValid(t, got)
		// The bow-tie's 50, and of the bar the trapezium between the lobes, 6 and 2 wide.
		if a := area(got); math.Abs(a-(50+8)) > 1e-6 {
			t.Errorf("area %v: %v", a, got)
		}
	}
}

func TestOverlaps(t *testing.T) {
	square := multi(rect(0, 0, 10, 10))
	ringed := multi(rect(0, 0, 10, 10), rect(2, 2, 8, 8))
	tests := []struct {
		name string
		a, b orb.MultiPolygon
		want bool
	}{
		{"equal", square, square, true},
		{"nothing", square, orb.MultiPolygon{}, false},
		{"inside", square, multi(rect(4, 4, 5, 5)), true},
		{"in the hole", ringed, multi(rect(4, 4, 5, 5)), false},
		{"fills the hole", ringed, multi(rect(2, 2, 8, 8)), false},
		{"out of the hole", ringed, multi(rect(4, 4, 9, 5)), true},
		{"shared border", square, multi(rect(10, 0, 20, 10)), false},
		{"part of a border", square, multi(rect(10, 3, 20, 4)), false},
		{"corner", square, multi(rect(10, 10, 20, 20)), false},
		{"cross", multi(rect(0, 4, 10, 6)), multi(rect(4, 0, 6, 10)), true},
		{"second part", square, orb.MultiPolygon{{rect(20, 0, 30, 10)}, {rect(9, 9, 11, 11)}}, true},
		{"a tenth of a millimetre", square, multi(rect(10-2e-9, 0, 20, 10)), true},
		{"less than the grid", square, multi(rect(10-2e-10, 0, 20, 10)), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := overlay.Overlaps(tt.a, tt.b); got != tt.want {
				t.Errorf("Overlaps = %v", got)
			}
			if got := overlay.Overlaps(tt.b, tt.a); got != tt.want {
				t.Errorf("Overlaps the other way = %v", got)
			}
			if got := len(overlay.Intersection(tt.a, tt.b)) > 0; got != tt.want {
				t.Errorf("Intersection has an area = %v", got)
			}
		})
	}
}

// TestGridIsMadeCoarser: metres of Lambert-93 do not fit 1e-9 steps; they are kept to 10 µm.
func TestGridIsMadeCoarser(t *testing.T) {
	got := overlay.EvenOdd([]orb.Ring{rect(652000.25, 6862000.125, 653000.5, 6863000.75)})
	mustBeLike(t, got, multi(rect(652000.25, 6862000.125, 653000.5, 6863000.75)), 1e-5)
	far := overlay.EvenOdd([]orb.Ring{rect(-1e299, -1e299, 1e299, 1e299)})
	mustBeLike(t, far, multi(rect(-1e299, -1e299, 1e299, 1e299)), 1e290)
	if got := overlay.Grid(10).EvenOdd([]orb.Ring{rect(0.04, 0, 1.04, 1)}); !reflect.DeepEqual(got, multi(rect(0, 0, 1, 1))) {
		t.Errorf("a grid of tenths gives %v", got)
	}
	if got := overlay.Grid(math.NaN()).EvenOdd([]orb.Ring{rect(0, 0, 1, 1)}); !reflect.DeepEqual(got, multi(rect(0, 0, 1, 1))) {
		t.Errorf("a grid that is not a number gives %v", got)
	}
}

func mustBeLike(t *testing.T, got, want orb.MultiPolygon, tolerance float64) {
	t.Helper()
	if len(got) != 1 || len(got[0]) != 1 || len(got[0][0]) != len(want[0][0]) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i, p := range got[0][0] {
		if q := want[0][0][i]; math.Abs(p[0]-q[0]) > tolerance || math.Abs(p[1]-q[1]) > tolerance {
			t.Errorf("position %d is %v, want %v", i, p, q)
		}
	}
}

// latticeRing draws rings whose corners and edges coincide all the time.
func latticeRing(span int, step float64, at orb.Point) *rapid.Generator[orb.Ring] {
	return rapid.Custom(func(t *rapid.T) orb.Ring {
		c := rapid.IntRange(0, span)
		n := rapid.IntRange(0, 9).Draw(t, "n")
		r := make(orb.Ring, 0, n+1)
		for range n {
			r = append(r, orb.Point{at[0] + step*float64(c.Draw(t, "x")), at[1] + step*float64(c.Draw(t, "y"))})
		}
		if n > 0 && rapid.Bool().Draw(t, "close") {
			r = append(r, r[0])
		}
		return r
	})
}

// anyRings draws rings at the scale of a street, a city and a continent.
func anyRings() *rapid.Generator[[]orb.Ring] {
	return rapid.Custom(func(t *rapid.T) []orb.Ring {
		step := rapid.SampledFrom([]float64{1e-4, 1e-3, 1}).Draw(t, "step")
		span := rapid.SampledFrom([]int{4, 9, 40}).Draw(t, "span")
		return rapid.SliceOfN(latticeRing(span, step, orb.Point{2, 46}), 0, 5).Draw(t, "rings")
	})
}

func anyMultiPolygon() *rapid.Generator[orb.MultiPolygon] {
	return rapid.Custom(func(t *rapid.T) orb.MultiPolygon {
		mp := make(orb.MultiPolygon, rapid.IntRange(0, 3).Draw(t, "parts"))
		for i := range mp {
			mp[i] = rapid.SliceOfN(latticeRing(8, 1e-3, orb.Point{2, 46}), 1, 2).Draw(t, "rings")
		}
		return mp
	})
}

func TestEvenOddIsParity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rings := anyRings().Draw(t, "rings")
		before := make([]orb.Ring, len(rings))
		for i, r := range rings {
			before[i] = slices.Clone(r)
		}
		got := overlay.EvenOdd(rings)
		mustBeValid(t, got)
		if !reflect.DeepEqual(before, rings) {
			t.Fatalf("input was modified")
		}
		var box orb.Bound
		for i, r := range rings {
			if i == 0 {
				box = r.Bound()
			} else if len(r) > 0 {
				box = box.Union(r.Bound())
			}
		}
		width, height := box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]
		random := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			p := orb.Point{box.Min[0] + random.Float64()*width, box.Min[1] + random.Float64()*height}
			if near(p, rings, 1e-8) {
				continue
			}
			if want := odd(p, rings); covers(got, p) != want {
				t.Fatalf("%v: covered %v, parity says %v\n%v", p, !want, want, got)
			}
		}
	})
}

// TestEvenOddIsInvariant: neither the order of rings, nor their start, direction or closing
// position, nor two more copies of one matter.
func TestEvenOddIsInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rings := anyRings().Draw(t, "rings")
		want := overlay.EvenOdd(rings)
		other := make([]orb.Ring, 0, len(rings)+2)
		for _, r := range rings {
			if len(r) > 1 && r[0] == r[len(r)-1] {
				r = r[:len(r)-1]
			}
			if len(r) > 0 {
				k := rapid.IntRange(0, len(r)-1).Draw(t, "start")
				r = append(slices.Clone(r[k:]), r[:k]...)
			}
			if rapid.Bool().Draw(t, "reverse") {
				slices.Reverse(r)
			}
			other = append(other, r)
		}
		if len(other) > 0 {
			other = append(other, other[0], other[0])
		}
		other = rapid.Permutation(other).Draw(t, "order")
		if got := overlay.EvenOdd(other); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		if got := overlay.EvenOdd(flat(want)); !reflect.DeepEqual(got, want) {
			t.Fatalf("not idempotent: %v\nwant %v", got, want)
		}
	})
}

func flat(mp orb.MultiPolygon) []orb.Ring {
	var rings []orb.Ring
	for _, p := range mp {
		rings = append(rings, p...)
	}
	return rings
}

// TestTranslation: moved by whole grid steps, the region is the same, moved.
func TestTranslation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := latticeRing(30, 1e-3, orb.Point{2, 46}).Draw(t, "ring")
		dx := float64(rapid.IntRange(-100, 100).Draw(t, "dx")) / 10
		moved := func(mp []orb.Ring) []orb.Ring {
			out := make([]orb.Ring, len(mp))
			for i, r := range mp {
				for _, p := range r {
					out[i] = append(out[i], orb.Point{p[0] + dx, p[1]})
				}
			}
			return out
		}
		want := moved(flat(overlay.EvenOdd([]orb.Ring{ring})))
		got := flat(overlay.EvenOdd(moved([]orb.Ring{ring})))
		if len(got) != len(want) {
			t.Fatalf("%d rings, want %d", len(got), len(want))
		}
		for i := range got {
			if len(got[i]) != len(want[i]) {
				t.Fatalf("got %v\nwant %v", got[i], want[i])
			}
			for k := range got[i] {
				if math.Abs(got[i][k][0]-want[i][k][0]) > 1e-12 || got[i][k][1] != want[i][k][1] {
					t.Fatalf("got %v\nwant %v", got[i], want[i])
				}
			}
		}
	})
}

// TestInclusionExclusion: |A ∪ B| + |A ∩ B| = |A| + |B| where A and B are unions themselves.
func TestInclusionExclusion(t *testing.T) {
	overlapping := 0
	rapid.Check(t, func(t *rapid.T) {
		a, b := overlay.Union([]orb.MultiPolygon{anyMultiPolygon().Draw(t, "a")}), overlay.Union([]orb.MultiPolygon{anyMultiPolygon().Draw(t, "b")})
		union, common := overlay.Union([]orb.MultiPolygon{a, b}), overlay.Intersection(a, b)
		for _, mp := range []orb.MultiPolygon{a, b, union, common} {
			mustBeValid(t, mp)
		}
		// Half a grid step along the perimeter of 0.1 degree is 5e-11.
		if d := area(union) + area(common) - area(a) - area(b); math.Abs(d) > 1e-10 {
			t.Fatalf("areas differ by %g: a %v b %v", d, a, b)
		}
		if overlay.Overlaps(a, b) != (len(common) > 0) {
			t.Fatalf("Overlaps = %v, intersection %v", !(len(common) > 0), common)
		}
		if len(common) > 0 {
			overlapping++
		}
		again := overlay.Union([]orb.MultiPolygon{b, a, b})
		if !reflect.DeepEqual(again, union) {
			t.Fatalf("union of b, a, b %v\nof a, b %v", again, union)
		}
		exclusive := overlay.EvenOdd(append(flat(a), flat(b)...))
		if d := area(union) - area(common) - area(exclusive); math.Abs(d) > 1e-10 {
			t.Fatalf("symmetric difference is off by %g", d)
		}
	})
	if overlapping == 0 {
		t.Error("nothing overlapped")
	}
}

// TestNearCoincidence: corners a few grid steps around shared edges, where rounding moves lines
// over each other.
func TestNearCoincidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		jitter := rapid.IntRange(-3, 3)
		var rings []orb.Ring
		for range rapid.IntRange(1, 4).Draw(t, "rings") {
			var r orb.Ring
			for range rapid.IntRange(3, 12).Draw(t, "n") {
				k := rapid.IntRange(0, 6).Draw(t, "k")
				r = append(r, orb.Point{
					float64(k)*1e-3 + float64(jitter.Draw(t, "jx"))*4e-10,
					float64(k)*7e-4*float64(rapid.IntRange(0, 1).Draw(t, "arm")) + float64(jitter.Draw(t, "jy"))*4e-10,
				})
			}
			rings = append(rings, r)
		}
		got := overlay.EvenOdd(rings)
		mustBeValid(t, got)
		parts := make([]orb.MultiPolygon, len(rings))
		for i, r := range rings {
			parts[i] = multi(r)
		}
		mustBeValid(t, overlay.Union(parts))
	})
}

// TestLargeRings: sizes that only an algorithm near n log n gets through in a test.
func TestLargeRings(t *testing.T) {
	for _, n := range []int{10_000, 50_000} {
		got := overlay.EvenOdd([]orb.Ring{twisted(n)})
		mustBeValid(t, got)
		want := area(orb.MultiPolygon{{wavy(n, 2.3, 48.8)}})
		if a := area(got); math.Abs(a-want) > 0.01*want {
			t.Errorf("area %g, of the ring without its twists %g", a, want)
		}
	}
}
