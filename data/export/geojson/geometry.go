package geojson

import (
	"github.com/paulmach/orb"

	"vigie/data/export/decimal"
)

// appendGeometry appends a geometry object, or null, of finite coordinates.
func appendGeometry(dst []byte, g orb.Geometry) []byte {
	if g == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"type":"`...)
	dst = append(dst, g.GeoJSONType()...)
	if c, ok := g.(orb.Collection); ok {
		dst = append(dst, `","geometries":`...)
		dst = appendList(dst, c, appendGeometry)
		return append(dst, '}')
	}
	dst = append(dst, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		dst = appendPoint(dst, g)
	case orb.MultiPoint:
		dst = appendPoints(dst, g)
	case orb.LineString:
		dst = appendPoints(dst, g)
	case orb.MultiLineString:
		dst = appendList(dst, g, appendPoints)
	case orb.Polygon:
		dst = appendPolygon(dst, g)
	case orb.MultiPolygon:
		dst = appendList(dst, g, appendPolygon)
	}
	return append(dst, '}')
}

func appendPolygon(dst []byte, p orb.Polygon) []byte { return appendList(dst, p, appendPoints) }

func appendPoints[L ~[]orb.Point](dst []byte, points L) []byte {
	return appendList(dst, points, appendPoint)
}

// appendList appends a JSON array.
func appendList[T any](dst []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendItem(dst, item)
	}
	return append(dst, ']')
}

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = append(dst, '[')
	dst = decimal.Append(dst, p[0], decimal.CoordinateDecimals)
	dst = append(dst, ',')
	dst = decimal.Append(dst, p[1], decimal.CoordinateDecimals)
	return append(dst, ']')
}
