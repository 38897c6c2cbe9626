package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"vigie/data"
)

// undoChunk bounds how many states an undo holds in memory at a time.
const undoChunk = 500

// storedChange is a line of import_changes.
type storedChange struct {
	seq           int64
	subject, key  string
	before, after sql.NullString
}

// UndoImport restores every record to its state before the import, in one
// transaction, and the current editions with them. A site gets a new version: it
// never goes back. Records that the import created are deleted.
//
// Errors: data.ErrForbidden without data.RightImport in each département
// concerned, data.ErrNotFound when there is no such import or it is already
// undone, a *data.ConflictError when records are no longer as the import wrote them. A
// statistic that was replaced since is one, even if its figures are the same again.
func (s *Store) UndoImport(ctx context.Context, by data.Viewer, id string, entry data.AuditEntry) (*data.Import, error) {
	if !by.May(data.RightImport) {
		return nil, data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return nil, err
	}
	var im *data.Import
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		w := &writer{tx: tx, by: by, touched: map[part]struct{}{}}
		im, err = w.undo(ctx, id, entry)
		return err
	})
	if err != nil {
		return nil, err
	}
	return im, nil
}

func (w *writer) undo(ctx context.Context, id string, entry data.AuditEntry) (*data.Import, error) {
	var seq int64
	found, err := optional(w.tx.QueryRowContext(ctx, `SELECT seq FROM imports WHERE id = ? AND undone_at IS NULL`, id).Scan(&seq))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w: import %q, or already undone", data.ErrNotFound, id)
	}
	var changed obstacles
	// Compared before the zones are restored, for that may empty a current edition;
	// set after, for the edition to restore may need its zones back.
	editions, err := w.editionChanges(ctx, seq, &changed)
	if err != nil {
		return nil, err
	}
	if err := w.restoreRecords(ctx, seq, &changed); err != nil {
		return nil, err
	}
	if err := w.restoreStatistics(ctx, seq, &changed); err != nil {
		return nil, err
	}
	if err := w.findOrphans(ctx, &changed); err != nil {
		return nil, err
	}
	if err := dropEmptyEditions(ctx, w.tx); err != nil {
		return nil, err
	}
	if err := w.restoreEditions(ctx, editions, &changed); err != nil {
		return nil, err
	}
	if err := changed.err("l’import ne peut pas être annulé, des enregistrements ont changé depuis",
		"the import cannot be undone, records changed since"); err != nil {
		return nil, err
	}
	if _, err := w.tx.ExecContext(ctx, `UPDATE imports SET undone_at = ?, undone_by = ? WHERE seq = ?`,
		formatTime(entry.At), w.by.Subject(), seq); err != nil {
		return nil, err
	}
	// An undo is not undone: the states have served.
	if _, err := w.tx.ExecContext(ctx, `DELETE FROM import_changes WHERE import_seq = ?`, seq); err != nil {
		return nil, err
	}
	if err := w.finish(ctx, entry); err != nil {
		return nil, err
	}
	return readImport(ctx, w.tx, id)
}

// restoreRecords goes through the import's records from the last to the first.
func (w *writer) restoreRecords(ctx context.Context, importSeq int64, changed *obstacles) error {
	for last := int64(0); ; {
		chunk, err := w.changes(ctx, `SELECT seq, subject, key, before, after FROM import_changes
			WHERE import_seq = ? AND subject <> ? AND (? = 0 OR seq < ?) ORDER BY seq DESC LIMIT ?`,
			importSeq, subjectEditions, last, last, undoChunk)
		if err != nil || len(chunk) == 0 {
			return err
		}
		for i := range chunk {
			if err := w.restore(ctx, &chunk[i], changed); err != nil {
				return err
			}
		}
		last = chunk[len(chunk)-1].seq
	}
}

func (w *writer) restore(ctx context.Context, c *storedChange, changed *obstacles) error {
	t, err := tableOf(c.subject)
	if err != nil {
		return err
	}
	present, err := t.get(ctx, w.tx, c.key)
	if err != nil {
		return err
	}
	after, err := parseState(c.key, c.after)
	if err != nil {
		return err
	}
	if !present.same(after) {
		changed.add(c.key)
		return nil
	}
	before, err := parseState(c.key, c.before)
	if err != nil {
		return err
	}
	if before != nil && present != nil {
		before.version = present.version + 1
	}
	return w.change(ctx, t, c.key, present, before)
}

// findOrphans adds the sites that were merged, after the import, into one that the undo deletes.
func (w *writer) findOrphans(ctx context.Context, changed *obstacles) error {
	rows, err := w.tx.QueryContext(ctx, `SELECT id FROM sites AS s WHERE merged_into IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM sites WHERE id = s.merged_into) ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		changed.add(id)
	}
	return rows.Err()
}

func (w *writer) editionChanges(ctx context.Context, importSeq int64, changed *obstacles) ([]storedChange, error) {
	all, err := w.changes(ctx, `SELECT seq, subject, key, before, after FROM import_changes
		WHERE import_seq = ? AND subject = ?`, importSeq, subjectEditions)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		present, err := currentEdition(ctx, w.tx, data.ZoneKind(c.key))
		if err != nil {
			return nil, err
		}
		if present != c.after {
			changed.add(subjectEditions + "/" + c.key)
		}
		// While both editions have their zones: these départements change colour.
		for _, label := range []sql.NullString{c.before, c.after} {
			if err := w.touchEdition(ctx, data.ZoneKind(c.key), label); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (w *writer) restoreEditions(ctx context.Context, editions []storedChange, changed *obstacles) error {
	for _, c := range editions {
		err := w.setCurrent(ctx, data.ZoneKind(c.key), c.before)
		if errors.Is(err, data.ErrNotFound) {
			changed.add(zoneKey(data.ZoneKind(c.key), c.before.String, ""))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) changes(ctx context.Context, query string, args ...any) ([]storedChange, error) {
	rows, err := w.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []storedChange
	for rows.Next() {
		var c storedChange
		if err := rows.Scan(&c.seq, &c.subject, &c.key, &c.before, &c.after); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
