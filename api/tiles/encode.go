package tiles

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"vigie/data"
	"vigie/data/snapshot"
)

// maxFeatures is how many features a tile holds: of more, those of the largest bounds.
const maxFeatures = 10_000

// encoded is one tile as it is sent.
type encoded struct {
	// body is empty when the tile is.
	body []byte
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

var slabs = sync.Pool{New: func() any { return new(slab) }}

// encode makes the tile of what a viewer sees of the layer.
func (l layer) encode(view *snapshot.Collection, ix *snapshot.TileIndex[outline], t maptile.Tile) (*encoded, error) {
	columns := l.columnsOf(view.Schema())
	content := &mvt.Layer{Name: string(l.layer), Version: 2, Extent: extent}
	out := &encoded{}
	room := slabs.Get().(*slab)
	defer func() {
		room.points = room.points[:0]
		slabs.Put(room)
	}()
	var err error
	out.matched, err = ix.Select(view, t.Bound(float64(buffer)/extent), uint8(t.Z), maxFeatures, func(at int, f *data.Feature) error {
		g := geometryIn(f.Geometry, t, room, func() *outline { return ix.Prepared(at, f.Geometry, newOutline) })
		if g == nil {
			return nil
		}
		// MVT keeps no identifier that is not a number.
		properties := make(geojson.Properties, 1+len(columns))
		properties[idProperty] = f.ID
		for i := range columns {
			if v := valueOf(f.Values[columns[i].at], columns[i].Decimals); v != nil {
				properties[columns[i].Name] = v
			}
		}
		content.Features = append(content.Features, &geojson.Feature{Geometry: g, Properties: properties})
		if l.layer == data.LayerSites {
			out.ids = append(out.ids, f.ID)
		}
		return nil
	})
	if err != nil || len(content.Features) == 0 {
		return out, err
	}
	out.returned = len(content.Features)
	if out.body, err = mvt.Marshal(mvt.Layers{content}); err != nil {
		return nil, fmt.Errorf("tile of %s: %w", l.layer, err)
	}
	return out, nil
}

// idProperty holds a feature's identifier.
const idProperty = "id"

// geometryIn is a geometry in the grid of a tile; nil when nothing of it is there.
func geometryIn(g orb.Geometry, t maptile.Tile, room *slab, prepared func() *outline) orb.Geometry {
	if p, ok := g.(orb.Point); ok {
		if q, ok := pointIn(p, t); ok {
			return q
		}
		return nil
	}
	if parts := prepared().in(t, room); len(parts) > 0 {
		return parts
	}
	return nil
}

// valueOf is a property's value for the encoder; nil when it is unknown.
func valueOf(v data.Value, decimals int) any {
	if s, ok := v.Text(); ok {
		return s
	}
	if n, ok := v.Int(); ok {
		return n
	}
	if f, ok := v.Float(); ok {
		unit := math.Pow10(decimals)
		return math.Round(f*unit) / unit
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	return nil
}
