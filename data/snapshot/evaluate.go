package snapshot

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
)

// zones are those of the side's world, nil when there is none.
func (s *side) zones() *exposure.Zones {
	if s.world == nil {
		return nil
	}
	return s.world.Zones
}

// evaluate computes the indicators of every site of sn against world, and, where restricted
// is not nil, those on the zones that it holds. Sites of old that did not change, near which
// no home did and on which what changed around does not bear, keep their values.
func (sn *Snapshot) evaluate(world *exposure.World, restricted *exposure.Zones, old *Snapshot, around *difference) {
	var homes []orb.Point
	var capacities []float64
	for i := range sn.sites {
		s := &sn.sites[i]
		self := -1
		if scoring.IsHome(&s.Site) {
			self = len(homes)
			homes = append(homes, s.Position.Point)
			capacity := math.NaN()
			if s.Capacity != nil {
				capacity = float64(*s.Capacity)
			}
			capacities = append(capacities, capacity)
		}
		s.subject = scoring.Subject(&s.Site, self)
	}
	moved := sn.compare(old)
	if old != nil && len(moved) == 0 {
		world.Homes = old.open.world.Homes
	} else {
		world.Homes = pointindex.Build(homes)
	}
	if sn.demand.index != nil {
		world.Supply = exposure.Supply(sn.demand.index, sn.demand.people, homes, capacities)
	}
	sn.open.world = world
	if restricted != nil {
		all := *world
		all.Zones = restricted
		sn.restricted.world = &all
	}

	todo := sn.choose(old, moved, around)
	Parallel(len(todo), func(from, to int) {
		open := world.NewEvaluator()
		var all *exposure.Evaluator
		if restricted != nil {
			all = sn.restricted.world.NewEvaluator()
		}
		for _, i := range todo[from:to] {
			s := &sn.sites[i]
			open.Begin(s.subject)
			s.values = exposure.MeasureRow(siteIndicators, open)
			if all != nil {
				all.Begin(s.subject)
				s.restricted = exposure.MeasureRow(layerIndicators, all)
			}
		}
	})
}

// compare finds the sites of old that have not changed, for from, and the homes that are
// gone, for left. It gives where a home appeared, disappeared or has another capacity.
func (sn *Snapshot) compare(old *Snapshot) (moved []orb.Point) {
	if old == nil {
		old = &Snapshot{}
	}
	sn.from, sn.left = make([]int, len(sn.sites)), nil
	// Both lists are in the order of identifiers.
	note := func(s *siteRecord) {
		if s.home() {
			moved = append(moved, s.Position.Point)
		}
	}
	leave := func(s *siteRecord) {
		note(s)
		if s.home() {
			sn.left = append(sn.left, s.ID)
		}
	}
	k := 0
	for i := range sn.sites {
		s := &sn.sites[i]
		sn.from[i] = -1
		for ; k < len(old.sites) && old.sites[k].ID < s.ID; k++ {
			leave(&old.sites[k])
		}
		if k == len(old.sites) || old.sites[k].ID != s.ID {
			note(s)
			continue
		}
		before := &old.sites[k]
		k++
		switch {
		case before.home() && !s.home():
			leave(before)
		case before.home() != s.home() || before.subject.Status != s.subject.Status || before.subject.Point != s.subject.Point || !sameCapacity(before, s):
			note(before)
			note(s)
		case before.subject.CommuneCode == s.subject.CommuneCode && before.DepartmentCode == s.DepartmentCode &&
			(before.subject.Sigma == s.subject.Sigma || math.IsNaN(before.subject.Sigma) && math.IsNaN(s.subject.Sigma)):
			sn.from[i] = k - 1
		}
	}
	for ; k < len(old.sites); k++ {
		leave(&old.sites[k])
	}
	return moved
}

// choose lists the sites to compute; the others take their values from old.
func (sn *Snapshot) choose(old *Snapshot, moved []orb.Point, around *difference) (todo []int) {
	reach := float64(exposure.HomesReach)
	if sn.demand.index != nil {
		reach = exposure.SupplyReach
	}
	changes := pointindex.Build(moved)
	for i, from := range sn.from {
		s := &sn.sites[i]
		if from >= 0 {
			s.values, s.restricted = old.sites[from].values, old.sites[from].restricted
			if !around.touches(s) && !(s.subject.Status == exposure.Computed && len(changes.Within(s.subject.Point, reach)) > 0) {
				continue
			}
		}
		sn.from[i] = -1
		todo = append(todo, i)
	}
	return todo
}

func sameCapacity(a, b *siteRecord) bool {
	if a.Capacity == nil || b.Capacity == nil {
		return a.Capacity == b.Capacity
	}
	return *a.Capacity == *b.Capacity
}
