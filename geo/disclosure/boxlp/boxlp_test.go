package boxlp

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
	"pgregory.net/rapid"
)

// TestOptimumIsThatOfGonum compares with gonum's simplex on random polytopes, one
// objective after the other from where the last one ended.
func TestOptimumIsThatOfGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "variables")
		m := rapid.IntRange(1, 4).Draw(t, "equations")
		x, low, high := make([]float64, n), make([]float64, n), make([]float64, n)
		for j := range x {
			low[j] = float64(rapid.IntRange(-5, 5).Draw(t, "low"))
			high[j] = low[j] + float64(rapid.IntRange(0, 9).Draw(t, "width"))
			x[j] = low[j] + math.Round((high[j]-low[j])*rapid.Float64Range(0, 1).Draw(t, "at"))
		}
		equations := make([][]Term, m)
		for i := range equations {
			for j := range x {
				if c := rapid.IntRange(-1, 1).Draw(t, "coefficient"); c != 0 {
					equations[i] = append(equations[i], Term{j, float64(c)})
				}
			}
		}
		// A repeated equation must not matter.
		start := append([]float64(nil), x...)
		p := New(x, low, high, append(equations, equations[0]))
		for range 4 {
			var cost []Term
			for j := range start {
				if c := rapid.IntRange(-3, 3).Draw(t, "cost"); c != 0 {
					cost = append(cost, Term{j, float64(c)})
				}
			}
			if !p.Push(cost, nil) {
				t.Fatal("unbounded within bounds")
			}
			if got, want := value(cost, p.X), referee(t, start, low, high, equations, cost); math.Abs(got-want) > 1e-6 {
				t.Fatalf("largest %v, gonum finds %v", got, want)
			}
			for j := range p.X {
				if p.X[j] < low[j] || p.X[j] > high[j] {
					t.Fatalf("x%d = %v outside %v to %v", j, p.X[j], low[j], high[j])
				}
			}
			for _, e := range equations {
				if got, want := value(e, p.X), value(e, start); math.Abs(got-want) > 1e-6 {
					t.Fatalf("equation broken: %v, want %v", got, want)
				}
			}
		}
	})
}

func TestUnboundedAndStopped(t *testing.T) {
	inf := math.Inf(1)
	make2 := func() *Polytope {
		return New([]float64{1, 1}, []float64{0, 0}, []float64{inf, inf}, [][]Term{{{0, 1}, {1, -1}}})
	}
	if make2().Push([]Term{{0, 1}}, nil) {
		t.Error("x = y has a largest x")
	}
	p := make2()
	p.Push([]Term{{0, -1}}, func() bool { return p.X[0] <= 1 })
	if p.X[0] != 1 {
		t.Errorf("moved to %v though it was done at the start", p.X[0])
	}
	p.Push([]Term{{0, -1}}, nil)
	if p.X[0] != 0 || p.X[1] != 0 {
		t.Errorf("smallest at %v", p.X)
	}
}

func value(terms []Term, x []float64) float64 {
	sum := 0.0
	for _, t := range terms {
		sum += t.Coefficient * x[t.Variable]
	}
	return sum
}

// referee solves in gonum's standard form: y = x - low, slacks for widths, and each
// equation as two inequalities with slacks, so that the matrix has full rank.
func referee(t *rapid.T, start, low, high []float64, equations [][]Term, cost []Term) float64 {
	n := len(start)
	rows := n + 2*len(equations)
	a := mat.NewDense(rows, n+rows, nil)
	b := make([]float64, rows)
	for j := range start {
		a.Set(j, j, 1)
		b[j] = high[j] - low[j]
	}
	for i, e := range equations {
		rhs := value(e, start) - value(e, low)
		for k, sign := range []float64{1, -1} {
			r := n + 2*i + k
			for _, term := range e {
				a.Set(r, term.Variable, sign*term.Coefficient)
			}
			b[r] = sign * rhs
		}
	}
	for r := range rows {
		a.Set(r, n+r, 1)
	}
	c := make([]float64, n+rows)
	for _, term := range cost {
		c[term.Variable] = -term.Coefficient
	}
	best, _, err := lp.Simplex(c, a, b, 1e-10, nil)
	if err != nil {
		t.Skip(err) // gonum gives up on some degenerate problems
	}
	return -best + value(cost, low)
}
