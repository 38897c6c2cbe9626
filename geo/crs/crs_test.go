package crs

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func drawCRS(t *rapid.T, keep func(CRS) bool) CRS {
	all := slices.DeleteFunc(All(), func(c CRS) bool { return !keep(c) })
	return rapid.SampledFrom(all).Draw(t, "crs")
}

func drawPoint(t *rapid.T, b orb.Bound) (lon, lat float64) {
	return rapid.Float64Range(b.Min[0], b.Max[0]).Draw(t, "lon"), rapid.Float64Range(b.Min[1], b.Max[1]).Draw(t, "lat")
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCRS(t, func(CRS) bool { return true })
		lon, lat := drawPoint(t, inhabited(c))
		x, y := c.FromWGS84(lon, lat)
		if !c.Plausible(x, y) {
			t.Fatalf("%v: (%v, %v), from its area of use, is not plausible", c, x, y)
		}
		lon2, lat2 := c.ToWGS84(x, y)
		if d := metresBetween(lon, lat, lon2, lat2); !(d < 1e-6) {
			t.Fatalf("%v: %v, %v came back as %v, %v: %.3g m away", c, lon, lat, lon2, lat2, d)
		}
	})
}

// The scale factor is what short geodesics measure, in whatever direction.
func TestScaleIsPlaneOverEllipsoid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCRS(t, CRS.Conformal)
		lon, lat := drawPoint(t, inhabited(c))
		az := rapid.Float64Range(0, 360).Draw(t, "azimuth")
		const length = 200
		from, to := Direct(orb.Point{lon, lat}, az+180, length/2), Direct(orb.Point{lon, lat}, az, length/2)
		x1, y1 := c.FromWGS84(from[0], from[1])
		x2, y2 := c.FromWGS84(to[0], to[1])
		measured := math.Hypot(x2-x1, y2-y1) / length
		margin := 2e-9 // of the measure itself
		if c.definition().shift != nil {
			margin = 1e-7
		}
		if k := c.Scale(lon, lat); !(math.Abs(k-measured) < margin) {
			t.Fatalf("%v at %v, %v: scale %.10f, measured %.10f", c, lon, lat, k, measured)
		}
	})
}

func TestScaleGradientIsDerivative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCRS(t, CRS.Conformal)
		lon, lat := drawPoint(t, inhabited(c))
		x, y := c.FromWGS84(lon, lat)
		const step = 2000 // metres
		logScale := func(x, y float64) float64 {
			lon, lat := c.ToWGS84(x, y)
			return math.Log(c.Scale(lon, lat))
		}
		wantX := (logScale(x+step, y) - logScale(x-step, y)) / (2 * step)
		wantY := (logScale(x, y+step) - logScale(x, y-step)) / (2 * step)
		dx, dy := c.ScaleGradient(x, y)
		// 1e-13 per metre of 1e-8: the finite difference is no better.
		if d := math.Hypot(dx-wantX, dy-wantY); !(d < 2e-13) {
			t.Fatalf("%v at %v, %v: gradient (%.6g, %.6g), numerically (%.6g, %.6g)", c, lon, lat, dx, dy, wantX, wantY)
		}
	})
}

func TestScaleKnownValues(t *testing.T) {
	for _, tc := range []struct {
		code          int
		lon, lat      float64
		scale, margin float64
	}{
		{2154, 3, 44, 1, 1e-12}, // standard parallels
		{2154, -4, 49, 1, 1e-12},
		{2154, 2.35, 48.85, 0.9998878, 1e-7}, // proj -V
		{32631, 3, 45, 0.9996, 1e-12},        // central meridian
		{2975, 57, -21, 0.9996, 1e-12},
		{3163, 165, -22 - 1./3, 1, 1e-12},
		{3946, 4, 45.25, 1, 1e-12},
	} {
		if k := mustCode(t, tc.code).Scale(tc.lon, tc.lat); !(math.Abs(k-tc.scale) <= tc.margin) {
			t.Errorf("EPSG:%d at %v, %v: scale %v, want %v", tc.code, tc.lon, tc.lat, k, tc.scale)
		}
	}
	for _, code := range []int{3857, 4326, 4171} {
		c := mustCode(t, code)
		dx, dy := c.ScaleGradient(0, 0)
		if c.Conformal() || !math.IsNaN(c.Scale(2, 48)) || !math.IsNaN(dx) || !math.IsNaN(dy) {
			t.Errorf("EPSG:%d has a scale factor although it is not conformal", code)
		}
	}
}

func TestIdentity(t *testing.T) {
	if (CRS{}) != CRS84 || CRS84.Code() != 0 || CRS84.LatLon() || !CRS84.Geographic() || CRS84.String() != "OGC:CRS84" ||
		CRS84.URI() != "http://www.opengis.net/def/crs/OGC/1.3/CRS84" {
		t.Error("CRS84 must be the zero CRS, longitude first, under its OGC name")
	}
	wgs84 := mustCode(t, 4326)
	if wgs84 == CRS84 || !wgs84.LatLon() || wgs84.URI() != "http://www.opengis.net/def/crs/EPSG/0/4326" {
		t.Error("EPSG:4326 is not CRS84: its authority puts the latitude first")
	}
	lambert93 := mustCode(t, 2154)
	if lambert93.LatLon() || lambert93.Geographic() || lambert93.Name() != "RGF93 v1 / Lambert-93" {
		t.Error("EPSG:2154 is Lambert-93, projected, easting first")
	}
	for _, code := range []int{0, -1, 84, 27572, 2153, 999999} {
		if c, ok := ByCode(code); ok {
			t.Errorf("ByCode(%d) = %v", code, c)
		}
	}
	for _, code := range []int{
		4326, 3857, 2154, 3942, 3943, 3944, 3945, 3946, 3947, 3948, 3949, 3950, 5490, 32620, 32621, 32622, 2972, 2975,
		4471, 4467, 3296, 3297, 3298, 3299, 32705, 32706, 32707, 8903, 32701, 3163, 4258, 4171,
	} {
		mustCode(t, code)
	}
}

func TestTableIsSound(t *testing.T) {
	seen := map[int]bool{}
	names := map[string]string{}
	for _, c := range All() {
		d := c.definition()
		if seen[d.code] {
			t.Errorf("EPSG:%d appears twice", d.code)
		}
		seen[d.code] = true
		if datumByName(d.datum) == nil {
			t.Errorf("%v: unknown datum %s", c, d.datum)
		}
		if b := d.area; !(b.Min[0] < b.Max[0] && b.Min[1] < b.Max[1]) {
			t.Errorf("%v: empty area of use %v", c, b)
		}
		if p := d.plane; !(p.Min[0] < p.Max[0] && p.Min[1] < p.Max[1]) {
			t.Errorf("%v: empty plane %v", c, p)
		}
		for _, n := range append([]string{fold(d.name)}, d.aliases...) {
			if other, ok := names[n]; ok && other != c.String() {
				t.Errorf("%s names both %s and %v", n, other, c)
			}
			if fold(n) != n {
				t.Errorf("%v: alias %q is not folded", c, n)
			}
			names[n] = c.String()
		}
	}
	for _, d := range datums {
		if _, ok := ByCode(d.geographic); d.geographic != 0 && !ok {
			t.Errorf("datum %s: EPSG:%d is not known", d.key, d.geographic)
		}
	}
}

func TestPlausible(t *testing.T) {
	for _, tc := range []struct {
		code int
		x, y float64
		want bool
	}{
		{2154, 652_000, 6_862_000, true},
		{2154, 6_862_000, 652_000, false}, // swapped
		{2154, 2.35, 48.85, false},        // degrees
		{2154, 0, 0, false},
		{2154, math.NaN(), 6_862_000, false},
		{2154, math.Inf(1), 6_862_000, false},
		{2975, 652_000, 6_862_000, false}, // Paris in Réunion's plane
		{2975, 338_000, 7_688_000, true},
		{4471, 524_237.7, 8_586_715.2, true},
		{4326, 2.35, 48.85, true},
		{4326, 652_000, 6_862_000, false},
		{4326, 2, 91, false},
		{4171, 48.85, 2.35, false}, // swapped
	} {
		if got := mustCode(t, tc.code).Plausible(tc.x, tc.y); got != tc.want {
			t.Errorf("EPSG:%d: Plausible(%v, %v) = %v", tc.code, tc.x, tc.y, got)
		}
	}
}

func TestOutOfRangeNeverPanics(t *testing.T) {
	for _, c := range All() {
		for _, v := range []float64{0, 90, -90, 180, -180, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, w := range []float64{0, 90, -90, 1e300, math.NaN(), math.Inf(1)} {
				x, y := c.FromWGS84(v, w)
				if math.IsNaN(x+y) && c.Plausible(x, y) {
					t.Errorf("%v: a NaN is plausible", c)
				}
				c.ToWGS84(v, w)
				c.Scale(v, w)
				c.ScaleGradient(v, w)
			}
		}
	}
}

// A longitude written 0…360 or beyond the antimeridian is the same place.
func TestLongitudesWrap(t *testing.T) {
	c := mustCode(t, 8903)
	x1, y1 := c.FromWGS84(-178.1, -14.3)
	x2, y2 := c.FromWGS84(181.9, -14.3)
	if math.Hypot(x2-x1, y2-y1) > 1e-6 {
		t.Errorf("longitude 181.9 gave (%v, %v), -178.1 gave (%v, %v)", x2, y2, x1, y1)
	}
}

func TestLegal(t *testing.T) {
	for _, tc := range []struct {
		place    string
		lon, lat float64
		code     int // 0: outside
	}{
		{"Paris", 2.35, 48.86, 2154},
		{"Ouessant", -5.09, 48.46, 2154},
		{"Bonifacio", 9.16, 41.39, 2154},
		{"Dunkerque", 2.38, 51.04, 2154},
		{"Lauterbourg", 8.18, 48.97, 2154},
		{"Pointe-à-Pitre", -61.53, 16.24, 5490},
		{"Fort-de-France", -61.07, 14.6, 5490},
		{"Marigot", -63.08, 18.07, 5490},
		{"Gustavia", -62.85, 17.9, 5490},
		{"Cayenne", -52.33, 4.94, 2972},
		{"Saint-Laurent-du-Maroni", -54.03, 5.5, 2972},
		{"Saint-Denis", 55.45, -20.88, 2975},
		{"Mamoudzou", 45.23, -12.78, 4471},
		{"Miquelon", -56.38, 47.1, 4467},
		{"Papeete", -149.57, -17.54, 3297},
		{"Uturoa", -151.44, -16.73, 3296},
		{"Nuku Hiva", -140.1, -8.9, 3298},
		{"Rikitea", -134.97, -23.12, 3299},
		{"Mata-Utu", -176.17, -13.28, 8903},
		{"Leava", -178.16, -14.3, 8903},
		{"Nouméa", 166.45, -22.27, 3163},
		{"Wé", 167.26, -20.92, 3163},
		{"London", -0.12, 51.5, 0},
		{"Milan", 9.19, 45.46, 0},
		{"Barcelona", 2.17, 41.38, 0},
		{"null island", 0, 0, 0},
		{"Paris, swapped", 48.86, 2.35, 0},
		{"Saint Helena", -5.7, -15.9, 0},
		{"Port Louis", 57.5, -20.16, 0},
	} {
		c, ok := Legal(tc.lon, tc.lat)
		if ok != (tc.code != 0) || c.Code() != tc.code {
			t.Errorf("%s: Legal = %v, %v; want EPSG:%d", tc.place, c, ok, tc.code)
		}
		if ok {
			if x, y := c.FromWGS84(tc.lon, tc.lat); !c.Plausible(x, y) || !slices.Contains(Frames(), c) {
				t.Errorf("%s: not plausible in its legal projection, or that is no frame", tc.place)
			}
		}
	}
	if _, ok := Legal(math.NaN(), 48); ok {
		t.Error("NaN has no legal projection")
	}
}

func TestLegalForDepartment(t *testing.T) {
	for code, want := range map[string]int{
		"01": 2154, "19": 2154, "2A": 2154, "2b": 2154, "75": 2154, "95": 2154,
		"971": 5490, "972": 5490, "973": 2972, "974": 2975, "975": 4467, "976": 4471,
		"977": 5490, "978": 5490, "986": 8903, "987": 3297, "988": 3163,
		"00": 0, "20": 0, "96": 0, "97": 0, "984": 0, "989": 0, "": 0, "1": 0, "2C": 0, "9A": 0, "0A": 0, "001": 0,
	} {
		if c, ok := LegalForDepartment(code); ok != (want != 0) || c.Code() != want {
			t.Errorf("LegalForDepartment(%q) = %v, %v; want EPSG:%d", code, c, ok, want)
		}
	}
}

func TestFrames(t *testing.T) {
	var codes []int
	for _, c := range Frames() {
		codes = append(codes, c.Code())
		if !c.Conformal() {
			t.Errorf("%v is a frame but is not conformal", c)
		}
	}
	slices.Sort(codes)
	want := []int{2154, 2972, 2975, 3163, 3296, 3297, 3298, 3299, 4467, 4471, 5490, 8903}
	if !slices.Equal(codes, want) {
		t.Errorf("Frames() = %v, want %v", codes, want)
	}
}
