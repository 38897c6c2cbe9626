package disclosure

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
	"pgregory.net/rapid"
)

// france is a table of 101 départements in 18 regions by columns and their total.
func france(t testing.TB, unit Unit, columns int, mean float64, seed uint64) (Table, []int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	areas := Dimension{Parent: []int{-1}}
	sizes := []int{8, 8, 8, 6, 6, 12, 10, 13, 5, 4, 6, 8, 2, 1, 1, 1, 1, 1}
	for range sizes {
		areas.Parent = append(areas.Parent, 0)
	}
	var departments []int
	for r, size := range sizes {
		for range size {
			departments = append(departments, len(areas.Parent))
			areas.Parent = append(areas.Parent, r+1)
		}
	}
	kinds := Dimension{Parent: make([]int, columns+1)}
	kinds.Parent[0] = -1
	sums, err := Cross(areas, kinds)
	if err != nil {
		t.Fatal(err)
	}
	table := Table{Unit: unit, Cells: make([]Count, len(areas.Parent)*(columns+1)), Sums: sums}
	add := func(area, kind int, c Count) {
		cell := &table.Cells[area*(columns+1)+kind]
		cell.Value += c.Value
		cell.Addresses += c.Addresses
		cell.Bodies += c.Bodies
		cell.LargestSite = max(cell.LargestSite, c.LargestSite)
		cell.LargestBody = max(cell.LargestBody, c.LargestBody)
		cell.Weight = 1
		if area <= len(sizes) {
			cell.Weight = 5
		}
		if area == 0 {
			cell.Weight = 20
		}
	}
	shares := make([]float64, columns+1)
	for j := 1; j <= columns; j++ {
		shares[j] = 0.3 + rng.Float64()
	}
	var cells []int
	for _, d := range departments {
		size := mean * math.Exp(0.7*rng.NormFloat64())
		for j := 1; j <= columns; j++ {
			v := int(size * shares[j] * (0.7 + 0.6*rng.Float64()))
			c := Count{Value: v, Addresses: v, Bodies: v * 2 / 3, LargestSite: (v + 3) / 4, LargestBody: (v + 2) / 3}
			for _, area := range []int{d, areas.Parent[d], 0} {
				add(area, 0, c)
				add(area, j, c)
			}
		}
		for j := 0; j <= columns; j++ {
			cells = append(cells, d*(columns+1)+j)
		}
	}
	return table, cells
}

// TestYearlyDepartmentsStayPublished measures utility on a realistic table: few children a
// département and column, as many as a national count of incidents has.
func TestYearlyDepartmentsStayPublished(t *testing.T) {
	table, cells := france(t, People, 8, 40, 7)
	figures, err := table.Suppress()
	if err != nil {
		t.Fatal(err)
	}
	if share := table.SuppressedShare(figures, cells); share > 0.2 || share == 0 {
		t.Errorf("suppressed share %v", share)
	}
	intervals, err := table.Attack(figures)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range figures {
		v := float64(table.Cells[i].Value)
		if p := max(5, v/2); f.Hidden() && (intervals[i].Low > max(0, v-p) || intervals[i].High < v+p) {
			t.Errorf("the attacker bounds %v by %v", v, intervals[i])
		}
	}
}

// shapes are small tables.
func shapes(t *rapid.T) []Sum {
	flat := Dimension{Parent: []int{-1, 0, 0}}
	sums, err := Cross(rapid.SampledFrom([][]Dimension{
		{flat, flat},
		{{Parent: []int{-1, 0, 0, 0, 0}}},
		{{Parent: []int{-1, 0, 0, 1, 1, 2, 2}}},
		{{Parent: []int{-1, 0, 1, 1, 1}}},
	}).Draw(t, "shape")...)
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// drawTable fills the cells of sums; some cells may be stored already.
func drawTable(t *rapid.T, sums []Sum, largest int, stored bool) Table {
	table := Table{Unit: rapid.SampledFrom([]Unit{People, Facilities}).Draw(t, "unit"), Sums: sums}
	n := 0
	for _, s := range sums {
		n = max(n, s.Total+1, slices.Max(s.Parts)+1)
	}
	table.Cells = make([]Count, n)
	total := make([]bool, n)
	for _, s := range sums {
		total[s.Total] = true
	}
	for i := range table.Cells {
		if total[i] {
			continue
		}
		v := rapid.IntRange(0, largest).Draw(t, "value")
		bodies := rapid.IntRange((v+1)/2, v).Draw(t, "bodies")
		table.Cells[i] = Count{Value: v, Addresses: v, Bodies: bodies, LargestBody: v - bodies, Structural: v == 0 && rapid.Bool().Draw(t, "structural")}
	}
	// Totals of totals come last in no order: repeat until nothing changes.
	for range sums {
		for _, s := range sums {
			c := Count{Structural: true}
			for _, i := range s.Parts {
				part := table.Cells[i]
				c.Value, c.Addresses, c.Bodies = c.Value+part.Value, c.Addresses+part.Addresses, c.Bodies+part.Bodies
				c.LargestBody = max(c.LargestBody, part.LargestBody)
				c.Structural = c.Structural && part.Structural
			}
			table.Cells[s.Total] = c
		}
	}
	for i := range table.Cells {
		if stored && table.primary(table.Cells[i]) == Published && rapid.IntRange(0, 9).Draw(t, "stored") == 0 {
			table.Cells[i].Stored = StoredShown
		}
	}
	return table
}

// wanted is what an attacker must believe possible of a hidden cell: at most low, and at least high.
func wanted(v int) (low, high int) {
	p := max(5, int(math.Ceil(float64(v)/2)))
	return max(0, v-p), v + p
}

// exhaustive lists tables of whole numbers that agree with the figures, until each hidden cell
// had a value as far off as wanted on both sides, and returns the bounds of all cells in those
// listed. It shares nothing with the product but [Figure].
//
// No cell that is not a total need move further than the hidden cell furthest to be moved: sums
// of one or two dimensions, one of them nested at most, are those of a network, where the way
// from one table to another falls apart into ways that move each cell by one.
func exhaustive(table Table, figures []Figure) (low, high []int) {
	n := len(table.Cells)
	low, high = make([]int, n), make([]int, n)
	furthest, unmet := 0, 0
	for i, c := range table.Cells {
		low[i], high[i] = c.Value, c.Value
		if figures[i].Hidden() {
			_, to := wanted(c.Value)
			furthest = max(furthest, to-c.Value)
			unmet++
		}
	}
	met := make([]bool, n)
	least := map[Unit]int{People: 11, Facilities: 5}[table.Unit]
	total := make([]bool, n)
	for _, s := range table.Sums {
		total[s.Total] = true
	}
	var leaves []int
	for i := range table.Cells {
		if !total[i] {
			leaves = append(leaves, i)
		}
	}
	agrees := func(i, v int) bool {
		if table.Cells[i].Structural {
			return v == 0
		}
		return figures[i].Hidden() || v >= least && v >= figures[i].Value-2 && v <= figures[i].Value+2
	}
	values, known := make([]int, n), make([]bool, n)
	var list func(k int)
	list = func(k int) {
		// Totals whose parts are all known.
		var found []int
		defer func() {
			for _, i := range found {
				known[i] = false
			}
		}()
		for again := true; again; {
			again = false
			for _, s := range table.Sums {
				sum := 0
				if slices.ContainsFunc(s.Parts, func(i int) bool { sum += values[i]; return !known[i] }) {
					continue
				}
				if known[s.Total] {
					if values[s.Total] != sum {
						return
					}
					continue
				}
				if !agrees(s.Total, sum) {
					return
				}
				values[s.Total], known[s.Total] = sum, true
				found, again = append(found, s.Total), true
			}
		}
		if k == len(leaves) {
			for i, v := range values {
				low[i], high[i] = min(low[i], v), max(high[i], v)
				from, to := wanted(table.Cells[i].Value)
				if figures[i].Hidden() && !met[i] && low[i] <= from && high[i] >= to {
					met[i] = true
					unmet--
				}
			}
			return
		}
		i := leaves[k]
		// The furthest first: they are what is sought.
		for d := furthest; d >= 0 && unmet > 0; d-- {
			for _, v := range []int{table.Cells[i].Value + d, table.Cells[i].Value - d}[:1+min(d, 1)] {
				if v >= 0 && agrees(i, v) {
					values[i], known[i] = v, true
					list(k + 1)
					known[i] = false
				}
			}
		}
	}
	list(0)
	return low, high
}

// bounded says which hidden cell the exhaustive attacker bounds closer than wanted, "" for none.
func bounded(table Table, figures []Figure) string {
	low, high := exhaustive(table, figures)
	for i, f := range figures {
		v := table.Cells[i].Value
		if from, to := wanted(v); f.Hidden() && (low[i] > from || high[i] < to) {
			return fmt.Sprintf("cell %d of value %d lies in %d to %d: %+v", i, v, low[i], high[i], figures)
		}
	}
	return ""
}

func TestNoHiddenCellIsBoundedByAnExhaustiveAttacker(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, shapes(t), 14, false)
		figures, err := table.Suppress()
		if err != nil {
			t.Fatal(err)
		}
		if b := bounded(table, figures); b != "" {
			t.Fatal(b)
		}
		for i, f := range figures {
			v := table.Cells[i].Value
			if !f.Hidden() && !table.Cells[i].Structural && (v < table.Unit.threshold() || f.Value%5 != 0 || f.Value-v > 2 || v-f.Value > 2) {
				t.Fatalf("%d is shown as %d", v, f.Value)
			}
		}
	})
}

// A total is as free as its hidden part, which has to go further than its own protection; the
// attacker of these tests finds that, and what is bounded.
func TestHiddenTotalMovesWithItsHiddenPart(t *testing.T) {
	sums, err := Cross(Dimension{Parent: []int{-1, 0, 0, 1, 1, 2, 2}})
	if err != nil {
		t.Fatal(err)
	}
	table := Table{Unit: People, Sums: sums}
	for _, v := range []int{29, 1, 28, 0, 1, 14, 14} {
		table.Cells = append(table.Cells, Count{Value: v, Addresses: v, Bodies: v})
	}
	figures, err := table.Suppress()
	if err != nil {
		t.Fatal(err)
	}
	if !figures[2].Hidden() || figures[5].Hidden() == figures[6].Hidden() {
		t.Fatalf("28 and one of its parts are not what is hidden: %+v", figures)
	}
	if b := bounded(table, figures); b != "" {
		t.Error(b)
	}
	// With the grand total shown 28 lies between 28-2 and 30+2.
	figures[0] = Figure{Value: 30}
	if bounded(table, figures) == "" {
		t.Error("a total within 28 to 32 leaves nothing bounded")
	}
}

// TestAttackIsTheBestLinearAttack compares with gonum on tables of two and three
// dimensions, and with any hidden cells.
func TestAttackIsTheBestLinearAttack(t *testing.T) {
	flat := Dimension{Parent: []int{-1, 0, 0}}
	rapid.Check(t, func(t *rapid.T) {
		sums, err := Cross(rapid.SampledFrom([][]Dimension{{flat, {Parent: []int{-1, 0, 0, 0}}}, {flat, flat, flat}}).Draw(t, "shape")...)
		if err != nil {
			t.Fatal(err)
		}
		table := drawTable(t, sums, 40, false)
		figures := make([]Figure, len(table.Cells))
		for i, c := range table.Cells {
			if figures[i].Reason = table.primary(c); rapid.IntRange(0, 3).Draw(t, "hide") == 0 {
				figures[i].Reason = Complementary
			}
			if !figures[i].Hidden() {
				figures[i].Value = Round(c.Value)
			}
		}
		intervals, err := table.Attack(figures)
		if err != nil {
			t.Fatal(err)
		}
		exposed, err := table.Unprotected(figures)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range figures {
			v := float64(table.Cells[i].Value)
			p := math.Ceil(max(5, v/2))
			bounded := intervals[i].Low > max(0, v-p) || intervals[i].High < v+p
			if slices.Contains(exposed, i) != (f.Hidden() && bounded) {
				t.Fatalf("cell %d of value %v lies in %v; exposed: %v", i, v, intervals[i], exposed)
			}
		}
		i := rapid.IntRange(0, len(figures)-1).Draw(t, "cell")
		if !figures[i].Hidden() {
			return
		}
		for _, sign := range []float64{1, -1} {
			got := intervals[i].High
			if sign > 0 {
				got = intervals[i].Low
			}
			want, err := gonumAttack(table, figures, i, sign)
			if errors.Is(err, lp.ErrUnbounded) {
				want = math.Inf(1)
			} else if err != nil {
				t.Skip(err) // gonum gives up on some degenerate problems
			}
			if math.Abs(got-want) > 1e-6 {
				t.Fatalf("cell %d: %v, gonum finds %v", i, got, want)
			}
		}
	})
}

// gonumAttack is the least (sign 1) or largest (-1) value of a cell by gonum's simplex.
func gonumAttack(table Table, figures []Figure, cell int, sign float64) (float64, error) {
	n := len(table.Cells)
	low, high := make([]float64, n), make([]float64, n)
	bounded := 0
	for i := range low {
		f := table.face(i, figures[i])
		if low[i], high[i] = f.Low, f.High; !math.IsInf(high[i], 1) {
			bounded++
		}
	}
	// Rows are made independent by a slack of either sign that is bounded by 0 from both.
	rows := 2*len(table.Sums) + bounded
	a, b, c := mat.NewDense(rows, n+rows, nil), make([]float64, rows), make([]float64, n+rows)
	r := 0
	for i := range low {
		if !math.IsInf(high[i], 1) {
			a.Set(r, i, 1)
			b[r] = high[i] - low[i]
			r++
		}
	}
	for _, s := range table.Sums {
		for _, side := range []float64{1, -1} {
			a.Set(r, s.Total, -side)
			b[r] += side * low[s.Total]
			for _, i := range s.Parts {
				a.Set(r, i, side)
				b[r] -= side * low[i]
			}
			r++
		}
	}
	for r := range rows {
		a.Set(r, n+r, 1)
	}
	c[cell] = sign
	best, _, err := lp.Simplex(c, a, b, 1e-10, nil)
	return low[cell] + sign*best, err
}

func TestStoredEditionsBindTheNext(t *testing.T) {
	// A year of two quarters; the first quarter is out with the small cell hidden.
	sums := []Sum{{Total: 2, Parts: []int{0, 1}}}
	first := Table{Cells: []Count{{Value: 4, Stored: StoredHidden}, {Value: 40}, {Value: 44}}, Sums: sums}
	figures, err := first.Suppress()
	if err != nil {
		t.Fatal(err)
	}
	if figures[0].Reason != HiddenBefore || !figures[1].Hidden() && !figures[2].Hidden() {
		t.Errorf("the year less its second quarter tells the first: %+v", figures)
	}
	// The same with both others out: nothing can be done.
	first.Cells[1].Stored, first.Cells[2].Stored = StoredShown, StoredShown
	var gone *UnprotectedError
	if _, err := first.Suppress(); !errors.As(err, &gone) || gone.Cell != 0 {
		t.Errorf("error %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, shapes(t), 60, true)
		figures, err := table.Suppress()
		if errors.As(err, &gone) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range table.Cells {
			if c.Stored == StoredShown && figures[i].Hidden() {
				t.Fatalf("cell %d was out and is hidden", i)
			}
		}
		if cells, err := table.Unprotected(figures); err != nil || len(cells) > 0 {
			t.Fatal(cells, err)
		}
	})
}

func TestPrimarySuppression(t *testing.T) {
	for _, c := range []struct {
		unit Unit
		cell Count
		want Reason
	}{
		{People, Count{Value: 11}, Published},
		{People, Count{Value: 10}, UnderThreshold},
		{People, Count{Value: 0}, UnderThreshold},
		{People, Count{Structural: true}, Published},
		{People, Count{Value: 100, LargestSite: 85}, Published},
		{People, Count{Value: 100, LargestSite: 86}, Dominated},
		{People, Count{Value: 100, LargestBody: 86}, Dominated},
		{People, Count{Value: 100, Sensitive: true}, Marked},
		{Facilities, Count{Value: 5, Addresses: 5, Bodies: 5}, Published},
		{Facilities, Count{Value: 4, Addresses: 4, Bodies: 4}, UnderThreshold},
		{Facilities, Count{Value: 9, Addresses: 4, Bodies: 9}, UnderThreshold},
		{Facilities, Count{Value: 9, Addresses: 9, Bodies: 4}, UnderThreshold},
		{Facilities, Count{Value: 20, Addresses: 20, Bodies: 5, LargestBody: 18}, Dominated},
	} {
		figures, err := Table{Unit: c.unit, Cells: []Count{c.cell}}.Suppress()
		if err != nil || figures[0].Reason != c.want {
			t.Errorf("%+v: reason %v, want %v, %v", c.cell, figures, c.want, err)
		}
		if figures[0].Hidden() && figures[0].Value != 0 {
			t.Errorf("%+v: hidden, and shown as %d", c.cell, figures[0].Value)
		}
	}
}

func TestRoundingAndRates(t *testing.T) {
	for v, want := range map[int]int{0: 0, 2: 0, 3: 5, 11: 10, 12: 10, 13: 15, 17: 15, 18: 20} {
		if got := Round(v); got != want {
			t.Errorf("Round(%d) = %d, want %d", v, got, want)
		}
	}
	if got := Rate(Figure{Value: 15}, Figure{Value: 200}, 1000); got != 75 {
		t.Errorf("rate %v", got)
	}
	for _, pair := range [][2]Figure{{{Reason: Complementary}, {Value: 5}}, {{Value: 5}, {Reason: Dominated}}, {{Value: 5}, {}}} {
		if got := Rate(pair[0], pair[1], 1000); !math.IsNaN(got) {
			t.Errorf("rate of %v is %v", pair, got)
		}
	}
}

func TestTableRefusesBadInput(t *testing.T) {
	for name, table := range map[string]Table{
		"negative":        {Cells: []Count{{Value: -1}}},
		"structural":      {Cells: []Count{{Value: 1, Structural: true}}},
		"wrong sum":       {Cells: []Count{{Value: 1}, {Value: 2}}, Sums: []Sum{{Total: 0, Parts: []int{1}}}},
		"unknown cell":    {Cells: []Count{{Value: 1}}, Sums: []Sum{{Total: 0, Parts: []int{1}}}},
		"infinite weight": {Cells: []Count{{Weight: math.Inf(1)}}},
	} {
		if _, err := table.Suppress(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	table := Table{Cells: []Count{{Value: 20}}}
	for _, figures := range [][]Figure{{}, {{Value: 25}}} {
		if _, err := table.Attack(figures); err == nil {
			t.Errorf("figures %v were taken", figures)
		}
	}
	for _, d := range []Dimension{{Parent: []int{1}}, {Parent: []int{1, 0}}, {Parent: []int{-2}}} {
		if _, err := Cross(d); err == nil {
			t.Errorf("%v was taken", d)
		}
	}
}
