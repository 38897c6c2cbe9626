package statistics

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
	"vigie/geo/disclosure"
)

func mustCompile(t *testing.T, r *Register, stored ...frozen) *release {
	t.Helper()
	out, err := compile(r, "2026-Q3", stored)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// each calls fn with every count of a release and what is published of it.
func (r *release) each(fn func(c *cell, f disclosure.Figure)) {
	for unit, t := range r.tables {
		for i := range t.cells {
			fn(&t.cells[i], r.figures[unit][i])
		}
	}
}

// breach says which rule a published figure breaks, "" for none.
func breach(c *cell, f disclosure.Figure) string {
	n := c.count
	switch {
	case f.Hidden():
		return ""
	case min(n.Addresses, n.Bodies) < 5:
		return "rule 3: fewer than 5 homes, addresses or managing bodies"
	case c.measure.Counts == disclosure.People && n.Value < 11:
		return "rule 3: fewer than 11 places"
	case 100*max(n.LargestSite, n.LargestBody) > 85*n.Value:
		return "rule 4: one home or body has over 85 %"
	case f.Value%5 != 0 || max(f.Value-n.Value, n.Value-f.Value) > 2:
		return "rule 6: not the figure rounded to base 5"
	}
	return ""
}

func TestRule2PublicGeographyIsNeverBelowTheDepartement(t *testing.T) {
	for _, c := range mustCompile(t, small()).edition().Cells {
		if c.Level != LevelDepartment && c.Level != LevelRegion && c.Level != LevelCountry {
			t.Errorf("a figure of level %q", c.Level)
		}
	}
	one := 1.
	imported := reader{
		{Area: "01004", Level: data.StatisticCommune, Indicator: "sexual_violence", Source: data.SourceSSMSI, Status: data.StatisticPublished, Value: &one},
		{Area: "01", Level: data.StatisticDepartment, Indicator: "sexual_violence", Source: data.SourceSSMSI, Year: 2025, Status: data.StatisticNotPublished},
		{Area: "01", Level: data.StatisticDepartment, Indicator: "sexual_violence" + data.SuppressedMean, Source: data.SourceSSMSI, Status: data.StatisticPublished, Value: &one},
	}
	series, err := Imported(t.Context(), imported)
	if err != nil {
		t.Fatal(err)
	}
	if len(series) != 1 || len(series[0].Figures) != 1 || series[0].Figures[0].Department != "01" {
		t.Fatalf("imported series: %+v", series)
	}
	if f := series[0].Figures[0]; f.Status != data.StatisticNotPublished || f.Value != nil {
		t.Errorf("a withheld figure became %+v", f)
	}
}

// reader holds imported statistics.
type reader []data.Statistic

func (r reader) Statistics(_ context.Context, f data.StatisticFilter, fn func(*data.Statistic) error) error {
	for i := range r {
		if slices.Contains(f.Levels, r[i].Level) {
			if err := fn(&r[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestRule3SmallCountsAreHidden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		homes, addresses, bodies int
		shown                    bool
	}{
		"four homes":                            {4, 4, 4, false},
		"five homes":                            {5, 5, 5, true},
		"nine homes of four managing bodies":    {9, 9, 4, false},
		"nine homes at four addresses":          {9, 4, 9, false},
		"nine homes, five addresses and bodies": {9, 5, 5, true},
	} {
		r := &Register{}
		for i := range c.homes {
			r.Homes = append(r.Homes, plain("01", fmt.Sprint(i%c.addresses), fmt.Sprint(i%c.bodies), 10))
		}
		e := mustCompile(t, r).edition()
		for _, measure := range []string{measureHomes, measurePlaces} {
			got := e.Cell(LevelDepartment, "01", measure)
			if shown := got.Status == StatusPublished; shown != c.shown {
				t.Errorf("%s: %s is %s", name, measure, got.Status)
			}
			if got.Status == StatusHidden && got.Value != nil {
				t.Errorf("%s: a hidden figure has the value %d", name, *got.Value)
			}
		}
	}
}

func TestRule4DominatedFiguresAreHidden(t *testing.T) {
	r := &Register{}
	for i := range 8 {
		r.Homes = append(r.Homes, plain("01", fmt.Sprint(i), fmt.Sprint(i), 10))
	}
	if c := mustCompile(t, r).edition().Cell(LevelDepartment, "01", measurePlaces); c.Status != StatusPublished {
		t.Errorf("eight equal homes: %s", c.Status)
	}
	*r.Homes[0].Places = 700
	if c := mustCompile(t, r).edition().Cell(LevelDepartment, "01", measurePlaces); c.Status != StatusHidden {
		t.Errorf("one home has 700 of 770 places: %s", c.Status)
	}
}

// Every edition is attacked before it is stored; the attack that would find a hidden
// figure refuses it.
func TestRule5NobodyFindsAHiddenFigure(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 5))
		r := &Register{QPV: "2024"}
		for _, d := range []string{"2A", "2B", "971", "22", "29", "35", "56"} {
			for range rng.IntN(25) {
				r.Homes = append(r.Homes, fictitiousHome(rng, d, 1+rng.IntN(12), rng.Float64()))
			}
		}
		out, err := compile(r, "2026-Q3", nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		out.each(func(c *cell, f disclosure.Figure) {
			if b := breach(c, f); b != "" {
				t.Errorf("%s %d: %s", c.key(), c.count.Value, b)
			}
		})
		for unit, tb := range out.tables {
			whole, _ := tb.withStored(unit, "", nil)
			intervals, err := whole.Attack(out.figures[unit])
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range out.figures[unit] {
				v := float64(tb.cells[i].count.Value)
				if reach := math.Max(5, v/2); f.Hidden() && (intervals[i].Low > math.Max(0, v-reach) || intervals[i].High < v+reach) {
					t.Errorf("%s: the attacker finds %v–%v for the hidden %v", tb.cells[i].key(), intervals[i].Low, intervals[i].High, v)
				}
			}
		}
	}
}

// Among whole regions, as in the country, a level gives up the measures that would hide too
// much of it, no more.
func TestRule5AtLeastFourFifthsOfDepartementFiguresAreShown(t *testing.T) {
	t.Parallel()
	qpv := map[scope]bool{{familyQPV, LevelDepartment}: true}
	for _, c := range []struct {
		name    string
		r       *Register
		givenUp map[scope]bool
	}{
		{"the country", nation(101, 4700, 2), nil},
		{"three regions", within(nation(101, 4700, 1), "75", "76", "84"), qpv},
		{"three regions drawn again", within(nation(101, 4700, 3), "75", "76", "84"), qpv},
		{"other regions", within(nation(101, 4700, 4), "44", "75", "76"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := mustCompile(t, c.r)
			s := out.suppression(out.figures, LevelDepartment)
			t.Logf("%d homes: %d of %d figures of départements hidden (%.1f %%)", len(c.r.Homes), s.Hidden, s.Cells, 100*s.Share)
			if s.Share > 0.2 {
				t.Errorf("%.1f %% of the figures of départements are hidden", 100*s.Share)
			}
			if !maps.Equal(out.givenUp, c.givenUp) {
				t.Errorf("given up: %v, want %v", out.givenUp, c.givenUp)
			}
			if e := out.edition(); e.Suppression[0].Share != s.Share || e.Suppression[0].Level != LevelDepartment {
				t.Errorf("the edition prints %+v", e.Suppression)
			}
		})
	}
}

func TestRule6FiguresAreRoundedAndSharesComeFromThem(t *testing.T) {
	t.Parallel()
	e := mustCompile(t, within(nation(101, 4700, 2), "75", "76", "84")).edition()
	shares := 0
	for _, c := range e.Cells {
		if c.Value != nil && *c.Value%5 != 0 {
			t.Errorf("%+v", c)
		}
		if c.Share == nil {
			continue
		}
		shares++
		homes := e.Cell(c.Level, c.Area, measureHomes)
		if want := float64(*c.Value) / float64(*homes.Value); math.Abs(*c.Share-want) > 0.0005+1e-9 {
			t.Errorf("%s %s %s: the share %v is not that of %d in %d", c.Level, c.Area, c.Measure, *c.Share, *c.Value, *homes.Value)
		}
	}
	if shares == 0 {
		t.Error("no share")
	}
}

// Editions compared with one another tell no more than each.
func TestRule7DifferencesBetweenEditionsTellNothing(t *testing.T) {
	r := &Register{}
	add := func(department string, n int) {
		for range n {
			id := fmt.Sprint(len(r.Homes))
			r.Homes = append(r.Homes, plain(department, id, id, 10))
		}
	}
	for _, d := range []string{"22", "29", "35", "56"} {
		add(d, 20)
	}
	add("2A", 4)
	add("2B", 30)
	first := mustCompile(t, r)
	again := mustCompile(t, r, frozen{"2026-Q2", first.freeze()})
	hidden := map[string]bool{}
	first.each(func(c *cell, f disclosure.Figure) { hidden[c.key()] = f.Hidden() })
	again.each(func(c *cell, f disclosure.Figure) {
		if f.Hidden() != hidden[c.key()] {
			t.Errorf("%s did not change, and is now hidden: %v", c.key(), f.Hidden())
		}
	})
	if !hidden["department/2A/homes"] {
		t.Fatal("four homes are shown")
	}

	// One more home passes the threshold: shown, it would tell that there were four.
	add("2A", 1)
	e := mustCompile(t, r, frozen{"2026-Q2", first.freeze()}).edition()
	if c := e.Cell(LevelDepartment, "2A", measureHomes); c.Status != StatusHidden {
		t.Errorf("four homes were hidden, five are %s", c.Status)
	}
	// Far from what was hidden, it may come back.
	add("2A", 15)
	e = mustCompile(t, r, frozen{"2026-Q2", first.freeze()}).edition()
	if c := e.Cell(LevelDepartment, "2A", measureHomes); c.Status != StatusPublished {
		t.Errorf("twenty homes are %s", c.Status)
	}
}

// Three editions, with homes that open and close, keeps both promises.
func TestRule7EditionsInARow(t *testing.T) {
	t.Parallel()
	r := nation(20, 900, 2)
	var stored []frozen
	for q := range 3 {
		quarter := fmt.Sprintf("2026-Q%d", q+1)
		out, err := compile(r, quarter, stored)
		if err != nil {
			t.Fatalf("quarter %d: %v", q+1, err)
		}
		s := out.suppression(out.figures, LevelDepartment)
		t.Logf("quarter %d: %d of %d figures of départements hidden, given up: %v", q+1, s.Hidden, s.Cells, out.givenUp)
		if s.Share > 0.2 {
			t.Errorf("quarter %d: %.1f %% of the figures of départements are hidden", q+1, 100*s.Share)
		}
		out.each(func(c *cell, f disclosure.Figure) {
			if b := breach(c, f); b != "" {
				t.Errorf("quarter %d: %s: %s", q+1, c.key(), b)
			}
		})
		stored = append(stored, frozen{quarter, out.freeze()})
		rng := rand.New(rand.NewPCG(uint64(q), 7))
		for range 10 {
			i := rng.IntN(len(r.Homes))
			r.Homes[i] = fictitiousHome(rng, r.Homes[i].Department, 20, 0.5)
		}
	}
}

// plain is a home that is neither located nor scored.
func plain(department, address, body string, places int) Home {
	return Home{Department: department, Address: address, Body: body, Places: &places, Class: -1, QPV: math.NaN()}
}

// small is the four départements of a region, with homes by class.
func small() *Register {
	r := &Register{QPV: "2024"}
	add := func(department string, n, class, places int) {
		for range n {
			id := fmt.Sprint(len(r.Homes))
			h := plain(department, id, id, places)
			h.Class, h.Located, h.QPV = class, true, 400
			if places == 0 {
				h.Places = nil
			}
			r.Homes = append(r.Homes, h)
		}
	}
	for class, n := range map[int]int{0: 8, 2: 22, 4: 12} {
		add("22", n, class, 10)
		add("29", n+9, class, 12)
		add("35", n+11, class, 8)
	}
	add("56", 3, 4, 0)
	return r
}

func TestGolden(t *testing.T) {
	t.Parallel()
	e := mustCompile(t, small()).edition()
	var got strings.Builder
	for _, a := range e.Areas {
		if a.Region != "53" && a.Code != "2A" && (a.Level != LevelRegion || a.Code != "53") {
			continue
		}
		for _, m := range []string{measureHomes, measurePlaces, "exposure_1_3", "exposure_4_5", "exposure_unknown"} {
			c := e.Cell(a.Level, a.Code, m)
			if c == nil {
				continue
			}
			fmt.Fprintf(&got, "%s %s %s %s", a.Level, a.Code, m, c.Status)
			if c.Value != nil {
				fmt.Fprintf(&got, " %d", *c.Value)
			}
			if c.Share != nil {
				fmt.Fprintf(&got, " %.3f", *c.Share)
			}
			got.WriteByte('\n')
		}
	}
	if want := strings.TrimLeft(golden, "\n"); got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

// 56 has three homes, of unknown capacity; of 2A nothing is reported.
const golden = `
region 53 homes published 190
region 53 places published 1850
region 53 exposure_1_3 published 85 0.447
region 53 exposure_4_5 published 60 0.316
region 53 exposure_unknown published 45 0.237
department 22 homes published 40
department 22 places published 420
department 29 homes published 70
department 29 places published 830
department 2A homes no_report
department 2A places no_report
department 35 homes published 75
department 35 places published 600
department 56 homes hidden
department 56 places no_report
`

func TestCoverageProtectsTheFewThatAreNotKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.IntRange(0, 5000).Draw(t, "all")
		missing := rapid.IntRange(0, all).Draw(t, "missing")
		c := coverageRange(all-missing, all)
		if c == nil {
			if all >= 20 {
				t.Errorf("nothing is said of %d homes", all)
			}
			return
		}
		share := float64(all-missing) / float64(max(all, 1))
		if share < c.From-1e-9 || share > c.To+1e-9 {
			t.Errorf("%d of %d is not within %+v", all-missing, all, *c)
		}
		if missing < 5 && (1-c.From)*float64(all) < float64(missing)+5 {
			t.Errorf("%+v of %d homes gives away that %d are not known", *c, all, missing)
		}
	})
}

func TestOfficialGeography(t *testing.T) {
	list, regions := official()
	if len(list) != 101 || len(regions) != 18 {
		t.Errorf("%d départements in %d regions", len(list), len(regions))
	}
	areas := geography([]Home{{Department: "2A"}, {Department: "988"}})
	if len(areas) != 1+18+102 || areas[0].Reporting != 2 || areas[0].Departments != 102 {
		t.Errorf("%d areas, France is %+v", len(areas), areas[0])
	}
	if areas := geography([]Home{{Department: data.FictitiousDepartment}}); len(areas) != 2 {
		t.Errorf("the fictitious département alone: %+v", areas)
	}
}

func TestPhenomenonIsARangeOfSourcedFigures(t *testing.T) {
	for _, s := range Phenomenon() {
		for _, f := range s.Figures {
			if f.Source.FR == "" || f.Source.EN == "" || f.Low > f.High || f.Low < s.Low || f.High > s.High {
				t.Errorf("%s: %+v", s.ID, f)
			}
		}
		if s.ID == "exploited_minors" && (s.Low != 7000 || s.High != 30000) {
			t.Errorf("%s: %v–%v", s.ID, s.Low, s.High)
		}
	}
}
