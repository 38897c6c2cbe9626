// Package gpkg writes features as an OGC GeoPackage 1.3 (12-128r17) with one
// layer in longitude and latitude on WGS 84, a spatial index, the schema extension
// that carries the columns' labels and, with a provenance, the metadata extension. SQLite needs random access, so the
// file is built in a temporary file that only its owner may read, then copied to
// the io.Writer when the writer is closed.
package gpkg

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the SQLite driver, with its R*Tree
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/decimal"
)

// MediaType is the registered media type of GeoPackage.
const MediaType = "application/geopackage+sqlite3"

// Option sets how the file is written.
type Option func(*writer)

// WithClock sets the clock that dates the layer (gpkg_contents.last_change). Two
// exports of the same features under the same clock are the same bytes. The
// default is the system's clock.
func WithClock(c data.Clock) Option { return func(w *writer) { w.clock = c } }

// WithTempDir sets the folder of the temporary file; the default is the system's.
func WithTempDir(dir string) Option { return func(w *writer) { w.tempDir = dir } }

// WithProvenance describes the layer by the provenance, as JSON, in the tables of the
// metadata extension.
func WithProvenance(p *data.Provenance) Option { return func(w *writer) { w.provenance = p } }

type writer struct {
	out        io.Writer
	schema     *data.Schema
	clock      data.Clock
	tempDir    string
	provenance *data.Provenance

	dir       string
	path      string
	db        *sql.DB
	tx        *sql.Tx
	insert    *sql.Stmt
	index     *sql.Stmt
	arguments []any
	blob      []byte
	rows      int64
	bound     orb.Bound
	bounded   bool
	err       error
	closed    bool
}

// NewWriter creates the temporary file and its tables. The caller must Close the
// writer, also after an error, for the temporary file to be removed.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (data.FeatureWriter, error) {
	gw := &writer{out: w, schema: schema, clock: time.Now}
	for _, o := range options {
		o(gw)
	}
	if err := checkSchema(schema); err != nil {
		return nil, err
	}
	if err := gw.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("gpkg: %w", err), gw.discard())
	}
	return gw, nil
}

func (w *writer) open() error {
	// A folder of its own (mode 0700) also hides whatever SQLite puts beside the file.
	dir, err := os.MkdirTemp(w.tempDir, "vigie-export-*")
	if err != nil {
		return err
	}
	w.dir, w.path = dir, filepath.Join(dir, "export.gpkg")
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// A file that nobody else opens and that a crash makes worthless needs no journal.
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: w.path}).EscapedPath(), RawQuery: "_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE"}
	if w.db, err = sql.Open("sqlite3", dsn.String()); err != nil {
		return err
	}
	w.db.SetMaxOpenConns(1)
	if w.tx, err = w.db.Begin(); err != nil {
		return err
	}
	statements := tableStatements(w.schema)
	if w.provenance != nil {
		statements = append(statements, provenanceStatements(w.schema, w.provenance)...)
	}
	for _, s := range statements {
		if _, err := w.tx.Exec(s.sql, s.arguments...); err != nil {
			return fmt.Errorf("%w in %s", err, s.sql)
		}
	}
	if w.insert, err = w.tx.Prepare(insertStatement(w.schema)); err != nil {
		return err
	}
	w.index, err = w.tx.Prepare("INSERT INTO " + quote(indexTable(w.schema)) + " VALUES (?,?,?,?,?)") // #nosec G202 -- quote makes a name of any text
	return err
}

// Write adds one feature.
func (w *writer) Write(f *data.Feature) error {
	if w.closed {
		return errors.New("gpkg: write after close")
	}
	if w.err == nil {
		w.err = w.write(f)
	}
	return w.err
}

func (w *writer) write(f *data.Feature) error {
	if err := export.CheckFeature(w.schema, f); err != nil {
		return fmt.Errorf("gpkg: %w", err)
	}
	w.rows++
	w.arguments = append(w.arguments[:0], w.rows)
	bound, located := orb.Bound{}, f.Geometry != nil
	if located {
		geometry, err := conform(f.Geometry, w.schema.Geometry)
		if err != nil {
			return fmt.Errorf("gpkg: feature %q: %w", f.ID, err)
		}
		if w.blob, bound, err = appendBlob(w.blob[:0], geometry); err != nil {
			return fmt.Errorf("gpkg: feature %q: %w", f.ID, err)
		}
		w.arguments = append(w.arguments, w.blob)
	} else {
		w.arguments = append(w.arguments, nil)
	}
	for i := range f.Values {
		w.arguments = append(w.arguments, argument(&f.Values[i], w.schema.Columns[i].Decimals))
	}
	if _, err := w.insert.Exec(w.arguments...); err != nil {
		return fmt.Errorf("gpkg: feature %q: %w", f.ID, err)
	}
	if !located || bound.IsEmpty() {
		return nil
	}
	if _, err := w.index.Exec(w.rows, bound.Min[0], bound.Max[0], bound.Min[1], bound.Max[1]); err != nil {
		return fmt.Errorf("gpkg: feature %q: %w", f.ID, err)
	}
	if w.bounded {
		bound = bound.Union(w.bound)
	}
	w.bound, w.bounded = bound, true
	return nil
}

func argument(v *data.Value, decimals int) any {
	if s, ok := v.Text(); ok {
		return s
	}
	if n, ok := v.Int(); ok {
		return int64(n)
	}
	if f, ok := export.Number(v); ok {
		return decimal.Round(f, decimals)
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	return nil
}

// Close finishes the file, copies it to the underlying writer and removes it.
// After a failed Write it only removes it, and returns that failure.
func (w *writer) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	if w.err == nil {
		if err := w.finish(); err != nil {
			w.err = fmt.Errorf("gpkg: %w", err)
		}
	}
	if err := w.discard(); err != nil && w.err == nil {
		w.err = fmt.Errorf("gpkg: %w", err)
	}
	return w.err
}

func (w *writer) finish() error {
	if err := errors.Join(w.insert.Close(), w.index.Close()); err != nil {
		return err
	}
	last := w.clock().UTC().Format(timeLayout)
	var box [4]any
	if w.bounded {
		box = [4]any{w.bound.Min[0], w.bound.Min[1], w.bound.Max[0], w.bound.Max[1]}
	}
	if _, err := w.tx.Exec("UPDATE gpkg_contents SET last_change = ?, min_x = ?, min_y = ?, max_x = ?, max_y = ?",
		last, box[0], box[1], box[2], box[3]); err != nil {
		return err
	}
	// The triggers call functions that only a spatial client has, so they come last.
	for _, s := range triggerStatements(w.schema) {
		if _, err := w.tx.Exec(s); err != nil {
			return err
		}
	}
	if err := w.tx.Commit(); err != nil {
		return err
	}
	w.tx = nil
	if err := w.db.Close(); err != nil {
		return err
	}
	w.db = nil
	f, err := os.Open(w.path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w.out, f)
	return errors.Join(err, f.Close())
}

func (w *writer) discard() error {
	var errs []error
	if w.tx != nil {
		errs = append(errs, w.tx.Rollback())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}
