package exposure

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
	"vigie/geo/pointindex"
)

var (
	home  = orb.Point{2.6, 46.4} // fictitious
	plane = crs.NewAzimuthal(home)
	kinds = []string{"qpv", "qrr", "zsp"}
)

func at(x, y float64) orb.Point { return plane.Inverse(x, y) }

func squareZone(kind, id string, x, y, half float64) ZoneRef {
	ring := orb.Ring{at(x-half, y-half), at(x+half, y-half), at(x+half, y+half), at(x-half, y+half)}
	return ZoneRef{Kind: kind, ID: id, Name: "Zone " + id, Geometry: orb.MultiPolygon{{append(ring, ring[0])}}}
}

// evaluate gives every indicator of the catalogue by identifier.
func evaluate(w *World, s Subject) map[string]Value {
	e := w.NewEvaluator()
	e.Begin(s)
	out := map[string]Value{}
	for _, in := range Catalogue(kinds, w.Radii) {
		out[in.ID] = in.Of(e)
	}
	return out
}

func located(p orb.Point) Subject { return Subject{Status: Computed, Point: p, Self: -1} }

func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, in := range slices.Concat(Catalogue(kinds, DefaultRadii), RestrictedCatalogue(kinds, DefaultRadii)) {
		if seen[in.ID] {
			t.Errorf("%s is in the catalogue twice", in.ID)
		}
		seen[in.ID] = true
		if in.ID != strings.ToLower(in.ID) || strings.ContainsAny(in.ID, " -") {
			t.Errorf("%s is not snake_case", in.ID)
		}
		for name, text := range map[string]Text{"label": in.Label, "formula": in.Formula, "missing": in.Missing} {
			if text.FR == "" || text.EN == "" {
				t.Errorf("%s has no %s in one language", in.ID, name)
			}
			if strings.Contains(text.FR, "'") {
				t.Errorf("%s: the French %s has a straight apostrophe", in.ID, name)
			}
		}
		if in.Source == "" || in.Direction == "" || in.Type == TypeNumber && in.Unit == "" {
			t.Errorf("%s lacks a source, a direction or a unit", in.ID)
		}
		formulas := 0
		for _, has := range []bool{in.value != nil, in.evaluate != nil, in.Awaits != Text{}} {
			if has {
				formulas++
			}
		}
		if formulas != 1 {
			t.Errorf("%s needs exactly one formula, or an input that is awaited", in.ID)
		}
	}
}

// TestMissingInputsAreUnknown: with nothing loaded, nothing is known, and nothing is 0.
func TestMissingInputsAreUnknown(t *testing.T) {
	empty := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii}
	full := &World{
		Zones:   NewZones(kinds, []ZoneRef{squareZone("qpv", "A", 0, 0, 500)}),
		Places:  map[string]*Places{"police": NewPlaces([]PlaceRef{{ID: "p", Point: at(100, 0)}})},
		Homes:   pointindex.Build([]orb.Point{at(10, 10)}),
		Context: map[string]CommuneContext{"00001": {CrimeRate: math.NaN(), PoorShare: math.NaN()}},
		Radii:   DefaultRadii,
	}
	for name, values := range map[string]map[string]Value{
		"empty world":      evaluate(empty, located(home)),
		"not located":      evaluate(full, Subject{Status: NotLocated, CommuneCode: "00001"}),
		"commune centroid": evaluate(full, Subject{Status: PositionTooVague, Point: home, CommuneCode: "00001"}),
	} {
		for id, v := range values {
			if !v.IsNull() {
				t.Errorf("%s: %s = %s, want unknown", name, id, v.Format())
			}
		}
	}
}

func TestIndicatorsOfAPoint(t *testing.T) {
	w := &World{
		Zones: NewZones(kinds, []ZoneRef{squareZone("qpv", "A", 1000, 0, 200), squareZone("qrr", "B", 0, 0, 150)}),
		Places: map[string]*Places{
			"police":      NewPlaces([]PlaceRef{{ID: "p", Point: at(3000, 0)}}),
			"gendarmerie": NewPlaces([]PlaceRef{{ID: "g", Point: at(0, -2000)}}),
			"hotel":       NewPlaces([]PlaceRef{{ID: "h1", Point: at(100, 0)}, {ID: "h2", Point: at(0, 449)}, {ID: "h3", Point: at(0, 451)}}),
		},
		Homes:   pointindex.Build([]orb.Point{home, home, at(600, 0), at(1200, 0)}),
		Context: map[string]CommuneContext{"00001": {CrimeRate: 4.5, PoorShare: math.NaN()}},
		Radii:   DefaultRadii,
	}
	got := evaluate(w, Subject{Status: Computed, Point: home, Sigma: 10, CommuneCode: "00001", Self: 0})
	want := map[string]float64{
		"nearest_zone_distance_m": 0, "zone_depth_m": 150, "in_zone_probability": 1, "qpv_in_zone_probability": 0,
		"qpv_nearest_zone_distance_m": 800, "qpv_zones_within_1000m": 1, "qpv_zones_within_500m": 0,
		"qpv_zone_decay_300m": math.Exp(-800. / 300), "nearest_police_distance_m": 2000, "nearest_hotel_distance_m": 100,
		"hotels_within_450m": 2, "homes_within_500m": 1, "homes_within_1000m": 2, "crime_context_rate": 4.5,
	}
	for id, v := range want {
		if f := got[id].Float64(); !(math.Abs(f-v) < 0.01) {
			t.Errorf("%s = %v, want %v", id, f, v)
		}
	}
	for _, id := range []string{"zsp_in_zone", "zsp_zone_kernel_share_500m", "nearest_school_distance_m", "commune_poor_share"} {
		if !got[id].IsNull() {
			t.Errorf("%s = %s, want unknown", id, got[id].Format())
		}
	}
	// A computed point must not tell of homes.
	w.Homes = nil
	if v := evaluate(w, located(home))["homes_within_500m"]; !v.IsNull() {
		t.Errorf("homes around a computed point: %s", v.Format())
	}
}
