package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"vigie/data"
)

// Releases calls fn with each masked release, oldest first.
func (s *Store) Releases(ctx context.Context, fn func(*data.Release) error) error {
	return s.each(ctx, `SELECT record FROM releases ORDER BY id`, func(rows *sql.Rows) error {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return err
		}
		r := new(data.Release)
		if err := json.Unmarshal(record, r); err != nil {
			return err
		}
		return fn(r)
	})
}

// PutRelease freezes a masked release. data.ErrConflict when its identifier is taken;
// data.ErrForbidden unless by may import in the national scope.
func (s *Store) PutRelease(ctx context.Context, by data.Viewer, r *data.Release, entry data.AuditEntry) error {
	if !by.MayEverywhere(data.RightImport) {
		return data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	if err := checkIdentifier("id", r.ID); err != nil {
		return err
	}
	record, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO releases (id, record) VALUES (?, ?) ON CONFLICT DO NOTHING`, r.ID, string(record))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			var taken obstacles
			taken.add(r.ID)
			return taken.err("cette vue masquée est déjà arrêtée", "this masked release is frozen already")
		}
		w := &writer{tx: tx, by: by, touched: map[part]struct{}{{layer: data.LayerReleases}: {}}}
		return w.finish(ctx, entry)
	})
}
