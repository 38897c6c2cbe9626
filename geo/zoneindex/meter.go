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
	// Depth is the distance to the zone's edge in metres when the point is inside, otherwise
	// 0; when several zones contain it, of the one in which it is deepest.
	Depth float64
	// Inside tells whether the point is in a zone or on its edge.
	Inside bool
	// Within[i] is the number of zones that meet the disc of the i-th radius.
	Within [MaxRadii]int
	// Share[i] is the share (0–1) of the disc of the i-th radius that the union of
	// the zones covers; 0 for the radii that Options.ShareUpTo leaves out.
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
	// ShareUpTo is the largest radius, in metres, whose disc's share is measured,
	// which costs more than counting; 0 measures them all, a negative number none.
	ShareUpTo float64
	// Bandwidth of the quartic kernel in metres; 0 leaves Kernel at 0.
	Bandwidth float64
	// DecayLength λ in metres; 0 leaves Decay at 0.
	DecayLength float64
}

const (
	// expandedReach is the distance, in metres, up to which the second-order
	// expansion of the projection agrees with the azimuthal plane within 5 mm.
	expandedReach = 10_000
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
	shares         int // how many of the radii have their share measured
	bandwidth      float64
	decayLength    float64
	reach          float64 // the largest distance that any of these needs

	// inner2 and outer2 are planeDisc of the radii at the point at hand.
	inner2, outer2 [MaxRadii]float64

	terms  discTerms
	near   []sighting
	leaves []int32
	low2   []float64
	stack  []node
	edges  []candidate
	// shallow is the least depth in the zones that contain the point at hand.
	shallow float64
	// united[u] == now tells that union u was taken for this point, and
	// sighted[i] == now that leaf i was met.
	united, sighted []uint32
	now             uint32
}

// sighting is a zone that may be within reach of the point at hand.
type sighting struct {
	leaf, zone int32
	// inside tells whether the zone contains the point.
	inside bool
	// Squared distances from the point in the frame's plane: its edges are at
	// least low2 away, and some vertex at most high2.
	low2, high2 float64
	// d2 is the squared distance to its edges in the azimuthal plane, NaN as long as it is not needed.
	d2 float64
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
	m := &Meter{ix: ix, bandwidth: options.Bandwidth, decayLength: options.DecayLength, united: make([]uint32, len(ix.unions)), sighted: make([]uint32, len(ix.zones))}
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
		if options.ShareUpTo == 0 || radii[i] <= options.ShareUpTo {
			m.shares++
		}
	}
	return m
}

// Measure measures the point p (longitude, latitude).
func (m *Meter) Measure(p orb.Point) Measures {
	out := Measures{Nearest: -1, Distance: math.Inf(1)}
	if len(m.ix.zones) == 0 {
		return out
	}
	for _, f := range m.ix.frames {
		if !f.covers(p) || m.reach > expandedReach {
			continue
		}
		m.measureInFrame(f, p, &out)
		if out.Distance <= f.reach {
			return out
		}
		out = Measures{Nearest: -1, Distance: math.Inf(1)}
		break
	}
	m.begin()
	m.measureAnywhere(p, &out)
	return out
}

// begin forgets the previous point.
func (m *Meter) begin() {
	m.near = m.near[:0]
	m.forgetUnions()
}

func (m *Meter) forgetUnions() {
	m.now++
	if m.now == 0 {
		clear(m.united)
		clear(m.sighted)
		m.now = 1
	}
}

// firstOf tells whether the union u is met for the first time since forgetUnions;
// always for u < 0, a zone of its own.
func (m *Meter) firstOf(u int32) bool {
	if u < 0 {
		return true
	}
	first := m.united[u] != m.now
	m.united[u] = m.now
	return first
}

func (m *Meter) measureInFrame(f *frame, p orb.Point, out *Measures) {
	l := f.localAt(p)
	for j, r := range m.radii {
		m.inner2[j], m.outer2[j] = l.planeDisc(r)
	}
	m.begin()
	m.collect(f, &l, m.reach)
	found := false
	if len(m.near) > 0 {
		m.locate(f, &l)
		found = m.nearestOf(f, &l, out)
		m.count(f, &l, out)
	}
	if len(m.near) > 0 && (m.shares > 0 || m.bandwidth > 0) {
		m.measureCover(f, &l, out)
	}
	if !found {
		m.searchNearest(f, &l, p, out)
	}
}

// collect lists in m.near the zones whose rectangle may be within reach metres.
func (m *Meter) collect(f *frame, l *local, reach float64) {
	r2 := max(l.planeReach2(reach*reach), l.around2())
	r := math.Sqrt(r2)
	if r > maxGridReach*f.grid.size {
		m.leaves = f.tree.within(m.leaves[:0], &m.stack, l, r2)
		for _, i := range m.leaves {
			m.sight(f, l, i, f.tree.boxes[i].distance2(l.x, l.y))
		}
		return
	}
	g := &f.grid
	x0, x1, y0, y1 := g.cells(&box{l.x, l.y, r, r})
	boxes, x, y := f.tree.boxes, l.x, l.y
	for row := y0 * g.columns; row <= y1*g.columns; row += g.columns {
		for _, i := range g.items[g.start[row+x0]:g.start[row+x1+1]] {
			low2 := boxes[i].distance2(x, y)
			// A zone stands in several cells.
			if low2 <= r2 && m.sighted[i] != m.now {
				m.sighted[i] = m.now
				m.sight(f, l, i, low2)
			}
		}
	}
}

// maxGridReach is how many cells a radius may span for the grid to be better than the tree.
const maxGridReach = 3

func (m *Meter) sight(f *frame, l *local, i int32, low2 float64) {
	b := &f.tree.boxes[i]
	m.near = append(m.near, sighting{leaf: i, zone: f.leaves[i].zone, low2: low2, high2: b.touched2(l.x, l.y), d2: math.NaN()})
}

// locate tells which of the zones in m.near contain the point that l is centred on.
func (m *Meter) locate(f *frame, l *local) {
	for i := range m.near {
		s := &m.near[i]
		s.inside = s.low2 <= l.around2() && f.leaves[s.leaf].holds(l)
	}
}

// nearestOf finds the nearest zone when it is within reach; false when it is not.
func (m *Meter) nearestOf(f *frame, l *local, out *Measures) bool {
	reach2 := m.reach * m.reach
	limit2 := reach2
	closest, high2 := 0, math.Inf(1)
	for i := range m.near {
		s := &m.near[i]
		if s.inside && (!out.Inside || int(s.zone) < out.Nearest) {
			out.Inside, out.Distance, out.Nearest = true, 0, int(s.zone)
			closest = i
		}
		if !out.Inside && s.low2 < m.near[closest].low2 {
			closest = i
		}
		high2 = min(high2, s.high2)
	}
	if out.Inside {
		m.shallow = math.Inf(1)
		for i := range m.near {
			if s := &m.near[i]; s.inside {
				s.d2 = f.leaves[s.leaf].distance2(l, math.Inf(1), 0)
				depth := math.Sqrt(s.d2)
				out.Depth, m.shallow = max(out.Depth, depth), min(m.shallow, depth)
			}
		}
		limit2 = 0
	}
	bound := min(f.tie2(l, high2), l.planeReach2(limit2))
	best := math.Inf(1)
	if out.Inside {
		best = 0
	}
	for i := -1; i < len(m.near); i++ {
		at := i
		if i < 0 {
			at = closest
		} else if i == closest {
			continue
		}
		s := &m.near[at]
		if s.inside || s.low2 > bound {
			continue
		}
		o := &f.leaves[s.leaf].outline
		// As far as counting will need it anyway.
		undecided2, _ := m.undecided2(s)
		far2 := max(limit2, undecided2)
		d2 := o.distance2(l, far2, 0)
		s.d2 = d2
		if d2 > far2 {
			s.d2 = math.Inf(1)
		}
		if d2 > limit2 || d2 > best || d2 == best && int(s.zone) > out.Nearest {
			continue
		}
		best, out.Nearest = d2, int(s.zone)
		limit2 = d2
		bound = l.planeReach2(limit2)
	}
	if out.Nearest < 0 {
		return false
	}
	out.Distance = math.Sqrt(best)
	out.Inside = best == 0
	return true
}

// undecided2 is the largest and the smallest squared distance at which it matters,
// for what is counted, on which side of it a zone is; 0 when its rectangle tells all.
func (m *Meter) undecided2(s *sighting) (largest, smallest float64) {
	if s.inside {
		return 0, 0
	}
	if m.decayLength > 0 {
		return m.reach * m.reach, 0
	}
	for j := len(m.radii) - 1; j >= 0 && s.low2 <= m.outer2[j]; j-- {
		if s.high2 > m.inner2[j] {
			largest, smallest = max(largest, m.squares[j]), m.squares[j]
		}
	}
	return largest, smallest
}

// count counts the zones within each radius and sums their decay.
func (m *Meter) count(f *frame, l *local, out *Measures) {
	cut := decayCut * m.decayLength
	for i := range m.near {
		s := &m.near[i]
		d2 := s.d2
		switch {
		case s.inside:
			d2 = 0
		case math.IsNaN(d2):
			d2 = math.Inf(1)
			if limit2, enough2 := m.undecided2(s); limit2 > 0 {
				if found := f.leaves[s.leaf].distance2(l, limit2, enough2); found <= limit2 {
					d2 = found
				}
			}
		}
		for j := len(m.radii) - 1; j >= 0; j-- {
			// A disc that holds a vertex whatever the scale needs no distance.
			if d2 > m.squares[j] && s.high2 > m.inner2[j] {
				break
			}
			out.Within[m.place[j]]++
		}
		if m.decayLength > 0 && d2 <= cut*cut {
			out.Decay += math.Exp(-math.Sqrt(d2) / m.decayLength)
		}
	}
}
