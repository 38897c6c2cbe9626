package overlay

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// coverage counts the polygons that cover a face, for each of two operands.
type coverage [2]int32

func (c coverage) add(d coverage) coverage { return coverage{c[0] + d[0], c[1] + d[1]} }
func (c coverage) both() bool              { return c[0] > 0 && c[1] > 0 }

// combine returns the region whose coverage is inside; the polygons before first are the
// first operand.
func (g Grid) combine(polygons []orb.Polygon, first int, inside func(coverage) bool) orb.MultiPolygon {
	g, edges := g.cover(polygons, first)
	above := make([]coverage, len(edges))
	nearest := make([]int, len(edges)) // edge → the border at or below it
	var borders []border
	scan(edges, func(i, below int) {
		under, lower := coverage{}, -1
		if below >= 0 {
			under, lower = above[below], nearest[below]
		}
		above[i] = under.add(edges[i].step)
		nearest[i] = lower
		if in := inside(above[i]); in != inside(under) {
			nearest[i] = len(borders)
			borders = append(borders, border{line: edges[i].line, above: in, below: lower})
		}
	})
	return g.assemble(borders)
}

// cover nodes polygons together, each filled by the even-odd rule, and returns the grid that
// was used and the edges where the coverage changes.
func (g Grid) cover(polygons []orb.Polygon, first int) (Grid, []edge) {
	n, reach := 0, 0.0
	for _, p := range polygons {
		reach = max(reach, size(p))
		for _, r := range p {
			n += len(r)
		}
	}
	g = g.fit(reach)
	segs := make([]segment, 0, n)
	for i, p := range polygons {
		for _, r := range p {
			segs = g.segmentsOf(segs, r, int32(i))
		}
	}
	segs = node(segs)
	slices.SortStableFunc(segs, func(s, t segment) int { return cmp.Compare(s.source, t.source) })

	edges := make([]edge, len(segs))
	for i, s := range segs {
		edges[i].line = s.line
	}
	above := make([]bool, len(segs))
	for from := 0; from < len(segs); {
		to, operand := from, 0
		for to < len(segs) && segs[to].source == segs[from].source {
			to++
		}
		if int(segs[from].source) >= first {
			operand = 1
		}
		own, side := edges[from:to], above[from:to]
		scan(own, func(i, below int) {
			side[i] = below < 0 || !side[below]
			own[i].step[operand] = -1
			if side[i] {
				own[i].step[operand] = 1
			}
		})
		from = to
	}
	return g, merge(edges)
}

// merge adds the steps of edges on the same line and drops those where nothing changes. It
// works in place.
func merge(edges []edge) []edge {
	slices.SortFunc(edges, func(e, f edge) int { return compareLines(e.line, f.line) })
	kept := edges[:0]
	for i := 0; i < len(edges); {
		sum := edges[i]
		for i++; i < len(edges) && edges[i].line == sum.line; i++ {
			sum.step = sum.step.add(edges[i].step)
		}
		if sum.step != (coverage{}) {
			kept = append(kept, sum)
		}
	}
	return kept
}
