package snapshot

import (
	"context"
	"maps"
	"math"
	"slices"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/score"
	"vigie/geo/validation"
)

// scores are those in which a site's is up to date; nil while its own is to be computed.
func (sn *Snapshot) scores(on *side, site int) *score.Ensemble {
	if sn.fresh[site] {
		return nil
	}
	return on.scores
}

// pending counts the homes whose score is to be computed.
func (sn *Snapshot) pending() int {
	n := 0
	for _, fresh := range sn.fresh {
		if fresh {
			n++
		}
	}
	return n
}

// pendingFor is pending among the homes that a viewer sees.
func (sn *Snapshot) pendingFor(v data.Viewer) int {
	n := 0
	for i, fresh := range sn.fresh {
		if fresh && v.PrecisionOf(&sn.sites[i].Site) == data.ViewExact {
			n++
		}
	}
	return n
}

// unsettled tells whether scores are to be computed or forgotten.
func (sn *Snapshot) unsettled() bool { return len(sn.gone) > 0 || slices.Contains(sn.fresh, true) }

// inherit takes the scores of the snapshot before, which is that of evaluate or the same
// with more scores. What it had to compute still has to be.
func (sn *Snapshot) inherit(before *Snapshot) {
	sn.fresh = make([]bool, len(sn.sites))
	if before == nil {
		before = &Snapshot{}
	}
	sn.open.scores, sn.restricted.scores = before.open.scores, nil
	everything := before.open.scores == nil
	if sn.restricted.world != nil {
		sn.restricted.scores = before.restricted.scores
		everything = everything || before.restricted.scores == nil
	}
	sn.gone = slices.Concat(before.gone, sn.left)
	for i, from := range sn.from {
		sn.fresh[i] = sn.sites[i].home() && (everything || from < 0 || before.fresh[from])
	}
}

// scoreBatch is about how many homes are scored before their scores are served.
const scoreBatch = 200

// score is sn with the scores of the next départements, ranked within each.
func (sn *Snapshot) score(ctx context.Context, in *scoring.Inputs) (*Snapshot, error) {
	next := *sn
	next.fresh, next.gone = slices.Clone(sn.fresh), nil
	byDepartment := map[string][]int{}
	for i, fresh := range sn.fresh {
		if fresh {
			byDepartment[sn.sites[i].DepartmentCode] = append(byDepartment[sn.sites[i].DepartmentCode], i)
		}
	}
	var batch []int
	for _, department := range slices.Sorted(maps.Keys(byDepartment)) {
		if len(batch) < scoreBatch {
			batch = append(batch, byDepartment[department]...)
		}
	}
	for _, on := range []*side{&next.open, &next.restricted} {
		if on.world == nil {
			continue
		}
		e := on.world.NewEvaluator()
		fresh := make([]score.Site, len(batch))
		var row []data.Value
		for k, i := range batch {
			subject := sn.subject(i)
			next.fresh[i] = false
			e.Begin(subject)
			row = exposure.MeasureRow(siteIndicators, e).Append(row[:0], siteIndicators)
			fresh[k] = in.Site(&sn.sites[i].Site, subject.Self, row, on.world)
		}
		var err error
		if on.scores == nil {
			on.scores, err = in.Scorer().Run(ctx, fresh, score.Options{})
		} else {
			if len(sn.gone) > 0 {
				on.scores = on.scores.Remove(sn.gone, score.Options{})
			}
			on.scores, err = on.scores.Update(ctx, fresh, score.Options{})
		}
		if err != nil {
			return nil, err
		}
	}
	return &next, nil
}

// Cases are the scored homes that the viewer sees, exactly, for validation against
// incidents: without events, grouped by what is around them and by département. The
// error is data.ErrForbidden below exact precision.
func (sn *Snapshot) Cases(v data.Viewer) ([]validation.Case, error) {
	if v.Precision() != data.ViewExact {
		return nil, data.ErrForbidden
	}
	distance := indicatorAt(siteIndicators, "qpv_nearest_zone_distance_m")
	var out []validation.Case
	for i := range sn.sites {
		s := sn.sites[i]
		if !s.home() || v.PrecisionOf(&s.Site) != data.ViewExact {
			continue
		}
		c := validation.Case{ID: s.ID, Score: math.NaN(), Stratum: s.DepartmentCode}
		if scores := sn.scores(&sn.open, i); scores != nil {
			if r, ok := scores.Result(s.ID); ok && r.Complete {
				c.Score = r.Score
			}
		}
		switch d := s.values.Number(distance); {
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

// indicatorAt is the place of an indicator in a list that has it.
func indicatorAt(list []exposure.Indicator, id string) int {
	i := slices.IndexFunc(list, func(in exposure.Indicator) bool { return in.ID == id })
	if i < 0 {
		panic("snapshot: the catalogue has no " + id)
	}
	return i
}
