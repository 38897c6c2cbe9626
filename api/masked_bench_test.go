package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"vigie/api"
	"vigie/data"
	"vigie/data/sqlite"
	"vigie/geo/crs"
)

// maskedFile is a stock as large as the country's, of which the analyst sees the masked view.
var maskedFile = databaseOf("01", func(ctx context.Context, store *sqlite.Store) error {
	entry := data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}
	r := data.Release{
		ID: "2026-10-01", Rules: data.ReleaseRules, FrozenAt: now(), K: 11, Bands: []string{"nearest_zone_distance_m", "qpv_nearest_zone_distance_m", "zone_share_1000m", "zones_within_1000m"},
	}
	lambert, _ := crs.ByCode(3035)
	for i := range 12_000 {
		cell := crs.CellAt(lambert, 2000, 2.6+float64(i%100)*0.01, 46.4+float64(i/100%50)*0.01)
		r.Rows = append(r.Rows, data.MaskedSite{
			Pseudonym: fmt.Sprintf("M%015d", i), SiteID: fmt.Sprintf("F-%d", i), Kind: "mecs", Category: "177", DepartmentCode: fmt.Sprintf("%02d", 1+i/8000*2),
			Cell: cell.ID(), Class: i % 6, Codes: []string{"0_100", "100_300", "0", "1_2"},
		})
	}
	return store.PutRelease(ctx, operator(), &r, entry)
})

// What the peers of .ci/bench-serving are asked for, of the masked viewer: a page and one item;
// cpu-µs is the processor time of the whole process, journal and collector included.
func BenchmarkMasked(b *testing.B) {
	s := newServerOn(b, maskedFile, func(*api.Config) {})
	authorization := "Bearer " + s.token(b, "analyst", false)
	for name, target := range map[string]string{
		"page":     "/api/collections/sites/items?limit=1000",
		"bbox":     "/api/collections/sites/items?bbox=2,46,4,48&limit=1000",
		"item":     "/api/collections/sites/items/M000000000004000",
		"filtered": "/api/collections/sites/items?limit=1000&filter=S_INTERSECTS(geometry,BBOX(2.6,46.4,2.7,46.5))+AND+kind='mecs'",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var before, after syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(8) // at once for each processor: the journal writes for many together
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest("GET", target, nil)
					r.Host = "localhost"
					r.Header.Set("Authorization", authorization)
					s.ServeHTTP(&discard{http.Header{}}, r)
				}
			})
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
				b.Fatal(err)
			}
			used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(float64(used.Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
		})
	}
}
