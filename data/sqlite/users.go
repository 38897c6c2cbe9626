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

const userQuery = `SELECT record, version, seen_at,
		EXISTS (SELECT 1 FROM credentials WHERE user_id = users.id AND totp_secret IS NOT NULL)
	FROM users `

func scanUser(scan func(dest ...any) error) (*data.User, error) {
	var (
		u      data.User
		record string
		seen   sql.NullString
	)
	if err := scan(&record, &u.Version, &seen, &u.HasTOTP); err != nil {
		return nil, notFound(err)
	}
	if err := json.Unmarshal([]byte(record), &u); err != nil {
		return nil, fmt.Errorf("stored user: %w", err)
	}
	var err error
	if u.SeenAt, err = optionalTime(seen); err != nil {
		return nil, fmt.Errorf("stored user %s: %w", u.ID, err)
	}
	return &u, nil
}

// userRecord is what the record of a user holds: the rest has columns.
type userRecord struct {
	data.User
	SeenAt  any `json:"seen_at,omitempty"`
	HasTOTP any `json:"has_totp,omitempty"`
	Version any `json:"version,omitempty"`
}

// notFound turns "no row" into data.ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return data.ErrNotFound
	}
	return err
}

// HomeDepartments gives the département of each of these homes; see data.Accounts.
func (s *Store) HomeDepartments(ctx context.Context, ids []string) (map[string]string, error) {
	found, err := homeDepartments(ctx, s.reader, ids)
	return found, writeError(ctx, err)
}

func homeDepartments(ctx context.Context, q querierRows, ids []string) (map[string]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, `SELECT id, coalesce(department_code, '') FROM sites WHERE id IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var id, department string
		if err := rows.Scan(&id, &department); err != nil {
			return nil, err
		}
		found[id] = department
	}
	return found, rows.Err()
}

// manages tells whether the viewer may see and change an account.
func manages(ctx context.Context, q querierRows, by data.Viewer, u *data.User) error {
	if !by.May(data.RightUsers) {
		return data.ErrForbidden
	}
	departments, err := homeDepartments(ctx, q, u.NamedHomes())
	if err == nil && !by.Manages(u, departments) {
		err = data.ErrForbidden
	}
	return err
}

// Users lists, in login order, the accounts that the viewer oversees.
func (s *Store) Users(ctx context.Context, by data.Viewer) ([]data.User, error) {
	if !by.May(data.RightUsers) {
		return nil, data.ErrForbidden
	}
	var (
		all   []data.User
		named []string
	)
	err := s.each(ctx, userQuery+`ORDER BY login_key`, func(rows *sql.Rows) error {
		u, err := scanUser(rows.Scan)
		if err == nil {
			all, named = append(all, *u), append(named, u.NamedHomes()...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	departments, err := s.HomeDepartments(ctx, named)
	return slices.DeleteFunc(all, func(u data.User) bool { return !by.Oversees(&u, departments) }), err
}

// PutUser creates or replaces an account; see data.Accounts.
func (s *Store) PutUser(ctx context.Context, by data.Viewer, u *data.User, entry data.AuditEntry) error {
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	key := data.LoginKey(u.Login)
	if err := errors.Join(checkIdentifier("id", u.ID), checkIdentifier("login", u.Login), checkIdentifier("login", key)); err != nil {
		return err
	}
	stored := *u
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		prior, err := userIn(ctx, tx, u.ID)
		if err != nil && !errors.Is(err, data.ErrNotFound) {
			return err
		}
		if err := mayPut(ctx, tx, by, u, prior); err != nil {
			return err
		}
		var version int64
		if prior != nil {
			version, stored.CreatedAt = prior.Version, prior.CreatedAt
		}
		if u.Version != version {
			return conflict(u.ID, "ce compte a été modifié entre-temps", "this account was changed in the meantime")
		}
		stored.Version = version + 1
		err = changeAdmins(ctx, tx, u.ID, entry.At, func() error { return writeUser(ctx, tx, &stored, key) })
		if err != nil {
			return err
		}
		if stored.Disabled {
			if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = ?`, u.ID); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, entry)
	})
	if err == nil {
		u.Version, u.CreatedAt = stored.Version, stored.CreatedAt
	}
	return err
}

func userIn(ctx context.Context, tx *sql.Tx, id string) (*data.User, error) {
	return scanUser(tx.QueryRowContext(ctx, userQuery+`WHERE id = ?`, id).Scan)
}

// mayPut refuses an account that the viewer does not manage before and after, unless it
// oversees it and only disables it. prior is nil for a new one.
func mayPut(ctx context.Context, q querierRows, by data.Viewer, u, prior *data.User) error {
	if prior != nil && u.OnlyDisables(prior) && by.Oversees(prior, nil) {
		return nil
	}
	err := manages(ctx, q, by, u)
	if err == nil && prior != nil {
		err = manages(ctx, q, by, prior)
	}
	return err
}

func writeUser(ctx context.Context, tx *sql.Tx, u *data.User, key string) error {
	record, err := json.Marshal(userRecord{User: *u})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO users (id, login_key, version, record) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET login_key = excluded.login_key, version = excluded.version, record = excluded.record`,
		u.ID, key, u.Version, string(record))
	var e sqlite3.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique {
		return conflict(u.Login, "cet identifiant ou cette identité OpenID Connect est déjà pris",
			"this login or OpenID Connect identity is taken")
	}
	return err
}

// changeAdmins makes a change of an account, unless it leaves nobody who administers
// everything where someone did.
func changeAdmins(ctx context.Context, tx *sql.Tx, id string, now time.Time, change func() error) error {
	before, err := administered(ctx, tx, now)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := administered(ctx, tx, now)
	if err == nil && before && !after {
		err = conflict(id, "il ne resterait aucun compte d’administration national actif",
			"no enabled national administrator would be left")
	}
	return err
}

// administered tells whether an enabled account is a national admin.
func administered(ctx context.Context, tx *sql.Tx, now time.Time) (bool, error) {
	rows, err := tx.QueryContext(ctx, userQuery+`WHERE instr(record, '"`+string(data.RoleAdmin)+`"') > 0`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		u, err := scanUser(rows.Scan)
		if err != nil {
			return false, err
		}
		if !u.Disabled && slices.ContainsFunc(u.Assignments, func(a data.Assignment) bool {
			return a.Role == data.RoleAdmin && a.Scope.National && a.Holds(now)
		}) {
			return true, nil
		}
	}
	return false, rows.Err()
}

// EraseUser deletes an account and all that names it but the journal; see data.Accounts.
func (s *Store) EraseUser(ctx context.Context, by data.Viewer, id string, entry data.AuditEntry) error {
	if !by.May(data.RightUsers) {
		return data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		u, err := userIn(ctx, tx, id)
		if err == nil {
			err = manages(ctx, tx, by, u)
		}
		if err != nil {
			return err
		}
		err = changeAdmins(ctx, tx, id, entry.At, func() error {
			// Credentials, sessions, tokens and grants go with it.
			_, err := tx.ExecContext(ctx, `DELETE FROM users WHERE id = ?`, id)
			return err
		})
		if err != nil {
			return err
		}
		for _, statement := range []string{
			`UPDATE grants SET record = json_set(record, '$.decided_by', ''), version = version + 1 WHERE record ->> '$.decided_by' = ?`,
			`UPDATE imports SET record = json_set(record, '$.by', '') WHERE record ->> '$.by' = ?`,
			`UPDATE imports SET undone_by = '' WHERE undone_by = ?`,
		} {
			if _, err := tx.ExecContext(ctx, statement, u.Login); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, entry)
	})
}

// UserByID finds an account; data.ErrNotFound.
func (s *Store) UserByID(ctx context.Context, id string) (*data.User, error) {
	return s.user(ctx, `WHERE id = ?`, id)
}

// UserByLogin finds an account without regard to case; data.ErrNotFound.
func (s *Store) UserByLogin(ctx context.Context, login string) (*data.User, error) {
	return s.user(ctx, `WHERE login_key = ?`, data.LoginKey(login))
}

// UserByOIDC finds the account of an OpenID Connect identity; data.ErrNotFound.
func (s *Store) UserByOIDC(ctx context.Context, issuer, subject string) (*data.User, error) {
	return s.user(ctx, `WHERE issuer = ? AND oidc_sub = ?`, issuer, subject)
}

func (s *Store) user(ctx context.Context, where string, args ...any) (*data.User, error) {
	u, err := scanUser(s.reader.QueryRowContext(ctx, userQuery+where, args...).Scan)
	if err != nil {
		return nil, writeError(ctx, err)
	}
	return u, nil
}

// AccountsVersion is the version of what identifies requests; see data.Accounts.
func (s *Store) AccountsVersion(ctx context.Context) (version int64, err error) {
	// Each request asks, in microseconds: a context that can end costs two goroutines.
	err = s.reader.QueryRowContext(context.WithoutCancel(ctx), `SELECT version FROM accounts_version`).Scan(&version)
	return version, writeError(ctx, err)
}

// Seen notes a login; data.ErrNotFound.
func (s *Store) Seen(ctx context.Context, userID string, at time.Time, entry data.AuditEntry) error {
	return s.change(ctx, entry, `UPDATE users SET seen_at = ? WHERE id = ?`, formatTime(at), userID)
}

// change runs a statement with its audit entry; data.ErrNotFound when it changes no row.
func (s *Store) change(ctx context.Context, entry data.AuditEntry, statement string, args ...any) error {
	entry, err := complete(entry, data.Viewer{})
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return missingUser(err)
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return data.ErrNotFound
		}
		return insertAudit(ctx, tx, entry)
	})
}

// missingUser turns a reference to an account that is not there into data.ErrNotFound.
func missingUser(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintForeignKey {
		return data.ErrNotFound
	}
	return err
}
