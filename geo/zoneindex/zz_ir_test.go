package zoneindex

import (
	"os"
	"testing"
)

func BenchmarkYY(b *testing.B) {
	o := Options{Radii: []float64{500, 1000, 2000}}
	switch os.Getenv("ZZO") {
	case "ac":
		o.ShareUpTo = -1
	case "ad2":
		o.ShareUpTo = 1000
	}
	geoms := benchZones(b)
	ix := Build(geoms)
	points := benchSites(b, geoms)[:4000]
	m := ix.NewMeter(o)
	for _, p := range points {
		m.Measure(p)
	}
}
