package validation

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// sample is scores in ascending order and whether each site has an event.
type sample struct {
	scores []float64
	event  []bool
	// ranks are twice the midranks, whole numbers: sums of them are exact.
	ranks []int
	m, n  int // sites with and without an event
}

func newSample(sorted []Case) *sample {
	s := &sample{}
	for _, c := range sorted {
		s.scores = append(s.scores, c.Score)
		s.event = append(s.event, c.Events > 0)
		if c.Events > 0 {
			s.m++
		} else {
			s.n++
		}
	}
	s.ranks = doubleMidranks(s.scores)
	return s
}

// doubleMidranks of ascending values: equal ones share the mean of their ranks.
func doubleMidranks(sorted []float64) []int {
	out := make([]int, len(sorted))
	for first := 0; first < len(sorted); {
		last := first + 1
		for last < len(sorted) && sorted[last] == sorted[first] {
			last++
		}
		for i := first; i < last; i++ {
			out[i] = first + 1 + last
		}
		first = last
	}
	return out
}

// AUC is the area under the ROC curve: the probability that a site with an event has a
// higher score than one without, ties counting for half.
type AUC struct {
	Value, Low, High float64
	// Method of the interval: "delong" (DeLong et al. 1988, on the logit scale), or
	// "newcombe" (2006, method 5) where the former has no width.
	Method string
}

// auc needs m, n ≥ 1.
func (s *sample) auc(confidence float64) AUC {
	m, n := float64(s.m), float64(s.n)
	var events, others []float64
	sum := 0
	for i, score := range s.scores {
		if s.event[i] {
			events = append(events, score)
			sum += s.ranks[i]
		} else {
			others = append(others, score)
		}
	}
	out := AUC{Value: (float64(sum)/2 - m*(m+1)/2) / (m * n)}
	// Placements from midranks (Sun and Xu 2014, IEEE Signal Processing Letters 21).
	ownEvents, ownOthers := doubleMidranks(events), doubleMidranks(others)
	var v10, v01 float64
	var i, j int
	for at := range s.scores {
		if s.event[at] {
			d := float64(s.ranks[at]-ownEvents[i])/2/n - out.Value
			v10 += d * d
			i++
		} else {
			d := 1 - float64(s.ranks[at]-ownOthers[j])/2/m - out.Value
			v01 += d * d
			j++
		}
	}
	variance := math.NaN()
	if s.m > 1 && s.n > 1 {
		variance = v10/(m-1)/m + v01/(n-1)/n
	}
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	if variance > 0 && out.Value > 0 && out.Value < 1 {
		logit := math.Log(out.Value / (1 - out.Value))
		half := z * math.Sqrt(variance) / (out.Value * (1 - out.Value))
		out.Low, out.High, out.Method = logistic(logit-half), logistic(logit+half), "delong"
		return out
	}
	out.Low, out.High, out.Method = newcombe(out.Value, m, n, -z), newcombe(out.Value, m, n, z), "newcombe"
	return out
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// newcombe is one end of the interval of R. G. Newcombe (2006, Statistics in Medicine
// 25, 559–573, method 5): the θ of which the AUC is z standard errors away, with
// Hanley and McNeil's variance at θ for groups of (m+n)/2. It is found by bisection.
func newcombe(auc, m, n, z float64) float64 {
	half := (m + n) / 2
	away := func(theta float64) bool { // θ lies beyond the end
		variance := theta * (1 - theta) * (1 + (half-1)*((1-theta)/(2-theta)+theta/(1+theta))) / (m * n)
		return math.Abs(theta-auc) > math.Abs(z)*math.Sqrt(variance)
	}
	in, out := auc, 0.0
	if z > 0 {
		out = 1
	}
	if in == out {
		return out
	}
	for range 60 {
		if middle := (in + out) / 2; away(middle) {
			out = middle
		} else {
			in = middle
		}
	}
	return in
}
