package snapshot

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

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
	// Around, unless nil, are boxes one of which meets whatever Keep keeps: it is not asked of
	// what is outside.
	Around []orb.Bound
	// Equal keeps features whose property has this value, compared as text.
	Equal map[string]string
	// Keep, when there is one, keeps the features of which it is true. It gets the values
	// that the viewer sees, in a feature that is reused between calls. Its error ends the query.
	Keep func(*data.Feature) (bool, error)
	// Sort is the order of the answer; features that are alike in it, and all without it,
	// are in the order of their identifiers. What is unknown comes last.
	Sort []Order
	// After is the identifier of the feature after which the page starts, which the viewer sees.
	After string
	// Limit is the largest number of features in the page, > 0.
	Limit int
	// Editions includes the zones of editions that are not current.
	Editions bool
	// Status of sites: "open" (also when empty), "closed" or "all".
	Status string
}

// Conditional tells whether which features are in the answer, or their order, depends on what
// is known of them: then the very number of them tells something of each.
func (q *Query) Conditional() bool {
	return q.Bounds != nil || len(q.Equal) > 0 || q.Keep != nil || len(q.Sort) > 0 || q.Status != ""
}

// Order is one column to sort by.
type Order struct {
	Column     int // in the schema
	Descending bool
}

// Page is one page of a query's answer.
type Page struct {
	// Matched counts the features of the whole answer, Returned those of this page.
	Matched, Returned int
	// Next is the After of the next page, empty at the end.
	Next string
	// HasPrevious tells that there is a page before, whose After is Previous.
	HasPrevious bool
	Previous    string
	// Lost tells that the viewer sees no feature of the name After: the page is then empty.
	Lost bool

	rows    rows
	indexes []int
	// matched are the first MaxMatchedIDs features of the whole answer.
	matched []int
	width   int
}

// MaxMatchedIDs is how many identifiers of the whole answer a page knows.
const MaxMatchedIDs = 1000

// Schema is the collection's columns as this viewer sees them.
func (c *Collection) Schema() *data.Schema { return c.schema }

// extentStep is what the extent of exact homes is rounded outward to, in degrees: that of a
// single home would be its position.
const extentStep = 0.25

// Extent is the bound of what the viewer sees, widened to multiples of extentStep where that
// is exact homes; false when nothing is located, and of homes before a purpose is chosen.
func (c *Collection) Extent() (orb.Bound, bool) {
	var out orb.Bound
	found := false
	if c.schema.Layer == data.LayerSites && c.viewer.Purpose() == "" {
		return out, false
	}
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
	if _, exact := c.rows.(siteRows); exact && found {
		for axis := range out.Min {
			out.Min[axis] = math.Floor(out.Min[axis]/extentStep) * extentStep
			out.Max[axis] = (math.Floor(out.Max[axis]/extentStep) + 1) * extentStep
		}
	}
	return out, found
}

// Period is from the first to the last day on which one of the homes that the viewer sees
// exactly was open, widened to whole years: that of a single home would be its own dates. An
// end is empty when some home has none that is known. False of other collections, when there
// is no home, and before a purpose is chosen.
func (c *Collection) Period() (from, to string, ok bool) {
	homes, exact := c.rows.(siteRows)
	if !exact || c.viewer.Purpose() == "" {
		return "", "", false
	}
	openStart, openEnd := false, false
	for i, s := range homes.sn.sites {
		if !homes.visible(c.viewer, i) {
			continue
		}
		openStart, openEnd = openStart || s.OpenedOn == "", openEnd || s.ClosedOn == ""
		if !ok || s.OpenedOn < from {
			from = s.OpenedOn
		}
		to, ok = max(to, s.ClosedOn), true
	}
	const year = len("2006")
	if openStart || len(from) < year {
		from = ""
	} else {
		from = from[:year] + "-01-01"
	}
	if openEnd || len(to) < year {
		to = ""
	} else {
		to = to[:year] + "-12-31"
	}
	return from, to, ok
}

// Under is the part of the collection whose identifiers start with a prefix.
func (c *Collection) Under(prefix string) *Collection {
	from, _ := search(c.rows.len(), c.rows.id, prefix)
	to, _ := search(c.rows.len(), c.rows.id, prefix+"\U0010FFFF")
	return &Collection{viewer: c.viewer, schema: c.schema, rows: part{c.rows, from, to - from}}
}

// Query is QueryContext for a reader that waits for the answer, and whose q.Keep does not fail.
func (c *Collection) Query(q Query) Page {
	page, _ := c.QueryContext(context.Background(), q)
	return page
}

// QueryContext answers a query. Property names in q.Equal must be columns of the
// schema; a feature never equals a value of an unknown column. The error is that of ctx,
// which is looked at on the way, or of q.Keep.
func (c *Collection) QueryContext(ctx context.Context, q Query) (Page, error) {
	page := Page{rows: c.rows, width: len(c.schema.Columns)}
	q.Limit = min(q.Limit, max(c.rows.len(), 1)) // sums of it stay numbers
	start := -1                                  // the place of q.After among the rows
	if q.After != "" {
		i, ok := search(c.rows.len(), c.rows.id, q.After)
		if page.Lost = !ok || !c.rows.visible(c.viewer, i); page.Lost {
			return page, nil
		}
		start = i
	}
	answer := c.plainPage
	if len(q.Sort) > 0 {
		answer = c.sortedPage
	}
	if err := answer(ctx, &q, start, &page); err != nil {
		return Page{}, err
	}
	page.Returned = len(page.indexes)
	return page, nil
}

// checkEvery is after how many features a query looks whether it is still waited for: few, as
// one may take milliseconds.
const checkEvery = 16

// each calls fn with the features that q selects, in the order of identifiers: their place
// among the rows and, when something was asked of their values, these.
func (c *Collection) each(ctx context.Context, q *Query, fn func(i int, f *data.Feature)) error {
	type filter struct {
		column int
		want   string
	}
	filters := make([]filter, 0, len(q.Equal))
	for name, want := range q.Equal {
		column := slices.IndexFunc(c.schema.Columns, func(column data.Column) bool { return column.Name == name })
		filters = append(filters, filter{column, want})
	}
	fill := len(filters) > 0 || q.Keep != nil || len(q.Sort) > 0
	var f data.Feature
next:
	for i := range c.rows.len() {
		if i%checkEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if !c.rows.visible(c.viewer, i) || !c.rows.selected(q, i) || !c.near(q.Around, i) || !c.within(q.Bounds, i) {
			continue
		}
		if fill {
			c.rows.fill(i, &f)
			for _, filter := range filters {
				if filter.column < 0 || f.Values[filter.column].Format() != filter.want {
					continue next
				}
			}
			if q.Keep != nil {
				kept, err := q.Keep(&f)
				if err != nil {
					return err
				}
				if !kept {
					continue
				}
			}
		}
		fn(i, &f)
	}
	return nil
}

// plainPage is a page in the order of identifiers.
func (c *Collection) plainPage(ctx context.Context, q *Query, start int, page *Page) error {
	var before []int // the last ones before the page, enough to find where the page before starts
	page.indexes, page.matched = make([]int, 0, min(q.Limit, MaxMatchedIDs)), make([]int, 0, min(c.rows.len(), MaxMatchedIDs))
	err := c.each(ctx, q, func(i int, _ *data.Feature) {
		page.Matched++
		if len(page.matched) < MaxMatchedIDs {
			page.matched = append(page.matched, i)
		}
		switch {
		case i <= start:
			if len(before) > 2*q.Limit {
				before = append(before[:0], before[q.Limit:]...)
			}
			before = append(before, i)
		case len(page.indexes) < q.Limit:
			page.indexes = append(page.indexes, i)
		case page.Next == "":
			page.Next = c.rows.id(page.indexes[len(page.indexes)-1])
		}
	})
	page.follows(before, q.Limit)
	return err
}

// follows notes the page before: its After is the feature before its first one.
func (p *Page) follows(before []int, limit int) {
	p.HasPrevious = len(before) > 0
	if n := len(before); n > limit {
		p.Previous = p.rows.id(before[n-limit-1])
	}
}

// sortedPage is a page in another order.
func (c *Collection) sortedPage(ctx context.Context, q *Query, from int, page *Page) error {
	type row struct {
		index int
		keys  []data.Value
	}
	keysOf := func(f *data.Feature) []data.Value {
		keys := make([]data.Value, len(q.Sort))
		for i, o := range q.Sort {
			keys[i] = f.Values[o.Column]
		}
		return keys
	}
	order := func(a, b row) int {
		for i, o := range q.Sort {
			if n := compareValues(a.keys[i], b.keys[i], o.Descending); n != 0 {
				return n
			}
		}
		return cmp.Compare(a.index, b.index)
	}
	var all []row
	if err := c.each(ctx, q, func(i int, f *data.Feature) { all = append(all, row{i, keysOf(f)}) }); err != nil {
		return err
	}
	slices.SortFunc(all, order)
	page.Matched = len(all)
	for _, r := range all[:min(len(all), MaxMatchedIDs)] {
		page.matched = append(page.matched, r.index)
	}
	start := 0
	if from >= 0 {
		// Where it stands, or would stand if it were still selected.
		var f data.Feature
		c.rows.fill(from, &f)
		at, found := slices.BinarySearchFunc(all, row{from, keysOf(&f)}, order)
		start = at
		if found {
			start++
		}
	}
	stop := min(start+q.Limit, len(all))
	before := make([]int, 0, q.Limit+1)
	for _, r := range all[max(start-q.Limit-1, 0):start] {
		before = append(before, r.index)
	}
	for _, r := range all[start:stop] {
		page.indexes = append(page.indexes, r.index)
	}
	if stop < len(all) {
		page.Next = c.rows.id(all[stop-1].index)
	}
	page.follows(before, q.Limit)
	return nil
}

// compareValues orders two values of one column; unknown ones are last both ways.
func compareValues(a, b data.Value, descending bool) int {
	if a.IsNull() || b.IsNull() {
		switch {
		case a.IsNull() && b.IsNull():
			return 0
		case a.IsNull():
			return 1
		}
		return -1
	}
	n := 0
	if x, ok := a.Float(); ok {
		y, _ := b.Float()
		n = cmp.Compare(x, y)
	} else {
		// Texts; "false" comes before "true" as it should.
		n = strings.Compare(a.Format(), b.Format())
	}
	if descending {
		return -n
	}
	return n
}

// part is a run of another layer's rows.
type part struct {
	rows
	from, n int
}

func (p part) len() int                          { return p.n }
func (p part) id(i int) string                   { return p.rows.id(p.from + i) }
func (p part) bound(i int) (orb.Bound, bool)     { return p.rows.bound(p.from + i) }
func (p part) visible(v data.Viewer, i int) bool { return p.rows.visible(v, p.from+i) }
func (p part) selected(q *Query, i int) bool     { return p.rows.selected(q, p.from+i) }
func (p part) meets(i int, b orb.Bound) bool     { return p.rows.meets(p.from+i, b) }
func (p part) fill(i int, f *data.Feature)       { p.rows.fill(p.from+i, f) }

// near tells whether a record's bound meets one of some boxes.
func (c *Collection) near(boxes []orb.Bound, i int) bool {
	if boxes == nil {
		return true
	}
	b, ok := c.rows.bound(i)
	if !ok {
		return false
	}
	for _, box := range boxes {
		if box.Intersects(b) {
			return true
		}
	}
	return false
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
func (p *Page) IDs() []string { return p.ids(p.indexes) }

// MatchedIDs are the identifiers of the first MaxMatchedIDs features of the whole answer, in
// its order.
func (p *Page) MatchedIDs() []string { return p.ids(p.matched) }

func (p *Page) ids(indexes []int) []string {
	out := make([]string, len(indexes))
	for i, at := range indexes {
		out[i] = p.rows.id(at)
	}
	return out
}

// Each calls fn with the page's features in its order. The feature
// is reused between calls.
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
