package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// applicationID is "VIGI" in the header of the file (PRAGMA application_id).
const applicationID = 0x56494749

//go:embed migrations/*.sql
var migrations embed.FS

// inspect tells whether the file is still empty, and fails when it is not a
// database of Vigie. It writes nothing to the file.
func inspect(ctx context.Context, file string, busy time.Duration) (fresh bool, err error) {
	db := openPool(inspectorDSN(file, busy), 1)
	defer func() { err = errors.Join(err, db.Close()) }()
	var id, objects int64
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return false, err
	}
	if id == applicationID {
		return false, nil
	}
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&objects); err != nil {
		return false, err
	}
	if id != 0 || objects > 0 {
		return false, foreign(file)
	}
	return true, nil
}

// prepare marks a fresh file as Vigie's and applies the migrations that it lacks.
func prepare(ctx context.Context, db *sql.DB, fresh bool, opt Options) error {
	if fresh {
		// Before any table, so that a creation cut short is taken up again by the next Open.
		if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	// Another process may be migrating the same file: each migration is one
	// transaction, so whoever loses the race finds the work done.
	const attempts = 5
	for attempt := 1; ; attempt++ {
		err := migrate(ctx, db, opt)
		var open *OpenError
		if err == nil || errors.As(err, &open) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(attempt) * 100 * time.Millisecond):
		}
	}
}

func migrate(ctx context.Context, db *sql.DB, opt Options) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(chainAudit))
	if err != nil {
		return err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > known {
		return newer(current, known)
	}
	if opt.AsIs && current < known {
		return older(current, known)
	}
	done, err := provider.Up(ctx)
	if err == nil && len(done) > 0 && current > 0 && opt.Upgraded != nil {
		opt.Upgraded(current, known)
	}
	return err
}
