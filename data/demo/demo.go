// Package demo holds a fictitious département and loads it into a store by the same way
// as real files: the demonstration is also a trial of the importers.
//
// The files are made by package fiction from a seed; command generate writes them.
package demo

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"

	"vigie/data"
	"vigie/data/demo/fiction"
	"vigie/data/ingest"
	"vigie/data/source"
)

//go:generate go run ./generate -out files

//go:embed files
var embedded embed.FS

// Files are the files of the fictitious département, named as in package fiction. Besides
// what Populate loads they hold incidents, reviews, measures and communal statistics.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "files")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return files
}

// Importer is what Populate needs of ingest.Service.
type Importer interface {
	Import(ctx context.Context, by data.Viewer, r ingest.Request) (*data.Import, error)
}

// load is one import of the demonstration.
type load struct {
	file    string
	layer   data.Layer
	format  string
	options source.Options
	// restricted layers are only loaded by who may see them.
	restricted bool
}

// loads are in order: communes before what lies in them, editions from the oldest.
func loads() []load {
	zones := func(file string, kind data.ZoneKind, edition string) load {
		return load{file: file, layer: data.LayerZones, format: "geojson", options: source.Options{Kind: kind, Edition: edition}}
	}
	figures := func(file, format, edition string) load {
		return load{file: file, layer: data.LayerStatistics, format: format, options: source.Options{Edition: edition}}
	}
	police := zones(fiction.FileZSPPolice, data.ZoneZSP, fiction.EditionZSP)
	police.restricted = true
	every := make([]string, len(data.Categories))
	for i, c := range data.Categories {
		every[i] = c.Code
	}
	return []load{
		{file: fiction.FileAreas, layer: data.LayerAreas, format: "geojson"},
		// Codes tell the editions of QPV.
		zones(fiction.FileQPV2015, data.ZoneQPV, ""),
		zones(fiction.FileQPV2024, data.ZoneQPV, ""),
		zones(fiction.FileQRR, data.ZoneQRR, fiction.EditionQRR),
		zones(fiction.FileZSP, data.ZoneZSP, fiction.EditionZSP),
		police,
		zones(fiction.FileCustom, data.ZoneCustom, fiction.EditionCustom),
		{file: fiction.FilePlaces, layer: data.LayerPlaces, format: "csv"},
		{file: fiction.FileBrigades, layer: data.LayerPlaces, format: "police-gendarmerie"},
		figures(fiction.FileCommunes, "population", "2023"),
		figures(fiction.FileCommunes, "filosofi-communes", "2023"),
		figures(fiction.FileUnder21, "csv", "2023"),
		figures(fiction.FileIncome, "filosofi", fiction.EditionIncome),
		figures(fiction.FileRecordedCrime, "ssmsi", ""),
		{file: fiction.FileSites, layer: data.LayerSites, format: "csv", options: source.Options{Categories: every}},
	}
}

// Populate loads the fictitious département: its communes, zones in two editions, places,
// and homes of every category. Loading it again changes nothing. by must be allowed to write
// in département data.FictitiousDepartment; the police's zone is loaded only when it may see
// restricted layers.
//
// The error names the file that could not be loaded; the ones before it are then in the store.
func Populate(ctx context.Context, importer Importer, by data.Viewer) error {
	for _, l := range loads() {
		if l.restricted && !by.SeesRestricted() {
			continue
		}
		if err := l.run(ctx, importer, by); err != nil {
			return fmt.Errorf("demo file %s: %w", l.file, err)
		}
	}
	return nil
}

func (l load) run(ctx context.Context, importer Importer, by data.Viewer) error {
	content, err := fs.ReadFile(Files(), l.file)
	if err != nil {
		return err
	}
	in, err := source.FromFiles([]source.NamedReaderAt{{
		Name: l.file, Size: int64(len(content)), ReaderAt: bytes.NewReader(content),
	}}, source.Limits{})
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = importer.Import(ctx, by, ingest.Request{
		Input: in, Layer: l.layer, Format: l.format, Options: l.options, Strict: true, Restricted: l.restricted,
	})
	return err
}
