package delimited

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
	"vigie/geo/crs"
)

func TestGoldens(t *testing.T) {
	for file, layer := range map[string]data.Layer{
		"sites-fr": data.LayerSites, "sites-en": data.LayerSites, "zones": data.LayerZones, "places": data.LayerPlaces,
	} {
		r := sourcetest.File(t, Format{}, filepath.Join("testdata", file+".csv"), source.Options{Layer: layer})
		r.Sound(t)
		sourcetest.Golden(t, r, filepath.Join("testdata", file+".golden"))
	}
}

// The same table is read the same whatever separates its fields.
func TestSeparators(t *testing.T) {
	const table = "id;name;lon;lat\n1;Elm House;5.2;46.2\n2;\"Oak; Ash, and|more\t\";5.3;46.3\n"
	for _, sep := range []string{";", ",", "\t", "|"} {
		// Only the separators outside quotes change.
		parts := strings.Split(table, `"`)
		for i := range parts {
			if i%2 == 0 {
				parts[i] = strings.ReplaceAll(parts[i], ";", sep)
			}
		}
		r := sourcetest.Text(t, Format{}, "a.csv", strings.Join(parts, `"`), source.Options{Layer: data.LayerSites})
		if r.Err != nil || len(r.Sites) != 2 || r.Sites[0].Position == nil || r.Sites[1].Name != "Oak; Ash, and|more" || len(r.Problems) > 0 {
			t.Errorf("separator %q:\n%s", sep, r)
		}
	}
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name, content string
		opt           source.Options
		code          string
		line          int
		says          string
	}{
		{"wrong separator", "id:nom:lon:lat\n1:a:5:46\n", source.Options{Layer: data.LayerSites}, "missing-columns", 1, "id:nom:lon:lat"},
		{"no header", "1;MECS;5.2;46.2\n", source.Options{Layer: data.LayerSites}, "missing-columns", 1, "lon"},
		{"half a position", "id;nom;lon\n1;a;5\n", source.Options{Layer: data.LayerSites}, "missing-columns", 1, "lat"},
		{"zones without geometry", "code;nom\nZ1;a\n", source.Options{Layer: data.LayerZones}, "missing-columns", 1, "wkt"},
		{"absent id field", "id;nom;lon;lat\n", source.Options{Layer: data.LayerSites, IDField: "numero"}, "missing-columns", 1, "numero"},
		{"blank lines", "\n\n\n", source.Options{Layer: data.LayerSites}, source.CodeEmptyFile, 0, ""},
		{"open quote", "id;nom;lon;lat\n1;\"a;5;46\n", source.Options{Layer: data.LayerSites}, "unclosed-quote", 2, ""},
		{"binary", "id;nom;lon;lat\n\x00\x01\x02", source.Options{Layer: data.LayerSites}, source.CodeUnrecognised, 2, ""},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", c.content, c.opt)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code || p.Line != c.line || !strings.Contains(p.Message.EN, c.says) {
			t.Errorf("%s: %+v, want %s on line %d about %q", c.name, p, c.code, c.line, c.says)
		}
	}
}

func TestStopsAfterALongRunOfErrors(t *testing.T) {
	r := sourcetest.Text(t, Format{}, "a.csv", "id,nom,lon,lat\n"+strings.Repeat("1;A;5.2;46.2\n", 200_000), source.Options{Layer: data.LayerSites})
	if p := r.Rejected(t); p.Code != "too-many-errors" || len(r.Problems) > 20_000 {
		t.Errorf("%+v after %d problems", p, len(r.Problems))
	}
	mixed := strings.Repeat("cut\n", 9_000) + "1,A,5.2,46.2\n" + strings.Repeat("cut\n", 9_000) + "2,B,5.2,46.2\n"
	r = sourcetest.Text(t, Format{}, "a.csv", "id,nom,lon,lat\n"+mixed, source.Options{Layer: data.LayerSites})
	if r.Err != nil || len(r.Sites) != 2 || len(r.Problems) != 18_000 {
		t.Errorf("%d sites, %d problems, %v", len(r.Sites), len(r.Problems), r.Err)
	}
}

func TestOptionsNameFieldsAndCRS(t *testing.T) {
	lambert, ok := crs.ByCode(2154)
	if !ok {
		t.Fatal("EPSG:2154 is unknown")
	}
	x, y := lambert.FromWGS84(5.2, 46.2)
	content := "Ref;Titre;id;x;y;epsg\nR1;Elm;ignored;" + ftoa(x) + ";" + ftoa(y) + ";9999\n"
	r := sourcetest.Text(t, Format{}, "a.csv", content, source.Options{Layer: data.LayerSites, IDField: "ref", NameField: "TITRE", CRS: &lambert})
	if len(r.Sites) != 1 || r.Sites[0].ID != "R1" || r.Sites[0].Name != "Elm" || r.Sites[0].Position == nil || len(r.Problems) > 0 {
		t.Errorf("%s", r)
	}
}

func ftoa(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func TestIssuedIdentifiersAreStable(t *testing.T) {
	const content = "nom,lon,lat\nA,5.2,46.2\nB,5.3,46.3\n"
	opt := source.Options{Layer: data.LayerSites}
	first, second := sourcetest.Text(t, Format{}, "a.csv", content, opt), sourcetest.Text(t, Format{}, "b.csv", content, opt)
	if len(first.Sites) != 2 || first.Sites[0].ID == first.Sites[1].ID || first.Sites[0].ID != second.Sites[0].ID {
		t.Errorf("identifiers %s", first)
	}
	if p, ok := first.Find("id-issued"); !ok || p.Line != 2 || first.Codes()["id-issued"] != 1 {
		t.Errorf("the issued identifiers are not told once: %+v", first.Problems)
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, content string
		low, high     int
	}{
		{"a.csv", "id;nom;lon;lat\n", 50, 70},
		{"a.data", "id;nom;lon;lat\n", 30, 50},
		{"a.csv", "foo;bar\n", 10, 30},
		{"a.csv", "nothing here\n", 1, 10},
		{"a.bin", "nothing here\n", 0, 0},
		{"a.csv", "\x00\x01;\x02", 0, 0},
		{"a.csv", `{"type":"FeatureCollection","features":[]}`, 0, 0},
	} {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: c.name, Size: int64(len(c.content)), ReaderAt: strings.NewReader(c.content)}}, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := (Format{}).Detect(in); got < c.low || got > c.high {
			t.Errorf("%s %q: %d, want %d to %d", c.name, c.content, got, c.low, c.high)
		}
	}
}

func TestRealFacilities(t *testing.T) {
	r := sourcetest.File(t, Format{}, sourcetest.Real(t, "bpe/amenities-bpe25-sample-extract.csv"), source.Options{Layer: data.LayerPlaces})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	r.Sound(t)
	located, centroids, kinds := 0, 0, map[string]int{}
	for _, p := range r.Places {
		kinds[p.Kind]++
		if p.Position != nil {
			located++
			if p.Position.Precision == data.PrecisionCommune {
				centroids++
			}
		}
	}
	if len(r.Places) != 10 || located != 9 || centroids == 0 || kinds["gendarmerie"] == 0 {
		t.Errorf("%d places, %d located, %d random points of a commune, kinds %v\n%s", len(r.Places), located, centroids, kinds, r)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"sites-fr.csv", "sites-en.csv", "zones.csv", "places.csv"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, layer := range (Format{}).Layers() {
			sourcetest.Text(t, Format{}, "a.csv", content, source.Options{Layer: layer}).Sound(t)
		}
	})
}

func TestNonsense(t *testing.T) {
	sourcetest.RejectsNonsense(t, Format{}, "a.csv", source.Options{Layer: data.LayerSites})
}

// Spreadsheets write lines of separators below a table: they are no homes.
func TestLinesOfSeparatorsAreNoRecords(t *testing.T) {
	for name, content := range map[string]string{
		"below":    "id;name;lon;lat\nA1;Foyer fictif;5.2;46.2\n;;;\n ;\t;;\n;;;;;;\n",
		"between":  "id;name;lon;lat\n;;;\nA1;Foyer fictif;5.2;46.2\n",
		"no id":    "name;lon;lat\nFoyer fictif;5.2;46.2\n;;\n",
		"two more": "name;lon;lat\n;\n;;\nFoyer fictif;5.2;46.2\n",
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", content, source.Options{Layer: data.LayerSites})
		if r.Err != nil || len(r.Sites) != 1 || r.Sites[0].Name != "Foyer fictif" || r.Codes()["wrong-columns"] > 0 {
			t.Errorf("%s: %v\n%s", name, r.Err, r)
		}
	}
}
