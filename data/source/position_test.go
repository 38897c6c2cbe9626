package source

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/geo/crs"
)

func byCode(t testing.TB, code int) *crs.CRS {
	t.Helper()
	c, ok := crs.ByCode(code)
	if !ok {
		t.Fatalf("EPSG:%d is unknown", code)
	}
	return &c
}

func near(a, b orb.Point) bool { return math.Abs(a[0]-b[0]) < 1e-5 && math.Abs(a[1]-b[1]) < 1e-5 }

func codesOf(problems []data.Problem) (codes []string) {
	for _, p := range problems {
		codes = append(codes, p.Code)
	}
	return codes
}

func TestLocateNamesWhatIsWrong(t *testing.T) {
	lonLat := crs.CRS84
	paris, reunion := orb.Point{2.35, 48.85}, orb.Point{55.5, -21.1}
	x93, y93 := byCode(t, 2154).FromWGS84(2.35, 48.85)
	xcc, ycc := byCode(t, 3949).FromWGS84(2.35, 48.85)
	xr, yr := byCode(t, 2975).FromWGS84(55.5, -21.1)
	for _, c := range []struct {
		name       string
		x, y       float64
		declared   *crs.CRS
		department string
		want       orb.Point
		code       string // of the only problem, empty for none
		unlocated  bool
	}{
		{"degrees", 2.35, 48.85, &lonLat, "75", paris, "", false},
		{"degrees, nothing declared", 2.35, 48.85, nil, "", paris, "", false},
		{"Lambert-93", x93, y93, byCode(t, 2154), "75", paris, "", false},
		{"zero", 0, 0, &lonLat, "75", orb.Point{}, CodeZeroCoordinates, true},
		{"zero metres", 0, 0, byCode(t, 2154), "75", orb.Point{}, CodeZeroCoordinates, true},
		{"not a number", math.NaN(), 48, &lonLat, "75", orb.Point{}, CodeBadCoordinates, true},
		{"exchanged degrees", 48.85, 2.35, &lonLat, "75", paris, CodeSwapped, false},
		{"exchanged degrees overseas", -21.1, 55.5, nil, "974", reunion, CodeSwapped, false},
		{"exchanged metres", y93, x93, byCode(t, 2154), "75", paris, CodeSwapped, false},
		{"exchanged metres, nothing declared", y93, x93, nil, "75", paris, CodeSwapped, false},
		{"outside France", -74, 40.7, &lonLat, "75", orb.Point{}, CodeOutsideFrance, true},
		{"metres where degrees are declared", x93, y93, &lonLat, "75", paris, CodeWrongCRS, false},
		{"degrees where metres are declared", 2.35, 48.85, byCode(t, 2154), "75", paris, CodeWrongCRS, false},
		{"Réunion declared as Lambert-93", xr, yr, byCode(t, 2154), "974", reunion, CodeWrongCRS, false},
		{"nine zones declared as Lambert-93", xcc, ycc, byCode(t, 2154), "75", paris, CodeWrongCRS, false},
		{"metres, nothing declared", x93, y93, nil, "75", paris, CodeCRSInferred, false},
		{"metres overseas, nothing declared", xr, yr, nil, "974", reunion, CodeCRSInferred, false},
		{"metres, nothing known", x93, y93, nil, "", paris, CodeCRSInferred, false},
		{"metres overseas, nothing known", xr, yr, nil, "", reunion, CodeCRSInferred, false},
		{"nine zones, nothing declared", xcc, ycc, nil, "", paris, CodeCRSInferred, false},
		{"extended Lambert II", 600_000, 1_800_000, nil, "34", orb.Point{}, CodeWrongCRS, true},
		{"nonsense metres", 5e6, 9e6, nil, "75", orb.Point{}, CodeWrongCRS, true},
		{"nonsense metres declared", 5e6, 9e6, byCode(t, 2154), "75", orb.Point{}, CodeWrongCRS, true},
		{"far from its département", 2.35, 48.85, &lonLat, "974", paris, CodeDepartmentMismatch, false},
		{"neighbouring département", 2.35, 48.85, &lonLat, "92", paris, "", false},
	} {
		p, located, problems := NewLocator(Options{}).Locate(c.x, c.y, c.declared, c.department)
		codes := codesOf(problems)
		if located == c.unlocated || located && !near(p, c.want) || c.code == "" && len(codes) > 0 || c.code != "" && (len(codes) != 1 || codes[0] != c.code) {
			t.Errorf("%s: %v located %v with %v, want %v with %q", c.name, p, located, codes, c.want, c.code)
		}
		for _, p := range problems {
			if p.Message.FR == "" || p.Message.EN == "" || p.Severity == data.SeverityError {
				t.Errorf("%s: %+v: a point in doubt is told in both languages and is no error", c.name, p)
			}
		}
	}
}

func TestLocateTextReadsDecimalCommas(t *testing.T) {
	l := NewLocator(Options{})
	for _, c := range [][2]string{{"2,35", "48,85"}, {" 2.35 ", "48.85"}, {"+2.35", "4.885e1"}} {
		if p, ok, problems := l.LocateText(c[0], c[1], nil, ""); !ok || !near(p, orb.Point{2.35, 48.85}) || len(problems) > 0 {
			t.Errorf("%q: %v %v %v", c, p, ok, problems)
		}
	}
	if p, ok, _ := l.LocateText("652 381,5", "6 861 640,2", byCode(t, 2154), ""); !ok || math.Abs(p[0]-2.35) > 0.01 {
		t.Errorf("grouped digits: %v %v", p, ok)
	}
	for _, c := range [][2]string{{"2.35", ""}, {"abc", "48.85"}, {"1e999", "48"}, {"NaN", "48"}} {
		if _, ok, problems := l.LocateText(c[0], c[1], nil, ""); ok || len(problems) != 1 || problems[0].Code != CodeBadCoordinates {
			t.Errorf("%q: located %v, %v", c, ok, problems)
		}
	}
	if _, ok, problems := l.LocateText("", "", nil, ""); ok || len(problems) > 0 {
		t.Errorf("no coordinates: located %v, %v", ok, problems)
	}
}

func TestLocatorSaysOnceWhatHoldsForTheFile(t *testing.T) {
	l := NewLocator(Options{})
	x, y := byCode(t, 2154).FromWGS84(2.35, 48.85)
	said := 0
	for i := range 10 {
		_, _, problems := l.Locate(x+float64(i), y, nil, "75")
		said += len(problems)
	}
	if said != 1 {
		t.Errorf("the inferred CRS is said %d times", said)
	}
}

func TestLabelRefusesUnknownByName(t *testing.T) {
	l := NewLocator(Options{})
	if c, problems := l.Label("EPSG:2154 RGF93 / Lambert-93 (Métropole)", data.SeverityError); c == nil || c.Code() != 2154 || len(problems) > 0 {
		t.Errorf("label of 2026: %v %v", c, problems)
	}
	for range 2 {
		c, problems := l.Label("LAMBERT_II_ETENDU_MARS", data.SeverityError)
		if c != nil || len(problems) != 1 || problems[0].Code != CodeUnknownCRS || problems[0].Value != "LAMBERT_II_ETENDU_MARS" {
			t.Errorf("unknown label: %v %+v", c, problems)
		}
	}
	if c, problems := l.Label("", data.SeverityError); c != nil || len(problems) > 0 {
		t.Errorf("no label: %v %v", c, problems)
	}
	forced := NewLocator(Options{CRS: byCode(t, 2975)})
	if c, problems := forced.Label("anything", data.SeverityError); c == nil || c.Code() != 2975 || len(problems) > 0 {
		t.Errorf("override: %v %v", c, problems)
	}
}

// Without département nor CRS, metres on land are of one projection only, but in a few territories.
func TestLocateInfersTheProjectionOfLand(t *testing.T) {
	for code, box := range departmentExtents {
		legal, ok := crs.LegalForDepartment(code)
		// Guyane and New Caledonia share their ranges of values, as do the zones of Polynesia.
		if !ok || code == "973" || code == "986" || code == "987" || code == "988" {
			continue
		}
		want := box.Center()
		x, y := legal.FromWGS84(want[0], want[1])
		p, located, problems := NewLocator(Options{}).Locate(x, y, nil, "")
		if !located || !near(p, want) || len(problems) != 1 || problems[0].Code != CodeCRSInferred {
			t.Errorf("%s: %v located %v, %+v; want %v", code, p, located, problems, want)
		}
	}
	tahiti, c := orb.Point{-149.57, -17.54}, byCode(t, 3297)
	x, y := c.FromWGS84(tahiti[0], tahiti[1])
	if p, located, _ := NewLocator(Options{}).Locate(x, y, nil, "987"); !located || !near(p, tahiti) {
		t.Errorf("Tahiti: %v located %v", p, located)
	}
	if _, located, problems := NewLocator(Options{}).Locate(x, y, nil, ""); located || problems[0].Code != CodeWrongCRS {
		t.Errorf("Tahiti without its département is a guess: located %v", located)
	}
}

// A point of a territory is found again from its legal projection, declared or not,
// in either order.
func TestLocateFindsPointsAgain(t *testing.T) {
	territories := map[string]orb.Bound{
		"01": departmentExtents["01"], "2A": departmentExtents["2A"], "59": departmentExtents["59"], "29": departmentExtents["29"],
		"971": departmentExtents["971"], "972": departmentExtents["972"], "973": departmentExtents["973"],
		"974": departmentExtents["974"], "975": departmentExtents["975"], "976": departmentExtents["976"], "988": departmentExtents["988"],
	}
	rapid.Check(t, func(t *rapid.T) {
		department := rapid.SampledFrom([]string{"01", "2A", "59", "29", "971", "972", "973", "974", "975", "976", "988"}).Draw(t, "département")
		box := territories[department]
		want := orb.Point{
			rapid.Float64Range(box.Min[0], box.Max[0]).Draw(t, "lon"), rapid.Float64Range(box.Min[1], box.Max[1]).Draw(t, "lat"),
		}
		legal, ok := crs.LegalForDepartment(department)
		if !ok {
			t.Fatal("no legal projection")
		}
		x, y := legal.FromWGS84(want[0], want[1])
		declared := &legal
		if rapid.Bool().Draw(t, "undeclared") {
			declared = nil
		}
		// In Guyane and New Caledonia eastings and northings have the same range: an
		// exchange can't always be told.
		if department != "973" && department != "988" && rapid.Bool().Draw(t, "swapped") {
			x, y = y, x
		}
		p, located, problems := NewLocator(Options{}).Locate(x, y, declared, department)
		if !located || !near(p, want) {
			t.Fatalf("%v %v %v", p, located, problems)
		}
	})
}

func TestLocatePolygons(t *testing.T) {
	l93 := byCode(t, 2154)
	square := func(f func(lon, lat float64) orb.Point) orb.MultiPolygon {
		return orb.MultiPolygon{{{f(2, 48), f(2.1, 48), f(2.1, 48.1), f(2, 48)}}}
	}
	want := square(func(lon, lat float64) orb.Point { return orb.Point{lon, lat} })
	project := func(lon, lat float64) orb.Point { x, y := l93.FromWGS84(lon, lat); return orb.Point{x, y} }
	lonLat := crs.CRS84
	for _, c := range []struct {
		name     string
		polygons orb.MultiPolygon
		declared *crs.CRS
		code     string
	}{
		{"degrees", square(func(lon, lat float64) orb.Point { return orb.Point{lon, lat} }), &lonLat, ""},
		{"exchanged", square(func(lon, lat float64) orb.Point { return orb.Point{lat, lon} }), &lonLat, CodeSwapped},
		{"projected", square(project), l93, ""},
		{"projected, undeclared", square(project), nil, CodeCRSInferred},
		{"projected, declared as degrees", square(project), &lonLat, CodeWrongCRS},
	} {
		located, problems := NewLocator(Options{}).LocatePolygons(c.polygons, c.declared, "")
		codes := codesOf(problems)
		if !located || c.code == "" && len(codes) > 0 || c.code != "" && (len(codes) != 1 || codes[0] != c.code) {
			t.Errorf("%s: located %v, %v", c.name, located, codes)
		}
		for i, v := range c.polygons[0][0] {
			if !near(v, want[0][0][i]) {
				t.Errorf("%s: vertex %v, want %v", c.name, v, want[0][0][i])
			}
		}
	}
	for name, bad := range map[string]orb.MultiPolygon{
		"outside France": {{{{-74, 40}, {-73, 40}, {-73, 41}, {-74, 40}}}},
		"not finite":     {{{{2, 48}, {math.Inf(1), 48}, {2, 49}, {2, 48}}}},
	} {
		located, problems := NewLocator(Options{}).LocatePolygons(bad, &lonLat, "")
		if located || len(problems) == 0 || problems[len(problems)-1].Severity != data.SeverityError {
			t.Errorf("%s: located %v, %+v", name, located, problems)
		}
	}
}

func BenchmarkLocate(b *testing.B) {
	l, lonLat := NewLocator(Options{}), crs.CRS84
	b.ReportAllocs()
	for b.Loop() {
		l.Locate(2.35, 48.85, &lonLat, "75")
	}
}
