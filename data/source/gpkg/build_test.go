package gpkg

import (
	"database/sql"
	"path/filepath"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

// metadata is the least that a GeoPackage with features has.
const metadata = `
PRAGMA application_id = 1196444487;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT,
  last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('undefined', -1, 'NONE', -1, 'undefined', NULL), ('undefined', 0, 'NONE', 0, 'undefined', NULL),
  ('WGS 84', 4326, 'EPSG', 4326, 'undefined', NULL), ('Lambert-93', 2154, 'EPSG', 2154, 'undefined', NULL),
  ('by definition', 100000, 'NONE', 100000, 'PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",44.0],PARAMETER["Standard_Parallel_2",49.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]', NULL),
  ('older frame', 27572, 'EPSG', 27572, 'undefined', NULL);
`

// describe declares a layer.
func describe(name, geometryType, srs string) string {
	return "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('" + name + "', 'features', '" + name + "', " + srs + ");\n" +
		"INSERT INTO gpkg_geometry_columns VALUES ('" + name + "', 'geom', '" + geometryType + "', " + srs + ", 0, 0);\n"
}

// layer declares and creates a layer with the columns of zones.
func layer(name, geometryType, srs string) string {
	return describe(name, geometryType, srs) +
		"CREATE TABLE " + name + " (fid INTEGER PRIMARY KEY, geom BLOB, code_qp TEXT, lib_qp TEXT, insee_com TEXT);\n"
}

// build makes a GeoPackage and gives its path.
func build(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.gpkg")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range append([]string{metadata}, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	return path
}

func open(t testing.TB, path string) *source.Input {
	t.Helper()
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

type result struct {
	zones    []data.Zone
	sites    []data.Site
	at       []source.Location
	problems []data.Problem
	filtered int
	err      error
}

func read(t testing.TB, path string, opt source.Options) *result {
	t.Helper()
	r := &result{}
	r.err = Format{TempDir: t.TempDir()}.Read(t.Context(), open(t, path), opt, source.Sink{
		Zone: func(z data.Zone, at source.Location) error {
			r.zones, r.at = append(r.zones, z), append(r.at, at)
			return nil
		},
		Site:     func(s data.Site, _ source.Location) error { r.sites = append(r.sites, s); return nil },
		Problem:  func(p data.Problem) { r.problems = append(r.problems, p) },
		Filtered: func(string) { r.filtered++ },
	})
	return r
}

func (r *result) problem(t testing.TB, code string) data.Problem {
	t.Helper()
	for _, p := range r.problems {
		if p.Code == code {
			return p
		}
	}
	t.Fatalf("no problem %q in %v (error %v)", code, r.problems, r.err)
	return data.Problem{}
}

func rejected(t testing.TB, err error, code string) data.Problem {
	t.Helper()
	r, ok := source.Rejected(err)
	if !ok || r.Problem.Code != code || r.Problem.Message.FR == "" || r.Problem.Message.EN == "" {
		t.Fatalf("error %v, want a rejection %q in both languages", err, code)
	}
	return r.Problem
}
