package validation

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"
)

// Permutation is a one-sided test of "events have nothing to do with the score".
type Permutation struct {
	// P is the share of permutations, the observed one included, whose AUC is at least
	// the observed one.
	P            float64
	Permutations int
	Strata       int // sets within which sites were exchanged
	Seed         uint64
}

// permute exchanges which sites have an event, within strata.
func (s *sample) permute(cases []Case, permutations int, seed uint64) Permutation {
	type stratum struct {
		ranks  []int
		events int
	}
	byName := map[string]*stratum{}
	observed := 0
	for i, c := range cases {
		st := byName[c.Stratum]
		if st == nil {
			st = &stratum{}
			byName[c.Stratum] = st
		}
		st.ranks = append(st.ranks, s.ranks[i])
		if s.event[i] {
			st.events++
			observed += s.ranks[i]
		}
	}
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare[string])
	rng := prng.NewXoshiro256starstar(seed)
	atLeast := 1
	for range permutations {
		sum := 0
		for _, name := range names {
			st := byName[name]
			// The first places of a Fisher–Yates shuffle are the sites with an event.
			for i := range st.events {
				j := i + below(rng, len(st.ranks)-i)
				st.ranks[i], st.ranks[j] = st.ranks[j], st.ranks[i]
				sum += st.ranks[i]
			}
		}
		if sum >= observed {
			atLeast++
		}
	}
	return Permutation{P: float64(atLeast) / float64(permutations+1), Permutations: permutations, Strata: len(names), Seed: seed}
}

// below is uniform over 0 … n−1.
func below(rng *prng.Xoshiro256starstar, n int) int {
	return int(float64(rng.Uint64()>>11) * 0x1p-53 * float64(n))
}
