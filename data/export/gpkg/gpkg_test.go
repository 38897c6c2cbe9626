package gpkg_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"

	"vigie/data"
	"vigie/data/export/gpkg"
)

var columns = []data.Column{
	{Name: "zone_id", Type: data.TypeString, Label: data.Text{FR: "Code", EN: "Code"}},
	{Name: "count", Type: data.TypeInteger},
	{Name: "area_m2", Type: data.TypeNumber, Decimals: 1, Unit: "m2", Label: data.Text{FR: "Superficie", EN: "Area"}},
	{Name: "current", Type: data.TypeBoolean},
}

var zones = &data.Schema{
	Layer: data.LayerZones, Geometry: "MultiPolygon", Columns: columns,
	Title: data.Text{FR: "Zones prioritaires", EN: "Priority zones"},
}

var sites = &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: columns}

func values(id string) []data.Value {
	return []data.Value{data.String(id), data.Integer(7), data.Number(12.3456), data.Boolean(true)}
}

func square(lon, lat float64) orb.Polygon {
	return orb.Polygon{{{lon, lat}, {lon + 0.1, lat}, {lon + 0.1, lat + 0.1}, {lon, lat + 0.1}, {lon, lat}}}
}

func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func export(t *testing.T, s *data.Schema, features []*data.Feature, options ...gpkg.Option) []byte {
	t.Helper()
	var b bytes.Buffer
	dir := t.TempDir()
	w, err := gpkg.NewWriter(&b, s, append(options, gpkg.WithClock(clock), gpkg.WithTempDir(dir))...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	empty(t, dir) // the temporary file has no name
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func save(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.gpkg")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var someZones = []*data.Feature{
	{ID: "a", Geometry: orb.MultiPolygon{square(2, 48), square(3, 48)}, Values: values("QN00101M")},
	{ID: "b", Geometry: square(-61.5, 16), Values: values("QN97101M")},
	{ID: "c", Values: make([]data.Value, 4)},
}

func TestMetadataAndIndex(t *testing.T) {
	db, err := sql.Open("sqlite3", save(t, export(t, zones, someZones)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"PRAGMA application_id":      "1196444487",
		"PRAGMA user_version":        "10300",
		"PRAGMA integrity_check":     "ok",
		"PRAGMA foreign_key_check":   "",
		"SELECT count(*) FROM zones": "3",
		"SELECT min_x || ' ' || min_y || ' ' || max_x || ' ' || max_y || ' ' || last_change || ' ' || identifier FROM gpkg_contents": "-61.5 16.0 3.1 48.1 2026-03-01T12:00:00.000Z Zones prioritaires",
		"SELECT geometry_type_name || srs_id FROM gpkg_geometry_columns":                                                             "MULTIPOLYGON4326",
		"SELECT group_concat(id) FROM rtree_zones_geom WHERE minx < 0":                                                               "2",
		"SELECT count(*) FROM rtree_zones_geom":                                                                                      "2",
		"SELECT count(*) FROM sqlite_master WHERE type = 'trigger'":                                                                  "6",
		"SELECT title || ' ' || description FROM gpkg_data_columns WHERE column_name = 'area_m2'":                                    "Superficie Area [m2]",
		"SELECT typeof(current) || area_m2 FROM zones WHERE fid = 1":                                                                 "integer12.3",
		"SELECT hex(substr(geom, 1, 8)) FROM zones WHERE fid = 1":                                                                    "47500003E6100000",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil && err != sql.ErrNoRows {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s: got %q want %q", query, got, want)
		}
	}
}

// The provenance is metadata of the layer, by the standard's own extension.
func TestProvenanceIsMetadata(t *testing.T) {
	p := &data.Provenance{Recipient: "analyste", Purpose: "étude", Mark: "K7Q2", GeneratedAt: clock()}
	path := save(t, export(t, zones, someZones, gpkg.WithProvenance(p)))
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]string{
		"PRAGMA foreign_key_check": "",
		"SELECT md_scope || ' ' || mime_type || ' ' || metadata FROM gpkg_metadata WHERE id = 1": "dataset application/json " +
			`{"recipient":"analyste","purpose":"étude","mark":"K7Q2","generated_at":"2026-03-01T12:00:00Z"}`,
		"SELECT reference_scope || ' ' || table_name || ' ' || timestamp || ' ' || md_file_id FROM gpkg_metadata_reference WHERE md_parent_id IS NULL": "table zones 2026-03-01T12:00:00.000Z 1",
		"SELECT group_concat(table_name) FROM gpkg_extensions WHERE extension_name = 'gpkg_metadata'":                                                  "gpkg_metadata,gpkg_metadata_reference",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil && err != sql.ErrNoRows {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s: got %q want %q", query, got, want)
		}
	}
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo (gdal-bin) is not installed")
	}
	info, err := exec.Command("ogrinfo", "-al", "-so", path).CombinedOutput()
	if err != nil || !strings.Contains(string(info), `"mark":"K7Q2"`) || strings.Contains(string(info), "Warning") {
		t.Errorf("ogrinfo: %v\n%s", err, info)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if !bytes.Equal(export(t, zones, someZones), export(t, zones, someZones)) {
		t.Error("two exports of the same features differ")
	}
}

func TestGDALReadsEverything(t *testing.T) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr (gdal-bin) is not installed")
	}
	for _, c := range []struct {
		schema   *data.Schema
		features []*data.Feature
	}{
		{zones, someZones},
		{sites, []*data.Feature{{ID: "a", Geometry: orb.Point{55.5, -21.1}, Values: values("a")}}},
		{sites, nil},
	} {
		path := save(t, export(t, c.schema, c.features))
		out, err := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", path).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("Warning")) || bytes.Contains(out, []byte("ERROR")) {
			t.Fatalf("ogr2ogr: %v\n%s", err, out)
		}
		fc, err := orbjson.UnmarshalFeatureCollection(out)
		if err != nil {
			t.Fatal(err)
		}
		if len(fc.Features) != len(c.features) {
			t.Fatalf("GDAL reads %d features of %d", len(fc.Features), len(c.features))
		}
		for i, f := range c.features {
			got, want := fc.Features[i].Geometry, f.Geometry
			if p, ok := want.(orb.Polygon); ok {
				want = orb.MultiPolygon{p}
			}
			if want == nil {
				if got != nil {
					t.Errorf("feature %d: %v where there is no geometry", i, got)
				}
			} else if !orb.Equal(got, want) {
				t.Errorf("feature %d: %v want %v", i, got, want)
			}
		}
		info, err := exec.Command("ogrinfo", "-json", path).CombinedOutput()
		if err == nil && json.Valid(info) {
			continue
		}
		// ogrinfo writes JSON from GDAL 3.7 on.
		info, err = exec.Command("ogrinfo", "-so", "-al", path).CombinedOutput()
		if err != nil || !strings.Contains(string(info), "WGS 84") || !strings.Contains(string(info), "count: Integer64") {
			t.Errorf("ogrinfo: %v\n%s", err, info)
		}
	}
}

// An edit by another spatial client keeps the index right: the triggers work.
func TestGDALEditsKeepTheIndex(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo (gdal-bin) is not installed")
	}
	path := save(t, export(t, sites, []*data.Feature{{ID: "a", Geometry: orb.Point{55.5, -21.1}, Values: values("a")}}))
	out, err := exec.Command("ogrinfo", path, "-sql", "DELETE FROM sites WHERE fid = 1").CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var left int
	if err := db.QueryRow("SELECT count(*) FROM rtree_sites_geom").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d entries left in the index, %v", left, err)
	}
}

func TestFailureLeavesNothing(t *testing.T) {
	for name, f := range map[string]*data.Feature{
		"wrong type":     {ID: "a", Geometry: orb.Point{1, 2}, Values: values("x")},
		"not finite":     {ID: "a", Geometry: orb.MultiPolygon{{{{math.NaN(), 1}, {2, math.NaN()}}}}, Values: values("x")},
		"too few values": {ID: "a"},
	} {
		dir, out := t.TempDir(), &bytes.Buffer{}
		w, err := gpkg.NewWriter(out, zones, gpkg.WithTempDir(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(f); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: error %v, want one that names the feature", name, err)
		}
		if w.Close() == nil || out.Len() > 0 {
			t.Errorf("%s: a file that lacks a feature is handed out", name)
		}
		empty(t, dir)
	}
	clash := &data.Schema{Layer: "sites", Columns: []data.Column{{Name: "FID"}}}
	if _, err := gpkg.NewWriter(io.Discard, clash); err == nil {
		t.Error("a column named as the key is accepted")
	}
	if _, err := gpkg.NewWriter(io.Discard, zones, gpkg.WithTempDir(filepath.Join(t.TempDir(), "absent"))); err == nil {
		t.Error("an absent temporary folder is accepted")
	}
}

// Any text comes back as it was, in every SQL client.
func TestTextsReadBack(t *testing.T) {
	texts := []string{"=1+1", `Foyer "A" d'à côté`, "a\r\nb\tc", "🏠 \u202eabc", "'; DROP TABLE sites; --", "\x01", ""}
	var features []*data.Feature
	for _, s := range texts {
		features = append(features, &data.Feature{ID: s, Values: values(s)})
	}
	db, err := sql.Open("sqlite3", save(t, export(t, sites, features)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i, want := range texts {
		var got string
		if err := db.QueryRow("SELECT zone_id FROM sites WHERE fid = ?", i+1).Scan(&got); err != nil || got != want {
			t.Errorf("%q became %q, %v", want, got, err)
		}
	}
}

// The index that is packed is one to SQLite, and finds what a scan finds.
func TestIndexIsSound(t *testing.T) {
	for _, n := range []int{0, 1, 51, 52, 51 * 51, 51*51 + 1, 10_000} {
		random := rand.New(rand.NewPCG(11473, uint64(n)))
		var features []*data.Feature
		for i := range n {
			g := square(-61.5+65*random.Float64(), 16+35*random.Float64())
			features = append(features, &data.Feature{ID: fmt.Sprint(i), Geometry: g, Values: make([]data.Value, 4)})
			if i%7 == 0 {
				features = append(features, &data.Feature{ID: "nowhere", Values: make([]data.Value, 4)})
			}
		}
		db, err := sql.Open("sqlite3", save(t, export(t, zones, features)))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var report string
		if err := db.QueryRow("SELECT rtreecheck('rtree_zones_geom')").Scan(&report); err != nil || report != "ok" {
			t.Fatalf("%d features: %s, %v", n, report, err)
		}
		for range 20 {
			west, south := -62+66*random.Float64(), 15+36*random.Float64()
			want := 0
			for _, f := range features {
				if f.Geometry != nil && f.Geometry.Bound().Intersects(orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{west + 3, south + 3}}) {
					want++
				}
			}
			var got int
			err := db.QueryRow("SELECT count(*) FROM rtree_zones_geom WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?", west, west+3, south, south+3).Scan(&got)
			if err != nil || got != want {
				t.Fatalf("%d features: the index finds %d of %d, %v", n, got, want, err)
			}
		}
	}
}
