package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"vigie/api"
	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/audit"
	"vigie/data/demo"
	"vigie/data/release"
	"vigie/data/sqlite"
	"vigie/data/statistics"
	"vigie/frontend"
	"vigie/geo/score"
)

// listenFlag is where the server listens.
type listenFlag struct {
	Listen    string `help:"Address to listen on / adresse d'écoute." default:"127.0.0.1:8080" env:"VIGIE_LISTEN"`
	LogFormat string `help:"text or json." enum:"text,json" default:"text" env:"VIGIE_LOG_FORMAT"`
}

func (f listenFlag) logger(e *environment) *slog.Logger {
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(e.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(e.stderr, nil))
}

// networkFlag is how users reach the server beyond this machine.
type networkFlag struct {
	PublicURL    string   `name:"public-url" help:"Address that users type, https beyond this machine / adresse publique." env:"VIGIE_PUBLIC_URL" placeholder:"URL"`
	TLSCert      string   `name:"tls-cert" help:"Certificate chain (PEM); read again when it changes / certificat." type:"path" env:"VIGIE_TLS_CERT" placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"Key of the certificate (PEM) / clé du certificat." type:"path" env:"VIGIE_TLS_KEY" placeholder:"FILE"`
	TrustedProxy []string `name:"trusted-proxy" help:"Addresses of proxies that end TLS and are believed on who asks / proxys de confiance." env:"VIGIE_TRUSTED_PROXY" placeholder:"CIDR"`
	CORSOrigin   []string `name:"cors-origin" help:"Other origins whose pages may read the API, without cookies / autres origines qui peuvent lire l'API." env:"VIGIE_CORS_ORIGIN" placeholder:"ORIGIN"`
	OIDC         string   `name:"oidc" help:"OpenID Connect providers (JSON, docs/decisions/identity.md) / fournisseurs d'identité." type:"path" env:"VIGIE_OIDC" placeholder:"FILE"`
}

// proxies reads the addresses of trusted proxies.
func (f networkFlag) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range f.TrustedProxy {
		p, err := netip.ParsePrefix(s)
		if address, aerr := netip.ParseAddr(s); aerr == nil {
			p, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil || p.Bits() == 0 {
			return nil, usageError{
				FR: "--trusted-proxy\u00a0: «\u00a0" + s + " » n’est pas une adresse ni un réseau (10.0.0.0/24).",
				EN: "--trusted-proxy: “" + s + "” is neither an address nor a network (10.0.0.0/24).",
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// checkOrigins refuses what is not an origin as browsers spell it.
func (f networkFlag) checkOrigins() error {
	for _, s := range f.CORSOrigin {
		if !web.ExactOrigin(s) {
			return usageError{
				FR: "--cors-origin\u00a0: «\u00a0" + s + "\u00a0» n’est pas une origine exacte\u00a0: https://hôte[:port], en minuscules, sans chemin ni «\u00a0*\u00a0» (http pour cette machine seulement).",
				EN: "--cors-origin: “" + s + "” is not an exact origin: https://host[:port], in lower case, without a path or “*” (http for this machine only).",
			}
		}
	}
	return nil
}

// responsibleFlag is who answers for the processing of personal data.
type responsibleFlag struct {
	Controller string `help:"Controller of the processing (GDPR); required for real data / responsable du traitement." env:"VIGIE_CONTROLLER" placeholder:"NAME"`
	DPIA       string `name:"dpia-reference" help:"Reference of the impact assessment; required for real data / référence de l'AIPD." env:"VIGIE_DPIA_REFERENCE" placeholder:"REF"`
}

// check refuses to serve real data before somebody answers for it, and accounts whose
// passwords are public beyond a demonstration on this machine.
func (f responsibleFlag) check(ctx context.Context, store data.Store, n api.Network) error {
	fictitious, err := holdsDemo(ctx, store)
	if err != nil {
		return err
	}
	if !fictitious && (strings.TrimSpace(f.Controller) == "" || strings.TrimSpace(f.DPIA) == "") {
		return usageError{
			FR: "le traitement de données réelles demande un responsable et une analyse d’impact (AIPD, RGPD art. 35)\u00a0: donnez --controller \"…\" et --dpia-reference \"…\" (ou VIGIE_CONTROLLER et VIGIE_DPIA_REFERENCE). docs/aipd.md aide à rédiger l’AIPD. Pour essayer Vigie sans données réelles\u00a0: vigie demo.",
			EN: "processing real data needs a controller and an impact assessment (DPIA, GDPR art. 35): give --controller \"…\" and --dpia-reference \"…\" (or VIGIE_CONTROLLER and VIGIE_DPIA_REFERENCE). docs/aipd.md helps to write the DPIA. To try Vigie without real data: vigie demo.",
		}
	}
	if fictitious && n.PublicURL == "" {
		return nil
	}
	for _, a := range demo.Accounts(time.Now()) {
		known, err := auth.HasPassword(ctx, store, a.User.Login, a.Password)
		if err != nil {
			return err
		}
		if known {
			return usageError{
				FR: "le compte de démonstration «\u00a0" + a.User.Login + " » a un mot de passe public : effacez-le d’abord (vigie user erase " + a.User.Login + ").",
				EN: "the demo account “" + a.User.Login + "” has a public password: erase it first (vigie user erase " + a.User.Login + ").",
			}
		}
	}
	return nil
}

// holdsDemo tells whether every record of a département is the fictitious one's, and
// there is one.
func holdsDemo(ctx context.Context, store data.SnapshotSource) (bool, error) {
	versions, err := store.Versions(ctx)
	demo := false
	for _, v := range versions {
		switch v.Department {
		case "":
		case data.FictitiousDepartment:
			demo = true
		default:
			return false, err
		}
	}
	return demo, err
}

type serveCmd struct {
	storeFlag
	listenFlag
	networkFlag
	responsibleFlag
	profileFlag
	Journal journalFlag `embed:"" prefix:"journal-"`
}

// Run serves a database.
func (c *serveCmd) Run(e *environment) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40) // the live heap is large and grows slowly: memory before processor time
	}
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	if err := c.checkOrigins(); err != nil {
		return err
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usageError{FR: "--tls-cert et --tls-key vont ensemble.", EN: "--tls-cert and --tls-key go together."}
	}
	network := api.Network{Listen: c.Listen, PublicURL: c.PublicURL, TLS: c.TLSCert != "", TrustedProxies: proxies}
	if err := network.Check(); err != nil {
		return err
	}
	profile, err := c.load()
	if err != nil {
		return err
	}
	cfg := api.Config{PublicURL: c.PublicURL, TrustedProxies: proxies, CORSOrigins: c.CORSOrigin, Controller: c.Controller, DPIAReference: c.DPIA}
	if c.OIDC != "" {
		if cfg.Providers, err = auth.ReadProviders(c.OIDC); err != nil {
			return fmt.Errorf("--oidc: %w", err)
		}
	}
	logger := c.logger(e)
	h, err := openServed(e, c.storeFlag, profile, logger)
	if err != nil {
		return err
	}
	defer h.close()
	if err := c.responsibleFlag.check(e.ctx, h.store, network); err != nil {
		return err
	}
	keeper, pins, err := c.Journal.keeper(e.ctx, c.storeFlag, h.store)
	if err != nil {
		return err
	}
	cfg.Journal = pins
	users, err := h.store.Users(e.ctx, operator("accounts"))
	if err != nil {
		return err
	}
	listener, err := listen(c.listenFlag, c.networkFlag)
	if err != nil {
		return err
	}
	say := func(address string) {
		e.say(e.stdout, data.Text{FR: "Vigie est prête\u00a0: %s", EN: "Vigie is ready: %s"}, address)
		if c.Controller != "" {
			e.say(e.stdout, data.Text{FR: "Responsable du traitement\u00a0: %s. AIPD\u00a0: %s.", EN: "Controller: %s. DPIA: %s."}, c.Controller, c.DPIA)
		}
		if len(users) == 0 {
			e.say(e.stdout, data.Text{
				FR: "Aucun compte\u00a0: personne ne peut se connecter. Ouvrez-en un avec vigie user add … --db %s",
				EN: "No account: nobody can log in. Open one with vigie user add … --db %s",
			}, c.DB)
		}
	}
	return h.serve(e, cfg, keeper, listener, logger, say)
}

type demoCmd struct {
	listenFlag
	DB   string `help:"Keep the demo database in this file (it must not exist) instead of a temporary one." placeholder:"FILE" type:"path"`
	Only bool   `name:"only-create" help:"Create the database (--db) and stop / créer la base sans servir."`
}

// Run creates the fictitious département and serves it, with accounts whose passwords
// are public: never beyond this machine.
func (c *demoCmd) Run(e *environment) error {
	if err := (api.Network{Listen: c.Listen}).Check(); err != nil {
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
	accounts, err := c.create(e, path)
	if err != nil {
		return err
	}
	if c.Only {
		e.say(e.stdout, data.Text{FR: "Base de démonstration créée\u00a0: %s", EN: "Demo database created: %s"}, path)
		return nil
	}
	h, err := openServed(e, storeFlag{DB: path}, nil, c.logger(e))
	if err != nil {
		return err
	}
	defer h.close()
	keeper, pins, err := journalFlag{}.keeper(e.ctx, storeFlag{DB: path}, h.store)
	if err != nil {
		return err
	}
	listener, err := listen(c.listenFlag, networkFlag{})
	if err != nil {
		return err
	}
	say := func(address string) {
		e.say(e.stdout, data.Text{FR: "Vigie est prête\u00a0: %s", EN: "Vigie is ready: %s"}, address)
		e.say(e.stdout, data.Text{
			FR: "Démonstration\u00a0: le département, les foyers et les zones sont fictifs. Ctrl+C pour arrêter. Comptes\u00a0:",
			EN: "Demo: the département, homes and zones are fictitious. Ctrl+C to stop. Accounts:",
		})
		w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
		for _, a := range accounts {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", a.Login, a.Password, a.RoleLabel.In(e.lang))
		}
		_ = w.Flush() // the terminal's
	}
	return h.serve(e, api.Config{Demo: true, DemoAccounts: accounts, Journal: pins}, keeper, listener, c.logger(e), say)
}

// create makes the demo database; with its accounts unless it is only created.
func (c *demoCmd) create(e *environment, path string) ([]auth.DemoAccount, error) {
	h, err := openHouse(e, storeFlag{DB: path}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer h.close()
	if err := demo.Populate(e.ctx, h.ingest, operator("demo")); err != nil || c.Only {
		return nil, err
	}
	if err := h.freeze(e.ctx); err != nil {
		return nil, err
	}
	now := time.Now()
	for _, at := range []time.Time{now.AddDate(0, -3, 0), now} {
		request := statistics.Request{Quarter: statistics.LastQuarter(at), Now: at}
		if _, err := statistics.Freeze(e.ctx, h.store, h.snapshot.Current(), statistician(), request); err != nil {
			return nil, err
		}
	}
	return addDemoAccounts(e.ctx, h.store)
}

// addDemoAccounts adds the accounts of the demonstration, with their passwords.
func addDemoAccounts(ctx context.Context, store data.Store) ([]auth.DemoAccount, error) {
	now := time.Now()
	by := operator("demo")
	entry := func(action string) data.AuditEntry {
		return data.AuditEntry{At: now, Subject: by.Subject(), Purpose: by.Purpose(), Action: action}
	}
	var out []auth.DemoAccount
	for _, a := range demo.Accounts(now) {
		a.User.ID = newID()
		if err := store.PutUser(ctx, by, &a.User, entry(data.ActionUserAdded)); err != nil {
			return nil, err
		}
		if err := auth.SetPassword(ctx, store, &a.User, a.Password, entry(auth.ActionPassword)); err != nil {
			return nil, err
		}
		out = append(out, auth.DemoAccount{
			Login: a.User.Login, Password: a.Password, Name: a.User.Name, RoleLabel: a.User.Assignments[0].Role.Label(),
		})
	}
	return out, nil
}

// listen opens the address, under TLS when there is a certificate.
func listen(f listenFlag, n networkFlag) (net.Listener, error) {
	listener, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	if n.TLSCert == "" {
		return listener, nil
	}
	encrypted, err := api.ListenTLS(listener, n.TLSCert, n.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--tls-cert: %w", err), listener.Close())
	}
	return encrypted, nil
}

// openServed opens a database to serve it: this process alone, and only when it can be
// written.
func openServed(e *environment, f storeFlag, profile *score.Profile, logger *slog.Logger) (*house, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	release, err := sqlite.Claim(e.ctx, f.DB)
	if err != nil {
		return nil, err
	}
	_, missing := os.Stat(f.DB)
	h, err := openHouse(e, f, profile, logger)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	h.release = release
	if err := h.store.Probe(e.ctx); err != nil {
		h.close()
		return nil, err
	}
	if errors.Is(missing, fs.ErrNotExist) {
		path, err := filepath.Abs(f.DB)
		if err != nil {
			path = f.DB
		}
		e.say(e.stdout, data.Text{FR: "Nouvelle base créée, vide\u00a0: %s", EN: "New database created, empty: %s"}, path)
	}
	return h, nil
}

func (h *house) close() {
	h.snapshot.Close()
	h.store.Close()
	if h.release != nil {
		_ = h.release() // the process lets go of it in any case
	}
}

// serve answers on the listener until the process is told to stop. say is called
// once it is ready, with the address to type.
func (h *house) serve(e *environment, cfg api.Config, keeper *audit.Keeper, listener net.Listener, logger *slog.Logger, say func(address string)) error {
	cfg.Snapshot, cfg.Ingest, cfg.Store, cfg.Frontend = h.snapshot, h.ingest, h.store, frontend.Dist()
	cfg.Logger, cfg.Clock, cfg.IDs, cfg.Version = logger, time.Now, newID, version
	var unwritable atomic.Bool
	cfg.Writable = func() bool { return !unwritable.Load() }
	handler, err := api.New(cfg)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if cfg.PublicURL != "" {
		say(cfg.PublicURL)
	} else {
		say("http://" + listener.Addr().String())
	}
	background, stop := context.WithCancel(e.ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()
	every := func(period time.Duration, what string, do func(context.Context) error) {
		ticker := time.NewTicker(period)
		workers.Go(func() {
			defer ticker.Stop()
			repeat(background, ticker.C, do, what, logger)
		})
	}
	every(followEvery, "the database can't be read again", h.snapshot.Refresh)
	every(sweepEvery, "expired sessions can't be deleted", func(ctx context.Context) error { return h.store.SweepSessions(ctx, time.Now()) })
	every(releaseEvery, "the masked view can't be frozen", h.freeze)
	every(probeEvery, "the database can't be written", func(ctx context.Context) error {
		err := h.store.Probe(ctx)
		unwritable.Store(err != nil && ctx.Err() == nil)
		return err
	})
	every(audit.KeepEvery, "the journal can't be kept", keeper.Keep)
	err = api.Serve(e.ctx, listener, handler, logger)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

const (
	// followEvery is how soon what another process wrote is served.
	followEvery = 2 * time.Second
	// probeEvery is how soon readiness tells that nothing can be written.
	probeEvery = 10 * time.Second
	// sweepEvery is how often what has expired is deleted.
	sweepEvery = 10 * time.Minute
	// releaseEvery is how soon a masked view that is due is frozen.
	releaseEvery = time.Minute
)

// freeze makes a masked view when there is none or it is a quarter old.
func (h *house) freeze(ctx context.Context) error {
	sn, now := h.snapshot.Current(), time.Now()
	if _, at := sn.Released(); now.Sub(at) < release.Interval {
		return nil
	}
	by := data.NewViewer(data.ViewerSpec{Subject: data.SystemSubject, Precision: data.ViewExact, Writes: true, Purpose: "release"})
	_, _, err := release.Freeze(ctx, h.store, sn, by, now, releaseKey())
	switch {
	case errors.Is(err, release.ErrPending), errors.Is(err, release.ErrNoHome), errors.Is(err, data.ErrConflict):
		return nil // scores or homes are to come; or another process was first
	case err != nil:
		return err
	}
	return h.snapshot.Refresh(ctx)
}

// repeat does something at each tick until ctx ends. A failure is logged when it begins.
func repeat(ctx context.Context, ticks <-chan time.Time, do func(context.Context) error, what string, logger *slog.Logger) {
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		err := do(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			logger.Error(what, "cause", err)
		}
		failing = err != nil
	}
}
