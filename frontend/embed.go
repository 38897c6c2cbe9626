// Package frontend embeds the built user interface (npm run build writes it to dist/).
package frontend

import (
	"embed"
	"io/fs"
)

// dist holds at least .gitkeep, so that the package compiles before the first build.
//
//go:embed all:dist
var dist embed.FS

// Dist is the built interface: index.html at its root and hashed files under
// assets/. Before the first build it holds .gitkeep alone.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		// fs.Sub fails on a malformed path only, and "dist" is a constant.
		panic(err)
	}
	return sub
}
