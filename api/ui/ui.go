// Package ui serves the built front end.
package ui

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
)

type file struct {
	body        []byte
	contentType string
	tag         string
	immutable   bool
}

// contentTypes are spelled out because the system's table differs between machines.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png",
	".ico": "image/x-icon", ".woff2": "font/woff2", ".pbf": "application/x-protobuf", ".txt": "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json", ".map": "application/json",
}

// New reads the front end once, so that each answer has a validator and none
// touches the disk. A front end without index.html is an error, except an empty
// one or nil: then every path answers 404 and the API stands alone.
func New(frontend fs.FS) (web.Handler, error) {
	files := map[string]file{}
	if frontend != nil {
		if err := fs.WalkDir(frontend, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
				return err
			}
			body, err := fs.ReadFile(frontend, name)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(body)
			files["/"+name] = file{
				body: body, contentType: contentTypeOf(name), tag: `"` + hex.EncodeToString(sum[:12]) + `"`,
				// Vite puts a hash of the content in the names below assets/.
				immutable: strings.HasPrefix(name, "assets/"),
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("front end: %w", err)
		}
	}
	index, ok := files["/index.html"]
	if !ok && len(files) > 0 {
		return nil, errors.New("front end: there is no index.html")
	}
	if ok {
		files["/"] = index
	}
	return func(c *gin.Context) error {
		f, ok := files[c.Request.URL.Path]
		if !ok {
			return web.NotFound()
		}
		c.Header("Content-Type", f.contentType)
		c.Header("Cache-Control", "no-cache")
		if f.immutable {
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
		}
		c.Header("ETag", f.tag)
		http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.body))
		return nil
	}, nil
}

func contentTypeOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if t, ok := contentTypes[ext]; ok {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}
