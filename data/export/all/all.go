// Package all is the registry of the export formats.
package all

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/export/csv"
	"vigie/data/export/geojson"
	"vigie/data/export/geoparquet"
	"vigie/data/export/gpkg"
	"vigie/data/export/xlsx"
)

// Format describes an export format.
type Format struct {
	ID        string    `json:"id"`         // "geojson", "csv", "gpkg", "xlsx", "parquet"
	MediaType string    `json:"media_type"` // for Content-Type
	Extension string    `json:"extension"`  // of a file, with its dot
	Label     data.Text `json:"label"`
}

// Formats lists the formats, the default one first.
func Formats() []Format {
	return []Format{
		{"geojson", geojson.MediaType, ".geojson", data.Text{FR: "GeoJSON (RFC 7946)", EN: "GeoJSON (RFC 7946)"}},
		{"csv", csv.MediaType, ".csv", data.Text{FR: "CSV (tableur)", EN: "CSV (spreadsheet)"}},
		{"gpkg", gpkg.MediaType, ".gpkg", data.Text{FR: "GeoPackage (SIG)", EN: "GeoPackage (GIS)"}},
		{"xlsx", xlsx.MediaType, ".xlsx", data.Text{FR: "Classeur Excel (XLSX)", EN: "Excel workbook (XLSX)"}},
		{"parquet", geoparquet.MediaType, ".parquet", data.Text{FR: "GeoParquet (analyse)", EN: "GeoParquet (analysis)"}},
	}
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
	GeoJSON []geojson.Option
	CSV     []csv.Option
	GPKG    []gpkg.Option
	XLSX    []xlsx.Option
	// Provenance, when there is one, is put inside the file, whatever its format.
	Provenance *data.Provenance
}

// Writer starts a document in the named format. The error of an unknown name
// lists the known ones.
func Writer(format string, w io.Writer, schema *data.Schema, opt Options) (data.FeatureWriter, error) {
	p := opt.Provenance
	switch strings.ToLower(format) {
	case "geojson":
		return geojson.NewWriter(w, schema, with(opt.GeoJSON, p, geojson.WithProvenance)...)
	case "csv":
		return csv.NewWriter(w, schema, with(opt.CSV, p, csv.WithProvenance)...)
	case "gpkg":
		return gpkg.NewWriter(w, schema, with(opt.GPKG, p, gpkg.WithProvenance)...)
	case "xlsx":
		return xlsx.NewWriter(w, schema, with(opt.XLSX, p, xlsx.WithProvenance)...)
	case "parquet":
		return geoparquet.NewWriter(w, schema, with[geoparquet.Option](nil, p, geoparquet.WithProvenance)...)
	}
	var known []string
	for _, f := range Formats() {
		known = append(known, f.ID)
	}
	return nil, fmt.Errorf("unknown export format %q; known: %s", format, strings.Join(known, ", "))
}

// with adds the option that a format has for the provenance to its others.
func with[O any](options []O, p *data.Provenance, option func(*data.Provenance) O) []O {
	if p == nil {
		return options
	}
	return append(slices.Clip(options), option(p))
}
