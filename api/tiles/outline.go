package tiles

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"

	"vigie/geo/overlay"
)

// Measures of a tile, in the units of its grid.
const (
	extent = 4096
	// buffer is what a tile holds beyond its border, so that lines and symbols join.
	buffer = 64
	// tolerance of the simplification: a quarter of a pixel where tiles are 512 pixels wide.
	tolerance = 2
	// dot is the side of the square that stands for what is smaller: a pixel.
	dot = 8
)

// detailZoom is the zoom from which outlines are whole: two units are there at most 30 cm.
const detailZoom = 16

// maxLatitude bounds Web Mercator: beyond, the plane is not square.
const maxLatitude = 85.0511287

// window is what a tile may hold.
var window = orb.Bound{Min: orb.Point{-buffer, -buffer}, Max: orb.Point{extent + buffer, extent + buffer}}

// outline is a polygon's shape in the square world of Web Mercator: x from 0 in the west
// to 1 in the east, y from 0 in the north to 1 in the south.
type outline struct {
	polygons [][]ring
	bound    orb.Bound
}

// ring is closed; outer rings have a positive area in the axes of the world, holes a
// negative one, as the Mapbox Vector Tile specification asks (4.3.4.4).
type ring struct {
	points []orb.Point
	// from is the zoom from which each point is drawn: simplification done once.
	from []uint8
}

// newOutline prepares a Polygon or MultiPolygon (CRS84); of another geometry there is none.
func newOutline(g orb.Geometry) *outline {
	var polygons orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		polygons = g
	}
	o := &outline{polygons: make([][]ring, 0, len(polygons))}
	for i, p := range polygons {
		rings := make([]ring, 0, len(p))
		for j, r := range p {
			points := make([]orb.Point, len(r))
			for k := range r {
				points[k] = project(r[k])
			}
			orientation := orb.CCW
			if j > 0 {
				orientation = orb.CW
			}
			if orb.Ring(points).Orientation() == -orientation {
				slices.Reverse(points)
			}
			rings = append(rings, ring{points, levels(points)})
		}
		o.polygons = append(o.polygons, rings)
		b := orb.Ring(rings[0].points).Bound()
		if i == 0 {
			o.bound = b
		} else {
			o.bound = o.bound.Union(b)
		}
	}
	return o
}

// project takes a position (lon, lat in degrees, CRS84) into the world of Web Mercator;
// latitudes beyond the projection's come to lie on its border.
func project(p orb.Point) orb.Point {
	s := math.Sin(min(max(p[1], -maxLatitude), maxLatitude) * math.Pi / 180)
	return orb.Point{p[0]/360 + 0.5, 0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)}
}

// levels gives each point of a closed ring the zoom from which it is drawn. Coarser
// shapes are made from the next finer ones, so that a point drawn at a zoom is drawn at
// every further one, and the same in every tile.
func levels(points []orb.Point) []uint8 {
	from := make([]uint8, len(points))
	line := orb.LineString(slices.Clone(points))
	places := make([]int, len(points))
	for i := range places {
		places[i] = i
	}
	for z := detailZoom - 1; z >= 0 && len(line) > 2; z-- {
		kept := simplify.DouglasPeucker(tolerance / scaleOf(maptile.Zoom(z))).LineString(slices.Clone(line))
		next, j := places[:0], 0
		for i, at := range places {
			if j < len(kept) && line[i] == kept[j] {
				next, j = append(next, at), j+1
			} else {
				from[at] = uint8(z + 1)
			}
		}
		line, places = kept, next
	}
	return from
}

// scaleOf is the width of the world in units of the tiles of a zoom.
func scaleOf(z maptile.Zoom) float64 { return extent * float64(uint64(1)<<z) }

// toTile takes a point of the world to the grid of a tile, not yet rounded.
func toTile(p orb.Point, t maptile.Tile) orb.Point {
	scale := scaleOf(t.Z)
	return orb.Point{p[0]*scale - extent*float64(t.X), p[1]*scale - extent*float64(t.Y)}
}

// pointIn is where a position falls in a tile; false outside its buffer.
func pointIn(p orb.Point, t maptile.Tile) (orb.Point, bool) {
	q := rounded(toTile(project(p), t))
	return q, window.Contains(q)
}

func rounded(p orb.Point) orb.Point {
	return orb.Point{math.RoundToEven(p[0]), math.RoundToEven(p[1])} // one instruction, unlike Round
}

// slab is where the rings of one tile are, one after the other.
type slab struct{ points []orb.Point }

// in is what a tile holds of the outline, in whole units; empty when nothing. It stays
// valid for as long as the slab is not used for another tile.
func (o *outline) in(t maptile.Tile, room *slab) orb.MultiPolygon {
	b := orb.Bound{Min: toTile(o.bound.Min, t), Max: toTile(o.bound.Max, t)}
	if !b.Intersects(window) {
		return nil
	}
	if b.Max[0]-b.Min[0] < dot && b.Max[1]-b.Min[1] < dot {
		return dotAt(b.Center())
	}
	parts := make(orb.MultiPolygon, 0, len(o.polygons))
	for _, rings := range o.polygons {
		part := make(orb.Polygon, 0, len(rings))
		for i := range rings {
			if r := rings[i].in(t, room); r != nil {
				part = append(part, r)
			} else if i == 0 {
				break
			}
		}
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		// Long, and narrower than the tolerance.
		return dotAt(b.Center())
	}
	if !window.Contains(b.Min) || !window.Contains(b.Max) {
		if parts = cut(parts); len(parts) == 0 {
			return nil
		}
	}
	at := parts[0][0][0]
	if parts = settled(parts); len(parts) == 0 {
		return dotAt(at)
	}
	return parts
}

// in is the ring as it is drawn at the tile's zoom, on its grid; nil when it collapses.
func (r *ring) in(t maptile.Tile, room *slab) orb.Ring {
	scale, west, north := scaleOf(t.Z), extent*float64(t.X), extent*float64(t.Y)
	start := len(room.points)
	for i, p := range r.points {
		if r.from[i] <= uint8(t.Z) {
			room.points = append(room.points, orb.Point{p[0]*scale - west, p[1]*scale - north})
		}
	}
	if len(room.points)-start < 4 {
		return nil
	}
	return orb.Ring(slices.Clip(room.points[start:]))
}

// cut keeps what is within the window. It changes its input.
func cut(parts orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, p := range clip.MultiPolygon(window, parts) {
		if bridged(p) {
			// Cutting ring by ring joined separate pieces along the border.
			out = append(out, overlay.Grid(1).EvenOdd(p)...)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// bridged tells whether edges of a polygon run along the same stretch of the window's
// border.
func bridged(p orb.Polygon) bool {
	type stretch struct {
		side     int
		from, to float64
	}
	var seen []stretch
	for _, r := range p {
		for i := 1; i < len(r); i++ {
			for axis := range 2 {
				p, q := r[i-1], r[i]
				on := stretch{side: axis, from: min(p[1-axis], q[1-axis]), to: max(p[1-axis], q[1-axis])}
				switch {
				case p[axis] != q[axis]:
					continue
				case p[axis] == window.Min[axis]:
				case p[axis] == window.Max[axis]:
					on.side += 2
				default:
					continue
				}
				for _, s := range seen {
					if s.side == on.side && s.from < on.to && on.from < s.to {
						return true
					}
				}
				seen = append(seen, on)
			}
		}
	}
	return false
}

// settled rounds to whole units and drops what has no area left. It works in place.
func settled(parts orb.MultiPolygon) orb.MultiPolygon {
	kept := parts[:0]
	for _, p := range parts {
		rings := p[:0]
		for i, r := range p {
			r, area := settledRing(r)
			if i == 0 && area <= 0 {
				break
			}
			if i == 0 || area < 0 {
				rings = append(rings, r)
			}
		}
		if len(rings) > 0 {
			kept = append(kept, rings)
		}
	}
	return kept
}

// settledRing rounds a closed ring, in place, without the edges that then have no length
// or go there and back; area is twice the signed one, 0 when it is no ring any more.
func settledRing(r orb.Ring) (out orb.Ring, area float64) {
	out = r[:0]
	for _, p := range r {
		p = rounded(p)
		n := len(out)
		if n > 0 {
			last := out[n-1]
			area += last[0]*p[1] - p[0]*last[1]
		}
		switch {
		case n > 0 && p == out[n-1]:
		case n > 1 && p == out[n-2]:
			out = out[:n-1]
		default:
			out = append(out, p)
		}
	}
	if len(out) < 4 {
		return nil, 0
	}
	return out, area
}

// dotAt is the square that shows where something too small to be drawn is.
func dotAt(p orb.Point) orb.MultiPolygon {
	p = rounded(p)
	b := clip.Bound(window, p.Bound().Pad(dot/2))
	if b.Min[0] >= b.Max[0] || b.Min[1] >= b.Max[1] {
		return nil
	}
	return orb.MultiPolygon{b.ToPolygon()}
}
