package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"vigie/data"
)

// maxField bounds a field of delimited text, in bytes: beyond, the file is not what
// it seems (no line ends, a quote never closed).
const maxField = 1 << 20

// Records reads delimited text: one record a line, fields between separators,
// quoted by RFC 4180 where they hold a separator, a quote or a line end. Blank
// lines are skipped. Memory is bounded whatever the input.
type Records struct {
	r     *bufio.Reader
	file  string
	sep   byte
	lines int    // lines read
	first int    // line of the current record
	buf   []byte // text of the current record, when it can't stay in r
	ends  []int
	field [][]byte

	// Warn, when not nil, is told of a quote that is out of place; the field is then
	// taken as it stands.
	Warn func(data.Problem)
}

// NewRecords reads r, UTF-8 (see Text), whose fields are between sep; file names it in problems.
func NewRecords(r io.Reader, sep byte, file string) *Records {
	return &Records{r: bufio.NewReaderSize(r, textChunk), file: file, sep: sep}
}

// Line is the line where the current record begins, 1-based.
func (r *Records) Line() int { return r.first }

// At is the location of the current record, or of its field n counted from 1.
func (r *Records) At(n int) Location { return Location{File: r.file, Line: r.first, Column: n} }

// Read gives the next record's fields, valid until the next call; io.EOF at the
// end; a *data.RejectedError when reading can't go on.
func (r *Records) Read() ([][]byte, error) {
	for {
		line, err := r.line()
		if err != nil {
			return nil, err
		}
		r.first = r.lines
		if len(line) == 0 {
			continue
		}
		if bytes.IndexByte(line, '"') < 0 {
			r.field = r.field[:0]
			for {
				i := bytes.IndexByte(line, r.sep)
				if i < 0 {
					r.field = append(r.field, line)
					return r.field, nil
				}
				r.field = append(r.field, line[:i])
				line = line[i+1:]
			}
		}
		return r.quoted(line)
	}
}

// line gives the next line without its end, valid until the next call.
func (r *Records) line() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = r.longLine(line)
	}
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	if err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		if e, ok := Rejected(err); ok && e.Problem.Line == 0 {
			e.Problem.Line = r.lines + 1
		}
		return nil, readFailure(Location{File: r.file, Line: r.lines + 1}, err)
	}
	r.lines++
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), nil
}

// longLine gathers a line longer than the buffer, unless a field of it is too long.
func (r *Records) longLine(part []byte) ([]byte, error) {
	var long []byte
	field := 0 // bytes since the last separator
	for {
		if i := bytes.LastIndexByte(part, r.sep); i >= 0 {
			field = len(part) - i - 1
		} else {
			field += len(part)
		}
		if field > maxField || len(long) > 64*maxField {
			return nil, r.tooLong(r.lines+1, bytes.Count(long, []byte{r.sep})+1)
		}
		long = append(long, part...)
		var err error
		part, err = r.r.ReadSlice('\n')
		if err != bufio.ErrBufferFull {
			return append(long, part...), err
		}
	}
}

func (r *Records) tooLong(line, field int) error {
	return Reject(Location{File: r.file, Line: line, Column: field}, CodeTooLarge,
		"champ de plus d’un mébioctet : ce n’est pas un tableau, ou un guillemet n’est pas refermé, ou le séparateur n’est pas le bon.",
		"field of more than one mebibyte: this is not a table, or a quote is never closed, or the separator is another one.")
}

// quoted reads a record that has quotes, which may go on over several lines.
func (r *Records) quoted(line []byte) ([][]byte, error) {
	in := append(r.buf[:0], line...) // text of the record, growing by lines
	out := 0                         // fields are written back over in, which they never outgrow
	r.ends = r.ends[:0]
	for i := 0; ; {
		if i < len(in) && in[i] == '"' {
			start := i
			i++
			for {
				q := bytes.IndexByte(in[i:], '"')
				if q < 0 {
					out += copy(in[out:], in[i:])
					next, err := r.line()
					if err == io.EOF || err == nil && len(in)-start > maxField {
						return nil, r.unclosed(len(r.ends) + 1)
					}
					if err != nil {
						return nil, err
					}
					i = len(in) + 1
					in = append(append(in, '\n'), next...)
					in[out] = '\n'
					out++
					continue
				}
				out += copy(in[out:], in[i:i+q])
				i += q + 1
				if i < len(in) && in[i] == '"' {
					in[out] = '"'
					out++
					i++
					continue
				}
				break
			}
			if i < len(in) && in[i] != r.sep {
				// Text after the closing quote: give both back, and go on to the separator.
				rest := in[i:]
				if e := bytes.IndexByte(rest, r.sep); e >= 0 {
					rest = rest[:e]
				}
				r.stray(len(r.ends) + 1)
				in[out] = '"'
				out++
				i += len(rest)
				out += copy(in[out:], rest)
			}
		} else {
			e := bytes.IndexByte(in[i:], r.sep)
			if e < 0 {
				e = len(in) - i
			}
			out += copy(in[out:], in[i:i+e])
			i += e
		}
		r.ends = append(r.ends, out)
		if i >= len(in) {
			break
		}
		i++ // the separator
		if i == len(in) {
			r.ends = append(r.ends, out)
			break
		}
	}
	r.buf = in
	r.field = r.field[:0]
	start := 0
	for _, end := range r.ends {
		r.field = append(r.field, in[start:end:end])
		start = end
	}
	return r.field, nil
}

func (r *Records) unclosed(field int) error {
	return Reject(r.At(field), "unclosed-quote",
		fmt.Sprintf("le guillemet ouvert au champ %d n’est jamais refermé : la suite du fichier n’est pas lisible.", field),
		fmt.Sprintf("the quote opened in field %d is never closed: the rest of the file can’t be read.", field))
}

func (r *Records) stray(field int) {
	if r.Warn == nil {
		return
	}
	r.Warn(data.Problem{
		Severity: data.SeverityWarning, Code: "stray-quote", File: r.file, Line: r.first, Column: field,
		Message: data.Text{
			FR: "guillemet mal placé : du texte suit le guillemet fermant. Le champ est pris tel quel, guillemets doublés (\"\") attendus.",
			EN: "misplaced quote: text follows the closing quote. The field is taken as it stands; doubled quotes (\"\") are expected.",
		},
	})
}

// separators in the order in which ties are decided.
var separators = []byte{';', ',', '\t', '|'}

// DetectSeparator tells which of ; , tab and | separates the fields, by the first
// line that is not blank of a file's UTF-8 beginning: the one with most occurrences
// outside quotes. It is false when none occurs.
func DetectSeparator(head []byte) (byte, bool) {
	var line []byte
	for len(line) == 0 && len(head) > 0 {
		line, head, _ = bytes.Cut(head, []byte("\n"))
		line = bytes.TrimSpace(line)
	}
	best, count := byte(0), 0
	for _, sep := range separators {
		n, quoted := 0, false
		for _, c := range line {
			if c == '"' {
				quoted = !quoted
			} else if c == sep && !quoted {
				n++
			}
		}
		if n > count {
			best, count = sep, n
		}
	}
	return best, count > 0
}
