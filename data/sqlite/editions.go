package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vigie/data"
)

// addEdition makes the edition known if it is not.
func addEdition(ctx context.Context, tx *sql.Tx, kind data.ZoneKind, label string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO editions (kind, label) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		string(kind), label)
	return err
}

// dropEmptyEditions forgets editions that have no zone left; one that was current leaves its kind without.
func dropEmptyEditions(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM editions WHERE NOT EXISTS
		(SELECT 1 FROM zones WHERE zones.kind = editions.kind AND zones.edition = editions.label)`)
	return err
}

// currentEdition is the label of the current edition of a kind, null when none is.
func currentEdition(ctx context.Context, tx *sql.Tx, kind data.ZoneKind) (sql.NullString, error) {
	var label sql.NullString
	_, err := optional(tx.QueryRowContext(ctx, `SELECT label FROM editions WHERE kind = ? AND current = 1`,
		string(kind)).Scan(&label))
	return label, err
}

// setCurrent makes label the current edition of its kind, none when label is null,
// and touches the départements of the edition left and of the one taken.
// data.ErrNotFound when no zone has that edition.
func (w *writer) setCurrent(ctx context.Context, kind data.ZoneKind, label sql.NullString) error {
	before, err := currentEdition(ctx, w.tx, kind)
	if err != nil || before == label {
		return err
	}
	for _, l := range []sql.NullString{before, label} {
		if err := w.touchEdition(ctx, kind, l); err != nil {
			return err
		}
	}
	// One statement at a time: at no moment may two editions be current.
	if _, err := w.tx.ExecContext(ctx, `UPDATE editions SET current = 0 WHERE kind = ? AND current = 1`, string(kind)); err != nil {
		return err
	}
	if !label.Valid {
		return nil
	}
	done, err := w.tx.ExecContext(ctx, `UPDATE editions SET current = 1 WHERE kind = ? AND label = ?`, string(kind), label.String)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: edition %q of %s has no zone", data.ErrNotFound, label.String, kind)
	}
	return err
}

func (w *writer) touchEdition(ctx context.Context, kind data.ZoneKind, label sql.NullString) error {
	if !label.Valid {
		return nil
	}
	rows, err := w.tx.QueryContext(ctx, `SELECT DISTINCT coalesce(d.value, '')
		FROM zones LEFT JOIN json_each(zones.department_codes) AS d
		WHERE zones.kind = ? AND zones.edition = ?`, string(kind), label.String)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var department string
		if err := rows.Scan(&department); err != nil {
			return err
		}
		if err := w.touch(data.LayerZones, department); err != nil {
			return err
		}
	}
	return rows.Err()
}
