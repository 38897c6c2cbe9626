package crs

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestGeocentric(t *testing.T) {
	for p, want := range map[orb.Point][3]float64{
		{0, 0}:   {6378137, 0, 0},
		{90, 0}:  {0, 6378137, 0},
		{0, 90}:  {0, 0, 6356752.314245},
		{180, 0}: {-6378137, 0, 0},
	} {
		x, y, z := Geocentric(p)
		if math.Hypot(math.Hypot(x-want[0], y-want[1]), z-want[2]) > 1e-5 {
			t.Errorf("%v: %v %v %v, want %v", p, x, y, z, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-89, 89).Draw(t, "lat")}
		azimuth := rapid.Float64Range(0, 360).Draw(t, "azimuth")
		d := rapid.Float64Range(1, 20_000).Draw(t, "distance")
		q := Direct(p, azimuth, d)
		px, py, pz := Geocentric(p)
		qx, qy, qz := Geocentric(q)
		chord := math.Hypot(math.Hypot(px-qx, py-qy), pz-qz)
		if chord > d+1e-6 || chord < d*(1-1e-6)-1e-6 {
			t.Fatalf("chord %v of a geodesic of %v", chord, d)
		}
	})
}
