package validation

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var period = Period{InputsUntil: "2024-12-31", From: "2025-01-01", Until: "2025-12-31"}

func options() Options {
	o := DefaultOptions(period)
	o.Permutations, o.Resamples = 199, 199
	return o
}

// simulated sites: P(event) = logistic(intercept + slope·score).
func simulated(n int, intercept, slope float64, seed uint64) []Case {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := make([]Case, n)
	for i := range out {
		score := 100 * rng.Float64()
		out[i] = Case{ID: fmt.Sprintf("s%04d", i), Score: score, Group: []string{"rural", "urban"}[i%2], Stratum: []string{"01", "02", "03"}[i%3]}
		if rng.Float64() < logistic(intercept+slope*score) {
			out[i].Events = 1 + rng.IntN(3)
		}
	}
	return out
}

func sorted(cases []Case) *sample {
	cases = slices.Clone(cases)
	slices.SortFunc(cases, func(a, b Case) int {
		switch {
		case a.Score < b.Score:
			return -1
		case a.Score > b.Score:
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return newSample(cases)
}

// bruteAUC compares every pair.
func bruteAUC(cases []Case) float64 {
	won, pairs := 0.0, 0.0
	for _, a := range cases {
		for _, b := range cases {
			if a.Events > 0 && b.Events == 0 {
				pairs++
				switch {
				case a.Score > b.Score:
					won++
				case a.Score == b.Score:
					won += 0.5
				}
			}
		}
	}
	return won / pairs
}

// bruteDeLong is the variance of DeLong et al. by its definition.
func bruteDeLong(cases []Case, auc float64) float64 {
	psi := func(x, y float64) float64 {
		switch {
		case x > y:
			return 1
		case x == y:
			return 0.5
		}
		return 0
	}
	part := func(events bool) (sum float64, count int) {
		for _, a := range cases {
			if (a.Events > 0) != events {
				continue
			}
			mean, n := 0.0, 0.0
			for _, b := range cases {
				if (b.Events > 0) == events {
					continue
				}
				n++
				if events {
					mean += psi(a.Score, b.Score)
				} else {
					mean += psi(b.Score, a.Score)
				}
			}
			sum += (mean/n - auc) * (mean/n - auc)
			count++
		}
		return sum, count
	}
	s10, m := part(true)
	s01, n := part(false)
	return s10/float64(m-1)/float64(m) + s01/float64(n-1)/float64(n)
}

func TestAUCAgreesWithEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "n")
		cases := make([]Case, n)
		for i := range cases {
			// Few distinct scores: ties are the rule.
			cases[i] = Case{ID: fmt.Sprint(i), Score: float64(rapid.IntRange(0, 8).Draw(t, "score")), Events: rapid.IntRange(0, 1).Draw(t, "event")}
		}
		cases[0].Events, cases[1].Events, cases[2].Events, cases[3].Events = 1, 0, 1, 0
		got := sorted(cases).auc(0.95)
		want := bruteAUC(cases)
		if math.Abs(got.Value-want) > 1e-12 {
			t.Fatalf("AUC %v, %v is expected", got.Value, want)
		}
		if !(0 <= got.Low && got.Low <= got.Value && got.Value <= got.High && got.High <= 1 && got.Low < got.High) {
			t.Fatalf("interval %+v", got)
		}
		variance := bruteDeLong(cases, want)
		if got.Method == "delong" {
			half := 1.959963984540054 * math.Sqrt(variance) / (want * (1 - want))
			logit := math.Log(want / (1 - want))
			if math.Abs(got.Low-logistic(logit-half)) > 1e-9 || math.Abs(got.High-logistic(logit+half)) > 1e-9 {
				t.Fatalf("interval %+v, variance %v", got, variance)
			}
		} else if variance > 1e-12 && want > 0 && want < 1 {
			t.Fatalf("DeLong's variance %v is not used", variance)
		}
		// A monotone change of scores leaves it, their opposite mirrors it.
		for i := range cases {
			cases[i].Score = 100 - cases[i].Score*cases[i].Score
		}
		if mirrored := sorted(cases).auc(0.95).Value; math.Abs(mirrored-(1-want)) > 1e-12 {
			t.Fatalf("mirrored %v of %v", mirrored, want)
		}
	})
}

func TestPerfectScoreHasAnIntervalThatIsNotAPoint(t *testing.T) {
	var cases []Case
	for i := range 40 {
		cases = append(cases, Case{ID: fmt.Sprint(i), Score: float64(i), Events: i / 20})
	}
	got := sorted(cases).auc(0.95)
	if got.Value != 1 || got.High != 1 || got.Method != "newcombe" || got.Low < 0.8 || got.Low > 0.97 {
		t.Errorf("%+v", got)
	}
}

func TestIntervalCoversTheTruth(t *testing.T) {
	// Normal scores one standard deviation apart: AUC = Φ(1/√2) = 0.7602.
	const truth = 0.7602499389065233
	rng := rand.New(rand.NewPCG(3, 4))
	inside := 0
	for range 500 {
		cases := make([]Case, 80)
		for i := range cases {
			cases[i] = Case{ID: fmt.Sprint(i), Events: i % 2, Score: 50 + 10*(rng.NormFloat64()+float64(i%2))}
		}
		if a := sorted(cases).auc(0.95); a.Low <= truth && truth <= a.High {
			inside++
		}
	}
	if inside < 460 || inside > 492 { // 475 ± 3 standard deviations
		t.Errorf("%d of 500 intervals at 95 %% hold the truth", inside)
	}
}

func TestPermutationPIsUniformWithoutALink(t *testing.T) {
	const runs, permutations = 4000, 199
	var ps []float64
	for i := range uint64(runs) {
		cases := simulated(60, -0.7, 0, i)
		slices.SortFunc(cases, func(a, b Case) int { return int(math.Copysign(1, a.Score-b.Score)) })
		ps = append(ps, newSample(cases).permute(cases, permutations, 1000+i).P)
	}
	slices.Sort(ps)
	distance := 0.0
	for i, p := range ps {
		distance = max(distance, math.Abs(p-float64(i)/runs), math.Abs(p-float64(i+1)/runs))
	}
	// Kolmogorov–Smirnov at 1 %, and the step of p itself.
	if limit := 1.63/math.Sqrt(runs) + 1./(permutations+1); distance > limit {
		t.Errorf("distance %v to the uniform law, at most %v is expected", distance, limit)
	}
}

func TestPermutationFindsALinkAndRespectsStrata(t *testing.T) {
	r, err := Validate(simulated(300, -3, 0.05, 1), options())
	if err != nil {
		t.Fatal(err)
	}
	if r.Permutation.P != 1./200 || r.Permutation.Strata != 3 || r.Permutation.Seed != r.Seed {
		t.Errorf("a strong link: %+v", r.Permutation)
	}
	// Scores and reporting both differ between two départements, within each there is no
	// link: a test that ignores strata is fooled, one within them is not.
	rng := rand.New(rand.NewPCG(5, 6))
	var cases []Case
	for i := range 400 {
		c := Case{ID: fmt.Sprint(i), Score: 40 * rng.Float64(), Stratum: "quiet"}
		reports := 0.1
		if i%2 == 0 {
			c.Score, c.Stratum, reports = c.Score+50, "loud", 0.6
		}
		if rng.Float64() < reports {
			c.Events = 1
		}
		cases = append(cases, c)
	}
	within, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].Stratum = ""
	}
	across, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	if within.Permutation.P < 0.05 || across.Permutation.P > 0.01 {
		t.Errorf("within strata p = %v, across p = %v", within.Permutation.P, across.Permutation.P)
	}
}

func TestReportOfACalibratedScore(t *testing.T) {
	r, err := Validate(simulated(4000, -3, 0.05, 2), options())
	if err != nil {
		t.Fatal(err)
	}
	c := r.Calibration
	if !c.Estimable || math.Abs(c.Intercept+3) > 0.3 || math.Abs(c.Slope-0.05) > 0.005 || c.P < 0.01 || len(c.Bands) != 10 || c.Freedom != 8 {
		t.Errorf("calibration %+v", c)
	}
	sites, events, expected := 0, 0, 0.0
	last := 0.0
	for i, b := range c.Bands {
		sites, events, expected = sites+b.Rate.Of, events+b.Rate.Count, expected+b.Expected
		if b.Isotonic < last || b.Rate.Low > b.Rate.Value || b.Rate.Value > b.Rate.High || i > 0 && b.Low <= c.Bands[i-1].High {
			t.Errorf("band %+v", b)
		}
		last = b.Isotonic
	}
	if sites != r.Sites || events != r.WithEvent || math.Abs(expected-float64(events)) > 1e-6 {
		t.Errorf("bands hold %d sites, %d with events, %v expected; report %+v", sites, events, expected, r)
	}
	// Top decile: score uniform on 90–100 against 0–100.
	mean := func(lo, hi float64) float64 {
		integral := func(x float64) float64 { return math.Log1p(math.Exp(-3+0.05*x)) / 0.05 }
		return (integral(hi) - integral(lo)) / (hi - lo)
	}
	want := mean(90, 100) / mean(0, 100)
	if l := r.TopDecile; l.Places != 400 || l.Value < want-0.15 || l.Value > want+0.15 || l.Low > l.Value || l.High < l.Value || l.High-l.Low > 0.4 {
		t.Errorf("lift %+v, %v is expected", l, want)
	}
	if math.Abs(r.TopDecile.Captured-r.TopDecile.Value/10) > 1e-9 {
		t.Errorf("captured %v at a lift of %v", r.TopDecile.Captured, r.TopDecile.Value)
	}
}

func TestHosmerLemeshowFindsAWrongShape(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	var cases []Case
	for i := range 3000 {
		c := Case{ID: fmt.Sprint(i), Score: 100 * rng.Float64()}
		if rng.Float64() < 0.1+0.6*math.Pow(math.Sin(c.Score/100*math.Pi), 2) { // highest in the middle
			c.Events = 1
		}
		cases = append(cases, c)
	}
	r, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	if r.Calibration.P > 1e-6 || r.Calibration.Inversions < 3 {
		t.Errorf("calibration p = %v, %d inversions", r.Calibration.P, r.Calibration.Inversions)
	}
}

func TestLogisticFitIsTheMaximum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cases := simulated(rapid.IntRange(30, 200).Draw(t, "n"), rapid.Float64Range(-3, 1).Draw(t, "a"), rapid.Float64Range(-0.05, 0.1).Draw(t, "b"), rapid.Uint64().Draw(t, "seed"))
		s := sorted(cases)
		if !s.overlap() {
			return
		}
		a, b := s.logisticFit()
		// The score equations: residuals sum to 0, and are orthogonal to the score.
		var r0, r1 float64
		for i, v := range s.scores {
			y := 0.0
			if s.event[i] {
				y = 1
			}
			r0 += y - logistic(a+b*v)
			r1 += (y - logistic(a+b*v)) * v
		}
		if math.Abs(r0) > 1e-6 || math.Abs(r1) > 1e-4 {
			t.Fatalf("residuals %v and %v at %v + %v·score", r0, r1, a, b)
		}
	})
}

func TestErrorsByGroupShowAScoreThatFlagsOneKindOfDistrict(t *testing.T) {
	// The same incidents everywhere, but "poor" districts score 30 points more.
	rng := rand.New(rand.NewPCG(10, 11))
	var cases []Case
	for i := range 800 {
		base := 65 * rng.Float64()
		c := Case{ID: fmt.Sprint(i), Score: base, Group: "other"}
		if rng.Float64() < logistic(-3+0.06*base) {
			c.Events = 1
		}
		if i%2 == 0 {
			c.Score, c.Group = base+30, "poor"
		}
		cases = append(cases, c)
	}
	r, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Name != "other" || r.Groups[1].Name != "poor" {
		t.Fatalf("groups %+v", r.Groups)
	}
	other, poor := r.Groups[0], r.Groups[1]
	if !(poor.Ratio < 1 && other.Ratio > 1 && poor.RatioLow < poor.Ratio && poor.Ratio < poor.RatioHigh) {
		t.Errorf("ratios %v and %v", poor.Ratio, other.Ratio)
	}
	if !(poor.FalseAlarms.Value > 0.3 && other.FalseAlarms.Value < 0.1 && other.Misses.Value > poor.Misses.Value) {
		t.Errorf("false alarms %v and %v, misses %v and %v", poor.FalseAlarms, other.FalseAlarms, poor.Misses, other.Misses)
	}
	if poor.AUC == nil || poor.AUC.Value < 0.6 {
		t.Errorf("AUC in the group %+v", poor.AUC)
	}
	if poor.FalseAlarms.Of+poor.Misses.Of != poor.Sites || poor.Misses.Of != poor.Rate.Count {
		t.Errorf("counts %+v", poor)
	}
}

func TestTooFewEventsAreRefusedWithANumber(t *testing.T) {
	cases := simulated(60, -3, 0.02, 3)
	_, err := Validate(cases, options())
	var few *TooFewError
	if !errors.As(err, &few) {
		t.Fatalf("error %v", err)
	}
	if few.Needed <= few.WithEvent || few.SitesNeeded <= 60 {
		t.Errorf("refusal %+v", few)
	}
	m := few.Message()
	for _, part := range []string{fmt.Sprint(few.Needed), fmt.Sprint(few.SitesNeeded), fmt.Sprint(few.WithEvent)} {
		if !strings.Contains(m.FR, part) || !strings.Contains(m.EN, part) {
			t.Errorf("%q is not in %+v", part, m)
		}
	}
	for _, test := range []struct {
		sites, events int
		want          string
	}{{0, 0, "not enough whatever"}, {20, 10, "not enough whatever"}, {60, 59, "have none"}, {60, 0, "At least"}} {
		var cases []Case
		for i := range test.sites {
			c := Case{ID: fmt.Sprint(i), Score: float64(i)}
			if i < test.events {
				c.Events = 1
			}
			cases = append(cases, c)
		}
		if _, err := Validate(cases, options()); !errors.As(err, &few) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// TestPowerRuleHolds simulates what the rule promises: with that many events a score
// of the target AUC is found with about the stated power.
func TestPowerRuleHolds(t *testing.T) {
	rule := Rule{Target: 0.7, Significance: 0.05, Power: 0.8}
	const sites = 80
	m, ok := rule.EventsNeeded(sites)
	if !ok || m < 12 || m > 25 || rule.Enough(m-1, sites-m+1) {
		t.Fatalf("%d events of %d sites", m, sites)
	}
	rng := rand.New(rand.NewPCG(12, 13))
	shift := math.Sqrt2 * 0.5244005127080407 // Φ⁻¹(0.7): AUC = Φ(shift/√2)
	found := 0
	for i := range uint64(600) {
		cases := make([]Case, sites)
		for j := range cases {
			cases[j] = Case{ID: fmt.Sprint(j), Score: 50 + 10*rng.NormFloat64()}
			if j < m {
				cases[j].Events = 1
				cases[j].Score += 10 * shift
			}
		}
		slices.SortFunc(cases, func(a, b Case) int { return int(math.Copysign(1, a.Score-b.Score)) })
		if newSample(cases).permute(cases, 199, i).P <= 0.05 {
			found++
		}
	}
	if power := float64(found) / 600; power < 0.74 || power > 0.9 {
		t.Errorf("power %v with %d events, 0.8 is promised", power, m)
	}
	if sites, ok := rule.SitesNeeded(0.1); !ok || !rule.Enough(int(math.Round(0.1*float64(sites))), sites-int(math.Round(0.1*float64(sites)))) {
		t.Errorf("%d sites at a rate of 0.1", sites)
	}
	if _, ok := rule.SitesNeeded(0); ok {
		t.Error("no events: no number of sites is enough")
	}
}

func TestIncidentsOfTheInputsAreRefused(t *testing.T) {
	o := options()
	o.Period.From = "2024-12-31"
	var circular *CircularError
	if _, err := Validate(simulated(300, -3, 0.05, 1), o); !errors.As(err, &circular) || !strings.Contains(circular.Message().FR, "2024-12-31") {
		t.Errorf("error %v", err)
	}
}

func TestReportIsReproducibleInAnyOrder(t *testing.T) {
	cases := append(simulated(200, -2, 0.04, 4), Case{ID: "x", Score: math.NaN(), Events: 3})
	a, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(cases)
	b, err := Validate(cases, options())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("the order of cases changes the report")
	}
	if a.WithoutScore != 1 || a.Sites != 200 || a.Rate.Count != a.WithEvent || a.Events < a.WithEvent {
		t.Errorf("counts %+v", a)
	}
	o := options()
	o.Seed = 2
	c, err := Validate(cases, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Seed != 2 || c.TopDecile.Low == a.TopDecile.Low && c.TopDecile.High == a.TopDecile.High && c.Permutation.P == a.Permutation.P {
		t.Error("the seed has no effect")
	}
}

func TestBadInputIsRefused(t *testing.T) {
	good := simulated(300, -3, 0.05, 1)
	for name, change := range map[string]func([]Case, *Options){
		"twice":        func(c []Case, _ *Options) { c[1].ID = c[0].ID },
		"negative":     func(c []Case, _ *Options) { c[1].Events = -1 },
		"score":        func(c []Case, _ *Options) { c[1].Score = 100.5 },
		"target":       func(_ []Case, o *Options) { o.Target = 0.5 },
		"confidence":   func(_ []Case, o *Options) { o.Confidence = 1 },
		"permutations": func(_ []Case, o *Options) { o.Permutations = 1 },
		"day":          func(_ []Case, o *Options) { o.Period.Until = "31/12/2025" },
		"upside down":  func(_ []Case, o *Options) { o.Period.Until = "2024-01-01" },
		"not a number": func(_ []Case, o *Options) { o.Power = math.NaN() },
	} {
		cases, o := slices.Clone(good), options()
		change(cases, &o)
		if _, err := Validate(cases, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestProportionIsExact(t *testing.T) {
	// Clopper–Pearson: 0 of n is 1 − (α/2)^(1/n); 5 of 20 is 0.0866–0.4910.
	if p := proportion(0, 20, 0.95); p.Low != 0 || math.Abs(p.High-(1-math.Pow(0.025, 1./20))) > 1e-9 {
		t.Errorf("%+v", p)
	}
	if p := proportion(5, 20, 0.95); math.Abs(p.Low-0.0866) > 1e-4 || math.Abs(p.High-0.4910) > 1e-4 {
		t.Errorf("%+v", p)
	}
	// Garwood: 10 events, 4.795–18.390.
	if low, high := poissonInterval(10, 0.95); math.Abs(low-4.795) > 1e-3 || math.Abs(high-18.390) > 1e-3 {
		t.Errorf("Poisson %v–%v", low, high)
	}
	if low, high := poissonInterval(0, 0.95); low != 0 || math.Abs(high-3.6889) > 1e-3 {
		t.Errorf("Poisson %v–%v", low, high)
	}
}

func TestTiedScoresShareTheLastPlaces(t *testing.T) {
	// 20 sites, 2 places: one site above, then four tied, of which two with an event.
	var cases []Case
	for i := range 20 {
		c := Case{ID: fmt.Sprint(i), Score: float64(i)}
		if i >= 15 && i < 19 {
			c.Score = 50
			c.Events = i % 2
		}
		if i == 19 {
			c.Score, c.Events = 90, 1
		}
		if i < 2 {
			c.Events = 1
		}
		cases = append(cases, c)
	}
	s := sorted(cases)
	all := make([]int, 20)
	for i := range all {
		all[i] = i
	}
	lift, captured := s.liftOf(all)
	// 1 + 2·(1/4) of 5 events in 2 places.
	if math.Abs(captured-1.5/5) > 1e-12 || math.Abs(lift-(1.5/2)/(5./20)) > 1e-12 {
		t.Errorf("lift %v, captured %v", lift, captured)
	}
}
