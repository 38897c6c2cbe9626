package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

func TestExactOrigin(t *testing.T) {
	for _, good := range []string{"https://carte.exemple.fr", "https://carte.exemple.fr:8443", "http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:3000"} {
		if !web.ExactOrigin(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", "*", "null", "https://*.exemple.fr", "https://carte.exemple.fr/", "https://carte.exemple.fr/carte", "https://carte.exemple.fr?x", "https://carte.exemple.fr#x",
		"https://nom@carte.exemple.fr", "HTTPS://carte.exemple.fr", "https://Carte.exemple.fr", "https://carte.exemple.fr:443", "https://carte.exemple.fr:", "http://localhost:80",
		"http://carte.exemple.fr", "carte.exemple.fr", "ftp://carte.exemple.fr", "https://", "https://a.fr,https://b.fr", " https://a.fr",
	} {
		if web.ExactOrigin(bad) {
			t.Errorf("%q is admitted", bad)
		}
		if _, err := web.NewHandler(web.Options{Info: web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1"}, CORSOrigins: []string{bad}}, nil); err == nil {
			t.Errorf("a server for %q", bad)
		}
	}
}

// Pages of origins that are named may read with a token, and nothing else; those of others
// get no more than without the setting.
func TestCORS(t *testing.T) {
	const friend, stranger = "https://carte.exemple.fr", "https://autre.exemple.fr"
	cookie := web.Route{
		Method: http.MethodGet, Path: "/cookie", Access: web.Public,
		Operation: func(tr web.Tr) *openapi3.Operation {
			return web.Answers(web.Op("cookie", "test", "cookie"), 200, "cookie", web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		},
		Handler: func(c *gin.Context) error { return web.JSON(c, http.StatusOK, gin.H{"cookie": c.GetHeader("Cookie")}) },
	}
	s := newServerWith(t, func(o *web.Options) { o.CORSOrigins = []string{"http://localhost:5173", friend} }, echo(), post(), cookie)

	read := s.do("GET", "/api/echo/1", "", "Origin", friend, "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer x")
	h := read.Header()
	if read.Code != 200 || h.Get("Access-Control-Allow-Origin") != friend || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("%d %v", read.Code, h)
	}
	for _, exposed := range []string{"Content-Crs", "Link", "Etag", "Ogc-Numbermatched", "Ogc-Numberreturned"} {
		if !strings.Contains(h.Get("Access-Control-Expose-Headers"), exposed) {
			t.Errorf("%s is not exposed: %v", exposed, h)
		}
	}
	// A problem may be read too, as the page must tell what is wrong.
	wrong := s.do("GET", "/api/echo/1?limit=0", "", "Origin", friend)
	wantProblem(t, wrong, 400, web.CodeInvalidParameter)
	if wrong.Header().Get("Access-Control-Allow-Origin") != friend {
		t.Errorf("%v", wrong.Header())
	}
	if w := s.do("GET", "/api/cookie", "", "Origin", friend, "Cookie", "vigie=session"); strings.Contains(w.Body.String(), "session") {
		t.Errorf("a session serves another origin: %s", w.Body)
	}
	if w := s.do("GET", "/api/cookie", "", "Cookie", "vigie=session"); !strings.Contains(w.Body.String(), "session") {
		t.Errorf("the session of Vigie's own page is lost: %s", w.Body)
	}

	preflight := func(origin, method string, headers string) http.Header {
		w := s.do("OPTIONS", "/api/echo/1", "", "Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers)
		if w.Code != 204 || w.Body.Len() != 0 {
			t.Errorf("preflight %s %s: %d %s", origin, method, w.Code, w.Body)
		}
		return w.Header()
	}
	for _, method := range []string{"GET", "HEAD"} {
		h := preflight(friend, method, "authorization")
		if h.Get("Access-Control-Allow-Origin") != friend || h.Get("Access-Control-Allow-Methods") != method || h.Get("Access-Control-Allow-Headers") != "authorization" {
			t.Errorf("%s: %v", method, h)
		}
	}
	for _, refused := range []http.Header{
		preflight(friend, "POST", ""), preflight(friend, "DELETE", ""), preflight(friend, "GET", "x-other"), preflight(stranger, "GET", ""), preflight("null", "GET", ""),
		s.do("GET", "/api/echo/1", "", "Origin", stranger).Header(), s.do("GET", "/api/echo/1", "", "Origin", "null").Header(),
		s.do("GET", "/api/echo/1", "").Header(), s.do("POST", "/api/things", `{"name":"x"}`, "Origin", friend, "Content-Type", "application/json").Header(),
		newServer(t, echo()).do("GET", "/api/echo/1", "", "Origin", friend).Header(),
	} {
		if refused.Get("Access-Control-Allow-Origin") != "" || refused.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%v", refused)
		}
	}
	// Caches keep the answers of origins apart.
	for _, origin := range []string{friend, stranger, ""} {
		if vary := s.do("GET", "/api/echo/1", "", "Origin", origin).Header().Values("Vary"); !strings.Contains(strings.Join(vary, ", "), "Origin") {
			t.Errorf("%q: Vary %v", origin, vary)
		}
	}
	// What changes something stays refused, under a foreign host name even what reads.
	wantProblem(t, s.do("POST", "/api/things", `{"name":"x"}`, "Origin", friend, "Sec-Fetch-Site", "cross-site", "Content-Type", "application/json"), 403, web.CodeCrossOrigin)
	wantProblem(t, s.do("OPTIONS", "/api/echo/1", "", "Host", "autre.exemple.fr", "Origin", friend, "Access-Control-Request-Method", "GET"), 421, web.CodeMisdirected)
	for _, w := range []http.Header{read.Header(), preflight(friend, "GET", "")} {
		if w.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%v", w)
		}
	}
}
