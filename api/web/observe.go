package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// observe gives the request its Call and logs it. Only the route's pattern is
// logged: paths hold identifiers of homes, and queries hold positions.
func (rt *router) observe(c *gin.Context) {
	start := rt.opt.Clock()
	call := &Call{ID: rt.opt.IDs(), Base: rt.base(c.Request), header: c.Request.Header, matcher: rt.matcher}
	c.Set(callKey, call)
	secureHeaders(c.Writer.Header())
	if rt.public != nil && rt.public.Scheme == "https" && !LoopbackHost(rt.public.Host) {
		c.Header("Strict-Transport-Security", strictTransport)
	}
	// The same for what exists and what does not.
	c.Header("Vary", "Accept, Accept-Encoding, Accept-Language")
	c.Header("X-Request-Id", call.ID)
	defer func() {
		route := c.FullPath()
		if route == "" {
			route = "unmatched"
		}
		level := slog.LevelInfo
		attributes := []slog.Attr{
			slog.String("id", call.ID),
			slog.String("method", knownMethod(c.Request.Method)),
			slog.String("route", route),
			slog.Int("status", c.Writer.Status()),
			slog.Int("bytes", max(c.Writer.Size(), 0)),
			slog.Duration("duration", rt.opt.Clock().Sub(start)),
		}
		if p := call.problem; p != nil {
			attributes = append(attributes, slog.String("problem", p.Code))
			// Causes of refusals may quote what the user sent; those of failures are ours.
			if c.Writer.Status() >= http.StatusInternalServerError && p.Cause != nil {
				level = slog.LevelError
				attributes = append(attributes, slog.String("cause", p.Cause.Error()))
			}
		}
		if call.noted != nil {
			level = slog.LevelWarn
			attributes = append(attributes, slog.String("cause", call.noted.Error()))
		}
		rt.opt.Logger.LogAttrs(c.Request.Context(), level, "request", attributes...)
	}()
	c.Next()
}

func (rt *router) base(r *http.Request) string {
	if rt.opt.PublicURL != "" {
		return rt.opt.PublicURL
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recoverPanic answers a problem when a handler panics. The log gets the stack,
// and the value only when it is the runtime's own: others may quote data.
func (rt *router) recoverPanic(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		what := fmt.Sprintf("%T", v)
		var fault runtime.Error
		if err, ok := v.(error); ok && errors.As(err, &fault) {
			what = fault.Error()
		}
		rt.opt.Logger.ErrorContext(c.Request.Context(), "panic",
			slog.String("id", CallOf(c).ID), slog.String("panic", what), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		rt.problem(c, asProblem(errors.New("panic: "+what)))
	}()
	c.Next()
}

// checkOrigin refuses what a page of another site could make a browser send:
// requests under a foreign host name (DNS rebinding) and, for methods that change
// something, requests of a foreign origin. Where the public address is HTTPS it also
// refuses what came in clear, here or to a trusted proxy, but from this machine
// (health checks).
func (rt *router) checkOrigin(c *gin.Context) {
	host := c.Request.Host
	encrypted := c.Request.TLS != nil
	proxied := from(c.Request, rt.opt.TrustedProxies)
	if proxied {
		if forwarded := lastOf(c.Request.Header, "X-Forwarded-Host"); forwarded != "" {
			host = forwarded
		}
		encrypted = !strings.EqualFold(lastOf(c.Request.Header, "X-Forwarded-Proto"), "http")
	}
	if !encrypted && rt.public != nil && rt.public.Scheme == "https" && (proxied || !from(c.Request, loopback)) {
		rt.problem(c, NewProblem(CodeMisdirected, "Ce serveur ne répond qu’en HTTPS.", "This server only answers over HTTPS."))
		return
	}
	if !LoopbackHost(host) && (rt.public == nil || !strings.EqualFold(host, rt.public.Host)) {
		call := CallOf(c)
		call.Base = rt.opt.PublicURL // the foreign name is not repeated in links
		rt.problem(c, NewProblem(CodeMisdirected,
			"Ce serveur ne répond pas sous ce nom d’hôte.", "This server does not answer to this host name."))
		return
	}
	if err := rt.csrf.Check(c.Request); err != nil {
		p := NewProblem(CodeCrossOrigin,
			"Cette action ne peut être demandée que depuis Vigie.", "This can only be asked from Vigie itself.")
		p.Cause = err
		rt.problem(c, p)
		return
	}
	c.Next()
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// from tells whether the peer, who may be a proxy, has one of these addresses.
func from(r *http.Request, addresses []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(addresses, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap()) })
}

// lastOf is the last value of a header that proxies append to: that of the nearest one.
func lastOf(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}
