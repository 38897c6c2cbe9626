package population

import (
	"os"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var statistics = source.Options{Layer: data.LayerStatistics}

func TestGolden(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/population.csv", statistics)
	r.Sound(t)
	sourcetest.Golden(t, r, "testdata/population.golden")
}

// The year stands in a column, in a column's name, in the file's name or in the edition.
func TestWhereTheYearStands(t *testing.T) {
	for _, c := range []struct {
		name, content, edition string
		year                   int
	}{
		{"a.csv", "CODGEO;P22_POP\n01004;14321\n", "", 2022},
		{"a.csv", "COM;PMUN2021;PTOT2021\n01004;14321;2\n", "", 2021},
		{"a.csv", "code_insee;population;millesime\n01004;14321;2020\n", "", 2020},
		{"populations-2019.csv", "code_insee;population\n01004;14321\n", "", 2019},
		{"a.csv", "code_insee;population\n01004;14321\n", "2018", 2018},
	} {
		r := sourcetest.Text(t, Format{}, c.name, c.content, source.Options{Layer: data.LayerStatistics, Edition: c.edition})
		r.Sound(t)
		if r.Err != nil || len(r.Statistics) != 1 || r.Statistics[0].Year != c.year || *r.Statistics[0].Value != 14321 || r.Statistics[0].Edition != c.edition {
			t.Errorf("%s %q: %s", c.name, c.content, r)
		}
	}
	for content, code := range map[string]string{
		"code_insee;population\n01004;1\n": "missing-year", "population;annee\n1;2022\n": "missing-columns", "code_insee;annee\n01004;2022\n": "missing-columns",
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", content, statistics)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != code {
			t.Errorf("%q: %+v", content, p)
		}
	}
}

// Homes and zones may have a population as well: they are not this format's.
func TestTablesWithPositionsAreNotPopulations(t *testing.T) {
	for content, want := range map[string]bool{
		"code_commune;population;annee\n":                true,
		"code;P22_POP\n":                                 true,
		"id;nom;code_insee;population;lon;lat\n":         false,
		"code_qp;code_insee;population;wkt\n":            false,
		"identifiant;nom\n":                              false,
		"CODGEO_2026;annee;indicateur;taux_pour_mille\n": false,
	} {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "a.csv", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := (Format{}).Detect(in) > 0; got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
}

func TestNonsense(t *testing.T) { sourcetest.RejectsNonsense(t, Format{}, "2021.csv", statistics) }

func FuzzRead(f *testing.F) {
	b, err := os.ReadFile("testdata/population.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "a.csv", content, statistics).Sound(t)
	})
}
