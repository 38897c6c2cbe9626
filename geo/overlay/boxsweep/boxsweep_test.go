package boxsweep_test

import (
	"testing"

	"vigie/geo/overlay/boxsweep"

	"pgregory.net/rapid"
)

func TestPairsAreThoseThatMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.Int64Range(-20, 20)
		boxes := make([]boxsweep.Box[int64], rapid.IntRange(0, 30).Draw(t, "n"))
		for i := range boxes {
			boxes[i] = boxsweep.Of(c.Draw(t, "x1"), c.Draw(t, "y1"), c.Draw(t, "x2"), c.Draw(t, "y2"))
		}
		seen := map[[2]int]int{}
		boxsweep.Pairs(boxes, func(i, j int) bool {
			seen[[2]int{min(i, j), max(i, j)}]++
			return true
		})
		for i, a := range boxes {
			for j := i + 1; j < len(boxes); j++ {
				b := boxes[j]
				want := 0
				if a.MinX <= b.MaxX && b.MinX <= a.MaxX && a.MinY <= b.MaxY && b.MinY <= a.MaxY {
					want = 1
				}
				if got := seen[[2]int{i, j}]; got != want {
					t.Fatalf("%v and %v visited %d times, expected %d", a, b, got, want)
				}
			}
		}
	})
}

func TestPairsStops(t *testing.T) {
	same := make([]boxsweep.Box[float64], 10)
	visits := 0
	boxsweep.Pairs(same, func(_, _ int) bool { visits++; return visits < 3 })
	if visits != 3 {
		t.Errorf("%d visits after being told to stop at 3", visits)
	}
}
