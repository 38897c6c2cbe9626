package overlay

import (
	"math"

	"github.com/paulmach/orb"
)

// Grid is the number of grid steps in one coordinate unit, the resolution of the overlay.
// A Grid of 1e9 on degrees has steps of 1e-9 degree, 0.11 mm on the ground. Powers of ten
// give back decimal coordinates exactly. A value that is not positive and finite means
// DefaultGrid.
type Grid float64

// DefaultGrid has steps of 1e-9 coordinate unit: 0.11 mm for degrees.
const DefaultGrid Grid = 1e9

// maxSteps bounds the grid coordinates so that every predicate fits 128-bit integers.
const maxSteps = 1 << 40

// maxCoordinate bounds what a coordinate may be, far beyond any reference system.
const maxCoordinate = 1e300

// fit returns the grid that is used for coordinates of at most this size: where they would
// exceed 2^40 steps it is made coarser by powers of ten. Degrees never are; Lambert-93
// metres get steps of 10 µm.
func (g Grid) fit(size float64) Grid {
	if !(g > 0) || math.IsInf(float64(g), 0) {
		g = DefaultGrid
	}
	for size*float64(g) > maxSteps {
		g /= 10
	}
	return g
}

// point is a position in grid steps.
type point struct{ x, y int64 }

// compare orders points by x, then y: the order of the sweep.
func (p point) compare(q point) int {
	switch {
	case p.x < q.x:
		return -1
	case p.x > q.x:
		return 1
	case p.y < q.y:
		return -1
	case p.y > q.y:
		return 1
	}
	return 0
}

// snap rounds a position to the grid; p must be usable and fit.
func (g Grid) snap(p orb.Point) point {
	return point{int64(math.Round(p[0] * float64(g))), int64(math.Round(p[1] * float64(g)))}
}

// unsnap is the position of a grid point. Division by the (exact) number of steps gives the
// double nearest to the decimal value; a product with 1e-9 would not.
func (g Grid) unsnap(p point) orb.Point {
	return orb.Point{float64(p.x) / float64(g), float64(p.y) / float64(g)}
}

func usable(p orb.Point) bool {
	return math.Abs(p[0]) <= maxCoordinate && math.Abs(p[1]) <= maxCoordinate
}

// size is the largest absolute coordinate of the usable positions of rings.
func size(rings []orb.Ring) float64 {
	s := 0.0
	for _, r := range rings {
		for _, p := range r {
			if usable(p) {
				s = max(s, math.Abs(p[0]), math.Abs(p[1]))
			}
		}
	}
	return s
}
