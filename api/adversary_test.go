package api_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/api"
)

// What is out of scope, what does not exist and what has a strange name get
// the same answer, header for header, with every method and for everyone.
func TestRule11OutOfScopeLooksAbsent(t *testing.T) {
	s := newServer(t)
	token := s.token(t, "manager", true)
	requests := []struct{ method, path, body string }{
		{"GET", "/api/collections/sites/items/{id}", ""}, {"HEAD", "/api/collections/sites/items/{id}", ""},
		{"GET", "/api/sites/{id}", ""}, {"GET", "/api/sites/{id}/explanation", ""},
		{"PATCH", "/api/sites/{id}", `{"name":"Foyer fictif"}`}, {"POST", "/api/sites/{id}/close", `{"on":"2026-11-01"}`},
		{"POST", "/api/sites/{id}/reopen", ""}, {"POST", "/api/sites/{id}/merge", `{"absorb":"F-003","absorb_version":1}`},
		{"POST", "/api/sites/F-003/merge", `{"absorb":"{id}","absorb_version":1}`},
	}
	for _, login := range []string{"", "analyst", "inspector", "planner", "manager", "provider", "partner", "admin", "token"} {
		headers := []string{"If-Match", "*"}
		person := login
		if login == "token" {
			headers, person = append(headers, "Authorization", "Bearer "+token), ""
		}
		for _, r := range requests {
			ask := func(id string) *httptest.ResponseRecorder {
				return s.as(person, r.method, strings.ReplaceAll(r.path, "{id}", url.PathEscape(id)), strings.ReplaceAll(r.body, "{id}", id), headers...)
			}
			hidden := ask(elsewhere)
			if hidden.Code != 404 && hidden.Code != 403 {
				t.Errorf("%s %s %s: %d", login, r.method, r.path, hidden.Code)
			}
			for _, id := range []string{"X-002", "nobody", "x-001", "X-001 ", "%", "..", "\u202e"} {
				absent := ask(id)
				same := maps.EqualFunc(headersOf(hidden), headersOf(absent), slices.Equal)
				if hidden.Code != absent.Code || bodyOf(hidden) != bodyOf(absent) || !same {
					t.Errorf("%q %s %s: hidden %d %s %v\n%q: %d %s %v", login, r.method, r.path, hidden.Code, hidden.Body, hidden.Header(), id, absent.Code, absent.Body, absent.Header())
				}
			}
		}
	}
	// A collection that the viewer may not know of is no collection.
	for _, login := range []string{"", "partner", "admin"} {
		hidden, absent := s.as(login, "GET", "/api/collections/sites/items", ""), s.as(login, "GET", "/api/collections/castles/items", "")
		if hidden.Code != 404 || bodyOf(hidden) != bodyOf(absent) || !maps.EqualFunc(headersOf(hidden), headersOf(absent), slices.Equal) {
			t.Errorf("%q: %d %s %v\n%d %s %v", login, hidden.Code, hidden.Body, hidden.Header(), absent.Code, absent.Body, absent.Header())
		}
	}
}

// Headers that some servers obey change nothing here.
func TestMethodsAreNotOverridden(t *testing.T) {
	s := newServer(t)
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"} {
		if w := s.as("planner", "GET", "/api/sites/F-001", "", header, "PATCH"); w.Code != 200 {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
		wantProblem(t, s.do("POST", "/api/sites/F-001", `{"name":"A"}`, header, "PATCH", "If-Match", "*"), 405, "method-not-allowed")
	}
	for _, header := range []string{"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix"} {
		if w := s.anyone("GET", "/api/config", "", header, "/api/sites/F-001"); w.Code != 200 || strings.Contains(w.Body.String(), "F-001") {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
	}
	wantProblem(t, s.do("POST", "/api/sites/F-001?_method=PATCH", `{"name":"A"}`, "If-Match", "*"), 405, "method-not-allowed")
}

// Saying something twice gives no more than saying it once.
func TestPollution(t *testing.T) {
	s := newServer(t)
	page := get[collection](t, s, "/api/collections/sites/items?department_code=01&department_code=74")
	if page.NumberMatched != 0 {
		t.Errorf("%d homes", page.NumberMatched)
	}
	wantProblem(t, s.do("GET", "/api/collections/sites/items?department_code[]=74", ""), 400, "unknown-parameter")
	wantProblem(t, s.do("GET", "/api/collections/sites/items?subject=admin", ""), 400, "unknown-parameter")
	token := s.token(t, "manager", true)
	r := httptest.NewRequest("GET", "/api/sites/F-001", nil)
	r.Host = "localhost"
	r.Header["Authorization"] = []string{"Bearer vgt_NOTATOKENNOTATOKENNOTATOK", "Bearer " + token}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	wantProblem(t, w, 401, "authentication-required")
	// Members of a JSON object that nobody asked for.
	wantProblem(t, s.anyone("POST", "/api/auth/login", `{"login":"mia","password":"`+password+`","role":"admin"}`), 422, "invalid-record")
	wantProblem(t, s.do("PUT", "/api/auth/purpose", `{"purpose":"planning","precision":"exact"}`), 422, "invalid-record")
}

// A page of another site can make a browser send cookies, but not change anything.
func TestCrossSiteRequests(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		headers []string
		want    int
	}{
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{[]string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:9"}, 403},
		{[]string{"Origin", "https://evil.example"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:8080"}, 204},
	} {
		if w := s.do("DELETE", "/api/auth/sessions", "", tt.headers...); w.Code != tt.want {
			t.Errorf("%v: %d %s", tt.headers, w.Code, w.Body)
		}
		// Logging a victim in to the attacker's account is a change too.
		want := tt.want
		if want == 204 {
			want = 200
		}
		if w := s.logIn("mia", password, "", tt.headers...); w.Code != want {
			t.Errorf("login, %v: %d %s", tt.headers, w.Code, w.Body)
		}
	}
	// A form can't send JSON.
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		wantProblem(t, s.do("PUT", "/api/auth/purpose", `{"purpose":"planning"}`, "Content-Type", contentType), 415, "unsupported-media-type")
	}
	if got := s.do("GET", "/api/auth/session", "", "Origin", "https://evil.example").Header(); got.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("header %v", got)
	}
}

func TestPathTraversal(t *testing.T) {
	s := newServer(t)
	for _, target := range []string{
		"/../go.mod", "/assets/../../go.mod", "/..%2fgo.mod", "/%2e%2e/go.mod", "/assets/%2e%2e%2f%2e%2e%2fgo.mod", "/..\\go.mod", "/assets//../index.html",
		"/api/../api/sites/F-001", "/api/config/../sites/F-001", "/api//sites/F-001", "/api/config%2f..%2fsites%2fF-001", "/API/sites/F-001", "/api/sites/F-001/", "/.git/config",
	} {
		if w := s.anyone("GET", target, ""); w.Code != 404 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// Only a trusted proxy is believed on who asks and where.
func TestForwardedHeaders(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) {
		cfg.PublicURL, cfg.TrustedProxies = "https://vigie.example", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	})
	ask := func(peer, host string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/api/", nil)
		r.RemoteAddr, r.Host = peer+":1234", host
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for _, tt := range []struct {
		name, peer, host string
		headers          []string
		want             int
	}{
		{"proxy", "10.1.2.3", "vigie.example", nil, 200},
		{"proxy with another port of its own", "10.1.2.3", "vigie:8080", []string{"X-Forwarded-Host", "vigie.example"}, 200},
		{"proxy for another host", "10.1.2.3", "vigie.example", []string{"X-Forwarded-Host", "evil.example"}, 421},
		{"the nearest proxy counts", "10.1.2.3", "vigie", []string{"X-Forwarded-Host", "vigie.example, evil.example"}, 421},
		{"proxy reached in clear", "10.1.2.3", "vigie.example", []string{"X-Forwarded-Proto", "http"}, 421},
		{"proxy reached by TLS", "10.1.2.3", "vigie.example", []string{"X-Forwarded-Proto", "https"}, 200},
		{"past the proxy", "10.2.0.1", "vigie.example", nil, 421},
		{"past the proxy, lying", "10.2.0.1", "vigie.example", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "vigie.example"}, 421},
		{"health check", "127.0.0.1", "127.0.0.1:8080", nil, 200},
	} {
		w := ask(tt.peer, tt.host, tt.headers...)
		if w.Code != tt.want || strings.Contains(w.Body.String(), "evil.example") {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
		if w.Code == 200 && !strings.Contains(w.Body.String(), `"https://vigie.example/api/openapi.json"`) {
			t.Errorf("%s: links are not of the public address: %s", tt.name, w.Body)
		}
	}
	// Who guesses is told by the proxy, not by the client of the proxy.
	guess := func(peer, forwarded, login string) int {
		r := httptest.NewRequest("POST", "/api/auth/login", strings.NewReader(`{"login":"`+login+`","password":"pas le bon mot de passe"}`))
		r.RemoteAddr, r.Host = peer+":1234", "vigie.example"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for range 6 {
		if code := guess("10.1.2.3", "1.1.1.1, 203.0.113.7", "mia"); code != 401 {
			t.Fatal(code)
		}
	}
	if code := guess("10.1.2.3", "2.2.2.2, 203.0.113.7", "mia"); code != 429 {
		t.Errorf("an address that the client invents is believed: %d", code)
	}
	if code := guess("10.1.2.3", "203.0.113.8", "mia"); code != 401 {
		t.Errorf("another address is slowed down: %d", code)
	}
}

// open serves over a real connection.
func (s *server) open(t *testing.T, wrap func(net.Listener) net.Listener) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	stopped := make(chan error, 1)
	ctx := t.Context()
	go func() { stopped <- api.Serve(ctx, wrap(listener), s, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return address
}

// What is not HTTP as it should be is refused before any handler, and no second
// request hides in the first.
func TestMalformedRequests(t *testing.T) {
	s := newServer(t)
	address := s.open(t, func(l net.Listener) net.Listener { return l })
	const head = "Host: 127.0.0.1\r\nConnection: close\r\n"
	for name, request := range map[string]string{
		"two lengths":               "POST /api/assess HTTP/1.1\r\n" + head + "Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}GET /api/config HTTP/1.1\r\n\r\n",
		"length and chunks":         "POST /api/assess HTTP/1.1\r\n" + head + "Content-Type: text/plain\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/config HTTP/1.1\r\n" + head + "\r\n",
		"unknown transfer encoding": "POST /api/assess HTTP/1.1\r\n" + head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"chunked twice":             "POST /api/assess HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"space before the colon":    "GET /api/config HTTP/1.1\r\nHost : 127.0.0.1\r\nConnection: close\r\n\r\n",
		"two hosts":                 "GET /api/config HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"no host":                   "GET /api/config HTTP/1.1\r\nConnection: close\r\n\r\n",
		"foreign host in the line":  "GET http://evil.example/api/config HTTP/1.1\r\n" + head + "\r\n",
		"control in a header":       "GET /api/config HTTP/1.1\r\n" + head + "X-A: a\x00b\r\n\r\n",
		"huge header":               "GET /api/config HTTP/1.1\r\n" + head + "X-A: " + strings.Repeat("a", 100_000) + "\r\n\r\n",
		"many headers":              "GET /api/config HTTP/1.1\r\n" + head + strings.Repeat("X-A: a\r\n", 20_000) + "\r\n",
		"huge cookie":               "GET /api/config HTTP/1.1\r\n" + head + "Cookie: vigie=" + strings.Repeat("a", 100_000) + "\r\n\r\n",
	} {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(connection, request) // the server may hang up half way
		answer, _ := io.ReadAll(bufio.NewReader(connection))
		connection.Close()
		if strings.Contains(string(answer), "HTTP/1.1 2") || strings.Count(string(answer), "HTTP/1.1 ") > 1 {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

// The server's own certificate: TLS 1.2 at least, HTTP/2, and the session's prefix.
func TestTLS(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.PublicURL = "https://vigie.example" })
	certFile, keyFile, pool := certificate(t, "vigie.example")
	address := s.open(t, func(l net.Listener) net.Listener {
		encrypted, err := api.ListenTLS(l, certFile, keyFile)
		if err != nil {
			t.Fatal(err)
		}
		return encrypted
	})
	client := func(most uint16) *http.Client {
		return &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "vigie.example", MaxVersion: most}, ForceAttemptHTTP2: true,
			DisableKeepAlives: true,
		}}
	}
	ask := func(most uint16) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+address+"/api/auth/session", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "vigie.example"
		return client(most).Do(r)
	}
	response, err := ask(tls.VersionTLS13)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 || response.ProtoMajor != 2 || response.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %s %v", response.StatusCode, response.Proto, response.Header)
	}
	if response, err := ask(tls.VersionTLS11); err == nil {
		response.Body.Close()
		t.Error("TLS 1.1 is accepted")
	}
	if _, err := api.ListenTLS(nil, keyFile, certFile); err == nil {
		t.Error("a certificate that is none is accepted")
	}
}
