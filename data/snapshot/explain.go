package snapshot

import (
	"math"
	"strings"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Explanation says how exposed a site is, why, and how sure that is.
type Explanation struct {
	SiteID string `json:"site_id"`
	Name   string `json:"name"`
	Exposure
	// Restricted is the same with the police-restricted zones; nil without the right to
	// them over this home, and when there are none.
	Restricted *Exposure `json:"restricted,omitempty"`
}

// Exposure is a score and what it is made of.
type Exposure struct {
	// Status is that of the score: computed, pending, incomplete or not_located.
	Status string `json:"status"`
	// Score is the median over the possible positions and values, in the interval of Low and
	// High, which holds with the probability Interval (0–1). They are 0–100; nil unless
	// Status is computed.
	Score    *float64 `json:"score"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	Interval float64  `json:"interval"`
	// Class is 1 (lowest) to 5, 0 when indeterminate.
	Class      int       `json:"class"`
	ClassLabel data.Text `json:"class_label"`
	// ClassProbabilities are those of each class, lowest first.
	ClassProbabilities []float64 `json:"class_probabilities,omitempty"`
	// Ranks are of who sees every home of the département; 0 otherwise.
	Rank     int `json:"rank,omitempty"`
	RankLow  int `json:"rank_low,omitempty"`
	RankHigh int `json:"rank_high,omitempty"`
	Ranked   int `json:"ranked,omitempty"`
	// Summary is one sentence on the score, its uncertainty and what makes most of it.
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
	i, ok := sn.exactSite(v, id)
	if !ok {
		return nil, false
	}
	site := sn.sites[i]
	out := &Explanation{SiteID: site.ID, Name: site.Name, Exposure: *s.explain(sn, &sn.open, v, i)}
	if sn.restricted.world != nil && v.MayAt(data.RightRestricted, &site.Site) {
		out.Restricted = s.explain(sn, &sn.restricted, v, i)
	}
	return out, true
}

// exactSite finds a site that the viewer sees exactly.
func (sn *Snapshot) exactSite(v data.Viewer, id string) (int, bool) {
	i, ok := search(len(sn.sites), func(i int) string { return sn.sites[i].ID }, id)
	return i, ok && v.PrecisionOf(&sn.sites[i].Site) == data.ViewExact
}

// explain explains the score of one side.
func (s *Service) explain(sn *Snapshot, on *side, v data.Viewer, i int) *Exposure {
	site := sn.sites[i]
	profile := s.inputs.Scorer().Profile()
	out := &Exposure{
		Status: scoring.Unlocated, Reasons: []Reason{}, Nearby: []NearbySite{},
		Interval: profile.Interval, ClassLabel: data.Text(profile.Classes.Label(score.Indeterminate)),
		Profile: ProfileRef{Name: profile.Name, Version: profile.Version, Hash: sn.profileHash, Seed: profile.Seed, Draws: profile.Draws},
	}
	switch {
	case site.Status == data.SiteClosed:
		out.Summary = data.Text{FR: "Ce foyer est fermé\u00a0: il n’a pas de score.", EN: "This home is closed: it has no score."}
		return out
	case !site.home():
		out.Summary = data.Text{
			FR: "La position de ce foyer n’est pas connue, ou pas assez précisément\u00a0: son exposition est inconnue, ce qui ne veut pas dire faible.",
			EN: "The position of this home is not known, or not precisely enough: its exposure is unknown, which does not mean low.",
		}
		return out
	}
	subject := sn.subject(i)
	out.Nearby = append(out.Nearby, sn.nearby(on.world, v, subject)...)
	var result score.Result
	ok := false
	if scores := sn.scores(on, i); scores != nil {
		result, ok = scores.Result(site.ID)
	}
	switch {
	case !ok:
		out.Status = scoring.Pending
		out.Summary = data.Text{FR: "Le score est en cours de calcul.", EN: "The score is being computed."}
		return out
	case !result.Complete:
		out.Status = scoring.Incomplete
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
		return out
	}
	out.Status = scoring.Computed
	out.Score, out.Low, out.High = &result.Score, &result.Low, &result.High
	out.Class, out.ClassLabel = result.Class+1, data.Text(profile.Classes.Label(result.Class))
	out.ClassProbabilities = result.ClassProbabilities
	if sn.showsRanks(on, v, &site.Site) {
		out.Rank, out.RankLow, out.RankHigh, out.Ranked = result.Rank.Rank, result.RankLow, result.RankHigh, result.Ranked
	}
	pillars := map[string]data.Text{}
	for _, p := range profile.Pillars {
		pillars[p.ID] = data.Text(p.Label)
	}
	shares := map[string]float64{}
	deprivation := exposure.DeprivationIs(on.world, subject)
	for _, c := range on.scores.Contributions(site.ID) {
		out.Reasons = append(out.Reasons, s.reason(&c, pillars, out.Nearby, deprivation))
		shares[c.Pillar] += c.Share
	}
	out.Summary = summary(&result, out.ClassLabel, profile, shares)
	return out
}

// dominant is the share of the score above which one pillar makes most of it.
const dominant = 0.6

// summary is one sentence; shares are the pillars' of the score.
func summary(r *score.Result, class data.Text, profile *score.Profile, shares map[string]float64) data.Text {
	round := func(f float64) string { return data.Number(math.Round(f)).Format() }
	level := round(100 * profile.Interval)
	out := data.Text{
		FR: "Exposition du lieu " + class.FR + "\u00a0: " + round(r.Score) + " sur 100 (intervalle à " + level + "\u00a0%\u00a0: de " + round(r.Low) + " à " + round(r.High) + ")",
		EN: "Exposure of the place " + class.EN + ": " + round(r.Score) + " out of 100 (" + level + "% interval: " + round(r.Low) + " to " + round(r.High) + ")",
	}
	if r.Class == score.Indeterminate {
		out.FR += ", ce qui ne permet pas de donner une classe"
		out.EN += ", which does not allow a class"
	}
	for _, p := range profile.Pillars {
		if shares[p.ID] >= dominant {
			part := round(100 * shares[p.ID])
			out.FR += "\u00a0; elle tient surtout à «\u00a0" + p.Label.FR + "\u00a0» (" + part + "\u00a0% du score)"
			out.EN += "; it comes mostly from “" + p.Label.EN + "” (" + part + "% of the score)"
		}
	}
	return data.Text{FR: out.FR + ".", EN: out.EN + "."}
}

// reason words a contribution: where it rests on the nearest zone or place, that one is
// named, and of deprivation the indicator that stands for it.
func (s *Service) reason(c *score.Contribution, pillars map[string]data.Text, near []NearbySite, deprivation string) Reason {
	out := Reason{Indicator: c.Indicator, Pillar: pillars[c.Pillar], Weight: c.Weight, Share: c.Share, Points: c.Points}
	value := data.Null
	if c.Known {
		v := c.Value
		out.Value = &v
		value = data.Number(v)
	}
	for i := range siteIndicators {
		if in := &siteIndicators[i]; in.ID == c.Indicator {
			out.Label, out.Unit = in.Label, in.Unit
			out.Sentence = in.Sentence(value)
		}
	}
	if !c.Known {
		return out
	}
	if c.Indicator == exposure.Deprivation {
		out.Sentence = siteIndicators[indicatorAt(siteIndicators, deprivation)].Sentence(value)
	}
	for _, n := range near {
		if c.Indicator == n.Kind+"_nearest_zone_distance_m" || c.Indicator == "nearest_"+n.Kind+"_distance_m" {
			out.Sentence = n.Sentence
		}
	}
	return out
}

// nearby finds the nearest zone of each kind, when the viewer may see it, and the nearest
// place of each theme.
func (sn *Snapshot) nearby(world *exposure.World, v data.Viewer, at exposure.Subject) []NearbySite {
	var out []NearbySite
	add := func(n exposure.Nearby, sentence exposure.Text) {
		row := NearbySite{Kind: n.Kind, ID: n.ID, Name: n.Name, DistanceM: n.Distance, Sentence: sentence}
		if n.Distance > 0 {
			row.Bearing = &n.Bearing
		}
		out = append(out, row)
	}
	for _, kind := range ZoneKindsWithIndicators() {
		if n, ok := world.NearestZone(kind, at); ok && sn.showsZone(v, n) {
			add(n, exposure.ZoneSentence(n))
		}
	}
	for _, theme := range exposure.Themes() {
		if n, ok := world.NearestPlace(theme, at); ok {
			add(n, exposure.PlaceSentence(n))
		}
	}
	return out
}

// showsZone tells whether the viewer may see a zone of the current edition.
func (sn *Snapshot) showsZone(v data.Viewer, n exposure.Nearby) bool {
	for i := range sn.zones {
		if z := &sn.zones[i]; z.current && z.Code == n.ID && string(z.Kind) == n.Kind {
			return v.SeesZone(&z.Zone)
		}
	}
	return false
}

// Unknown is an indicator whose value is not known, and why.
type Unknown struct {
	Indicator string    `json:"indicator"`
	Label     data.Text `json:"label"`
	// Reason is a stable identifier, ReasonText the same in words.
	Reason     exposure.Reason `json:"reason"`
	ReasonText data.Text       `json:"reason_text"`
	// Missing says what an absent input does to this indicator.
	Missing data.Text `json:"missing"`
}

// Unknowns lists the indicators of a site, as the viewer has them, that are not known;
// false when the viewer may not know that the site exists.
func (sn *Snapshot) Unknowns(v data.Viewer, id string) ([]Unknown, bool) {
	i, ok := sn.exactSite(v, id)
	if !ok {
		return nil, false
	}
	site := sn.sites[i]
	out := []Unknown{}
	list := func(indicators []exposure.Indicator, world *exposure.World) {
		e := world.NewEvaluator()
		e.Begin(sn.subject(i))
		for i := range indicators {
			in := &indicators[i]
			if reason := in.Why(e); reason != exposure.Known {
				out = append(out, Unknown{Indicator: in.ID, Label: in.Label, Reason: reason, ReasonText: reason.Label(), Missing: in.Missing})
			}
		}
	}
	list(siteIndicators, sn.open.world)
	if v.MayAt(data.RightRestricted, &site.Site) {
		if sn.restricted.world != nil {
			list(layerIndicators, sn.restricted.world)
		}
		list(eventIndicators, sn.open.world)
	}
	return out, true
}
