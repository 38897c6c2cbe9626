package territory_test

import (
	"testing"

	"github.com/paulmach/orb"

	"vigie/data/territory"
)

func TestOutside(t *testing.T) {
	for _, tt := range []struct {
		department string
		point      orb.Point
		outside    bool
	}{
		{"01", orb.Point{5.23, 46.2}, false},      // within the Ain
		{"01", orb.Point{2.35, 48.86}, true},      // Paris
		{"13", orb.Point{5.37, 43.30}, false},     // on the coast
		{"13", orb.Point{5.37, 42.9}, true},       // at sea
		{"974", orb.Point{55.45, -20.88}, false},  // Réunion
		{"974", orb.Point{45.2, -12.8}, true},     // Mayotte
		{"2A", orb.Point{8.74, 41.93}, false},     // southern Corsica
		{"00", orb.Point{2.1, 46.4}, false},       // fictitious: no outline
		{"92", orb.Point{2.3351, 48.8280}, false}, // Paris, under 2 km from the border
		{"92", orb.Point{2.40, 48.86}, true},      // eastern Paris
	} {
		if got := territory.Outside(tt.department, tt.point); got != tt.outside {
			t.Errorf("%v outside %s: %t", tt.point, tt.department, got)
		}
	}
}
