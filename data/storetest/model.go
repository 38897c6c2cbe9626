package storetest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
)

// testModel writes random imports and undoes random ones, against the simplest
// model there is: the contents read before each import. The last import can always
// be undone and gives back the content before it; an earlier one is undone or
// refused, and a refusal changes nothing.
func testModel(t *testing.T, b Backend) {
	rapid.Check(t, func(r *rapid.T) {
		address := b.Create(t)
		store, err := b.Open(t.Context(), address)
		if err != nil {
			r.Fatalf("open: %v", err)
		}
		defer store.Close()
		operator := b.operator()
		now := func() content {
			c, err := read(t.Context(), store)
			if err != nil {
				r.Fatalf("read: %v", err)
			}
			return c
		}
		type step struct {
			id     string
			before content
		}
		var done []step
		for i := range rapid.IntRange(1, 6).Draw(r, "imports") {
			before := now()
			id := fmt.Sprint("i", i)
			err := store.Write(t.Context(), operator, imported(id, drawBatch(r, before)), entry("import"))
			if err != nil {
				r.Fatalf("import %s: %v", id, err)
			}
			done = append(done, step{id, before})
		}
		for len(done) > 0 {
			i := len(done) - 1
			if !rapid.Bool().Draw(r, "undo the last") {
				i = rapid.IntRange(0, len(done)-1).Draw(r, "undo")
			}
			before := now()
			_, err := store.UndoImport(t.Context(), operator, done[i].id, entry("undo"))
			switch {
			case err == nil && i == len(done)-1:
				equal(r, "content after undo", now().unversioned(), done[i].before.unversioned())
			case err == nil:
				// What the later imports found is no longer there to compare with.
				return
			case errors.Is(err, data.ErrConflict) && i < len(done)-1:
				equal(r, "content after a refused undo", now(), before)
				continue
			default:
				r.Fatalf("undo %s of %d: %v", done[i].id, len(done), err)
			}
			done = done[:i]
		}
	})
}

// drawBatch draws changes that are valid on the content c, among few records so that they meet.
func drawBatch(r *rapid.T, c content) data.Batch {
	var b data.Batch
	name := rapid.SampledFrom([]string{"x", "y"})
	department := rapid.SampledFrom([]string{"", "98", "99"})
	code := rapid.SampledFrom([]string{"a", "b"})
	label := rapid.SampledFrom([]string{"2015", "2024"})

	versions := map[string]int64{}
	for _, s := range c.Sites {
		versions[s.ID] = s.Version
	}
	for range rapid.IntRange(0, 3).Draw(r, "sites") {
		id := code.Draw(r, "site")
		versions[id]++
		b.PutSites = append(b.PutSites, site(id, department.Draw(r, "department"), name.Draw(r, "name"), versions[id]))
	}
	zones := map[string]int{}
	for _, z := range c.Zones {
		if rapid.IntRange(0, 3).Draw(r, "drop") == 0 {
			b.DropZones = append(b.DropZones, z)
			continue
		}
		zones[z.Edition]++
	}
	for range rapid.IntRange(0, 3).Draw(r, "zones") {
		z := zone(label.Draw(r, "edition"), code.Draw(r, "code"), name.Draw(r, "name"), department.Draw(r, "department"))
		zones[z.Edition]++
		b.PutZones = append(b.PutZones, z)
	}
	for range rapid.IntRange(0, 1).Draw(r, "places") {
		b.PutPlaces = append(b.PutPlaces, place(code.Draw(r, "place"), department.Draw(r, "department"), name.Draw(r, "name")))
	}
	for range rapid.IntRange(0, 1).Draw(r, "areas") {
		b.PutAreas = append(b.PutAreas, area(code.Draw(r, "area"), name.Draw(r, "name")))
	}
	for _, p := range c.Places {
		if rapid.IntRange(0, 3).Draw(r, "drop place") == 0 {
			b.DropPlaces = append(b.DropPlaces, p.ID)
		}
	}
	var statistics []data.Statistic
	for range rapid.IntRange(0, 4).Draw(r, "statistics") {
		s := statistic(code.Draw(r, "area"), department.Draw(r, "department"), name.Draw(r, "indicator"),
			rapid.IntRange(2024, 2025).Draw(r, "year"), float64(rapid.IntRange(-1, 1).Draw(r, "value")))
		s.Unit = rapid.SampledFrom([]string{data.UnitPerInhabitants, data.UnitPerDwellings}).Draw(r, "unit")
		s.Edition = label.Draw(r, "edition of statistics")
		statistics = append(statistics, s)
	}
	b.PutStatistics = table(statistics...)
	if rapid.Bool().Draw(r, "clear current") {
		b.ClearCurrent = []data.ZoneKind{data.ZoneQPV}
	}
	if l := label.Draw(r, "current"); zones[l] > 0 && rapid.Bool().Draw(r, "set current") {
		b.Current = edition(l)
	}
	return b
}
