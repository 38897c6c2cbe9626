package overlay

import "github.com/paulmach/orb"

// EvenOdd returns the region that an odd number of the rings cover, on DefaultGrid.
// See Grid.EvenOdd.
func EvenOdd(rings []orb.Ring) orb.MultiPolygon { return DefaultGrid.EvenOdd(rings) }

// Union returns the region that any of the multipolygons cover, on DefaultGrid.
// See Grid.Union.
func Union(parts []orb.MultiPolygon) orb.MultiPolygon { return DefaultGrid.Union(parts) }

// Intersection returns the region that both a and b cover, on DefaultGrid.
// See Grid.Intersection.
func Intersection(a, b orb.MultiPolygon) orb.MultiPolygon { return DefaultGrid.Intersection(a, b) }

// Overlaps tells whether the interiors of a and b have a point in common, on DefaultGrid.
// See Grid.Overlaps.
func Overlaps(a, b orb.MultiPolygon) bool { return DefaultGrid.Overlaps(a, b) }

// EvenOdd returns the region of the points that are inside an odd number of rings, where a
// ring that winds around a point twice counts twice. Two equal rings cancel each other; what
// has no area leaves no trace.
func (g Grid) EvenOdd(rings []orb.Ring) orb.MultiPolygon {
	g = g.fit(size(rings))
	n := 0
	for _, r := range rings {
		n += len(r)
	}
	segs := make([]segment, 0, n)
	for _, r := range rings {
		segs = g.segmentsOf(segs, r, 0)
	}
	segs = node(segs)
	edges := make([]edge, len(segs))
	for i, s := range segs {
		edges[i].line = s.line
	}
	borders := make([]border, len(edges))
	scan(edges, func(i, below int) {
		borders[i] = border{line: edges[i].line, above: below < 0 || !borders[below].above, below: below}
	})
	return g.assemble(borders)
}

// Union returns the region of the points that are inside at least one polygon of at least one
// of the multipolygons. Shared borders disappear. The rings of one polygon are read by the
// even-odd rule, so that a polygon that is not valid is not lost.
func (g Grid) Union(parts []orb.MultiPolygon) orb.MultiPolygon {
	var polygons []orb.Polygon
	for _, p := range parts {
		polygons = append(polygons, p...)
	}
	return g.combine(polygons, len(polygons), func(c coverage) bool { return c[0] > 0 })
}

// Intersection returns the region of the points that are inside a polygon of a and inside a
// polygon of b. Where they have only a border in common it is empty.
func (g Grid) Intersection(a, b orb.MultiPolygon) orb.MultiPolygon {
	polygons, first := near(a, b)
	return g.combine(polygons, first, coverage.both)
}

// Overlaps tells whether the Intersection of a and b has an area. Sharing a border or a
// corner is no overlap, nor is a sliver narrower than the grid.
func (g Grid) Overlaps(a, b orb.MultiPolygon) bool {
	polygons, first := near(a, b)
	if first == 0 || first == len(polygons) {
		return false
	}
	_, edges := g.cover(polygons, first)
	above := make([]coverage, len(edges))
	found := false
	scan(edges, func(i, below int) {
		above[i] = edges[i].step
		if below >= 0 {
			above[i] = above[i].add(above[below])
		}
		found = found || above[i].both()
	})
	return found
}

// near returns the polygons of a, then those of b, that lie in the box which the two have in
// common, and how many are of a.
func near(a, b orb.MultiPolygon) (polygons []orb.Polygon, first int) {
	common, ok := meet(bound(a...), bound(b...))
	if !ok {
		return nil, 0
	}
	for k, m := range []orb.MultiPolygon{a, b} {
		for _, p := range m {
			if _, ok := meet(common, bound(p)); ok {
				polygons = append(polygons, p)
			}
		}
		if k == 0 {
			first = len(polygons)
		}
	}
	return polygons, first
}

// bound is the box of the usable positions; orb's own is spoiled by one that is not a number.
// Without any it is empty: its minimum exceeds its maximum.
func bound(polygons ...orb.Polygon) orb.Bound {
	b := orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	started := false
	for _, poly := range polygons {
		for _, r := range poly {
			for _, p := range r {
				switch {
				case !usable(p):
				case !started:
					b, started = orb.Bound{Min: p, Max: p}, true
				default:
					b = b.Extend(p)
				}
			}
		}
	}
	return b
}

func meet(a, b orb.Bound) (orb.Bound, bool) {
	if a.Min[0] > a.Max[0] || b.Min[0] > b.Max[0] || !a.Intersects(b) {
		return orb.Bound{}, false
	}
	return orb.Bound{
		Min: orb.Point{max(a.Min[0], b.Min[0]), max(a.Min[1], b.Min[1])},
		Max: orb.Point{min(a.Max[0], b.Max[0]), min(a.Max[1], b.Max[1])},
	}, true
}
