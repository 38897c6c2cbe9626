// Package all is the registry of the export formats.
package all

import (
	"fmt"
	"io"
	"strings"

	"vigie/data"
	"vigie/data/export"
	"vigie/data/export/csv"
	"vigie/data/export/geojson"
	"vigie/data/export/geoparquet"
	"vigie/data/export/gpkg"
	"vigie/data/export/xlsx"
)

// Format describes an export format.
type Format struct {
	ID        string    `json:"id"`         // "geojson", "csv", "csv-excel", "gpkg", "xlsx", "parquet"
	MediaType string    `json:"media_type"` // for Content-Type
	Extension string    `json:"extension"`  // of a file, with its dot
	Label     data.Text `json:"label"`
	// MaxFeatures is how many a file holds; 0 for any number.
	MaxFeatures int `json:"max_features,omitempty"`
}

// Fits refuses, with an *export.FullError, more features than a file holds.
func (f Format) Fits(features int) error {
	if f.MaxFeatures > 0 && features > f.MaxFeatures {
		return &export.FullError{Most: f.MaxFeatures}
	}
	return nil
}

// entry is a row of the registry.
type entry struct {
	Format
	open func(io.Writer, *data.Schema, Options) (export.Writer, error)
}

// registry lists the formats, the default one first. Of those that share a media type or
// an extension, the first is meant by it.
func registry() []entry {
	return []entry{
		{Format{ID: "geojson", MediaType: geojson.MediaType, Extension: ".geojson", Label: data.Text{FR: "GeoJSON (RFC 7946)", EN: "GeoJSON (RFC 7946)"}},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return geojson.NewWriter(w, s, geojson.WithProvenance(o.Provenance))
			}},
		{Format{ID: "csv", MediaType: csv.MediaType, Extension: ".csv", Label: data.Text{FR: "CSV (virgules, RFC 4180)", EN: "CSV (commas, RFC 4180)"}},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return csv.NewWriter(w, s, csv.WithProvenance(o.Provenance))
			}},
		{Format{ID: "csv-excel", MediaType: csv.MediaType, Extension: ".csv", Label: data.Text{FR: "CSV pour Excel en français (points-virgules)", EN: "CSV for Excel in French (semicolons)"}},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return csv.NewWriter(w, s, csv.WithFrenchDialect(), csv.WithProvenance(o.Provenance))
			}},
		{Format{ID: "gpkg", MediaType: gpkg.MediaType, Extension: ".gpkg", Label: data.Text{FR: "GeoPackage (SIG)", EN: "GeoPackage (GIS)"}},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return gpkg.NewWriter(w, s, gpkg.WithProvenance(o.Provenance), gpkg.WithClock(o.Clock), gpkg.WithTempDir(o.TempDir))
			}},
		{Format{ID: "xlsx", MediaType: xlsx.MediaType, Extension: ".xlsx", Label: data.Text{FR: "Classeur Excel (XLSX)", EN: "Excel workbook (XLSX)"}, MaxFeatures: xlsx.MaxFeatures},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return xlsx.NewWriter(w, s, xlsx.WithProvenance(o.Provenance), xlsx.WithLanguage(o.Language))
			}},
		{Format{ID: "parquet", MediaType: geoparquet.MediaType, Extension: ".parquet", Label: data.Text{FR: "GeoParquet (analyse)", EN: "GeoParquet (analysis)"}},
			func(w io.Writer, s *data.Schema, o Options) (export.Writer, error) {
				return geoparquet.NewWriter(w, s, geoparquet.WithProvenance(o.Provenance))
			}},
	}
}

// Formats lists the formats, the default one first.
func Formats() []Format {
	var all []Format
	for _, e := range registry() {
		all = append(all, e.Format)
	}
	return all
}

// IDs are the identifiers of the formats, in their order.
func IDs() []string {
	var ids []string
	for _, f := range Formats() {
		ids = append(ids, f.ID)
	}
	return ids
}

// ByID finds a format by its identifier, in any case.
func ByID(id string) (Format, bool) {
	for _, f := range Formats() {
		if strings.EqualFold(f.ID, id) {
			return f, true
		}
	}
	return Format{}, false
}

// Options are the options of every format; each takes what concerns it.
type Options struct {
	// Provenance, when there is one, is put inside the file, whatever its format.
	Provenance *data.Provenance
	// Language, "fr" or "en", is that of a workbook, whose header then has labels
	// instead of names.
	Language string
	// Clock dates a GeoPackage; nil is the system's.
	Clock data.Clock
	// TempDir is where a GeoPackage is built; empty is the system's.
	TempDir string
}

// Writer starts a document in the named format. The error of an unknown name
// lists the known ones.
func Writer(format string, w io.Writer, schema *data.Schema, opt Options) (export.Writer, error) {
	for _, e := range registry() {
		if strings.EqualFold(e.ID, format) {
			return e.open(w, schema, opt)
		}
	}
	return nil, fmt.Errorf("unknown export format %q; known: %s", format, strings.Join(IDs(), ", "))
}
