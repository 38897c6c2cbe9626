// Package geojson writes features as RFC 7946 GeoJSON with an append encoder:
// no reflection, constant memory, coordinates in CRS84 degrees with at most 7
// decimals, numbers rounded to the decimals of their column.
package geojson

import (
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
type Option func(*body)

// WithProvenance puts the provenance, where there is one, before "features", as a foreign
// member of that name.
func WithProvenance(p *data.Provenance) Option {
	return func(b *body) {
		if p != nil {
			b.buf = appendMember(b.buf, export.MemberProvenance, p.JSON())
		}
	}
}

type writer struct {
	*export.Document
	body *body
}

type body struct {
	out     io.Writer
	encoder *Encoder
	buf     []byte
	written int
}

// NewWriter starts a FeatureCollection on w. The document is complete once Close
// returned nil. It returns an error when the schema is unusable.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (export.Writer, error) {
	encoder, err := NewEncoder(schema)
	if err != nil {
		return nil, err
	}
	b := &body{out: w, encoder: encoder, buf: make([]byte, 0, 64<<10)}
	b.buf = append(b.buf, `{"type":"FeatureCollection"`...)
	for _, o := range options {
		o(b)
	}
	b.buf = append(b.buf, `,"features":[`...)
	return writer{export.NewDocument("geojson", schema, b), b}, nil
}

// AppendFeature encodes one feature for WriteEncoded: it may be called by several
// goroutines at once, which Write may not.
func (w writer) AppendFeature(dst []byte, f *data.Feature) ([]byte, error) {
	if len(dst) > 0 {
		dst = append(dst, ',', '\n')
	}
	return w.body.encoder.AppendFeature(dst, f)
}

// Write adds one feature. It does without the check of Document: the encoder has its own.
func (w writer) Write(f *data.Feature) error {
	return w.Do(func() error { return w.body.Write(f) })
}

// WriteEncoded adds the n features that AppendFeature appended to one slice, at
// first empty.
func (w writer) WriteEncoded(features []byte, n int) error {
	return w.Do(func() error { return w.body.writeEncoded(features, n) })
}

func (b *body) writeEncoded(features []byte, n int) error {
	if n == 0 {
		return nil
	}
	b.next()
	b.written += n - 1
	if len(features) < flushSize/4 {
		b.buf = append(b.buf, features...)
		return b.flush(flushSize)
	}
	if err := b.flush(0); err != nil {
		return err
	}
	_, err := b.out.Write(features)
	return err
}

// Write appends one feature.
func (b *body) Write(f *data.Feature) error {
	b.next()
	var err error
	if b.buf, err = b.encoder.append(b.buf, f, nil); err != nil {
		return err
	}
	return b.flush(flushSize)
}

// next begins another feature.
func (b *body) next() {
	if b.written > 0 {
		b.buf = append(b.buf, ',', '\n')
	}
	b.written++
}

// Finish ends the collection and writes what is left.
func (b *body) Finish() error {
	b.buf = append(b.buf, "]}\n"...)
	return b.flush(0)
}

// Discard has nothing to let go of.
func (b *body) Discard() error { return nil }

// flush writes what is gathered, when it is least bytes or more.
func (b *body) flush(least int) error {
	if len(b.buf) < least {
		return nil
	}
	_, err := b.out.Write(b.buf)
	b.buf = b.buf[:0]
	return err
}

// appendMember appends one member of an object that has some already.
func appendMember(dst []byte, name string, value []byte) []byte {
	dst = append(dst, ',')
	dst, _ = appendString(dst, name)
	dst = append(dst, ':')
	return append(dst, value...)
}
