package storetest

import (
	"fmt"
	"testing"
	"time"

	"vigie/data"
)

func testUndo(t *testing.T, b Backend) {
	t.Run("an import that creates, changes, drops and switches", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{
			PutSites:  []data.StoredSite{site("s1", "99", "<avant> & \"après\" \u2028", 1), site("s2", "99", "untouched", 1)},
			PutZones:  []data.Zone{zone("2015", "a", "<before>", "98", "99"), zone("2015", "b", "before", "99")},
			PutPlaces: []data.Place{place("p", "99", "before"), place("gone", "99", "before")},
			PutAreas:  []data.Area{area("99", "before")},
			Current:   edition("2015"),
		})
		before := f.content()

		batch := everything()
		batch.PutSites[1].Name = "<i>&\u2029"
		batch.PutZones = append(batch.PutZones, zone("2015", "b", "changed", "97"))
		batch.PutPlaces = append(batch.PutPlaces, place("p", "98", "changed"))
		batch.DropPlaces = []string{"gone"}
		f.mustWrite(imported("i", batch))
		versions := f.versions()
		f.mustUndo("i")

		after := f.content()
		equal(t, "content", after.unversioned(), before.unversioned())
		equal(t, "a changed site gets a new version", f.site("s1").Version, int64(3))
		equal(t, "an untouched site keeps its version", f.site("s2").Version, int64(1))
		for _, l := range []data.LayerVersion{
			layer(data.LayerSites, "99"), layer(data.LayerZones, "99"), layer(data.LayerZones, "98"), layer(data.LayerZones, "97"),
			layer(data.LayerPlaces, "99"), layer(data.LayerPlaces, "98"), layer(data.LayerAreas, "99"), layer(data.LayerStatistics, "99"),
		} {
			versions[l]++
		}
		equal(t, "versions", f.versions(), versions)
	})

	t.Run("an undone import says so", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i", everythingFresh()))
		when := noon.Add(time.Hour)
		got, err := f.store.UndoImport(t.Context(), f.operator, "i", data.AuditEntry{At: when, Action: "undo"})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := f.store.Import(t.Context(), f.operator, "i")
		if err != nil {
			t.Fatal(err)
		}
		list, err := f.store.Imports(t.Context(), f.operator, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, im := range map[string]*data.Import{"returned": got, "stored": stored, "listed": &list[0]} {
			if im.UndoneAt == nil || !im.UndoneAt.Equal(when) || im.UndoneBy != "operator" {
				t.Errorf("%s: undone at %v by %q", name, im.UndoneAt, im.UndoneBy)
			}
		}
		equal(t, "content", f.content().unversioned(), content{Sites: []data.StoredSite{}})
		wantError(t, "undone twice", f.undo("i"), data.ErrNotFound)
		wantError(t, "unknown", f.undo("none"), data.ErrNotFound)

		f.mustWrite(imported("again", everythingFresh()))
		equal(t, "zones, imported again", len(f.content().Zones), 1)
		f.mustUndo("again")
	})

	t.Run("an import that replaces the current edition", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}, Current: edition("2015")})
		before := f.content()
		f.mustWrite(imported("i", data.Batch{
			DropZones: []data.Zone{zone("2015", "a", "")}, PutZones: []data.Zone{zone("2024", "a", "", "99")}, Current: edition("2024"),
		}))
		f.mustUndo("i")
		equal(t, "content", f.content(), before)
	})

	t.Run("an import that drops the current edition", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}, Current: edition("2015")})
		before := f.content()
		f.mustWrite(imported("i", data.Batch{DropZones: []data.Zone{zone("2015", "a", "")}}))
		equal(t, "editions", len(f.content().Editions), 0)
		f.mustUndo("i")
		equal(t, "content", f.content(), before)
	})

	t.Run("an import that leaves the kind without current edition", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}, Current: edition("2015")})
		before := f.content()
		f.mustWrite(imported("i", data.Batch{ClearCurrent: []data.ZoneKind{data.ZoneQPV}}))
		f.mustUndo("i")
		equal(t, "content", f.content(), before)
	})

	t.Run("an import without change", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i", data.Batch{}))
		f.mustUndo("i")
	})

	t.Run("an import that writes a record twice", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "zero", "99")}, PutSites: []data.StoredSite{site("s", "99", "zero", 1)}})
		before := f.content()
		f.mustWrite(imported("i", data.Batch{
			PutZones: []data.Zone{zone("2015", "a", "one", "99"), zone("2015", "a", "two", "99")},
			PutSites: []data.StoredSite{site("s", "99", "one", 2), site("s", "99", "two", 3)},
		}))
		f.mustUndo("i")
		equal(t, "content", f.content().unversioned(), before.unversioned())
	})

	t.Run("sites merged by the import", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "", 1)}})
		before := f.content()
		merged := site("s1", "99", "", 2)
		merged.MergedInto = "s2"
		f.mustWrite(imported("i", data.Batch{PutSites: []data.StoredSite{merged, site("s2", "99", "", 1)}}))
		f.mustUndo("i")
		equal(t, "content", f.content().unversioned(), before.unversioned())
	})

	t.Run("a large import", func(t *testing.T) {
		f := start(t, b)
		const n = 1300
		var first, second data.Batch
		for i := range n {
			code := fmt.Sprintf("z%04d", i)
			if i%2 == 0 {
				first.PutZones = append(first.PutZones, zone("2024", code, "before", "99"))
			}
			second.PutZones = append(second.PutZones, zone("2024", code, "after", "99"))
		}
		f.mustWrite(&first)
		before := f.content()
		f.mustWrite(imported("i", second))
		equal(t, "zones", len(f.content().Zones), n)
		f.mustUndo("i")
		equal(t, "content", f.content(), before)
	})
}

// everythingFresh is everything without what must be there before.
func everythingFresh() data.Batch {
	b := everything()
	b.PutSites = b.PutSites[:1]
	b.DropZones = nil
	return b
}

func testUndoConflicts(t *testing.T, b Backend) {
	// refused checks that an undo fails, naming records, and changes nothing.
	refused := func(t *testing.T, f *fixture, id string, records ...string) {
		t.Helper()
		content, versions := f.content(), f.versions()
		wantConflict(t, "undo", f.undo(id), records...)
		equal(t, "content", f.content(), content)
		equal(t, "versions", f.versions(), versions)
		im, err := f.store.Import(t.Context(), f.operator, id)
		if err != nil || im.UndoneAt != nil {
			t.Errorf("import: %+v, %v", im, err)
		}
	}

	t.Run("a record changed by hand, until it is changed back", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "before", 1)}})
		f.mustWrite(imported("i", data.Batch{PutSites: []data.StoredSite{site("s1", "99", "imported", 2), site("s2", "99", "imported", 1)}}))
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "by hand", 3)}})
		refused(t, f, "i", "s1")
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "imported", 4)}})
		f.mustUndo("i")
		equal(t, "sites", f.content().Sites, []data.StoredSite{site("s1", "99", "before", 5)})
	})

	t.Run("a later import, until it is undone", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i1", data.Batch{
			PutSites: []data.StoredSite{site("s1", "99", "one", 1)},
			PutZones: []data.Zone{zone("2015", "a", "one", "99")}, Current: edition("2015"),
		}))
		f.mustWrite(imported("i2", data.Batch{
			PutSites:  []data.StoredSite{site("s1", "99", "two", 2)},
			DropZones: []data.Zone{zone("2015", "a", "")},
		}))
		refused(t, f, "i1", "editions/qpv", "qpv/2015/a", "s1")
		f.mustUndo("i2")
		f.mustUndo("i1")
		equal(t, "content", f.content().unversioned(), content{Sites: []data.StoredSite{}})
	})

	t.Run("a zone dropped since", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i", data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99"), zone("2015", "b", "", "99")}}))
		f.mustWrite(&data.Batch{DropZones: []data.Zone{zone("2015", "b", "")}})
		refused(t, f, "i", "qpv/2015/b")
	})

	t.Run("a dropped zone put back since", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}})
		f.mustWrite(imported("i", data.Batch{DropZones: []data.Zone{zone("2015", "a", "")}}))
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}})
		refused(t, f, "i", "qpv/2015/a")
	})

	t.Run("another edition made current since", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}, Current: edition("2015")})
		f.mustWrite(imported("i", data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "99")}, Current: edition("2024")}))
		f.mustWrite(&data.Batch{Current: edition("2015")})
		refused(t, f, "i", "editions/qpv")
	})

	t.Run("the edition to come back to is gone", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "99")}, Current: edition("2015")})
		f.mustWrite(imported("i", data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "99")}, Current: edition("2024")}))
		f.mustWrite(&data.Batch{DropZones: []data.Zone{zone("2015", "a", "")}})
		refused(t, f, "i", "qpv/2015/")
	})

	t.Run("a site merged since into one that the import created", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "", 1)}})
		f.mustWrite(imported("i", data.Batch{PutSites: []data.StoredSite{site("s2", "99", "", 1)}}))
		merged := site("s1", "99", "", 2)
		merged.MergedInto = "s2"
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{merged}})
		refused(t, f, "i", "s1")
	})
}
