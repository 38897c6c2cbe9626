package validation

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Proportion is a count of successes with an exact interval.
type Proportion struct {
	Count, Of int
	// Value is Count/Of, Low and High the interval of Clopper and Pearson (1934); all NaN
	// when Of is 0.
	Value, Low, High float64
}

func proportion(count, of int, confidence float64) Proportion {
	out := Proportion{Count: count, Of: of, Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
	if of == 0 {
		return out
	}
	out.Value, out.Low, out.High = float64(count)/float64(of), 0, 1
	tail := (1 - confidence) / 2
	if count > 0 {
		out.Low = distuv.Beta{Alpha: float64(count), Beta: float64(of - count + 1)}.Quantile(tail)
	}
	if count < of {
		out.High = distuv.Beta{Alpha: float64(count + 1), Beta: float64(of - count)}.Quantile(1 - tail)
	}
	return out
}

// Band is a range of scores with about as many sites as the others; equal scores are
// never parted.
type Band struct {
	Low, High float64 // lowest and highest score in it
	Rate      Proportion
	Lift      float64 // rate over the rate of all sites
	// Isotonic is the rate fitted to grow with the score (pool adjacent violators), the
	// best estimate if the score does order places.
	Isotonic float64
	Expected float64 // sites with an event that the logistic fit expects; NaN when not estimable
}

// Calibration compares bands of the score with what happened in them.
type Calibration struct {
	Bands []Band
	// Inversions is the number of bands with a lower rate than the band before.
	Inversions int
	// Estimable is false when one threshold parts sites with and without events
	// perfectly: no logistic curve fits best. What follows is NaN then.
	Estimable bool
	// Intercept and Slope of logit P(event) = Intercept + Slope·score, over this period.
	Intercept, Slope float64
	// HosmerLemeshow is the statistic over the bands, with bands − 2 degrees of freedom,
	// and P its p-value; a small one says that the logistic curve does not fit. With
	// fewer than three bands P is NaN.
	HosmerLemeshow float64
	Freedom        int
	P              float64
}

// probability of an event at a score, by the logistic fit.
func (c Calibration) probability(score float64) float64 {
	return logistic(c.Intercept + c.Slope*score)
}

// bandCount keeps at least five events and five sites without a band on average.
func (s *sample) bandCount() int { return min(max(min(s.m, s.n)/5, 2), 10) }

func (s *sample) calibrate(confidence float64) Calibration {
	out := Calibration{Intercept: math.NaN(), Slope: math.NaN(), HosmerLemeshow: math.NaN(), P: math.NaN()}
	if out.Estimable = s.overlap(); out.Estimable {
		out.Intercept, out.Slope = s.logisticFit()
		out.HosmerLemeshow = 0
	}
	overall := float64(s.m) / float64(s.m+s.n)
	for _, span := range s.bands(s.bandCount()) {
		b := Band{Low: s.scores[span[0]], High: s.scores[span[1]-1], Expected: math.NaN()}
		count := 0
		for i := span[0]; i < span[1]; i++ {
			if s.event[i] {
				count++
			}
		}
		of := span[1] - span[0]
		b.Rate = proportion(count, of, confidence)
		b.Lift = b.Rate.Value / overall
		if out.Estimable {
			b.Expected = 0
			for i := span[0]; i < span[1]; i++ {
				b.Expected += out.probability(s.scores[i])
			}
			if spread := b.Expected * (1 - b.Expected/float64(of)); spread > 0 {
				d := float64(count) - b.Expected
				out.HosmerLemeshow += d * d / spread
			}
		}
		if last := len(out.Bands) - 1; last >= 0 && b.Rate.Value < out.Bands[last].Rate.Value {
			out.Inversions++
		}
		out.Bands = append(out.Bands, b)
	}
	isotonic(out.Bands)
	if out.Freedom = max(len(out.Bands)-2, 0); out.Freedom > 0 && out.Estimable {
		out.P = distuv.ChiSquared{K: float64(out.Freedom)}.Survival(out.HosmerLemeshow)
	}
	return out
}

// bands cuts the sample into about k parts of equal size: half-open ranges of indices.
func (s *sample) bands(k int) [][2]int {
	var out [][2]int
	first := 0
	for i := 1; i <= k; i++ {
		last := i * len(s.scores) / k
		for last > 0 && last < len(s.scores) && s.scores[last] == s.scores[last-1] {
			last++
		}
		if last > first {
			out = append(out, [2]int{first, last})
			first = last
		}
	}
	return out
}

// isotonic fills Isotonic by pooling adjacent violators (Barlow et al. 1972).
func isotonic(bands []Band) {
	type pool struct{ count, of, bands int }
	var pools []pool
	for _, b := range bands {
		pools = append(pools, pool{b.Rate.Count, b.Rate.Of, 1})
		for len(pools) > 1 {
			last, before := pools[len(pools)-1], pools[len(pools)-2]
			if last.count*before.of >= before.count*last.of {
				break
			}
			pools = append(pools[:len(pools)-2], pool{before.count + last.count, before.of + last.of, before.bands + last.bands})
		}
	}
	i := 0
	for _, p := range pools {
		for range p.bands {
			bands[i].Isotonic = float64(p.count) / float64(p.of)
			i++
		}
	}
}

// overlap tells whether the logistic fit exists (Albert and Anderson 1984): no
// threshold parts the two kinds of sites, even with both on it.
func (s *sample) overlap() bool {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, score := range s.scores {
		k := 0
		if s.event[i] {
			k = 1
		}
		low[k], high[k] = min(low[k], score), max(high[k], score)
	}
	return high[0] > low[1] && high[1] > low[0]
}

// logisticFit maximises the likelihood by Newton's method, halving steps that lower it.
func (s *sample) logisticFit() (intercept, slope float64) {
	mean, deviation := 0.0, 0.0
	n := float64(len(s.scores))
	for _, v := range s.scores {
		mean += v / n
	}
	for _, v := range s.scores {
		deviation += (v - mean) * (v - mean) / n
	}
	deviation = math.Sqrt(deviation) // positive: scores of the two kinds overlap
	logLikelihood := func(a, b float64) float64 {
		sum := 0.0
		for i, v := range s.scores {
			eta := a + b*(v-mean)/deviation
			if !s.event[i] {
				eta = -eta
			}
			sum -= math.Log1p(math.Exp(-math.Abs(eta))) + max(-eta, 0)
		}
		return sum
	}
	a, b := math.Log(float64(s.m)/float64(s.n)), 0.0
	best := logLikelihood(a, b)
	for range 100 {
		var ga, gb, haa, hab, hbb float64
		for i, v := range s.scores {
			z := (v - mean) / deviation
			p := logistic(a + b*z)
			y := 0.0
			if s.event[i] {
				y = 1
			}
			w := p * (1 - p)
			ga, gb = ga+y-p, gb+(y-p)*z
			haa, hab, hbb = haa+w, hab+w*z, hbb+w*z*z
		}
		det := haa*hbb - hab*hab
		if !(det > 0) {
			break
		}
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		next := logLikelihood(a+da, b+db)
		// Near the maximum a step may lower the sum by its rounding alone.
		rounding := 1e-12 * math.Abs(best)
		for step := 0; next < best-rounding && step < 30; step++ {
			da, db = da/2, db/2
			next = logLikelihood(a+da, b+db)
		}
		if next < best-rounding {
			break
		}
		a, b, best = a+da, b+db, next
		if math.Abs(da)+math.Abs(db) < 1e-10 {
			break
		}
	}
	return a - b*mean/deviation, b / deviation
}
