package bpe

import (
	"os"
	"slices"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var places = source.Options{Layer: data.LayerPlaces}

func fixture(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/bpe.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGolden(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/bpe.csv", places)
	r.Sound(t)
	sourcetest.Golden(t, r, "testdata/bpe.golden")
}

// The official sample: overseas projections, a commune's random point, Mayotte without
// coordinates.
func TestOfficialSample(t *testing.T) {
	path := sourcetest.Real(t, "bpe/amenities-bpe25-sample-extract.csv")
	r := sourcetest.File(t, Format{}, path, places)
	r.Sound(t)
	var kinds []string
	for _, p := range r.Places {
		kinds = append(kinds, p.Kind)
		if p.Position == nil || p.Position.Precision == data.PrecisionCommune || p.Edition != "2025" || p.Source != "bpe" {
			t.Errorf("%s: %+v", p.Name, p)
		}
	}
	want := []string{"gendarmerie", "gendarmerie", "police", "school", "emergency", "station"}
	if r.Err != nil || len(r.Problems) > 0 || !slices.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v\n%s", kinds, want, r)
	}
	all := sourcetest.File(t, Format{}, path, source.Options{Layer: data.LayerPlaces, Categories: []string{"B105", "A206", "F101", "A207"}})
	all.Sound(t)
	unlocated, vague := 0, 0
	for _, p := range all.Places {
		switch {
		case p.Position == nil:
			unlocated++
		case p.Position.Precision == data.PrecisionCommune:
			vague++
		}
		if p.Kind != data.KindOther {
			t.Errorf("%s is a %s", p.Name, p.Kind)
		}
	}
	if len(all.Places) != 4 || unlocated != 1 || vague != 1 || len(all.Problems) > 0 {
		t.Errorf("%d places, %d not located, %d at random\n%s", len(all.Places), unlocated, vague, all)
	}
}

// A facility keeps its identifier when only its coordinates, their quality or its type's
// code change from an edition to the next.
func TestIdentifiersHoldFromAnEditionToTheNext(t *testing.T) {
	old := fixture(t)
	next := strings.NewReplacer(`"2025"`, `"2026"`, `"A140"`, `"A101"`, `"5.20265";"46.20476";"B"`, `"5.20301";"46.20502";"A"`).Replace(old)
	a, b := sourcetest.Text(t, Format{}, "bpe.csv", old, places), sourcetest.Text(t, Format{}, "bpe.csv", next, places)
	if len(a.Places) == 0 || len(a.Places) != len(b.Places) {
		t.Fatalf("%d and %d places", len(a.Places), len(b.Places))
	}
	for i := range a.Places {
		if a.Places[i].ID != b.Places[i].ID {
			t.Errorf("%s: %s became %s", a.Places[i].Name, a.Places[i].ID, b.Places[i].ID)
		}
	}
}

func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		opt  source.Options
		want []string
	}{
		"a département":     {source.Options{Departments: []string{"974"}}, []string{"BRIGADE FICTIVE"}},
		"a kind on request": {source.Options{Categories: []string{"restaurant"}}, []string{"RESTAURANT FICTIF"}},
		"a type":            {source.Options{Categories: []string{"b105"}}, []string{"SUPERMARCHE FICTIF"}},
		"no such type":      {source.Options{Categories: []string{"Z999"}}, nil},
	} {
		c.opt.Layer = data.LayerPlaces
		r := sourcetest.Text(t, Format{}, "bpe.csv", fixture(t), c.opt)
		var names []string
		for _, p := range r.Places {
			names = append(names, p.Name)
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s: %v, want %v", name, names, c.want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ content, code string }{
		"no line":        {"\n\n", source.CodeEmptyFile},
		"no quality":     {"TYPEQU;DEPCOM\nA104;01004\n", "missing-columns"},
		"another table":  {"a;b\n1;2\n", "missing-columns"},
		"open quote":     {"TYPEQU;DEPCOM;QUALITE_XY\nA104;\"01004;B\n", "unclosed-quote"},
		"a null byte":    {"TYPEQU;DEPCOM;QUALITE_XY\nA104;\x00;B\n", source.CodeUnrecognised},
		"not of columns": {"TYPEQU;DEPCOM;QUALITE_XY\n" + strings.Repeat("A104\n", 20_000), "too-many-errors"},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", c.content, places)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code {
			t.Errorf("%s: %+v, want %s", name, p, c.code)
		}
	}
}

func TestNonsense(t *testing.T) { sourcetest.RejectsNonsense(t, Format{}, "a.csv", places) }

func FuzzRead(f *testing.F) {
	f.Add(fixture(f))
	f.Add("TYPEQU;DEPCOM;QUALITE_XY;LAMBERT_X;LAMBERT_Y\nA104;01004;Bonne;870000;6570000\n")
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "a.csv", content, places).Sound(t)
	})
}
