// Package about tells clients what this server is: its configuration and health,
// the categories and formats it knows, the editions of zones it holds.
package about

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/source"
)

// Basemap is a map that the client may draw below the layers.
type Basemap struct {
	ID    string    `json:"id"`
	Label data.Text `json:"label"`
	// StyleURL is a MapLibre style; empty for the built-in outlines.
	StyleURL    string `json:"style_url,omitempty"`
	Attribution string `json:"attribution"`
}

// Options of the service.
type Options struct {
	Version string
	// Demo: the database holds the fictitious département.
	Demo bool
	// Controller answers for the processing of personal data; DPIAReference names its impact
	// assessment. Both are empty in a demonstration.
	Controller, DPIAReference string
	// Basemaps, the default one first.
	Basemaps []Basemap
	Formats  []source.Format
	// Writable tells whether the database could be written last time; nil is always.
	Writable func() bool
}

// Service answers from the configuration and the current snapshot.
type Service struct {
	snapshots *snapshot.Service
	opt       Options
}

// New makes the service.
func New(snapshots *snapshot.Service, opt Options) *Service {
	return &Service{snapshots: snapshots, opt: opt}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	get := func(path, id string, summary data.Text, answer func() *openapi3.Schema, h web.Handler) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Access: web.Public, Handler: h, Operation: func(tr web.Tr) *openapi3.Operation {
			text := tr(summary.FR, summary.EN)
			return web.Answers(web.Op(id, "about", text), 200, text, web.TypeJSON, web.Inline(answer()))
		}}
	}
	live := get("/health/live", "getLiveness", data.Text{FR: "Le processus répond", EN: "The process answers"}, statusSchema, healthy)
	ready := get("/health/ready", "getReadiness", data.Text{FR: "Le serveur peut répondre aux requêtes", EN: "The server can answer requests"}, statusSchema, s.ready)
	live.Outside, ready.Outside = true, true
	return []web.Route{
		get("/config", "getConfig", data.Text{FR: "Configuration pour le client", EN: "Configuration for the client"}, configSchema, s.config),
		get("/categories", "getCategories", data.Text{FR: "Catégories FINESS connues", EN: "Known FINESS categories"}, categoriesSchema, categories),
		get("/formats", "getFormats", data.Text{FR: "Formats de fichiers lus", EN: "File formats read"}, formatsSchema, s.formats),
		get("/editions", "getEditions", data.Text{FR: "Éditions des zones", EN: "Editions of zones"}, editionsSchema, s.editions),
		live, ready,
	}
}

func (s *Service) config(c *gin.Context) error {
	viewer := auth.ViewerOf(c)
	basemaps := s.opt.Basemaps
	if basemaps == nil {
		basemaps = []Basemap{}
	}
	config := gin.H{
		"demo": s.opt.Demo, "version": s.opt.Version, "languages": [...]string{"fr", "en"},
		"controller": s.opt.Controller, "dpia_reference": s.opt.DPIAReference,
		"basemaps": basemaps, "default_basemap": "",
		"viewer": gin.H{"subject": viewer.Subject(), "writes": viewer.MayWrite(), "precision": precision(viewer)},
		"bounds": s.bounds(viewer),
	}
	if len(basemaps) > 0 {
		config["default_basemap"] = basemaps[0].ID
	}
	return web.JSON(c, http.StatusOK, config)
}

func precision(v data.Viewer) string {
	switch v.Precision() {
	case data.ViewExact:
		return "exact"
	case data.ViewMasked:
		return "masked"
	default:
		return "none"
	}
}

// bounds are [west, south, east, north] of what the viewer sees of the first
// layer that has a position, in degrees; nil when there is none.
func (s *Service) bounds(v data.Viewer) *[4]float64 {
	current := s.snapshots.Current()
	for _, layer := range []data.Layer{data.LayerSites, data.LayerZones, data.LayerAreas} {
		view, ok := current.Collection(v, layer)
		if !ok {
			continue
		}
		if b, ok := view.Extent(); ok {
			return boundsOf(b)
		}
	}
	return nil
}

func boundsOf(b orb.Bound) *[4]float64 {
	return &[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
}

func categories(c *gin.Context) error {
	web.Revalidate(c)
	return web.JSON(c, http.StatusOK, data.Categories)
}

func (s *Service) formats(c *gin.Context) error {
	list := []gin.H{}
	for _, f := range s.opt.Formats {
		list = append(list, gin.H{"id": f.ID(), "label": f.Label(), "layers": f.Layers()})
	}
	web.Revalidate(c)
	return web.JSON(c, http.StatusOK, list)
}

func (s *Service) editions(c *gin.Context) error {
	current, viewer := s.snapshots.Current(), auth.ViewerOf(c)
	web.Revalidate(c)
	if web.NotModified(c, current.ETag(viewer, data.LayerZones), s.opt.Version, "editions") {
		return nil
	}
	return web.JSON(c, http.StatusOK, gin.H{"editions": current.Editions(viewer)})
}

func healthy(c *gin.Context) error {
	return web.JSON(c, http.StatusOK, gin.H{"status": "ok"})
}

func (s *Service) ready(c *gin.Context) error {
	if s.snapshots.Current() == nil {
		return web.NewProblem(web.CodeUnavailable, "Les données ne sont pas encore chargées.", "Data is not loaded yet.")
	}
	if s.opt.Writable != nil && !s.opt.Writable() {
		return web.NewProblem(web.CodeUnavailable,
			"Rien ne peut être écrit\u00a0: le disque est plein ou la base en lecture seule.", "Nothing can be written: the disk is full or the database read-only.")
	}
	return healthy(c)
}
