package zoneindex

import (
	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// gaussReach is the number of standard deviations beyond which the density of a
// position counts as nil: what it leaves out is under 2e-8.
const gaussReach = 6

// Probability is the probability (0–1) that a position known to be p (lon, lat)
// within a circular normal error of standard deviation sigma metres lies in a
// zone: the integral of the density over the union of the zones (Cayo and Talbot
// 2003, doi 10.1186/1476-072X-2-10, for the geocoder's error), exact for straight
// edges. sigma 0 gives 0 or 1.
func (m *Meter) Probability(p orb.Point, sigma float64) float64 {
	if len(m.ix.zones) == 0 {
		return 0
	}
	reach := gaussReach * sigma
	if reach <= expandedReach {
		for _, f := range m.ix.frames {
			if f.covers(p) {
				return m.probabilityInFrame(f, p, sigma, reach)
			}
		}
	}
	return m.probabilityAnywhere(p, sigma, reach)
}

func (m *Meter) probabilityInFrame(f *frame, p orb.Point, sigma, reach float64) float64 {
	l := f.localAt(p)
	// A position is never exactly on an edge, where the terms are singular.
	dx, dy := direction(0)
	l.x, l.y = l.x+dx, l.y+dy
	m.begin()
	m.collect(f, &l, reach)
	sum := 0.0
	for i := range m.near {
		z := &f.leaves[m.near[i].leaf]
		o := f.cover(z)
		if o == nil || !m.firstOf(z.union) {
			continue
		}
		if o.box.distance2(l.x, l.y) <= l.around2() && o.holds(&l) {
			sum++
		}
		if sigma > 0 {
			_, outer2 := l.planeDisc(reach)
			o.eachEdge(&l, outer2, func(ax, ay, bx, by float64) {
				sum += gaussTerm(ax, ay, bx, by, sigma, reach)
			})
		}
	}
	return min(max(sum, 0), 1)
}

func (m *Meter) probabilityAnywhere(p orb.Point, sigma, reach float64) float64 {
	x, y, z := crs.Geocentric(p)
	var near []int32
	for i := range m.ix.zones {
		if m.ix.zones[i].sphere.distance(x, y, z) <= reach {
			near = append(near, int32(i))
		}
	}
	az := crs.NewAzimuthal(p)
	dx, dy := direction(0)
	sum := 0.0
	inside := false
	for _, g := range m.boundaries(near) {
		in := false
		eachEdge(az, g, dx, dy, func(ax, ay, bx, by float64) {
			if sigma > 0 {
				sum += gaussTerm(ax, ay, bx, by, sigma, reach)
			}
			if crosses(ax, ay, bx, by, 0, 0) {
				in = !in
			}
		})
		inside = inside || in
	}
	if inside {
		sum++
	}
	return min(max(sum, 0), 1)
}
