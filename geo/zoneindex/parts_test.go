package zoneindex

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
)

// parts are the shares of the zones that a disc meets, by zone.
func parts(ix *Index, p orb.Point, radius float64) map[int]float64 {
	out := map[int]float64{}
	ix.NewMeter(Options{Radii: []float64{radius, radius / 3}}).EachPart(p, func(zone int, share float64) { out[zone] += share })
	return out
}

func TestPartsOfZones(t *testing.T) {
	for name, c := range places {
		ix := Build([]orb.MultiPolygon{
			square(c, 0, 0, 100),     // within
			square(c, 1000, 0, 100),  // the disc's edge passes through its centre
			square(c, 0, 0, 20_000),  // holds the disc
			square(c, 2000, 0, 900),  // beyond
			square(c, -900, 0, 1),    // within, near the edge
			square(c, 720, 720, 10),  // beyond, though its rectangle's corner is not far
			square(c, 1050, 0, 1000), // overlaps most others
		})
		got := parts(ix, c, 1000)
		for zone, want := range map[int]float64{0: 1, 2: math.Pi * 1e6 / 1.6e9, 4: 1} {
			if !(math.Abs(got[zone]-want) < 1e-5) {
				t.Errorf("%s: the share of zone %d is %v, want %v", name, zone, got[zone], want)
			}
		}
		// ∫ √(r²−y²) dy between the sides of zone 1, less what lies before it.
		if want := (100*math.Sqrt(0.99e6) + 1e6*math.Asin(0.1) - 900*200) / 40_000; !(math.Abs(got[1]-want) < 1e-6) {
			t.Errorf("%s: the share of the zone on the edge is %v, want %v", name, got[1], want)
		}
		for _, zone := range []int{3, 5} {
			if _, met := got[zone]; met {
				t.Errorf("%s: zone %d, which the disc does not meet, has a share of %v", name, zone, got[zone])
			}
		}
		if !(got[6] > 0.3 && got[6] < 0.5) {
			t.Errorf("%s: the share of the zone that overlaps others is %v", name, got[6])
		}
	}
}

// The parts of zones that do not overlap make up the share of the disc, and the fast way
// and the exhaustive one say the same.
func TestPartsAddUpToTheDisc(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []orb.MultiPolygon
		for range rapid.IntRange(1, 5).Draw(t, "zones") {
			all = append(all, star(t, "zone"))
		}
		p := crs.NewAzimuthal(centre).Inverse(rapid.Float64Range(-3000, 3000).Draw(t, "dx"), rapid.Float64Range(-3000, 3000).Draw(t, "dy"))
		const radius = 1000
		ix := Build(all)
		m := ix.NewMeter(Options{Radii: []float64{radius}})
		got, exact := parts(ix, p, radius), map[int]float64{}
		m.eachPartAnywhere(p, radius, func(zone int, share float64) { exact[zone] += share })
		for i := range all {
			if math.Abs(got[i]-exact[i]) > 1e-5 {
				t.Fatalf("zone %d: %v, exactly %v", i, got[i], exact[i])
			}
		}
		if len(ix.unions) > 0 {
			return
		}
		sum := 0.0
		for i, share := range got {
			size := parts(Build([]orb.MultiPolygon{all[i]}), p, 9000)[0]
			if math.Abs(size-1) > 1e-9 {
				t.Fatalf("zone %d has a share of %v in a disc that holds it", i, size)
			}
			sum += share * area(all[i])
		}
		if share := m.Measure(p).Share[0]; math.Abs(sum/(math.Pi*radius*radius)-share) > 1e-5 {
			t.Fatalf("the parts make up %v of the disc, the share is %v", sum/(math.Pi*radius*radius), share)
		}
	})
}

// area is that of a polygon in the azimuthal plane of the centre, in m².
func area(g orb.MultiPolygon) float64 {
	twice := 0.0
	eachEdge(crs.NewAzimuthal(centre), g, 0, 0, func(ax, ay, bx, by float64) { twice += ax*by - ay*bx })
	return math.Abs(twice) / 2
}

func TestPartsOfZonesWithAHoleOrAnEdgeAtTheCentre(t *testing.T) {
	hole := ringAround(centre, [2]float64{-50, -50}, [2]float64{50, -50}, [2]float64{50, 50}, [2]float64{-50, 50})
	slices.Reverse(hole)
	holed := square(centre, 0, 0, 100)
	holed[0] = append(holed[0], hole)
	ix := Build([]orb.MultiPolygon{holed, square(centre, 100, 0, 100), square(centre, -3000, 0, 3000)})
	got := parts(ix, centre, 40)
	// The disc fits in the hole; the two others have an edge through the centre.
	if got[0] != 0 || math.Abs(got[1]-math.Pi*1600/2/40_000) > 1e-6 || math.Abs(got[2]-math.Pi*1600/2/36e6) > 1e-6 {
		t.Errorf("%v", got)
	}
	if got := parts(ix, centre, 500); got[0] != 1 || got[1] != 1 {
		t.Errorf("%v", got)
	}
}

func TestPartsDoNotAllocate(t *testing.T) {
	m := Build([]orb.MultiPolygon{square(centre, 300, 0, 200), square(centre, 350, 0, 200)}).NewMeter(Options{Radii: []float64{1000}})
	sum := 0.0
	measure := func() { m.EachPart(centre, func(_ int, share float64) { sum += share }) }
	measure()
	if n := testing.AllocsPerRun(100, measure); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
	if sum == 0 {
		t.Error("no part")
	}
}
