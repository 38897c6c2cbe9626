package crs

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestLocalAgrees: Local says what the separate functions say, and its second
// derivatives are those of their first ones.
func TestLocalAgrees(t *testing.T) {
	frames := Frames()
	rapid.Check(t, func(t *rapid.T) {
		c := frames[rapid.IntRange(0, len(frames)-1).Draw(t, "frame")]
		area := c.Area()
		lon := rapid.Float64Range(area.Min[0], area.Max[0]).Draw(t, "lon")
		lat := rapid.Float64Range(area.Min[1], area.Max[1]).Draw(t, "lat")
		l := c.Local(lon, lat)
		x, y := c.FromWGS84(lon, lat)
		if math.Hypot(l.X-x, l.Y-y) > 1e-8 {
			t.Fatalf("%v: position %v %v, want %v %v", c, l.X, l.Y, x, y)
		}
		if k := c.Scale(lon, lat); math.Abs(l.Scale-k) > 1e-7*k {
			t.Fatalf("%v: scale %v, want %v", c, l.Scale, k)
		}
		dx, dy := c.ScaleGradient(x, y)
		if math.Hypot(l.DX-dx, l.DY-dy) > 1e-14 {
			t.Fatalf("%v: gradient %v %v, want %v %v", c, l.DX, l.DY, dx, dy)
		}
		const h = 2000
		ex, ey := c.ScaleGradient(x+h, y)
		wx, wy := c.ScaleGradient(x-h, y)
		nx, ny := c.ScaleGradient(x, y+h)
		sx, sy := c.ScaleGradient(x, y-h)
		curvature := math.Abs(l.DXX + l.DYY)
		for _, d := range [][2]float64{
			{l.DXX, (ex - wx) / (2 * h)}, {l.DXY, (ey - wy + nx - sx) / (4 * h)}, {l.DYY, (ny - sy) / (2 * h)},
		} {
			if math.Abs(d[0]-d[1]) > 0.01*curvature {
				t.Fatalf("%v at %v %v: second derivative %g, want %g", c, lon, lat, d[0], d[1])
			}
		}
	})
}

func TestLocalWithoutScale(t *testing.T) {
	for _, code := range []int{4326, 3857} {
		l := mustCode(t, code).Local(2, 48)
		x, y := mustCode(t, code).FromWGS84(2, 48)
		if l.X != x || l.Y != y || !math.IsNaN(l.Scale) || !math.IsNaN(l.DX) {
			t.Errorf("EPSG:%d: %+v", code, l)
		}
	}
}
