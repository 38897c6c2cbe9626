package score

import "math"

// Central is the Score that [Scorer.Explain] gives of values, and NaN when it is
// incomplete, without what each indicator adds and without allocating: for surfaces,
// where a score is wanted for each of many cells. It panics when the number of values is
// not that of indicators.
func (s *Scorer) Central(values []float64) float64 {
	if len(values) != len(s.terms) {
		panic("score: as many values as indicators are needed")
	}
	for pillar := range s.pillars {
		known := false
		for i, v := range values {
			known = known || s.terms[i].pillar == pillar && !math.IsNaN(v)
		}
		if !known {
			return math.NaN()
		}
	}
	sum := 0.0
	for i, v := range values {
		sum += s.weight(i) * s.profile.Aggregation.loss(s.central(i, v))
	}
	return s.profile.Aggregation.score(sum)
}
