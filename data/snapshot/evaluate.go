package snapshot

import (
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
)

// evaluate computes the indicators of every site of sn against world. When
// sameSurroundings, zones and places are those of old: sites that did not change,
// and near which no home did, keep their values.
func (sn *Snapshot) evaluate(world *exposure.World, old *Snapshot, sameSurroundings bool) {
	var homes []orb.Point
	for i := range sn.sites {
		s := &sn.sites[i]
		switch {
		case s.Position == nil:
			s.status = exposure.NotLocated
		case !s.Position.Precision.Usable():
			s.status = exposure.PositionTooVague
		default:
			s.status = exposure.Computed
			if s.Status != data.SiteClosed {
				s.home = len(homes)
				homes = append(homes, s.Position.Point)
			}
		}
	}
	world.Homes = pointindex.Build(homes)
	sn.world = world

	todo := sn.changed(old, sameSurroundings)
	Parallel(len(todo), func(from, to int) {
		e := world.NewEvaluator()
		for _, i := range todo[from:to] {
			s := &sn.sites[i]
			subject := exposure.Subject{Status: s.status, CommuneCode: s.CommuneCode, Self: s.home}
			if s.Position != nil {
				subject.Point, subject.Sigma = s.Position.Point, s.Position.Precision.Sigma()
			}
			e.Begin(subject)
			s.values = make([]data.Value, len(siteIndicators))
			for j := range siteIndicators {
				s.values[j] = siteIndicators[j].Of(e)
			}
		}
	})
}

// changed lists the sites to compute; the others take their values from old.
func (sn *Snapshot) changed(old *Snapshot, sameSurroundings bool) []int {
	var todo []int
	if old == nil || !sameSurroundings {
		for i := range sn.sites {
			todo = append(todo, i)
		}
		return todo
	}
	// Both lists are in the order of identifiers.
	var moved []orb.Point // where a home appeared or disappeared
	note := func(s *siteRecord) {
		if s.home >= 0 {
			moved = append(moved, s.Position.Point)
		}
	}
	k := 0
	kept := make([]*siteRecord, len(sn.sites))
	for i := range sn.sites {
		s := &sn.sites[i]
		for ; k < len(old.sites) && old.sites[k].ID < s.ID; k++ {
			note(&old.sites[k])
		}
		if k == len(old.sites) || old.sites[k].ID != s.ID {
			note(s)
			continue
		}
		before := &old.sites[k]
		k++
		switch {
		case before.status != s.status || (before.home < 0) != (s.home < 0) || s.Position != nil && before.Position.Point != s.Position.Point:
			note(before)
			note(s)
		case before.CommuneCode == s.CommuneCode && (s.Position == nil || before.Position.Precision == s.Position.Precision):
			kept[i] = before
		}
	}
	for ; k < len(old.sites); k++ {
		note(&old.sites[k])
	}
	changes := pointindex.Build(moved)
	for i, before := range kept {
		if before == nil || sn.sites[i].status == exposure.Computed && len(changes.Within(sn.sites[i].Position.Point, exposure.HomesReach)) > 0 {
			todo = append(todo, i)
			continue
		}
		sn.sites[i].values = before.values
	}
	return todo
}
