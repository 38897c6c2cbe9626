package reception

import (
	"os"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var places = source.Options{Layer: data.LayerPlaces}

func TestGoldens(t *testing.T) {
	for _, file := range []string{"export-gn2", "export-pn"} {
		r := sourcetest.File(t, Format{}, "testdata/"+file+".csv", places)
		r.Sound(t)
		sourcetest.Golden(t, r, "testdata/"+file+".golden")
	}
}

func TestOpenAtNight(t *testing.T) {
	all := func(hours string) string {
		var b strings.Builder
		for _, d := range days {
			b.WriteString(d + " : " + hours + " ")
		}
		return b.String()
	}
	for raw, want := range map[string]struct{ night, readable bool }{
		all("8h00-12h00 14h00-18h00"): {false, true},
		all("0h00-24h00"):             {true, true},
		all("24h/24"):                 {true, true},
		all("22h00-6h00"):             {true, true},
		all("20h-8h"):                 {true, true},
		all("22h00-24h00 0h00-6h00"):  {true, true},
		all("22h30-6h00"):             {false, true},
		all("8h00-23h59"):             {false, true},
		strings.Replace(all("0h00-24h00"), "dimanche : 0h00-24h00", "dimanche : fermé", 1): {false, true},
		"Jours Fériés : 0h00-24h00":                     {false, false},
		" Lundi : 8h00-12h00 Jours Fériés : 9h00-12h00": {false, true},
		"$Lundi : 8h00 - 12h00$Mardi : 8h00 à 12h00":    {false, true},
		"sur rendez-vous":                               {false, false},
		"8h00-12h00":                                    {false, false},
		"Lundi : 8h00":                                  {false, false},
		"Lundi : 25h00-26h00":                           {false, false},
		"Lundi : 24h30-8h00":                            {false, false},
	} {
		if night, readable := openAtNight(raw); night != want.night || readable != want.readable {
			t.Errorf("%q: %v %v, want %v %v", raw, night, readable, want.night, want.readable)
		}
	}
}

// The same file gives the same identifiers, whatever else it holds.
func TestIssuedIdentifiersAreStable(t *testing.T) {
	b, err := os.ReadFile("testdata/export-pn.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(b), "\n")
	first, second, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	a := sourcetest.Text(t, Format{}, "a.csv", string(b), places)
	swapped := sourcetest.Text(t, Format{}, "b.csv", header+"\n"+second+"\n"+strings.Replace(first, "5.20265", "5.20266", 1)+"\n", places)
	if len(a.Places) != 2 || len(swapped.Places) != 2 || a.Places[0].ID != swapped.Places[1].ID || a.Places[1].ID != swapped.Places[0].ID {
		t.Errorf("%s\n%s", a, swapped)
	}
	if a.Codes()["id-issued"] != 1 {
		t.Errorf("problems %v", a.Codes())
	}
}

func TestDepartments(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/export-pn.csv", source.Options{Layer: data.LayerPlaces, Departments: []string{"2A"}})
	if len(r.Places) != 1 || r.Places[0].DepartmentCode != "2A" || r.Filtered["département 01"] != 1 {
		t.Errorf("%s", r)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ content, code string }{
		"missing columns": {"service;code_commune_insee\nx;01004\n", "missing-columns"},
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
	for _, file := range []string{"export-gn2.csv", "export-pn.csv"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "a.csv", content, places).Sound(t)
	})
}

func FuzzOpenAtNight(f *testing.F) {
	f.Add(" Lundi : 8h00-12h00 14h00-18h00 Mardi : 8h00-12h00")
	f.Fuzz(func(t *testing.T, raw string) {
		if night, readable := openAtNight(raw); night && !readable {
			t.Error("open on hours that can’t be read")
		}
	})
}
