package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"vigie/data"
)

// timeLayout has a fixed width, so that texts sort like times.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// Audit appends an entry on its own. A *data.InvalidError when At, Subject or
// Action is missing: an entry that does not say who did what and when proves nothing.
func (s *Store) Audit(ctx context.Context, entry data.AuditEntry) error {
	entry, err := complete(entry, data.Viewer{})
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return insertAudit(ctx, tx, entry)
	})
}

// complete takes the subject and purpose that the entry lacks from the viewer, and checks it.
func complete(entry data.AuditEntry, by data.Viewer) (data.AuditEntry, error) {
	if entry.Subject == "" {
		entry.Subject = by.Subject()
	}
	if entry.Purpose == "" {
		entry.Purpose = by.Purpose()
	}
	for _, f := range []struct {
		name    string
		missing bool
	}{{"at", entry.At.IsZero()}, {"subject", entry.Subject == ""}, {"action", entry.Action == ""}} {
		if f.missing {
			return entry, invalid("incomplete-audit-entry", "", f.name, "",
				"l’entrée du journal doit dire qui a fait quoi et quand", "the audit entry must say who did what and when")
		}
	}
	return entry, nil
}

func insertAudit(ctx context.Context, tx *sql.Tx, e data.AuditEntry) error {
	if e.Records == nil {
		e.Records = []string{}
	}
	records, err := json.Marshal(e.Records)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, subject, action, layer, records, count, purpose) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		formatTime(e.At), e.Subject, e.Action, string(e.Layer), string(records), e.Count, e.Purpose)
	return err
}
