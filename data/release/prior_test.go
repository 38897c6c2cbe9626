package release

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestPriorHoldsNothingOfTheHomeItself: what is expected of a home is the same whatever its
// own class is, so that a rise is never measured from the secret.
func TestPriorHoldsNothingOfTheHomeItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "homes")
		labels, distances := make([]int, n), make([]int, n)
		for i := range labels {
			labels[i], distances[i] = rapid.IntRange(-1, 5).Draw(t, "class"), rapid.IntRange(-1, 2).Draw(t, "distance")
		}
		before := prior(labels, distances)
		home := rapid.IntRange(0, n-1).Draw(t, "home")
		labels[home] = rapid.IntRange(-1, 5).Draw(t, "other class")
		after := prior(labels, distances)
		sum := 0.0
		for c, p := range after[home] {
			sum += p
			if math.Abs(p-before[home][c]) > 1e-12 || !(p > 0) {
				t.Fatalf("class %d of home %d: %v, then %v", c, home, before[home][c], p)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("probabilities sum to %v", sum)
		}
	})
}

// TestPriorOfAFewHomes: in a band of few homes the country counts more than they do.
func TestPriorOfAFewHomes(t *testing.T) {
	labels, distances := []int{5, 5}, []int{0, 0}
	for range 98 {
		labels, distances = append(labels, 1), append(distances, 3)
	}
	if p := prior(labels, distances)[0][5]; !(p > 0.1 && p < 0.3) {
		t.Errorf("one other home in the band, of the top class: %v", p)
	}
}
