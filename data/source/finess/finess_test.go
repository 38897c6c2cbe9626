package finess

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

func TestGoldens(t *testing.T) {
	for _, c := range []struct {
		format       source.Format
		file, golden string
		opt          source.Options
	}{
		{Etalab{}, "etalab.csv", "etalab.golden", source.Options{}},
		{Joined{}, "joined.csv", "joined.golden", source.Options{}},
		{JSON{}, "structures.json", "structures.golden", source.Options{}},
	} {
		r := sourcetest.File(t, c.format, filepath.Join("testdata", c.file), c.opt)
		r.Sound(t)
		sourcetest.Golden(t, r, filepath.Join("testdata", c.golden))
	}
}

func TestServicesOnRequest(t *testing.T) {
	r := sourcetest.File(t, Etalab{}, "testdata/etalab.csv", source.Options{Services: true})
	found := ""
	for _, s := range r.Sites {
		if s.Category == "236" {
			found = s.Name
		}
	}
	if found != `SERVICE DE PLACEMENT "LES ORMES"` {
		t.Errorf("the service is %q", found)
	}
}

// The order of structures and positions makes no difference.
func TestEtalabReadsPositionsInEitherOrder(t *testing.T) {
	b, err := os.ReadFile("testdata/etalab.csv")
	if err != nil {
		t.Fatal(err)
	}
	var header, structures, positions []string
	for i, line := range strings.SplitAfter(string(b), "\n") {
		switch {
		case i == 0:
			header = append(header, line)
		case strings.HasPrefix(line, "geolocalisation;01999002") || strings.HasPrefix(line, "geolocalisation;9"):
			positions = append(positions, line)
		case strings.HasPrefix(line, "structureet;"):
			structures = append(structures, line)
		}
	}
	after := sourcetest.Text(t, Etalab{}, "a.csv", strings.Join(header, "")+strings.Join(structures, "")+strings.Join(positions, ""), source.Options{})
	before := sourcetest.Text(t, Etalab{}, "a.csv", strings.Join(header, "")+strings.Join(positions, "")+strings.Join(structures, ""), source.Options{})
	if len(after.Sites) != len(before.Sites) || len(after.Sites) == 0 {
		t.Fatalf("%d and %d sites", len(after.Sites), len(before.Sites))
	}
	located := 0
	for i := range after.Sites {
		a, b := after.Sites[i], before.Sites[i]
		if a.ID != b.ID || (a.Position == nil) != (b.Position == nil) || a.Position != nil && *a.Position != *b.Position {
			t.Errorf("%+v and %+v", a, b)
		}
		if a.Position != nil {
			located++
		}
	}
	if located != 6 {
		t.Errorf("%d located, want 6", located)
	}
}

func TestDetect(t *testing.T) {
	for file, want := range map[string]string{"etalab.csv": "finess-etalab", "joined.csv": "finess-joined", "structures.json": "finess-json"} {
		in, err := source.Open(filepath.Join("testdata", file), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range Formats() {
			if score := f.Detect(in); (score >= 90) != (f.ID() == want) {
				t.Errorf("%s: %s detects with %d", file, f.ID(), score)
			}
		}
		in.Close()
	}
}

func TestBadInput(t *testing.T) {
	const structure = "structureet;019990017;;MECS;;;;;;;;;053;01;;;;;177;;;;;;;;;;2004-01-31;;;\n"
	for _, c := range []struct {
		name    string
		format  source.Format
		content string
		code    string
		line    int
	}{
		{"binary", Etalab{}, structure + "structureet;\x00\x01", source.CodeUnrecognised, 0},
		{"another stock", Etalab{}, "finess;etalab;93;2026-05-12\nactivitesoin;1;2\n", source.CodeUnrecognised, 0},
		{"only positions", Etalab{}, "geolocalisation;019990017;1;2;x;y\n", source.CodeUnrecognised, 0},
		{"open quote", Etalab{}, structure + "structureet;\"0199", "unclosed-quote", 2},
		{"other columns", Joined{}, "id,nom\n1,2\n", "missing-columns", 1},
		{"header cut", Joined{}, "nofinesset;rs;categetab\n", "missing-columns", 1},
		{"truncated", JSON{}, "{\"pmej\": [\n{\"ege\": [", source.CodeTruncated, 2},
		{"not the flow", JSON{}, "{\"schemaVersion\": \"1\", \"zones\": []}", source.CodeUnrecognised, 1},
		{"pmej an object", JSON{}, "{\"pmej\": {}}", source.CodeSyntax, 1},
		{"HTML", JSON{}, "<html>", source.CodeSyntax, 1},
		{"more after", JSON{}, "{\"pmej\": []} {}", source.CodeSyntax, 1},
	} {
		r := sourcetest.Text(t, c.format, "f", c.content, source.Options{})
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code || p.Line != c.line {
			t.Errorf("%s: %+v, want %s on line %d", c.name, p, c.code, c.line)
		}
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	in, err := source.Open("testdata/etalab.csv", source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (Etalab{}).Read(ctx, in, source.Options{}, source.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	full := errors.New("full")
	err = Etalab{}.Read(context.Background(), in, source.Options{}, source.Sink{Site: func(data.Site, source.Location) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("the sink's error is lost: %v", err)
	}
}

func TestSourceLabels(t *testing.T) {
	for _, c := range []struct {
		source    string
		precision data.Precision
		score     float64
		epsg      int
	}{
		{"1,ATLASANTE,100,IGN,BD_ADRESSE,V2.1,LAMBERT_93", data.PrecisionHouseNumber, 100, 2154},
		{"1,ATLASANTE,100,IGN,BD_ADRESSE,V2.2,LAMBERT_93", data.PrecisionHouseNumber, 100, 2154},
		{"1,ATLASANTE,96,BAN,L93_METROPOLE", data.PrecisionHouseNumber, 96, 2154},
		{"1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)", data.PrecisionHouseNumber, 96, 2154},
		{"2,ATLASANTE,83,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)", data.PrecisionStreet, 83, 2154},
		{"1,ATLASANTE,56,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)", data.PrecisionStreet, 56, 2154},
		{"1,ATLASANTE,40,BAN,L93_METROPOLE", data.PrecisionLocality, 40, 2154},
		{"3,ATLASANTE,90,BAN,L93_METROPOLE", data.PrecisionLocality, 90, 2154},
		{"4,ATLASANTE,.,ADMIN-EXPRESS-2023,EPSG:2154 RGF93 / Lambert-93 (Métropole)", data.PrecisionCommune, 0, 2154},
		{"1,ATLASANTE,.,ADMIN-EXPRESS-2023,L93_METROPOLE", data.PrecisionCommune, 0, 2154},
		{"2,ATLASANTE,84,BDADRESSE,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)", data.PrecisionStreet, 84, 5490},
		{"2,ATLASANTE,87,BAN,EPSG:2972 RGFG95/UTM zone 22N (Guyane)", data.PrecisionStreet, 87, 2972},
		{"1,ATLASANTE,98,BAN,EPSG:2975 RGR92/UTM zone 40S (La Réunion)", data.PrecisionHouseNumber, 98, 2975},
		{"1,ATLASANTE,97,BAN,EPSG:4471 RGM04/UTM zone 38S (Mayotte)", data.PrecisionHouseNumber, 97, 4471},
		{"2,ATLASANTE,90,BAN,WGS84/UTM zone 21N (St-Pierre-et-Miquelon)", data.PrecisionStreet, 90, 32621},
		{"4,ATLASANTE,.,MAPS 06-11-2024,WGS84/UTM zone 1S (Wallis-et-Futuna)", data.PrecisionCommune, 0, 32701},
	} {
		g := parseSource(c.source)
		label, problems := source.NewLocator(source.Options{}).Label(g.crs, data.SeverityError)
		if g.precision != c.precision || g.score != c.score || len(problems) > 0 || label == nil || label.Code() != c.epsg {
			t.Errorf("%s: %+v, CRS %v %v", c.source, g, label, problems)
		}
	}
}

func located(sites []data.Site) (n int) {
	for _, s := range sites {
		if s.Position != nil {
			n++
		}
	}
	return n
}

// every lists all the categories of a file, to read it whole.
func every(t *testing.T, f source.Format, path string) []string {
	t.Helper()
	var all []string
	for reason := range sourcetest.File(t, f, path, source.Options{Categories: []string{}}).Filtered {
		all = append(all, strings.TrimPrefix(reason, "category "))
	}
	return all
}

func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		format                   source.Format
		file                     string
		opt                      source.Options
		all                      bool
		sites, located, filtered int
		closed                   int
		problems                 map[string]int
	}{
		{Etalab{}, "finess/etalab-cs1100502-extract-20260512.csv", source.Options{}, false, 0, 0, 13, 0, nil},
		{Etalab{}, "finess/etalab-cs1100502-extract-20260512.csv", source.Options{}, true, 13, 0, 0, 0, map[string]int{"no-coordinates": 1}},
		{Joined{}, "finess/amenities-finess-sample.csv", source.Options{}, false, 0, 0, 17, 0, nil},
		{Joined{}, "finess/amenities-finess-sample.csv", source.Options{}, true, 17, 16, 0, 0, nil},
		{JSON{}, "finess/finess-structures-mensuel-202607-echantillon_json.gz", source.Options{}, false, 54, 44, 1699, 9, nil},
		{JSON{}, "finess/finess-structures-mensuel-202607-echantillon_json.gz", source.Options{Services: true}, false, 70, 59, 1683, 11, nil},
		{JSON{}, "finess/finess-structures-mensuel-202607-echantillon_json.gz", source.Options{}, true, 1753, 1142, 0, 912, map[string]int{"swapped-coordinates": 1, "coordinate-orientation": 1}},
	} {
		path := sourcetest.Real(t, c.file)
		opt := c.opt
		if c.all {
			opt.Categories = every(t, c.format, path)
		}
		r := sourcetest.File(t, c.format, path, opt)
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		r.Sound(t)
		filtered, closed := 0, 0
		for _, n := range r.Filtered {
			filtered += n
		}
		for _, s := range r.Sites {
			if s.Status == data.SiteClosed {
				closed++
			}
		}
		if len(r.Sites) != c.sites || located(r.Sites) != c.located || filtered != c.filtered || closed != c.closed {
			t.Errorf("%s: %d sites, %d located, %d filtered, %d closed; want %d, %d, %d, %d", c.file,
				len(r.Sites), located(r.Sites), filtered, closed, c.sites, c.located, c.filtered, c.closed)
		}
		if c.problems != nil && !maps.Equal(r.Codes(), c.problems) {
			t.Errorf("%s: problems %v, want %v", c.file, r.Codes(), c.problems)
		}
	}
}

func fuzz(f *testing.F, format source.Format, file string) {
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Add(string(b[:len(b)/2]))
	f.Fuzz(func(t *testing.T, content string) {
		r := sourcetest.Text(t, format, "f", content, source.Options{Services: true})
		r.Sound(t)
	})
}

func FuzzEtalab(f *testing.F) { fuzz(f, Etalab{}, "etalab.csv") }
func FuzzJoined(f *testing.F) { fuzz(f, Joined{}, "joined.csv") }
func FuzzJSON(f *testing.F)   { fuzz(f, JSON{}, "structures.json") }

func TestNonsense(t *testing.T) {
	for _, f := range Formats() {
		sourcetest.RejectsNonsense(t, f, "a.csv", source.Options{})
	}
}
