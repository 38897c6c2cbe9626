package snapshot

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"

	"github.com/paulmach/orb"

	"vigie/data"
)

// TileIndex arranges the records of a layer for many small windows, with an S that is made
// of a geometry once, when first wanted. It holds every record, whoever may see it: what
// comes out of it is what a Collection shows. It is safe for concurrent use.
type TileIndex[S any] struct {
	records any // tells them from those of another state of the layer
	// located are the records that have a geometry, in strips of one degree from south to
	// north; blocks are the bounds of each blockSize of them.
	located  []locatedRecord
	blocks   []orb.Bound
	prepared []atomic.Pointer[S]
}

type locatedRecord struct {
	at    int
	bound orb.Bound
	from  uint8 // zoom
}

const blockSize = 64

// NewTileIndex indexes the records of c. from is the zoom from which a feature is shown,
// nil for zoom 0. When old is of these very records, it is returned instead.
func NewTileIndex[S any](c *Collection, from func(*data.Feature) uint8, old *TileIndex[S]) *TileIndex[S] {
	records := recordsOf(c.rows)
	if old != nil && old.records == records {
		return old
	}
	n := c.rows.len()
	ix := &TileIndex[S]{records: records, located: make([]locatedRecord, 0, n), prepared: make([]atomic.Pointer[S], n)}
	var scratch data.Feature
	for i := range n {
		b, ok := c.rows.bound(i)
		if !ok {
			continue
		}
		r := locatedRecord{at: i, bound: b}
		if from != nil {
			c.rows.fill(i, &scratch)
			r.from = from(&scratch)
		}
		ix.located = append(ix.located, r)
	}
	slices.SortFunc(ix.located, func(a, b locatedRecord) int {
		return cmp.Or(cmp.Compare(math.Floor(a.bound.Min[0]), math.Floor(b.bound.Min[0])), cmp.Compare(a.bound.Min[1], b.bound.Min[1]))
	})
	for block := range slices.Chunk(ix.located, blockSize) {
		bound := block[0].bound
		for i := range block {
			bound = bound.Union(block[i].bound)
		}
		ix.blocks = append(ix.blocks, bound)
	}
	return ix
}

// recordsOf tells the records of one state of a layer from those of another.
func recordsOf(r rows) any {
	switch r := r.(type) {
	case siteRows:
		return first(r.sn.sites)
	case zoneRows:
		return first(r.sn.zones)
	case placeRows:
		return first(r.sn.places)
	case areaRows:
		return first(r.sn.areas)
	case maskedRows:
		return r.r
	}
	return nil
}

func first[T any](records []T) any {
	if len(records) == 0 {
		return nil
	}
	return &records[0]
}

// Prepared is what prepare makes of the geometry of the record at a place that Select
// gave. It may be made twice at the same time; one of the two is kept.
func (ix *TileIndex[S]) Prepared(at int, g orb.Geometry, prepare func(orb.Geometry) *S) *S {
	if s := ix.prepared[at].Load(); s != nil {
		return s
	}
	s := prepare(g)
	ix.prepared[at].Store(s)
	return s
}

// Select calls fn, in the order of identifiers, with the features of c whose bounds meet a
// window (lon, lat in degrees, CRS84) and that are shown at this zoom, and with the place
// of their record. Of more than limit, those of the largest bounds are taken, the first
// identifiers among equals. matched counts them before that. The index must be that of
// c's records; the feature is reused between calls.
func (ix *TileIndex[S]) Select(c *Collection, window orb.Bound, zoom uint8, limit int, fn func(at int, f *data.Feature) error) (matched int, err error) {
	var found []*locatedRecord
	none := Query{}
	for k := range ix.blocks {
		if !ix.blocks[k].Intersects(window) {
			continue
		}
		block := ix.located[k*blockSize : min((k+1)*blockSize, len(ix.located))]
		for i := range block {
			r := &block[i]
			if r.from <= zoom && r.bound.Intersects(window) && c.rows.visible(c.viewer, r.at) && c.rows.selected(&none, r.at) {
				found = append(found, r)
			}
		}
	}
	byID := func(a, b *locatedRecord) int { return cmp.Compare(a.at, b.at) }
	matched = len(found)
	if matched > limit {
		size := func(b *orb.Bound) float64 { return (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]) }
		slices.SortFunc(found, func(a, b *locatedRecord) int { return cmp.Or(cmp.Compare(size(&b.bound), size(&a.bound)), byID(a, b)) })
		found = found[:limit]
	}
	slices.SortFunc(found, byID)
	f := data.Feature{Values: make([]data.Value, 0, len(c.schema.Columns))}
	for _, r := range found {
		c.rows.fill(r.at, &f)
		if err := fn(r.at, &f); err != nil {
			return matched, err
		}
	}
	return matched, nil
}
