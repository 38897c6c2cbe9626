package crs

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for label, want := range map[string]string{
		// Identifiers.
		"EPSG:2154":                        "EPSG:2154",
		"epsg:2154":                        "EPSG:2154",
		" 2154 ":                           "EPSG:2154",
		"EPSG::2154":                       "EPSG:2154",
		"EPSG 2154":                        "EPSG:2154",
		"[EPSG:4326]":                      "EPSG:4326",
		"urn:ogc:def:crs:EPSG::2154":       "EPSG:2154",
		"urn:ogc:def:crs:EPSG:9.8.15:3857": "EPSG:3857",
		"urn:ogc:def:crs:EPSG::4326":       "EPSG:4326",
		"urn:x-ogc:def:crs:EPSG:4326":      "EPSG:4326",
		"http://www.opengis.net/def/crs/EPSG/0/2154":       "EPSG:2154",
		"https://www.opengis.net/def/crs/EPSG/10.082/2975": "EPSG:2975",
		"http://www.opengis.net/gml/srs/epsg.xml#4326":     "EPSG:4326",
		"urn:ogc:def:crs:OGC:1.3:CRS84":                    "OGC:CRS84",
		"urn:ogc:def:crs:OGC::CRS84":                       "OGC:CRS84",
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84":     "OGC:CRS84",
		"http://www.opengis.net/def/crs/OGC/0/CRS84":       "OGC:CRS84",
		"OGC:CRS84": "OGC:CRS84",
		"CRS:84":    "OGC:CRS84",
		// FINESS, by vintage.
		"LAMBERT_93":    "EPSG:2154",
		"L93_METROPOLE": "EPSG:2154",
		"EPSG:2154 RGF93 / Lambert-93 (Métropole)":                           "EPSG:2154",
		"1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)":        "EPSG:2154",
		"1,ATLASANTE,100,IGN,BD_ADRESSE,V2.2,LAMBERT_93":                     "EPSG:2154",
		"2,ATLASANTE,84,BDADRESSE,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)":  "EPSG:5490",
		"EPSG:4471 RGM04/UTM zone 38S (Mayotte)":                             "EPSG:4471",
		"WGS84/UTM zone 21N (St-Pierre-et-Miquelon)":                         "EPSG:32621",
		"4,ATLASANTE,.,MAPS 06-11-2024,WGS84/UTM zone 1S (Wallis-et-Futuna)": "EPSG:32701",
		"WGS84/UTM zone 01S": "EPSG:32701",
		"UTM_N20":            "EPSG:5490",
		"UTM_N21":            "EPSG:4467",
		"UTM_N22":            "EPSG:2972",
		"UTM_S38":            "EPSG:4471",
		"UTM_S40":            "EPSG:2975",
		"UTM20N_ANTILLES":    "EPSG:5490",
		"UTM40S_LA_REUNION":  "EPSG:2975",
		// Names.
		"RGF93 v1 / Lambert-93":             "EPSG:2154",
		"RGF93 / Lambert-93":                "EPSG:2154",
		"RGF93 v2b / Lambert-93":            "EPSG:9794",
		"Lambert 93":                        "EPSG:2154",
		"IGNF:LAMB93":                       "EPSG:2154",
		"RGF93 / CC46":                      "EPSG:3946",
		"cc50":                              "EPSG:3950",
		"RGR92 / UTM zone 40S":              "EPSG:2975",
		"RGR92UTM40S":                       "EPSG:2975",
		"RGAF09 UTM Nord Fuseau 20":         "EPSG:5490",
		"RGPF / UTM zone 6S":                "EPSG:3297",
		"WGS 84 / UTM zone 6S":              "EPSG:32706",
		"WGS 84":                            "EPSG:4326",
		"RGF93":                             "EPSG:4171",
		"ETRS89":                            "EPSG:4258",
		"WGS 84 / Pseudo-Mercator":          "EPSG:3857",
		"RGNC91-93 / Lambert New Caledonia": "EPSG:3163",
		"WGS84 UTM Sud Fuseau 1":            "EPSG:32701",
		// Refused.
		"EPSG:99999":                     "",
		"EPSG:21540000":                  "",
		"EPSG:2154x":                     "",
		"Combani 1950 / UTM zone 38S":    "",
		"NAD27 / UTM zone 20N":           "",
		"WGS84/UTM zone 61N":             "",
		"UTM zone 3N":                    "",
		"LAMBERT":                        "",
		"MAPS 06-11-2024":                "",
		"(Métropole)":                    "",
		"":                               "",
		"1,ATLASANTE,96,BAN,":            "",
		strings.Repeat("EPSG:2154 ", 99): "",
	} {
		c, err := Parse(label)
		got := ""
		if err == nil {
			got = c.String()
		}
		if got != want {
			t.Errorf("Parse(%q) = %q (%v), want %q", label, got, err, want)
		}
	}
}

func TestParseReadsWhatWeWrite(t *testing.T) {
	for _, c := range All() {
		for _, s := range []string{c.String(), c.URI(), c.Name()} {
			if got, err := Parse(s); err != nil || got != c {
				t.Errorf("Parse(%q) = %v, %v; want %v", s, got, err, c)
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	var e *Error
	_, err := Parse("1,ATLASANTE,96,BAN,LAMBERT_72")
	if !errors.As(err, &e) {
		t.Fatalf("not an *Error: %v", err)
	}
	checkFrench(t, e.FR)
	for _, s := range []string{e.FR, e.EN} {
		for _, part := range []string{"LAMBERT_72", "2154", "3942–3950", "OGC:CRS84", "5490"} {
			if !strings.Contains(s, part) {
				t.Errorf("%q does not mention %s", s, part)
			}
		}
	}
	for _, label := range []string{"EPSG:27572", "27561", "NTF (Paris) / Lambert zone II", "LAMBERT_2_ETENDU", "Lambert II étendu", "LAMBE", "ED50 / UTM zone 31N", "EPSG:4275"} {
		_, err := Parse(label)
		if !errors.As(err, &e) || !strings.Contains(e.EN, "older than RGF93") || !strings.Contains(e.FR, label) {
			t.Errorf("Parse(%q): %v; want a refusal that says why", label, err)
		}
		checkFrench(t, e.FR)
	}
	if _, err := Parse("\xff\x00" + strings.Repeat("é", 200)); !errors.As(err, &e) || len([]rune(e.Value)) > 80 {
		t.Errorf("a long label is not shortened: %v", err)
	}
}

// testData is the folder of official files, see CONTRIBUTING.
func testData(t *testing.T, elements ...string) string {
	t.Helper()
	dir := os.Getenv("VIGIE_TEST_DATA")
	if dir == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if filepath.Dir(root) == root {
				t.Fatal("go.mod not found above the package")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(filepath.Dir(root), "shared", "data")
	}
	path := filepath.Join(append([]string{dir}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("official file absent (set VIGIE_TEST_DATA): %v", err)
	}
	return path
}

// Every located row of a real FINESS file has a known CRS in which its position
// is plausible, and falls in the right territory.
func TestRealFINESSLabels(t *testing.T) {
	f, err := os.Open(testData(t, "finess", "amenities-finess-sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = ';', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	located := 0
	for _, row := range rows[1:] {
		label := row[column["sourcecoordet"]]
		if label == "" {
			continue
		}
		located++
		c, err := Parse(label)
		if err != nil {
			t.Errorf("%q: %v", label, err)
			continue
		}
		x, y := number(t, row[column["coordxet"]]), number(t, row[column["coordyet"]])
		lon, lat := c.ToWGS84(x, y)
		if _, ok := Legal(lon, lat); !ok || !c.Plausible(x, y) {
			t.Errorf("%q: (%v, %v) falls at %.4f, %.4f", label, x, y, lon, lat)
		}
	}
	if located < 10 {
		t.Errorf("only %d located rows", located)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"EPSG:2154", "1,ATLASANTE,96,BAN,L93_METROPOLE", "WGS84/UTM zone 1S (Wallis)", "urn:ogc:def:crs:EPSG::4326", "27572", "UTM_N20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.FR == "" || e.EN == "" || len([]rune(e.Value)) > 80):
			t.Fatalf("Parse(%q): poor error %v", s, err)
		case err == nil:
			if again, err := Parse(c.String()); err != nil || again != c {
				t.Fatalf("Parse(%q) = %v, which reads back as %v, %v", s, c, again, err)
			}
		}
	})
}
