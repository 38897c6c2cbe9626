package overlay

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// MeetsBound tells whether a multipolygon and a rectangle, both in the same
// coordinates, have a point in common; touching counts (OGC "intersects").
func MeetsBound(g orb.MultiPolygon, b orb.Bound) bool {
	for _, poly := range g {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				if segmentMeetsBound(ring[i-1], ring[i], b) {
					return true
				}
			}
		}
	}
	// No edge meets the rectangle: it is all inside or all outside.
	return planar.MultiPolygonContains(g, b.Min)
}

// segmentMeetsBound clips the segment p–q against the four sides (Liang and Barsky 1984).
func segmentMeetsBound(p, q orb.Point, b orb.Bound) bool {
	t0, t1 := 0.0, 1.0
	for axis := range 2 {
		d := q[axis] - p[axis]
		low, high := b.Min[axis]-p[axis], b.Max[axis]-p[axis]
		if d == 0 {
			if low > 0 || high < 0 {
				return false
			}
			continue
		}
		a, c := low/d, high/d
		if a > c {
			a, c = c, a
		}
		t0, t1 = max(t0, a), min(t1, c)
		if t0 > t1 {
			return false
		}
	}
	return true
}
