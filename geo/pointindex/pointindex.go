// Package pointindex is an immutable index over points that answers, for any
// point, which are nearest and which lie within a distance. It serves places
// (police, schools, stations…) and homes around a site.
//
// Points are longitude, latitude in degrees (CRS84); distances are geodesic
// metres on WGS84. The tree is a k-d tree in earth-centred coordinates, so that
// there is no projection, no border between projections and no antimeridian: the
// straight line through the earth orders neighbours as the way along its surface
// does, to 1e-9 up to tens of kilometres, and is never longer.
package pointindex

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Index is immutable and safe for concurrent use.
type Index struct {
	points []orb.Point
	// nodes is a balanced tree in one slice: the root of nodes[lo:hi] is its middle,
	// split along the axis that the depth gives.
	nodes []node
}

type node struct {
	at    [3]float64 // earth-centred metres
	index int32
}

// Neighbour is a point of the index and its distance.
type Neighbour struct {
	// Index is the point's place in the slice given to Build.
	Index int
	// Distance is geodesic, in metres.
	Distance float64
}

// Build indexes points (lon, lat). The slice is kept and must not change.
func Build(points []orb.Point) *Index {
	ix := &Index{points: points, nodes: make([]node, len(points))}
	for i, p := range points {
		ix.nodes[i] = node{at: geocentric(p), index: int32(i)}
	}
	arrange(ix.nodes, 0)
	return ix
}

func arrange(nodes []node, axis int) {
	if len(nodes) < 2 {
		return
	}
	middle := len(nodes) / 2
	pick(nodes, middle, axis)
	arrange(nodes[:middle], (axis+1)%3)
	arrange(nodes[middle+1:], (axis+1)%3)
}

// pick puts the k-th node along an axis in its place, no greater ones before it and no
// lesser ones after it (Hoare's quickselect, the pivot being the median of three).
func pick(nodes []node, k, axis int) {
	less := func(a, b *node) bool {
		return a.at[axis] < b.at[axis] || a.at[axis] == b.at[axis] && a.index < b.index
	}
	lo, hi := 0, len(nodes)-1
	for lo < hi {
		middle := int(uint(lo+hi) >> 1)
		if less(&nodes[middle], &nodes[lo]) {
			nodes[middle], nodes[lo] = nodes[lo], nodes[middle]
		}
		if less(&nodes[hi], &nodes[lo]) {
			nodes[hi], nodes[lo] = nodes[lo], nodes[hi]
		}
		if less(&nodes[hi], &nodes[middle]) {
			nodes[hi], nodes[middle] = nodes[middle], nodes[hi]
		}
		pivot := nodes[middle]
		i, j := lo, hi
		for i <= j {
			for less(&nodes[i], &pivot) {
				i++
			}
			for less(&pivot, &nodes[j]) {
				j--
			}
			if i <= j {
				nodes[i], nodes[j] = nodes[j], nodes[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// Len is the number of points.
func (ix *Index) Len() int { return len(ix.points) }

// Nearest is the nearest point; false when the index is empty. Of points equally
// near, the first.
func (ix *Index) Nearest(p orb.Point) (Neighbour, bool) {
	best := ix.NearestN(p, 1)
	if len(best) == 0 {
		return Neighbour{}, false
	}
	return best[0], true
}

// NearestN are the n nearest points, nearest first.
func (ix *Index) NearestN(p orb.Point, n int) []Neighbour {
	if n <= 0 {
		return nil
	}
	s := nearest{want: n, from: geocentric(p)}
	s.visit(ix.nodes, 0)
	return ix.geodesic(p, s.found)
}

// Within are the points at most radius metres away, nearest first.
func (ix *Index) Within(p orb.Point, radius float64) []Neighbour {
	s := within{from: geocentric(p), limit2: radius * radius}
	s.visit(ix.nodes, 0)
	out := ix.geodesic(p, s.found)
	// The chord is shorter than the geodesic: those just beyond came along.
	end, _ := slices.BinarySearchFunc(out, radius, func(n Neighbour, r float64) int {
		if n.Distance <= r {
			return -1
		}
		return 1
	})
	return out[:end]
}

// found is a candidate with its squared chord.
type found struct {
	d2    float64
	index int32
}

func (ix *Index) geodesic(p orb.Point, all []found) []Neighbour {
	out := make([]Neighbour, len(all))
	for i, f := range all {
		d, _ := crs.Inverse(p, ix.points[f.index])
		out[i] = Neighbour{Index: int(f.index), Distance: d}
	}
	slices.SortFunc(out, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.Index, b.Index))
	})
	return out
}

// nearest keeps the want nearest candidates, nearest first.
type nearest struct {
	want  int
	from  [3]float64
	found []found
}

func (s *nearest) limit2() float64 {
	if len(s.found) < s.want {
		return math.Inf(1)
	}
	return s.found[s.want-1].d2
}

func (s *nearest) visit(nodes []node, axis int) {
	if len(nodes) == 0 {
		return
	}
	middle := len(nodes) / 2
	root := &nodes[middle]
	f := found{distance2(s.from, root.at), root.index}
	at, _ := slices.BinarySearchFunc(s.found, f, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.d2, b.d2), cmp.Compare(a.index, b.index))
	})
	if at < s.want {
		s.found = slices.Insert(s.found, at, f)
		s.found = s.found[:min(len(s.found), s.want)]
	}
	offset := s.from[axis] - root.at[axis]
	near, far := nodes[:middle], nodes[middle+1:]
	if offset > 0 {
		near, far = far, near
	}
	s.visit(near, (axis+1)%3)
	// Equal distances are visited too, so that the first of equals wins.
	if offset*offset <= s.limit2() {
		s.visit(far, (axis+1)%3)
	}
}

type within struct {
	from   [3]float64
	limit2 float64
	found  []found
}

func (s *within) visit(nodes []node, axis int) {
	if len(nodes) == 0 {
		return
	}
	middle := len(nodes) / 2
	root := &nodes[middle]
	if d2 := distance2(s.from, root.at); d2 <= s.limit2 {
		s.found = append(s.found, found{d2, root.index})
	}
	offset := s.from[axis] - root.at[axis]
	near, far := nodes[:middle], nodes[middle+1:]
	if offset > 0 {
		near, far = far, near
	}
	s.visit(near, (axis+1)%3)
	if offset*offset <= s.limit2 {
		s.visit(far, (axis+1)%3)
	}
}

func distance2(a, b [3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

func geocentric(p orb.Point) [3]float64 {
	x, y, z := crs.Geocentric(p)
	return [3]float64{x, y, z}
}
