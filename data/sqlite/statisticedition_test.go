package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/sqlite"
	"vigie/data/storetest"
)

func openPublished(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestPublishedContract(t *testing.T) {
	storetest.RunPublished(t, func(t *testing.T) data.PublishedStatistics {
		return openPublished(t, filepath.Join(t.TempDir(), "vigie.db"))
	}, data.NewViewer)
}

// Not even another program alters an edition by mistake.
func TestPublishedEditionsAreImmutableInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := openPublished(t, path)
	operator := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Writes: true})
	e := &data.PublishedEdition{Sequence: 1, ID: "2026-Q2", Quarter: "2026-Q2", FrozenAt: time.Unix(0, 0), Document: []byte("{}")}
	if err := s.PublishEdition(t.Context(), operator, e, []byte("{}"), data.AuditEntry{At: time.Unix(0, 0), Action: data.ActionPublish}); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`UPDATE published_statistics SET document = 'x'`, `DELETE FROM published_statistics`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s: no error", statement)
		}
	}
}
