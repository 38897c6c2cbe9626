package all_test

import (
	"bytes"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/all"
	"vigie/data/source/sourcetest"
)

func input(t testing.TB, name, content string) *source.Input {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: bytes.NewReader([]byte(content))}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Each official file is recognised as what it is.
func TestOfficialFilesAreRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		layer data.Layer
		want  string
	}{
		"qpv2015/QP_METROPOLE_LB93.shp":                               {data.LayerZones, "shapefile"},
		"qpv2024/qpv2024_simplified.geojson":                          {data.LayerZones, "geojson"},
		"qrr/sensible_zones.json.gz":                                  {data.LayerZones, "qrr-json"},
		"finess/finess-structures-mensuel-202607-echantillon_json.gz": {data.LayerSites, "finess-json"},
		"finess/amenities-finess-sample.csv":                          {data.LayerSites, "finess-joined"},
		"finess/etalab-cs1100502-extract-20260512.csv":                {data.LayerSites, "finess-etalab"},
		"admin/communes-01-ain.geojson":                               {data.LayerAreas, "geojson"},
		"bpe/amenities-bpe25-sample-extract.csv":                      {data.LayerPlaces, "bpe"},
	} {
		in, err := source.Open(sourcetest.Real(t, name), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range []data.Layer{c.layer, ""} {
			if f, err := all.Detect(in, layer); err != nil || f.ID() != c.want {
				t.Errorf("%s as %q: %v, %v, want %s", name, layer, f, err, c.want)
			}
		}
		in.Close()
	}
}

func TestUnrecognisedSaysWhatItIsAndWhatIsRead(t *testing.T) {
	for content, want := range map[string]string{
		"%PDF-1.7 …":                        "PDF",
		"\x89PNG\r\n\x1a\n":                 "PNG",
		"<!doctype HTML><title>404</title>": "web page",
		"{\"a\": 1}":                        "JSON",
		"\x00\x01\x02\x03\x04\x05":          "first bytes 00 01 02 03 04 05",
	} {
		_, err := all.Detect(input(t, "file.bin", content), data.LayerZones)
		r, ok := source.Rejected(err)
		if !ok {
			t.Errorf("%q: %v", content, err)
			continue
		}
		p := r.Problem
		if p.Code != source.CodeUnrecognised || p.File != "file.bin" || !strings.Contains(p.Message.EN, want) ||
			!strings.Contains(p.Message.EN, "GeoPackage (.gpkg)") || !strings.Contains(p.Message.FR, "GeoPackage (.gpkg)") {
			t.Errorf("%q: %+v, want a message with %q", content, p, want)
		}
	}
}

// A file that is only suspected to be of a format is refused by its reader, which
// knows what is wrong with it.
func TestSuspectedFormatsAreRefusedByTheirReader(t *testing.T) {
	for name, content := range map[string]string{
		"base.db":   "SQLite format 3\x00" + strings.Repeat("\x00", 100),
		"zones.dbf": "anything",
		"zones.shp": "anything",
	} {
		f, err := all.Detect(input(t, name, content), data.LayerZones)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := sourcetest.Text(t, f, name, content, source.Options{Layer: data.LayerZones})
		if p := r.Rejected(t); p.File != name || p.Message.FR == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestWrongLayer(t *testing.T) {
	in, err := source.Open(sourcetest.Real(t, "finess/etalab-cs1100502-extract-20260512.csv"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_, err = all.Detect(in, data.LayerZones)
	if r, ok := source.Rejected(err); !ok || r.Problem.Code != all.CodeWrongLayer || !strings.Contains(r.Problem.Message.FR, "des foyers") {
		t.Errorf("FINESS as zones: %v", err)
	}
}

func TestIdentifiersAreUniqueAndFound(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range all.Formats() {
		if seen[f.ID()] || f.ID() == "" || f.Label().FR == "" || f.Label().EN == "" || len(f.Layers()) == 0 {
			t.Errorf("format %q is repeated or incomplete", f.ID())
		}
		seen[f.ID()] = true
		if g, ok := all.ByID(strings.ToUpper(f.ID())); !ok || g.ID() != f.ID() {
			t.Errorf("%s is not found", f.ID())
		}
		if !strings.Contains(all.Unknown("kml").Error(), f.ID()) {
			t.Errorf("%s is not listed for an unknown format", f.ID())
		}
	}
	for _, id := range []string{"finess-etalab", "finess-joined", "finess-json", "bpe", "police-gendarmerie", "schools", "ssmsi", "filosofi", "population", "csv", "geojson", "shapefile", "gpkg", "qrr-json"} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	if _, ok := all.ByID("kml"); ok {
		t.Error("an unknown format is found")
	}
}
