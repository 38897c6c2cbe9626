package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
)

// A body prepared once is what each client accepts of it, with its length, and is not
// compressed again.
func TestPrepared(t *testing.T) {
	large := strings.Repeat("quartier ", 1000)
	route := func(name, body string) web.Route {
		prepared := web.Prepare([]byte(body))
		return web.Route{
			Method: http.MethodGet, Path: "/" + name, Access: web.Public,
			Operation: func(tr web.Tr) *openapi3.Operation {
				return web.Answers(web.Op(name, "test", name), 200, name, web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
			},
			Handler: func(c *gin.Context) error { return prepared.Send(c, http.StatusOK, web.TypeJSON) },
		}
	}
	s := newServer(t, route("large", large), route("small", "x"))
	for _, tt := range []struct {
		method, path, accepts string
		compressed            bool
	}{
		{"GET", "large", "gzip", true}, {"GET", "large", "br, GZIP;q=0.5", true}, {"GET", "large", "gzip, deflate, br, zstd", true},
		{"GET", "large", "", false}, {"GET", "large", "gzip;q=0", false}, {"GET", "large", "br", false},
		{"HEAD", "large", "gzip", false}, {"GET", "small", "gzip", false},
	} {
		w := s.do(tt.method, "/api/"+tt.path, "", "Accept-Encoding", tt.accepts)
		name, want := tt.method+" "+tt.path+" "+tt.accepts, map[string]string{"large": large, "small": "x"}[tt.path]
		if (w.Header().Get("Content-Encoding") == "gzip") != tt.compressed || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: header %v", name, w.Header())
		}
		if length := w.Header().Get("Content-Length"); tt.method == "GET" && length != strconv.Itoa(w.Body.Len()) || tt.method == "HEAD" && length != strconv.Itoa(len(want)) {
			t.Errorf("%s: length %s of %d", name, length, w.Body.Len())
		}
		var body io.Reader = w.Body
		if tt.compressed {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || tt.method == "GET" && string(got) != want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}
