// Package geojson writes features as RFC 7946 GeoJSON with an append encoder:
// no reflection, constant memory, coordinates in CRS84 degrees with at most 7
// decimals, numbers rounded to the decimals of their column.
package geojson

import (
	"fmt"
	"io"

	"vigie/data"
)

// MediaType is the registered media type of GeoJSON.
const MediaType = "application/geo+json"

// flushSize is how much output is gathered before it is handed to the io.Writer:
// enough for a buffered one to pass it on without another copy.
const flushSize = 256 << 10

// Member is a foreign member (RFC 7946, section 6.1): a name and its JSON value,
// already encoded. The value is written as it stands.
type Member struct {
	Name  string
	Value []byte
}

// Option sets what the writer adds to the collection.
type Option func(*writer)

// WithLeading puts foreign members before "features".
func WithLeading(members ...Member) Option {
	return func(w *writer) { w.leading = append(w.leading, members...) }
}

// WithTrailing puts foreign members after "features". The function is called
// once, when the writer is closed, with the number of features written, which is
// when numberReturned, the next link or a time stamp are known.
func WithTrailing(members func(written int) []Member) Option {
	return func(w *writer) { w.trailing = append(w.trailing, members) }
}

type writer struct {
	out      io.Writer
	encoder  *Encoder
	buf      []byte
	written  int
	leading  []Member
	trailing []func(int) []Member
	err      error
	closed   bool
}

// NewWriter starts a FeatureCollection on w. The document is complete once Close
// returned nil. It returns an error when the schema is unusable.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (data.FeatureWriter, error) {
	encoder, err := NewEncoder(schema)
	if err != nil {
		return nil, err
	}
	fw := &writer{out: w, encoder: encoder, buf: make([]byte, 0, 64<<10)}
	for _, o := range options {
		o(fw)
	}
	fw.buf = append(fw.buf, `{"type":"FeatureCollection"`...)
	fw.buf = appendMembers(fw.buf, fw.leading)
	fw.buf = append(fw.buf, `,"features":[`...)
	return fw, nil
}

// Write appends one feature. A feature that cannot be written as it is (a value
// count that differs from the schema, a coordinate that is not finite) gives an
// error, and nothing can be written after it.
func (w *writer) Write(f *data.Feature) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return fmt.Errorf("geojson: write after close")
	}
	if w.written > 0 {
		w.buf = append(w.buf, ',', '\n')
	}
	if w.buf, w.err = w.encoder.append(w.buf, f, nil); w.err != nil {
		return w.err
	}
	w.written++
	if len(w.buf) >= flushSize {
		return w.flush()
	}
	return nil
}

// Close ends the collection and writes what is left.
func (w *writer) Close() error {
	if w.closed || w.err != nil {
		return w.err
	}
	w.closed = true
	w.buf = append(w.buf, ']')
	for _, members := range w.trailing {
		w.buf = appendMembers(w.buf, members(w.written))
	}
	w.buf = append(w.buf, '}', '\n')
	return w.flush()
}

func (w *writer) flush() error {
	if _, err := w.out.Write(w.buf); err != nil {
		w.err = fmt.Errorf("geojson: %w", err)
		return w.err
	}
	w.buf = w.buf[:0]
	return nil
}

func appendMembers(dst []byte, members []Member) []byte {
	for _, m := range members {
		dst = append(dst, ',')
		dst = appendString(dst, m.Name)
		dst = append(dst, ':')
		dst = append(dst, m.Value...)
	}
	return dst
}
