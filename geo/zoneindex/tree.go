package zoneindex

import (
	"math"
	"slices"
)

// fanout is the number of children of a tree node: eight boxes of four float64
// are four cache lines.
const fanout = 8

// box is an axis-aligned rectangle in plane metres.
type box struct{ minX, minY, maxX, maxY float64 }

func emptyBox() box {
	return box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
}

func (b *box) extend(x, y float64) {
	b.minX, b.maxX = min(b.minX, x), max(b.maxX, x)
	b.minY, b.maxY = min(b.minY, y), max(b.maxY, y)
}

func (b *box) union(o box) {
	b.minX, b.maxX = min(b.minX, o.minX), max(b.maxX, o.maxX)
	b.minY, b.maxY = min(b.minY, o.minY), max(b.maxY, o.maxY)
}

// distance2 is the squared distance from a point to the box, 0 inside.
func (b *box) distance2(x, y float64) float64 {
	dx := max(b.minX-x, x-b.maxX, 0)
	dy := max(b.minY-y, y-b.maxY, 0)
	return dx*dx + dy*dy
}

// farthest2 is the squared distance from a point to the farthest corner of the box.
func (b *box) farthest2(x, y float64) float64 {
	dx := max(b.maxX-x, x-b.minX)
	dy := max(b.maxY-y, y-b.minY)
	return dx*dx + dy*dy
}

// touched2 is a squared distance within which something that touches all four
// sides of the box has a point (Roussopoulos, Kelley and Vincent 1995, MINMAXDIST).
func (b *box) touched2(x, y float64) float64 {
	// The nearer and the farther of the two sides, in each direction.
	west, east := (x-b.minX)*(x-b.minX), (x-b.maxX)*(x-b.maxX)
	south, north := (y-b.minY)*(y-b.minY), (y-b.maxY)*(y-b.maxY)
	return min(min(west, east)+max(south, north), max(west, east)+min(south, north))
}

// tree is a packed, immutable R-tree: leaves in Hilbert order, each level the
// boxes of groups of eight of the level below, in one flat slice.
type tree struct {
	boxes []box
	// levels[i] is where level i starts in boxes; level 0 are the leaves.
	levels []int32
	leaves int32
}

// packTree builds a tree over boxes and returns the order in which the leaves
// were packed: leaf i of the tree is boxes[order[i]].
func packTree(boxes []box) (t tree, order []int32) {
	n := len(boxes)
	order = make([]int32, n)
	if n == 0 {
		return t, order
	}
	whole := emptyBox()
	for _, b := range boxes {
		whole.union(b)
	}
	keys := make([]uint64, n)
	sx, sy := hilbertScale(whole.maxX-whole.minX), hilbertScale(whole.maxY-whole.minY)
	for i, b := range boxes {
		order[i] = int32(i)
		cx, cy := (b.minX+b.maxX)/2, (b.minY+b.maxY)/2
		keys[i] = hilbert(uint32((cx-whole.minX)*sx), uint32((cy-whole.minY)*sy))
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case keys[a] < keys[b]:
			return -1
		case keys[a] > keys[b]:
			return 1
		}
		return 0
	})
	t.leaves = int32(n)
	t.boxes = make([]box, 0, n+n/(fanout-1)+8)
	for _, i := range order {
		t.boxes = append(t.boxes, boxes[i])
	}
	t.levels = append(t.levels, 0)
	for start, count := 0, n; count > 1; {
		next := len(t.boxes)
		t.levels = append(t.levels, int32(next))
		for i := 0; i < count; i += fanout {
			b := emptyBox()
			for j := i; j < min(i+fanout, count); j++ {
				b.union(t.boxes[start+j])
			}
			t.boxes = append(t.boxes, b)
		}
		start, count = next, len(t.boxes)-next
	}
	return t, order
}

// children returns the range, in the level below, of the boxes under the i-th box of a level (> 0).
func (t *tree) children(level, i int32) (from, to int32) {
	return i * fanout, min((i+1)*fanout, t.levels[level]-t.levels[level-1])
}

// root returns the top level and the number of boxes in it.
func (t *tree) root() (level, count int32) {
	level = int32(len(t.levels)) - 1
	return level, int32(len(t.boxes)) - t.levels[level]
}

const hilbertOrder = 16

func hilbertScale(extent float64) float64 {
	if extent <= 0 {
		return 0
	}
	return (1<<hilbertOrder - 1) / extent
}

// hilbert gives the position along a Hilbert curve of order 16 (Hamilton and
// Rau-Chaplin's rotation form).
func hilbert(x, y uint32) uint64 {
	var d uint64
	for s := uint32(1) << (hilbertOrder - 1); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		d += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = (1<<hilbertOrder-1)-x, (1<<hilbertOrder-1)-y
			}
			x, y = y, x
		}
	}
	return d
}
