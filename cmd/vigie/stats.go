package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/statistics"
)

type statsCmd struct {
	Freeze statsFreezeCmd `cmd:"" help:"Build, attack and freeze the edition of a quarter, for good / arrêter l'édition d'un trimestre."`
	List   statsListCmd   `cmd:"" help:"List the editions / lister les éditions."`
	Show   statsShowCmd   `cmd:"" help:"Print an edition / afficher une édition."`
	Export statsExportCmd `cmd:"" help:"Write an edition to a file: CSV, JSON, or the Table Schema / exporter une édition."`
}

type statsFreezeCmd struct {
	storeFlag
	profileFlag
	Quarter string `help:"Quarter, 2026-Q3; the last one that is over when absent / trimestre." placeholder:"QUARTER"`
	Note    string `help:"What a new edition of the quarter corrects; it is public / ce qu'elle corrige." placeholder:"TEXT"`
}

// statistician sees every home exactly and no restricted layer.
func statistician() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Writes: true, Purpose: "statistics"})
}

// Run freezes an edition.
func (c *statsFreezeCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	profile, err := c.load()
	if err != nil {
		return err
	}
	service, err := snapshot.Open(e.ctx, store, snapshot.Options{Clock: time.Now, Profile: profile, ScoreAtOnce: math.MaxInt})
	if err != nil {
		return err
	}
	defer service.Close()
	now := time.Now()
	if c.Quarter == "" {
		c.Quarter = statistics.LastQuarter(now)
	}
	edition, err := statistics.Freeze(e.ctx, store, service.Current(), statistician(), statistics.Request{Quarter: c.Quarter, Note: c.Note, Now: now})
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "Édition %s arrêtée\u00a0: %d chiffres.", EN: "Edition %s frozen: %d figures."}, edition.ID, len(edition.Cells))
	e.printSuppression(edition)
	return nil
}

func (e *environment) printSuppression(edition *statistics.Edition) {
	for _, s := range edition.Suppression {
		e.say(e.stdout, data.Text{FR: "  %s\u00a0: %d chiffres masqués sur %d (%.0f\u00a0%%)", EN: "  %s: %d figures hidden of %d (%.0f%%)"},
			levelName(s.Level).In(e.lang), s.Hidden, s.Cells, 100*s.Share)
	}
}

func levelName(l statistics.Level) data.Text {
	switch l {
	case statistics.LevelDepartment:
		return data.Text{FR: "départements", EN: "départements"}
	case statistics.LevelRegion:
		return data.Text{FR: "régions", EN: "regions"}
	}
	return data.Text{FR: "France", EN: "France"}
}

type statsListCmd struct{ storeFlag }

// Run lists the editions, newest first.
func (c *statsListCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	editions, err := store.PublishedEditions(e.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for i := len(editions) - 1; i >= 0; i-- {
		p := &editions[i]
		fmt.Fprintf(w, "%s\t%s\t%.12s…\t%s\n", p.ID, p.FrozenAt.Format(time.RFC3339), p.SHA256, p.Note)
	}
	return w.Flush()
}

type editionArg struct {
	storeFlag
	Edition string `arg:"" optional:"" default:"latest" help:"Edition, 2026-Q3; the newest one when absent / édition."`
}

// read finds the edition, as it was frozen.
func (c *editionArg) read(e *environment) (*data.PublishedEdition, *statistics.Edition, error) {
	store, err := c.open(e)
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	id := c.Edition
	if id == "latest" {
		editions, err := store.PublishedEditions(e.ctx)
		if err != nil {
			return nil, nil, err
		}
		newest := statistics.Newest(editions)
		if newest == nil {
			return nil, nil, usageError{FR: "aucune édition n’est arrêtée\u00a0: vigie stats freeze.", EN: "no edition is frozen: vigie stats freeze."}
		}
		id = newest.ID
	}
	stored, err := store.PublishedEdition(e.ctx, id)
	if errors.Is(err, data.ErrNotFound) {
		return nil, nil, usageError{FR: "aucune édition «\u00a0" + id + "\u00a0».", EN: "no edition “" + id + "”."}
	}
	if err != nil {
		return nil, nil, err
	}
	edition, err := statistics.Decode(stored)
	return stored, edition, err
}

type statsShowCmd struct{ editionArg }

// Run prints an edition.
func (c *statsShowCmd) Run(e *environment) error {
	_, edition, err := c.read(e)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s\n%s\n", edition.Citation.In(e.lang), edition.Licence.Title)
	e.printSuppression(edition)
	names := map[[2]string]string{}
	for _, a := range edition.Areas {
		names[[2]string{string(a.Level), a.Code}] = a.Name
	}
	labels := map[string]data.Text{}
	for _, m := range edition.Measures {
		labels[m.ID] = m.Label
	}
	hidden, none := data.Text{FR: "masqué", EN: "hidden"}, data.Text{FR: "non déclaré", EN: "no report"}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for _, cell := range edition.Cells {
		figure := none.In(e.lang)
		switch {
		case cell.Value != nil:
			figure = fmt.Sprint(*cell.Value)
		case cell.Status == statistics.StatusHidden:
			figure = hidden.In(e.lang)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", names[[2]string{string(cell.Level), cell.Area}], labels[cell.Measure].In(e.lang), figure)
	}
	return w.Flush()
}

type statsExportCmd struct {
	editionArg
	Format string `help:"csv, json or schema (the CSV's Table Schema); from the extension of --out when absent." enum:"csv,json,schema," default:"" placeholder:"FORMAT"`
	Out    string `help:"Output file; standard output when absent." type:"path" placeholder:"FILE"`
}

// Run writes an edition to a file.
func (c *statsExportCmd) Run(e *environment) error {
	stored, edition, err := c.read(e)
	if err != nil {
		return err
	}
	out, err := createOutput(c.Out, e.output)
	if err != nil {
		return err
	}
	defer out.discard()
	if c.Format == "" {
		c.Format = strings.TrimPrefix(filepath.Ext(c.Out), ".")
	}
	switch c.Format {
	case "json":
		_, err = out.buffer.Write(stored.Document)
	case "schema":
		encoder := json.NewEncoder(out.buffer)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(statistics.TableSchema(e.lang))
	default:
		err = edition.WriteCSV(out.buffer)
	}
	if err != nil {
		return err
	}
	return out.commit()
}
