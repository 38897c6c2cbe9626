package disclosure

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// shuffles sums over all permutations of the rows.
func shuffles(likelihood [][]float64, count []int) [][]float64 {
	var kinds []int
	for t, c := range count {
		for range c {
			kinds = append(kinds, t)
		}
	}
	sum := make([][]float64, len(likelihood))
	for i := range sum {
		sum[i] = make([]float64, len(count))
	}
	total := 0.0
	var try func(i int, w float64)
	try = func(i int, w float64) {
		if i == len(kinds) {
			total += w
			for h, t := range kinds {
				sum[h][t] += w
			}
			return
		}
		for j := i; j < len(kinds); j++ {
			kinds[i], kinds[j] = kinds[j], kinds[i]
			try(i+1, w*likelihood[i][kinds[i]])
			kinds[i], kinds[j] = kinds[j], kinds[i]
		}
	}
	try(0, 1)
	for _, line := range sum {
		for t := range line {
			line[t] /= total
		}
	}
	return sum
}

func drawMatching(t *rapid.T, homes, kinds int) (likelihood [][]float64, count []int) {
	count = make([]int, kinds)
	for k := range count {
		count[k] = 1
	}
	for range homes - kinds {
		count[rapid.IntRange(0, kinds-1).Draw(t, "kind")]++
	}
	likelihood = make([][]float64, homes)
	for i := range likelihood {
		likelihood[i] = make([]float64, kinds)
		for k := range kinds {
			likelihood[i][k] = math.Exp(rapid.Float64Range(-6, 0).Draw(t, "likelihood"))
		}
	}
	return likelihood, count
}

func largestGap(a, b [][]float64) float64 {
	gap := 0.0
	for i := range a {
		for k := range a[i] {
			gap = max(gap, math.Abs(a[i][k]-b[i][k]))
		}
	}
	return gap
}

func TestMatchIsTheSumOverPermutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		likelihood, count := drawMatching(t, rapid.IntRange(5, 7).Draw(t, "homes"), rapid.IntRange(1, 5).Draw(t, "kinds"))
		if gap := largestGap(match(likelihood, count), shuffles(likelihood, count)); gap > 1e-9 {
			t.Fatalf("off by %v", gap)
		}
	})
}

// TestApproximationOfLargeCells pins the error that docs/decisions/disclosure.md tells.
func TestApproximationOfLargeCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SampledFrom([]int{4, 5, 14}).Draw(t, "kinds")
		homes := map[int]int{4: 48, 5: 40, 14: 15}[kinds]
		likelihood, count := drawMatching(t, homes, kinds)
		p := balance(likelihood, count)
		states := 1
		for _, c := range count {
			states *= c + 1
		}
		if gap := largestGap(propagate(p, count), matchExactly(p, count, states)); gap > 0.02 {
			t.Fatalf("off by %v", gap)
		}
	})
}

func TestConditionOnACount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0.01, 0.99), 1, 8).Draw(t, "p")
		low := rapid.IntRange(0, len(p)).Draw(t, "low")
		high := rapid.IntRange(low, len(p)).Draw(t, "high")
		want, total := make([]float64, len(p)), 0.0
		for set := range 1 << len(p) {
			w, n := 1.0, 0
			for i, v := range p {
				if set>>i&1 == 1 {
					w, n = w*v, n+1
				} else {
					w *= 1 - v
				}
			}
			if n < low || n > high {
				continue
			}
			total += w
			for i := range p {
				if set>>i&1 == 1 {
					want[i] += w
				}
			}
		}
		for i, got := range condition(p, low, high) {
			if math.Abs(got-want[i]/total) > 1e-9 {
				t.Fatalf("event %d: %v, want %v", i, got, want[i]/total)
			}
		}
	})
}
