// Package csv writes features as CSV (RFC 4180, UTF-8): one header line with the
// names of the columns, then "lon" and "lat" in CRS84 degrees for points, or "wkt"
// (well-known text, longitude first) for other geometries. What has no geometry has
// empty ones. With a provenance, each line ends with the columns that say whose copy
// it is: a line cut out of the file still says so.
//
// Spreadsheets run a cell that begins with = + - @ as a formula. Names come from
// files of others, so such a text gets an apostrophe before it; numbers are left alone.
package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/decimal"
)

// MediaType is the registered media type of CSV, with the encoding written.
const MediaType = "text/csv; charset=utf-8"

// ColumnWKT is the name of the column that holds a geometry that is not a point.
const ColumnWKT = "wkt"

// marks are the entries of the provenance that each line bears, after "export_".
var marks = [...]string{"recipient", "purpose", "expires", "mark", "release"}

// Option sets how the file is written.
type Option func(*writer)

// WithSeparator sets the field separator; the default is the comma. French
// spreadsheets expect the semicolon.
func WithSeparator(r rune) Option { return func(w *writer) { w.csv.Comma = r } }

// WithBOM begins the file with a byte order mark, by which spreadsheets
// recognise UTF-8.
func WithBOM() Option { return func(w *writer) { w.bom = true } }

// WithDecimalComma writes decimals after a comma, for spreadsheets in French.
// Well-known text keeps its points.
func WithDecimalComma() Option { return func(w *writer) { w.decimalComma = true } }

// WithProvenance ends each line with export_recipient, export_purpose,
// export_expires, export_mark and export_release.
func WithProvenance(p *data.Provenance) Option {
	return func(w *writer) {
		known := map[string]string{}
		for _, e := range p.Entries() {
			known[e.Name] = Harmless(e.Value.EN)
		}
		w.marks = w.marks[:0]
		for _, name := range marks {
			w.marks = append(w.marks, known[name])
		}
	}
}

type writer struct {
	csv          *csv.Writer
	schema       *data.Schema
	points       bool
	bom          bool
	decimalComma bool
	marks        []string // values that end each line
	record       []string
	number       []byte
	err          error
}

// NewWriter writes the header to w and returns the writer of the lines.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (data.FeatureWriter, error) {
	cw := &writer{csv: csv.NewWriter(w), schema: schema, points: schema.Geometry == "Point"}
	for _, o := range options {
		o(cw)
	}
	if cw.decimalComma && cw.csv.Comma == ',' {
		return nil, errors.New("csv: a decimal comma needs another field separator than the comma")
	}
	header := []string{ColumnWKT}
	if cw.points {
		header = []string{export.ColumnLongitude, export.ColumnLatitude}
	}
	for i := range cw.marks {
		header = append(header, "export_"+marks[i])
	}
	if err := export.CheckColumns(schema, header...); err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	for i, c := range schema.Columns {
		header = slices.Insert(header, i, c.Name)
	}
	if cw.bom {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, fmt.Errorf("csv: %w", err)
		}
	}
	if err := cw.csv.Write(header); err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	cw.record = make([]string, 0, len(header))
	return cw, nil
}

// Write writes one line.
func (w *writer) Write(f *data.Feature) error {
	if w.err == nil {
		w.err = w.write(f)
	}
	return w.err
}

func (w *writer) write(f *data.Feature) error {
	if err := export.CheckFeature(w.schema, f); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	w.record = w.record[:0]
	for i := range f.Values {
		w.record = append(w.record, w.value(&f.Values[i], w.schema.Columns[i].Decimals))
	}
	if err := w.geometry(f); err != nil {
		return err
	}
	w.record = append(w.record, w.marks...)
	if err := w.csv.Write(w.record); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

func (w *writer) geometry(f *data.Feature) error {
	if !w.points {
		if f.Geometry == nil {
			w.record = append(w.record, "")
			return nil
		}
		// Round works in place and the geometry belongs to the caller.
		rounded := orb.Round(orb.Clone(f.Geometry), int(math.Pow10(decimal.CoordinateDecimals)))
		w.record = append(w.record, wkt.MarshalString(rounded))
		return nil
	}
	switch g := f.Geometry.(type) {
	case nil:
		w.record = append(w.record, "", "")
	case orb.Point:
		w.record = append(w.record,
			w.decimal(g[0], decimal.CoordinateDecimals), w.decimal(g[1], decimal.CoordinateDecimals))
	default:
		return fmt.Errorf("csv: feature %q has a %s where the schema of %s says Point", f.ID, g.GeoJSONType(), w.schema.Layer)
	}
	return nil
}

func (w *writer) value(v *data.Value, decimals int) string {
	if s, ok := v.Text(); ok {
		return Harmless(s)
	}
	if n, ok := v.Int(); ok {
		return strconv.Itoa(n)
	}
	if f, ok := export.Number(v); ok {
		return w.decimal(f, decimals)
	}
	if b, ok := v.Bool(); ok {
		return strconv.FormatBool(b)
	}
	return ""
}

func (w *writer) decimal(v float64, decimals int) string {
	w.number = decimal.Append(w.number[:0], v, decimals)
	if w.decimalComma {
		if i := bytes.IndexByte(w.number, '.'); i >= 0 {
			w.number[i] = ','
		}
	}
	return string(w.number)
}

// Harmless puts an apostrophe before a text that a spreadsheet would run.
func Harmless(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '@', '\t', '\r', '\n':
		return "'" + s
	case '+', '-':
		if !numeric(s[1:]) {
			return "'" + s
		}
	}
	return s
}

// numeric tells whether s is digits with at most one decimal point or comma.
func numeric(s string) bool {
	digits, marks := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.' || r == ',':
			marks++
		default:
			return false
		}
	}
	return digits > 0 && marks <= 1
}

// Close writes what is left.
func (w *writer) Close() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil && w.err == nil {
		w.err = fmt.Errorf("csv: %w", err)
	}
	return w.err
}
