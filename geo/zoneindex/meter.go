package zoneindex

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Measures are what one point gets from the index.
type Measures struct {
	// Nearest is the place of the nearest zone in the slice given to Build, -1
	// when the index is empty. When several zones contain the point, or are as
	// near, the first of them.
	Nearest int
	// Distance to the nearest zone's edge in metres, 0 inside; +Inf when there is no zone.
	Distance float64
	// Depth is the distance to the nearest zone's edge in metres when the point is inside, otherwise 0.
	Depth float64
	// Inside tells whether the point is in a zone or on its edge.
	Inside bool
	// Within[i] is the number of zones that meet the disc of the i-th radius.
	Within [MaxRadii]int
	// Share[i] is the share (0–1) of the disc of the i-th radius that the union of the zones covers.
	Share [MaxRadii]float64
	// Kernel is the integral over the union of the quartic kernel of bandwidth Options.Bandwidth, 0–1.
	Kernel float64
	// Decay is Σ exp(−d/λ) over the zones with d ≤ 3λ, λ being Options.DecayLength.
	Decay float64
}

// Options choose what a Meter measures besides the nearest zone.
type Options struct {
	// Radii, in metres, at most MaxRadii, each > 0, in any order.
	Radii []float64
	// Bandwidth of the quartic kernel in metres; 0 leaves Kernel at 0.
	Bandwidth float64
	// DecayLength λ in metres; 0 leaves Decay at 0.
	DecayLength float64
}

const (
	// expandedReach is the distance, in metres, up to which the second-order
	// expansion of the projection agrees with the azimuthal plane within 5 mm.
	expandedReach = 10_000
	// expandedError bounds the relative error of the expansion beyond, within a frame.
	expandedError = 2e-4
	// onEdge is the distance, in metres, under which a point is taken to lie on an
	// edge: the signed area terms are singular there, so the disc is moved by nudge.
	onEdge = 1e-6
	nudge  = 4e-6
	// decayCut is the multiple of the decay length beyond which a zone no longer counts.
	decayCut = 3
)

// Meter measures points against an Index. It holds scratch memory: one per
// goroutine. Measuring allocates nothing inside the legal projections' areas of use.
type Meter struct {
	ix *Index
	// radii ascend, squares are theirs; place[i] is where the caller gave the i-th.
	radii, squares []float64
	place          []int
	bandwidth      float64
	decayLength    float64
	reach          float64 // the largest distance that any of these needs

	nearest []float64 // squared distance by zone, valid where stamp says so
	stamp   []uint32
	now     uint32
	touched []int32
	heap    []entry
	edges   []candidate
}

// entry is a tree node, or a leaf, waiting to be opened.
type entry struct {
	d2           float64
	level, index int32
}

// candidate is an edge whose plane distance is near the best.
type candidate struct {
	d2   float64
	at   int32 // first coordinate in frame.xy
	zone int32
}

// NewMeter returns a Meter. It panics on options out of range: they are validated
// where they are read.
func (ix *Index) NewMeter(options Options) *Meter {
	radii := options.Radii
	if len(radii) > MaxRadii {
		panic("zoneindex: too many radii")
	}
	if !(options.Bandwidth >= 0 && options.DecayLength >= 0) {
		panic("zoneindex: a bandwidth or decay length is negative")
	}
	m := &Meter{ix: ix, bandwidth: options.Bandwidth, decayLength: options.DecayLength}
	m.reach = max(m.bandwidth, decayCut*m.decayLength)
	for i, r := range radii {
		if !(r > 0) || math.IsInf(r, 1) {
			panic("zoneindex: a radius must be a positive number of metres")
		}
		m.place = append(m.place, i)
		m.reach = max(m.reach, r)
	}
	slices.SortStableFunc(m.place, func(a, b int) int { return cmp.Compare(radii[a], radii[b]) })
	for _, i := range m.place {
		m.radii = append(m.radii, radii[i])
		m.squares = append(m.squares, radii[i]*radii[i])
	}
	m.nearest = make([]float64, len(ix.zones))
	m.stamp = make([]uint32, len(ix.zones))
	return m
}

// Measure measures the point p (longitude, latitude).
func (m *Meter) Measure(p orb.Point) Measures {
	out := Measures{Nearest: -1, Distance: math.Inf(1)}
	if len(m.ix.zones) == 0 {
		return out
	}
	m.begin()
	for _, f := range m.ix.frames {
		if !f.covers(p) || m.reach > expandedReach {
			continue
		}
		m.measureInFrame(f, p, &out)
		if out.Distance <= f.reach {
			return out
		}
		break
	}
	out = Measures{Nearest: -1, Distance: math.Inf(1)}
	m.begin()
	m.measureAnywhere(p, &out)
	return out
}

// begin forgets the previous point.
func (m *Meter) begin() {
	m.touched = m.touched[:0]
	m.now++
	if m.now == 0 {
		clear(m.stamp)
		m.now = 1
	}
}

// see records that zone z has an edge at squared distance d2.
func (m *Meter) see(z int32, d2 float64) {
	if m.stamp[z] != m.now {
		m.stamp[z] = m.now
		m.nearest[z] = d2
		m.touched = append(m.touched, z)
		return
	}
	if d2 < m.nearest[z] {
		m.nearest[z] = d2
	}
}

// local maps the frame's plane to the azimuthal plane of one point, to second
// order: z = (w + c·w²/2)/k, w the complex offset in the frame's plane, k its
// scale factor at the point and c = −conj(∇ ln k). The map is conformal and its
// scale is that of the projection, so offsets from the point keep their length
// and direction to third order.
type local struct {
	x, y   float64
	k      float64
	cr, ci float64
}

func (l *local) to(x, y float64) (float64, float64) {
	u, v := x-l.x, y-l.y
	// c·w²/2
	a, b := (u*u-v*v)/2, u*v
	return (u + l.cr*a - l.ci*b) / l.k, (v + l.cr*b + l.ci*a) / l.k
}

// localAt expands the frame's projection at p.
func (f *frame) localAt(p orb.Point) local {
	x, y := f.crs.FromWGS84(p[0], p[1])
	gx, gy := f.crs.ScaleGradient(x, y)
	return local{x: x, y: y, k: f.crs.Scale(p[0], p[1]), cr: -gx, ci: gy}
}

func (m *Meter) measureInFrame(f *frame, p orb.Point, out *Measures) {
	l := f.localAt(p)
	var terms discTerms
	m.scan(f, &l, &terms)
	m.addContaining(f, &l)
	m.summarise(out)
	if math.IsInf(out.Depth, 1) {
		out.Depth = m.depth(f, &l, out.Nearest)
	}
	if out.Depth < onEdge && out.Distance < onEdge {
		m.sharesOffEdge(f, l, out)
	} else {
		m.shares(&terms, out.Inside, out)
	}
	if out.Nearest < 0 {
		m.searchNearest(f, &l, p, out)
	}
}

// scan visits every edge that may be within the meter's reach: it records the
// zones' distances and adds the edges' area terms.
func (m *Meter) scan(f *frame, l *local, terms *discTerms) {
	m.visit(f, l, m.reach, func(at int32) { m.scanChunk(f, l, at, terms) })
}

// visit calls fn with every chunk whose rectangle may be within reach metres.
func (m *Meter) visit(f *frame, l *local, reach float64, fn func(at int32)) {
	// The plane radius, widened by how much the scale may vary over it.
	r := reach*l.k*(1+spread/10) + 1
	r2 := r * r
	level, count := f.tree.root()
	stack := m.heap[:0]
	for i := range count {
		stack = append(stack, entry{level: level, index: i})
	}
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if e.level == 0 {
			fn(e.index)
			continue
		}
		from, to := f.tree.children(e.level, e.index)
		base := f.tree.levels[e.level-1]
		for i := from; i < to; i++ {
			if f.tree.boxes[i].distance2(l.x, l.y) <= r2 {
				stack = append(stack, entry{level: e.level - 1, index: i - base})
			}
		}
	}
	m.heap = stack
}

// scanChunk takes the edges of one chunk into account. An edge whose two ends are
// in a disc is all inside it, and consecutive such edges share one angle.
func (m *Meter) scanChunk(f *frame, l *local, at int32, area *discTerms) {
	ch := &f.chunks[at]
	v := f.xy[2*ch.first : 2*(ch.first+int32(ch.edges)+1)]
	n := int(ch.edges)
	var x, y, norm2 [chunkEdges + 1]float64
	for i := 0; i <= n; i++ {
		x[i], y[i] = l.to(v[2*i], v[2*i+1])
		norm2[i] = x[i]*x[i] + y[i]*y[i]
	}
	if ch.use&forDistance != 0 {
		best := math.Inf(1)
		for i := range n {
			best = min(best, segmentDistance2(x[i], y[i], x[i+1], y[i+1]))
		}
		if best <= m.reach*m.reach {
			m.see(ch.zone, best)
		}
	}
	if ch.use&forArea == 0 {
		return
	}
	// Seen from outside their rectangle, the edges span less than half a turn, so
	// that the angles of a run add up to the one between its ends.
	surrounded := f.tree.boxes[at].distance2(l.x, l.y) < surroundSlack
	start, class := 0, -1
	cross := 0.0
	for i := range n {
		c := len(m.squares)
		for far := max(norm2[i], norm2[i+1]); c > 0 && far <= m.squares[c-1]; {
			c--
		}
		for j := range c {
			area.partial[j] += discTerm(x[i], y[i], x[i+1], y[i+1], m.squares[j])
		}
		if m.bandwidth > 0 {
			area.kernel += kernelTerm(x[i], y[i], x[i+1], y[i+1], m.bandwidth)
		}
		if c != class || surrounded {
			area.addRun(class, cross, x[start], y[start], x[i], y[i])
			start, class, cross = i, c, 0
		}
		cross += x[i]*y[i+1] - y[i]*x[i+1]
	}
	area.addRun(class, cross, x[start], y[start], x[n], y[n])
}

// surroundSlack, in m², is how near a chunk's rectangle a point counts as inside it:
// more than the expanded plane can move an edge.
const surroundSlack = 1

// discTerms gathers the area terms of the edges by disc, radii ascending.
type discTerms struct {
	// partial are the terms of edges that a disc's circle cuts.
	partial [MaxRadii]float64
	kernel  float64
	// cross and angle are summed over the edges inside the i-th disc and not the one before.
	cross, angle [MaxRadii + 1]float64
}

// addRun adds consecutive edges of one class, from a to b.
func (t *discTerms) addRun(class int, cross, ax, ay, bx, by float64) {
	if class < 0 || class >= MaxRadii {
		return
	}
	t.cross[class] += cross
	t.angle[class] += math.Atan2(ax*by-ay*bx, ax*bx+ay*by)
}

// shares turns the terms into the shares of the discs and the kernel's integral;
// inside tells whether the union of the zones holds their centre.
func (m *Meter) shares(t *discTerms, inside bool, out *Measures) {
	whole := 0.0
	if inside {
		whole = 1
	}
	cross, angle := 0.0, 0.0
	for j, r2 := range m.squares {
		cross, angle = cross+t.cross[j], angle+t.angle[j]
		area := t.partial[j] + (cross-r2*angle)/2
		out.Share[m.place[j]] = min(max(area/(math.Pi*r2)+whole, 0), 1)
	}
	if m.bandwidth > 0 {
		out.Kernel = min(max(t.kernel+whole, 0), 1)
	}
}

// addContaining records the zones that hold the point. Their squared edge
// distance, wanted for the depth, is kept with a negative sign; a zone whose edges
// are all out of reach has −Inf.
func (m *Meter) addContaining(f *frame, l *local) {
	m.eachZoneAt(f, l, func(z int32) {
		d2 := math.Inf(1)
		if m.stamp[z] == m.now {
			d2 = m.nearest[z]
		} else {
			m.see(z, d2)
		}
		m.nearest[z] = -d2 - math.SmallestNonzeroFloat64
	})
}

// eachZoneAt calls fn with every zone that contains the point that l is centred on.
func (m *Meter) eachZoneAt(f *frame, l *local, fn func(z int32)) {
	level, count := f.zoneTree.root()
	stack := m.heap[:0]
	for i := range count {
		stack = append(stack, entry{level: level, index: i})
	}
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b := &f.zoneTree.boxes[f.zoneTree.levels[e.level]+e.index]
		if !b.contains(l.x, l.y) {
			continue
		}
		if e.level == 0 {
			if z := f.zoneAt[e.index]; f.holds(z, l, b) {
				fn(z)
			}
			continue
		}
		from, to := f.zoneTree.children(e.level, e.index)
		base := f.zoneTree.levels[e.level-1]
		for i := from; i < to; i++ {
			stack = append(stack, entry{level: e.level - 1, index: i - base})
		}
	}
	m.heap = stack
}

// summarise turns the recorded zones into counts, nearest zone and inside flag.
// Squared distances below zero are those of zones that contain the point.
func (m *Meter) summarise(out *Measures) {
	best := math.Inf(1)
	for _, z := range m.touched {
		d2 := m.nearest[z]
		for j := len(m.squares); j > 0 && d2 <= m.squares[j-1]; j-- {
			out.Within[m.place[j-1]]++
		}
		d2 = max(d2, 0)
		if cut := decayCut * m.decayLength; d2 <= cut*cut && cut > 0 {
			out.Decay += math.Exp(-math.Sqrt(d2) / m.decayLength)
		}
		if d2 < best || d2 == best && (out.Nearest < 0 || int(z) < out.Nearest) {
			best, out.Nearest = d2, int(z)
		}
	}
	if out.Nearest < 0 {
		return
	}
	out.Distance = math.Sqrt(best)
	out.Inside = best == 0
	if d2 := m.nearest[out.Nearest]; d2 < 0 {
		out.Depth = math.Sqrt(-d2)
	}
}

// sharesOffEdge measures the cover from a point moved off the edge it lies on: the
// cover varies by less than nudge/r, and there the terms are regular.
func (m *Meter) sharesOffEdge(f *frame, l local, out *Measures) {
	for i := range directions {
		dx, dy := direction(i)
		moved := l
		moved.x, moved.y = l.x+dx, l.y+dy
		m.begin()
		var terms discTerms
		m.scan(f, &moved, &terms)
		closest := math.Inf(1)
		for _, z := range m.touched {
			closest = min(closest, m.nearest[z])
		}
		if closest < onEdge*onEdge && i < directions-1 {
			continue
		}
		inside := false
		m.eachZoneAt(f, &moved, func(int32) { inside = true })
		m.shares(&terms, inside, out)
		return
	}
}

// directions is how many ways off an edge are tried.
const directions = 8

// direction is the i-th offset of length nudge, a golden angle from the one before,
// so that no two are along one edge.
func direction(i int) (dx, dy float64) {
	sin, cos := math.Sincos(0.7 + float64(i)*2.39996)
	return nudge * cos, nudge * sin
}
