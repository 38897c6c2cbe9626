package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vigie/data"
	"vigie/data/source"
)

// readSite is a home as read, and where.
type readSite struct {
	site data.Site
	loc  source.Location
	// asked: its category is one of those asked for. Others are read only to see that a
	// stored home changed category.
	asked bool
}

type sitesPlan struct {
	by           data.Viewer
	opt          source.Options
	sites        []*readSite
	closeMissing bool
	today        string
	// stored are the homes of the store as reading found them, for the first comparison.
	stored []*data.StoredSite
}

func readSitesPlan(ctx context.Context, store data.Store, by data.Viewer, r *Request, im *data.Import) (plan, *reader, error) {
	opt := r.Options
	opt.Layer = data.LayerSites
	stored, err := storedSites(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]bool{}
	for _, s := range stored {
		if s.Source != nil {
			known[s.ID] = true
		}
	}
	asked := func(s *data.Site) bool { return s.Category == "" || r.Options.KeepsCategory(s.Category) }
	// Every category that Vigie knows is read: a home that left those asked for must be seen
	// to change, not be missed.
	opt.Categories = slices.Clone(r.Options.Categories)
	for _, c := range data.Categories {
		opt.Categories = append(opt.Categories, c.Code)
	}
	rd, err := newReader(r.Input, opt, r.Format)
	if err != nil {
		return nil, nil, err
	}
	p := &sitesPlan{by: by, opt: r.Options, closeMissing: r.CloseMissing, today: dateOf(im), stored: stored}
	wanted := func(s *data.Site) bool { return asked(s) || known[s.ID] }
	err = rd.sites(ctx, r.Progress, wanted, func(s data.Site, loc source.Location) error {
		p.sites = append(p.sites, &readSite{site: s, loc: loc, asked: asked(&s)})
		return nil
	})
	if err != nil {
		return nil, rd, err
	}
	return p, rd, rd.usable()
}

// storedSites reads the homes of the store.
func storedSites(ctx context.Context, store data.Store) ([]*data.StoredSite, error) {
	var sites []*data.StoredSite
	err := store.Sites(ctx, nil, func(s *data.StoredSite) error {
		sites = append(sites, s)
		return nil
	})
	return sites, err
}

// dateOf is the date of an import, in UTC.
func dateOf(im *data.Import) string { return im.ImportedAt.Format("2006-01-02") }

func (p *sitesPlan) compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error {
	c := &siteComparison{
		plan: p, batch: b, im: im, found: found, changes: changes,
		stored: map[string]*data.StoredSite{}, byFINESS: map[string]*data.StoredSite{}, present: map[string]bool{},
	}
	stored := p.stored
	if p.stored = nil; stored == nil {
		var err error
		if stored, err = storedSites(ctx, store); err != nil {
			return err
		}
	}
	for _, s := range stored {
		c.stored[s.ID] = s
		if s.FINESS != "" && s.FINESS != s.ID {
			c.byFINESS[s.FINESS] = s
		}
	}
	// At least these are new.
	b.PutSites = make([]data.StoredSite, 0, max(0, len(p.sites)-len(stored)))
	im.Counts.Unlocated = 0
	kept := make([]*data.Site, 0, len(p.sites))
	for i, in := range p.sites {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		site, ok := c.site(in)
		if !ok {
			continue
		}
		kept = append(kept, site)
		if site.Position == nil {
			im.Counts.Unlocated++
		}
	}
	c.missing(kept)
	if note, ok := sharedPoints(kept); ok {
		note.File = im.FileName
		found.add(note)
	}
	return nil
}

// siteComparison is one pass over what was read, against what is stored.
type siteComparison struct {
	plan   *sitesPlan
	stored map[string]*data.StoredSite // by ID
	// byFINESS finds a home added by hand that got its FINESS number later.
	byFINESS map[string]*data.StoredSite
	batch    *data.Batch
	im       *data.Import
	found    *findings
	present  map[string]bool // stored IDs that the file holds
	changes  *changeList
}

// site compares one home. It returns the home as it will be stored, and whether it is kept.
func (c *siteComparison) site(in *readSite) (*data.Site, bool) {
	st := c.stored[in.site.ID]
	if st == nil {
		st = c.byFINESS[in.site.FINESS]
	}
	if !in.asked && (st == nil || st.Source == nil) {
		c.im.Counts.Filtered++
		return nil, false
	}
	if !c.plan.by.MayIn(data.RightImport, in.site.DepartmentCode) || st != nil && !c.plan.by.MayIn(data.RightImport, st.DepartmentCode) {
		c.im.Counts.Rejected++
		c.found.add(at(in.loc, outsideScope(in.site.ID, in.site.DepartmentCode)))
		return nil, false
	}
	if st == nil {
		// The record and its source are the same, and written without being changed.
		src := &in.site
		c.batch.PutSites = append(c.batch.PutSites, data.StoredSite{Site: *src, Version: 1, Source: src})
		c.im.Counts.Created++
		c.changes.add(data.Change{
			Kind: data.ChangeNew, Record: src.ID, Name: src.Name, After: string(src.Status),
		})
		return src, true
	}
	c.present[st.ID] = true
	m := mergeSite(st.Source, &st.Site, &in.site)
	if st.MergedInto == "" {
		for _, change := range m.changes {
			c.change(&st.Site, change)
		}
		c.positionNotes(in, &m)
	}
	same := sameSite(&m.site, &st.Site)
	if same {
		c.im.Counts.Unchanged++
	} else {
		c.im.Counts.Updated++
	}
	if !same || !sameSite(&m.source, st.Source) {
		c.batch.PutSites = append(c.batch.PutSites, data.StoredSite{
			Site: m.site, Version: st.Version + 1, Source: &m.source, MergedInto: st.MergedInto,
		})
	}
	return &m.site, true
}

// change reports what happens to a stored home: to whoever does not see it exactly, only
// that it does.
func (c *siteComparison) change(st *data.Site, change data.Change) {
	if c.plan.by.PrecisionOf(st) != data.ViewExact {
		change = change.Redacted()
	}
	c.changes.add(change)
}

func (c *siteComparison) positionNotes(in *readSite, m *merged) {
	p := data.Problem{Severity: data.SeverityWarning, Record: data.Clip(in.site.ID)}
	switch {
	case m.positionDropped:
		p.Code = CodePositionDropped
		p.Message = data.Text{
			FR: "Cette structure a changé de commune et le fichier n’en donne pas la position\u00a0: l’ancienne est retirée, la structure est non localisée.",
			EN: "This home moved to another commune and the file does not locate it: the old position is withdrawn, the home is not located.",
		}
	case m.positionOlder:
		p.Code = CodePositionOlder
		p.Message = data.Text{
			FR: "L’adresse a changé et le fichier ne donne pas de position\u00a0: l’ancienne est gardée. À vérifier.",
			EN: "The address changed and the file gives no position: the old one is kept. To be checked.",
		}
	default:
		return
	}
	c.found.add(at(in.loc, p))
}

// missing reports the homes that earlier files gave and this one should hold but does not:
// open, of a category asked for, in a département of the file, and numbered like its homes
// (with a FINESS number or without, which tells a file of the register from a list of one's own).
func (c *siteComparison) missing(kept []*data.Site) {
	departments, categories := map[string]bool{}, map[string]bool{}
	numbered := map[bool]bool{}
	for i := range kept {
		departments[kept[i].DepartmentCode] = true
		categories[kept[i].Category] = true
		numbered[kept[i].FINESS != ""] = true
	}
	var gone []*data.StoredSite
	for _, st := range c.stored {
		switch {
		case c.present[st.ID], st.Source == nil, st.MergedInto != "", st.Status != data.SiteOpen,
			!departments[st.DepartmentCode], !numbered[st.FINESS != ""], !c.plan.by.MayIn(data.RightImport, st.DepartmentCode):
			continue
		case st.Category != "" && !categories[st.Category] && !c.plan.opt.KeepsCategory(st.Category):
			continue
		}
		gone = append(gone, st)
	}
	if len(gone) == 0 {
		return
	}
	slices.SortFunc(gone, func(a, b *data.StoredSite) int { return cmp.Compare(a.ID, b.ID) })
	c.im.Counts.Missing = len(gone)
	for _, st := range gone {
		change := data.Change{Kind: data.ChangeGone, Record: st.ID, Name: st.Name, Before: string(st.Status)}
		if c.plan.closeMissing {
			c.close(st)
			change.Kind, change.After = data.ChangeClosed, string(data.SiteClosed)+" "+c.plan.today
		}
		c.change(&st.Site, change)
	}
	done := data.Text{
		FR: "Elles sont gardées telles quelles.",
		EN: "They are kept as they are.",
	}
	if c.plan.closeMissing {
		done = data.Text{
			FR: "Elles sont marquées fermées au " + c.plan.today + ".",
			EN: "They are marked closed on " + c.plan.today + ".",
		}
	}
	c.found.add(data.Problem{
		Severity: data.SeverityWarning, Code: CodeMissingRecords, File: c.im.FileName,
		Message: data.Text{
			FR: fmt.Sprintf("%d structures ouvertes des mêmes départements ne sont plus dans ce fichier. %s", len(gone), done.FR),
			EN: fmt.Sprintf("%d open homes of the same départements are no longer in this file. %s", len(gone), done.EN),
		},
	})
}

// close marks a home closed because its file no longer holds it: in the source as well,
// so that a file that holds it again reopens it.
func (c *siteComparison) close(st *data.StoredSite) {
	site, src := cloneSite(&st.Site), cloneSite(st.Source)
	site.Status, site.ClosedOn = data.SiteClosed, c.plan.today
	if site.OpenedOn > site.ClosedOn {
		site.ClosedOn = ""
	}
	src.Status, src.ClosedOn = site.Status, site.ClosedOn
	c.batch.PutSites = append(c.batch.PutSites, data.StoredSite{
		Site: site, Version: st.Version + 1, Source: &src,
	})
}

func outsideScope(record, department string) data.Problem {
	return data.Problem{
		Severity: data.SeverityError, Code: CodeOutsideScope, Record: data.Clip(record), Value: department,
		Message: data.Text{
			FR: "Ce département n’est pas dans votre périmètre\u00a0: l’enregistrement est rejeté.",
			EN: "This département is not in your scope: the record is rejected.",
		},
	}
}
