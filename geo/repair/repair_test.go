package repair_test

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vigie/geo/repair"

	"github.com/paulmach/orb"
)

// rect is a counter-clockwise rectangle, corners in units of 1e-3 degree (about 100 m) from a
// fictitious place.
func rect(x1, y1, x2, y2 float64) orb.Ring {
	return ring(x1, y1, x2, y1, x2, y2, x1, y2, x1, y1)
}

func ring(xy ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(xy); i += 2 {
		r = append(r, at(xy[i], xy[i+1]))
	}
	return r
}

// at gives the double nearest to the decimal position, as a file would.
func at(x, y float64) orb.Point {
	return orb.Point{math.Round((2+x/1e3)*1e9) / 1e9, math.Round((46+y/1e3)*1e9) / 1e9}
}

func reversed(r orb.Ring) orb.Ring {
	r = slices.Clone(r)
	slices.Reverse(r)
	return r
}

func multi(rings ...orb.Ring) orb.MultiPolygon { return orb.MultiPolygon{rings} }

// unit is the area of a square of 1e-3 degree at 46° N, m², from Area's own definition.
var unit = repair.Area(multi(rect(0, 0, 1, 1)))

func TestMultiPolygon(t *testing.T) {
	square := rect(0, 0, 10, 10)
	hole := reversed(rect(2, 2, 8, 8))
	nan := math.NaN()
	type fix struct {
		kind          repair.Kind
		polygon, ring int
		count         int
	}
	tests := []struct {
		name  string
		in    orb.MultiPolygon
		want  orb.MultiPolygon
		fixes []fix
	}{
		{"valid", multi(square, hole), multi(square, hole), nil},
		{"empty", nil, orb.MultiPolygon{}, []fix{{repair.ZeroArea, -1, -1, 1}}},
		{"without rings", orb.MultiPolygon{{}, {square}}, multi(square), []fix{{repair.TooFewPoints, 0, -1, 1}}},
		{
			"directions", multi(reversed(square), rect(2, 2, 8, 8)),
			multi(reversed(reversed(square)), hole),
			[]fix{{repair.Orientation, 0, 0, 1}, {repair.Orientation, 0, 1, 1}},
		},
		{"not closed", multi(square[:4]), multi(square), []fix{{repair.UnclosedRing, 0, 0, 1}}},
		{
			"repeated", multi(orb.Ring{square[0], square[0], square[1], square[2], square[2], square[2], square[3], square[4]}),
			multi(square), []fix{{repair.RepeatedPoint, 0, 0, 3}},
		},
		{
			"not a number", multi(orb.Ring{square[0], square[1], {nan, 46}, square[2], {2, math.Inf(-1)}, square[3], square[4]}),
			multi(square), []fix{{repair.NonFinite, 0, 0, 2}},
		},
		{
			"out of range", multi(orb.Ring{square[0], square[1], {2, 460}, square[2], square[3], square[4]}),
			multi(square), []fix{{repair.OutOfRange, 0, 0, 1}},
		},
		{
			"only impossible positions", multi(orb.Ring{{nan, nan}, {652000, 6862000}}), orb.MultiPolygon{},
			[]fix{{repair.NonFinite, 0, 0, 1}, {repair.OutOfRange, 0, 0, 1}, {repair.TooFewPoints, 0, 0, 1}, {repair.ZeroArea, -1, -1, 1}},
		},
		{"two positions", multi(ring(0, 0, 1, 1, 0, 0)), orb.MultiPolygon{}, []fix{{repair.TooFewPoints, 0, 0, 1}, {repair.ZeroArea, -1, -1, 1}}},
		{"a hole of two positions", multi(square, ring(1, 1, 2, 2, 1, 1)), multi(square), []fix{{repair.TooFewPoints, 0, 1, 1}}},
		{"collinear", multi(ring(0, 0, 1, 0, 2, 0, 0, 0)), orb.MultiPolygon{}, []fix{{repair.Spike, 0, 0, 2}, {repair.ZeroArea, 0, 0, 1}}},
		{
			"smaller than a square metre", multi(rect(0, 0, 0.005, 0.005)), orb.MultiPolygon{},
			[]fix{{repair.ZeroArea, -1, -1, 1}},
		},
		{
			"bow-tie", multi(ring(0, 0, 10, 10, 10, 0, 0, 10, 0, 0)),
			orb.MultiPolygon{{ring(0, 0, 5, 5, 0, 10, 0, 0)}, {ring(5, 5, 10, 0, 10, 10, 5, 5)}},
			[]fix{{repair.SelfCrossing, 0, 0, 1}},
		},
		{
			"figure eight that touches", multi(ring(0, 0, 5, 5, 10, 0, 10, 10, 5, 5, 0, 10, 0, 0)),
			orb.MultiPolygon{{ring(0, 0, 5, 5, 0, 10, 0, 0)}, {ring(5, 5, 10, 0, 10, 10, 5, 5)}},
			[]fix{{repair.SelfTouching, 0, 0, 1}},
		},
		{
			"spike", multi(ring(0, 0, 10, 0, 10, 5, 20, 5, 10, 5, 10, 10, 0, 10, 0, 0)),
			multi(ring(0, 0, 10, 0, 10, 5, 10, 10, 0, 10, 0, 0)), []fix{{repair.Spike, 0, 0, 1}},
		},
		{
			"hole outside", multi(square, rect(20, 0, 30, 10)), orb.MultiPolygon{{square}, {rect(20, 0, 30, 10)}},
			[]fix{{repair.HoleOutsideShell, 0, 1, 1}},
		},
		{
			"shell without area, hole with", multi(ring(0, 0, 1, 1, 0, 0), rect(20, 0, 30, 10)), multi(rect(20, 0, 30, 10)),
			[]fix{{repair.TooFewPoints, 0, 0, 1}, {repair.HoleOutsideShell, 0, 1, 1}},
		},
		{
			"hole across the shell", multi(square, rect(5, 2, 15, 8)),
			orb.MultiPolygon{
				{ring(0, 0, 10, 0, 10, 2, 5, 2, 5, 8, 10, 8, 10, 10, 0, 10, 0, 0)},
				{ring(10, 2, 15, 2, 15, 8, 10, 8, 10, 2)},
			},
			[]fix{{repair.HoleCrossingShell, 0, 1, 2}},
		},
		{
			"hole along the shell", multi(square, rect(5, 0, 10, 5)),
			multi(ring(0, 0, 5, 0, 5, 5, 10, 5, 10, 10, 0, 10, 0, 0)), []fix{{repair.HoleAlongShell, 0, 1, 2}},
		},
		{
			"holes that cross", multi(square, rect(2, 2, 5, 5), rect(4, 4, 7, 7)),
			orb.MultiPolygon{
				{square, ring(2, 2, 2, 5, 4, 5, 4, 7, 7, 7, 7, 4, 5, 4, 5, 2, 2, 2)},
				{rect(4, 4, 5, 5)},
			},
			[]fix{{repair.HolesMeeting, 0, 2, 2}},
		},
		{
			"nested holes", multi(square, rect(2, 2, 8, 8), rect(4, 4, 6, 6)), orb.MultiPolygon{{square, hole}, {rect(4, 4, 6, 6)}},
			[]fix{{repair.NestedHoles, 0, 2, 1}},
		},
		{
			"hole as large as the shell", multi(square, square), orb.MultiPolygon{},
			[]fix{{repair.HoleAlongShell, 0, 1, 4}, {repair.ZeroArea, 0, 0, 1}},
		},
		{
			"holes that cut the interior", multi(square, ring(5, 0, 7, 5, 5, 10, 3, 5, 5, 0)),
			orb.MultiPolygon{
				{ring(0, 0, 5, 0, 3, 5, 5, 10, 0, 10, 0, 0)},
				{ring(5, 0, 10, 0, 10, 10, 5, 10, 7, 5, 5, 0)},
			},
			[]fix{{repair.DisconnectedInterior, 0, 1, 1}},
		},
		{"equal parts", orb.MultiPolygon{{square}, {square}}, multi(square), []fix{{repair.OverlappingParts, 1, 0, 1}}},
		{
			"part inside another", orb.MultiPolygon{{square}, {rect(1, 1, 2, 2)}}, multi(square),
			[]fix{{repair.OverlappingParts, 1, 0, 1}},
		},
		{"part in a hole", orb.MultiPolygon{{square, hole}, {rect(4, 4, 5, 5)}}, orb.MultiPolygon{{square, hole}, {rect(4, 4, 5, 5)}}, nil},
		{"parts that touch", orb.MultiPolygon{{square}, {rect(10, 10, 20, 20)}}, orb.MultiPolygon{{square}, {rect(10, 10, 20, 20)}}, nil},
		{
			"parts with a common border", orb.MultiPolygon{{square}, {rect(10, 2, 20, 8)}},
			multi(ring(0, 0, 10, 0, 10, 2, 20, 2, 20, 8, 10, 8, 10, 10, 0, 10, 0, 0)),
			[]fix{{repair.AdjoiningParts, 1, 0, 1}},
		},
		{
			"hole outside that covers another part", orb.MultiPolygon{{square, rect(20, 0, 30, 10)}, {rect(22, 2, 24, 4)}},
			orb.MultiPolygon{{square}, {rect(20, 0, 30, 10)}},
			[]fix{{repair.HoleOutsideShell, 0, 1, 1}, {repair.OverlappingParts, 1, 0, 1}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			given := clone(tt.in)
			got, report := repair.MultiPolygon(tt.in)
			if !sameBits(given, tt.in) {
				t.Error("input was modified")
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			var fixes []fix
			for _, f := range report.Fixes {
				fixes = append(fixes, fix{f.Kind, f.Polygon, f.Ring, f.Count})
			}
			if !reflect.DeepEqual(fixes, tt.fixes) {
				t.Errorf("fixes %+v\nwant  %+v", fixes, tt.fixes)
			}
			valid, problem := repair.Valid(tt.in)
			if valid != report.Valid() {
				t.Errorf("Valid says %v (%v), report %v", valid, problem, report.Fixes)
			}
			if !valid && !report.Has(problem.Kind) {
				t.Errorf("Valid says %v, which is not in %v", problem, report.Fixes)
			}
			if want := repair.Area(got); report.AreaAfter != want {
				t.Errorf("AreaAfter %v, want %v", report.AreaAfter, want)
			}
		})
	}
}

func clone(mp orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(mp))
	for i, p := range mp {
		for _, r := range p {
			out[i] = append(out[i], slices.Clone(r))
		}
	}
	return out
}

// sameBits compares as reflect.DeepEqual does, but finds NaN equal to itself.
func sameBits(a, b orb.MultiPolygon) bool {
	return slices.EqualFunc(a, b, func(p, q orb.Polygon) bool {
		return slices.EqualFunc(p, q, func(r, s orb.Ring) bool {
			return slices.EqualFunc(r, s, func(u, v orb.Point) bool {
				return math.Float64bits(u[0]) == math.Float64bits(v[0]) && math.Float64bits(u[1]) == math.Float64bits(v[1])
			})
		})
	})
}

// TestValidKeepsItsBits: no grid, no new start, no copy for what is valid and well directed.
func TestValidKeepsItsBits(t *testing.T) {
	in := orb.MultiPolygon{{{{2.1 + 1e-13, 46}, {2.2, 46.00000000012345}, {2.15, 46.3}, {2.1 + 1e-13, 46}}}}
	got, report := repair.MultiPolygon(in)
	if !sameBits(got, in) || len(report.Fixes) != 0 {
		t.Errorf("%v became %v, %v", in, got, report.Fixes)
	}
	if &got[0][0][0] != &in[0][0][0] {
		t.Error("a valid ring was copied")
	}
}

func TestOverlapAreaIsReported(t *testing.T) {
	in := orb.MultiPolygon{{rect(0, 0, 10, 10)}, {rect(9, 0, 19, 10)}}
	_, report := repair.MultiPolygon(in)
	f := report.Fixes[0]
	if f.Kind != repair.OverlappingParts || math.Abs(f.Area/(10*unit)-1) > 1e-3 {
		t.Errorf("fix %+v, want an area of %.0f m²", f, 10*unit)
	}
	if c := report.Change(); math.Abs(c/(-10*unit)-1) > 1e-3 {
		t.Errorf("change %.0f m², want %.0f", c, -10*unit)
	}
}

func TestFixesAreLocated(t *testing.T) {
	_, report := repair.MultiPolygon(multi(ring(0, 0, 10, 10, 10, 0, 0, 10, 0, 0)))
	if p := report.Fixes[0].At; math.Hypot(p[0]-2.005, p[1]-46.005) > 1e-9 {
		t.Errorf("the crossing is reported at %v", p)
	}
	ok, problem := repair.Valid(multi(rect(0, 0, 10, 10), rect(20, 0, 30, 10)))
	if ok || problem.Kind != repair.HoleOutsideShell || problem.Ring != 1 || problem.At != at(20, 0) {
		t.Errorf("hole outside: %v", problem)
	}
	if s := problem.String(); s != "hole-outside-shell at polygon 0, ring 1, position [2.02 46]" {
		t.Error(s)
	}
}

// TestValidIsExact: a corner 1e-16 off an edge neither touches nor crosses it.
func TestValidIsExact(t *testing.T) {
	shell := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}
	tiny := 0x1p-60
	for _, tt := range []struct {
		name string
		hole orb.Ring
		want bool
	}{
		{"just inside", orb.Ring{{0.5, tiny}, {0.6, 0.5}, {0.4, 0.5}, {0.5, tiny}}, true},
		{"touching", orb.Ring{{0.5, 0}, {0.6, 0.5}, {0.4, 0.5}, {0.5, 0}}, true},
		{"just across", orb.Ring{{0.5, -tiny}, {0.6, 0.5}, {0.4, 0.5}, {0.5, -tiny}}, false},
	} {
		if got, problem := repair.Valid(multi(shell, tt.hole)); got != tt.want {
			t.Errorf("%s: valid %v, %v", tt.name, got, problem)
		}
	}
	// The corner of the second part lies exactly on the long edge of the first, whose direction no
	// double filter settles.
	third := orb.Point{1.0 / 3, 1.0 / 3}
	wedge := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}
	for _, d := range []float64{0, math.Nextafter(third[1], 1) - third[1], math.Nextafter(third[1], 0) - third[1]} {
		other := orb.Ring{{third[0], third[1] + d}, {0.2, 0.9}, {0.1, 0.9}, {third[0], third[1] + d}}
		if got, problem := repair.Valid(orb.MultiPolygon{{wedge}, {other}}); got != (d >= 0) {
			t.Errorf("corner %g above the edge: valid %v, %v", d, got, problem)
		}
	}
}

// TestArea compares with areas of geodesic polygons computed with GeographicLib (pyproj.Geod,
// WGS84), whose edges differ from straight ones little at this size.
func TestArea(t *testing.T) {
	tests := []struct {
		name string
		in   orb.MultiPolygon
		want float64
	}{
		{"hundredth of a degree in France", multi(orb.Ring{{2, 46}, {2.01, 46}, {2.01, 46.01}, {2, 46.01}, {2, 46}}), 860937.98},
		{"tenth of a degree in La Réunion", multi(orb.Ring{{55.4, -21}, {55.5, -21}, {55.5, -20.9}, {55.4, -20.9}, {55.4, -21}}), 115150558.44},
		{"triangle", multi(orb.Ring{{-61.7, 16}, {-61.699, 16.0002}, {-61.6995, 16.001}, {-61.7, 16}}), 5329.9220},
	}
	for _, tt := range tests {
		if got := repair.Area(tt.in); math.Abs(got/tt.want-1) > 2e-6 {
			t.Errorf("%s: %.3f m², geodesic %.3f m²", tt.name, got, tt.want)
		}
	}
	// The whole ellipsoid (NGA: 510,065,621.724 km²), in two halves with edges along the poles.
	half := func(west, east float64) orb.Polygon {
		return orb.Polygon{{{west, -90}, {east, -90}, {east, 90}, {west, 90}, {west, -90}}}
	}
	if got := repair.Area(orb.MultiPolygon{half(-180, 0), half(0, 180)}); math.Abs(got-510065621724078) > 1e6 {
		t.Errorf("ellipsoid %.0f m²", got)
	}
	if got := repair.Area(multi(rect(0, 0, 10, 10), rect(2, 2, 8, 8))); math.Abs(got/unit-64) > 0.05 {
		t.Errorf("a hole in either direction is subtracted: %v units", got/unit)
	}
	if got := repair.Area(orb.MultiPolygon{{}, {{}}, {{{2, 46}}}}); got != 0 {
		t.Errorf("area of nothing: %v", got)
	}
}

// TestTangled: data with countless crossings is refused before it takes memory and time.
func TestTangled(t *testing.T) {
	var scribble orb.Ring
	state := uint32(1)
	next := func() float64 {
		state = state*1664525 + 1013904223
		return float64(state>>8) / (1 << 24)
	}
	for range 20_000 {
		scribble = append(scribble, orb.Point{2 + next(), 46 + next()})
	}
	got, report := repair.MultiPolygon(orb.MultiPolygon{{scribble}, {rect(0, 0, 1, 1)}})
	if !report.Has(repair.TooTangled) || !reflect.DeepEqual(got, multi(rect(0, 0, 1, 1))) {
		t.Errorf("%d polygons, %v", len(got), report.Fixes)
	}
}

func TestEveryKindIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range repair.Kinds() {
		for _, s := range []string{k.FR(), k.EN()} {
			if s == string(k) || seen[s] || !strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q", k, s)
			}
			seen[s] = true
		}
		if strings.Contains(k.FR(), " :") || strings.Contains(k.FR(), "'") || !strings.Contains(k.FR(), "\u00a0:") {
			t.Errorf("%s: French typography of %q", k, k.FR())
		}
	}
}

func BenchmarkRepair(b *testing.B) {
	for _, n := range []int{100, 10000} {
		valid, crossed := wavy(n), wavy(n)
		for i := 10; i+1 < n; i += 50 {
			crossed[i], crossed[i+1] = crossed[i+1], crossed[i]
		}
		for name, r := range map[string]orb.Ring{"valid": valid, "crossed": crossed} {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) {
				for b.Loop() {
					repair.Polygon(orb.Polygon{r})
				}
			})
		}
	}
}

// wavy is a simple counter-clockwise ring of n positions, some 2 km across.
func wavy(n int) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := 0.01 * (1 + 0.3*math.Sin(7*a) + 0.05*math.Sin(41*a))
		r = append(r, orb.Point{2.3 + d*math.Cos(a), 48.8 + d*math.Sin(a)})
	}
	return append(r, r[0])
}
