package siting

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Grid is a rectangle of square cells, aligned on multiples of their size in a projection.
// Cells are numbered by rows from the north, each from the west: row·Columns + column.
type Grid struct {
	CRS      crs.CRS
	CellSize int // metres
	// East and North are the coordinates of the north-west corner, in metres.
	East, North   int
	Columns, Rows int
}

// maxCells bounds the cells of a grid: France in cells of 100 m takes 130 million.
const maxCells = 200_000_000

// NewGrid is the smallest grid that covers an area (lon/lat, CRS84) in a conformal
// projection. It fails on an area without positions, on one far outside the projection's
// area of use, and when there would be too many cells.
func NewGrid(c crs.CRS, area orb.MultiPolygon, cellSize int) (Grid, error) {
	if !c.Conformal() || cellSize < 1 {
		return Grid{}, fmt.Errorf("cells of %d m in %s: a conformal projection and a size of at least 1 m are expected", cellSize, c)
	}
	bound := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, ring := range project(c, area) {
		for _, p := range ring {
			if !c.Plausible(p[0], p[1]) {
				return Grid{}, fmt.Errorf("the area is outside that of %s", c)
			}
			bound = bound.Extend(p)
		}
	}
	if bound.IsEmpty() {
		return Grid{}, errors.New("the area is empty")
	}
	size := float64(cellSize)
	west, north := int(math.Floor(bound.Min[0]/size)), int(math.Ceil(bound.Max[1]/size))
	g := Grid{
		CRS: c, CellSize: cellSize, East: west * cellSize, North: north * cellSize,
		Columns: max(int(math.Ceil(bound.Max[0]/size))-west, 1), Rows: max(north-int(math.Floor(bound.Min[1]/size)), 1),
	}
	if g.Columns*g.Rows > maxCells {
		return Grid{}, fmt.Errorf("%d × %d cells are too many", g.Columns, g.Rows)
	}
	return g, nil
}

// Cells is the number of cells.
func (g Grid) Cells() int { return g.Columns * g.Rows }

// x and y are the coordinates of the centre of a column and of a row, in metres.
func (g Grid) x(column int) float64 {
	return float64(g.East) + (float64(column)+0.5)*float64(g.CellSize)
}
func (g Grid) y(row int) float64 { return float64(g.North) - (float64(row)+0.5)*float64(g.CellSize) }

// Center is the centre of a cell (lon, lat, CRS84).
func (g Grid) Center(cell int) orb.Point {
	lon, lat := g.CRS.ToWGS84(g.x(cell%g.Columns), g.y(cell/g.Columns))
	return orb.Point{lon, lat}
}

// Corners are those of the grid in degrees, in the order north-west, north-east,
// south-east, south-west.
func (g Grid) Corners() [4]orb.Point {
	east, south := g.East+g.Columns*g.CellSize, g.North-g.Rows*g.CellSize
	var out [4]orb.Point
	for i, c := range [4][2]int{{g.East, g.North}, {east, g.North}, {east, south}, {g.East, south}} {
		out[i][0], out[i][1] = g.CRS.ToWGS84(float64(c[0]), float64(c[1]))
	}
	return out
}

// Tiles cuts the grid into grids of at most side × side cells, row by row from the north:
// a country is surveyed tile by tile in the memory of one.
func (g Grid) Tiles(side int) iter.Seq[Grid] {
	return func(yield func(Grid) bool) {
		for row := 0; row < g.Rows; row += side {
			for column := 0; column < g.Columns; column += side {
				tile := g
				tile.East, tile.North = g.East+column*g.CellSize, g.North-row*g.CellSize
				tile.Columns, tile.Rows = min(side, g.Columns-column), min(side, g.Rows-row)
				if !yield(tile) {
					return
				}
			}
		}
	}
}

// Mask tells of each cell whether its centre is in an area (lon/lat, CRS84), by the even-odd
// rule; edges are straight in the projection.
func (g Grid) Mask(area orb.MultiPolygon) []bool {
	out := make([]bool, g.Cells())
	g.fill(project(g.CRS, area), func(from, to int) {
		for cell := from; cell < to; cell++ {
			out[cell] = true
		}
	})
	return out
}

// project gives the rings of a polygon in a plane, closed.
func project(c crs.CRS, area orb.MultiPolygon) []orb.Ring {
	var out []orb.Ring
	for _, polygon := range area {
		for _, ring := range polygon {
			plane := make(orb.Ring, len(ring), len(ring)+1)
			for i, p := range ring {
				plane[i][0], plane[i][1] = c.FromWGS84(p[0], p[1])
			}
			if len(plane) > 0 && plane[0] != plane[len(plane)-1] {
				plane = append(plane, plane[0])
			}
			out = append(out, plane)
		}
	}
	return out
}

// fill calls do with every run of cells [from, to) of a row whose centres an odd number of
// rings hold. Rings are closed, in the grid's plane.
func (g Grid) fill(rings []orb.Ring, do func(from, to int)) {
	size := float64(g.CellSize)
	// The rows that the rings span.
	north, south := math.Inf(-1), math.Inf(1)
	for _, ring := range rings {
		for _, p := range ring {
			north, south = max(north, p[1]), min(south, p[1])
		}
	}
	top := max(int(math.Floor((float64(g.North)-north)/size)), 0)
	bottom := min(int(math.Ceil((float64(g.North)-south)/size)), g.Rows)
	if !(top < bottom) {
		return
	}
	crossings := make([][]float64, bottom-top)
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if a[1] > b[1] {
				a, b = b, a
			}
			// Rows whose centre is in [a, b): a vertex counts for the edge that it begins.
			first := max(int(math.Floor((float64(g.North)-b[1])/size-0.5))+1, top)
			last := min(int(math.Floor((float64(g.North)-a[1])/size-0.5)), bottom-1)
			for row := first; row <= last; row++ {
				t := (g.y(row) - a[1]) / (b[1] - a[1])
				crossings[row-top] = append(crossings[row-top], a[0]+t*(b[0]-a[0]))
			}
		}
	}
	column := func(x float64) int {
		return min(max(int(math.Ceil((x-float64(g.East))/size-0.5)), 0), g.Columns)
	}
	for row, xs := range crossings {
		slices.Sort(xs)
		for i := 0; i+1 < len(xs); i += 2 {
			if from, to := column(xs[i]), column(xs[i+1]); from < to {
				start := (top + row) * g.Columns
				do(start+from, start+to)
			}
		}
	}
}
