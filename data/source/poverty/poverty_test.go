package poverty

import (
	"math"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var statistics = source.Options{Layer: data.LayerStatistics}

func TestOfficialAndPlainLayouts(t *testing.T) {
	for name, content := range map[string]string{
		"official": "CODGEO;NBMENFISC21;NBPERSMENFISC21;MED21;TP6021\n01004;6354;14000;21000;16,5\n01005;700;1600;24000;s\n01006;;;;\n",
		"plain":    "code_insee;nom;menages;taux_pauvrete_pct;annee\n01004;Ville fictive;6354;16.5;2021\n01005;Bourg fictif;700;nd;2021\n01006;Hameau fictif;;;2021\n",
	} {
		r := sourcetest.Text(t, Format{}, "rates.csv", content, statistics)
		r.Sound(t)
		if r.Err != nil || len(r.Statistics) != 3 {
			t.Fatalf("%s: %s", name, r)
		}
		a, b, c := r.Statistics[0], r.Statistics[1], r.Statistics[2]
		if a.Value == nil || math.Abs(*a.Value-0.165) > 1e-12 || a.Year != 2021 || *a.Denominator != 6354 || a.Status != data.StatisticPublished {
			t.Errorf("%s: %+v", name, a)
		}
		if b.Value != nil || b.Status != data.StatisticNotPublished {
			t.Errorf("%s: a withheld rate is unknown, not 0: %+v", name, b)
		}
		if c.Value != nil || c.Status != data.StatisticNotAvailable {
			t.Errorf("%s: an empty rate is unknown: %+v", name, c)
		}
	}
}

func TestBadRates(t *testing.T) {
	r := sourcetest.Text(t, Format{}, "rates.csv", "code_insee;taux_pauvrete;annee\n01004;120;2021\n01005;douze;2021\nxx;12;2021\n01006;12;vingt\n", statistics)
	r.Sound(t)
	if len(r.Statistics) != 0 || len(r.Problems) != 4 {
		t.Errorf("%s", r)
	}
	for content, code := range map[string]string{
		"code_insee;taux_pauvrete\n01004;1\n": "missing-year", "taux_pauvrete;annee\n1;2022\n": "missing-columns",
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", content, statistics)
		if p := r.Rejected(t); p.Code != code {
			t.Errorf("%q: %+v", content, p)
		}
	}
}

func TestDetect(t *testing.T) {
	for content, want := range map[string]bool{
		"CODGEO;NBMENFISC21;TP6021\n":          true,
		"code_insee;taux_pauvrete_pct;annee\n": true,
		"code_insee;population;annee\n":        false,
		"id;nom;lon;lat\n":                     false,
	} {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "a.csv", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := (Format{}).Detect(in) > 0; got != want {
			t.Errorf("%q: %v", content, got)
		}
		in.Close()
	}
}

func FuzzRead(f *testing.F) {
	f.Add("CODGEO;NBMENFISC21;TP6021\n01004;6354;16,5\n")
	f.Add("code_insee;taux_pauvrete;annee\n01004;s;2021\n")
	f.Fuzz(func(t *testing.T, content string) {
		if content == "" {
			t.Skip()
		}
		r := sourcetest.Text(t, Format{}, "a.csv", content, statistics)
		r.Sound(t)
	})
}
