package tiles

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/web"
	"vigie/data"
)

// Names of the standards: OGC Two Dimensional Tile Matrix Set and Tile Set Metadata 2.0
// (17-083r4), OGC API – Tiles 1.0 (20-057).
const (
	matrixSet    = "WebMercatorQuad"
	matrixSetURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	webMercator  = "http://www.opengis.net/def/crs/EPSG/0/3857"
	crs84        = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	relMatrixSet = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
)

// The matrix of zoom 0 of WebMercatorQuad (17-083r4, annex D.1).
const (
	scaleDenominator0 = 559082264.028717
	cellSize0         = 156543.033928041  // metres at the equator
	originX           = -20037508.3427892 // metres
	tilePixels        = 256
)

// templated is a link whose address holds names between braces.
type templated struct {
	web.Link
	Templated bool `json:"templated"`
}

func (s *Service) matrixSets(c *gin.Context) error {
	call := web.CallOf(c)
	web.Revalidate(c)
	return web.JSON(c, http.StatusOK, gin.H{"tileMatrixSets": []gin.H{{
		"id": matrixSet, "title": matrixSet, "uri": matrixSetURI, "crs": webMercator,
		"links": []web.Link{{Href: call.URL("/tileMatrixSets/"+matrixSet, nil), Rel: "self", Type: web.TypeJSON, Title: matrixSet}},
	}}})
}

func (s *Service) matrixSet(c *gin.Context) error {
	matrices := make([]gin.H, maxZoom+1)
	for z := range matrices {
		n := math.Ldexp(1, z)
		matrices[z] = gin.H{
			"id": strconv.Itoa(z), "scaleDenominator": scaleDenominator0 / n, "cellSize": cellSize0 / n,
			"cornerOfOrigin": "topLeft", "pointOfOrigin": [2]float64{originX, -originX},
			"tileWidth": tilePixels, "tileHeight": tilePixels, "matrixWidth": int(n), "matrixHeight": int(n),
		}
	}
	web.Revalidate(c)
	return web.JSON(c, http.StatusOK, gin.H{
		"id": matrixSet, "title": matrixSet, "uri": matrixSetURI, "crs": webMercator, "orderedAxes": []string{"X", "Y"},
		"wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible", "tileMatrices": matrices,
	})
}

// tileSets lists the tile sets of a layer: there is one.
func (s *Service) tileSets(l layer) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.open(c, l)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, v, l, "tilesets-"+call.Lang()) {
			return nil
		}
		return web.JSON(c, http.StatusOK, gin.H{
			"tilesets": []gin.H{l.summary(call, v)},
			"links":    []web.Link{{Href: call.URL(l.path(), nil), Rel: "self", Type: web.TypeJSON, Title: call.Text(l.layer.Label())}},
		})
	}
}

// tileSet describes the tile set, or gives its TileJSON.
func (s *Service) tileSet(l layer) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.open(c, l)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		format := call.Query.Get("f")
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, v, l, "tileset-"+format+"-"+call.Lang()) {
			return nil
		}
		if format == formatTileJSON {
			return web.JSON(c, http.StatusOK, l.tileJSON(call, v))
		}
		return web.JSON(c, http.StatusOK, l.document(call, v))
	}
}

// tileURL is the template of the layer's tiles, with these names of its three numbers.
func (l layer) tileURL(call *web.Call, matrix, row, col string) string {
	return call.URL(l.path()+"/"+matrixSet, nil) + "/{" + matrix + "}/{" + row + "}/{" + col + "}"
}

// summary is what the list of tile sets tells.
func (l layer) summary(call *web.Call, v view) gin.H {
	title := call.Text(v.Schema().Title)
	self := l.path() + "/" + matrixSet
	return gin.H{
		"title": title, "dataType": "vector", "crs": webMercator, "tileMatrixSetURI": matrixSetURI,
		"links": []any{
			web.Link{Href: call.URL(self, nil), Rel: "self", Type: web.TypeJSON, Title: title},
			web.Link{Href: call.URL(self, url.Values{"f": {formatTileJSON}}), Rel: "describedby", Type: web.TypeJSON, Title: "TileJSON 3.0"},
			web.Link{Href: call.URL("/tileMatrixSets/"+matrixSet, nil), Rel: relMatrixSet, Type: web.TypeJSON, Title: matrixSet},
			web.Link{Href: call.URL("/collections/"+string(l.layer), nil), Rel: "http://www.opengis.net/def/rel/ogc/1.0/geodata", Type: web.TypeJSON, Title: title},
			templated{web.Link{Href: l.tileURL(call, "tileMatrix", "tileRow", "tileCol"), Rel: "item", Type: TypeMVT, Title: title}, true},
		},
	}
}

func (l layer) document(call *web.Call, v view) gin.H {
	doc := l.summary(call, v)
	properties := gin.H{idProperty: gin.H{"type": "string"}}
	for _, c := range l.columnsOf(v.Schema()) {
		properties[c.Name] = gin.H{"type": jsonType(c.Type), "title": call.Text(c.Label)}
	}
	doc["layers"] = []gin.H{{
		"id": l.layer, "title": call.Text(v.Schema().Title), "dataType": "vector",
		"minTileMatrix": "0", "maxTileMatrix": strconv.Itoa(maxZoom),
		"propertiesSchema":  gin.H{"type": "object", "properties": properties},
		"geometryDimension": dimensionOf(v.Schema().Geometry),
	}}
	if b, ok := v.Extent(); ok {
		doc["boundingBox"] = gin.H{"lowerLeft": b.Min, "upperRight": b.Max, "crs": crs84}
		doc["tileMatrixSetLimits"] = limits(b)
	}
	return doc
}

// limits are the tiles that meet a bound, at each zoom.
func limits(b orb.Bound) []gin.H {
	out := make([]gin.H, maxZoom+1)
	for z := range out {
		n := uint32(1)<<z - 1
		at := func(p orb.Point) (col, row uint32) {
			q := project(p)
			index := func(f float64) uint32 { return min(uint32(max(f, 0)*math.Ldexp(1, z)), n) }
			return index(q[0]), index(q[1])
		}
		west, south := at(b.Min)
		east, north := at(b.Max)
		out[z] = gin.H{"tileMatrix": strconv.Itoa(z), "minTileRow": north, "maxTileRow": south, "minTileCol": west, "maxTileCol": east}
	}
	return out
}

// tileJSON describes the tiles to MapLibre and QGIS (TileJSON 3.0.0).
func (l layer) tileJSON(call *web.Call, v view) gin.H {
	fields := gin.H{idProperty: call.Text(data.Text{FR: "Identifiant", EN: "Identifier"})}
	for _, c := range l.columnsOf(v.Schema()) {
		fields[c.Name] = call.Text(c.Label)
	}
	title := call.Text(v.Schema().Title)
	doc := gin.H{
		"tilejson": "3.0.0", "name": title, "scheme": "xyz", "minzoom": 0, "maxzoom": maxZoom,
		"tiles":         []string{l.tileURL(call, "z", "y", "x")},
		"vector_layers": []gin.H{{"id": l.layer, "description": title, "minzoom": 0, "maxzoom": maxZoom, "fields": fields}},
	}
	if b, ok := v.Extent(); ok {
		doc["bounds"] = [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	return doc
}

func dimensionOf(geometry string) int {
	if geometry == "Point" {
		return 0
	}
	return 2
}

func jsonType(t data.ColumnType) string {
	switch t {
	case data.TypeInteger:
		return "integer"
	case data.TypeNumber:
		return "number"
	case data.TypeBoolean:
		return "boolean"
	}
	return "string"
}
