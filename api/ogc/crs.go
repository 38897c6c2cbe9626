package ogc

import (
	"fmt"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/geo/crs"
)

// headerCRS says in which CRS the coordinates of an answer are (Part 2, requirement 16).
const headerCRS = "Content-Crs"

// systems are the CRSs in which coordinates are taken and given: CRS84 first, as every
// collection stores it, then EPSG:4326, Web Mercator and the legal projections of France.
var systems = func() []crs.CRS {
	out := []crs.CRS{crs.CRS84}
	for _, code := range []int{4326, 3857} {
		if c, ok := crs.ByCode(code); ok {
			out = append(out, c)
		}
	}
	return append(out, crs.Frames()...)
}()

func systemURIs() []string {
	out := make([]string, len(systems))
	for i, c := range systems {
		out[i] = c.URI()
	}
	return out
}

// systemOf reads a parameter that names a CRS by its URI; without it, CRS84.
func systemOf(call *web.Call, parameter string) (crs.CRS, error) {
	value := call.Query.Get(parameter)
	if value == "" {
		return crs.CRS84, nil
	}
	for _, c := range systems {
		if c.URI() == value {
			return c, nil
		}
	}
	return crs.CRS84, web.InvalidParameter(parameter, value,
		"un système de la liste «\u00a0crs\u00a0» des collections est attendu, par son URI («\u00a0"+crs.CRS84.URI()+"\u00a0»).",
		"a system of the collections’ list “crs” is expected, by its URI (“"+crs.CRS84.URI()+"”).")
}

func systemSchema() *openapi3.Schema {
	return openapi3.NewStringSchema().WithFormat("uri").WithMaxLength(100).WithDefault(crs.CRS84.URI())
}

func crsParameter(tr web.Tr) *openapi3.ParameterRef {
	return shared(web.Query("crs", tr(
		"URI du système de coordonnées de la réponse, parmi ceux de la collection\u00a0; l’ordre des axes est celui de l’autorité (latitude, longitude en EPSG:4326). Une géométrie sans coordonnées dans ce système vaut null.",
		"URI of the coordinate reference system of the answer, among those of the collection; axes are in the authority’s order (latitude, longitude in EPSG:4326). A geometry without coordinates in this system is null."),
		systemSchema()), "http://www.opengis.net/def/crs/EPSG/0/2154")
}

// setSystem says in which CRS the answer is.
func setSystem(c *gin.Context, in crs.CRS) { c.Header(headerCRS, "<"+in.URI()+">") }

// systemMembers say in a GeoJSON document that its coordinates are not those of RFC 7946, so
// that a copy keeps it: "coordRefSys" of JSON-FG and, for projections, the member "crs" of
// GeoJSON 2008, which GDAL reads (its latitude and longitude would not be in that order).
func systemMembers(in crs.CRS) []geojson.Member {
	if in == crs.CRS84 {
		return nil
	}
	members := []geojson.Member{{Name: "coordRefSys", Value: []byte(strconv.Quote(in.URI()))}}
	if !in.Geographic() {
		members = append(members, geojson.Member{
			Name: "crs", Value: fmt.Appendf(nil, `{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::%d"}}`, in.Code()),
		})
	}
	return members
}

// inSystem gives a feature's geometry in a CRS, in the axis order of its authority; nil when
// some vertex has no coordinates there.
func inSystem(g orb.Geometry, to crs.CRS) orb.Geometry {
	if g == nil || to == crs.CRS84 {
		return g
	}
	known := true
	out := project.Geometry(orb.Clone(g), func(p orb.Point) orb.Point {
		x, y := to.FromWGS84(p[0], p[1])
		known = known && 0*x+0*y == 0 // neither infinite nor NaN
		if to.LatLon() {
			x, y = y, x
		}
		return orb.Point{x, y}
	})
	if !known {
		return nil
	}
	return out
}

// projected is a feature with its geometry in a CRS; the record's own is left alone.
func projected(f *data.Feature, to crs.CRS) *data.Feature {
	out := *f
	out.Geometry = inSystem(f.Geometry, to)
	return &out
}
