// Package csv writes features as CSV (RFC 4180, UTF-8): one header line with the
// names of the columns, then "lon" and "lat" in CRS84 degrees for points, or "wkt"
// (well-known text, longitude first) for other geometries. What has no geometry has
// empty ones. With a provenance, each line ends with a column for each of its entries,
// "export_recipient"…: a line cut out of the file still says whose copy it is.
//
// Spreadsheets run a cell that begins with = + - @ as a formula. Names come from
// files of others, so such a text gets an apostrophe before it; numbers are left alone.
package csv

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

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

// flushSize is how much output is gathered before it is handed to the io.Writer.
const flushSize = 64 << 10

// Option sets how the file is written.
type Option func(*body)

// WithFrenchDialect writes what a spreadsheet in French opens by a double click: a byte
// order mark, semicolons between fields and decimals after a comma. Well-known text
// keeps its points.
func WithFrenchDialect() Option { return func(b *body) { b.separator, b.french = ';', true } }

// WithProvenance ends each line with the entries of the provenance, where there is one.
func WithProvenance(p *data.Provenance) Option {
	return func(b *body) {
		if p != nil {
			b.provenance = p.Entries()
		}
	}
}

// body gathers lines in buf. The standard library's writer would do but for one thing:
// with CRLF between lines it changes the line ends within a text.
type body struct {
	out        io.Writer
	schema     *data.Schema
	points     bool
	separator  byte
	french     bool
	provenance []data.ProvenanceEntry
	marks      []byte // the end of each line
	buf        []byte
}

// NewWriter starts a file on w.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (export.Writer, error) {
	b := &body{out: w, schema: schema, points: schema.Geometry == "Point", separator: ','}
	for _, o := range options {
		o(b)
	}
	added := []string{ColumnWKT}
	if b.points {
		added = []string{export.ColumnLongitude, export.ColumnLatitude}
	}
	for _, e := range b.provenance {
		added = append(added, "export_"+e.Name)
		b.marks = append(b.marks, b.separator)
		b.marks = appendText(b.marks, Harmless(e.Value.EN))
	}
	b.marks = append(b.marks, "\r\n"...)
	if err := export.CheckColumns(schema, added...); err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	if b.french {
		b.buf = append(b.buf, "\ufeff"...)
	}
	for _, c := range schema.Columns {
		b.buf = append(appendText(b.buf, c.Name), b.separator)
	}
	for _, name := range added {
		b.buf = append(appendText(b.buf, name), b.separator)
	}
	b.buf = append(b.buf[:len(b.buf)-1], "\r\n"...)
	return export.NewDocument("csv", schema, b), nil
}

// Write writes one line.
func (b *body) Write(f *data.Feature) error {
	for i := range f.Values {
		b.buf = append(b.appendValue(b.buf, &f.Values[i], b.schema.Columns[i].Decimals), b.separator)
	}
	if err := b.geometry(f); err != nil {
		return err
	}
	b.buf = append(b.buf, b.marks...)
	if len(b.buf) >= flushSize {
		return b.flush()
	}
	return nil
}

func (b *body) geometry(f *data.Feature) error {
	if !b.points {
		if f.Geometry != nil {
			// Round works in place and the geometry belongs to the caller.
			rounded := orb.Round(orb.Clone(f.Geometry), int(math.Pow10(decimal.CoordinateDecimals)))
			b.buf = appendText(b.buf, wkt.MarshalString(rounded))
		}
		return nil
	}
	switch g := f.Geometry.(type) {
	case nil:
		b.buf = append(b.buf, b.separator)
	case orb.Point:
		b.buf = append(b.appendDecimal(b.buf, g[0], decimal.CoordinateDecimals), b.separator)
		b.buf = b.appendDecimal(b.buf, g[1], decimal.CoordinateDecimals)
	default:
		return fmt.Errorf("feature %q has a %s where the schema of %s says Point", f.ID, g.GeoJSONType(), b.schema.Layer)
	}
	return nil
}

func (b *body) appendValue(dst []byte, v *data.Value, decimals int) []byte {
	if s, ok := v.Text(); ok {
		return appendText(dst, Harmless(s))
	}
	if n, ok := v.Int(); ok {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	if f, ok := export.Number(v); ok {
		return b.appendDecimal(dst, f, decimals)
	}
	if t, ok := v.Bool(); ok {
		return strconv.AppendBool(dst, t)
	}
	return dst
}

func (b *body) appendDecimal(dst []byte, v float64, decimals int) []byte {
	start := len(dst)
	dst = decimal.Append(dst, v, decimals)
	if b.french {
		if i := bytes.IndexByte(dst[start:], '.'); i >= 0 {
			dst[start+i] = ','
		}
	}
	return dst
}

// appendText appends a field, in quotes where it holds what separates fields in any
// dialect, or begins or ends with a blank.
func appendText(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",;\t\r\n") && strings.TrimSpace(s) == s {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// Finish writes what is left.
func (b *body) Finish() error { return b.flush() }

// Discard has nothing to let go of.
func (b *body) Discard() error { return nil }

func (b *body) flush() error {
	_, err := b.out.Write(b.buf)
	b.buf = b.buf[:0]
	return err
}
