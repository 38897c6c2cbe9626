package xlsx

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/export"
)

var columns = []data.Column{
	{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
	{Name: "capacity", Type: data.TypeInteger, Label: data.Text{FR: "Capacité", EN: "Capacity"}},
	{Name: "distance_m", Type: data.TypeNumber, Decimals: 1, Unit: "m", Label: data.Text{FR: "Distance", EN: "Distance"}},
	{Name: "in_zone", Type: data.TypeBoolean},
	{Name: "class", Type: data.TypeInteger, Codes: []data.Code{{Code: "1", Label: data.Text{FR: "faible", EN: "low"}}}},
}

func schemaOf(geometry string) *data.Schema {
	return &data.Schema{Layer: data.LayerSites, Geometry: geometry, Columns: columns, Title: data.Text{FR: "Foyers", EN: "Homes"}}
}

func feature(name string, g orb.Geometry) *data.Feature {
	return &data.Feature{ID: "a", Geometry: g, Values: []data.Value{
		data.String(name), data.Integer(12), data.Number(1234.5678), data.Boolean(true), data.Integer(1),
	}}
}

var provenance = &data.Provenance{
	Recipient: "=analyste", Purpose: "Étude", Mark: "K7Q2", Precision: data.ViewMasked, Generator: "Vigie 1.0", Release: "2026-10-01",
	GeneratedAt: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
}

type test interface {
	Helper()
	Fatal(...any)
}

func workbook(t test, s *data.Schema, features []*data.Feature, options ...Option) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, s, options...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t test, b []byte) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func rows(t test, book *excelize.File, sheet string) [][]string {
	t.Helper()
	all, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func equal(t *testing.T, got, want [][]string) {
	t.Helper()
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPointsReadBack(t *testing.T) {
	unknown := &data.Feature{ID: "b", Values: make([]data.Value, len(columns))}
	b := workbook(t, schemaOf("Point"), []*data.Feature{feature("Foyer « A », B", orb.Point{-61.52345678, 16.1}), unknown, feature("x", nil)})
	book := open(t, b)
	if got := book.GetSheetList(); !slices.Equal(got, []string{"Foyers", "Colonnes"}) {
		t.Errorf("sheets %q", got)
	}
	equal(t, rows(t, book, "Foyers"), [][]string{
		{"name", "capacity", "distance_m", "in_zone", "class", "lon", "lat"},
		{"Foyer « A », B", "12", "1234.6", "1", "1", "-61.5234568", "16.1"},
		{},
		{"x", "12", "1234.6", "1", "1"},
	})
	equal(t, rows(t, book, "Colonnes")[:7], [][]string{
		{"Colonne", "Libellé", "Unité", "Code", "Signification du code"},
		{"name", "Nom"}, {"capacity", "Capacité"}, {"distance_m", "Distance", "m"}, {"in_zone"}, {"class"},
		{"class", "", "", "1", "faible"},
	})
	for cell, want := range map[string]excelize.CellType{
		"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeUnset, "D2": excelize.CellTypeBool, "F2": excelize.CellTypeUnset,
	} {
		if got, err := book.GetCellType("Foyers", cell); err != nil || got != want {
			t.Errorf("%s has type %v, %v, want %v", cell, got, err, want)
		}
	}
	if panes, err := book.GetPanes("Foyers"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	if width, err := book.GetColWidth("Foyers", "A"); err != nil || width != textWidth {
		t.Errorf("width %v, %v", width, err)
	}
	if !bytes.Equal(b, workbook(t, schemaOf("Point"), []*data.Feature{feature("Foyer « A », B", orb.Point{-61.52345678, 16.1}), unknown, feature("x", nil)})) {
		t.Error("two exports of the same features differ")
	}
}

func TestShapesHaveBounds(t *testing.T) {
	square := orb.Polygon{{{2.6, 46.4}, {2.7, 46.4}, {2.7, 46.5}, {2.6, 46.4}}}
	for geometry, g := range map[string]orb.Geometry{"Polygon": square, "MultiPolygon": orb.MultiPolygon{square}} {
		book := open(t, workbook(t, schemaOf(geometry), []*data.Feature{feature("x", g), feature("y", nil), feature("z", orb.MultiPolygon{})}))
		equal(t, rows(t, book, "Foyers"), [][]string{
			{"name", "capacity", "distance_m", "in_zone", "class", "lon_min", "lat_min", "lon_max", "lat_max"},
			{"x", "12", "1234.6", "1", "1", "2.6", "46.4", "2.7", "46.5"},
			{"y", "12", "1234.6", "1", "1"},
			{"z", "12", "1234.6", "1", "1"},
		})
	}
}

func TestLanguageAndProvenance(t *testing.T) {
	book := open(t, workbook(t, schemaOf("Point"), nil, WithLanguage("en"), WithProvenance(provenance)))
	if got := book.GetSheetList(); !slices.Equal(got, []string{"Homes", "Columns", "Provenance"}) {
		t.Errorf("sheets %q", got)
	}
	equal(t, rows(t, book, "Homes"), [][]string{{"Name", "Capacity", "Distance (m)", "in_zone", "class", "Longitude (deg)", "Latitude (deg)"}})
	equal(t, rows(t, book, "Provenance"), [][]string{
		{"Recipient", "=analyste"}, {"Purpose", "Étude"}, {"To be destroyed on", "2027-01-01T00:00:00Z"}, {"Mark of this copy", "K7Q2"},
		{"Precision of positions", "masked"}, {"Edition", "2026-10-01"}, {"Generated on", "2026-11-24T12:00:00Z"}, {"Software", "Vigie 1.0"},
	})
	if formula, err := book.GetCellFormula("Provenance", "B1"); err != nil || formula != "" {
		t.Errorf("the recipient is a formula: %q, %v", formula, err)
	}
	p, err := book.GetDocProps()
	if err != nil || p.Creator != "Vigie 1.0" || p.Identifier != "K7Q2" || p.Category != "=analyste" || p.Created != "2026-11-24T12:00:00Z" || !strings.Contains(p.Description, `"mark":"K7Q2"`) {
		t.Errorf("properties %+v, %v", p, err)
	}
}

// Any text is a text cell, and comes back.
func TestTextsAreNeverFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var features []*data.Feature
		var want []string
		for range 20 {
			text := rapid.SampledFrom([]string{"", "=1+1", "+", "-2", "@SUM(A1)", "\t=", "\n", "\r", "_x000D_", "_x005F_x0041_", "\x01\uFFFE", "<b>&", " "}).Draw(t, "start") +
				rapid.StringN(0, 20, -1).Draw(t, "rest")
			text = strings.ReplaceAll(text, "\x00", "")
			want = append(want, text)
			features = append(features, feature(text, nil))
		}
		book := open(t, workbook(t, schemaOf("Point"), features))
		for i, text := range want {
			cell, _ := excelize.CoordinatesToCellName(1, i+2)
			formula, err := book.GetCellFormula("Foyers", cell)
			if err != nil || formula != "" {
				t.Fatalf("%q is the formula %q, %v", text, formula, err)
			}
			if got, err := book.GetCellValue("Foyers", cell); err != nil || got != text {
				t.Fatalf("%q became %q, %v", text, got, err)
			}
			style, err := book.GetCellStyle("Foyers", cell)
			if s, err2 := book.GetStyle(style); err != nil || err2 != nil || s.NumFmt != 49 {
				t.Fatalf("the cell of %q is not formatted as text", text)
			}
		}
	})
}

// An independent reader sees what was written.
func TestGDALReadsIt(t *testing.T) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr (gdal-bin) is not installed")
	}
	path := filepath.Join(t.TempDir(), "export.xlsx")
	b := workbook(t, schemaOf("Point"), []*data.Feature{feature("=1+1", orb.Point{2.6, 46.4}), feature("010", nil)}, WithProvenance(provenance))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ogr2ogr", "-f", "CSV", "/vsistdout/", path, "Foyers", "-oo", "HEADERS=FORCE").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, [][]string{
		{"name", "capacity", "distance_m", "in_zone", "class", "lon", "lat"},
		{"=1+1", "12", "1234.6", "1", "1", "2.6", "46.4"},
		{"010", "12", "1234.6", "1", "1", "", ""},
	})
}

// A sheet has an end. What does not fit gives no workbook that can be opened.
func TestRefusalsGiveNoWorkbook(t *testing.T) {
	long := strings.Repeat("é", excelize.TotalCellChars)
	for name, c := range map[string]struct {
		f    *data.Feature
		full bool
		want string
	}{
		"too many":       {feature("x", nil), true, "1048575 features"},
		"too long":       {feature(long+"é", nil), false, `"a", column "name"`},
		"wrong type":     {feature("x", orb.MultiPolygon{}), false, `"a"`},
		"too few values": {&data.Feature{ID: "a"}, false, `"a"`},
	} {
		out := &bytes.Buffer{}
		b, err := newBody(out, schemaOf("Point"), nil)
		if err != nil {
			t.Fatal(err)
		}
		w := export.NewDocument("xlsx", b.schema, b)
		if err := w.Write(feature(long, nil)); err != nil {
			t.Fatal(err)
		}
		if c.full {
			b.row = excelize.TotalRows - 1
			if err := w.Write(feature("x", nil)); err != nil {
				t.Errorf("the last row is refused: %v", err)
			}
		}
		if err := w.Write(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %s", name, err, c.want)
		}
		if _, ok := errors.AsType[*export.FullError](w.Close()); ok != c.full {
			t.Errorf("%s: a full sheet is told, wrongly", name)
		}
		if book, err := excelize.OpenReader(out); err == nil {
			t.Errorf("%s: a workbook that lacks a feature can be opened: %v", name, book.GetSheetList())
		}
	}
	clash := &data.Schema{Geometry: "Polygon", Columns: []data.Column{{Name: "lat_max"}}}
	if _, err := NewWriter(io.Discard, clash); err == nil {
		t.Error("a column named as a bound is accepted")
	}
	b, err := newBody(io.Discard, schemaOf("Point"), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.size = math.MaxUint32 - 1
	if err := errors.Join(b.Write(feature("x", nil)), b.Finish()); err == nil || !strings.Contains(err.Error(), "4 GiB") {
		t.Errorf("a sheet over 4 GiB gives %v", err)
	}
}

// Homes are never written to a disk on their way.
func TestNoTemporaryFile(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	var features []*data.Feature
	for range 2 * excelize.StreamChunkSize / 30_000 {
		features = append(features, feature(strings.Repeat("x", 30_000), nil))
	}
	workbook(t, schemaOf("Point"), features)
}

func TestWriteDoesNotAllocate(t *testing.T) {
	w, err := NewWriter(io.Discard, schemaOf("Point"))
	if err != nil {
		t.Fatal(err)
	}
	f := feature("Foyer « A » & B", orb.Point{2.6, 46.4})
	if n := testing.AllocsPerRun(2000, func() {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}); n > 0.1 {
		t.Errorf("%v allocations a feature", n)
	}
}
