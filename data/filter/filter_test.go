package filter_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/filter"
	"vigie/geo/crs"
)

var schema = &data.Schema{Layer: data.LayerSites, Columns: []data.Column{
	{Name: "name"}, {Name: "kind"}, {Name: "capacity", Type: data.TypeInteger}, {Name: "share", Type: data.TypeNumber},
	{Name: "in_zone", Type: data.TypeBoolean}, {Name: "opened_on"}, {Name: "closed_on"},
}}

var dates = []string{"opened_on", "closed_on"}

// home is at the middle of the tests; nowhere has neither position nor anything known.
var (
	home = &data.Feature{ID: "A", Geometry: orb.Point{2.6, 46.4}, Values: []data.Value{
		data.String("Foyer de l’Étang"), data.String("mecs"), data.Integer(12), data.Number(0.25),
		data.Boolean(true), data.String("2010-09-01"), data.String("2020-06-30"),
	}}
	nowhere = &data.Feature{ID: "B", Values: make([]data.Value, len(schema.Columns))}
)

func keeps(t *testing.T, e *filter.Expr, f *data.Feature) bool {
	t.Helper()
	keep, err := filter.Compile(e, schema, dates, crs.CRS84)
	if err != nil {
		t.Fatal(err)
	}
	return kept(t, keep, f)
}

func kept(t interface{ Fatal(...any) }, keep filter.Predicate, f *data.Feature) bool {
	ok, err := keep(f)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// Each pair says the same in text and in JSON, and answers want for home.
var conditions = []struct {
	text, json string
	want       bool
}{
	{`name = 'Foyer de l’Étang'`, `{"op":"=","args":[{"property":"name"},"Foyer de l’Étang"]}`, true},
	{`"name" <> 'x'`, `{"op":"<>","args":[{"property":"name"},"x"]}`, true},
	{`capacity >= 12 AND capacity < 13`, `{"op":"and","args":[{"op":">=","args":[{"property":"capacity"},12]},{"op":"<","args":[{"property":"capacity"},13]}]}`, true},
	{`12 = capacity`, `{"op":"=","args":[12,{"property":"capacity"}]}`, true},
	{`share > capacity`, `{"op":">","args":[{"property":"share"},{"property":"capacity"}]}`, false},
	{`capacity > 20 OR share <= 2.5e-1`, `{"op":"or","args":[{"op":">","args":[{"property":"capacity"},20]},{"op":"<=","args":[{"property":"share"},0.25]}]}`, true},
	{`NOT in_zone = TRUE`, `{"op":"not","args":[{"op":"=","args":[{"property":"in_zone"},true]}]}`, false},
	{`in_zone`, `{"property":"in_zone"}`, true},
	{`not (kind = 'mecs' and (capacity = 1 or capacity = 12))`, `{"op":"not","args":[{"op":"and","args":[{"op":"=","args":[{"property":"kind"},"mecs"]},{"op":"or","args":[{"op":"=","args":[{"property":"capacity"},1]},{"op":"=","args":[{"property":"capacity"},12]}]}]}]}`, false},
	{`closed_on IS NOT NULL`, `{"op":"not","args":[{"op":"isNull","args":[{"property":"closed_on"}]}]}`, true},
	{`geometry IS NULL`, `{"op":"isNull","args":[{"property":"geometry"}]}`, false},
	{`name LIKE 'Foyer%_tang'`, `{"op":"like","args":[{"property":"name"},"Foyer%_tang"]}`, true},
	{`name NOT LIKE '%\%%'`, `{"op":"not","args":[{"op":"like","args":[{"property":"name"},"%\\%%"]}]}`, true},
	{`CASEI(name) LIKE casei('FOYER DE%')`, `{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["FOYER DE%"]}]}`, true},
	{`accenti(casei(name)) = accenti(casei('foyer de l’etang'))`, `{"op":"=","args":[{"op":"accenti","args":[{"op":"casei","args":[{"property":"name"}]}]},{"op":"accenti","args":[{"op":"casei","args":["foyer de l’etang"]}]}]}`, true},
	{`capacity BETWEEN 10 AND 12 AND in_zone`, `{"op":"and","args":[{"op":"between","args":[{"property":"capacity"},10,12]},{"property":"in_zone"}]}`, true},
	{`capacity NOT BETWEEN 1 AND 5`, `{"op":"not","args":[{"op":"between","args":[{"property":"capacity"},1,5]}]}`, true},
	{`kind IN ('a','mecs')`, `{"op":"in","args":[{"property":"kind"},["a","mecs"]]}`, true},
	{`kind not in ('a','b')`, `{"op":"not","args":[{"op":"in","args":[{"property":"kind"},["a","b"]]}]}`, true},
	{`opened_on < DATE('2011-01-01')`, `{"op":"<","args":[{"property":"opened_on"},{"date":"2011-01-01"}]}`, true},
	{`opened_on = '2010-09-01'`, `{"op":"=","args":[{"property":"opened_on"},"2010-09-01"]}`, true},
	{`opened_on between '2010-01-01' and '2010-12-31'`, `{"op":"between","args":[{"property":"opened_on"},{"date":"2010-01-01"},{"date":"2010-12-31"}]}`, true},
	{`T_BEFORE(opened_on, TIMESTAMP('2010-09-01T00:00:01Z'))`, `{"op":"t_before","args":[{"property":"opened_on"},{"timestamp":"2010-09-01T00:00:01Z"}]}`, true},
	{`t_after(closed_on, DATE('2020-06-30'))`, `{"op":"t_after","args":[{"property":"closed_on"},{"date":"2020-06-30"}]}`, false},
	{`T_DURING(opened_on, INTERVAL('2010-01-01','..'))`, `{"op":"t_during","args":[{"property":"opened_on"},{"interval":["2010-01-01",".."]}]}`, true},
	{`T_INTERSECTS(INTERVAL(opened_on, closed_on), INTERVAL('2020-06-30','2021-01-01'))`, `{"op":"t_intersects","args":[{"interval":[{"property":"opened_on"},{"property":"closed_on"}]},{"interval":["2020-06-30","2021-01-01"]}]}`, true},
	{`T_MEETS(INTERVAL(opened_on, closed_on), INTERVAL('2020-06-30','2021-01-01'))`, `{"op":"t_meets","args":[{"interval":[{"property":"opened_on"},{"property":"closed_on"}]},{"interval":["2020-06-30","2021-01-01"]}]}`, true},
	{`S_INTERSECTS(geometry, POINT(2.6 46.4))`, `{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[2.6,46.4]}]}`, true},
	{`s_intersects(geometry, BBOX(2.5, 46, 2.7, 47))`, `{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[2.5,46,2.7,47]}]}`, true},
	{`S_INTERSECTS(BBOX(170,-20,0,-170,60,9), geometry)`, `{"op":"s_intersects","args":[{"bbox":[170,-20,0,-170,60,9]},{"property":"geometry"}]}`, false},
	{`S_WITHIN(geometry, POLYGON((2 46, 3 46, 3 47, 2 47, 2 46), (2.9 46.9, 2.95 46.9, 2.95 46.95, 2.9 46.9)))`, `{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[2,46],[3,46],[3,47],[2,47],[2,46]],[[2.9,46.9],[2.95,46.9],[2.95,46.95],[2.9,46.9]]]}]}`, true},
	{`S_CONTAINS(geometry, MULTIPOLYGON(((2 46, 3 46, 3 47, 2 46)))) OR S_TOUCHES(geometry, LINESTRING Z (2.6 46.4 1, 3 47 1))`, `{"op":"or","args":[{"op":"s_contains","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[2,46],[3,46],[3,47],[2,46]]]]}]},{"op":"s_touches","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[2.6,46.4],[3,47]]}]}]}`, true},
	{`S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(0 0), MULTIPOINT((1 1), (2 2))))`, `{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[0,0]},{"type":"MultiPoint","coordinates":[[1,1],[2,2]]}]}]}`, true},
	{`FALSE`, `false`, false},
}

// Text and JSON are two spellings of the same thing.
func TestConditions(t *testing.T) {
	for _, tt := range conditions {
		for encoding, parse := range map[string]func() (*filter.Expr, error){
			"text": func() (*filter.Expr, error) { return filter.ParseText(tt.text) },
			"JSON": func() (*filter.Expr, error) { return filter.ParseJSON(tt.json) },
		} {
			e, err := parse()
			if err != nil {
				t.Errorf("%s %s: %v", encoding, tt.text, err)
				continue
			}
			if got := keeps(t, e, home); got != tt.want {
				t.Errorf("%s %s: %t, want %t", encoding, tt.text, got, tt.want)
			}
		}
	}
}

// What is unknown is neither kept by a condition nor by its contrary, but by IS NULL.
func TestUnknown(t *testing.T) {
	for _, text := range []string{
		`capacity > 1`, `name = 'x'`, `name LIKE '%'`, `capacity BETWEEN 1 AND 2`, `kind IN ('a')`, `in_zone`, `in_zone = FALSE`,
		`opened_on > DATE('1900-01-01')`, `T_DISJOINT(opened_on, DATE('1900-01-01'))`, `S_INTERSECTS(geometry, POINT(0 0))`, `S_DISJOINT(geometry, POINT(0 0))`,
		`casei(name) = casei('x')`, `capacity > 1 AND TRUE`, `capacity > 1 OR FALSE`,
	} {
		for _, written := range []string{text, "NOT (" + text + ")"} {
			e, err := filter.ParseText(written)
			if err != nil {
				t.Fatal(err)
			}
			if keeps(t, e, nowhere) {
				t.Errorf("%s keeps a feature of which nothing is known", written)
			}
		}
	}
	for _, text := range []string{`capacity IS NULL`, `geometry IS NULL`, `capacity > 1 OR TRUE`, `NOT (capacity > 1 AND FALSE)`} {
		e, err := filter.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		if !keeps(t, e, nowhere) {
			t.Errorf("%s does not keep it", text)
		}
	}
}

// An error says where, in both languages.
func TestErrorsAreLocated(t *testing.T) {
	deep := strings.Repeat("(", 40) + "in_zone" + strings.Repeat(")", 40)
	for _, tt := range []struct {
		text    string
		column  int
		message string
	}{
		{``, 1, "too soon"},
		{`name =`, 7, "too soon"},
		{`name = 'a' AND`, 15, "too soon"},
		{`é = = 2`, 5, "“=”"},
		{`name ~ 'a'`, 6, "not CQL2"},
		{`castle = 1`, 1, "“castle”"},
		{`name = 'a' OR castle(name)`, 15, "“castle”"},
		{`capacity = 'a'`, 12, "a number"},
		{`name = 3`, 8, "a text"},
		{`name`, 1, "not a condition"},
		{`name = 'a' AND capacity`, 16, "not a condition"},
		{`capacity LIKE 'a'`, 15, "a number"},
		{`S_INTERSECTS(name, POINT(1 2))`, 14, "“geometry”"},
		{`S_INTERSECTS(geometry, capacity)`, 24, "a geometry"},
		{`S_INTERSECTS(geometry, POLYGON((1 2, 3 4)))`, 24, "not valid"},
		{`S_INTERSECTS(geometry, BBOX(1,2,3))`, 24, "four numbers"},
		{`S_INTERSECTS(geometry)`, 1, "2 terms"},
		{`T_AFTER(name, DATE('2020-01-01'))`, 9, "a date"},
		{`T_AFTER(opened_on, DATE('2020-13-01'))`, 25, "not an RFC 3339"},
		{`T_AFTER(opened_on, DATE('2020-01-01T00:00:00Z'))`, 25, "not an RFC 3339"},
		{`capacity = 1e999`, 12, "too large"},
		{deep, 33, "levels"},
		{`S_CROSSES(geometry, LINESTRING(0 0, 1 1, 0 1, 1 0))`, 21, "crosses itself"},
		{`S_INTERSECTS(geometry, GEOMETRYCOLLECTION(LINESTRING(0 0, 1 1), LINESTRING(0 1, 1 0)))`, 24, "crosses itself"},
		{`S_INTERSECTS(geometry, LINESTRING(` + strings.Repeat("0 0, 1 1, ", 101) + `2 2))`, 1, "200 vertices"},
		{strings.Repeat("in_zone AND ", 1100) + "in_zone", 1, "terms"},
		{strings.Repeat("a", 20000), 1, "bytes"},
	} {
		e, err := filter.ParseText(tt.text)
		if err == nil {
			_, err = filter.Compile(e, schema, dates, crs.CRS84)
		}
		var located *filter.Error
		if !errors.As(err, &located) {
			t.Errorf("%.60s: error %v", tt.text, err)
			continue
		}
		if located.Column != tt.column || !strings.Contains(located.Message.EN, tt.message) || !strings.HasPrefix(located.Message.FR, "colonne "+strconv.Itoa(tt.column)+"\u00a0: ") {
			t.Errorf("%.60s: column %d, %+v; want column %d, %q", tt.text, located.Column, located.Message, tt.column, tt.message)
		}
	}
	for _, tt := range []struct{ json, pointer, message string }{
		{`{`, "", "not CQL2 JSON"},
		{`{"op":"and","args":[{"op":"="}]}`, "/args/0", "2 terms"},
		{`{"op":"and","args":[true,{"op":"castle","args":[]}]}`, "/args/1", "“castle”"},
		{`{"op":"=","args":[{"property":"castle"},1]}`, "/args/0", "“castle”"},
		{`{"op":"=","args":[{"property":"name"},null]}`, "/args/1", "isNull"},
		{`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":"x"}]}`, "/args/1", "not valid"},
		{strings.Repeat(`{"op":"not","args":[`, 40) + "true" + strings.Repeat("]}", 40), strings.Repeat("/args/0", 32), "levels"},
	} {
		e, err := filter.ParseJSON(tt.json)
		if err == nil {
			_, err = filter.Compile(e, schema, dates, crs.CRS84)
		}
		var located *filter.Error
		if !errors.As(err, &located) || located.Pointer != tt.pointer || !strings.Contains(located.Message.EN, tt.message) {
			t.Errorf("%.60s: error %v", tt.json, err)
		}
	}
}

// A geometry in another CRS, in the order of its authority, selects the same.
func TestFilterCRS(t *testing.T) {
	lambert, _ := crs.ByCode(2154)
	latlon, _ := crs.ByCode(4326)
	x, y := lambert.FromWGS84(2.6, 46.4)
	box := func(a, b, margin float64) string {
		n := func(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }
		return "S_INTERSECTS(geometry, BBOX(" + n(a-margin) + "," + n(b-margin) + "," + n(a+margin) + "," + n(b+margin) + "))"
	}
	for _, tt := range []struct {
		text string
		in   crs.CRS
		want bool
	}{
		{box(x, y, 10), lambert, true}, {box(x+30, y, 10), lambert, false}, {box(46.4, 2.6, 0.001), latlon, true}, {box(2.6, 46.4, 0.001), latlon, false},
	} {
		e, err := filter.ParseText(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		keep, err := filter.Compile(e, schema, dates, tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if kept(t, keep, home) != tt.want {
			t.Errorf("%s in %v: want %t", tt.text, tt.in, tt.want)
		}
	}
	e, _ := filter.ParseText("S_INTERSECTS(geometry, POINT(600000 6600000))")
	if _, err := filter.Compile(e, schema, dates, latlon); err == nil {
		t.Error("a latitude of 600,000 degrees is accepted")
	}
}

// zigzag is a line of n vertices that does not cross itself, around home.
func zigzag(n int, low, high float64) string {
	points := make([]string, n)
	for i := range points {
		y := low
		if i%2 == 0 {
			y = high
		}
		points[i] = strconv.FormatFloat(low+(high-low)*float64(i)/float64(n), 'f', 6, 64) + " " + strconv.FormatFloat(y, 'f', 6, 64)
	}
	return "LINESTRING(" + strings.Join(points, ", ") + ")"
}

// What a filter may cost is bounded, whatever the features are: then it says so.
func TestCost(t *testing.T) {
	e, err := filter.ParseText("S_CROSSES(geometry, " + zigzag(200, 0, 1) + ")")
	if err != nil {
		t.Fatal(err)
	}
	keep, err := filter.Compile(e, schema, dates, crs.CRS84)
	if err != nil {
		t.Fatal(err)
	}
	apart := &data.Feature{Geometry: circle(300_000, 5, 5), Values: nowhere.Values}
	if kept(t, keep, apart) {
		t.Error("what is elsewhere crosses")
	}
	near := &data.Feature{Geometry: circle(1000, 0.5, 0.5), Values: nowhere.Values}
	if !kept(t, keep, near) {
		t.Error("what crosses is left out")
	}
	var wrong *filter.Error
	if _, err := keep(&data.Feature{Geometry: circle(300_000, 0.5, 0.5), Values: nowhere.Values}); !errors.As(err, &wrong) || !strings.Contains(wrong.Message.EN, "too many vertices") {
		t.Errorf("error %v", err)
	}
	// Cut for the way to longitude and latitude, such a line has thousands of vertices.
	lambert, _ := crs.ByCode(2154)
	e, err = filter.ParseText("S_CROSSES(geometry, " + zigzag(200, 600_000, 700_000) + ")")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filter.Compile(e, schema, dates, lambert); !errors.As(err, &wrong) || wrong.Column != 21 {
		t.Errorf("error %v", err)
	}
}

func circle(n int, lon, lat float64) orb.Polygon {
	ring := make(orb.Ring, n, n+1)
	for i := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		ring[i] = orb.Point{lon + 0.3*cos, lat + 0.3*sin}
	}
	return orb.Polygon{append(ring, ring[0])}
}

// A box of another CRS keeps the points inside it in that CRS, and those lie in around.
func TestBox(t *testing.T) {
	lambert, _ := crs.ByCode(2154)
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(200_000, 1_100_000).Draw(t, "x")
		y := rapid.Float64Range(6_100_000, 7_000_000).Draw(t, "y")
		b := orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x + rapid.Float64Range(0, 200_000).Draw(t, "w"), y + rapid.Float64Range(0, 200_000).Draw(t, "h")}}
		keep, around, ok := filter.Box(b, lambert)
		if !ok {
			t.Fatal("not on the earth")
		}
		px := rapid.Float64Range(b.Min[0]-1000, b.Max[0]+1000).Draw(t, "px")
		py := rapid.Float64Range(b.Min[1]-1000, b.Max[1]+1000).Draw(t, "py")
		const edge = 1e-3 // metres
		lon, lat := lambert.ToWGS84(px, py)
		p := &data.Feature{Geometry: orb.Point{lon, lat}}
		switch inside := b.Pad(-edge).Contains(orb.Point{px, py}); {
		case inside && !(kept(t, keep, p) && around.Contains(orb.Point{lon, lat})):
			t.Fatalf("%v, %v is left out of %v", px, py, b)
		case !b.Pad(edge).Contains(orb.Point{px, py}) && kept(t, keep, p):
			t.Fatalf("%v, %v is kept in %v", px, py, b)
		}
	})
}

// Near keeps exactly what is at that distance by the geodesic, and that lies in its boxes.
func TestNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-60, 60).Draw(t, "lat")}
		metres := rapid.Float64Range(1, 50_000).Draw(t, "metres")
		keep, around := filter.Near(at, metres)
		azimuth := rapid.Float64Range(0, 360).Draw(t, "azimuth")
		for _, distance := range []float64{0, metres * 0.999, metres * 1.001} {
			p := crs.Direct(at, azimuth, distance)
			want := distance <= metres
			if kept(t, keep, &data.Feature{Geometry: p}) != want {
				t.Fatalf("%v at %v m of %v: want %t", p, distance, at, want)
			}
			if want && !slices.ContainsFunc(around, func(b orb.Bound) bool { return b.Contains(p) }) {
				t.Fatalf("%v, at %v m of %v, is not in %v", p, distance, at, around)
			}
		}
	})
	square := orb.MultiPolygon{{{{2.6, 46.4}, {2.61, 46.4}, {2.61, 46.41}, {2.6, 46.41}, {2.6, 46.4}}}}
	keep, _ := filter.Near(square, 800)
	for lon, want := range map[float64]bool{2.605: true, 2.62: true, 2.621: false} { // 0, 769 and 845 m
		if kept(t, keep, &data.Feature{Geometry: orb.Point{lon, 46.405}}) != want {
			t.Errorf("point at longitude %v: want %t", lon, want)
		}
		moved := orb.MultiPolygon{{{{lon, 46.4}, {lon + 0.01, 46.4}, {lon + 0.01, 46.41}, {lon, 46.4}}}}
		if kept(t, keep, &data.Feature{Geometry: moved}) != want {
			t.Errorf("polygon at longitude %v: want %t", lon, want)
		}
	}
	if kept(t, keep, nowhere) {
		t.Error("a feature without position is near")
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		span string
		want bool // of a home open from 2010-09-01 to 2020-06-30
	}{
		{"2015-01-01", true}, {"2010-09-01", true}, {"2020-06-30", true}, {"2010-08-31", false}, {"2020-07-01T00:00:00Z", false},
		{"../2010-09-01", true}, {"/2010-08-31", false}, {"2020-06-30/..", true}, {"2021-01-01/", false}, {"../..", true}, {"2000-01-01/2030-01-01", true},
	} {
		s, ok := filter.ParseSpan(tt.span)
		if !ok || s.Meets("2010-09-01", "2020-06-30") != tt.want {
			t.Errorf("%s: %t, want %t", tt.span, ok, tt.want)
		}
		if !s.Meets("", "") {
			t.Errorf("%s leaves out what has no date", tt.span)
		}
	}
	for _, bad := range []string{"", "..", "2020", "2020-01-02/2020-01-01", "2020-01-01/2020-01-02/2020-01-03"} {
		if _, ok := filter.ParseSpan(bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// Whatever is written, the answer is a predicate that works or a located error.
func FuzzParse(f *testing.F) {
	for _, c := range conditions {
		f.Add(c.text)
		f.Add(c.json)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []func(string) (*filter.Expr, error){filter.ParseText, filter.ParseJSON} {
			e, err := parse(s)
			var keep filter.Predicate
			if err == nil {
				keep, err = filter.Compile(e, schema, dates, crs.CRS84)
			}
			if err == nil {
				kept(t, keep, home)
				kept(t, keep, nowhere)
				continue
			}
			var located *filter.Error
			if !errors.As(err, &located) || located.Message.FR == "" || located.Message.EN == "" {
				t.Errorf("%q: %v", s, err)
			}
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	e, err := filter.ParseText(`kind IN ('a','mecs') AND capacity > 3 AND name LIKE 'Foyer%' AND S_INTERSECTS(geometry, BBOX(2,46,3,47))`)
	if err != nil {
		b.Fatal(err)
	}
	keep, err := filter.Compile(e, schema, dates, crs.CRS84)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !kept(b, keep, home) {
			b.Fatal("not kept")
		}
	}
}
