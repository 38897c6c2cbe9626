package source

import (
	"fmt"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
)

// LocateOutline is Locate for polygons: the coordinates of g are replaced by
// longitudes and latitudes in degrees. How they are to be read is told by the
// centre of the first polygon, and is the same for all. When located is false a
// problem says why and g is unchanged.
func (l *Locator) LocateOutline(g orb.MultiPolygon, declared *crs.CRS, department string) (located bool, problems []data.Problem) {
	if l.override != nil {
		declared = l.override
	}
	centre := g[0].Bound().Center()
	at, located, problems := l.Locate(centre[0], centre[1], declared, department)
	if !located {
		return false, problems
	}
	read, ok := readingOf(centre, at, declared)
	if !ok {
		return false, append(problems, unlocated(CodeUnknownCRS, pair(centre[0], centre[1]),
			"système de coordonnées introuvable", "coordinate system not found"))
	}
	for _, polygon := range g {
		for _, ring := range polygon {
			for i, p := range ring {
				ring[i] = read(p)
			}
		}
	}
	return true, problems
}

// readingOf finds the CRS and axis order by which Locate read p as at. Locate
// converts with the same functions, so the values are equal to the last bit.
func readingOf(p, at orb.Point, declared *crs.CRS) (func(orb.Point) orb.Point, bool) {
	candidates := crs.All()
	if declared != nil {
		candidates = append([]crs.CRS{*declared}, candidates...)
	}
	for _, c := range candidates {
		if lon, lat := c.ToWGS84(p[0], p[1]); at == (orb.Point{lon, lat}) {
			return func(p orb.Point) orb.Point {
				lon, lat := c.ToWGS84(p[0], p[1])
				return orb.Point{lon, lat}
			}, true
		}
		if lon, lat := c.ToWGS84(p[1], p[0]); at == (orb.Point{lon, lat}) {
			return func(p orb.Point) orb.Point {
				lon, lat := c.ToWGS84(p[1], p[0])
				return orb.Point{lon, lat}
			}, true
		}
	}
	return nil, false
}

// Polygons gives the polygons of a geometry made of polygons only; false for any other.
func Polygons(g orb.Geometry) (orb.MultiPolygon, bool) {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, len(g) > 0
	case orb.MultiPolygon:
		return g, len(g) > 0
	}
	return nil, false
}

// SinglePoint gives the point of a geometry that is one; false for any other.
func SinglePoint(g orb.Geometry) (orb.Point, bool) {
	switch g := g.(type) {
	case orb.Point:
		return g, true
	case orb.MultiPoint:
		if len(g) == 1 {
			return g[0], true
		}
	}
	return orb.Point{}, false
}

func geometryName(g orb.Geometry) string {
	if g == nil {
		return "vide"
	}
	if m, ok := g.(orb.MultiPoint); ok {
		return fmt.Sprintf("MultiPoint (%d)", len(m))
	}
	return g.GeoJSONType()
}
