package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"vigie/data"
)

// Text reads text of unknown encoding as UTF-8, in constant memory. The encoding is
// decided as follows.
//
//   - A byte-order mark tells UTF-8 or UTF-16.
//   - The first bytes that are not ASCII decide: well-formed UTF-8, or else Windows-1252.
//   - In UTF-8, a malformed byte is read as Windows-1252, and counted.
//   - In Windows-1252, the bytes BC, BD and BE between letters are Œ, œ and Ÿ as in
//     Latin-9 (ISO 8859-15), where Windows-1252 has ¼, ½ and ¾; the two encodings
//     differ by nothing else that French text uses, but €.
//
// A NUL byte means that the content is binary: a *data.RejectedError.
type Text struct {
	r        io.Reader
	file     string
	in       []byte // raw bytes, the first carry of them left from before
	carry    int
	out      []byte // decoded bytes to give
	fallback []byte // storage of out when it is not a part of in
	offset   int64  // raw bytes read
	last     byte   // raw byte before in, for the Latin-9 rule
	started  bool
	encoding textEncoding
	repaired int
	err      error
}

type textEncoding uint8

const (
	encodingASCII textEncoding = iota
	encodingUTF8
	encodingWindows1252
)

const textChunk = 64 << 10

// NewText reads r as text; file names it in errors.
func NewText(r io.Reader, file string) *Text {
	return &Text{r: r, file: file, in: make([]byte, textChunk)}
}

// Encoding names the encoding met so far: "UTF-8" (of which ASCII is a part) or "windows-1252".
func (t *Text) Encoding() string {
	if t.encoding == encodingWindows1252 {
		return "windows-1252"
	}
	return "UTF-8"
}

// Note is the problem to report after reading, when some bytes were not of the
// encoding of the rest.
func (t *Text) Note() (data.Problem, bool) {
	if t.repaired == 0 {
		return data.Problem{}, false
	}
	return data.Problem{
		Severity: data.SeverityWarning, Code: "mixed-encoding", File: t.file,
		Message: data.Text{
			FR: fmt.Sprintf("texte en UTF-8 où %d octets sont mal formés : ils sont lus comme du Windows-1252. Des accents peuvent être faux.", t.repaired),
			EN: fmt.Sprintf("UTF-8 text with %d malformed bytes: they are read as Windows-1252. Accents may be wrong.", t.repaired),
		},
	}, true
}

// Read gives UTF-8.
func (t *Text) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

func (t *Text) fill() {
	n, err := t.r.Read(t.in[t.carry:])
	chunk := t.in[:t.carry+n]
	if !t.started {
		// A mark of three bytes must not be split by a short read.
		for err == nil && len(chunk) < 4 {
			n, err = t.r.Read(t.in[len(chunk):])
			chunk = t.in[:len(chunk)+n]
		}
		t.started = true
		var replaced bool
		if chunk, replaced = t.mark(chunk); replaced {
			return
		}
	}
	if i := bytes.IndexByte(chunk, 0); i >= 0 {
		t.err = Reject(Location{File: t.file}, CodeUnrecognised,
			fmt.Sprintf("contenu binaire (octet nul vers l’octet %d) là où du texte est attendu.", t.offset+int64(i)),
			fmt.Sprintf("binary content (a null byte near byte %d) where text is expected.", t.offset+int64(i)))
		t.decode(chunk[:i], true) // so that the reader knows on which line it is
		return
	}
	t.offset += int64(n)
	t.err = err
	t.decode(chunk, err != nil)
}

// mark looks for a byte-order mark and returns the chunk without it; replaced tells
// that the source is now a decoder of UTF-16, to be read anew.
func (t *Text) mark(chunk []byte) (rest []byte, replaced bool) {
	switch {
	case bytes.HasPrefix(chunk, []byte("\xef\xbb\xbf")):
		t.encoding = encodingUTF8
		return chunk[3:], false
	case bytes.HasPrefix(chunk, []byte("\xff\xfe")), bytes.HasPrefix(chunk, []byte("\xfe\xff")):
		t.encoding = encodingUTF8
		raw := io.MultiReader(bytes.NewReader(bytes.Clone(chunk)), t.r)
		t.r = transform.NewReader(raw, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
		return nil, true
	}
	return chunk, false
}

// decode sets out to the UTF-8 of chunk and keeps the bytes of an unfinished rune.
func (t *Text) decode(chunk []byte, final bool) {
	t.carry = 0
	if t.encoding != encodingWindows1252 {
		body := chunk
		if !final {
			body = chunk[:len(chunk)-unfinished(chunk)]
		}
		if utf8.Valid(body) {
			if t.encoding == encodingASCII && !ascii(body) {
				t.encoding = encodingUTF8
			}
			t.out = body
			if rest := chunk[len(body):]; len(rest) > 0 {
				// out is read before in is written again, but the rest must wait apart.
				t.out = append(t.fallback[:0], body...)
				t.fallback = t.out
				t.carry = copy(t.in, rest)
			}
			return
		}
		if t.encoding == encodingUTF8 || multibyteFirst(body) {
			t.encoding = encodingUTF8
			t.out = t.repair(body)
			t.carry = copy(t.in, chunk[len(body):])
			return
		}
		t.encoding = encodingWindows1252
	}
	t.out = t.windows1252(chunk)
}

// unfinished counts the bytes at the end that begin a rune without its rest.
func unfinished(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

func ascii(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// multibyteFirst tells whether the first bytes that are not ASCII are well-formed UTF-8.
func multibyteFirst(b []byte) bool {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			_, size := utf8.DecodeRune(b[i:])
			return size > 1
		}
	}
	return false
}

func (t *Text) repair(b []byte) []byte {
	out := t.fallback[:0]
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			t.repaired++
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		out = utf8.AppendRune(out, r)
		b = b[size:]
	}
	t.fallback = out
	return out
}

func (t *Text) windows1252(b []byte) []byte {
	out := t.fallback[:0]
	for i, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
			t.last = c
			continue
		}
		r := charmap.Windows1252.DecodeByte(c)
		if c >= 0xBC && c <= 0xBE && (letter(t.last) || i+1 < len(b) && letter(b[i+1])) {
			r = charmap.ISO8859_15.DecodeByte(c)
		}
		out = utf8.AppendRune(out, r)
		t.last = c
	}
	t.fallback = out
	return out
}

// letter tells whether a byte of Windows-1252 is a letter of French.
func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0xC0 && c != 0xD7 && c != 0xF7
}
