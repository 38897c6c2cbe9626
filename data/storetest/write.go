package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"vigie/data"
)

// layer names a version in tests.
func layer(l data.Layer, department string) data.LayerVersion {
	return data.LayerVersion{Layer: l, Department: department}
}

func testWrite(t *testing.T, b Backend) {
	t.Run("a site is put at the version after the stored one only", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "one", 1)}})
		for _, version := range []int64{-1, 0, 1, 3} {
			wantConflict(t, fmt.Sprint("version ", version),
				f.write(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "late", version)}}), "s1")
		}
		wantConflict(t, "an update of what does not exist",
			f.write(&data.Batch{PutSites: []data.StoredSite{site("s2", "99", "new", 2)}}), "s2")
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "two", 2)}})
		equal(t, "sites", f.content().Sites, []data.StoredSite{site("s1", "99", "two", 2)})
	})

	t.Run("a conflict names ten records and counts all", func(t *testing.T) {
		f := start(t, b)
		var batch data.Batch
		for i := range 12 {
			batch.PutSites = append(batch.PutSites, site(fmt.Sprintf("s%02d", i), "99", "", 7))
		}
		var c *data.ConflictError
		if err := f.write(&batch); !errors.As(err, &c) {
			t.Fatalf("got %v, want a conflict", err)
		}
		equal(t, "named", len(c.Records), data.MaxConflictRecords)
		equal(t, "counted", c.Total, 12)
	})

	t.Run("the same site twice in a batch needs growing versions", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "one", 1), site("s1", "99", "two", 2)}})
		wantConflict(t, "same version", f.write(&data.Batch{
			PutSites: []data.StoredSite{site("s1", "99", "three", 3), site("s1", "99", "three", 3)},
		}), "s1")
		equal(t, "name", f.site("s1").Name, "two")
	})

	t.Run("a site merges into one that exists, of the same batch too", func(t *testing.T) {
		f := start(t, b)
		merged := site("s1", "99", "one", 1)
		merged.MergedInto = "s2"
		var e *data.InvalidError
		if err := f.write(&data.Batch{PutSites: []data.StoredSite{merged}}); !errors.As(err, &e) {
			t.Errorf("merged into nothing: got %v, want InvalidError", err)
		}
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{merged, site("s2", "99", "two", 1)}})
		equal(t, "merged into", f.site("s1").MergedInto, "s2")
	})

	t.Run("drop and put", func(t *testing.T) {
		f := start(t, b)
		old := zone("2015", "a", "old", "99")
		f.mustWrite(&data.Batch{PutZones: []data.Zone{old, zone("2015", "b", "kept", "99")}})
		f.mustWrite(&data.Batch{DropZones: []data.Zone{{Kind: old.Kind, Edition: "2015", Code: "a"}}})
		equal(t, "zones", f.content().Zones, []data.Zone{zone("2015", "b", "kept", "99")})
		wantConflict(t, "dropped twice", f.write(&data.Batch{DropZones: []data.Zone{old}}), "qpv/2015/a")
		f.mustWrite(&data.Batch{
			DropZones: []data.Zone{zone("2015", "b", "", "99")}, PutZones: []data.Zone{zone("2015", "b", "new", "99")},
		})
		equal(t, "a zone dropped and put stays", f.content().Zones, []data.Zone{zone("2015", "b", "new", "99")})
	})

	t.Run("the base of a batch", func(t *testing.T) {
		f := start(t, b)
		put := func(name string, version int64, base ...data.LayerVersion) error {
			return f.write(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", name, version)}, BasedOn: base})
		}
		wantConflict(t, "based on what never was",
			put("one", 1, data.LayerVersion{Layer: data.LayerSites, Department: "99", Version: 1}), "sites/99")
		if err := put("one", 1, data.LayerVersion{Layer: data.LayerSites, Department: "99"}); err != nil {
			t.Errorf("based on nothing there yet: %v", err)
		}
		base, err := f.store.Versions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := put("two", 2, base...); err != nil {
			t.Errorf("based on the present: %v", err)
		}
		wantConflict(t, "based on the past", put("three", 3, base...), "sites/99")
		equal(t, "name", f.site("s1").Name, "two")
	})
}

func testVersions(t *testing.T, b Backend) {
	f := start(t, b)
	sites99, sites98 := layer(data.LayerSites, "99"), layer(data.LayerSites, "98")
	zones99, zones98, zonesNone := layer(data.LayerZones, "99"), layer(data.LayerZones, "98"), layer(data.LayerZones, "")
	moved := zone("2024", "b", "moved", "98")
	for _, step := range []struct {
		name  string
		batch data.Batch
		grown []data.LayerVersion
	}{
		{
			"many records of one département count once",
			data.Batch{PutSites: []data.StoredSite{site("s1", "99", "", 1), site("s2", "99", "", 1)}},
			[]data.LayerVersion{sites99},
		},
		{
			"a site that changes département touches both",
			data.Batch{PutSites: []data.StoredSite{site("s1", "98", "", 2)}},
			[]data.LayerVersion{sites98, sites99},
		},
		{
			"a zone touches each of its départements",
			data.Batch{PutZones: []data.Zone{zone("2015", "a", "", "98", "99")}},
			[]data.LayerVersion{zones98, zones99},
		},
		{
			"a zone without département",
			data.Batch{PutZones: []data.Zone{zone("2024", "a", "")}},
			[]data.LayerVersion{zonesNone},
		},
		{"a zone of one département", data.Batch{PutZones: []data.Zone{zone("2024", "b", "", "99")}}, []data.LayerVersion{zones99}},
		{"the same zone again", data.Batch{PutZones: []data.Zone{zone("2024", "b", "", "99")}}, nil},
		{"a zone that moves", data.Batch{PutZones: []data.Zone{moved}}, []data.LayerVersion{zones98, zones99}},
		{"a first current edition", data.Batch{Current: edition("2024")}, []data.LayerVersion{zonesNone, zones98}},
		{"the same edition again", data.Batch{Current: edition("2024")}, nil},
		{"another edition", data.Batch{Current: edition("2015")}, []data.LayerVersion{zonesNone, zones98, zones99}},
		{"no current edition", data.Batch{ClearCurrent: []data.ZoneKind{data.ZoneQPV}}, []data.LayerVersion{zones98, zones99}},
		{"a dropped zone", data.Batch{DropZones: []data.Zone{moved}}, []data.LayerVersion{zones98}},
		{
			"places and areas",
			data.Batch{PutPlaces: []data.Place{place("p", "99", "")}, PutAreas: []data.Area{area("98", "")}},
			[]data.LayerVersion{layer(data.LayerPlaces, "99"), layer(data.LayerAreas, "98")},
		},
		{"a dropped place", data.Batch{DropPlaces: []string{"p"}}, []data.LayerVersion{layer(data.LayerPlaces, "99")}},
		{
			"statistics of two départements",
			data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 1), statistic("98001", "98", "x", 2025, 1), statistic("99002", "99", "x", 2025, -1))},
			[]data.LayerVersion{layer(data.LayerStatistics, "98"), layer(data.LayerStatistics, "99")},
		},
		{"the same statistics again", data.Batch{PutStatistics: table(statistic("99002", "99", "x", 2025, -1))}, nil},
		{
			"a statistic whose area changes département",
			data.Batch{PutStatistics: table(statistic("98001", "97", "x", 2025, 1))},
			[]data.LayerVersion{layer(data.LayerStatistics, "98"), layer(data.LayerStatistics, "97")},
		},
		{"nothing", data.Batch{}, nil},
	} {
		want := f.versions()
		for _, l := range step.grown {
			want[l]++
		}
		f.mustWrite(&step.batch)
		equal(t, step.name, f.versions(), want)
	}
	want := f.versions()
	if err := f.store.Audit(t.Context(), entry("export")); err != nil {
		t.Errorf("audit: %v", err)
	}
	equal(t, "versions after an audit entry", f.versions(), want)
}

func testEditions(t *testing.T, b Backend) {
	f := start(t, b)
	expect := func(what string, want ...data.Edition) {
		t.Helper()
		got, err := f.store.Editions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
	}
	e2015 := data.Edition{Kind: data.ZoneQPV, Label: "2015", Zones: 2}
	e2024 := data.Edition{Kind: data.ZoneQPV, Label: "2024", Zones: 1}
	custom := data.Edition{Kind: data.ZoneCustom, Label: "2024", Zones: 1}
	customZone := zone("2024", "a", "", "99")
	customZone.Kind = data.ZoneCustom

	f.mustWrite(&data.Batch{PutZones: []data.Zone{
		zone("2015", "a", "", "99"), zone("2015", "b", "", "99"), zone("2024", "a", "", "99"), customZone,
	}})
	expect("made on demand, none is current", custom, e2015, e2024)

	e2015.Current = true
	f.mustWrite(&data.Batch{Current: edition("2015")})
	expect("one is current", custom, e2015, e2024)

	e2015.Current, e2024.Current, custom.Current = false, true, true
	f.mustWrite(&data.Batch{Current: edition("2024")})
	f.mustWrite(&data.Batch{Current: &data.Edition{Kind: data.ZoneCustom, Label: "2024"}})
	expect("one is current in each kind", custom, e2015, e2024)

	wantError(t, "an edition without zone", f.write(&data.Batch{Current: edition("1999")}), data.ErrNotFound)
	wantError(t, "an edition emptied by the same batch",
		f.write(&data.Batch{DropZones: []data.Zone{zone("2024", "a", "")}, Current: edition("2024")}), data.ErrNotFound)
	expect("errors change nothing", custom, e2015, e2024)

	custom.Current = false
	f.mustWrite(&data.Batch{ClearCurrent: []data.ZoneKind{data.ZoneCustom}})
	expect("none is current", custom, e2015, e2024)

	f.mustWrite(&data.Batch{DropZones: []data.Zone{zone("2024", "a", "")}})
	expect("gone with its last zone", custom, e2015)

	f.mustWrite(&data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "99")}, Current: edition("2024")})
	e2024.Current = true
	expect("made and current at once", custom, e2015, e2024)
}

// everything is a batch with a change in each layer.
func everything() data.Batch {
	return data.Batch{
		PutSites:  []data.StoredSite{site("new", "99", "new", 1), site("s1", "99", "changed", 2)},
		PutZones:  []data.Zone{zone("2024", "new", "new", "99")},
		DropZones: []data.Zone{zone("2015", "a", "", "99")},
		PutPlaces: []data.Place{place("new", "99", "new")},
		PutAreas:  []data.Area{area("99", "new")},
		Current:   edition("2024"),

		PutStatistics: table(statistic("99001", "99", "vandalism", 2025, 5)),
	}
}

func testAtomicity(t *testing.T, b Backend) {
	f := start(t, b)
	f.mustWrite(imported("first", data.Batch{
		PutSites: []data.StoredSite{site("s1", "99", "before", 1)},
		PutZones: []data.Zone{zone("2015", "a", "before", "99"), zone("2015", "b", "before", "99")},
		Current:  edition("2015"),
	}))
	content, versions := f.content(), f.versions()

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	background := t.Context()
	anyone := b.Viewer(data.ViewerSpec{Subject: "anyone", Precision: data.ViewExact})
	neighbour := b.Viewer(data.ViewerSpec{Subject: "neighbour", Precision: data.ViewExact, Writes: true, Departments: []string{"98"}})
	var invalid *data.InvalidError

	for _, c := range []struct {
		name  string
		ctx   context.Context
		by    data.Viewer
		entry data.AuditEntry
		spoil func(*data.Batch)
		is    error // nil: an InvalidError
	}{
		{"stale site", background, f.operator, entry("x"), func(b *data.Batch) { b.PutSites[1].Version = 1 }, data.ErrConflict},
		{"zone to drop is gone", background, f.operator, entry("x"), func(b *data.Batch) { b.DropZones[0].Code = "none" }, data.ErrConflict},
		{"changed base", background, f.operator, entry("x"), func(b *data.Batch) {
			b.BasedOn = []data.LayerVersion{{Layer: data.LayerSites, Department: "99", Version: 5}}
		}, data.ErrConflict},
		{"import identifier taken", background, f.operator, entry("x"), func(b *data.Batch) { b.Import.ID = "first" }, data.ErrConflict},
		{"unknown edition", background, f.operator, entry("x"), func(b *data.Batch) { b.Current = edition("1999") }, data.ErrNotFound},
		{"no right to write", background, anyone, entry("x"), func(*data.Batch) {}, data.ErrForbidden},
		{"another département", background, neighbour, entry("x"), func(*data.Batch) {}, data.ErrForbidden},
		{"cancelled", cancelled, f.operator, entry("x"), func(*data.Batch) {}, context.Canceled},
		{"too late", expired, f.operator, entry("x"), func(*data.Batch) {}, context.DeadlineExceeded},
		{"merged into nothing", background, f.operator, entry("x"), func(b *data.Batch) { b.PutSites[0].MergedInto = "none" }, nil},
		{"merged into itself", background, f.operator, entry("x"), func(b *data.Batch) { b.PutSites[0].MergedInto = "new" }, nil},
		{"site without identifier", background, f.operator, entry("x"), func(b *data.Batch) { b.PutSites[0].ID = "" }, nil},
		{"zone without code", background, f.operator, entry("x"), func(b *data.Batch) { b.PutZones[0].Code = "" }, nil},
		{"zone of unknown kind", background, f.operator, entry("x"), func(b *data.Batch) { b.PutZones[0].Kind = "qpv/2024" }, nil},
		{"malformed site identifier", background, f.operator, entry("x"), func(b *data.Batch) { b.PutSites[0].ID = "\xff" }, nil},
		{"malformed edition", background, f.operator, entry("x"), func(b *data.Batch) { b.PutZones[0].Edition = "\xff" }, nil},
		{"zone without kind", background, f.operator, entry("x"), func(b *data.Batch) { b.PutZones[0].Kind = "" }, nil},
		{"place without identifier", background, f.operator, entry("x"), func(b *data.Batch) { b.PutPlaces[0].ID = "" }, nil},
		{"statistic without area", background, f.operator, entry("x"), func(b *data.Batch) { b.PutStatistics = table(statistic("", "99", "x", 2025, 1)) }, nil},
		{"statistic without indicator", background, f.operator, entry("x"), func(b *data.Batch) { b.PutStatistics = table(statistic("a", "99", "", 2025, 1)) }, nil},
		{"malformed area of a statistic", background, f.operator, entry("x"), func(b *data.Batch) { b.PutStatistics = table(statistic("\xff", "99", "x", 2025, 1)) }, nil},
		{"place to drop is gone", background, f.operator, entry("x"), func(b *data.Batch) { b.DropPlaces = []string{"none"} }, data.ErrConflict},
		{"area without code", background, f.operator, entry("x"), func(b *data.Batch) { b.PutAreas[0].Code = "" }, nil},
		{"import without identifier", background, f.operator, entry("x"), func(b *data.Batch) { b.Import.ID = "" }, nil},
		{"dry run", background, f.operator, entry("x"), func(b *data.Batch) { b.Import.DryRun = true }, nil},
		{"audit entry without action", background, f.operator, entry(""), func(*data.Batch) {}, nil},
		{"audit entry without time", background, f.operator, data.AuditEntry{Action: "x"}, func(*data.Batch) {}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			batch := imported("second", everything())
			c.spoil(batch)
			err := f.store.Write(c.ctx, c.by, batch, c.entry)
			if c.is != nil {
				wantError(t, "write", err, c.is)
			} else if !errors.As(err, &invalid) {
				t.Errorf("got error %v, want InvalidError", err)
			}
			equal(t, "content", f.content(), content)
			equal(t, "versions", f.versions(), versions)
			imports, err := f.store.Imports(background, f.operator, 0)
			if err != nil || len(imports) != 1 {
				t.Errorf("imports: %+v, %v", imports, err)
			}
		})
	}

	t.Run("a coordinate that is not a number", func(t *testing.T) {
		batch := imported("second", everything())
		batch.PutSites[0].Position.Point[0] = math.NaN()
		if err := f.write(batch); err == nil {
			t.Error("accepted")
		}
		equal(t, "content", f.content(), content)
	})

	f.mustWrite(imported("second", everything()))
	if f.site("s1").Name != "changed" || f.site("new") == nil {
		t.Error("the batch that was spoilt above is not written when it is sound")
	}
}

func testRights(t *testing.T, b Backend) {
	f := start(t, b)
	f.mustWrite(imported("first", data.Batch{
		PutSites: []data.StoredSite{site("s1", "99", "", 1)}, PutStatistics: table(statistic("99009", "99", "x", 2025, 1)),
	}))
	reader := b.Viewer(data.ViewerSpec{Subject: "reader", Precision: data.ViewExact, Restricted: true})
	for name, v := range map[string]data.Viewer{"a reader": reader, "nobody": {}} {
		for _, id := range []string{"first", "none"} {
			_, err := f.store.Import(t.Context(), v, id)
			wantError(t, name+" reads an import", err, data.ErrForbidden)
			_, err = f.store.UndoImport(t.Context(), v, id, entry("undo"))
			wantError(t, name+" undoes", err, data.ErrForbidden)
		}
		_, err := f.store.Imports(t.Context(), v, 0)
		wantError(t, name+" lists imports", err, data.ErrForbidden)
		wantError(t, name+" writes", f.store.Write(t.Context(), v, &data.Batch{}, entry("x")), data.ErrForbidden)
	}

	local := b.Viewer(data.ViewerSpec{Subject: "local", Precision: data.ViewExact, Writes: true, Departments: []string{"98"}})
	_, err := f.store.UndoImport(t.Context(), local, "first", entry("undo"))
	wantError(t, "undoes in another département", err, data.ErrForbidden)
	for _, c := range []struct {
		name    string
		batch   data.Batch
		allowed bool
	}{
		{"a site of its own", data.Batch{PutSites: []data.StoredSite{site("s2", "98", "", 1)}}, true},
		{"a site elsewhere", data.Batch{PutSites: []data.StoredSite{site("s3", "99", "", 1)}}, false},
		{"a site taken from elsewhere", data.Batch{PutSites: []data.StoredSite{site("s1", "98", "", 2)}}, false},
		{"a site taken from elsewhere, version guessed wrong", data.Batch{PutSites: []data.StoredSite{site("s1", "98", "", 9)}}, false},
		{"a zone across the border", data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "98", "99")}}, false},
		{"a zone without département", data.Batch{PutZones: []data.Zone{zone("2024", "a", "")}}, false},
		{"a statistic of its own", data.Batch{PutStatistics: table(statistic("98001", "98", "x", 2025, 1))}, true},
		{"a statistic elsewhere", data.Batch{PutStatistics: table(statistic("98001", "98", "y", 2025, 1), statistic("99001", "99", "y", 2025, 1))}, false},
		{"a statistic taken from elsewhere", data.Batch{PutStatistics: table(statistic("99009", "98", "x", 2025, 1))}, false},
		{"a zone of its own", data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "98")}}, true},
	} {
		err := f.store.Write(t.Context(), local, &c.batch, entry("x"))
		if c.allowed && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.allowed {
			wantError(t, c.name, err, data.ErrForbidden)
		}
	}
	equal(t, "the site elsewhere", *f.site("s1"), site("s1", "99", "", 1))
}

func testImports(t *testing.T, b Backend) {
	f := start(t, b)
	full := data.Import{
		ID: "full", Layer: data.LayerZones, Format: "shapefile", Kind: data.ZoneQPV, Edition: "2024",
		FileName: "Zones d’été.zip", SHA256: "ab", ImportedAt: noon, By: "someone",
		Counts: data.Counts{Read: 9, Kept: 1, Created: 2, Updated: 3, Unchanged: 4, Filtered: 5, Rejected: 6, Repaired: 7, Unlocated: 8, Missing: 10},
		Problems: []data.Problem{{
			Severity: data.SeverityError, Code: "self-crossing", File: "a.zip!b.shp", Line: 3, Column: 2,
			Record: "QP", Field: "geom", Value: "x", Message: data.Text{FR: "fr", EN: "en"},
		}},
		ProblemCounts: map[string]int{"self-crossing": 1},
		Changes:       []data.Change{{Kind: data.ChangeMoved, Record: "QP", Name: "n", DistanceM: 1.5, AreaM2: 2.5, Before: "b", After: "a"}},
		ChangeCounts:  map[string]int{"moved": 1},
	}
	f.mustWrite(&data.Batch{Import: &full})
	for _, id := range []string{"z", "y", "x"} {
		f.mustWrite(imported(id, data.Batch{}))
	}
	got, err := f.store.Import(t.Context(), f.operator, "full")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "import", *got, full)
	_, err = f.store.Import(t.Context(), f.operator, "none")
	wantError(t, "unknown import", err, data.ErrNotFound)

	list := func(limit int) (ids []string) {
		imports, err := f.store.Imports(t.Context(), f.operator, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, im := range imports {
			ids = append(ids, im.ID)
			if im.Problems != nil || im.Changes != nil {
				t.Errorf("%s is listed with problems or changes", im.ID)
			}
			if im.ID == "full" {
				equal(t, "counts in the list", im.Counts, full.Counts)
				equal(t, "problem counts in the list", im.ProblemCounts, full.ProblemCounts)
			}
		}
		return ids
	}
	equal(t, "newest first", list(2), []string{"x", "y"})
	equal(t, "all", list(0), []string{"x", "y", "z", "full"})

	unsigned := imported("unsigned", data.Batch{})
	unsigned.Import.By = ""
	f.mustWrite(unsigned)
	if got, err := f.store.Import(t.Context(), f.operator, "unsigned"); err != nil || got.By != "operator" {
		t.Errorf("an import without author is its viewer's: %+v, %v", got, err)
	}
}

// testEditRights: sites without an import are edited by hand, with the right to edit.
func testEditRights(t *testing.T, b Backend) {
	f := start(t, b)
	placed := site("placed", "99", "", 1)
	placed.PlacingDepartments = []string{"98"}
	nowhere := site("nowhere", "99", "", 1)
	nowhere.CommuneCode, nowhere.DepartmentCode = "", ""
	f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s98", "98", "", 1), site("s99", "99", "", 1), placed, nowhere}})
	viewer := func(role data.Role, scope data.Scope) data.Viewer {
		return b.Viewer(data.ViewerSpec{Subject: "v", Now: noon, Assignments: []data.Assignment{{Role: role, Scope: scope}}})
	}
	inspector, importer := viewer(data.RoleInspector, departments("98")), viewer(data.RoleAdmin, departments("98"))
	named := viewer(data.RoleInspector, data.Scope{Sites: []string{"s99"}})
	planner := viewer(data.RolePlanner, national)

	edit := func(id string, change func(*data.StoredSite)) *data.Batch {
		s := *f.site(id)
		s.Version++
		s.Name += "+"
		if change != nil {
			change(&s)
		}
		return &data.Batch{PutSites: []data.StoredSite{s}}
	}
	move := func(to string) func(*data.StoredSite) {
		return func(s *data.StoredSite) { s.DepartmentCode, s.CommuneCode = to, to+"001" }
	}
	placing := func(codes ...string) func(*data.StoredSite) {
		return func(s *data.StoredSite) { s.PlacingDepartments = codes }
	}
	for name, c := range map[string]struct {
		by      data.Viewer
		batch   *data.Batch
		allowed bool
	}{
		"an inspector, its own home":               {inspector, edit("s98", nil), true},
		"an inspector, who places there":           {inspector, edit("s98", placing("97", "99")), true},
		"an inspector, another home":               {inspector, edit("s99", nil), false},
		"an inspector, a home that 98 places in":   {inspector, edit("placed", nil), true},
		"it tells who else places there":           {inspector, edit("placed", placing("97", "98")), false},
		"it moves it to its own département":       {inspector, edit("placed", move("98")), false},
		"it moves its own home away":               {inspector, edit("s98", move("99")), false},
		"an inspector, a home of no département":   {inspector, edit("nowhere", nil), false},
		"an inspector adds":                        {inspector, &data.Batch{PutSites: []data.StoredSite{site("new", "98", "", 1)}}, true},
		"it adds elsewhere":                        {inspector, &data.Batch{PutSites: []data.StoredSite{site("new2", "99", "", 1)}}, false},
		"an inspector, a guessed version":          {inspector, edit("s99", func(s *data.StoredSite) { s.Version = 9 }), false},
		"a named home":                             {named, edit("s99", nil), true},
		"a named home, another":                    {named, edit("s98", nil), false},
		"a named home moves":                       {named, edit("s99", move("98")), false},
		"who may import edits by hand":             {importer, edit("s98", nil), false},
		"who may edit imports":                     {inspector, imported("i1", *edit("s98", nil)), false},
		"who may edit writes a zone":               {inspector, &data.Batch{PutZones: []data.Zone{zone("2024", "a", "", "98")}}, false},
		"who may import imports":                   {importer, imported("i2", *edit("s98", nil)), true},
		"it imports elsewhere":                     {importer, imported("i3", *edit("s99", nil)), false},
		"it imports what 98 places in":             {importer, imported("i4", *edit("placed", nil)), false},
		"it imports a home of no département":      {importer, imported("i5", *edit("nowhere", nil)), false},
		"a planner, who sees everything":           {planner, edit("s98", nil), false},
		"a planner imports":                        {planner, imported("i6", *edit("s98", nil)), false},
		"an inspector, nothing":                    {inspector, &data.Batch{}, true},
		"it chooses an edition, which has no zone": {inspector, &data.Batch{ClearCurrent: []data.ZoneKind{data.ZoneQPV}}, true},
	} {
		versions := f.versions()
		err := f.store.Write(t.Context(), c.by, c.batch, entry("x"))
		if !c.allowed {
			wantError(t, name, err, data.ErrForbidden)
			equal(t, name+": versions", f.versions(), versions)
			continue
		}
		// Those allowed may come in any order, and so one after the other has changed the home.
		if err != nil && !errors.Is(err, data.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}

	t.Run("a home belongs to the départements that place there", func(t *testing.T) {
		want := f.versions()
		f.mustWrite(edit("placed", placing("97")))
		for _, d := range []string{"97", "98", "99"} {
			want[layer(data.LayerSites, d)]++
		}
		equal(t, "versions", f.versions(), want)
	})

	t.Run("imports are listed to those who made them", func(t *testing.T) {
		f := start(t, b)
		mine := imported("mine", data.Batch{PutSites: []data.StoredSite{site("a", "98", "", 1)}})
		mine.Import.By = ""
		if err := f.store.Write(t.Context(), importer, mine, entry("x")); err != nil {
			t.Fatal(err)
		}
		f.mustWrite(imported("theirs", data.Batch{PutSites: []data.StoredSite{site("b", "98", "", 1)}}))
		list, err := f.store.Imports(t.Context(), importer, 0)
		if err != nil || len(list) != 1 || list[0].ID != "mine" {
			t.Errorf("listed %+v, %v", list, err)
		}
		wantError(t, "another's", second(f.store.Import(t.Context(), importer, "theirs")), data.ErrNotFound)
		if _, err := f.store.Import(t.Context(), importer, "mine"); err != nil {
			t.Errorf("its own: %v", err)
		}
		wantError(t, "who may only edit", second(f.store.Imports(t.Context(), inspector, 0)), data.ErrForbidden)
		wantError(t, "who may only edit undoes", second(f.store.UndoImport(t.Context(), inspector, "mine", entry("x"))), data.ErrForbidden)
	})
}
