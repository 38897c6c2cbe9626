package main

import (
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"vigie/data"
	"vigie/data/audit"
	"vigie/data/sqlite"
)

// actionBackup is the journal's word for a copy of the whole database.
const actionBackup = "backup"

type backupCmd struct {
	storeFlag
	keyFlag
	Out string `required:"" help:"File to make; it must not exist / fichier à créer." type:"path" placeholder:"FILE"`
}

// Run copies the database while it is served, and gives the copy its name once it is
// verified. The journal says that the copy was made, and the copy too.
func (c *backupCmd) Run(e *environment) error {
	if _, err := os.Lstat(c.Out); !errors.Is(err, fs.ErrNotExist) {
		return outExists(c.Out)
	}
	store, err := c.asIs(e)
	if err != nil {
		return err
	}
	o := newOffice(store)
	defer o.close()
	o.by = operator("backup")
	pins, err := c.pins(c.storeFlag)
	if err != nil {
		return err
	}
	// Before the copy: what a server notes later need not be in it.
	noted, err := audit.ReadHead(pins.HeadPath)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(c.Out), filepath.Base(c.Out)+".*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := store.Audit(e.ctx, o.entry(actionBackup)); err != nil {
		return err
	}
	temporary := filepath.Join(dir, "copy.db")
	if err := store.Copy(e.ctx, temporary); err != nil {
		return err
	}
	report, err := verifyCopy(e, temporary, o.by, pins.Key, noted)
	if err != nil {
		return err
	}
	// Unlike a renaming, a link replaces nothing.
	if err := os.Link(temporary, c.Out); errors.Is(err, fs.ErrExist) {
		return outExists(c.Out)
	} else if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{
		FR: "Sauvegarde faite et vérifiée\u00a0: %s (%d enregistrements du journal). Elle contient les adresses des foyers\u00a0: chiffrez-la, et gardez la clé du journal ailleurs.",
		EN: "Backup made and verified: %s (%d records of the journal). It holds the addresses of the homes: encrypt it, and keep the journal’s key elsewhere.",
	}, c.Out, report.Records)
	return nil
}

// verifyCopy checks the file of a copy and its journal.
func verifyCopy(e *environment, path string, by data.Viewer, key ed25519.PublicKey, noted *audit.Head) (report *audit.Report, err error) {
	store, err := sqlite.Open(e.ctx, path, sqlite.Options{AsIs: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Check(e.ctx); err != nil {
		return nil, err
	}
	if report, err = audit.Verify(e.ctx, store, by, key, noted); err != nil {
		return nil, err
	}
	if report.Broken != nil {
		return nil, brokenJournal(report.Broken)
	}
	return report, nil
}

func outExists(path string) error {
	return usageError{
		FR: path + " existe déjà\u00a0: une sauvegarde ne remplace aucun fichier.", EN: path + " exists already: a backup replaces no file.",
	}
}
