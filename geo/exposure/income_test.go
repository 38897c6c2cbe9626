package exposure

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
)

var laea = mustCRS(3035)

func mustCRS(code int) crs.CRS {
	c, ok := crs.ByCode(code)
	if !ok {
		panic("unknown CRS")
	}
	return c
}

// gridAround gives a grid of cells around home, as far as reach cells each way.
func gridAround(reach int, cell func(east, north int) (households, poor float64, imputed bool)) *IncomeGrid {
	var b IncomeGridBuilder
	center := crs.CellAt(laea, 200, home[0], home[1])
	for east := -reach; east <= reach; east++ {
		for north := -reach; north <= reach; north++ {
			households, poor, imputed := cell(east, north)
			b.Add(center.Offset(east, north), households, poor, imputed)
		}
	}
	return b.Build()
}

// TestHouseholdsOfAUniformGrid: where density is the same everywhere, a disc holds its area's worth.
func TestHouseholdsOfAUniformGrid(t *testing.T) {
	g := gridAround(12, func(int, int) (float64, float64, bool) { return 40, 10, false })
	rapid.Check(t, func(t *rapid.T) {
		p := at(rapid.Float64Range(-900, 900).Draw(t, "x"), rapid.Float64Range(-900, 900).Draw(t, "y"))
		radius := rapid.Float64Range(1, 1200).Draw(t, "radius")
		h := g.Within(p, radius)
		want := 40 * math.Pi * radius * radius / (200 * 200)
		if math.Abs(h.All-want) > 1e-6*want+1e-9 {
			t.Fatalf("%v households in %v m, want %v", h.All, radius, want)
		}
		if math.Abs(h.Poor-h.All/4) > 1e-6*want+1e-9 || h.Imputed != 0 {
			t.Fatalf("poor %v, imputed %v of %v", h.Poor, h.Imputed, h.All)
		}
	})
}

// TestDiscPartAgainstSampling: the share of a square in a disc is that of its points.
func TestDiscPartAgainstSampling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		west, south := rapid.Float64Range(-700, 600).Draw(t, "west"), rapid.Float64Range(-700, 600).Draw(t, "south")
		radius := rapid.Float64Range(20, 600).Draw(t, "radius")
		const n = 200
		inside := 0
		for i := range n {
			for j := range n {
				if math.Hypot(west+200*(float64(i)+0.5)/n, south+200*(float64(j)+0.5)/n) <= radius {
					inside++
				}
			}
		}
		if got, want := discPart(west, south, 200, radius), float64(inside)/(n*n); math.Abs(got-want) > 3e-3 {
			t.Fatalf("square at %v, %v, radius %v: %v, want %v", west, south, radius, got, want)
		}
	})
}

func TestDeprivation(t *testing.T) {
	w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Context: map[string]CommuneContext{"00001": {CrimeRate: math.NaN(), PoorShare: 0.3}}}
	subject := located(home)
	subject.CommuneCode = "00001"
	share := func() float64 { return evaluate(w, subject)["deprivation_share"].Float64() }
	if got := share(); got != 0.3 {
		t.Errorf("without a grid: %v, want the commune's 0.3", got)
	}
	w.Income = gridAround(10, func(east, _ int) (float64, float64, bool) { return 20, 5, east < 0 })
	got := evaluate(w, subject)
	if f := got["poor_household_share_500m"].Float64(); math.Abs(f-0.25) > 1e-6 {
		t.Errorf("share of poor households %v", f)
	}
	if f := share(); math.Abs(f-0.25) > 1e-6 {
		t.Errorf("with a grid the commune no longer counts: %v", f)
	}
	if f := got["imputed_household_share_500m"].Float64(); !(f > 0.25 && f <= 0.5) {
		t.Errorf("imputed share %v: a quarter to a half is expected", f)
	}
	// Where nobody lives the share is unknown, and the commune stands for it.
	subject.Point = at(9000, 9000)
	if v := evaluate(w, subject)["poor_household_share_500m"]; !v.IsNull() || share() != 0.3 {
		t.Errorf("where nobody lives: %s, %v", v.Format(), share())
	}
}

// TestGridOfTheLastYear: of a cell that is given twice the last stands, in any order of cells.
func TestGridOfTheLastYear(t *testing.T) {
	var b IncomeGridBuilder
	center := crs.CellAt(laea, 200, home[0], home[1])
	b.Add(center, 50, 40, true)
	b.Add(center.Offset(-300, 280), 10, 0, false)
	b.Add(center, 50, 10, false)
	h := b.Build().Within(home, 500)
	if math.Abs(h.All-50) > 1e-9 || math.Abs(h.Poor-10) > 1e-9 || h.Imputed != 0 {
		t.Errorf("%+v", h)
	}
	far := center.Offset(-300, 280).Center()
	if h := b.out.Within(orb.Point(far), 500); math.Abs(h.All-10) > 1e-9 {
		t.Errorf("another block: %+v", h)
	}
	if new(IncomeGridBuilder).Build() != nil {
		t.Error("no cell, no grid")
	}
}
