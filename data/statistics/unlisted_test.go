package statistics

import (
	"math"
	"reflect"
	"testing"

	"vigie/data"
	"vigie/data/snapshot"
)

// TestRule3UnlistedHomesAreInNoFigure: whoever takes away what the public register gives has
// nothing left, however many homes it lacks.
func TestRule3UnlistedHomesAreInNoFigure(t *testing.T) {
	t.Parallel()
	store, sn := demonstration(t)
	before, err := Read(sn, statistician, "2026-09-30")
	if err != nil {
		t.Fatal(err)
	}
	var b data.Batch
	for i := range 12 {
		places := 10
		s := data.StoredSite{Version: 1, Site: data.Site{
			ID: string(rune('a' + i)), Name: "Foyer fictif", Kind: "mecs", Category: "177", Status: data.SiteOpen, DepartmentCode: data.FictitiousDepartment, Capacity: &places,
		}}
		if i%2 == 0 {
			s.FINESS, s.Kind, s.Category = "00000090"+s.ID, "living_place", "462"
		}
		b.PutSites = append(b.PutSites, s)
	}
	if err := store.Write(t.Context(), statistician, &b, data.AuditEntry{At: november, Subject: "test", Action: "test"}); err != nil {
		t.Fatal(err)
	}
	now := current(t, store)
	after, err := Read(now, statistician, "2026-09-30")
	if err != nil {
		t.Fatal(err)
	}
	view, _ := now.Collection(statistician, data.LayerSites)
	page := view.Query(snapshot.Query{Limit: math.MaxInt, Equal: map[string]string{"kind": "living_place"}})
	if len(before.Homes) < 30 || page.Matched < 6 {
		t.Fatalf("%d homes, %d living places: too few for a test", len(before.Homes), page.Matched)
	}
	if !reflect.DeepEqual(placesOf(after), placesOf(before)) {
		t.Errorf("%d homes were counted, %d with those that the register lacks", len(before.Homes), len(after.Homes))
	}
	if e, err := Freeze(t.Context(), store, now, statistician, Request{Quarter: "2026-Q3", Now: november}); err != nil || !e.ListedOnly {
		t.Errorf("%+v, %v", e, err)
	}
}

// placesOf lists what the homes of a register add to totals.
func placesOf(r *Register) (out []int) {
	for _, h := range r.Homes {
		places := -1
		if h.Places != nil {
			places = *h.Places
		}
		out = append(out, places)
	}
	return out
}
