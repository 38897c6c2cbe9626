package score

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// kind is the type of a JSON value.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
)

// node is a JSON value that remembers where it stands, so that what is wrong with
// it can be located.
type node struct {
	kind    kind
	offset  int      // of its first byte
	text    string   // a string's content, a number's literal, "true" or "false"
	items   []*node  // of an array
	members []member // of an object, in document order
}

type member struct {
	name   string
	offset int
	value  *node
}

// syntaxError is a document that is not JSON.
type syntaxError struct {
	offset  int
	message Text
}

func (e *syntaxError) Error() string { return e.message.EN }

// parseTree reads one JSON document (RFC 8259).
func parseTree(src []byte) (*node, error) {
	if !utf8.Valid(src) {
		offset := 0
		for offset < len(src) {
			r, size := utf8.DecodeRune(src[offset:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			offset += size
		}
		return nil, &syntaxError{offset, Text{FR: "octet invalide\u00a0: de l’UTF-8 est attendu.", EN: "invalid byte: UTF-8 is expected."}}
	}
	var raw json.RawMessage
	if err := json.Unmarshal(src, &raw); err != nil {
		offset := len(src)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = max(0, int(syntax.Offset)-1)
		}
		if offset >= len(bytes.TrimRight(src, " \t\r\n")) {
			return nil, &syntaxError{len(src), Text{FR: "le document s’arrête avant la fin du JSON.", EN: "the document ends before its JSON does."}}
		}
		return nil, &syntaxError{offset, Text{FR: "JSON mal formé à cet endroit.", EN: "malformed JSON here (" + err.Error() + ")."}}
	}
	t := treeReader{src: src, decoder: json.NewDecoder(bytes.NewReader(src))}
	t.decoder.UseNumber()
	return t.value()
}

// treeReader follows the tokens of a document that is known to be well-formed.
type treeReader struct {
	src     []byte
	decoder *json.Decoder
}

// start is the offset of the next token.
func (t *treeReader) start() int {
	offset := int(t.decoder.InputOffset())
	for offset < len(t.src) && strings.IndexByte(" \t\r\n:,", t.src[offset]) >= 0 {
		offset++
	}
	return offset
}

func (t *treeReader) value() (*node, error) {
	n := &node{offset: t.start()}
	token, err := t.decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case nil:
		n.kind = kindNull
	case bool:
		n.kind, n.text = kindBoolean, "false"
		if token {
			n.text = "true"
		}
	case json.Number:
		n.kind, n.text = kindNumber, token.String()
	case string:
		n.kind, n.text = kindString, token
	case json.Delim:
		if token == '[' {
			n.kind = kindArray
			for t.decoder.More() {
				item, err := t.value()
				if err != nil {
					return nil, err
				}
				n.items = append(n.items, item)
			}
		} else {
			n.kind = kindObject
			for t.decoder.More() {
				m := member{offset: t.start()}
				name, err := t.decoder.Token()
				if err != nil {
					return nil, err
				}
				m.name, _ = name.(string)
				if m.value, err = t.value(); err != nil {
					return nil, err
				}
				n.members = append(n.members, m)
			}
		}
		if _, err := t.decoder.Token(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return n, nil
}

// position gives the 1-based line and column (in characters) of an offset.
func position(src []byte, offset int) (line, column int) {
	before := src[:min(offset, len(src))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}
