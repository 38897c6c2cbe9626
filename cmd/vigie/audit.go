package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	journal "vigie/api/audit"
	"vigie/data"
	"vigie/data/audit"
	export "vigie/data/export/csv"
	"vigie/data/sqlite"
)

type auditCmd struct {
	List       auditListCmd       `cmd:"" help:"List the journal, newest first / lister le journal."`
	Verify     auditVerifyCmd     `cmd:"" help:"Tell whether the journal is whole and unaltered / vérifier le journal."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Close and sign the records since the last checkpoint / signer un point de contrôle."`
	Key        auditKeyCmd        `cmd:"" help:"Print the public key that the journal is verified with / clé publique du journal."`
	Rekey      auditRekeyCmd      `cmd:"" help:"Record that another key signs the journal from now on, the one before being lost / changer de clé."`
	Prune      auditPruneCmd      `cmd:"" help:"Delete the segments whose retention has ended; their checkpoints stay / purger."`
	Disclosure auditDisclosureCmd `cmd:"" help:"Measure what an attacker learns of the homes from releases / mesurer ce qu'apprend un attaquant."`
}

// Actions of the journal that only commands do.
const actionCheckpoint = "journal.checkpoint"

// keyFlag names the key that signs the journal.
type keyFlag struct {
	Key string `help:"File of the key that signs the journal; beside the database when absent / clé du journal." type:"path" env:"VIGIE_JOURNAL_KEY" placeholder:"FILE"`
}

func (f keyFlag) path(db storeFlag) string {
	if f.Key != "" {
		return f.Key
	}
	return audit.KeyPath(db.DB)
}

// retentionFlag is how long the journal is kept.
type retentionFlag struct {
	Retention int `help:"Months that records of the journal are kept, 6 to 36 / mois de conservation du journal." default:"12" env:"VIGIE_JOURNAL_RETENTION" placeholder:"MONTHS"`
}

// journalFlag is how a server keeps its journal.
type journalFlag struct {
	keyFlag
	retentionFlag
}

// keeper makes what keeps the journal of a running server, and what it is verified with.
func (f journalFlag) keeper(ctx context.Context, db storeFlag, store data.Journal) (*audit.Keeper, journal.Pins, error) {
	path := f.path(db)
	key, err := audit.OpenKeyOf(ctx, store, operator("journal"), path)
	if err != nil {
		return nil, journal.Pins{}, err
	}
	pins := journal.Pins{Key: key.Public(), HeadPath: audit.HeadPath(path)}
	keeper, err := audit.NewKeeper(store, operator("journal"), key, time.Now, audit.Settings{
		Retention: audit.Retention(f.Retention), HeadPath: pins.HeadPath,
	})
	return keeper, pins, err
}

// openJournal opens the database for a command about its journal.
func openJournal(e *environment, f storeFlag, action string) (*office, data.AuditEntry, error) {
	o, err := openOffice(e, f)
	if err != nil {
		return nil, data.AuditEntry{}, err
	}
	o.by = operator("audit")
	return o, o.entry(action), nil
}

type auditListCmd struct {
	storeFlag
	Subject string `help:"Only what this login did; operator for commands / qui." placeholder:"LOGIN"`
	Action  string `help:"Only this action: read, export, grant.approve… / action." placeholder:"ACTION"`
	Record  string `help:"Only what names this home or record / foyer ou fiche." placeholder:"ID"`
	Purpose string `help:"Only this purpose / motif." placeholder:"ID"`
	From    string `help:"First day or instant (UTC) / premier jour." placeholder:"DAY"`
	To      string `help:"Last day, or first instant that is left out (UTC) / dernier jour." placeholder:"DAY"`
	Limit   int    `help:"How many at most / combien." default:"100"`
	Format  string `help:"text, json or csv." enum:"text,json,csv" default:"text"`
}

func (c *auditListCmd) query() (data.AuditQuery, error) {
	q := data.AuditQuery{Subject: c.Subject, Action: c.Action, Record: c.Record, Purpose: c.Purpose, Limit: c.Limit}
	if c.Limit < 1 {
		return q, usageError{FR: "--limit\u00a0: un nombre d’au moins 1 est attendu.", EN: "--limit: a number of at least 1 is expected."}
	}
	var err error
	if q.From, err = parseMoment(c.From, 0); err != nil {
		return q, err
	}
	q.To, err = parseMoment(c.To, 1)
	return q, err
}

// parseMoment reads an instant, or a day to which days are added; zero for none.
func parseMoment(s string, days int) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, days), nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return at, usageError{
			FR: "--from et --to\u00a0: un jour (2026-11-24) ou un instant (2026-11-24T08:30:00Z) est attendu, pas «\u00a0" + s + "\u00a0».",
			EN: "--from and --to: a day (2026-11-24) or an instant (2026-11-24T08:30:00Z) is expected, not “" + s + "”.",
		}
	}
	return at, nil
}

// Run lists records of the journal.
func (c *auditListCmd) Run(e *environment) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	o, entry, err := openJournal(e, c.storeFlag, journal.ActionRead)
	if err != nil {
		return err
	}
	defer o.close()
	records, err := o.store.AuditRecords(e.ctx, o.by, q)
	if err != nil {
		return err
	}
	entry.Count = len(records)
	if err := o.store.Audit(e.ctx, entry); err != nil {
		return err
	}
	switch c.Format {
	case "json":
		enc := json.NewEncoder(e.output)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if records == nil {
			records = []data.AuditRecord{}
		}
		return enc.Encode(records)
	case "csv":
		return writeRecordsCSV(e.output, records)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for i := range records {
		r := &records[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", r.Seq, r.At.Local().Format(time.DateTime), r.Subject, r.Action, r.Layer, r.Count, r.Purpose, some(r.Records))
	}
	return w.Flush()
}

// some are the first identifiers of a list.
func some(ids []string) string {
	const shown = 5
	if len(ids) > shown {
		return strings.Join(ids[:shown], " ") + " …"
	}
	return strings.Join(ids, " ")
}

// writeRecordsCSV writes records with every identifier; no cell runs in a spreadsheet.
func writeRecordsCSV(out io.Writer, records []data.AuditRecord) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"seq", "at", "subject", "action", "layer", "count", "purpose", "records"}); err != nil {
		return err
	}
	for i := range records {
		r := &records[i]
		line := []string{
			strconv.FormatInt(r.Seq, 10), r.At.UTC().Format(time.RFC3339Nano), export.Harmless(r.Subject), export.Harmless(r.Action),
			export.Harmless(string(r.Layer)), strconv.Itoa(r.Count), export.Harmless(r.Purpose), export.Harmless(strings.Join(r.Records, " ")),
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

type auditVerifyCmd struct {
	storeFlag
	keyFlag
	PublicKey string `help:"Public key in base64, noted elsewhere, to verify with instead of the file / clé publique." placeholder:"KEY"`
}

// Run verifies the journal; it fails when the journal is broken.
func (c *auditVerifyCmd) Run(e *environment) error {
	pins, err := c.pins(c.storeFlag)
	if err != nil {
		return err
	}
	if c.PublicKey != "" {
		if pins.Key, err = audit.ParsePublicKey(c.PublicKey); err != nil {
			return err
		}
	}
	o, entry, err := openJournal(e, c.storeFlag, journal.ActionVerify)
	if err != nil {
		return err
	}
	defer o.close()
	return verifyJournal(e, o.store, o.by, pins, entry)
}

// pins are what the journal of a database is verified with: without a file of the key, what
// the database itself says. A verification makes no key.
func (f keyFlag) pins(db storeFlag) (journal.Pins, error) {
	path := f.path(db)
	pins := journal.Pins{HeadPath: audit.HeadPath(path)}
	key, err := audit.ReadKey(path)
	switch {
	case err == nil:
		pins.Key = key.Public()
	case !errors.Is(err, fs.ErrNotExist):
		return pins, err
	}
	return pins, nil
}

// verifyJournal verifies a journal, writes that in it and says what was found; it fails when
// the journal is broken.
func verifyJournal(e *environment, store data.Journal, by data.Viewer, pins journal.Pins, entry data.AuditEntry) error {
	report, err := pins.Verify(e.ctx, store, by)
	if err != nil {
		return err
	}
	entry.Count = int(report.Records)
	if err := store.Audit(e.ctx, entry); err != nil {
		return err
	}
	if report.Broken != nil {
		return brokenJournal(report.Broken)
	}
	e.say(e.stdout, data.Text{
		FR: "Le journal est intact. Enregistrements\u00a0: %d\u00a0; points de contrôle signés\u00a0: %d.",
		EN: "The journal is whole. Records: %d; signed checkpoints: %d.",
	}, report.Records, report.Checkpoints)
	for _, t := range report.Unproven {
		e.say(e.stdout, data.Text{FR: "À savoir\u00a0: %s", EN: "Note: %s"}, t.In(e.lang))
	}
	return nil
}

func brokenJournal(b *audit.Break) error {
	return failure{
		FR: fmt.Sprintf("le journal n’est plus intact à partir de l’enregistrement %d\u00a0: %s.", b.Seq, b.Reason.FR),
		EN: fmt.Sprintf("the journal is not whole from record %d on: %s.", b.Seq, b.Reason.EN),
	}
}

type auditCheckpointCmd struct {
	storeFlag
	keyFlag
}

// Run closes the open segment.
func (c *auditCheckpointCmd) Run(e *environment) error {
	o, entry, err := openJournal(e, c.storeFlag, actionCheckpoint)
	if err != nil {
		return err
	}
	defer o.close()
	key, err := audit.OpenKeyOf(e.ctx, o.store, o.by, c.path(c.storeFlag))
	if err != nil {
		return err
	}
	closed, err := o.store.CloseSegment(e.ctx, entry.At, key.Sign)
	if errors.Is(err, data.ErrBrokenJournal) {
		return unsigned()
	}
	if err != nil {
		return err
	}
	if closed == nil {
		e.say(e.stdout, data.Text{FR: "Rien à signer\u00a0: pas d’enregistrement depuis le dernier point de contrôle.", EN: "Nothing to sign: no record since the last checkpoint."})
		return nil
	}
	entry.Records, entry.Count = []string{strconv.FormatInt(closed.Segment, 10)}, int(closed.Last-closed.First+1)
	if err := o.store.Audit(e.ctx, entry); err != nil {
		return err
	}
	e.say(e.stdout, data.Text{
		FR: "Point de contrôle %d signé\u00a0: enregistrements %d à %d.",
		EN: "Checkpoint %d signed: records %d to %d.",
	}, closed.Segment, closed.First, closed.Last)
	return nil
}

func unsigned() error {
	return failure{
		FR: "rien n’a été signé\u00a0: le journal n’est plus intact (vigie audit verify dit où).",
		EN: "nothing was signed: the journal is not whole (vigie audit verify tells where).",
	}
}

type auditKeyCmd struct {
	storeFlag
	keyFlag
}

// Run prints the public key in the key's file, to be noted elsewhere.
func (c *auditKeyCmd) Run(e *environment) error {
	key, err := audit.ReadKey(c.path(c.storeFlag))
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, audit.FormatPublicKey(key.Public()))
	return nil
}

type auditRekeyCmd struct {
	storeFlag
	keyFlag
	Reason string `required:"" help:"Why the key changes; the journal keeps it / motif, consigné." placeholder:"TEXT"`
}

// Run hands the journal over to the key in the file, or to a new one when there is none.
// No server may run: it would go on signing with the key before.
func (c *auditRekeyCmd) Run(e *environment) error {
	if strings.TrimSpace(c.Reason) == "" {
		return usageError{FR: "--reason\u00a0: un motif est attendu.", EN: "--reason: a reason is expected."}
	}
	o, entry, err := openJournal(e, c.storeFlag, audit.ActionRekey)
	if err != nil {
		return err
	}
	defer o.close()
	release, err := sqlite.Claim(e.ctx, c.DB)
	if err != nil {
		return err
	}
	defer release()
	key, err := audit.OpenKey(c.path(c.storeFlag))
	if err != nil {
		return err
	}
	entry.Purpose = strings.TrimSpace(c.Reason)
	closed, err := audit.Rekey(e.ctx, o.store, o.by, key, entry)
	switch {
	case errors.Is(err, audit.ErrSameKey):
		return failure{
			FR: "rien à changer\u00a0: le journal n’est signé d’aucune autre clé que celle de ce fichier.",
			EN: "nothing to change: the journal is signed with no other key than the one in this file.",
		}
	case errors.Is(err, data.ErrBrokenJournal):
		return unsigned()
	case err != nil:
		return err
	}
	e.say(e.stdout, data.Text{
		FR: "Changement de clé consigné, point de contrôle %d signé. Clé publique, à noter ailleurs\u00a0: %s",
		EN: "Change of key recorded, checkpoint %d signed. Public key, to be noted elsewhere: %s",
	}, closed.Segment, audit.FormatPublicKey(key.Public()))
	return nil
}

type auditPruneCmd struct {
	storeFlag
	retentionFlag
}

// Run deletes the segments whose retention has ended.
func (c *auditPruneCmd) Run(e *environment) error {
	retention := audit.Retention(c.Retention)
	if err := retention.Validate(); err != nil {
		return err
	}
	o, entry, err := openJournal(e, c.storeFlag, data.ActionDropSegments)
	if err != nil {
		return err
	}
	defer o.close()
	dropped, err := o.store.DropSegments(e.ctx, o.by, retention.Before(entry.At), entry)
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "Segments supprimés au terme de %d mois\u00a0: %d.", EN: "Segments deleted at the end of %d months: %d."}, c.Retention, dropped)
	return nil
}
