package xlsx

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"vigie/data"
	"vigie/data/export"
)

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

// columns are the schema's and those of the position.
func (w *writer) columns() []data.Column {
	all := slices.Clone(w.schema.Columns)
	for _, name := range w.positionColumns() {
		all = append(all, data.Column{Name: name, Type: data.TypeNumber, Label: positionLabels[name], Unit: "deg"})
	}
	return all
}

// describe writes the small sheets and the properties.
func (w *writer) describe() error {
	var err error
	if w.styles.text, err = w.book.NewStyle(&excelize.Style{NumFmt: 49}); err != nil { // 49 is "@", text
		return err
	}
	if w.styles.header, err = w.book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	if err := w.book.SetSheetName("Sheet1", w.schema.Layer.Label().In(w.lang)); err != nil {
		return err
	}
	rows := [][]string{make([]string, len(columnsHeader))}
	for i, t := range columnsHeader {
		rows[0][i] = t.In(w.lang)
	}
	for _, c := range w.columns() {
		rows = append(rows, []string{c.Name, c.Label.In(w.lang), c.Unit})
		for _, code := range c.Codes {
			rows = append(rows, []string{c.Name, "", "", code.Code, code.Label.In(w.lang)})
		}
	}
	if err := w.addSheet(columnsSheet, rows); err != nil {
		return err
	}
	properties := &excelize.DocProperties{Title: w.schema.Title.In(w.lang), Creator: "Vigie"}
	if p := w.provenance; p != nil {
		rows = nil
		for _, e := range p.Entries() {
			rows = append(rows, []string{e.Label.In(w.lang), e.Value.In(w.lang)})
		}
		if err := w.addSheet(provenanceSheet, rows); err != nil {
			return err
		}
		properties.Creator, properties.LastModifiedBy = p.Generator, p.Generator
		properties.Subject, properties.Category, properties.Identifier = p.Purpose, p.Recipient, p.Mark
		properties.Description, properties.Version = string(p.JSON()), p.Release
		properties.Created = p.GeneratedAt.UTC().Format(time.RFC3339)
		properties.Modified = properties.Created
	}
	return w.book.SetDocProps(properties)
}

// addSheet writes a sheet of texts.
func (w *writer) addSheet(title data.Text, rows [][]string) error {
	name := title.In(w.lang)
	if _, err := w.book.NewSheet(name); err != nil {
		return err
	}
	if err := w.book.SetColStyle(name, "A:E", w.styles.text); err != nil {
		return err
	}
	if err := w.book.SetColWidth(name, "A", "E", textWidth); err != nil {
		return err
	}
	for i := range rows {
		for _, s := range rows[i] {
			if err := fits(s); err != nil {
				return err
			}
		}
		if err := w.book.SetSheetRow(name, "A"+strconv.Itoa(i+1), &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// startSheet begins the sheet of values with its frozen header.
func (w *writer) startSheet() error {
	var err error
	if w.stream, err = w.book.NewStreamWriter(w.schema.Layer.Label().In(w.lang)); err != nil {
		return err
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, c := range w.columns() {
		title := c.Name
		if w.labels && c.Label.In(w.lang) != "" {
			title = c.Label.In(w.lang)
			if c.Unit != "" && c.Unit != "1" {
				title += " (" + c.Unit + ")"
			}
		}
		width := valueWidth
		if c.Type == data.TypeString {
			width = textWidth
			if err := w.stream.SetColStyle(i+1, i+1, w.styles.text); err != nil {
				return err
			}
		}
		width = min(max(width, utf8.RuneCountInString(title)+2), maxWidth)
		if err := w.stream.SetColWidth(i+1, i+1, float64(width)); err != nil {
			return err
		}
		w.cells = append(w.cells, excelize.Cell{StyleID: w.styles.header, Value: title})
	}
	return w.putRow()
}
