package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Whatever is asked, the server answers JSON and never fails.
func FuzzItemsQuery(f *testing.F) {
	s := newServer(f)
	for _, q := range []string{
		"", "limit=1&after=F-001", "bbox=1,2,3,4", "bbox=1e400,,,", "limit=1e1", "limit=0x10", "datetime=2026-01-01/..", "in_zone=T&kind=mecs",
		"lang=en&status=all", "a=b;c", "%00=1", "after=%ff%fe", "limit=9223372036854775808", "bbox=1%2C2,3,4&bbox=", "department_code=%F0%9F%8F%A0",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r == '#' || r == 0x7f || r == 0xfffd }) {
			t.Skip("not a query that HTTP carries")
		}
		check(t, s, "GET", "/api/collections/sites/items?"+query, "")
	})
}

func FuzzSiteBody(f *testing.F) {
	s := newServer(f)
	for _, body := range []string{
		`{"name":"A","commune_code":"01004"}`, `{"name":"A","capacity":1e30}`, `{"name":"A","capacity":1e2,"commune_code":"01004"}`, `{"position":null}`,
		`{"name":"A","position":{"lon":1e308,"lat":0}}`, `{"address":{"street":null}}`, `[]`, `{"name":"\u0000"}`, `{"name":"A"}{"name":"B"}`, "{\"name\":\"\xff\"}",
		`{"name":"A","name":"B"}`, strings.Repeat("[", 5000),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		check(t, s, "POST", "/api/sites", body)
		check(t, s, "PATCH", "/api/sites/F-001", body, "If-Match", "*")
		check(t, s, "POST", "/api/assess", body)
	})
}

func check(t *testing.T, s *server, method, target, body string, headers ...string) {
	t.Helper()
	w := s.do(method, target, body, append([]string{"Content-Type", "application/json"}, headers...)...)
	if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%s %s %q: %d %s", method, target, body, w.Code, w.Body)
	}
}
