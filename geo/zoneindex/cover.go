package zoneindex

import "math"

// discTerms gathers the area terms of edges by disc, radii ascending. By Green's
// theorem, a boundary edge whose part p–q lies in the disc of radius r centred on
// the origin adds to the area of (region ∩ disc)
//
//	½ (p×q − r²·∠(p,q))
//
// The terms of a whole boundary, plus πr² when the origin is inside the region,
// are the exact area; an edge outside the disc adds nothing.
type discTerms struct {
	// cross is twice the area swept, seen from the centre, by the parts of the
	// edges that lie in the disc, in m².
	cross [MaxRadii]float64
	// angle is the angle that these parts span.
	angle [MaxRadii]turns
	// area is that of polygons wholly in the disc, in m².
	area [MaxRadii]float64
	// whole counts the polygons that hold the centre and leave the disc.
	whole  [MaxRadii]float64
	kernel float64
}

// turns is a sum of angles, each in (−π, π], as the product of complex numbers of
// these arguments and a number of turns: an arc tangent only at the end.
type turns struct {
	re, im float64 // (0, 0) stands for no angle
	turns  float64
}

// add adds the angle from the vector a to the vector b.
func (t *turns) add(ax, ay, bx, by float64) {
	re, im := ax*bx+ay*by, ax*by-ay*bx
	if t.re == 0 && t.im == 0 {
		t.re, t.im = re, im
		return
	}
	x, y := t.re*re-t.im*im, t.re*im+t.im*re
	// Two positive angles that make a negative one have passed π, and conversely.
	if y < 0 {
		if t.im >= 0 && im >= 0 {
			t.turns++
		}
	} else if t.im < 0 && im < 0 {
		t.turns--
	}
	if size := math.Abs(x) + math.Abs(y); size > 1e150 || size < 1e-150 && size > 0 {
		x, y = x/size, y/size
	}
	t.re, t.im = x, y
}

func (t *turns) sum() float64 {
	if t.re == 0 && t.im == 0 {
		return 0
	}
	return math.Atan2(t.im, t.re) + 2*math.Pi*t.turns
}

// offEdge tells whether the measured point lies on no edge, of zones that contain it or else
// of the nearest.
func (m *Meter) offEdge(out *Measures) bool {
	return out.Distance >= onEdge || out.Depth > 0 && m.shallow >= onEdge
}

// measureCover measures the shares of the discs and the kernel.
func (m *Meter) measureCover(f *frame, l *local, out *Measures) {
	if !m.offEdge(out) {
		m.coverOffEdge(f, *l, out)
		return
	}
	m.addCovers(f, l, out)
}

// coverOffEdge measures the cover from a point moved off the edge it lies on: the
// cover varies by less than nudge/r, and there the terms are regular.
func (m *Meter) coverOffEdge(f *frame, l local, out *Measures) {
	for i := range directions {
		dx, dy := direction(i)
		moved := l
		moved.x, moved.y = l.x+dx, l.y+dy
		if i < directions-1 && m.touches(f, &moved) {
			continue
		}
		m.locate(f, &moved)
		m.forgetUnions()
		m.addCovers(f, &moved, out)
		return
	}
}

// touches tells whether the point that l is centred on is on the edge of a zone of m.near.
func (m *Meter) touches(f *frame, l *local) bool {
	for i := range m.near {
		s := &m.near[i]
		if s.low2 <= l.around2() && f.leaves[s.leaf].distance2(l, onEdge*onEdge, 0) < onEdge*onEdge {
			return true
		}
	}
	return false
}

// directions is how many ways off an edge are tried.
const directions = 8

// direction is the i-th offset of length nudge, a golden angle from the one before,
// so that no two are along one edge.
func direction(i int) (dx, dy float64) {
	sin, cos := math.Sincos(0.7 + float64(i)*2.39996)
	return nudge * cos, nudge * sin
}

// addCovers measures the union of the zones in m.near by what bounds it.
func (m *Meter) addCovers(f *frame, l *local, out *Measures) {
	terms := &m.terms
	reached := false
	_, outer2 := l.planeDisc(m.bandwidth)
	if m.shares > 0 {
		outer2 = max(outer2, m.outer2[m.shares-1])
	}
	for i := range m.near {
		s := &m.near[i]
		z := &f.leaves[s.leaf]
		o, low2, holds := &z.outline, s.low2, s.inside
		if z.union >= 0 {
			if !m.firstOf(z.union) {
				continue
			}
			if o = f.unions[z.union]; o == nil {
				continue
			}
			// Dissolved on a grid, only its own edges tell what it holds.
			low2 = o.box.distance2(l.x, l.y)
			holds = low2 <= l.around2() && o.holds(l)
		}
		if low2 > outer2 {
			continue
		}
		if !reached {
			reached = true
			*terms = discTerms{}
		}
		m.addCover(o, l, low2, holds, terms)
	}
	if reached {
		m.conclude(terms, out)
	}
}

// addCover adds the terms of one outline, at the squared plane distance low2; holds
// tells whether it contains the centre.
func (m *Meter) addCover(o *outline, l *local, low2 float64, holds bool, terms *discTerms) {
	far2 := o.box.farthest2(l.x, l.y)
	if m.bandwidth > 0 {
		m.addKernel(o, l, holds, terms)
	}
	// Discs from cut to whole meet the outline, those from whole on contain it.
	around2 := l.around2()
	inner2, outer2 := &m.inner2, &m.outer2
	cut, whole := 0, m.shares
	for j := range m.shares {
		if outer2[j] < low2 {
			cut = j + 1
		} else if far2 <= inner2[j] {
			whole = j
			break
		}
	}
	if whole < m.shares {
		area := o.measured(l)
		for j := whole; j < m.shares; j++ {
			terms.area[j] += area
		}
	}
	if cut == whole {
		return
	}
	if holds {
		for j := cut; j < whole; j++ {
			terms.whole[j]++
		}
	}
	for i := range o.groups {
		if o.groups[i].distance2(l.x, l.y) > outer2[whole-1] {
			continue
		}
		chunks := o.group(i)
		var low2 [groupChunks]float64
		lowest(chunks, l, &low2)
		for k := range chunks {
			near2 := low2[k&(groupChunks-1)]
			if near2 > outer2[whole-1] {
				continue
			}
			ch := &chunks[k]
			far2 := ch.farthest2(l.x, l.y)
			from := cut
			for outer2[from] < near2 {
				from++
			}
			to := from
			for to < whole && far2 > inner2[to] {
				to++
			}
			// Seen from outside their rectangle, the edges span less than half a
			// turn: their angles add up to the one between their ends.
			around := near2 < around2
			if around {
				to = whole
			}
			if to < whole {
				m.addInner(o, ch, l, to, whole, terms)
			}
			if from < to {
				m.addEdges(o.vertices(ch), l, from, to, around, terms)
			}
		}
	}
}

// addInner adds a chunk that lies in the discs from the from-th on, by its chord
// and the area between both.
func (m *Meter) addInner(o *outline, ch *chunk, l *local, from, whole int, terms *discTerms) {
	v := o.vertices(ch)
	ax, ay := l.to(v[0], v[1])
	bx, by := l.to(v[len(v)-2], v[len(v)-1])
	beyond := ch.area*l.density(v[0], v[1]) + l.turn(ch.corrX, ch.corrY)
	cross := ax*by - ay*bx + 2*beyond*l.invK*l.invK
	for j := from; j < whole; j++ {
		terms.cross[j] += cross
		terms.angle[j].add(ax, ay, bx, by)
	}
}

// corner is a vertex in the azimuthal plane, and its squared distance from the centre.
type corner struct{ x, y, norm float64 }

// addEdges adds the edges of a chunk to the discs from the from-th to before the
// to-th, which may cut them.
func (m *Meter) addEdges(v []float64, l *local, from, to int, around bool, terms *discTerms) {
	var corners [chunkEdges + 1]corner
	n := len(v) / 2
	for i := range corners[:n] {
		x, y := l.to(v[2*i], v[2*i+1])
		corners[i] = corner{x, y, x*x + y*y}
	}
	for j := from; j < to; j++ {
		terms.addChain(j, corners[:n], m.squares[j], around)
	}
}

// addChain adds consecutive edges to the j-th disc, of squared radius r2. Those in
// a row that it contains share one angle, unless they are around the centre.
func (t *discTerms) addChain(j int, corners []corner, r2 float64, around bool) {
	a := corners[0]
	start, run, running := a, 0.0, false
	for _, b := range corners[1:] {
		cross := a.x*b.y - a.y*b.x
		if a.norm <= r2 && b.norm <= r2 {
			if around {
				t.angle[j].add(a.x, a.y, b.x, b.y)
			} else if !running {
				start, running = a, true
			}
			run += cross
			a = b
			continue
		}
		if running {
			t.angle[j].add(start.x, start.y, a.x, a.y)
			running = false
		}
		// With both ends out, the edge enters the disc only around the foot of the perpendicular.
		dot := a.x*b.x + a.y*b.y
		if a.norm < r2 || b.norm < r2 ||
			dot < a.norm && dot < b.norm && cross*cross < r2*(a.norm+b.norm-2*dot) {
			t.addCut(j, a.x, a.y, b.x, b.y, r2)
		}
		a = b
	}
	if running {
		t.angle[j].add(start.x, start.y, a.x, a.y)
	}
	t.cross[j] += run
}

// addCut adds the part of an edge that lies in the j-th disc.
func (t *discTerms) addCut(j int, ax, ay, bx, by, r2 float64) {
	px, py, qx, qy, ok := clip(ax, ay, bx, by, r2)
	if !ok {
		return
	}
	t.cross[j] += px*qy - py*qx
	t.angle[j].add(px, py, qx, qy)
}

// addKernel adds the kernel's terms of one outline.
func (m *Meter) addKernel(o *outline, l *local, holds bool, terms *discTerms) {
	if holds {
		terms.kernel++
	}
	_, outer2 := l.planeDisc(m.bandwidth)
	o.eachEdge(l, outer2, func(ax, ay, bx, by float64) {
		terms.kernel += kernelTerm(ax, ay, bx, by, m.bandwidth)
	})
}

// eachEdge calls fn with the edges, in the azimuthal plane, of every chunk whose
// rectangle is within a squared distance of the frame's plane.
func (o *outline) eachEdge(l *local, within2 float64, fn func(ax, ay, bx, by float64)) {
	for i := range o.groups {
		if o.groups[i].distance2(l.x, l.y) > within2 {
			continue
		}
		chunks := o.group(i)
		for k := range chunks {
			if chunks[k].distance2(l.x, l.y) > within2 {
				continue
			}
			v := o.vertices(&chunks[k])
			ax, ay := l.to(v[0], v[1])
			for i := 2; i < len(v); i += 2 {
				bx, by := l.to(v[i], v[i+1])
				fn(ax, ay, bx, by)
				ax, ay = bx, by
			}
		}
	}
}

// conclude turns the terms into the shares of the discs and the kernel's integral.
func (m *Meter) conclude(t *discTerms, out *Measures) {
	for j := range m.shares {
		r2 := m.squares[j]
		out.Share[m.place[j]] = min(max(t.covered(j, r2)/(math.Pi*r2), 0), 1)
	}
	if m.bandwidth > 0 {
		out.Kernel = min(max(t.kernel, 0), 1)
	}
}

// covered is the area, in m², that the terms give of the j-th disc, of squared radius r2.
func (t *discTerms) covered(j int, r2 float64) float64 {
	return t.area[j] + (t.cross[j]-r2*t.angle[j].sum())/2 + math.Pi*r2*t.whole[j]
}

// measured is the area of the outline in the azimuthal plane, in m².
func (o *outline) measured(l *local) float64 {
	return (o.area*l.density(o.x, o.y) + l.turn(o.corrX, o.corrY)) * l.invK * l.invK
}
