package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

// BenchmarkEachSite reads 20,000 homes of a GeoJSON, validation included.
func BenchmarkEachSite(b *testing.B) {
	const n = 20_000
	features := make([]string, n)
	for i := range features {
		features[i] = fmt.Sprintf(`{"type":"Feature","properties":{"site_id":"S%06d","name":"Foyer %d","kind":"mecs"},"geometry":{"type":"Point","coordinates":[%.5f,%.5f]}}`,
			i, i, 2+float64(i%1000)/1000, 46+float64(i/1000)/1000)
	}
	content := collection(features...)
	b.ReportAllocs()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "s.geojson", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		rep, err := EachSite(context.Background(), in, source.Options{KeepGeometryOnly: true}, "", func(data.Site) error { return nil })
		if err != nil || rep.Counts.Kept != n {
			b.Fatal(rep, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/home")
}
