package zoneindex

import (
	"math"
	"slices"
)

// closest lists, for each square of a frame, the zones one of which is the nearest
// to any point of it.
type closest struct {
	west, south float64 // of the first square, metres
	perMetre    float64 // squares in a metre
	side        int32   // squares on a side
	// items[start[i]:start[i+1]] are the leaves for square i; rows follow each other northwards.
	start, items []int32
}

const (
	// squareSize, in metres, is about the side of a square.
	squareSize = 16_000
	// maxBend bounds |c|, see local, within the legal projections and their margins.
	maxBend = 4e-8
)

func buildClosest(boxes []box, longest2 float64) closest {
	whole := emptyExtent()
	for i := range boxes {
		whole.union(&boxes[i])
	}
	extent := max(whole.maxX-whole.minX, whole.maxY-whole.minY, 1)
	c := closest{west: whole.minX, south: whole.minY, side: 1}
	for c.side < 128 && extent > squareSize*float64(c.side) {
		c.side *= 2
	}
	c.perMetre = float64(c.side) / extent
	lists := make([][]int32, c.side*c.side)
	all := make([]int32, len(boxes))
	for i := range all {
		all[i] = int32(i)
	}
	slack := maxBend*longest2 + 1
	c.divide(boxes, slack, lists, all, 0, 0, c.side)
	c.start = make([]int32, len(lists)+1)
	for i, list := range lists {
		c.start[i+1] = c.start[i] + int32(len(list))
	}
	c.items = slices.Concat(lists...)
	return c
}

// divide keeps, of the leaves that may be the nearest to a point of the block of
// squares that begins at (x, y), those of each quarter, down to single squares.
func (c *closest) divide(boxes []box, slack float64, lists [][]int32, leaves []int32, x, y, side int32) {
	half := float64(side) / c.perMetre / 2
	block := box{x: c.west + float64(x)/c.perMetre + half, y: c.south + float64(y)/c.perMetre + half, halfX: half, halfY: half}
	// From any point, a zone is at most as far as from the centre and the way there.
	far2 := math.Inf(1)
	for _, i := range leaves {
		far2 = min(far2, boxes[i].touched2(block.x, block.y))
	}
	far := (math.Sqrt(far2)+half*math.Sqrt2)*(1+spread) + slack
	kept := make([]int32, 0, len(leaves))
	for _, i := range leaves {
		if b := (box{boxes[i].x, boxes[i].y, boxes[i].halfX + half, boxes[i].halfY + half}); b.distance2(block.x, block.y) <= far*far {
			kept = append(kept, i)
		}
	}
	if side == 1 {
		lists[y*c.side+x] = kept
		return
	}
	for _, q := range [4][2]int32{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		c.divide(boxes, slack, lists, kept, x+q[0]*side/2, y+q[1]*side/2, side/2)
	}
}

// at is the list for a point; false when it is in no square.
func (c *closest) at(x, y float64) ([]int32, bool) {
	column, row := (x-c.west)*c.perMetre, (y-c.south)*c.perMetre
	if !(column >= 0 && row >= 0 && column < float64(c.side) && row < float64(c.side)) {
		return nil, false
	}
	i := int32(row)*c.side + int32(column)
	return c.items[c.start[i]:c.start[i+1]], true
}
