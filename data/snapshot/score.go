package snapshot

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/score"
	"vigie/geo/validation"
)

// Statuses of a score.
const (
	scoreComputed   = "computed"
	scorePending    = "pending"    // being computed
	scoreIncomplete = "incomplete" // nothing is known in a pillar
	scoreUnlocated  = "not_located"
)

// scoreColumns are what a score gives of a site.
var scoreColumns = []data.Column{
	{Name: "exposure_status", Label: data.Text{FR: "État du score d’exposition du lieu", EN: "Status of the score of exposure of the place"}},
	{Name: "exposure_score", Label: data.Text{FR: "Exposition du lieu (0–100)", EN: "Exposure of the place (0–100)"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_low", Label: data.Text{FR: "Exposition\u00a0: borne basse (90 %)", EN: "Exposure: lower bound (90 %)"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_high", Label: data.Text{FR: "Exposition\u00a0: borne haute (90 %)", EN: "Exposure: upper bound (90 %)"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_class", Label: data.Text{FR: "Classe d’exposition (1 à 5, ou indéterminé)", EN: "Exposure class (1 to 5, or indeterminate)"}},
	{Name: "exposure_rank", Label: data.Text{FR: "Rang dans le département (1 = le plus exposé)", EN: "Rank within the département (1 = most exposed)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_rank_low", Label: data.Text{FR: "Rang\u00a0: borne haute (90 %)", EN: "Rank: most exposed bound (90 %)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_rank_high", Label: data.Text{FR: "Rang\u00a0: borne basse (90 %)", EN: "Rank: least exposed bound (90 %)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_top_decile_probability", Label: data.Text{FR: "Probabilité d’être dans le dixième le plus exposé", EN: "Probability of being in the most exposed tenth"}, Unit: "1", Type: data.TypeNumber, Decimals: 3},
	{Name: "exposure_unknown", Label: data.Text{FR: "Indicateurs du score inconnus ici", EN: "Indicators of the score unknown here"}},
	{Name: "exposure_profile", Label: data.Text{FR: "Empreinte du profil de score", EN: "Hash of the score profile"}},
}

// inputs are the catalogue entries that a profile uses, in the scorer's order.
type inputs struct {
	scorer *score.Scorer
	// entries and columns are aligned with the scorer's indicators: the catalogue's
	// entry and its place in siteIndicators, −1 for an indicator that no site has.
	entries []exposure.Indicator
	columns []int
}

func newInputs(scorer *score.Scorer) *inputs {
	in := &inputs{scorer: scorer}
	for _, id := range scorer.Indicators() {
		column := -1
		for i := range siteIndicators {
			if siteIndicators[i].ID == id {
				column = i
			}
		}
		in.columns = append(in.columns, column)
		if column >= 0 {
			in.entries = append(in.entries, siteIndicators[column])
		} else {
			in.entries = append(in.entries, exposure.Indicator{ID: id})
		}
	}
	return in
}

// unspecifiedSigma stands for the error of a position whose precision no file
// gives: that of a street.
var unspecifiedSigma = data.PrecisionStreet.Sigma()

// site is what the score needs of one site, measured against world.
func (in *inputs) site(s *siteRecord, world *exposure.World) score.Site {
	out := score.Site{ID: s.ID, Group: s.DepartmentCode, Values: make([]float64, len(in.columns))}
	for i, column := range in.columns {
		out.Values[i] = math.NaN()
		if column >= 0 {
			out.Values[i] = s.values[column].Float64()
		}
	}
	sigma := s.Position.Precision.Sigma()
	if math.IsNaN(sigma) {
		sigma = unspecifiedSigma
	}
	point := s.Position.Point
	perLat := 1 / 111_132.0
	perLon := perLat / math.Max(math.Cos(point.Lat()*math.Pi/180), 1e-6)
	var evaluator *exposure.Evaluator
	out.Draw = func(rng score.Source, values []float64) {
		if evaluator == nil {
			evaluator = world.NewEvaluator()
		}
		normal := rand.New(rng)
		evaluator.Begin(exposure.Subject{
			Status: exposure.Computed, CommuneCode: s.CommuneCode, Self: s.home, Sigma: sigma,
			Point: orb.Point{point.Lon() + sigma*normal.NormFloat64()*perLon, point.Lat() + sigma*normal.NormFloat64()*perLat},
		})
		for i, column := range in.columns {
			if column >= 0 {
				values[i] = in.entries[i].Of(evaluator).Float64()
			}
		}
	}
	return out
}

// unscored lists what has to be scored: the open, located sites that old has not
// scored with the same values.
func (sn *Snapshot) unscored(in *inputs, old *Snapshot) []score.Site {
	before := map[string]*siteRecord{}
	if old != nil && old.scores != nil {
		for i := range old.sites {
			before[old.sites[i].ID] = &old.sites[i]
		}
	}
	var out []score.Site
	for i := range sn.sites {
		s := &sn.sites[i]
		if s.home < 0 {
			continue
		}
		// Values that were not computed again are the same slice.
		if was := before[s.ID]; was != nil && was.home >= 0 && &was.values[0] == &s.values[0] {
			if r, ok := old.scores.Result(s.ID); ok && r.Group == s.DepartmentCode {
				continue
			}
		}
		out = append(out, in.site(s, sn.world))
	}
	return out
}

// score computes the scores of fresh sites, keeps those of old for the others, and
// ranks all within their département.
func (sn *Snapshot) score(ctx context.Context, in *inputs, old *Snapshot, fresh []score.Site) error {
	var err error
	if old == nil || old.scores == nil {
		sn.scores, err = in.scorer.Run(ctx, fresh, score.Options{})
		return err
	}
	homes := map[string]bool{}
	for i := range sn.sites {
		if sn.sites[i].home >= 0 {
			homes[sn.sites[i].ID] = true
		}
	}
	var gone []string
	for i := range old.sites {
		if id := old.sites[i].ID; !homes[id] {
			gone = append(gone, id)
		}
	}
	kept := old.scores
	if len(gone) > 0 {
		kept = kept.Remove(gone, score.Options{})
	}
	if len(fresh) > 0 {
		kept, err = kept.Update(ctx, fresh, score.Options{})
	}
	sn.scores = kept
	return err
}

// appendScore adds the score's values to a row, aligned with scoreColumns.
func (sn *Snapshot) appendScore(s *siteRecord, row []data.Value) []data.Value {
	empty := func(status string) []data.Value {
		row = append(row, data.String(status))
		for range len(scoreColumns) - 2 {
			row = append(row, data.Null)
		}
		return append(row, data.String(sn.profileHash))
	}
	if s.home < 0 {
		return empty(scoreUnlocated)
	}
	if sn.scores == nil {
		return empty(scorePending)
	}
	r, ok := sn.scores.Result(s.ID)
	if !ok {
		return empty(scorePending)
	}
	if !r.Complete {
		out := empty(scoreIncomplete)
		out[len(out)-2] = joined(r.MissingPillars)
		return out
	}
	class := "indeterminate"
	if r.Class != score.Indeterminate {
		class = string(rune('1' + r.Class))
	}
	return append(row, data.String(scoreComputed), data.Number(r.Score), data.Number(r.Low), data.Number(r.High), data.String(class),
		data.Integer(r.Rank.Rank), data.Integer(r.RankLow), data.Integer(r.RankHigh), data.Number(r.TopDecile), joined(r.Unknown), data.String(sn.profileHash))
}

// Cases are the scored homes that the viewer sees, exactly, for validation against
// incidents: without events, grouped by what is around them and by département. The
// error is data.ErrForbidden below exact precision.
func (sn *Snapshot) Cases(v data.Viewer) ([]validation.Case, error) {
	if v.Precision() != data.ViewExact {
		return nil, data.ErrForbidden
	}
	distance := -1
	for i := range siteIndicators {
		if siteIndicators[i].ID == "qpv_nearest_zone_distance_m" {
			distance = i
		}
	}
	var out []validation.Case
	for i := range sn.sites {
		s := &sn.sites[i]
		if s.home < 0 || !v.SeesSite(&s.Site) {
			continue
		}
		c := validation.Case{ID: s.ID, Score: math.NaN(), Stratum: s.DepartmentCode}
		if sn.scores != nil {
			if r, ok := sn.scores.Result(s.ID); ok && r.Complete {
				c.Score = r.Score
			}
		}
		switch d := s.values[distance].Float64(); {
		case d == 0:
			c.Group = "QPV"
		case d <= 1000:
			c.Group = "QPV ≤ 1 km"
		case d > 1000:
			c.Group = "QPV > 1 km"
		}
		out = append(out, c)
	}
	return out, nil
}
