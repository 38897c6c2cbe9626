package siting

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Lengths in the plane of a conformal projection are turned into metres on the ground by
// the scale factor at the cell and its gradient: along a straight line of length w from the
// cell the mean scale is k·(1 + g·w/2 + …), g being the gradient of ln k (geo/zoneindex).
const (
	// maxGradient bounds |g|, per metre, in the legal projections' areas of use.
	maxGradient = 4e-8
	// spread bounds the ratio of two scale factors there.
	spread = 0.006
	// smallBlock is the side, in cells, of a block that is not divided further.
	smallBlock = 4
	// chunkEdges is how many consecutive edges of a ring are looked at together.
	chunkEdges = 12
)

// edge is a segment of a plane, or a point: one of no length.
type edge struct {
	x, y, dx, dy float64
	inverse      float64 // 1/length², 0 for a point
}

func newEdge(a, b orb.Point) edge {
	e := edge{x: a[0], y: a[1], dx: b[0] - a[0], dy: b[1] - a[1]}
	if l2 := e.dx*e.dx + e.dy*e.dy; l2 > 0 {
		e.inverse = 1 / l2
	}
	return e
}

// chunk is some edges that follow each other, and the rectangle that they touch the four
// sides of, by its centre and half its sides.
type chunk struct {
	x, y, halfX, halfY float64
	edges              []edge
}

func newChunk(points []orb.Point) chunk {
	b := orb.MultiPoint(points).Bound()
	c := chunk{x: (b.Min[0] + b.Max[0]) / 2, y: (b.Min[1] + b.Max[1]) / 2, halfX: (b.Max[0] - b.Min[0]) / 2, halfY: (b.Max[1] - b.Min[1]) / 2}
	for i := 1; i < len(points); i++ {
		c.edges = append(c.edges, newEdge(points[i-1], points[i]))
	}
	return c
}

// low2 is the squared distance from a point to the rectangle, 0 inside.
func (c *chunk) low2(x, y float64) float64 {
	dx, dy := max(math.Abs(x-c.x)-c.halfX, 0), max(math.Abs(y-c.y)-c.halfY, 0)
	return dx*dx + dy*dy
}

// high2 is a squared distance within which an edge is (Roussopoulos, Kelley and Vincent
// 1995, MINMAXDIST).
func (c *chunk) high2(x, y float64) float64 {
	dx, dy := math.Abs(x-c.x), math.Abs(y-c.y)
	nearX, nearY, farX, farY := dx-c.halfX, dy-c.halfY, dx+c.halfX, dy+c.halfY
	return min(nearX*nearX+farY*farY, farX*farX+nearY*nearY)
}

// ringChunks are the edges of closed rings.
func ringChunks(rings []orb.Ring) []chunk {
	var out []chunk
	for _, ring := range rings {
		for from := 0; from+1 < len(ring); from += chunkEdges {
			out = append(out, newChunk(ring[from:min(from+chunkEdges+1, len(ring))]))
		}
	}
	return out
}

// pointChunks are points (lon, lat) in a plane.
func pointChunks(c crs.CRS, points []orb.Point) []chunk {
	out := make([]chunk, len(points))
	for i, p := range points {
		x, y := c.FromWGS84(p[0], p[1])
		out[i] = newChunk([]orb.Point{{x, y}, {x, y}})
	}
	return out
}

// tile is a square of cells of a grid, with the scale of the projection there.
type tile struct {
	grid          Grid
	column, row   int // of its first cell in the grid
	columns, rows int
	local         crs.Local // at its centre
	wanted        []bool    // of the grid's cells
	*scratch
}

// scratch is memory that tiles use one after the other.
type scratch struct {
	low2       []float64
	candidates []chunk // a stack
}

func newTile(g Grid, wanted []bool, column, row, side int, memory *scratch) *tile {
	t := &tile{grid: g, wanted: wanted, column: column, row: row, columns: min(side, g.Columns-column), rows: min(side, g.Rows-row), scratch: memory}
	x, y := t.center(0, 0, t.columns, t.rows)
	lon, lat := g.CRS.ToWGS84(x, y)
	t.local = g.CRS.Local(lon, lat)
	return t
}

// center is that of a block of the tile's cells.
func (t *tile) center(column, row, columns, rows int) (x, y float64) {
	size := float64(t.grid.CellSize)
	return t.grid.x(t.column+column) + float64(columns-1)/2*size, t.grid.y(t.row+row) - float64(rows-1)/2*size
}

// cell is the number in the grid of a cell of the tile.
func (t *tile) cell(column, row int) int { return (t.row+row)*t.grid.Columns + t.column + column }

// scale is that of the projection around a point of the tile.
func (t *tile) scale(x, y float64) scale {
	l := &t.local
	x, y = x-l.X, y-l.Y
	s := l.DX*x + l.DY*y + (l.DXX*x*x+2*l.DXY*x*y+l.DYY*y*y)/2
	return scale{
		inverse: (1 - s + s*s/2) / l.Scale, gx: l.DX + l.DXX*x + l.DXY*y, gy: l.DY + l.DXY*x + l.DYY*y,
		hxx: l.DXX, hxy: l.DXY, hyy: l.DYY,
	}
}

// scale is the scale factor of a projection at a point: its inverse, and the derivatives of
// its logarithm.
type scale struct{ inverse, gx, gy, hxx, hxy, hyy float64 }

// length is that on the ground, in metres, of a straight line of the plane from the point,
// within 1e-7 to 60 km and 1e-5 to 300 km.
func (s *scale) length(u, v float64) float64 {
	w2 := u*u + v*v
	u1 := s.gx*u + s.gy*v
	u2 := s.hxx*u*u + 2*s.hxy*u*v + s.hyy*v*v
	across2 := (s.gx*s.gx+s.gy*s.gy)*w2 - u1*u1
	return math.Sqrt(w2) * s.inverse * (1 - u1/2 - u2/6 + u1*u1/6 - across2/24)
}

// nearest writes the distance in metres of each wanted cell's centre to the nearest edge,
// +Inf when there is none, at its place in the tile. It is exact: a block of cells is
// compared with the chunks that can be the nearest to one of its cells, which the triangle
// inequality finds, and blocks are divided until they are small.
func (t *tile) nearest(chunks []chunk, out []float64) {
	for i := range out {
		out[i] = math.Inf(1)
	}
	if len(chunks) > 0 {
		t.divide(chunks, 0, 0, t.columns, t.rows, out)
	}
}

func (t *tile) divide(chunks []chunk, column, row, columns, rows int, out []float64) {
	if !t.wants(column, row, columns, rows) {
		return
	}
	x, y := t.center(column, row, columns, rows)
	kept, limit := t.within(chunks, x, y, math.Hypot(float64(columns), float64(rows))/2*float64(t.grid.CellSize))
	if columns <= smallBlock && rows <= smallBlock || len(kept) == 1 {
		t.measure(kept, limit, column, row, columns, rows, out)
	} else {
		left, top := (columns+1)/2, (rows+1)/2
		t.divide(kept, column, row, left, top, out)
		t.divide(kept, column, row+top, left, rows-top, out)
		t.divide(kept, column+left, row, columns-left, top, out)
		t.divide(kept, column+left, row+top, columns-left, rows-top, out)
	}
	t.candidates = t.candidates[:len(t.candidates)-len(kept)]
}

// wants tells whether a block has a wanted cell.
func (t *tile) wants(column, row, columns, rows int) bool {
	for r := row; r < row+rows; r++ {
		from := t.cell(column, r)
		if slices.Contains(t.wanted[from:from+columns], true) {
			return true
		}
	}
	return false
}

// within puts on the stack of candidates the chunks that may hold the nearest edge to a
// point within a radius of (x, y), the nearest first, and returns them with the plane
// distance from (x, y) that they are within.
func (t *tile) within(chunks []chunk, x, y, radius float64) (kept []chunk, limit float64) {
	t.low2 = t.low2[:0]
	best := math.Inf(1)
	for i := range chunks {
		t.low2 = append(t.low2, chunks[i].low2(x, y))
		best = min(best, chunks[i].high2(x, y))
	}
	limit = math.Sqrt(best) + 2*radius
	limit *= 1 + scaleSlack(limit)
	start, first, closest := len(t.candidates), 0, math.Inf(1)
	for i, low2 := range t.low2 {
		if low2 <= limit*limit {
			if low2 < closest {
				first, closest = len(t.candidates)-start, low2
			}
			t.candidates = append(t.candidates, chunks[i])
		}
	}
	kept = t.candidates[start:]
	kept[0], kept[first] = kept[first], kept[0]
	return kept, limit
}

// scaleSlack bounds by how much, as a ratio, the mean scales along two lines of that length
// from one point differ.
func scaleSlack(length float64) float64 {
	return min(1.2*maxGradient*length+length*length/(2*6.3e6*6.3e6), spread)
}

// measure compares each wanted cell of a block with the edges of chunks, which are within a
// plane distance of its centre.
func (t *tile) measure(chunks []chunk, limit float64, column, row, columns, rows int, out []float64) {
	// What a squared distance in the plane is at least, once corrected for the scale.
	least := 1 - 2*scaleSlack(2*limit)
	for r := row; r < row+rows; r++ {
		y := t.grid.y(t.row + r)
		for c := column; c < column+columns; c++ {
			if !t.wanted[t.cell(c, r)] {
				continue
			}
			x := t.grid.x(t.column + c)
			s := t.scale(x, y)
			best, bu, bv := math.Inf(1), 0.0, 0.0
			for i := range chunks {
				if chunks[i].low2(x, y)*least > best {
					continue
				}
				for k := range chunks[i].edges {
					e := &chunks[i].edges[k]
					// The way to the nearest point of the edge.
					u, v := e.x-x, e.y-y
					if along := -(u*e.dx + v*e.dy) * e.inverse; along > 0 {
						along = min(along, 1)
						u, v = u+along*e.dx, v+along*e.dy
					}
					if d2 := (u*u + v*v) * (1 - s.gx*u - s.gy*v); d2 < best {
						best, bu, bv = d2, u, v
					}
				}
			}
			out[r*t.columns+c] = s.length(bu, bv)
		}
	}
}
