package all_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export/all"
)

func pointSchema() *data.Schema {
	return &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: []data.Column{{Name: "site_id"}}}
}

func write(t *testing.T, format string, schema *data.Schema, opt all.Options, features ...*data.Feature) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	w, err := all.Writer(strings.ToUpper(format), &b, schema, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if err := w.Write(f); err != nil {
			if closed := w.Close(); closed == nil {
				t.Errorf("%s: Close succeeds after %v", format, err)
			}
			return b.Bytes(), err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

// Each listed format can be written, and begins as its kind of file does.
func TestEveryFormatWrites(t *testing.T) {
	begins := map[string]string{
		"geojson": `{"type":"FeatureCollection"`, "csv": "site_id,lon,lat", "gpkg": "SQLite format 3", "xlsx": "PK\x03\x04", "parquet": "PAR1",
	}
	for _, f := range all.Formats() {
		b, err := write(t, f.ID, pointSchema(), all.Options{})
		if want := begins[f.ID]; err != nil || want == "" || !bytes.HasPrefix(b, []byte(want)) {
			t.Errorf("%s begins with %.30q, want %q, %v", f.ID, b, want, err)
		}
		if got, ok := all.ByID(f.ID); !ok || got != f {
			t.Errorf("ByID(%s) = %v, %v", f.ID, got, ok)
		}
	}
}

func TestUnknownFormatListsTheKnown(t *testing.T) {
	_, err := all.Writer("kml", &bytes.Buffer{}, &data.Schema{}, all.Options{})
	if err == nil || !strings.Contains(err.Error(), "geojson, csv, gpkg, xlsx, parquet") {
		t.Errorf("error %v", err)
	}
}

// A masked home is a square, or nothing when it is only placed in its département.
func TestEveryFormatTakesEveryShape(t *testing.T) {
	square := orb.Polygon{{{2.6, 46.4}, {2.7, 46.4}, {2.7, 46.5}, {2.6, 46.5}, {2.6, 46.4}}}
	hidden := orb.Polygon{{square[0][0], square[0][2], {2.65, math.NaN()}, square[0][0]}}
	for _, f := range all.Formats() {
		for declared, shapes := range map[string][]orb.Geometry{
			"Point": {orb.Point{2.6, 46.4}, nil}, "Polygon": {square, nil}, "MultiPolygon": {orb.MultiPolygon{square, square}, square, nil, orb.MultiPolygon{}},
		} {
			schema := pointSchema()
			schema.Geometry = declared
			var features []*data.Feature
			for i, g := range shapes {
				features = append(features, &data.Feature{ID: fmt.Sprint(i), Geometry: g, Values: []data.Value{data.Null}})
			}
			if _, err := write(t, f.ID, schema, all.Options{}, features...); err != nil {
				t.Errorf("%s, %s: %v", f.ID, declared, err)
			}
			bad := &data.Feature{ID: "bad", Geometry: hidden, Values: []data.Value{data.Null}}
			if _, err := write(t, f.ID, schema, all.Options{}, features[0], bad); err == nil || !strings.Contains(err.Error(), `"bad"`) {
				t.Errorf("%s, %s: a coordinate that is not a number gives %v", f.ID, declared, err)
			}
		}
	}
}

// Whose copy it is can be read in every format, and is in none that was not told.
func TestEveryFormatBearsTheProvenance(t *testing.T) {
	p := &data.Provenance{Recipient: "analyste-7", Purpose: "finalité-8", Mark: "K7Q2", Release: "2026-10-01", GeneratedAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	home := &data.Feature{ID: "a", Geometry: orb.Point{2.6, 46.4}, Values: []data.Value{data.String("a")}}
	for _, f := range all.Formats() {
		for _, opt := range []all.Options{{}, {Provenance: p}} {
			b, err := write(t, f.ID, pointSchema(), opt, home)
			if err != nil {
				t.Fatal(err)
			}
			if f.ID == "xlsx" {
				b = unzipped(t, b)
			}
			for _, fact := range []string{p.Recipient, p.Purpose, p.Mark, p.Release} {
				if bytes.Contains(b, []byte(fact)) != (opt.Provenance != nil) {
					t.Errorf("%s with %v: %s is there or not, wrongly", f.ID, opt.Provenance, fact)
				}
			}
		}
	}
}

func unzipped(t *testing.T, b []byte) (all []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

// What a writer keeps does not grow with what it wrote. A GeoPackage is SQLite's, whose
// cache is bounded and not on this heap.
func TestMemoryIsConstant(t *testing.T) {
	const features, most = 200_000, 64 << 20
	schema := &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: []data.Column{
		{Name: "site_id"}, {Name: "distance_m", Type: data.TypeNumber, Decimals: 1},
	}}
	for _, f := range all.Formats() {
		if f.ID == "gpkg" {
			continue
		}
		t.Run(f.ID, func(t *testing.T) {
			w, err := all.Writer(f.ID, io.Discard, schema, all.Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := heap()
			for i := range features {
				home := &data.Feature{
					Geometry: orb.Point{2.6 + float64(i)*1e-6, 46.4},
					Values:   []data.Value{data.String(strconv.Itoa(i)), data.Number(float64(i) / 3)},
				}
				if err := w.Write(home); err != nil {
					t.Fatal(err)
				}
				if i%50_000 == 49_999 {
					if kept := heap() - before; kept > most {
						t.Fatalf("%d MB are kept after %d features", kept>>20, i+1)
					}
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
