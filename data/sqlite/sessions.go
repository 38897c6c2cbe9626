package sqlite

import (
	"context"
	"database/sql"
	"time"

	"vigie/data"
)

// Session finds a session that has not expired; data.ErrNotFound.
func (s *Store) Session(ctx context.Context, hash []byte, now time.Time) (*data.Session, error) {
	session := data.Session{Hash: hash}
	var expires string
	err := s.reader.QueryRowContext(ctx, `SELECT coalesce(user_id, ''), data, expires_at FROM sessions WHERE hash = ? AND expires_at > ?`,
		hash, formatTime(now)).Scan(&session.UserID, &session.Data, &expires)
	if err != nil {
		return nil, writeError(ctx, notFound(err))
	}
	session.Expires, err = time.Parse(timeLayout, expires)
	return &session, err
}

// Sessions lists a user's sessions that have not expired, the last to expire first.
func (s *Store) Sessions(ctx context.Context, userID string, now time.Time) ([]data.Session, error) {
	var out []data.Session
	err := s.each(ctx, `SELECT hash, data, expires_at FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY expires_at DESC, hash`, func(rows *sql.Rows) error {
		session := data.Session{UserID: userID}
		var expires string
		if err := rows.Scan(&session.Hash, &session.Data, &expires); err != nil {
			return err
		}
		var err error
		session.Expires, err = time.Parse(timeLayout, expires)
		out = append(out, session)
		return err
	}, userID, formatTime(now))
	return out, err
}

// AddSession adds a session; data.ErrNotFound when its user is not there.
func (s *Store) AddSession(ctx context.Context, session *data.Session) error {
	return s.exec(ctx, `INSERT INTO sessions (user_id, data, expires_at, hash) VALUES (nullif(?, ''), ?, ?, ?)`, sessionRow(session)...)
}

// UpdateSession writes a session again; data.ErrNotFound when it, or its user, is not
// there any more, data.ErrConflict when its data is no longer session.Was.
func (s *Store) UpdateSession(ctx context.Context, session *data.Session) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE sessions SET user_id = nullif(?, ''), data = ?, expires_at = ?
			WHERE hash = ? AND data = coalesce(?, data)`, append(sessionRow(session), session.Was)...)
		if err != nil {
			return missingUser(err)
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		var there bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sessions WHERE hash = ?)`, session.Hash).Scan(&there); err != nil {
			return err
		}
		if there {
			return data.ErrConflict
		}
		return data.ErrNotFound
	})
}

func sessionRow(s *data.Session) []any {
	return []any{s.UserID, append([]byte{}, s.Data...), formatTime(s.Expires), s.Hash}
}

// DropSession ends a session, if it is there.
func (s *Store) DropSession(ctx context.Context, hash []byte) error {
	return s.exec(ctx, `DELETE FROM sessions WHERE hash = ?`, hash)
}

// DropSessions ends all sessions of a user but the one whose hash is kept.
func (s *Store) DropSessions(ctx context.Context, userID string, keep []byte) error {
	return s.exec(ctx, `DELETE FROM sessions WHERE user_id = ? AND hash IS NOT ?`, userID, keep)
}

// SweepSessions deletes the sessions, tokens and recovery links that expired before now.
func (s *Store) SweepSessions(ctx context.Context, now time.Time) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, statement := range []string{
			`DELETE FROM sessions WHERE expires_at < ?`,
			`DELETE FROM tokens WHERE expires_at < ?`,
			`UPDATE credentials SET recovery_hash = NULL, recovery_expires = NULL WHERE recovery_expires < ?`,
		} {
			if _, err := tx.ExecContext(ctx, statement, formatTime(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// exec runs one statement of which the journal tells nothing.
func (s *Store) exec(ctx context.Context, statement string, args ...any) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return missingUser(err)
	})
}
