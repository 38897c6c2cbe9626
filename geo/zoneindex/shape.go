package zoneindex

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// shape is a polygon and what is worked out from it alone, shared by every index
// that holds it.
type shape struct {
	given    orb.MultiPolygon // as the caller gave it
	geometry orb.MultiPolygon // the same, oriented
	bound    orb.Bound
	// sphere encloses the shape in earth-centred coordinates, for points out of every frame.
	sphere sphere
	// outlines are the boundary in the plane of each frame, nil where it is too far.
	outlines []*outline
}

func newShape(g orb.MultiPolygon) *shape {
	s := &shape{given: g, geometry: oriented(g), bound: g.Bound(), sphere: enclose(g)}
	for _, c := range crs.Frames() {
		var o *outline
		if frameNear(c).Intersects(s.bound) {
			o = newOutline(c, s.geometry)
		}
		s.outlines = append(s.outlines, o)
	}
	return s
}

// shapeKey is what equal polygons have in common, and different ones rarely.
type shapeKey struct {
	first    orb.Point
	polygons int
	vertices int
}

func keyOf(g orb.MultiPolygon) shapeKey {
	k := shapeKey{polygons: len(g)}
	for _, poly := range g {
		for _, ring := range poly {
			if k.vertices == 0 && len(ring) > 0 {
				k.first = ring[0]
			}
			k.vertices += len(ring)
		}
	}
	return k
}

type knownShapes map[shapeKey][]*shape

func (ix *Index) byKey() knownShapes {
	known := make(knownShapes, len(ix.zones))
	for _, z := range ix.zones {
		k := keyOf(z.given)
		known[k] = append(known[k], z.shape)
	}
	return known
}

// find gives the shape made of a polygon with these very coordinates, nil when there is none.
func (known knownShapes) find(g orb.MultiPolygon) *shape {
	if len(known) == 0 {
		return nil
	}
	for _, s := range known[keyOf(g)] {
		if sameCoordinates(s.given, g) {
			return s
		}
	}
	return nil
}

func sameCoordinates(a, b orb.MultiPolygon) bool {
	return slices.EqualFunc(a, b, func(p, q orb.Polygon) bool {
		return slices.EqualFunc(p, q, func(r, s orb.Ring) bool {
			return len(r) == len(s) && (len(r) == 0 || &r[0] == &s[0] || slices.Equal(r, s))
		})
	})
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

// enclose gives a ball around a polygon, with room for the bulge of the earth
// over it. A straight line through the earth is never longer than the way along
// its surface, so the ball bounds distances from below.
func enclose(g orb.MultiPolygon) sphere {
	b := g.Bound()
	if b.IsEmpty() || len(g) == 0 {
		return sphere{}
	}
	var s sphere
	s.x, s.y, s.z = crs.Geocentric(b.Center())
	// Half the rectangle's height and width: a minute of latitude is at most
	// 1,862 m, one of longitude at most 1,856 m.
	widest := 0.0
	if b.Min[1] > 0 || b.Max[1] < 0 {
		widest = min(math.Abs(b.Min[1]), math.Abs(b.Max[1]))
	}
	height := (b.Max[1] - b.Min[1]) / 2 * 60 * 1862
	width := (b.Max[0] - b.Min[0]) / 2 * 60 * 1856 * math.Cos(widest*math.Pi/180)
	s.r = math.Hypot(height, width)
	s.r += s.r*s.r/6.3e6 + 1
	return s
}

// distance is a lower bound of the distance from a geocentric point to the shape.
func (s *sphere) distance(x, y, z float64) float64 {
	dx, dy, dz := x-s.x, y-s.y, z-s.z
	return max(0, math.Sqrt(dx*dx+dy*dy+dz*dz)-s.r)
}
