package source

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vigie/data"
)

// Table reads an official file in delimited text whose columns are known by name. It
// does what such formats share: finding the member, its encoding and separator, the
// header, lines of another width, progress.
type Table struct {
	*Emitter
	// File names the member in problems.
	File string
	// Name is the member's own name.
	Name string
	// Columns are the header's names as the file spells them.
	Columns []string

	folded  []string
	body    io.ReadCloser
	text    *Text
	records *Records
	line    [][]byte
}

// tableExtensions are those of delimited text, the surest first.
var tableExtensions = []string{".csv", ".txt", ".tsv"}

const tableHead = 64 << 10

// TableColumns gives the columns of the first line, folded (see FoldName), of the member
// that OpenTable reads; nil when it is no delimited text. Formats detect by it.
func TableColumns(in *Input) []string {
	m, ok := tableMember(in)
	if !ok {
		return nil
	}
	head, ok := TextHead(m, tableHead)
	if !ok {
		return nil
	}
	sep, ok := DetectSeparator(head)
	if !ok {
		return nil
	}
	line, err := NewRecords(strings.NewReader(string(head)), sep, m.File()).Read()
	if err != nil {
		return nil
	}
	columns := make([]string, len(line))
	for i, name := range line {
		columns[i] = FoldName(string(name))
	}
	return columns
}

// HasColumns tells whether the folded columns hold all these names.
func HasColumns(columns []string, names ...string) bool {
	for _, name := range names {
		if !slices.Contains(columns, FoldName(name)) {
			return false
		}
	}
	return true
}

func tableMember(in *Input) (Member, bool) {
	if m, ok := in.Main(tableExtensions...); ok {
		return m, true
	}
	return in.Main()
}

// OpenTable opens the table and reads its header. Close it once done.
func OpenTable(ctx context.Context, in *Input, sink Sink) (*Table, error) {
	m, ok := tableMember(in)
	if !ok {
		return nil, rejectEmpty(Location{File: in.Name})
	}
	sep := byte(';')
	head, _ := TextHead(m, tableHead) // its failure is that of reading, below
	if found, ok := DetectSeparator(head); ok {
		sep = found
	}
	body, err := m.Open()
	if err != nil {
		return nil, err
	}
	t := &Table{Emitter: NewEmitter(ctx, in, sink), File: m.File(), Name: m.Name, body: body}
	if p, ok := in.IgnoredNote(m, tableExtensions...); ok {
		t.Problem(p)
	}
	t.text = NewText(body, m.File())
	t.records = NewRecords(t.text, sep, m.File())
	t.records.Warn = t.Problem
	line, err := t.records.Read()
	if err == io.EOF {
		err = Reject(Location{File: t.File}, CodeEmptyFile, "le fichier n’a aucune ligne.", "the file has no line.")
	}
	if err != nil {
		body.Close()
		return nil, err
	}
	for _, name := range line {
		t.Columns = append(t.Columns, strings.TrimSpace(string(name)))
		t.folded = append(t.folded, FoldName(string(name)))
	}
	return t, nil
}

// Column finds the first of these names among the columns; −1 when none is there.
func (t *Table) Column(names ...string) int {
	for _, name := range names {
		if i := slices.Index(t.folded, FoldName(name)); i >= 0 {
			return i
		}
	}
	return -1
}

// ColumnMatching finds the first column whose folded name satisfies match; −1 when none does.
func (t *Table) ColumnMatching(match func(folded string) bool) int {
	return slices.IndexFunc(t.folded, match)
}

// Require is the rejection of a file that lacks one of these columns, nil when it has all.
func (t *Table) Require(names ...string) error {
	var missing []string
	for _, name := range names {
		if t.Column(name) < 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found := strings.Join(t.Columns, ", ")
	return Reject(Location{File: t.File, Line: max(t.records.Line(), 1)}, "missing-columns",
		fmt.Sprintf("colonnes absentes\u00a0: %s. Colonnes trouvées\u00a0: %s.", strings.Join(missing, ", "), Quote(found)),
		fmt.Sprintf("missing columns: %s. Columns found: %s.", strings.Join(missing, ", "), QuoteEN(found)))
}

// Next reads the next line; false at the end, after which the caller has nothing left to
// do but Close. A line of another width than the header's is reported and passed over.
func (t *Table) Next() (bool, error) {
	for {
		line, err := t.records.Read()
		if err == io.EOF {
			if p, ok := t.text.Note(); ok {
				t.Problem(p)
			}
			t.Done()
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if err := t.Tick(); err != nil {
			return false, err
		}
		for len(line) > len(t.Columns) && len(strings.TrimSpace(string(line[len(line)-1]))) == 0 {
			line = line[:len(line)-1]
		}
		if len(line) != len(t.Columns) {
			t.Error(t.records.At(0), "", "wrong-columns", "", "",
				fmt.Sprintf("ligne de %d colonnes\u00a0: l’en-tête en annonce %d\u00a0; la ligne est écartée.", len(line), len(t.Columns)),
				fmt.Sprintf("line of %d columns: the header announces %d; the line is set aside.", len(line), len(t.Columns)))
			continue
		}
		t.line = line
		return true, nil
	}
}

// At is the location of the present line, or of one of its columns counted from 0.
func (t *Table) At(column int) Location { return t.records.At(column + 1) }

// Line is the location of the present line as a whole.
func (t *Table) Line() Location { return t.records.At(0) }

// Raw is a field of the present line as bytes, valid until the next line; nil for a
// column that is not there (−1).
func (t *Table) Raw(column int) []byte {
	if column < 0 {
		return nil
	}
	return t.line[column]
}

// Get is a field, trimmed; empty for a column that is not there and for the sentinels
// of official files (NA, _Z, _U).
func (t *Table) Get(column int) string {
	if column < 0 {
		return ""
	}
	return clean(string(t.line[column]))
}

// ColumnName is the name of a column as the file spells it; empty for −1.
func (t *Table) ColumnName(column int) string {
	if column < 0 {
		return ""
	}
	return t.Columns[column]
}

// Content joins the fields of the present line, for IssuedID.
func (t *Table) Content(columns ...int) []string {
	content := make([]string, len(columns))
	for i, c := range columns {
		content[i] = FoldName(t.Get(c))
	}
	return content
}

// Found makes a problem about a field of the present line.
func (t *Table) Found(sev data.Severity, code, record string, column int, fr, en string) {
	at := t.At(column)
	t.Problem(data.Problem{
		Severity: sev, Code: code, File: at.File, Line: at.Line, Column: at.Column, Record: record,
		Field: t.ColumnName(column), Value: data.Clip(t.Get(column)), Message: data.Text{FR: fr, EN: en},
	})
}

// Bad reports that the present line is set aside because of a field.
func (t *Table) Bad(code, record string, column int, fr, en string) {
	t.Error(t.At(column), record, code, t.ColumnName(column), string(t.Raw(column)),
		fr+"\u00a0; la ligne est écartée.", en+"; the line is set aside.")
}

// RefusedPosition ends the findings about a CRS with what becomes of the record.
func RefusedPosition(problems []data.Problem) []data.Problem {
	for i := range problems {
		problems[i].Message.FR += " La position est refusée\u00a0; le lieu est gardé, non localisé."
		problems[i].Message.EN += " The position is refused; the place is kept, not located."
	}
	return problems
}

// Close closes the member.
func (t *Table) Close() error { return t.body.Close() }
