// Package tiles serves the layers as OGC API – Tiles: Mapbox Vector Tiles of the
// WebMercatorQuad tile matrix set, their metadata, and a MapLibre style that draws
// them. Each viewer's tiles hold what the viewer may see; the public has no tile of homes.
package tiles

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb/maptile"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/snapshot"
)

// TypeMVT is the media type of Mapbox Vector Tiles.
const TypeMVT = "application/vnd.mapbox-vector-tile"

// maxZoom is the last tile matrix.
const maxZoom = 22

// layer is what is particular to the tiles of one layer.
type layer struct {
	layer data.Layer
	// properties are those that tiles hold, if the viewer's schema does.
	properties []string
	// from is the zoom from which a feature is shown; nil for every zoom.
	from func(*data.Feature) uint8
}

// communesFrom is the zoom from which there are communes: the whole country has 35,000.
const communesFrom = 7

// layers lists the layers that have tiles, in the order in which a map draws them.
var layers = [...]layer{
	{layer: data.LayerAreas, properties: []string{"code", "level", "name", "department_code"}, from: func(f *data.Feature) uint8 {
		if strings.HasPrefix(f.ID, data.AreaCommune+".") {
			return communesFrom
		}
		return 0
	}},
	{layer: data.LayerZones, properties: []string{"zone_id", "kind", "edition", "name"}},
	{layer: data.LayerPlaces, properties: []string{"kind", "name"}},
	{layer: data.LayerSites, properties: []string{
		"name", "kind", "department_code", "position_precision", "cell_size_m",
		"in_zone", "nearest_zone_distance_m", "exposure_status", "exposure_score", "exposure_class",
	}},
}

// access is who may ask for the layer's tiles.
func (l layer) access() web.Access {
	if l.layer == data.LayerSites {
		return web.Homes
	}
	return web.Public
}

// path is where the layer's tile sets are.
func (l layer) path() string { return "/collections/" + string(l.layer) + "/tiles" }

// Service answers from the current snapshot.
type Service struct {
	snapshots *snapshot.Service
	gate      *auth.Gate
	version   string
	indexes   map[indexKey]*atomic.Pointer[snapshot.TileIndex[outline]]
	cache     *cache
}

// indexKey tells the indexes of exact and masked homes apart.
type indexKey struct {
	layer     data.Layer
	precision data.ViewPrecision
}

// keyOf is the index of what a viewer sees of a layer.
func keyOf(l data.Layer, v data.Viewer) indexKey {
	if l != data.LayerSites {
		return indexKey{layer: l}
	}
	return indexKey{l, v.Precision()}
}

// New makes the service. version is that of the program: tiles may change with it.
func New(snapshots *snapshot.Service, gate *auth.Gate, version string) *Service {
	s := &Service{snapshots: snapshots, gate: gate, version: version, cache: newCache(), indexes: map[indexKey]*atomic.Pointer[snapshot.TileIndex[outline]]{}}
	for _, l := range layers {
		for _, p := range []data.ViewPrecision{data.ViewNone, data.ViewMasked, data.ViewExact} {
			s.indexes[indexKey{l.layer, p}] = new(atomic.Pointer[snapshot.TileIndex[outline]])
		}
	}
	return s
}

// view is a layer as the request's viewer sees it.
type view struct {
	*snapshot.Collection
	viewer data.Viewer
	tag    string
}

func (s *Service) open(c *gin.Context, l layer) (view, error) {
	current, viewer := s.snapshots.Current(), auth.ViewerOf(c)
	found, ok := current.Collection(viewer, l.layer)
	if !ok {
		return view{}, web.NotFound()
	}
	return view{found, viewer, current.ETag(viewer, l.layer)}, nil
}

// notModified sets the ETag and the cache policy of a layer's representation: what holds
// homes is never stored by a browser.
func (s *Service) notModified(c *gin.Context, v view, l layer, representation string) bool {
	// What holds homes or police layers is never stored by a browser.
	if l.layer != data.LayerSites && !auth.ViewerOf(c).SeesRestricted() {
		web.Revalidate(c)
	}
	c.Writer.Header().Add("Vary", "Cookie, Authorization")
	return web.NotModified(c, v.tag, s.version, representation)
}

func (s *Service) tile(l layer) web.Handler {
	return func(c *gin.Context) error {
		t, err := tileOf(c)
		if err != nil {
			return err
		}
		v, err := s.open(c, l)
		if err != nil {
			return err
		}
		if s.notModified(c, v, l, "mvt") {
			return nil
		}
		made, err := s.tileFor(l, v, t)
		if err != nil {
			return err
		}
		// In the journal before any of it leaves.
		if err := s.gate.RecordRead(c, made.ids); err != nil {
			return err
		}
		c.Header("OGC-NumberMatched", strconv.Itoa(made.matched))
		c.Header("OGC-NumberReturned", strconv.Itoa(made.returned))
		if len(made.body.Plain) == 0 {
			c.Status(http.StatusNoContent)
			return nil
		}
		return made.body.Send(c, http.StatusOK, TypeMVT)
	}
}

// tileFor gives a tile from the cache where it is the same for everybody. Homes never are,
// nor are the zones of those who may see restricted ones.
func (s *Service) tileFor(l layer, v view, t maptile.Tile) (*encoded, error) {
	encode := func() (*encoded, error) {
		slot := s.indexes[keyOf(l.layer, v.viewer)]
		old := slot.Load()
		ix := snapshot.NewTileIndex(v.Collection, l.from, old)
		if ix != old {
			slot.Store(ix)
		}
		return l.encode(v.Collection, ix, t)
	}
	if l.layer == data.LayerSites || l.layer == data.LayerZones && v.viewer.SeesRestricted() {
		return encode()
	}
	key := v.tag + "/" + string(l.layer) + "/" + strconv.Itoa(int(t.Z)) + "/" + strconv.Itoa(int(t.Y)) + "/" + strconv.Itoa(int(t.X))
	return s.cache.get(key, encode)
}

// tileOf is the tile of the request's path; the error is that of what does not exist when
// it is not in the tile matrix.
func tileOf(c *gin.Context) (maptile.Tile, error) {
	var n [3]uint64
	for i, name := range []string{"tileMatrix", "tileRow", "tileCol"} {
		var err error
		if n[i], err = strconv.ParseUint(c.Param(name), 10, 32); err != nil {
			return maptile.Tile{}, web.NotFound()
		}
	}
	t := maptile.New(uint32(n[2]), uint32(n[1]), maptile.Zoom(n[0]))
	if n[0] > maxZoom || !t.Valid() {
		return maptile.Tile{}, web.NotFound()
	}
	return t, nil
}

// Routes are the service's rows of the route table. Each collection has paths of its own.
func (s *Service) Routes() []web.Route {
	routes := []web.Route{
		{Method: http.MethodGet, Path: "/tileMatrixSets", Access: web.Public, Handler: s.matrixSets, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getTileMatrixSets", "tiles", tr("Les quadrillages de tuiles", "The tile matrix sets"), formatParameter(tr, formatJSON))
			return web.Answers(op, 200, tr("Quadrillages", "Tile matrix sets"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: "/tileMatrixSets/" + matrixSet, Access: web.Public, Handler: s.matrixSet, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getTileMatrixSet."+matrixSet, "tiles", tr("Le quadrillage WebMercatorQuad", "The tile matrix set WebMercatorQuad"), formatParameter(tr, formatJSON))
			return web.Answers(op, 200, tr("Définition", "Definition"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: stylePath, Access: web.Public, Handler: s.style, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStyle.vigie", "tiles", tr("Style MapLibre des tuiles que le lecteur peut voir", "MapLibre style of the tiles that the viewer may see"))
			return web.Answers(op, 200, tr("Style", "Style"), typeStyle, web.Inline(openapi3.NewObjectSchema()))
		}},
	}
	for _, l := range layers {
		routes = append(routes, s.layerRoutes(l)...)
	}
	return routes
}

func (s *Service) layerRoutes(l layer) []web.Route {
	id := string(l.layer)
	title := func(tr web.Tr) string { return tr(l.layer.Label().FR, l.layer.Label().EN) }
	return []web.Route{
		{Method: http.MethodGet, Path: l.path(), Access: l.access(), Handler: s.tileSets(l), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getTileSets."+id, id, tr("Jeux de tuiles\u00a0: ", "Tile sets: ")+title(tr), formatParameter(tr, formatJSON))
			return web.Answers(op, 200, tr("Jeux de tuiles", "Tile sets"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: l.path() + "/" + matrixSet, Access: l.access(), Handler: s.tileSet(l), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getTileSet."+id, id, tr("Jeu de tuiles\u00a0: ", "Tile set: ")+title(tr), formatParameter(tr, formatJSON, formatTileJSON))
			return web.Answers(op, 200, tr("Description, ou TileJSON 3.0", "Description, or TileJSON 3.0"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: l.path() + "/" + matrixSet + "/{tileMatrix}/{tileRow}/{tileCol}", Access: l.access(), Handler: s.tile(l), Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getTile."+id, id, tr("Tuile\u00a0: ", "Tile: ")+title(tr),
				place("tileMatrix", tr("Niveau de zoom", "Zoom level"), openapi3.NewIntegerSchema().WithMin(0).WithMax(maxZoom)),
				place("tileRow", tr("Rang depuis le nord", "Row from the north"), openapi3.NewIntegerSchema().WithMin(0)),
				place("tileCol", tr("Colonne depuis l’ouest", "Column from the west"), openapi3.NewIntegerSchema().WithMin(0)),
				formatParameter(tr, formatMVT))
			op.Description = tr(
				"Au plus 10\u00a0000 objets, les plus étendus d’abord\u00a0: OGC-NumberMatched dit combien touchent la tuile, OGC-NumberReturned combien elle en contient.",
				"At most 10,000 features, the largest first: OGC-NumberMatched tells how many meet the tile, OGC-NumberReturned how many it holds.")
			web.Answers(op, 204, tr("Tuile vide", "Empty tile"), "", nil)
			return web.Answers(op, 200, tr("Tuile vectorielle", "Vector tile"), TypeMVT, nil)
		}},
	}
}

func place(name, description string, s *openapi3.Schema) *openapi3.ParameterRef {
	return web.Own(openapi3.NewPathParameter(name).WithDescription(description).WithSchema(s))
}

// Values of the parameter f.
const (
	formatJSON     = "json"
	formatTileJSON = "tilejson"
	formatMVT      = "mvt"
)

func formatParameter(tr web.Tr, formats ...string) *openapi3.ParameterRef {
	values := make([]any, len(formats))
	for i, f := range formats {
		values[i] = f
	}
	return web.Own(web.Query("f", tr("Format de la réponse", "Format of the answer"), openapi3.NewStringSchema().WithEnum(values...)))
}
