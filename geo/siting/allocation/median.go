package allocation

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"
)

// search solves one p-median: a choice by greedy addition and interchange (Teitz and Bart,
// 1968), a bound by Lagrangian relaxation of "each need is served once" (Cornuéjols, Fisher
// and Nemhauser, 1977), and branch and bound where they differ.
type search struct {
	ctx    context.Context
	effort Effort
	n, m   int // places of need, candidates
	k      int
	// cost is the weighted distance of need i to candidate j, at j*n+i; never above served.
	cost []float64
	// served is the cost of each need with existing homes only, +Inf without.
	served []float64
	// near lists, for each need, the candidates that serve it better than existing homes,
	// nearest first.
	near [][]neighbour
	// whole tells that all costs are integers: bounds are rounded up.
	whole bool

	best     []int
	bestCost float64
	nodes    int
}

type neighbour struct {
	cost      float64
	candidate int32
}

func newSearch(ctx context.Context, need *Need, k int, effort Effort) *search {
	s := &search{ctx: ctx, effort: effort, n: len(need.Weights), m: need.Candidates, k: k, whole: true, bestCost: math.Inf(1)}
	s.cost = make([]float64, s.n*s.m)
	s.served = make([]float64, s.n)
	s.near = make([][]neighbour, s.n)
	for i, w := range need.Weights {
		s.served[i] = math.Inf(1)
		if need.Existing != nil && !math.IsInf(need.Existing[i], 1) {
			s.served[i] = w * need.Existing[i]
			s.whole = s.whole && s.served[i] == math.Trunc(s.served[i])
		}
		list := make([]neighbour, 0, s.m)
		for j, d := range need.Distances[i*s.m : (i+1)*s.m] {
			c := w * d
			if c < s.served[i] {
				list = append(list, neighbour{c, int32(j)})
				s.whole = s.whole && c == math.Trunc(c)
			}
			s.cost[j*s.n+i] = min(c, s.served[i])
		}
		slices.SortFunc(list, func(a, b neighbour) int {
			return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.candidate, b.candidate))
		})
		s.near[i] = list
	}
	return s
}

func (s *search) column(j int) []float64 { return s.cost[j*s.n : (j+1)*s.n] }

// solve finds a choice, bounds it, and searches while the two differ.
func (s *search) solve() (Solution, error) {
	s.keep(s.interchange(s.greedy()))
	root := s.root()
	bound, err := s.relax(root, rootRounds)
	if err != nil {
		return Solution{}, err
	}
	if !s.closed(bound) {
		if err := s.shake(); err != nil {
			return Solution{}, err
		}
		if bound, err = s.branch(root, bound); err != nil {
			return Solution{}, err
		}
	}
	slices.Sort(s.best)
	out := Solution{Chosen: s.best, Objective: s.bestCost, Bound: min(bound, s.bestCost), Nodes: s.nodes}
	if out.Proven = s.closed(bound); out.Proven {
		out.Bound = out.Objective
	}
	return out, nil
}

// rounding is the relative error that sums of costs may carry.
const rounding = 1e-9

// closed tells whether nothing above a bound can be better than the best choice.
func (s *search) closed(bound float64) bool {
	return s.bestCost-s.lift(bound) <= rounding*math.Max(1, math.Abs(s.bestCost))
}

// lift is the least cost that a choice may have above a bound.
func (s *search) lift(bound float64) float64 {
	if s.whole {
		return math.Ceil(bound - 1e-6)
	}
	return bound
}

// keep remembers a choice that is better than all before.
func (s *search) keep(choice []int, cost float64) {
	if cost < s.bestCost {
		s.best, s.bestCost = slices.Clone(choice), cost
	}
}

// greedy adds the candidate that spares most, k times.
func (s *search) greedy() []int {
	nearest := slices.Clone(s.served)
	chosen := make([]int, 0, s.k)
	taken := make([]bool, s.m)
	for len(chosen) < s.k {
		best, least := -1, math.Inf(1)
		for j := range s.m {
			if taken[j] {
				continue
			}
			total := 0.0
			for i, c := range s.column(j) {
				total += min(c, nearest[i])
			}
			if best < 0 || total < least {
				best, least = j, total
			}
		}
		taken[best] = true
		chosen = append(chosen, best)
		for i, c := range s.column(best) {
			nearest[i] = min(nearest[i], c)
		}
	}
	return chosen
}

// interchange exchanges one chosen candidate for another while that spares something, by
// the fast evaluation of Whitaker (1983). It works on choice and returns it with its cost.
func (s *search) interchange(choice []int) ([]int, float64) {
	first, second := make([]float64, s.n), make([]float64, s.n)
	whose := make([]int, s.n) // index in choice, -1 for an existing home
	chosen := make([]bool, s.m)
	for _, j := range choice {
		chosen[j] = true
	}
	loss := make([]float64, len(choice))
	for {
		total := 0.0
		for i := range s.n {
			first[i], second[i], whose[i] = s.served[i], math.Inf(1), -1
			for at, j := range choice {
				switch c := s.cost[j*s.n+i]; {
				case c < first[i]:
					first[i], second[i], whose[i] = c, first[i], at
				case c < second[i]:
					second[i] = c
				}
			}
			total += first[i]
		}
		in, out, change := -1, -1, -rounding*math.Max(1, total)
		for j := range s.m {
			if chosen[j] {
				continue
			}
			gain := 0.0
			clear(loss)
			for i, c := range s.column(j) {
				if c < first[i] {
					gain += first[i] - c
				} else if at := whose[i]; at >= 0 {
					loss[at] += min(c, second[i]) - first[i]
				}
			}
			for at, l := range loss {
				if l-gain < change {
					in, out, change = j, at, l-gain
				}
			}
		}
		if in < 0 {
			return choice, total
		}
		chosen[choice[out]], chosen[in] = false, true
		choice[out] = in
	}
}

// costOf is the cost of a choice.
func (s *search) costOf(chosen func(j int32) bool) float64 {
	total := 0.0
	for i, list := range s.near {
		at := slices.IndexFunc(list, func(c neighbour) bool { return chosen(c.candidate) })
		if at < 0 {
			total += s.served[i]
		} else {
			total += list[at].cost
		}
	}
	return total
}

// shake exchanges some of the best choice at random, more at each failure, and improves
// what comes out (variable neighbourhood search; Hansen and Mladenović, 1997).
func (s *search) shake() error {
	r := prng.NewXoshiro256starstar(s.effort.Seed)
	below := func(n int) int { return int(r.Uint64() % uint64(n)) }
	most := min(s.k, s.m-s.k)
	for try, size := 0, 1; try < s.effort.Shakes && most > 0; try++ {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		choice := slices.Clone(s.best)
		for range size {
			for {
				if j := below(s.m); !slices.Contains(choice, j) {
					choice[below(len(choice))] = j
					break
				}
			}
		}
		before := s.bestCost
		s.keep(s.interchange(choice))
		if size++; s.bestCost < before || size > most {
			size = 1
		}
	}
	return nil
}
