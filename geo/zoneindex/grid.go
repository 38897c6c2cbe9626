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
	// hints give, for each square of hintCells² cells, a leaf that is near it.
	hints       []int32
	hintColumns int32
}

const (
	// cellSize, in metres, is about the diameter of the usual discs.
	cellSize = 4000
	// hintCells is how many cells a square with one hint has on a side.
	hintCells = 4
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
	g.hint(boxes)
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

// hint spreads each leaf from its own square to those around that have no nearer
// one, in two sweeps: nearly always the nearest leaf is found, and any will do.
func (g *grid) hint(boxes []box) {
	columns, rows := (g.columns+hintCells-1)/hintCells, (g.rows+hintCells-1)/hintCells
	g.hintColumns, g.hints = columns, make([]int32, columns*rows)
	distance2 := make([]float64, len(g.hints))
	for i := range g.hints {
		g.hints[i], distance2[i] = -1, math.Inf(1)
	}
	side := g.size * hintCells
	offer := func(x, y, leaf int32) {
		if leaf < 0 {
			return
		}
		at := y*columns + x
		d2 := boxes[leaf].distance2(g.west+(float64(x)+0.5)*side, g.south+(float64(y)+0.5)*side)
		if d2 < distance2[at] {
			g.hints[at], distance2[at] = leaf, d2
		}
	}
	for i := range boxes {
		offer(g.column(boxes[i].x)/hintCells, g.row(boxes[i].y)/hintCells, int32(i))
	}
	from := func(x, y, dx, dy int32) {
		if x+dx >= 0 && x+dx < columns && y+dy >= 0 && y+dy < rows {
			offer(x, y, g.hints[(y+dy)*columns+x+dx])
		}
	}
	for y := range rows {
		for x := range columns {
			from(x, y, -1, 0)
			from(x, y, -1, -1)
			from(x, y, 0, -1)
			from(x, y, 1, -1)
		}
		for x := columns - 1; x >= 0; x-- {
			from(x, y, 1, 0)
		}
	}
	for y := rows - 1; y >= 0; y-- {
		for x := columns - 1; x >= 0; x-- {
			from(x, y, 1, 0)
			from(x, y, 1, 1)
			from(x, y, 0, 1)
			from(x, y, -1, 1)
		}
		for x := range columns {
			from(x, y, -1, 0)
		}
	}
}

// hintAt is a leaf near a point.
func (g *grid) hintAt(x, y float64) int32 {
	return g.hints[g.row(y)/hintCells*g.hintColumns+g.column(x)/hintCells]
}
