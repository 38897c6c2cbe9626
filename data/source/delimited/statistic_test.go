package delimited

import (
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

var statistics = source.Options{Layer: data.LayerStatistics}

func TestStatisticsGolden(t *testing.T) {
	r := sourcetest.File(t, Format{}, "testdata/statistics.csv", statistics)
	r.Sound(t)
	sourcetest.Golden(t, r, "testdata/statistics.golden")
}

func TestStatisticsOptions(t *testing.T) {
	const content = "area,indicator,year,value,unit\n01004,under_21,2020,5,people\n69123,under_21,2022,6,people\n01004,under_21,2022,7,people\n"
	opt := statistics
	opt.Since, opt.Departments, opt.Edition = 2021, []string{"01"}, "2025"
	r := sourcetest.Text(t, Format{}, "a.csv", content, opt)
	r.Sound(t)
	if len(r.Statistics) != 1 || *r.Statistics[0].Value != 7 || r.Statistics[0].Edition != "2025" || len(r.Filtered) != 2 || len(r.Problems) > 0 {
		t.Errorf("%s", r)
	}
	// The year stands in the edition or in the file's name as well.
	r = sourcetest.Text(t, Format{}, "jeunes-2021.csv", "code_insee;indicateur;valeur;unite\n01004;under_21;5;people\n", statistics)
	if len(r.Statistics) != 1 || r.Statistics[0].Year != 2021 {
		t.Errorf("%s", r)
	}
}

func TestStatisticsWithoutAColumn(t *testing.T) {
	for content, c := range map[string]struct{ code, says string }{
		"area;indicator;value\n01004;population;1\n": {"missing-year", "--edition"},
		"area;indicator;year\n01004;population;1\n":  {"missing-columns", "value"},
		"area;year;value\n01004;2022;1\n":            {"missing-columns", "indicator"},
		"indicator;year;value\npopulation;2022;1\n":  {"missing-columns", "area"},
	} {
		r := sourcetest.Text(t, Format{}, "a.csv", content, statistics)
		r.Sound(t)
		if p := r.Rejected(t); p.Code != c.code || p.Line != 1 || !strings.Contains(p.Message.EN, c.says) {
			t.Errorf("%q: %+v", content, p)
		}
	}
}

func TestDetectStatistics(t *testing.T) {
	const content = "area;indicator;year;value\n"
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: "a.csv", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := (Format{}).Detect(in); got < 50 {
		t.Errorf("%d", got)
	}
}

func TestZonesHaveAPopulation(t *testing.T) {
	const outline = "POLYGON((5.2 46.2,5.21 46.2,5.21 46.21,5.2 46.2))"
	for _, c := range []struct {
		column, value string
		want          int // −1: unknown
		problem       string
	}{
		{"population", "1200", 1200, ""},
		{"Population municipale", "1 200", 1200, ""},
		{"popmuni", "1200.0", 1200, ""},
		{"P18_POP", "1199,6", 1200, ""},
		{"pop_2021", "0", 0, ""},
		{"nb_habitants", "", -1, ""},
		{"population", "NA", -1, ""},
		{"population", "s", -1, "bad-population"},
		{"population", "-1", -1, "bad-population"},
		{"population", "10000001", -1, "bad-population"},
		{"surface", "12", -1, ""},
	} {
		content := "code|nom|" + c.column + "|wkt\nZ1|Quartier fictif|" + c.value + "|" + outline + "\n"
		r := sourcetest.Text(t, Format{}, "a.csv", content, source.Options{Layer: data.LayerZones})
		r.Sound(t)
		if len(r.Zones) != 1 {
			t.Fatalf("%+v: %s", c, r)
		}
		switch n := r.Zones[0].Population; {
		case n == nil && c.want >= 0, n != nil && *n != c.want:
			t.Errorf("%s %q: %s", c.column, c.value, r)
		}
		p, found := r.Find("bad-population")
		if found != (c.problem != "") || found && (p.Line != 2 || p.Column != 3 || p.Field != c.column || p.Severity != data.SeverityWarning) {
			t.Errorf("%s %q: %+v", c.column, c.value, r.Problems)
		}
	}
}

// A column that bears no year is the surest, then that of the newest year.
func TestNewestPopulationIsTaken(t *testing.T) {
	for header, want := range map[string]int{"P13_POP|P18_POP|P08_POP": 2, "P13_POP|population|P18_POP": 2} {
		r := sourcetest.Text(t, Format{}, "a.csv", "code|"+header+"|wkt\nZ1|1|2|3|POLYGON((5.2 46.2,5.21 46.2,5.21 46.21,5.2 46.2))\n", source.Options{Layer: data.LayerZones})
		if len(r.Zones) != 1 || r.Zones[0].Population == nil || *r.Zones[0].Population != want {
			t.Errorf("%s: %s", header, r)
		}
	}
}
