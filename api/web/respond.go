package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// Media types of the API.
const (
	TypeJSON       = "application/json"
	TypeGeoJSON    = "application/geo+json"
	TypeProblem    = "application/problem+json"
	TypeSchema     = "application/schema+json"
	TypeMergePatch = "application/merge-patch+json"
	TypeMultipart  = "multipart/form-data"
	// TypeOpenAPI is the exact type that OGC clients look for.
	TypeOpenAPI = "application/vnd.oai.openapi+json;version=3.0"
)

// maxPooled keeps a rare large answer from staying in memory for ever.
const maxPooled = 1 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// JSON answers with v. The body is encoded before the first byte leaves, so an
// encoding error still gives a problem document.
func JSON(c *gin.Context, status int, v any) error {
	return JSONAs(c, status, TypeJSON, v)
}

// JSONAs is JSON under another media type of the JSON family.
func JSONAs(c *gin.Context, status int, contentType string, v any) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer func() {
		if buf.Cap() <= maxPooled {
			buffers.Put(buf)
		}
	}()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return Bytes(c, status, contentType, buf.Bytes())
}

// Marshal encodes v as JSON members of GeoJSON are: "&" in links stays "&".
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// Decode reads the validated JSON body into v. What the schema admits and v does
// not hold (a whole number written 1e30) is a problem of the body.
func Decode(c *gin.Context, v any) error {
	decoder := json.NewDecoder(c.Request.Body)
	if err := decoder.Decode(v); err != nil {
		return BadBody(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return BadBody(errors.New("content after the JSON value"))
	}
	return nil
}

// BadBody is the problem of a body that can't be read as JSON of the expected form.
func BadBody(cause error) *Problem {
	p := NewProblem(CodeInvalidBody,
		"Le corps de la requête n’est pas du JSON de la forme attendue.", "The request body is not JSON of the expected form.")
	p.Cause = cause
	return p
}

// Bytes answers with a body that is ready.
func Bytes(c *gin.Context, status int, contentType string, body []byte) error {
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	_, err := c.Writer.Write(body)
	return err
}

// Chunks gathers a streamed body in pooled buffers of about 64 KiB. Append to
// Buf, call Flush now and then (it writes only full buffers), and End last.
type Chunks struct {
	Buf []byte
	c   *gin.Context
}

const chunkSize = 64 << 10

var chunks = sync.Pool{New: func() any {
	b := make([]byte, 0, chunkSize+chunkSize/2)
	return &b
}}

// NewChunks starts a streamed answer.
func NewChunks(c *gin.Context, status int, contentType string) *Chunks {
	c.Writer.Header().Set("Content-Type", contentType)
	c.Status(status)
	b := chunks.Get().(*[]byte)
	return &Chunks{Buf: (*b)[:0], c: c}
}

// Flush writes the buffer when it is full. Its error, also given when the
// deadline of the request has passed, ends the answer.
func (w *Chunks) Flush() error {
	if len(w.Buf) < chunkSize {
		return nil
	}
	if err := w.c.Request.Context().Err(); err != nil {
		return err
	}
	return w.write()
}

// End writes what is left and gives the buffer back.
func (w *Chunks) End() error {
	err := w.write()
	w.Discard()
	return err
}

// Discard gives the buffer back without writing it.
func (w *Chunks) Discard() {
	buf := w.Buf[:0]
	w.Buf = nil // the pool's from here on
	if cap(buf) > 0 && cap(buf) <= maxPooled {
		chunks.Put(&buf)
	}
}

func (w *Chunks) write() error {
	_, err := w.c.Writer.Write(w.Buf)
	w.Buf = w.Buf[:0]
	return err
}

// Revalidate lets a browser keep the answer but ask each time; for what is not
// secret. Without it answers are "no-store".
func Revalidate(c *gin.Context) { c.Header("Cache-Control", "private, no-cache") }

// NotModified sets a weak ETag made of parts (versions, representation) and
// answers 304 when the client already holds it: then the handler is done. The
// tag is weak because compressed and plain bodies, and time stamps, differ.
func NotModified(c *gin.Context, parts ...string) bool {
	tag := `W/"` + strings.Join(parts, ".") + `"`
	c.Header("ETag", tag)
	if safe(c.Request.Method) && matchesTag(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return true
	}
	return false
}

// matchesTag compares weakly, as If-None-Match asks (RFC 9110, 13.1.2).
func matchesTag(header, tag string) bool {
	if strings.TrimSpace(header) == "*" {
		return true
	}
	want := strings.TrimPrefix(tag, "W/")
	for header != "" {
		var one string
		one, header, _ = strings.Cut(header, ",")
		one = strings.TrimSpace(one)
		if strings.TrimPrefix(one, "W/") == want {
			return true
		}
	}
	return false
}

func formatBytes(n int64, unit string) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "\u00a0Gi" + unit
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "\u00a0Mi" + unit
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + "\u00a0Ki" + unit
	default:
		return strconv.FormatInt(n, 10) + "\u00a0" + unit
	}
}
