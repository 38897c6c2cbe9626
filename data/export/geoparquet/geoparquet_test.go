package geoparquet_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"vigie/data"
	"vigie/data/export/geoparquet"
)

// The columns are not in alphabetical order, and one has a name that needs care.
var schema = &data.Schema{Layer: data.LayerSites, Geometry: "Polygon", Columns: []data.Column{
	{Name: "site_id"},
	{Name: "capacity", Type: data.TypeInteger},
	{Name: "zone_share, 500 m", Type: data.TypeNumber, Decimals: 4},
	{Name: "in_zone", Type: data.TypeBoolean},
}}

func feature(id string, g orb.Geometry) *data.Feature {
	return &data.Feature{ID: id, Geometry: g, Values: []data.Value{
		data.String(id), data.Integer(-12), data.Number(0.123456), data.Boolean(true),
	}}
}

func export(t *testing.T, s *data.Schema, features []*data.Feature, options ...geoparquet.Option) *parquet.File {
	t.Helper()
	var b bytes.Buffer
	w, err := geoparquet.NewWriter(&b, s, options...)
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
	file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func readRows(t *testing.T, file *parquet.File) []parquet.Row {
	t.Helper()
	var all []parquet.Row
	for _, g := range file.RowGroups() {
		rows := g.Rows()
		buffer := make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(buffer)
			for _, r := range buffer[:n] {
				all = append(all, r.Clone())
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

var square = orb.Polygon{{{2.6, 46.4}, {2.7, 46.4}, {2.7, 46.5}, {2.6, 46.4}}}

func TestReadsBack(t *testing.T) {
	features := []*data.Feature{
		feature("Foyer « A »", square), feature("=1+1", nil), feature("a\r\nb\t🏠 \x01\"", nil), {ID: "c", Values: make([]data.Value, 4)},
		feature("", orb.MultiPolygon{square, {{{-61.5, 16}, {-61.4, 16}, {-61.4, 16.1}, {-61.5, 16}}}}), feature("e", orb.Point{2.6512345678, 46.45}),
	}
	file := export(t, schema, features)
	want := "message sites {\n\toptional binary site_id (STRING);\n\toptional int64 capacity (INT(64,true));\n\toptional double zone_share, 500 m;\n" +
		"\toptional boolean in_zone;\n\toptional binary geometry;\n}"
	if got := file.Schema().String(); got != want {
		t.Errorf("schema\n%s\nwant\n%s", got, want)
	}
	for i, row := range readRows(t, file) {
		f := features[i]
		for j, v := range f.Values {
			got := row[j]
			if got.IsNull() != v.IsNull() || got.Column() != j {
				t.Errorf("feature %d, column %d: %v want %v", i, j, got, v.Format())
			}
		}
		if !f.Values[0].IsNull() && (string(row[0].ByteArray()) != f.ID || row[1].Int64() != -12 || row[2].Double() != 0.1235 || !row[3].Boolean()) {
			t.Errorf("feature %d: %v", i, row)
		}
		if f.Geometry == nil {
			if !row[4].IsNull() {
				t.Errorf("feature %d has the geometry %v", i, row[4])
			}
		} else if g, err := wkb.Unmarshal(row[4].ByteArray()); err != nil || !orb.Equal(g, f.Geometry) {
			t.Errorf("feature %d: %v, %v want %v", i, g, err, f.Geometry)
		}
	}
	metadata, _ := file.Lookup("geo")
	if want := `{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB",` +
		`"geometry_types":["MultiPolygon","Point","Polygon"],"bbox":[-61.5,16,2.7,46.5]}}}`; metadata != want {
		t.Errorf("metadata %s\nwant     %s", metadata, want)
	}
}

func TestNothingToWrite(t *testing.T) {
	file := export(t, schema, nil)
	if metadata, _ := file.Lookup("geo"); !strings.Contains(metadata, `"geometry_types":[]`) || strings.Contains(metadata, "bbox") || file.NumRows() != 0 {
		t.Errorf("%d rows, metadata %s", file.NumRows(), metadata)
	}
	onlyGeometry := export(t, &data.Schema{Layer: data.LayerAreas}, []*data.Feature{{ID: "a", Geometry: square}, {ID: "b"}})
	if onlyGeometry.NumRows() != 2 {
		t.Errorf("%d rows", onlyGeometry.NumRows())
	}
}

func TestProvenance(t *testing.T) {
	p := &data.Provenance{Recipient: "analyste", Mark: "K7Q2", GeneratedAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	if got, _ := export(t, schema, nil, geoparquet.WithProvenance(p)).Lookup("provenance"); got != `{"recipient":"analyste","mark":"K7Q2","generated_at":"2026-11-24T00:00:00Z"}` {
		t.Errorf("provenance %s", got)
	}
}

// A row group is bounded by its rows and by its bytes, and every row is in one.
func TestRowGroupsAreBounded(t *testing.T) {
	large := make(orb.Ring, 20_000)
	for i := range large {
		large[i] = orb.Point{2.6 + float64(i)*1e-6, 46.4 + float64(i%2)*1e-6}
	}
	for name, c := range map[string]struct {
		n       int
		g       orb.Geometry
		perFull int64
	}{
		"many": {70_000, orb.Point{2.6, 46.4}, 64 << 10},
		"wide": {150, orb.Polygon{large}, 112},
	} {
		var features []*data.Feature
		for i := range c.n {
			features = append(features, feature(fmt.Sprint(i), c.g))
		}
		file := export(t, schema, features)
		groups := file.RowGroups()
		if len(groups) != 2 || groups[0].NumRows() > c.perFull || file.NumRows() != int64(c.n) {
			t.Errorf("%s: %d groups, the first of %d rows, of %d in all", name, len(groups), groups[0].NumRows(), file.NumRows())
		}
		rows := readRows(t, file)
		if !slices.IsSortedFunc(rows, func(a, b parquet.Row) int { return len(a[0].ByteArray()) - len(b[0].ByteArray()) }) ||
			string(rows[c.n-1][0].ByteArray()) != fmt.Sprint(c.n-1) {
			t.Errorf("%s: rows are out of order", name)
		}
	}
}

// A file that lacks a feature can't be opened.
func TestFailureLeavesNoFile(t *testing.T) {
	mistyped := feature("a", nil)
	mistyped.Values[1] = data.String("douze")
	for name, f := range map[string]*data.Feature{
		"mistyped":       mistyped,
		"not finite":     feature("a", orb.Polygon{{{0, 0}, {math.NaN(), 1}, {9, 9}}}),
		"too few values": {ID: "a"},
	} {
		var b bytes.Buffer
		w, err := geoparquet.NewWriter(&b, schema)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 70_000 {
			if err := w.Write(feature(fmt.Sprint(i), orb.Point{2.6, 46 + float64(i)*1e-6})); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Write(f); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: error %v, want one that names the feature", name, err)
		}
		if w.Close() == nil {
			t.Errorf("%s: Close succeeds", name)
		}
		if _, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || b.Len() == 0 {
			t.Errorf("%s: the %d bytes can be opened", name, b.Len())
		}
	}
	clash := &data.Schema{Columns: []data.Column{{Name: geoparquet.ColumnGeometry}}}
	if _, err := geoparquet.NewWriter(io.Discard, clash); err == nil {
		t.Error("a column named as the geometry is accepted")
	}
}

// Numbers that are not finite are unknown, as in the other formats.
func TestNotANumber(t *testing.T) {
	f := feature("a", nil)
	f.Values[2] = data.Number(math.Inf(1))
	if row := readRows(t, export(t, schema, []*data.Feature{f}))[0]; !row[2].IsNull() {
		t.Errorf("an infinite value is %v", row[2])
	}
}
