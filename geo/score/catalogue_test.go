package score_test

import (
	"testing"

	"vigie/geo/exposure"
	"vigie/geo/score"
)

// TestDefaultProfileAgreesWithTheCatalogue: every indicator exists, and its goalposts
// go the way in which the catalogue says that it bears on exposure.
func TestDefaultProfileAgreesWithTheCatalogue(t *testing.T) {
	catalogue := map[string]exposure.Indicator{}
	for _, in := range exposure.OpenCatalogue([]string{"qpv", "qrr", "zsp"}, exposure.DefaultRadii) {
		catalogue[in.ID] = in
	}
	for _, e := range score.Default().Entries {
		in, ok := catalogue[e.Indicator]
		if !ok {
			t.Errorf("the catalogue has no %s", e.Indicator)
			continue
		}
		direction := exposure.Risk
		if e.Goalposts[0] > e.Goalposts[1] {
			direction = exposure.Protective
		}
		if in.Direction != direction {
			t.Errorf("%s: goalposts %v, but the catalogue says %s", e.Indicator, e.Goalposts, in.Direction)
		}
	}
}
