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
	// zones appeared, disappeared or changed; a changed one is there with both outlines.
	zones []changedZone
}

type changedZone struct {
	kind  data.ZoneKind
	bound orb.Bound
}

// loadZones reads the zones and indexes the current ones: the open ones, and, when there
// are restricted ones, all of them. A zone that did not change is that of old.
func (s *Service) loadZones(ctx context.Context, next, old *Snapshot, around *difference) (open, all *exposure.Zones, err error) {
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
	err = s.source.Zones(ctx, func(z *data.Zone) error {
		id := ZoneID(z)
		var r zoneRecord
		if i, ok := search(len(before), func(i int) string { return before[i].id }, id); ok && sameZone(&before[i].Zone, z) {
			r = before[i]
		} else {
			r = zoneRecord{Zone: *z, id: id, bound: z.Geometry.Bound(), areaM2: repair.Area(z.Geometry)}
		}
		r.current = current[[2]string{string(z.Kind), z.Edition}]
		next.zones = append(next.zones, r)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(next.zones, func(a, b zoneRecord) int { return cmp.Compare(a.id, b.id) })
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
		ref := exposure.ZoneRef{Kind: string(z.Kind), ID: z.Code, Name: z.Name, Geometry: z.Geometry}
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
			d.zones = append(d.zones, changedZone{z.Kind, z.bound})
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
	sigma := s.subject.Sigma
	if math.IsNaN(sigma) {
		sigma = data.PrecisionStreet.Sigma()
	}
	nearest := func(open, restricted int) float64 {
		f := s.values.Number(open)
		if math.IsNaN(f) && restricted >= 0 && !s.restricted.Empty() {
			f = s.restricted.Number(restricted)
		}
		return f
	}
	for _, z := range d.zones {
		reach := max(slices.Max(exposure.DefaultRadii), nearest(allDistance, restrictedDistance))
		if column, ok := kindDistance[z.kind]; ok {
			restricted := -1
			if z.kind == data.ZoneZSP {
				restricted = restrictedZSPDistance
			}
			reach = max(reach, nearest(column, restricted))
		}
		if !(leastDistance(s.subject.Point, z.bound) > reach+2*sigmas*sigma) { // also when unknown
			return true
		}
	}
	return false
}

// leastDistance is a lower bound of the distance in metres from a point to a rectangle.
func leastDistance(p orb.Point, b orb.Bound) float64 {
	const degree = 110_500 // metres, of latitude at least
	dx := max(b.Min[0]-p[0], p[0]-b.Max[0], 0)
	dy := max(b.Min[1]-p[1], p[1]-b.Max[1], 0)
	farthest := max(math.Abs(p[1]), math.Abs(b.Min[1]), math.Abs(b.Max[1]))
	return math.Hypot(dx*degree*math.Cos(farthest*math.Pi/180), dy*degree)
}
