package repair

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// orient is 1 when c lies left of the line from a to b, -1 right of it, 0 exactly on it.
// A floating-point filter (J. R. Shewchuk, "Adaptive precision floating-point arithmetic and
// fast robust geometric predicates", 1997) settles nearly all cases; the rest is exact.
func orient(a, b, c orb.Point) int {
	left := float64((a[0] - c[0]) * (b[1] - c[1]))
	right := float64((a[1] - c[1]) * (b[0] - c[0]))
	det := left - right
	// The second term covers products that underflow.
	bound := (3+16*epsilon)*epsilon*(math.Abs(left)+math.Abs(right)) + 1e-300
	if det > bound {
		return 1
	}
	if -det > bound {
		return -1
	}
	return orientExact(a, b, c)
}

// epsilon is half the distance from 1 to the next double.
const epsilon = 1.0 / (1 << 53)

// exactPrecision holds the product of two differences of any doubles without rounding.
const exactPrecision = 4400

func orientExact(a, b, c orb.Point) int {
	diff := func(x, y float64) *big.Float {
		return exact().Sub(exact().SetFloat64(x), exact().SetFloat64(y))
	}
	left := exact().Mul(diff(a[0], c[0]), diff(b[1], c[1]))
	right := exact().Mul(diff(a[1], c[1]), diff(b[0], c[0]))
	return left.Cmp(right)
}

func exact() *big.Float { return new(big.Float).SetPrec(exactPrecision) }

// inBox tells whether p lies in the box of the segment ab; for p on its line, whether p lies
// on the segment.
func inBox(p, a, b orb.Point) bool {
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) &&
		min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}

// inside tells whether p is inside a closed ring by the even-odd rule; p must not lie on it.
func inside(p orb.Point, r orb.Ring) bool {
	in := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if a[1] > b[1] {
			a, b = b, a
		}
		if a[1] <= p[1] && p[1] < b[1] && orient(a, b, p) > 0 {
			in = !in
		}
	}
	return in
}

// counterClockwise tells the direction of a closed simple ring from its lowest position,
// where it is convex; for other rings, the direction of what it encloses more of.
func counterClockwise(r orb.Ring) bool {
	n := len(r) - 1
	first := 0
	for i := range n {
		if r[i][0] < r[first][0] || r[i][0] == r[first][0] && r[i][1] < r[first][1] {
			first = i
		}
	}
	if turn := orient(r[(first+n-1)%n], r[first], r[first+1]); turn != 0 {
		return turn > 0
	}
	return ringArea(r) > 0
}

// meeting is how two segments meet.
type meeting int

const (
	apart meeting = iota
	touching
	crossing
	overlapping
)

// meet tells how segments ab and cd meet, and where: the point of touch exactly, a crossing
// rounded, one end of an overlap. Touching is one common point that is an end of at least one.
func meet(a, b, c, d orb.Point) (meeting, orb.Point) {
	oc, od := orient(a, b, c), orient(a, b, d)
	if oc == 0 && od == 0 {
		return meetCollinear(a, b, c, d)
	}
	if oc == od {
		return apart, orb.Point{}
	}
	oa, ob := orient(c, d, a), orient(c, d, b)
	switch {
	case oa*ob > 0:
		return apart, orb.Point{}
	case oc*od < 0 && oa*ob < 0:
		return crossing, crossingPoint(a, b, c, d)
	case oc == 0 && inBox(c, a, b):
		return touching, c
	case od == 0 && inBox(d, a, b):
		return touching, d
	case oa == 0 && inBox(a, c, d):
		return touching, a
	case ob == 0 && inBox(b, c, d):
		return touching, b
	}
	return apart, orb.Point{}
}

func meetCollinear(a, b, c, d orb.Point) (meeting, orb.Point) {
	axis := 0
	if math.Abs(b[0]-a[0]) < math.Abs(b[1]-a[1]) {
		axis = 1
	}
	if a[axis] > b[axis] {
		a, b = b, a
	}
	if c[axis] > d[axis] {
		c, d = d, c
	}
	from, to := a, b
	if c[axis] > a[axis] {
		from = c
	}
	if d[axis] < b[axis] {
		to = d
	}
	switch {
	case from[axis] < to[axis]:
		return overlapping, from
	case from[axis] == to[axis]:
		return touching, from
	}
	return apart, orb.Point{}
}

// crossingPoint is where the lines ab and cd cross, to rounding; they are not parallel.
func crossingPoint(a, b, c, d orb.Point) orb.Point {
	ux, uy := b[0]-a[0], b[1]-a[1]
	vx, vy := d[0]-c[0], d[1]-c[1]
	den := ux*vy - uy*vx
	if den == 0 {
		return a
	}
	t := ((c[0]-a[0])*vy - (c[1]-a[1])*vx) / den
	t = min(max(t, 0), 1)
	return orb.Point{a[0] + t*ux, a[1] + t*uy}
}
