package statistics

import (
	"maps"
	"slices"

	"vigie/geo/disclosure"
)

// cube is the true counts of an edition.
type cube struct {
	register *Register
	areas    []Area
	// givenUp are the families that the edition does not have at a level.
	givenUp map[scope]bool
	// tables are one for each unit: no sum ties homes to places.
	tables map[disclosure.Unit]*table
}

type table struct {
	cells []cell
	sums  []disclosure.Sum
	index map[string]int // of cells by key
}

// scope is a family at a level.
type scope struct {
	family string
	level  Level
}

// cell is one count; what nobody reported has none.
type cell struct {
	area    *Area
	measure *measure
	count   disclosure.Count
}

func (c *cell) key() string { return key(c.area, c.measure.ID) }

func key(a *Area, measure string) string { return string(a.Level) + "/" + a.Code + "/" + measure }

func newCube(r *Register, givenUp map[scope]bool) *cube {
	c := &cube{register: r, areas: geography(r.Homes), givenUp: givenUp, tables: map[disclosure.Unit]*table{}}
	homes := c.homesOf()
	for i := range measures {
		m := &measures[i]
		t := c.tables[m.Counts]
		if t == nil {
			t = &table{index: map[string]int{}}
			c.tables[m.Counts] = t
		}
		if m.Needs != "" && r.QPV == "" {
			continue
		}
		for a := range c.areas {
			if !c.has(m, c.areas[a].Level) {
				continue
			}
			if n, ok := count(m, homes[a]); ok {
				n.Weight = weight(m, c.areas[a].Level)
				t.index[key(&c.areas[a], m.ID)] = len(t.cells)
				t.cells = append(t.cells, cell{&c.areas[a], m, n})
			}
		}
	}
	for _, t := range c.tables {
		c.addSums(t)
	}
	return c
}

// has tells whether the edition has a measure at a level: its family, and what it is part of.
func (c *cube) has(m *measure, level Level) bool {
	for ; m != nil; m = measureByID(m.PartOf) {
		if c.givenUp[scope{m.Family, level}] || level != LevelCountry && national(m.Family) {
			return false
		}
	}
	return true
}

// homesOf lists the homes of each area.
func (c *cube) homesOf() [][]*Home {
	homes := make([][]*Home, len(c.areas))
	department := map[string]*Area{}
	for i := range c.areas {
		if c.areas[i].Level == LevelDepartment {
			department[c.areas[i].Code] = &c.areas[i]
		}
	}
	for i := range c.register.Homes {
		h := &c.register.Homes[i]
		for a := range c.areas {
			if c.areas[a].holds(department[h.Department]) {
				homes[a] = append(homes[a], h)
			}
		}
	}
	return homes
}

// weight is how dear a cell is to readers: totals first, then what has no coarser form.
func weight(m *measure, level Level) float64 {
	switch {
	case m.Family == "":
		return 50
	case level == LevelDepartment:
		return 5
	}
	return 1
}

// count counts a measure on homes; false when it is known of none.
func count(m *measure, homes []*Home) (disclosure.Count, bool) {
	var n disclosure.Count
	known := false
	sites, bodies := map[string]int{}, map[string]int{}
	for _, h := range homes {
		add := m.count(h)
		// Parts of a total count every home: one of which nothing is known is in some part.
		known = known || m.PartOf != "" || m.known == nil || m.known(h)
		if add == 0 {
			continue
		}
		n.Value += add
		sites[h.Address] += add
		// Homes whose body is unknown may well have the same one.
		bodies[h.Body] += add
		n.LargestSite, n.LargestBody = max(n.LargestSite, sites[h.Address]), max(n.LargestBody, bodies[h.Body])
	}
	delete(sites, "")
	delete(bodies, "")
	n.Addresses, n.Bodies = len(sites), len(bodies)
	// A sum over few facilities tells of each of them, however large it is.
	few := disclosure.DefaultRules().K
	n.Sensitive = m.Counts == disclosure.People && min(n.Addresses, n.Bodies) < few
	return n, known
}

// addSums ties the cells of a table by the sums that anyone knows: areas to the area that
// they make up, and parts of a measure to the measure.
func (c *cube) addSums(t *table) {
	add := func(total int, parts []int) {
		if len(parts) > 0 {
			t.sums = append(t.sums, disclosure.Sum{Total: total, Parts: parts})
		}
	}
	for total := range t.cells {
		whole := &t.cells[total]
		var parts []int
		complete := true
		for a := range c.areas {
			if !c.areas[a].within(whole.area) || c.areas[a].Reporting == 0 {
				continue
			}
			complete = complete && c.has(whole.measure, c.areas[a].Level)
			if i, ok := t.index[key(&c.areas[a], whole.measure.ID)]; ok {
				parts = append(parts, i)
			}
		}
		if complete {
			add(total, parts)
		}
		families := map[string][]int{}
		for i := range measures {
			if measures[i].PartOf != whole.measure.ID {
				continue
			}
			if j, ok := t.index[key(whole.area, measures[i].ID)]; ok {
				families[measures[i].Family] = append(families[measures[i].Family], j)
			}
		}
		for _, family := range slices.Sorted(maps.Keys(families)) {
			add(total, families[family])
		}
	}
}

// leastOf is the family that matters least of the first of some levels that has one to give
// up; false when none has.
func (c *cube) leastOf(levels []Level) (scope, bool) {
	for _, level := range levels {
		for _, family := range slices.Backward(families) {
			for _, t := range c.tables {
				if slices.ContainsFunc(t.cells, func(x cell) bool { return x.measure.Family == family && x.area.Level == level }) {
					return scope{family, level}, true
				}
			}
		}
	}
	return scope{}, false
}

// suppression tells how much of a level is hidden.
func (c *cube) suppression(figures map[disclosure.Unit][]disclosure.Figure, level Level) Suppression {
	s := Suppression{Level: level}
	for unit, t := range c.tables {
		for i := range t.cells {
			if t.cells[i].area.Level != level {
				continue
			}
			s.Cells++
			if figures[unit][i].Hidden() {
				s.Hidden++
			}
		}
	}
	if s.Cells > 0 {
		s.Share = float64(s.Hidden) / float64(s.Cells)
	}
	return s
}
