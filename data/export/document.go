package export

import (
	"errors"
	"fmt"

	"vigie/data"
)

// Writer is a FeatureWriter that can be given up.
type Writer interface {
	data.FeatureWriter
	// Abandon leaves the document without its end and lets go of temporary files and
	// connections. After Close it does nothing, so it can be deferred.
	Abandon()
}

// Body is what is particular to a format. It is asked for nothing after an error but
// to discard.
type Body interface {
	// Write adds a feature that CheckFeature accepts.
	Write(*data.Feature) error
	// Finish writes the end of the document.
	Finish() error
	// Discard lets go of what the body holds; it is called once, last.
	Discard() error
}

// Document is a Writer over a Body. The first error stays, and is that of Close: a
// document that lacks a feature is never ended.
type Document struct {
	format string
	schema *data.Schema
	body   Body
	err    error
	closed bool
}

// NewDocument makes a document; errors begin with the name of its format.
func NewDocument(format string, schema *data.Schema, body Body) *Document {
	return &Document{format: format, schema: schema, body: body}
}

// Write adds one feature.
func (d *Document) Write(f *data.Feature) error {
	if !d.open() {
		return d.err
	}
	if err := CheckFeature(d.schema, f); err != nil {
		return d.fail(err)
	}
	return d.fail(d.body.Write(f))
}

// Do adds what add does, for a format whose features come by another way than Write.
func (d *Document) Do(add func() error) error {
	if !d.open() {
		return d.err
	}
	return d.fail(add())
}

func (d *Document) open() bool {
	if d.closed {
		_ = d.fail(errors.New("write after close"))
	}
	return d.err == nil
}

// Close ends the document, or returns the error that stopped it.
func (d *Document) Close() error {
	if d.closed {
		return d.err
	}
	d.closed = true
	if d.err == nil {
		_ = d.fail(d.body.Finish())
	}
	return d.fail(d.body.Discard())
}

// Abandon is that of Writer.
func (d *Document) Abandon() {
	if !d.closed {
		_ = d.fail(errors.New("abandoned"))
		_ = d.Close()
	}
}

func (d *Document) fail(err error) error {
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("%s: %w", d.format, err)
	}
	return d.err
}

// FullError is the error of a document that can't hold another feature.
type FullError struct{ Most int }

// Text says it to a user.
func (e *FullError) Text() data.Text {
	return data.Text{
		FR: fmt.Sprintf("ce format contient au plus %d objets\u00a0: restreignez la sélection ou prenez un autre format.", e.Most),
		EN: fmt.Sprintf("this format holds %d features at most: narrow the selection or take another format.", e.Most),
	}
}

func (e *FullError) Error() string { return e.Text().EN }
