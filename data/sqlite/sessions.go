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

// PutSession adds or replaces a session; data.ErrNotFound when its user is not there.
func (s *Store) PutSession(ctx context.Context, session *data.Session) error {
	return s.exec(ctx, `INSERT INTO sessions (hash, user_id, data, expires_at) VALUES (?, nullif(?, ''), ?, ?)
		ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at`,
		session.Hash, session.UserID, append([]byte{}, session.Data...), formatTime(session.Expires))
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
