package crs

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// GridCell is a square of a statistical grid as the INSPIRE directive codes it
// (data specification on statistical units, D2.8.III.1): aligned on multiples of its size
// in a projection.
type GridCell struct {
	CRS CRS
	// Size is the side in metres.
	Size int
	// North and East are the coordinates of the south-west corner, in metres.
	North, East int
}

// ParseGridCell reads an identifier such as "CRS3035RES200mN2029400E4259000" (zeros
// before a number are allowed). The error is an *Error: malformed, an unknown projection,
// or a corner that is not on the grid.
func ParseGridCell(id string) (GridCell, error) {
	malformed := func() (GridCell, error) {
		return GridCell{}, &Error{
			Value: clip(id),
			FR:    "identifiant de carreau mal formé ; attendu par exemple CRS3035RES200mN2029400E4259000",
			EN:    "malformed grid cell identifier; expected for example CRS3035RES200mN2029400E4259000",
		}
	}
	rest, ok := strings.CutPrefix(id, "CRS")
	if !ok {
		return malformed()
	}
	code, rest, ok1 := strings.Cut(rest, "RES")
	size, rest, ok2 := strings.Cut(rest, "mN")
	north, east, ok3 := strings.Cut(rest, "E")
	if !ok1 || !ok2 || !ok3 {
		return malformed()
	}
	var numbers [4]int
	for i, s := range []string{code, size, north, east} {
		n, err := strconv.ParseUint(s, 10, 31)
		if err != nil || s[0] == '+' {
			return malformed()
		}
		numbers[i] = int(n)
	}
	c, ok := ByCode(numbers[0])
	if !ok || c.Geographic() {
		return GridCell{}, unknown("EPSG:" + code)
	}
	g := GridCell{CRS: c, Size: numbers[1], North: numbers[2], East: numbers[3]}
	if g.Size == 0 || g.North%g.Size != 0 || g.East%g.Size != 0 {
		return GridCell{}, &Error{
			Value: clip(id), FR: "le coin du carreau n’est pas sur la grille", EN: "the cell’s corner is not on the grid",
		}
	}
	return g, nil
}

// CellAt is the cell of a grid that holds a WGS84 position in degrees. size is in metres,
// at least 1; c must be a projection.
func CellAt(c CRS, size int, lon, lat float64) GridCell {
	x, y := c.FromWGS84(lon, lat)
	floor := func(v float64) int { return int(math.Floor(v/float64(size))) * size }
	return GridCell{CRS: c, Size: size, North: floor(y), East: floor(x)}
}

// ID is the identifier, without zeros before the numbers; ParseGridCell reads it back.
func (g GridCell) ID() string {
	return "CRS" + strconv.Itoa(g.CRS.Code()) + "RES" + strconv.Itoa(g.Size) + "mN" + strconv.Itoa(g.North) + "E" + strconv.Itoa(g.East)
}

// Offset is the cell so many cells to the east and north.
func (g GridCell) Offset(east, north int) GridCell {
	g.East += east * g.Size
	g.North += north * g.Size
	return g
}

// Center is the centre in WGS84 longitude and latitude, degrees.
func (g GridCell) Center() orb.Point {
	lon, lat := g.CRS.ToWGS84(float64(g.East)+float64(g.Size)/2, float64(g.North)+float64(g.Size)/2)
	return orb.Point{lon, lat}
}

// Polygon is the square in WGS84 longitude and latitude, degrees, counter-clockwise from
// the south-west corner. Its sides are straight between the corners: for 200 m the
// true ones bend by about a millimetre.
func (g GridCell) Polygon() orb.Polygon {
	ring := make(orb.Ring, 5)
	for i, corner := range [5][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}} {
		lon, lat := g.CRS.ToWGS84(float64(g.East+corner[0]*g.Size), float64(g.North+corner[1]*g.Size))
		ring[i] = orb.Point{lon, lat}
	}
	return orb.Polygon{ring}
}
