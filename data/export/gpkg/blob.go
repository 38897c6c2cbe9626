package gpkg

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// Flags of the GeoPackageBinary header (12-128r17, clause 2.1.3): little endian,
// with an xy envelope, empty.
const (
	flagLittleEndian = 1
	flagEnvelopeXY   = 1 << 1
	flagEmpty        = 1 << 4
)

// conform turns a geometry into the type that the layer declares.
func conform(g orb.Geometry, declared string) (orb.Geometry, error) {
	if g.GeoJSONType() == declared || declared == "" {
		return g, nil
	}
	switch g := g.(type) {
	case orb.Polygon:
		if declared == "MultiPolygon" {
			return orb.MultiPolygon{g}, nil
		}
	case orb.Point:
		if declared == "MultiPoint" {
			return orb.MultiPoint{g}, nil
		}
	}
	return nil, fmt.Errorf("a %s where the schema says %s", g.GeoJSONType(), declared)
}

// appendBlob appends the GeoPackageBinary form of a geometry and gives its
// bounds. A point has no envelope, which would only repeat it.
func appendBlob(dst []byte, g orb.Geometry) ([]byte, orb.Bound, error) {
	body, err := wkb.Marshal(g, binary.LittleEndian)
	if err != nil {
		return dst, orb.Bound{}, err
	}
	_, isPoint := g.(orb.Point)
	bound := g.Bound()
	empty := bound.IsEmpty()
	flags := byte(flagLittleEndian)
	switch {
	case empty:
		flags |= flagEmpty
	case !isPoint:
		flags |= flagEnvelopeXY
	}
	dst = append(dst, 'G', 'P', 0, flags)
	dst = binary.LittleEndian.AppendUint32(dst, srsID)
	if flags&flagEnvelopeXY != 0 {
		for _, c := range [...]float64{bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1]} {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(c))
		}
	}
	return append(dst, body...), bound, nil
}
