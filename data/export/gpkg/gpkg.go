// Package gpkg writes features as an OGC GeoPackage 1.3 (12-128r17) with one
// layer in longitude and latitude on WGS 84, a spatial index, the schema extension
// that carries the columns' labels and, with a provenance, the metadata extension.
//
// SQLite needs random access, so the file is built in a temporary file, then copied to
// the io.Writer when the writer is closed. The temporary file has no name: only this
// process can read it, and nothing is left of it however the process ends.
package gpkg

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export"
)

// MediaType is the registered media type of GeoPackage.
const MediaType = "application/geopackage+sqlite3"

// Option sets how the file is written.
type Option func(*body)

// WithClock sets the clock that dates the layer (gpkg_contents.last_change). Two
// exports of the same features under the same clock are the same bytes. The
// default, nil too, is the system's clock.
func WithClock(c data.Clock) Option {
	return func(b *body) {
		if c != nil {
			b.clock = c
		}
	}
}

// WithTempDir sets the folder of the temporary file; the default is the system's.
func WithTempDir(dir string) Option { return func(b *body) { b.tempDir = dir } }

// WithProvenance describes the layer by the provenance, where there is one, as JSON, in
// the tables of the metadata extension.
func WithProvenance(p *data.Provenance) Option { return func(b *body) { b.provenance = p } }

type body struct {
	out        io.Writer
	schema     *data.Schema
	clock      data.Clock
	tempDir    string
	provenance *data.Provenance

	file    *os.File
	conn    *sqlite3.SQLiteConn
	inserts []*insert // all of them
	layer   *insert
	index   *index
	blob    []byte
	rows    int64
	bound   orb.Bound
	bounded bool
}

// NewWriter creates the temporary file and its tables. The caller must Close or Abandon
// the writer, also after an error.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (export.Writer, error) {
	if err := checkSchema(schema); err != nil {
		return nil, err
	}
	b := newBody(w, schema, options)
	if err := b.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("gpkg: %w", b.explain(err)), b.Discard())
	}
	return export.NewDocument("gpkg", schema, b), nil
}

func newBody(w io.Writer, schema *data.Schema, options []Option) *body {
	b := &body{out: w, schema: schema, clock: time.Now}
	for _, o := range options {
		o(b)
	}
	return b
}

func (b *body) open() error {
	file, err := os.CreateTemp(b.tempDir, "vigie-export-*") // mode 0600
	if err != nil {
		return err
	}
	b.file = file
	// A file that nobody else opens and that a crash makes worthless needs no journal.
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file.Name()}).EscapedPath(), RawQuery: "_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE"}
	// The driver itself: a row through database/sql costs a sixth more, and more memory.
	conn, err := (&sqlite3.SQLiteDriver{}).Open(dsn.String())
	if err := errors.Join(err, os.Remove(file.Name())); err != nil {
		return err
	}
	b.conn = conn.(*sqlite3.SQLiteConn)
	if err := b.exec("BEGIN"); err != nil {
		return err
	}
	statements := tableStatements(b.schema)
	if b.provenance != nil {
		statements = append(statements, provenanceStatements(b.schema, b.provenance, b.clock())...)
	}
	for _, s := range statements {
		if err := b.exec(s.sql, s.arguments...); err != nil {
			return fmt.Errorf("%w in %s", err, s.sql)
		}
	}
	if b.layer, err = b.prepare("INSERT INTO "+quote(table(b.schema))+" VALUES", 2+len(b.schema.Columns)); err != nil {
		return err
	}
	return b.openIndex()
}

// openIndex prepares the tables of the R*Tree (sqlite.org/rtree.html, section 6) for
// what is put in them.
func (b *body) openIndex() error {
	var err error
	shadow := func(name string) *insert {
		var i *insert
		if err == nil {
			i, err = b.prepare("INSERT OR REPLACE INTO "+quote(indexTable(b.schema)+name)+" VALUES", 2)
		}
		return i
	}
	nodes, leaves, parents := shadow("_node"), shadow("_rowid"), shadow("_parent")
	b.index = newIndex(
		func(number int64, data []byte) error { return nodes.run(number, data) },
		func(id, node int64) error { return leaves.run(id, node) },
		func(node, parent int64) error { return parents.run(node, parent) },
	)
	return err
}

func (b *body) exec(query string, arguments ...any) error {
	var values []driver.Value
	for _, a := range arguments {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	_, err := b.conn.Exec(query, values)
	return err
}

// insert is a prepared INSERT of one row.
type insert struct {
	statement *sqlite3.SQLiteStmt
	values    []driver.NamedValue
}

// prepare prepares an INSERT of so many values.
func (b *body) prepare(into string, values int) (*insert, error) {
	query := into + " (?" + strings.Repeat(", ?", values-1) + ")"
	statement, err := b.conn.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, query)
	}
	i := &insert{statement.(*sqlite3.SQLiteStmt), make([]driver.NamedValue, values)}
	for n := range i.values {
		i.values[n].Ordinal = n + 1
	}
	b.inserts = append(b.inserts, i)
	return i, nil
}

// run inserts a row that begins with the values; the others are those set before.
func (i *insert) run(values ...any) error {
	for n, v := range values {
		i.values[n].Value = v
	}
	_, err := i.statement.ExecContext(context.Background(), i.values)
	return err
}

// Write adds one feature.
func (b *body) Write(f *data.Feature) error {
	b.rows++
	var geometry any
	bound := orb.Bound{Min: orb.Point{1}} // empty
	if f.Geometry != nil {
		g, err := conform(f.Geometry, b.schema.Geometry)
		if err == nil {
			b.blob, bound, err = appendBlob(b.blob[:0], g)
		}
		if err != nil {
			return fmt.Errorf("feature %q: %w", f.ID, err)
		}
		geometry = b.blob
	}
	for i := range f.Values {
		b.layer.values[2+i].Value = export.Typed(&f.Values[i], b.schema.Columns[i].Decimals)
	}
	if err := b.layer.run(b.rows, geometry); err != nil {
		return fmt.Errorf("feature %q: %w", f.ID, b.explain(err))
	}
	if bound.IsEmpty() {
		return nil
	}
	if b.bounded {
		b.bound = b.bound.Union(bound)
	} else {
		b.bound, b.bounded = bound, true
	}
	return b.explain(b.index.add(b.rows, bound))
}

// explain says which disk is full.
func (b *body) explain(err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok && e.Code == sqlite3.ErrFull {
		return &fs.PathError{Op: "write", Path: b.file.Name(), Err: syscall.ENOSPC}
	}
	return err
}

// Finish finishes the file and copies it to the underlying writer.
func (b *body) Finish() error {
	if err := b.complete(); err != nil {
		return b.explain(err)
	}
	_, err := io.Copy(b.out, b.file)
	return err
}

func (b *body) complete() error {
	if err := b.index.finish(); err != nil {
		return err
	}
	var box [4]any
	if b.bounded {
		box = [4]any{b.bound.Min[0], b.bound.Min[1], b.bound.Max[0], b.bound.Max[1]}
	}
	if err := b.exec("UPDATE gpkg_contents SET last_change = ?, min_x = ?, min_y = ?, max_x = ?, max_y = ?",
		b.clock().UTC().Format(timeLayout), box[0], box[1], box[2], box[3]); err != nil {
		return err
	}
	// The triggers call functions that only a spatial client has, so they come last.
	for _, s := range triggerStatements(b.schema) {
		if err := b.exec(s); err != nil {
			return err
		}
	}
	return b.exec("COMMIT")
}

// Discard closes the file, which nothing else refers to.
func (b *body) Discard() error {
	var errs []error
	for _, i := range b.inserts {
		errs = append(errs, i.statement.Close())
	}
	if b.conn != nil {
		errs = append(errs, b.conn.Close())
	}
	if b.file != nil {
		errs = append(errs, b.file.Close())
	}
	return errors.Join(errs...)
}
