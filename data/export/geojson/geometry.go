package geojson

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/data/export/decimal"
)

// appendGeometry appends a geometry object; ok is false where a coordinate is not finite, or a
// type not of OGC Simple Features.
func appendGeometry(dst []byte, g orb.Geometry) (_ []byte, ok bool) {
	if g == nil {
		return dst, false
	}
	dst = append(dst, `{"type":"`...)
	dst = append(dst, g.GeoJSONType()...)
	if c, isCollection := g.(orb.Collection); isCollection {
		dst = append(dst, `","geometries":`...)
		dst, ok = appendList(dst, c, appendGeometry)
		return append(dst, '}'), ok
	}
	dst = append(dst, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		dst, ok = appendPoint(dst, g)
	case orb.MultiPoint:
		dst, ok = appendPoints(dst, g)
	case orb.LineString:
		dst, ok = appendPoints(dst, g)
	case orb.MultiLineString:
		dst, ok = appendList(dst, g, appendPoints)
	case orb.Polygon:
		dst, ok = appendPolygon(dst, g)
	case orb.MultiPolygon:
		dst, ok = appendList(dst, g, appendPolygon)
	}
	return append(dst, '}'), ok
}

func appendPolygon(dst []byte, p orb.Polygon) ([]byte, bool) {
	return appendList(dst, p, appendPoints)
}

func appendPoints[L ~[]orb.Point](dst []byte, points L) ([]byte, bool) {
	return appendList(dst, points, appendPoint)
}

// appendList appends a JSON array; ok is false where an item is not.
func appendList[T any](dst []byte, items []T, appendItem func([]byte, T) ([]byte, bool)) (_ []byte, ok bool) {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, ok = appendItem(dst, item); !ok {
			return dst, false
		}
	}
	return append(dst, ']'), true
}

func appendPoint(dst []byte, p orb.Point) (_ []byte, ok bool) {
	for _, v := range p {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, false
		}
	}
	dst = append(dst, '[')
	dst = decimal.Append(dst, p[0], decimal.CoordinateDecimals)
	dst = append(dst, ',')
	dst = decimal.Append(dst, p[1], decimal.CoordinateDecimals)
	return append(dst, ']'), true
}
