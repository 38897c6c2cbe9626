package all_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/source"
	"vigie/data/source/all"
	"vigie/data/source/sourcetest"
)

var zoneSchema = &data.Schema{
	Layer: data.LayerZones, Geometry: "MultiPolygon", Title: data.Text{FR: "Zones", EN: "Zones"},
	Columns: []data.Column{
		{Name: "zone_id"}, {Name: "kind"}, {Name: "edition"}, {Name: "name"}, {Name: "department_codes"}, {Name: "commune_codes"},
		{Name: "area_m2", Type: data.TypeNumber, Decimals: 1}, {Name: "population", Type: data.TypeInteger},
	},
}

var siteSchema = &data.Schema{
	Layer: data.LayerSites, Geometry: "Point", Title: data.Text{FR: "Foyers", EN: "Homes"},
	Columns: []data.Column{
		{Name: "site_id"}, {Name: "finess"}, {Name: "name"}, {Name: "category"}, {Name: "status"}, {Name: "commune_code"},
		{Name: "capacity", Type: data.TypeInteger}, {Name: "position_precision"},
	},
}

func zoneFeature(z data.Zone) *data.Feature {
	population := data.Null
	if z.Population != nil {
		population = data.Integer(*z.Population)
	}
	return &data.Feature{ID: z.Code, Geometry: z.Geometry, Values: []data.Value{
		data.String(z.Code), data.String(string(z.Kind)), data.String(z.Edition), data.String(z.Name),
		data.String(strings.Join(z.DepartmentCodes, ",")), data.String(strings.Join(z.CommuneCodes, ",")), data.Number(1.25), population,
	}}
}

func write(t *testing.T, format string, schema *data.Schema, features []*data.Feature) string {
	t.Helper()
	f, ok := export.ByID(format)
	if !ok {
		t.Fatal(format)
	}
	path := filepath.Join(t.TempDir(), "export"+f.Extension)
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := export.Writer(format, out, schema, export.Options{})
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
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func readBack(t *testing.T, path string, opt source.Options) *sourcetest.Result {
	t.Helper()
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := all.Detect(in, opt.Layer)
	if err != nil {
		t.Fatal(err)
	}
	r := sourcetest.Read(f, in, opt)
	if r.Err != nil {
		t.Fatalf("%s: %v", path, r.Err)
	}
	return r
}

// readable are the export formats that are imported too: spreadsheets and GeoParquet
// only leave.
func readable() []export.Format {
	return slices.DeleteFunc(export.Formats(), func(f export.Format) bool { return f.ID == "xlsx" || f.ID == "parquet" })
}

// What is exported in a format that can be read is imported again as it was: the official zones
// of 2024, every one.
func TestZonesRoundTrip(t *testing.T) {
	opt := source.Options{Layer: data.LayerZones, Kind: data.ZoneQPV}
	original := readBack(t, sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson"), opt)
	if len(original.Zones) != 1609 {
		t.Fatalf("%d zones", len(original.Zones))
	}
	var features []*data.Feature
	for i := range original.Zones {
		z := &original.Zones[i]
		if i%3 > 0 { // the official file tells none: some have one, and some none
			z.Population = &i
		}
		features = append(features, zoneFeature(*z))
	}
	for _, f := range readable() {
		again := readBack(t, write(t, f.ID, zoneSchema, features), opt)
		if len(again.Zones) != len(original.Zones) {
			t.Errorf("%s: %d zones of %d; %v", f.ID, len(again.Zones), len(original.Zones), again.Codes())
			continue
		}
		for i, z := range again.Zones {
			want := original.Zones[i]
			if z.Code != want.Code || z.Name != want.Name || z.Edition != want.Edition ||
				strings.Join(z.CommuneCodes, ",") != strings.Join(want.CommuneCodes, ",") || !orb.Equal(z.Geometry, want.Geometry) ||
				(z.Population == nil) != (want.Population == nil) || z.Population != nil && *z.Population != *want.Population {
				t.Fatalf("%s: %s came back as %s %q %q %v %v", f.ID, want.Code, z.Code, z.Name, z.Edition, z.CommuneCodes, z.Population)
			}
		}
	}
}

var fictitious = []data.Site{
	{ID: "010000001", FINESS: "010000001", Name: "Foyer « Les Tilleuls »", Category: "177", Kind: "mecs", Status: data.SiteOpen, CommuneCode: "01004",
		DepartmentCode: "01", Position: &data.Position{Point: orb.Point{5.3612345, 45.9587654}, Precision: data.PrecisionHouseNumber}},
	{ID: "2A0002408", FINESS: "2A0002408", Name: "L’Oasis; \"le Mas\", bâtiment B", Category: "175", Kind: "emergency_home", Status: data.SiteClosed, CommuneCode: "2A004", DepartmentCode: "2A"},
	{ID: "970400001", FINESS: "970400001", Name: "Foyer des Hauts", Category: "172", Kind: "infant_home", Status: data.SiteOpen, CommuneCode: "97411",
		DepartmentCode: "974", Position: &data.Position{Point: orb.Point{55.4481234, -20.8823456}, Precision: data.PrecisionStreet}},
}

func siteFeature(s data.Site) *data.Feature {
	f := &data.Feature{ID: s.ID, Values: []data.Value{
		data.String(s.ID), data.String(s.FINESS), data.String(s.Name), data.String(s.Category), data.String(string(s.Status)), data.String(s.CommuneCode),
		data.Null, data.Null,
	}}
	if s.Position != nil {
		f.Geometry = s.Position.Point
		f.Values[7] = data.String(string(s.Position.Precision))
	}
	return f
}

func checkSites(t *testing.T, label string, got []data.Site) {
	t.Helper()
	if len(got) != len(fictitious) {
		t.Errorf("%s: %d sites of %d", label, len(got), len(fictitious))
		return
	}
	for i, want := range fictitious {
		s := got[i]
		if s.ID != want.ID || s.FINESS != want.FINESS || s.Name != want.Name || s.Kind != want.Kind || s.Status != want.Status ||
			s.CommuneCode != want.CommuneCode || s.DepartmentCode != want.DepartmentCode || s.Capacity != nil || (s.Position == nil) != (want.Position == nil) {
			t.Errorf("%s: %+v came back as %+v", label, want, s)
			continue
		}
		if want.Position != nil && (math.Abs(s.Position.Point[0]-want.Position.Point[0]) > 1e-9 || math.Abs(s.Position.Point[1]-want.Position.Point[1]) > 1e-9 ||
			s.Position.Precision != want.Position.Precision) {
			t.Errorf("%s: %+v came back at %+v", label, want.Position, s.Position)
		}
	}
}

// Homes come back from every export, and from a shapefile and a GeoPackage that
// GDAL made of it.
func TestSitesRoundTrip(t *testing.T) {
	opt := source.Options{Layer: data.LayerSites}
	var features []*data.Feature
	for _, s := range fictitious {
		features = append(features, siteFeature(s))
	}
	for _, f := range readable() {
		path := write(t, f.ID, siteSchema, features)
		checkSites(t, f.ID, readBack(t, path, opt).Sites)
		if f.Extension == ".csv" {
			continue
		}
		for name, arguments := range map[string][]string{
			"again.gpkg": {"-f", "GPKG"}, "again.shp": {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"},
		} {
			if _, err := exec.LookPath("ogr2ogr"); err != nil {
				t.Skip("ogr2ogr (gdal-bin) is not installed")
			}
			again := filepath.Join(t.TempDir(), name)
			if out, err := exec.Command("ogr2ogr", append(arguments, again, path)...).CombinedOutput(); err != nil {
				t.Fatalf("ogr2ogr %v: %v\n%s", arguments, err, out)
			}
			checkSites(t, f.ID+" through "+name, readBack(t, again, opt).Sites)
		}
	}
}
