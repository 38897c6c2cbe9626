package filter

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"

	"vigie/data"
	"vigie/geo/crs"
)

// relation tells how two geometries lie that have a point in common; its error is that they
// can't be compared.
type relation func(a, b geom.Geometry) (bool, error)

// spatial are the relations between the feature's geometry and another (OGC Simple
// Features, DE-9IM). Of geometries that are apart none holds but s_disjoint.
var spatial = map[string]relation{
	"s_intersects": func(geom.Geometry, geom.Geometry) (bool, error) { return true, nil },
	"s_disjoint":   func(geom.Geometry, geom.Geometry) (bool, error) { return false, nil },
	"s_equals":     geom.Equals,
	"s_contains":   geom.Contains,
	"s_within":     geom.Within,
	"s_touches":    geom.Touches,
	"s_crosses":    geom.Crosses,
	"s_overlaps":   geom.Overlaps,
}

func (w where) badShape() *Error {
	return w.fail("la géométrie n’est pas valide.", "the geometry is not valid.")
}

// shape makes the node of a geometry; heights are left out.
func shape(at where, g geom.Geometry) (Expr, error) {
	if g.IsEmpty() {
		return Expr{}, at.fail("la géométrie est vide.", "the geometry is empty.")
	}
	return Expr{where: at, kind: kindShape, shape: g.Force2D()}, nil
}

// box makes the node of a rectangle: four numbers, or six with heights. One that crosses
// the antimeridian is two.
func box(at where, numbers []float64) (Expr, error) {
	switch len(numbers) {
	case 4:
	case 6:
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	default:
		return Expr{}, at.fail("une emprise a quatre nombres, ou six avec les hauteurs.", "a box has four numbers, or six with heights.")
	}
	for _, n := range numbers {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return Expr{}, at.fail("une emprise a des nombres finis.", "a box has finite numbers.")
		}
	}
	if numbers[1] > numbers[3] {
		return Expr{}, at.fail("le sud est au-dessus du nord.", "the south is above the north.")
	}
	b := orb.Bound{Min: orb.Point{numbers[0], numbers[1]}, Max: orb.Point{numbers[2], numbers[3]}}
	if b.Min[0] <= b.Max[0] {
		return Expr{where: at, kind: kindShape, shape: rectangle(b)}, nil
	}
	west, east := b, b
	west.Max[0], east.Min[0] = 180, -180
	both := geom.NewGeometryCollection([]geom.Geometry{rectangle(west), rectangle(east)})
	return Expr{where: at, kind: kindShape, shape: both.AsGeometry()}, nil
}

func verticesOf(g geom.Geometry) int { return g.DumpCoordinates().Length() }

// crossesItself tells whether the lines of a geometry cross themselves or each other: what
// comparing costs grows with the crossings. Polygons that do are not valid.
func crossesItself(g geom.Geometry) bool {
	var lines []geom.LineString
	for _, part := range g.Dump() {
		if line, ok := part.AsLineString(); ok {
			lines = append(lines, line)
		}
	}
	return !geom.NewMultiLineString(lines).IsSimple()
}

// rectangle is a polygon, or a line or point when the box has no area.
func rectangle(b orb.Bound) geom.Geometry {
	return geom.NewEnvelope(geom.XY{X: b.Min[0], Y: b.Min[1]}, geom.XY{X: b.Max[0], Y: b.Max[1]}).AsGeometry()
}

// steps is in how many pieces the longest side of a geometry's box is cut before its edges,
// straight in their CRS, are taken to be straight in longitude and latitude.
const steps = 64

// toWGS84 converts a geometry whose coordinates are in the axis order of the authority of
// its CRS to longitude and latitude. False when some part has none.
func toWGS84(g geom.Geometry, from crs.CRS) (geom.Geometry, bool) {
	if from == crs.CRS84 {
		return g, true
	}
	if !from.Geographic() {
		low, high, _ := g.Envelope().MinMaxXYs()
		if side := max(high.X-low.X, high.Y-low.Y); side > 0 {
			g = g.Densify(side / steps)
		}
	}
	ok := true
	g = g.TransformXY(func(p geom.XY) geom.XY {
		if from.LatLon() {
			p.X, p.Y = p.Y, p.X
		}
		lon, lat := from.ToWGS84(p.X, p.Y)
		// Also false for NaN.
		ok = ok && math.Abs(lon) <= 180 && math.Abs(lat) <= 90
		return geom.XY{X: lon, Y: lat}
	})
	return g, ok
}

// boundOf is the box of a geometry.
func boundOf(g geom.Geometry) orb.Bound {
	low, high, _ := g.Envelope().MinMaxXYs()
	return orb.Bound{Min: orb.Point{low.X, low.Y}, Max: orb.Point{high.X, high.Y}}
}

// geometryOf converts a feature's geometry, which is valid since its import.
func geometryOf(g orb.Geometry) (geom.Geometry, bool) {
	if p, ok := g.(orb.Point); ok {
		return geom.XY{X: p[0], Y: p[1]}.AsPoint().AsGeometry(), true
	}
	b, err := wkb.Marshal(g)
	if err != nil {
		return geom.Geometry{}, false
	}
	out, err := geom.UnmarshalWKB(b, geom.NoValidate{})
	return out, err == nil
}

// budget is what may still be spent on comparisons of geometries, as maxWork counts them;
// a nil one has no end.
type budget struct{ left int }

func (b *budget) spend(work int) bool {
	if b == nil {
		return true
	}
	b.left -= work
	return b.left >= 0
}

// relate makes the condition of a relation with a constant geometry in CRS84; first tells
// that the feature's comes first. apart is the answer where they have nothing in common, which
// costs little to find. Nothing is compared any more once the budget is spent.
func relate(holds relation, shape geom.Geometry, first bool, apart truth, work *budget) condition {
	around, vertices := boundOf(shape), verticesOf(shape)
	return func(f *data.Feature) truth {
		if f.Geometry == nil {
			return unknown
		}
		if !f.Geometry.Bound().Intersects(around) {
			return apart
		}
		own, ok := geometryOf(f.Geometry)
		if !ok || !work.spend(vertices*verticesOf(own)) {
			return unknown
		}
		if !geom.Intersects(own, shape) {
			return apart
		}
		a, b := own, shape
		if !first {
			a, b = b, a
		}
		result, err := holds(a, b)
		if err != nil {
			return unknown
		}
		return truthOf(result)
	}
}
