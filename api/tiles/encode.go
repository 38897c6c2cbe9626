package tiles

import (
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/snapshot"
)

// maxFeatures is how many features a tile holds: of more, those of the largest bounds.
const maxFeatures = 10_000

// encoded is one tile as it is sent.
type encoded struct {
	// body is empty when the tile is. It is compressed in tiles that are kept.
	body web.Prepared
	// matched counts the features whose bounds meet the tile, returned those it holds.
	matched, returned int
	// ids are those of the homes it holds.
	ids []string
}

// column is a property of a tile's features.
type column struct {
	at int
	data.Column
}

// columnsOf are the layer's short list, as far as the viewer has these columns.
func (l layer) columnsOf(schema *data.Schema) []column {
	var out []column
	for i, c := range schema.Columns {
		if slices.Contains(l.properties, c.Name) {
			out = append(out, column{i, c})
		}
	}
	return out
}

// workshop is what encoding a tile needs, and the next one again.
type workshop struct {
	room  slab
	layer layerWriter
}

var workshops = sync.Pool{New: func() any { return new(workshop) }}

// idProperty holds a feature's identifier: MVT keeps none that is not a number.
const idProperty = "id"

// encode makes the tile of what a viewer sees of the layer.
func (l layer) encode(view *snapshot.Collection, ix *snapshot.TileIndex[outline], t maptile.Tile) (*encoded, error) {
	columns := l.columnsOf(view.Schema())
	out := &encoded{}
	work := workshops.Get().(*workshop)
	defer func() {
		work.room.points = work.room.points[:0]
		workshops.Put(work)
	}()
	content := &work.layer
	content.begin(1 + len(columns))
	var err error
	out.matched, err = ix.Select(view, t.Bound(float64(buffer)/extent), uint8(t.Z), maxFeatures, func(at int, f *data.Feature) error {
		if p, ok := f.Geometry.(orb.Point); ok {
			q, inside := pointIn(p, t)
			if !inside {
				return nil
			}
			content.point(q)
		} else {
			parts := ix.Prepared(at, f.Geometry, newOutline).in(t, &work.room)
			if len(parts) == 0 {
				return nil
			}
			content.polygons(parts)
		}
		content.property(0, idProperty, data.String(f.ID))
		for i := range columns {
			content.property(1+i, columns[i].Name, roundedValue(f.Values[columns[i].at], columns[i].Decimals))
		}
		content.end()
		out.returned++
		if l.layer == data.LayerSites {
			out.ids = append(out.ids, f.ID)
		}
		return nil
	})
	if err == nil && out.returned > 0 {
		out.body.Plain = content.tile(string(l.layer))
	}
	return out, err
}

// roundedValue is a value with the decimals of its column.
func roundedValue(v data.Value, decimals int) data.Value {
	f, ok := v.Float()
	if _, whole := v.Int(); !ok || whole {
		return v
	}
	unit := math.Pow10(decimals)
	return data.Number(math.Round(f*unit) / unit)
}
