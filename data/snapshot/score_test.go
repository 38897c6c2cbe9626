package snapshot_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
)

// scored is a house with zones and police, so that both pillars of the built-in profile are known.
func scored(t *testing.T) *house {
	h := open(t)
	h.write(data.Batch{
		PutZones: []data.Zone{zone(data.ZoneQPV, "2024", "QN00001X", 0, 0, 300)}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"},
		PutPlaces: []data.Place{
			{ID: "police", Kind: "police", Name: "Poste fictif", Position: &data.Position{Point: plane.Inverse(4000, 0), Precision: data.PrecisionSurveyed}},
			{ID: "school", Kind: "school", Name: "École fictive", Position: &data.Position{Point: plane.Inverse(400, 300), Precision: data.PrecisionSurveyed}},
			// The far home is as well surrounded as the near one.
			{ID: "police 2", Kind: "police", Name: "Poste fictif", Position: &data.Position{Point: plane.Inverse(9000, 3900), Precision: data.PrecisionSurveyed}},
			{ID: "school 2", Kind: "school", Name: "École fictive", Position: &data.Position{Point: plane.Inverse(9300, 300), Precision: data.PrecisionSurveyed}},
			{ID: "hospital 2", Kind: "hospital", Name: "Hôpital fictif", Position: &data.Position{Point: plane.Inverse(9000, -9100), Precision: data.PrecisionSurveyed}},
			{ID: "hospital", Kind: "hospital", Name: "Hôpital fictif", Position: &data.Position{Point: plane.Inverse(-9000, 0), Precision: data.PrecisionSurveyed}},
		},
		PutSites: []data.StoredSite{site("near", "03", 100, 0), site("far", "03", 9000, 0), site("other", "63", 500, 0)},
	})
	return h
}

func number(t *testing.T, p map[string]data.Value, name string) float64 {
	t.Helper()
	f, ok := p[name].Float()
	if !ok {
		t.Fatalf("%s is unknown", name)
	}
	return f
}

func TestScoreOfSites(t *testing.T) {
	h := scored(t)
	near, far := h.properties(operator, data.LayerSites, "near"), h.properties(operator, data.LayerSites, "far")
	for name, p := range map[string]map[string]data.Value{"near": near, "far": far} {
		if got := p["exposure_status"].Format(); got != "computed" {
			t.Fatalf("%s: status %q", name, got)
		}
		low, mid, high := number(t, p, "exposure_low"), number(t, p, "exposure_score"), number(t, p, "exposure_high")
		if !(0 <= low && low <= mid && mid <= high && high <= 100) {
			t.Errorf("%s: %v ≤ %v ≤ %v", name, low, mid, high)
		}
	}
	if number(t, near, "exposure_score") <= number(t, far, "exposure_score") {
		t.Error("a home inside a zone is more exposed than one 9 km away")
	}
	if number(t, near, "exposure_rank") != 1 || number(t, far, "exposure_rank") != 2 {
		t.Error("ranks within the département")
	}
	if number(t, h.properties(operator, data.LayerSites, "other"), "exposure_rank") != 1 {
		t.Error("another département has ranks of its own")
	}
}

func TestScoreIsIncompleteWithoutAPillar(t *testing.T) {
	h := open(t)
	h.write(data.Batch{PutSites: []data.StoredSite{site("a", "03", 0, 0)}, PutZones: []data.Zone{zone(data.ZoneQPV, "2024", "QN00001X", 0, 0, 300)}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	p := h.properties(operator, data.LayerSites, "a")
	if p["exposure_status"].Format() != "incomplete" || !p["exposure_score"].IsNull() || p["exposure_unknown"].Format() != "guardianship_deficit" {
		t.Errorf("status %q, score %q, unknown %q", p["exposure_status"].Format(), p["exposure_score"].Format(), p["exposure_unknown"].Format())
	}
}

func TestScoreOfUnlocatedSite(t *testing.T) {
	h := scored(t)
	s := site("near", "03", 0, 0)
	s.Position, s.Version = nil, 2
	h.write(data.Batch{PutSites: []data.StoredSite{s}})
	p := h.properties(operator, data.LayerSites, "near")
	if p["exposure_status"].Format() != "not_located" || !p["exposure_score"].IsNull() {
		t.Errorf("status %q, score %q", p["exposure_status"].Format(), p["exposure_score"].Format())
	}
	if number(t, h.properties(operator, data.LayerSites, "far"), "exposure_rank") != 1 {
		t.Error("the others are ranked again")
	}
}

// TestPreciserPositionNarrowsTheInterval: a street address is known less well than a house number.
func TestPreciserPositionNarrowsTheInterval(t *testing.T) {
	h := scored(t)
	width := func() float64 {
		p := h.properties(operator, data.LayerSites, "near")
		return number(t, p, "exposure_high") - number(t, p, "exposure_low")
	}
	precise := width()
	s := site("near", "03", 100, 0)
	s.Position.Precision, s.Version = data.PrecisionStreet, 2
	h.write(data.Batch{PutSites: []data.StoredSite{s}})
	if vague := width(); !(vague > precise) {
		t.Errorf("interval %v with a house number, %v with a street", precise, vague)
	}
}

// TestScoresComeLater: beyond the limit sites are served at once, their score pending.
func TestScoresComeLater(t *testing.T) {
	h := scored(t)
	ctx := context.Background()
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	first := service.Current()
	etag := first.ETag(operator, data.LayerSites)
	deadline := time.Now().Add(20 * time.Second)
	for service.Current() == first {
		if time.Now().After(deadline) {
			t.Fatal("the scores never came")
		}
		time.Sleep(time.Millisecond)
	}
	if service.Current().ETag(operator, data.LayerSites) == etag {
		t.Error("the scores came without a new ETag")
	}
	late := house{t, h.store, service}
	a, b := late.properties(operator, data.LayerSites, "near"), h.properties(operator, data.LayerSites, "near")
	if math.Abs(number(t, a, "exposure_score")-number(t, b, "exposure_score")) > 0 || fmt.Sprint(a["exposure_low"]) != fmt.Sprint(b["exposure_low"]) {
		t.Error("scored later, the same result is expected")
	}
}

// TestWritesWhileScoring: whenever writes come while scores are computed, all scores come in
// the end, and are those of a fresh start.
func TestWritesWhileScoring(t *testing.T) {
	h := scored(t)
	ctx := context.Background()
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	late := house{t, h.store, service}
	for i := range 5 {
		s := site("far", "03", 9000+float64(i), 0)
		s.Version = int64(i + 2)
		late.write(data.Batch{PutSites: []data.StoredSite{s, site(fmt.Sprint("more", i), "63", 400*float64(i), 300)}})
		if got := late.properties(operator, data.LayerSites, "far")["exposure_status"].Format(); got != "pending" && got != "computed" {
			t.Errorf("status %q", got)
		}
	}
	closed := site("more1", "63", 400, 300)
	closed.Version, closed.Status = 2, data.SiteClosed
	late.write(data.Batch{PutSites: []data.StoredSite{closed}})
	fresh, err := snapshot.Open(ctx, h.store, snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := house{t, h.store, fresh}
	c, _ := fresh.Current().Collection(operator, data.LayerSites)
	deadline := time.Now().Add(60 * time.Second)
	for _, id := range ids(t, c, snapshot.Query{Limit: 100, Status: "all"}) {
		for late.properties(operator, data.LayerSites, id)["exposure_status"].Format() == "pending" {
			if time.Now().After(deadline) {
				t.Fatalf("the score of %s never came", id)
			}
			time.Sleep(time.Millisecond)
		}
	}
	for _, id := range ids(t, c, snapshot.Query{Limit: 100, Status: "all"}) {
		if a, b := late.properties(operator, data.LayerSites, id), want.properties(operator, data.LayerSites, id); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v, want %v", id, a, b)
		}
	}
}

func TestExplanation(t *testing.T) {
	h := scored(t)
	sn := h.service.Current()
	x, ok := h.service.Explain(sn, operator, "near")
	if !ok || x.Status != "computed" {
		t.Fatalf("explanation: %v %+v", ok, x)
	}
	points, shares := 0.0, 0.0
	for _, r := range x.Reasons {
		points, shares = points+r.Points, shares+r.Share
		if r.Sentence.FR == "" || r.Sentence.EN == "" || r.Label.FR == "" || r.Pillar.FR == "" {
			t.Errorf("%s lacks words: %+v", r.Indicator, r)
		}
	}
	if math.Abs(points-*x.Score) > 1e-9 || math.Abs(shares-1) > 1e-9 {
		t.Errorf("points sum to %v for a score of %v, shares to %v", points, *x.Score, shares)
	}
	for _, n := range x.Nearby {
		if n.Kind == "police" && (n.ID != "police" || math.Abs(n.DistanceM-3900) > 1 || math.Abs(*n.Bearing-90) > 0.5) {
			t.Errorf("nearest police: %+v", n)
		}
		if n.Kind == "qpv" && (n.DistanceM != 0 || n.Bearing != nil) {
			t.Errorf("inside a zone there is no bearing: %+v", n)
		}
	}
	inspector := data.NewViewer(data.ViewerSpec{Subject: "x", Precision: data.ViewExact, Departments: []string{"63"}})
	if _, ok := h.service.Explain(sn, inspector, "near"); ok {
		t.Error("a site out of scope is explained")
	}
	if _, ok := h.service.Explain(sn, data.NewViewer(data.ViewerSpec{Subject: "x", Precision: data.ViewMasked}), "near"); ok {
		t.Error("a masked viewer gets an exact explanation")
	}
	if _, ok := h.service.Explain(sn, operator, "nobody"); ok {
		t.Error("an unknown site is explained")
	}
}
