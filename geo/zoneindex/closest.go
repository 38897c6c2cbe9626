package zoneindex

import "math"

// closest lists, for each square of a frame, the zones one of which is the nearest
// to any point of it.
type closest struct {
	west, south float64 // of the first square, metres
	perMetre    float64 // squares in a metre
	side        int32   // squares on a side
	// lists[i] is the part of leaves for square i; rows follow each other northwards.
	lists  []part
	leaves []int32
}

type part struct{ from, to int32 }

const (
	// squareSize, in metres, is about the side of a square.
	squareSize = 20_000
	// squareMargin is how far around the zones squares reach, in metres.
	squareMargin = 50_000
	// fewLeaves is a list short enough not to be divided further.
	fewLeaves = 8
	// maxBend bounds |c|, see local, within the areas of use of the legal projections.
	maxBend = 4e-8
)

func buildClosest(boxes []box, longest2 float64) closest {
	whole := emptyExtent()
	for i := range boxes {
		whole.union(&boxes[i])
	}
	extent := max(whole.maxX-whole.minX, whole.maxY-whole.minY) + 2*squareMargin
	c := closest{west: whole.minX - squareMargin, south: whole.minY - squareMargin, side: 1}
	for c.side < 128 && extent > squareSize*float64(c.side) {
		c.side *= 2
	}
	c.perMetre = float64(c.side) / extent
	c.lists = make([]part, c.side*c.side)
	all := make([]int32, len(boxes), 4*len(boxes))
	for i := range all {
		all[i] = int32(i)
	}
	c.divide(boxes, maxBend*longest2+1, new([]float64), all, 0, 0, 0, c.side)
	return c
}

// divide keeps, of the leaves from the first-th on of which one is the nearest to
// any point of a block, those that may be; and so on for its quarters, down to
// single squares. The block is of side² squares from column x and row y. It
// returns the memory of leaves, which it uses beyond their end; low2 is scratch memory.
func (c *closest) divide(boxes []box, slack float64, low2 *[]float64, leaves []int32, first int, x, y, side int32) []int32 {
	half := float64(side) / c.perMetre / 2
	blockX, blockY := c.west+float64(x)/c.perMetre+half, c.south+float64(y)/c.perMetre+half
	// From any point, a zone is at most as far as from the centre and the way there.
	end, far2 := len(leaves), math.Inf(1)
	if cap(*low2) < end-first {
		*low2 = make([]float64, end-first)
	}
	low := (*low2)[:end-first]
	for n, i := range leaves[first:] {
		b := &boxes[i]
		dx, dy := math.Abs(b.x-blockX), math.Abs(b.y-blockY)
		nearX, nearY, farX, farY := dx-b.halfX, dy-b.halfY, dx+b.halfX, dy+b.halfY
		// As box.touched2, and box.distance2 between the two rectangles.
		if d2 := nearX*nearX + farY*farY; d2 < far2 {
			far2 = d2
		}
		if d2 := farX*farX + nearY*nearY; d2 < far2 {
			far2 = d2
		}
		nearX, nearY = nearX-half, nearY-half
		nearX, nearY = nearX+math.Abs(nearX), nearY+math.Abs(nearY)
		low[n] = (nearX*nearX + nearY*nearY) * 0.25
	}
	far := (math.Sqrt(far2)+half*math.Sqrt2)*(1+spread) + slack
	for n := range low {
		if low[n] <= far*far {
			leaves = append(leaves, leaves[first+n])
		}
	}
	if side > 1 && len(leaves)-end > fewLeaves {
		for _, q := range [4][2]int32{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			leaves = c.divide(boxes, slack, low2, leaves, end, x+q[0]*side/2, y+q[1]*side/2, side/2)
		}
		return leaves[:end]
	}
	list := part{from: int32(len(c.leaves))}
	c.leaves = append(c.leaves, leaves[end:]...)
	list.to = int32(len(c.leaves))
	for row := y; row < y+side; row++ {
		for column := x; column < x+side; column++ {
			c.lists[row*c.side+column] = list
		}
	}
	return leaves[:end]
}

// at is the list for a point; false when it is in no square.
func (c *closest) at(x, y float64) ([]int32, bool) {
	column, row := (x-c.west)*c.perMetre, (y-c.south)*c.perMetre
	if !(column >= 0 && row >= 0 && column < float64(c.side) && row < float64(c.side)) {
		return nil, false
	}
	list := c.lists[int32(row)*c.side+int32(column)]
	return c.leaves[list.from:list.to], true
}
