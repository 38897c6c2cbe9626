package snapshot

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

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
	moved := sn.compare(old)
	sn.settleHomes(world, old, len(moved) == 0)
	if old != nil && (old.open.world.Homes == nil) != (world.Homes == nil) {
		around.everywhere = true
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
			s := *sn.sites[i] // the record may be that of old
			s.restricted = exposure.Row{}
			open.Begin(sn.subject(i))
			s.values = exposure.MeasureRow(siteIndicators, open)
			if all != nil {
				all.Begin(sn.subject(i))
				s.restricted = exposure.MeasureRow(layerIndicators, all)
			}
			sn.sites[i] = &s
		}
	})
}

// settleHomes gives the world its homes, which are where those of old are when unmoved: the
// ones that the public register lists. Another would show in the figures of those around.
func (sn *Snapshot) settleHomes(world *exposure.World, old *Snapshot, unmoved bool) {
	sn.homes = make([]int32, len(sn.sites))
	var points []orb.Point
	var which []int // of the sites
	for i, s := range sn.sites {
		sn.homes[i] = -1
		if s.neighbour() {
			sn.homes[i] = int32(len(points))
			points, which = append(points, s.Position.Point), append(which, i)
		}
	}
	world.Homes, world.Supply = nil, nil
	switch {
	case len(points) == 0:
		return
	case old != nil && unmoved:
		world.Homes = old.open.world.Homes
	default:
		world.Homes = pointindex.Build(points)
	}
	if sn.demand.index == nil {
		return
	}
	// What a home offers depends on no other home.
	world.Supply = make([]float64, len(points))
	var homes []int
	var capacities []float64
	points = nil
	for home, i := range which {
		if from := sn.from[i]; from >= 0 && old.demand.index == sn.demand.index {
			world.Supply[home] = old.open.world.Supply[old.homes[from]]
			continue
		}
		capacity := math.NaN()
		if c := sn.sites[i].Capacity; c != nil {
			capacity = float64(*c)
		}
		homes, points, capacities = append(homes, home), append(points, sn.sites[i].Position.Point), append(capacities, capacity)
	}
	for k, supply := range exposure.Supply(sn.demand.index, sn.demand.people, points, capacities) {
		world.Supply[homes[k]] = supply
	}
}

// compare finds the sites of old that have not changed, for from, and the homes that are
// gone, for left. It gives where a home that bears on others appeared, disappeared or has another
// capacity.
func (sn *Snapshot) compare(old *Snapshot) (moved []orb.Point) {
	if old == nil {
		old = &Snapshot{}
	}
	sn.from, sn.left = make([]int, len(sn.sites)), nil
	// Both lists are in the order of identifiers.
	note := func(s *siteRecord) {
		if s.neighbour() {
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
	for i, s := range sn.sites {
		sn.from[i] = -1
		for ; k < len(old.sites) && old.sites[k].ID < s.ID; k++ {
			leave(old.sites[k])
		}
		if k == len(old.sites) || old.sites[k].ID != s.ID {
			note(s)
			continue
		}
		before := old.sites[k]
		k++
		switch {
		case before == s:
			sn.from[i] = k - 1
		case before.home() && !s.home():
			leave(before)
		case before.home() != s.home() || before.neighbour() != s.neighbour() || before.subject.Status != s.subject.Status || before.subject.Point != s.subject.Point || !sameCapacity(before, s):
			note(before)
			note(s)
		case before.subject.CommuneCode == s.subject.CommuneCode && before.DepartmentCode == s.DepartmentCode &&
			(before.subject.Sigma == s.subject.Sigma || math.IsNaN(before.subject.Sigma) && math.IsNaN(s.subject.Sigma)):
			sn.from[i] = k - 1
		}
	}
	for ; k < len(old.sites); k++ {
		leave(old.sites[k])
	}
	return moved
}

// choose lists the sites to compute; the others take their values from old. Where only
// homes around changed, and scores do not rest on them, the score is kept.
func (sn *Snapshot) choose(old *Snapshot, moved []orb.Point, around *difference) (todo []int) {
	reach := float64(exposure.HomesReach)
	if sn.demand.index != nil {
		reach = exposure.SupplyReach
	}
	changes := pointindex.Build(moved)
	// Their latitudes spare most sites the search.
	south, north := math.Inf(1), math.Inf(-1)
	for _, p := range moved {
		south, north = min(south, p[1]), max(north, p[1])
	}
	near := func(s *siteRecord, metres float64) bool {
		p := s.subject.Point
		return s.subject.Status == exposure.Computed && max(south-p[1], p[1]-north)*latitudeDegree <= metres && len(changes.Within(p, metres)) > 0
	}
	for i, from := range sn.from {
		s := sn.sites[i]
		if from >= 0 {
			if before := old.sites[from]; before != s {
				s.values, s.restricted = before.values, before.restricted
			}
			if !around.touches(s) && !(around.homes && near(s, reach+s.spread())) {
				if near(s, reach) {
					todo = append(todo, i)
				}
				continue
			}
		}
		sn.from[i] = -1
		todo = append(todo, i)
	}
	return todo
}

// neighbourIndicators are the places in siteIndicators of those that rest on the homes
// around: a computed point does not have them.
var neighbourIndicators = func() (places []int) {
	open := exposure.OpenCatalogue(ZoneKindsWithIndicators(), exposure.DefaultRadii)
	for i := range siteIndicators {
		if !slices.ContainsFunc(open, func(in exposure.Indicator) bool { return in.ID == siteIndicators[i].ID }) {
			places = append(places, i)
		}
	}
	return places
}()

// restsOnHomes tells whether scores rest on the homes around.
func restsOnHomes(indicators []string) bool {
	return slices.ContainsFunc(neighbourIndicators, func(i int) bool { return slices.Contains(indicators, siteIndicators[i].ID) })
}

func sameCapacity(a, b *siteRecord) bool {
	if a.Capacity == nil || b.Capacity == nil {
		return a.Capacity == b.Capacity
	}
	return *a.Capacity == *b.Capacity
}
