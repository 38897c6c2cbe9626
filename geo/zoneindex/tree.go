package zoneindex

import (
	"math"
	"slices"
)

// fanout is the number of children of a tree node: eight boxes of four float64
// are four cache lines.
const fanout = 8

// box is an axis-aligned rectangle in plane metres, by its centre and half its
// sides: distances to it then need no comparison. A negative side means empty.
type box struct{ x, y, halfX, halfY float64 }

// extent grows by points and boxes, and then becomes a box.
type extent struct{ minX, minY, maxX, maxY float64 }

func emptyExtent() extent {
	return extent{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
}

func (e *extent) extend(x, y float64) {
	e.minX, e.maxX = min(e.minX, x), max(e.maxX, x)
	e.minY, e.maxY = min(e.minY, y), max(e.maxY, y)
}

func (e *extent) union(b *box) {
	e.extend(b.x-b.halfX, b.y-b.halfY)
	e.extend(b.x+b.halfX, b.y+b.halfY)
}

// box is the rectangle, to rounding.
func (e *extent) box() box {
	return box{(e.minX + e.maxX) / 2, (e.minY + e.maxY) / 2, (e.maxX - e.minX) / 2, (e.maxY - e.minY) / 2}
}

// distance2 is the squared distance from a point to the box, 0 inside.
func (b *box) distance2(x, y float64) float64 {
	dx, dy := math.Abs(x-b.x)-b.halfX, math.Abs(y-b.y)-b.halfY
	dx, dy = dx+math.Abs(dx), dy+math.Abs(dy) // twice the positive part
	return (dx*dx + dy*dy) / 4
}

// farthest2 is the squared distance from a point to the farthest corner of the box.
func (b *box) farthest2(x, y float64) float64 {
	dx, dy := math.Abs(x-b.x)+b.halfX, math.Abs(y-b.y)+b.halfY
	return dx*dx + dy*dy
}

// touched2 is a squared distance within which something that touches all four
// sides of the box has a point (Roussopoulos, Kelley and Vincent 1995, MINMAXDIST).
func (b *box) touched2(x, y float64) float64 {
	dx, dy := math.Abs(x-b.x), math.Abs(y-b.y)
	nearX, nearY, farX, farY := dx-b.halfX, dy-b.halfY, dx+b.halfX, dy+b.halfY
	one, other := nearX*nearX+farY*farY, farX*farX+nearY*nearY
	if other < one {
		return other
	}
	return one
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
	whole := emptyExtent()
	for i := range boxes {
		whole.union(&boxes[i])
	}
	keys := make([]uint64, n)
	sx, sy := hilbertScale(whole.maxX-whole.minX), hilbertScale(whole.maxY-whole.minY)
	for i, b := range boxes {
		order[i] = int32(i)
		keys[i] = hilbert(uint32((b.x-whole.minX)*sx), uint32((b.y-whole.minY)*sy))
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
			e := emptyExtent()
			for j := i; j < min(i+fanout, count); j++ {
				e.union(&t.boxes[start+j])
			}
			t.boxes = append(t.boxes, e.box())
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

// touched2 is a squared distance within which something that touches the sides of
// one of the boxes has a point, however far.
func (t *tree) touched2(x, y float64) float64 {
	best := math.Inf(1)
	for i := range t.boxes[:t.leaves] {
		best = min(best, t.boxes[i].touched2(x, y))
	}
	return best
}

// node is a range of boxes of one level of a tree.
type node struct{ level, from, to int32 }

// within appends the leaves whose box is within a squared distance of the centre of l; stack is scratch memory.
func (t *tree) within(found []int32, stack *[]node, l *local, r2 float64) []int32 {
	level, count := t.root()
	pending := append((*stack)[:0], node{level, 0, count})
	for len(pending) > 0 {
		n := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		base := t.levels[n.level]
		for i := n.from; i < n.to; i++ {
			if t.boxes[base+i].distance2(l.x, l.y) > r2 {
				continue
			}
			if n.level == 0 {
				found = append(found, i)
				continue
			}
			from, to := t.children(n.level, i)
			pending = append(pending, node{n.level - 1, from, to})
		}
	}
	*stack = pending
	return found
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
