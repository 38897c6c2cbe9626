package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mattn/go-sqlite3"

	"vigie/data"
)

const credentialsQuery = `SELECT users.id, coalesce(password_hash, ''), totp_secret, coalesce(totp_step, 0), recovery_hash, recovery_expires
	FROM users LEFT JOIN credentials ON user_id = users.id `

func readCredentials(ctx context.Context, q querier, where string, arg any) (*data.Credentials, error) {
	var (
		c       data.Credentials
		expires sql.NullString
	)
	err := q.QueryRowContext(ctx, credentialsQuery+where, arg).
		Scan(&c.UserID, &c.PasswordHash, &c.TOTPSecret, &c.TOTPStep, &c.RecoveryHash, &expires)
	if err != nil {
		return nil, notFound(err)
	}
	at, err := optionalTime(expires)
	if err != nil {
		return nil, fmt.Errorf("stored credentials of %s: %w", c.UserID, err)
	}
	if at != nil {
		c.RecoveryExpires = *at
	}
	return &c, nil
}

// CredentialsOf gives an account's secrets, empty when it has none yet; data.ErrNotFound.
func (s *Store) CredentialsOf(ctx context.Context, userID string) (*data.Credentials, error) {
	c, err := readCredentials(ctx, s.reader, `WHERE users.id = ?`, userID)
	return c, writeError(ctx, err)
}

// CredentialsByRecovery finds the account of a recovery link; data.ErrNotFound.
func (s *Store) CredentialsByRecovery(ctx context.Context, hash []byte) (*data.Credentials, error) {
	c, err := readCredentials(ctx, s.reader, `WHERE recovery_hash = ?`, hash)
	return c, writeError(ctx, err)
}

// UpdateCredentials changes an account's secrets under the lock of the transaction; see
// data.Accounts.
func (s *Store) UpdateCredentials(ctx context.Context, userID string, change func(*data.Credentials) bool, entry data.AuditEntry) error {
	entry, err := complete(entry, data.Viewer{})
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		c, err := readCredentials(ctx, tx, `WHERE users.id = ?`, userID)
		if err != nil || !change(c) {
			return err
		}
		var expires sql.NullString
		if c.RecoveryHash != nil {
			expires = sql.NullString{String: formatTime(c.RecoveryExpires), Valid: true}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO credentials (user_id, password_hash, totp_secret, totp_step, recovery_hash, recovery_expires)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash,
				totp_secret = excluded.totp_secret, totp_step = excluded.totp_step,
				recovery_hash = excluded.recovery_hash, recovery_expires = excluded.recovery_expires`,
			userID, c.PasswordHash, c.TOTPSecret, c.TOTPStep, c.RecoveryHash, expires)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, entry)
	})
}

// tokenRecord is what the record of a token holds: the rest has columns.
type tokenRecord struct {
	data.Token
	UsedAt any `json:"used_at,omitempty"`
}

func scanToken(scan func(dest ...any) error) (*data.Token, error) {
	var (
		t      data.Token
		record string
		used   sql.NullString
	)
	if err := scan(&record, &t.Hash, &used); err != nil {
		return nil, notFound(err)
	}
	if err := json.Unmarshal([]byte(record), &t); err != nil {
		return nil, fmt.Errorf("stored token: %w", err)
	}
	var err error
	if t.UsedAt, err = optionalTime(used); err != nil {
		return nil, fmt.Errorf("stored token %s: %w", t.ID, err)
	}
	return &t, nil
}

const tokenQuery = `SELECT record, hash, used_at FROM tokens `

// Tokens lists a user's tokens, newest first.
func (s *Store) Tokens(ctx context.Context, userID string) ([]data.Token, error) {
	var out []data.Token
	err := s.each(ctx, tokenQuery+`WHERE user_id = ? ORDER BY rowid DESC`, func(rows *sql.Rows) error {
		t, err := scanToken(rows.Scan)
		if err == nil {
			out = append(out, *t)
		}
		return err
	}, userID)
	return out, err
}

// tokenUse is how often at most the use of a token is noted.
const tokenUse = time.Minute

// TokenByHash finds a token that has not expired and notes its use; data.ErrNotFound.
func (s *Store) TokenByHash(ctx context.Context, hash []byte, now time.Time) (*data.Token, error) {
	t, err := scanToken(s.reader.QueryRowContext(ctx, tokenQuery+`WHERE hash = ? AND expires_at > ?`, hash, formatTime(now)).Scan)
	if err != nil {
		return nil, writeError(ctx, err)
	}
	if t.UsedAt != nil && now.Sub(*t.UsedAt) < tokenUse {
		return t, nil
	}
	used := now.UTC()
	t.UsedAt = &used
	return t, s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tokens SET used_at = ? WHERE id = ?`, formatTime(now), t.ID)
		return err
	})
}

// PutToken adds a token. data.ErrConflict when its ID or hash is taken, data.ErrNotFound
// when its user is not there.
func (s *Store) PutToken(ctx context.Context, t *data.Token, entry data.AuditEntry) error {
	if err := checkIdentifier("id", t.ID); err != nil {
		return err
	}
	record, err := json.Marshal(tokenRecord{Token: *t})
	if err != nil {
		return err
	}
	err = s.change(ctx, entry, `INSERT INTO tokens (id, user_id, hash, record, expires_at) VALUES (?, ?, ?, ?, ?)`,
		t.ID, t.UserID, t.Hash, string(record), formatTime(t.Expires))
	var e sqlite3.Error
	if errors.As(err, &e) && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey) {
		return conflict(t.ID, "ce jeton existe déjà", "this token exists already")
	}
	return err
}

// DropToken deletes a user's token; data.ErrNotFound.
func (s *Store) DropToken(ctx context.Context, userID, id string, entry data.AuditEntry) error {
	return s.change(ctx, entry, `DELETE FROM tokens WHERE user_id = ? AND id = ?`, userID, id)
}

// DropTokens deletes all tokens of a user, whose IDs follow the entry's records.
func (s *Store) DropTokens(ctx context.Context, userID string, entry data.AuditEntry) error {
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		ids, err := droppedIDs(tx.QueryContext(ctx, `DELETE FROM tokens WHERE user_id = ? RETURNING id`, userID))
		if err != nil || ids == nil {
			return err
		}
		entry := entry
		entry.Records = slices.Concat(entry.Records, ids)
		entry.Count = len(entry.Records)
		if entry, err = complete(entry, data.Viewer{}); err != nil {
			return err
		}
		return insertAudit(ctx, tx, entry)
	})
}

func droppedIDs(rows *sql.Rows, err error) (ids []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
