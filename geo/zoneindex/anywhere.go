package zoneindex

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// measureAnywhere measures by exact geodesics, for points outside every legal
// projection, zones farther than a frame reaches, and radii over 10 km. Zones
// are opened in the order of a lower bound of their distance (the straight line
// through the earth to the ball around them). It allocates.
func (m *Meter) measureAnywhere(p orb.Point, out *Measures) {
	x, y, z := crs.Geocentric(p)
	type bounded struct {
		d    float64
		zone int32
	}
	order := make([]bounded, len(m.ix.zones))
	for i := range m.ix.zones {
		order[i] = bounded{m.ix.zones[i].sphere.distance(x, y, z), int32(i)}
	}
	slices.SortFunc(order, func(a, b bounded) int {
		switch {
		case a.d < b.d:
			return -1
		case a.d > b.d:
			return 1
		}
		return int(a.zone - b.zone)
	})
	az := crs.NewAzimuthal(p)
	best := math.Inf(1)
	var opened []int32
	for _, o := range order {
		if o.d > max(best, m.reach) {
			break
		}
		d2, inside := nearestEdge(az, m.ix.zones[o.zone].geometry)
		if d := math.Sqrt(d2); d < best || inside {
			best = d
			if inside {
				best = 0
			}
		}
		m.near = append(m.near, sighting{zone: o.zone, inside: inside, d2: d2})
		if o.d <= m.reach {
			opened = append(opened, o.zone)
		}
	}
	m.summarise(out)
	if m.offEdge(out) {
		m.coverAnywhere(az, opened, 0, 0, out)
		return
	}
	for i := range directions {
		dx, dy := direction(i)
		if i == directions-1 || !m.touchesAnywhere(az, opened, dx, dy) {
			m.coverAnywhere(az, opened, dx, dy, out)
			return
		}
	}
}

// summarise turns the exact distances of m.near into the nearest zone, counts and decay.
func (m *Meter) summarise(out *Measures) {
	best, cut := math.Inf(1), decayCut*m.decayLength
	m.shallow = math.Inf(1)
	for _, s := range m.near {
		d2 := s.d2
		if s.inside {
			d2 = 0
		}
		for j := len(m.squares); j > 0 && d2 <= m.squares[j-1]; j-- {
			out.Within[m.place[j-1]]++
		}
		if cut > 0 && d2 <= cut*cut {
			out.Decay += math.Exp(-math.Sqrt(d2) / m.decayLength)
		}
		if s.inside {
			depth := math.Sqrt(s.d2)
			out.Depth, m.shallow = max(out.Depth, depth), min(m.shallow, depth)
		}
		if d2 < best || d2 == best && int(s.zone) < out.Nearest {
			best, out.Nearest = d2, int(s.zone)
		}
	}
	out.Distance, out.Inside = math.Sqrt(best), best == 0
}

// eachEdge calls fn with the projected edges of a geometry, moved by (−dx, −dy).
func eachEdge(az crs.Azimuthal, g orb.MultiPolygon, dx, dy float64, fn func(ax, ay, bx, by float64)) {
	for _, poly := range g {
		for _, ring := range poly {
			var ax, ay float64
			for i, v := range ring {
				bx, by := az.Forward(v)
				bx, by = bx-dx, by-dy
				if i > 0 {
					fn(ax, ay, bx, by)
				}
				ax, ay = bx, by
			}
		}
	}
}

// nearestEdge gives the squared distance from the centre to the geometry's edges
// and whether the geometry contains it.
func nearestEdge(az crs.Azimuthal, g orb.MultiPolygon) (d2 float64, inside bool) {
	d2 = math.Inf(1)
	eachEdge(az, g, 0, 0, func(ax, ay, bx, by float64) {
		d2 = min(d2, segmentDistance2(ax, ay, bx, by))
		if crosses(ax, ay, bx, by, 0, 0) {
			inside = !inside
		}
	})
	return d2, inside
}

// coverAnywhere measures the union of the zones from the point (dx, dy) of the plane.
func (m *Meter) coverAnywhere(az crs.Azimuthal, zones []int32, dx, dy float64, out *Measures) {
	var terms discTerms
	for _, g := range m.boundaries(zones) {
		in := false
		eachEdge(az, g, dx, dy, func(ax, ay, bx, by float64) {
			for j, r2 := range m.squares[:m.shares] {
				terms.addCut(j, ax, ay, bx, by, r2)
			}
			if m.bandwidth > 0 {
				terms.kernel += kernelTerm(ax, ay, bx, by, m.bandwidth)
			}
			if crosses(ax, ay, bx, by, 0, 0) {
				in = !in
			}
		})
		if in {
			terms.kernel++
			for j := range m.shares {
				terms.whole[j]++
			}
		}
	}
	m.conclude(&terms, out)
}

func (m *Meter) touchesAnywhere(az crs.Azimuthal, zones []int32, dx, dy float64) bool {
	closest := math.Inf(1)
	for _, g := range m.boundaries(zones) {
		eachEdge(az, g, dx, dy, func(ax, ay, bx, by float64) {
			closest = min(closest, segmentDistance2(ax, ay, bx, by))
		})
	}
	return closest < onEdge*onEdge
}

// boundaries are the geometries that bound the union of zones: each union once,
// and each zone that overlaps no other.
func (m *Meter) boundaries(zones []int32) []orb.MultiPolygon {
	var out []orb.MultiPolygon
	seen := map[int32]bool{}
	for _, z := range zones {
		u := m.ix.zones[z].union
		if u < 0 {
			out = append(out, m.ix.zones[z].geometry)
		} else if !seen[u] {
			seen[u] = true
			out = append(out, m.ix.unions[u].geometry)
		}
	}
	return out
}
