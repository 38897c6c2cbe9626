package exposure

// ShrinkRates gives the empirical-Bayes estimates of the rates counts[i]/exposures[i]:
// each is drawn towards the rate of all together, the more so the smaller its
// exposure (population × years). rest are the count and exposure of those of which only
// the sum is known: they count in the rate of all and, as far as their common rate is
// another, in the variance. The estimator is the method of moments
// of Marshall (1991, Mapping disease and mortality rates using empirical Bayes estimators,
// Applied Statistics 40): with m the overall rate, s² the variance of the rates weighted by
// exposure, k the number of elements and N the exposure of all,
//
//	θᵢ = m + (rᵢ − m)·A/(A + m/nᵢ),  A = max(0, s² − m·k/N).
//
// Elements without exposure (≤ 0) give m. The slices have the same length; without
// any exposure the result is all 0.
func ShrinkRates(counts, exposures []float64, rest [2]float64) []float64 {
	total, facts, known := 0.0, 0.0, 0.0
	for i, n := range exposures {
		if n > 0 {
			total, facts, known = total+n, facts+counts[i], known+1
		}
	}
	out := make([]float64, len(counts))
	if total == 0 {
		return out
	}
	total += rest[1]
	mean := (facts + rest[0]) / total
	variance := 0.0
	if rest[1] > 0 {
		d := rest[0]/rest[1] - mean
		variance = rest[1] * d * d / total
	}
	for i, n := range exposures {
		if n > 0 {
			d := counts[i]/n - mean
			variance += n * d * d / total
		}
	}
	between := max(0, variance-mean*known/total)
	for i, n := range exposures {
		out[i] = mean
		if n > 0 && between > 0 {
			out[i] += (counts[i]/n - mean) * between / (between + mean/n)
		}
	}
	return out
}
