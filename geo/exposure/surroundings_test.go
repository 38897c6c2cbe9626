package exposure

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"vigie/geo/pointindex"
)

func TestPoliceAtNight(t *testing.T) {
	yes, no := true, false
	unit := func(x float64, night *bool) PlaceRef { return PlaceRef{ID: "u", Point: at(x, 0), OpenAtNight: night} }
	for name, c := range map[string]struct {
		police, gendarmerie []PlaceRef
		distance, nearest   string
	}{
		"the nearest is open":              {[]PlaceRef{unit(1000, &yes)}, []PlaceRef{unit(3000, nil)}, "1000", "true"},
		"the nearest is closed":            {[]PlaceRef{unit(1000, &no), unit(2500, &yes)}, []PlaceRef{unit(3000, nil)}, "2500", "false"},
		"a nearer one's hours are unknown": {[]PlaceRef{unit(1000, &no), unit(2500, &yes)}, []PlaceRef{unit(2000, nil)}, "", "false"},
		"no hours are known":               {[]PlaceRef{unit(1000, nil)}, nil, "", ""},
		"none is open":                     {[]PlaceRef{unit(1000, &no)}, nil, "", "false"},
		"no unit is loaded":                {nil, nil, "", ""},
	} {
		w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Places: map[string]*Places{"police": NewPlaces(c.police), "gendarmerie": NewPlaces(c.gendarmerie)}}
		got := evaluate(w, located(home))
		d := got["nearest_police_open_at_night_m"]
		if f, ok := d.Float(); ok {
			d = Number(math.Round(f))
		}
		if d.Format() != c.distance || got["nearest_police_is_open_at_night"].Format() != c.nearest {
			t.Errorf("%s: %q, %q", name, d.Format(), got["nearest_police_is_open_at_night"].Format())
		}
	}
}

func TestShareOfTheVATBand(t *testing.T) {
	w := &World{Zones: NewZones(kinds, []ZoneRef{squareZone("qpv", "A", 0, 0, 100), squareZone("qrr", "B", 0, 0, 50)}), Radii: DefaultRadii}
	got := evaluate(w, located(home))
	disc := math.Pi * 300 * 300
	for id, want := range map[string]float64{"zone_share_300m": 40_000 / disc, "qpv_zone_share_300m": 40_000 / disc, "qrr_zone_share_300m": 10_000 / disc} {
		if f := got[id].Float64(); math.Abs(f-want) > 1e-6 {
			t.Errorf("%s = %v, want %v", id, f, want)
		}
	}
	w.Radii = []float64{300}
	n := 0
	for _, in := range Catalogue(kinds, w.Radii) {
		if in.ID == "zone_share_300m" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("zone_share_300m is there %d times", n)
	}
}

// TestSupplyIsConserved: summed over where people live, the places that they reach are all the places.
func TestSupplyIsConserved(t *testing.T) {
	communes := []orb.Point{at(0, 0), at(15_000, 0), at(0, 35_000), at(-50_000, 0)}
	people := []float64{1000, 400, 2500, 800}
	homes := []orb.Point{at(1000, 1000), at(10_000, 5000), at(-30_000, 0)}
	capacities := []float64{12, 30, 8}
	ratios := Supply(pointindex.Build(communes), people, homes, capacities)
	w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Homes: pointindex.Build(homes), Supply: ratios}
	total := 0.0
	for i, c := range communes {
		total += people[i] * evaluate(w, located(c))["place_supply_40km"].Float64() / 1000
	}
	if math.Abs(total-50) > 1e-9 {
		t.Errorf("%v places are reached, 50 exist", total)
	}
	capacities[1] = math.NaN()
	w.Supply = Supply(pointindex.Build(communes), people, homes, capacities)
	if v := evaluate(w, located(home))["place_supply_40km"]; !v.IsNull() {
		t.Errorf("with an unknown capacity in reach: %s", v.Format())
	}
	if v := evaluate(w, located(at(-65_000, 0)))["place_supply_40km"]; v.IsNull() {
		t.Error("an unknown capacity out of reach does not matter")
	}
}

// TestWhyUnknown: each unknown value has its reason, and known ones none.
func TestWhyUnknown(t *testing.T) {
	w := &World{
		Zones:   NewZones(kinds, []ZoneRef{squareZone("qpv", "A", 0, 0, 500)}),
		Places:  map[string]*Places{"police": NewPlaces([]PlaceRef{{ID: "p", Point: at(100, 0)}})},
		Context: map[string]CommuneContext{"00001": {CrimeRate: 3, PoorShare: math.NaN()}}, Radii: DefaultRadii,
	}
	catalogue := Catalogue(kinds, DefaultRadii)
	why := func(s Subject) map[string]Reason {
		e := w.NewEvaluator()
		e.Begin(s)
		out := map[string]Reason{}
		for i := range catalogue {
			in := &catalogue[i]
			out[in.ID] = in.Why(e)
			if (out[in.ID] == Known) == in.Of(e).IsNull() {
				t.Errorf("%s: reason %q for %q", in.ID, out[in.ID], in.Of(e).Format())
			}
			if l := out[in.ID].Label(); l.FR == "" || l.EN == "" {
				t.Errorf("reason %q has no words", out[in.ID])
			}
		}
		return out
	}
	s := located(home)
	s.CommuneCode = "00001"
	got := why(s)
	for id, want := range map[string]Reason{
		"in_zone": Known, "qrr_in_zone": ReasonNotLoaded, "nearest_school_distance_m": ReasonNotLoaded, "crime_context_rate": Known,
		"commune_poor_share": ReasonUnpublished, "nearest_police_is_open_at_night": ReasonNoHours, "police_access_time_min": ReasonAwaited,
		"poor_household_share_500m": ReasonNotLoaded, "homes_within_500m": ReasonNotLoaded,
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	if got := why(Subject{Status: NotLocated, CommuneCode: "00001"}); got["in_zone"] != ReasonNotLocated || got["crime_context_rate"] != Known {
		t.Errorf("not located: %q, %q", got["in_zone"], got["crime_context_rate"])
	}
}

// TestRowKeepsValues: a row gives back what the indicators gave.
func TestRowKeepsValues(t *testing.T) {
	w := &World{
		Zones: NewZones(kinds, []ZoneRef{squareZone("qpv", "A", 900, 0, 500)}), Radii: DefaultRadii, Homes: pointindex.Build([]orb.Point{home}),
		Places: map[string]*Places{"police": NewPlaces([]PlaceRef{{ID: "p", Point: at(100, 0)}})},
	}
	catalogue := Catalogue(kinds, DefaultRadii)
	for _, s := range []Subject{{Status: Computed, Point: home, Sigma: 10}, {Status: NotLocated, Self: -1}} {
		e := w.NewEvaluator()
		e.Begin(s)
		row := MeasureRow(catalogue, e).Append(nil, catalogue)
		for i := range catalogue {
			if want := catalogue[i].Of(e); row[i] != want && !(row[i].IsNull() && want.IsNull()) {
				t.Errorf("%s: %q, want %q", catalogue[i].ID, row[i].Format(), want.Format())
			}
		}
	}
}
