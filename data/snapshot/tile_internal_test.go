package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
)

// Select finds what walking through the records finds; beyond the limit, the largest ones.
func TestTileIndexSelects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sn := &Snapshot{}
		degree := rapid.Float64Range(-6, 6)
		for i := range rapid.IntRange(0, 300).Draw(t, "zones") {
			low := orb.Point{degree.Draw(t, "x"), degree.Draw(t, "y")}
			side := rapid.SampledFrom([]float64{0.01, 0.5, 4}).Draw(t, "side")
			b := orb.Bound{Min: low, Max: orb.Point{low[0] + side, low[1] + side}}
			sn.zones = append(sn.zones, zoneRecord{
				Zone: data.Zone{Restricted: rapid.Bool().Draw(t, "restricted"), Geometry: orb.MultiPolygon{b.ToPolygon()}},
				id:   fmt.Sprintf("%04d", i), bound: b, current: rapid.Bool().Draw(t, "current"),
			})
		}
		c, _ := sn.Collection(data.Viewer{}, data.LayerZones)
		from := func(f *data.Feature) uint8 { return f.ID[3] - '0' }
		ix := NewTileIndex[int](c, from, nil)
		if again := NewTileIndex(c, from, ix); again != ix && len(sn.zones) > 0 {
			t.Fatal("the same records are indexed again")
		}
		low := orb.Point{degree.Draw(t, "west"), degree.Draw(t, "south")}
		window := orb.Bound{Min: low, Max: orb.Point{low[0] + 2, low[1] + 1}}
		zoom, limit := uint8(rapid.IntRange(0, 9).Draw(t, "zoom")), rapid.IntRange(1, 30).Draw(t, "limit")

		var want []*zoneRecord
		for i := range sn.zones {
			if z := &sn.zones[i]; z.current && !z.Restricted && z.id[3]-'0' <= zoom && z.bound.Intersects(window) {
				want = append(want, z)
			}
		}
		all := len(want)
		slices.SortStableFunc(want, func(a, b *zoneRecord) int {
			size := func(z *zoneRecord) float64 {
				return (z.bound.Max[0] - z.bound.Min[0]) * (z.bound.Max[1] - z.bound.Min[1])
			}
			return cmp.Compare(size(b), size(a))
		})
		want = want[:min(limit, all)]
		slices.SortFunc(want, func(a, b *zoneRecord) int { return cmp.Compare(a.id, b.id) })

		var got []string
		matched, err := ix.Select(c, window, zoom, limit, func(at int, f *data.Feature) error {
			if sn.zones[at].id != f.ID {
				t.Fatalf("record %d is not %s", at, f.ID)
			}
			got = append(got, f.ID)
			return nil
		})
		if err != nil || matched != all || !slices.EqualFunc(got, want, func(id string, z *zoneRecord) bool { return id == z.id }) {
			t.Fatalf("%d, %v, %v; want %d of %d", matched, got, err, len(want), all)
		}
	})
}
