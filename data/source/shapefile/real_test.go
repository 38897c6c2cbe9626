package shapefile

import (
	"archive/zip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
	"vigie/geo/crs"
)

var zoneOptions = source.Options{Layer: data.LayerZones, Kind: data.ZoneQPV}

func open(t testing.TB, path string) *source.Input {
	t.Helper()
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// The three official files of 2015 give every record, located, with accents and
// typographic apostrophes right though there is no .cpg.
func TestOfficialQPV2015(t *testing.T) {
	dir := sourcetest.Real(t, "qpv2015")
	for _, c := range []struct {
		file    string
		count   int
		holes   int
		legal   int
		code    string
		name    string
		commune string
	}{
		{"QP_METROPOLE_LB93.shp", 1296, 1, 2154, "QP033001", "Quartier Champ De Course", "Le Bouscat"},
		{"QP_LAREUNION_RGR92_UTM40S.shp", 49, 0, 2975, "QP974001", "", ""},
		{"QP_GUADELOUPE_WGS84_UTM20N.shp", 16, 0, 5490, "QP971001", "", ""},
	} {
		r := read(t, open(t, filepath.Join(dir, c.file)), zoneOptions)
		if r.err != nil {
			t.Fatal(r.err)
		}
		if len(r.zones) != c.count || len(r.problems) > 0 {
			t.Errorf("%s: %d zones, want %d; problems %v", c.file, len(r.zones), c.count, r.problems)
		}
		holes, found := 0, false
		for i, z := range r.zones {
			if z.Edition != "2015" || z.Name == "" || len(z.DepartmentCodes) == 0 || len(z.CommuneNames) == 0 {
				t.Errorf("%s: incomplete zone %+v", c.file, z)
			}
			for _, text := range append([]string{z.Name}, z.CommuneNames...) {
				if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 && r < 0xa0 || r == '\uFFFD' || r == 'Ã' }) {
					t.Errorf("%s %s: badly decoded text %q", c.file, z.Code, text)
				}
			}
			centre := z.Geometry.Bound().Center()
			if legal, ok := crs.Legal(centre[0], centre[1]); !ok || legal.Code() != c.legal {
				t.Errorf("%s %s lies at %v", c.file, z.Code, centre)
			}
			for _, p := range z.Geometry {
				holes += len(p) - 1
			}
			if r.at[i].Line != i+1 {
				t.Errorf("record %d located at line %d", i+1, r.at[i].Line)
			}
			if z.Code == c.code {
				found = true
				if c.name != "" && (z.Name != c.name || z.CommuneNames[0] != c.commune) {
					t.Errorf("%s is %q in %v, want %q in %s", z.Code, z.Name, z.CommuneNames, c.name, c.commune)
				}
			}
		}
		if !found || holes != c.holes {
			t.Errorf("%s: found %s %v; %d holes, want %d", c.file, c.code, found, holes, c.holes)
		}
	}
}

// Windows-1252's apostrophe (0x92) is read as ’, not as a control character.
func TestOfficialTypographicApostrophe(t *testing.T) {
	r := read(t, open(t, sourcetest.Real(t, "qpv2015/QP_METROPOLE_LB93.shp")), zoneOptions)
	n := 0
	for _, z := range r.zones {
		n += strings.Count(z.Name, "’")
	}
	if n == 0 {
		t.Error("no ’ in any name")
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s (gdal-bin) is not installed", name)
	}
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// A shapefile that GDAL made of the official GeoJSON of 2024 reads back as GDAL
// itself reads it: the same codes, communes and outlines.
func TestQPV2024ThroughGDAL(t *testing.T) {
	geojson := sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson")
	dir := t.TempDir()
	shp := filepath.Join(dir, "qpv.shp")
	run(t, "ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-makevalid", "-skipfailures", shp, geojson)
	run(t, "ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", filepath.Join(dir, "back.geojson"), shp)
	raw, err := os.ReadFile(filepath.Join(dir, "back.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := orbjson.UnmarshalFeatureCollection(raw)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, open(t, shp), zoneOptions)
	if r.err != nil {
		t.Fatal(r.err)
	}
	byCode := map[string]data.Zone{}
	for _, z := range r.zones {
		byCode[z.Code] = z
	}
	located := 0
	for _, f := range want.Features {
		code := f.Properties.MustString("code_qp")
		z, ok := byCode[code]
		if f.Geometry == nil {
			if ok {
				t.Errorf("%s has an outline from nowhere", code)
			}
			continue
		}
		located++
		if !ok {
			t.Errorf("%s is missing", code)
			continue
		}
		// GDAL keeps the names of a zone's communes in one field.
		if z.Name != strings.Join(strings.Fields(f.Properties.MustString("lib_qp")), " ") || z.Edition != "2024" {
			t.Errorf("%s: name %q, edition %q, want %q", code, z.Name, z.Edition, f.Properties.MustString("lib_qp"))
		}
		if d := difference(z.Geometry, f.Geometry); d > 1e-12 {
			t.Errorf("%s: the outline differs by %g degrees²", code, d)
		}
	}
	if located < 1600 || len(r.zones) != located {
		t.Errorf("%d zones of %d", len(r.zones), located)
	}
}

// difference compares areas and bounds, whatever the order of rings and parts.
func difference(a orb.MultiPolygon, b orb.Geometry) float64 {
	area := func(g orb.Geometry) (sum float64) {
		polygons, _ := g.(orb.MultiPolygon)
		if p, ok := g.(orb.Polygon); ok {
			polygons = orb.MultiPolygon{p}
		}
		for _, p := range polygons {
			for i, r := range p {
				s := signedArea(r)
				if s < 0 {
					s = -s
				}
				if i > 0 {
					s = -s
				}
				sum += s
			}
		}
		return sum
	}
	d := area(a) - area(b)
	if d < 0 {
		d = -d
	}
	if a.Bound() != b.Bound() {
		d++
	}
	return d
}

// An archive with the same zones by territory in legal projections and all
// together in degrees, as the official one of 2024, gives each zone once.
func TestArchiveWithOverlappingLayers(t *testing.T) {
	dir := t.TempDir()
	official := sourcetest.Real(t, "qpv2015")
	run(t, "ogr2ogr", "-f", "ESRI Shapefile", "-t_srs", "EPSG:4326", filepath.Join(dir, "QP_ALL_WGS84.shp"), filepath.Join(official, "QP_GUADELOUPE_WGS84_UTM20N.shp"))
	run(t, "ogr2ogr", "-append", "-t_srs", "EPSG:4326", filepath.Join(dir, "QP_ALL_WGS84.shp"), filepath.Join(official, "QP_LAREUNION_RGR92_UTM40S.shp"))
	archive := filepath.Join(dir, "QP.zip")
	out, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	for _, pattern := range []string{official + "/QP_GUADELOUPE*", official + "/QP_LAREUNION*", dir + "/QP_ALL*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, p := range paths {
			w, err := z.Create("QP/" + filepath.Base(p))
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(w, f); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	r := read(t, open(t, archive), zoneOptions)
	if r.err != nil {
		t.Fatal(r.err)
	}
	if len(r.zones) != 65 || len(r.filtered) != 65 {
		t.Errorf("%d zones and %d filtered, want 65 and 65", len(r.zones), len(r.filtered))
	}
	p := r.problem(t, source.CodeDuplicateLayer)
	if !strings.Contains(p.Message.EN, "65 records") || !strings.Contains(p.Message.EN, "QP_ALL_WGS84") || !strings.Contains(p.File, "QP.zip!QP/QP_ALL_WGS84.shp") {
		t.Errorf("problem %+v", p)
	}
}
