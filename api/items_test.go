package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Following next links gives every feature once, in order, whatever the page
// size and even when the client changes it on the way.
func TestPagingIsComplete(t *testing.T) {
	s := newServer(t)
	for _, limit := range []int{1, 7, 24, 25, 10000} {
		target := "/api/collections/sites/items?status=all&limit=" + strconv.Itoa(limit)
		var all []string
		for pages := 0; target != ""; pages++ {
			page := get[collection](t, s, target)
			if page.NumberMatched != sitesInFixture || page.NumberReturned != len(page.Features) || len(page.Features) > limit {
				t.Fatalf("limit %d: matched %d, returned %d of %d", limit, page.NumberMatched, page.NumberReturned, len(page.Features))
			}
			all = append(all, page.ids()...)
			next := hrefOf(page.Links, "next")
			if next == "" {
				break
			}
			u, err := url.Parse(next)
			if err != nil || pages > sitesInFixture {
				t.Fatalf("next %q (%v), page %d", next, err, pages)
			}
			if pages == 1 {
				q := u.Query()
				q.Set("limit", "10000")
				u.RawQuery = q.Encode()
				limit = 10000
			}
			target = u.RequestURI()
		}
		if len(all) != sitesInFixture || !slices.IsSorted(all) || len(slices.Compact(all)) != sitesInFixture {
			t.Errorf("limit %d gave %v", limit, all)
		}
	}
}

func TestItemsShape(t *testing.T) {
	s := newServer(t)
	w := s.do("GET", "/api/collections/sites/items?limit=2", "")
	if ct := w.Header().Get("Content-Type"); ct != "application/geo+json" {
		t.Errorf("Content-Type %q", ct)
	}
	if cc := w.Header().Get("Cache-Control"); cc != "no-store" {
		t.Errorf("homes may be stored by the browser: Cache-Control %q", cc)
	}
	if !strings.Contains(w.Body.String(), "?after=F-001&limit=2") {
		t.Error("the next link is not readable")
	}
	page := decode[collection](t, w)
	if page.Type != "FeatureCollection" || page.NumberMatched != sitesInFixture-1 || page.NumberReturned != 2 {
		t.Errorf("%+v", page)
	}
	if _, err := time.Parse(time.RFC3339, page.TimeStamp); err != nil {
		t.Error(err)
	}
	self := hrefOf(page.Links, "self")
	if self != "http://127.0.0.1:8080/api/collections/sites/items?limit=2" || hrefOf(page.Links, "collection") != "http://127.0.0.1:8080/api/collections/sites" {
		t.Errorf("links %+v", page.Links)
	}
	f := page.Features[0]
	if f.Type != "Feature" || f.ID != "F-000" || f.Properties["site_id"] != "F-000" || f.Properties["in_zone"] != true ||
		f.Properties["nearest_zone_id"] != "QN00101I" || f.Properties["capacity"] != 10.0 {
		t.Errorf("feature %+v", f)
	}
	for login, want := range map[string]string{"": "private, no-cache", "inspector": "private, no-cache", "mia": "no-store"} { // mia sees restricted ones
		if zones := s.as(login, "GET", "/api/collections/zones/items", "").Header().Get("Cache-Control"); zones != want {
			t.Errorf("zones of %q: Cache-Control %q, want %q", login, zones, want)
		}
	}
}

func TestEmptyAnswerIsCompact(t *testing.T) {
	w := newServer(t).do("GET", "/api/collections/sites/items?bbox=-60,-40,-59,-39", "")
	for _, want := range []string{`"features":[]`, `"numberReturned":0`, `"numberMatched":0`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is not in %s", want, w.Body)
		}
	}
}

func TestFilters(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		query string
		want  int
	}{
		{"sites/items", sitesInFixture - 1},
		{"sites/items?status=open", sitesInFixture - 1},
		{"sites/items?status=closed", 1},
		{"sites/items?status=all", sitesInFixture},
		{"sites/items?in_zone=true", 3},
		{"sites/items?in_zone=1", 3},
		{"sites/items?in_zone=false", sitesInFixture - 5},
		{"sites/items?department_code=01&kind=mecs", sitesInFixture - 1},
		{"sites/items?department_code=75", 0},
		{"sites/items?proximity_status=not_located", 1},
		{"sites/items?bbox=5.295,45.9,5.325,46", 3},
		{"sites/items?bbox=5.295,45.9,-100,5.325,46,9000", 3},
		{"sites/items?bbox=5.30,45.95,5.30,45.95", 1},
		{"sites/items?datetime=2026-01-01/..", sitesInFixture - 1},
		{"zones/items", 2},
		{"zones/items?edition=all", 3},
		{"zones/items?edition=2015", 1},
		{"zones/items?kind=qpv", 1},
		{"zones/items?kind=zsp", 0},
		{"zones/items?bbox=170,-20,-170,-10", 1},
		{"zones/items?bbox=5.31,45.95,5.311,45.951", 1},
		{"places/items?kind=police", 1},
		{"areas/items?level=department&code=01", 1},
		{"areas/items?level=commune", 0},
	} {
		page := get[collection](t, s, "/api/collections/"+tt.query)
		if page.NumberMatched != tt.want || len(page.Features) != tt.want {
			t.Errorf("%s: %d matched, %d given, want %d", tt.query, page.NumberMatched, len(page.Features), tt.want)
		}
	}
}

func TestBadQueries(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct{ query, code, field string }{
		{"limit=unlimited", "invalid-parameter", "limit"},
		{"limit=0", "invalid-parameter", "limit"},
		{"limit=10001", "invalid-parameter", "limit"},
		{"bbox=1,2,3", "invalid-parameter", "bbox"},
		{"bbox=1,2,3,4,5", "invalid-parameter", "bbox"},
		{"bbox=a,b,c,d", "invalid-parameter", "bbox"},
		{"bbox=NaN,0,1,1", "invalid-parameter", "bbox"},
		{"bbox=0,0,Inf,1", "invalid-parameter", "bbox"},
		{"bbox=-181,0,1,1", "invalid-parameter", "bbox"},
		{"bbox=0,91,1,92", "invalid-parameter", "bbox"},
		{"bbox=0,2,1,1", "invalid-parameter", "bbox"},
		{"status=half", "invalid-parameter", "status"},
		{"in_zone=perhaps", "invalid-parameter", "in_zone"},
		{"kind=castle", "invalid-parameter", "kind"},
		{"datetime=yesterday", "invalid-parameter", "datetime"},
		{"after=" + strings.Repeat("a", 201), "invalid-parameter", "after"},
		{"capacity=3", "unknown-parameter", "capacity"},
		{"edition=2024", "unknown-parameter", "edition"},
	} {
		p := wantProblem(t, s.do("GET", "/api/collections/sites/items?"+tt.query, ""), 400, tt.code)
		if len(p.Problems) != 1 || p.Problems[0].Field != tt.field {
			t.Errorf("%s: problems %+v", tt.query, p.Problems)
		}
		if tt.code == "unknown-parameter" && !strings.Contains(p.Detail, "department_code") {
			t.Errorf("%s: the accepted parameters are not named: %s", tt.query, p.Detail)
		}
	}
}

func TestOneFeature(t *testing.T) {
	s := newServer(t)
	for _, target := range []string{
		"/api/collections/sites/items/F-001", "/api/collections/zones/items/qpv.2015.QP001001",
		"/api/collections/zones/items/custom.1.a%2Fb%20c", "/api/collections/places/items/P-1", "/api/collections/areas/items/department.01",
	} {
		f := get[feature](t, s, target)
		if f.Type != "Feature" || hrefOf(f.Links, "self") != "http://127.0.0.1:8080"+target || hrefOf(f.Links, "collection") == "" {
			t.Errorf("%s: %+v", target, f)
		}
	}
	for _, target := range []string{"/api/collections/sites/items/nobody", "/api/collections/nothing/items", "/api/collections/nothing"} {
		wantProblem(t, s.do("GET", target, ""), 404, "not-found")
	}
	unlocated := get[feature](t, s, "/api/collections/sites/items/F-023")
	if string(unlocated.Geometry) != "null" || unlocated.Properties["in_zone"] != nil || unlocated.Properties["proximity_status"] != "not_located" {
		t.Errorf("home without position: %+v", unlocated)
	}
}

// A validator changes with the data and only then.
func TestItemsValidator(t *testing.T) {
	s := newServer(t)
	const target = "/api/collections/sites/items?limit=3"
	tag := s.do("GET", target, "").Header().Get("ETag")
	if w := s.do("GET", target, "", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Fatalf("%d with %d bytes", w.Code, w.Body.Len())
	}
	zones := s.do("GET", "/api/collections/zones/items", "").Header().Get("ETag")
	if w := s.do("PATCH", "/api/sites/F-000", `{"name":"Autre nom fictif"}`, "If-Match", `"1"`, "Content-Type", "application/merge-patch+json"); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := s.do("GET", target, "", "If-None-Match", tag); w.Code != 200 || !strings.Contains(w.Body.String(), "Autre nom fictif") {
		t.Errorf("the change is not seen: %d", w.Code)
	}
	if w := s.do("GET", "/api/collections/zones/items", "", "If-None-Match", zones); w.Code != http.StatusNotModified {
		t.Errorf("zones did not change, yet: %d", w.Code)
	}
}

func TestHeadAndGzip(t *testing.T) {
	s := newServer(t)
	head := s.do("HEAD", "/api/collections/sites/items", "")
	if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") == "" {
		t.Errorf("HEAD: %d, %d bytes, %v", head.Code, head.Body.Len(), head.Header())
	}
	if w := s.do("GET", "/api/collections/sites/items", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("header %v", w.Header())
	}
	wantProblem(t, s.do("GET", "/api/collections/sites/items", "", "Accept", "image/png"), 406, "not-acceptable")
	wantProblem(t, s.do("DELETE", "/api/collections/sites/items", ""), 405, "method-not-allowed")
}

// Rule 13: who read which homes is kept, before they are given; a read that
// can't be kept does not happen.
func TestReadsAreAudited(t *testing.T) {
	s := newServer(t)
	get[collection](t, s, "/api/collections/sites/items?limit=2")
	get[feature](t, s, "/api/collections/sites/items/F-005")
	get[map[string]any](t, s, "/api/sites/F-006")
	get[collection](t, s, "/api/collections/zones/items")
	get[collection](t, s, "/api/collections/sites/items?department_code=75")
	s.do("POST", "/api/assess", `{"lon":5.3,"lat":45.95}`)
	want := [][]string{{"F-000", "F-001"}, {"F-005"}, {"F-006"}, nil}
	if len(s.audit.entries) != len(want) {
		t.Fatalf("entries %+v", s.audit.entries)
	}
	for i, e := range s.audit.entries {
		if !slices.Equal(e.Records, want[i]) || e.Subject != "mia" || e.At.IsZero() || e.Count != max(len(want[i]), 1) {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	s.audit.err = http.ErrServerClosed
	for _, target := range []string{"/api/collections/sites/items", "/api/collections/sites/items/F-005", "/api/sites/F-005"} {
		w := s.do("GET", target, "")
		wantProblem(t, w, 500, "internal")
		if strings.Contains(w.Body.String(), "Imaginaire") {
			t.Errorf("%s leaks an address without a journal", target)
		}
	}
}

func TestLogsHoldNoHome(t *testing.T) {
	s := newServer(t)
	for _, target := range []string{
		"/api/collections/sites/items?bbox=5.295,45.9,5.325,46", "/api/collections/sites/items/F-003",
		"/api/sites/F-003", "/api/collections/sites/items?after=F-003", "/api/sites/F-003?bbox=5.295",
	} {
		s.do("GET", target, "")
	}
	s.do("POST", "/api/assess", `{"lon":5.30123,"lat":45.95}`)
	s.do("POST", "/api/assess", `{"lon":5.30123,"lat":4595}`)
	for _, secret := range []string{"F-003", "5.295", "5.30123", "Imaginaire", "fictif"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.log)
		}
	}
}

// Readers never see a failure nor half a change while homes are being edited.
func TestReadersDuringWrites(t *testing.T) {
	s := newServer(t)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				page := decode[collection](t, s.do("GET", "/api/collections/sites/items?status=all", ""))
				if page.NumberMatched != sitesInFixture || len(page.Features) != sitesInFixture {
					t.Errorf("%d homes matched, %d given", page.NumberMatched, len(page.Features))
					return
				}
				for _, f := range page.Features[:2] {
					version, _ := f.Properties["version"].(float64)
					if version > 1 && f.Properties["name"] != "Version "+strconv.Itoa(int(version)) {
						t.Errorf("version %v is named %v", version, f.Properties["name"])
						return
					}
				}
			}
		})
	}
	for version := 1; version <= 15; version++ {
		for _, id := range []string{"F-000", "F-001"} {
			w := s.do("PATCH", "/api/sites/"+id, `{"name":"Version `+strconv.Itoa(version+1)+`"}`, "If-Match", `"`+strconv.Itoa(version)+`"`)
			if w.Code != http.StatusOK {
				t.Errorf("version %d: %d %s", version, w.Code, w.Body)
			}
		}
	}
	close(done)
	readers.Wait()
}

// A copy of what is not in CRS84 says so itself.
func TestDocumentsSayTheirSystem(t *testing.T) {
	s := newDemoServer(t)
	for uri, want := range map[string][2]any{
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84": {nil, nil},
		"http://www.opengis.net/def/crs/EPSG/0/4326":   {"http://www.opengis.net/def/crs/EPSG/0/4326", nil},
		"http://www.opengis.net/def/crs/EPSG/0/2154":   {"http://www.opengis.net/def/crs/EPSG/0/2154", "urn:ogc:def:crs:EPSG::2154"},
	} {
		page := decode[map[string]any](t, s.do("GET", "/api/collections/zones/items?limit=1&crs="+uri, ""))
		id := page["features"].([]any)[0].(map[string]any)["id"].(string)
		for what, document := range map[string]map[string]any{
			"page": page, "feature": decode[map[string]any](t, s.do("GET", "/api/collections/zones/items/"+url.PathEscape(id)+"?crs="+uri, "")),
		} {
			var name any
			if member, ok := document["crs"].(map[string]any); ok {
				name = member["properties"].(map[string]any)["name"]
			}
			if document["coordRefSys"] != want[0] || name != want[1] {
				t.Errorf("%s in %s: coordRefSys %v, crs %v", what, uri, document["coordRefSys"], name)
			}
		}
	}
}
