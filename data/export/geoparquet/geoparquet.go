// Package geoparquet writes features as GeoParquet 1.1.0: typed columns that may hold
// nulls, and a column "geometry" of well-known binary in longitude and latitude
// (OGC:CRS84). Row groups are written as they fill, so memory does not grow with the
// number of features. A file without its end, which Close writes, can't be opened.
package geoparquet

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"vigie/data"
	"vigie/data/export"
)

// MediaType is the registered media type of Parquet.
const MediaType = "application/vnd.apache.parquet"

// ColumnGeometry is the name of the geometry's column.
const ColumnGeometry = "geometry"

// A batch is handed to the library's columns at once, a row group is written at once.
// Either ends at a number of rows, or when its geometries and texts take so many bytes.
const (
	batchRows  = 512
	batchBytes = 1 << 20
	groupRows  = 64 << 10
	groupBytes = 32 << 20
)

// Option sets what the file holds besides the features.
type Option func(*body)

// WithProvenance puts the provenance, where there is one, in the file's key-value
// metadata under "provenance", as JSON.
func WithProvenance(p *data.Provenance) Option {
	return func(b *body) {
		if p != nil {
			b.file.SetKeyValueMetadata(export.MemberProvenance, string(p.JSON()))
		}
	}
}

type body struct {
	file    *parquet.GenericWriter[any]
	schema  *data.Schema
	columns []*parquet.ColumnWriter
	batch   [][]parquet.Value // a slice for each column, the geometry last

	batchBytes, groupRows, groupBytes int

	types   map[string]bool // of the geometries written
	bound   orb.Bound
	bounded bool
}

// NewWriter starts a file on w. It is complete once Close returned nil. A value of
// another type than its column's is an error, but that a column of text takes any value.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (export.Writer, error) {
	if err := export.CheckColumns(schema, ColumnGeometry); err != nil {
		return nil, fmt.Errorf("geoparquet: %w", err)
	}
	b := &body{
		file: parquet.NewGenericWriter[any](w, parquet.NewSchema(string(schema.Layer), rootOf(schema)),
			parquet.Compression(&parquet.Zstd), parquet.DictionaryMaxBytes(batchBytes),
			// The order of well-known binary means nothing.
			parquet.SkipPageBounds(ColumnGeometry), parquet.SkipPageStatistics(ColumnGeometry)),
		schema: schema,
		batch:  make([][]parquet.Value, len(schema.Columns)+1),
		types:  map[string]bool{},
	}
	b.columns = b.file.ColumnWriters()
	for _, o := range options {
		o(b)
	}
	return export.NewDocument("geoparquet", schema, b), nil
}

// Write adds one feature.
func (b *body) Write(f *data.Feature) error {
	for i := range f.Values {
		v, ok := valueOf(&f.Values[i], &b.schema.Columns[i])
		if !ok {
			return fmt.Errorf("feature %q, column %q: the value %q is not of the column’s type", f.ID, b.schema.Columns[i].Name, f.Values[i].Format())
		}
		b.put(i, v)
	}
	geometry := parquet.NullValue()
	if f.Geometry != nil {
		form, err := wkb.Marshal(f.Geometry, binary.LittleEndian)
		if err != nil {
			return fmt.Errorf("feature %q: %w", f.ID, err)
		}
		geometry = parquet.ByteArrayValue(form)
		b.describe(f.Geometry)
	}
	b.put(len(f.Values), geometry)

	if len(b.batch[0]) < batchRows && b.batchBytes < batchBytes {
		return nil
	}
	return b.flushBatch()
}

func (b *body) put(column int, v parquet.Value) {
	defined := 1
	if v.IsNull() {
		defined = 0
	} else if v.Kind() == parquet.ByteArray {
		b.batchBytes += len(v.ByteArray())
	}
	b.batch[column] = append(b.batch[column], v.Level(0, defined, column))
}

func (b *body) describe(g orb.Geometry) {
	b.types[g.GeoJSONType()] = true
	bound := g.Bound()
	if bound.IsEmpty() {
		return
	}
	if b.bounded {
		bound = bound.Union(b.bound)
	}
	b.bound, b.bounded = bound, true
}

func (b *body) flushBatch() error {
	b.groupRows += len(b.batch[0])
	b.groupBytes += b.batchBytes
	b.batchBytes = 0
	for i, values := range b.batch {
		if _, err := b.columns[i].WriteRowValues(values); err != nil {
			return err
		}
		clear(values) // lets go of texts and geometries
		b.batch[i] = values[:0]
	}
	if b.groupRows < groupRows && b.groupBytes < groupBytes {
		return nil
	}
	b.groupRows, b.groupBytes = 0, 0
	return b.file.Flush()
}

// geo is the file's metadata (GeoParquet 1.1.0, "File metadata"). Without "crs" a
// column is in OGC:CRS84.
type geo struct {
	Version string               `json:"version"`
	Primary string               `json:"primary_column"`
	Columns map[string]geoColumn `json:"columns"`
}

type geoColumn struct {
	Encoding string    `json:"encoding"`
	Types    []string  `json:"geometry_types"`
	Box      []float64 `json:"bbox,omitempty"`
}

// Finish writes what is left and the end of the file.
func (b *body) Finish() error {
	if len(b.batch[0]) > 0 {
		if err := b.flushBatch(); err != nil {
			return err
		}
	}
	column := geoColumn{Encoding: "WKB", Types: slices.AppendSeq([]string{}, maps.Keys(b.types))}
	slices.Sort(column.Types)
	if b.bounded {
		column.Box = []float64{b.bound.Min[0], b.bound.Min[1], b.bound.Max[0], b.bound.Max[1]}
	}
	metadata, err := json.Marshal(geo{Version: "1.1.0", Primary: ColumnGeometry, Columns: map[string]geoColumn{ColumnGeometry: column}})
	if err != nil {
		return err
	}
	b.file.SetKeyValueMetadata("geo", string(metadata))
	return b.file.Close()
}

// Discard has nothing to let go of.
func (b *body) Discard() error { return nil }
