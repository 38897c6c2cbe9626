package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/rs/cors"
)

// ExactOrigin tells whether s is an origin as browsers spell it: scheme, host and, where it
// is not the usual one, port. Without TLS only this machine has one that may be trusted.
func ExactOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(s, "*, ") || s != strings.ToLower(u.Scheme+"://"+u.Host) {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Port() != "443" && !strings.HasSuffix(u.Host, ":")
	case "http":
		return u.Port() != "80" && !strings.HasSuffix(u.Host, ":") && LoopbackHost(u.Host)
	}
	return false
}

// foreign lets the pages of some other origins read the API: with GET and HEAD, with a token
// if they have one, never with a session.
type foreign struct{ *cors.Cors }

// newForeign makes it of exact origins.
func newForeign(origins []string) (*foreign, error) {
	for _, o := range origins {
		if !ExactOrigin(o) {
			return nil, fmt.Errorf("CORS: %q is not an exact origin", o)
		}
	}
	return &foreign{cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{"Accept", "Accept-Language", "Authorization", "If-None-Match"},
		ExposedHeaders: []string{"Content-Crs", "Content-Language", "ETag", "Link", "OGC-NumberMatched", "OGC-NumberReturned"},
		MaxAge:         600,
	})}, nil
}

// admit adds what browsers look for before they let a page of another origin read an answer,
// and answers their preflight requests itself.
func (f *foreign) admit(c *gin.Context) {
	if !strings.HasPrefix(c.FullPath(), Root) {
		return
	}
	f.HandlerFunc(c.Writer, c.Request)
	if c.Request.Method == http.MethodOptions {
		if c.GetHeader("Access-Control-Request-Method") != "" {
			c.Abort()
		}
		return
	}
	if h := c.Writer.Header(); h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		// A page of another host of the same site could make the browser send it.
		c.Request.Header.Del("Cookie")
	}
}
