// Package xlsx writes features as an Office Open XML workbook: a sheet of values, one
// that explains its columns and codes and, with a provenance, one that holds it.
//
// A workbook has no geometry. Points have the columns "lon" and "lat"; other shapes
// have the limits of their bounds, "lon_min", "lat_min", "lon_max" and "lat_max", all
// in CRS84 degrees.
//
// Texts are cells of type text in a column formatted as text, so that none runs as a
// formula, not even after it was edited. Rows leave as they come, through no temporary
// file. A workbook without its end, which Close writes, can't be opened.
package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
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

// flushSize is how much of the sheet is gathered before it is compressed.
const flushSize = 64 << 10

// Names of the columns that bound a shape.
var boundColumns = [...]string{"lon_min", "lat_min", "lon_max", "lat_max"}

// Option sets how the file is written.
type Option func(*body)

// WithLanguage writes the columns' labels, in "fr" or "en", as the header instead of
// their names, and the other sheets in that language. With the empty language, the
// default, the header has names and the other sheets are in French.
func WithLanguage(lang string) Option { return func(b *body) { b.lang = lang } }

// WithProvenance adds a sheet and the document's properties, where there is one.
func WithProvenance(p *data.Provenance) Option { return func(b *body) { b.provenance = p } }

// body is a workbook whose first sheet is being written. The library makes all of it
// but the rows of features: its own writer of rows takes three times as long, and a
// temporary file of several times the workbook.
type body struct {
	schema     *data.Schema
	lang       string
	provenance *data.Provenance
	points     bool

	archive *zip.Writer
	sheet   io.Writer   // in the archive
	size    int64       // bytes of the sheet before compression
	tail    []byte      // what comes after the rows
	parts   []*zip.File // the rest of the workbook
	columns []cellColumn
	row     int // last row written, from 1
	buf     []byte
}

// NewWriter starts a workbook on w.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (export.Writer, error) {
	b, err := newBody(w, schema, options)
	if err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	return export.NewDocument("xlsx", schema, b), nil
}

func newBody(w io.Writer, schema *data.Schema, options []Option) (*body, error) {
	b := &body{schema: schema, points: schema.Geometry == "Point", row: 1}
	for _, o := range options {
		o(b)
	}
	if err := export.CheckColumns(schema, b.positionColumns()...); err != nil {
		return nil, err
	}
	head, tail, err := b.frame()
	if err != nil {
		return nil, err
	}
	b.buf, b.tail = head, tail
	b.archive = zip.NewWriter(w)
	b.archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	b.sheet, err = b.archive.Create(sheetPath)
	return b, err
}

func (b *body) positionColumns() []string {
	if b.points {
		return []string{export.ColumnLongitude, export.ColumnLatitude}
	}
	return boundColumns[:]
}

// Write adds one row; after MaxFeatures of them, an *export.FullError.
func (b *body) Write(f *data.Feature) error {
	if b.row == MaxFeatures+1 {
		return &export.FullError{Most: MaxFeatures}
	}
	b.startRow()
	for i := range f.Values {
		if err := b.putValue(i, &f.Values[i], b.schema.Columns[i].Decimals); err != nil {
			return fmt.Errorf("feature %q, column %q: %w", f.ID, b.schema.Columns[i].Name, err)
		}
	}
	if err := b.putPosition(f); err != nil {
		return err
	}
	b.buf = append(b.buf, "</row>"...)
	if len(b.buf) < flushSize {
		return nil
	}
	return b.flush()
}

func (b *body) putPosition(f *data.Feature) error {
	if f.Geometry == nil {
		return nil
	}
	first := len(f.Values)
	if p, ok := f.Geometry.(orb.Point); ok && b.points {
		b.putNumber(first, p[0], decimal.CoordinateDecimals)
		b.putNumber(first+1, p[1], decimal.CoordinateDecimals)
		return nil
	} else if b.points {
		return fmt.Errorf("feature %q has a %s where the schema of %s says Point", f.ID, f.Geometry.GeoJSONType(), b.schema.Layer)
	}
	if box := f.Geometry.Bound(); !box.IsEmpty() {
		for i, v := range [...]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]} {
			b.putNumber(first+i, v, decimal.CoordinateDecimals)
		}
	}
	return nil
}

// putValue puts the value of a column, as a cell of its type; nothing when it is unknown.
func (b *body) putValue(column int, v *data.Value, decimals int) error {
	if s, ok := v.Text(); ok {
		b.putText(column, s)
		return fits(s)
	}
	if n, ok := v.Int(); ok {
		b.putInteger(column, n)
	} else if f, ok := export.Number(v); ok {
		b.putNumber(column, f, decimals)
	} else if t, ok := v.Bool(); ok {
		b.putBoolean(column, t)
	}
	return nil
}

// fits refuses the text that a spreadsheet would cut.
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

// flush writes what is gathered. Spreadsheets take a sheet of 4 GiB for a damaged one
// when the archive was made as it was streamed.
func (b *body) flush() error {
	if b.size += int64(len(b.buf)); b.size > math.MaxUint32 {
		return errors.New("the sheet would exceed 4 GiB: narrow the selection or take another format")
	}
	_, err := b.sheet.Write(b.buf)
	b.buf = b.buf[:0]
	return err
}

// Finish writes the end of the sheet, and the rest of the workbook.
func (b *body) Finish() error {
	b.buf = append(b.buf, b.tail...)
	if err := b.flush(); err != nil {
		return err
	}
	for _, p := range b.parts {
		if err := b.archive.Copy(p); err != nil {
			return err
		}
	}
	return b.archive.Close()
}

// Discard has nothing to let go of.
func (b *body) Discard() error { return nil }
