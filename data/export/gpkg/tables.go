package gpkg

import (
	"fmt"
	"strings"
	"time"

	"vigie/data"
)

const (
	// srsID is WGS 84; a GeoPackage always has the longitude first.
	srsID          = 4326
	geometryColumn = "geom"
	keyColumn      = "fid"
	// timeLayout is how a GeoPackage writes a DATETIME, in UTC.
	timeLayout = "2006-01-02T15:04:05.000Z"
	// provenanceURI names the structure of the metadata: an object of strings.
	provenanceURI = "urn:vigie:provenance:1"
)

// wkt84 is the definition of WGS 84 that GeoPackage files usually carry (WKT 1).
const wkt84 = `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]`

type statement struct {
	sql       string
	arguments []any
}

// metadata: the tables of 12-128r17, annex C, and of the schema extension.
const metadata = `
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  name TEXT,
  title TEXT,
  description TEXT,
  mime_type TEXT,
  constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL,
  value TEXT,
  min NUMERIC,
  min_is_inclusive BOOLEAN,
  max NUMERIC,
  max_is_inclusive BOOLEAN,
  description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
INSERT INTO gpkg_extensions VALUES
  ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec130/#extension_schema', 'read-write'),
  ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec130/#extension_schema', 'read-write');
`

// provenanceTables are those of the metadata extension (12-128r17, annex F.8).
const provenanceTables = `
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
INSERT INTO gpkg_extensions VALUES
  ('gpkg_metadata', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec130/#extension_metadata', 'read-write'),
  ('gpkg_metadata_reference', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec130/#extension_metadata', 'read-write');
`

func provenanceStatements(s *data.Schema, p *data.Provenance, now time.Time) []statement {
	return []statement{
		{sql: provenanceTables},
		{"INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'application/json', ?)",
			[]any{provenanceURI, string(p.JSON())}},
		{"INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, 1, NULL)",
			[]any{table(s), now.UTC().Format(timeLayout)}},
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func table(s *data.Schema) string { return string(s.Layer) }

func indexTable(s *data.Schema) string { return "rtree_" + table(s) + "_" + geometryColumn }

// checkSchema refuses what SQL cannot hold: names that differ by case only, or
// that the key and the geometry have.
func checkSchema(s *data.Schema) error {
	if s.Layer == "" {
		return fmt.Errorf("gpkg: the schema names no layer")
	}
	seen := map[string]bool{keyColumn: true, geometryColumn: true}
	for _, c := range s.Columns {
		name := strings.ToLower(c.Name)
		if seen[name] {
			return fmt.Errorf("gpkg: column %q would appear twice", c.Name)
		}
		seen[name] = true
	}
	return nil
}

func sqlType(t data.ColumnType) string {
	switch t {
	case data.TypeInteger:
		return "INTEGER"
	case data.TypeNumber:
		return "DOUBLE"
	case data.TypeBoolean:
		return "BOOLEAN"
	default:
		return "TEXT"
	}
}

func tableStatements(s *data.Schema) []statement {
	geometry := "GEOMETRY"
	if s.Geometry != "" {
		geometry = strings.ToUpper(s.Geometry)
	}
	var create strings.Builder
	fmt.Fprintf(&create, "CREATE TABLE %s (%s INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, %s %s",
		quote(table(s)), quote(keyColumn), quote(geometryColumn), geometry)
	for _, c := range s.Columns {
		fmt.Fprintf(&create, ", %s %s", quote(c.Name), sqlType(c.Type))
	}
	create.WriteByte(')')

	statements := []statement{
		{sql: metadata},
		{"INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', ?, 'EPSG', ?, ?, 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid')",
			[]any{srsID, srsID, wkt84}},
		{"INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id, last_change) VALUES (?, 'features', ?, ?, ?, '')",
			[]any{table(s), s.Title.FR, s.Title.EN, srsID}},
		{"INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
			[]any{table(s), geometryColumn, geometry, srsID}},
		{"INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only')",
			[]any{table(s), geometryColumn}},
		{sql: create.String()},
		{sql: "CREATE VIRTUAL TABLE " + quote(indexTable(s)) + " USING rtree(id, minx, maxx, miny, maxy)"},
	}
	for _, c := range s.Columns {
		description := c.Label.EN
		if c.Unit != "" {
			description = strings.TrimSpace(description + " [" + c.Unit + "]")
		}
		statements = append(statements, statement{
			"INSERT INTO gpkg_data_columns (table_name, column_name, title, description) VALUES (?, ?, ?, ?)",
			[]any{table(s), c.Name, c.Label.FR, description},
		})
	}
	return statements
}

// triggerStatements keep the index right when another program edits the layer
// (12-128r17, clause F.3).
func triggerStatements(s *data.Schema) []string {
	replace := strings.NewReplacer(
		"{t}", quote(table(s)), "{i}", quote(keyColumn), "{c}", quote(geometryColumn), "{r}", quote(indexTable(s)),
		"{insert}", quote(indexTable(s)+"_insert"), "{delete}", quote(indexTable(s)+"_delete"),
		"{update1}", quote(indexTable(s)+"_update1"), "{update2}", quote(indexTable(s)+"_update2"),
		"{update3}", quote(indexTable(s)+"_update3"), "{update4}", quote(indexTable(s)+"_update4"),
	)
	const put = `INSERT OR REPLACE INTO {r} VALUES (NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c}))`
	triggers := []string{
		`CREATE TRIGGER {insert} AFTER INSERT ON {t} WHEN (NEW.{c} NOT NULL AND NOT ST_IsEmpty(NEW.{c})) BEGIN ` + put + `; END`,
		`CREATE TRIGGER {update1} AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i} AND (NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c})) BEGIN ` + put + `; END`,
		`CREATE TRIGGER {update2} AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i} AND (NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c})) BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END`,
		`CREATE TRIGGER {update3} AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND (NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c})) BEGIN DELETE FROM {r} WHERE id = OLD.{i}; ` + put + `; END`,
		`CREATE TRIGGER {update4} AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND (NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c})) BEGIN DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i}); END`,
		`CREATE TRIGGER {delete} AFTER DELETE ON {t} WHEN OLD.{c} NOT NULL BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END`,
	}
	for i := range triggers {
		triggers[i] = replace.Replace(triggers[i])
	}
	return triggers
}
