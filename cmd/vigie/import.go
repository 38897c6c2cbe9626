package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
	"vigie/geo/crs"
)

// readFlags choose how a file of records is read.
type readFlags struct {
	CRS       string `name:"crs" help:"CRS of the coordinates, when the file does not say (EPSG:2154…) / projection." placeholder:"CRS"`
	IDField   string `help:"Property that holds the identifier / champ de l'identifiant." placeholder:"NAME"`
	NameField string `help:"Property that holds the name / champ du nom." placeholder:"NAME"`
}

func (f readFlags) options(layer data.Layer) (source.Options, error) {
	opt := source.Options{Layer: layer, IDField: f.IDField, NameField: f.NameField}
	if f.CRS != "" {
		c, err := crs.Parse(f.CRS)
		if err != nil {
			message := data.Text{FR: err.Error(), EN: err.Error()}
			var unknown *crs.Error
			if errors.As(err, &unknown) {
				message = data.Text{FR: unknown.FR, EN: unknown.EN}
			}
			return opt, usageError{FR: "--crs : " + message.FR, EN: "--crs: " + message.EN}
		}
		opt.CRS = &c
	}
	return opt, nil
}

type importCmd struct {
	storeFlag
	readFlags
	Layer string   `arg:"" optional:"" help:"sites, zones, places, areas or statistics." placeholder:"LAYER"`
	Files []string `arg:"" optional:"" help:"A file (plain, .gz or .zip), or the parts of a shapefile." type:"path"`

	Format     string   `help:"Format of the file; detected when absent / format du fichier." placeholder:"ID"`
	Undo       string   `help:"Undo the import with this id / annuler cet import." placeholder:"ID"`
	DryRun     bool     `help:"Show what would change, change nothing / montrer sans rien modifier."`
	Strict     bool     `help:"Refuse the whole file at the first error / tout refuser à la première erreur."`
	Kind       string   `help:"Kind of zones: qpv, qrr, zsp, custom." placeholder:"KIND"`
	Edition    string   `help:"Edition of the zones or statistics (2015, 2024…); detected when absent." placeholder:"LABEL"`
	Current    *bool    `help:"Make this edition the current one (--no-current: don't); by default the newest is." negatable:""`
	Restricted bool     `help:"Police layer, seen only with its own right / couche restreinte."`
	Categories []string `help:"FINESS categories to keep, instead of the child-protection residences; for places, kinds or types (TYPEQU) of the BPE." placeholder:"CODE"`
	Services   bool     `help:"Also keep child-protection services (placement familial, AEMO…)."`

	Departments []string `help:"Départements whose places and statistics to keep (44,49): use it for national grids and databases / départements à garder." placeholder:"CODE"`
	Since       int      `help:"Earliest year of the statistics to keep / première année des statistiques." placeholder:"YEAR"`

	CloseMissing bool   `help:"Mark as closed the sites, or remove the places, of the same départements that are absent from this file."`
	AllProblems  bool   `help:"Print every problem / afficher tous les problèmes."`
	Report       string `help:"Write the whole report as JSON / écrire le rapport complet." placeholder:"FILE" type:"path"`
}

// Run imports, or undoes.
func (c *importCmd) Run(e *environment) error {
	if c.Undo != "" {
		if c.Layer != "" {
			return usageError{FR: "--undo ne prend pas de fichier.", EN: "--undo takes no file."}
		}
		return c.undo(e)
	}
	layer := data.Layer(c.Layer)
	known := []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas, data.LayerStatistics}
	if !slices.Contains(known, layer) || len(c.Files) == 0 {
		return usageError{
			FR: "usage : vigie import sites|zones|places|areas|statistics FICHIER… (ou --undo ID)",
			EN: "usage: vigie import sites|zones|places|areas|statistics FILE… (or --undo ID)",
		}
	}
	opt, err := c.options(layer)
	if err != nil {
		return err
	}
	opt.Kind, opt.Edition, opt.Services = data.ZoneKind(strings.ToLower(c.Kind)), c.Edition, c.Services
	if len(c.Categories) > 0 {
		opt.Categories = c.Categories
	}
	for _, code := range c.Departments {
		d, ok := source.NormaliseDepartment(code)
		if !ok {
			return usageError{FR: "--departments\u00a0: codes INSEE de départements (01, 2A, 971…), pas «\u00a0" + code + "\u00a0».", EN: "--departments: INSEE codes of départements (01, 2A, 971…), not “" + code + "”."}
		}
		opt.Departments = append(opt.Departments, d)
	}
	opt.Since = c.Since
	if layer == data.LayerSites {
		for _, code := range c.Categories {
			if _, ok := data.CategoryByCode(code); !ok {
				return usageError{FR: "--categories : catégorie FINESS inconnue : « " + code + " ».", EN: "--categories: unknown FINESS category “" + code + "”."}
			}
		}
	}
	if layer == data.LayerZones && opt.Kind != "" && !opt.Kind.Valid() {
		return usageError{FR: "--kind : qpv, qrr, zsp ou custom, pas « " + c.Kind + " ».", EN: "--kind: qpv, qrr, zsp or custom, not “" + c.Kind + "”."}
	}
	in, err := openInput(c.Files)
	if err != nil {
		return err
	}
	defer in.Close()
	// Before the import: a report that can't be written must not come after the fact.
	written, err := c.createReport(e)
	if err != nil {
		return err
	}
	defer written.discard()
	store, done, err := c.openStore(e)
	if err != nil {
		return err
	}
	defer done()
	report, finish := e.progress(data.Text{FR: "import", EN: "import"}, true)
	service := ingest.New(store, nil, time.Now, newID)
	result, err := service.Import(e.ctx, operator("import"), ingest.Request{
		Input: in, Layer: layer, Format: c.Format, Options: opt, Strict: c.Strict, DryRun: c.DryRun,
		MakeCurrent: c.Current, CloseMissing: c.CloseMissing, Restricted: c.Restricted, Progress: report,
	})
	finish()
	if result != nil {
		e.printProblems(result.Problems, result.ProblemCounts, c.AllProblems)
	}
	if err == nil {
		e.printImport(result)
	}
	if result != nil {
		err = errors.Join(err, writeReport(written, result))
	}
	return err
}

// openStore opens the database, and makes it when there is none: for a preview in a
// folder that done removes, since a preview leaves nothing behind.
func (c *importCmd) openStore(e *environment) (store data.Store, done func(), err error) {
	flag, remove := c.storeFlag, func() {}
	if _, err := os.Stat(flag.DB); c.DryRun && errors.Is(err, fs.ErrNotExist) && !flag.remote() {
		dir, err := os.MkdirTemp("", "vigie-preview-")
		if err != nil {
			return nil, nil, err
		}
		flag.DB, remove = filepath.Join(dir, "vigie.db"), func() { os.RemoveAll(dir) }
	}
	if store, err = flag.create(e); err != nil {
		remove()
		return nil, nil, err
	}
	return store, func() { store.Close(); remove() }, nil
}

func (c *importCmd) undo(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	result, err := ingest.New(store, nil, time.Now, newID).Undo(e.ctx, operator("undo"), c.Undo)
	if errors.Is(err, data.ErrNotFound) {
		return failure{FR: "il n’y a pas d’import « " + c.Undo + " », ou il est déjà annulé (liste : vigie imports).", EN: "there is no import “" + c.Undo + "”, or it is undone already (list: vigie imports)."}
	}
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "Import %s annulé (%s).", EN: "Import %s undone (%s)."}, result.ID, result.FileName)
	return nil
}

// createReport opens the file of --report; nil when none is asked for.
func (c *importCmd) createReport(e *environment) (*output, error) {
	if c.Report == "" {
		return nil, nil
	}
	return createOutput(c.Report, e.output)
}

func writeReport(out *output, result *data.Import) error {
	if out == nil {
		return nil
	}
	enc := json.NewEncoder(out.buffer)
	enc.SetIndent("", "  ")
	if err := enc.Encode(result); err != nil {
		return err
	}
	return out.commit()
}

// printImport prints what an import did.
func (e *environment) printImport(r *data.Import) {
	n := r.Counts
	what := r.Layer.Label().In(e.lang)
	if r.Kind != "" {
		what += " " + strings.ToUpper(string(r.Kind))
	}
	if r.Edition != "" {
		what += " " + r.Edition
	}
	e.say(e.stdout, data.Text{FR: "%s — %s (%s), SHA-256 %.12s…", EN: "%s — %s (%s), SHA-256 %.12s…"}, what, r.FileName, r.Format, r.SHA256)
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	row := func(label data.Text, value int, always bool) {
		if value > 0 || always {
			fmt.Fprintf(w, "  %s\t%d\n", label.In(e.lang), value)
		}
	}
	row(data.Text{FR: "lus", EN: "read"}, n.Read, true)
	row(data.Text{FR: "gardés", EN: "kept"}, n.Kept, true)
	row(data.Text{FR: "  nouveaux", EN: "  new"}, n.Created, false)
	row(data.Text{FR: "  modifiés", EN: "  updated"}, n.Updated, false)
	row(data.Text{FR: "  inchangés", EN: "  unchanged"}, n.Unchanged, false)
	row(data.Text{FR: "  sans position", EN: "  not located"}, n.Unlocated, false)
	row(data.Text{FR: "  géométries réparées", EN: "  geometries repaired"}, n.Repaired, false)
	row(data.Text{FR: "écartés (non demandés)", EN: "filtered out (not asked for)"}, n.Filtered, false)
	row(data.Text{FR: "REJETÉS", EN: "REJECTED"}, n.Rejected, false)
	row(data.Text{FR: "absents de ce fichier", EN: "absent from this file"}, n.Missing, false)
	w.Flush()
	kinds := make([]string, 0, len(r.ChangeCounts))
	for kind := range r.ChangeCounts {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		fmt.Fprintf(e.stdout, "  %s : %d\n", data.ChangeKind(kind).Label().In(e.lang), r.ChangeCounts[kind])
	}
	switch {
	case r.DryRun:
		e.say(e.stdout, data.Text{FR: "Essai à blanc : rien n’a été modifié.", EN: "Dry run: nothing was changed."})
	default:
		e.say(e.stdout, data.Text{FR: "Import %s. Pour l’annuler : vigie import --undo %s", EN: "Import %s. To undo it: vigie import --undo %s"}, r.ID, r.ID)
	}
}

type importsCmd struct {
	storeFlag
	Limit int `help:"How many, newest first / combien." default:"20"`
}

// Run lists the imports.
func (c *importsCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := store.Imports(e.ctx, operator("list"), c.Limit)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for _, i := range list {
		state := ""
		if i.UndoneAt != nil {
			state = data.Text{FR: "annulé", EN: "undone"}.In(e.lang)
		}
		fmt.Fprintf(w, "%s\t%s\t%s %s %s\t%s\t%d/%d\t%s\n", i.ID, i.ImportedAt.Format(time.DateTime), i.Layer, i.Kind, i.Edition, i.FileName, i.Counts.Kept, i.Counts.Read, state)
	}
	return w.Flush()
}

type editionsCmd struct {
	storeFlag
	Use string `help:"Make this edition current, as KIND:LABEL (qpv:2024)." placeholder:"KIND:LABEL"`
}

// Run lists the editions, or makes one current.
func (c *editionsCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	if c.Use != "" {
		kind, label, ok := strings.Cut(c.Use, ":")
		if !ok {
			return usageError{FR: "--use : TYPE:ÉDITION, par exemple qpv:2024.", EN: "--use: KIND:LABEL, for example qpv:2024."}
		}
		if err := ingest.New(store, nil, time.Now, newID).UseEdition(e.ctx, operator("edition"), data.ZoneKind(kind), label); errors.Is(err, data.ErrNotFound) {
			return failure{FR: "il n’y a pas d’édition « " + c.Use + " » (liste : vigie editions).", EN: "there is no edition “" + c.Use + "” (list: vigie editions)."}
		} else if err != nil {
			return err
		}
	}
	editions, err := store.Editions(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for _, ed := range editions {
		mark := ""
		if ed.Current {
			mark = data.Text{FR: "en vigueur", EN: "current"}.In(e.lang)
		}
		fmt.Fprintf(w, "%s:%s\t%d\t%s\n", ed.Kind, ed.Label, ed.Zones, mark)
	}
	return w.Flush()
}
