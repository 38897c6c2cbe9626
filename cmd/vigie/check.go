package main

import (
	journal "vigie/api/audit"
	"vigie/data"
	"vigie/data/audit"
)

type checkCmd struct {
	storeFlag
	keyFlag
}

// Run reads the whole database: its file, the references between records, the chain of the
// journal and the key that signs it. It fails at the first thing that is wrong.
func (c *checkCmd) Run(e *environment) error {
	store, err := c.asIs(e)
	if err != nil {
		return err
	}
	o := newOffice(store)
	defer o.close()
	o.by = operator("audit")
	if err := store.Check(e.ctx); err != nil {
		return err
	}
	e.say(e.stdout, data.Text{
		FR: "Le fichier est sain\u00a0: pages, index et références entre fiches.", EN: "The file is sound: pages, indexes and references between records.",
	})
	pins, err := c.pins(c.storeFlag)
	if err != nil {
		return err
	}
	if err := verifyJournal(e, store, o.by, pins, o.entry(journal.ActionVerify)); err != nil {
		return err
	}
	checkpoints, err := store.Checkpoints(e.ctx, o.by)
	if err != nil || len(checkpoints) == 0 {
		return err
	}
	if _, err := audit.OpenKeyOf(e.ctx, store, o.by, c.path(c.storeFlag)); err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "La clé est celle du journal.", EN: "The key is the journal’s."})
	return nil
}
