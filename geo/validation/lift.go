package validation

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"
	"gonum.org/v1/gonum/stat/distuv"
)

// Lift is how much more often events happen in the tenth of sites with the highest
// scores (rounded up to whole sites) than in all. Equal scores share the last places.
type Lift struct {
	Places   int
	Captured float64 // share of the sites with an event that are in it, 0–1
	// Value is (rate in it)/(rate of all); Low and High are the percentile bootstrap
	// interval over sites.
	Value, Low, High float64
	Resamples        int
}

func (s *sample) lift(opts Options) Lift {
	all := make([]int, len(s.scores))
	for i := range all {
		all[i] = i
	}
	out := Lift{Places: (len(all) + 9) / 10, Resamples: opts.Resamples}
	out.Value, out.Captured = s.liftOf(all)
	rng := prng.NewXoshiro256starstar(opts.Seed ^ 0x626f6f7473747261) // apart from the permutations' stream
	var lifts []float64
	drawn := make([]int, len(all))
	for range opts.Resamples {
		for i := range drawn {
			drawn[i] = below(rng, len(all))
		}
		slices.Sort(drawn) // indices are in the order of scores
		if lift, _ := s.liftOf(drawn); !math.IsNaN(lift) {
			lifts = append(lifts, lift)
		}
	}
	slices.Sort(lifts)
	tail := int(float64(len(lifts)) * (1 - opts.Confidence) / 2)
	out.Low, out.High = lifts[tail], lifts[len(lifts)-1-tail]
	return out
}

// liftOf sites given by ascending index; NaN when none has an event.
func (s *sample) liftOf(sites []int) (lift, captured float64) {
	places := (len(sites) + 9) / 10
	cut := s.scores[sites[len(sites)-places]]
	var above, aboveEvents, tied, tiedEvents, events float64
	for _, i := range sites {
		hit := 0.0
		if s.event[i] {
			hit = 1
		}
		events += hit
		switch {
		case s.scores[i] > cut:
			above++
			aboveEvents += hit
		case s.scores[i] == cut:
			tied++
			tiedEvents += hit
		}
	}
	if events == 0 {
		return math.NaN(), math.NaN()
	}
	in := aboveEvents + tiedEvents*(float64(places)-above)/tied
	return in / float64(places) / (events / float64(len(sites))), in / events
}

// GroupErrors is how the score errs in one type of neighbourhood. A score that flags
// poor districts beyond what happens there shows a Ratio under 1 and more FalseAlarms.
type GroupErrors struct {
	Name  string
	Sites int
	Rate  Proportion // of sites with an event
	// AUC within the group; nil with fewer than five sites with or without an event.
	AUC *AUC
	// Expected is the number of sites with an event that the score lets expect (logistic
	// fit over all sites), Ratio the observed number over it with its exact Poisson
	// interval (Garwood 1936). NaN when the fit is not estimable.
	Expected, Ratio, RatioLow, RatioHigh float64
	// FalseAlarms are sites scored at the threshold or above, of those without an event.
	FalseAlarms Proportion
	// Misses are sites scored below the threshold, of those with an event.
	Misses Proportion
}

const leastGroupEvents = 5

func (s *sample) groups(cases []Case, fit Calibration, opts Options) []GroupErrors {
	members := map[string][]Case{}
	for _, c := range cases {
		members[c.Group] = append(members[c.Group], c)
	}
	var out []GroupErrors
	for name, own := range members {
		g := GroupErrors{Name: name, Sites: len(own), Expected: math.NaN(), Ratio: math.NaN(), RatioLow: math.NaN(), RatioHigh: math.NaN()}
		part := newSample(own)
		g.Rate = proportion(part.m, len(own), opts.Confidence)
		if min(part.m, part.n) >= leastGroupEvents {
			auc := part.auc(opts.Confidence)
			g.AUC = &auc
		}
		alarms, misses := 0, 0
		for i, v := range part.scores {
			switch {
			case part.event[i] && v < opts.Threshold:
				misses++
			case !part.event[i] && v >= opts.Threshold:
				alarms++
			}
		}
		g.FalseAlarms, g.Misses = proportion(alarms, part.n, opts.Confidence), proportion(misses, part.m, opts.Confidence)
		if fit.Estimable {
			g.Expected = 0
			for _, v := range part.scores {
				g.Expected += fit.probability(v)
			}
			low, high := poissonInterval(part.m, opts.Confidence)
			g.Ratio, g.RatioLow, g.RatioHigh = float64(part.m)/g.Expected, low/g.Expected, high/g.Expected
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b GroupErrors) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// poissonInterval is Garwood's exact interval of a Poisson mean.
func poissonInterval(count int, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	if count > 0 {
		low = distuv.ChiSquared{K: 2 * float64(count)}.Quantile(tail) / 2
	}
	return low, distuv.ChiSquared{K: 2 * float64(count+1)}.Quantile(1-tail) / 2
}
