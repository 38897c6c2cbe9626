// Package boxlp moves a point within a polytope { x : Σ aᵢⱼxⱼ = bᵢ, low ≤ x ≤ high } from
// one vertex to the next: the primal simplex method with bounded variables on a sparse
// tableau (Chvátal, Linear Programming, 1983, chapter 8).
//
// It suits the tables of disclosure control and not much else. A feasible point is known
// (the true table), so there is no first phase, each objective starts where the one
// before ended, and a goal near the true table takes few steps however large the table is.
// Coefficients are 0 and ±1, and so are nearly all numbers of the tableau, which
// makes the arithmetic almost exact. Equations may be redundant.
package boxlp

import (
	"cmp"
	"math"
	"slices"
)

const (
	// tiny is the number below which an element of the tableau is rounding noise.
	tiny = 1e-9
	// patience is how many steps without progress are taken by the steepest price before
	// Bland's rule, which can't cycle, takes over.
	patience = 40
)

// Polytope is a set of equations and bounds, and a point in it.
type Polytope struct {
	// X is the current point. It always satisfies equations and bounds.
	X []float64

	low, high []float64
	rows      [][]entry // B⁻¹A, one row an equation, in the order of variables
	holders   [][]int   // the rows that have or had an entry for a variable, each once
	basic     []int     // basic[r] is the variable that row r gives, -1 an artificial one fixed at 0
	rowOf     []int     // inverse of basic, -1 for variables outside the basis
	price     []float64
	spare     []entry
}

type entry struct {
	variable int
	value    float64
}

// Term is a coefficient of a variable in an equation.
type Term struct {
	Variable    int
	Coefficient float64
}

// New makes a polytope around the point x, which must satisfy low ≤ x ≤ high: the right-hand
// sides of the equations are those of x. Ends may be infinite, and an equation has each
// variable once at most. It keeps x, low and high.
func New(x, low, high []float64, equations [][]Term) *Polytope {
	p := &Polytope{
		X: x, low: low, high: high,
		rows: make([][]entry, len(equations)), holders: make([][]int, len(x)), basic: make([]int, len(equations)),
		rowOf: make([]int, len(x)), price: make([]float64, len(x)),
	}
	for r, terms := range equations {
		p.basic[r] = -1
		for _, t := range terms {
			p.rows[r] = append(p.rows[r], entry{t.Variable, t.Coefficient})
			p.holders[t.Variable] = append(p.holders[t.Variable], r)
		}
		slices.SortFunc(p.rows[r], func(a, b entry) int { return cmp.Compare(a.variable, b.variable) })
	}
	for j := range p.rowOf {
		p.rowOf[j] = -1
	}
	return p
}

// at is the entry of a row for a variable.
func (p *Polytope) at(row, variable int) float64 {
	k, ok := slices.BinarySearchFunc(p.rows[row], variable, func(e entry, v int) int { return cmp.Compare(e.variable, v) })
	if !ok {
		return 0
	}
	return p.rows[row][k].value
}

// Bound changes the bounds of a variable; they must hold its value in X.
func (p *Polytope) Bound(variable int, low, high float64) {
	p.low[variable], p.high[variable] = low, high
}

// Push moves the point so that Σ cost·x grows, until it is largest or done says so. done
// (optional) is called after each step. It returns false when the sum has no largest value.
func (p *Polytope) Push(cost []Term, done func() bool) bool {
	clear(p.price)
	for _, t := range cost {
		p.price[t.Variable] += t.Coefficient
	}
	for r, j := range p.basic {
		if j >= 0 && p.price[j] != 0 {
			p.reprice(r, p.price[j])
		}
	}
	for idle := 0; done == nil || !done(); {
		j, sign := p.entering(idle > patience)
		if j < 0 {
			return true
		}
		r, step := p.leaving(j, sign, idle > patience)
		if math.IsInf(step, 1) {
			return false
		}
		// An artificial variable leaves for good, which is progress too.
		if step > 0 || p.basic[r] < 0 {
			p.move(j, sign*step)
			idle = 0
		} else {
			idle++
		}
		if r >= 0 {
			p.pivot(r, j)
		}
	}
	return true
}

// reprice takes f times a row from the prices.
func (p *Polytope) reprice(row int, f float64) {
	for _, e := range p.rows[row] {
		if p.price[e.variable] -= f * e.value; math.Abs(p.price[e.variable]) < tiny {
			p.price[e.variable] = 0
		}
	}
}

// entering picks a variable outside the basis that can move the right way, and the sign of
// its move: the steepest, or by Bland's rule the first.
func (p *Polytope) entering(first bool) (variable int, sign float64) {
	variable, best := -1, 0.0
	for j, c := range p.price {
		if c == 0 || p.rowOf[j] >= 0 || math.Abs(c) <= best {
			continue
		}
		if c > 0 && p.X[j] >= p.high[j] || c < 0 && p.X[j] <= p.low[j] {
			continue
		}
		variable, best = j, math.Abs(c)
		if first {
			break
		}
	}
	if variable >= 0 {
		sign = math.Copysign(1, p.price[variable])
	}
	return variable, sign
}

// leaving finds how far the variable can move and the row that stops it, -1 when its own
// bound does.
func (p *Polytope) leaving(variable int, sign float64, first bool) (row int, step float64) {
	row, step = -1, p.high[variable]-p.X[variable]
	if sign < 0 {
		step = p.X[variable] - p.low[variable]
	}
	size := 0.0
	for _, r := range p.holders[variable] {
		a := sign * p.at(r, variable)
		if a == 0 {
			continue
		}
		room := 0.0
		if j := p.basic[r]; j >= 0 {
			if a > 0 {
				room = (p.X[j] - p.low[j]) / a
			} else {
				room = (p.X[j] - p.high[j]) / a
			}
			room = max(room, 0)
		}
		// Among ties, the largest pivot is the safest; Bland's rule wants the lowest index.
		tie := room == step && row >= 0 && (!first && math.Abs(a) > size || first && p.basic[r] < p.basic[row])
		if room < step || tie {
			row, step, size = r, room, math.Abs(a)
		}
	}
	return row, step
}

// move changes a variable outside the basis and the basic ones with it.
func (p *Polytope) move(variable int, by float64) {
	p.X[variable] = snap(p.X[variable]+by, p.low[variable], p.high[variable])
	for _, r := range p.holders[variable] {
		if j := p.basic[r]; j >= 0 {
			p.X[j] = snap(p.X[j]-p.at(r, variable)*by, p.low[j], p.high[j])
		}
	}
}

// snap puts a value that is on a bound but for rounding on it.
func snap(v, low, high float64) float64 {
	if math.Abs(v-low) < tiny || v < low {
		return low
	}
	if math.Abs(v-high) < tiny || v > high {
		return high
	}
	return v
}

// pivot makes the variable the basic one of the row.
func (p *Polytope) pivot(row, variable int) {
	inverse := 1 / p.at(row, variable)
	for k := range p.rows[row] {
		p.rows[row][k].value *= inverse
	}
	for _, r := range p.holders[variable] {
		if f := p.at(r, variable); r != row && f != 0 {
			p.subtract(r, f, row, variable)
		}
	}
	p.holders[variable] = append(p.holders[variable][:0], row)
	p.reprice(row, p.price[variable])
	p.price[variable] = 0
	if old := p.basic[row]; old >= 0 {
		p.rowOf[old] = -1
	}
	p.basic[row], p.rowOf[variable] = variable, row
}

// subtract takes f times a row from row r, which loses the variable.
func (p *Polytope) subtract(r int, f float64, row, variable int) {
	sum := p.spare[:0]
	a, b := p.rows[r], p.rows[row]
	for len(a) > 0 || len(b) > 0 {
		var e entry
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].variable < b[0].variable:
			e, a = a[0], a[1:]
		case len(a) == 0 || b[0].variable < a[0].variable:
			e = entry{b[0].variable, -f * b[0].value}
			b = b[1:]
			p.hold(e.variable, r)
		default:
			e = entry{a[0].variable, a[0].value - f*b[0].value}
			a, b = a[1:], b[1:]
		}
		if e.variable != variable && math.Abs(e.value) >= tiny {
			sum = append(sum, e)
		}
	}
	p.spare, p.rows[r] = p.rows[r], sum
}

// hold notes that a row has an entry for a variable.
func (p *Polytope) hold(variable, row int) {
	if !slices.Contains(p.holders[variable], row) {
		p.holders[variable] = append(p.holders[variable], row)
	}
}
