// Package api assembles Vigie's HTTP server: the route table of its resources,
// the OpenAPI document made from it, and the front end.
package api

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"

	"vigie/api/about"
	"vigie/api/accounts"
	"vigie/api/assess"
	"vigie/api/audit"
	"vigie/api/auth"
	"vigie/api/basemap"
	"vigie/api/imports"
	"vigie/api/ogc"
	"vigie/api/sites"
	"vigie/api/siting"
	"vigie/api/stats"
	"vigie/api/tiles"
	"vigie/api/ui"
	"vigie/api/vocabulary"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/source/all"
	"vigie/data/territory"
)

// Store is what the HTTP interface may call of the store: what is imported is
// read through viewers, what is served comes from the snapshot.
type Store interface {
	data.Accounts
	data.Journal
	stats.Store
	siting.Store
	Imports(ctx context.Context, by data.Viewer, limit int) ([]data.Import, error)
	Import(ctx context.Context, by data.Viewer, id string) (*data.Import, error)
}

// Config is what the server is made of. Snapshot, Ingest, Store, Clock and IDs
// are required.
type Config struct {
	Snapshot *snapshot.Service
	Ingest   *ingest.Service
	Store    Store
	// Frontend holds the built front end, index.html at its root; nil serves the API alone.
	Frontend fs.FS
	// Logger receives one line a request; nil discards them.
	Logger *slog.Logger
	Clock  data.Clock
	// IDs numbers the requests.
	IDs data.IDs
	// PublicURL is the address that users type: links are made from it, and no other
	// host is answered. Empty is this machine under any of its names. With https,
	// cookies are only sent over TLS.
	PublicURL string
	// TrustedProxies are believed on who asks (X-Forwarded-For, -Host and -Proto).
	TrustedProxies []netip.Prefix
	// CORSOrigins are the other origins whose pages may read the API.
	CORSOrigins []string
	// Providers are the OpenID Connect providers at which people may log in.
	Providers []auth.Provider
	Version   string
	// Demo: the database holds the fictitious département.
	Demo bool
	// Controller and DPIAReference are shown to everyone: who answers for the processing
	// of personal data, and its impact assessment.
	Controller, DPIAReference string
	// DemoAccounts are offered with their passwords on the login page.
	DemoAccounts []auth.DemoAccount
	// Basemaps are offered beside the built-in outlines, which come first; nil
	// offers Plan IGN, which nobody contacts before a user switches it on.
	Basemaps []about.Basemap
	// TempDir is where uploads and files are spooled; empty is the system's.
	TempDir string
	// Journal is what the journal is verified with.
	Journal audit.Pins
	// Writable tells whether the store could be written last time; nil is always. The server
	// is not ready otherwise: nobody can log in.
	Writable func() bool
}

// PlanIGN is the base map of the Géoplateforme that may be switched on.
func PlanIGN() about.Basemap {
	return about.Basemap{
		ID: "plan-ign", Label: data.Text{FR: "Plan IGN", EN: "IGN map"}, Attribution: "© IGN",
		StyleURL: web.TileOrigin + "/annexes/ressources/vectorTiles/styles/PLAN.IGN/attenue.json",
	}
}

// New builds the server's handler. Its error names what is missing or wrong in
// the configuration.
func New(cfg Config) (http.Handler, error) {
	if cfg.Snapshot == nil || cfg.Ingest == nil || cfg.Store == nil || cfg.Clock == nil || cfg.IDs == nil {
		return nil, errors.New("api: Snapshot, Ingest, Store, Clock and IDs are required")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	public, err := ParsePublicURL(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	frontend, err := ui.New(cfg.Frontend)
	if err != nil {
		return nil, err
	}
	if cfg.Basemaps == nil {
		cfg.Basemaps = []about.Basemap{PlanIGN()}
	}
	gate := auth.NewGate(cfg.Store, cfg.Clock, public.Secure())
	identity, err := auth.New(gate, cfg.IDs, auth.Options{Providers: cfg.Providers, Demo: cfg.DemoAccounts})
	if err != nil {
		return nil, err
	}
	return web.NewHandler(web.Options{
		Info: web.Info{
			Title: data.Text{FR: "Vigie", EN: "Vigie"},
			Description: data.Text{
				FR: "Exposition des foyers de protection de l’enfance aux zones alentour. Longitudes et latitudes en degrés, CRS84\u00a0; distances en mètres\u00a0; parts de 0 à 1.",
				EN: "Exposure of child-protection homes to the zones around them. Longitudes and latitudes in degrees, CRS84; distances in metres; shares from 0 to 1.",
			},
			Version: cfg.Version, Server: string(public) + web.Root,
		},
		Logger: cfg.Logger, Clock: cfg.Clock, IDs: cfg.IDs, PublicURL: string(public), TrustedProxies: cfg.TrustedProxies,
		CORSOrigins: cfg.CORSOrigins, Admit: gate.Admit, Fallback: frontend,
	}, routes(cfg, gate, identity))
}

// routes is the route table.
func routes(cfg Config, gate *auth.Gate, identity *auth.Service) []web.Route {
	basemaps := append([]about.Basemap{{
		ID: "offline", Label: data.Text{FR: "Contours (hors ligne)", EN: "Outlines (offline)"}, Attribution: territory.Attribution,
	}}, cfg.Basemaps...)
	features := ogc.New(cfg.Snapshot, cfg.Store, gate, cfg.Clock, cfg.Version, cfg.TempDir)
	var table []web.Route
	for _, rows := range [][]web.Route{
		identity.Routes(),
		accounts.New(cfg.Store, gate, cfg.IDs).Routes(),
		audit.New(cfg.Store, cfg.Journal, gate).Routes(),
		features.Routes(),
		tiles.New(cfg.Snapshot, gate, cfg.Version).Routes(),
		assess.New(cfg.Snapshot, gate, cfg.Clock).Routes(),
		sites.New(cfg.Snapshot, cfg.Ingest, gate).Routes(),
		siting.New(cfg.Snapshot, cfg.Store, gate, cfg.Clock, cfg.IDs, cfg.Version).Routes(),
		stats.New(cfg.Store, cfg.Version).Routes(),
		imports.New(cfg.Ingest, cfg.Store, cfg.TempDir).Routes(),
		about.New(cfg.Snapshot, about.Options{
			Version: cfg.Version, Demo: cfg.Demo, Controller: cfg.Controller, DPIAReference: cfg.DPIAReference, Basemaps: basemaps, Formats: all.Formats(),
			Writable: cfg.Writable,
		}).Routes(),
		basemap.Routes(),
		vocabulary.Routes(),
	} {
		table = append(table, rows...)
	}
	return append(table, features.DocsRoute(table))
}
