package crs

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func drawPosition(t *rapid.T, name string) orb.Point {
	return orb.Point{
		rapid.Float64Range(-180, 180).Draw(t, name+" lon"),
		rapid.Float64Range(-90, 90).Draw(t, name+" lat"),
	}
}

func TestInverseIsAMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q, r := drawPosition(t, "p"), drawPosition(t, "q"), drawPosition(t, "r")
		pq, az := Inverse(p, q)
		qp, _ := Inverse(q, p)
		if !(math.Abs(pq-qp) < 1e-3) {
			t.Fatalf("%v → %v is %v m, back %v m", p, q, pq, qp)
		}
		if !(pq >= 0 && pq <= 20_003_932) || !(az >= 0 && az < 360) {
			t.Fatalf("%v → %v: %v m at %v°", p, q, pq, az)
		}
		pr, _ := Inverse(p, r)
		rq, _ := Inverse(r, q)
		if pq > pr+rq+1e-3 {
			t.Fatalf("%v → %v is %v m, but %v m through %v", p, q, pq, pr+rq, r)
		}
	})
}

func TestDirectUndoesInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-85, 85).Draw(t, "lat")}
		az := rapid.Float64Range(0, 359.9).Draw(t, "azimuth")
		d := rapid.Float64Range(1, 1e6).Draw(t, "distance")
		q := Direct(p, az, d)
		got, gotAz := Inverse(p, q)
		if !(math.Abs(got-d) < 1e-6) {
			t.Fatalf("%v at %v°, %v m: measured %v m", p, az, d, got)
		}
		if off := math.Abs(wrap(gotAz-az)) * degree * d; !(off < 1e-5) {
			t.Fatalf("%v at %v°, %v m: azimuth %v°", p, az, d, gotAz)
		}
	})
}

func TestAzimuthalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		center := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-85, 85).Draw(t, "lat")}
		x := rapid.Float64Range(-1e6, 1e6).Draw(t, "x")
		y := rapid.Float64Range(-1e6, 1e6).Draw(t, "y")
		a := NewAzimuthal(center)
		p := a.Inverse(x, y)
		x2, y2 := a.Forward(p)
		if !(math.Hypot(x2-x, y2-y) < 1e-5) {
			t.Fatalf("(%v, %v) around %v came back as (%v, %v)", x, y, center, x2, y2)
		}
		if d, _ := Inverse(center, p); !(math.Abs(d-math.Hypot(x, y)) < 1e-5) {
			t.Fatalf("distance to the centre %v, in the plane %v", d, math.Hypot(x, y))
		}
	})
}

func TestAzimuthalCenter(t *testing.T) {
	c := orb.Point{2.1, 48.3}
	a := NewAzimuthal(c)
	if x, y := a.Forward(c); x != 0 || y != 0 {
		t.Errorf("the centre is at (%v, %v)", x, y)
	}
	if p := a.Inverse(0, 0); p != c || a.Center() != c {
		t.Errorf("the origin is at %v, the centre %v", p, a.Center())
	}
	if x, y := a.Forward(orb.Point{2.1, 48.31}); math.Abs(x) > 1e-9 || y < 1111 || y > 1113 {
		t.Errorf("a point to the north is at (%v, %v)", x, y)
	}
	if x, y := a.Forward(orb.Point{2.11, 48.3}); x < 740 || x > 743 || math.Abs(y) > 0.1 {
		t.Errorf("a point to the east is at (%v, %v)", x, y)
	}
}

func FuzzInverse(f *testing.F) {
	f.Add(2.0, 48.0, 2.1, 48.1)
	f.Add(0.0, 0.0, 180.0, 0.0)
	f.Add(0.0, 0.5, 179.7, -0.5)
	f.Add(0.0, 90.0, 0.0, -90.0)
	f.Add(1e308, 1e308, -1e308, -1e308)
	f.Add(0.0, 0.0, 5e-324, 0.0)
	f.Fuzz(func(t *testing.T, x1, y1, x2, y2 float64) {
		d, az := Inverse(orb.Point{x1, y1}, orb.Point{x2, y2})
		for _, v := range []float64{x1, y1, x2, y2} {
			if math.IsNaN(v) || math.IsInf(v, 0) || math.IsInf(x2-x1, 0) {
				return
			}
		}
		if !(d >= 0 && d < 20_003_932) || !(az >= 0 && az < 360) {
			t.Fatalf("(%v %v) → (%v %v): %v m at %v°", x1, y1, x2, y2, d, az)
		}
	})
}
