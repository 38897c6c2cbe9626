package gpkg

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	orbjson "github.com/paulmach/orb/geojson"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var zoneOptions = source.Options{Layer: data.LayerZones, Kind: data.ZoneQPV}

func square(x, y, side float64) orb.Polygon {
	return orb.Polygon{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}}
}

// blob is the GeoPackageBinary form of g without envelope, as an SQL literal.
func blob(g orb.Geometry) string {
	return "x'" + hex.EncodeToString(append([]byte{'G', 'P', 0, 1, 0, 0, 0, 0}, wkb.MustMarshal(g)...)) + "'"
}

func row(table, geometry, code string) string {
	return fmt.Sprintf("INSERT INTO %s (geom, code_qp, lib_qp, insee_com) VALUES (%s, '%s', 'Zone %s', '75056');\n", table, geometry, code, code)
}

// The official zones, through GDAL's GeoPackage, are those of the GeoJSON to the
// last bit: every one of them, the invalid ones included.
func TestQPV2024ThroughGDAL(t *testing.T) {
	geojson := sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson")
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr (gdal-bin) is not installed")
	}
	raw, err := os.ReadFile(geojson)
	if err != nil {
		t.Fatal(err)
	}
	want, err := orbjson.UnmarshalFeatureCollection(raw)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "qpv.gpkg")
	if out, err := exec.Command("ogr2ogr", "-f", "GPKG", path, geojson).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	plain := read(t, path, zoneOptions)
	if plain.err != nil || len(plain.zones) != 1609 || len(want.Features) != 1609 {
		t.Fatalf("%v, %d zones of %d; %v", plain.err, len(plain.zones), len(want.Features), plain.problems)
	}
	for i, f := range want.Features {
		z := plain.zones[i]
		if z.Code != f.Properties.MustString("code_qp") || z.Edition != "2024" || plain.at[i].Line != i+1 {
			t.Fatalf("record %d is %s (%s) at line %d, want %s", i+1, z.Code, z.Edition, plain.at[i].Line, f.Properties.MustString("code_qp"))
		}
		if !orb.Equal(z.Geometry, f.Geometry) {
			t.Errorf("%s: the outline differs", z.Code)
		}
	}

	// Compressed, it is spooled, and nothing is left behind.
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: "qpv.gpkg.gz", Size: int64(packed.Len()), ReaderAt: bytes.NewReader(packed.Bytes())}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	spool, n := t.TempDir(), 0
	if score := (Format{}).Detect(in); score != 100 {
		t.Errorf("score %d", score)
	}
	err = Format{TempDir: spool}.Read(t.Context(), in, zoneOptions, source.Sink{Zone: func(data.Zone, source.Location) error { n++; return nil }})
	if left, _ := os.ReadDir(spool); err != nil || n != 1609 || len(left) > 0 {
		t.Errorf("compressed: %v, %d zones, left behind %v", err, n, left)
	}
}

// GDAL's 3D, big envelopes and Lambert-93 read back in place.
func TestGDALThreeDimensionsAndProjection(t *testing.T) {
	geojson := sourcetest.Real(t, "admin/communes-93-seine-saint-denis.geojson")
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr (gdal-bin) is not installed")
	}
	path := filepath.Join(t.TempDir(), "communes.gpkg")
	out, err := exec.Command("ogr2ogr", "-f", "GPKG", "-dim", "XYZ", "-t_srs", "EPSG:2154", path, geojson).CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	n := 0
	err = Format{}.Read(t.Context(), open(t, path), source.Options{Layer: data.LayerAreas}, source.Sink{
		Area: func(a data.Area, _ source.Location) error {
			n++
			if c := a.Geometry.Bound().Center(); a.DepartmentCode != "93" || math.Abs(c[0]-2.5) > 0.2 || math.Abs(c[1]-48.9) > 0.15 {
				t.Errorf("%s (%s) lies at %v", a.Code, a.DepartmentCode, c)
			}
			return nil
		},
		Problem: func(p data.Problem) { t.Errorf("problem %+v", p) },
	})
	if err != nil || n != 40 {
		t.Errorf("%v, %d communes, want 40", err, n)
	}
}

func TestLayers(t *testing.T) {
	paris := square(2.3, 48.8, 0.01)
	r := read(t, build(t,
		layer("zones", "MULTIPOLYGON", "4326"), row("zones", blob(orb.MultiPolygon{paris}), "Z1"), row("zones", "NULL", "Z2"), row("zones", "x'00'", "Z3"),
		layer("legal", "POLYGON", "2154"), row("legal", blob(square(652000, 6862000, 800)), "Z4"),
		layer("wkt", "GEOMETRY", "100000"), row("wkt", blob(square(652000, 6862000, 800)), "Z5"),
		layer("undefined", "POLYGON", "-1"), row("undefined", blob(paris), "Z1"), row("undefined", blob(paris), "Z6"),
		layer("roads", "LINESTRING", "4326"),
		layer("old", "POLYGON", "27572"), row("old", blob(square(600000, 2400000, 100)), "Z7"),
	), zoneOptions)
	if r.err != nil {
		t.Fatal(r.err)
	}
	var codes []string
	for _, z := range r.zones {
		codes = append(codes, z.Code)
		c := z.Geometry.Bound().Center()
		if math.Abs(c[0]-2.3) > 0.1 || math.Abs(c[1]-48.8) > 0.1 {
			t.Errorf("%s lies at %v", z.Code, c)
		}
	}
	if strings.Join(codes, " ") != "Z1 Z4 Z5 Z6" || r.filtered != 1 {
		t.Errorf("zones %v, %d filtered", codes, r.filtered)
	}
	if p := r.problem(t, source.CodeNoGeometry); p.Record != "Z2" || p.Line != 2 || p.File != "test.gpkg!zones" {
		t.Errorf("%+v", p)
	}
	if p := r.problem(t, source.CodeBadGeometry); p.Record != "Z3" || p.Line != 3 {
		t.Errorf("%+v", p)
	}
	if p := r.problem(t, source.CodeGeometryType); p.File != "test.gpkg!roads" || p.Severity != data.SeverityWarning {
		t.Errorf("%+v", p)
	}
	if p := r.problem(t, source.CodeUnknownCRS); p.File != "test.gpkg!old" {
		t.Errorf("%+v", p)
	}
	r.problem(t, source.CodeDuplicateLayer)
}

func TestSites(t *testing.T) {
	r := read(t, build(t, describe("sites", "POINT", "4326"),
		"CREATE TABLE sites (fid INTEGER PRIMARY KEY, geom BLOB, finess INTEGER, nom TEXT, categorie INTEGER, capacite REAL, date_ouverture DATE, ouvert BOOLEAN)",
		"INSERT INTO sites VALUES (1, "+blob(orb.Point{2.35, 48.85})+", 750000001, 'Foyer des Tilleuls', 177, 12.0, '2001-09-01', 1), (2, NULL, 750000002, 'Foyer des Ormes', 175, NULL, NULL, NULL)",
	), source.Options{Layer: data.LayerSites})
	if r.err != nil || len(r.sites) != 2 || len(r.problems) > 0 {
		t.Fatalf("%v, %+v, %v", r.err, r.sites, r.problems)
	}
	s := r.sites[0]
	if s.ID != "750000001" || s.Kind != "mecs" || s.Capacity == nil || *s.Capacity != 12 || s.OpenedOn != "2001-09-01" || s.Position == nil || s.Position.Point != (orb.Point{2.35, 48.85}) {
		t.Errorf("site %+v", s)
	}
	if r.sites[1].Position != nil || r.sites[1].Capacity != nil {
		t.Errorf("site %+v", r.sites[1])
	}
}

// Nothing that a hostile file holds is run: not a view, even an endless one, not a
// virtual table, not an expression of a generated column.
func TestHostileFiles(t *testing.T) {
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, x'00' AS geom, 'Z' AS code_qp FROM n"
	for name, statements := range map[string][]string{
		"view":          {describe("zones", "POLYGON", "4326"), "CREATE VIEW zones AS " + endless},
		"virtual table": {describe("zones", "POLYGON", "4326"), "CREATE VIRTUAL TABLE zones USING rtree(fid, minx, maxx)"},
	} {
		r := read(t, build(t, statements...), zoneOptions)
		if p := rejected(t, r.err, CodeUnsafeLayer); p.File != "test.gpkg!zones" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	r := read(t, build(t, "DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS SELECT 'a' AS table_name, 'features' AS data_type FROM ("+endless+")"), zoneOptions)
	rejected(t, r.err, CodeNoLayer)

	r = read(t, build(t, describe("zones", "POLYGON", "4326"),
		"CREATE TABLE zones (fid INTEGER PRIMARY KEY, geom BLOB, code_qp TEXT, lib_qp TEXT AS (zeroblob(900000000)))",
		"INSERT INTO zones (geom, code_qp) VALUES ("+blob(square(2.3, 48.8, 0.01))+", 'Z1')"), zoneOptions)
	if r.err != nil || len(r.zones) != 1 || r.zones[0].Name != "Z1" {
		t.Errorf("generated column: %v, %v", r.err, r.zones)
	}

	r = read(t, build(t, layer("zones", "POLYGON", "4326"), row("zones", blob(square(2.3, 48.8, 0.01)), "Z1"),
		"UPDATE gpkg_contents SET table_name = 'zones\"; DROP TABLE zones; --'", "UPDATE gpkg_geometry_columns SET table_name = 'zones\"; DROP TABLE zones; --'"), zoneOptions)
	rejected(t, r.err, CodeUnsafeLayer)
}

// The authorizer refuses whatever is not a plain read, whoever asks.
func TestOnlyReads(t *testing.T) {
	path := build(t, layer("zones", "POLYGON", "4326"))
	db, err := openDatabase(t, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"DELETE FROM zones", "CREATE TABLE x (a)", "ATTACH '/tmp/x' AS x", "PRAGMA writable_schema = ON", "SELECT load_extension('x')",
		"SELECT randomblob(10) FROM zones", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 1",
	} {
		rows, err := db.conn.QueryContext(t.Context(), statement)
		if err == nil {
			rows.Close()
			t.Errorf("%s is let through", statement)
		}
	}
	if _, err := db.columns(t.Context(), featureTable{name: "zones", geometryColumn: "geom"}); err != nil {
		t.Errorf("columns: %v", err)
	}
}

func openDatabase(t *testing.T, path string) (*database, error) {
	db, err := openPath(t.Context(), path)
	if err == nil {
		t.Cleanup(func() { db.close() })
	}
	return db, err
}

func openPath(ctx context.Context, path string) (*database, error) {
	return connect(ctx, path, filepath.Base(path))
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(build(t, layer("zones", "POLYGON", "4326"), strings.Repeat(row("zones", blob(square(2.3, 48.8, 0.01)), "Z1"), 200)))
	if err != nil {
		t.Fatal(err)
	}
	cut := good[:len(good)*2/3/4096*4096]
	broken := bytes.Clone(good)
	for i := 4096; i < len(broken); i += 5 {
		broken[i] ^= 0x5a
	}
	rejected(t, read(t, save("text.gpkg", []byte("id;name\n1;x\n")), zoneOptions).err, source.CodeUnrecognised)
	rejected(t, read(t, save("cut.gpkg", cut), zoneOptions).err, CodeCorrupt)
	rejected(t, read(t, save("broken.gpkg", broken), zoneOptions).err, CodeCorrupt)
	rejected(t, read(t, build(t), zoneOptions).err, CodeNoLayer)
	rejected(t, read(t, build(t, "DROP TABLE gpkg_geometry_columns"), zoneOptions).err, CodeNoLayer)
	rejected(t, read(t, build(t, layer("zones", "POINT", "4326")), zoneOptions).err, source.CodeGeometryType)
	rejected(t, read(t, build(t, layer("zones", "POLYGON", "27572")), zoneOptions).err, source.CodeUnknownCRS)
	rejected(t, read(t, build(t, layer("zones", "POLYGON", "4326"), "UPDATE gpkg_geometry_columns SET column_name = 'shape'"), zoneOptions).err, CodeNoLayer)
	rejected(t, read(t, build(t, layer("zones", "POLYGON", "4326"), "DELETE FROM gpkg_geometry_columns"), zoneOptions).err, CodeNoLayer)

	path := build(t, layer("zones", "POLYGON", "4326"), row("zones", blob(square(2.3, 48.8, 0.01)), "Z1"))
	if err := os.WriteFile(path+"-wal", []byte("pending"), 0o600); err != nil {
		t.Fatal(err)
	}
	read(t, path, zoneOptions).problem(t, CodePendingWAL)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Format{}).Read(ctx, open(t, path), zoneOptions, source.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Any name of a file is opened as it is, not as a part of an address.
func TestOddFileNames(t *testing.T) {
	content, err := os.ReadFile(build(t, layer("zones", "POLYGON", "4326"), row("zones", blob(square(2.3, 48.8, 0.01)), "Z1")))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a?mode=rwc.gpkg", "100% #1 é&b.gpkg", "a%20b.gpkg"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := read(t, path, zoneOptions); r.err != nil || len(r.zones) != 1 {
			t.Errorf("%s: %v, %d zones", name, r.err, len(r.zones))
		}
	}
}

func TestBlobs(t *testing.T) {
	const header = "4750000100000000"
	point := func(typ, rest string) string { return header + "01" + typ + "000000000000F03F0000000000000040" + rest }
	ring := "00000000000000000000000000000000" + "000000000000F03F0000000000000000" + "000000000000F03F000000000000F03F" + "00000000000000000000000000000000"
	polygon := orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}
	for name, c := range map[string]struct {
		hex  string
		want orb.Geometry
	}{
		"point":               {point("01000000", ""), orb.Point{1, 2}},
		"point Z":             {point("E9030000", "0000000000000840"), orb.Point{1, 2}},
		"point M":             {point("D1070000", "0000000000000840"), orb.Point{1, 2}},
		"point ZM":            {point("B90B0000", "00000000000008400000000000000840"), orb.Point{1, 2}},
		"EWKB point Z":        {point("01000080", "0000000000000840"), orb.Point{1, 2}},
		"big endian":          {"4750000000000000" + "00000000013FF00000000000004000000000000000", orb.Point{1, 2}},
		"xy envelope":         {"4750000300000000" + strings.Repeat("00", 32) + point("01000000", "")[16:], orb.Point{1, 2}},
		"xyz envelope":        {"4750000500000000" + strings.Repeat("00", 48) + point("01000000", "")[16:], orb.Point{1, 2}},
		"xyzm envelope":       {"4750000900000000" + strings.Repeat("00", 64) + point("01000000", "")[16:], orb.Point{1, 2}},
		"empty flag":          {"4750001100000000" + "0103000000" + "00000000", nil},
		"empty point":         {header + "0101000000" + "000000000000F87F000000000000F87F", nil},
		"polygon":             {header + "0103000000" + "01000000" + "04000000" + ring, polygon},
		"multipolygon":        {header + "0106000000" + "01000000" + "0103000000" + "01000000" + "04000000" + ring, orb.MultiPolygon{polygon}},
		"collection":          {header + "0107000000" + "02000000" + strings.Repeat("0103000000"+"01000000"+"04000000"+ring, 2), orb.MultiPolygon{polygon, polygon}},
		"empty multipolygon":  {header + "0106000000" + "00000000", nil},
		"multipoint of one":   {header + "0104000000" + "01000000" + point("01000000", "")[16:], orb.MultiPoint{{1, 2}}},
		"polygon, empty ring": {header + "0103000000" + "01000000" + "00000000", nil},
	} {
		b, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := decodeBlob(b)
		if err != nil || !orb.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
	for name, h := range map[string]string{
		"nothing": "", "no magic": "4751000100000000", "envelope 7": "4750000F00000000", "extended": "4750002100000000",
		"line": header + "010200000000000000", "curve": header + "010A00000000000000", "type 99": header + "016300000000000000",
		"byte order": header + "0501000000", "too many points": header + "0103000000" + "01000000" + "FFFFFF7F",
		"too many rings": header + "0103000000" + "FFFFFFFF", "cut": header + "0101000000" + "00",
		"infinite":   header + "0101000000" + "000000000000F07F0000000000000000",
		"mixed":      header + "0107000000" + "02000000" + point("01000000", "")[16:] + "0103000000" + "01000000" + "04000000" + ring,
		"too deep":   header + strings.Repeat("010700000001000000", 20),
		"cut header": "475000030000000000",
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(name, err)
		}
		g, err := decodeBlob(b)
		var bad *badGeometry
		if !errors.As(err, &bad) || bad.fr == "" {
			t.Errorf("%s: %v, %v, want an error in both languages", name, g, err)
		}
	}
}

// Whatever the bytes, decoding ends, and gives finite coordinates. Plain 2D
// geometries are those of orb's own decoder.
func FuzzBlob(f *testing.F) {
	for _, g := range []orb.Geometry{orb.Point{1, 2}, square(0, 0, 1), orb.MultiPolygon{square(0, 0, 1), square(5, 5, 1)}, orb.MultiPoint{{1, 2}}} {
		f.Add(append([]byte{'G', 'P', 0, 1, 0, 0, 0, 0}, wkb.MustMarshal(g)...))
	}
	f.Add([]byte("GP\x00\x11\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := decodeBlob(b)
		if err != nil || g == nil {
			return
		}
		if bound := g.Bound(); !finite(bound.Min) || !finite(bound.Max) {
			t.Fatalf("bound %v", bound)
		}
		if b[3] == 1 {
			if peer, err := wkb.Unmarshal(b[8:]); err == nil && peer.GeoJSONType() == g.GeoJSONType() && !withEmptyParts(peer) && !orb.Equal(peer, g) {
				t.Fatalf("%v, orb reads %v", g, peer)
			}
		}
	})
}

// withEmptyParts tells whether a geometry has rings or parts without vertices,
// which decodeBlob leaves out.
func withEmptyParts(g orb.Geometry) bool {
	polygons, _ := g.(orb.MultiPolygon)
	if p, ok := g.(orb.Polygon); ok {
		polygons = orb.MultiPolygon{p}
	}
	for _, p := range polygons {
		if len(p) == 0 {
			return true
		}
		for _, r := range p {
			if len(r) == 0 {
				return true
			}
		}
	}
	return false
}

func TestZonesHaveAPopulation(t *testing.T) {
	r := read(t, build(t, describe("zones", "POLYGON", "4326"),
		"CREATE TABLE zones (fid INTEGER PRIMARY KEY, geom BLOB, code_qp TEXT, pop REAL)",
		"INSERT INTO zones VALUES (1, "+blob(square(2.3, 48.8, 0.01))+", 'QP075001', 1199.6), (2, "+blob(square(2.4, 48.8, 0.01))+", 'QP075002', NULL)",
	), source.Options{Layer: data.LayerZones})
	if r.err != nil || len(r.zones) != 2 || r.zones[0].Population == nil || *r.zones[0].Population != 1200 || r.zones[1].Population != nil {
		t.Errorf("%v, zones %+v", r.err, r.zones)
	}
}
