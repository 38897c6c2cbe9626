// Package basemap serves the outlines that the map shows without any network:
// the real départements, simplified.
package basemap

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data/territory"
)

// Routes are the base map's rows of the route table.
func Routes() []web.Route {
	sum := sha256.Sum256(territory.Outlines)
	tag := hex.EncodeToString(sum[:8])
	return []web.Route{{
		Method: http.MethodGet, Path: "/basemap/departments.geojson", Access: web.Public,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getDepartmentOutlines", "basemap", tr("Contours simplifiés des départements", "Simplified outlines of the départements"))
			return web.Answers(op, 200, tr("Contours", "Outlines"), web.TypeGeoJSON, web.Inline(openapi3.NewObjectSchema()))
		},
		Handler: func(c *gin.Context) error {
			// Public and the same for everybody, it changes with the program only.
			c.Header("Cache-Control", "public, max-age=86400, stale-while-revalidate=604800")
			if web.NotModified(c, tag) {
				return nil
			}
			return web.Bytes(c, http.StatusOK, web.TypeGeoJSON, territory.Outlines)
		},
	}}
}
