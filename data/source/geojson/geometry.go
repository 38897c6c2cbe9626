package geojson

import (
	"slices"

	"github.com/paulmach/orb"
)

// geometry is what a feature's geometry holds, in the file's own coordinates.
type geometry struct {
	points   []orb.Point
	polygons orb.MultiPolygon
	other    string // type of a part that is neither a point nor a polygon
}

func (g *geometry) reset() { *g = geometry{points: g.points[:0]} }

// parser reads geometries; it keeps buffers between them.
type parser struct {
	ring []orb.Point
}

// maxDepth bounds nested geometry collections.
const maxDepth = 8

// read adds the geometry in b (null gives none) to g. Offsets of errors count from base.
func (p *parser) read(b []byte, base, depth int, g *geometry) error {
	var kind string
	coordinates, geometries := [2]int{-1, -1}, [2]int{-1, -1}
	if len(b) == 0 || b[0] == 'n' {
		return nil
	}
	members(b, func(name []byte, from, to int) {
		switch string(name) {
		case "type":
			kind = knownType(b[from:to])
		case "coordinates":
			coordinates = [2]int{from, to}
		case "geometries":
			geometries = [2]int{from, to}
		}
	})
	at := coordinates[0]
	if kind == "GeometryCollection" {
		at = geometries[0]
	}
	if kind == "" || at < 0 {
		return &geometryError{base,
			"une géométrie a un « type » et des « coordinates »", "a geometry has a “type” and “coordinates”"}
	}
	var err error
	switch kind {
	case "Point":
		if i := blank(b, at); i < len(b) && b[i] == '[' {
			if i = blank(b, i+1); i < len(b) && b[i] == ']' {
				return nil // an empty point
			}
		}
		var v orb.Point
		v, _, err = position(b, at)
		g.points = append(g.points, v)
	case "MultiPoint":
		_, err = list(b, at, func(i int) (int, error) {
			v, end, err := position(b, i)
			g.points = append(g.points, v)
			return end, err
		})
	case "Polygon":
		var polygon orb.Polygon
		if polygon, _, err = p.polygon(b, at); len(polygon) > 0 {
			g.polygons = append(g.polygons, polygon)
		}
	case "MultiPolygon":
		_, err = list(b, at, func(i int) (int, error) {
			polygon, end, err := p.polygon(b, i)
			if len(polygon) > 0 {
				g.polygons = append(g.polygons, polygon)
			}
			return end, err
		})
	case "GeometryCollection":
		if depth >= maxDepth {
			return &geometryError{base, "collections trop imbriquées", "collections nested too deeply"}
		}
		collection := b[at:geometries[1]]
		elements(collection, func(from, to int) {
			if err == nil {
				err = p.read(collection[from:to], base+at+from, depth+1, g)
			}
		})
		return err
	default:
		g.other = kind
	}
	if e, ok := err.(*geometryError); ok {
		e.offset += base
	}
	return err
}

func knownType(b []byte) string {
	for _, t := range [...]string{"Point", "MultiPolygon", "Polygon", "MultiPoint", "GeometryCollection", "LineString", "MultiLineString"} {
		if len(b) == len(t)+2 && string(b[1:len(b)-1]) == t {
			return t
		}
	}
	return ""
}

func (p *parser) polygon(b []byte, i int) (orb.Polygon, int, error) {
	var polygon orb.Polygon
	end, err := list(b, i, func(i int) (int, error) {
		p.ring = p.ring[:0]
		end, err := list(b, i, func(i int) (int, error) {
			v, end, err := position(b, i)
			p.ring = append(p.ring, v)
			return end, err
		})
		polygon = append(polygon, slices.Clone(p.ring))
		return end, err
	})
	return polygon, end, err
}
