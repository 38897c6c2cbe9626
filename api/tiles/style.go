package tiles

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
)

const (
	stylePath = "/styles/vigie"
	typeStyle = "application/vnd.mapbox.style+json"
)

// style draws the tiles that the viewer may see, with MapLibre.
func (s *Service) style(c *gin.Context) error {
	call, viewer := web.CallOf(c), auth.ViewerOf(c)
	sources, drawn := gin.H{}, []gin.H{{"id": "background", "type": "background", "paint": gin.H{"background-color": "#f7f6f2"}}}
	for _, l := range layers {
		if _, ok := s.snapshots.Current().Collection(viewer, l.layer); !ok {
			continue
		}
		sources[string(l.layer)] = gin.H{
			"type": "vector", "url": call.URL(l.path()+"/"+matrixSet, url.Values{"f": {formatTileJSON}}), "promoteId": idProperty,
		}
		for _, d := range drawings[l.layer] {
			drawn = append(drawn, d.of(l.layer))
		}
	}
	c.Header("Content-Language", call.Lang())
	web.Revalidate(c)
	return web.JSONAs(c, http.StatusOK, typeStyle, gin.H{"version": 8, "name": "Vigie", "sources": sources, "layers": drawn})
}

// drawing is one layer of the style.
type drawing struct {
	name, kind string
	minZoom    int
	filter     []any
	paint      gin.H
}

func (d drawing) of(l data.Layer) gin.H {
	out := gin.H{"id": string(l) + "-" + d.name, "type": d.kind, "source": l, "source-layer": l, "paint": d.paint}
	if d.filter != nil {
		out["filter"] = d.filter
	}
	if d.minZoom > 0 {
		out["minzoom"] = d.minZoom
	}
	return out
}

var (
	zoneColour = []any{"match", []any{"get", "kind"}, "qpv", "#b5651d", "qrr", "#7b3294", "zsp", "#a50f15", "#636363"}
	// classColour is ColorBrewer's YlOrRd in five classes, and grey for what is unknown.
	classColour = []any{
		"match", []any{"get", "exposure_class"},
		"1", "#ffffb2", "2", "#fecc5c", "3", "#fd8d3c", "4", "#f03b20", "5", "#bd0026", "#9e9e9e",
	}
	drawings = map[data.Layer][]drawing{
		data.LayerAreas: {{name: "line", kind: "line", paint: gin.H{
			"line-color": "#8c8c8c", "line-width": []any{"match", []any{"get", "level"}, data.AreaDepartment, 1.2, 0.4},
		}}},
		data.LayerZones: {
			{name: "fill", kind: "fill", paint: gin.H{"fill-color": zoneColour, "fill-opacity": 0.35}},
			{name: "line", kind: "line", minZoom: 9, paint: gin.H{"line-color": zoneColour, "line-width": 1}},
		},
		data.LayerPlaces: {{name: "point", kind: "circle", minZoom: 11, paint: gin.H{
			"circle-radius": 3, "circle-color": "#2b6cb0", "circle-stroke-width": 1, "circle-stroke-color": "#ffffff",
		}}},
		data.LayerSites: {
			{name: "cell", kind: "fill", filter: []any{"==", []any{"geometry-type"}, "Polygon"}, paint: gin.H{
				"fill-color": classColour, "fill-opacity": 0.45, "fill-outline-color": "#4a4a4a",
			}},
			{name: "point", kind: "circle", filter: []any{"==", []any{"geometry-type"}, "Point"}, paint: gin.H{
				"circle-radius": 6, "circle-color": classColour, "circle-stroke-width": 1.5, "circle-stroke-color": "#1a1a1a",
			}},
		},
	}
)
