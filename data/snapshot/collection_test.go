package snapshot_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/snapshot"
)

// Whatever the order, the filter and the page size, pages follow each other without a gap
// or a repetition, and lead back.
func TestPages(t *testing.T) {
	schema := &data.Schema{Columns: []data.Column{{Name: "group"}, {Name: "size", Type: data.TypeInteger}}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		rows := make([]data.Feature, n)
		for i := range rows {
			size := data.Null
			if rapid.Bool().Draw(t, "known") {
				size = data.Integer(rapid.IntRange(-2, 2).Draw(t, "size"))
			}
			group := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "group")
			rows[i] = data.Feature{ID: fmt.Sprintf("%03d", i), Values: []data.Value{data.String(group), size}}
		}
		kept := func(f *data.Feature) bool { return f.Values[0] != data.String("c") }
		q := snapshot.Query{
			Limit: rapid.IntRange(1, 12).Draw(t, "limit"),
			Keep:  func(f *data.Feature) (bool, error) { return kept(f), nil },
		}
		for range rapid.IntRange(0, 2).Draw(t, "orders") {
			q.Sort = append(q.Sort, snapshot.Order{Column: rapid.IntRange(0, 1).Draw(t, "column"), Descending: rapid.Bool().Draw(t, "descending")})
		}
		var want []string
		ordered := slices.DeleteFunc(slices.Clone(rows), func(f data.Feature) bool { return !kept(&f) })
		slices.SortStableFunc(ordered, func(a, b data.Feature) int {
			for _, o := range q.Sort {
				x, y := a.Values[o.Column], b.Values[o.Column]
				switch {
				case x == y:
					continue
				case x.IsNull():
					return 1
				case y.IsNull():
					return -1
				}
				order := cmp.Compare(x.Format(), y.Format())
				if f, ok := x.Float(); ok {
					g, _ := y.Float()
					order = cmp.Compare(f, g)
				}
				if o.Descending {
					order = -order
				}
				return order
			}
			return 0
		})
		for _, f := range ordered {
			want = append(want, f.ID)
		}
		c := snapshot.NewCollection(schema, slices.Clone(rows))
		var all []string
		var before snapshot.Page
		for first := true; ; first = false {
			page := c.Query(q)
			if page.Matched != len(want) || page.Returned > q.Limit || page.HasPrevious == first {
				t.Fatalf("%d matched of %d, %d returned, previous %t", page.Matched, len(want), page.Returned, page.HasPrevious)
			}
			if !first {
				back := q
				back.After = page.Previous
				if again := c.Query(back); !slices.Equal(again.IDs(), before.IDs()) {
					t.Fatalf("the page before %v is %v, want %v", page.IDs(), again.IDs(), before.IDs())
				}
			}
			all, before = append(all, page.IDs()...), page
			if page.Next == "" {
				break
			}
			q.After = page.Next
		}
		if !slices.Equal(all, want) {
			t.Fatalf("%v, want %v", all, want)
		}
	})
}

// A part of a collection knows of nothing else.
func TestUnder(t *testing.T) {
	var rows []data.Feature
	for _, id := range []string{"a", "b.", "b.1", "b.2", "b/", "c"} {
		rows = append(rows, data.Feature{ID: id})
	}
	part := snapshot.NewCollection(&data.Schema{}, rows).Under("b.")
	page := part.Query(snapshot.Query{Limit: 10})
	if got := page.IDs(); !slices.Equal(got, []string{"b.", "b.1", "b.2"}) {
		t.Errorf("%v", got)
	}
	if _, ok := part.Get("c"); ok {
		t.Error("what is outside is found")
	}
	if _, ok := part.Get("b.2"); !ok {
		t.Error("what is inside is not")
	}
}

// A page after what nobody knows is none, and tells nothing of the others.
func TestAfterUnknown(t *testing.T) {
	c := snapshot.NewCollection(&data.Schema{Columns: []data.Column{{Name: "n"}}}, []data.Feature{{ID: "a", Values: []data.Value{data.Null}}})
	for _, sort := range [][]snapshot.Order{nil, {{}}} {
		if page := c.Query(snapshot.Query{Limit: 1, Sort: sort, After: "b"}); !page.Lost || page.Returned != 0 || page.Matched != 0 {
			t.Errorf("%+v", page)
		}
	}
}

// A page knows what the whole answer is made of, whatever it holds itself.
func TestMatchedIDs(t *testing.T) {
	rows := make([]data.Feature, snapshot.MaxMatchedIDs+5)
	for i := range rows {
		rows[i] = data.Feature{ID: fmt.Sprintf("%05d", i), Values: []data.Value{data.Integer(-i)}}
	}
	c := snapshot.NewCollection(&data.Schema{Columns: []data.Column{{Name: "n", Type: data.TypeInteger}}}, rows)
	last := rows[len(rows)-1].ID
	for _, q := range []snapshot.Query{{Limit: 3}, {Limit: 3, After: last}, {Limit: 3, Sort: []snapshot.Order{{}}, After: "00000"}} {
		page := c.Query(q)
		ids := page.MatchedIDs()
		if q.After != "" && page.Returned != 0 || page.Matched != len(rows) || len(ids) != snapshot.MaxMatchedIDs || slices.Contains(ids, last) != (q.Sort != nil) {
			t.Errorf("%+v: %d matched, %d returned, %d known", q, page.Matched, page.Returned, len(ids))
		}
	}
}

// A query that nobody waits for ends, and so does one whose condition can't go on.
func TestQueryEnds(t *testing.T) {
	rows := make([]data.Feature, 1000)
	for i := range rows {
		rows[i].ID = fmt.Sprintf("%04d", i)
	}
	c := snapshot.NewCollection(&data.Schema{}, rows)
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	q := snapshot.Query{Limit: 1, Keep: func(*data.Feature) (bool, error) {
		if seen++; seen == 100 {
			cancel()
		}
		return true, nil
	}}
	if page, err := c.QueryContext(ctx, q); !errors.Is(err, context.Canceled) || page.Matched != 0 || seen > 150 {
		t.Errorf("%d seen, %+v, %v", seen, page, err)
	}
	tired := errors.New("too much")
	q.Keep = func(*data.Feature) (bool, error) { return false, tired }
	if _, err := c.QueryContext(t.Context(), q); !errors.Is(err, tired) {
		t.Errorf("%v", err)
	}
}

// The extent of homes does not tell where one is, and nothing before a purpose is chosen.
func TestExtentOfHomes(t *testing.T) {
	h := open(t)
	viewer := func(purpose string) data.Viewer {
		return data.NewViewer(data.ViewerSpec{Subject: "inspector", Purpose: purpose, Precision: data.ViewExact})
	}
	corner := site("corner", "63", 0, 0)
	corner.Position.Point = orb.Point{-3, 45.25}
	for _, homes := range [][]data.StoredSite{{site("a", "03", 0, 0)}, {corner}} {
		h.write(data.Batch{PutSites: homes})
		c, _ := h.service.Current().Collection(viewer("inspection"), data.LayerSites)
		extent, ok := c.Extent()
		for axis := range extent.Min {
			low, high := extent.Min[axis]*4, extent.Max[axis]*4
			if !ok || low != math.Trunc(low) || high != math.Trunc(high) || high <= low {
				t.Errorf("extent %v", extent)
			}
		}
		for _, s := range homes {
			if !extent.Contains(s.Position.Point) {
				t.Errorf("%v is not in %v", s.Position.Point, extent)
			}
		}
		for _, view := range []func(data.Viewer) (*snapshot.Collection, bool){
			h.service.Current().MaskedSites,
			func(v data.Viewer) (*snapshot.Collection, bool) {
				return h.service.Current().Collection(v, data.LayerSites)
			},
		} {
			c, _ := view(viewer(""))
			if extent, ok := c.Extent(); ok {
				t.Errorf("without a purpose: %v", extent)
			}
		}
	}
	if h.service.Current().ETag(viewer(""), data.LayerSites) == h.service.Current().ETag(viewer("inspection"), data.LayerSites) {
		t.Error("the extent appears under the same ETag")
	}
}

// The period of homes is in whole years, open where a date is not known or still to come, of
// the homes that are seen, and not told before a purpose is chosen.
func TestPeriodOfHomes(t *testing.T) {
	h := open(t)
	viewer := func(purpose string, departments ...string) data.Viewer {
		return data.NewViewer(data.ViewerSpec{Subject: "inspector", Purpose: purpose, Now: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Assignments: []data.Assignment{
			{Role: data.RoleInspector, Scope: data.Scope{Departments: departments}},
		}})
	}
	dated := func(id, department, from, to string) data.StoredSite {
		s := site(id, department, 0, 0)
		s.OpenedOn, s.ClosedOn = from, to
		return s
	}
	h.write(data.Batch{PutSites: []data.StoredSite{
		dated("a", "03", "2010-09-01", "2012-05-05"), dated("b", "03", "2004-02-29", "2015-01-01"), dated("c", "15", "1999-12-31", ""), dated("d", "63", "", "2020-06-30"),
	}})
	for _, tt := range []struct {
		viewer   data.Viewer
		from, to string
		ok       bool
	}{
		{viewer("inspection", "03"), "2004-01-01", "2015-12-31", true}, {viewer("inspection", "03", "15"), "1999-01-01", "", true},
		{viewer("inspection", "63"), "", "2020-12-31", true}, {viewer("inspection", "43"), "", "", false}, {viewer("", "03"), "", "", false},
	} {
		c, ok := h.service.Current().Collection(tt.viewer, data.LayerSites)
		if !ok {
			t.Fatal("no collection")
		}
		if from, to, ok := c.Period(); from != tt.from || to != tt.to || ok != tt.ok {
			t.Errorf("%q to %q, %t; want %q to %q, %t", from, to, ok, tt.from, tt.to, tt.ok)
		}
	}
	masked, _ := h.service.Current().MaskedSites(viewer("inspection", "03"))
	if _, _, ok := masked.Period(); ok {
		t.Error("the masked view has dates")
	}
}
