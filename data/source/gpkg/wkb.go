package gpkg

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// badGeometry is what is wrong with the geometry of one record.
type badGeometry struct{ fr, en string }

func (e *badGeometry) Error() string { return e.en }

func bad(fr, en string, args ...any) error {
	return &badGeometry{fmt.Sprintf(fr, args...), fmt.Sprintf(en, args...)}
}

// Geometry types of WKB (OGC 06-103r4) that this package names. The code of a Z,
// M or ZM geometry has 1000, 2000 or 3000 added.
const (
	wkbPoint              = 1
	wkbPolygon            = 3
	wkbMultiPoint         = 4
	wkbMultiPolygon       = 6
	wkbGeometryCollection = 7
)

var typeNames = map[uint32]string{
	1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon",
	7: "GeometryCollection", 8: "CircularString", 9: "CompoundCurve", 10: "CurvePolygon", 11: "MultiCurve",
	12: "MultiSurface", 15: "PolyhedralSurface", 16: "TIN", 17: "Triangle",
}

// Extended WKB, that PostGIS writes, marks dimensions with flags instead.
const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
)

// maxDepth bounds how deep geometries are nested: a collection of multipolygons is 3.
const maxDepth = 8

// decodeBlob reads a GeoPackageBinary value (12-128r17, clause 2.1.3): nil for an
// empty geometry. Only points, polygons, their multiples and collections of
// polygons are known; Z and M are dropped. The error is a *badGeometry.
func decodeBlob(b []byte) (orb.Geometry, error) {
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, bad("en-tête de géométrie absent : « GP » attendu, lu % x.", "missing geometry header: “GP” expected, read % x.", b[:min(len(b), 8)])
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return nil, bad("géométrie d’une extension non lue.", "geometry of an extension that is not read.")
	}
	envelope := flags >> 1 & 7
	sizes := [...]int{0, 32, 48, 48, 64}
	if int(envelope) >= len(sizes) {
		return nil, bad("type d’enveloppe %d inconnu.", "unknown envelope type %d.", envelope)
	}
	start := 8 + sizes[envelope]
	if len(b) < start {
		return nil, bad("en-tête de géométrie incomplet : %d octets.", "incomplete geometry header: %d bytes.", len(b))
	}
	if flags&0x10 != 0 {
		return nil, nil
	}
	r := wkbReader{b: b, pos: start}
	return r.geometry(0)
}

// wkbReader decodes WKB in memory. Every count is checked against the bytes left
// before anything is allocated for it. Orb's decoder knows neither Z nor M.
type wkbReader struct {
	b   []byte
	pos int
}

func (r *wkbReader) left() int { return len(r.b) - r.pos }

func (r *wkbReader) incomplete() error {
	return bad("géométrie incomplète à l’octet %d sur %d.", "incomplete geometry at byte %d of %d.", r.pos, len(r.b))
}

// header reads the byte order, the type and the number of ordinates of a vertex.
func (r *wkbReader) header() (order binary.ByteOrder, kind uint32, ordinates int, err error) {
	if r.left() < 5 {
		return nil, 0, 0, r.incomplete()
	}
	switch r.b[r.pos] {
	case 0:
		order = binary.BigEndian
	case 1:
		order = binary.LittleEndian
	default:
		return nil, 0, 0, bad("ordre d’octets %d inconnu à l’octet %d.", "unknown byte order %d at byte %d.", r.b[r.pos], r.pos)
	}
	raw := order.Uint32(r.b[r.pos+1:])
	r.pos += 5
	kind, ordinates = raw&0x0fffffff, 2
	if raw&ewkbZ != 0 {
		ordinates++
	}
	if raw&ewkbM != 0 {
		ordinates++
	}
	if raw&ewkbSRID != 0 {
		if r.left() < 4 {
			return nil, 0, 0, r.incomplete()
		}
		r.pos += 4
	}
	switch kind / 1000 {
	case 1, 2:
		ordinates++
	case 3:
		ordinates += 2
	}
	if ordinates > 4 || kind >= 4000 {
		return nil, 0, 0, bad("type de géométrie %d inconnu.", "unknown geometry type %d.", raw)
	}
	return order, kind % 1000, ordinates, nil
}

// count reads how many items follow, each of at least size bytes.
func (r *wkbReader) count(order binary.ByteOrder, size int) (int, error) {
	if r.left() < 4 {
		return 0, r.incomplete()
	}
	n := int(order.Uint32(r.b[r.pos:]))
	r.pos += 4
	if n > r.left()/size {
		return 0, bad("%d éléments annoncés dans %d octets.", "%d items announced in %d bytes.", n, r.left())
	}
	return n, nil
}

func (r *wkbReader) geometry(depth int) (orb.Geometry, error) {
	if depth > maxDepth {
		return nil, bad("géométries imbriquées sur plus de %d niveaux.", "geometries nested more than %d levels deep.", maxDepth)
	}
	order, kind, ordinates, err := r.header()
	if err != nil {
		return nil, err
	}
	switch kind {
	case wkbPoint:
		return r.point(order, ordinates)
	case wkbPolygon:
		return r.polygon(order, ordinates)
	case wkbMultiPoint, wkbMultiPolygon, wkbGeometryCollection:
		return r.multiple(order, kind, depth)
	}
	name := typeNames[kind]
	if name == "" {
		return nil, bad("type de géométrie %d inconnu.", "unknown geometry type %d.", kind)
	}
	return nil, bad("géométrie de type %s : attendu un point ou un polygone.", "geometry of type %s: expected a point or a polygon.", name)
}

func (r *wkbReader) vertex(order binary.ByteOrder) orb.Point {
	return orb.Point{
		math.Float64frombits(order.Uint64(r.b[r.pos:])),
		math.Float64frombits(order.Uint64(r.b[r.pos+8:])),
	}
}

func finite(p orb.Point) bool { return !math.IsNaN(p[0]*0) && !math.IsNaN(p[1]*0) }

func notFinite(p orb.Point) error {
	return bad("coordonnée qui n’est pas un nombre : %g, %g.", "coordinate that is not a number: %g, %g.", p[0], p[1])
}

func (r *wkbReader) point(order binary.ByteOrder, ordinates int) (orb.Geometry, error) {
	if r.left() < 8*ordinates {
		return nil, r.incomplete()
	}
	p := r.vertex(order)
	r.pos += 8 * ordinates
	if math.IsNaN(p[0]) && math.IsNaN(p[1]) {
		return nil, nil // an empty point
	}
	if !finite(p) {
		return nil, notFinite(p)
	}
	return p, nil
}

func (r *wkbReader) polygon(order binary.ByteOrder, ordinates int) (orb.Geometry, error) {
	rings, err := r.count(order, 4)
	if err != nil {
		return nil, err
	}
	polygon := make(orb.Polygon, 0, rings)
	for range rings {
		n, err := r.count(order, 8*ordinates)
		if err != nil {
			return nil, err
		}
		ring := make(orb.Ring, n)
		for i := range ring {
			ring[i] = r.vertex(order)
			r.pos += 8 * ordinates
			if !finite(ring[i]) {
				return nil, notFinite(ring[i])
			}
		}
		if n > 0 {
			polygon = append(polygon, ring)
		}
	}
	if len(polygon) == 0 {
		return nil, nil
	}
	return polygon, nil
}

// multiple reads the parts of a multiple geometry or collection; all must be
// points, or all polygons.
func (r *wkbReader) multiple(order binary.ByteOrder, kind uint32, depth int) (orb.Geometry, error) {
	n, err := r.count(order, 5)
	if err != nil {
		return nil, err
	}
	var points orb.MultiPoint
	var polygons orb.MultiPolygon
	for range n {
		part, err := r.geometry(depth + 1)
		if err != nil {
			return nil, err
		}
		switch g := part.(type) {
		case orb.Point:
			points = append(points, g)
		case orb.MultiPoint:
			points = append(points, g...)
		case orb.Polygon:
			polygons = append(polygons, g)
		case orb.MultiPolygon:
			polygons = append(polygons, g...)
		}
	}
	if len(points) > 0 && len(polygons) > 0 || kind == wkbMultiPoint && len(polygons) > 0 || kind == wkbMultiPolygon && len(points) > 0 {
		return nil, bad("points et polygones mêlés dans une géométrie de type %s.", "points and polygons mixed in a geometry of type %s.", typeNames[kind])
	}
	switch {
	case len(points) > 0:
		return points, nil
	case len(polygons) > 0:
		return polygons, nil
	}
	return nil, nil
}
