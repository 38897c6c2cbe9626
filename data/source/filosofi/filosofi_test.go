package filosofi

import (
	"os"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
	"vigie/geo/crs"
)

var statistics = source.Options{Layer: data.LayerStatistics}

func fixture(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/carreaux_200m_met_2021.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGolden(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/carreaux_200m_met_2021.csv", statistics)
	r.Sound(t)
	sourcetest.Golden(t, r, "testdata/carreaux_200m_met_2021.golden")
}

// Every area is a cell that can be drawn.
func TestAreasAreCells(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/carreaux_200m_met_2021.csv", statistics)
	for _, s := range r.Statistics {
		cell, err := crs.ParseGridCell(s.Area)
		if err != nil || cell.ID() != s.Area || cell.Size != 200 {
			t.Errorf("%s: %+v, %v", s.Area, cell, err)
		}
	}
}

// The columns of 2015 and 2017, the grid of 1 km.
func TestOtherLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		level   data.StatisticLevel
		year    int
	}{
		"Filosofi2015_carreaux_200m.csv": {"IdINSPIRE;Id_carr1km;I_est_cr;Depcom;Ind;Men;Men_pauv\nCRS3035RES200mN2523800E3944600;x;1;01053;10,5;4,0;1,0\n", data.StatisticGrid200, 2015},
		"Filosofi2017_carreaux_200m.csv": {"Idcar_200m,Idcar_1km,Idcar_nat,I_est_200,I_est_1km,lcog_geo,Groupe,Ind,Men,Men_pauv\nCRS3035RES200mN2523800E3944600,x,x,1,0,01053,1,10.5,4.0,1.0\n", data.StatisticGrid200, 2017},
		"Filosofi2019_carreaux_1km.csv":  {"idcar_1km,i_est_1km,lcog_geo,ind,men,men_pauv\nCRS3035RES1000mN2523000E3944000,1,01053,10.5,4.0,1.0\n", data.StatisticGrid1000, 2019},
	} {
		r := sourcetest.Text(t, Format{}, name, c.content, statistics)
		r.Sound(t)
		if len(r.Statistics) != 2 {
			t.Errorf("%s: %s", name, r)
			continue
		}
		s := r.Statistics[1]
		if s.Level != c.level || s.Year != c.year || !s.Estimated || s.Value == nil || *s.Value != 0.25 || *s.Count != 1 || *s.Denominator != 4 || s.Department != "01" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestYearAndDepartments(t *testing.T) {
	r := sourcetest.Text(t, Format{}, "carreaux.csv", fixture(t), statistics)
	if p := r.Rejected(t); p.Code != "missing-year" || !strings.Contains(p.Message.FR, "--edition") {
		t.Errorf("%+v", p)
	}
	r = sourcetest.Text(t, Format{}, "carreaux.csv", fixture(t), source.Options{Layer: data.LayerStatistics, Edition: "2021", Departments: []string{"974"}})
	if len(r.Statistics) != 2 || r.Statistics[0].Department != "974" || r.Filtered["département"] != 11 || len(r.Problems) > 0 {
		t.Errorf("%s", r)
	}
	// A cell astride the border belongs to both.
	border := "idcar_200m,i_est_200,lcog_geo,ind,men,men_pauv\nCRS3035RES200mN2523800E3944600,0,0105369123,10,4,1\n"
	r = sourcetest.Text(t, Format{}, "2021.csv", border, source.Options{Layer: data.LayerStatistics, Departments: []string{"69"}})
	if len(r.Statistics) != 2 || r.Statistics[0].Department != "01" {
		t.Errorf("%s", r)
	}
}

func TestNonsense(t *testing.T) { sourcetest.RejectsNonsense(t, Format{}, "2021.csv", statistics) }

func FuzzRead(f *testing.F) {
	f.Add(fixture(f))
	f.Add("IdINSPIRE;I_est_cr;Depcom;Ind;Men;Men_pauv\nCRS2975RES200mN7634200E0359400;1;97411;10,5;4,0;1,0\n")
	f.Fuzz(func(t *testing.T, content string) {
		sourcetest.Text(t, Format{}, "2021.csv", content, statistics).Sound(t)
	})
}
