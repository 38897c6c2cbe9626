package zoneindex

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

const (
	// expandedLength is the distance, in metres, up to which local.length is good to 1e-7.
	expandedLength = 60_000
	// lengthError bounds its relative error beyond, within a frame's reach.
	lengthError = 1e-5
	// shortEdge is the length, in metres, of an edge that is straight to 2 mm in
	// both planes wherever it is within a frame's reach.
	shortEdge = 1000
)

// candidate is an edge whose plane distance is near the best.
type candidate struct {
	d2         float64
	leaf, zone int32
	at         int32 // first coordinate in the leaf's xy
}

// searchNearest finds the nearest zone when none is within reach: in the frame's
// plane, keeping every edge that the plane's scale can't tell from the best, then
// measuring those again.
func (m *Meter) searchNearest(f *frame, l *local, p orb.Point, out *Measures) {
	m.collectNearest(f, l)
	limit := math.Inf(1)
	for i := range m.edges {
		limit = min(limit, m.edges[i].d2)
	}
	limit = f.tie2(l, limit)
	far := math.Inf(1)
	kept := m.edges[:0]
	for _, e := range m.edges {
		if e.d2 > limit {
			continue
		}
		e.d2 = f.edgeDistance(l, p, &e)
		far = min(far, e.d2)
		kept = append(kept, e)
	}
	if far > expandedLength {
		again := far * (1 + lengthError) * (1 + lengthError)
		az := crs.NewAzimuthal(p)
		for i := range kept {
			if kept[i].d2 <= again {
				kept[i].d2 = f.geodesicDistance(az, &kept[i])
			}
		}
	}
	for _, e := range kept {
		if e.d2 < out.Distance || e.d2 == out.Distance && int(e.zone) < out.Nearest {
			out.Distance, out.Nearest = e.d2, int(e.zone)
		}
	}
}

// edgeDistance is the distance in metres from p, which l is centred on, to an edge.
func (f *frame) edgeDistance(l *local, p orb.Point, e *candidate) float64 {
	v := f.leaves[e.leaf].xy[e.at : e.at+4]
	if e.d2 <= expandedReach*expandedReach {
		return math.Sqrt(l.edges2(v))
	}
	ax, ay, bx, by := v[0]-l.x, v[1]-l.y, v[2]-l.x, v[3]-l.y
	dx, dy := bx-ax, by-ay
	length2 := dx*dx + dy*dy
	if length2 > shortEdge*shortEdge && e.d2 <= expandedLength*expandedLength {
		return f.geodesicDistance(crs.NewAzimuthal(p), e)
	}
	// The way to the foot of the perpendicular is stationary.
	t := 0.0
	if length2 > 0 {
		t = min(max(-(ax*dx+ay*dy)/length2, 0), 1)
	}
	return l.length(ax+t*dx, ay+t*dy)
}

// geodesicDistance is the distance in metres from the centre of az to an edge.
func (f *frame) geodesicDistance(az crs.Azimuthal, e *candidate) float64 {
	v := f.leaves[e.leaf].xy[e.at : e.at+4]
	ax, ay := az.Forward(position(f.crs.ToWGS84(v[0], v[1])))
	bx, by := az.Forward(position(f.crs.ToWGS84(v[2], v[3])))
	return math.Sqrt(segmentDistance2(ax, ay, bx, by))
}

func position(lon, lat float64) orb.Point { return orb.Point{lon, lat} }

// tie2 is the squared plane distance up to which an edge may be nearer, on the
// ellipsoid, than one at the squared plane distance d2: the mean scale along two
// lines of length d from the centre differs by |c|·d at most, to first order, and
// by d²/3R² to second.
func (f *frame) tie2(l *local, d2 float64) float64 {
	d := math.Sqrt(d2)
	if d > maxPlaneReach {
		return math.Inf(1)
	}
	ratio := 1 + min(1.2*l.bend*d+0.5*d2/(6.3e6*6.3e6), spread)
	d = d*ratio + l.bend*f.longest2/4 + rounding
	return d * d
}

// collectNearest fills m.edges with edges among which are all those whose plane
// distance is within tie2 of the best.
func (m *Meter) collectNearest(f *frame, l *local) {
	m.edges = m.edges[:0]
	leaves, ok := f.closest.at(l.x, l.y)
	if !ok {
		m.leaves = f.tree.within(m.leaves[:0], &m.stack, l, f.tie2(l, f.tree.touched2(l.x, l.y)))
		leaves = m.leaves
	}
	m.low2 = m.low2[:0]
	first, low2, high2 := 0, math.Inf(1), math.Inf(1)
	for i, leaf := range leaves {
		b := &f.tree.boxes[leaf]
		d2 := b.distance2(l.x, l.y)
		m.low2 = append(m.low2, d2)
		if d2 < low2 {
			first, low2 = i, d2
		}
		if d2 < high2 {
			high2 = min(high2, b.touched2(l.x, l.y))
		}
	}
	limit := f.tie2(l, high2)
	limit = m.collectEdges(f, l, leaves[first], limit)
	for i, leaf := range leaves {
		if i != first && m.low2[i] <= limit {
			limit = m.collectEdges(f, l, leaf, limit)
		}
	}
}

// collectEdges adds the edges of a leaf within a squared plane distance, which it
// lowers, and returns it.
func (m *Meter) collectEdges(f *frame, l *local, at int32, limit float64) float64 {
	z := &f.leaves[at]
	best := math.Inf(1)
	for i := range z.groups {
		if z.groups[i].distance2(l.x, l.y) > limit {
			continue
		}
		chunks := z.group(i)
		var low2 [groupChunks]float64
		next := lowest(chunks, l, &low2)
		for next >= 0 && low2[next] <= limit {
			ch := &chunks[next]
			v := z.vertices(ch)
			ax, ay := v[0]-l.x, v[1]-l.y
			for j := 2; j+1 < len(v); j += 2 {
				bx, by := v[j]-l.x, v[j+1]-l.y
				if d2 := segmentDistance2(ax, ay, bx, by); d2 <= limit {
					if d2 < best {
						best = d2
						limit = min(limit, f.tie2(l, d2))
					}
					m.edges = append(m.edges, candidate{d2: d2, leaf: at, zone: z.zone, at: 2*ch.first + int32(j) - 2})
				}
				ax, ay = bx, by
			}
			low2[next] = math.Inf(1)
			next = within(&low2, len(chunks), limit)
		}
	}
	return limit
}
