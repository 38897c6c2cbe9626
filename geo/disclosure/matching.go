package disclosure

import "math"

// Rows of a cell are a shuffle of its homes. What the attacker believes is the posterior
// over all ways of matching them, which is a ratio of permanents. Rows that look the same
// are one kind, so that the exact sum runs over how many rows of each kind are taken,
// not over single rows.
const (
	// exactStates bounds the number of such combinations: 2¹⁵ is 15 rows that all differ,
	// or hundreds of two kinds.
	exactStates = 1 << 15
	// balanceSteps and balanced end the scaling, propagateSteps and propagated the
	// approximation.
	balanceSteps   = 200
	balanced       = 1e-9
	propagateSteps = 100
	propagated     = 1e-6
)

// match gives for each home the probability that its row is of each kind. likelihood is
// positive, one line a home, one column a kind; count is the number of rows of each kind, at
// least 1, and sums to the number of homes. It is exact up to exactStates combinations and
// an approximation beyond; docs/decisions/disclosure.md has its error.
func match(likelihood [][]float64, count []int) [][]float64 {
	p := balance(likelihood, count)
	states := 1
	for _, c := range count {
		if states *= c + 1; states > exactStates {
			return propagate(p, count)
		}
	}
	return matchExactly(p, count, states)
}

// balance scales lines and columns so that lines sum to 1 and columns to count (Sinkhorn).
// That does not change the exact answer, and at balance its numbers stay within
// floating-point range.
func balance(likelihood [][]float64, count []int) [][]float64 {
	p := make([][]float64, len(likelihood))
	for i, line := range likelihood {
		p[i] = append([]float64(nil), line...)
	}
	column := make([]float64, len(count))
	for range balanceSteps {
		clear(column)
		for _, line := range p {
			sum := 0.0
			for _, v := range line {
				sum += v
			}
			for t := range line {
				line[t] /= sum
				column[t] += line[t]
			}
		}
		off := 0.0
		for t, c := range count {
			off = max(off, math.Abs(column[t]-float64(c)))
			column[t] = float64(c) / column[t]
		}
		if off < balanced {
			break
		}
		for _, line := range p {
			for t := range line {
				line[t] *= column[t]
			}
		}
	}
	return p
}

// matchExactly sums over all matchings, home by home: before[s] is the weight of the ways in
// which the first homes take the rows of state s, after[s] that of the ways in which
// the others take the rest. A state is a number of rows taken of each kind, in mixed radix.
func matchExactly(p [][]float64, count []int, states int) [][]float64 {
	stride := make([]int, len(count))
	width := 1
	for t, c := range count {
		stride[t] = width
		width *= c + 1
	}
	before, after := make([]float64, states), make([]float64, states)
	before[0], after[states-1] = 1, 1
	taken, home := make([]int, len(count)), 0 // of state s, and the next home to be matched
	for s := range states - 1 {
		for t, v := range p[home] {
			if taken[t] < count[t] {
				before[s+stride[t]] += before[s] * v
			}
		}
		home++
		for t := 0; ; t++ {
			if taken[t] < count[t] {
				taken[t]++
				break
			}
			home -= taken[t]
			taken[t] = 0
		}
	}
	posterior := make([][]float64, len(p))
	for i := range posterior {
		posterior[i] = make([]float64, len(count))
	}
	for s := states - 2; s >= 0; s-- {
		home--
		for t := 0; ; t++ {
			if taken[t] > 0 {
				taken[t]--
				break
			}
			home += count[t]
			taken[t] = count[t]
		}
		for t, v := range p[home] {
			if taken[t] < count[t] {
				w := v * after[s+stride[t]]
				after[s] += w
				posterior[home][t] += before[s] * w
			}
		}
	}
	for _, line := range posterior {
		for t := range line {
			line[t] /= after[0]
		}
	}
	return posterior
}

// propagate approximates the posterior by belief propagation (Huang and Jebara,
// Approximating the permanent with belief propagation, 2009), here with kinds of several
// rows: a kind tells each home how much likelier the others make it that one of its
// rows is left, and a home tells each kind how likely it is to come.
func propagate(p [][]float64, count []int) [][]float64 {
	homes := len(p)
	coming, left := make([][]float64, homes), make([][]float64, homes)
	for i, line := range p {
		coming[i] = append([]float64(nil), line...)
		left[i] = make([]float64, len(count))
		for t := range left[i] {
			left[i][t] = 1
		}
	}
	first, last := make([][]float64, homes+1), make([][]float64, homes+1)
	for range propagateSteps {
		change := 0.0
		for t, c := range count {
			// first[i][k] and last[i][k]: k of the homes before i, and from i on, come.
			first[0], last[homes] = certainly(first[0], c), certainly(last[homes], c)
			for i := range homes {
				first[i+1] = join(first[i+1], first[i], coming[i][t])
			}
			for i := homes - 1; i >= 0; i-- {
				last[i] = join(last[i], last[i+1], coming[i][t])
			}
			for i := range homes {
				var oneLeft, noneLeft float64
				for k := range c + 1 {
					noneLeft += first[i][k] * last[i+1][c-k]
					if k < c {
						oneLeft += first[i][k] * last[i+1][c-1-k]
					}
				}
				// Half-way on a logarithmic scale, lest the messages swing.
				to := math.Sqrt(left[i][t] * min(max(oneLeft/noneLeft, 1e-9), 1e9))
				change = max(change, math.Abs(to-left[i][t])/left[i][t])
				left[i][t] = to
			}
		}
		if change < propagated {
			break
		}
		for i, line := range p {
			anywhere := 0.0
			for t, v := range line {
				anywhere += v * left[i][t]
			}
			for t, v := range line {
				coming[i][t] = v / (v + max(anywhere-v*left[i][t], 0))
			}
		}
	}
	posterior := make([][]float64, homes)
	for i, line := range p {
		posterior[i] = make([]float64, len(count))
		sum := 0.0
		for t, v := range line {
			posterior[i][t] = v * left[i][t]
			sum += posterior[i][t]
		}
		for t := range line {
			posterior[i][t] /= sum
		}
	}
	return posterior
}

// certainly is the distribution on 0 to c of a number that is 0.
func certainly(reuse []float64, c int) []float64 {
	reuse = append(reuse[:0], make([]float64, c+1)...)
	reuse[0] = 1
	return reuse
}

// join adds an event of probability p to the distribution of a number, cut after its length.
func join(reuse, number []float64, p float64) []float64 {
	reuse = append(reuse[:0], number...)
	for k := range reuse {
		reuse[k] *= 1 - p
		if k > 0 {
			reuse[k] += number[k-1] * p
		}
	}
	return reuse
}

// condition gives the probabilities of independent events p given that from low to high
// of them happen. When that has probability 0 they come back as they were.
func condition(p []float64, low, high int) []float64 {
	n := len(p)
	low, high = max(low, 0), min(high, n)
	// before[i][k]: k of the first i happen. within[i][k]: so many of the others that the
	// whole is within range when k happened before.
	before, within := make([][]float64, n+1), make([]float64, n+2)
	before[0] = []float64{1}
	for i, v := range p {
		before[i+1] = make([]float64, i+2)
		for k, w := range before[i] {
			before[i+1][k] += w * (1 - v)
			before[i+1][k+1] += w * v
		}
	}
	for k := low; k <= high; k++ {
		within[k] = 1
	}
	given := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		var yes, all float64
		for k, w := range before[i] {
			happens, not := p[i]*within[k+1], (1-p[i])*within[k]
			yes += w * happens
			all += w * (happens + not)
			within[k] = happens + not
		}
		if all == 0 {
			return p
		}
		given[i] = yes / all
	}
	return given
}
