package filter

import (
	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// maxBoxes is how many boxes are looked at for each feature; of more, the one around them all.
const maxBoxes = 8

// Bounds are boxes in longitude and latitude, one of which meets whatever the condition keeps:
// what is outside need not be tried. Nil when the condition may keep anything. The coordinates
// of geometries are in from, as in Compile.
func (e *Expr) Bounds(from crs.CRS) []orb.Bound {
	var out []orb.Bound
	switch _, isRelation := spatial[e.op]; {
	case e.op == "and":
		for i := range e.args {
			out = Common(out, e.args[i].Bounds(from))
		}
	case e.op == "or":
		out = []orb.Bound{}
		for i := range e.args {
			one := e.args[i].Bounds(from)
			if one == nil {
				return nil
			}
			out = append(out, one...)
		}
	case isRelation && e.op != "s_disjoint":
		for i := range e.args {
			if e.args[i].kind != kindShape {
				continue
			}
			shape, ok := toWGS84(e.args[i].shape, from)
			if !ok {
				return nil
			}
			for _, part := range shape.Dump() {
				out = append(out, boundOf(part))
			}
		}
	}
	return few(out)
}

// Common gives the boxes that are in one of each list; a nil list is everywhere.
func Common(a, b []orb.Bound) []orb.Bound {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := []orb.Bound{}
	for _, x := range a {
		for _, y := range b {
			if x.Intersects(y) {
				out = append(out, orb.Bound{
					Min: orb.Point{max(x.Min[0], y.Min[0]), max(x.Min[1], y.Min[1])},
					Max: orb.Point{min(x.Max[0], y.Max[0]), min(x.Max[1], y.Max[1])},
				})
			}
		}
	}
	return out
}

// few gives no more than maxBoxes that hold the boxes.
func few(boxes []orb.Bound) []orb.Bound {
	if len(boxes) <= maxBoxes {
		return boxes
	}
	all := boxes[0]
	for _, b := range boxes[1:] {
		all = all.Union(b)
	}
	return []orb.Bound{all}
}
