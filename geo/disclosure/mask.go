package disclosure

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Sides of the squares in metres; each is twice the one before.
const (
	smallest = 1_000
	largest  = 64_000
)

// Cell is a place in which homes of one category and département are shown together.
type Cell struct {
	Department, Category string
	// Grid is the square, of 1, 2, 4 … 64 km; its Size is 0 when the homes are shown at
	// the level of the département. Homes that lie in a smaller cell of the same
	// département and category are shown there and are not counted here: the homes of a
	// cell are those of its square less the smaller cells within, so that taking one from
	// the other tells nothing new.
	Grid crs.GridCell
	// Homes are the indices of the homes shown here, ascending.
	Homes []int
	// Addresses and Bodies are the numbers of distinct ones.
	Addresses, Bodies int
	// ShowsLabels tells whether rows of the cell may show classes and the other labels,
	// ShowsBands whether they may show bands.
	ShowsLabels, ShowsBands bool
}

// ID is the INSPIRE identifier of the square, or "" for a département.
func (c Cell) ID() string {
	if c.Grid.Size == 0 {
		return ""
	}
	return c.Grid.ID()
}

// Polygon is the square in longitude and latitude, degrees; nil for a département.
func (c Cell) Polygon() orb.Polygon {
	if c.Grid.Size == 0 {
		return nil
	}
	return c.Grid.Polygon()
}

// Partition is where each home of a release is shown: one place, the same for every
// recipient.
type Partition struct {
	// Cells are in the order of département, category, and then size and corner, the
	// département last.
	Cells []Cell
	// Of is for each home the index of its cell, or -1 for one that the register lacks: it is
	// not in the release.
	Of []int
}

// Mask draws the cells of a release by rule 9: each holds, of the listed homes of one
// category and département, at least K distinct addresses and managing bodies and
// Classes different classes. Homes that no square holds are shown at the level of the
// département: without labels when they are of one class only, without bands too when
// they are too few.
//
// Squares are those of the official grid: EPSG:3035 in metropolitan France, the legal
// projection elsewhere. The result depends on the homes only, and for a département on
// its own homes only. The error names the home that is at fault.
func Mask(homes []Home, r Rules) (Partition, error) {
	if err := r.check(); err != nil {
		return Partition{}, err
	}
	if err := checkHomes(homes); err != nil {
		return Partition{}, err
	}
	p := newPartition(len(homes))
	for _, pool := range pools(homes) {
		m := masker{homes: homes, rules: r}
		rest := m.settle(pool, func(c *Cell) bool { return m.diverse(c) && show(c, true, true) }, m.crowded)
		if c := m.cell(rest); len(rest) > 0 {
			if m.crowded(c) {
				show(c, m.diverse(c), true)
			}
			m.cells = append(m.cells, *c)
		}
		p.add(m.cells)
	}
	return p, nil
}

func newPartition(homes int) Partition {
	p := Partition{Of: make([]int, homes)}
	for i := range p.Of {
		p.Of[i] = -1
	}
	return p
}

// add takes the cells of one département and category.
func (p *Partition) add(cells []Cell) {
	slices.SortFunc(cells, func(a, b Cell) int {
		size := func(c Cell) int {
			if c.Grid.Size == 0 {
				return math.MaxInt
			}
			return c.Grid.Size
		}
		return cmp.Or(cmp.Compare(size(a), size(b)), compareSquares(a.Grid, b.Grid))
	})
	for _, c := range cells {
		for _, i := range c.Homes {
			p.Of[i] = len(p.Cells)
		}
		p.Cells = append(p.Cells, c)
	}
}

func compareSquares(a, b crs.GridCell) int {
	return cmp.Or(cmp.Compare(a.CRS.Code(), b.CRS.Code()), cmp.Compare(a.North, b.North), cmp.Compare(a.East, b.East))
}

// pools are the listed homes of each département and category, in the order of these.
func pools(homes []Home) [][]int {
	type key struct{ department, category string }
	of := map[key][]int{}
	for i, h := range homes {
		if h.Unlisted {
			continue
		}
		k := key{h.Department, h.Category}
		of[k] = append(of[k], i)
	}
	keys := slices.SortedFunc(maps.Keys(of), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.department, b.department), cmp.Compare(a.category, b.category))
	})
	all := make([][]int, len(keys))
	for i, k := range keys {
		all[i] = of[k]
	}
	return all
}

// masker draws the cells of one département and category.
type masker struct {
	homes []Home
	rules Rules
	cells []Cell
}

// squares settles homes in the smallest squares that hold enough of them and that accept
// agrees to, and returns those that no square settles. It goes up from the smallest size: what a
// square can't settle goes to the one around it. Squares and their homes are thus disjoint sets
// of homes, each large enough by itself.
func (m *masker) squares(pool []int, accept func(*Cell) bool) (rest []int) {
	pending := map[crs.GridCell][]int{}
	for _, i := range pool {
		if g, ok := gridAt(m.homes[i].Position, smallest); ok {
			pending[g] = append(pending[g], i)
		} else {
			rest = append(rest, i)
		}
	}
	for size := smallest; size <= largest; size *= 2 {
		up := map[crs.GridCell][]int{}
		for g, homes := range pending {
			slices.Sort(homes)
			c := m.cell(homes)
			if c.Grid = g; m.crowded(c) && accept(c) {
				m.cells = append(m.cells, *c)
				continue
			}
			g = around(g)
			up[g] = append(up[g], homes...)
		}
		pending = up
	}
	for _, homes := range pending {
		rest = append(rest, homes...)
	}
	slices.Sort(rest)
	return rest
}

// gridAt is the square of a position on the official grid of its territory; false when it
// is in none.
func gridAt(position orb.Point, size int) (crs.GridCell, bool) {
	c, ok := crs.Legal(position.Lon(), position.Lat())
	if !ok {
		return crs.GridCell{}, false
	}
	if c.Code() == 2154 {
		// The grid of metropolitan statistics is the European one.
		c, _ = crs.ByCode(3035)
	}
	return crs.CellAt(c, size, position.Lon(), position.Lat()), true
}

// around is the square of twice the size that holds g.
func around(g crs.GridCell) crs.GridCell {
	g.Size *= 2
	floor := func(v int) int { return v - (v%g.Size+g.Size)%g.Size }
	g.North, g.East = floor(g.North), floor(g.East)
	return g
}

// cell gathers homes of one département and category; it shows nothing yet.
func (m *masker) cell(homes []int) *Cell {
	if len(homes) == 0 {
		return nil
	}
	first := m.homes[homes[0]]
	c := &Cell{Department: first.Department, Category: first.Category, Homes: homes}
	addresses, bodies := map[string]bool{}, map[string]bool{}
	for _, i := range homes {
		addresses[m.homes[i].Address], bodies[m.homes[i].Body] = true, true
	}
	delete(addresses, "")
	delete(bodies, "")
	c.Addresses, c.Bodies = len(addresses), len(bodies)
	return c
}

// crowded tells whether a cell has enough addresses and managing bodies.
func (m *masker) crowded(c *Cell) bool {
	return c.Addresses >= m.rules.K && c.Bodies >= m.rules.K
}

// diverse tells whether the homes of a cell have enough different classes.
func (m *masker) diverse(c *Cell) bool {
	var seen [classes]bool
	n := 0
	for _, i := range c.Homes {
		if h := m.homes[i]; h.Class > 0 && !seen[h.Class] {
			seen[h.Class] = true
			n++
		}
	}
	return n >= m.rules.Classes
}

// show sets what a cell shows. It is true, for use in a condition.
func show(c *Cell, labels, bands bool) bool {
	c.ShowsLabels, c.ShowsBands = labels, bands
	return true
}

// settle draws squares such that the homes left over, if any, are good at the level of the
// département. Where they are not, squares near them give way to the ones around, until
// they are or no square is left.
func (m *masker) settle(pool []int, accept, good func(*Cell) bool) (rest []int) {
	given := map[crs.GridCell]bool{}
	for {
		m.cells = m.cells[:0]
		rest = m.squares(pool, func(c *Cell) bool { return !given[c.Grid] && accept(c) })
		if len(rest) == 0 || len(m.cells) == 0 || good(m.cell(rest)) {
			return rest
		}
		for _, g := range m.nearest(rest) {
			given[g] = true
		}
	}
}

// nearest are the settled squares in the smallest square around a home of the rest that holds
// any; all of the largest where none does.
func (m *masker) nearest(rest []int) []crs.GridCell {
	within := map[crs.GridCell][]crs.GridCell{}
	top := 0
	for _, c := range m.cells {
		top = max(top, c.Grid.Size)
		for g := c.Grid; g.Size <= largest; g = around(g) {
			within[g] = append(within[g], c.Grid)
		}
	}
	for size := smallest; size <= largest; size *= 2 {
		var near []crs.GridCell
		for _, i := range rest {
			if g, ok := gridAt(m.homes[i].Position, size); ok {
				near = append(near, within[g]...)
			}
		}
		if near != nil {
			return near
		}
	}
	var all []crs.GridCell
	for _, c := range m.cells {
		if c.Grid.Size == top {
			all = append(all, c.Grid)
		}
	}
	return all
}

// Release gives the rows of a partition in the order of homes.
// pseudonyms has one a home.
func (p Partition) Release(homes []Home, attributes []Attribute, pseudonyms []string) (Release, error) {
	if len(p.Of) != len(homes) || len(pseudonyms) != len(homes) {
		return Release{}, fmt.Errorf("%d homes, a partition of %d and %d pseudonyms", len(homes), len(p.Of), len(pseudonyms))
	}
	if err := checkAttributes(homes, attributes); err != nil {
		return Release{}, err
	}
	var r Release
	for i, at := range p.Of {
		if at >= 0 {
			row := p.Cells[at].row(homes, attributes, i)
			row.Pseudonym = pseudonyms[i]
			r.Rows = append(r.Rows, row)
		}
	}
	return r, nil
}

// row is what a cell shows of a home, without its name.
func (c Cell) row(homes []Home, attributes []Attribute, i int) Row {
	row := Row{Department: c.Department, Category: c.Category, Cell: c.ID()}
	if c.ShowsLabels {
		for _, a := range attributes {
			row.Labels = append(row.Labels, a.Labels[i])
		}
	}
	if c.ShowsBands {
		row.Bands = homes[i].Bands
	}
	return row
}

// Utility says what a partition costs.
type Utility struct {
	// Sizes counts homes by the side of their cell in metres; 0 is the département.
	Sizes map[int]int
	// Department is the share of the homes shown that are at the level of the département
	// (0–1), WithoutLabels and WithoutBands the shares shown without them.
	Department, WithoutLabels, WithoutBands float64
	// Omitted is the number of homes that are not in the release.
	Omitted int
}

// Utility measures the partition. Shares are NaN when it shows no home.
func (p Partition) Utility() Utility {
	u := Utility{Sizes: map[int]int{}}
	var shown, labels, bands int
	for _, c := range p.Cells {
		n := len(c.Homes)
		u.Sizes[c.Grid.Size] += n
		shown += n
		if c.ShowsLabels {
			labels += n
		}
		if c.ShowsBands {
			bands += n
		}
	}
	u.Omitted = len(p.Of) - shown
	share := func(n int) float64 { return float64(n) / float64(shown) }
	u.Department, u.WithoutLabels, u.WithoutBands = share(u.Sizes[0]), share(shown-labels), share(shown-bands)
	return u
}
