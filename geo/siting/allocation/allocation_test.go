package allocation_test

import (
	"bufio"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"vigie/geo/siting/allocation"
)

// choices calls fn with each way to take k of m.
func choices(m, k int, fn func([]int)) {
	choice := make([]int, 0, k)
	var take func(from int)
	take = func(from int) {
		if len(choice) == k {
			fn(choice)
			return
		}
		for j := from; j <= m-(k-len(choice)); j++ {
			choice = append(choice, j)
			take(j + 1)
			choice = choice[:len(choice)-1]
		}
	}
	take(0)
}

func drawNeed(t *rapid.T) (allocation.Need, int) {
	n, m := rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "m")
	number := rapid.OneOf(rapid.Float64Range(0, 100), rapid.Map(rapid.IntRange(0, 6), func(i int) float64 { return float64(i) }))
	list := func(name string, n int) []float64 { return rapid.SliceOfN(number, n, n).Draw(t, name) }
	need := allocation.Need{Weights: list("weights", n), Distances: list("distances", n*m), Candidates: m}
	if rapid.Bool().Draw(t, "existing") {
		need.Existing = list("existing homes", n)
		if rapid.Bool().Draw(t, "one out of reach") {
			need.Existing[0] = math.Inf(1)
		}
	}
	return need, rapid.IntRange(1, m).Draw(t, "k")
}

// nearest is the distance of place i to a choice or an existing home.
func nearest(need *allocation.Need, i int, choice []int) float64 {
	d := math.Inf(1)
	if need.Existing != nil {
		d = need.Existing[i]
	}
	for _, j := range choice {
		d = min(d, need.Distances[i*need.Candidates+j])
	}
	return d
}

func checkChoice(t *rapid.T, s allocation.Solution, m, k int) {
	if len(s.Chosen) != k || !slices.IsSorted(s.Chosen) || len(slices.Compact(slices.Clone(s.Chosen))) != k || s.Chosen[0] < 0 || s.Chosen[k-1] >= m {
		t.Fatalf("%v is not %d of %d candidates", s.Chosen, k, m)
	}
	if !s.Proven || s.Gap() != 0 {
		t.Fatalf("a small problem is not proven: %+v", s)
	}
}

func close(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-7*max(1, math.Abs(a)) }

// The answer is that of trying everything.
func TestMedianIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		need, k := drawNeed(t)
		value := func(choice []int) (sum float64) {
			for i, w := range need.Weights {
				sum += w * nearest(&need, i, choice)
			}
			return sum
		}
		best := math.Inf(1)
		choices(need.Candidates, k, func(c []int) { best = min(best, value(c)) })
		got, err := allocation.Median(t.Context(), need, k, allocation.DefaultEffort)
		if err != nil {
			t.Fatal(err)
		}
		checkChoice(t, got, need.Candidates, k)
		if !close(got.Objective, best) || !close(value(got.Chosen), best) {
			t.Fatalf("%v costs %v, the best %v", got.Chosen, got.Objective, best)
		}
	})
}

func TestCoverIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		need, k := drawNeed(t)
		reach := rapid.Float64Range(0, 100).Draw(t, "reach")
		value := func(choice []int) (sum float64) {
			for i, w := range need.Weights {
				if nearest(&need, i, choice) <= reach {
					sum += w
				}
			}
			return sum
		}
		best := 0.0
		choices(need.Candidates, k, func(c []int) { best = max(best, value(c)) })
		got, err := allocation.Cover(t.Context(), need, reach, k, allocation.DefaultEffort)
		if err != nil {
			t.Fatal(err)
		}
		checkChoice(t, got, need.Candidates, k)
		if !close(got.Objective, best) || !close(value(got.Chosen), best) {
			t.Fatalf("%v covers %v, the best %v", got.Chosen, got.Objective, best)
		}
	})
}

func TestDisperseIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, 9).Draw(t, "m")
		k := rapid.IntRange(1, m).Draw(t, "k")
		s := allocation.Spread{Distances: make([]float64, m*m), Candidates: m}
		for i := range m {
			for j := range i {
				s.Distances[i*m+j] = float64(rapid.IntRange(0, 20).Draw(t, "distance"))
				s.Distances[j*m+i] = s.Distances[i*m+j]
			}
		}
		if rapid.Bool().Draw(t, "existing") {
			s.Existing = rapid.SliceOfN(rapid.Float64Range(0, 30), m, m).Draw(t, "existing homes")
		}
		value := func(choice []int) float64 {
			out := math.Inf(1)
			for a, i := range choice {
				if s.Existing != nil {
					out = min(out, s.Existing[i])
				}
				for _, j := range choice[:a] {
					out = min(out, s.Distances[i*m+j])
				}
			}
			return out
		}
		best := math.Inf(-1)
		choices(m, k, func(c []int) { best = max(best, value(c)) })
		got, err := allocation.Disperse(t.Context(), s, k, allocation.DefaultEffort)
		if err != nil {
			t.Fatal(err)
		}
		checkChoice(t, got, m, k)
		if got.Objective != best || value(got.Chosen) != best {
			t.Fatalf("%v is %v apart, the best %v", got.Chosen, got.Objective, best)
		}
	})
}

// Whatever the effort, no choice is better than the bound, and the same effort gives the
// same answer.
func TestBoundHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		need, k := drawNeed(t)
		effort := allocation.Effort{Nodes: rapid.IntRange(0, 2).Draw(t, "nodes")}
		hard, err := allocation.Median(t.Context(), need, k, effort)
		if err != nil {
			t.Fatal(err)
		}
		best, err := allocation.Median(t.Context(), need, k, allocation.DefaultEffort)
		if err != nil {
			t.Fatal(err)
		}
		if slack := 1e-7 * max(1, best.Objective); hard.Bound > best.Objective+slack || hard.Objective < best.Objective-slack {
			t.Fatalf("%+v, but the best is %v", hard, best.Objective)
		}
		again, err := allocation.Median(t.Context(), need, k, effort)
		if err != nil || !slices.Equal(again.Chosen, hard.Chosen) || again.Bound != hard.Bound {
			t.Fatalf("%+v, then %+v, %v", hard, again, err)
		}
	})
}

func TestRefusals(t *testing.T) {
	ok := allocation.Need{Weights: []float64{1}, Distances: []float64{1, 2}, Candidates: 2}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, try := range map[string]struct {
		change func(*allocation.Need)
		k      int
		ctx    context.Context
		is     error
	}{
		"no home":            {func(*allocation.Need) {}, 0, t.Context(), allocation.ErrNoHomes},
		"too few":            {func(*allocation.Need) {}, 3, t.Context(), allocation.ErrTooFew},
		"missing distances":  {func(n *allocation.Need) { n.Distances = n.Distances[:1] }, 1, t.Context(), nil},
		"negative weight":    {func(n *allocation.Need) { n.Weights = []float64{-1} }, 1, t.Context(), nil},
		"unknown distance":   {func(n *allocation.Need) { n.Distances = []float64{1, math.NaN()} }, 1, t.Context(), nil},
		"endless distance":   {func(n *allocation.Need) { n.Distances = []float64{1, math.Inf(1)} }, 1, t.Context(), nil},
		"unknown existing":   {func(n *allocation.Need) { n.Existing = []float64{math.NaN()} }, 1, t.Context(), nil},
		"existing elsewhere": {func(n *allocation.Need) { n.Existing = []float64{1, 2} }, 1, t.Context(), nil},
		"given up":           {func(*allocation.Need) {}, 1, ended, context.Canceled},
	} {
		need := ok
		try.change(&need)
		if _, err := allocation.Median(try.ctx, need, try.k, allocation.DefaultEffort); err == nil || try.is != nil && !errors.Is(err, try.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := allocation.Disperse(t.Context(), allocation.Spread{Distances: []float64{0, 1, 2, 0}, Candidates: 2}, 1, allocation.DefaultEffort); err == nil {
		t.Error("distances that differ by direction are accepted")
	}
}

// pmed reads a p-median of the OR-Library: vertices, edges and p, then edges with their
// length; every vertex is a place of need and a candidate.
func pmed(t testing.TB, name string) (allocation.Need, int) {
	folder := os.Getenv("VIGIE_TEST_DATA")
	if folder == "" {
		folder = "../../../../shared/data"
	}
	f, err := os.Open(filepath.Join(folder, "orlib", name))
	if err != nil {
		t.Skipf("the OR-Library's instances are not here (VIGIE_TEST_DATA): %v", err)
	}
	defer f.Close()
	words := bufio.NewScanner(f)
	words.Split(bufio.ScanWords)
	next := func() int {
		words.Scan()
		n, err := strconv.Atoi(words.Text())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n, edges, k := next(), next(), next()
	d := make([]float64, n*n)
	for i := range d {
		d[i] = math.Inf(1)
	}
	for i := range n {
		d[i*n+i] = 0
	}
	for range edges {
		a, b, length := next()-1, next()-1, float64(next())
		d[a*n+b], d[b*n+a] = length, length // the last one given counts
	}
	for via := range n {
		for a := range n {
			for b := range n {
				d[a*n+b] = min(d[a*n+b], d[a*n+via]+d[via*n+b])
			}
		}
	}
	weights := slices.Repeat([]float64{1}, n)
	return allocation.Need{Weights: weights, Distances: d, Candidates: n}, k
}

// optima are those published with the instances pmed1 to pmed10 (Beasley, 1985).
var optima = []float64{5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255}

func TestORLibrary(t *testing.T) {
	for i, want := range optima {
		name := "pmed" + strconv.Itoa(i+1) + ".txt"
		t.Run(name, func(t *testing.T) {
			need, k := pmed(t, name)
			got, err := allocation.Median(t.Context(), need, k, allocation.DefaultEffort)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Proven || got.Objective != want {
				t.Errorf("%v (at least %v, %d nodes), want %v proven", got.Objective, got.Bound, got.Nodes, want)
			}
		})
	}
}

func BenchmarkORLibrary(b *testing.B) {
	for i := range optima {
		name := "pmed" + strconv.Itoa(i+1) + ".txt"
		b.Run(name, func(b *testing.B) {
			need, k := pmed(b, name)
			for b.Loop() {
				if _, err := allocation.Median(b.Context(), need, k, allocation.DefaultEffort); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
