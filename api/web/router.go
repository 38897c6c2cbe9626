package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"vigie/data"
)

// Options of the router.
type Options struct {
	Info   Info
	Logger *slog.Logger
	Clock  data.Clock
	IDs    data.IDs
	// PublicURL is the address users reach the server at, without a final slash; empty
	// is this machine under any of its names. Requests under another host are refused.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-For, -Host and -Proto are believed.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the other origins whose pages may read the API; none is the rule.
	CORSOrigins []string
	// Admit decides on every request of the table before it is validated. Without it
	// the table must be public.
	Admit Admit
	// Fallback answers GET requests that no route matches and that are not below
	// Root (the front end); nil answers 404.
	Fallback Handler
}

// releaseMode quiets gin, whose mode is a variable of the process.
var releaseMode = sync.OnceFunc(func() { gin.SetMode(gin.ReleaseMode) })

// router serves a route table.
type router struct {
	opt     Options
	matcher language.Matcher
	csrf    *http.CrossOriginProtection
	// public is PublicURL, nil when it is not set.
	public *url.URL
}

// NewHandler builds the server's handler from the route table, to which it adds
// the OpenAPI document made from it. An error means that the table is wrong.
func NewHandler(opt Options, routes []Route) (http.Handler, error) {
	releaseMode()
	documents := map[string][]byte{}
	routes = append(slices.Clone(routes), builtin(func(lang string) []byte { return documents[lang] }, opt.Info.Version)...)
	var guards []*guard
	// French last: its operations are those requests are validated against.
	for _, lang := range []string{languages[1], languages[0]} {
		doc, operations, err := document(context.Background(), opt.Info, lang, routes)
		if err != nil {
			return nil, err
		}
		if documents[lang], err = encodeDocument(doc); err != nil {
			return nil, fmt.Errorf("OpenAPI document: %w", err)
		}
		guards = guards[:0]
		for i, r := range routes {
			if err := checkAccess(opt.Admit, r); err != nil {
				return nil, err
			}
			guards = append(guards, newGuard(r, doc, operations[i]))
		}
	}

	rt := &router{opt: opt, matcher: newMatcher(), csrf: http.NewCrossOriginProtection()}
	if opt.PublicURL != "" {
		var err error
		if rt.public, err = url.Parse(opt.PublicURL); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
		if err := rt.csrf.AddTrustedOrigin(rt.public.Scheme + "://" + rt.public.Host); err != nil {
			return nil, fmt.Errorf("public URL: %w", err)
		}
	}
	engine := gin.New()
	// gin believes X-Forwarded-For of anyone unless told whom to trust.
	proxies := make([]string, len(opt.TrustedProxies))
	for i, p := range opt.TrustedProxies {
		proxies[i] = p.String()
	}
	if err := engine.SetTrustedProxies(proxies); err != nil {
		return nil, err
	}
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	// Identifiers may hold an escaped slash.
	engine.UseRawPath = true
	engine.Use(rt.observe, rt.recoverPanic, rt.checkOrigin)
	if len(opt.CORSOrigins) > 0 {
		readers, err := newForeign(opt.CORSOrigins)
		if err != nil {
			return nil, err
		}
		engine.Use(readers.admit)
	}
	methods := map[string][]string{}
	for i, r := range routes {
		handler := rt.serve(guards[i])
		for _, path := range ginPaths(r) {
			engine.Handle(r.Method, path, handler)
			methods[path] = append(methods[path], r.Method)
			if r.Method == http.MethodGet {
				engine.HEAD(path, bodiless, handler)
				methods[path] = append(methods[path], http.MethodHead)
			}
		}
	}
	for path, allowed := range methods {
		allow := strings.Join(append(allowed, http.MethodOptions), ", ")
		engine.OPTIONS(path, func(c *gin.Context) {
			c.Header("Allow", allow)
			c.Status(http.StatusNoContent)
			c.Writer.WriteHeaderNow()
		})
	}
	engine.NoMethod(rt.answer(func(c *gin.Context) error {
		allow := c.Writer.Header().Get("Allow")
		return NewProblem(CodeMethodNotAllowed,
			"Méthodes acceptées à cette adresse\u00a0: "+allow+".", "Methods accepted at this address: "+allow+".")
	}))
	engine.NoRoute(rt.answer(rt.unmatched))

	return compressed(engine)
}

// ginPaths are a route's paths as gin spells them; the root answers with and
// without its final slash.
func ginPaths(r Route) []string {
	path := strings.NewReplacer("{", ":", "}", "").Replace(r.Path)
	switch {
	case r.Outside:
		return []string{path}
	case path == "/":
		return []string{Root, Root + "/"}
	default:
		return []string{Root + path}
	}
}

// bodiless answers HEAD with the header of GET.
func bodiless(c *gin.Context) {
	c.Writer = headWriter{c.Writer}
	c.Next()
}

type headWriter struct{ gin.ResponseWriter }

func (w headWriter) Write(b []byte) (int, error) {
	w.WriteHeaderNow()
	return len(b), nil
}

func (w headWriter) WriteString(s string) (int, error) {
	w.WriteHeaderNow()
	return len(s), nil
}

func (w headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve runs the limits, the validation and the handler of one route.
func (rt *router) serve(g *guard) gin.HandlerFunc {
	timeout := g.route.timeout()
	admission := Admission{Access: g.route.Access, Operation: g.resolved.Operation.OperationID, Reads: g.route.Reads || safe(g.route.Method)}
	return rt.answer(func(c *gin.Context) error {
		ctx, cancel := context.WithTimeout(c.Request.Context(), timeout)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		if timeout > DefaultTimeout {
			extendDeadlines(c, timeout)
		}
		if c.Request.Body != nil && c.Request.Body != http.NoBody {
			c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, g.route.maxBody())
		}
		c.Header("Cache-Control", "no-store")
		if rt.opt.Admit != nil {
			if err := rt.opt.Admit(c, admission); err != nil {
				return err
			}
		}
		if err := g.check(c, CallOf(c)); err != nil {
			return err
		}
		return g.route.Handler(c)
	})
}

// extendDeadlines lets a long upload outlive the server's time-outs. They are
// those of the connection, hence the machine's own clock. Not every writer has
// deadlines (tests): then there is nothing to extend.
func extendDeadlines(c *gin.Context, timeout time.Duration) {
	control := http.NewResponseController(c.Writer)
	until := time.Now().Add(timeout)
	_ = control.SetReadDeadline(until)
	_ = control.SetWriteDeadline(until.Add(DefaultTimeout))
}

// answer turns a Handler into gin's, errors into problem documents.
func (rt *router) answer(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := h(c)
		if err == nil {
			if !c.Writer.Written() {
				c.Writer.WriteHeaderNow()
			}
			return
		}
		if errors.Is(err, context.Canceled) || c.Writer.Written() {
			// Nobody reads any more, or a part has left: cut the connection so that
			// the part is not taken for the whole.
			CallOf(c).problem = asProblem(err)
			panic(http.ErrAbortHandler)
		}
		rt.problem(c, asProblem(err))
	}
}

func (rt *router) problem(c *gin.Context, p *Problem) {
	call := CallOf(c)
	call.problem = p
	h := c.Writer.Header()
	h.Del("ETag") // that of the answer which did not come
	for name, values := range p.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", call.Lang())
	status, body := p.encode(call.Lang(), call.Base, call.ID)
	// The client being gone is the only error left, and nobody is there to hear it.
	_ = Bytes(c, status, TypeProblem, body)
	c.Abort()
}

func (rt *router) unmatched(c *gin.Context) error {
	path := c.Request.URL.Path
	if rt.opt.Fallback == nil || path == Root || strings.HasPrefix(path, Root+"/") || strings.HasPrefix(path, "/health/") {
		return NotFound()
	}
	switch c.Request.Method {
	case http.MethodGet:
	case http.MethodHead:
		c.Writer = headWriter{c.Writer}
	default:
		return &Problem{
			Code: CodeMethodNotAllowed, Header: http.Header{"Allow": {"GET, HEAD"}},
			Detail: data.Text{FR: "Méthodes acceptées à cette adresse\u00a0: GET, HEAD.", EN: "Methods accepted at this address: GET, HEAD."},
		}
	}
	// gin marks unmatched requests 404 beforehand.
	c.Status(http.StatusOK)
	return rt.opt.Fallback(c)
}
