package zoneindex

import "math"

// grid finds the zones near a point: square cells over a frame, each with the
// zones whose rectangle meets it. It is the way for searches of a few cells; for
// wider ones there is the tree.
type grid struct {
	west, south    float64 // of the first cell, metres
	size, perMetre float64 // of a cell, and its inverse
	columns, rows  int32
	// items[start[i]:start[i+1]] are the leaves in cell i; rows follow each other northwards.
	start, items []int32
}

const (
	// cellSize, in metres, is about the diameter of the usual discs.
	cellSize = 4000
	// maxCells bounds the cells of a grid, and maxPerZone how often a zone may be
	// listed in it on average: cells grow until both hold.
	maxCells   = 1 << 17
	maxPerZone = 32
)

func buildGrid(boxes []box) grid {
	whole := emptyExtent()
	for i := range boxes {
		whole.union(&boxes[i])
	}
	g := grid{west: whole.minX, south: whole.minY}
	for g.size = cellSize; ; g.size *= 2 {
		g.perMetre = 1 / g.size
		columns := math.Floor((whole.maxX-g.west)*g.perMetre) + 1
		rows := math.Floor((whole.maxY-g.south)*g.perMetre) + 1
		if columns*rows > maxCells {
			continue
		}
		g.columns, g.rows = int32(columns), int32(rows)
		listed := 0
		for i := range boxes {
			x0, x1, y0, y1 := g.cells(&boxes[i])
			listed += int(x1-x0+1) * int(y1-y0+1)
		}
		if listed <= maxPerZone*len(boxes)+maxCells/8 {
			break
		}
	}
	g.fill(boxes)
	return g
}

// cells is the range of cells that a box meets.
func (g *grid) cells(b *box) (x0, x1, y0, y1 int32) {
	return g.column(b.x - b.halfX), g.column(b.x + b.halfX), g.row(b.y - b.halfY), g.row(b.y + b.halfY)
}

// column and row are those of a coordinate, the outermost one for what is outside.
func (g *grid) column(x float64) int32 { return clampCell((x-g.west)*g.perMetre, g.columns) }
func (g *grid) row(y float64) int32    { return clampCell((y-g.south)*g.perMetre, g.rows) }

func clampCell(v float64, n int32) int32 {
	if !(v > 0) {
		return 0
	}
	if v >= float64(n) {
		return n - 1
	}
	return int32(v)
}

// fill lists the boxes in their cells.
func (g *grid) fill(boxes []box) {
	g.start = make([]int32, g.columns*g.rows+1)
	each := func(do func(cell, leaf int32)) {
		for i := range boxes {
			x0, x1, y0, y1 := g.cells(&boxes[i])
			for y := y0; y <= y1; y++ {
				for x := x0; x <= x1; x++ {
					do(y*g.columns+x, int32(i))
				}
			}
		}
	}
	each(func(cell, _ int32) { g.start[cell+1]++ })
	for i := 1; i < len(g.start); i++ {
		g.start[i] += g.start[i-1]
	}
	g.items = make([]int32, g.start[len(g.start)-1])
	next := append([]int32(nil), g.start...)
	each(func(cell, leaf int32) {
		g.items[next[cell]] = leaf
		next[cell]++
	})
}
