package api_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

func init() {
	// What the validator of answers can't read by itself.
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/css", openapi3filter.FileBodyDecoder)
}

const (
	core       = "http://www.opengis.net/spec/ogcapi-features-1/1.0/req/core/"
	oas30      = "http://www.opengis.net/spec/ogcapi-features-1/1.0/req/oas30/"
	htmlClass  = "http://www.opengis.net/spec/ogcapi-features-1/1.0/req/html/"
	geoJSON    = "http://www.opengis.net/spec/ogcapi-features-1/1.0/req/geojson/"
	crsClass   = "http://www.opengis.net/spec/ogcapi-features-2/1.0/req/crs/"
	queryables = "http://www.opengis.net/spec/ogcapi-features-3/1.0/req/queryables/"
	filters    = "http://www.opengis.net/spec/ogcapi-features-3/1.0/req/filter/"
	features   = "http://www.opengis.net/spec/ogcapi-features-3/1.0/req/features-filter/"
	schemas5   = "http://www.opengis.net/spec/ogcapi-features-5/1.0/req/"
	schemas    = schemas5 + "schemas/"
	cql2       = "http://www.opengis.net/spec/cql2/1.0/req/"
	own        = "urn:vigie:req:" // what the official suite computes but does not assert
)

const (
	crs84     = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsg4326  = "http://www.opengis.net/def/crs/EPSG/0/4326"
	lambert93 = "http://www.opengis.net/def/crs/EPSG/0/2154"
	relSchema = "http://www.opengis.net/def/rel/ogc/1.0/schema"
)

var collectionIDs = []string{"sites", "zones", "places", "departments", "areas"}

func path(t *testing.T, href string) string {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil || u.Host != "127.0.0.1:8080" {
		t.Fatalf("link %q (%v)", href, err)
	}
	return u.RequestURI()
}

func linkOf(t *testing.T, links []link, rel, mediaType string) link {
	t.Helper()
	for _, l := range links {
		if l.Rel == rel && l.Type == mediaType {
			return l
		}
	}
	t.Fatalf("no link %s of type %s in %+v", rel, mediaType, links)
	return link{}
}

func items(id, query string) string { return "/api/collections/" + id + "/items?" + query }

func asked(id string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return items(id, q.Encode())
}

// pointOf is the position of a home.
func pointOf(t *testing.T, f feature) orb.Point {
	t.Helper()
	var g struct{ Coordinates orb.Point }
	if err := json.Unmarshal(f.Geometry, &g); err != nil {
		t.Fatal(err)
	}
	return g.Coordinates
}

// exampleText is an example of the OpenAPI document as it stands in an address.
func exampleText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(value), " ", ","), "[]")
}

type collectionDocument struct {
	ID, Title, Description, StorageCRS string
	CRS                                []string
	Extent                             struct {
		Spatial  struct{ BBox [][]float64 }
		Temporal *struct{ Interval [][2]*string }
	}
	Links []link
}

var linkHeader = regexp.MustCompile(`^<([^>]+)>; rel="([a-z]+)"; type="([^"]+)"$`)

// Each requirement by its URI.
var requirements = []struct {
	uri  string
	test func(*testing.T, *server)
}{
	{core + "root-success", func(t *testing.T, s *server) {
		landing := get[struct{ Links []link }](t, s, "/api/")
		for rel, mediaType := range map[string]string{
			"self": "application/json", "alternate": "text/html", "conformance": "application/json", "data": "application/json",
			"service-desc": "application/vnd.oai.openapi+json;version=3.0", "service-doc": "text/html",
		} {
			l := linkOf(t, landing.Links, rel, mediaType)
			w := s.do("GET", path(t, l.Href), "")
			if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), mediaType) {
				t.Errorf("%s: %d %s", l.Href, w.Code, w.Header().Get("Content-Type"))
			}
		}
	}},
	{core + "api-definition-success", func(t *testing.T, s *server) {
		if v := document(t, s).OpenAPI; !strings.HasPrefix(v, "3.0.") {
			t.Error(v)
		}
	}},
	{oas30 + "oas-definition-2", func(t *testing.T, s *server) { document(t, s) }},
	{core + "conformance-success", func(t *testing.T, s *server) {
		if document(t, s).Paths.Value("/conformance") == nil {
			t.Error("/conformance is not in the document")
		}
		conforms := get[struct{ ConformsTo []string }](t, s, "/api/conformance").ConformsTo
		for _, class := range []string{
			"ogcapi-features-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/oas30", "ogcapi-features-1/1.0/conf/html", "ogcapi-features-1/1.0/conf/geojson",
			"ogcapi-features-2/1.0/conf/crs", "ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter", "cql2/1.0/conf/cql2-text", "cql2/1.0/conf/basic-cql2",
		} {
			if !slices.Contains(conforms, "http://www.opengis.net/spec/"+class) {
				t.Errorf("%s is not declared", class)
			}
		}
	}},
	{core + "http", func(t *testing.T, s *server) {
		server := httptest.NewServer(s)
		defer server.Close()
		r, err := http.Get(server.URL + "/api/")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if r.ProtoMajor != 1 || r.ProtoMinor != 1 || r.StatusCode != 200 {
			t.Errorf("%s %d", r.Proto, r.StatusCode)
		}
	}},
	{core + "query-param-invalid", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			wantProblem(t, s.do("GET", items(id, "limit=unlimited"), ""), 400, "invalid-parameter")
			wantProblem(t, s.do("GET", items(id, "datetime=2021-02-30"), ""), 400, "invalid-parameter")
			wantProblem(t, s.do("GET", items(id, "datetime=2021-02-01/2020-01-01"), ""), 400, "invalid-parameter")
		}
	}},
	{core + "query-param-unknown", func(t *testing.T, s *server) {
		targets := []string{"/api/", "/api/conformance", "/api/collections", "/api/openapi.json", "/api/docs"}
		for _, id := range collectionIDs {
			for _, path := range []string{"", "/schema", "/queryables", "/sortables", "/items", "/items/nothing"} {
				targets = append(targets, "/api/collections/"+id+path)
			}
		}
		for _, target := range targets {
			wantProblem(t, s.do("GET", target+"?castle=1", ""), 400, "unknown-parameter")
		}
	}},
	{own + "repeated-parameters", func(t *testing.T, s *server) {
		// The last value holds.
		for query, want := range map[string]int{"limit=1&limit=2": 2, "limit=unlimited&limit=3": 3, "bbox=0,0,1,1&bbox=5.305,45.9,5.325,46": 2, "filter=FALSE&filter=capacity%3D12": 1, "kind=x&kind=mecs&limit=4": 4} {
			if page := get[collection](t, s, items("sites", query)); page.NumberReturned != want {
				t.Errorf("%s: %d, want %d", query, page.NumberReturned, want)
			}
		}
		wantProblem(t, s.do("GET", items("sites", "limit=3&limit=unlimited"), ""), 400, "invalid-parameter")
	}},
	{core + "crs84", func(t *testing.T, s *server) {
		for _, f := range get[collection](t, s, items("sites", "limit=1000")).Features {
			if string(f.Geometry) == "null" {
				continue
			}
			if p := pointOf(t, f); math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 || p[1] < 45 || p[0] > 7 {
				t.Errorf("%s at %v", f.ID, p)
			}
		}
	}},
	{core + "fc-md-links", func(t *testing.T, s *server) {
		list := get[struct {
			Links       []link
			Collections []collectionDocument
			CRS         []string
		}](t, s, "/api/collections")
		linkOf(t, list.Links, "self", "application/json")
		linkOf(t, list.Links, "alternate", "text/html")
		if list.CRS[0] != crs84 || len(list.Collections) != len(collectionIDs) {
			t.Errorf("%v, %d collections", list.CRS, len(list.Collections))
		}
	}},
	{core + "fc-md-items-links", func(t *testing.T, s *server) {
		for _, c := range get[struct{ Collections []collectionDocument }](t, s, "/api/collections").Collections {
			linkOf(t, c.Links, "alternate", "text/html")
			page := get[collection](t, s, path(t, linkOf(t, c.Links, "items", "application/geo+json").Href))
			if page.Type != "FeatureCollection" || page.Features == nil {
				t.Errorf("%s: %+v", c.ID, page)
			}
			for _, rel := range []string{relSchema, "http://www.opengis.net/def/rel/ogc/1.0/queryables", "http://www.opengis.net/def/rel/ogc/1.0/sortables", "describedby"} {
				if w := s.do("GET", path(t, linkOf(t, c.Links, rel, "application/schema+json").Href), ""); w.Code != 200 || w.Header().Get("Content-Type") != "application/schema+json" {
					t.Errorf("%s %s: %d", c.ID, rel, w.Code)
				}
			}
		}
	}},
	{core + "fc-md-extent", func(t *testing.T, s *server) {
		for _, c := range get[struct{ Collections []collectionDocument }](t, s, "/api/collections").Collections {
			b := c.Extent.Spatial.BBox[0]
			if b[0] < -180 || b[2] > 180 || b[1] < -90 || b[3] > 90 || b[0] > b[2] || b[1] > b[3] {
				t.Errorf("%s: %v", c.ID, b)
			}
		}
	}},
	{own + "temporal-extent", func(t *testing.T, s *server) {
		// When homes of the fixture opened is not known, and most are open.
		for id, want := range map[string]string{"sites": `[[null,null]]`, "zones": `[["2015-01-01T00:00:00Z",null]]`} {
			if extent := get[collectionDocument](t, s, "/api/collections/"+id).Extent.Temporal; extent == nil || jsonOf(t, extent.Interval) != want {
				t.Errorf("%s: %+v", id, extent)
			}
		}
		// Nothing is said of what has no dates.
		for _, target := range []string{"places", "areas", "departments", "sites?precision=masked"} {
			if extent := get[collectionDocument](t, s, "/api/collections/"+target).Extent.Temporal; extent != nil {
				t.Errorf("%s: %+v", target, extent)
			}
		}
	}},
	{core + "sfc-md-success", func(t *testing.T, s *server) {
		for _, c := range get[struct{ Collections []map[string]any }](t, s, "/api/collections").Collections {
			alone := get[map[string]any](t, s, "/api/collections/"+c["id"].(string))
			for _, member := range []string{"id", "title", "description", "extent", "crs", "storageCrs"} {
				if a, b := jsonOf(t, c[member]), jsonOf(t, alone[member]); a != b || a == "null" {
					t.Errorf("%s: %s is %s and %s", c["id"], member, a, b)
				}
			}
		}
	}},
	{core + "fc-limit-definition", func(t *testing.T, s *server) {
		doc := document(t, s)
		for _, id := range collectionIDs {
			p := doc.Paths.Value("/collections/"+id+"/items").Get.Parameters.GetByInAndName("query", "limit")
			limit := p.Schema.Value
			if !limit.Type.Is("integer") || p.Style != "form" || *p.Explode || *limit.Min != 1 || limit.Default == nil || *limit.Max < 1000 {
				t.Errorf("%s: %+v", id, limit)
			}
		}
	}},
	{core + "fc-limit-response-1", func(t *testing.T, s *server) {
		for _, limit := range []int{1, 3, 10000} {
			if page := get[collection](t, s, items("sites", "limit="+strconv.Itoa(limit))); len(page.Features) > limit {
				t.Errorf("%d features of %d", len(page.Features), limit)
			}
		}
	}},
	{core + "fc-bbox-definition", func(t *testing.T, s *server) {
		doc := document(t, s)
		for _, id := range collectionIDs {
			p := doc.Paths.Value("/collections/"+id+"/items").Get.Parameters.GetByInAndName("query", "bbox")
			b := p.Schema.Value
			if p.Required || p.Style != "form" || *p.Explode || !b.Type.Is("array") || !b.Items.Value.Type.Is("number") || b.MinItems != 4 || *b.MaxItems != 6 {
				t.Errorf("%s: %+v", id, b)
			}
		}
	}},
	{core + "fc-bbox-response", func(t *testing.T, s *server) {
		for _, c := range get[struct{ Collections []collectionDocument }](t, s, "/api/collections").Collections {
			b := c.Extent.Spatial.BBox[0]
			extent := strings.Trim(strings.ReplaceAll(fmt.Sprint(b), " ", ","), "[]")
			for _, box := range []string{extent, "-1.5,50,1.5,53", "-80,-5,-70,5", "177,65,-177,70", "-180,85,180,90", "-180,-90,180,-85"} {
				page := get[collection](t, s, items(c.ID, "limit=1000&bbox="+box))
				if box == extent && page.NumberMatched == 0 || box != extent && page.NumberMatched != 0 {
					t.Errorf("%s in %s: %d", c.ID, box, page.NumberMatched)
				}
			}
		}
		for box, want := range map[string][]string{"5.305,45.9,5.325,46": {"F-001", "F-002"}, "5.31,45.95,5.31,45.95": {"F-001"}, "5.311,45.95,5.319,45.96": {}} {
			if got := get[collection](t, s, items("sites", "bbox="+box)).ids(); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", box, got, want)
			}
		}
		// A zone of the fixture is next to the antimeridian.
		for box, want := range map[string]int{"179,-18,-179,-16": 1, "179.95,-18,-179,-16": 0, "-180,-90,180,90": 2, "-180,-90,0,180,90,100": 2, "179.9,-16.5,180,-16": 1, "-180,-18,-179,-16": 0} {
			if page := get[collection](t, s, items("zones", "bbox="+box)); page.NumberMatched != want {
				t.Errorf("%s: %d zones, want %d", box, page.NumberMatched, want)
			}
		}
	}},
	{core + "fc-time-definition", func(t *testing.T, s *server) {
		doc := document(t, s)
		for _, id := range collectionIDs {
			if p := doc.Paths.Value("/collections/"+id+"/items").Get.Parameters.GetByInAndName("query", "datetime"); p == nil || p.Required || !p.Schema.Value.Type.Is("string") {
				t.Errorf("%s: %+v", id, p)
			}
		}
	}},
	{core + "fc-time-response", func(t *testing.T, s *server) {
		for query, want := range map[string]int{
			// F-024 closed on 2025-01-01; when it opened is not known.
			"sites?datetime=2026-01-01": sitesInFixture - 1, "sites?datetime=2025-01-01": sitesInFixture, "sites?datetime=2024-06-01T12:00:00Z": sitesInFixture,
			"sites?datetime=2024-06-01/..": sitesInFixture, "sites?datetime=../2024-06-01&status=open": sitesInFixture - 1, "sites?datetime=2025-01-02/2025-12-31": sitesInFixture - 1,
			// An edition is in force from its year until the next one; what has no year, while it is current.
			"zones?datetime=2020-01-01&kind=qpv": 1, "zones?datetime=2026-01-01&kind=qpv": 1, "zones?datetime=2023-12-31/2024-01-01&kind=qpv": 2,
			"zones?datetime=2000-01-01&kind=qpv": 0, "zones?datetime=2000-01-01": 1, "places?datetime=1900-01-01": 1, "departments?datetime=1900-01-01": 1,
		} {
			id, q, _ := strings.Cut(query, "?")
			if page := get[collection](t, s, items(id, q)); page.NumberMatched != want {
				t.Errorf("%s: %d, want %d", query, page.NumberMatched, want)
			}
		}
		old := get[collection](t, s, items("zones", "datetime=2020-01-01&kind=qpv"))
		if got := old.ids(); !slices.Equal(got, []string{"qpv.2015.QP001001"}) {
			t.Errorf("in force in 2020: %v", got)
		}
	}},
	{core + "fc-links", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			page := get[collection](t, s, items(id, "limit=1"))
			linkOf(t, page.Links, "self", "application/geo+json")
			alternate := linkOf(t, page.Links, "alternate", "text/html")
			if w := s.do("GET", path(t, alternate.Href), ""); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s: %d", alternate.Href, w.Code)
			}
		}
	}},
	{own + "link-headers", func(t *testing.T, s *server) {
		for _, target := range []string{items("sites", "limit=3&after=F-005"), items("zones", "limit=1"), "/api/collections/zones/items/qpv.2024.QN00101I"} {
			for _, f := range []string{"json", "html"} {
				if strings.Contains(target, "?") {
					f = "&f=" + f
				} else {
					f = "?f=" + f
				}
				w := s.do("GET", target+f, "")
				var rels []string
				for _, l := range w.Header().Values("Link") {
					m := linkHeader.FindStringSubmatch(l)
					if m == nil {
						t.Fatalf("%s: Link %q", target+f, l)
					}
					if followed := s.do("GET", path(t, m[1]), ""); followed.Code == 200 && !strings.HasPrefix(followed.Header().Get("Content-Type"), strings.Split(m[3], ";")[0]) {
						t.Errorf("%s is of type %s, not %s", m[1], followed.Header().Get("Content-Type"), m[3])
					}
					rels = append(rels, m[2])
				}
				want := []string{"self", "alternate", "collection"}
				if strings.Contains(target, "sites") {
					want = append(want, "next", "prev")
				} else if strings.Contains(target, "limit") {
					want = append(want, "next")
				}
				for _, rel := range want {
					if !slices.Contains(rels, rel) {
						t.Errorf("%s: no %s in %v", target+f, rel, rels)
					}
				}
			}
		}
		// Of a long request only what fits in a header: the way on first.
		long := s.do("GET", asked("sites", "limit", "3", "filter", "name <> '"+strings.Repeat("x", 1500)+"'"), "")
		size := 0
		for _, l := range long.Header().Values("Link") {
			size += len(l)
		}
		if long.Code != 200 || size > 4096 || !strings.Contains(long.Header().Get("Link"), `rel="next"`) {
			t.Errorf("%d: %d bytes of links, first %q", long.Code, size, long.Header().Get("Link"))
		}
	}},
	{core + "fc-timeStamp", func(t *testing.T, s *server) {
		if _, err := time.Parse(time.RFC3339, get[collection](t, s, items("zones", "")).TimeStamp); err != nil {
			t.Error(err)
		}
	}},
	{core + "fc-numberMatched", func(t *testing.T, s *server) {
		for _, query := range []string{"limit=4", "limit=4&sortby=-capacity", "limit=4&filter=capacity%3E15", "limit=4&bbox=5,45,5.4,46", "limit=4&status=all&sortby=kind,-name"} {
			var pages [][]string
			total, matched := 0, 0
			for target := items("sites", query); target != ""; {
				page := get[collection](t, s, target)
				if page.NumberReturned != len(page.Features) {
					t.Errorf("%d returned, %d there", page.NumberReturned, len(page.Features))
				}
				// The page before is the one that we come from.
				previous := hrefOf(page.Links, "prev")
				if (previous == "") != (len(pages) == 0) {
					t.Fatalf("%s: prev %q on page %d", query, previous, len(pages))
				}
				if previous != "" {
					if got := get[collection](t, s, path(t, previous)).ids(); !slices.Equal(got, pages[len(pages)-1]) {
						t.Errorf("%s: before page %d is %v, want %v", query, len(pages), got, pages[len(pages)-1])
					}
				}
				total, matched = total+page.NumberReturned, page.NumberMatched
				pages = append(pages, page.ids())
				target = ""
				if next := hrefOf(page.Links, "next"); next != "" {
					target = path(t, linkOf(t, page.Links, "next", "application/geo+json").Href)
				}
			}
			if total != matched || total == 0 {
				t.Errorf("%s: %d matched, %d in the pages", query, matched, total)
			}
		}
	}},
	{own + "numberMatched", func(t *testing.T, s *server) {
		// Of every collection the pages add up to what matches, one feature at a time.
		for _, id := range collectionIDs {
			total, matched := 0, -1
			for target := items(id, "limit=1"); target != ""; {
				page := get[collection](t, s, target)
				if matched >= 0 && page.NumberMatched != matched {
					t.Errorf("%s: %d matched, then %d", id, matched, page.NumberMatched)
				}
				total, matched, target = total+page.NumberReturned, page.NumberMatched, ""
				if next := hrefOf(page.Links, "next"); next != "" {
					target = path(t, next)
				}
			}
			if total != matched {
				t.Errorf("%s: %d matched, %d in the pages", id, matched, total)
			}
		}
	}},
	{own + "head", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			for _, target := range []string{items(id, "limit=2"), items(id, "limit=2&f=html"), items(id, "limit=0")} {
				full, head := s.do("GET", target, ""), s.do("HEAD", target, "")
				if head.Code != full.Code || head.Body.Len() != 0 {
					t.Errorf("HEAD %s: %d, %d bytes", target, head.Code, head.Body.Len())
				}
				for _, name := range []string{"Content-Type", "Content-Crs", "ETag", "Link", "OGC-NumberMatched", "OGC-NumberReturned", "Cache-Control", "Vary"} {
					if a, b := full.Header().Values(name), head.Header().Values(name); !slices.Equal(a, b) {
						t.Errorf("%s %s: %q, HEAD %q", target, name, a, b)
					}
				}
			}
		}
	}},
	{own + "compression", func(t *testing.T, s *server) {
		for _, target := range []string{"/api/collections", items("sites", ""), items("zones", "f=html"), "/api/openapi.json"} {
			plain, packed := s.do("GET", target, ""), s.do("GET", target, "", "Accept-Encoding", "gzip")
			reader, err := gzip.NewReader(packed.Body)
			if err != nil || packed.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(packed.Header().Values("Vary"), ","), "Accept-Encoding") {
				t.Fatalf("%s: %v %v", target, err, packed.Header())
			}
			body, err := io.ReadAll(reader)
			if err != nil || string(body) != plain.Body.String() || packed.Header().Get("ETag") != plain.Header().Get("ETag") || plain.Header().Get("Content-Encoding") != "" {
				t.Errorf("%s: %v, %d bytes, %d plain; %v", target, err, len(body), plain.Body.Len(), packed.Header())
			}
		}
	}},
	{core + "f-links", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			first := get[collection](t, s, items(id, "limit=1")).Features[0].ID
			f := get[feature](t, s, "/api/collections/"+id+"/items/"+url.PathEscape(first))
			linkOf(t, f.Links, "self", "application/geo+json")
			linkOf(t, f.Links, "collection", "application/json")
			if w := s.do("GET", path(t, linkOf(t, f.Links, "alternate", "text/html").Href), ""); w.Code != 200 || f.ID != first {
				t.Errorf("%s: %d", id, w.Code)
			}
		}
	}},
	{htmlClass + "definition", func(t *testing.T, s *server) {
		for _, target := range []string{"/api/", "/api/conformance", "/api/collections", "/api/collections/zones", items("zones", "limit=1"), "/api/collections/sites/items/F-001"} {
			for accept, html := range map[string]bool{
				"": false, "*/*": false, "application/json": false, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true,
				"text/html;q=0.4, application/geo+json;q=0.5, application/json;q=0.5": false, "application/json;q=0.1, text/html;q=0.2": true, "text/html": true, "text/html;q=0, */*": false,
			} {
				w := s.do("GET", target, "", "Accept", accept)
				if got := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"); w.Code != 200 || got != html {
					t.Errorf("%s, Accept %q: %d %s", target, accept, w.Code, w.Header().Get("Content-Type"))
				}
			}
		}
	}},
	{htmlClass + "content", func(t *testing.T, s *server) {
		for target, want := range map[string]string{
			"/api/?f=html&lang=en": "Documentation of the API", "/api/?f=html": "Documentation de l’API", "/api/collections?f=html": "Départements",
			"/api/collections/sites?f=html&lang=en": "Capacity (places)", "/api/collections/zones?f=html": "<td>texte</td>", items("zones", "f=html&limit=1"): "1 sur 2", items("sites", "f=html&limit=2"): "Page suivante", "/api/collections/sites/items/F-001?f=html": "1 rue Imaginaire",
			"/api/docs": "near-zone", "/api/conformance?f=html": "basic-cql2",
		} {
			body := s.do("GET", target, "").Body.String()
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q:\n%s", target, want, body)
			}
			for _, tag := range []string{"about", "accounts", "sites", "stats"} {
				if strings.Contains(body, "<h2>"+tag+"</h2>") {
					t.Errorf("%s has the bare heading %s", target, tag)
				}
			}
			// What the Content-Security-Policy would stop.
			for _, inline := range []string{"<script", "<style", " style=", " onclick="} {
				if strings.Contains(body, inline) {
					t.Errorf("%s holds %q", target, inline)
				}
			}
		}
	}},
	{own + "examples", func(t *testing.T, s *server) {
		// The examples of the document work, all of them at once.
		doc := document(t, s)
		for _, id := range collectionIDs {
			var pairs []string
			for _, p := range doc.Paths.Value("/collections/" + id + "/items").Get.Parameters {
				if p.Value.Example == nil {
					continue
				}
				pairs = append(pairs, p.Value.Name, exampleText(p.Value.Example))
			}
			w := s.do("GET", asked(id, pairs...), "")
			if w.Code != 200 || len(pairs) < 12 || w.Header().Get("Content-Crs") != "<"+lambert93+">" {
				t.Errorf("%s %v: %d %s", id, pairs, w.Code, w.Body)
			}
			if found := decode[collection](t, w).NumberMatched; found == 0 {
				t.Errorf("%s: the examples find nothing", id)
			}
		}
	}},
	{own + "each-example", func(t *testing.T, s *server) {
		// Each example of the document works alone, and so does what is given by default.
		doc, tried := document(t, s), 0
		for route, item := range doc.Paths.Map() {
			if item.Get == nil || strings.Contains(route, "{") || strings.HasPrefix(route, "/health") {
				continue
			}
			for _, p := range item.Get.Parameters {
				for _, value := range []any{p.Value.Example, p.Value.Schema.Value.Default} {
					if value == nil || p.Value.In != "query" {
						continue
					}
					q := url.Values{}
					for _, other := range item.Get.Parameters {
						if other.Value.Required && other.Value.In == "query" {
							q.Set(other.Value.Name, exampleText(other.Value.Example))
						}
					}
					q.Set(p.Value.Name, exampleText(value))
					if p.Value.Name == "near" {
						q.Set("within", "100")
					}
					if p.Value.Name == "within" {
						q.Set("near", "5.3,45.95")
					}
					w := s.do("GET", "/api"+route+"?"+q.Encode(), "")
					if tried++; w.Code == 400 || w.Code >= 500 {
						t.Errorf("%s?%s: %d %s", route, q.Encode(), w.Code, w.Body)
					}
				}
			}
		}
		if tried < 60 {
			t.Errorf("%d examples", tried)
		}
	}},
	{own + "html-links", func(t *testing.T, s *server) {
		// From the page that a browser gets, a person comes to the JSON of the same.
		body := s.do("GET", items("zones", "limit=1"), "", "Accept", "text/html").Body.String()
		for _, want := range []string{`href="http://127.0.0.1:8080/api/collections/zones/items?f=json&amp;limit=1"`, `<link rel="next" type="text/html"`, `href="?lang=en&amp;limit=1"`} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in %s", want, body)
			}
		}
	}},
	{geoJSON + "content", func(t *testing.T, s *server) {
		w := s.do("GET", items("zones", "f=json"), "", "Accept", "text/html,application/json;q=0.5")
		if w.Header().Get("Content-Type") != "application/geo+json" {
			t.Errorf("%s", w.Header().Get("Content-Type"))
		}
	}},
	{crsClass + "fc-md-crs-list", func(t *testing.T, s *server) {
		for _, c := range get[struct{ Collections []collectionDocument }](t, s, "/api/collections").Collections {
			if c.CRS[0] != crs84 || c.StorageCRS != crs84 {
				t.Errorf("%s: %v, %s", c.ID, c.CRS, c.StorageCRS)
			}
			for _, code := range []int{4326, 2154, 5490, 2972, 2975, 4471} {
				if !slices.Contains(c.CRS, "http://www.opengis.net/def/crs/EPSG/0/"+strconv.Itoa(code)) {
					t.Errorf("%s: EPSG:%d is not listed", c.ID, code)
				}
			}
		}
	}},
	{crsClass + "fc-crs-valid-value", func(t *testing.T, s *server) {
		for _, target := range []string{items("sites", ""), "/api/collections/sites/items/F-001?"} {
			for _, bad := range []string{"http://www.opengis.net/def/crs/EPSG/0/0", "2154", "http://www.opengis.net/def/crs/EPSG/0/27572"} {
				if p := wantProblem(t, s.do("GET", target+"crs="+bad, ""), 400, "invalid-parameter"); p.Problems[0].Field != "crs" {
					t.Errorf("%+v", p)
				}
			}
		}
	}},
	{crsClass + "fc-crs-action", func(t *testing.T, s *server) {
		lambert, _ := crs.ByCode(2154)
		plain := pointOf(t, get[feature](t, s, "/api/collections/sites/items/F-001"))
		x, y := lambert.FromWGS84(plain[0], plain[1])
		for uri, want := range map[string]orb.Point{crs84: plain, epsg4326: {plain[1], plain[0]}, lambert93: {x, y}} {
			alone := s.do("GET", "/api/collections/sites/items/F-001?crs="+uri, "")
			listed := s.do("GET", items("sites", "crs="+uri+"&limit=2"), "")
			for _, w := range []*httptest.ResponseRecorder{alone, listed} {
				if h := w.Header().Get("Content-Crs"); h != "<"+uri+">" {
					t.Errorf("%s: Content-Crs %q", uri, h)
				}
			}
			for _, got := range []orb.Point{pointOf(t, decode[feature](t, alone)), pointOf(t, decode[collection](t, listed).Features[1])} {
				if math.Hypot(got[0]-want[0], got[1]-want[1]) > 1e-6 {
					t.Errorf("%s: %v, want %v", uri, got, want)
				}
			}
		}
		// Asked again in CRS84, the record is as it was.
		if again := pointOf(t, get[feature](t, s, "/api/collections/sites/items/F-001")); again != plain {
			t.Errorf("%v became %v", plain, again)
		}
	}},
	{crsClass + "ogc-crs-header", func(t *testing.T, s *server) {
		for _, target := range []string{items("sites", ""), "/api/collections/sites/items/F-001"} {
			if h := s.do("GET", target, "").Header().Get("Content-Crs"); h != "<"+crs84+">" {
				t.Errorf("%s: Content-Crs %q", target, h)
			}
		}
	}},
	{crsClass + "fc-bbox-crs-action", func(t *testing.T, s *server) {
		lambert, _ := crs.ByCode(2154)
		x1, y1 := lambert.FromWGS84(5.295, 45.94)
		x2, y2 := lambert.FromWGS84(5.335, 45.96)
		for _, id := range []string{"sites", "zones", "departments"} {
			want := get[collection](t, s, items(id, "bbox=5.295,45.94,5.335,45.96")).ids()
			for uri, box := range map[string]string{
				epsg4326: "45.94,5.295,45.96,5.335", lambert93: fmt.Sprintf("%f,%f,%f,%f", x1, min(y1, y2), x2, max(y1, y2)), crs84: "5.295,45.94,0,5.335,45.96,100",
			} {
				if got := get[collection](t, s, items(id, "bbox-crs="+uri+"&bbox="+box)).ids(); !slices.Equal(got, want) || len(got) == 0 {
					t.Errorf("%s in %s: %v, want %v", id, uri, got, want)
				}
			}
		}
		wantProblem(t, s.do("GET", items("sites", "bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/0"), ""), 400, "invalid-parameter")
		wantProblem(t, s.do("GET", items("sites", "bbox=100,200,300,400&bbox-crs="+epsg4326), ""), 400, "invalid-parameter")
	}},
	{queryables + "success", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			q := get[struct {
				Schema               string `json:"$schema"`
				ID                   string `json:"$id"`
				Type                 string
				Properties           map[string]struct{ Type, Format string }
				AdditionalProperties bool
			}](t, s, "/api/collections/"+id+"/queryables")
			if q.Schema == "" || q.ID != "http://127.0.0.1:8080/api/collections/"+id+"/queryables" || q.Type != "object" || q.AdditionalProperties || !strings.HasPrefix(q.Properties["geometry"].Format, "geometry-") {
				t.Errorf("%s: %+v", id, q)
			}
			// Each may be spoken of.
			for name := range q.Properties {
				if w := s.do("GET", asked(id, "filter", `"`+name+`" IS NOT NULL`), ""); w.Code != 200 {
					t.Errorf("%s: %s can't be filtered on: %s", id, name, w.Body)
				}
			}
		}
	}},
	{filters + "filter-param", func(t *testing.T, s *server) {
		for filter, want := range map[string]int{
			"capacity BETWEEN 12 AND 14": 3, "capacity = 12 AND in_zone = TRUE": 1, "NOT (capacity > 11)": 2, "name LIKE 'Foyer fictif n° 1%'": 11,
			"site_id IN ('F-003','F-009','X-001')": 2, "qpv_in_zone": 3, "S_INTERSECTS(geometry, BBOX(5.295,45.9,5.325,46))": 3, "geometry IS NULL": 1, "casei(kind) = casei('MECS')": sitesInFixture - 1,
			"S_WITHIN(geometry, POLYGON((5.295 45.9, 5.325 45.9, 5.325 46, 5.295 46, 5.295 45.9)))": 3, "closed_on IS NOT NULL": 0,
		} {
			page := get[collection](t, s, asked("sites", "filter", filter))
			if page.NumberMatched != want || len(page.Features) != want {
				t.Errorf("%s: %d, want %d", filter, page.NumberMatched, want)
			}
		}
		if n := get[collection](t, s, asked("sites", "filter", "T_BEFORE(closed_on, DATE('2025-06-01'))", "status", "all")).NumberMatched; n != 1 {
			t.Errorf("%d homes closed before June 2025", n)
		}
		// Together with the other parameters.
		if got := get[collection](t, s, asked("sites", "filter", "capacity > 10", "bbox", "5.295,45.9,5.325,46", "kind", "mecs")).ids(); !slices.Equal(got, []string{"F-001", "F-002"}) {
			t.Errorf("%v", got)
		}
	}},
	{filters + "filter-lang-param", func(t *testing.T, s *server) {
		for language, filter := range map[string]string{
			"cql2-text": "capacity = 12", "cql-text": "capacity = 12", "cql2-json": `{"op":"=","args":[{"property":"capacity"},12]}`,
		} {
			if got := get[collection](t, s, asked("sites", "filter", filter, "filter-lang", language)).ids(); !slices.Equal(got, []string{"F-002"}) {
				t.Errorf("%s: %v", language, got)
			}
		}
		wantProblem(t, s.do("GET", asked("sites", "filter", "capacity = 12", "filter-lang", "sql"), ""), 400, "invalid-parameter")
	}},
	{filters + "filter-crs-param", func(t *testing.T, s *server) {
		if n := get[collection](t, s, asked("sites", "filter", "S_INTERSECTS(geometry, BBOX(45.9,5.295,46,5.325))", "filter-crs", epsg4326)).NumberMatched; n != 3 {
			t.Errorf("%d homes", n)
		}
		wantProblem(t, s.do("GET", asked("sites", "filter", "in_zone", "filter-crs", "http://www.opengis.net/def/crs/EPSG/0/0"), ""), 400, "invalid-parameter")
	}},
	{features + "response", func(t *testing.T, s *server) {
		for filter, column := range map[string]int{"capacity >": 11, "castle = 1": 1, "capacity = 12 AND (": 20, "capacity = 'a'": 12} {
			p := wantProblem(t, s.do("GET", asked("sites", "filter", filter, "lang", "fr"), ""), 400, "invalid-parameter")
			if p.Problems[0].Field != "filter" || p.Problems[0].Column != column || !strings.Contains(p.Detail, "colonne "+strconv.Itoa(column)) {
				t.Errorf("%s: %+v", filter, p)
			}
		}
	}},
	{cql2 + "cql2-json", func(t *testing.T, s *server) {
		p := wantProblem(t, s.do("GET", asked("sites", "filter", `{"op":"and","args":[true,{"op":"=","args":[{"property":"castle"},1]}]}`, "filter-lang", "cql2-json", "lang", "en"), ""), 400, "invalid-parameter")
		if !strings.Contains(p.Detail, "/args/1/args/0") {
			t.Errorf("%+v", p)
		}
	}},
	{schemas + "schema-common", func(t *testing.T, s *server) {
		schema := get[struct {
			Properties map[string]struct {
				Format string
				Role   string `json:"x-ogc-role"`
			}
		}](t, s, "/api/collections/sites/schema")
		if schema.Properties["geometry"].Role != "primary-geometry" || schema.Properties["geometry"].Format != "geometry-point" || schema.Properties["opened_on"].Format != "date" ||
			schema.Properties["closed_on"].Role != "primary-interval-end" {
			t.Errorf("%+v", schema.Properties)
		}
		if schema.Properties["site_id"].Role != "id" || schema.Properties["finess"].Role != "" {
			t.Errorf("identifier: %+v", schema.Properties)
		}
		// Every property of a feature is described, and only these.
		for name := range get[feature](t, s, "/api/collections/sites/items/F-001").Properties {
			if _, ok := schema.Properties[name]; !ok {
				t.Errorf("%s is not described", name)
			}
		}
		whole := get[struct {
			Properties struct {
				Properties struct{ Properties map[string]any }
			}
		}](t, s, "/api/collections/sites/schema?of=feature")
		if len(whole.Properties.Properties.Properties) != len(schema.Properties)-1 {
			t.Errorf("%d properties of a feature, %d with the geometry", len(whole.Properties.Properties.Properties), len(schema.Properties))
		}
	}},
	{schemas5 + "sortables/sortables", func(t *testing.T, s *server) {
		for _, id := range collectionIDs {
			target := "/api/collections/" + id
			w := s.do("GET", path(t, linkOf(t, get[collectionDocument](t, s, target).Links, "http://www.opengis.net/def/rel/ogc/1.0/sortables", "application/schema+json").Href), "")
			sortables := decode[struct {
				Schema               string `json:"$schema"`
				Type                 string
				AdditionalProperties *bool
				Properties           map[string]struct{ Type string }
			}](t, w)
			if w.Header().Get("Content-Type") != "application/schema+json" || sortables.Schema != "https://json-schema.org/draft/2020-12/schema" || sortables.Type != "object" ||
				sortables.AdditionalProperties == nil || *sortables.AdditionalProperties || len(sortables.Properties) == 0 {
				t.Errorf("%s: %+v", id, sortables)
			}
			// By each of them, and by nothing else, features may be sorted.
			for name, p := range sortables.Properties {
				if w := s.do("GET", items(id, "limit=1&sortby=-"+name), ""); w.Code != 200 || p.Type == "" {
					t.Errorf("%s by %s: %d", id, name, w.Code)
				}
			}
			wantProblem(t, s.do("GET", items(id, "sortby=geometry"), ""), 400, "invalid-parameter")
		}
	}},
	{own + "sortby", func(t *testing.T, s *server) {
		ids := get[collection](t, s, items("sites", "sortby=-capacity&limit=2")).ids()
		if !slices.Equal(ids, []string{"F-023", "F-022"}) {
			t.Errorf("%v", ids)
		}
		// What is unknown comes last, both ways; what is alike in the order of identifiers.
		for _, order := range []string{"in_zone", "-in_zone"} {
			all := get[collection](t, s, items("sites", "limit=1000&sortby="+order)).ids()
			if all[len(all)-1] != "F-023" || order == "-in_zone" && !slices.Equal(all[:3], []string{"F-000", "F-001", "F-002"}) {
				t.Errorf("%s: %v", order, all)
			}
		}
		wantProblem(t, s.do("GET", items("sites", "sortby=castle"), ""), 400, "invalid-parameter")
		wantProblem(t, s.do("GET", items("sites", "sortby=capacity&after=nobody"), ""), 400, "invalid-parameter")
	}},
	{own + "properties", func(t *testing.T, s *server) {
		page := get[collection](t, s, items("sites", "properties=capacity,name&limit=1&sortby=-site_id&filter=in_zone"))
		if f := page.Features[0]; f.ID != "F-002" || len(f.Properties) != 2 || f.Properties["capacity"] != 12.0 || string(f.Geometry) == "null" {
			t.Errorf("%+v", f)
		}
		wantProblem(t, s.do("GET", items("sites", "properties=castle"), ""), 400, "invalid-parameter")
	}},
	{own + "near", func(t *testing.T, s *server) {
		// Homes are 775.6 m apart at this latitude.
		for query, want := range map[string][]string{
			"near=5.31,45.95&within=700": {"F-001"}, "near=5.31,45.95&within=780": {"F-000", "F-001", "F-002"}, "near=5.31,45.95&within=0": {"F-001"},
			"near=5.31,45.95&within=780&bbox=5.315,45,6,46": {"F-002"}, "near=100,0&within=50000": {},
			"near-zone=qpv.2024.QN00101I&within=0": {"F-000", "F-001", "F-002"}, "near-zone=qpv.2024.QN00101I&within=400": {"F-000", "F-001", "F-002", "F-003"},
		} {
			if got := get[collection](t, s, items("sites", query)).ids(); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		if got := get[collection](t, s, items("zones", "near=5.33,45.95&within=400")).ids(); !slices.Equal(got, []string{"qpv.2024.QN00101I"}) {
			t.Errorf("zones: %v", got)
		}
		for _, bad := range []string{"near=5,45", "within=10", "near=5,95&within=1", "near=5&within=1", "near=5,45&within=50001", "near=5,45&near-zone=a&within=1", "near-zone=nothing&within=1", "near=NaN,1&within=1"} {
			wantProblem(t, s.do("GET", items("sites", bad), ""), 400, "invalid-parameter")
		}
	}},
	{own + "masked", func(t *testing.T, s *server) {
		// A masked viewer's filters speak of what that viewer sees, and of nothing else.
		for _, name := range []string{"name", "finess", "capacity", "nearest_zone_distance_m", "exposure_score", "legal_entity_finess"} {
			hidden, absent := s.as("analyst", "GET", asked("sites", "filter", name+" IS NOT NULL"), ""), s.as("analyst", "GET", asked("sites", "filter", "castle IS NOT NULL"), "")
			if hidden.Code != 400 || strings.ReplaceAll(bodyOf(hidden), name, "castle") != bodyOf(absent) {
				t.Errorf("%s: %d %s", name, hidden.Code, hidden.Body)
			}
			for _, parameter := range []string{"sortby", "properties"} {
				wantProblem(t, s.as("analyst", "GET", items("sites", parameter+"="+name), ""), 400, "invalid-parameter")
			}
		}
		// Nor do the parameters of the document that the masked view has no property for.
		for name, value := range map[string]string{
			"finess": "010000001", "commune_code": "01004", "in_zone": "true", "qpv_in_zone": "false", "proximity_status": "computed", "status": "closed",
		} {
			for _, w := range []*httptest.ResponseRecorder{
				s.as("analyst", "GET", asked("sites", name, value, "lang", "en"), ""), s.do("GET", asked("sites", name, value, "precision", "masked", "lang", "en"), ""),
			} {
				if p := wantProblem(t, w, 400, "invalid-parameter"); p.Problems[0].Field != name || !strings.Contains(p.Detail, "queryables") {
					t.Errorf("%s: %+v", name, p)
				}
			}
		}
		for _, query := range []string{"kind=mecs", "department_code=01", "category=177"} {
			if w := s.as("analyst", "GET", items("sites", query), ""); w.Code != 200 {
				t.Errorf("%s: %d %s", query, w.Code, w.Body)
			}
		}
		for _, target := range []string{"/api/collections/sites/queryables", "/api/collections/sites/sortables", "/api/collections/sites/schema", "/api/collections/sites/schema?of=feature"} {
			masked := s.as("analyst", "GET", target, "").Body.String()
			if strings.Contains(masked, "capacity") || !strings.Contains(masked, "cell_size_m") {
				t.Errorf("%s: %s", target, masked)
			}
		}
		// Whoever sees exactly may ask for the same.
		link := "?precision=masked"
		for _, target := range []string{"/api/collections/sites/schema", "/api/collections/sites/queryables"} {
			if a, b := get[map[string]any](t, s, target+link), decode[map[string]any](t, s.as("analyst", "GET", target, "")); jsonOf(t, a) != jsonOf(t, b) {
				t.Errorf("%s: %v\n%v", target, a, b)
			}
		}
		doc := get[collectionDocument](t, s, "/api/collections/sites"+link)
		if doc.Description == get[collectionDocument](t, s, "/api/collections/sites").Description {
			t.Errorf("the masked view is described as the homes are: %s", doc.Description)
		}
		if href := linkOf(t, doc.Links, "items", "application/geo+json").Href; !strings.HasSuffix(href, "/items"+link) {
			t.Errorf("the masked view is lost on the way: %s", href)
		}
		if body := s.do("GET", items("sites", "precision=masked"), "").Body.String(); strings.Contains(body, "F-0") {
			t.Errorf("%s", body)
		}
		wantProblem(t, s.do("GET", items("zones", "precision=masked"), ""), 400, "unknown-parameter")
	}},
	{own + "scope", func(t *testing.T, s *server) {
		// What is out of scope is in no answer, count or order, whatever is asked.
		for _, query := range []string{"filter=site_id%3D'X-001'", "near=6.12,45.9&within=100", "bbox=6.1,45.8,6.2,46", "filter=department_code%3D'74'", "filter=S_INTERSECTS(geometry,POINT(6.12+45.9))"} {
			if page := get[collection](t, s, items("sites", query)); page.NumberMatched != 0 {
				t.Errorf("%s: %d", query, page.NumberMatched)
			}
		}
		hidden, absent := s.do("GET", items("sites", "sortby=name&after=X-001"), ""), s.do("GET", items("sites", "sortby=name&after=X-002"), "")
		if strings.ReplaceAll(bodyOf(hidden), "X-001", "X-002") != bodyOf(absent) || hidden.Code != absent.Code {
			t.Errorf("%s\n%s", hidden.Body, absent.Body)
		}
	}},
	{own + "departments", func(t *testing.T, s *server) {
		page := get[collection](t, s, items("departments", ""))
		if !slices.Equal(page.ids(), []string{"department.01"}) {
			t.Errorf("%v", page.ids())
		}
		wantProblem(t, s.do("GET", "/api/collections/departments/items/commune.01004", ""), 404, "not-found")
	}},
	{own + "conditional", func(t *testing.T, s *server) {
		for _, target := range []string{
			"/api/", "/api/conformance", "/api/collections", "/api/collections/zones", "/api/collections/zones/queryables", "/api/collections/zones/schema",
			items("zones", "crs="+lambert93), items("sites", "filter=in_zone&f=html"), "/api/collections/zones/items/qpv.2024.QN00101I", "/api/docs",
		} {
			first := s.do("GET", target, "")
			tag := first.Header().Get("ETag")
			if w := s.do("GET", target, "", "If-None-Match", tag); tag == "" || w.Code != 304 || w.Body.Len() != 0 {
				t.Errorf("%s: ETag %q gives %d", target, tag, w.Code)
			}
			if w := s.do("GET", target, "", "If-None-Match", tag, "Accept", "text/html"); strings.HasPrefix(first.Header().Get("Content-Type"), "application/json") && w.Code != 200 {
				t.Errorf("%s: the page and the JSON have one validator", target)
			}
			if w := s.do("HEAD", target, ""); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("ETag") != tag {
				t.Errorf("HEAD %s: %d, %d bytes", target, w.Code, w.Body.Len())
			}
		}
	}},
}

func TestOGCRequirements(t *testing.T) {
	s := newServer(t)
	for _, r := range requirements {
		t.Run(strings.ReplaceAll(r.uri, "/", "∕"), func(t *testing.T) { r.test(t, s) })
	}
}

// Whatever is written in a filter, the server answers JSON and never fails.
func FuzzFilter(f *testing.F) {
	s := newServer(f)
	for _, text := range []string{"capacity = 12", "S_INTERSECTS(geometry, POINT(5 45))", "name LIKE '%'", "T_AFTER(opened_on, DATE('2020-01-01'))", "((", "not not"} {
		f.Add(text, "cql2-text")
		f.Add(`{"op":"=","args":[{"property":"name"},"`+text+`"]}`, "cql2-json")
	}
	f.Fuzz(func(t *testing.T, text, language string) {
		check(t, s, "GET", asked("sites", "filter", text, "filter-lang", language), "")
	})
}
