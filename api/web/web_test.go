package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

// server serves a few routes that show each behaviour of the router alone.
type server struct {
	http.Handler
	log *bytes.Buffer
}

func newServer(t *testing.T, routes ...web.Route) server {
	t.Helper()
	return newServerWith(t, func(*web.Options) {}, routes...)
}

// newServerWith lets a test change the options.
func newServerWith(t *testing.T, configure func(*web.Options), routes ...web.Route) server {
	t.Helper()
	log := &bytes.Buffer{}
	n := 0
	options := web.Options{
		Info:   web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1", Server: web.Root},
		Logger: slog.New(slog.NewJSONHandler(log, nil)),
		Clock:  func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) },
		IDs:    func() string { n++; return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) },
	}
	configure(&options)
	handler, err := web.NewHandler(options, routes)
	if err != nil {
		t.Fatal(err)
	}
	return server{handler, log}
}

func (s server) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, target, nil)
	}
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

type problem struct {
	Type, Title, Detail, Instance, Code string
	Status                              int
	Problems                            []data.Problem
}

func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) problem {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != web.TypeProblem {
		t.Fatalf("got %d %q, want %d problem %s: %s", w.Code, w.Header().Get("Content-Type"), status, code, w.Body)
	}
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" || !strings.HasSuffix(p.Type, "#"+code) || !strings.HasPrefix(p.Instance, "urn:uuid:") {
		t.Fatalf("problem %+v, want code %s", p, code)
	}
	return p
}

func echo() web.Route {
	return web.Route{
		Method: http.MethodGet, Path: "/echo/{id}", Access: web.Public,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("echo", "test", tr("Écho", "Echo"), web.PathID("id", "id"),
				web.Shared(web.Query("limit", "limit", openapi3.NewIntegerSchema().WithMin(1).WithMax(10).WithDefault(5))),
				web.Own(web.Query("bbox", "bbox", openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(4).WithMaxItems(6))),
				web.Own(web.Query("day", "day", web.Pattern(`^\d{4}$`, "une année", "a year"))))
			return web.Answers(op, 200, "echo", web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		},
		Handler: func(c *gin.Context) error {
			call := web.CallOf(c)
			web.Revalidate(c)
			if web.NotModified(c, "v1", "json") {
				return nil
			}
			return web.JSON(c, http.StatusOK, gin.H{
				"id": c.Param("id"), "limit": call.Query.Get("limit"), "lang": call.Lang(), "pad": strings.Repeat("x", 2000),
			})
		},
	}
}

func post() web.Route {
	return web.Route{
		Method: http.MethodPost, Path: "/things", Access: web.Public, MaxBody: 200,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("post", "test", tr("Poster", "Post"))
			inner := web.Closed(map[string]*openapi3.Schema{"lon": openapi3.NewFloat64Schema().WithMin(-180).WithMax(180)}, "lon")
			web.Takes(op, web.Named("Thing", web.Closed(map[string]*openapi3.Schema{
				"name": openapi3.NewStringSchema().WithMaxLength(5), "kind": openapi3.NewStringSchema().WithEnum("a", "b"), "at": inner,
				"count": openapi3.NewIntegerSchema().WithNullable(),
			}, "name")), web.TypeJSON, web.TypeMergePatch)
			return web.Answers(op, 201, "made", web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		},
		Handler: func(c *gin.Context) error {
			var v map[string]any
			if err := json.NewDecoder(c.Request.Body).Decode(&v); err != nil {
				return err
			}
			return web.JSON(c, http.StatusCreated, v)
		},
	}
}

func failing(path string, h web.Handler) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Access: web.Public, Handler: h, Operation: func(web.Tr) *openapi3.Operation {
		op := web.Op("get"+strings.ReplaceAll(path, "/", "."), "test", path)
		return web.Answers(op, 200, "never", web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
	}}
}

func TestParametersAreValidated(t *testing.T) {
	s := newServer(t, echo())
	tests := []struct {
		name, query, code, field string
		mentions                 [2]string // French, English
	}{
		{"not a number", "limit=unlimited", web.CodeInvalidParameter, "limit", [2]string{"nombre entier de 1 à 10", "whole number from 1 to 10"}},
		{"too small", "limit=0", web.CodeInvalidParameter, "limit", [2]string{"de 1 à 10", "from 1 to 10"}},
		{"too large", "limit=11", web.CodeInvalidParameter, "limit", [2]string{"de 1 à 10", "from 1 to 10"}},
		{"fraction", "limit=1.5", web.CodeInvalidParameter, "limit", [2]string{"entier", "whole"}},
		{"empty", "limit=", web.CodeInvalidParameter, "limit", [2]string{"entier", "whole"}},
		{"three numbers", "bbox=1,2,3", web.CodeInvalidParameter, "bbox", [2]string{"4–6", "4–6"}},
		{"seven numbers", "bbox=1,2,3,4,5,6,7", web.CodeInvalidParameter, "bbox", [2]string{"4–6", "4–6"}},
		{"letters", "bbox=a,b,c,d", web.CodeInvalidParameter, "bbox", [2]string{"un nombre", "a number"}},
		{"pattern", "day=yesterday", web.CodeInvalidParameter, "day", [2]string{"une année", "a year"}},
		{"unknown", "limite=3", web.CodeUnknownParameter, "limite", [2]string{"bbox, day, lang, limit", "bbox, day, lang, limit"}},
		{"last of the repeated is wrong", "limit=3&limit=99", web.CodeInvalidParameter, "limit", [2]string{"de 1 à 10", "from 1 to 10"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, lang := range []string{"fr", "en"} {
				w := s.do("GET", "/api/echo/1?"+tt.query, "", "Accept-Language", lang)
				p := wantProblem(t, w, 400, tt.code)
				if !strings.Contains(p.Detail, tt.mentions[i]) || w.Header().Get("Content-Language") != lang {
					t.Errorf("%s: detail %q, want a mention of %q", lang, p.Detail, tt.mentions[i])
				}
				if len(p.Problems) != 1 || p.Problems[0].Field != tt.field {
					t.Errorf("problems %+v, want field %s", p.Problems, tt.field)
				}
			}
		})
	}
	if p := wantProblem(t, s.do("GET", "/api/echo/1?limit=%zz", ""), 400, web.CodeBadRequest); !strings.Contains(p.Detail, "%") {
		t.Errorf("detail %q", p.Detail)
	}
}

func TestLastOfRepeatedParametersWins(t *testing.T) {
	w := newServer(t, echo()).do("GET", "/api/echo/1?limit=unlimited&limit=7", "")
	var got struct{ Limit string }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Limit != "7" {
		t.Errorf("%d %s (%v), want limit 7", w.Code, w.Body, err)
	}
}

func TestEscapedSlashInIdentifier(t *testing.T) {
	w := newServer(t, echo()).do("GET", "/api/echo/a%2Fb%20c", "")
	var got struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.ID != "a/b c" {
		t.Errorf("%d %s (%v), want id a/b c", w.Code, w.Body, err)
	}
}

func TestBodiesAreValidated(t *testing.T) {
	s := newServer(t, post())
	tests := []struct {
		name, contentType, body string
		status                  int
		code, field             string
	}{
		{"syntax", web.TypeJSON, `{"name":`, 400, web.CodeInvalidBody, ""},
		{"empty", web.TypeJSON, ` `, 400, web.CodeInvalidBody, ""},
		{"required", web.TypeJSON, `{}`, 422, web.CodeInvalidRecord, "name"},
		{"type", web.TypeJSON, `{"name":5}`, 422, web.CodeInvalidRecord, "name"},
		{"length", web.TypeJSON, `{"name":"far too long"}`, 422, web.CodeInvalidRecord, "name"},
		{"choice", web.TypeJSON, `{"name":"a","kind":"c"}`, 422, web.CodeInvalidRecord, "kind"},
		{"nested range", web.TypeJSON, `{"name":"a","at":{"lon":181}}`, 422, web.CodeInvalidRecord, "at.lon"},
		{"unknown member", web.TypeJSON, `{"name":"a","nom":"b"}`, 422, web.CodeInvalidRecord, "nom"},
		{"not an object", web.TypeJSON, `[1]`, 422, web.CodeInvalidRecord, ""},
		{"media type", "text/plain", `{"name":"a"}`, 415, web.CodeUnsupportedMedia, ""},
		{"no media type", "", `{"name":"a"}`, 415, web.CodeUnsupportedMedia, ""},
		{"too large", web.TypeJSON, `{"name":"` + strings.Repeat("a", 300) + `"}`, 413, web.CodeTooLarge, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := wantProblem(t, s.do("POST", "/api/things", tt.body, "Content-Type", tt.contentType), tt.status, tt.code)
			if tt.field != "" && (len(p.Problems) != 1 || p.Problems[0].Field != tt.field || p.Problems[0].Message.FR == "" || p.Problems[0].Message.EN == "") {
				t.Errorf("problems %+v, want one for %s", p.Problems, tt.field)
			}
		})
	}
	for _, contentType := range []string{"application/json; charset=utf-8", web.TypeMergePatch} {
		if w := s.do("POST", "/api/things", `{"name":"a","count":null}`, "Content-Type", contentType); w.Code != 201 {
			t.Errorf("%s: %d %s", contentType, w.Code, w.Body)
		}
	}
}

func TestEveryFindingOfABodyIsGiven(t *testing.T) {
	p := wantProblem(t, newServer(t, post()).do("POST", "/api/things", `{"kind":"c","at":{"lon":181}}`, "Content-Type", web.TypeJSON), 422, web.CodeInvalidRecord)
	fields := map[string]bool{}
	for _, f := range p.Problems {
		fields[f.Field] = true
	}
	if len(p.Problems) != 3 || !fields["name"] || !fields["kind"] || !fields["at.lon"] {
		t.Errorf("problems %+v, want name, kind and at.lon", p.Problems)
	}
}

// A body whose length is not announced is cut at the limit too.
func TestChunkedBodyIsLimited(t *testing.T) {
	s := newServer(t, post())
	r := httptest.NewRequest("POST", "/api/things", io.MultiReader(strings.NewReader(`{"name":"`), strings.NewReader(strings.Repeat("a", 500))))
	r.Host, r.ContentLength = "localhost", -1
	r.Header.Set("Content-Type", web.TypeJSON)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	wantProblem(t, w, 413, web.CodeTooLarge)
}

func TestNegotiation(t *testing.T) {
	s := newServer(t, echo())
	for accept, want := range map[string]int{
		"": 200, "*/*": 200, "application/*": 200, "application/json": 200, "text/html, */*;q=0.1": 200,
		"text/html": 406, "application/json;q=0": 406, "application/json;q=0, */*": 406, "image/png, text/*": 406,
	} {
		if w := s.do("GET", "/api/echo/1", "", "Accept", accept); w.Code != want {
			t.Errorf("Accept %q: %d, want %d", accept, w.Code, want)
		}
	}
	for _, tt := range []struct{ query, accept, want string }{
		{"", "", "fr"}, {"", "en", "en"}, {"", "en-GB,en;q=0.8", "en"}, {"", "de", "fr"}, {"", "de,en;q=0.5", "en"},
		{"", "fr-CA,en;q=0.9", "fr"}, {"", "en;q=0.2,fr;q=0.9", "fr"}, {"", "!!", "fr"}, {"?lang=en", "fr", "en"}, {"?lang=fr", "en", "fr"},
	} {
		w := s.do("GET", "/api/echo/1"+tt.query, "", "Accept-Language", tt.accept)
		if !strings.Contains(w.Body.String(), `"lang":"`+tt.want+`"`) {
			t.Errorf("%s Accept-Language %q: %s, want %s", tt.query, tt.accept, w.Body, tt.want)
		}
	}
	wantProblem(t, s.do("GET", "/api/echo/1?lang=de", ""), 400, web.CodeInvalidParameter)
}

func TestValidators(t *testing.T) {
	s := newServer(t, echo())
	w := s.do("GET", "/api/echo/1", "")
	tag := w.Header().Get("ETag")
	if tag == "" || w.Header().Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("header %v", w.Header())
	}
	for match, want := range map[string]int{tag: 304, `"other", ` + tag: 304, "*": 304, strings.TrimPrefix(tag, "W/"): 304, `W/"other"`: 200, "": 200} {
		w := s.do("GET", "/api/echo/1", "", "If-None-Match", match)
		if w.Code != want || want == 304 && (w.Body.Len() > 0 || w.Header().Get("ETag") != tag) {
			t.Errorf("If-None-Match %q: %d with %d bytes, want %d", match, w.Code, w.Body.Len(), want)
		}
	}
}

func TestMethods(t *testing.T) {
	s := newServer(t, echo(), post())
	get, head := s.do("GET", "/api/echo/1", ""), s.do("HEAD", "/api/echo/1", "")
	if head.Code != 200 || head.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", head.Code, head.Body.Len())
	}
	for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Cache-Control"} {
		if head.Header().Get(name) != get.Header().Get(name) {
			t.Errorf("HEAD %s %q, GET %q", name, head.Header().Get(name), get.Header().Get(name))
		}
	}
	w := s.do("DELETE", "/api/echo/1", "")
	wantProblem(t, w, 405, web.CodeMethodNotAllowed)
	if allow := w.Header().Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "HEAD") || strings.Contains(allow, "POST") {
		t.Errorf("Allow %q", allow)
	}
	if w := s.do("OPTIONS", "/api/things", ""); w.Code != 204 || w.Header().Get("Allow") != "POST, OPTIONS" {
		t.Errorf("OPTIONS: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	wantProblem(t, s.do("GET", "/api/nothing", ""), 404, web.CodeNotFound)
	wantProblem(t, s.do("GET", "/nothing", ""), 404, web.CodeNotFound)
}

func TestForeignPagesAreRefused(t *testing.T) {
	s := newServer(t, echo(), post())
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1": 200, "127.9.9.9:80": 200, "[::1]:8080": 200, "[::1]": 200,
		"vigie.example": 421, "127.0.0.1.vigie.example": 421, "localhost.vigie.example:8080": 421, "192.168.1.2": 421, "0.0.0.0:8080": 421, "[::]": 421,
	} {
		if w := s.do("GET", "/api/echo/1", "", "Host", host); w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
	for _, tt := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"no browser", nil, 201},
		{"own page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:8080"}, 201},
		{"own page, old browser", []string{"Origin", "http://127.0.0.1:8080"}, 201},
		{"other site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://attacker.example"}, 403},
		{"other port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:9999"}, 403},
		{"other site, old browser", []string{"Origin", "https://attacker.example"}, 403},
		{"opaque origin", []string{"Origin", "null"}, 403},
	} {
		w := s.do("POST", "/api/things", `{"name":"a"}`, append(tt.headers, "Content-Type", web.TypeJSON)...)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.want)
		}
	}
	if got := s.do("GET", "/api/echo/1", "").Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin %q", got)
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newServer(t, echo())
	for _, target := range []string{"/api/echo/1", "/api/nothing", "/"} {
		h := s.do("GET", target, "").Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "unsafe-eval") {
			t.Errorf("%s: policy %q", target, policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s %q, want %q", target, name, h.Get(name), want)
			}
		}
	}
}

func TestCompression(t *testing.T) {
	w := newServer(t, echo()).do("GET", "/api/echo/1", "", "Accept-Encoding", "gzip")
	if w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
		t.Fatalf("header %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil || !json.Valid(plain) {
		t.Errorf("%v: %s", err, plain)
	}
}

// What went wrong inside is in the log under the answer's number, not in the answer.
func TestFailures(t *testing.T) {
	s := newServer(t,
		failing("/error", func(*gin.Context) error { return errors.New("secret of the store") }),
		failing("/panic", func(*gin.Context) error { panic("secret of a home") }),
		failing("/crash", func(*gin.Context) error { return []error{}[len(os.Args)+9] }),
		failing("/conflict", func(*gin.Context) error { return fmt.Errorf("wrapped: %w", data.ErrConflict) }),
		failing("/forbidden", func(*gin.Context) error { return data.ErrForbidden }),
		failing("/full", func(*gin.Context) error { return fmt.Errorf("%w: detail", data.ErrStoreFull) }),
		failing("/busy", func(*gin.Context) error { return data.ErrStoreBusy }),
		failing("/absent", func(*gin.Context) error { return data.ErrNotFound }))
	for _, path := range []string{"/error", "/panic", "/crash"} {
		w := s.do("GET", "/api"+path, "")
		p := wantProblem(t, w, 500, web.CodeInternal)
		if strings.Contains(w.Body.String(), "secret") || p.Instance != "urn:uuid:"+w.Header().Get("X-Request-Id") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	if log := s.log.String(); !strings.Contains(log, "secret of the store") || strings.Contains(log, "secret of a home") || !strings.Contains(log, "out of range") {
		t.Errorf("log %s", log)
	}
	wantProblem(t, s.do("GET", "/api/conflict", ""), 409, web.CodeConflict)
	wantProblem(t, s.do("GET", "/api/forbidden", ""), 403, web.CodeForbidden)
	for _, path := range []string{"/full", "/busy"} {
		w := s.do("GET", "/api"+path, "")
		if p := wantProblem(t, w, 503, web.CodeUnavailable); !strings.Contains(p.Detail, "rien n’a été modifié") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	absent, unknown := s.do("GET", "/api/absent", ""), s.do("GET", "/api/unknown", "")
	strip := func(b string) string {
		i := strings.Index(b, `"instance"`)
		return b[:i] + b[i+len(`"instance":"urn:uuid:00000000-0000-0000-0000-000000000001"`):]
	}
	if strip(absent.Body.String()) != strip(unknown.Body.String()) {
		t.Errorf("what exists not and what is not for you differ:\n%s\n%s", absent.Body, unknown.Body)
	}
}

// An answer that fails on its way is cut, never ended as if it were whole.
func TestTruncatedAnswerIsCut(t *testing.T) {
	s := newServer(t, failing("/stream", func(c *gin.Context) error {
		out := web.NewChunks(c, 200, web.TypeJSON)
		out.Buf = append(out.Buf, bytes.Repeat([]byte("x"), 100_000)...)
		if err := out.Flush(); err != nil {
			return err
		}
		out.Discard()
		return errors.New("half way")
	}))
	server := httptest.NewServer(s)
	defer server.Close()
	response, err := http.Get(server.URL + "/api/stream")
	if err != nil {
		return // cut before the header was out: as good
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("a truncated answer was read to a clean end")
	}
}

// Uploads lengthen the deadlines of their connection: every writer between the
// handler and the connection must let that through.
func TestDeadlinesReachTheConnection(t *testing.T) {
	reached := make(chan error, 2)
	long := failing("/long", func(c *gin.Context) error {
		control := http.NewResponseController(c.Writer)
		reached <- errors.Join(control.SetReadDeadline(time.Now().Add(time.Hour)), control.SetWriteDeadline(time.Now().Add(time.Hour)))
		return web.JSON(c, 200, nil)
	})
	long.Timeout = time.Hour
	server := httptest.NewServer(newServer(t, long))
	defer server.Close()
	for _, method := range []string{"GET", "HEAD"} {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/long", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if err := <-reached; err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestDeadline(t *testing.T) {
	slow := failing("/slow", func(c *gin.Context) error {
		<-c.Request.Context().Done()
		return c.Request.Context().Err()
	})
	slow.Timeout = 10 * time.Millisecond
	wantProblem(t, newServer(t, slow).do("GET", "/api/slow", ""), 503, web.CodeTimeout)
}

// The log holds the route, never the identifiers, positions or queries of requests.
func TestAccessLogTellsNothingPrivate(t *testing.T) {
	s := newServer(t, echo())
	s.do("GET", "/api/echo/690000001?bbox=4.87,45.71,4.88,45.72", "")
	s.do("GET", "/api/echo/690000001?bbox=4.87", "")
	s.do("GET", "/api/unknown/690000001", "")
	s.do("SECRET690000001", "/api/echo/1", "")
	log := s.log.String()
	for _, secret := range []string{"690000001", "4.87", "45.7", "bbox="} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	var line struct {
		Method, Route, ID, Msg string
		Status, Bytes          int
		Duration               *int64
	}
	first, _, _ := strings.Cut(log, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatal(err)
	}
	if line.Method != "GET" || line.Route != "/api/echo/:id" || line.Status != 200 || line.Bytes < 2000 || line.Duration == nil || line.ID == "" {
		t.Errorf("line %s", first)
	}
}

func TestOpenAPIDocument(t *testing.T) {
	s := newServer(t, echo(), post())
	for _, lang := range []string{"fr", "en"} {
		w := s.do("GET", "/api/openapi.json?lang="+lang, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != web.TypeOpenAPI {
			t.Fatalf("%d %q", w.Code, w.Header().Get("Content-Type"))
		}
		doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Error(err)
		}
		if limit := doc.Components.Parameters["limit"]; limit == nil || limit.Value.Schema.Value.Max == nil {
			t.Error("limit is not among the components")
		}
		if got, want := doc.Paths.Value("/echo/{id}").Get.Summary, map[string]string{"fr": "Écho", "en": "Echo"}[lang]; got != want {
			t.Errorf("summary %q, want %q", got, want)
		}
	}
	if !strings.Contains(s.do("GET", "/api/openapi.json", "").Body.String(), `{"$ref":"#/components/parameters/limit"}`) {
		t.Error("limit is not a $ref where it is used")
	}
}

func TestTwiceTheSameRouteIsAnError(t *testing.T) {
	_, err := web.NewHandler(web.Options{Info: web.Info{Title: data.Text{FR: "a", EN: "a"}, Version: "1", Server: "/api"}}, []web.Route{echo(), echo()})
	if err == nil {
		t.Error("a route that is in the table twice is accepted")
	}
}

func TestProblemTypesAreBilingual(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range web.ProblemTypes() {
		if p.Title.FR == "" || p.Title.EN == "" || p.Status < 400 || seen[p.Code] {
			t.Errorf("problem type %+v", p)
		}
		seen[p.Code] = true
	}
	w := newServer(t).do("GET", "/api/problems", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"code":"not-found"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func BenchmarkValidatedRequest(b *testing.B) {
	handler, err := web.NewHandler(web.Options{
		Info: web.Info{Title: data.Text{FR: "a", EN: "a"}, Version: "1", Server: "/api"}, Logger: slog.New(slog.DiscardHandler),
		Clock: time.Now, IDs: func() string { return "1" },
	}, []web.Route{echo()})
	if err != nil {
		b.Fatal(err)
	}
	for name, target := range map[string]string{"plain": "/api/echo/1", "bbox": "/api/echo/1?bbox=4.8,45.7,4.9,45.8&limit=7"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", target, nil)
				r.Host = "localhost"
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

// A foreign host name is not made into links.
func TestForeignHostIsNotRepeated(t *testing.T) {
	w := newServer(t).do("GET", "/api/openapi.json", "", "Host", "evil.example")
	if w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "evil.example") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
