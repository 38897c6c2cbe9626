package demo_test

import (
	"context"
	"testing"

	"vigie/data"
	"vigie/data/demo"
	"vigie/data/snapshot"
)

// TestMostHomesGetAClass: of the open homes known by their house number at least 70 %
// have a class, and not all the same one.
func TestMostHomesGetAClass(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	if err := demo.Populate(ctx, h.rec, h.by); err != nil {
		t.Fatal(err)
	}
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	c, ok := service.Current().Collection(h.by, data.LayerSites)
	if !ok {
		t.Fatal("no sites")
	}
	column := map[string]int{}
	for i, col := range c.Schema().Columns {
		column[col.Name] = i
	}
	page := c.Query(snapshot.Query{Limit: 1000, Equal: map[string]string{"position_precision": string(data.PrecisionHouseNumber)}})
	classes := map[string]int{}
	err = page.Each(func(f *data.Feature) error {
		if got := f.Values[column["exposure_status"]].Format(); got != "computed" {
			t.Errorf("%s: %s", f.ID, got)
		}
		classes[f.Values[column["exposure_class"]].Format()]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	classed := page.Returned - classes["indeterminate"]
	if page.Returned < 30 || 10*classed < 7*page.Returned {
		t.Errorf("%d of %d homes have a class: %v", classed, page.Returned, classes)
	}
	if len(classes) < 4 {
		t.Errorf("classes: %v", classes)
	}
}
