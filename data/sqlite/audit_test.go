package sqlite_test

import (
	"errors"
	"path/filepath"
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
	rows, err := raw(t, path).Query(`SELECT concat_ws(' | ', at, subject, action, layer, records, count, purpose) FROM audit ORDER BY id`)
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

func TestAuditIsAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := open(t, path).Audit(t.Context(), audited("export")); err != nil {
		t.Fatal(err)
	}
	before := auditLines(t, path)
	db := raw(t, path)
	for _, statement := range []string{
		`UPDATE audit SET subject = 'someone else'`,
		`DELETE FROM audit`,
		`INSERT OR REPLACE INTO audit (id, at, subject, action, layer, records, count, purpose) VALUES (1, '', '', '', '', '[]', 0, '')`,
		`REPLACE INTO audit SELECT id, at, 'someone else', action, layer, records, count, purpose FROM audit`,
		`INSERT INTO audit (id, at, subject, action, layer, records, count, purpose) VALUES (1, '', '', '', '', '[]', 0, '')
			ON CONFLICT (id) DO UPDATE SET subject = 'someone else'`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("accepted: %s", statement)
		}
	}
	if after := auditLines(t, path); len(after) != 1 || after[0] != before[0] {
		t.Errorf("got %q, want %q", after, before)
	}
}
