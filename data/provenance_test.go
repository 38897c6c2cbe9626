package data_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"vigie/data"
)

func TestProvenanceIsOneObjectOfStrings(t *testing.T) {
	p := data.Provenance{
		Release: "2026-10-01", ProfileHash: "ab12", Precision: data.ViewMasked, Purpose: "Étude </script> \"x\"", Recipient: "analyste",
		Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600)), Licence: "etalab-2.0",
		GeneratedAt: time.Date(2026, 11, 24, 12, 0, 0, 5, time.UTC), Generator: "Vigie 1.0", Mark: "K7Q2",
	}
	var got map[string]string
	if err := json.Unmarshal(p.JSON(), &got); err != nil {
		t.Fatalf("%v in %s", err, p.JSON())
	}
	want := map[string]string{
		"release": "2026-10-01", "profile_hash": "ab12", "precision": "masked", "purpose": "Étude </script> \"x\"", "recipient": "analyste",
		"expires": "2026-12-31T23:00:00Z", "licence": "etalab-2.0", "generated_at": "2026-11-24T12:00:00Z", "generator": "Vigie 1.0", "mark": "K7Q2",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	for _, e := range p.Entries() {
		if e.Label.FR == "" || e.Label.EN == "" || e.Value.FR == "" {
			t.Errorf("%s is not in both languages", e.Name)
		}
	}
	if n := slices.IndexFunc(p.Entries(), func(e data.ProvenanceEntry) bool { return e.Name == "recipient" }); n != 0 {
		t.Error("the recipient does not come first")
	}
}

func TestUnknownProvenanceIsLeftOut(t *testing.T) {
	var p data.Provenance
	if got := string(p.JSON()); got != "{}" || len(p.Entries()) > 0 {
		t.Errorf("got %s, %v", got, p.Entries())
	}
}
