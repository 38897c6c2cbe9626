package repair_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"vigie/geo/repair"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

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

// near tells whether p is within d degrees of an edge.
func near(p orb.Point, mp orb.MultiPolygon, d float64) bool {
	for _, poly := range mp {
		for _, r := range poly {
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
	}
	return false
}

// drawn is a multipolygon on a lattice of 1e-3 degree, with every kind of fault.
func drawn() *rapid.Generator[orb.MultiPolygon] {
	return rapid.Custom(func(t *rapid.T) orb.MultiPolygon {
		span := rapid.SampledFrom([]int{3, 8, 30}).Draw(t, "span")
		c := rapid.IntRange(0, span)
		mp := make(orb.MultiPolygon, rapid.IntRange(0, 3).Draw(t, "polygons"))
		for i := range mp {
			for range rapid.IntRange(0, 3).Draw(t, "rings") {
				var r orb.Ring
				for range rapid.IntRange(0, 8).Draw(t, "n") {
					r = append(r, at(float64(c.Draw(t, "x")), float64(c.Draw(t, "y"))))
				}
				if len(r) > 0 && rapid.Bool().Draw(t, "close") {
					r = append(r, r[0])
				}
				mp[i] = append(mp[i], r)
			}
		}
		return mp
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// mustBeRepaired checks what holds for every repair.
func mustBeRepaired(t fataler, in, out orb.MultiPolygon, report repair.Report) {
	t.Helper()
	if ok, problem := repair.Valid(out); !ok {
		t.Fatalf("not valid: %v\nin  %v\nout %v", problem, in, out)
	}
	if out == nil || len(out) == 0 && !report.Has(repair.ZeroArea) && !report.Has(repair.TooTangled) {
		t.Fatalf("%v became %v without a reason: %v", in, out, report.Fixes)
	}
	if valid, problem := repair.Valid(in); valid != report.Valid() {
		t.Fatalf("Valid says %v (%v), report %v of %v", valid, problem, report.Fixes, in)
	}
	again, second := repair.MultiPolygon(out)
	if len(out) > 0 && (!reflect.DeepEqual(again, out) || len(second.Fixes) > 0 || math.Abs(second.Change()) > 1e-3) {
		t.Fatalf("repairing again changes %v\nto %v\n%+v", out, again, second)
	}
}

// TestRepairKeepsGround samples positions: covered afterwards are those that an odd number of
// rings of some polygon enclose.
func TestRepairKeepsGround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn().Draw(t, "in")
		given := clone(in)
		out, report := repair.MultiPolygon(in)
		if !sameBits(in, given) {
			t.Fatalf("input was modified")
		}
		mustBeRepaired(t, in, out, report)
		random := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			p := orb.Point{2 + random.Float64()*0.03, 46 + random.Float64()*0.03}
			if near(p, in, 1e-8) {
				continue
			}
			if want := covers(in, p); covers(out, p) != want {
				t.Fatalf("%v: covered %v before, %v after\nin  %v\nout %v", p, want, !want, in, out)
			}
		}
	})
}

// TestValidityIsInvariant: starts and directions of rings and the order of holes and polygons
// do not matter.
func TestValidityIsInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn().Draw(t, "in")
		want, problem := repair.Valid(in)
		other := rapid.Permutation(clone(in)).Draw(t, "polygons")
		for i, p := range other {
			for j, r := range p {
				if n := len(r) - 1; n > 1 && r[0] == r[n] {
					k := rapid.IntRange(0, n-1).Draw(t, "start")
					p[j] = append(slices.Clone(r[k:n]), r[:k+1]...)
				}
				if rapid.Bool().Draw(t, "reverse") {
					slices.Reverse(p[j])
				}
			}
			if len(p) > 2 {
				other[i] = append(orb.Polygon{p[0]}, rapid.Permutation(p[1:]).Draw(t, "holes")...)
			}
		}
		if got, otherProblem := repair.Valid(other); got != want {
			t.Fatalf("%v (%v), rearranged %v (%v)", want, problem, got, otherProblem)
		}
	})
}

// multiPolygonOf reads a multipolygon from bytes: small steps, or any doubles; 0xff ends a ring,
// 0xfe a polygon.
func multiPolygonOf(data []byte) orb.MultiPolygon {
	if len(data) == 0 {
		return nil
	}
	raw := data[0]%2 == 1
	data = data[1:]
	mp := orb.MultiPolygon{{nil}}
	size := 2
	if raw {
		size = 17
	}
	for ; len(data) >= size; data = data[size:] {
		p := &mp[len(mp)-1]
		switch data[0] {
		case 0xff:
			*p = append(*p, nil)
			continue
		case 0xfe:
			mp = append(mp, orb.Polygon{nil})
			continue
		}
		at := orb.Point{2 + float64(data[0])/1e3, 46 + float64(data[1])/1e3}
		if raw {
			at = orb.Point{
				math.Float64frombits(binary.LittleEndian.Uint64(data[1:])),
				math.Float64frombits(binary.LittleEndian.Uint64(data[9:])),
			}
		}
		r := &(*p)[len(*p)-1]
		*r = append(*r, at)
	}
	return mp
}

func FuzzRepair(f *testing.F) {
	f.Add([]byte{0, 0, 0, 10, 10, 10, 0, 0, 10, 0, 0})
	f.Add([]byte{0, 0, 0, 9, 0, 9, 9, 0, 9, 0, 0, 0xff, 0, 3, 0, 6, 0, 6, 3, 0xfe, 0, 3, 3, 6, 6, 3, 6})
	f.Add(append([]byte{1}, make([]byte, 68)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1024 {
			return // time goes with the square of the crossings
		}
		in := multiPolygonOf(data)
		out, report := repair.MultiPolygon(in)
		mustBeRepaired(t, in, out, report)
	})
}
