package fiction

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"vigie/data"
	"vigie/geo/crs"
)

// EditionIncome is the year of the gridded incomes.
const EditionIncome = "2021"

// cellSize is the side of their cells, in metres.
const cellSize = 200

// imputedUnder is the number of households under which Insee imputes a cell's incomes.
const imputedUnder = 11

// inhabited is a cell and who lives there.
type inhabited struct {
	cell             crs.GridCell
	commune          *commune // where most of it lies
	households, poor float64
	people           float64
}

// newIncome spreads the households of each commune over the cells of its built-up area,
// denser in the middle, and poorer in the neighbourhoods of income.
func newIncome(seed uint64, land *territory, z *zones) File {
	r := stream(seed, "income")
	laea, ok := crs.ByCode(3035)
	if !ok {
		panic("fiction: ETRS89-LAEA is unknown")
	}
	cells := map[string]*inhabited{}
	for i := range land.communes {
		c := &land.communes[i]
		center := c.centre.point()
		middle := crs.CellAt(laea, cellSize, center[0], center[1])
		reach := int(math.Ceil(c.builtUp()/cellSize)) + 1
		var own []*inhabited
		var weights []float64
		total := 0.0
		for east := -reach; east <= reach; east++ {
			for north := -reach; north <= reach; north++ {
				cell := middle.Offset(east, north)
				d := plane(cell.Center()).sub(c.centre).length() / (c.builtUp() + cellSize/2)
				if d >= 1 {
					continue
				}
				id := cell.ID()
				if cells[id] == nil {
					cells[id] = &inhabited{cell: cell, commune: c}
				}
				weight := (1 - d*d) * math.Exp(0.5*r.NormFloat64())
				own, weights, total = append(own, cells[id]), append(weights, weight), total+weight
			}
		}
		for k, in := range own {
			households := tenth(float64(c.households) * weights[k] / total)
			share := c.poverty * between(r, 0.5, 1.1)
			if z.poor(in.cell.Center()) {
				share = between(r, 0.32, 0.5)
			}
			in.households += households
			in.poor += tenth(households * share)
			in.people += households * float64(c.population) / float64(c.households)
		}
	}
	all := slices.SortedFunc(maps.Values(cells), func(a, b *inhabited) int {
		return cmp.Or(cmp.Compare(a.cell.North, b.cell.North), cmp.Compare(a.cell.East, b.cell.East))
	})
	lines := make([][]string, 0, len(all))
	for _, in := range all {
		imputed := "0"
		if in.households < imputedUnder {
			imputed = "1"
		}
		if in.households > 0 {
			lines = append(lines, []string{in.cell.ID(), point1(in.people), point1(in.households), point1(in.poor), imputed, in.commune.code})
		}
	}
	return table(FileIncome, []string{"idcar_200m", "ind", "men", "men_pauv", "i_est_200", "lcog_geo"}, lines)
}

// poor tells whether a point is in a neighbourhood of today that is designated on income.
func (z *zones) poor(p orb.Point) bool {
	return slices.ContainsFunc(z.current, func(one zone) bool {
		return one.kind == data.ZoneQPV && planar.MultiPolygonContains(one.outline, p)
	})
}

func tenth(f float64) float64 { return math.Round(10*f) / 10 }

func point1(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") }
