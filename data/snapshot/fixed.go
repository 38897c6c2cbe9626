package snapshot

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/overlay"
)

// NewCollection makes a collection of features that everyone sees, such as those of a
// published edition. It keeps the features, whose values are aligned with the schema.
func NewCollection(schema *data.Schema, features []data.Feature) *Collection {
	slices.SortFunc(features, func(a, b data.Feature) int { return cmp.Compare(a.ID, b.ID) })
	return &Collection{schema: schema, rows: fixedRows(features)}
}

type fixedRows []data.Feature

func (r fixedRows) len() int        { return len(r) }
func (r fixedRows) id(i int) string { return r[i].ID }

func (r fixedRows) bound(i int) (orb.Bound, bool) {
	if r[i].Geometry == nil {
		return orb.Bound{}, false
	}
	return r[i].Geometry.Bound(), true
}

func (r fixedRows) visible(data.Viewer, int) bool { return true }
func (r fixedRows) selected(*Query, int) bool     { return true }

func (r fixedRows) meets(i int, b orb.Bound) bool {
	shape, ok := r[i].Geometry.(orb.MultiPolygon)
	return !ok || overlay.MeetsBound(shape, b)
}

func (r fixedRows) fill(i int, f *data.Feature) {
	f.ID, f.Geometry, f.Values = r[i].ID, r[i].Geometry, append(f.Values[:0], r[i].Values...)
}
