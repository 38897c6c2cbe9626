package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"vigie/data"
)

// Call is what the server knows of one request besides net/http.
type Call struct {
	// ID identifies the request in the log and in problem documents.
	ID string
	// Query holds the validated query parameters; a repeated one keeps its last value.
	Query url.Values
	// Base is the public address of the server, without a final slash.
	Base string

	header  http.Header
	matcher language.Matcher
	lang    string
	problem *Problem
	noted   error
}

const callKey = "vigie.call"

// CallOf returns the Call of a request routed by this package.
func CallOf(c *gin.Context) *Call {
	v, _ := c.Get(callKey)
	call, ok := v.(*Call)
	if !ok {
		return &Call{matcher: newMatcher()}
	}
	return call
}

// Lang is the language of the answer, "fr" or "en".
func (c *Call) Lang() string {
	if c.lang == "" {
		c.lang = negotiateLanguage(c.matcher, c.Query.Get("lang"), c.header)
	}
	return c.lang
}

// Note keeps the cause of what went wrong elsewhere for the log, when the answer is
// not a problem document.
func (c *Call) Note(cause error) { c.noted = cause }

// Text picks the language of the answer.
func (c *Call) Text(t data.Text) string { return t.In(c.Lang()) }

// URL is the public address of an API path ("/collections"), with an optional query.
func (c *Call) URL(path string, query url.Values) string {
	u := c.Base + Root + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	return u
}

// Link is a hypermedia link of an answer (RFC 8288 relation types).
type Link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}
