package snapshot

import (
	"math"
	"strings"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Explanation says how exposed a site is, why, and how sure that is.
type Explanation struct {
	SiteID string `json:"site_id"`
	Name   string `json:"name"`
	// Status is that of the score: computed, pending, incomplete or not_located.
	Status string `json:"status"`
	// Score, Low and High are 0–100; nil unless Status is computed.
	Score *float64 `json:"score"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	// Class is 1 (lowest) to 5, 0 when indeterminate.
	Class      int       `json:"class"`
	ClassLabel data.Text `json:"class_label"`
	// ClassProbabilities are those of each class, lowest first.
	ClassProbabilities []float64 `json:"class_probabilities,omitempty"`
	Rank               int       `json:"rank,omitempty"`
	RankLow            int       `json:"rank_low,omitempty"`
	RankHigh           int       `json:"rank_high,omitempty"`
	Ranked             int       `json:"ranked,omitempty"`
	// Summary is one sentence on the score and its uncertainty.
	Summary data.Text `json:"summary"`
	// MissingPillars leave the score incomplete.
	MissingPillars []data.Text `json:"missing_pillars,omitempty"`
	// Reasons are what counts, largest part first.
	Reasons []Reason `json:"reasons"`
	// Nearby are the nearest zone of each kind and place of each theme.
	Nearby  []NearbySite `json:"nearby"`
	Profile ProfileRef   `json:"profile"`
}

// Reason is one indicator's part in the score.
type Reason struct {
	Indicator string    `json:"indicator"`
	Label     data.Text `json:"label"`
	Pillar    data.Text `json:"pillar"`
	// Value is in Unit, nil when unknown.
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	// Weight and Share are 0–1; shares of all reasons sum to 1. Points sum to the score.
	Weight   float64   `json:"weight"`
	Share    float64   `json:"share"`
	Points   float64   `json:"points"`
	Sentence data.Text `json:"sentence"`
}

// NearbySite is the nearest zone or place of a kind.
type NearbySite struct {
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	DistanceM float64   `json:"distance_m"`
	Bearing   *float64  `json:"bearing_deg"` // clockwise from north; nil inside a zone
	Sentence  data.Text `json:"sentence"`
}

// ProfileRef names the method of a score.
type ProfileRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	Seed    uint64 `json:"seed"`
	Draws   int    `json:"draws"`
}

// Explain explains a site's score; false when the viewer may not know that it exists.
func (s *Service) Explain(sn *Snapshot, v data.Viewer, id string) (*Explanation, bool) {
	if v.Precision() != data.ViewExact {
		return nil, false
	}
	i, ok := search(len(sn.sites), func(i int) string { return sn.sites[i].ID }, id)
	if !ok || !v.SeesSite(&sn.sites[i].Site) {
		return nil, false
	}
	site := &sn.sites[i]
	profile := s.inputs.scorer.Profile()
	out := &Explanation{
		SiteID: site.ID, Name: site.Name, Status: scoreUnlocated, Reasons: []Reason{}, Nearby: []NearbySite{},
		ClassLabel: data.Text(profile.Classes.Label(score.Indeterminate)),
		Profile:    ProfileRef{Name: profile.Name, Version: profile.Version, Hash: sn.profileHash, Seed: profile.Seed, Draws: profile.Draws},
	}
	if site.home < 0 {
		out.Summary = data.Text{
			FR: "Ce foyer est fermé ou n’est pas localisé assez précisément\u00a0: son exposition est inconnue, ce qui ne veut pas dire faible.",
			EN: "This home is closed or not located precisely enough: its exposure is unknown, which does not mean low.",
		}
		return out, true
	}
	zones, places := nearby(sn.world, site)
	out.Nearby = append(append(out.Nearby, zones...), places...)
	var result score.Result
	ok = false
	if sn.scores != nil {
		result, ok = sn.scores.Result(site.ID)
	}
	switch {
	case !ok:
		out.Status = scorePending
		out.Summary = data.Text{FR: "Le score est en cours de calcul.", EN: "The score is being computed."}
		return out, true
	case !result.Complete:
		out.Status = scoreIncomplete
		var fr, en []string
		for _, pillar := range profile.Pillars {
			for _, missing := range result.MissingPillars {
				if pillar.ID == missing {
					out.MissingPillars = append(out.MissingPillars, data.Text(pillar.Label))
					fr, en = append(fr, pillar.Label.FR), append(en, pillar.Label.EN)
				}
			}
		}
		out.Summary = data.Text{
			FR: "Score incomplet\u00a0: aucune donnée pour «\u00a0" + strings.Join(fr, ", ") + "\u00a0». L’exposition est inconnue, ce qui ne veut pas dire faible.",
			EN: "Incomplete score: no data for “" + strings.Join(en, ", ") + "”. The exposure is unknown, which does not mean low.",
		}
		return out, true
	}
	out.Status = scoreComputed
	out.Score, out.Low, out.High = &result.Score, &result.Low, &result.High
	out.Class, out.ClassLabel = result.Class+1, data.Text(profile.Classes.Label(result.Class))
	out.ClassProbabilities = result.ClassProbabilities
	out.Rank, out.RankLow, out.RankHigh, out.Ranked = result.Rank.Rank, result.RankLow, result.RankHigh, result.Ranked
	out.Summary = summary(&result, out.ClassLabel)
	pillars := map[string]data.Text{}
	for _, p := range profile.Pillars {
		pillars[p.ID] = data.Text(p.Label)
	}
	for _, c := range result.Contributions {
		out.Reasons = append(out.Reasons, s.reason(&c, pillars, out.Nearby))
	}
	return out, true
}

func summary(r *score.Result, class data.Text) data.Text {
	round := func(f float64) string { return data.Number(math.Round(f)).Format() }
	out := data.Text{
		FR: "Exposition du lieu " + class.FR + "\u00a0: " + round(r.Score) + " sur 100, entre " + round(r.Low) + " et " + round(r.High) + " avec 90\u00a0% de probabilité.",
		EN: "Exposure of the place " + class.EN + ": " + round(r.Score) + " out of 100, between " + round(r.Low) + " and " + round(r.High) + " with 90% probability.",
	}
	if r.Class == score.Indeterminate {
		out.FR = "Exposition du lieu indéterminée\u00a0: " + round(r.Score) + " sur 100, entre " + round(r.Low) + " et " + round(r.High) + " avec 90\u00a0% de probabilité, ce qui ne permet pas de donner une classe."
		out.EN = "Exposure of the place indeterminate: " + round(r.Score) + " out of 100, between " + round(r.Low) + " and " + round(r.High) + " with 90% probability, which does not allow a class."
	}
	return out
}

// reason words a contribution: where it rests on the nearest zone or place, that one is named.
func (s *Service) reason(c *score.Contribution, pillars map[string]data.Text, near []NearbySite) Reason {
	out := Reason{Indicator: c.Indicator, Pillar: pillars[c.Pillar], Weight: c.Weight, Share: c.Share, Points: c.Points}
	value := data.Null
	if c.Known {
		v := c.Value
		out.Value = &v
		value = data.Number(v)
	}
	for i := range siteIndicators {
		if siteIndicators[i].ID == c.Indicator {
			out.Label, out.Unit = siteIndicators[i].Label, siteIndicators[i].Unit
			out.Sentence = siteIndicators[i].Sentence(value)
		}
	}
	if !c.Known {
		return out
	}
	for _, n := range near {
		if c.Indicator == n.Kind+"_nearest_zone_distance_m" || c.Indicator == "nearest_"+n.Kind+"_distance_m" {
			out.Sentence = n.Sentence
		}
	}
	return out
}

// nearby finds the nearest zone of each kind and place of each theme.
func nearby(world *exposure.World, site *siteRecord) (zones, places []NearbySite) {
	at := site.Position.Point
	row := func(n exposure.Nearby, sentence exposure.Text) NearbySite {
		out := NearbySite{Kind: n.Kind, ID: n.ID, Name: n.Name, DistanceM: n.Distance, Sentence: sentence}
		if n.Distance > 0 {
			out.Bearing = &n.Bearing
		}
		return out
	}
	for _, kind := range ZoneKindsWithIndicators() {
		if n, ok := world.NearestZone(kind, at); ok {
			zones = append(zones, row(n, exposure.ZoneSentence(n)))
		}
	}
	for _, theme := range exposure.Themes() {
		if n, ok := world.NearestPlace(theme, at); ok {
			places = append(places, row(n, exposure.PlaceSentence(n)))
		}
	}
	return zones, places
}
