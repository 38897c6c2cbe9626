package repair

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// ring is a closed ring of finite positions, none twice in a row, at least three different.
type ring struct {
	points orb.Ring
	index  int // in its polygon; 0 is the shell
	bound  orb.Bound
	// ccw is the direction of the ring.
	ccw bool
}

// polygon is what is usable of a polygon: its rings, if any, in their order.
type polygon struct {
	rings []ring
	index int // in the multipolygon
}

// rest is the polygon as orb has it.
func (p polygon) rest() orb.Polygon {
	out := make(orb.Polygon, len(p.rings))
	for i, r := range p.rings {
		out[i] = r.points
	}
	return out
}

// clean takes polygons apart into usable rings, reporting what it leaves out or completes,
// until report returns false. Rings that need no change share memory with mp.
func clean(mp orb.MultiPolygon, report func(Fix) bool) []polygon {
	out := make([]polygon, 0, len(mp))
	for i, p := range mp {
		poly := polygon{index: i}
		if len(p) == 0 && !report(Fix{Kind: TooFewPoints, Polygon: i, Ring: -1, Count: 1}) {
			return nil
		}
		for j, r := range p {
			points, ok := cleanRing(r, i, j, report)
			if !ok {
				return nil
			}
			if points != nil {
				poly.rings = append(poly.rings, newRing(points, j))
			}
		}
		out = append(out, poly)
	}
	return out
}

func newRing(points orb.Ring, index int) ring {
	return ring{points: points, index: index, bound: points.Bound(), ccw: counterClockwise(points)}
}

// cleanRing returns the closed ring of the usable positions of r, nil when it has too few,
// and false when report did not want to go on.
func cleanRing(r orb.Ring, i, j int, report func(Fix) bool) (orb.Ring, bool) {
	say := func(k Kind, at orb.Point) bool {
		return report(Fix{Kind: k, Polygon: i, Ring: j, At: at, Count: 1})
	}
	for _, p := range r {
		k := positionKind(p)
		if k != "" && !say(k, p) {
			return nil, false
		}
	}
	if slices.ContainsFunc(r, func(p orb.Point) bool { return positionKind(p) != "" }) {
		r = slices.DeleteFunc(slices.Clone(r), func(p orb.Point) bool { return positionKind(p) != "" })
	}
	var at orb.Point
	if len(r) > 0 {
		at = r[0]
	}
	if !threeDifferent(r) {
		return nil, say(TooFewPoints, at)
	}
	if r[0] != r[len(r)-1] {
		if !say(UnclosedRing, r[len(r)-1]) {
			return nil, false
		}
		r = append(slices.Clone(r), r[0])
	}
	repeated := false
	for k := 1; k < len(r); k++ {
		if r[k] == r[k-1] {
			repeated = true
			if !say(RepeatedPoint, r[k]) {
				return nil, false
			}
		}
	}
	if repeated {
		r = slices.Compact(slices.Clone(r))
	}
	return r, true
}

// positionKind is what makes a position unusable, or "".
func positionKind(p orb.Point) Kind {
	switch {
	case math.IsNaN(p[0]+p[1]) || math.IsInf(p[0], 0) || math.IsInf(p[1], 0):
		return NonFinite
	case math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90:
		return OutOfRange
	}
	return ""
}

func threeDifferent(r orb.Ring) bool {
	second := slices.IndexFunc(r, func(p orb.Point) bool { return p != r[0] })
	return second > 0 && slices.ContainsFunc(r[second:], func(p orb.Point) bool { return p != r[0] && p != r[second] })
}
