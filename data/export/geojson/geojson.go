// Package geojson writes features as RFC 7946 GeoJSON with an append encoder:
// no reflection, constant memory, coordinates in CRS84 degrees with at most 7
// decimals, numbers rounded to the decimals of their column.
package geojson

import (
	"errors"
	"fmt"
	"io"

	"vigie/data"
	"vigie/data/export"
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

// WithProvenance puts the provenance before "features", as a foreign member of that name.
func WithProvenance(p *data.Provenance) Option {
	return WithLeading(Member{Name: export.MemberProvenance, Value: p.JSON()})
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

// AppendFeature encodes one feature for WriteEncoded: it may be called by several
// goroutines at once, which Write may not.
func (w *writer) AppendFeature(dst []byte, f *data.Feature) ([]byte, error) {
	if len(dst) > 0 {
		dst = append(dst, ',', '\n')
	}
	return w.encoder.append(dst, f, nil)
}

// WriteEncoded adds the n features that AppendFeature appended to one slice, at
// first empty.
func (w *writer) WriteEncoded(features []byte, n int) error {
	if n == 0 || w.err != nil {
		return w.err
	}
	if w.closed {
		return errClosed
	}
	if w.written > 0 {
		w.buf = append(w.buf, ',', '\n')
	}
	w.written += n
	if len(features) < flushSize/4 {
		w.buf = append(w.buf, features...)
		if len(w.buf) < flushSize {
			return nil
		}
		return w.flush()
	}
	if err := w.flush(); err != nil {
		return err
	}
	return w.send(features)
}

var errClosed = errors.New("geojson: write after close")

// Write appends one feature. A feature that cannot be written as it is (a value
// count that differs from the schema, a coordinate that is not finite) gives an
// error, and nothing can be written after it.
func (w *writer) Write(f *data.Feature) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return errClosed
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
	if err := w.send(w.buf); err != nil {
		return err
	}
	w.buf = w.buf[:0]
	return nil
}

func (w *writer) send(b []byte) error {
	if _, err := w.out.Write(b); err != nil {
		w.err = fmt.Errorf("geojson: %w", err)
	}
	return w.err
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
