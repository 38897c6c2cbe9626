// Package geoparquet writes features as GeoParquet 1.1.0: typed columns that may hold
// nulls, and a column "geometry" of well-known binary in longitude and latitude
// (OGC:CRS84). Row groups are written as they fill, so memory does not grow with the
// number of features. A file without its end, which Close writes, can't be opened.
package geoparquet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
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
type Option func(*writer)

// WithProvenance puts the provenance, as JSON, in the file's key-value metadata under
// "provenance".
func WithProvenance(p *data.Provenance) Option {
	return func(w *writer) { w.file.SetKeyValueMetadata(export.MemberProvenance, string(p.JSON())) }
}

type writer struct {
	file    *parquet.GenericWriter[any]
	schema  *data.Schema
	columns []*parquet.ColumnWriter
	batch   [][]parquet.Value // a slice for each column, the geometry last

	batchBytes, groupRows, groupBytes int

	types   map[string]bool // of the geometries written
	bound   orb.Bound
	bounded bool
	err     error
	closed  bool
}

// NewWriter starts a file on w. It is complete once Close returned nil.
func NewWriter(w io.Writer, schema *data.Schema, options ...Option) (data.FeatureWriter, error) {
	if err := export.CheckColumns(schema, ColumnGeometry); err != nil {
		return nil, fmt.Errorf("geoparquet: %w", err)
	}
	gw := &writer{
		file: parquet.NewGenericWriter[any](w, parquet.NewSchema(string(schema.Layer), rootOf(schema)),
			parquet.Compression(&parquet.Zstd), parquet.DictionaryMaxBytes(batchBytes),
			// The order of well-known binary means nothing.
			parquet.SkipPageBounds(ColumnGeometry), parquet.SkipPageStatistics(ColumnGeometry)),
		schema: schema,
		batch:  make([][]parquet.Value, len(schema.Columns)+1),
		types:  map[string]bool{},
	}
	gw.columns = gw.file.ColumnWriters()
	for _, o := range options {
		o(gw)
	}
	return gw, nil
}

// Write adds one feature. A value of another type than its column's is an error, but
// that a column of text takes any value.
func (w *writer) Write(f *data.Feature) error {
	if w.closed {
		return errors.New("geoparquet: write after close")
	}
	if w.err == nil {
		if err := w.write(f); err != nil {
			w.err = fmt.Errorf("geoparquet: %w", err)
		}
	}
	return w.err
}

func (w *writer) write(f *data.Feature) error {
	if err := export.CheckFeature(w.schema, f); err != nil {
		return err
	}
	for i := range f.Values {
		v, ok := valueOf(&f.Values[i], &w.schema.Columns[i])
		if !ok {
			return fmt.Errorf("feature %q: the value %q of column %q is not of the column’s type", f.ID, f.Values[i].Format(), w.schema.Columns[i].Name)
		}
		w.put(i, v)
	}
	geometry := parquet.NullValue()
	if f.Geometry != nil {
		b, err := wkb.Marshal(f.Geometry, binary.LittleEndian)
		if err != nil {
			return fmt.Errorf("feature %q: %w", f.ID, err)
		}
		geometry = parquet.ByteArrayValue(b)
		w.describe(f.Geometry)
	}
	w.put(len(f.Values), geometry)

	if len(w.batch[0]) < batchRows && w.batchBytes < batchBytes {
		return nil
	}
	return w.flushBatch()
}

func (w *writer) put(column int, v parquet.Value) {
	defined := 1
	if v.IsNull() {
		defined = 0
	} else if v.Kind() == parquet.ByteArray {
		w.batchBytes += len(v.ByteArray())
	}
	w.batch[column] = append(w.batch[column], v.Level(0, defined, column))
}

func (w *writer) describe(g orb.Geometry) {
	w.types[g.GeoJSONType()] = true
	bound := g.Bound()
	if bound.IsEmpty() {
		return
	}
	if w.bounded {
		bound = bound.Union(w.bound)
	}
	w.bound, w.bounded = bound, true
}

func (w *writer) flushBatch() error {
	w.groupRows += len(w.batch[0])
	w.groupBytes += w.batchBytes
	w.batchBytes = 0
	for i, values := range w.batch {
		if _, err := w.columns[i].WriteRowValues(values); err != nil {
			return err
		}
		clear(values) // lets go of texts and geometries
		w.batch[i] = values[:0]
	}
	if w.groupRows < groupRows && w.groupBytes < groupBytes {
		return nil
	}
	w.groupRows, w.groupBytes = 0, 0
	return w.file.Flush()
}

// Close writes what is left and the end of the file. After a failed Write it returns
// that failure, and the file stays without its end.
func (w *writer) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	if w.err == nil {
		if err := w.finish(); err != nil {
			w.err = fmt.Errorf("geoparquet: %w", err)
		}
	}
	return w.err
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

func (w *writer) finish() error {
	if len(w.batch[0]) > 0 {
		if err := w.flushBatch(); err != nil {
			return err
		}
	}
	column := geoColumn{Encoding: "WKB", Types: slices.AppendSeq([]string{}, maps.Keys(w.types))}
	slices.Sort(column.Types)
	if w.bounded {
		column.Box = []float64{w.bound.Min[0], w.bound.Min[1], w.bound.Max[0], w.bound.Max[1]}
	}
	metadata, err := json.Marshal(geo{Version: "1.1.0", Primary: ColumnGeometry, Columns: map[string]geoColumn{ColumnGeometry: column}})
	if err != nil {
		return err
	}
	w.file.SetKeyValueMetadata("geo", string(metadata))
	return w.file.Close()
}
