package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"vigie/data"
)

// LockPath is the empty file beside a database that its server holds locked.
func LockPath(database string) string { return database + ".lock" }

// Claim holds a database for one server, until release is called or the process ends: what
// a server counts (guesses of passwords, points asked for) it counts alone. A *OpenError
// wraps ErrServed while another one holds it. Commands need no claim.
func Claim(ctx context.Context, path string) (release func() error, err error) {
	lock := LockPath(path)
	if err := create(lock); err != nil {
		return nil, cannotOpen(path, err)
	}
	// SQLite's own locks, on a file of its own: every system has them, and they end with
	// the process.
	db := openPool(dsn(lock, 0, map[string][]string{"mode": {"rw"}, "_journal_mode": {"MEMORY"}}), 1)
	held, err := db.Conn(ctx)
	if err == nil {
		_, err = held.ExecContext(ctx, `BEGIN EXCLUSIVE`)
	}
	if err == nil {
		return func() error { return errors.Join(held.Close(), db.Close()) }, nil
	}
	if held != nil {
		err = errors.Join(err, held.Close())
	}
	err = errors.Join(err, db.Close())
	if is(err, sqlite3.ErrBusy) {
		return nil, served(path)
	}
	return nil, cannotOpen(lock, err)
}

// Probe writes one page of the database, as it was: a *OpenError when the file can't be
// written, data.ErrStoreFull when the disk is full. That another process writes is no failure.
func (s *Store) Probe(ctx context.Context) error {
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// Nothing else uses this field of the header.
		_, err := tx.ExecContext(ctx, `PRAGMA user_version = 0`)
		return err
	})
	switch {
	case errors.Is(err, data.ErrStoreBusy):
		return nil
	case is(err, sqlite3.ErrReadonly):
		return readOnly(s.path, err)
	}
	return err
}

// Check reads the whole file: nil when its pages, its indexes and the references between
// its records are right. A *OpenError wraps ErrDamaged.
func (s *Store) Check(ctx context.Context) error {
	for _, pragma := range []string{`PRAGMA integrity_check(1)`, `PRAGMA foreign_key_check`} {
		first, err := s.finding(ctx, pragma)
		if is(err, sqlite3.ErrCorrupt) {
			return damaged(s.path, err)
		}
		if err != nil {
			return writeError(ctx, err)
		}
		if first != "" {
			return damaged(s.path, errors.New(first))
		}
	}
	return nil
}

// finding is the first line of a check, empty when it found nothing.
func (s *Store) finding(ctx context.Context, pragma string) (string, error) {
	rows, err := s.reader.QueryContext(ctx, pragma)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", rows.Err()
	}
	var found string
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	if len(columns) > 1 { // of a reference: the table that holds it, its row, the table it misses
		var table, parent string
		var row, constraint sql.NullInt64
		if err := rows.Scan(&table, &row, &parent, &constraint); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s, row %d: no such record in %s", table, row.Int64, parent), nil
	}
	if err := rows.Scan(&found); err != nil || found == "ok" {
		return "", err
	}
	return found, nil
}

// Copy writes the whole database, as it is at one instant, to a file that does not exist
// yet, of mode 0600. Others go on reading and writing meanwhile. What was there when it
// fails is the caller's to remove.
func (s *Store) Copy(ctx context.Context, to string) (err error) {
	if err := createNew(to); err != nil {
		return err
	}
	// A connection of its own: the readers' may not write, and the writer is not held up.
	db := openPool(dsn(s.path, DefaultBusyTimeout, map[string][]string{"mode": {"ro"}}), 1)
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return writeError(ctx, err)
}

// is tells whether err is what the driver says of this kind.
func is(err error, code sqlite3.ErrNo) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == code
}
