package score

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func assess(t interface{ Fatal(...any) }, s *Scorer, site Site) Result {
	r, err := s.Assess(site)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sameResult(t interface{ Fatalf(string, ...any) }, a, b Result) {
	// NaN is unlike itself: results are compared as they print.
	if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
		t.Fatalf("results differ:\n%s\n%s", x, y)
	}
}

// jitter adds normal noise to every known value.
func jitter(sigma float64) func(Source, []float64) {
	return func(rng Source, out []float64) {
		noise := distuv.Normal{Mu: 0, Sigma: sigma, Src: rng}
		for i := range out {
			out[i] += noise.Rand()
		}
	}
}

// anySite has uncertain values, some of them unknown.
func anySite(t *rapid.T, s *Scorer, id string) Site {
	values := anyValues(t, s)
	for i := range values {
		if rapid.IntRange(0, 5).Draw(t, "unknown") == 0 {
			values[i] = math.NaN()
		}
	}
	site := Site{ID: id, Group: rapid.SampledFrom([]string{"01", "02"}).Draw(t, "group"), Values: values}
	if rapid.Bool().Draw(t, "uncertain") {
		site.Draw = jitter(rapid.Float64Range(0, 500).Draw(t, "sigma"))
	}
	return site
}

func anySites(t *rapid.T, s *Scorer) []Site {
	out := make([]Site, rapid.IntRange(1, 12).Draw(t, "sites"))
	for i := range out {
		out[i] = anySite(t, s, fmt.Sprintf("s%02d", i))
	}
	return out
}

func run(t interface{ Fatal(...any) }, s *Scorer, sites []Site, workers int) *Ensemble {
	e, err := s.Run(context.Background(), sites, Options{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sameEnsemble(t *rapid.T, a, b *Ensemble) {
	x, y := a.All(), b.All()
	if len(x) != len(y) {
		t.Fatalf("%d and %d sites", len(x), len(y))
	}
	for i := range x {
		sameResult(t, x[i], y[i])
	}
}

func TestResultsAreCoherent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mustScorer(t, anyProfile(t))
		e := run(t, s, anySites(t, s), 2)
		top := map[string]float64{}
		ranked := map[string]int{}
		for _, r := range e.All() {
			if !r.Complete {
				if len(r.MissingPillars) == 0 || r.Ranked != 0 || r.Rank.Rank != 0 || r.Class != Indeterminate || !math.IsNaN(r.Score) || !math.IsNaN(r.High) {
					t.Fatalf("incomplete: %+v", r)
				}
				continue
			}
			ranked[r.Group]++
			top[r.Group] += r.TopDecile
			sum := 0.0
			for _, p := range r.ClassProbabilities {
				sum += p
			}
			if math.Abs(sum-1) > 1e-9 || len(r.ClassProbabilities) != 5 {
				t.Fatalf("class probabilities %v", r.ClassProbabilities)
			}
			if !(r.Low <= r.Score && r.Score <= r.High && r.Low >= 0 && r.High <= 99.001) {
				t.Fatalf("interval %v %v %v", r.Low, r.Score, r.High)
			}
			if !(1 <= r.RankLow && r.RankLow <= r.Rank.Rank && r.Rank.Rank <= r.RankHigh && r.RankHigh <= r.Ranked) {
				t.Fatalf("rank %+v", r.Rank)
			}
			points := 0.0
			for _, c := range e.Contributions(r.ID) {
				points += c.Points
			}
			if math.Abs(points-r.Score) > 1e-9 {
				t.Fatalf("points sum to %v for a score of %v", points, r.Score)
			}
			if r.Class != Indeterminate && (r.ClassProbabilities[r.Class] < 0.8 || s.profile.Classes.Of(r.Score) != r.Class) {
				t.Fatalf("class %d of %+v", r.Class, r)
			}
		}
		for group, n := range ranked {
			if places := float64((n + 9) / 10); math.Abs(top[group]-places) > 1e-9 {
				t.Fatalf("probabilities of the top decile sum to %v, not to its %v places", top[group], places)
			}
		}
	})
}

func TestInvariantToOrderWorkersAndOtherSites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mustScorer(t, anyProfile(t))
		sites := anySites(t, s)
		e := run(t, s, sites, 1)
		sameEnsemble(t, e, run(t, s, rapid.Permutation(sites).Draw(t, "order"), 4))
		// A site's own figures do not depend on the others; ranks do.
		site := sites[0]
		alone, _ := e.Result(site.ID)
		alone.Rank = Rank{}
		alone.Contributions = e.Contributions(site.ID)
		sameResult(t, alone, assess(t, s, site))
	})
}

func TestUpdateEqualsFullRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mustScorer(t, anyProfile(t))
		sites := anySites(t, s)
		before := run(t, s, sites, 2)
		kept := fmt.Sprintf("%+v", before.All())
		changed := anySite(t, s, rapid.SampledFrom([]string{"s00", "s03", "new"}).Draw(t, "changed"))
		after, err := before.Update(context.Background(), []Site{changed}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(sites), func(s Site) bool { return s.ID == changed.ID })
		sameEnsemble(t, after.Remove([]string{changed.ID, "nobody"}, Options{}), run(t, s, want, 2))
		sameEnsemble(t, after, run(t, s, append(want, changed), 2))
		if fmt.Sprintf("%+v", before.All()) != kept {
			t.Fatal("an update changed the ensemble it came from")
		}
	})
}

func TestUncertaintyOfUnknownInputWidensTheInterval(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	known := assess(t, s, Site{ID: "a", Values: []float64{500, 2000, 0.25}})
	unknown := assess(t, s, Site{ID: "a", Values: []float64{500, 2000, math.NaN()}})
	if known.Low != known.High || known.Class == Indeterminate {
		t.Errorf("certain: %+v", known)
	}
	if !(unknown.High-unknown.Low > 5) {
		t.Errorf("unknown share: %v–%v", unknown.Low, unknown.High)
	}
	// The prior is uniform on [0, 1]: ends of the interval in closed form.
	rest := math.Pow(0.5, 1./3) * math.Pow(0.5, 0.5)
	for _, test := range []struct{ got, x float64 }{{unknown.Low, 0.05}, {unknown.Score, 0.5}, {unknown.High, 0.95}} {
		if want := 100 * (1 - rest*math.Pow(1-test.x, 1./6)); math.Abs(test.got-want) > 0.6 {
			t.Errorf("quantile %v: %v, %v is expected", test.x, test.got, want)
		}
	}
	// A prior of its own narrows it.
	p := tinyProfile(t)
	p.Entries[1].Unknown = &Prior{Low: 0.4, High: 0.6}
	narrow := assess(t, mustScorer(t, p), Site{ID: "a", Values: []float64{500, 2000, math.NaN()}})
	if !(narrow.High-narrow.Low < (unknown.High-unknown.Low)/3) {
		t.Errorf("narrow prior: %v–%v", narrow.Low, narrow.High)
	}
}

func TestClassNeedsItsProbability(t *testing.T) {
	p := tinyProfile(t)
	s := mustScorer(t, p)
	// near alone varies, around a score of exactly 40: either class half of the time.
	at := func(score float64) []float64 {
		// the value of near for which the score is as wanted, others at 0
		x := 1 - math.Pow(1-score/100, 3)
		return []float64{1000 * (1 - x), 500, 0}
	}
	noise := func(rng Source, out []float64) { out[0] += distuv.Normal{Sigma: 20, Src: rng}.Rand() }
	on := assess(t, s, Site{ID: "on", Values: at(40), Draw: noise})
	if on.Class != Indeterminate || math.Abs(on.ClassProbabilities[1]-0.5) > 0.05 || math.Abs(on.ClassProbabilities[2]-0.5) > 0.05 {
		t.Errorf("on a bound: %+v", on)
	}
	if got := s.profile.Classes.Label(on.Class).FR; got != "indéterminée" {
		t.Errorf("label %q", got)
	}
	off := assess(t, s, Site{ID: "off", Values: at(30), Draw: noise})
	if off.Class != 1 || s.profile.Classes.Label(off.Class).FR != "faible" {
		t.Errorf("amid a class: %+v", off)
	}
	// Where the recorded position is an extreme of the possible ones, figure, interval and
	// class are those of the possible ones.
	shifted := assess(t, s, Site{ID: "x", Values: at(41), Draw: func(rng Source, out []float64) { out[0] += 100 + 50*Uniform(rng) }})
	if recorded := s.Explain(at(41)).Score; shifted.ClassProbabilities[1] != 1 || shifted.Class != 1 || shifted.High >= recorded || s.profile.Classes.Of(shifted.Score) != 1 {
		t.Errorf("recorded position is an extreme (%v): %+v", recorded, shifted)
	}
}

// TestPointsFollowTheDraws: what most possible positions do not have counts for little,
// even where the recorded one has it.
func TestPointsFollowTheDraws(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	share := func(site Site) float64 {
		for _, c := range assess(t, s, site).Contributions {
			if c.Indicator == "near" {
				return c.Share
			}
		}
		t.Fatal("near does not count")
		return 0
	}
	values := []float64{0, 4000, 0.2} // inside
	certain := share(Site{ID: "a", Values: values})
	mostlyOut := share(Site{ID: "a", Values: values, Draw: func(rng Source, out []float64) {
		if Uniform(rng) > 0.17 {
			out[0] = 900
		}
	}})
	if !(mostlyOut < certain/2) {
		t.Errorf("share of near %v, %v when certain", mostlyOut, certain)
	}
}

// TestInvariantToTranslation: a sampler that measures distances from a position gives
// the same score wherever the place is.
func TestInvariantToTranslation(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(-600, 600).Draw(t, "x"), rapid.Float64Range(-600, 600).Draw(t, "y")
		dx, dy := math.Round(rapid.Float64Range(-1e5, 1e5).Draw(t, "dx")), math.Round(rapid.Float64Range(-1e5, 1e5).Draw(t, "dy"))
		site := func(dx, dy float64) Site {
			measure := func(px, py float64, out []float64) {
				out[0], out[1], out[2] = math.Hypot(px-dx, py-dy), math.Hypot(px-dx-3000, py-dy), 0.1
			}
			out := Site{ID: "s", Values: make([]float64, 3)}
			measure(x+dx, y+dy, out.Values)
			out.Draw = func(rng Source, values []float64) {
				noise := distuv.Normal{Sigma: 80, Src: rng}
				measure(x+dx+noise.Rand(), y+dy+noise.Rand(), values)
			}
			return out
		}
		a, b := assess(t, s, site(0, 0)), assess(t, s, site(dx, dy))
		if math.Abs(a.Score-b.Score) > 1e-6 || math.Abs(a.Low-b.Low) > 1e-4 || math.Abs(a.High-b.High) > 1e-4 {
			t.Fatalf("%v [%v, %v] and %v [%v, %v]", a.Score, a.Low, a.High, b.Score, b.Low, b.High)
		}
	})
}

// positioned is a site some way from a zone's centre, its position uncertain.
func positioned(id string, x, sigma float64) Site {
	measure := func(px, py float64, out []float64) {
		d := math.Hypot(px, py)
		out[0], out[1], out[2] = max(0, d-300), math.Hypot(px-4000, py), max(0, 0.6-d/2000)
	}
	site := Site{ID: id, Group: "01", Values: make([]float64, 3)}
	measure(x, 0, site.Values)
	site.Draw = func(rng Source, out []float64) {
		noise := distuv.Normal{Sigma: sigma, Src: rng}
		measure(x+noise.Rand(), noise.Rand(), out)
	}
	return site
}

func TestDoublingSigmaNeverNarrowsTheIntervalInMedian(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	median := func(sigma float64) float64 {
		var widths []float64
		for i := range 101 {
			r := assess(t, s, positioned(fmt.Sprintf("s%d", i), float64(i)*15, sigma))
			widths = append(widths, r.High-r.Low)
		}
		slices.Sort(widths)
		return widths[50]
	}
	last := 0.0
	for _, sigma := range []float64{5, 10, 20, 40, 80, 160, 320} {
		width := median(sigma)
		if width <= last {
			t.Errorf("σ = %v m: median width %v, %v at half of it", sigma, width, last)
		}
		last = width
	}
}

func TestAnotherSeedGivesTheSameLaw(t *testing.T) {
	p := tinyProfile(t)
	site := positioned("s", 500, 80)
	site.Values[2] = math.NaN() // unknown at the centre, measured in the draws
	first := assess(t, mustScorer(t, p), site)
	different := false
	for seed := uint64(2); seed < 12; seed++ {
		p.Seed = seed
		r := assess(t, mustScorer(t, p), site)
		if math.Abs(r.Low-first.Low) > 1.5 || math.Abs(r.High-first.High) > 1.5 || math.Abs(r.Score-first.Score) > 1.5 {
			t.Errorf("seed %d: %v %v %v, %v %v %v with the first", seed, r.Low, r.Score, r.High, first.Low, first.Score, first.High)
		}
		different = different || r.Low != first.Low
	}
	if !different {
		t.Error("the seed has no effect")
	}
}

func TestRanksOfTies(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	var sites []Site
	for i, near := range []float64{0, 100, 100, 900} {
		sites = append(sites, Site{ID: fmt.Sprint(i), Group: "01", Values: []float64{near, 500, 0}})
	}
	sites = append(sites, Site{ID: "incomplete", Group: "01", Values: []float64{0, math.NaN(), 0}})
	want := []Rank{{1, 1, 1, 1, 4}, {2, 2, 2, 0, 4}, {2, 2, 2, 0, 4}, {4, 4, 4, 0, 4}, {}}
	for i, r := range run(t, s, sites, 1).Results("01") {
		if r.Rank != want[i] {
			t.Errorf("site %d: %+v, %+v is expected", i, r.Rank, want[i])
		}
	}
}

// TestRanksAgreeWithPairwiseComparison compares rank intervals with a direct count
// over the same draws.
func TestRanksAgreeWithPairwiseComparison(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	var sites []Site
	for i := range 15 {
		sites = append(sites, positioned(fmt.Sprintf("s%02d", i), float64(200+40*i), 150))
	}
	e := run(t, s, sites, 2)
	drawn := e.groups["01"].sites
	for i, r := range e.Results("01") {
		ranks := make([]int, len(drawn[i].draws))
		inTop := 0.0
		for d := range ranks {
			ranks[d] = 1
			for j := range drawn {
				if drawn[j].draws[d] > drawn[i].draws[d] {
					ranks[d]++
				}
			}
			if ranks[d] <= 2 { // continuous scores: ties have probability 0
				inTop++
			}
		}
		slices.Sort(ranks)
		if ranks[100] < r.RankLow || ranks[1899] > r.RankHigh || math.Abs(inTop/2000-r.TopDecile) > 0.01 {
			t.Errorf("site %d: ranks %d–%d, top %v; counted %d–%d, %v", i, r.RankLow, r.RankHigh, r.TopDecile, ranks[100], ranks[1899], inTop/2000)
		}
	}
}

func TestRunRefusals(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	ok := Site{ID: "a", Values: []float64{1, 2, 3}}
	if _, err := s.Run(context.Background(), []Site{ok, ok}, Options{}); err == nil {
		t.Error("an identifier given twice is accepted")
	}
	if _, err := s.Run(context.Background(), []Site{{ID: "b"}}, Options{}); err == nil {
		t.Error("a site without values is accepted")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Run(ctx, []Site{ok}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if e := run(t, s, nil, 1); e.Len() != 0 || len(e.All()) != 0 || e.Results("01") != nil {
		t.Errorf("no site: %+v", e)
	}
}

func TestScorerDoesNotFollowLaterChangesOfTheProfile(t *testing.T) {
	p := tinyProfile(t)
	s := mustScorer(t, p)
	hash, before := s.ProfileHash(), s.Explain([]float64{100, 1000, 0.2})
	p.Cap, p.Entries[0].Weight, p.Classes.Bounds[0] = 0.5, 9, 1
	if !reflect.DeepEqual(before, s.Explain([]float64{100, 1000, 0.2})) || s.Profile().Hash() != hash || s.Profile().Classes.Bounds[0] != 20 {
		t.Error("the scorer changed with the profile")
	}
}

// TestStreamsAreStable pins the generator: stored results name a seed, and must be
// found again with later versions.
func TestStreamsAreStable(t *testing.T) {
	rng := stream(20260101, "750000001", "draw")
	got := []uint64{rng.Uint64(), rng.Uint64(), rng.Uint64()}
	if want := []uint64{18154272768706119230, 10892949538291868888, 6121999385271953694}; !slices.Equal(got, want) {
		t.Errorf("%d", got)
	}
	if stream(1, "ab", "c").Uint64() == stream(1, "a", "bc").Uint64() {
		t.Error("names run into each other")
	}
}

func TestMostHouseNumberSitesGetAClass(t *testing.T) {
	// House numbers (σ = 10 m) all over a town with one zone, every input known: what is
	// left without a class is near a bound.
	s := mustScorer(t, tinyProfile(t))
	rng := rand.New(rand.NewPCG(1, 2))
	classed := 0
	for i := range 300 {
		if assess(t, s, positioned(fmt.Sprint(i), rng.Float64()*2500, 10)).Class != Indeterminate {
			classed++
		}
	}
	if classed < 270 {
		t.Errorf("%d of 300 have a class", classed)
	}
}

func BenchmarkRun(b *testing.B) {
	s := mustScorer(b, tinyProfile(b))
	sites := make([]Site, 100)
	for i := range sites {
		sites[i] = positioned(fmt.Sprintf("s%03d", i), float64(15*i), 80)
	}
	e := run(b, s, sites, 2)
	b.Run("100 sites", func(b *testing.B) {
		for b.Loop() {
			run(b, s, sites, 2)
		}
	})
	b.Run("one site of 100 changes", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Update(context.Background(), sites[7:8], Options{Workers: 2}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
