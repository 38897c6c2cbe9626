package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/export/csv"
)

func schemaOf(geometry string) *data.Schema {
	return &data.Schema{Layer: data.LayerSites, Geometry: geometry, Columns: []data.Column{
		{Name: "name", Type: data.TypeString},
		{Name: "capacity", Type: data.TypeInteger},
		{Name: "zone_share_500m", Type: data.TypeNumber, Decimals: 4},
		{Name: "in_zone", Type: data.TypeBoolean},
	}}
}

func feature(name string, g orb.Geometry) *data.Feature {
	return &data.Feature{ID: "a", Geometry: g, Values: []data.Value{
		data.String(name), data.Integer(-3), data.Number(0.123456), data.Boolean(false),
	}}
}

func export(t testing.TB, s *data.Schema, f []*data.Feature, options ...csv.Option) string {
	t.Helper()
	var b bytes.Buffer
	w, err := csv.NewWriter(&b, s, options...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range f {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPoints(t *testing.T) {
	got := export(t, schemaOf("Point"), []*data.Feature{
		feature(`Foyer "A", B`, orb.Point{-61.52345678, 16.1}),
		{ID: "b", Values: make([]data.Value, 4)},
	})
	want := "name,capacity,zone_share_500m,in_zone,lon,lat\r\n" +
		`"Foyer ""A"", B",-3,0.1235,false,-61.5234568,16.1` + "\r\n" +
		",,,,,\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPolygonsAsWKTLeaveTheFeatureAlone(t *testing.T) {
	g := orb.MultiPolygon{{{{2.123456789, 48}, {2.2, 48}, {2.2, 48.1}, {2.123456789, 48}}}}
	got := export(t, schemaOf("MultiPolygon"), []*data.Feature{feature("x", g)})
	want := "name,capacity,zone_share_500m,in_zone,wkt\r\n" +
		`x,-3,0.1235,false,"MULTIPOLYGON(((2.1234568 48,2.2 48,2.2 48.1,2.1234568 48)))"` + "\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if g[0][0][0][0] != 2.123456789 {
		t.Error("the caller's geometry was rounded")
	}
}

// Every line says whose copy it is, whatever else it holds, and runs nothing.
func TestProvenanceEndsEachLine(t *testing.T) {
	p := &data.Provenance{Recipient: "=analyste", Purpose: "étude, suivi", Mark: "K7Q2", Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Precision: data.ViewMasked}
	square := orb.Polygon{{{2.6, 46.4}, {2.7, 46.4}, {2.7, 46.5}, {2.6, 46.4}}}
	got := export(t, schemaOf("Polygon"), []*data.Feature{feature("x", square), {ID: "b", Values: make([]data.Value, 4)}}, csv.WithProvenance(p))
	want := "name,capacity,zone_share_500m,in_zone,wkt,export_recipient,export_purpose,export_expires,export_mark,export_precision\r\n" +
		`x,-3,0.1235,false,"POLYGON((2.6 46.4,2.7 46.4,2.7 46.5,2.6 46.4))",'=analyste,"étude, suivi",2027-01-01T00:00:00Z,K7Q2,masked` + "\r\n" +
		`,,,,,'=analyste,"étude, suivi",2027-01-01T00:00:00Z,K7Q2,masked` + "\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	clash := &data.Schema{Geometry: "Point", Columns: []data.Column{{Name: "export_mark"}}}
	if _, err := csv.NewWriter(&bytes.Buffer{}, clash, csv.WithProvenance(p)); err == nil {
		t.Error("a column named as the mark is accepted")
	}
}

func TestFrenchSpreadsheet(t *testing.T) {
	got := export(t, schemaOf("Point"), []*data.Feature{feature("x, y; z", orb.Point{2.5, 48.5})}, csv.WithFrenchDialect())
	want := "\ufeffname;capacity;zone_share_500m;in_zone;lon;lat\r\n\"x, y; z\";-3;0,1235;false;2,5;48,5\r\n"
	if got != want {
		t.Errorf("got %q want %q", got, want)
	}
}

// No cell can begin as a formula does, even where a reader takes another separator than
// the file's, and every text is kept.
func TestFormulasAreDefused(t *testing.T) {
	starts := rapid.SampledFrom([]string{"", "=", "+", "-", "@", "\t", "\r", "\n", "-1", "'", "\"", ";=1", "a,@b", "\n-x", ";\"=1", " "})
	rapid.Check(t, func(t *rapid.T) {
		text := starts.Draw(t, "start") + rapid.StringN(0, 20, -1).Draw(t, "rest") + starts.Draw(t, "end")
		text = strings.ReplaceAll(text, "\x00", "")
		for _, options := range [][]csv.Option{nil, {csv.WithFrenchDialect()}} {
			out := export(&fake{}, schemaOf("Point"), []*data.Feature{feature(text, nil)}, options...)
			r := stdcsv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\ufeff")))
			if options != nil {
				r.Comma = ';'
			}
			records, err := r.ReadAll()
			if err != nil {
				t.Fatalf("%v in %q", err, out)
			}
			// Go's reader makes a line end of \r\n.
			plain := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "'", ""), "\r\n", "\n") }
			if plain(records[1][0]) != plain(text) {
				t.Fatalf("%q became %q", text, records[1][0])
			}
			for _, cell := range strings.FieldsFunc(out, func(r rune) bool { return strings.ContainsRune(",;\t\r\n\"", r) }) {
				if cell != "" && (strings.ContainsRune("=@", rune(cell[0])) || strings.ContainsRune("+-", rune(cell[0])) && strings.Trim(cell[1:], "0123456789.") != "") {
					t.Fatalf("%q holds the formula %q", out, cell)
				}
			}
		}
	})
}

type fake struct{ testing.TB }

func (*fake) Helper()           {}
func (*fake) Fatal(args ...any) { panic(args) }

func TestFormulaExamples(t *testing.T) {
	for text, want := range map[string]string{
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`,
		"@SUM(1)":                "'@SUM(1)",
		"+33 1 02 03 04 05":      "'+33 1 02 03 04 05",
		"-2+3+cmd|' /C calc'!A0": "'-2+3+cmd|' /C calc'!A0",
		"-12.5":                  "-12.5",
		"+7":                     "+7",
		"L’Oasis":                "L’Oasis",
	} {
		out := export(t, schemaOf("Point"), []*data.Feature{feature(text, nil)})
		records, err := stdcsv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || records[1][0] != want {
			t.Errorf("%q became %q (%v), want %q", text, records[1][0], err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	var b bytes.Buffer
	w, err := csv.NewWriter(&b, schemaOf("Point"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Write(feature("x", orb.MultiPolygon{})) == nil || w.Close() == nil {
		t.Error("a polygon is accepted in a layer of points")
	}
	clash := &data.Schema{Geometry: "Point", Columns: []data.Column{{Name: "lon"}}}
	if _, err := csv.NewWriter(&b, clash); err == nil {
		t.Error("a column named as the longitude is accepted")
	}
}
