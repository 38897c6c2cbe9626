package allocation

import (
	"cmp"
	"math"
	"slices"
)

// Rounds of the subgradient method: at the root, and at the sub-problems, whose prices
// start from those of their parent.
const (
	rootRounds = 1500
	nodeRounds = 120
)

// standing is what a sub-problem says of a candidate.
type standing int8

const (
	free standing = iota
	opened
	shut
)

// node is a sub-problem: some candidates are chosen, some excluded.
type node struct {
	standing []standing
	opened   int
	// price is what each need pays at most for being served: the multipliers.
	price []float64
	bound float64
}

func (s *search) root() *node {
	nd := &node{standing: make([]standing, s.m), price: make([]float64, s.n), bound: math.Inf(-1)}
	for i, list := range s.near {
		// The second nearest candidate is a good first price.
		switch {
		case len(list) > 1:
			nd.price[i] = list[1].cost
		case len(list) == 1:
			nd.price[i] = list[0].cost
		}
	}
	return nd
}

// relax raises the bound of a node by moving its prices, and tries the choices it meets on
// the way. The bound is valid whatever the rounds.
func (s *search) relax(nd *node, rounds int) (float64, error) {
	price := slices.Clone(nd.price)
	saving := make([]float64, s.m) // ρ, ≤ 0
	served := make([]int, s.n)
	picked := make([]bool, s.m)
	step, idle := 2.0, 0
	for round := range rounds {
		if round%16 == 0 {
			if err := s.ctx.Err(); err != nil {
				return 0, err
			}
		}
		bound := s.evaluate(nd, price, saving, picked)
		if bound > nd.bound+rounding*math.Max(1, math.Abs(bound)) {
			nd.bound, idle = bound, 0
			copy(nd.price, price)
		} else if idle++; idle == 20 {
			// From the best prices again, more carefully.
			step, idle = step/2, 0
			copy(price, nd.price)
			s.evaluate(nd, price, saving, picked)
		}
		if round%8 == 0 {
			s.try(picked)
		}
		if s.closed(nd.bound) || step < 1e-3 {
			break
		}
		length := 0
		for i, list := range s.near {
			served[i] = 1
			for _, c := range list {
				if c.cost >= price[i] {
					break
				}
				if picked[c.candidate] {
					served[i]--
				}
			}
			length += served[i] * served[i]
		}
		if length == 0 {
			break // each need is served once: the bound is this choice's cost
		}
		t := step * (s.bestCost - bound + rounding) / float64(length)
		for i := range price {
			price[i] = min(max(price[i]+t*float64(served[i]), 0), s.served[i])
		}
	}
	return nd.bound, nil
}

// evaluate is the bound of prices: what all needs pay, less what the k candidates that save
// most save. It leaves their savings and which they are.
func (s *search) evaluate(nd *node, price, saving []float64, picked []bool) float64 {
	clear(saving)
	clear(picked)
	bound := 0.0
	for i, list := range s.near {
		bound += price[i]
		for _, c := range list {
			if c.cost >= price[i] {
				break
			}
			saving[c.candidate] += c.cost - price[i]
		}
	}
	candidates := make([]int32, 0, s.m)
	for j, is := range nd.standing {
		switch is {
		case opened:
			picked[j] = true
			bound += saving[j]
		case free:
			candidates = append(candidates, int32(j))
		}
	}
	slices.SortFunc(candidates, func(a, b int32) int {
		return cmp.Or(cmp.Compare(saving[a], saving[b]), cmp.Compare(a, b))
	})
	for _, j := range candidates[:min(s.k-nd.opened, len(candidates))] {
		picked[j] = true
		bound += saving[j]
	}
	return bound
}

// try keeps a choice of the relaxation, improved, when it is better than the best.
func (s *search) try(picked []bool) {
	cost := s.costOf(func(j int32) bool { return picked[j] })
	if cost >= s.bestCost {
		return
	}
	choice := make([]int, 0, s.k)
	for j, is := range picked {
		if is {
			choice = append(choice, j)
		}
	}
	if len(choice) == s.k {
		s.keep(s.interchange(choice))
	}
}

// settle opens and shuts the free candidates of a node without which, or with which, no
// choice can be better than the best. It tells whether there can still be one.
func (s *search) settle(nd *node) bool {
	saving, picked := make([]float64, s.m), make([]bool, s.m)
	bound := s.evaluate(nd, nd.price, saving, picked)
	last, next := math.Inf(-1), math.Inf(1) // the worst saving among the picked, the best among the others
	for j, is := range nd.standing {
		if is != free {
			continue
		}
		if picked[j] {
			last = max(last, saving[j])
		} else {
			next = min(next, saving[j])
		}
	}
	left := 0
	for j, is := range nd.standing {
		if is != free {
			continue
		}
		switch {
		case picked[j] && s.closed(bound-saving[j]+next): // without it
			nd.standing[j] = opened
			nd.opened++
		case !picked[j] && s.closed(bound+saving[j]-last): // with it
			nd.standing[j] = shut
		default:
			left++
		}
	}
	return nd.opened <= s.k && nd.opened+left >= s.k
}

// branch searches below a node, depth first, and gives the bound that is proven in the end.
func (s *search) branch(root *node, bound float64) (float64, error) {
	if s.closed(bound) {
		return bound, nil
	}
	stack := []*node{root}
	for len(stack) > 0 && s.nodes < s.effort.Nodes {
		nd := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.closed(nd.bound) {
			continue
		}
		s.nodes++
		if nd != root {
			if _, err := s.relax(nd, nodeRounds); err != nil {
				return 0, err
			}
			if s.closed(nd.bound) {
				continue
			}
		}
		if !s.settle(nd) {
			continue
		}
		j := s.choose(nd)
		if j < 0 {
			s.leaf(nd)
			continue
		}
		without, with := nd.child(), nd.child()
		without.standing[j] = shut
		with.standing[j] = opened
		with.opened++
		stack = append(stack, without, with)
	}
	// What was not searched may hold better.
	proven := s.bestCost
	for _, nd := range stack {
		proven = min(proven, s.lift(nd.bound))
	}
	return proven, nil
}

func (nd *node) child() *node {
	return &node{slices.Clone(nd.standing), nd.opened, slices.Clone(nd.price), nd.bound}
}

// choose is the free candidate that saves most at the node's prices; -1 when the node
// leaves one choice only.
func (s *search) choose(nd *node) int {
	if nd.opened == s.k {
		return -1
	}
	saving, picked := make([]float64, s.m), make([]bool, s.m)
	s.evaluate(nd, nd.price, saving, picked)
	best, left := -1, 0
	for j, is := range nd.standing {
		if is != free {
			continue
		}
		left++
		if best < 0 || saving[j] < saving[best] {
			best = j
		}
	}
	if nd.opened+left == s.k {
		return -1
	}
	return best
}

// leaf keeps the only choice of a node.
func (s *search) leaf(nd *node) {
	choice := make([]int, 0, s.k)
	for j, is := range nd.standing {
		if is == opened || is == free && nd.opened < s.k {
			choice = append(choice, j)
		}
	}
	chosen := make([]bool, s.m)
	for _, j := range choice {
		chosen[j] = true
	}
	s.keep(choice, s.costOf(func(j int32) bool { return chosen[j] }))
}
