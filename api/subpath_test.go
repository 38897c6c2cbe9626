package api_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigie/api"
)

// behindProxy serves under a path of a public address, as a reverse proxy that ends TLS and
// takes the path away does, and gives a client of it where mia is logged in.
func behindProxy(t *testing.T, public string) *http.Client {
	t.Helper()
	base, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	s := newServerWith(t, func(cfg *api.Config) {
		cfg.PublicURL, cfg.TrustedProxies = public, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	backend := httptest.NewServer(s)
	t.Cleanup(backend.Close)
	target, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := http.StripPrefix(base.Path, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}})
	proxy := httptest.NewTLSServer(forward)
	t.Cleanup(proxy.Close)
	client := proxy.Client()
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, proxy.Listener.Addr().String())
	}
	if client.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	for _, call := range [][3]string{
		{"POST", "/api/auth/login", `{"login":"mia","password":"` + password + `"}`}, {"PUT", "/api/auth/purpose", `{"purpose":"inspection"}`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), call[0], public+call[1], strings.NewReader(call[2]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Fatalf("%s: %s", call[1], answer.Status)
		}
	}
	return client
}

var reference = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// addresses are those that a document holds: of a page its references, of JSON what begins as
// an address of this server does, or as a path of it would.
func addresses(contentType, body string) []string {
	var out []string
	switch {
	case strings.HasPrefix(contentType, "text/html"):
		for _, m := range reference.FindAllStringSubmatch(body, -1) {
			out = append(out, html.UnescapeString(m[1]))
		}
	case strings.Contains(contentType, "json"):
		var document any
		if json.Unmarshal([]byte(body), &document) != nil {
			return nil
		}
		var walk func(any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, member := range v {
					walk(member)
				}
			case []any:
				for _, member := range v {
					walk(member)
				}
			case string:
				if strings.Contains(v, "example.com") || strings.HasPrefix(v, "/") {
					out = append(out, v)
				}
			}
		}
		walk(document)
	}
	return out
}

// Every address in every document is below the public one, and answers there: links of JSON
// and of pages, headers, tile templates, styles, the OpenAPI servers, types of problems.
func TestLinksUnderASubPath(t *testing.T) {
	const public = "https://example.com/vigie"
	client := behindProxy(t, public)
	tile := strings.NewReplacer("{z}", "10", "{y}", "364", "{x}", "527", "{tileMatrix}", "10", "{tileRow}", "364", "{tileCol}", "527")
	queue := []string{
		public + "/api", public + "/api/?f=html", public + "/api/collections/zones/items?limit=1", public + "/api/collections/sites/items?limit=2&after=F-004&f=html&lang=en",
		public + "/api/collections/sites/items?limit=2&after=F-004&precision=masked", public + "/api/config", public + "/api/problems", public + "/api/openapi.json", public + "/api/styles/vigie",
		public + "/api/collections/zones/tiles/WebMercatorQuad?f=tilejson", public + "/api/collections/castles", public + "/api/editions",
	}
	seen, kinds := map[string]bool{}, map[string]int{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		r, err := http.NewRequestWithContext(t.Context(), "GET", at, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		contentType, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
		gone := strings.HasSuffix(at, "/castles") || strings.Contains(at, "after=F-004") && strings.Contains(at, "precision=masked")
		if err != nil || answer.StatusCode/100 != 2 && !gone {
			t.Errorf("%s: %s %s", at, answer.Status, body)
			continue
		}
		kinds[contentType]++
		found := addresses(contentType, string(body))
		for _, l := range answer.Header.Values("Link") {
			target, _, _ := strings.Cut(strings.TrimPrefix(l, "<"), ">")
			found = append(found, target)
		}
		here, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range found {
			u, err := url.Parse(tile.Replace(one))
			switch {
			case err != nil:
				t.Errorf("%s in %s: %v", one, at, err)
				continue
			case strings.HasPrefix(one, "?"):
				u = here.ResolveReference(u)
			case u.IsAbs() && u.Host != "example.com":
				continue // of other sites
			case one != public+"/" && !strings.HasPrefix(one, public+"/api"):
				t.Errorf("%s in %s is not below %s", one, at, public)
				continue
			}
			u.Fragment = ""
			// Languages and files multiply the walk, and tell nothing more.
			if q := u.Query(); slices.Contains([]string{"", "json", "html", "tilejson"}, q.Get("f")) && q.Get("lang") != "en" {
				queue = append(queue, u.String())
			}
		}
	}
	for _, kind := range []string{"application/json", "application/geo+json", "application/schema+json", "application/vnd.oai.openapi+json", "application/vnd.mapbox-vector-tile", "application/problem+json", "text/html", "text/css"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was walked through: %v", kind, kinds)
		}
	}
}
