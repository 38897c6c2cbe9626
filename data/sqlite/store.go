// Package sqlite is the Store on one SQLite file, for a single server.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"vigie/data"
)

// DefaultBusyTimeout is how long a write waits for another process that holds the database.
const DefaultBusyTimeout = 10 * time.Second

// Options tune a Store. The zero value is what servers use.
type Options struct {
	// BusyTimeout replaces DefaultBusyTimeout when positive.
	BusyTimeout time.Duration
	// Readers bounds the connections that read at the same time;
	// 0 stands for the number of processors, at least 4.
	Readers int
	// AsIs refuses a database of an older schema (ErrOlder) instead of upgrading it, and
	// makes none.
	AsIs bool
	// Upgraded is told when the schema of a database was brought up to date; nil tells nobody.
	Upgraded func(from, to int64)
}

// Store implements data.Store. It is safe for concurrent use, by several
// processes too: writes queue, reads never wait for them.
type Store struct {
	writer *sql.DB // one connection: SQLite has one writer at a time
	reader *sql.DB // query-only connections
	queue  queue   // of Audit
	path   string  // absolute
}

var _ data.Store = (*Store)(nil)

// Open opens the database file at path, creating it with mode 0600 when there is
// none (its folder must exist), and brings its schema up to date.
//
// A *OpenError wraps ErrForeign when the file is something else, in which case it
// is left as it is, ErrNewer when a newer Vigie wrote it, and ErrExposed when other
// accounts of the machine may read it or its log.
func Open(ctx context.Context, path string, opt Options) (*Store, error) {
	if opt.BusyTimeout <= 0 {
		opt.BusyTimeout = DefaultBusyTimeout
	}
	if opt.Readers <= 0 {
		opt.Readers = max(4, runtime.GOMAXPROCS(0))
	}
	file, err := filepath.Abs(path)
	if path == "" || err != nil {
		return nil, cannotOpen(path, errors.Join(os.ErrInvalid, err))
	}
	if !opt.AsIs {
		if err := create(file); err != nil {
			return nil, cannotOpen(path, err)
		}
	}
	fresh, err := inspect(ctx, file, opt.BusyTimeout)
	switch {
	case err == nil && fresh && opt.AsIs:
		err = foreign(file)
	case err == nil:
		err = checkPrivate(file)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	writer := openPool(writerDSN(file, opt.BusyTimeout), 1)
	if err := prepare(ctx, writer, fresh, opt); err != nil {
		return nil, errors.Join(openError(path, err), writer.Close())
	}
	s := &Store{path: file, writer: writer, reader: openPool(readerDSN(file, opt.BusyTimeout), opt.Readers)}
	if err := s.reader.PingContext(ctx); err != nil {
		return nil, errors.Join(openError(path, err), s.Close())
	}
	return s, nil
}

// Close closes the file; calls still running may fail.
func (s *Store) Close() error {
	s.queue.done.Wait()
	// The writer goes last: it is the one that can empty the write-ahead log.
	return errors.Join(s.reader.Close(), s.writer.Close())
}

// create makes an empty file that only its owner can read, unless a file is there.
// SQLite gives the same mode to the log files beside it.
func create(file string) error {
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("is a directory: %w", os.ErrInvalid)
	case err == nil || !errors.Is(err, os.ErrNotExist):
		// An existing file is not opened here: closing it would drop the locks that
		// another Store of this process holds on it.
		return err
	}
	if err := createNew(file); !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// createNew makes an empty file that only its owner can read; os.ErrExist when one is there.
func createNew(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	// The name too must outlive a power cut.
	return errors.Join(dir.Sync(), dir.Close())
}

// checkPrivate refuses a database that others may read: it tells where the homes are.
func checkPrivate(file string) error {
	var open []string
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if info, err := os.Stat(name); err == nil && data.Exposed(info.Mode()) {
			open = append(open, name)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return exposed(open)
}

// transact runs fn in one immediate transaction, all or nothing. The context
// given to fn has no cancellation: database/sql rolls the transaction back when
// ctx ends, and a cancellable context costs a goroutine per statement.
func (s *Store) transact(ctx context.Context, fn func(context.Context, *sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return writeError(ctx, err)
	}
	err = fn(context.WithoutCancel(ctx), tx)
	if err == nil {
		err = tx.Commit()
	}
	if err == nil {
		return nil
	}
	if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
		err = errors.Join(err, e)
	}
	return writeError(ctx, err)
}
