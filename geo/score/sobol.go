package score

import "math"

// SobolIndex is the part of an output's variance that goes with one factor.
type SobolIndex struct {
	// First is the part that fixing the factor alone would remove.
	First float64
	// Total is the part that would be left if all others were fixed: interactions count.
	// Estimates can fall slightly below 0 or above 1.
	Total float64
	// FirstError and TotalError are Monte-Carlo standard errors (delta method).
	FirstError, TotalError float64
}

// Sobol estimates variance-based sensitivity indices from model outputs: a and b are
// the outputs for two independent samples A and B of N points, and ab[i] those for A
// with factor i (one or more columns) taken from B. First-order indices follow
// Saltelli et al. (2010, Computer Physics Communications 181, table 2 b), total ones
// Jansen (1999, ibid. f). All are 0 when the output does not vary.
func Sobol(a, b []float64, ab [][]float64) []SobolIndex {
	acc := newSobolSums(len(a), len(ab))
	acc.add(a, b, ab)
	indices, _ := acc.indices()
	return indices
}

// sobolSums gathers, for each sample point, the terms of the estimators summed over
// outputs. The ratios are then the indices of a vector output (Gamboa et al. 2014,
// Electronic Journal of Statistics 8): each output weighs by its variance.
type sobolSums struct {
	variance []float64
	first    [][]float64
	total    [][]float64
}

func newSobolSums(points, factors int) *sobolSums {
	s := &sobolSums{variance: make([]float64, points), first: make([][]float64, factors), total: make([][]float64, factors)}
	for i := range factors {
		s.first[i], s.total[i] = make([]float64, points), make([]float64, points)
	}
	return s
}

// add takes in one output.
func (s *sobolSums) add(a, b []float64, ab [][]float64) {
	// Outputs are centred: the first-order estimator is exact for any constant, and far
	// less noisy when the mean is gone.
	mean := 0.0
	for j := range a {
		mean += a[j] + b[j]
	}
	mean /= float64(2 * len(a))
	for j := range a {
		s.variance[j] += ((a[j]-mean)*(a[j]-mean) + (b[j]-mean)*(b[j]-mean)) / 2
	}
	for i := range ab {
		for j, v := range ab[i] {
			s.first[i][j] += (b[j] - mean) * (v - a[j])
			s.total[i][j] += (a[j] - v) * (a[j] - v) / 2
		}
	}
}

// merge adds another's sums.
func (s *sobolSums) merge(other *sobolSums) {
	for j, v := range other.variance {
		s.variance[j] += v
	}
	for i := range s.first {
		for j := range s.first[i] {
			s.first[i][j] += other.first[i][j]
			s.total[i][j] += other.total[i][j]
		}
	}
}

// indices gives the estimates and the variance (summed over outputs).
func (s *sobolSums) indices() ([]SobolIndex, float64) {
	out := make([]SobolIndex, len(s.first))
	variance := 0.0
	for _, v := range s.variance {
		variance += v
	}
	variance /= float64(len(s.variance))
	if !(variance > 0) {
		return out, 0
	}
	for i := range out {
		out[i].First, out[i].FirstError = ratio(s.first[i], s.variance)
		out[i].Total, out[i].TotalError = ratio(s.total[i], s.variance)
	}
	return out, variance
}

// ratio is mean(num)/mean(den) with its standard error by the delta method.
func ratio(num, den []float64) (r, standardError float64) {
	n := float64(len(num))
	var sumNum, sumDen float64
	for j := range num {
		sumNum += num[j]
		sumDen += den[j]
	}
	r = sumNum / sumDen
	squares := 0.0
	for j := range num {
		e := num[j] - r*den[j]
		squares += e * e
	}
	if n < 2 {
		return r, math.Inf(1)
	}
	return r, math.Sqrt(squares/(n-1)*n) / sumDen
}
