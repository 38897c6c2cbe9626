package statistics

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vigie/data"
	"vigie/geo/disclosure"
)

// minPublished is the share of the cells of a level that an edition should publish; it
// gives up families at that level until it does.
const minPublished = 0.8

// ErrPending: scores are still being computed.
var ErrPending = errors.New("scores are still being computed")

// frozen is a stored edition as the attacker of a new one has it, with the true counts.
type frozen struct {
	quarter string
	tables  []frozenTable
}

// frozenTable is what an edition leaves for the attacker of the next ones.
type frozenTable struct {
	Unit  disclosure.Unit  `json:"unit"`
	Cells []frozenCell     `json:"cells"`
	Sums  []disclosure.Sum `json:"sums"`
}

type frozenCell struct {
	Key         string `json:"key"`
	Value       int    `json:"value"`
	Addresses   int    `json:"addresses"`
	Bodies      int    `json:"bodies"`
	LargestSite int    `json:"largest_site"`
	LargestBody int    `json:"largest_body"`
	Hidden      bool   `json:"hidden"`
}

func freezeCell(key string, c disclosure.Count, hidden bool) frozenCell {
	return frozenCell{key, c.Value, c.Addresses, c.Bodies, c.LargestSite, c.LargestBody, hidden}
}

func (f frozenCell) count() disclosure.Count {
	c := disclosure.Count{
		Value: f.Value, Addresses: f.Addresses, Bodies: f.Bodies, LargestSite: f.LargestSite, LargestBody: f.LargestBody,
		Stored: disclosure.StoredShown,
	}
	if f.Hidden {
		c.Stored = disclosure.StoredHidden
	}
	return c
}

// release is a cube with what is published of it.
type release struct {
	*cube
	figures map[disclosure.Unit][]disclosure.Figure
}

// compile builds the cube of a register for a quarter and suppresses it, stored editions
// (oldest first) considered. Where less than minPublished of a level's cells would be published, it
// gives up the level's families one by one, then takes back those that hide nothing else. The
// error is a *data.RejectedError when even the totals would give a hidden figure away.
func compile(r *Register, quarter string, stored []frozen) (*release, error) {
	givenUp := map[scope]bool{}
	var order []scope
	out, poor, err := attempt(r, quarter, stored, givenUp)
	for out != nil && len(poor) > 0 {
		family, ok := out.leastOf(poor)
		if !ok {
			break
		}
		givenUp[family], order = true, append(order, family)
		out, poor, err = attempt(r, quarter, stored, givenUp)
	}
	if err != nil {
		return nil, err
	}
	for _, family := range slices.Backward(order) {
		delete(givenUp, family)
		if more, still, err := attempt(r, quarter, stored, givenUp); err == nil && len(still) <= len(poor) && more.showsAllOf(out) {
			out = more
		} else {
			givenUp[family] = true
		}
	}
	return out, nil
}

// showsAllOf tells whether r publishes whatever less does.
func (r *release) showsAllOf(less *release) bool {
	for unit, t := range less.tables {
		for i := range t.cells {
			if less.figures[unit][i].Hidden() {
				continue
			}
			if f, ok := r.figure(t.cells[i].area, t.cells[i].measure); !ok || f.Hidden() {
				return false
			}
		}
	}
	return true
}

// attempt is the release without what is given up, and the levels of which it publishes too
// little: all of them when it would give a hidden figure away, which is the error. Nil after
// any other.
func attempt(r *Register, quarter string, stored []frozen, givenUp map[scope]bool) (out *release, poor []Level, err error) {
	c := newCube(r, maps.Clone(givenUp))
	figures, err := c.suppress(quarter, stored)
	var rejected *data.RejectedError
	if err != nil && !errors.As(err, &rejected) {
		return nil, nil, err
	}
	for _, level := range c.yielding() {
		if err != nil || c.suppression(figures, level).Share > 1-minPublished+1e-9 {
			poor = append(poor, level)
		}
	}
	return &release{c, figures}, poor, err
}

// yielding is the order in which levels give up families: from the finest, but where all
// homes are in one département the details for France are first, being those of the département.
func (c *cube) yielding() []Level {
	if c.areas[0].Reporting == 1 {
		return []Level{LevelCountry, LevelRegion, LevelDepartment}
	}
	return levels
}

// suppress decides on every cell and attacks the result: a *data.RejectedError when a
// hidden figure can be found.
func (c *cube) suppress(quarter string, stored []frozen) (map[disclosure.Unit][]disclosure.Figure, error) {
	figures := map[disclosure.Unit][]disclosure.Figure{}
	for unit, t := range c.tables {
		all, nodes := t.withStored(unit, quarter, stored)
		list, err := all.Suppress()
		var exposed *disclosure.UnprotectedError
		if errors.As(err, &exposed) {
			return nil, refused(exposed.Error())
		}
		if err != nil {
			return nil, err
		}
		found, err := all.Unprotected(list)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return nil, refused(fmt.Sprintf("%d cells", len(found)))
		}
		for _, n := range nodes {
			figures[unit] = append(figures[unit], list[n])
		}
	}
	return figures, nil
}

func refused(value string) error {
	return &data.RejectedError{Problem: data.Problem{
		Severity: data.SeverityError, Code: "statistics-exposed", Value: value,
		Message: data.Text{
			FR: "cette édition permettrait de retrouver un chiffre masqué\u00a0: elle n’est pas publiée.",
			EN: "this edition would let someone find a hidden figure: it is not published.",
		},
	}}
}

// withStored puts the cells of the stored editions of a quarter and those of the table in
// one, and tells where each of the table's is. A figure of the quarter that a correction
// does not change is the same figure. Those of other quarters are other figures, which no known
// sum ties to these, but a hidden one may be guessed from a later one near it: it comes
// back once it has moved away.
func (t *table) withStored(unit disclosure.Unit, quarter string, stored []frozen) (disclosure.Table, []int) {
	all := disclosure.Table{Unit: unit}
	type node struct {
		at   int // -1 in another quarter
		cell frozenCell
	}
	last := map[string]node{}
	addSums := func(sums []disclosure.Sum, nodes []int) {
		for _, s := range sums {
			mapped := disclosure.Sum{Total: nodes[s.Total]}
			for _, p := range s.Parts {
				mapped.Parts = append(mapped.Parts, nodes[p])
			}
			all.Sums = append(all.Sums, mapped)
		}
	}
	for _, edition := range stored {
		for _, f := range edition.tables {
			if f.Unit != unit {
				continue
			}
			nodes := make([]int, len(f.Cells))
			for i, c := range f.Cells {
				n := last[c.Key]
				switch {
				case edition.quarter != quarter:
					n.at = -1
				case n.at < 0 || n.cell != c:
					n.at = len(all.Cells)
					all.Cells = append(all.Cells, c.count())
				}
				n.cell = c
				last[c.Key], nodes[i] = n, n.at
			}
			if edition.quarter == quarter {
				addSums(f.Sums, nodes)
			}
		}
	}
	nodes := make([]int, len(t.cells))
	for i := range t.cells {
		c := t.cells[i]
		before, ok := last[c.key()]
		if ok && before.at >= 0 && before.cell == freezeCell(c.key(), c.count, before.cell.Hidden) {
			nodes[i] = before.at
			continue
		}
		if ok && before.cell.Hidden && near(c.count.Value, before.cell.Value) {
			c.count.Sensitive = true
		}
		nodes[i] = len(all.Cells)
		all.Cells = append(all.Cells, c.count)
	}
	addSums(t.sums, nodes)
	return all, nodes
}

// near tells whether a value is within the protection of a hidden one.
func near(value, hidden int) bool {
	return max(value-hidden, hidden-value) <= disclosure.Protection(hidden)
}

// freeze is what the release leaves for the attacker of later editions.
func (r *release) freeze() []frozenTable {
	var tables []frozenTable
	for _, unit := range []disclosure.Unit{disclosure.Facilities, disclosure.People} {
		t := r.tables[unit]
		f := frozenTable{Unit: unit, Sums: t.sums}
		for i := range t.cells {
			f.Cells = append(f.Cells, freezeCell(t.cells[i].key(), t.cells[i].count, r.figures[unit][i].Hidden()))
		}
		tables = append(tables, f)
	}
	return tables
}
