package snapshot

import (
	"github.com/paulmach/orb"

	"vigie/data"
)

// Collection is one layer as one viewer sees it. Filters, counts, paging and
// extent act on what the viewer may see.
type Collection struct {
	viewer data.Viewer
	schema *data.Schema
	rows   rows
}

// rows is a layer's records, sorted by feature identifier.
type rows interface {
	len() int
	id(i int) string
	// bound is false for a record without geometry.
	bound(i int) (orb.Bound, bool)
	visible(v data.Viewer, i int) bool
	// selected applies the layer's own defaults (open sites, current editions).
	selected(q *Query, i int) bool
	// meets tells whether the record's geometry meets b, given that its bound does.
	meets(i int, b orb.Bound) bool
	fill(i int, f *data.Feature)
}

// Query selects features of a collection.
type Query struct {
	// Bounds keeps features that meet any of these (two when a bbox crosses the
	// antimeridian); nil keeps everything, features without geometry included.
	Bounds []orb.Bound
	// Equal keeps features whose property has this value, compared as text.
	Equal map[string]string
	// After is the identifier after which the page starts.
	After string
	// Limit is the largest number of features in the page, > 0.
	Limit int
	// Editions includes the zones of editions that are not current.
	Editions bool
	// Status of sites: "open" (also when empty), "closed" or "all".
	Status string
}

// Page is one page of a query's answer.
type Page struct {
	// Matched counts the features of the whole answer, Returned those of this page.
	Matched, Returned int
	// Next is the After of the next page, empty at the end.
	Next string

	rows    rows
	indexes []int
	width   int
}

// Schema is the collection's columns as this viewer sees them.
func (c *Collection) Schema() *data.Schema { return c.schema }

// Extent is the bound of what the viewer sees; false when nothing is located.
func (c *Collection) Extent() (orb.Bound, bool) {
	var out orb.Bound
	found := false
	for i := range c.rows.len() {
		if !c.rows.visible(c.viewer, i) {
			continue
		}
		if b, ok := c.rows.bound(i); ok {
			if !found {
				out, found = b, true
			} else {
				out = out.Union(b)
			}
		}
	}
	return out, found
}

// Query answers a query. Property names in q.Equal must be columns of the
// schema; a feature never equals a value of an unknown column.
func (c *Collection) Query(q Query) Page {
	type filter struct {
		column int
		want   string
	}
	filters := make([]filter, 0, len(q.Equal))
	for name, want := range q.Equal {
		column := -1
		for i := range c.schema.Columns {
			if c.schema.Columns[i].Name == name {
				column = i
			}
		}
		filters = append(filters, filter{column, want})
	}
	page := Page{rows: c.rows, width: len(c.schema.Columns)}
	var scratch data.Feature
next:
	for i := range c.rows.len() {
		if !c.rows.visible(c.viewer, i) || !c.rows.selected(&q, i) || !c.within(q.Bounds, i) {
			continue
		}
		if len(filters) > 0 {
			c.rows.fill(i, &scratch)
			for _, f := range filters {
				if f.column < 0 || scratch.Values[f.column].Format() != f.want {
					continue next
				}
			}
		}
		page.Matched++
		if q.After != "" && c.rows.id(i) <= q.After {
			continue
		}
		if len(page.indexes) < q.Limit {
			page.indexes = append(page.indexes, i)
		} else if page.Next == "" {
			page.Next = c.rows.id(page.indexes[len(page.indexes)-1])
		}
	}
	page.Returned = len(page.indexes)
	return page
}

func (c *Collection) within(bounds []orb.Bound, i int) bool {
	if bounds == nil {
		return true
	}
	b, ok := c.rows.bound(i)
	if !ok {
		return false
	}
	for _, want := range bounds {
		if want.Intersects(b) && c.rows.meets(i, want) {
			return true
		}
	}
	return false
}

// Get returns one feature by identifier. Editions that are not current and
// closed sites are found too.
func (c *Collection) Get(id string) (data.Feature, bool) {
	i, ok := search(c.rows.len(), c.rows.id, id)
	if !ok || !c.rows.visible(c.viewer, i) {
		return data.Feature{}, false
	}
	var f data.Feature
	c.rows.fill(i, &f)
	return f, true
}

// IDs are the identifiers of the page's features, in order.
func (p *Page) IDs() []string {
	out := make([]string, len(p.indexes))
	for i, at := range p.indexes {
		out[i] = p.rows.id(at)
	}
	return out
}

// Each calls fn with the page's features in the order of their identifiers. The
// feature is reused between calls.
func (p *Page) Each(fn func(*data.Feature) error) error {
	f := data.Feature{Values: make([]data.Value, 0, p.width)}
	for _, i := range p.indexes {
		p.rows.fill(i, &f)
		if err := fn(&f); err != nil {
			return err
		}
	}
	return nil
}
