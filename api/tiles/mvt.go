package tiles

import (
	"math"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/encoding/protowire"

	"vigie/data"
)

// Fields of the messages of the Mapbox Vector Tile specification 2.1 (section 4).
const (
	tileLayer       protowire.Number = 3
	layerName       protowire.Number = 1
	layerFeature    protowire.Number = 2
	layerKey        protowire.Number = 3
	layerValue      protowire.Number = 4
	layerExtent     protowire.Number = 5
	layerVersion    protowire.Number = 15
	featureTags     protowire.Number = 2
	featureType     protowire.Number = 3
	featureGeometry protowire.Number = 4
	valueString     protowire.Number = 1
	valueDouble     protowire.Number = 3
	valueSint       protowire.Number = 6
	valueBool       protowire.Number = 7
)

// Types of geometry and commands of the specification (4.3).
const (
	typePoint   = 1
	typePolygon = 3

	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// maxValues is how many distinct values a layerWriter that is used again may have known.
const maxValues = 4096

// layerWriter writes one layer of a tile in the wire format, feature by feature, into
// buffers that it keeps for the next tile.
type layerWriter struct {
	features, keys, values []byte // messages of the layer, with their tags
	tags, geometry         []byte // of the feature under way
	kind                   uint64 // of its geometry
	x, y                   int32  // where its geometry is

	keyAt   []uint32 // by property: 1 + its place among the keys; 0 when it has none yet
	keyed   uint32
	valueAt map[data.Value]uint32
	valued  uint32
	whole   []byte
}

// begin starts a layer whose features have this number of properties at most.
func (w *layerWriter) begin(properties int) {
	w.features, w.keys, w.values = w.features[:0], w.keys[:0], w.values[:0]
	w.keyAt = append(w.keyAt[:0], make([]uint32, properties)...)
	w.keyed, w.valued = 0, 0
	if w.valueAt == nil || len(w.valueAt) > maxValues {
		w.valueAt = map[data.Value]uint32{}
	}
	clear(w.valueAt)
}

// point starts a feature at a position in whole units.
func (w *layerWriter) point(p orb.Point) {
	w.start(typePoint)
	w.command(moveTo, 1)
	w.to(p)
}

// polygons starts a feature of closed rings in whole units.
func (w *layerWriter) polygons(parts orb.MultiPolygon) {
	w.start(typePolygon)
	for _, p := range parts {
		for _, r := range p {
			w.command(moveTo, 1)
			w.to(r[0])
			inner := r[1 : len(r)-1]
			w.command(lineTo, len(inner))
			for _, q := range inner {
				w.to(q)
			}
			w.command(closePath, 1)
		}
	}
}

func (w *layerWriter) start(kind uint64) {
	w.tags, w.geometry = w.tags[:0], w.geometry[:0]
	w.kind, w.x, w.y = kind, 0, 0
}

func (w *layerWriter) command(id uint64, count int) {
	w.geometry = protowire.AppendVarint(w.geometry, uint64(count)<<3|id)
}

func (w *layerWriter) to(p orb.Point) {
	x, y := int32(p[0]), int32(p[1])
	w.geometry = protowire.AppendVarint(w.geometry, protowire.EncodeZigZag(int64(x-w.x)))
	w.geometry = protowire.AppendVarint(w.geometry, protowire.EncodeZigZag(int64(y-w.y)))
	w.x, w.y = x, y
}

// property gives the feature a value under the property of a rank and name, if it is known.
func (w *layerWriter) property(rank int, name string, v data.Value) {
	if v.IsNull() {
		return
	}
	if w.keyAt[rank] == 0 {
		w.keys = appendText(w.keys, layerKey, name)
		w.keyed++
		w.keyAt[rank] = w.keyed
	}
	at, ok := w.valueAt[v]
	if !ok {
		at = w.valued
		w.valueAt[v] = at
		w.valued++
		w.values = appendValue(w.values, v)
	}
	w.tags = protowire.AppendVarint(w.tags, uint64(w.keyAt[rank]-1))
	w.tags = protowire.AppendVarint(w.tags, uint64(at))
}

// end closes the feature.
func (w *layerWriter) end() {
	size := protowire.SizeTag(featureTags) + protowire.SizeBytes(len(w.tags)) + protowire.SizeTag(featureType) + protowire.SizeVarint(w.kind) +
		protowire.SizeTag(featureGeometry) + protowire.SizeBytes(len(w.geometry))
	b := protowire.AppendTag(w.features, layerFeature, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	b = appendBytes(b, featureTags, w.tags)
	b = appendNumber(b, featureType, w.kind)
	w.features = appendBytes(b, featureGeometry, w.geometry)
}

// tile is a tile of the one layer.
func (w *layerWriter) tile(name string) []byte {
	b := appendText(w.whole[:0], layerName, name)
	b = append(b, w.features...)
	b = append(b, w.keys...)
	b = append(b, w.values...)
	b = appendNumber(b, layerExtent, extent)
	w.whole = appendNumber(b, layerVersion, 2)
	return appendBytes(make([]byte, 0, protowire.SizeTag(tileLayer)+protowire.SizeBytes(len(w.whole))), tileLayer, w.whole)
}

func appendBytes(b []byte, n protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), content)
}

func appendText(b []byte, n protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), text)
}

func appendNumber(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// appendValue writes a value that is known as a message of the layer.
func appendValue(b []byte, v data.Value) []byte {
	b = protowire.AppendTag(b, layerValue, protowire.BytesType)
	if s, ok := v.Text(); ok {
		b = protowire.AppendVarint(b, uint64(protowire.SizeTag(valueString)+protowire.SizeBytes(len(s))))
		return appendText(b, valueString, s)
	}
	if n, ok := v.Int(); ok {
		zigzag := protowire.EncodeZigZag(int64(n))
		b = protowire.AppendVarint(b, uint64(protowire.SizeTag(valueSint)+protowire.SizeVarint(zigzag)))
		return appendNumber(b, valueSint, zigzag)
	}
	if truth, ok := v.Bool(); ok {
		b = protowire.AppendVarint(b, uint64(protowire.SizeTag(valueBool)+1))
		return appendNumber(b, valueBool, protowire.EncodeBool(truth))
	}
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(valueDouble)+protowire.SizeFixed64()))
	return protowire.AppendFixed64(protowire.AppendTag(b, valueDouble, protowire.Fixed64Type), math.Float64bits(v.Float64()))
}
