package zoneindex

import (
	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// EachPart calls fn with every zone that meets the disc around p (longitude, latitude) of
// the largest radius whose share the meter measures, and with the share (0–1) of the
// zone's own area that lies in the disc, exact for straight edges. Zones that overlap are
// measured each on its own.
func (m *Meter) EachPart(p orb.Point, fn func(zone int, share float64)) {
	if m.shares == 0 {
		return
	}
	radius := m.radii[m.shares-1]
	if radius <= expandedReach {
		for _, f := range m.ix.frames {
			if f.covers(p) {
				m.eachPartInFrame(f, p, radius, fn)
				return
			}
		}
	}
	m.eachPartAnywhere(p, radius, fn)
}

func (m *Meter) eachPartInFrame(f *frame, p orb.Point, radius float64, fn func(zone int, share float64)) {
	l := f.localAt(p)
	for j, r := range m.radii[:m.shares] {
		m.inner2[j], m.outer2[j] = l.planeDisc(r)
	}
	// The terms are singular on an edge.
	dx, dy := direction(0)
	l.x, l.y = l.x+dx, l.y+dy
	m.begin()
	m.collect(f, &l, radius)
	for i := range m.near {
		s := &m.near[i]
		o := &f.leaves[s.leaf].outline
		m.terms = discTerms{}
		m.addCover(o, &l, s.low2, s.low2 <= l.around2() && o.holds(&l), &m.terms)
		if part := m.terms.covered(m.shares-1, radius*radius); part > 0 {
			fn(int(s.zone), min(part/o.measured(&l), 1))
		}
	}
}

func (m *Meter) eachPartAnywhere(p orb.Point, radius float64, fn func(zone int, share float64)) {
	x, y, z := crs.Geocentric(p)
	az := crs.NewAzimuthal(p)
	dx, dy := direction(0)
	for i := range m.ix.zones {
		own := m.ix.zones[i].shape
		if own.sphere.distance(x, y, z) > radius {
			continue
		}
		var terms discTerms
		twice, in := 0.0, false
		eachEdge(az, own.geometry, dx, dy, func(ax, ay, bx, by float64) {
			terms.addCut(0, ax, ay, bx, by, radius*radius)
			twice += ax*by - ay*bx
			if crosses(ax, ay, bx, by, 0, 0) {
				in = !in
			}
		})
		if in {
			terms.whole[0]++
		}
		if part := terms.covered(0, radius*radius); part > 0 {
			fn(i, min(2*part/twice, 1))
		}
	}
}
