package disclosure

import (
	"fmt"
	"math"

	"vigie/geo/disclosure/boxlp"
)

// Interval bounds a figure, both ends included. High is +Inf when nothing bounds it.
type Interval struct{ Low, High float64 }

// Attack bounds every cell as a linear-programming attacker does who has all figures and
// sums and knows the rules: a figure r stands for r-2 to r+2 and not less than the
// threshold, a structural zero is 0, hidden ones are 0 or more. It is an error when a
// figure is not that of its cell.
//
// It solves two programs a hidden cell over all cells that sums tie together, which suits
// an edition (a thousand cells); [Table.Unprotected] is quicker and for years of them.
func (t Table) Attack(figures []Figure) ([]Interval, error) {
	if err := t.checkFigures(figures); err != nil {
		return nil, err
	}
	a := t.newAttacker(figures)
	intervals := make([]Interval, len(t.Cells))
	for i := range t.Cells {
		intervals[i] = t.face(i, figures[i])
	}
	done := make([]bool, len(t.Cells))
	for i := range t.Cells {
		if done[i] || len(a.sumsOf[i]) == 0 {
			continue
		}
		cells := a.around(i, len(t.Cells))
		p := a.polytope(cells)
		for k, j := range cells {
			done[j] = true
			if figures[j].Hidden() {
				intervals[j] = Interval{extreme(p, k, -1), extreme(p, k, 1)}
			}
		}
	}
	return intervals, nil
}

// extreme is the least (sign -1) or largest (sign 1) value of a variable.
func extreme(p *boxlp.Polytope, variable int, sign float64) float64 {
	if !p.Push([]boxlp.Term{{Variable: variable, Coefficient: sign}}, nil) {
		return math.Inf(1)
	}
	return p.X[variable]
}

// Unprotected lists the hidden cells that the attacker of [Table.Attack] can bound within
// [Protection] on either side; nothing need reach below 0. A cell counts as protected
// when a table is found on each side that agrees with everything published.
func (t Table) Unprotected(figures []Figure) ([]int, error) {
	if err := t.checkFigures(figures); err != nil {
		return nil, err
	}
	a := t.newAttacker(figures)
	var cells []int
	for i, f := range figures {
		if !f.Hidden() {
			continue
		}
		for _, g := range t.goals(i) {
			if !a.reaches(g) {
				cells = append(cells, i)
				break
			}
		}
	}
	return cells, nil
}

// goal is a value that a hidden cell must be able to have for all that the attacker knows.
type goal struct {
	cell  int
	sign  float64 // -1: at most value, 1: at least
	value float64
}

func (t Table) goals(i int) [2]goal {
	v := t.Cells[i].Value
	p := Protection(v)
	return [2]goal{{i, -1, float64(max(0, v-p))}, {i, 1, float64(v + p)}}
}

// face is what a figure says by itself.
func (t Table) face(i int, f Figure) Interval {
	c := t.Cells[i]
	switch {
	case c.Structural:
		return Interval{}
	case f.Hidden():
		return Interval{0, math.Inf(1)}
	}
	low := max(0, f.Value-reach)
	// A stored edition may come from before the rule.
	if least := t.Unit.threshold(); c.Value >= least {
		low = max(low, least)
	}
	return Interval{float64(low), float64(f.Value + reach)}
}

func (t Table) checkFigures(figures []Figure) error {
	if err := t.check(); err != nil {
		return err
	}
	if len(figures) != len(t.Cells) {
		return fmt.Errorf("%d figures for %d cells", len(figures), len(t.Cells))
	}
	for i, f := range figures {
		if c := t.Cells[i]; !f.Hidden() && f.Value != Round(c.Value) {
			return fmt.Errorf("cell %d: the figure %d is not %d rounded", i, f.Value, c.Value)
		}
	}
	return nil
}

// attacker explores the tables that agree with what is published, from the true one.
type attacker struct {
	Table
	figures []Figure // of which hidden ones may become more
	sumsOf  [][]int
	// low and high are the least and largest values that tables seen so far have.
	low, high []float64
}

func (t Table) newAttacker(figures []Figure) *attacker {
	a := &attacker{Table: t, figures: figures, sumsOf: make([][]int, len(t.Cells))}
	for k, s := range t.Sums {
		a.sumsOf[s.Total] = append(a.sumsOf[s.Total], k)
		for _, i := range s.Parts {
			a.sumsOf[i] = append(a.sumsOf[i], k)
		}
	}
	for _, c := range t.Cells {
		a.low, a.high = append(a.low, float64(c.Value)), append(a.high, float64(c.Value))
	}
	return a
}

// around lists up to so many cells that sums tie to one, itself first and the nearest next.
func (a *attacker) around(cell, most int) []int {
	cells, seen, summed := []int{cell}, map[int]bool{cell: true}, map[int]bool{}
	for at := 0; at < len(cells) && len(cells) < most; at++ {
		for _, k := range a.sumsOf[cells[at]] {
			if summed[k] {
				continue
			}
			summed[k] = true
			for _, i := range append([]int{a.Sums[k].Total}, a.Sums[k].Parts...) {
				if !seen[i] && len(cells) < most {
					seen[i] = true
					cells = append(cells, i)
				}
			}
		}
	}
	return cells
}

// widening looks for an answer among the cells around one, then further, until found is true
// or all cells that sums tie to it were tried. Whatever moves a few cells only, all others
// keeping their true values, is a whole table that agrees: near ones mostly do.
func (a *attacker) widening(cell int, found func(cells []int) bool) bool {
	before := 0
	for most := 150; ; most *= 4 {
		if most > 1000 {
			most = len(a.Cells)
		}
		cells := a.around(cell, most)
		if len(cells) == before {
			return false
		}
		before = len(cells)
		if found(cells) {
			return true
		}
	}
}

// polytope holds the tables in which only the given cells move; cells[k] is variable k.
func (a *attacker) polytope(cells []int) *boxlp.Polytope {
	x, low, high := a.bounds(cells)
	return boxlp.New(x, low, high, a.equations(cells))
}

// bounds gives the true values of cells and what figures say of each.
func (a *attacker) bounds(cells []int) (x, low, high []float64) {
	for _, i := range cells {
		face := a.face(i, a.figures[i])
		x, low, high = append(x, float64(a.Cells[i].Value)), append(low, face.Low), append(high, face.High)
	}
	return x, low, high
}

// equations are the sums in which the given cells are.
func (a *attacker) equations(cells []int) [][]boxlp.Term {
	var equations [][]boxlp.Term
	of := map[int]int{} // the equation of a sum
	for v, i := range cells {
		for _, k := range a.sumsOf[i] {
			e, ok := of[k]
			if !ok {
				e = len(equations)
				of[k] = e
				equations = append(equations, nil)
			}
			sign := 1.0
			if a.Sums[k].Total == i {
				sign = -1
			}
			equations[e] = append(equations[e], boxlp.Term{Variable: v, Coefficient: sign})
		}
	}
	return equations
}

// reaches tells whether some table is known or found that reaches a goal. Each table seen
// on the way counts for the other cells as well.
func (a *attacker) reaches(g goal) bool {
	if len(a.sumsOf[g.cell]) == 0 || a.reached(g) {
		return true // nothing bounds it, or a table is known
	}
	return a.widening(g.cell, func(cells []int) bool {
		p := a.polytope(cells)
		there := func() bool {
			for k, v := range p.X {
				a.see(cells[k], v)
			}
			return a.reached(g)
		}
		return !p.Push([]boxlp.Term{{Variable: 0, Coefficient: g.sign}}, there) || a.reached(g)
	})
}

// see notes a value of a cell in some table.
func (a *attacker) see(cell int, v float64) {
	a.low[cell], a.high[cell] = min(a.low[cell], v), max(a.high[cell], v)
}

func (a *attacker) reached(g goal) bool {
	if g.sign < 0 {
		return a.low[g.cell] <= g.value
	}
	return a.high[g.cell] >= g.value
}
