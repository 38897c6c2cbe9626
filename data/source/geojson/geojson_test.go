package geojson

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

func TestGoldens(t *testing.T) {
	for file, layer := range map[string]data.Layer{"sites": data.LayerSites, "zones": data.LayerZones} {
		r := sourcetest.File(t, Format{}, filepath.Join("testdata", file+".geojson"), source.Options{Layer: layer})
		r.Sound(t)
		sourcetest.Golden(t, r, filepath.Join("testdata", file+".golden"))
	}
}

const (
	featureA = `{"type":"Feature","id":"a","properties":{"nom":"A"},"geometry":{"type":"Point","coordinates":[5.2,46.2]}}`
	featureB = `{"geometry":{"coordinates":[5.3,46.3],"type":"Point"},"properties":{"nom":"B \"\u00e9\""},"id":"b","type":"Feature"}`
)

// A collection, lines and a sequence of the same features are read the same.
func TestContainers(t *testing.T) {
	for name, content := range map[string]string{
		"collection":      `{"type":"FeatureCollection","features":[` + featureA + `,` + featureB + `]}`,
		"features first":  `{"features":[` + featureA + `,` + featureB + `],"bbox":[1,2,3,4],"type":"FeatureCollection"}`,
		"lines":           featureA + "\n" + featureB + "\n",
		"sequence":        "\x1e" + featureA + "\n\x1e" + featureB + "\n",
		"byte-order mark": "\xef\xbb\xbf" + `{"type":"FeatureCollection","features":[` + featureA + `,` + featureB + `]}`,
	} {
		r := sourcetest.Text(t, Format{}, "a.geojson", content, source.Options{Layer: data.LayerSites})
		if r.Err != nil || len(r.Sites) != 2 || len(r.Problems) > 0 || r.Sites[1].Name != `B "é"` || r.Sites[1].Position == nil || r.Sites[1].Position.Point != (orb.Point{5.3, 46.3}) {
			t.Errorf("%s:\n%s", name, r)
		}
	}
	if r := sourcetest.Text(t, Format{}, "a.geojson", featureA, source.Options{Layer: data.LayerSites}); len(r.Sites) != 1 {
		t.Errorf("one feature alone:\n%s", r)
	}
}

func TestLegacyCRS(t *testing.T) {
	lambert := `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[869623.7,6569047.1]}}`
	named := func(name string) string {
		return `"crs":{"type":"name","properties":{"name":"` + name + `"}}`
	}
	for _, c := range []struct{ name, content, code string }{
		{"declared", `{` + named("urn:ogc:def:crs:EPSG::2154") + `,"features":[` + lambert + `]}`, ""},
		{"declared in short", `{` + named("EPSG:2154") + `,"features":[` + lambert + `]}`, ""},
		{"null", `{"crs":null,"features":[` + featureA + `]}`, ""},
		{"CRS84", `{` + named("urn:ogc:def:crs:OGC:1.3:CRS84") + `,"features":[` + featureA + `]}`, ""},
		{"none", `{"features":[` + lambert + `]}`, source.CodeWrongCRS},
		{"after the features", `{"features":[` + featureA + `],` + named("EPSG:2154") + `}`, "late-crs"},
	} {
		r := sourcetest.Text(t, Format{}, "a.geojson", c.content, source.Options{Layer: data.LayerSites})
		if r.Err != nil || len(r.Sites) != 1 || r.Sites[0].Position == nil {
			t.Errorf("%s:\n%s", c.name, r)
			continue
		}
		if p := r.Sites[0].Position.Point; math.Abs(p[0]-5.2) > 1e-5 || math.Abs(p[1]-46.2) > 1e-5 {
			t.Errorf("%s: at %v", c.name, p)
		}
		if codes := r.Codes(); len(codes) > 1 || c.code == "" && len(codes) > 0 || c.code != "" && codes[c.code] != 1 {
			t.Errorf("%s: problems %v, want %q", c.name, codes, c.code)
		}
	}
	r := sourcetest.Text(t, Format{}, "a.geojson", `{`+named("EPSG:99999")+`,"features":[`+lambert+`]}`, source.Options{Layer: data.LayerSites})
	if p := r.Rejected(t); p.Code != source.CodeUnknownCRS || p.Value != "EPSG:99999" || p.Line != 1 {
		t.Errorf("unknown CRS: %+v", p)
	}
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name, content, code string
		line                int
	}{
		{"truncated", "{\"type\":\"FeatureCollection\",\"features\":[\n" + featureA + ",\n" + featureB[:60], source.CodeTruncated, 3},
		{"truncated between features", "{\"type\":\"FeatureCollection\",\"features\":[\n" + featureA, source.CodeTruncated, 2},
		{"no comma", "{\"features\":[\n" + featureA + "\n" + featureB + "]}", source.CodeSyntax, 3},
		{"a bare geometry", `{"type":"Point","coordinates":[5.2,46.2]}`, source.CodeUnrecognised, 1},
		{"another document", "\n" + `{"zones":[]}`, source.CodeUnrecognised, 2},
		{"features not an array", `{"features":{}}`, source.CodeSyntax, 1},
		{"an array", `[1]`, source.CodeSyntax, 1},
		{"white space", "  \n ", source.CodeEmptyFile, 1},
		{"HTML", "<!DOCTYPE html>", source.CodeSyntax, 1},
		{"binary", "{\"features\":[\x00", source.CodeUnrecognised, 1},
	} {
		r := sourcetest.Text(t, Format{}, "a.geojson", c.content, source.Options{Layer: data.LayerSites})
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code || p.Line != c.line {
			t.Errorf("%s: %+v, want %s on line %d", c.name, p, c.code, c.line)
		}
	}
	r := sourcetest.Text(t, Format{}, "a.geojson", `{"type":"FeatureCollection","features":[]}`, source.Options{Layer: data.LayerSites})
	if _, ok := r.Find("no-feature"); r.Err != nil || !ok {
		t.Errorf("an empty collection is not told:\n%s", r)
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	content := `{"features":[` + strings.Repeat(featureA+",", 3000) + featureB + `]}`
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: "a.geojson", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	duplicates := 0
	err = Format{}.Read(ctx, in, source.Options{Layer: data.LayerSites}, source.Sink{
		Problem:  func(data.Problem) { duplicates++; cancel() },
		Progress: func(n int64) {},
	})
	if !errors.Is(err, context.Canceled) || duplicates > 1024 {
		t.Errorf("cancelled after %d records: %v", duplicates, err)
	}
}

// The fast path gives the very float that strconv gives.
func TestNumberIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`-?[0-9]{1,3}\.[0-9]{1,17}`),
			rapid.StringMatching(`-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,9})?([eE][-+]?[0-9]{1,2})?`),
			rapid.Map(rapid.Float64Range(-1e7, 1e7), func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }),
		).Draw(t, "number")
		want, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Skip("out of range")
		}
		got, end, err := number([]byte(s+", 1"), 0)
		if err != nil || got != want || end != len(s) {
			t.Fatalf("%s: %v up to %d, %v", s, got, end, err)
		}
	})
}

// Polygons come out as orb's own reader gives them.
func TestPolygonsAgreeWithOrb(t *testing.T) {
	path := sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := orbjson.UnmarshalFeatureCollection(b)
	if err != nil {
		t.Fatal(err)
	}
	r := sourcetest.File(t, Format{}, path, source.Options{Layer: data.LayerZones})
	if len(r.Zones) != len(want.Features) {
		t.Fatalf("%d zones of %d", len(r.Zones), len(want.Features))
	}
	for i, f := range want.Features {
		if r.Zones[i].Code != f.Properties.MustString("code_qp") || !r.Zones[i].Geometry.Equal(f.Geometry.(orb.MultiPolygon)) {
			t.Fatalf("zone %d, %s, differs", i, r.Zones[i].Code)
		}
	}
}

func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		file        string
		layer       data.Layer
		want        int
		departments int
		first       string
	}{
		{"qpv2024/qpv2024_simplified.geojson", data.LayerZones, 1609, 103, "QN00101M"},
		{"admin/polygone-4326_dep.geojson", data.LayerAreas, 101, 101, "01"},
		{"admin/communes-01-ain.geojson", data.LayerAreas, 407, 1, "01338"},
		{"admin/communes-13-bouches-du-rhone.geojson", data.LayerAreas, 119, 1, "13055"},
		{"admin/communes-44-loire-atlantique.geojson", data.LayerAreas, 208, 1, "44005"},
		{"admin/communes-93-seine-saint-denis.geojson", data.LayerAreas, 40, 1, "93015"},
	} {
		r := sourcetest.File(t, Format{}, sourcetest.Real(t, c.file), source.Options{Layer: c.layer})
		if r.Err != nil || len(r.Problems) > 0 {
			t.Fatalf("%s: %v, problems %v", c.file, r.Err, r.Codes())
		}
		r.Sound(t)
		departments, first := map[string]bool{}, ""
		for _, z := range r.Zones {
			if z.Edition != "2024" || z.Kind != data.ZoneQPV || len(z.CommuneCodes) == 0 || len(z.DepartmentCodes) == 0 {
				t.Errorf("%s: %+v", c.file, z)
			}
			for _, d := range z.DepartmentCodes {
				departments[d] = true
			}
		}
		for _, a := range r.Areas {
			departments[a.DepartmentCode] = true
			if a.Name == "" || (a.Level == data.AreaCommune) != (len(a.Code) == 5) {
				t.Errorf("%s: area %s %q", c.file, a.Code, a.Name)
			}
		}
		if len(r.Zones) > 0 {
			first = r.Zones[0].Code
		} else if len(r.Areas) > 0 {
			first = r.Areas[0].Code
		}
		if got := len(r.Zones) + len(r.Areas); got != c.want || len(departments) != c.departments || !strings.HasPrefix(first, c.first) {
			t.Errorf("%s: %d records from %s in %d départements, want %d from %s in %d", c.file, got, first, len(departments), c.want, c.first, c.departments)
		}
	}
}

func TestRealZonesSpanCommunes(t *testing.T) {
	r := sourcetest.File(t, Format{}, sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson"), source.Options{Layer: data.LayerZones})
	several := 0
	for _, z := range r.Zones {
		if len(z.CommuneCodes) > 1 {
			several++
		}
	}
	if several != 149 {
		t.Errorf("%d zones span communes, want 149", several)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"sites.geojson", "zones.geojson"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add("\x1e" + featureA + "\n" + featureB)
	f.Fuzz(func(t *testing.T, content string) {
		for _, layer := range (Format{}).Layers() {
			sourcetest.Text(t, Format{}, "a.geojson", content, source.Options{Layer: layer}).Sound(t)
		}
	})
}

// FuzzScan walks bytes that no decoder has checked.
func FuzzScan(f *testing.F) {
	f.Add([]byte(featureA))
	f.Add([]byte(`{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4]]]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p parser
		var g geometry
		_ = p.read(b, 0, 0, &g)
		part := split(b)
		textOf(part.properties)
		_ = p.read(part.geometry, 0, 0, &g)
	})
}

func BenchmarkPoints(b *testing.B) {
	var s strings.Builder
	s.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	const n = 10_000
	for i := range n {
		if i > 0 {
			s.WriteString(",\n")
		}
		id := strconv.Itoa(i + 1)
		s.WriteString(`{"type":"Feature","id":` + id + `,"properties":{"nom":"Site ` + id + `","type":"T1"},"geometry":{"type":"Point","coordinates":[2.3` + id + `,48.8` + id + `]}}`)
	}
	s.WriteString("\n]}\n")
	content := s.String()
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "a.geojson", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		sites := 0
		err = Format{}.Read(context.Background(), in, source.Options{Layer: data.LayerSites}, source.Sink{Site: func(data.Site, source.Location) error { sites++; return nil }})
		if err != nil || sites != n {
			b.Fatal(sites, err)
		}
	}
}

func TestNonsense(t *testing.T) {
	sourcetest.RejectsNonsense(t, Format{}, "a.geojson", source.Options{Layer: data.LayerZones})
}

func TestZonesHaveAPopulation(t *testing.T) {
	for value, want := range map[string]int{`1200`: 1200, `1200.0`: 1200, `"1 200"`: 1200, `0`: 0, `null`: -1, `""`: -1, `"secret"`: -1, `true`: -1} {
		r := sourcetest.Text(t, Format{}, "a.geojson", `{"type":"Feature","properties":{"code_qp":"QN00101M","P18_POP":`+value+`},"geometry":{"type":"Polygon","coordinates":[[[5.2,46.2],[5.21,46.2],[5.21,46.21],[5.2,46.2]]]}}`,
			source.Options{Layer: data.LayerZones})
		r.Sound(t)
		if len(r.Zones) != 1 {
			t.Fatalf("%s: %s", value, r)
		}
		if n := r.Zones[0].Population; n == nil && want >= 0 || n != nil && *n != want {
			t.Errorf("%s: %s", value, r)
		}
	}
}

// The published QPV have no population: it stays unknown.
func TestRealZonesHaveNoPopulation(t *testing.T) {
	r := sourcetest.File(t, Format{}, sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson"), source.Options{Layer: data.LayerZones})
	for _, z := range r.Zones {
		if z.Population != nil {
			t.Fatalf("%s has %d inhabitants", z.Code, *z.Population)
		}
	}
}
