package tiles

import (
	"crypto/rand"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"vigie/api/web"
	"vigie/geo/overlay"
)

// star draws a simple ring around a centre near the test homes, wide or thin, with bays
// deep enough for a window to cut it into several pieces.
func star(t *rapid.T) orb.Polygon {
	n := rapid.IntRange(3, 40).Draw(t, "n")
	size := math.Pow(10, rapid.Float64Range(-5, 0).Draw(t, "size"))
	flat := rapid.Float64Range(0.01, 1).Draw(t, "flat")
	var r, hole orb.Ring
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		d := size * rapid.Float64Range(0.2, 1).Draw(t, "r")
		r = append(r, orb.Point{2.6 + d*cos, 46.4 + flat*d*sin})
		hole = append(hole, orb.Point{2.6 + 0.1*size*cos, 46.4 + 0.1*flat*size*sin})
	}
	hole.Reverse()
	p := orb.Polygon{append(r, r[0])}
	if n > 8 && rapid.Bool().Draw(t, "hole") {
		p = append(p, append(hole, hole[0]))
	}
	return p
}

func tileNear(t *rapid.T) maptile.Tile {
	z := maptile.Zoom(rapid.IntRange(0, maxZoom).Draw(t, "z"))
	around := orb.Point{2.6 + rapid.Float64Range(-0.5, 0.5).Draw(t, "dx")/math.Pow(2, rapid.Float64Range(0, 12).Draw(t, "near")), 46.4}
	return maptile.At(around, z)
}

// What a tile holds stays in its buffer, in whole units, with the winding that the
// specification asks, and covers what the outline covers there, but for the tolerance.
func TestOutlineInTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, at := star(t), tileNear(t)
		o := newOutline(p)
		got := o.in(at, new(slab))
		length := 0.0
		for _, polygon := range got {
			for i, r := range polygon {
				if len(r) < 4 || !r.Closed() || (r.Orientation() == orb.CCW) != (i == 0) {
					t.Fatalf("ring %d: %v", i, r)
				}
				for k, q := range r {
					if q != rounded(q) || !window.Contains(q) {
						t.Fatalf("position %v", q)
					}
					if k > 0 && q == r[k-1] || k > 1 && q == r[k-2] {
						t.Fatalf("edge of no use at %d of %v", k, r)
					}
				}
				length += planar.Length(orb.LineString(r))
			}
		}
		var whole orb.Polygon
		for _, r := range p {
			var ring orb.Ring
			for _, q := range r {
				ring = append(ring, toTile(project(q), at))
			}
			whole = append(whole, ring)
			length += planar.Length(ring)
		}
		if length > 1e8 {
			return // a coordinate of the reference would be beyond its grid
		}
		want := planar.Area(overlay.Grid(1e3).Intersection(orb.MultiPolygon{whole}, orb.MultiPolygon{window.ToPolygon()}))
		// Each point of the border moves by the tolerance and half a unit at most.
		bound := whole.Bound()
		perimeter := math.Min(length, 8*extent*float64(len(whole[0])))
		if slack := (tolerance+1)*perimeter + dot*dot + (tolerance+1)*(tolerance+1)*4; math.Abs(planar.Area(got)-want) > slack {
			t.Fatalf("covers %v, want %v ± %v of %v", planar.Area(got), want, slack, bound)
		}
	})
}

// Pieces that a window separates are separate polygons: nothing joins them along its border.
func TestCutSeparatesPieces(t *testing.T) {
	// A comb whose teeth reach into the window from the west.
	comb := orb.MultiPolygon{{{{-500, 0}, {-500, -0.5}, {-400, -0.5}, {-400, 0}, {1000, 0}, {1000, 500}, {-400, 500}, {-400, 1000}, {1000, 1000}, {1000, 1500}, {-500, 1500}, {-500, 0}}}}
	got := settled(cut(comb))
	if len(got) != 2 || planar.Area(got) != 2*(1000+buffer)*500 {
		t.Errorf("%v", got)
	}
}

// A window inside a polygon is all covered, one inside its hole not at all.
func TestTileWithinAPolygon(t *testing.T) {
	p := orb.Polygon{
		{{0, 40}, {10, 40}, {10, 50}, {0, 50}, {0, 40}},
		{{4, 44}, {4, 46}, {6, 46}, {6, 44}, {4, 44}},
	}
	o := newOutline(p)
	if got := o.in(maptile.At(orb.Point{2.6, 46.4}, 14), new(slab)); planar.Area(got) != (extent+2*buffer)*(extent+2*buffer) {
		t.Errorf("%v", got)
	}
	if got := o.in(maptile.At(orb.Point{5, 45}, 14), new(slab)); got != nil {
		t.Errorf("%v", got)
	}
}

// A point that is drawn at a zoom is drawn at every further one, and the outline is whole
// from detailZoom.
func TestLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, r := range newOutline(star(t)).polygons[0] {
			for i, from := range r.from {
				if from > detailZoom {
					t.Fatalf("point %d is drawn from zoom %d", i, from)
				}
			}
			if r.from[0] != 0 || r.from[len(r.from)-1] != 0 {
				t.Fatal("the ring is open at zoom 0")
			}
		}
	})
}

func TestCacheIsBounded(t *testing.T) {
	noise := make([]byte, 1<<20) // gains nothing by compression
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	c := newCache()
	made := 0
	get := func(key string) {
		if _, err := c.get(key, func() (*encoded, error) { made++; return &encoded{body: web.Prepared{Plain: noise}}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		get(string(rune('A' + i)))
	}
	if c.bytes > cacheBytes || c.bytes != c.kept.Len()<<20 {
		t.Errorf("%d bytes in %d tiles", c.bytes, c.kept.Len())
	}
	get(string(rune('A' + 39)))
	if made != 40 {
		t.Error("the tile used last is not kept")
	}
	get("A")
	if made != 41 {
		t.Error("the tile used first is still there")
	}
}
