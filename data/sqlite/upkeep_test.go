package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/sqlite"
)

func TestOpenRefusesWhatOthersMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o640); err != nil {
			t.Fatal(err)
		}
		refused(t, path, sqlite.ErrExposed)
		if err := os.Chmod(path+suffix, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestOneServerClaimsADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	release, err := sqlite.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(path + "*"); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
	_, err = sqlite.Claim(t.Context(), path)
	var e *sqlite.OpenError
	if !errors.Is(err, sqlite.ErrServed) || !errors.As(err, &e) || e.Path != path || e.Message.FR == "" {
		t.Errorf("second server: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.Claim(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(sqlite.LockPath(path)); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestProbeWritesAndChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	before, err := s.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wal := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	size := wal()
	if err := s.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if wal() <= size {
		t.Error("nothing was written")
	}
	after, err := s.Versions(t.Context())
	if err != nil || len(before) != len(after) {
		t.Errorf("%v, then %v, %v", before, after, err)
	}
}

func TestProbeTellsAReadOnlyDatabase(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	var e *sqlite.OpenError
	if err := s.Probe(t.Context()); !errors.Is(err, sqlite.ErrReadOnly) || !errors.As(err, &e) || e.Path != path {
		t.Errorf("%v", err)
	}
}

func TestCopyIsWhole(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "vigie.db"))
	batch := &data.Batch{PutSites: []data.StoredSite{{Site: data.Site{ID: "a", Name: "Foyer fictif"}, Version: 1}}}
	if err := s.Write(t.Context(), operator(), batch, audited("import")); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "copy.db")
	if err := s.Copy(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := s.Copy(t.Context(), to); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	c, err := sqlite.Open(t.Context(), to, sqlite.Options{AsIs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if !holds(t, to, "Foyer fictif") {
		t.Error("the home is not in the copy")
	}
}

func TestCheckFindsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	batch := &data.Batch{Import: &data.Import{ID: "i", ImportedAt: audited("").At}}
	for _, id := range []string{"a", "b", "c"} {
		batch.PutSites = append(batch.PutSites, data.StoredSite{Site: data.Site{ID: id, Name: strings.Repeat("Foyer fictif ", 2000)}, Version: 1})
	}
	if err := s.Write(t.Context(), operator(), batch, audited("import")); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(b[len(b)*3/4:])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := open(t, path)
	if err := damaged.Check(t.Context()); !errors.Is(err, sqlite.ErrDamaged) {
		t.Errorf("%v", err)
	}
}

func TestCheckFindsALostReference(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	db := raw(t, path)
	exec(t, db, `PRAGMA foreign_keys = OFF`, `CREATE TABLE child (id REFERENCES users (id))`, `INSERT INTO child VALUES ('nobody')`)
	err := s.Check(t.Context())
	if !errors.Is(err, sqlite.ErrDamaged) || !strings.Contains(err.Error(), "child, row 1: no such record in users") {
		t.Errorf("%v", err)
	}
}

// Who upgrades is told from which schema to which; who only looks changes nothing.
func TestUpgradesAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	told := [][2]int64{}
	opt := sqlite.Options{Upgraded: func(from, to int64) { told = append(told, [2]int64{from, to}) }}
	s, err := sqlite.Open(t.Context(), path, opt)
	if err != nil || len(told) > 0 {
		t.Fatalf("a new database: %v, %v", told, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "old.db")
	firstSchema(t, path)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{AsIs: true}); !errors.Is(err, sqlite.ErrOlder) {
		t.Errorf("as it is: %v", err)
	}
	s, err = sqlite.Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(told) != 1 || told[0][0] != 1 || told[0][1] < 10 {
		t.Errorf("told %v", told)
	}
}
