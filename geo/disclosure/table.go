package disclosure

import (
	"fmt"
	"math"
)

// Unit is what a table counts.
type Unit int

// Units of a table.
const (
	// People are children or victims, and incidents.
	People Unit = iota
	// Facilities are homes.
	Facilities
)

// threshold is the least figure that may be shown (rule 3).
func (u Unit) threshold() int {
	if u == Facilities {
		return 5
	}
	return 11
}

// Table is a set of counts with the sums that anyone knows to hold between them. Stored
// editions are cells of the same table: a year is the sum of its quarters, whether these
// are out already or not. A table needs no sum between figures of different times where
// none is known to hold.
type Table struct {
	Unit  Unit
	Cells []Count
	Sums  []Sum
}

// Count is one cell of a table: the true figure, never shown as such.
type Count struct {
	// Value is the number counted, at least 0.
	Value int
	// Addresses and Bodies are the numbers of distinct addresses and managing bodies
	// behind the figure; they matter for Facilities.
	Addresses, Bodies int
	// LargestSite and LargestBody are the largest parts of Value that one facility and one
	// managing body hold.
	LargestSite, LargestBody int
	// Structural marks a zero that everyone knows: no home there at all. Other zeros are
	// figures under the threshold.
	Structural bool
	// Sensitive hides the cell for a reason that the table does not know.
	Sensitive bool
	// Weight is what is lost when the cell is hidden; 0 counts as 1. Totals of large
	// areas deserve more.
	Weight float64
	// Stored is what an edition that is already out says of the cell.
	Stored Stored
}

func (c Count) weight() float64 {
	if c.Weight == 0 {
		return 1
	}
	return c.Weight
}

// Stored is the state of a cell in stored editions.
type Stored int

// States of a cell in stored editions.
const (
	NotStored Stored = iota
	StoredShown
	StoredHidden
)

// Sum says that the cell Total is the sum of the cells Parts. A sum of one part says that
// a figure is repeated.
type Sum struct {
	Total int
	Parts []int
}

// Reason tells why a cell is hidden. It is for the audit: published, it would help the
// attacker.
type Reason int

// Reasons for hiding a cell.
const (
	Published Reason = iota
	UnderThreshold
	Dominated
	Marked // Count.Sensitive
	Complementary
	HiddenBefore // by a stored edition
)

// Figure is what is published of a cell.
type Figure struct {
	Reason Reason
	// Value is rounded to base 5; 0 when hidden.
	Value int
}

// Hidden tells whether the figure is withheld.
func (f Figure) Hidden() bool { return f.Reason != Published }

// Dimension is a hierarchy: Parent[i] is the item that item i is part of, or -1.
type Dimension struct{ Parent []int }

// Cross lists the sums of a table that crosses dimensions: each item with parts is their
// sum at every combination of the other dimensions. The cell of items (i, j, k) has the
// index (i·n₂ + j)·n₃ + k. A parent that is no item is an error; so is a cycle.
func Cross(dimensions ...Dimension) ([]Sum, error) {
	cells := 1
	for d, dim := range dimensions {
		for i := range dim.Parent {
			for up, steps := dim.Parent[i], 0; up != -1; up, steps = dim.Parent[up], steps+1 {
				if up < 0 || up >= len(dim.Parent) {
					return nil, fmt.Errorf("dimension %d, item %d: parent %d of %d items", d, i, up, len(dim.Parent))
				}
				if steps == len(dim.Parent) {
					return nil, fmt.Errorf("dimension %d, item %d is part of itself", d, i)
				}
			}
		}
		cells *= len(dim.Parent)
	}
	var sums []Sum
	stride := cells
	for _, dim := range dimensions {
		block := stride // cells of one combination of the dimensions before
		stride /= len(dim.Parent)
		parts := make([][]int, len(dim.Parent))
		for i, up := range dim.Parent {
			if up >= 0 {
				parts[up] = append(parts[up], i)
			}
		}
		for total, items := range parts {
			if items == nil {
				continue
			}
			for before := 0; before < cells; before += block {
				for after := range stride {
					s := Sum{Total: before + total*stride + after, Parts: make([]int, len(items))}
					for k, item := range items {
						s.Parts[k] = before + item*stride + after
					}
					sums = append(sums, s)
				}
			}
		}
	}
	return sums, nil
}

// base is the multiple to which figures are rounded (rule 6), and reach how far the true
// one can be.
const (
	base  = 5
	reach = base / 2
)

// Round is v ≥ 0 to the nearest multiple of 5; a figure r shown stands for r-2 to r+2.
// Nothing is drawn: the same figure is rounded the same way for ever, so that asking
// again tells nothing.
func Round(v int) int { return (v + reach) / base * base }

// Rate is a rate per so many computed from rounded figures; NaN when one of them is
// hidden or the denominator is 0.
func Rate(numerator, denominator Figure, per float64) float64 {
	if numerator.Hidden() || denominator.Hidden() || denominator.Value == 0 {
		return math.NaN()
	}
	return per * float64(numerator.Value) / float64(denominator.Value)
}

// Protection is the distance within which nobody may bound a hidden figure: max(5, 50 %),
// rounded up.
func Protection(v int) int { return max(5, (v+1)/2) }

// dominance is the share of a cell that one facility or managing body may hold (rule 4).
const dominance = 0.85

// primary tells whether a cell is hidden for its own sake.
func (t Table) primary(c Count) Reason {
	least := t.Unit.threshold()
	switch {
	case c.Structural:
		return Published
	case c.Value < least, t.Unit == Facilities && (c.Addresses < least || c.Bodies < least):
		return UnderThreshold
	case float64(max(c.LargestSite, c.LargestBody)) > dominance*float64(c.Value):
		return Dominated
	case c.Sensitive:
		return Marked
	}
	return Published
}

func (t Table) check() error {
	for i, c := range t.Cells {
		switch {
		case c.Value < 0:
			return fmt.Errorf("cell %d: %d counted", i, c.Value)
		case c.Structural && c.Value != 0:
			return fmt.Errorf("cell %d: structural zero of %d", i, c.Value)
		case !(c.Weight >= 0) || math.IsInf(c.Weight, 0):
			return fmt.Errorf("cell %d: weight %v", i, c.Weight)
		}
	}
	for k, s := range t.Sums {
		sum := 0
		for _, i := range append([]int{s.Total}, s.Parts...) {
			if i < 0 || i >= len(t.Cells) {
				return fmt.Errorf("sum %d: cell %d of %d", k, i, len(t.Cells))
			}
		}
		for _, i := range s.Parts {
			sum += t.Cells[i].Value
		}
		if sum != t.Cells[s.Total].Value {
			return fmt.Errorf("sum %d: the parts make %d, the total is %d", k, sum, t.Cells[s.Total].Value)
		}
	}
	return nil
}
