package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"vigie/api"
	"vigie/data"
	"vigie/data/demo"
	"vigie/data/snapshot"
	"vigie/frontend"
	"vigie/geo/score"
)

// listenFlag is where the server listens.
type listenFlag struct {
	Listen    string `help:"Address to listen on; only loopback until accounts exist / adresse d'écoute." default:"127.0.0.1:8080" env:"VIGIE_LISTEN"`
	LogFormat string `help:"text or json." enum:"text,json" default:"text" env:"VIGIE_LOG_FORMAT"`
}

func (f listenFlag) logger(e *environment) *slog.Logger {
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(e.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(e.stderr, nil))
}

type serveCmd struct {
	storeFlag
	listenFlag
	profileFlag
}

// Run serves a database.
func (c *serveCmd) Run(e *environment) error {
	if err := api.CheckListen(c.Listen); err != nil {
		return err
	}
	profile, err := c.load()
	if err != nil {
		return err
	}
	return serve(e, c.storeFlag, profile, c.listenFlag, false)
}

type demoCmd struct {
	listenFlag
	DB   string `help:"Keep the demo database in this file (it must not exist) instead of a temporary one." placeholder:"FILE" type:"path"`
	Only bool   `name:"only-create" help:"Create the database (--db) and stop / créer la base sans servir."`
}

// Run creates the fictitious département and serves it.
func (c *demoCmd) Run(e *environment) error {
	if err := api.CheckListen(c.Listen); err != nil {
		return err
	}
	if c.Only && c.DB == "" {
		return usageError{FR: "--only-create demande --db FICHIER.", EN: "--only-create needs --db FILE."}
	}
	path := c.DB
	if path == "" {
		dir, err := os.MkdirTemp("", "vigie-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "demo.db")
	} else if _, err := os.Stat(path); err == nil {
		return usageError{FR: path + " existe déjà : la démonstration ne remplace aucun fichier.", EN: path + " exists already: the demo replaces no file."}
	}
	h, err := openHouse(e, storeFlag{DB: path}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	err = demo.Populate(e.ctx, h.ingest, operator("demo"))
	if cerr := h.store.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if c.Only {
		e.say(e.stdout, data.Text{FR: "Base de démonstration créée : %s", EN: "Demo database created: %s"}, path)
		return nil
	}
	return serve(e, storeFlag{DB: path}, nil, c.listenFlag, true)
}

func serve(e *environment, db storeFlag, profile *score.Profile, f listenFlag, isDemo bool) error {
	logger := f.logger(e)
	h, err := openHouse(e, db, profile, logger)
	if err != nil {
		return err
	}
	defer h.store.Close()
	defer h.snapshot.Close()
	handler, err := api.New(api.Config{
		Snapshot: h.snapshot, Ingest: h.ingest, Store: h.store, Frontend: frontend.Dist(),
		Logger: logger, Clock: time.Now, IDs: newID, Version: version, Demo: isDemo,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	e.say(e.stdout, data.Text{FR: "Vigie est prête : http://%s", EN: "Vigie is ready: http://%s"}, listener.Addr())
	if isDemo {
		e.say(e.stdout, data.Text{
			FR: "Démonstration : le département, les foyers et les zones sont fictifs. Aucun compte n’est nécessaire sur cette machine. Ctrl+C pour arrêter.",
			EN: "Demo: the département, homes and zones are fictitious. No account is needed on this machine. Ctrl+C to stop.",
		})
	}
	following, stop := context.WithCancel(e.ctx)
	var followers sync.WaitGroup
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	followers.Go(func() { follow(following, ticker.C, h.snapshot.Refresh, logger) })
	defer followers.Wait()
	defer stop()
	err = api.Serve(e.ctx, listener, handler, logger)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// followEvery is how soon what another process wrote is served.
const followEvery = 2 * time.Second

// follow refreshes the snapshot at each tick until ctx ends, for what other
// processes write to the database: "vigie import", "vigie editions". A failure is
// logged when it begins.
func follow(ctx context.Context, ticks <-chan time.Time, refresh func(context.Context) error, logger *slog.Logger) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		err := refresh(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			logger.Error("the database can't be read again", "cause", err)
		}
		failing = err != nil
	}
}

type exportCmd struct {
	storeFlag
	Layer     string `arg:"" enum:"sites,zones,places,areas" help:"sites, zones, places or areas."`
	Format    string `help:"geojson, csv, gpkg; from the extension of --out when absent." placeholder:"FORMAT"`
	Precision string `help:"masked or exact (exact needs --purpose and is audited)." enum:"masked,exact" default:"masked"`
	Purpose   string `help:"Why exact positions are needed / pourquoi." placeholder:"TEXT"`
	Out       string `required:"" help:"Output file." type:"path" placeholder:"FILE"`
}

// Run exports a layer.
func (c *exportCmd) Run(e *environment) error {
	layer := data.Layer(c.Layer)
	if layer == data.LayerSites {
		switch {
		case c.Precision == "masked":
			return usageError{
				FR: "l’export masqué des foyers n’existe pas encore ; --precision exact --purpose \"…\" exporte les positions exactes.",
				EN: "masked exports of sites do not exist yet; --precision exact --purpose \"…\" exports exact positions.",
			}
		case strings.TrimSpace(c.Purpose) == "":
			return usageError{FR: "--precision exact demande --purpose \"…\" (la raison est inscrite au journal).", EN: "--precision exact needs --purpose \"…\" (the reason is written in the journal)."}
		}
	}
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	sn, err := snapshot.Open(e.ctx, store, snapshot.Options{Clock: time.Now})
	if err != nil {
		return err
	}
	return exportLayer(e, store, sn.Current(), layer, c)
}
