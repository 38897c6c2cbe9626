package schools

import (
	"os"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var places = source.Options{Layer: data.LayerPlaces}

func TestGolden(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/annuaire.csv", places)
	r.Sound(t)
	sourcetest.Golden(t, r, "testdata/annuaire.golden")
}

// A position at the centre of a commune is not usable for proximity.
func TestPrecisionOfACentroid(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/annuaire.csv", places)
	for _, p := range r.Places {
		if p.ID == "0010002B" && (p.Position == nil || p.Position.Precision.Usable()) {
			t.Errorf("%+v", p.Position)
		}
		if p.ID == "0010001A" && (p.Position == nil || p.Position.Precision != data.PrecisionHouseNumber) {
			t.Errorf("%+v", p.Position)
		}
	}
}

func TestDepartments(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/annuaire.csv", source.Options{Layer: data.LayerPlaces, Departments: []string{"2A", "974"}})
	if len(r.Places) != 2 {
		t.Errorf("%s", r)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ content, code string }{
		"missing columns": {"identifiant_de_l_etablissement;nom\nx;y\n", "missing-columns"},
		"no line":         {"\n", source.CodeEmptyFile},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", c.content, places)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestNonsense(t *testing.T) { sourcetest.RejectsNonsense(t, Format{}, "a.csv", places) }

func FuzzRead(f *testing.F) {
	b, err := os.ReadFile("testdata/annuaire.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "a.csv", content, places).Sound(t)
	})
}
