package shapefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"vigie/data/source"
)

// field is one column of a .dbf.
type field struct {
	name   string
	kind   byte // 'C' text, 'N' and 'F' number, 'D' date, 'L' boolean, 'I' integer, 'B' and 'O' double (little endian), 'M' memo
	offset int  // in the row
	width  int
}

// dbfReader reads the rows of a .dbf (dBase III to V, FoxPro) in file order.
type dbfReader struct {
	r      *bufio.Reader
	file   string
	fields []field
	rows   int // announced
	row    int // 1-based number of the last row read
	text   textDecoder
	// knownEncoding is false when the .cpg names an encoding that is not read.
	knownEncoding bool
	buf           []byte
}

// newDBFReader reads the header. cpg is the content of the .cpg, or empty. Errors
// are *data.RejectedError located in file.
func newDBFReader(r io.Reader, file, cpg string) (*dbfReader, error) {
	d := &dbfReader{r: bufio.NewReaderSize(r, 1<<16), file: file}
	var header [32]byte
	if _, err := io.ReadFull(d.r, header[:]); err != nil {
		return nil, d.failure(err, "l’en-tête est incomplet", "the header is incomplete")
	}
	rows := binary.LittleEndian.Uint32(header[4:])
	headerLength := int(binary.LittleEndian.Uint16(header[8:]))
	rowLength := int(binary.LittleEndian.Uint16(header[10:]))
	if rows > math.MaxInt32 || headerLength < 33 || rowLength < 1 {
		return nil, d.syntax(fmt.Sprintf("en-tête impossible : %d lignes de %d octets après %d octets.", rows, rowLength, headerLength),
			fmt.Sprintf("impossible header: %d rows of %d bytes after %d bytes.", rows, rowLength, headerLength))
	}
	d.rows = int(rows)
	d.text, d.knownEncoding = newTextDecoder(cpg, header[29])
	descriptors := make([]byte, headerLength-32)
	if _, err := io.ReadFull(d.r, descriptors); err != nil {
		return nil, d.failure(err, "la description des colonnes est incomplète", "the description of the columns is incomplete")
	}
	d.buf = make([]byte, rowLength)
	return d, d.readFields(descriptors)
}

func (d *dbfReader) readFields(b []byte) error {
	const size = 32
	offset, wide := 1, 1 // after the deletion mark; wide counts the second byte of the widths of texts
	var extended []int
	for len(b) > 0 && b[0] != 0x0d && b[0] != 0 {
		if len(b) < size {
			return d.syntax("la description des colonnes est incomplète.", "the description of the columns is incomplete.")
		}
		name, kind, width, decimals := b[:11], b[11], int(b[16]), int(b[17])
		end := strings.IndexByte(string(name), 0)
		if end < 0 {
			end = len(name)
		}
		f := field{name: d.text.decode(name[:end]), kind: kind, offset: offset, width: width}
		extended = append(extended, width)
		if kind == 'C' {
			extended[len(extended)-1] += decimals << 8
		}
		offset += width
		wide += extended[len(extended)-1]
		d.fields = append(d.fields, f)
		b = b[size:]
	}
	if offset != len(d.buf) && wide == len(d.buf) {
		// Clipper and some others keep the high byte of a text's width where
		// numbers have their decimals.
		offset = 1
		for i := range d.fields {
			d.fields[i].offset, d.fields[i].width = offset, extended[i]
			offset += extended[i]
		}
	}
	if offset > len(d.buf) {
		return d.syntax(fmt.Sprintf("les colonnes occupent %d octets dans des lignes de %d.", offset, len(d.buf)),
			fmt.Sprintf("the columns take %d bytes in rows of %d.", offset, len(d.buf)))
	}
	return nil
}

func (d *dbfReader) syntax(fr, en string) error {
	return source.Reject(source.Location{File: d.file, Line: d.row}, source.CodeSyntax, fr, en)
}

func (d *dbfReader) failure(err error, fr, en string) error {
	return failure(err, source.Location{File: d.file, Line: d.row}, fr, en)
}

// next reads one row into the buffer that value looks at, and tells
// whether it is marked as deleted. io.EOF after the last one.
func (d *dbfReader) next() (deleted bool, err error) {
	if d.row >= d.rows {
		return false, io.EOF
	}
	d.row++
	if n, err := io.ReadFull(d.r, d.buf); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) && n == 1 && d.buf[0] == 0x1a {
			n = 0 // the end-of-file mark
		}
		return false, d.failure(err,
			fmt.Sprintf("la ligne %d sur %d a %d octets sur %d", d.row, d.rows, n, len(d.buf)),
			fmt.Sprintf("row %d of %d has %d bytes of %d", d.row, d.rows, n, len(d.buf)))
	}
	return d.buf[0] == '*', nil
}

// names lists the columns as the file spells them.
func (d *dbfReader) names() []string {
	names := make([]string, len(d.fields))
	for i, f := range d.fields {
		names[i] = f.name
	}
	return names
}

// value renders a field of the current row as text, empty when it is null.
func (d *dbfReader) value(i int) string {
	f := d.fields[i]
	b := d.buf[f.offset : f.offset+f.width]
	switch f.kind {
	case 'N', 'F', 'D':
		s := strings.Trim(string(b), " \x00")
		if strings.Trim(s, "*") == "" || f.kind == 'D' && strings.Trim(s, "0") == "" {
			return ""
		}
		if f.kind == 'D' && len(s) == 8 {
			return s[:4] + "-" + s[4:6] + "-" + s[6:]
		}
		return strings.ToValidUTF8(s, "\uFFFD")
	case 'L':
		switch strings.ToUpper(string(b)) {
		case "T", "Y":
			return "true"
		case "F", "N":
			return "false"
		}
		return ""
	case 'I':
		if len(b) == 4 {
			return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(b))))
		}
	case 'B', 'O':
		if len(b) == 8 {
			return strconv.FormatFloat(math.Float64frombits(binary.LittleEndian.Uint64(b)), 'f', -1, 64)
		}
	case 'M', 'G', 'P':
		return "" // points into a file that is not part of a shapefile
	}
	return d.text.decode(b)
}
