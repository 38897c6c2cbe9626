// Package csv writes features as CSV (RFC 4180, UTF-8): one header line with the
// names of the columns, then "lon" and "lat" in CRS84 degrees for points, or "wkt"
// (well-known text, longitude first) for other geometries.
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
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"vigie/data"
	"vigie/data/export/decimal"
)

// MediaType is the registered media type of CSV, with the encoding written.
const MediaType = "text/csv; charset=utf-8"

// Names of the columns that hold the geometry.
const (
	ColumnLongitude = "lon"
	ColumnLatitude  = "lat"
	ColumnWKT       = "wkt"
)

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

type writer struct {
	csv          *csv.Writer
	schema       *data.Schema
	points       bool
	bom          bool
	decimalComma bool
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
	header := make([]string, 0, len(schema.Columns)+2)
	seen := map[string]bool{}
	for _, c := range schema.Columns {
		header = append(header, c.Name)
	}
	if cw.points {
		header = append(header, ColumnLongitude, ColumnLatitude)
	} else {
		header = append(header, ColumnWKT)
	}
	for _, name := range header {
		if seen[name] {
			return nil, fmt.Errorf("csv: column %q would appear twice", name)
		}
		seen[name] = true
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
	if len(f.Values) != len(w.schema.Columns) {
		return fmt.Errorf("csv: feature %q has %d values, its schema %d columns", f.ID, len(f.Values), len(w.schema.Columns))
	}
	w.record = w.record[:0]
	for i := range f.Values {
		w.record = append(w.record, w.value(&f.Values[i], w.schema.Columns[i].Decimals))
	}
	if err := w.geometry(f); err != nil {
		return err
	}
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
		if b := f.Geometry.Bound(); !finite(b.Min[0]) || !finite(b.Min[1]) || !finite(b.Max[0]) || !finite(b.Max[1]) {
			return fmt.Errorf("csv: feature %q: the geometry has a coordinate that is not a finite number", f.ID)
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
		if !finite(g[0]) || !finite(g[1]) {
			return fmt.Errorf("csv: feature %q: the position is not a finite number", f.ID)
		}
		w.record = append(w.record,
			w.decimal(g[0], decimal.CoordinateDecimals), w.decimal(g[1], decimal.CoordinateDecimals))
	default:
		return fmt.Errorf("csv: feature %q has a %s where the schema of %s says Point", f.ID, g.GeoJSONType(), w.schema.Layer)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (w *writer) value(v *data.Value, decimals int) string {
	if s, ok := v.Text(); ok {
		return harmless(s)
	}
	if n, ok := v.Int(); ok {
		return strconv.Itoa(n)
	}
	if f, ok := v.Float(); ok {
		if !finite(f) {
			return ""
		}
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

// harmless puts an apostrophe before a text that a spreadsheet would run.
func harmless(s string) string {
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
