package siting

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
	"vigie/geo/score"
)

var (
	center     = orb.Point{2.6, 46.4} // fictitious
	plane      = crs.NewAzimuthal(center)
	lambert, _ = crs.ByCode(2154)
	radii      = []float64{500, 1000}
)

func at(x, y float64) orb.Point { return plane.Inverse(x, y) }

func box(x, y, half float64) orb.MultiPolygon {
	ring := orb.Ring{at(x-half, y-half), at(x+half, y-half), at(x+half, y+half), at(x-half, y+half)}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

func zone(kind string, x, y, half float64) exposure.ZoneRef {
	return exposure.ZoneRef{Kind: kind, ID: fmt.Sprint(kind, x, y), Name: kind, Geometry: box(x, y, half)}
}

func place(kind string, x, y float64) exposure.PlaceRef {
	return exposure.PlaceRef{ID: fmt.Sprint(kind, x, y), Kind: kind, Department: "23", Point: at(x, y)}
}

func scorer(t testing.TB) *score.Scorer {
	profile := score.Default()
	profile.Draws = 200
	s, err := score.New(profile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// world is inputs made of zones and places, in a département of one square commune.
func world(t testing.TB, zones []exposure.ZoneRef, places []exposure.PlaceRef) *Inputs {
	var income exposure.IncomeGridBuilder
	laea, _ := crs.ByCode(3035)
	for east := -20; east < 20; east++ {
		for north := -20; north < 20; north++ {
			income.Add(crs.CellAt(laea, 200, center[0], center[1]).Offset(east, north), float64(10+(east+20)%7), 3, false)
		}
	}
	return &Inputs{
		World: &exposure.World{
			Zones: exposure.NewZones([]string{"qpv", "qrr", "zsp"}, zones), Places: exposure.IndexPlaces(places), Radii: radii,
			Income: income.Build(), Context: map[string]exposure.CommuneContext{"23001": {CrimeRate: 3, PoorShare: 0.2}},
		},
		Scorer: scorer(t), Zones: zones, Places: places,
		Communes: []Area{{ID: "23001", Geometry: box(0, 0, 5000)}},
	}
}

func town(t testing.TB) *Inputs {
	return world(t,
		[]exposure.ZoneRef{zone("qpv", 1500, 0, 400), zone("qpv", -3000, 2500, 300), zone("qrr", 1800, 300, 500), zone("zsp", 0, -9000, 700), zone("custom", -500, -500, 100)},
		[]exposure.PlaceRef{
			place("police", 300, 300), place("gendarmerie", -6000, 1000), place("school", 900, -900), place("college", -1500, 700), place("lycee", 4000, 0),
			place("station", 100, 2000), place("hospital", 2500, 2500), place("emergency", -9000, -9000), place("hotel", 1200, 100), place("hotel", -100, 0), place("bar", 50, 50),
		})
}

func mean(values ...float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func TestCatalogueIsSound(t *testing.T) {
	for _, c := range Criteria() {
		choice := Choice{ID: c.ID, Weight: c.Weight}
		if text, bad := choice.Problem(); bad {
			t.Errorf("%s: %s", c.ID, text.EN)
		}
		worst, best := c.Goalposts[0], c.Goalposts[1]
		for _, v := range []struct{ value, want float64 }{
			{worst, 0}, {best, 1}, {mean(worst, best), 0.5}, {worst - (best - worst), 0}, {best + (best - worst), 1},
		} {
			if got := c.Utility(v.value); math.Abs(got-v.want) > 1e-12 {
				t.Errorf("%s: utility of %v is %v, want %v", c.ID, v.value, got, v.want)
			}
		}
		if !math.IsNaN(c.Utility(math.NaN())) {
			t.Errorf("%s: an unknown value has a utility", c.ID)
		}
		for _, text := range []Text{c.Label, c.Formula, c.Source} {
			if text.FR == "" || text.EN == "" || strings.Contains(text.FR, "'") || strings.Contains(text.FR, " :") {
				t.Errorf("%s: %q / %q", c.ID, text.FR, text.EN)
			}
		}
		choice.Goalposts = &[2]float64{best, worst}
		if _, bad := choice.Problem(); !bad {
			t.Errorf("%s: goalposts the wrong way round pass", c.ID)
		}
	}
	for _, bad := range []Choice{{ID: "beauty", Weight: 1}, {ID: Cost, Weight: -1}, {ID: Cost, Weight: math.NaN()}, {ID: Cost, Goalposts: &[2]float64{math.Inf(1), 0}}} {
		if _, found := bad.Problem(); !found {
			t.Errorf("%+v passes", bad)
		}
	}
}

// The kinds of places of a theme are those that exposure looks at.
func TestThemesAreThoseOfExposure(t *testing.T) {
	if len(themes) != len(exposure.Themes()) {
		t.Errorf("%d themes, exposure has %d", len(themes), len(exposure.Themes()))
	}
	subject := exposure.Subject{Status: exposure.Computed, Point: center, Self: -1}
	for _, kind := range []string{"police", "gendarmerie", "school", "college", "lycee", "station", "hospital", "emergency", "hotel", "bar", "motorway_exit"} {
		w := &exposure.World{Zones: exposure.NewZones(nil, nil), Places: exposure.IndexPlaces([]exposure.PlaceRef{place(kind, 10, 10)})}
		for _, theme := range exposure.Themes() {
			if _, found := w.NearestPlace(theme, subject); found != slices.Contains(themes[theme].kinds, kind) {
				t.Errorf("%s in %s: %v", kind, theme, found)
			}
		}
	}
}

func TestConstraintsSayWhatFailsAndWhatIsUnknown(t *testing.T) {
	m := &Measures{
		Criteria: map[string]float64{Homes: 250.7, Exposure: 61.2},
		Zones:    map[string]float64{"qpv": 499.6, AnyKind: 0}, Places: map[string]float64{"school": 1500.2},
		Areas: []Membership{{ID: "a", Label: "zone inondable", Inside: true}, {ID: "b", Label: "friche"}},
	}
	constraints := []Constraint{
		{Type: ZoneDistance, Kind: "qpv", Min: 500}, {Type: ZoneDistance, Kind: AnyKind, Min: 1200}, {Type: PlaceDistance, Theme: "school", Max: 1500},
		{Type: HomeDistance, Min: 1000}, {Type: ExposureLimit, Limit: 60}, {Type: Exclusion, ID: "a"},
		{Type: Exclusion, ID: "b"}, {Type: HomeDistance, Min: 250},
		{Type: ZoneDistance, Kind: "qrr", Min: 10}, {Type: PlaceDistance, Theme: "station", Max: 800}, {Type: Exclusion, ID: "missing"},
	}
	want := []string{
		"à 499\u00a0m d’un QPV\u00a0; 500\u00a0m au moins sont demandés", "dans une zone\u00a0; 1\u202f200\u00a0m au moins sont demandés",
		"à 1\u202f501\u00a0m de l’école, du collège ou du lycée le plus proche\u00a0; 1\u202f500\u00a0m au plus sont demandés",
		"à 250\u00a0m d’un autre foyer\u00a0; 1\u202f000\u00a0m au moins sont demandés", "exposition (borne haute) de 61,2\u00a0; 60 au plus sont demandés",
		"dans le périmètre exclu «\u00a0zone inondable\u00a0»",
	}
	failed, unverified := check(constraints, m)
	for i, f := range failed {
		if i >= len(want) || f.Text.FR != want[i] || f.Constraint != i || f.Text.EN == "" || f.Change.FR == "" || f.Change.EN == "" {
			t.Errorf("%d: %q / %q, change %q", f.Constraint, f.Text.FR, f.Text.EN, f.Change.FR)
		}
	}
	if len(failed) != len(want) {
		t.Errorf("%d failures", len(failed))
	}
	if failed[0].Change.FR != "s’éloigner de 1\u00a0m d’un QPV" || failed[2].Change.EN != "be 1 m nearer to the nearest school" {
		t.Errorf("changes %q, %q", failed[0].Change.FR, failed[2].Change.EN)
	}
	if len(unverified) != 3 || unverified[0].Constraint != 8 || unverified[2].Constraint != 10 || !strings.Contains(unverified[0].Text.FR, "ne peut pas être vérifiée") {
		t.Errorf("unverified: %+v", unverified)
	}
	for _, c := range []Constraint{{Type: "nearness"}, {Type: ZoneDistance, Min: 5}, {Type: ZoneDistance, Kind: "qpv"}, {Type: PlaceDistance, Theme: "pub", Max: 5}, {Type: PlaceDistance, Theme: "bar"}, {Type: ExposureLimit, Limit: 101}, {Type: Exclusion}, {Type: HomeDistance, Min: math.Inf(1)}} {
		if text, bad := c.Problem(); !bad || text.FR == "" {
			t.Errorf("%+v passes", c)
		}
	}
	for _, c := range constraints {
		if text, bad := c.Problem(); bad {
			t.Errorf("%+v: %s", c, text.EN)
		}
	}
}

func TestMeterMeasuresAndRefuses(t *testing.T) {
	in := town(t)
	in.Homes = []orb.Point{at(0, 2000), at(0, 30_000)}
	in.Supply = []float64{0.002, 0.004}
	in.Origins = []exposure.Demand{{Point: at(3000, 0), People: 3}, {Point: at(-9000, 0), People: 1}}
	in.Exclusions = []Area{{ID: "flood", Label: "flood", Geometry: box(0, 0, 50)}}
	meter, err := NewMeter(in)
	if err != nil {
		t.Fatal(err)
	}
	m, err := meter.Measure(Candidate{ID: "a", Point: center, Sigma: 80, CommuneCode: "23001", Cost: 4e5})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]float64{Homes: 2000, Family: 4500, Supply: 4, Cost: 4e5, School: math.Hypot(900, 900), Police: math.Hypot(300, 300), Exposure: m.Exposure.High} {
		if got := m.Criteria[id]; math.Abs(got-want) > 0.01 {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
	if math.Abs(m.Zones["qpv"]-1100) > 0.01 || m.Zones[AnyKind] > 1100 || m.Criteria[Dwellings] < 50 || !m.Areas[0].Inside || len(m.Draws) != 200 || !(m.Exposure.High > m.Exposure.Low) {
		t.Errorf("%+v", m)
	}
	in.Homes, in.Supply, in.Origins = nil, nil, nil
	if meter, err = NewMeter(in); err != nil {
		t.Fatal(err)
	}
	if m, err = meter.Measure(Candidate{ID: "a", Point: center, Cost: math.NaN()}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{Homes, Family, Supply, Cost} {
		if !math.IsNaN(m.Criteria[id]) {
			t.Errorf("%s is %v without any input", id, m.Criteria[id])
		}
	}
	for _, bad := range []Candidate{{Point: orb.Point{200, 0}}, {Point: orb.Point{math.NaN(), 0}}, {Point: center, Sigma: math.NaN()}, {Point: center, Sigma: -1}} {
		if _, err := meter.Measure(bad); err == nil {
			t.Errorf("%+v was measured", bad)
		}
	}
	in.World.Homes = pointindex.Build(nil)
	if _, err := NewMeter(in); err == nil {
		t.Error("a world that tells of homes passes")
	}
}

// arbitrary is some candidates with the exposure, two distances, a cost that may be
// unknown, and draws around the exposure.
func arbitrary(t *rapid.T, unknowns bool) []Measures {
	n := rapid.IntRange(1, 12).Draw(t, "n")
	out := make([]Measures, n)
	for i := range out {
		e := rapid.Float64Range(0, 70).Draw(t, "exposure")
		m := Measures{ID: fmt.Sprint("c", i), Exposure: score.Result{Breakdown: score.Breakdown{Score: e}, High: e + 5}, Zones: map[string]float64{}, Places: map[string]float64{}}
		for range 20 {
			m.Draws = append(m.Draws, e+rapid.Float64Range(-5, 5).Draw(t, "draw"))
		}
		m.Criteria = map[string]float64{
			Exposure: e + 5, School: float64(rapid.IntRange(0, 6).Draw(t, "school")) * 1000, Homes: rapid.Float64Range(0, 6000).Draw(t, "homes"), Cost: rapid.Float64Range(0, 2e6).Draw(t, "cost"),
		}
		if unknowns && rapid.Bool().Draw(t, "unknown") {
			m.Criteria[Cost] = math.NaN()
		}
		if !unknowns || rapid.Bool().Draw(t, "zones") {
			m.Zones["qpv"] = rapid.Float64Range(0, 2000).Draw(t, "qpv")
		}
		out[i] = m
	}
	return out
}

func study(constraints ...Constraint) *Study {
	return &Study{
		Criteria:    []Choice{{ID: Exposure, Weight: 3}, {ID: School, Weight: 1}, {ID: Homes, Weight: 1}, {ID: Cost, Weight: 1}, {ID: Police}},
		Constraints: constraints, Runs: 40, Seed: 11473,
	}
}

func TestAnswersHoldWhatTheyPromise(t *testing.T) {
	limits := []Constraint{{Type: ZoneDistance, Kind: "qpv", Min: 500}, {Type: ExposureLimit, Limit: 60}}
	rapid.Check(t, func(t *rapid.T) {
		candidates := arbitrary(t, true)
		s := study(limits...)
		answers, err := Evaluate(context.Background(), s, candidates, []float64{10, 30, 50, math.NaN()})
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Evaluate(context.Background(), s, candidates, []float64{10, 30, 50, math.NaN()})
		criteria, _ := weighed(s.Criteria)
		bestShares, fronts, ranked := 0.0, 0.0, 0
		for i, a := range answers {
			if fmt.Sprint(a) != fmt.Sprint(again[i]) {
				t.Fatalf("the same seed gives\n%+v\n%+v", a, again[i])
			}
			m := &candidates[i]
			qpv, known := m.Zones["qpv"]
			excluded := known && qpv < 500 || m.Criteria[Exposure] > 60
			if (a.Status == Excluded) != excluded || (a.Status == Unknown) != (!excluded && !known) {
				t.Fatalf("%+v has status %s", m, a.Status)
			}
			points := 0.0
			for _, p := range a.Criteria {
				points += p.Points
			}
			if math.Abs(points-a.Score) > 1e-9 {
				t.Fatalf("points sum to %v, the score is %v", points, a.Score)
			}
			if a.Status != Ranked {
				if a.Rank != 0 || a.Front || a.BestShare != 0 || a.Status == Excluded && len(a.Change) != len(a.Failed) {
					t.Fatalf("%+v", a)
				}
				continue
			}
			ranked++
			bestShares, fronts = bestShares+a.BestShare, fronts+a.FrontShare
			if !(a.RankLow <= a.Rank && a.Rank <= a.RankHigh && a.RankLow >= 1) || !(a.Low <= a.Score && a.Score <= a.High && a.Low >= 0 && a.High <= 100+1e-9) {
				t.Fatalf("rank %d in %d–%d, score %v in %v–%v", a.Rank, a.RankLow, a.RankHigh, a.Score, a.Low, a.High)
			}
			if (a.Rank == 1) != (len(a.Change) == 0) {
				t.Fatalf("rank %d: changes %v", a.Rank, a.Change)
			}
			// The front by its definition.
			on := true
			for j, b := range answers {
				if b.Status != Ranked || i == j {
					continue
				}
				never, better := true, false
				for _, c := range criteria {
					mine, theirs := c.Utility(m.Criteria[c.ID]), c.Utility(candidates[j].Criteria[c.ID])
					if math.IsNaN(mine) {
						mine = 1
					}
					if math.IsNaN(theirs) {
						theirs = 0
					}
					never = never && theirs >= mine
					better = better || theirs > mine
				}
				on = on && !(never && better)
			}
			if on != a.Front {
				t.Fatalf("%s on the front: %v, by definition %v", a.ID, a.Front, on)
			}
		}
		if ranked > 0 && (bestShares < 1-1e-9 || fronts < 1-1e-9) {
			t.Fatalf("shares of runs sum to %v and %v", bestShares, fronts)
		}
	})
}

// A candidate that gets better by one criterion never falls behind, and what would make it
// first does.
func TestImprovingNeverWorsensTheRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		candidates := arbitrary(t, false)
		s := study()
		before, err := Evaluate(context.Background(), s, candidates, nil)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(candidates)-1).Draw(t, "which")
		c := rapid.SampledFrom(Criteria()).Filter(func(c Criterion) bool { return slices.Contains([]string{School, Homes, Cost}, c.ID) }).Draw(t, "criterion")
		step := (c.Goalposts[1] - c.Goalposts[0]) * rapid.Float64Range(0, 1).Draw(t, "step")
		candidates[i].Criteria[c.ID] += step
		after, err := Evaluate(context.Background(), s, candidates, nil)
		if err != nil {
			t.Fatal(err)
		}
		if after[i].Rank > before[i].Rank || after[i].Score < before[i].Score-1e-9 || after[i].RankHigh > before[i].RankHigh || after[i].BestShare < before[i].BestShare {
			t.Fatalf("%s by %v: %+v, then %+v", c.ID, step, before[i], after[i])
		}
	})
}

func TestChangeThatMakesFirst(t *testing.T) {
	measures := func(id string, exposed, school, cost float64) Measures {
		return Measures{ID: id, Exposure: score.Result{High: exposed}, Criteria: map[string]float64{Exposure: exposed, School: school, Cost: cost}}
	}
	s := &Study{Criteria: []Choice{{ID: Exposure, Weight: 1}, {ID: School, Weight: 2}, {ID: Cost, Weight: 1}}, Runs: 10}
	candidates := []Measures{measures("best", 30, 500, 750_000), measures("second", 30, 1400, 750_000), measures("last", 60, 500, 1_500_000), measures("lost", 60, 5000, 1_500_000)}
	answers, err := Evaluate(context.Background(), s, candidates, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "serait premier si ce critère passait de 1\u202f400\u00a0m à 500\u00a0m\u00a0: Distance à l’école, au collège ou au lycée le plus proche"
	if got := answers[1].Change[0].FR; got != want {
		t.Errorf("%q", got)
	}
	if got := answers[3].Change[0].EN; got != "no criterion alone is enough to make it first" {
		t.Errorf("%q", got)
	}
	candidates[1].Criteria[School] = 500
	if answers, _ = Evaluate(context.Background(), s, candidates, nil); answers[1].Rank != 1 {
		t.Errorf("rank %d after the change", answers[1].Rank)
	}
}

func TestStudiesThatAreNotValid(t *testing.T) {
	some := []Measures{{ID: "a"}}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Evaluate(ctx, study(), []Measures{{ID: "a", Criteria: map[string]float64{Cost: 1}}}, nil); err == nil {
		t.Error("an ended context gives an answer")
	}
	for name, s := range map[string]*Study{
		"no criterion": {Runs: 1}, "criterion twice": {Criteria: []Choice{{ID: Cost, Weight: 1}, {ID: Cost, Weight: 1}}, Runs: 1}, "no run": {Criteria: []Choice{{ID: Cost, Weight: 1}}},
		"bad constraint": {Criteria: []Choice{{ID: Cost, Weight: 1}}, Constraints: []Constraint{{Type: "x"}}, Runs: 1},
	} {
		if _, err := Evaluate(context.Background(), s, some, nil); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if _, err := Evaluate(context.Background(), study(), append(some, some...), nil); err == nil {
		t.Error("a candidate given twice passes")
	}
}
