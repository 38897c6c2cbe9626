package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
)

func audited(action string) data.AuditEntry {
	return data.AuditEntry{
		At: time.Date(2024, 5, 17, 14, 0, 0, 5, time.FixedZone("", 2*3600)), Subject: "operator", Action: action,
	}
}

func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Writes: true, Purpose: "tests"})
}

// auditLines reads the audit as text, oldest first.
func auditLines(t *testing.T, path string) (lines []string) {
	t.Helper()
	rows, err := raw(t, path).Query(`SELECT concat_ws(' | ', at, subject, action, layer, records, count, purpose) FROM journal ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestAuditKeepsWhoDidWhat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	full := audited("export")
	full.Layer, full.Records, full.Count, full.Purpose = data.LayerSites, []string{"a", "b"}, 2, "a reason"
	written := audited("import")
	written.Subject = ""
	stale := &data.Batch{PutSites: []data.StoredSite{{Site: data.Site{ID: "a"}, Version: 9}}}
	if err := errors.Join(
		s.Audit(t.Context(), full),
		s.Write(t.Context(), operator(), &data.Batch{Import: &data.Import{ID: "i"}}, written),
	); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), operator(), stale, audited("failed")); !errors.Is(err, data.ErrConflict) {
		t.Fatalf("stale write: %v", err)
	}
	if _, err := s.UndoImport(t.Context(), operator(), "i", audited("undo")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`2024-05-17T12:00:00.000000005Z | operator | export | sites | ["a","b"] | 2 | a reason`,
		`2024-05-17T12:00:00.000000005Z | operator | import |  | [] | 0 | tests`,
		`2024-05-17T12:00:00.000000005Z | operator | undo |  | [] | 0 | tests`,
	}
	got := auditLines(t, path)
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func TestAuditRefusesIncompleteEntries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	for name, spoil := range map[string]func(*data.AuditEntry){
		"at":      func(e *data.AuditEntry) { e.At = time.Time{} },
		"subject": func(e *data.AuditEntry) { e.Subject = "" },
		"action":  func(e *data.AuditEntry) { e.Action = "" },
	} {
		e := audited("export")
		spoil(&e)
		var invalid *data.InvalidError
		if err := s.Audit(t.Context(), e); !errors.As(err, &invalid) || invalid.Problems[0].Field != name {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if lines := auditLines(t, path); len(lines) > 0 {
		t.Errorf("written: %q", lines)
	}
}

func TestTheJournalIsAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s := open(t, path)
	for range 4 {
		if err := s.Audit(t.Context(), audited("export")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CloseSegment(t.Context(), audited("").At, func(c *data.Checkpoint) error {
			c.PublicKey, c.Signature = []byte{1}, []byte{2}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	// One segment left the journal; one record is in no segment yet.
	if n, err := s.DropSegments(t.Context(), operator(), audited("").At, audited("journal.drop")); n != 0 || err != nil {
		t.Fatalf("dropped %d segments that are not older than their last record: %v", n, err)
	}
	if err := s.Audit(t.Context(), audited("export")); err != nil {
		t.Fatal(err)
	}
	before := auditLines(t, path)
	db := raw(t, path)
	exec(t, db, `PRAGMA recursive_triggers = ON`)
	columns := `seq, at, subject, action, layer, records, count, purpose, previous, hash`
	for _, statement := range []string{
		`UPDATE journal SET subject = 'someone else'`,
		`DELETE FROM journal`,
		`DELETE FROM journal WHERE seq = 5`, // in no segment
		`INSERT OR REPLACE INTO journal (` + columns + `) SELECT seq, at, 'someone else', action, layer, records, count, purpose, previous, hash FROM journal WHERE seq = 1`,
		`REPLACE INTO journal SELECT * FROM journal`,
		`INSERT INTO journal (` + columns + `) SELECT 1, at, subject, action, layer, records, count, purpose, previous, hash FROM journal WHERE seq = 1
			ON CONFLICT (seq) DO UPDATE SET subject = 'someone else'`,
		// A gap, and a record that does not name the one before.
		`INSERT INTO journal (` + columns + `) SELECT 7, at, subject, action, layer, records, count, purpose, hash, hash FROM journal WHERE seq = 5`,
		`INSERT INTO journal (` + columns + `) SELECT 6, at, subject, action, layer, records, count, purpose, previous, hash FROM journal WHERE seq = 5`,
		`DELETE FROM checkpoints`,
		`UPDATE checkpoints SET hash = zeroblob(32)`,
		`UPDATE checkpoints SET last_seq = 9, dropped_at = '2026' WHERE segment = 1`,
		`UPDATE checkpoints SET dropped_at = '2026' WHERE segment = 2`, // not the oldest
		`REPLACE INTO checkpoints SELECT * FROM checkpoints WHERE segment = 1`,
		`INSERT INTO checkpoints SELECT 6, 5, 5, at, at, previous, hash, at, hash, hash, NULL FROM journal WHERE seq = 5`,
		`INSERT INTO checkpoints SELECT 5, 5, 5, at, at, previous, zeroblob(32), at, hash, hash, NULL FROM journal WHERE seq = 5`,
		`INSERT INTO checkpoints SELECT 5, 5, 5, at, at, previous, hash, at, hash, hash, at FROM journal WHERE seq = 5`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("accepted: %s", statement)
		}
	}
	if after := auditLines(t, path); !slices.Equal(after, before) {
		t.Errorf("got %q, want %q", after, before)
	}
	exec(t, db, `UPDATE checkpoints SET dropped_at = '2026' WHERE segment = 1`, `DELETE FROM journal WHERE seq = 1`)
	for _, statement := range []string{`UPDATE checkpoints SET dropped_at = NULL WHERE segment = 1`, `DELETE FROM journal WHERE seq = 2`} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("accepted: %s", statement)
		}
	}
}

// firstSchema makes a database of the first schema.
func firstSchema(t *testing.T, path string) *sql.DB {
	t.Helper()
	db := raw(t, path)
	first, err := os.ReadFile(filepath.Join("migrations", "00001_records.sql"))
	if err != nil {
		t.Fatal(err)
	}
	up := strings.NewReplacer("-- +goose Up", "", "-- +goose StatementBegin", "", "-- +goose StatementEnd", "").Replace(string(first))
	exec(t, db, `PRAGMA application_id = 0x56494749`, up,
		`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`)
	return db
}

// A database of before the journal was chained keeps its lines.
func TestOldAuditLinesAreChained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	db := firstSchema(t, path)
	const lines = 2500 // several readings
	if _, err := db.Exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
		INSERT INTO audit (id, at, subject, action, layer, records, count, purpose) SELECT 2 * i + 1, ?, 'é', 'read', 'sites', '["a","<b>"]', 2, 'p' FROM n`,
		lines, "2024-05-17T12:00:00.000000005Z"); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := s.Audit(t.Context(), audited("export")); err != nil {
		t.Fatal(err)
	}
	var seq int64
	previous := make([]byte, data.HashSize)
	err := s.EachAuditRecord(t.Context(), operator(), func(r *data.AuditRecord) error {
		if !r.Follows(seq, previous) {
			t.Fatalf("record %d does not follow %d", r.Seq, seq)
		}
		if seq == 0 && (r.Subject != "é" || r.Count != 2 || !slices.Equal(r.Records, []string{"a", "<b>"})) {
			t.Errorf("got %+v", r)
		}
		seq, previous = r.Seq, r.Hash
		return nil
	})
	if err != nil || seq != lines+1 {
		t.Errorf("%d records: %v", seq, err)
	}
}
