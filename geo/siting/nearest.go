package siting

import (
	"math"

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
	// smallBlock is the side, in cells, of a block that is not divided further, and
	// fewEdges a number of edges for which dividing does not pay.
	smallBlock = 4
	fewEdges   = 3
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

// foot is the way from (x, y) to the nearest point of the edge.
func (e *edge) foot(x, y float64) (u, v float64) {
	u, v = e.x-x, e.y-y
	t := min(max(-(u*e.dx+v*e.dy)*e.inverse, 0), 1)
	return u + t*e.dx, v + t*e.dy
}

// ringEdges are the edges of closed rings.
func ringEdges(rings []orb.Ring) []edge {
	var out []edge
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			out = append(out, newEdge(ring[i-1], ring[i]))
		}
	}
	return out
}

// pointEdges are points (lon, lat) in a plane.
func pointEdges(c crs.CRS, points []orb.Point) []edge {
	out := make([]edge, len(points))
	for i, p := range points {
		x, y := c.FromWGS84(p[0], p[1])
		out[i] = newEdge(orb.Point{x, y}, orb.Point{x, y})
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
	low2          []float64 // scratch memory
	candidates    []edge    // a stack
}

func newTile(g Grid, wanted []bool, column, row, side int) *tile {
	t := &tile{grid: g, wanted: wanted, column: column, row: row, columns: min(side, g.Columns-column), rows: min(side, g.Rows-row)}
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
// compared with the edges that can be the nearest to one of its cells, which the triangle
// inequality finds, and blocks are divided until few are left.
func (t *tile) nearest(edges []edge, out []float64) {
	for i := range out {
		out[i] = math.Inf(1)
	}
	if len(edges) > 0 {
		t.divide(edges, 0, 0, t.columns, t.rows, out)
	}
}

func (t *tile) divide(edges []edge, column, row, columns, rows int, out []float64) {
	if !t.wants(column, row, columns, rows) {
		return
	}
	x, y := t.center(column, row, columns, rows)
	kept := t.within(edges, x, y, math.Hypot(float64(columns), float64(rows))/2*float64(t.grid.CellSize))
	if columns <= smallBlock && rows <= smallBlock || len(kept) <= fewEdges {
		t.measure(kept, column, row, columns, rows, out)
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
		for _, w := range t.wanted[from : from+columns] {
			if w {
				return true
			}
		}
	}
	return false
}

// within puts on the stack of candidates the edges that may be the nearest to a point
// within a radius of (x, y), and returns them.
func (t *tile) within(edges []edge, x, y, radius float64) []edge {
	t.low2 = t.low2[:0]
	best := math.Inf(1)
	for i := range edges {
		u, v := edges[i].foot(x, y)
		d2 := u*u + v*v
		t.low2 = append(t.low2, d2)
		if d2 < best {
			best = d2
		}
	}
	limit := math.Sqrt(best) + 2*radius
	limit *= 1 + min(1.2*maxGradient*limit+limit*limit/(2*6.3e6*6.3e6), spread)
	start := len(t.candidates)
	for i := range edges {
		if t.low2[i] <= limit*limit {
			t.candidates = append(t.candidates, edges[i])
		}
	}
	return t.candidates[start:]
}

// measure compares each wanted cell of a block with every edge.
func (t *tile) measure(edges []edge, column, row, columns, rows int, out []float64) {
	for r := row; r < row+rows; r++ {
		y := t.grid.y(t.row + r)
		for c := column; c < column+columns; c++ {
			if !t.wanted[t.cell(c, r)] {
				continue
			}
			x := t.grid.x(t.column + c)
			s := t.scale(x, y)
			best, bu, bv := math.Inf(1), 0.0, 0.0
			for i := range edges {
				u, v := edges[i].foot(x, y)
				if d2 := (u*u + v*v) * (1 - s.gx*u - s.gy*v); d2 < best {
					best, bu, bv = d2, u, v
				}
			}
			out[r*t.columns+c] = s.length(bu, bv)
		}
	}
}
