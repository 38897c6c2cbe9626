package crs

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

func TestParseGridCell(t *testing.T) {
	for id, want := range map[string]GridCell{
		"CRS3035RES200mN2029400E4259000":  {mustCode(t, 3035), 200, 2029400, 4259000},
		"CRS3035RES1000mN2029000E4259000": {mustCode(t, 3035), 1000, 2029000, 4259000},
		"CRS2975RES200mN7634200E0359400":  {mustCode(t, 2975), 200, 7634200, 359400},
		"CRS5490RES200mN1592600E728800":   {mustCode(t, 5490), 200, 1592600, 728800},
	} {
		if g, err := ParseGridCell(id); err != nil || g != want {
			t.Errorf("%s: %+v, %v", id, g, err)
		}
	}
	for _, id := range []string{
		"", "CRS", "200mN20294E42590", "CRS3035RES200mN2029400", "CRS3035RES200mN2029400E", "CRS3035RES200mN-200E200", "CRS3035RES0mN0E0",
		"CRS3035RES200mN2029401E4259000", "CRS9999RES200mN200E200", "CRS4326RES200mN200E200", "CRS3035RES200mN99999999999E200", "CRS3035RES200mN+200E200", "crs3035RES200mN200E200",
		"CRS3035RES200mN2029400E4259000x",
	} {
		_, err := ParseGridCell(id)
		var e *Error
		if !errors.As(err, &e) || e.FR == "" || e.EN == "" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A cell holds its centre, lies where CellAt looks for it, and has the area of its name.
func TestGridCellGeometry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := drawPoint(t, orb.Bound{Min: orb.Point{-5, 41.5}, Max: orb.Point{9.5, 51}})
		c, _ := ByCode(3035)
		g := CellAt(c, rapid.SampledFrom([]int{200, 1000}).Draw(t, "size"), lon, lat)
		if again, err := ParseGridCell(g.ID()); err != nil || again != g {
			t.Fatalf("%s read back as %+v, %v", g.ID(), again, err)
		}
		p, centre := g.Polygon(), g.Center()
		if !planar.PolygonContains(p, centre) || !planar.PolygonContains(p.Clone(), orb.Point{lon, lat}) {
			x, y := c.FromWGS84(lon, lat)
			// On an edge, to the rounding of the projection.
			if math.Abs(x-math.Round(x/100)*100) > 1e-3 && math.Abs(y-math.Round(y/100)*100) > 1e-3 {
				t.Fatalf("%s does not hold %v or %v, %v", g.ID(), centre, lon, lat)
			}
		}
		if CellAt(c, g.Size, centre[0], centre[1]) != g || g.Offset(2, -1).Offset(-2, 1) != g {
			t.Fatalf("%s is not found at its centre", g.ID())
		}
		// An equal-area projection: the ellipsoidal area of the square is that of its side.
		plane := NewAzimuthal(centre)
		ring := make(orb.Ring, len(p[0]))
		for i, v := range p[0] {
			x, y := plane.Forward(v)
			ring[i] = orb.Point{x, y}
		}
		if area, want := planar.Area(ring), float64(g.Size*g.Size); math.Abs(area/want-1) > 1e-6 || ring.Orientation() != orb.CCW {
			t.Fatalf("%s covers %.3f m², want %.0f", g.ID(), area, want)
		}
	})
}

func FuzzParseGridCell(f *testing.F) {
	f.Add("CRS3035RES200mN2029400E4259000")
	f.Add("CRS2975RES200mN7634200E0359400")
	f.Fuzz(func(t *testing.T, id string) {
		g, err := ParseGridCell(id)
		if err != nil {
			return
		}
		if again, err := ParseGridCell(g.ID()); err != nil || again != g {
			t.Fatalf("%q: %+v came back as %+v, %v", id, g, again, err)
		}
		g.Polygon()
	})
}
