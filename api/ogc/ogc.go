// Package ogc serves the layers as OGC API – Features collections: landing page,
// conformance, collections, items and schemas, in GeoJSON and CRS84 (longitude,
// latitude in degrees).
package ogc

import (
	"net/http"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/data/snapshot"
)

// CRS84 is the one coordinate reference system of this part.
const CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// conformance lists the classes of OGC API – Features 1.0 that are implemented.
var conformance = [...]string{
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
}

// Service answers from the current snapshot.
type Service struct {
	snapshots *snapshot.Service
	published Editions
	gate      *auth.Gate
	clock     data.Clock
	version   string
	// encoders are prepared once for each schema of a snapshot.
	encoders map[data.Layer]*atomic.Pointer[encoder]
}

type encoder struct {
	schema *data.Schema
	*geojson.Encoder
}

// New makes the service. version is that of the program: representations may
// change with it, so it is part of their ETag.
func New(snapshots *snapshot.Service, published Editions, gate *auth.Gate, clock data.Clock, version string) *Service {
	s := &Service{snapshots: snapshots, published: published, gate: gate, clock: clock, version: version, encoders: map[data.Layer]*atomic.Pointer[encoder]{}}
	for _, cl := range collections() {
		s.encoders[cl.layer] = new(atomic.Pointer[encoder])
	}
	return s
}

func (s *Service) encoderOf(schema *data.Schema) (*geojson.Encoder, error) {
	slot := s.encoders[schema.Layer]
	if e := slot.Load(); e != nil && e.schema == schema {
		return e.Encoder, nil
	}
	e, err := geojson.NewEncoder(schema)
	if err != nil {
		return nil, err
	}
	slot.Store(&encoder{schema, e})
	return e, nil
}

// Routes are the service's rows of the route table. Each collection has paths
// of its own, where GDAL and QGIS read page sizes and filters.
func (s *Service) Routes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: "/", Access: web.Public, Handler: s.landing, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getLandingPage", "ogc", tr("Page d’accueil", "Landing page"))
			return web.Answers(op, 200, tr("Liens", "Links"), web.TypeJSON, landingSchema())
		}},
		{Method: http.MethodGet, Path: "/conformance", Access: web.Public, Handler: s.conformance, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getConformance", "ogc", tr("Classes de conformité", "Conformance classes"))
			return web.Answers(op, 200, tr("Classes", "Classes"), web.TypeJSON, conformanceSchema())
		}},
		{Method: http.MethodGet, Path: "/collections", Access: web.Public, Handler: s.collections, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getCollections", "ogc", tr("Les collections", "The collections"))
			return web.Answers(op, 200, tr("Collections", "Collections"), web.TypeJSON, collectionsSchema())
		}},
	}
	for _, cl := range collections() {
		routes = append(routes, s.collectionRoutes(cl)...)
	}
	return routes
}

func (s *Service) collectionRoutes(cl collection) []web.Route {
	id := string(cl.layer)
	base := "/collections/" + id
	title := func(tr web.Tr) string { return tr(cl.title.FR, cl.title.EN) }
	return []web.Route{
		{Method: http.MethodGet, Path: base, Access: cl.access(), Handler: s.one(cl), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getCollection."+id, id, tr("Collection\u00a0: ", "Collection: ")+title(tr))
			return web.Answers(op, 200, tr("Collection", "Collection"), web.TypeJSON, collectionSchema())
		}},
		{Method: http.MethodGet, Path: base + "/schema", Access: cl.access(), Handler: s.schema(cl), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getSchema."+id, id, tr("Propriétés\u00a0: ", "Properties: ")+title(tr))
			return web.Answers(op, 200, tr("Schéma JSON des propriétés", "JSON Schema of the properties"), web.TypeSchema, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: base + "/items", Access: cl.access(), Handler: s.items(cl), Operation: func(tr web.Tr) *openapi3.Operation {
			parameters := append([]*openapi3.ParameterRef{limitParameter(tr), bboxParameter(tr), datetimeParameter(tr), afterParameter(tr)}, cl.parameters(tr)...)
			op := web.Op("getItems."+id, id, title(tr), parameters...)
			return web.Answers(op, 200, tr("Objets", "Features"), web.TypeGeoJSON, featureCollectionSchema())
		}},
		{Method: http.MethodGet, Path: base + "/items/{featureId}", Access: cl.access(), Handler: s.item(cl), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getItem."+id, id, title(tr), web.PathID("featureId", tr("Identifiant de l’objet", "Identifier of the feature")))
			return web.Answers(op, 200, tr("Objet", "Feature"), web.TypeGeoJSON, featureSchema())
		}},
	}
}

// view is a collection as the request's viewer sees it, with what its ETag is made of.
type view struct {
	*snapshot.Collection
	tag string
}

// open gives the collection as the request's viewer sees it; false when there is none,
// which must look like what does not exist.
func (s *Service) open(c *gin.Context, cl collection) (view, bool, error) {
	current := s.snapshots.Current()
	if cl.layer == data.LayerStatistics {
		statistics, tag, ok, err := s.statistics(c, current)
		return view{statistics, tag}, ok, err
	}
	viewer := auth.ViewerOf(c)
	found, ok := current.Collection(viewer, cl.layer)
	return view{found, current.ETag(viewer, cl.layer)}, ok, nil
}

// mustOpen is open with the problem of what does not exist.
func (s *Service) mustOpen(c *gin.Context, cl collection) (view, error) {
	v, ok, err := s.open(c, cl)
	if err == nil && !ok {
		err = web.NotFound()
	}
	return v, err
}

// notModified sets the ETag and the cache policy of a layer's representation:
// what holds sites is never stored by a browser.
func (s *Service) notModified(c *gin.Context, v view, layer data.Layer, representation string) bool {
	if layer != data.LayerSites {
		web.Revalidate(c)
	}
	return web.NotModified(c, v.tag, s.version, representation)
}
