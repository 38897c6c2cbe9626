package overlay

import (
	"slices"
	"sort"
)

// edge is a noded line, and by how much the coverage above it exceeds the coverage below.
type edge struct {
	line
	step coverage
}

// scan sweeps noded edges with distinct lines from left to right (from bottom to top within one x)
// and calls visit for each, with the edge that lies directly below its first point, or just
// clockwise of it when both start there; -1 when there is none. That edge is always visited
// first. The edges are reordered to the order of the visits.
func scan(edges []edge, visit func(i, below int)) {
	slices.SortFunc(edges, func(l, m edge) int {
		if c := l.a.compare(m.a); c != 0 {
			return c
		}
		return crossSign(m.b.x-m.a.x, m.b.y-m.a.y, l.b.x-l.a.x, l.b.y-l.a.y)
	})
	ends := make([]point, len(edges))
	for i, l := range edges {
		ends[i] = l.b
	}
	slices.SortFunc(ends, point.compare)

	var status []int // edges that meet the sweep line, from bottom to top
	leave := func(p point) int {
		from := sort.Search(len(status), func(k int) bool {
			l := edges[status[k]]
			return orient(l.a, l.b, p) <= 0
		})
		to := from
		for to < len(status) && edges[status[to]].b == p {
			to++
		}
		status = slices.Delete(status, from, to)
		return from
	}
	e := 0
	for i := 0; i < len(edges); {
		p := edges[i].a
		for ; e < len(ends) && ends[e].compare(p) < 0; e++ {
			if e == 0 || ends[e] != ends[e-1] {
				leave(ends[e])
			}
		}
		at := leave(p)
		below := -1
		if at > 0 {
			below = status[at-1]
		}
		first := i
		for ; i < len(edges) && edges[i].a == p; i++ {
			visit(i, below)
			below = i
		}
		status = slices.Insert(status, at, make([]int, i-first)...)
		for k := first; k < i; k++ {
			status[at+k-first] = k
		}
	}
}
