package overlay

import (
	"slices"
	"sort"

	"github.com/paulmach/orb"
)

// border is a noded line that has the region on exactly one side.
type border struct {
	line
	// above: the region lies above the line (left of it from a to b).
	above bool
	// below is the border directly below the first point of this one, -1 when there is none.
	below int
}

// halfEdge is a border directed so that the region lies on its left.
type halfEdge struct {
	from, to point
	border   int
	used     bool
}

// assemble walks borders, which are in the order of scan, into valid polygons.
func (g Grid) assemble(borders []border) orb.MultiPolygon {
	edges := directed(borders)
	walkOf := make([]int, len(borders)) // border → walk
	var polygonOf []int                 // walk → polygon
	var polygons []polygon
	for start := range edges {
		if edges[start].used {
			continue
		}
		// The edges are taken in sweep order, so the walk starts at its own first point.
		walk, lowest := len(polygonOf), len(borders)
		rings := splitWalk(walkFace(edges, start, func(b int) {
			walkOf[b] = walk
			lowest = min(lowest, b)
		}))
		home := -1
		for _, r := range rings {
			if counterClockwise(r) {
				home = len(polygons)
				polygons = append(polygons, polygon{})
			}
		}
		if home < 0 {
			// A walk of holes only lies in the face below its lowest border at its first point.
			// What bounds that face from below starts further left, so its walk came before.
			home = polygonOf[walkOf[borders[lowest].below]]
		}
		polygonOf = append(polygonOf, home)
		for _, r := range rings {
			if counterClockwise(r) {
				polygons[home].outer = r
			} else {
				polygons[home].holes = append(polygons[home].holes, r)
			}
		}
	}
	out := make(orb.MultiPolygon, 0, len(polygons))
	for _, p := range polygons {
		slices.SortFunc(p.holes, func(a, b []point) int { return slices.CompareFunc(a, b, point.compare) })
		poly := make(orb.Polygon, 0, 1+len(p.holes))
		poly = append(poly, g.ring(p.outer))
		for _, h := range p.holes {
			poly = append(poly, g.ring(h))
		}
		out = append(out, poly)
	}
	return out
}

// polygon is a face of the region: its outer ring and its holes, open, in grid points.
type polygon struct {
	outer []point
	holes [][]point
}

func (g Grid) ring(points []point) orb.Ring {
	r := make(orb.Ring, 0, len(points)+1)
	for _, p := range points {
		r = append(r, g.unsnap(p))
	}
	return append(r, r[0])
}

// directed returns the half-edges of borders in sweep order of their first point, from
// below counter-clockwise among those that start at one point.
func directed(borders []border) []halfEdge {
	edges := make([]halfEdge, len(borders))
	for i, b := range borders {
		edges[i] = halfEdge{from: b.a, to: b.b, border: i}
		if !b.above {
			edges[i].from, edges[i].to = b.b, b.a
		}
	}
	slices.SortFunc(edges, func(e, f halfEdge) int {
		if c := e.from.compare(f.from); c != 0 {
			return c
		}
		// Directions before and after the vertical that sweep order makes of "backwards".
		eBack, fBack := e.to.compare(e.from) < 0, f.to.compare(f.from) < 0
		if eBack != fBack {
			if eBack {
				return 1
			}
			return -1
		}
		return crossSign(f.to.x-f.from.x, f.to.y-f.from.y, e.to.x-e.from.x, e.to.y-e.from.y)
	})
	return edges
}

// walkFace follows the border of one face from edges[start] until it is back, always turning
// as far left as it can, and returns the first points of its edges. The turn keeps parts of the
// region that touch at a point apart.
func walkFace(edges []halfEdge, start int, note func(border int)) []point {
	var points []point
	for i := start; !edges[i].used; i = next(edges, i) {
		edges[i].used = true
		note(edges[i].border)
		points = append(points, edges[i].from)
	}
	return points
}

// next is the first edge that starts where edges[i] ends, clockwise from the way back.
func next(edges []halfEdge, i int) int {
	at, back := edges[i].to, edges[i].from
	first := sort.Search(len(edges), func(k int) bool { return edges[k].from.compare(at) >= 0 })
	best := first
	for k := first + 1; k < len(edges) && edges[k].from == at; k++ {
		if clockwiseBefore(at, back, edges[k].to, edges[best].to) {
			best = k
		}
	}
	return best
}

// clockwiseBefore tells whether, turning clockwise around at from the direction of back, c is
// met before d. Neither has the direction of back, and they differ.
func clockwiseBefore(at, back, c, d point) bool {
	cHalf, dHalf := clockwiseHalf(at, back, c), clockwiseHalf(at, back, d)
	if cHalf != dHalf {
		return cHalf < dHalf
	}
	return orient(at, d, c) > 0
}

// clockwiseHalf is 0 for directions less than half a turn clockwise of back, 1 for exactly
// half a turn, 2 for more.
func clockwiseHalf(at, back, c point) int {
	return 1 + orient(at, back, c)
}

// splitWalk cuts a walk, a closed sequence of points, at the points that it visits more than
// once, into simple rings. Each ring starts at its first point in sweep order.
func splitWalk(walk []point) [][]point {
	if simple(walk) {
		return [][]point{rotate(walk)}
	}
	var rings [][]point
	at := make(map[point]int, len(walk)) // point → its place in stack
	stack := make([]point, 0, len(walk))
	for _, p := range walk {
		if k, seen := at[p]; seen {
			for _, q := range stack[k+1:] {
				delete(at, q)
			}
			rings = append(rings, rotate(slices.Clone(stack[k:])))
			stack = stack[:k+1]
			continue
		}
		at[p] = len(stack)
		stack = append(stack, p)
	}
	return append(rings, rotate(stack))
}

// simple tells whether a walk visits no point twice.
func simple(walk []point) bool {
	sorted := slices.Clone(walk)
	slices.SortFunc(sorted, point.compare)
	return len(slices.Compact(sorted)) == len(walk)
}

// rotate makes an open ring start at its first point in sweep order, in place.
func rotate(ring []point) []point {
	first := 0
	for i, p := range ring {
		if p.compare(ring[first]) < 0 {
			first = i
		}
	}
	if first == 0 {
		return ring
	}
	return append(slices.Clone(ring[first:]), ring[:first]...)
}

// counterClockwise tells the direction of a simple open ring that starts at its first point
// in sweep order, where the ring is convex.
func counterClockwise(ring []point) bool {
	return orient(ring[len(ring)-1], ring[0], ring[1]) > 0
}
