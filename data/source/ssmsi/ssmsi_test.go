package ssmsi

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var statistics = source.Options{Layer: data.LayerStatistics}

func TestGoldens(t *testing.T) {
	for _, file := range []string{"communes-2026", "communes-2023", "departements-geographie2026"} {
		r := sourcetest.File(t, Format{}, "testdata/"+file+".csv", statistics)
		r.Sound(t)
		sourcetest.Golden(t, r, "testdata/"+file+".golden")
	}
}

// A withheld figure is unknown, whatever the line says beside it, and the département's
// mean of such communes is nowhere the value of a commune.
func TestWithheldFiguresStayUnknown(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/communes-2026.csv", statistics)
	withheld, means := 0, 0
	for _, s := range r.Statistics {
		if s.Status == data.StatisticNotPublished {
			withheld++
			if s.Value != nil || s.Count != nil {
				t.Errorf("a withheld figure has a value: %+v", s)
			}
		}
		if strings.HasSuffix(s.Indicator, data.SuppressedMean) {
			means++
			if s.Level != data.StatisticDepartment || s.Area != "01" {
				t.Errorf("the mean of a département is given to %s %s", s.Level, s.Area)
			}
		} else if s.Value != nil && (*s.Value == 0.32 || *s.Value == 0.4) {
			t.Errorf("a mean became a value: %+v", s)
		}
	}
	if withheld != 3 || means != 2 {
		t.Errorf("%d withheld, %d means", withheld, means)
	}
}

// Paris has figures as a whole and by district: adding up the communes counts it once.
func TestDistrictsHaveALevelOfTheirOwn(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/communes-2026.csv", statistics)
	levels := map[string]data.StatisticLevel{}
	people := 0.
	for _, s := range r.Statistics {
		levels[s.Area] = s.Level
		if s.Indicator == data.IndicatorPopulation && s.Level == data.StatisticCommune && s.Department == "75" {
			people += *s.Value
		}
	}
	if levels["75056"] != data.StatisticCommune || levels["75101"] != data.StatisticDistrict || people != 2_100_000 {
		t.Errorf("levels %v, %v people", levels, people)
	}
}

func TestFiltersAndEdition(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/communes-2026.csv", source.Options{
		Layer: data.LayerStatistics, Departments: []string{"01"}, Since: 2025, Edition: "juillet-2026",
	})
	for _, s := range r.Statistics {
		census := s.Indicator == data.IndicatorPopulation || s.Indicator == data.IndicatorDwellings
		if s.Department != "01" || s.Year < 2025 && !census || s.Edition != "juillet-2026" {
			t.Errorf("%+v", s)
		}
	}
	if r.Filtered["year"] != 2 || r.Filtered["département 75"] != 2 || r.Filtered["département 2A"] != 1 {
		t.Errorf("filtered %v", r.Filtered)
	}
}

func TestGzip(t *testing.T) {
	plain, err := os.ReadFile("testdata/communes-2026.csv")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "communes-2026.csv.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, want := sourcetest.File(t, Format{}, path, statistics), sourcetest.File(t, Format{}, "testdata/communes-2026.csv", statistics)
	if strings.ReplaceAll(got.String(), ".csv.gz", ".csv") != want.String() {
		t.Errorf("compressed:\n%s", got)
	}
}

func TestBadFiles(t *testing.T) {
	header := "CODGEO_2026;annee;indicateur;nombre;taux_pour_mille;est_diffuse\n"
	for name, c := range map[string]struct{ content, code string }{
		"no line":             {"\n", source.CodeEmptyFile},
		"no area":             {"annee;indicateur;nombre;taux_pour_mille;est_diffuse\n2025;x;1;1;diff\n", "missing-columns"},
		"no publication flag": {"CODGEO_2026;annee;indicateur;nombre;taux_pour_mille\n01004;2025;x;1;1\n", "missing-columns"},
		"no rate":             {"CODGEO_2026;annee;indicateur;nombre;est_diffuse\n", "missing-columns"},
		"nothing but errors":  {header + strings.Repeat("x;2025;Homicides;1;1;diff\n", 20_000), "too-many-errors"},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", c.content, statistics)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for name, c := range map[string]struct{ line, code string }{
		"infinite":    {"01004;2025;Homicides;1;Inf;diff", "bad-number"},
		"negative":    {"01004;2025;Homicides;-1;1;diff", "bad-number"},
		"two commas":  {"01004;2025;Homicides;1;1,2,3;diff", "bad-number"},
		"no name":     {"01004;2025;;1;1;diff", "bad-indicator"},
		"only signs":  {"01004;2025;???;1;1;diff", "bad-indicator"},
		"a future":    {"01004;9999;Homicides;1;1;diff", "bad-year"},
		"no commune":  {";2025;Homicides;1;1;diff", "bad-area-code"},
		"a flag more": {"01004;2025;Homicides;1;1;", "bad-publication-flag"},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", header+c.line+"\n01004;2025;Homicides;1;0,5;diff\n", statistics)
		r.Sound(t)
		if p, ok := r.Find(c.code); !ok || p.Line != 2 || p.Severity != data.SeverityError || p.Column == 0 || len(r.Statistics) != 1 {
			t.Errorf("%s: %s", name, r)
		}
	}
}

func TestNonsense(t *testing.T) { sourcetest.RejectsNonsense(t, Format{}, "a.csv", statistics) }

func FuzzRead(f *testing.F) {
	for _, file := range []string{"communes-2026.csv", "communes-2023.csv", "departements-geographie2026.csv"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "a.csv", content, statistics).Sound(t)
	})
}
