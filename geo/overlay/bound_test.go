package overlay

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestMeetsBound(t *testing.T) {
	ring := orb.Ring{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}
	hole := orb.Ring{{4, 4}, {4, 6}, {6, 6}, {6, 4}, {4, 4}}
	g := orb.MultiPolygon{{ring, hole}}
	bound := func(x0, y0, x1, y1 float64) orb.Bound {
		return orb.Bound{Min: orb.Point{x0, y0}, Max: orb.Point{x1, y1}}
	}
	cases := []struct {
		name string
		b    orb.Bound
		want bool
	}{
		{"crosses an edge", bound(-1, 1, 1, 2), true},
		{"inside, no edge crossed", bound(1, 1, 2, 2), true},
		{"inside the hole", bound(4.5, 4.5, 5.5, 5.5), false},
		{"around everything", bound(-5, -5, 15, 15), true},
		{"outside", bound(11, 11, 12, 12), false},
		{"beside a diagonal's box", bound(20, -5, 30, 50), false},
		{"touches a corner", bound(10, 10, 12, 12), true},
		{"degenerate, on an edge", bound(0, 5, 0, 5), true},
		{"crosses without holding a vertex", bound(2, -1, 3, 11), true},
	}
	for _, c := range cases {
		if got := MeetsBound(g, c.b); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
