package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"vigie/data"
)

// grantRecord is what the record of a grant holds: the version has a column.
type grantRecord struct {
	data.Grant
	Version any `json:"version,omitempty"`
}

func scanGrant(scan func(dest ...any) error) (*data.Grant, error) {
	var (
		g      data.Grant
		record string
	)
	if err := scan(&record, &g.Version); err != nil {
		return nil, notFound(err)
	}
	if err := json.Unmarshal([]byte(record), &g); err != nil {
		return nil, fmt.Errorf("stored grant: %w", err)
	}
	return &g, nil
}

// grants lists the grants that a condition chooses and keep keeps, newest first.
func (s *Store) grants(ctx context.Context, keep func(*data.Grant) bool, where string, args ...any) ([]data.Grant, error) {
	var out []data.Grant
	err := s.each(ctx, `SELECT record, version FROM grants WHERE `+where+` ORDER BY requested_at DESC, id`, func(rows *sql.Rows) error {
		g, err := scanGrant(rows.Scan)
		if err == nil && keep(g) {
			out = append(out, *g)
		}
		return err
	}, args...)
	return out, err
}

// Grants lists the requests of userID, who is the viewer, and those that the viewer may
// decide, newest first.
func (s *Store) Grants(ctx context.Context, by data.Viewer, userID string) ([]data.Grant, error) {
	return s.grants(ctx, func(g *data.Grant) bool {
		return g.UserID == userID || by.MayCover(data.RightApprove, g.Scope)
	}, `TRUE`)
}

// GrantsOf lists a user's own requests, newest first.
func (s *Store) GrantsOf(ctx context.Context, userID string) ([]data.Grant, error) {
	return s.grants(ctx, func(*data.Grant) bool { return true }, `user_id = ?`, userID)
}

// Grant finds a grant; data.ErrNotFound.
func (s *Store) Grant(ctx context.Context, id string) (*data.Grant, error) {
	g, err := scanGrant(s.reader.QueryRowContext(ctx, `SELECT record, version FROM grants WHERE id = ?`, id).Scan)
	return g, writeError(ctx, err)
}

// PutGrant creates or replaces a grant. data.ErrConflict when the version is another,
// data.ErrNotFound when its user is not there.
func (s *Store) PutGrant(ctx context.Context, g *data.Grant, entry data.AuditEntry) error {
	entry, err := complete(entry, data.Viewer{})
	if err == nil {
		err = checkIdentifier("id", g.ID)
	}
	if err != nil {
		return err
	}
	record, err := json.Marshal(grantRecord{Grant: *g})
	if err != nil {
		return err
	}
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var version int64
		if _, err := optional(tx.QueryRowContext(ctx, `SELECT version FROM grants WHERE id = ?`, g.ID).Scan(&version)); err != nil {
			return err
		}
		if version != g.Version {
			return conflict(g.ID, "cette demande a été modifiée entre-temps", "this request was changed in the meantime")
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO grants (id, user_id, version, record, requested_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, version = excluded.version,
				record = excluded.record, requested_at = excluded.requested_at`,
			g.ID, g.UserID, version+1, string(record), formatTime(g.RequestedAt))
		if err != nil {
			return missingUser(err)
		}
		return insertAudit(ctx, tx, entry)
	})
	if err == nil {
		g.Version++
	}
	return err
}
