package allocation

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Spread is how far candidates are from each other and from the homes that exist.
type Spread struct {
	// Distances are those between candidates i and j, at i*Candidates+j: symmetric, ≥ 0, any
	// unit; the diagonal does not count.
	Distances  []float64
	Candidates int
	// Existing are the distances from each candidate to the nearest existing home, +Inf for
	// none; nil when no home exists.
	Existing []float64
}

func (s *Spread) check(k int) error {
	switch {
	case k < 1:
		return ErrNoHomes
	case s.Candidates < k:
		return fmt.Errorf("%w: %d candidates for %d homes", ErrTooFew, s.Candidates, k)
	case len(s.Distances) != s.Candidates*s.Candidates:
		return fmt.Errorf("%d distances for %d candidates", len(s.Distances), s.Candidates)
	case s.Existing != nil && len(s.Existing) != s.Candidates:
		return fmt.Errorf("%d distances to existing homes for %d candidates", len(s.Existing), s.Candidates)
	}
	for i := range s.Candidates {
		for j := range i {
			if d := s.between(i, j); !(d >= 0) || d != s.between(j, i) {
				return fmt.Errorf("distance between candidates %d and %d is %v, a number ≥ 0, the same both ways, is expected", i, j, d)
			}
		}
		if !(s.apart(i) >= 0) {
			return fmt.Errorf("distance of candidate %d to an existing home is %v, a number ≥ 0 is expected", i, s.apart(i))
		}
	}
	return nil
}

func (s *Spread) between(i, j int) float64 { return s.Distances[i*s.Candidates+j] }

// apart is the distance of a candidate to the nearest existing home.
func (s *Spread) apart(i int) float64 {
	if s.Existing == nil {
		return math.Inf(1)
	}
	return s.Existing[i]
}

// least is the smallest distance within a choice, existing homes included.
func (s *Spread) least(choice []int) float64 {
	out := math.Inf(1)
	for a, i := range choice {
		out = min(out, s.apart(i))
		for _, j := range choice[:a] {
			out = min(out, s.between(i, j))
		}
	}
	return out
}

// Disperse chooses k candidates so that the smallest distance among them and to existing
// homes is largest; +Inf when a single home is placed where none exists. Its errors are
// those of Median.
//
// A distance can be kept when k candidates are pairwise that far apart: a clique of size k
// in the graph of such pairs, searched with the colouring bound of Tomita and Seki (2003).
// Distances are tried by bisection; one too costly to decide leaves a gap.
func Disperse(ctx context.Context, spread Spread, k int, effort Effort) (Solution, error) {
	if err := spread.check(k); err != nil {
		return Solution{}, err
	}
	d := &dispersion{ctx: ctx, spread: &spread, k: k, effort: effort}
	d.keep(d.farthest())
	values := d.values()
	// values[known] is reached; every value from refuted on is proven out of reach.
	known, refuted := d.reached(values), len(values)
	for low := known; refuted-low > 1; {
		if err := ctx.Err(); err != nil {
			return Solution{}, err
		}
		mid := (low + refuted) / 2
		choice, verdict := d.feasible(values[mid])
		switch verdict {
		case yes:
			d.keep(choice)
			low = max(mid, d.reached(values))
			known = low
		case no:
			refuted = mid
		case undecided:
			low = mid
		}
	}
	slices.Sort(d.best)
	out := Solution{Chosen: d.best, Objective: d.value, Bound: d.value, Proven: refuted-known <= 1, Nodes: d.nodes}
	if !out.Proven {
		out.Bound = values[refuted-1]
	}
	return out, nil
}

type dispersion struct {
	ctx    context.Context
	spread *Spread
	k      int
	effort Effort
	best   []int
	value  float64
	nodes  int
}

func (d *dispersion) keep(choice []int) {
	if v := d.spread.least(choice); d.best == nil || v > d.value {
		d.best, d.value = slices.Clone(choice), v
	}
}

// values are the distances that the least distance of a choice may be, ascending.
func (d *dispersion) values() []float64 {
	var out []float64
	for i := range d.spread.Candidates {
		out = append(out, d.spread.apart(i))
		out = append(out, d.spread.Distances[i*d.spread.Candidates:][:i]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reached is the index of the value of the best choice.
func (d *dispersion) reached(values []float64) int {
	i, _ := slices.BinarySearch(values, d.value)
	return i
}

// farthest starts from each candidate in turn and adds the one farthest from the others,
// then exchanges the one that is nearest to another while that helps.
func (d *dispersion) farthest() []int {
	var best []int
	value := math.Inf(-1)
	starts := min(d.spread.Candidates, max(1, d.effort.Shakes))
	for s := range starts {
		choice := d.grow([]int{s * d.spread.Candidates / starts})
		if v := d.spread.least(choice); v > value {
			best, value = choice, v
		}
	}
	for {
		improved := false
		for at := range best {
			rest := append(slices.Clone(best[:at]), best[at+1:]...)
			if choice := d.grow(rest); d.spread.least(choice) > value {
				best, value, improved = choice, d.spread.least(choice), true
			}
		}
		if !improved {
			return best
		}
	}
}

func (d *dispersion) grow(choice []int) []int {
	gap := make([]float64, d.spread.Candidates)
	take := func(i int) {
		gap[i] = math.Inf(-1)
		for j := range gap {
			if j != i {
				gap[j] = min(gap[j], d.spread.between(i, j))
			}
		}
	}
	for j := range gap {
		gap[j] = d.spread.apart(j)
	}
	for _, i := range choice {
		take(i)
	}
	for len(choice) < d.k {
		far := 0
		for j, g := range gap {
			if g > gap[far] {
				far = j
			}
		}
		choice = append(choice, far)
		take(far)
	}
	return choice
}

type verdict int8

const (
	no verdict = iota
	yes
	undecided
)

// feasible looks for k candidates that are at least so far apart.
func (d *dispersion) feasible(distance float64) ([]int, verdict) {
	var open []int
	for i := range d.spread.Candidates {
		if d.spread.apart(i) >= distance {
			open = append(open, i)
		}
	}
	c := clique{ctx: d.ctx, k: d.k, budget: d.effort.Nodes}
	c.adjacent = make([]bitset, len(open))
	all := newBitset(len(open))
	for a, i := range open {
		all.add(a)
		c.adjacent[a] = newBitset(len(open))
		for b, j := range open {
			if a != b && d.spread.between(i, j) >= distance {
				c.adjacent[a].add(b)
			}
		}
	}
	found := c.extend(nil, all)
	d.nodes += c.nodes
	for at, a := range c.found {
		c.found[at] = open[a]
	}
	if found == yes {
		return c.found, yes
	}
	return nil, found
}

// clique searches a set of k vertices that are all adjacent.
type clique struct {
	ctx      context.Context
	adjacent []bitset
	k        int
	budget   int
	nodes    int
	found    []int
}

func (c *clique) extend(chosen []int, candidates bitset) verdict {
	if len(chosen) == c.k {
		c.found = slices.Clone(chosen)
		return yes
	}
	if c.nodes++; c.nodes > c.budget || c.nodes%256 == 0 && c.ctx.Err() != nil {
		return undecided
	}
	order, colours := c.colour(candidates)
	left := slices.Clone(candidates)
	for at := len(order) - 1; at >= 0; at-- {
		if len(chosen)+colours[at] < c.k {
			return no
		}
		v := order[at]
		if found := c.extend(append(chosen, v), left.and(c.adjacent[v])); found != no {
			return found
		}
		left.remove(v)
	}
	return no
}

// colour gives candidates that are not adjacent one colour: a clique takes one vertex of
// each colour at most. order is by colour; colours[i] counts those up to order[i].
func (c *clique) colour(candidates bitset) (order, colours []int) {
	left := slices.Clone(candidates)
	for colour := 1; ; colour++ {
		class := slices.Clone(left)
		any := false
		for v := class.first(); v >= 0; v = class.first() {
			any = true
			class.remove(v)
			class.less(c.adjacent[v])
			left.remove(v)
			order, colours = append(order, v), append(colours, colour)
		}
		if !any {
			return order, colours
		}
	}
}

type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) add(i int)    { b[i/64] |= 1 << (i % 64) }
func (b bitset) remove(i int) { b[i/64] &^= 1 << (i % 64) }

func (b bitset) first() int {
	for w, word := range b {
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

func (b bitset) and(o bitset) bitset {
	out := make(bitset, len(b))
	for w := range b {
		out[w] = b[w] & o[w]
	}
	return out
}

// less takes the elements of o out of b.
func (b bitset) less(o bitset) {
	for w := range b {
		b[w] &^= o[w]
	}
}
