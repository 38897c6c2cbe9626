package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"vigie/data"
	"vigie/data/export"
)

// sheetPath is where the archive of a workbook holds its first sheet.
const sheetPath = "xl/worksheets/sheet1.xml"

var (
	columnsSheet    = data.Text{FR: "Colonnes", EN: "Columns"}
	provenanceSheet = data.Text{FR: "Provenance", EN: "Provenance"}
)

// columnsHeader is the header of the sheet that explains the columns.
var columnsHeader = []data.Text{
	{FR: "Colonne", EN: "Column"}, {FR: "Libellé", EN: "Label"}, {FR: "Unité", EN: "Unit"},
	{FR: "Code", EN: "Code"}, {FR: "Signification du code", EN: "Meaning of the code"},
}

// positionLabels explain the columns of the position.
var positionLabels = map[string]data.Text{
	export.ColumnLongitude: {FR: "Longitude", EN: "Longitude"},
	export.ColumnLatitude:  {FR: "Latitude", EN: "Latitude"},
	"lon_min":              {FR: "Longitude la plus à l’ouest", EN: "Westernmost longitude"},
	"lat_min":              {FR: "Latitude la plus au sud", EN: "Southernmost latitude"},
	"lon_max":              {FR: "Longitude la plus à l’est", EN: "Easternmost longitude"},
	"lat_max":              {FR: "Latitude la plus au nord", EN: "Northernmost latitude"},
}

// Widths of columns, in characters.
const (
	textWidth  = 24
	valueWidth = 12
	maxWidth   = 60
)

// styles are the numbers of the workbook's styles.
type styles struct{ text, header int }

// allColumns are the schema's and those of the position.
func (b *body) allColumns() []data.Column {
	all := slices.Clone(b.schema.Columns)
	for _, name := range b.positionColumns() {
		all = append(all, data.Column{Name: name, Type: data.TypeNumber, Label: positionLabels[name], Unit: "deg"})
	}
	return all
}

// frame makes the workbook without the rows of features: what comes before them, what
// comes after, and the other files of its archive.
func (b *body) frame() (head, tail []byte, err error) {
	book := excelize.NewFile()
	defer book.Close()
	style, err := b.describe(book)
	if err != nil {
		return nil, nil, err
	}
	if err := b.header(book, style); err != nil {
		return nil, nil, err
	}
	file, err := book.WriteToBuffer()
	if err != nil {
		return nil, nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return nil, nil, err
	}
	sheet, err := fs.ReadFile(archive, sheetPath)
	if err != nil {
		return nil, nil, err
	}
	end := bytes.LastIndex(sheet, []byte("</sheetData>"))
	if end < 0 {
		return nil, nil, errors.New("the library gives a sheet without rows")
	}
	b.parts = slices.DeleteFunc(archive.File, func(f *zip.File) bool { return f.Name == sheetPath })
	return sheet[:end:end], sheet[end:], nil
}

// describe writes the small sheets and the properties.
func (b *body) describe(book *excelize.File) (styles, error) {
	var style styles
	var err error
	if style.text, err = book.NewStyle(&excelize.Style{NumFmt: 49}); err != nil { // 49 is "@", text
		return style, err
	}
	if style.header, err = book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}}); err != nil {
		return style, err
	}
	if err := book.SetSheetName("Sheet1", b.schema.Layer.Label().In(b.lang)); err != nil {
		return style, err
	}
	rows := [][]string{make([]string, len(columnsHeader))}
	for i, t := range columnsHeader {
		rows[0][i] = t.In(b.lang)
	}
	for _, c := range b.allColumns() {
		rows = append(rows, []string{c.Name, c.Label.In(b.lang), c.Unit})
		for _, code := range c.Codes {
			rows = append(rows, []string{c.Name, "", "", code.Code, code.Label.In(b.lang)})
		}
	}
	if err := b.addSheet(book, style, columnsSheet, rows); err != nil {
		return style, err
	}
	properties := &excelize.DocProperties{Title: b.schema.Title.In(b.lang), Creator: "Vigie"}
	if p := b.provenance; p != nil {
		rows = nil
		for _, e := range p.Entries() {
			rows = append(rows, []string{e.Label.In(b.lang), e.Value.In(b.lang)})
		}
		if err := b.addSheet(book, style, provenanceSheet, rows); err != nil {
			return style, err
		}
		properties.Creator, properties.LastModifiedBy = p.Generator, p.Generator
		properties.Subject, properties.Category, properties.Identifier = p.Purpose, p.Recipient, p.Mark
		properties.Description, properties.Version = string(p.JSON()), p.Release
		if !p.GeneratedAt.IsZero() {
			properties.Created = p.GeneratedAt.UTC().Format(time.RFC3339)
			properties.Modified = properties.Created
		}
	}
	return style, book.SetDocProps(properties)
}

// addSheet writes a sheet of texts.
func (b *body) addSheet(book *excelize.File, style styles, title data.Text, rows [][]string) error {
	name := title.In(b.lang)
	if _, err := book.NewSheet(name); err != nil {
		return err
	}
	if err := book.SetColStyle(name, "A:E", style.text); err != nil {
		return err
	}
	if err := book.SetColWidth(name, "A", "E", textWidth); err != nil {
		return err
	}
	for i := range rows {
		for _, s := range rows[i] {
			if err := fits(s); err != nil {
				return err
			}
		}
		if err := book.SetSheetRow(name, "A"+strconv.Itoa(i+1), &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// header begins the sheet of features: its columns, and a frozen row with their names.
func (b *body) header(book *excelize.File, style styles) error {
	stream, err := book.NewStreamWriter(b.schema.Layer.Label().In(b.lang))
	if err != nil {
		return err
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	var cells []any
	for i, c := range b.allColumns() {
		title := c.Name
		if b.lang != "" && c.Label.In(b.lang) != "" {
			title = c.Label.In(b.lang)
			if c.Unit != "" && c.Unit != "1" {
				title += " (" + c.Unit + ")"
			}
		}
		letters, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		column, width := cellColumn{letters: letters}, valueWidth
		if c.Type == data.TypeString {
			width = textWidth
			column.style = ` s="` + strconv.Itoa(style.text) + `"`
			if err := stream.SetColStyle(i+1, i+1, style.text); err != nil {
				return err
			}
		}
		b.columns = append(b.columns, column)
		width = min(max(width, utf8.RuneCountInString(title)+2), maxWidth)
		if err := stream.SetColWidth(i+1, i+1, float64(width)); err != nil {
			return err
		}
		cells = append(cells, excelize.Cell{StyleID: style.header, Value: title})
	}
	if err := stream.SetRow("A1", cells); err != nil {
		return err
	}
	return stream.Flush()
}
