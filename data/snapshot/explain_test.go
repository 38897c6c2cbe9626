package snapshot_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/score"
)

func explained(t *testing.T, h *house, v data.Viewer, id string) *snapshot.Explanation {
	t.Helper()
	x, ok := h.service.Explain(h.service.Current(), v, id)
	if !ok {
		t.Fatalf("%s is not explained", id)
	}
	return x
}

// TestSummarySaysTheProfilesInterval, and which pillar makes most of the score.
func TestSummarySaysTheProfilesInterval(t *testing.T) {
	h := scored(t)
	profile := score.Default()
	profile.Interval = 0.5
	service, err := snapshot.Open(context.Background(), h.store, snapshot.Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	x := explained(t, &house{t, h.store, service}, operator, "near")
	if !strings.Contains(x.Summary.FR, "(intervalle à 50\u00a0%\u00a0: de ") || !strings.Contains(x.Summary.EN, "(50% interval: ") || x.Interval != 0.5 {
		t.Errorf("%v, %q", x.Interval, x.Summary)
	}
	if wide := explained(t, h, operator, "near"); !strings.Contains(wide.Summary.FR, "intervalle à 90\u00a0%") || *wide.High-*wide.Low <= *x.High-*x.Low {
		t.Errorf("%q beside %q", wide.Summary.FR, x.Summary.FR)
	}
	shares := map[string]float64{}
	far := explained(t, h, operator, "far")
	for _, r := range far.Reasons {
		shares[r.Pillar.FR] += r.Share
	}
	named := 0
	for pillar, share := range shares {
		if said := strings.Contains(far.Summary.FR, "tient surtout à «\u00a0"+pillar+"\u00a0»"); said != (share >= 0.6) {
			t.Errorf("%s makes %v of %q", pillar, share, far.Summary.FR)
		} else if said {
			named++
		}
	}
	if named != 1 {
		t.Errorf("%d pillars are named: %q, %v", named, far.Summary.FR, shares)
	}
}

// TestClosedIsNotVague: a closed home and one that is not located have words of their own.
func TestClosedIsNotVague(t *testing.T) {
	h := scored(t)
	closed, vague := site("near", "03", 0, 0), site("far", "03", 9000, 0)
	closed.Status, closed.Version = data.SiteClosed, 2
	vague.Position.Precision, vague.Version = data.PrecisionCommune, 2
	h.write(data.Batch{PutSites: []data.StoredSite{closed, vague}})
	if got := explained(t, h, operator, "near").Summary.FR; !strings.Contains(got, "fermé") || strings.Contains(got, "position") {
		t.Errorf("closed: %q", got)
	}
	if got := explained(t, h, operator, "far").Summary.FR; strings.Contains(got, "fermé") || !strings.Contains(got, "pas assez précisément") {
		t.Errorf("vague: %q", got)
	}
}

// TestVaguePositionsAreNotInsideForSure: the sentence has the probability where a street
// alone is known, and so has the figure, which lies in its interval and its class.
func TestVaguePositionsAreNotInsideForSure(t *testing.T) {
	h := scored(t)
	sentence := func() string {
		for _, n := range explained(t, h, operator, "near").Nearby {
			if n.Kind == "qpv" {
				return n.Sentence.FR
			}
		}
		t.Fatal("no zone is near")
		return ""
	}
	if got := sentence(); !strings.HasPrefix(got, "Le foyer est dans ") {
		t.Errorf("house number: %q", got)
	}
	precise := *explained(t, h, operator, "near").Score
	s := site("near", "03", 100, 0)
	s.Position.Precision, s.Version = data.PrecisionStreet, 2
	h.write(data.Batch{PutSites: []data.StoredSite{s}})
	if got := sentence(); !strings.Contains(got, "connue à 980\u00a0m près (95\u00a0%), le foyer serait dans ") || !strings.Contains(got, "probabilité") {
		t.Errorf("street: %q", got)
	}
	x := explained(t, h, operator, "near")
	if !(*x.Score < precise && *x.Low < *x.Score && *x.Score <= *x.High) {
		t.Errorf("%v in %v–%v, %v for the same point when known", *x.Score, *x.Low, *x.High, precise)
	}
	points := 0.0
	for _, r := range x.Reasons {
		points += r.Points
	}
	if math.Abs(points-*x.Score) > 1e-9 {
		t.Errorf("points sum to %v, score %v", points, *x.Score)
	}
}
