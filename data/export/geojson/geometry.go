package geojson

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/data/export/decimal"
)

// appendGeometry appends a geometry object, or null. It reports false when a
// coordinate is not finite or the type has no GeoJSON form.
func appendGeometry(dst []byte, g orb.Geometry) ([]byte, bool) {
	ok := true
	switch g := g.(type) {
	case nil:
		return append(dst, "null"...), true
	case orb.Point:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst, ok = appendPoint(dst, g)
	case orb.MultiPoint:
		dst = append(dst, `{"type":"MultiPoint","coordinates":`...)
		dst, ok = appendPoints(dst, g)
	case orb.LineString:
		dst = append(dst, `{"type":"LineString","coordinates":`...)
		dst, ok = appendPoints(dst, g)
	case orb.MultiLineString:
		dst = append(dst, `{"type":"MultiLineString","coordinates":`...)
		dst, ok = appendLines(dst, g)
	case orb.Polygon:
		dst = append(dst, `{"type":"Polygon","coordinates":`...)
		dst, ok = appendLines(dst, g)
	case orb.MultiPolygon:
		dst = append(dst, `{"type":"MultiPolygon","coordinates":[`...)
		for i, p := range g {
			if i > 0 {
				dst = append(dst, ',')
			}
			var finite bool
			dst, finite = appendLines(dst, p)
			ok = ok && finite
		}
		dst = append(dst, ']')
	case orb.Collection:
		dst = append(dst, `{"type":"GeometryCollection","geometries":[`...)
		for i, child := range g {
			if i > 0 {
				dst = append(dst, ',')
			}
			var finite bool
			dst, finite = appendGeometry(dst, child)
			ok = ok && finite
		}
		dst = append(dst, ']')
	default:
		return dst, false
	}
	return append(dst, '}'), ok
}

func appendLines[L ~[]orb.Point](dst []byte, lines []L) ([]byte, bool) {
	ok := true
	dst = append(dst, '[')
	for i, l := range lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		var finite bool
		dst, finite = appendPoints(dst, l)
		ok = ok && finite
	}
	return append(dst, ']'), ok
}

func appendPoints(dst []byte, points []orb.Point) ([]byte, bool) {
	ok := true
	dst = append(dst, '[')
	for i, p := range points {
		if i > 0 {
			dst = append(dst, ',')
		}
		var finite bool
		dst, finite = appendPoint(dst, p)
		ok = ok && finite
	}
	return append(dst, ']'), ok
}

func appendPoint(dst []byte, p orb.Point) ([]byte, bool) {
	// 0·x is 0 unless x is NaN or infinite.
	if math.IsNaN(0*p[0] + 0*p[1]) {
		return dst, false
	}
	dst = append(dst, '[')
	dst = decimal.Append(dst, p[0], decimal.CoordinateDecimals)
	dst = append(dst, ',')
	dst = decimal.Append(dst, p[1], decimal.CoordinateDecimals)
	return append(dst, ']'), true
}
