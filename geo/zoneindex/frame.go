package zoneindex

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// chunkEdges is the number of consecutive edges that share one leaf of the tree.
const chunkEdges = 8

// frameMargin is how far beyond a legal projection's area of use, in degrees,
// zones are still indexed in it, so that a site near a border sees its neighbours.
const frameMargin = 2.0

// spread bounds the ratio of two scale factors inside one frame and its margin
// (Lambert-93 from Corsica to Dunkirk: 0.35 %); candidates within it of the best
// plane distance are measured again.
const spread = 0.006

// Uses of a chunk.
const (
	forDistance uint8 = 1 << iota // edges of a zone as given
	forArea                       // edges of the boundary of the union of the zones
)

// chunk is up to eight consecutive edges of one ring.
type chunk struct {
	first int32 // first vertex, index into frame.xy
	edges uint8
	use   uint8
	zone  int32 // index of the zone; -1 for a union's boundary
}

// frame is the index of the zones near one legal projection, in its plane.
type frame struct {
	crs   crs.CRS
	area  orb.Bound // area of use, where sites of this frame are
	reach float64   // metres within which the nearest zone is sure to be in the frame
	tree  tree
	// chunks are in tree order, and so are their vertices: xy holds x, y pairs.
	chunks []chunk
	xy     []float64
	// zoneTree finds the zones whose rectangle holds a point.
	zoneTree tree
	zoneAt   []int32
	// chunksOf[zoneStart[z]:zoneStart[z+1]] are the distance chunks of zone z.
	chunksOf  []int32
	zoneStart []int32
}

// covers tells whether sites at p are measured in this frame.
func (f *frame) covers(p orb.Point) bool { return f.area.Contains(p) }

// frameBuilder collects the chunks of a frame in ring order.
type frameBuilder struct {
	crs    crs.CRS
	chunks []chunk
	boxes  []box
	xy     []float64
}

func (b *frameBuilder) addRing(ring orb.Ring, zone int32, use uint8) box {
	whole := emptyBox()
	n := len(ring) - 1
	if n < 1 {
		return whole
	}
	pts := make([]float64, 0, 2*len(ring))
	for i, p := range ring {
		var x, y float64
		if i == n && p == ring[0] {
			x, y = pts[0], pts[1]
		} else {
			x, y = b.crs.FromWGS84(p[0], p[1])
		}
		pts = append(pts, x, y)
	}
	for at := 0; at < n; at += chunkEdges {
		edges := min(chunkEdges, n-at)
		bx := emptyBox()
		first := int32(len(b.xy) / 2)
		for i := at; i <= at+edges; i++ {
			bx.extend(pts[2*i], pts[2*i+1])
			b.xy = append(b.xy, pts[2*i], pts[2*i+1])
		}
		whole.union(bx)
		b.boxes = append(b.boxes, bx)
		b.chunks = append(b.chunks, chunk{first: first, edges: uint8(edges), use: use, zone: zone})
	}
	return whole
}

func (b *frameBuilder) add(g orb.MultiPolygon, zone int32, use uint8) box {
	whole := emptyBox()
	for _, poly := range g {
		for _, ring := range poly {
			whole.union(b.addRing(ring, zone, use))
		}
	}
	return whole
}

// buildFrame indexes in c's plane the zones and union boundaries near its area of use.
func buildFrame(c crs.CRS, zones []zone, unions []union) *frame {
	area := c.Area()
	near := orb.Bound{
		Min: orb.Point{area.Min[0] - frameMargin, max(area.Min[1]-frameMargin, -89)},
		Max: orb.Point{area.Max[0] + frameMargin, min(area.Max[1]+frameMargin, 89)},
	}
	b := frameBuilder{crs: c}
	f := &frame{crs: c, area: area, zoneStart: make([]int32, len(zones)+1)}
	var zoneBoxes []box
	for i := range zones {
		if !near.Intersects(zones[i].bound) {
			continue
		}
		use := forDistance
		if zones[i].union < 0 {
			use |= forArea
		}
		zoneBoxes = append(zoneBoxes, b.add(zones[i].geometry, int32(i), use))
		f.zoneAt = append(f.zoneAt, int32(i))
	}
	if len(b.chunks) == 0 {
		return nil
	}
	for i := range unions {
		if near.Intersects(unions[i].bound) {
			b.add(unions[i].geometry, -1, forArea)
		}
	}
	// The narrowest side of the margin, one degree of longitude at the latitude farthest from the equator.
	lat := max(math.Abs(near.Min[1]), math.Abs(near.Max[1]))
	f.reach = frameMargin * 111_000 * math.Cos(lat*math.Pi/180) * (1 - spread)

	var order []int32
	f.tree, order = packTree(b.boxes)
	f.chunks = make([]chunk, len(order))
	f.xy = make([]float64, 0, len(b.xy))
	for i, from := range order {
		ch := b.chunks[from]
		first := int32(len(f.xy) / 2)
		f.xy = append(f.xy, b.xy[2*ch.first:2*(ch.first+int32(ch.edges)+1)]...)
		ch.first = first
		f.chunks[i] = ch
	}
	f.indexChunksByZone()

	var zoneOrder []int32
	f.zoneTree, zoneOrder = packTree(zoneBoxes)
	sorted := make([]int32, len(zoneOrder))
	for i, from := range zoneOrder {
		sorted[i] = f.zoneAt[from]
	}
	f.zoneAt = sorted
	return f
}

func (f *frame) indexChunksByZone() {
	for _, ch := range f.chunks {
		if ch.use&forDistance != 0 {
			f.zoneStart[ch.zone+1]++
		}
	}
	for i := 1; i < len(f.zoneStart); i++ {
		f.zoneStart[i] += f.zoneStart[i-1]
	}
	f.chunksOf = make([]int32, f.zoneStart[len(f.zoneStart)-1])
	next := append([]int32(nil), f.zoneStart...)
	for i, ch := range f.chunks {
		if ch.use&forDistance != 0 {
			f.chunksOf[next[ch.zone]] = int32(i)
			next[ch.zone]++
		}
	}
}

// holds tells whether zone z contains the point that l is centred on, by the
// even-odd rule over edges in the point's azimuthal plane: the same edges, to the
// last digit, as those whose area terms are summed.
func (f *frame) holds(z int32, l *local, zoneBox *box) bool {
	// How far the expanded plane can be from the frame's plane over the zone.
	w := math.Hypot(max(zoneBox.maxX-l.x, l.x-zoneBox.minX), max(zoneBox.maxY-l.y, l.y-zoneBox.minY))
	slack := math.Hypot(l.cr, l.ci)*w*w + 1e-6
	in := false
	for _, c := range f.chunksOf[f.zoneStart[z]:f.zoneStart[z+1]] {
		b := &f.tree.boxes[c]
		if l.y < b.minY-slack || l.y > b.maxY+slack || l.x > b.maxX+slack {
			continue
		}
		ch := &f.chunks[c]
		v := f.xy[2*ch.first : 2*(ch.first+int32(ch.edges)+1)]
		ax, ay := l.to(v[0], v[1])
		for i := 2; i < len(v); i += 2 {
			bx, by := l.to(v[i], v[i+1])
			if crosses(ax, ay, bx, by, 0, 0) {
				in = !in
			}
			ax, ay = bx, by
		}
	}
	return in
}
