package snapshot

import (
	"cmp"
	"context"
	"math"
	"reflect"
	"slices"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/repair"
)

// difference is what is not as it was around sites.
type difference struct {
	// everywhere: every site has to be measured again.
	everywhere bool
	// homes: where a home changed, the scores of those around do.
	homes bool
	// zones appeared, disappeared or changed; a changed one is there with both outlines.
	zones []changedZone
}

type changedZone struct {
	bound orb.Bound
	// distance and restricted are the places, in siteIndicators and layerIndicators, of the
	// distance of the nearest zone of its kind, −1 where there is none.
	distance, restricted int
}

func newChangedZone(z *zoneRecord) changedZone {
	out := changedZone{z.bound, -1, -1}
	if at, ok := kindDistance[z.Kind]; ok {
		out.distance = at
	}
	if z.Kind == data.ZoneZSP {
		out.restricted = restrictedZSPDistance
	}
	return out
}

// loadZones reads zones into those of old and indexes the current ones: the open ones, and,
// when there are restricted ones, all of them. A zone that did not change is that of old.
func (s *Service) loadZones(ctx context.Context, in reread, next, old *Snapshot, around *difference) (open, all *exposure.Zones, err error) {
	if next.editions, err = s.source.Editions(ctx); err != nil {
		return nil, nil, err
	}
	current := map[[2]string]bool{}
	for _, e := range next.editions {
		current[[2]string{string(e.Kind), e.Label}] = e.Current
	}
	var before []zoneRecord
	if old != nil {
		before = old.zones
	}
	var read []zoneRecord
	err = s.source.Zones(ctx, in, func(z *data.Zone) error {
		id := ZoneID(z)
		var r zoneRecord
		if i, ok := search(len(before), func(i int) string { return before[i].id }, id); ok && sameZone(&before[i].Zone, z) {
			r = before[i]
		} else {
			r = zoneRecord{Zone: *z, id: id, bound: z.Geometry.Bound(), areaM2: repair.Area(z.Geometry)}
		}
		read = append(read, r)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(read, func(a, b zoneRecord) int { return cmp.Compare(a.id, b.id) })
	next.zones = merge(before, read, func(z *zoneRecord) string { return z.id }, func(z *zoneRecord) bool { return in.covers(z.DepartmentCodes...) })
	for i := range next.zones {
		z := &next.zones[i]
		z.current = current[[2]string{string(z.Kind), z.Edition}]
	}
	openChanged := around.compare(before, next.zones)
	next.openZones = versionsOf(next.versions, data.LayerZones)
	if old != nil && !openChanged {
		next.openZones = old.openZones
	}

	var openRefs, allRefs []exposure.ZoneRef
	for i := range next.zones {
		z := &next.zones[i]
		if !z.current {
			continue
		}
		ref := exposure.ZoneRef{Kind: string(z.Kind), ID: z.Code, Name: z.Name, Geometry: z.Geometry, Population: z.Population}
		allRefs = append(allRefs, ref)
		// Restricted layers are never in an open indicator.
		if !z.Restricted {
			openRefs = append(openRefs, ref)
		}
	}
	var knownOpen, knownAll *exposure.Zones
	if old != nil {
		knownOpen, knownAll = old.open.world.Zones, old.restricted.zones()
	}
	kinds := ZoneKindsWithIndicators()
	open = knownOpen.Rebuild(kinds, openRefs)
	if len(allRefs) > len(openRefs) {
		all = cmp.Or(knownAll, open).Rebuild(kinds, allRefs)
	}
	// Where there was no zone of a kind, or is none any more, the unknown begins or ends.
	around.everywhere = around.everywhere || old == nil || !slices.Equal(knownOpen.Present(), open.Present()) || !slices.Equal(knownAll.Present(), all.Present())
	return open, all, nil
}

// sameZone tells whether nothing differs.
func sameZone(a, b *data.Zone) bool {
	x, y := *a, *b
	x.Geometry, y.Geometry = nil, nil
	return reflect.DeepEqual(x, y) && a.Geometry.Equal(b.Geometry)
}

// compare notes the current zones that are not the same in both lists, which are in the
// order of identifiers, and tells whether an open one, current or not, is among the changes.
func (d *difference) compare(before, after []zoneRecord) (open bool) {
	note := func(z *zoneRecord) {
		open = open || !z.Restricted
		if z.current {
			d.zones = append(d.zones, newChangedZone(z))
		}
	}
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case j == len(after) || i < len(before) && before[i].id < after[j].id:
			note(&before[i])
			i++
		case i == len(before) || after[j].id < before[i].id:
			note(&after[j])
			j++
		default:
			// Records that did not change share their outline.
			if a, b := &before[i], &after[j]; a.current != b.current || !sharedOutline(a, b) {
				note(a)
				note(b)
			}
			i, j = i+1, j+1
		}
	}
	return open
}

func sharedOutline(a, b *zoneRecord) bool {
	return len(a.Geometry) > 0 && len(b.Geometry) > 0 && &a.Geometry[0] == &b.Geometry[0]
}

// Places, in siteIndicators and layerIndicators, of the distances that bound what a changed
// zone may bear on.
var (
	allDistance        = indicatorAt(siteIndicators, "nearest_zone_distance_m")
	restrictedDistance = indicatorAt(layerIndicators, exposure.RestrictedPrefix+"nearest_zone_distance_m")
	kindDistance       = func() map[data.ZoneKind]int {
		out := map[data.ZoneKind]int{}
		for _, kind := range ZoneKindsWithIndicators() {
			out[data.ZoneKind(kind)] = indicatorAt(siteIndicators, kind+"_nearest_zone_distance_m")
		}
		return out
	}()
	restrictedZSPDistance = indicatorAt(layerIndicators, exposure.RestrictedPrefix+"zsp_nearest_zone_distance_m")
	farthestRadius        = slices.Max(exposure.DefaultRadii)
)

// sigmas is how many standard deviations a position may be off, for what is kept to be
// what would be computed: beyond, not one of a million draws falls.
const sigmas = 6

// touches tells whether the changed zones may bear on a site's indicators or on the draws
// of its score: one is near, or no farther than the nearest one was.
func (d *difference) touches(s *siteRecord) bool {
	if d.everywhere || len(d.zones) > 0 && s.subject.Status != exposure.Computed {
		return d.everywhere
	}
	spread := s.spread()
	for i := range d.zones {
		z := &d.zones[i]
		reach := max(farthestRadius, s.nearest(allDistance, restrictedDistance))
		if z.distance >= 0 {
			reach = max(reach, s.nearest(z.distance, z.restricted))
		}
		if !farther(s.subject.Point, z.bound, reach+spread) {
			return true
		}
	}
	return false
}

// spread is how much the distance to something may differ, in metres, between the
// position and the farthest draw of its error, twice over: a distance that bounds another
// differs as well.
func (s *siteRecord) spread() float64 {
	sigma := s.subject.Sigma
	if math.IsNaN(sigma) {
		sigma = data.PrecisionStreet.Sigma()
	}
	return 2 * sigmas * sigma
}

// nearest is the distance of the open indicator, that of the restricted one (−1 for none)
// where it is unknown.
func (s *siteRecord) nearest(open, restricted int) float64 {
	f := s.values.Number(open)
	if math.IsNaN(f) && restricted >= 0 && !s.restricted.Empty() {
		f = s.restricted.Number(restricted)
	}
	return f
}

// latitudeDegree is the least length in metres of a degree of latitude.
const latitudeDegree = 110_500

// farther tells whether a point is surely farther from a rectangle than a distance in
// metres; false when that is NaN.
func farther(p orb.Point, b orb.Bound, metres float64) bool {
	dy := max(b.Min[1]-p[1], p[1]-b.Max[1], 0) * latitudeDegree
	if dy > metres { // most are: the rest costs more
		return true
	}
	farthest := max(math.Abs(p[1]), math.Abs(b.Min[1]), math.Abs(b.Max[1]))
	dx := max(b.Min[0]-p[0], p[0]-b.Max[0], 0) * latitudeDegree * math.Cos(farthest*math.Pi/180)
	return dx*dx+dy*dy > metres*metres
}
