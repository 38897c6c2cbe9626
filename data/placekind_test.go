package data

import "testing"

// TestHospitalsReceiveEmergencies: what counts as a hospital has short-stay beds or an
// emergency department; long stay and psychiatry do not help in a crisis.
func TestHospitalsReceiveEmergencies(t *testing.T) {
	for code, want := range map[string]string{"D101": PlaceHospital, "d106": PlaceEmergency, "D102": "", "D103": "", "D104": "", "D105": ""} {
		if kind, _ := PlaceKindByBPE(code); kind.ID != want {
			t.Errorf("%s is %q, want %q", code, kind.ID, want)
		}
	}
}
