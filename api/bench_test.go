package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// discard is a client that reads everything and keeps nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func BenchmarkRequests(b *testing.B) {
	s := newServer(b)
	cookies := s.cookiesOf("mia")
	for name, target := range map[string]string{
		"landing": "/api/", "zones_bbox": "/api/collections/zones/items?bbox=5,45,6,46&limit=10",
		"zone": "/api/collections/zones/items/qpv.2024.QN00101I", "site_audited": "/api/collections/sites/items/F-001",
		"sites_audited": "/api/collections/sites/items?bbox=5,45,6,46",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", target, nil)
				r.Host = "localhost"
				r.Header.Set("Cookie", cookies)
				s.ServeHTTP(&discard{http.Header{}}, r)
			}
		})
	}
}
