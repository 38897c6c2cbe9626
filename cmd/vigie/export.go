package main

import (
	"crypto/rand"
	"errors"
	"math"
	"strings"
	"time"

	"vigie/api/auth"
	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/freetext"
	"vigie/data/snapshot"
)

type exportCmd struct {
	storeFlag
	profileFlag
	Layer     string   `arg:"" enum:"sites,zones,places,areas" help:"sites, zones, places or areas."`
	Format    string   `help:"geojson, csv, csv-excel, gpkg, xlsx, parquet; from the extension of --out when absent / format." placeholder:"FORMAT"`
	Precision string   `help:"masked, or exact: for a person whose grant another person approved / exacte : avec une autorisation." enum:"masked,exact" default:"masked"`
	Purpose   string   `help:"Why the file is needed; required for exact positions / pourquoi." placeholder:"TEXT"`
	Recipient string   `help:"Who gets the file; for exact positions, the login of the person who holds the grant / destinataire." placeholder:"NAME"`
	Scope     []string `name:"department" help:"Départements of an exact export; everything the grant's holder may see when absent / départements." placeholder:"CODE"`
	Days      int      `help:"Days after which the copy must be destroyed / jours avant destruction." default:"90"`
	Out       string   `required:"" help:"Output file." type:"path" placeholder:"FILE"`
}

// Run exports a layer.
func (c *exportCmd) Run(e *environment) error {
	layer := data.Layer(c.Layer)
	exact := layer == data.LayerSites && c.Precision == "exact"
	switch {
	case exact && strings.TrimSpace(c.Purpose) == "":
		return usageError{FR: "--precision exact demande --purpose \"…\" (la raison est inscrite au journal).", EN: "--precision exact needs --purpose \"…\" (the reason is written in the journal)."}
	case exact && c.Recipient == "":
		return usageError{
			FR: "--precision exact demande --recipient : l’identifiant de la personne dont une autre a approuvé l’export du registre.",
			EN: "--precision exact needs --recipient: the login of the person whose export of the register another person approved.",
		}
	case c.Purpose != "" && freetext.Check("purpose", c.Purpose, true) != nil:
		return freetext.Check("purpose", c.Purpose, true)
	case c.Days < 1 || c.Days > 366:
		return usageError{FR: "--days : de 1 à 366.", EN: "--days: 1 to 366."}
	}
	format, err := outputFormat(c.Format, c.Out)
	if err != nil {
		return err
	}
	store, sn, done, err := openScored(e, c.storeFlag, c.profileFlag, exact)
	if err != nil {
		return err
	}
	defer done()
	viewer := operator(c.Purpose)
	if exact {
		if viewer, err = c.granted(e, store); err != nil {
			return err
		}
	}
	return c.write(e, store, sn, viewer, layer, format)
}

// granted is the viewer for whom the whole register of a scope may leave exactly, once:
// the grant of the recipient, approved by another person, is consumed.
func (c *exportCmd) granted(e *environment, store data.Store) (data.Viewer, error) {
	refused := usageError{
		FR: "« " + c.Recipient + " » n’a pas d’autorisation d’export du registre, approuvée par une autre personne et en cours, pour ce ressort.",
		EN: "“" + c.Recipient + "” holds no approved and current grant to export the register of this scope.",
	}
	user, err := store.UserByLogin(e.ctx, c.Recipient)
	if errors.Is(err, data.ErrNotFound) || err == nil && user.Disabled {
		return data.Viewer{}, refused
	}
	if err != nil {
		return data.Viewer{}, err
	}
	grants, err := store.GrantsOf(e.ctx, user.ID)
	if err != nil {
		return data.Viewer{}, err
	}
	now := time.Now()
	viewer := auth.ViewerFor(user, grants, c.Purpose, now)
	scope := data.Scope{Departments: c.Scope}
	if scope.Empty() {
		for i := range grants {
			if g := &grants[i]; g.Kind == data.GrantRegisterExport && g.Holds(now) {
				scope = g.Scope
			}
		}
	}
	_, err = data.UseRegisterExport(e.ctx, store, viewer, user.ID, scope, data.AuditEntry{At: now, Subject: data.OperatorSubject, Purpose: c.Purpose})
	if errors.Is(err, data.ErrForbidden) {
		return data.Viewer{}, refused
	}
	// Of all that the person sees, only what the grant is for.
	return data.NewViewer(data.ViewerSpec{
		Subject: user.Login, Purpose: c.Purpose, Now: now, Assignments: []data.Assignment{{Role: data.RoleAnalyst, Scope: scope}},
		Grants: []data.Grant{{Kind: data.GrantExact, State: data.GrantApproved, Scope: scope, Expires: ptr(now.Add(time.Hour))}},
	}), err
}

func ptr[T any](v T) *T { return &v }

// write writes the layer as the viewer sees it; the journal is written before the file
// appears.
func (c *exportCmd) write(e *environment, store data.Store, sn *snapshot.Snapshot, viewer data.Viewer, layer data.Layer, format export.Format) error {
	collection, ok := sn.Collection(viewer, layer)
	masked := layer == data.LayerSites && c.Precision == "masked"
	if masked {
		collection, ok = sn.MaskedSites(viewer)
	}
	if !ok {
		return data.ErrNotFound
	}
	now := time.Now()
	options := export.Options{}
	mark := ""
	if layer == data.LayerSites {
		mark = strings.ToLower(rand.Text()[:10])
		precision := data.ViewExact
		if masked {
			precision = data.ViewMasked
		}
		recipient := c.Recipient
		if recipient == "" {
			recipient = viewer.Subject()
		}
		options.Provenance = &data.Provenance{
			ProfileHash: sn.ProfileHash(), Precision: precision, Purpose: c.Purpose, Recipient: recipient,
			Expires: now.AddDate(0, 0, c.Days), GeneratedAt: now, Generator: generator(), Mark: mark,
		}
		if masked {
			options.Provenance.Release, _ = sn.Released()
		}
	}
	page := collection.Query(snapshot.Query{Limit: math.MaxInt, Status: "all", Editions: true})
	if masked && page.Returned == 0 {
		return usageError{
			FR: "aucune vue masquée n’a été arrêtée : vigie release freeze.",
			EN: "no masked view was frozen yet: vigie release freeze.",
		}
	}
	if err := format.Fits(page.Returned); err != nil {
		return exportError(err)
	}
	out, err := createOutput(c.Out, e.output)
	if err != nil {
		return err
	}
	defer out.discard()
	writer, err := export.Writer(format.ID, out.buffer, collection.Schema(), options)
	if err != nil {
		return exportError(err)
	}
	defer writer.Abandon()
	var records []string
	err = page.Each(func(f *data.Feature) error {
		if layer == data.LayerSites && !masked {
			records = append(records, f.ID)
		}
		return writer.Write(f)
	})
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		return exportError(err)
	}
	if mark != "" {
		// A copy that strays is found in the journal by its mark.
		records = append(records, data.MarkPrefix+mark)
	}
	err = store.Audit(e.ctx, data.AuditEntry{
		At: now, Subject: viewer.Subject(), Action: data.ActionExport, Layer: layer, Records: records, Count: page.Returned, Purpose: c.Purpose,
	})
	if err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return exportError(err)
	}
	// Not to standard output, which may be the export itself.
	e.say(e.stderr, data.Text{FR: "%d objets exportés vers %s", EN: "%d features exported to %s"}, page.Returned, c.Out)
	return nil
}
