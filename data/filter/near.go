package filter

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"vigie/data"
	"vigie/geo/crs"
)

// Box keeps the features that meet a rectangle of a CRS other than CRS84, in the axis order
// of its authority. around is a box in CRS84 that holds the rectangle. False when
// the rectangle is not, or not wholly, on the earth.
//
// A point is projected and compared; other geometries are compared in CRS84 with the
// rectangle, of which each side is cut in 64.
func Box(b orb.Bound, in crs.CRS) (keep Predicate, around orb.Bound, ok bool) {
	shape, ok := toWGS84(rectangle(b), in)
	if !ok {
		return nil, around, false
	}
	meets := relate(spatial["s_intersects"], shape, true, no, nil)
	// Sides bulge between the points at which they are cut, by less than this.
	around = boundOf(shape)
	around = around.Pad(max(around.Max[0]-around.Min[0], around.Max[1]-around.Min[1]) / steps)
	return func(f *data.Feature) (bool, error) {
		p, ok := f.Geometry.(orb.Point)
		if !ok {
			return meets(f) == yes, nil
		}
		x, y := in.FromWGS84(p[0], p[1])
		if in.LatLon() {
			x, y = y, x
		}
		return x >= b.Min[0] && x <= b.Max[0] && y >= b.Min[1] && y <= b.Max[1], nil
	}, around, true
}

// Near keeps the features at most so many metres from a geometry in CRS84, by the geodesic
// (0 inside). around are one or two boxes that hold them.
//
// Between a point and anything the plane of measure is centred on the point, and the
// distance is exact to the centimetre; between two polygons it is centred on the reference,
// and exact to 1e-5 within 50 km of its centre.
func Near(reference orb.Geometry, metres float64) (keep Predicate, around []orb.Bound) {
	box := reference.Bound()
	origin, isPoint := reference.(orb.Point)
	if !isPoint {
		origin = box.Center()
	}
	shape, known := geometryOf(reference)
	planar := inPlane(shape, origin)
	keep = func(f *data.Feature) (bool, error) {
		own, ok := geometryOf(f.Geometry)
		if f.Geometry == nil || !ok || !known {
			return false, nil
		}
		there, here := planar, geom.Geometry{}
		if p, ok := f.Geometry.(orb.Point); ok {
			if isPoint {
				d, _ := crs.Inverse(origin, p)
				return d <= metres, nil
			}
			there, here = inPlane(shape, p), inPlane(own, p)
		} else {
			here = inPlane(own, origin)
		}
		d, ok := geom.Distance(here, there)
		return ok && d <= metres, nil
	}
	return keep, widen(box, metres)
}

// inPlane gives a geometry in the azimuthal equidistant plane of a point.
func inPlane(g geom.Geometry, center orb.Point) geom.Geometry {
	plane := crs.NewAzimuthal(center)
	return g.TransformXY(func(p geom.XY) geom.XY {
		x, y := plane.Forward(orb.Point{p.X, p.Y})
		return geom.XY{X: x, Y: y}
	})
}

// widen is a box that holds all within some metres of another, in two when that crosses
// the antimeridian.
func widen(b orb.Bound, metres float64) []orb.Bound {
	const degree = 110_500 // metres, of latitude at least
	dy := metres / degree
	b.Min[1], b.Max[1] = max(b.Min[1]-dy, -90), min(b.Max[1]+dy, 90)
	farthest := max(math.Abs(b.Min[1]), math.Abs(b.Max[1]))
	dx := dy / math.Cos(farthest*math.Pi/180)
	if !(dx < 180) || b.Max[0]-b.Min[0]+2*dx >= 360 {
		b.Min[0], b.Max[0] = -180, 180
		return []orb.Bound{b}
	}
	b.Min[0], b.Max[0] = b.Min[0]-dx, b.Max[0]+dx
	other := b
	switch {
	case b.Min[0] < -180:
		other.Min[0], other.Max[0], b.Min[0] = b.Min[0]+360, 180, -180
	case b.Max[0] > 180:
		other.Min[0], other.Max[0], b.Max[0] = -180, b.Max[0]-360, 180
	default:
		return []orb.Bound{b}
	}
	return []orb.Bound{b, other}
}
