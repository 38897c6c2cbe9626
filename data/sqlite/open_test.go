package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vigie/data"
	"vigie/data/sqlite"
)

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// raw opens the file with SQLite's defaults, as any other program would; only its owner
// can read it.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// refused checks that Open fails with a message in both languages that names the path.
func refused(t *testing.T, path string, target error) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		t.Fatalf("opened, want %v: %v", target, s.Close())
	}
	var e *sqlite.OpenError
	if !errors.Is(err, target) || !errors.As(err, &e) {
		t.Fatalf("got %v, want an OpenError for %v", err, target)
	}
	if e.Message.FR == "" || e.Message.EN == "" || e.Path != path {
		t.Errorf("incomplete error: %+v", e)
	}
}

func TestOpenRefusesWhatIsNotADatabaseOfVigie(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "sites.csv")
	if err := os.WriteFile(text, bytes.Repeat([]byte("id;name\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "other.db")
	exec(t, raw(t, foreign), `CREATE TABLE notes (text)`)
	walled := filepath.Join(dir, "walled.db")
	exec(t, raw(t, walled), `PRAGMA journal_mode = WAL`, `CREATE TABLE notes (text)`)
	marked := filepath.Join(dir, "marked.gpkg")
	exec(t, raw(t, marked), `PRAGMA application_id = 0x47504B47`)

	for _, path := range []string{text, foreign, walled, marked} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, path, sqlite.ErrForeign)
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenRefusesWhatItCannotOpen(t *testing.T) {
	dir := t.TempDir()
	refused(t, dir, fs.ErrInvalid)
	refused(t, "", fs.ErrInvalid)
	refused(t, filepath.Join(dir, "none", "vigie.db"), fs.ErrNotExist)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(cancelled, filepath.Join(dir, "vigie.db"), sqlite.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	open(t, filepath.Join(dir, "vigie.db"))
}

func TestOpenRefusesANewerDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	exec(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	refused(t, path, sqlite.ErrNewer)
	exec(t, db, `DELETE FROM goose_db_version WHERE version_id = 99999`)
	open(t, path)
}

func TestOpenTakesUpAnInterruptedCreation(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	walled := filepath.Join(dir, "walled.db")
	exec(t, raw(t, walled), `PRAGMA journal_mode = WAL`)
	marked := filepath.Join(dir, "marked.db")
	exec(t, raw(t, marked), `PRAGMA application_id = 0x56494749`)
	for _, path := range []string{empty, walled, marked} {
		if err := open(t, path).Audit(t.Context(), audited("check")); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestOpenAtTheSameTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	stores := make([]*sqlite.Store, 6)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() {
			var err error
			if stores[i], err = sqlite.Open(t.Context(), path, sqlite.Options{}); err != nil {
				t.Errorf("open: %v", err)
			}
		})
	}
	group.Wait()
	for _, s := range stores {
		if s == nil {
			continue
		}
		if err := errors.Join(s.Audit(t.Context(), audited("check")), s.Close()); err != nil {
			t.Error(err)
		}
	}
	var entries, migrations int
	err := errors.Join(
		raw(t, path).QueryRow(`SELECT count(*) FROM journal`).Scan(&entries),
		raw(t, path).QueryRow(`SELECT count(*) FROM goose_db_version WHERE version_id = 1`).Scan(&migrations),
	)
	if err != nil || entries != len(stores) || migrations != 1 {
		t.Errorf("%d entries, migrated %d times: %v", entries, migrations, err)
	}
}

func TestOpenAnyPath(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"with space.db", "é.db", "100%.db", "a?mode=memory", "a#b.db", "a&b=c.db", ":memory:"} {
		path := filepath.Join(dir, name)
		if err := open(t, path).Audit(t.Context(), audited("check")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Chdir(dir)
	open(t, "relative.db")
	if _, err := os.Stat(filepath.Join(dir, "relative.db")); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := open(t, path).Audit(t.Context(), audited("check")); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(path+suffix), got)
		}
	}
}

func TestAClosedDatabaseIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	if err := s.Audit(t.Context(), audited("check")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Versions(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", suffix, err)
		}
	}
}

// What an undo takes out must not be found by someone who gets hold of the disk.
func TestWhatIsUndoneIsOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	secret := "Maison du Phare Imaginaire"
	batch := &data.Batch{Import: &data.Import{ID: "i", ImportedAt: audited("").At}}
	for _, id := range []string{"a", "b", "c"} {
		// Long enough to spill into overflow pages, which SQLite frees whole.
		batch.PutSites = append(batch.PutSites, data.StoredSite{
			Site: data.Site{ID: id, Name: strings.Repeat(secret+" ", 500)}, Version: 1,
		})
	}
	if err := s.Write(t.Context(), operator(), batch, audited("import")); err != nil {
		t.Fatal(err)
	}
	if !holds(t, path, secret) {
		t.Fatal("the name is not in the files: this test proves nothing")
	}
	if _, err := s.UndoImport(t.Context(), operator(), "i", audited("undo")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if holds(t, path, secret) {
		t.Error("the name is still in the files")
	}
}

// holds tells whether a text is in the database file or its log.
func holds(t *testing.T, path, text string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}
