// Package ogc serves the layers as OGC API – Features collections: landing page,
// conformance, collections, items, schemas and queryables, in GeoJSON and HTML, in the CRSs
// of the country, with CQL2 filters; items also as files of every export format. Everything
// acts on what the viewer may see.
package ogc

import (
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/data/snapshot"
)

// conformance lists the classes that are implemented.
var conformance = slices.Concat(
	classes("http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/", "core", "oas30", "html", "geojson"),
	classes("http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/", "crs"),
	classes("http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/", "queryables", "filter", "features-filter"),
	classes("http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/", "schemas", "core-roles-features", "returnables-and-receivables", "queryables", "sortables"),
	classes("http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/", "core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"),
	classes("http://www.opengis.net/spec/tms/2.0/conf/", "tilematrixset", "json-tilematrixset"),
	classes("http://www.opengis.net/spec/cql2/1.0/conf/", "cql2-text", "cql2-json", "basic-cql2", "property-property",
		"advanced-comparison-operators", "case-insensitive-comparison", "accent-insensitive-comparison",
		"basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions"),
)

func classes(base string, names ...string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = base + name
	}
	return out
}

// Service answers from the current snapshot.
type Service struct {
	snapshots *snapshot.Service
	store     Store
	gate      *auth.Gate
	clock     data.Clock
	version   string
	tempDir   string
	// encoders are those of whole schemas: each viewer has the same one from request to request.
	encoders *lru.Cache[*data.Schema, *geojson.Encoder]
	// Those who are not signed in take turns at what costs much.
	filters, files turns
}

// Store is what this package needs of the store.
type Store interface {
	Editions
	data.GrantStore
}

// maxEncoders is more than there are schemas in a snapshot.
const maxEncoders = 32

// New makes the service. version is that of the program: representations may
// change with it, so it is part of their ETag. Files that need it are spooled in tempDir,
// empty for the system's.
func New(snapshots *snapshot.Service, store Store, gate *auth.Gate, clock data.Clock, version, tempDir string) *Service {
	encoders, err := lru.New[*data.Schema, *geojson.Encoder](maxEncoders)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return &Service{
		snapshots: snapshots, store: store, gate: gate, clock: clock, version: version, tempDir: tempDir, encoders: encoders,
		filters: newTurns(), files: newTurns(),
	}
}

// encoderOf gives the encoder of a whole schema.
func (s *Service) encoderOf(schema *data.Schema) (*geojson.Encoder, error) {
	if e, ok := s.encoders.Get(schema); ok {
		return e, nil
	}
	e, err := geojson.NewEncoder(schema)
	if err == nil {
		s.encoders.Add(schema, e)
	}
	return e, err
}

// Routes are the service's rows of the route table. Each collection has paths
// of its own, where GDAL and QGIS read page sizes and filters.
func (s *Service) Routes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: "/", Access: web.Public, Handler: s.landing, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getLandingPage", "ogc", tr("Page d’accueil", "Landing page"), formatParameter(tr))
			return documents(op, tr("Liens", "Links"), web.TypeJSON, landingSchema())
		}},
		{Method: http.MethodGet, Path: "/conformance", Access: web.Public, Handler: s.conformance, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getConformance", "ogc", tr("Classes de conformité", "Conformance classes"), formatParameter(tr))
			return documents(op, tr("Classes", "Classes"), web.TypeJSON, conformanceSchema())
		}},
		{Method: http.MethodGet, Path: "/collections", Access: web.Public, Handler: s.collections, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getCollections", "ogc", tr("Les collections", "The collections"), formatParameter(tr))
			return documents(op, tr("Collections", "Collections"), web.TypeJSON, collectionsSchema())
		}},
		{Method: http.MethodGet, Path: stylePath, Access: web.Public, Handler: style, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStyle", "ogc", tr("Feuille de style des pages HTML", "Style sheet of the HTML pages"))
			return web.Answers(op, 200, tr("Feuille de style", "Style sheet"), "text/css", web.Inline(openapi3.NewStringSchema()))
		}},
	}
	for _, cl := range collections() {
		routes = append(routes, s.collectionRoutes(cl)...)
	}
	return routes
}

func (s *Service) collectionRoutes(cl collection) []web.Route {
	base := "/collections/" + cl.id
	title := func(tr web.Tr) string { return tr(cl.title.FR, cl.title.EN) }
	route := func(path string, handler web.Handler, operation func(tr web.Tr) *openapi3.Operation) web.Route {
		return web.Route{Method: http.MethodGet, Path: base + path, Access: cl.access(), Handler: handler, Operation: func(tr web.Tr) *openapi3.Operation {
			op := operation(tr)
			if cl.masks() {
				op.Parameters = append(op.Parameters, precisionParameter(tr))
			}
			return op
		}}
	}
	items := route("/items", s.items(cl), func(tr web.Tr) *openapi3.Operation {
		op := web.Op("getItems."+cl.id, cl.id, title(tr), append(itemsParameters(tr), cl.parameters(tr)...)...)
		op.Description = tr(
			"Les fichiers (csv, gpkg, xlsx, parquet) sont en CRS84 et, sans «\u00a0limit\u00a0», complets\u00a0; les en-têtes Link et OGC-NumberMatched tiennent lieu de pagination.",
			"Files (csv, gpkg, xlsx, parquet) are in CRS84 and, without “limit”, whole; the headers Link and OGC-NumberMatched stand for paging.")
		return files(documents(op, tr("Objets", "Features"), web.TypeGeoJSON, featureCollectionSchema()))
	})
	items.Timeout = fileTimeout
	return []web.Route{
		items,
		route("", s.one(cl), func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getCollection."+cl.id, cl.id, tr("Collection\u00a0: ", "Collection: ")+title(tr), formatParameter(tr))
			return documents(op, tr("Collection", "Collection"), web.TypeJSON, collectionSchema())
		}),
		route("/schema", s.schema(cl), func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getSchema."+cl.id, cl.id, tr("Propriétés\u00a0: ", "Properties: ")+title(tr), schemaOfParameter(tr))
			return web.Answers(op, 200, tr("Schéma JSON des propriétés", "JSON Schema of the properties"), web.TypeSchema, web.Inline(openapi3.NewObjectSchema()))
		}),
		route("/queryables", s.queryables(cl), func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getQueryables."+cl.id, cl.id, tr("Propriétés des filtres\u00a0: ", "Properties of filters: ")+title(tr))
			return web.Answers(op, 200, tr("Schéma JSON des propriétés dont un filtre peut parler", "JSON Schema of the properties that a filter may speak of"), web.TypeSchema, web.Inline(openapi3.NewObjectSchema()))
		}),
		route("/sortables", s.sortables(cl), func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getSortables."+cl.id, cl.id, tr("Propriétés des tris\u00a0: ", "Properties of orders: ")+title(tr))
			return web.Answers(op, 200, tr("Schéma JSON des propriétés par lesquelles trier", "JSON Schema of the properties to sort by"), web.TypeSchema, web.Inline(openapi3.NewObjectSchema()))
		}),
		route("/items/{featureId}", s.item(cl), func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getItem."+cl.id, cl.id, title(tr), web.PathID("featureId", tr("Identifiant de l’objet", "Identifier of the feature")), crsParameter(tr), formatParameter(tr))
			return documents(op, tr("Objet", "Feature"), web.TypeGeoJSON, featureSchema())
		}),
	}
}

// view is a collection as the request's viewer sees it, with what its ETag is made of.
type view struct {
	*snapshot.Collection
	of  *snapshot.Snapshot
	tag string
	// exact: it holds exact homes. private: it holds homes or police-restricted zones, which no
	// cache may keep.
	exact, private bool
}

// open gives the collection as the request's viewer sees it; false when there is none,
// which must look like what does not exist.
func (s *Service) open(c *gin.Context, cl collection) (view, bool, error) {
	current, viewer := s.snapshots.Current(), auth.ViewerOf(c)
	v := view{of: current, private: cl.masks() || cl.layer == data.LayerZones && viewer.SeesRestricted()}
	c.Writer.Header().Add("Vary", "Cookie, Authorization")
	ok := false
	switch {
	case cl.layer == data.LayerStatistics:
		var err error
		v.Collection, v.tag, ok, err = s.statistics(c, current)
		return v, ok, err
	case cl.masks() && web.CallOf(c).Query.Get(precision) == masked:
		v.tag = current.MaskedETag(viewer) + masked
		v.Collection, ok = current.MaskedSites(viewer)
		return v, ok, nil
	}
	v.tag, v.exact = current.ETag(viewer, cl.layer), cl.masks() && viewer.Precision() == data.ViewExact
	v.Collection, ok = current.Collection(viewer, cl.layer)
	if ok && cl.under != "" {
		v.Collection = v.Under(cl.under)
	}
	return v, ok, nil
}

// mustOpen is open with the problem of what does not exist.
func (s *Service) mustOpen(c *gin.Context, cl collection) (view, error) {
	v, ok, err := s.open(c, cl)
	if err == nil && !ok {
		err = web.NotFound()
	}
	return v, err
}

// read is the entry of the journal about features that are about to leave; of those that are
// no exact homes only the number is kept.
func (v view) read(count int, ids func() []string) data.AuditEntry {
	entry := data.AuditEntry{Action: data.ActionRead, Layer: v.Schema().Layer, Count: count}
	if v.exact {
		entry.Records = ids()
	}
	return entry
}

// readPage is read of a page: the very number of homes that match a condition tells of each, so
// that they are all counted, and named up to snapshot.MaxMatchedIDs.
func (v view) readPage(asked request, found *snapshot.Page) data.AuditEntry {
	if !v.exact || !asked.Conditional() {
		return v.read(found.Returned, found.IDs)
	}
	return v.read(found.Matched, func() []string {
		told := found.MatchedIDs()
		known := map[string]bool{}
		for _, id := range told {
			known[id] = true
		}
		for _, id := range found.IDs() {
			if !known[id] {
				told = append(told, id)
			}
		}
		return told
	})
}

// record notes in the journal what leaves of the layer of homes, but for nothing.
func (s *Service) record(c *gin.Context, entry data.AuditEntry) error {
	if entry.Layer != data.LayerSites || entry.Count == 0 {
		return nil
	}
	return s.gate.Record(c, entry)
}

// notModified sets the ETag and the cache policy of a representation.
func (s *Service) notModified(c *gin.Context, v view, representation ...string) bool {
	if !v.private {
		web.Revalidate(c)
	}
	return web.NotModified(c, v.tag, s.version, strings.Join(representation, "-"))
}
