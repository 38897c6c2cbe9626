package shapefile

import (
	"testing"

	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

// BenchmarkOfficialQPV2015 reads the 1,296 zones of the metropolitan shapefile.
func BenchmarkOfficialQPV2015(b *testing.B) {
	path := sourcetest.Real(b, "qpv2015/QP_METROPOLE_LB93.shp")
	b.ReportAllocs()
	for b.Loop() {
		in, err := source.Open(path, source.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		r := sourcetest.Read(Format{}, in, zoneOptions)
		in.Close()
		if r.Err != nil || len(r.Zones) != 1296 {
			b.Fatalf("%v, %d zones", r.Err, len(r.Zones))
		}
	}
}
