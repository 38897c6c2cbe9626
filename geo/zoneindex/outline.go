package zoneindex

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

const (
	// chunkEdges is the number of consecutive edges of a chunk.
	chunkEdges = 6
	// groupChunks is the number of consecutive chunks under one rectangle, a power of two.
	groupChunks = 8
)

// chunk is up to six consecutive edges of one ring: one cache line.
type chunk struct {
	box
	// area is that between the edges and the chord from the first vertex to the
	// last, in m² of the plane, positive to the left of the chord, and corrX and
	// corrY are its correction for a scale that varies: see [outline].
	area         float64
	corrX, corrY float64
	first        int32 // first vertex
	edges        int32
}

// outline is the boundary of a polygon in the plane of one frame, in metres.
//
// Seen from a point p the scale varies: an area of the plane measures, in the
// azimuthal plane of p, its integral of |1+c·w|²/k² (see local), that is
// (A·(1 + 2 Re c(o−p)) + 2 Re cM)/k² to first order, M being its moment about o.
// And its edges, straight there between the projected vertices, leave slivers of
// |Δ|²·Im cΔ/12 each. Both corrections are Re(c·corr), corr = 2M + i/12·Σ|Δ|²Δ.
type outline struct {
	box
	// area, in m², and corrX and corrY, about the centre of the box.
	area         float64
	corrX, corrY float64
	longest2     float64 // squared length of the longest edge
	chunks       []chunk
	groups       []box // of groupChunks consecutive chunks each
	// xy holds x, y pairs; a ring's last vertex repeats its first.
	xy []float64
}

// newOutline projects a polygon whose shells run counter-clockwise; nil when it has no edge.
func newOutline(c crs.CRS, g orb.MultiPolygon) *outline {
	vertices, chunks := 0, 0
	for _, poly := range g {
		for _, ring := range poly {
			vertices += len(ring) + 1
			chunks += len(ring)/chunkEdges + 1
		}
	}
	o := &outline{chunks: make([]chunk, 0, chunks), xy: make([]float64, 0, 2*vertices)}
	for _, poly := range g {
		for _, ring := range poly {
			o.addRing(c, ring)
		}
	}
	if len(o.chunks) == 0 {
		return nil
	}
	whole := emptyExtent()
	for i := 0; i < len(o.chunks); i += groupChunks {
		group := emptyExtent()
		for j := i; j < min(i+groupChunks, len(o.chunks)); j++ {
			group.union(&o.chunks[j].box)
		}
		o.groups = append(o.groups, group.box())
		whole.union(&o.groups[len(o.groups)-1])
	}
	o.box = whole.box()
	for i := range o.chunks {
		// The chunk between its edges and its chord, and the triangle of the chord with the origin.
		ch := &o.chunks[i]
		ax, ay := o.xy[2*ch.first]-o.x, o.xy[2*ch.first+1]-o.y
		bx, by := o.xy[2*(ch.first+ch.edges)]-o.x, o.xy[2*(ch.first+ch.edges)+1]-o.y
		triangle := (ax*by - ay*bx) / 2
		o.area += ch.area + triangle
		sx, sy := sliver(bx-ax, by-ay)
		o.corrX += ch.corrX + 2*ch.area*ax + 2*triangle*(ax+bx)/3 + sx
		o.corrY += ch.corrY + 2*ch.area*ay + 2*triangle*(ay+by)/3 + sy
	}
	return o
}

// sliver is i/12·|Δ|²Δ.
func sliver(dx, dy float64) (x, y float64) {
	l := (dx*dx + dy*dy) / 12
	return -l * dy, l * dx
}

func (o *outline) addRing(c crs.CRS, ring orb.Ring) {
	n := len(ring) - 1
	if n < 1 {
		return
	}
	start := int32(len(o.xy) / 2)
	for _, p := range ring[:n] {
		x, y := c.FromWGS84(p[0], p[1])
		o.xy = append(o.xy, x, y)
	}
	if ring[n] == ring[0] {
		o.xy = append(o.xy, o.xy[2*start], o.xy[2*start+1])
	} else {
		x, y := c.FromWGS84(ring[n][0], ring[n][1])
		o.xy = append(o.xy, x, y)
	}
	for at := 0; at < n; at += chunkEdges {
		ch, e := chunk{first: start + int32(at), edges: int32(min(chunkEdges, n-at))}, emptyExtent()
		v := o.vertices(&ch)
		x0, y0 := v[0], v[1]
		e.extend(x0, y0)
		ax, ay := 0.0, 0.0
		for i := 2; i < len(v); i += 2 {
			e.extend(v[i], v[i+1])
			bx, by := v[i]-x0, v[i+1]-y0
			triangle := (ax*by - ay*bx) / 2
			ch.area += triangle
			sx, sy := sliver(bx-ax, by-ay)
			ch.corrX += 2*triangle*(ax+bx)/3 + sx
			ch.corrY += 2*triangle*(ay+by)/3 + sy
			o.longest2 = max(o.longest2, (bx-ax)*(bx-ax)+(by-ay)*(by-ay))
			ax, ay = bx, by
		}
		sx, sy := sliver(ax, ay)
		ch.corrX, ch.corrY = ch.corrX-sx, ch.corrY-sy
		ch.box = e.box()
		o.chunks = append(o.chunks, ch)
	}
}

// vertices are the coordinates of a chunk's vertices, one more than it has edges.
func (o *outline) vertices(ch *chunk) []float64 {
	return o.xy[2*ch.first : 2*(ch.first+ch.edges+1)]
}

// group is the range of chunks of the i-th group.
func (o *outline) group(i int) []chunk {
	return o.chunks[i*groupChunks : min((i+1)*groupChunks, len(o.chunks))]
}

// distance2 is the squared distance from the point that l is centred on to the
// edges, measured in its azimuthal plane, when it is at most limit2; otherwise
// something above limit2. When it is at most enough2, so is what is given, and
// no more is sure.
func (o *outline) distance2(l *local, limit2, enough2 float64) float64 {
	bound := l.planeReach2(limit2)
	best := math.Inf(1)
	first, closest := 0, math.Inf(1)
	for i := range o.groups {
		if d2 := o.groups[i].distance2(l.x, l.y); d2 < closest {
			first, closest = i, d2
		}
	}
	if closest > bound {
		return best
	}
	limit := limit2
	for i := range o.groups {
		// The closest group, then the others in turn.
		switch {
		case i == 0:
			i = first
		case i <= first:
			i--
		}
		if i != first && o.groups[i].distance2(l.x, l.y) > bound {
			continue
		}
		chunks := o.group(i)
		var low2 [groupChunks]float64
		next := lowest(chunks, l, &low2)
		for next >= 0 && low2[next] <= bound {
			if d2 := l.edges2(o.vertices(&chunks[next])); d2 < best {
				best = d2
				if best <= enough2 {
					return best
				}
				if best < limit {
					limit = best
					bound = l.planeReach2(limit)
				}
			}
			low2[next] = math.Inf(1)
			next = within(&low2, len(chunks), bound)
		}
	}
	return best
}

// lowest gives the squared distances to the boxes of up to groupChunks chunks, and
// which is the nearest.
func lowest(chunks []chunk, l *local, low2 *[groupChunks]float64) (nearest int) {
	least := math.Inf(1)
	x, y := l.x, l.y
	for i := range chunks {
		ch := &chunks[i]
		dx, dy := math.Abs(x-ch.x)-ch.halfX, math.Abs(y-ch.y)-ch.halfY
		dx, dy = dx+math.Abs(dx), dy+math.Abs(dy)
		d2 := (dx*dx + dy*dy) * 0.25
		low2[i&(groupChunks-1)] = d2
		if d2 < least {
			nearest, least = i, d2
		}
	}
	return nearest
}

// within is the first of the n squared distances that is at most bound, -1 when there is none.
func within(low2 *[groupChunks]float64, n int, bound float64) int {
	for i := range low2[:n] {
		if low2[i] <= bound {
			return i
		}
	}
	return -1
}

// holds tells whether the polygon contains the point that l is centred on, by the
// even-odd rule over edges in the point's azimuthal plane: the same edges, to the
// last digit, as those whose area terms are summed.
func (o *outline) holds(l *local) bool {
	// How far the expanded plane can be from the frame's plane over the polygon.
	slack := l.bend*o.farthest2(l.x, l.y) + 1e-6
	if math.Abs(l.x-o.x) > o.halfX+slack || math.Abs(l.y-o.y) > o.halfY+slack {
		return false
	}
	in := false
	for i := range o.groups {
		if !o.groups[i].right(l, slack) {
			continue
		}
		chunks := o.group(i)
		for j := range chunks {
			ch := &chunks[j]
			if !ch.right(l, slack) {
				continue
			}
			v := o.vertices(ch)
			ax, ay := l.to(v[0], v[1])
			if ch.x-l.x > ch.halfX+slack {
				// All to the right: only the sides of the two ends matter.
				_, by := l.to(v[len(v)-2], v[len(v)-1])
				if (ay > 0) != (by > 0) {
					in = !in
				}
				continue
			}
			for k := 2; k+1 < len(v); k += 2 {
				bx, by := l.to(v[k], v[k+1])
				if crosses(ax, ay, bx, by, 0, 0) {
					in = !in
				}
				ax, ay = bx, by
			}
		}
	}
	return in
}

// right tells whether the half-line from the centre to the right may meet the box, widened by slack.
func (b *box) right(l *local, slack float64) bool {
	return math.Abs(l.y-b.y) <= b.halfY+slack && l.x-b.x <= b.halfX+slack
}
