package main

import (
	"fmt"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
)

type explainCmd struct {
	storeFlag
	profileFlag
	Site string `arg:"" help:"Identifier of the site / identifiant du foyer."`
}

// Run explains the score of one site, in plain sentences.
func (c *explainCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	profile, err := c.load()
	if err != nil {
		return err
	}
	service, err := snapshot.Open(e.ctx, store, snapshot.Options{Clock: time.Now, Profile: profile})
	if err != nil {
		return err
	}
	defer service.Close()
	viewer := operator("explain")
	x, ok := service.Explain(service.Current(), viewer, c.Site)
	if !ok {
		return usageError{FR: "aucun foyer «\u00a0" + c.Site + "\u00a0».", EN: "no site “" + c.Site + "”."}
	}
	err = store.Audit(e.ctx, data.AuditEntry{At: time.Now(), Subject: viewer.Subject(), Action: "explain", Layer: data.LayerSites, Records: []string{c.Site}, Count: 1, Purpose: viewer.Purpose()})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s — %s\n%s\n", x.SiteID, x.Name, x.Summary.In(e.lang))
	if x.Rank > 0 {
		e.say(e.stdout, data.Text{FR: "Rang %d sur %d dans le département (de %d à %d).", EN: "Rank %d of %d in the département (from %d to %d)."}, x.Rank, x.Ranked, x.RankLow, x.RankHigh)
	}
	for _, r := range x.Reasons {
		fmt.Fprintf(e.stdout, "%6s  %s\n", e.number(r.Points, 1), r.Sentence.In(e.lang))
	}
	if len(x.Reasons) == 0 {
		for _, n := range x.Nearby {
			fmt.Fprintf(e.stdout, "        %s\n", n.Sentence.In(e.lang))
		}
	}
	e.printMethod(e.stdout, x.Profile)
	return nil
}
