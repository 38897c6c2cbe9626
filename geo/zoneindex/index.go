// Package zoneindex is an immutable index over polygons that answers, for a
// point, how close the nearest one is, how many meet discs around it and which
// share of each disc their union covers. It is the hot path of the product.
//
// Coordinates are longitude, latitude in degrees (CRS84); distances are metres
// in the azimuthal equidistant plane centred on the point, where edges are
// straight between the projected vertices. The search runs in the legal
// projection of the point's territory; the candidates are measured again in the
// azimuthal plane. Up to 10 km that plane is reached by a second-order expansion
// of the conformal projection at the point, whose error is d³/6R² (under 1 cm at
// 13 km); beyond, by exact geodesics.
package zoneindex

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
	"vigie/geo/overlay"
)

// MaxRadii is how many radii one Meter can measure at once.
const MaxRadii = 8

// zone is one polygon of the index.
type zone struct {
	geometry orb.MultiPolygon
	bound    orb.Bound
	// union is the index of the union that this zone is part of, -1 when it overlaps no other.
	union int32
	// sphere encloses the zone in earth-centred coordinates, for points out of every frame.
	sphere sphere
}

// union is the union of zones that overlap each other, directly or in a chain.
type union struct {
	geometry orb.MultiPolygon
	bound    orb.Bound
	members  []int32
}

// Index is immutable and safe for concurrent use; measure with a Meter per goroutine.
type Index struct {
	zones  []zone
	unions []union
	frames []*frame
}

// Build indexes polygons: valid (OGC), CRS84. The result refers to zones by
// their place in geoms. The geometries are not copied and must not change.
func Build(geoms []orb.MultiPolygon) *Index {
	ix := &Index{zones: make([]zone, len(geoms))}
	for i, g := range geoms {
		ix.zones[i] = zone{geometry: oriented(g), bound: g.Bound(), union: -1, sphere: enclose(g)}
	}
	ix.unite()
	for _, c := range crs.Frames() {
		if f := buildFrame(c, ix.zones, ix.unions); f != nil {
			ix.frames = append(ix.frames, f)
		}
	}
	return ix
}

// Len is the number of zones.
func (ix *Index) Len() int { return len(ix.zones) }

// unite groups the zones whose interiors overlap and dissolves each group, so
// that the share of a disc counts no area twice.
func (ix *Index) unite() {
	boxes := make([]box, len(ix.zones))
	for i := range ix.zones {
		b := ix.zones[i].bound
		boxes[i] = box{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	order := make([]int, len(boxes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case boxes[a].minX < boxes[b].minX:
			return -1
		case boxes[a].minX > boxes[b].minX:
			return 1
		}
		return a - b
	})
	group := newDisjointSets(len(boxes))
	for i, a := range order {
		for _, b := range order[i+1:] {
			if boxes[b].minX > boxes[a].maxX {
				break
			}
			if boxes[b].minY > boxes[a].maxY || boxes[b].maxY < boxes[a].minY {
				continue
			}
			if overlay.Overlaps(ix.zones[a].geometry, ix.zones[b].geometry) {
				group.join(a, b)
			}
		}
	}
	members := map[int][]int32{}
	for i := range ix.zones {
		r := group.find(i)
		members[r] = append(members[r], int32(i))
	}
	for i := range ix.zones {
		m := members[i]
		if len(m) < 2 {
			continue
		}
		parts := make([]orb.MultiPolygon, len(m))
		for j, z := range m {
			parts[j] = ix.zones[z].geometry
			ix.zones[z].union = int32(len(ix.unions))
		}
		g := oriented(overlay.Union(parts))
		ix.unions = append(ix.unions, union{geometry: g, bound: g.Bound(), members: m})
	}
}

// disjointSets is union–find with path halving; the root is the smallest member.
type disjointSets []int

func newDisjointSets(n int) disjointSets {
	s := make(disjointSets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s disjointSets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s disjointSets) join(a, b int) {
	a, b = s.find(a), s.find(b)
	s[max(a, b)] = min(a, b)
}

// oriented returns g with outer rings counter-clockwise and holes clockwise,
// the orientation that the signed area terms rely on. Rings already so are shared.
func oriented(g orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(g))
	for i, poly := range g {
		out[i] = make(orb.Polygon, len(poly))
		for j, ring := range poly {
			want := orb.CCW
			if j > 0 {
				want = orb.CW
			}
			if ring.Orientation() != want {
				ring = ring.Clone()
				slices.Reverse(ring)
			}
			out[i][j] = ring
		}
	}
	return out
}

// sphere is a ball in earth-centred, earth-fixed metres.
type sphere struct{ x, y, z, r float64 }

// enclose gives a ball around a zone's vertices, with room for the bulge of its
// longest edge. A straight line through the earth is never longer than the way
// along its surface, so the ball bounds distances from below.
func enclose(g orb.MultiPolygon) sphere {
	var s sphere
	n := 0.0
	var points [][3]float64
	longest := 0.0
	for _, poly := range g {
		for _, ring := range poly {
			for i, p := range ring {
				x, y, z := crs.Geocentric(p)
				if i > 0 {
					q := points[len(points)-1]
					longest = max(longest, math.Hypot(math.Hypot(x-q[0], y-q[1]), z-q[2]))
				}
				points = append(points, [3]float64{x, y, z})
				s.x, s.y, s.z, n = s.x+x, s.y+y, s.z+z, n+1
			}
		}
	}
	if n == 0 {
		return s
	}
	s.x, s.y, s.z = s.x/n, s.y/n, s.z/n
	for _, q := range points {
		s.r = max(s.r, math.Hypot(math.Hypot(q[0]-s.x, q[1]-s.y), q[2]-s.z))
	}
	s.r += longest*longest/(8*6.3e6) + 1
	return s
}

// distance is a lower bound of the distance from a geocentric point to the zone.
func (s *sphere) distance(x, y, z float64) float64 {
	return max(0, math.Hypot(math.Hypot(x-s.x, y-s.y), z-s.z)-s.r)
}
