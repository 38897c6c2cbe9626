package exposure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// TestTerrainAgainstARaster: mean and deviation of the density over the terrain are those
// of a fine raster.
func TestTerrainAgainstARaster(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const side = 12_000.0
	var refs []PlaceRef
	add := func(kind string, x, y float64) {
		refs = append(refs, PlaceRef{ID: fmt.Sprint(len(refs)), Kind: kind, Department: "00", Point: at(x, y)})
	}
	// Corners make the terrain a square.
	for _, x := range []float64{-side / 2, side / 2} {
		for _, y := range []float64{-side / 2, side / 2} {
			add("school", x, y)
		}
	}
	var flat []orb.Point
	for range 30 {
		x, y := 500*rng.NormFloat64(), 500*rng.NormFloat64()
		flat = append(flat, orb.Point{x, y})
		add("hotel", x, y)
	}
	places := IndexPlaces(refs)
	const cell = 25.0
	n, sum, squares := 0.0, 0.0, 0.0
	for x := -side/2 + cell/2; x < side/2; x += cell {
		for y := -side/2 + cell/2; y < side/2; y += cell {
			density := 0.0
			for _, p := range flat {
				density += quartic(math.Hypot(x-p[0], y-p[1]), bandwidth)
			}
			n, sum, squares = n+1, sum+density, squares+density*density
		}
	}
	mean := sum / n
	want := mean + 2*math.Sqrt(squares/n-mean*mean)
	if got := places["hotel"].standsOut["00"]; math.Abs(got-want) > 2e-3*want {
		t.Errorf("threshold %v, raster %v", got, want)
	}
}

func TestTerrainIndicators(t *testing.T) {
	refs := []PlaceRef{
		{ID: "a", Kind: "school", Department: "00", Point: at(-20_000, -20_000)}, {ID: "b", Kind: "school", Department: "00", Point: at(20_000, -20_000)},
		{ID: "c", Kind: "school", Department: "00", Point: at(0, 20_000)},
	}
	for i := range 5 {
		refs = append(refs, PlaceRef{ID: fmt.Sprint("h", i), Kind: "hotel", Department: "00", Point: at(100+10*float64(i), 0)})
	}
	refs = append(refs, PlaceRef{ID: "bar", Kind: "bar", Department: "63", Point: at(0, 449)})
	w := &World{Zones: NewZones(kinds, nil), Places: IndexPlaces(refs), Radii: DefaultRadii}
	got := evaluate(w, located(home))
	for id, want := range map[string]string{
		"hotel_bands": "5", "hotel_density_high": "true", "bar_bands": "1",
		"bar_density_high": "",                             // the only place of its département: no terrain
		"station_bands":    "", "station_density_high": "", // none is loaded
	} {
		if f := got[id].Format(); f != want {
			t.Errorf("%s = %q, want %q", id, f, want)
		}
	}
	got = evaluate(w, located(at(3000, 3000)))
	if got["hotel_bands"].Format() != "0" || got["hotel_density_high"].Format() != "false" {
		t.Errorf("far from any hotel: bands %s, density %s", got["hotel_bands"].Format(), got["hotel_density_high"].Format())
	}
	for d, want := range map[float64]int{0: 6, 74.9: 6, 75.1: 5, 449.9: 1, 450.1: 0} {
		if n, _ := evaluate(w, located(at(100-d, 0)))["hotel_bands"].Int(); n != want {
			t.Errorf("%v m from a hotel: %d bands, want %d", d, n, want)
		}
	}
}
