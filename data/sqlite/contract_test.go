package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"vigie/data"
	"vigie/data/sqlite"
	"vigie/data/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Create: func(t *testing.T) string { return filepath.Join(t.TempDir(), "vigie.db") },
		Open: func(ctx context.Context, path string) (data.Store, error) {
			return sqlite.Open(ctx, path, sqlite.Options{})
		},
		Check:  integrity,
		Viewer: data.NewViewer,
	})
}

// integrity closes the file again, so that a test finds it as a stopped server leaves it.
func integrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	var verdict string
	var orphans int
	err = errors.Join(
		db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict),
		db.QueryRow(`SELECT count(*) FROM pragma_foreign_key_check`).Scan(&orphans),
		db.Close(),
	)
	if err != nil || verdict != "ok" || orphans > 0 {
		t.Errorf("integrity: %v, %s, %d broken references", err, verdict, orphans)
	}
}
