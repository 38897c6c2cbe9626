package siting

import (
	"context"
	"math"
	"strconv"

	"vigie/data"
	"vigie/geo/score"
	"vigie/geo/siting"
)

// Number is a number that may be unknown: NaN, null in JSON.
type Number float64

// MarshalJSON writes null for what is not finite.
func (n Number) MarshalJSON() ([]byte, error) {
	f := float64(n)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, f, 'g', 10, 64), nil
}

// Answer compares the candidates of a study.
type Answer struct {
	Study      StudyRef   `json:"study"`
	Method     Method     `json:"method"`
	Candidates []Assessed `json:"candidates"`
	// Existing are the homes of the département to compare with.
	Existing   []Existing `json:"existing"`
	Disclaimer data.Text  `json:"disclaimer"`
}

// StudyRef names the version of the study that was answered.
type StudyRef struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

// Exposure is a score of exposure, 0–100, with its interval; Class is the index of its
// class, −1 when none is likely enough.
type Exposure struct {
	Score Number `json:"score"`
	Low   Number `json:"low"`
	High  Number `json:"high"`
	Class int    `json:"class"`
}

// Assessed is a candidate and what is known of it.
type Assessed struct {
	ID         string        `json:"id"`
	Label      string        `json:"label"`
	Lon        float64       `json:"lon"`
	Lat        float64       `json:"lat"`
	Status     siting.Status `json:"status"`
	Failed     []Finding     `json:"failed"`
	Unverified []Finding     `json:"unverified"`
	Criteria   []Part        `json:"criteria"`
	Exposure   Exposure      `json:"exposure"`
	Score      Number        `json:"score"`
	Low        Number        `json:"score_low"`
	High       Number        `json:"score_high"`
	Rank       int           `json:"rank"` // 0 when not ranked
	RankLow    int           `json:"rank_low"`
	RankHigh   int           `json:"rank_high"`
	Front      bool          `json:"front"`
	FrontShare Number        `json:"front_share"`
	BestShare  Number        `json:"best_share"`
	Change     []data.Text   `json:"change"`
	Percentile Number        `json:"percentile_existing"`
}

// Finding is a constraint that a candidate fails, or that cannot be verified.
type Finding struct {
	Constraint int       `json:"constraint"`
	Text       data.Text `json:"text"`
	Value      Number    `json:"value"`
	Limit      Number    `json:"limit"`
}

// Part is what one criterion gives a candidate.
type Part struct {
	ID      string `json:"id"`
	Value   Number `json:"value"`
	Utility Number `json:"utility"`
	Weight  Number `json:"weight"`
	Points  Number `json:"points"`
}

// Existing is an existing home to compare with.
type Existing struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Exposure Exposure `json:"exposure"`
}

// Disclaimer goes with every answer.
var Disclaimer = data.Text{
	FR: "Aide à la décision\u00a0: l’exposition décrit un lieu, pas la qualité d’un accueil ni un danger certain. Distances à vol d’oiseau. À vérifier sur place avant toute décision.",
	EN: "Decision support: exposure describes a place, not the quality of care nor a certain danger. Straight-line distances. To be checked on site before any decision.",
}

// Answer compares the candidates of a study with each other and with the existing homes
// that the viewer sees exactly. It fails on a need that cannot be located
// (*data.InvalidError), and when ctx ends.
func (s *Service) Answer(ctx context.Context, v data.Viewer, d *data.Document, study *Study) (*Answer, error) {
	on := s.open(v, d.Department, study.OriginSiteID)
	if _, err := s.withStudy(ctx, on, d.Department, study); err != nil {
		return nil, err
	}
	measures, assessments, err := assess(ctx, on, study)
	if err != nil {
		return nil, err
	}
	on.method.Seed, on.method.Runs = study.Seed, study.Runs
	out := &Answer{
		Study: StudyRef{d.ID, d.Version}, Method: on.method, Candidates: []Assessed{}, Existing: []Existing{}, Disclaimer: Disclaimer,
	}
	for i := range assessments {
		out.Candidates = append(out.Candidates, assessed(&study.Candidates[i], &measures[i], &assessments[i]))
	}
	for i := range on.Existing {
		h := &on.Existing[i]
		out.Existing = append(out.Existing, Existing{ID: h.ID, Label: h.Name, Exposure: exposureOf(&h.Result)})
	}
	return out, nil
}

// assess measures and ranks the candidates of a study.
func assess(ctx context.Context, on *basis, study *Study) ([]siting.Measures, []siting.Assessment, error) {
	measures, err := measure(ctx, on, study.Candidates)
	if err != nil {
		return nil, nil, err
	}
	existing := make([]float64, len(on.Existing))
	for i := range on.Existing {
		existing[i] = on.Existing[i].Result.Score
	}
	method := &siting.Study{Criteria: study.Criteria, Constraints: study.Constraints, Runs: study.Runs, Seed: study.Seed}
	assessments, err := siting.Evaluate(ctx, method, measures, existing)
	return measures, assessments, err
}

func exposureOf(r *score.Result) Exposure {
	return Exposure{Number(r.Score), Number(r.Low), Number(r.High), r.Class}
}

func assessed(c *Candidate, m *siting.Measures, a *siting.Assessment) Assessed {
	out := Assessed{
		ID: c.ID, Label: c.Label, Lon: c.Lon, Lat: c.Lat, Status: a.Status, Failed: findings(a.Failed), Unverified: findings(a.Unverified),
		Criteria: []Part{}, Exposure: exposureOf(&m.Exposure), Score: Number(a.Score), Low: Number(a.Low), High: Number(a.High),
		Rank: a.Rank, RankLow: a.RankLow, RankHigh: a.RankHigh, Front: a.Front, FrontShare: Number(a.FrontShare), BestShare: Number(a.BestShare),
		Change: append([]data.Text{}, a.Change...), Percentile: Number(a.Percentile),
	}
	for _, p := range a.Criteria {
		out.Criteria = append(out.Criteria, Part{p.ID, Number(p.Value), Number(p.Utility), Number(p.Weight), Number(p.Points)})
	}
	return out
}

func findings(list []siting.Finding) []Finding {
	out := []Finding{}
	for _, f := range list {
		out = append(out, Finding{f.Constraint, f.Text, Number(f.Value), Number(f.Limit)})
	}
	return out
}
