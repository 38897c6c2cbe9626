package exposure

import (
	"math"
	"testing"
)

func peopled(z ZoneRef, n int) ZoneRef {
	z.Population = &n
	return z
}

func population(t *testing.T, zones ...ZoneRef) (Value, Reason) {
	t.Helper()
	e := (&World{Zones: NewZones(kinds, zones), Radii: DefaultRadii}).NewEvaluator()
	e.Begin(located(home))
	for _, in := range Catalogue(kinds, DefaultRadii) {
		if in.ID == "zone_population_1000m" {
			return in.Of(e), in.Why(e)
		}
	}
	t.Fatal("no such indicator")
	return Null, Known
}

func TestZonePopulation(t *testing.T) {
	inside := squareZone("qpv", "A", 300, 0, 200)
	straddling := squareZone("qpv", "B", -1000, 0, 1) // half of it within
	far := squareZone("qpv", "C", 5000, 0, 200)
	police := squareZone("qrr", "D", 300, 0, 400) // over A
	for name, c := range map[string]struct {
		zones  []ZoneRef
		want   float64 // NaN: unknown
		reason Reason
	}{
		"all of a zone":               {[]ZoneRef{peopled(inside, 1200)}, 1200, Known},
		"the part within":             {[]ZoneRef{peopled(inside, 1200), peopled(straddling, 800)}, 1600, Known},
		"a zone without people":       {[]ZoneRef{peopled(inside, 0)}, 0, Known},
		"none near":                   {[]ZoneRef{peopled(far, 500)}, 0, Known},
		"unknown, but beyond":         {[]ZoneRef{peopled(inside, 1200), far}, 1200, Known},
		"known and unknown":           {[]ZoneRef{peopled(inside, 1200), straddling}, math.NaN(), ReasonNoFigure},
		"known only beyond":           {[]ZoneRef{inside, peopled(far, 500)}, math.NaN(), ReasonNoFigure},
		"no population":               {[]ZoneRef{inside}, math.NaN(), ReasonNotLoaded},
		"no zone":                     {nil, math.NaN(), ReasonNotLoaded},
		"another kind over it":        {[]ZoneRef{peopled(inside, 1200), peopled(police, 9000)}, 1200, Known},
		"another kind without people": {[]ZoneRef{peopled(inside, 1200), police}, 1200, Known},
		"another kind only":           {[]ZoneRef{peopled(police, 9000)}, math.NaN(), ReasonNotLoaded},
	} {
		got, reason := population(t, c.zones...)
		if f := got.Float64(); reason != c.reason || math.IsNaN(f) != math.IsNaN(c.want) || math.Abs(f-c.want) > 0.5 {
			t.Errorf("%s: %q (%s), want %v (%s)", name, got.Format(), reason, c.want, c.reason)
		}
	}
}

// What a site keeps from one snapshot to the next rests on Present.
func TestPresentTellsOfPopulations(t *testing.T) {
	z := squareZone("qpv", "A", 300, 0, 200)
	without, with := NewZones(kinds, []ZoneRef{z}).Present(), NewZones(kinds, []ZoneRef{peopled(z, 5)}).Present()
	if len(without) != len(with) || without[0] != with[0] || without[1] || !with[1] {
		t.Errorf("%v, with a population %v", without, with)
	}
}

func TestZonePopulationDoesNotAllocate(t *testing.T) {
	w := &World{Zones: NewZones(kinds, []ZoneRef{peopled(squareZone("qpv", "A", 300, 0, 200), 1200), peopled(squareZone("qpv", "B", -900, 0, 300), 50)}), Radii: DefaultRadii}
	e, in := w.NewEvaluator(), populationIndicators(kinds)[0]
	measure := func() {
		e.Begin(located(home))
		in.Of(e)
	}
	measure()
	if n := testing.AllocsPerRun(100, measure); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
}
