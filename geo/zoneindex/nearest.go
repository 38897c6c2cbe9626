package zoneindex

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// depth is the distance from the point to the edges of the zone that contains it.
func (m *Meter) depth(f *frame, l *local, z int) float64 {
	best := math.Inf(1)
	for _, c := range f.chunksOf[f.zoneStart[z]:f.zoneStart[z+1]] {
		ch := &f.chunks[c]
		v := f.xy[2*ch.first : 2*(ch.first+int32(ch.edges)+1)]
		ax, ay := l.to(v[0], v[1])
		for i := 2; i < len(v); i += 2 {
			bx, by := l.to(v[i], v[i+1])
			best = min(best, segmentDistance2(ax, ay, bx, by))
			ax, ay = bx, by
		}
	}
	return math.Sqrt(best)
}

// searchNearest finds the nearest zone when none is within the radii: best first
// in the frame's plane, keeping every edge that the plane's scale can't tell from
// the best, then measuring those again.
func (m *Meter) searchNearest(f *frame, l *local, p orb.Point, out *Measures) {
	m.edges = m.edges[:0]
	best := m.collectNearest(f, l)
	if len(m.edges) == 0 {
		return
	}
	limit := best * (1 + spread) * (1 + spread)
	// Second pass: the expanded plane, good to expandedError.
	bestLocal := math.Inf(1)
	kept := m.edges[:0]
	for _, e := range m.edges {
		if e.d2 > limit {
			continue
		}
		e.d2 = m.localDistance2(f, l, e.at)
		bestLocal = min(bestLocal, e.d2)
		kept = append(kept, e)
	}
	if bestLocal > expandedReach*expandedReach {
		// Third pass: geodesics.
		limit = bestLocal * (1 + expandedError) * (1 + expandedError)
		az := crs.NewAzimuthal(p)
		for i := range kept {
			if kept[i].d2 <= limit {
				kept[i].d2 = azimuthalDistance2(f, az, kept[i].at)
			}
		}
	}
	for _, e := range kept {
		d := math.Sqrt(e.d2)
		if d < out.Distance || d == out.Distance && int(e.zone) < out.Nearest {
			out.Distance, out.Nearest = d, int(e.zone)
		}
	}
}

func (m *Meter) localDistance2(f *frame, l *local, at int32) float64 {
	ax, ay := l.to(f.xy[at], f.xy[at+1])
	bx, by := l.to(f.xy[at+2], f.xy[at+3])
	return segmentDistance2(ax, ay, bx, by)
}

func azimuthalDistance2(f *frame, az crs.Azimuthal, at int32) float64 {
	ax, ay := az.Forward(orb.Point(point(f.crs.ToWGS84(f.xy[at], f.xy[at+1]))))
	bx, by := az.Forward(orb.Point(point(f.crs.ToWGS84(f.xy[at+2], f.xy[at+3]))))
	return segmentDistance2(ax, ay, bx, by)
}

func point(lon, lat float64) [2]float64 { return [2]float64{lon, lat} }

// collectNearest fills m.edges with the edges whose plane distance is within
// spread of the best, and returns the best squared plane distance.
func (m *Meter) collectNearest(f *frame, l *local) float64 {
	best := math.Inf(1)
	limit := math.Inf(1)
	h := m.heap[:0]
	level, count := f.tree.root()
	base := f.tree.levels[level]
	for i := range count {
		h = push(h, entry{f.tree.boxes[base+i].distance2(l.x, l.y), level, i})
	}
	for len(h) > 0 {
		var e entry
		e, h = pop(h)
		if e.d2 > limit {
			break
		}
		if e.level > 0 {
			from, to := f.tree.children(e.level, e.index)
			base := f.tree.levels[e.level-1]
			for i := from; i < to; i++ {
				if d2 := f.tree.boxes[i].distance2(l.x, l.y); d2 <= limit {
					h = push(h, entry{d2, e.level - 1, i - base})
				}
			}
			continue
		}
		ch := &f.chunks[e.index]
		if ch.use&forDistance == 0 {
			continue
		}
		for i := range int32(ch.edges) {
			at := 2 * (ch.first + i)
			d2 := segmentDistance2(f.xy[at]-l.x, f.xy[at+1]-l.y, f.xy[at+2]-l.x, f.xy[at+3]-l.y)
			if d2 > limit {
				continue
			}
			if d2 < best {
				best = d2
				limit = best * (1 + spread) * (1 + spread)
			}
			m.edges = append(m.edges, candidate{d2: d2, at: at, zone: ch.zone})
		}
	}
	m.heap = h[:0]
	return best
}

// push and pop keep h a binary min-heap on d2 (container/heap would box each entry).
func push(h []entry, e entry) []entry {
	h = append(h, e)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].d2 <= h[i].d2 {
			break
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
	return h
}

func pop(h []entry) (entry, []entry) {
	top := h[0]
	last := len(h) - 1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h[down+1].d2 < h[down].d2 {
			down++
		}
		if h[i].d2 <= h[down].d2 {
			break
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
	return top, h
}
