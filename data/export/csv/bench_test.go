package csv_test

import (
	"io"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data/export/csv"
)

func BenchmarkWrite(b *testing.B) {
	w, err := csv.NewWriter(io.Discard, schemaOf("Point"))
	if err != nil {
		b.Fatal(err)
	}
	f := feature("Foyer départemental", orb.Point{2.3522219, 48.8566101})
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(f); err != nil {
			b.Fatal(err)
		}
	}
}
