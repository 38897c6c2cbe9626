package score

import "math"

// Draws is Assess with the score of each of the profile's draws, in the order drawn, so
// that draw d of several sites can be compared: a single one when the score is certain,
// none when it is incomplete. Draws are good to 0.001.
func (s *Scorer) Draws(site Site) (Result, []float64, error) {
	if err := s.check(site); err != nil {
		return Result{}, nil, err
	}
	d := s.draw(site)
	draws := make([]float64, len(d.draws))
	for i, l := range d.draws {
		draws[i] = 100 * float64(l) / math.MaxUint16
	}
	return d.result, draws, nil
}

// Stream is the generator for one use of randomness, by a seed and names of the caller's
// own; equal ones give equal numbers.
func Stream(seed uint64, names ...string) Source { return stream(seed, names...) }

// Dirichlet draws weights around means, which sum to 1, as [Method.WeightConcentration]
// does those of a profile.
func Dirichlet(rng Source, concentration float64, means []float64) []float64 {
	return dirichlet(rng, concentration, means)
}

// CentralInterval gives the ends of the central interval of a probability of sorted draws,
// of which there is at least one, as intervals of scores have them.
func CentralInterval[T any](sorted []T, probability float64) (low, high T) {
	return centralInterval(sorted, probability)
}
