// Package xlsx writes features as an Office Open XML workbook: a sheet of values, one
// that explains its columns and codes and, with a provenance, one that holds it.
//
// A workbook has no geometry. Points have the columns "lon" and "lat"; other shapes
// have the limits of their bounds, "lon_min", "lat_min", "lon_max" and "lat_max", all
// in CRS84 degrees.
//
// Texts are cells of type text in a column formatted as text, so that none runs as a
// formula, not even after it was edited. The rows are spooled to a temporary file that
// only its owner may read; nothing reaches the io.Writer before the writer is closed.
package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"unicode/utf16"

	"github.com/klauspost/compress/flate"
	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/decimal"
)

// MediaType is the registered media type of workbooks.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// MaxFeatures is how many rows a sheet holds below its header.
const MaxFeatures = excelize.TotalRows - 1

// Names of the columns that bound a shape.
var boundColumns = [...]string{"lon_min", "lat_min", "lon_max", "lat_max"}

// Option sets how the file is written.
type Option func(*writer)

// WithLanguage writes the columns' labels, in "fr" or "en", as the header instead of
// their names, and the other sheets in that language, which is French by default.
func WithLanguage(lang string) Option {
	return func(w *writer) { w.lang, w.labels = lang, true }
}

// WithProvenance adds a sheet and the document's properties.
func WithProvenance(p *data.Provenance) Option { return func(w *writer) { w.provenance = p } }

// WithTempDir sets the folder of the temporary file; the default is the system's.
func WithTempDir(dir string) Option { return func(w *writer) { w.tempDir = dir } }

type writer struct {
	out        io.Writer
	schema     *data.Schema
	lang       string
	labels     bool
	provenance *data.Provenance
	tempDir    string

	dir    string
	book   *excelize.File
	stream *excelize.StreamWriter
	styles styles
	points bool
	row    int // last row written, from 1
	cells  []any
	err    error
	closed bool
}

// NewWriter creates the temporary file and writes the header to it. The caller must
// Close the writer, also after an error, for the temporary file to be removed.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (data.FeatureWriter, error) {
	xw := &writer{out: w, schema: schema, points: schema.Geometry == "Point"}
	for _, o := range options {
		o(xw)
	}
	if err := export.CheckColumns(schema, xw.positionColumns()...); err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	if err := xw.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("xlsx: %w", err), xw.discard())
	}
	return xw, nil
}

func (w *writer) positionColumns() []string {
	if w.points {
		return []string{export.ColumnLongitude, export.ColumnLatitude}
	}
	return boundColumns[:]
}

func (w *writer) open() error {
	// A folder of its own (mode 0700) also hides the size of what is exported.
	dir, err := os.MkdirTemp(w.tempDir, "vigie-export-*")
	if err != nil {
		return err
	}
	w.dir = dir
	w.book = excelize.NewFile(excelize.Options{TmpDir: dir})
	if err := w.describe(); err != nil {
		return err
	}
	return w.startSheet()
}

// Write adds one row. After MaxFeatures of them it gives an error, and no file is made.
func (w *writer) Write(f *data.Feature) error {
	if w.closed {
		return errors.New("xlsx: write after close")
	}
	if w.err == nil {
		if err := w.write(f); err != nil {
			w.err = fmt.Errorf("xlsx: %w", err)
		}
	}
	return w.err
}

func (w *writer) write(f *data.Feature) error {
	if w.row == MaxFeatures+1 {
		return fmt.Errorf("a sheet holds %d features at most: narrow the selection or take another format", MaxFeatures)
	}
	if err := export.CheckFeature(w.schema, f); err != nil {
		return err
	}
	w.cells = w.cells[:0]
	for i := range f.Values {
		cell, err := value(&f.Values[i], w.schema.Columns[i].Decimals)
		if err != nil {
			return fmt.Errorf("feature %q, column %q: %w", f.ID, w.schema.Columns[i].Name, err)
		}
		w.cells = append(w.cells, cell)
	}
	if err := w.position(f); err != nil {
		return err
	}
	return w.putRow()
}

func (w *writer) putRow() error {
	w.row++
	return w.stream.SetRow("A"+strconv.Itoa(w.row), w.cells)
}

func (w *writer) position(f *data.Feature) error {
	if f.Geometry == nil {
		return nil
	}
	if p, ok := f.Geometry.(orb.Point); ok && w.points {
		w.cells = append(w.cells, degrees(p[0]), degrees(p[1]))
		return nil
	} else if w.points {
		return fmt.Errorf("feature %q has a %s where the schema of %s says Point", f.ID, f.Geometry.GeoJSONType(), w.schema.Layer)
	}
	if b := f.Geometry.Bound(); !b.IsEmpty() {
		w.cells = append(w.cells, degrees(b.Min[0]), degrees(b.Min[1]), degrees(b.Max[0]), degrees(b.Max[1]))
	}
	return nil
}

func degrees(v float64) float64 { return decimal.Round(v, decimal.CoordinateDecimals) }

// value gives what the library writes as a cell of the value's type, nil for none.
func value(v *data.Value, decimals int) (any, error) {
	if s, ok := v.Text(); ok {
		return s, fits(s)
	}
	if n, ok := v.Int(); ok {
		return n, nil
	}
	if f, ok := export.Number(v); ok {
		return decimal.Round(f, decimals), nil
	}
	if b, ok := v.Bool(); ok {
		return b, nil
	}
	return nil, nil
}

// fits refuses the text that the library would cut.
func fits(s string) error {
	if len(s) <= excelize.TotalCellChars {
		return nil
	}
	units := 0
	for _, r := range s {
		units += max(1, utf16.RuneLen(r))
	}
	if units > excelize.TotalCellChars {
		return fmt.Errorf("a text of %d characters where a cell holds %d at most", units, excelize.TotalCellChars)
	}
	return nil
}

// Close finishes the workbook, writes it to the underlying writer and removes the
// temporary file. After a failed Write it only removes it, and returns that failure.
func (w *writer) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	if w.err == nil {
		if err := w.finish(); err != nil {
			w.err = fmt.Errorf("xlsx: %w", err)
		}
	}
	if err := w.discard(); err != nil && w.err == nil {
		w.err = fmt.Errorf("xlsx: %w", err)
	}
	return w.err
}

func (w *writer) finish() error {
	if err := w.stream.Flush(); err != nil {
		return err
	}
	if err := w.checkSize(); err != nil {
		return err
	}
	// The library would gather the archive in memory; it has no use for this writer's
	// bytes once they are written.
	w.book.ZipWriter = func(io.Writer) excelize.ZipWriter {
		z := zip.NewWriter(w.out)
		z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
			return flate.NewWriter(out, flate.BestSpeed)
		})
		return z
	}
	return w.book.Write(io.Discard)
}

// checkSize refuses a sheet of 4 GiB, from which on spreadsheets take archives made as
// they are streamed for damaged ones.
func (w *writer) checkSize() error {
	spools, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	for _, s := range spools {
		info, err := s.Info()
		if err != nil {
			return err
		}
		if info.Size() > math.MaxUint32 {
			return errors.New("the sheet would exceed 4 GiB: narrow the selection or take another format")
		}
	}
	return nil
}

func (w *writer) discard() error {
	var errs []error
	if w.book != nil {
		errs = append(errs, w.book.Close())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}
