package disclosure

import (
	"slices"

	"vigie/geo/crs"
)

// Enforce draws the cells like [Mask], coarser where need be: no secret of a home rises
// by more than r.Bound for the attacker of [Posterior] who holds the release together
// with known (earlier releases, statistics, computed points). A square that would break
// the bound is tried without bands, then gives way to the one around it, and so on up to the
// département. Homes for which even that is not coarse enough are shown without labels, with
// bands and in the cells of rule 9.
//
// What known alone gives away can't be helped here: the report is that of the result, and
// [Report.Holds] is false; [Report.Adds] tells whether the release made it worse.
func Enforce(homes []Home, attributes []Attribute, r Rules, known Knowledge) (Partition, Report, error) {
	b, err := newBeliever(homes, attributes, r, known)
	if err != nil {
		return Partition{}, Report{}, err
	}
	drafts := make([]draft, 0)
	of := make([]int, len(homes)) // the draft of a home
	for _, pool := range pools(homes) {
		for _, i := range pool {
			of[i] = len(drafts)
		}
		drafts = append(drafts, draft{pool: pool, denied: map[crs.GridCell]level{}, stale: true})
	}
	alone, err := b.attack(known)
	if err != nil {
		return Partition{}, Report{}, err
	}
	for {
		p := newPartition(len(homes))
		for k := range drafts {
			if d := &drafts[k]; d.stale {
				d.cells, d.stale = b.draw(*d), false
			}
			p.add(slices.Clone(drafts[k].cells))
		}
		release := Release{}
		for i, at := range p.Of {
			if at >= 0 {
				release.Rows = append(release.Rows, p.Cells[at].row(homes, attributes, i))
			}
		}
		with := known
		with.Releases = append(slices.Clone(known.Releases), release)
		report, err := b.attack(with)
		if err != nil {
			return Partition{}, Report{}, err
		}
		changed := false
		for i, standing := range report.Homes {
			if p.Of[i] >= 0 && standing.worse(alone.Homes[i], r.Bound) {
				changed = deny(drafts, of[i], homes, p.Cells[p.Of[i]]) || changed
			}
		}
		if !changed {
			return p, report, nil
		}
	}
}

// Adds tells whether a release is to blame: a secret of some home rises by more than the
// bound and by more than in the report without the release, or a home is placed that was not.
func (r Report) Adds(alone Report, rules Rules) bool {
	for i, standing := range r.Homes {
		if standing.worse(alone.Homes[i], rules.Bound) {
			return true
		}
	}
	return slices.ContainsFunc(r.Placed, func(i int) bool { return !slices.Contains(alone.Placed, i) })
}

// worse tells whether a secret rose by more than bound, and by more than it had without
// the release.
func (s Standing) worse(alone Standing, bound float64) bool {
	for k, after := range s.After {
		if after-s.Before[k] > max(bound, alone.After[k]-s.Before[k]+propagated) {
			return true
		}
	}
	return false
}

// level is what a place may not show.
type level int

const (
	anything level = iota
	noBands
	noLabels
)

// draft is the state of one département and category.
type draft struct {
	pool   []int
	denied map[crs.GridCell]level // the zero cell is the département
	cells  []Cell
	stale  bool
}

// deny takes from the cell of a home that stands out, or when that shows no label any more,
// from all cells of its département: what they show bears on it through published counts.
// False when there is nothing left to take.
func deny(drafts []draft, k int, homes []Home, c Cell) bool {
	if c.ShowsLabels {
		next := noLabels
		if c.ShowsBands {
			next = noBands
		}
		d := &drafts[k]
		d.denied[c.Grid], d.stale = max(d.denied[c.Grid], next), true
		return true
	}
	changed := false
	for k := range drafts {
		d := &drafts[k]
		if homes[d.pool[0]].Department != c.Department {
			continue
		}
		for _, other := range d.cells {
			if other.ShowsLabels && d.denied[other.Grid] < noLabels {
				d.denied[other.Grid], d.stale, changed = noLabels, true, true
			}
		}
	}
	return changed
}

// draw makes the cells of a draft.
func (b *believer) draw(d draft) []Cell {
	m := masker{homes: b.homes, rules: b.rules}
	tells := func(c *Cell) bool { return m.crowded(c) && m.diverse(c) && b.bounded(c, d.denied[c.Grid]) }
	// A class told of the département is worth more than a square without one.
	if rest := m.settle(d.pool, tells, tells); len(rest) == 0 {
		return m.cells
	} else if c := m.cell(rest); tells(c) || !m.crowded(c) {
		return append(m.cells, *c)
	}
	// Some are told nothing: as few as may be.
	rest := m.settle(d.pool, tells, m.crowded)
	mute := masker{homes: b.homes, rules: b.rules}
	rest = mute.settle(rest, func(c *Cell) bool { return mute.diverse(c) && show(c, false, true) }, mute.crowded)
	if len(rest) > 0 {
		c := mute.cell(rest)
		show(c, false, true)
		mute.cells = append(mute.cells, *c)
	}
	return append(m.cells, mute.cells...)
}

// bounded lets a cell show as much as keeps its homes within the bound, labels at least;
// false when that is too much.
func (b *believer) bounded(c *Cell, denied level) bool {
	for l := denied; l < noLabels; l++ {
		show(c, true, l == anything)
		if b.quiet(c) {
			return true
		}
	}
	show(c, false, false)
	return false
}

// quiet tells whether the rows of a cell by themselves keep its homes within the bound.
func (b *believer) quiet(c *Cell) bool {
	rows := make([]Row, len(c.Homes))
	for k, i := range c.Homes {
		rows[k] = c.row(b.homes, b.attributes, i)
	}
	posterior := b.shuffle(c.Homes, rows)
	for _, s := range b.secrets {
		for k, i := range c.Homes {
			if rise := s.in(posterior[s.of][k]) - s.in(b.public[s.of][i]); !(rise <= b.rules.Bound) {
				return false
			}
		}
	}
	return true
}
