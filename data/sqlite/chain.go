package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"vigie/data"
)

// chainAudit is migration 6: it moves the lines of the table audit, in order, into the
// journal. SQL can't hash.
var chainAudit = goose.NewGoMigration(6, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	var last int64
	for h := (head{hash: make([]byte, data.HashSize)}); ; {
		lines, err := auditLines(ctx, tx, last)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			break
		}
		for i := range lines {
			if h, err = h.append(ctx, tx, &lines[i].entry); err != nil {
				return err
			}
			last = lines[i].id
		}
	}
	_, err := tx.ExecContext(ctx, `DROP TABLE audit`)
	return err
}}, nil)

type auditLine struct {
	id    int64
	entry data.AuditEntry
}

// auditLines reads some lines of the old table after id.
func auditLines(ctx context.Context, tx *sql.Tx, id int64) ([]auditLine, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, at, subject, action, layer, records, count, purpose FROM audit
		WHERE id > ? ORDER BY id LIMIT 1000`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []auditLine
	for rows.Next() {
		var (
			l           auditLine
			at, records string
		)
		e := &l.entry
		if err := rows.Scan(&l.id, &at, &e.Subject, &e.Action, &e.Layer, &records, &e.Count, &e.Purpose); err != nil {
			return nil, err
		}
		if e.At, err = time.Parse(timeLayout, at); err != nil {
			return nil, fmt.Errorf("audit line %d: %w", l.id, err)
		}
		if err := json.Unmarshal([]byte(records), &e.Records); err != nil {
			return nil, fmt.Errorf("audit line %d: %w", l.id, err)
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}
