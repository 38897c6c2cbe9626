package web

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// compressFrom is the size in bytes from which compression gains.
const compressFrom = 1024

// compressed answers with gzip those who accept it.
func compressed(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.ContentTypeFilter(compressible), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, err
	}
	return wrap(h), nil
}

// compressible leaves out what is compressed already.
func compressible(contentType string) bool {
	return gzhttp.DefaultContentTypeFilter(contentType) && !strings.HasPrefix(contentType, "font/")
}

// Prepared is a body that is sent many times, compressed once.
type Prepared struct {
	Plain []byte
	// gzipped is nil when it would gain nothing.
	gzipped []byte
}

// Prepare compresses a body.
func Prepare(plain []byte) Prepared {
	p := Prepared{Plain: plain}
	if len(plain) < compressFrom {
		return p
	}
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	// A buffer takes everything.
	_, _ = w.Write(plain)
	_ = w.Close()
	if buf.Len() < len(plain) {
		p.gzipped = bytes.Clone(buf.Bytes())
	}
	return p
}

// Size is what the body takes in memory, in bytes.
func (p *Prepared) Size() int { return len(p.Plain) + len(p.gzipped) }

// Send answers with the body, compressed for those who accept it.
func (p *Prepared) Send(c *gin.Context, status int, contentType string) error {
	if p.gzipped == nil || !acceptsGzip(c.Request) {
		return Bytes(c, status, contentType, p.Plain)
	}
	c.Header("Content-Encoding", "gzip")
	return Bytes(c, status, contentType, p.gzipped)
}

// acceptsGzip decides as the compression of other answers does: not for HEAD.
func acceptsGzip(r *http.Request) bool {
	if r.Method == http.MethodHead {
		return false
	}
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return quality(parameters) > 0
		}
	}
	return false
}
