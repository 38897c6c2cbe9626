package snapshot_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

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
		q := snapshot.Query{
			Limit: rapid.IntRange(1, 12).Draw(t, "limit"),
			Keep:  func(f *data.Feature) bool { return f.Values[0] != data.String("c") },
		}
		for range rapid.IntRange(0, 2).Draw(t, "orders") {
			q.Sort = append(q.Sort, snapshot.Order{Column: rapid.IntRange(0, 1).Draw(t, "column"), Descending: rapid.Bool().Draw(t, "descending")})
		}
		var want []string
		ordered := slices.DeleteFunc(slices.Clone(rows), func(f data.Feature) bool { return !q.Keep(&f) })
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

// Of a feature that nobody knows, a sorted page can't tell where it stands.
func TestSortedAfterUnknown(t *testing.T) {
	c := snapshot.NewCollection(&data.Schema{Columns: []data.Column{{Name: "n"}}}, []data.Feature{{ID: "a", Values: []data.Value{data.Null}}})
	if page := c.Query(snapshot.Query{Limit: 1, Sort: []snapshot.Order{{}}, After: "b"}); !page.Lost || page.Returned != 0 {
		t.Errorf("%+v", page)
	}
}
