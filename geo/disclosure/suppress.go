package disclosure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vigie/geo/disclosure/boxlp"
)

// Suppress decides which cells are hidden, first those under a threshold, dominated or
// marked, then as many others as it takes: no attacker who knows the sums, the rounding and the
// threshold can bound a hidden cell within [Protection] on either side. Cells of stored
// editions stay as they are. When these alone give a cell away the error is an
// *UnprotectedError, and nothing may be published.
//
// The cells to add are those that a cheapest way (Kelly, Golden and Assad, Cell suppression:
// disclosure protection for sensitive tabular data, Networks 22, 1992) of moving
// the exposed cell to the end of its protection has to push out of their rounding.
func (t Table) Suppress() ([]Figure, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	figures := make([]Figure, len(t.Cells))
	for i, c := range t.Cells {
		switch {
		case c.Stored == StoredHidden:
			figures[i].Reason = HiddenBefore
		case c.Stored == StoredShown:
		default:
			figures[i].Reason = t.primary(c)
		}
	}
	// What is not hidden is bounded as it will be shown.
	for i, c := range t.Cells {
		if !figures[i].Hidden() {
			figures[i].Value = Round(c.Value)
		}
	}
	if err := t.protect(figures); err != nil {
		return nil, err
	}
	return figures, nil
}

// UnprotectedError tells of a hidden cell that stored editions give away.
type UnprotectedError struct{ Cell int }

func (e *UnprotectedError) Error() string {
	return fmt.Sprintf("cell %d: what is published already bounds the hidden figure", e.Cell)
}

// protect hides cells until all hidden ones are protected.
func (t Table) protect(figures []Figure) error {
	var queue []int
	for i, f := range figures {
		if f.Hidden() {
			queue = append(queue, i)
		}
	}
	// Large figures first: what they need often covers the small ones.
	slices.SortStableFunc(queue, func(a, b int) int { return cmp.Compare(t.Cells[b].Value, t.Cells[a].Value) })
	a := t.newAttacker(figures)
	for len(queue) > 0 {
		for _, g := range t.goals(queue[0]) {
			if a.reaches(g) {
				continue
			}
			added, ok := a.remedy(g)
			if !ok {
				return &UnprotectedError{Cell: g.cell}
			}
			for _, i := range added {
				figures[i] = Figure{Reason: Complementary}
			}
			queue = append(queue, added...)
		}
		queue = queue[1:]
	}
	return nil
}

// remedy finds the cells whose figures must go so that a goal is reached. False when
// stored figures forbid it.
func (a *attacker) remedy(g goal) (added []int, ok bool) {
	ok = a.widening(g.cell, func(cells []int) (ok bool) {
		added, ok = a.cheapest(g, cells)
		return ok
	})
	return added, ok
}

// cheapest moves the cell of a goal, the first of cells, to its value. Figures give way, each
// at its price; those that do are the answer.
func (a *attacker) cheapest(g goal, cells []int) (added []int, ok bool) {
	n := len(cells)
	x, low, high := a.bounds(cells)
	equations := a.equations(cells)
	// Of a figure that may go, two more variables are what exceeds it above and below.
	excess := make([]int, n) // the first of them, 0 for none
	var price []boxlp.Term
	for k, i := range cells {
		c := a.Cells[i]
		if a.figures[i].Hidden() || c.Structural || c.Stored == StoredShown {
			continue
		}
		// A large figure is dear, as it would need much protection itself.
		each := -c.weight() * (1 + float64(c.Value)/base)
		excess[k] = len(x)
		price = append(price, boxlp.Term{Variable: len(x), Coefficient: each}, boxlp.Term{Variable: len(x) + 1, Coefficient: each})
		x, low, high = append(x, 0, 0), append(low, 0, 0), append(high, math.Inf(1), low[k])
	}
	for e, terms := range equations {
		for _, term := range terms {
			if v := excess[term.Variable]; v > 0 {
				equations[e] = append(equations[e],
					boxlp.Term{Variable: v, Coefficient: term.Coefficient},
					boxlp.Term{Variable: v + 1, Coefficient: -term.Coefficient})
			}
		}
	}
	if g.sign > 0 {
		high[0] = g.value
	} else {
		low[0] = g.value
	}
	p := boxlp.New(x, low, high, equations)
	p.Push([]boxlp.Term{{Variable: 0, Coefficient: g.sign}}, nil)
	if x[0] != g.value {
		return nil, false
	}
	p.Bound(0, g.value, g.value)
	p.Push(price, nil)
	for k, i := range cells {
		v := x[k]
		if e := excess[k]; e > 0 {
			if x[e] > 0 || x[e+1] > 0 {
				added = append(added, i)
			}
			v += x[e] - x[e+1]
		}
		a.see(i, v)
	}
	return added, true
}

// SuppressedShare is the share (0–1) of hidden cells among those with an index in cells,
// structural zeros left out. NaN when none is left.
func (t Table) SuppressedShare(figures []Figure, cells []int) float64 {
	hidden, all := 0, 0
	for _, i := range cells {
		if t.Cells[i].Structural {
			continue
		}
		all++
		if figures[i].Hidden() {
			hidden++
		}
	}
	return float64(hidden) / float64(all)
}
