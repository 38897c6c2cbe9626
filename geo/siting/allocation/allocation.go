// Package allocation places several homes at once: the k candidates that together serve
// a need best, with homes that exist already. Every answer states how far from the best
// one it can be at most, and small problems are solved to proven optimality.
//
// Three models are solved: the p-median (Hakimi, 1964: least weighted distance), maximal
// covering (Church and ReVelle, 1974: most need within a distance) and p-dispersion
// (Kuby, 1987: homes as far apart as can be).
package allocation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Solution is a choice of candidates and what is proven of it.
type Solution struct {
	// Chosen are indexes of candidates, ascending.
	Chosen []int
	// Objective is the value of the choice, in the unit of the model.
	Objective float64
	// Bound is a value that no choice can be better than: below Objective when the least
	// is sought, above when the most is.
	Bound float64
	// Proven tells that Objective is the best there is: the bound meets it.
	Proven bool
	// Nodes counts the sub-problems of the search that the proof took.
	Nodes int
}

// Gap is how much better than the objective the best choice could be at most, as a share
// of the objective (ratio ≥ 0); 0 when the choice is proven optimal.
func (s Solution) Gap() float64 {
	if s.Proven || s.Objective == s.Bound {
		return 0
	}
	return math.Abs(s.Objective-s.Bound) / math.Max(math.Abs(s.Objective), math.SmallestNonzeroFloat64)
}

// Effort bounds a search. It is counted, not timed: the same effort gives the same answer.
type Effort struct {
	// Nodes is how many sub-problems the search opens at most.
	Nodes int
	// Shakes is how often the best choice found is disturbed and improved again.
	Shakes int
	// Seed is that of the disturbances.
	Seed uint64
}

// DefaultEffort solves problems of a département within seconds.
var DefaultEffort = Effort{Nodes: 4000, Shakes: 60, Seed: 11473}

// Need is where people are, and how far each candidate is from them.
type Need struct {
	// Weights are how many people there are at each place of need, ≥ 0.
	Weights []float64
	// Distances are those from place of need i to candidate j, at i*Candidates+j; any unit,
	// finite, ≥ 0.
	Distances  []float64
	Candidates int
	// Existing are the distances from each place of need to the nearest home that exists
	// already, +Inf for none; nil when no home exists.
	Existing []float64
}

// Errors of problems that have no answer.
var (
	ErrTooFew  = errors.New("fewer candidates than homes to place")
	ErrNoHomes = errors.New("at least one home must be placed")
)

func (n *Need) check(k int) error {
	switch {
	case k < 1:
		return ErrNoHomes
	case n.Candidates < k:
		return fmt.Errorf("%w: %d candidates for %d homes", ErrTooFew, n.Candidates, k)
	case len(n.Distances) != len(n.Weights)*n.Candidates:
		return fmt.Errorf("%d distances for %d places of need and %d candidates", len(n.Distances), len(n.Weights), n.Candidates)
	case n.Existing != nil && len(n.Existing) != len(n.Weights):
		return fmt.Errorf("%d distances to existing homes for %d places of need", len(n.Existing), len(n.Weights))
	}
	bad := func(x float64) bool { return !(x >= 0) || math.IsInf(x, 1) }
	if i := slices.IndexFunc(n.Weights, bad); i >= 0 {
		return fmt.Errorf("weight %d is %v, a finite number ≥ 0 is expected", i, n.Weights[i])
	}
	if i := slices.IndexFunc(n.Distances, bad); i >= 0 {
		return fmt.Errorf("distance of need %d to candidate %d is %v, a finite number ≥ 0 is expected", i/n.Candidates, i%n.Candidates, n.Distances[i])
	}
	if i := slices.IndexFunc(n.Existing, func(x float64) bool { return !(x >= 0) }); i >= 0 {
		return fmt.Errorf("distance of need %d to an existing home is %v, a number ≥ 0 is expected", i, n.Existing[i])
	}
	return nil
}

// Median chooses k candidates so that the weighted sum of the distances from each place of
// need to its nearest home, chosen or existing, is least. The error is ErrTooFew,
// ErrNoHomes, what is wrong with the need, or that of ctx.
func Median(ctx context.Context, need Need, k int, effort Effort) (Solution, error) {
	if err := need.check(k); err != nil {
		return Solution{}, err
	}
	return newSearch(ctx, &need, k, effort).solve()
}

// Cover chooses k candidates so that as much need as can be has a home, chosen or existing,
// within reach (in the unit of the distances). Objective and Bound are weights covered. Its
// errors are those of Median.
func Cover(ctx context.Context, need Need, reach float64, k int, effort Effort) (Solution, error) {
	if err := need.check(k); err != nil {
		return Solution{}, err
	}
	// What stays out of reach is what a p-median with distances 0 and 1 makes least.
	missed := func(distances []float64) []float64 {
		out := make([]float64, len(distances))
		for i, d := range distances {
			if d > reach {
				out[i] = 1
			}
		}
		return out
	}
	total := 0.0
	for _, w := range need.Weights {
		total += w
	}
	need.Distances = missed(need.Distances)
	if need.Existing != nil {
		need.Existing = missed(need.Existing)
	}
	s, err := newSearch(ctx, &need, k, effort).solve()
	s.Objective, s.Bound = total-s.Objective, total-s.Bound
	return s, err
}
