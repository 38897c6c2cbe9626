package statistics

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/demo"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

var november = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func viewer(spec data.ViewerSpec) data.Viewer {
	spec.Subject, spec.Purpose = "test", "statistics"
	return data.NewViewer(spec)
}

var statistician = viewer(data.ViewerSpec{Precision: data.ViewExact, Writes: true})

// demonstration is the fictitious département in a store.
func demonstration(t *testing.T) (*sqlite.Store, *snapshot.Snapshot) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	n := 0
	ids := func() string { n++; return fmt.Sprint("import-", n) }
	clock := func() time.Time { return november }
	if err := demo.Populate(t.Context(), ingest.New(store, nil, clock, ids), viewer(data.ViewerSpec{Precision: data.ViewExact, Restricted: true, Writes: true})); err != nil {
		t.Fatal(err)
	}
	return store, current(t, store)
}

// current is what a store holds, with scores.
func current(t *testing.T, store *sqlite.Store) *snapshot.Snapshot {
	t.Helper()
	profile := score.Default()
	profile.Draws = 200 // enough for classes
	service, err := snapshot.Open(t.Context(), store, snapshot.Options{Clock: func() time.Time { return november }, ScoreAtOnce: math.MaxInt, Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	return service.Current()
}

func TestRule7EditionsAreFrozen(t *testing.T) {
	t.Parallel()
	store, sn := demonstration(t)
	t.Run("only by who sees every home and no restricted layer", func(t *testing.T) { refuses(t, store, sn) })
	freeze := func(by data.Viewer, quarter, note string) (*Edition, error) {
		return Freeze(t.Context(), store, sn, by, Request{Quarter: quarter, Note: note, Now: november})
	}
	first, err := freeze(statistician, "2025-Q4", "")
	if err != nil {
		t.Fatal(err)
	}
	if first.ID != "2025-Q4" || first.Year != 2025 || first.ReferenceDay != "2025-12-31" || first.QPV != "2024" {
		t.Errorf("%+v", first)
	}
	t.Run("the demonstration shows four fifths", func(t *testing.T) { showsMost(t, first) })
	before, err := store.PublishedEdition(t.Context(), "2025-Q4")
	if err != nil {
		t.Fatal(err)
	}

	var invalid *data.InvalidError
	for name, q := range map[string]struct{ quarter, note string }{
		"a quarter that is not over": {"2026-Q4", ""}, "no quarter": {"2026-T3", ""}, "a second edition without a note": {"2025-Q4", " "},
		"a first edition with a note": {"2026-Q3", "x"}, "a quarter that is misspelt": {"2000-Q1x", ""}, "a long note": {"2025-Q4", strings.Repeat("x", maxNote+1)},
	} {
		if _, err := freeze(statistician, q.quarter, q.note); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	correction, err := freeze(statistician, "2025-Q4", "Deux foyers corrigés")
	if err != nil {
		t.Fatal(err)
	}
	next, err := freeze(statistician, "2026-Q3", "")
	if err != nil {
		t.Fatal(err)
	}
	if correction.ID != "2025-Q4-r1" || next.ID != "2026-Q3" || next.Year != 0 {
		t.Errorf("%s, %s (year %d)", correction.ID, next.ID, next.Year)
	}
	for i := range first.Cells {
		if first.Cells[i].Status != correction.Cells[i].Status {
			t.Errorf("nothing changed, but %+v became %+v", first.Cells[i], correction.Cells[i])
		}
	}
	after, err := store.PublishedEdition(t.Context(), "2025-Q4")
	if err != nil || !bytes.Equal(before.Document, after.Document) {
		t.Errorf("the edition changed: %v", err)
	}
	editions, err := store.PublishedEditions(t.Context())
	if err != nil || len(editions) != 3 {
		t.Fatalf("%d editions, %v", len(editions), err)
	}
	if newest := Newest(editions); newest.ID != "2026-Q3" {
		t.Errorf("the newest edition is %s", newest.ID)
	}
	after.Document[10] ^= 1
	if _, err := Decode(after); err == nil {
		t.Error("an altered edition is read")
	}
}

func refuses(t *testing.T, store *sqlite.Store, sn *snapshot.Snapshot) {
	for name, by := range map[string]data.Viewer{
		"public":     {},
		"masked":     viewer(data.ViewerSpec{Precision: data.ViewMasked, Writes: true}),
		"local":      viewer(data.ViewerSpec{Precision: data.ViewExact, Writes: true, Departments: []string{data.FictitiousDepartment}}),
		"restricted": viewer(data.ViewerSpec{Precision: data.ViewExact, Writes: true, Restricted: true}),
		"reader":     viewer(data.ViewerSpec{Precision: data.ViewExact}),
	} {
		if _, err := Freeze(t.Context(), store, sn, by, Request{Quarter: "2026-Q3", Now: november}); !errors.Is(err, data.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if editions, err := store.PublishedEditions(t.Context()); err != nil || len(editions) > 0 {
		t.Errorf("%v, %v", editions, err)
	}
}

func showsMost(t *testing.T, e *Edition) {
	if s := e.Suppression[0]; s.Level != LevelDepartment || s.Share > 0.2 || s.Cells < 4 {
		t.Errorf("%+v", s)
	}
	for _, c := range e.Cells {
		if other := e.Cell(LevelCountry, "FR", c.Measure); c.Level == LevelDepartment && (other == nil || other.Status != c.Status) {
			t.Errorf("%+v: France, which is this département, says %+v", c, other)
		}
	}
	for _, m := range e.Measures {
		if m.Definition.FR == "" || m.Definition.EN == "" || m.Source.FR == "" || m.Unit.FR == "" || m.Quality.FR == "" || m.Date != "2025-12-31" || m.Coverage == nil {
			t.Errorf("%+v", m)
		}
	}
}

// The CSV has the columns and values that its Table Schema tells.
func TestCSVFollowsItsTableSchema(t *testing.T) {
	e := mustCompile(t, small()).edition()
	e.ID, e.Quarter = "2026-Q3", "2026-Q3"
	var b bytes.Buffer
	if err := e.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(e.Cells) {
		t.Errorf("%d lines for %d cells", len(rows), len(e.Cells))
	}
	schema := TableSchema("fr")
	keys := map[string]bool{}
	for n, row := range rows {
		for i, f := range schema.Fields {
			switch {
			case n == 0 && row[i] != f.Name:
				t.Errorf("column %d is %q, the schema says %q", i, row[i], f.Name)
			case n > 0 && f.Constraints != nil && !slices.Contains(f.Constraints.Enum, row[i]):
				t.Errorf("line %d: %s %q is not in the schema", n, f.Name, row[i])
			case row[i] != "" && strings.ContainsRune("=+-@\t\r", rune(row[i][0])):
				t.Errorf("line %d: a spreadsheet would run %q", n, row[i])
			}
		}
		id := strings.Join([]string{row[0], row[3], row[4], row[6]}, "/")
		if keys[id] {
			t.Errorf("line %d: the key %s is there twice", n, id)
		}
		keys[id] = true
	}
}
