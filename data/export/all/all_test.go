package all_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export"
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
		"geojson": `{"type":"FeatureCollection"`, "csv": "site_id,lon,lat", "csv-excel": "\ufeffsite_id;lon;lat", "gpkg": "SQLite format 3", "xlsx": "PK\x03\x04", "parquet": "PAR1",
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
	if err == nil || !strings.Contains(err.Error(), "geojson, csv, csv-excel, gpkg, xlsx, parquet") {
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
	p := &data.Provenance{
		Recipient: "analyste-7", Purpose: "finalité-8", Mark: "K7Q2", Release: "2026-10-01", Precision: data.ViewMasked, ProfileHash: "5b1c", Licence: "etalab-2.0",
		GeneratedAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Expires: time.Date(2027, 2, 22, 0, 0, 0, 0, time.UTC), Generator: "Vigie 1.0",
	}
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
			for _, fact := range p.Entries() {
				if bytes.Contains(b, []byte(fact.Value.EN)) != (opt.Provenance != nil) {
					t.Errorf("%s with %v: %s is there or not, wrongly", f.ID, opt.Provenance, fact.Name)
				}
			}
		}
	}
}

// A text that half of the readers would cut or refuse is refused, with its place, by all.
func TestEveryFormatRefusesTheSameTexts(t *testing.T) {
	for _, f := range all.Formats() {
		for _, text := range []string{"a\x00b", "\xff"} {
			bad := &data.Feature{ID: "bad", Geometry: orb.Point{2.6, 46.4}, Values: []data.Value{data.String(text)}}
			if _, err := write(t, f.ID, pointSchema(), all.Options{}, bad); err == nil || !strings.Contains(err.Error(), `feature "bad", column "site_id"`) {
				t.Errorf("%s: %q gives %v", f.ID, text, err)
			}
		}
	}
}

// Numbers that are not finite are unknown in every format, and NaN is written in none.
func TestEveryFormatLeavesOutWhatIsNotANumber(t *testing.T) {
	schema := &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: []data.Column{{Name: "distance_m", Type: data.TypeNumber}}}
	known := &data.Feature{ID: "a", Values: []data.Value{data.Number(math.NaN())}}
	unknown := &data.Feature{ID: "a", Values: []data.Value{data.Null}}
	opt := all.Options{Clock: func() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }}
	for _, f := range all.Formats() {
		a, err := write(t, f.ID, schema, opt, known)
		b, err2 := write(t, f.ID, schema, opt, unknown)
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: a number that is not one is not written as unknown: %v, %v", f.ID, err, err2)
		}
	}
}

// What is given up leaves neither a document that looks whole nor a temporary file, and
// nothing more can be written.
func TestEveryFormatCanBeAbandoned(t *testing.T) {
	home := &data.Feature{ID: "a", Geometry: orb.Point{2.6, 46.4}, Values: []data.Value{data.String("a")}}
	for _, f := range all.Formats() {
		var b bytes.Buffer
		dir := t.TempDir()
		w, err := all.Writer(f.ID, &b, pointSchema(), all.Options{TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			defer w.Abandon()
			if err := w.Write(home); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%s: files have names while it is written: %v %v", f.ID, left, err)
			}
			panic("on the way")
		}()
		if w.Write(home) == nil || w.Close() == nil {
			t.Errorf("%s: what is abandoned goes on", f.ID)
		}
		whole, err := write(t, f.ID, pointSchema(), all.Options{}, home)
		if err != nil || b.Len() >= len(whole) {
			t.Errorf("%s: %d bytes of %d are out, %v", f.ID, b.Len(), len(whole), err)
		}
	}
}

// A destination that fails is an error in every format, however late.
func TestEveryFormatReportsAFailedDestination(t *testing.T) {
	home := &data.Feature{ID: "a", Geometry: orb.Point{2.6, 46.4}, Values: []data.Value{data.String("a")}}
	for _, f := range all.Formats() {
		w, err := all.Writer(f.ID, failing{}, pointSchema(), all.Options{TempDir: t.TempDir()})
		if err == nil {
			_ = w.Write(home)
			err = w.Close()
		}
		if !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: %v", f.ID, err)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestFits(t *testing.T) {
	for _, f := range all.Formats() {
		err := f.Fits(1_048_576)
		full, ok := errors.AsType[*export.FullError](err)
		if ok != (f.ID == "xlsx") || ok && (!strings.Contains(full.Text().FR, "1048575") || f.Fits(1_048_575) != nil) {
			t.Errorf("%s: %v", f.ID, err)
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
