package tiles

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"vigie/data"
)

func drawValue(t *rapid.T) (data.Value, any) {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		s := rapid.String().Draw(t, "text")
		return data.String(s), s
	case 1:
		n := rapid.IntRange(-1<<53, 1<<53).Draw(t, "whole")
		return data.Integer(n), n
	case 2:
		f := rapid.Float64().Draw(t, "number")
		return data.Number(f), f
	case 3:
		b := rapid.Bool().Draw(t, "truth")
		return data.Boolean(b), b
	default:
		return data.Null, nil
	}
}

// A layer is read as the one that orb's encoder makes of the same features: same
// geometries, same properties, in the same order, by a writer that has written others.
func TestLayerWriter(t *testing.T) {
	names := []string{"id", "nom", "classe", "distance", "dedans"}
	w := new(layerWriter)
	rapid.Check(t, func(t *rapid.T) {
		want := &mvt.Layer{Name: "zones", Version: 2, Extent: extent}
		w.begin(len(names))
		at := tileNear(t)
		for range rapid.IntRange(1, 8).Draw(t, "features") {
			feature := &geojson.Feature{Properties: geojson.Properties{}}
			if rapid.Bool().Draw(t, "point") {
				unit := rapid.IntRange(-buffer, extent+buffer)
				p := orb.Point{float64(unit.Draw(t, "x")), float64(unit.Draw(t, "y"))}
				feature.Geometry = p
				w.point(p)
			} else {
				parts := newOutline(star(t)).in(at, new(slab))
				if len(parts) == 0 {
					continue
				}
				feature.Geometry = parts
				w.polygons(parts)
			}
			for rank, name := range names {
				v, plain := drawValue(t)
				w.property(rank, name, v)
				if plain != nil {
					feature.Properties[name] = plain
				}
			}
			w.end()
			want.Features = append(want.Features, feature)
		}
		theirs, err := mvt.Marshal(mvt.Layers{want})
		if err != nil {
			t.Fatal(err)
		}
		ours := w.tile("zones")
		read := func(tile []byte) mvt.Layers {
			layers, err := mvt.Unmarshal(tile)
			if err != nil {
				t.Fatalf("%v in %x", err, tile)
			}
			return layers
		}
		if got, wanted := read(ours), read(theirs); !reflect.DeepEqual(got, wanted) {
			t.Fatalf("%+v\nwant %+v", got, wanted)
		}
		if len(ours) > len(theirs) {
			t.Fatalf("%d bytes, where orb takes %d", len(ours), len(theirs))
		}
	})
}

// BenchmarkLayer writes a tile of 70 zones of 90 vertices, and the same with orb for comparison.
func BenchmarkLayer(b *testing.B) {
	const zones, vertices = 70, 90
	var parts [zones]orb.MultiPolygon
	var names [zones]string
	for i := range zones {
		r := make(orb.Ring, 0, vertices+1)
		for k := range vertices {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / vertices)
			d := 60 + 30*math.Cos(float64(7*k+i))
			r = append(r, orb.Point{math.Round(float64(50*i) + d*cos), math.Round(float64(50*i) + d*sin)})
		}
		parts[i], names[i] = orb.MultiPolygon{{append(r, r[0])}}, fmt.Sprintf("QN%05dX", i)
	}
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		w := new(layerWriter)
		for b.Loop() {
			w.begin(4)
			for i := range zones {
				w.polygons(parts[i])
				w.property(0, "id", data.String(names[i]))
				w.property(1, "kind", data.String("qpv"))
				w.property(2, "edition", data.String("2024"))
				w.property(3, "name", data.String(names[i]))
				w.end()
			}
			w.tile("zones")
		}
	})
	b.Run("orb", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			layer := &mvt.Layer{Name: "zones", Version: 2, Extent: extent}
			for i := range zones {
				layer.Features = append(layer.Features, &geojson.Feature{
					Geometry: parts[i], Properties: geojson.Properties{"id": names[i], "kind": "qpv", "edition": "2024", "name": names[i]},
				})
			}
			if _, err := mvt.Marshal(mvt.Layers{layer}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
