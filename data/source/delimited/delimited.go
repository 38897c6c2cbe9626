// Package delimited reads plain delimited text (CSV) with a header, format "csv":
// sites and places with longitude and latitude or projected coordinates, zones and
// areas with a column of well-known text, statistics one figure a line. Column names are French or English, in
// any case, with or without accents; see source.Mapper. The separator is one of
// ; , tab and |, found from the header.
package delimited

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Format is the format "csv".
type Format struct{}

// ID is "csv".
func (Format) ID() string { return "csv" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Tableau CSV avec en-tête", EN: "CSV table with a header"}
}

// Layers are all the layers.
func (Format) Layers() []data.Layer {
	return []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas, data.LayerStatistics}
}

var extensions = []string{".csv", ".tsv", ".tab", ".txt"}

const headBytes = 64 << 10

// Detect recognises a text whose first line has columns that the format knows.
func (Format) Detect(in *source.Input) int {
	m, ok := in.MainOrOnly(extensions...)
	if !ok {
		return 0
	}
	head, ok := source.TextHead(m, headBytes)
	if !ok || strings.HasPrefix(strings.TrimLeft(string(head[:min(len(head), 64)]), " \t\r\n\x1e"), "{") {
		return 0
	}
	table := slices.Contains(extensions, m.Ext())
	sep, ok := source.DetectSeparator(head)
	if !ok {
		if table {
			return 5 // so that the answer is about the separator
		}
		return 0
	}
	line, err := source.NewRecords(strings.NewReader(string(head)), sep, m.File()).Read()
	if err != nil {
		return 0
	}
	best := 0
	for _, layer := range (Format{}).Layers() {
		mapper, known := source.NewMapper(source.Options{Layer: layer}), 0
		for _, name := range line {
			if mapper.Slot(name).Known() {
				known++
			}
		}
		best = max(best, known)
	}
	best = max(best, statisticColumns(in))
	switch {
	case best >= 2 && table:
		return 60
	case best >= 2:
		return 40
	case table:
		return 20 // so that the answer is about the columns
	}
	return 0
}

// reader is one read.
type reader struct {
	e       *source.Emitter
	opt     source.Options
	mapper  *source.Mapper
	locator *source.Locator
	header  header
	issued  bool
}

// Read gives the records in file order.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	if opt.Layer == data.LayerStatistics {
		return readStatistics(ctx, in, opt, sink)
	}
	m, ok := in.MainOrOnly(extensions...)
	if !ok {
		if m, ok = in.Main(); !ok {
			return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
		}
	}
	sep := byte(',')
	head, _ := source.TextHead(m, headBytes) // its failure is that of reading, below
	if found, ok := source.DetectSeparator(head); ok {
		sep = found
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	e := source.NewEmitter(ctx, in, sink)
	if p, ok := in.IgnoredNote(m, extensions...); ok {
		e.Problem(p)
	}
	text := source.NewText(body, m.File())
	records := source.NewRecords(text, sep, m.File())
	records.Warn = e.Problem
	r := &reader{e: e, opt: opt, mapper: source.NewMapper(opt), locator: source.NewLocator(opt)}
	if err := r.readHeader(records, m.File(), sep); err != nil {
		return err
	}
	var a source.Attributes
	for {
		line, err := records.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := e.Tick(); err != nil {
			return err
		}
		if blank(line) {
			continue
		}
		at := records.At(0)
		if line, ok = r.fit(line, at); !ok {
			continue
		}
		a.Reset()
		for i, s := range r.header.slots {
			if s.Known() {
				a.Set(s, string(line[i]))
			}
		}
		if err := r.record(&a, line, at); err != nil {
			return err
		}
	}
	if p, ok := text.Note(); ok {
		e.Problem(p)
	}
	e.Done()
	return nil
}

// blank tells whether a line holds separators and nothing else: what spreadsheets
// write below a table. It is no record, like an empty line.
func blank(line [][]byte) bool {
	for _, field := range line {
		if len(bytes.TrimSpace(field)) > 0 {
			return false
		}
	}
	return true
}

// fit checks the number of fields; blank ones may be missing or in excess at the end.
func (r *reader) fit(line [][]byte, at source.Location) ([][]byte, bool) {
	want := len(r.header.names)
	for len(line) > want && len(strings.TrimSpace(string(line[len(line)-1]))) == 0 {
		line = line[:len(line)-1]
	}
	if len(line) == want {
		return line, true
	}
	r.e.Error(at, "", "wrong-columns", "", "",
		fmt.Sprintf("ligne de %d colonnes : l’en-tête en annonce %d ; la ligne est écartée. Une virgule ou un point-virgule de trop demande des guillemets.", len(line), want),
		fmt.Sprintf("line of %d columns: the header announces %d; the line is set aside. A separator within a value needs quotes.", len(line), want))
	return nil, false
}
