package gpkg_test

import (
	"io"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export/gpkg"
)

// BenchmarkWrite measures one point with its properties and its index entry.
func BenchmarkWrite(b *testing.B) {
	w, err := gpkg.NewWriter(io.Discard, sites, gpkg.WithTempDir(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	f := &data.Feature{ID: "a", Values: values("010000001")}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		f.Geometry = orb.Point{float64(i%1000) / 100, 42 + float64(i%700)/100}
		if err := w.Write(f); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
