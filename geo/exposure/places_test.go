package exposure

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// TestPlacesThatAreNotLoadedAreNotFar: where no place is loaded, distances, counts, bands
// and densities are unknown, however far the nearest place that is loaded.
func TestPlacesThatAreNotLoadedAreNotFar(t *testing.T) {
	yes := true
	ref := func(kind, department string, x float64) PlaceRef {
		return PlaceRef{ID: kind, Kind: kind, Department: department, Point: at(x, 0), OpenAtNight: &yes}
	}
	loaded := []PlaceRef{ref("police", "03", 3000), ref("school", "03", 700)}
	abroad := PlaceRef{ID: "far", Kind: "hotel", Department: "971", Point: orb.Point{-61.53, 16.24}}
	for name, c := range map[string]struct {
		places  []PlaceRef
		commune string
		want    map[string]float64 // NaN: not covered
	}{
		"its own département":         {loaded, "03185", map[string]float64{"nearest_police_distance_m": 3000, "nearest_police_open_at_night_m": 3000, "nearest_school_distance_m": 700}},
		"the next one, own loaded":    {append(loaded, ref("hotel", "63", 9000)), "03185", map[string]float64{"nearest_hotel_distance_m": 9000, "hotels_within_450m": 0, "hotel_bands": 0}},
		"another one":                 {loaded, "63113", map[string]float64{"nearest_police_distance_m": math.NaN(), "nearest_police_open_at_night_m": math.NaN(), "nearest_police_is_open_at_night": math.NaN()}},
		"overseas":                    {loaded, "97411", map[string]float64{"nearest_police_distance_m": math.NaN()}},
		"only of another kind":        {append(loaded, abroad), "03185", map[string]float64{"nearest_hotel_distance_m": math.NaN(), "hotels_within_450m": math.NaN(), "hotel_bands": math.NaN(), "hotel_density_high": math.NaN()}},
		"commune unknown, near":       {loaded, "", map[string]float64{"nearest_police_distance_m": 3000}},
		"commune unknown, far":        {[]PlaceRef{ref("police", "03", 200_100)}, "", map[string]float64{"nearest_police_distance_m": math.NaN(), "nearest_police_open_at_night_m": math.NaN()}},
		"places of no département":    {[]PlaceRef{ref("police", "", 199_900)}, "63113", map[string]float64{"nearest_police_distance_m": 199_900}},
		"of no département, too far":  {[]PlaceRef{ref("police", "", 200_100)}, "63113", map[string]float64{"nearest_police_distance_m": math.NaN()}},
		"Corsica, with its own codes": {[]PlaceRef{ref("police", "2A", 400)}, "2A004", map[string]float64{"nearest_police_distance_m": 400}},
	} {
		w := &World{Zones: NewZones(kinds, nil), Places: IndexPlaces(c.places), Radii: DefaultRadii}
		s := located(home)
		s.CommuneCode = c.commune
		e := w.NewEvaluator()
		e.Begin(s)
		for _, in := range Catalogue(kinds, DefaultRadii) {
			want, asked := c.want[in.ID]
			if !asked {
				continue
			}
			got, why := in.Of(e).Float64(), in.Why(e)
			if math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > 1 || (why == Known) == math.IsNaN(want) {
				t.Errorf("%s: %s = %v (%q), want %v", name, in.ID, got, why, want)
			}
		}
	}
}

// TestNotCoveredIsSaid: the reason is not that the kind is not loaded.
func TestNotCoveredIsSaid(t *testing.T) {
	w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Places: IndexPlaces([]PlaceRef{{ID: "h", Kind: "hotel", Department: "03", Point: home}})}
	s := located(home)
	s.CommuneCode = "63113"
	e := w.NewEvaluator()
	e.Begin(s)
	for _, in := range Catalogue(kinds, DefaultRadii) {
		if want := ReasonNotCovered; in.ID == "hotel_bands" || in.ID == "hotels_within_450m" || in.ID == "nearest_hotel_distance_m" {
			if got := in.Why(e); got != want {
				t.Errorf("%s: %q, want %q", in.ID, got, want)
			}
		}
	}
	if n, ok := w.NearestPlace("hotel", s); ok {
		t.Errorf("a place is named where none is loaded: %+v", n)
	}
}
