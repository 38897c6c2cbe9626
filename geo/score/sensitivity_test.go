package score

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// sobolOf samples f over [lo, hi]^k, each coordinate a factor.
func sobolOf(f func([]float64) float64, k, n int, lo, hi float64, seed uint64) []SobolIndex {
	rng := rand.New(rand.NewPCG(seed, 0))
	a, b, ab := make([]float64, n), make([]float64, n), make([][]float64, k)
	for i := range ab {
		ab[i] = make([]float64, n)
	}
	for j := range n {
		x, y := make([]float64, k), make([]float64, k)
		for i := range k {
			x[i], y[i] = lo+(hi-lo)*rng.Float64(), lo+(hi-lo)*rng.Float64()
		}
		a[j], b[j] = f(x), f(y)
		for i := range k {
			z := slices.Clone(x)
			z[i] = y[i]
			ab[i][j] = f(z)
		}
	}
	return Sobol(a, b, ab)
}

// TestSobolOnIshigami compares with the analytical indices (Ishigami and Homma 1990;
// a = 7, b = 0.1).
func TestSobolOnIshigami(t *testing.T) {
	const a, b = 7, 0.1
	f := func(x []float64) float64 {
		return math.Sin(x[0]) + a*math.Pow(math.Sin(x[1]), 2) + b*math.Pow(x[2], 4)*math.Sin(x[0])
	}
	pi4, pi8 := math.Pow(math.Pi, 4), math.Pow(math.Pi, 8)
	v1 := 0.5 * math.Pow(1+b*pi4/5, 2)
	v2 := a * a / 8.
	v13 := b * b * pi8 * (1./18 - 1./50)
	v := v1 + v2 + v13
	first := []float64{v1 / v, v2 / v, 0}
	total := []float64{(v1 + v13) / v, v2 / v, v13 / v}
	inside, all := 0, 0
	for seed := range uint64(20) {
		for i, got := range sobolOf(f, 3, 4096, -math.Pi, math.Pi, seed) {
			for _, c := range []struct{ got, want, err float64 }{{got.First, first[i], got.FirstError}, {got.Total, total[i], got.TotalError}} {
				if c.err > 0.05 || math.Abs(c.got-c.want) > 5*c.err {
					t.Errorf("seed %d, factor %d: %v ± %v, %v is expected", seed, i, c.got, c.err, c.want)
				}
				if all++; math.Abs(c.got-c.want) <= 2*c.err {
					inside++
				}
			}
		}
	}
	// The stated error is neither too small nor idle: 95 % within two of it.
	if share := float64(inside) / float64(all); share < 0.88 {
		t.Errorf("%.0f %% of the estimates are within two standard errors", 100*share)
	}
}

func TestSobolOnAdditiveAndConstantFunctions(t *testing.T) {
	// x + 2y: variances 1 : 4, no interaction.
	for i, got := range sobolOf(func(x []float64) float64 { return 1e6 + x[0] + 2*x[1] }, 2, 8192, 0, 1, 1) {
		want := []float64{0.2, 0.8}[i]
		if math.Abs(got.First-want) > 4*got.FirstError || math.Abs(got.Total-want) > 4*got.TotalError || got.FirstError > 0.02 {
			t.Errorf("factor %d: %+v, %v is expected", i, got, want)
		}
	}
	for _, got := range sobolOf(func([]float64) float64 { return 3 }, 2, 64, 0, 1, 1) {
		if got != (SobolIndex{}) {
			t.Errorf("constant: %+v", got)
		}
	}
}

// town is sites at several distances of a zone, with the share of a second disc.
func town(n int) (sites []Site, wide []float64) {
	for i := range n {
		d := 1200 * float64(i) / float64(n)
		sites = append(sites, Site{ID: fmt.Sprintf("s%03d", i), Group: "01", Values: []float64{d, 500 + 3*d, max(0, 0.5-d/1000)}})
		wide = append(wide, max(0, 0.4-d/2500))
	}
	return sites, wide
}

func method(wide []float64) Method {
	m := DefaultMethod()
	m.Samples = 512
	m.Choices = []Choice{{
		ID: "radius", Label: Text{FR: "Rayon", EN: "Radius"},
		Options: []Option{
			{ID: "500m", Label: Text{FR: "500\u00a0m", EN: "500 m"}},
			{ID: "1000m", Label: Text{FR: "1\u202f000\u00a0m", EN: "1,000 m"}, Values: map[string][]float64{"share": wide}},
		},
	}}
	return m
}

func TestSensitivityReportsEveryChoice(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	sites, wide := town(40)
	sites = append(sites, Site{ID: "incomplete", Group: "01", Values: []float64{1, math.NaN(), 0}})
	wide = append(wide, 0)
	got, err := s.Sensitivity(context.Background(), sites, method(wide), Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	firsts, totals := 0.0, 0.0
	for _, f := range got.Factors {
		ids = append(ids, f.ID)
		firsts, totals = firsts+f.First, totals+f.Total
		if f.FirstError <= 0 || f.FirstError > 0.2 || f.Total < 0 || f.First > f.Total+3*(f.FirstError+f.TotalError) {
			t.Errorf("factor %+v", f)
		}
	}
	if want := []string{"pillar_weights", "indicator_weights", "goalposts", "aggregation", "radius"}; !slices.Equal(ids, want) {
		t.Errorf("factors %v", ids)
	}
	if firsts > 1.15 || totals < 0.9 {
		t.Errorf("first-order indices sum to %v, total ones to %v", firsts, totals)
	}
	if got.Sites != 40 || !slices.Equal(got.Incomplete, []string{"incomplete"}) || got.Evaluations != 40*512*7 || got.Seed != 1 || got.ProfileHash != s.ProfileHash() {
		t.Errorf("report %+v", got)
	}
	if !(got.ClassChangeLow <= got.ClassChange && got.ClassChange <= got.ClassChangeHigh && got.ClassChange > 0 && got.ClassChange < 1 && got.Deviation > 1) {
		t.Errorf("class changes %v [%v, %v], deviation %v", got.ClassChange, got.ClassChangeLow, got.ClassChangeHigh, got.Deviation)
	}
	mean := 0.0
	for i, site := range got.BySite {
		mean += site.ClassChange / 40
		if site.ID != sites[i].ID || !(site.Low <= site.Score && site.Score <= site.High) || site.MainFactor == "" {
			t.Errorf("site %+v", site)
		}
	}
	if math.Abs(mean-got.ClassChange) > 1e-9 {
		t.Errorf("sites change class %v on average, samples say %v", mean, got.ClassChange)
	}
	var scenarios []string
	for _, sc := range got.Scenarios {
		scenarios = append(scenarios, sc.ID)
	}
	want := []string{"aggregation:arithmetic", "radius:1000m", "goalposts:wider", "goalposts:narrower", "without:near", "without:share"}
	if !slices.Equal(scenarios, want) {
		t.Errorf("scenarios %v", scenarios)
	}
}

func TestSensitivityIsReproducible(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	sites, wide := town(40)
	m := method(wide)
	var reports []*Sensitivity
	for _, workers := range []int{1, 3} {
		r, err := s.Sensitivity(context.Background(), sites, m, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	if !reflect.DeepEqual(reports[0], reports[1]) {
		t.Error("the report depends on the number of workers")
	}
	m.Seed = 2
	other, err := s.Sensitivity(context.Background(), sites, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range other.Factors {
		base := reports[0].Factors[i]
		if f.Total == base.Total {
			t.Errorf("%s: the seed has no effect", f.ID)
		}
		if math.Abs(f.Total-base.Total) > 5*math.Hypot(f.TotalError, base.TotalError) {
			t.Errorf("%s: %v ± %v and %v ± %v", f.ID, f.Total, f.TotalError, base.Total, base.TotalError)
		}
	}
}

// TestScenariosAreOtherProfiles computes scenarios again from profiles changed by hand.
func TestScenariosAreOtherProfiles(t *testing.T) {
	sites, wide := town(40)
	base := mustScorer(t, tinyProfile(t))
	report, err := base.Sensitivity(context.Background(), sites, method(wide), Options{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(id string, p *Profile, values func(i int) []float64) {
		t.Helper()
		at := slices.IndexFunc(report.Scenarios, func(s Scenario) bool { return s.ID == id })
		if at < 0 {
			t.Fatalf("no scenario %s", id)
		}
		other := mustScorer(t, p)
		changed, shift := 0, 0.0
		for i := range sites {
			was, is := base.Explain(sites[i].Values).Score, other.Explain(values(i)).Score
			if p.Classes.Of(was) != p.Classes.Of(is) {
				changed++
			}
			shift += math.Abs(was-is) / 40
		}
		if got := report.Scenarios[at]; got.ChangedClass != changed || math.Abs(got.MeanShift-shift) > 1e-9 || shift == 0 {
			t.Errorf("%s: %+v; %d changes and %v are expected", id, got, changed, shift)
		}
	}
	own := func(i int) []float64 { return sites[i].Values }
	p := tinyProfile(t)
	p.Aggregation = Arithmetic
	check("aggregation:arithmetic", p, own)
	p = tinyProfile(t)
	p.Entries[0].Weight = 0
	check("without:near", p, func(i int) []float64 { return sites[i].Values[1:] })
	check("radius:1000m", tinyProfile(t), func(i int) []float64 {
		return []float64{sites[i].Values[0], sites[i].Values[1], wide[i]}
	})
	p = tinyProfile(t)
	p.Entries[0].Goalposts = [2]float64{1200, -200}
	p.Entries[1].Goalposts = [2]float64{-0.1, 0.6}
	p.Entries[2].Goalposts = [2]float64{500 * math.Pow(16, -0.2), 500 * math.Pow(16, 1.2)}
	check("goalposts:wider", p, own)
}

func TestDirichletHasItsMeansAndDeviation(t *testing.T) {
	rng := stream(1, "dirichlet")
	means := []float64{0.5, 0.3, 0.2}
	const n, concentration = 20000, 20
	var sum, squares [3]float64
	for range n {
		w := dirichlet(rng, concentration, means)
		total := 0.0
		for i := range w {
			total += w[i]
			sum[i] += w[i] / n
			squares[i] += w[i] * w[i] / n
		}
		if math.Abs(total-1) > 1e-12 {
			t.Fatalf("weights sum to %v", total)
		}
	}
	for i, mean := range means {
		want := math.Sqrt(mean * (1 - mean) / (concentration + 1))
		if got := math.Sqrt(squares[i] - sum[i]*sum[i]); math.Abs(sum[i]-mean) > 0.005 || math.Abs(got-want) > 0.004 {
			t.Errorf("weight %d: mean %v, deviation %v; %v and %v are expected", i, sum[i], got, mean, want)
		}
	}
}

func TestSensitivityRefusals(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	sites, wide := town(3)
	for name, change := range map[string]func(*Method){
		"few samples":          func(m *Method) { m.Samples = 4 },
		"negative κ":           func(m *Method) { m.WeightConcentration = -1 },
		"shift":                func(m *Method) { m.GoalpostShift = 0.5 },
		"aggregation":          func(m *Method) { m.Aggregations = []Aggregation{"mean"} },
		"reserved identifier":  func(m *Method) { m.Choices[0].ID = FactorGoalposts },
		"one option":           func(m *Method) { m.Choices[0].Options = m.Choices[0].Options[:1] },
		"no adopted option":    func(m *Method) { m.Choices[0].Options[0].Values = map[string][]float64{"share": wide} },
		"unknown indicator":    func(m *Method) { m.Choices[0].Options[1].Values = map[string][]float64{"x": wide} },
		"values of other size": func(m *Method) { m.Choices[0].Options[1].Values = map[string][]float64{"share": wide[:1]} },
		"two choices for one": func(m *Method) {
			second := m.Choices[0]
			second.ID = "again"
			m.Choices = append(m.Choices, second)
		},
		"nothing varies": func(m *Method) { *m = Method{Samples: 16} },
	} {
		m := method(wide)
		change(&m)
		if _, err := s.Sensitivity(context.Background(), sites, m, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
