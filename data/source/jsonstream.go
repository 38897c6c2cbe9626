package source

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxJSONValue bounds one JSON value read in memory (a feature, an establishment), in bytes.
const maxJSONValue = 16 << 20

// JSON reads a JSON document as a stream, in memory bounded by its largest value,
// and knows lines and columns. Its errors are *data.RejectedError.
type JSON struct {
	dec   *jsontext.Decoder
	lines *lineReader
	file  string
}

// NewJSON reads r, UTF-8 (see Text); file names it in errors.
func NewJSON(r io.Reader, file string) *JSON {
	l := &lineReader{r: r, file: file, line: 1}
	// Duplicate names and lone surrogates are not the reader's business: the last value wins.
	dec := jsontext.NewDecoder(l, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return &JSON{dec: dec, lines: l, file: file}
}

// Kind tells what comes next without reading it: one of n f t " 0 { } [ ], or 0 at
// the end or at a mistake, which the next read then gives.
func (j *JSON) Kind() byte { return byte(j.dec.PeekKind()) }

// Token reads the next token, valid until the next call.
func (j *JSON) Token() (jsontext.Token, error) {
	j.lines.mark(j.dec.InputOffset())
	t, err := j.dec.ReadToken()
	if err != nil {
		return t, j.failure(err)
	}
	return t, nil
}

// Value reads the next value whole, valid until the next call, and tells where it
// begins (line and byte column).
func (j *JSON) Value() (jsontext.Value, Location, error) {
	j.lines.mark(j.dec.InputOffset())
	v, err := j.dec.ReadValue()
	if err != nil {
		return nil, Location{}, j.failure(err)
	}
	return v, j.lines.at(j.dec.InputOffset() - int64(len(v))), nil
}

// Skip passes over the next value, in constant memory unless it is one long string.
func (j *JSON) Skip() error {
	switch j.Kind() {
	case '{', '[':
		for depth := j.dec.StackDepth(); ; {
			if _, err := j.Token(); err != nil {
				return err
			}
			if j.dec.StackDepth() <= depth {
				return nil
			}
		}
	}
	_, _, err := j.Value()
	return err
}

// Offset is where the last token or value read ends, in bytes of the decoded text.
func (j *JSON) Offset() int64 { return j.dec.InputOffset() }

// More tells whether another value follows at the top level, as in newline-delimited JSON.
func (j *JSON) More() (bool, error) {
	if j.dec.PeekKind() != 0 {
		return true, nil
	}
	_, err := j.Token()
	if r, ok := Rejected(err); ok && r.Problem.Code == CodeTruncated && j.dec.StackDepth() == 0 {
		return false, nil
	}
	return false, err
}

// At is the location of a byte offset; only of offsets since the last read began.
func (j *JSON) At(offset int64) Location { return j.lines.at(offset) }

// Here is the location of the next thing to read.
func (j *JSON) Here() Location {
	j.dec.PeekKind() // reads on to it
	unread := j.dec.UnreadBuffer()
	gap := len(unread) - len(bytes.TrimLeft(unread, " \t\r\n,:"))
	return j.lines.at(j.dec.InputOffset() + int64(gap))
}

// Object calls member for each member of the object that comes next, in order;
// member must read the value. Names have no escapes left.
func (j *JSON) Object(member func(name string) error) error {
	return j.enter('{', "un objet { … }", "an object { … }", func() error {
		name, err := j.Token()
		if err != nil {
			return err
		}
		return member(name.String())
	})
}

// Array calls element before each element of the array that comes next; element must read it.
func (j *JSON) Array(element func() error) error {
	return j.enter('[', "une liste [ … ]", "an array [ … ]", element)
}

func (j *JSON) enter(open byte, fr, en string, each func() error) error {
	if k := j.Kind(); k != open {
		if k == 0 {
			_, err := j.Token() // gives the reason
			if err != nil {
				return err
			}
		}
		return Reject(j.Here(), CodeSyntax, fr+" est attendu ici.", en+" is expected here.")
	}
	if _, err := j.Token(); err != nil {
		return err
	}
	for {
		switch j.Kind() {
		case '}', ']':
			_, err := j.Token()
			return err
		case 0:
			_, err := j.Token()
			if err == nil {
				err = Reject(j.Here(), CodeSyntax, "JSON mal formé.", "malformed JSON.")
			}
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
}

// End checks that nothing but white space is left.
func (j *JSON) End() error {
	_, err := j.dec.ReadToken()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return j.failure(err)
	}
	return Reject(j.lines.at(j.dec.InputOffset()), CodeSyntax,
		"du texte suit la fin du document JSON.", "text follows the end of the JSON document.")
}

// failure locates an error of the decoder and says it in both languages.
func (j *JSON) failure(err error) error {
	if r, ok := Rejected(err); ok {
		if r.Problem.Line == 0 {
			r.Problem.File, r.Problem.Line = j.file, j.lines.at(j.dec.InputOffset()).Line
		}
		return r
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return j.truncated()
	}
	var s *jsontext.SyntacticError
	if !errors.As(err, &s) {
		return readFailure(j.lines.at(j.dec.InputOffset()), err)
	}
	where := ""
	if s.JSONPointer != "" {
		where = string(s.JSONPointer)
		if len(where) > 60 {
			where = "…" + where[len(where)-60:]
		}
	}
	fr, en := syntaxMessage(s.Err)
	if where != "" {
		fr, en = fr+" (dans "+where+")", en+" (in "+where+")"
	}
	return Reject(j.lines.at(s.ByteOffset), CodeSyntax, "JSON mal formé : "+fr+".", "malformed JSON: "+en+".")
}

// truncated says which brackets are still open.
func (j *JSON) truncated() error {
	var open strings.Builder
	for i := j.dec.StackDepth(); i > 0 && open.Len() < 40; i-- {
		switch kind, _ := j.dec.StackIndex(i); kind {
		case '{':
			open.WriteString(" }")
		case '[':
			open.WriteString(" ]")
		}
	}
	at := j.lines.end()
	if open.Len() == 0 {
		return Reject(at, CodeTruncated,
			"le document JSON s’arrête avant sa fin.", "the JSON document ends before its end.")
	}
	return Reject(at, CodeTruncated,
		"le document JSON s’arrête avant sa fin : «"+nbsp(open.String())+" » attendus. Téléchargez-le à nouveau.",
		"the JSON document ends before its end:"+open.String()+" expected. Download it again.")
}

func nbsp(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

var syntaxWords = strings.NewReplacer(
	"invalid character", "caractère inattendu",
	"at start of value", "là où une valeur commence",
	"at start of string", "là où un texte commence",
	"after object name", "après le nom d’un membre",
	"after object value", "après la valeur d’un membre",
	"after array element", "après un élément de liste",
	"within literal", "dans un mot",
	"within number", "dans un nombre",
	"within string", "dans un texte",
	"in string", "dans un texte",
	"invalid escape sequence", "séquence d’échappement inconnue",
	"object member name must be a string", "le nom d’un membre doit être un texte entre guillemets",
	"missing value after object name", "valeur absente après le nom d’un membre",
	"exceeded max depth", "imbrication trop profonde",
	"invalid UTF-8", "octets qui ne sont pas de l’UTF-8",
	"(expecting ", "(attendu : ",
	"' or '", "' ou '",
)

func syntaxMessage(err error) (fr, en string) {
	en = strings.TrimPrefix(err.Error(), "jsontext: ")
	return syntaxWords.Replace(en), en
}

// maxRead bounds one read: the decoder's free room may be as large as a value.
const maxRead = 1 << 16

// lineReader counts lines on the way to a decoder that reads ahead, and bounds how
// far it may read for one value.
type lineReader struct {
	r    io.Reader
	file string

	read   int64   // bytes given
	limit  int64   // offset of the last mark
	line   int     // 1-based line at start
	start  int64   // offset where that line begins
	breaks []int64 // offsets of line feeds not passed yet
	next   int     // first of them not passed
}

func (l *lineReader) Read(p []byte) (int, error) {
	if l.read-l.limit > maxJSONValue {
		fr, en := humanBytes(maxJSONValue)
		return 0, Reject(l.at(l.limit), CodeTooLarge,
			"une seule valeur JSON de plus de "+fr+" : ce n’est pas un jeu de données.",
			"one JSON value of more than "+en+": this is not a data set.")
	}
	n, err := l.r.Read(p[:min(len(p), maxRead)])
	for i := 0; i < n; {
		k := bytes.IndexByte(p[i:n], '\n')
		if k < 0 {
			break
		}
		i += k + 1
		l.breaks = append(l.breaks, l.read+int64(i)-1)
	}
	l.read += int64(n)
	return n, err
}

// mark says that everything before offset has been consumed.
func (l *lineReader) mark(offset int64) {
	l.limit = offset
	for l.next < len(l.breaks) && l.breaks[l.next] < offset {
		l.line++
		l.start = l.breaks[l.next] + 1
		l.next++
	}
	if l.next > 1024 && l.next*2 > len(l.breaks) {
		l.breaks = l.breaks[:copy(l.breaks, l.breaks[l.next:])]
		l.next = 0
	}
}

// at locates an offset not before the last mark.
func (l *lineReader) at(offset int64) Location {
	line, start := l.line, l.start
	for _, b := range l.breaks[l.next:] {
		if b >= offset {
			break
		}
		line, start = line+1, b+1
	}
	return Location{File: l.file, Line: line, Column: int(max(offset-start, 0)) + 1}
}

func (l *lineReader) end() Location { return l.at(l.read) }
