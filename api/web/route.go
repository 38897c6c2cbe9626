package web

import (
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
)

// Root is the path below which the API lives.
const Root = "/api"

// Limits of a request, when its route does not say otherwise.
const (
	DefaultTimeout = 15 * time.Second
	DefaultMaxBody = 1 << 20 // bytes
)

// Handler answers one request. An error it returns becomes a problem document;
// after the first byte of a body, the connection is cut instead, so that a
// truncated answer is never taken for a whole one.
type Handler func(c *gin.Context) error

// Tr picks the language of the OpenAPI document being built.
type Tr func(fr, en string) string

// Route is one row of the route table: what is routed, documented, validated
// and limited comes from here alone.
type Route struct {
	Method string
	// Path is an OpenAPI template, relative to Root unless Outside.
	Path string
	// Outside routes hang from the server's root (health).
	Outside bool
	// Operation builds the OpenAPI operation. Requests are validated against it
	// before the handler runs; its request body's media types are those accepted,
	// those of its successful responses those offered.
	Operation func(tr Tr) *openapi3.Operation
	// Access says who may call the route. It is required.
	Access Access
	// Reads marks a route that changes nothing although its method is not GET.
	Reads bool
	// MaxBody limits the body, in bytes; 0 is DefaultMaxBody.
	MaxBody int64
	// Timeout is the deadline of the request's context; 0 is DefaultTimeout.
	Timeout time.Duration
	// Streamed bodies (multipart) are left to the handler; only their media type
	// and size are checked here.
	Streamed bool
	Handler  Handler
}

func (r Route) maxBody() int64 {
	if r.MaxBody > 0 {
		return r.MaxBody
	}
	return DefaultMaxBody
}

func (r Route) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return DefaultTimeout
}
