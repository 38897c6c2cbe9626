package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/mattn/go-sqlite3"

	"vigie/data"
)

var (
	// ErrForeign: the file is not a database of Vigie.
	ErrForeign = errors.New("not a Vigie database")
	// ErrNewer: the database was written by a newer version of Vigie.
	ErrNewer = errors.New("database of a newer Vigie")
	// ErrOlder: the database was written by an older version of Vigie, and is not to be changed.
	ErrOlder = errors.New("database of an older Vigie")
	// ErrExposed: other accounts of the machine may read the database.
	ErrExposed = errors.New("others may read the database")
	// ErrServed: another server serves the database.
	ErrServed = errors.New("served already")
	// ErrReadOnly: the database can't be written.
	ErrReadOnly = errors.New("read-only")
	// ErrDamaged: what the file holds contradicts itself.
	ErrDamaged = errors.New("damaged database")
)

// OpenError says in both languages why a database was not opened.
type OpenError struct {
	// Path is the file as the caller named it.
	Path string
	// Message says what was found and what to do.
	Message data.Text
	// Err is ErrForeign, ErrNewer or the system's error.
	Err error
}

// Error gives the path, the English message and the cause.
func (e *OpenError) Error() string { return e.Path + ": " + e.Message.EN + " (" + e.Err.Error() + ")" }

// Unwrap gives the cause.
func (e *OpenError) Unwrap() error { return e.Err }

func cannotOpen(path string, err error) *OpenError {
	return &OpenError{Path: path, Err: err, Message: data.Text{
		FR: "la base de données ne peut être ni ouverte ni créée\u00a0; vérifiez le chemin et les droits",
		EN: "the database can neither be opened nor created; check the path and the permissions",
	}}
}

// openError keeps the *OpenError that err may be and wraps anything else.
func openError(path string, err error) *OpenError {
	var known *OpenError
	if errors.As(err, &known) {
		known.Path = path
		return known
	}
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch e.Code {
		case sqlite3.ErrNotADB:
			return foreign(path)
		case sqlite3.ErrCorrupt:
			return damaged(path, err)
		}
	}
	return cannotOpen(path, err)
}

func foreign(path string) *OpenError {
	return &OpenError{Path: path, Err: ErrForeign, Message: data.Text{
		FR: "ce fichier n’est pas une base de données de Vigie\u00a0; il n’a pas été modifié",
		EN: "this file is not a Vigie database; it was left as it is",
	}}
}

func newer(database, known int64) *OpenError {
	return &OpenError{Err: ErrNewer, Message: data.Text{
		FR: fmt.Sprintf("cette base a le schéma %d, écrit par une version plus récente de Vigie que celle-ci (schéma %d)\u00a0; mettez Vigie à jour", database, known),
		EN: fmt.Sprintf("this database has schema %d, written by a newer Vigie than this one (schema %d); update Vigie", database, known),
	}}
}

func older(database, known int64) *OpenError {
	return &OpenError{Err: ErrOlder, Message: data.Text{
		FR: fmt.Sprintf("cette base a le schéma %d, écrit par une version plus ancienne de Vigie que celle-ci (schéma %d)\u00a0; cette commande ne la modifie pas\u00a0: prenez la version de Vigie qui l’a écrite", database, known),
		EN: fmt.Sprintf("this database has schema %d, written by an older Vigie than this one (schema %d); this command does not change it: use the Vigie that wrote it", database, known),
	}}
}

func exposed(files []string) *OpenError {
	list := strings.Join(files, " ")
	return &OpenError{Err: ErrExposed, Message: data.Text{
		FR: "d’autres comptes de la machine peuvent lire la base\u00a0; donnez à ses fichiers le mode 0600 (chmod 600 " + list + ")",
		EN: "other accounts of the machine may read the database; give its files mode 0600 (chmod 600 " + list + ")",
	}}
}

func served(path string) *OpenError {
	return &OpenError{Path: path, Err: ErrServed, Message: data.Text{
		FR: "un serveur Vigie sert déjà cette base\u00a0; arrêtez-le d’abord",
		EN: "a Vigie server serves this database already; stop it first",
	}}
}

func readOnly(path string, err error) *OpenError {
	return &OpenError{Path: path, Err: fmt.Errorf("%w: %w", ErrReadOnly, err), Message: data.Text{
		FR: "la base ne peut pas être modifiée, or personne ne peut se connecter sans que le journal le note\u00a0; vérifiez les droits du fichier et du dossier",
		EN: "the database can’t be written, and nobody can log in unless the journal notes it; check the permissions of the file and the folder",
	}}
}

func damaged(path string, err error) *OpenError {
	return &OpenError{Path: path, Err: fmt.Errorf("%w: %w", ErrDamaged, err), Message: data.Text{
		FR: "la base est endommagée\u00a0; restaurez une sauvegarde (docs/operations.md)",
		EN: "the database is damaged; restore a backup (docs/operations.md)",
	}}
}

// writeError turns what the driver says of a failed transaction into what callers tell apart.
func writeError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e sqlite3.Error
	if errors.As(err, &e) {
		switch e.Code {
		case sqlite3.ErrBusy:
			return fmt.Errorf("%w: %w", data.ErrStoreBusy, err)
		case sqlite3.ErrFull:
			return fmt.Errorf("%w: %w", data.ErrStoreFull, err)
		}
	}
	return err
}

// obstacles collects the records that stand in the way of a write.
type obstacles struct {
	records []string
	total   int
}

func (o *obstacles) add(record string) {
	o.total++
	if len(o.records) < data.MaxConflictRecords {
		o.records = append(o.records, record)
	}
}

// err is nil when nothing stands in the way. The sentences end before the list of records.
func (o *obstacles) err(fr, en string) error {
	if o.total == 0 {
		return nil
	}
	list := strings.Join(o.records, ", ")
	if o.total > len(o.records) {
		list += "…"
	}
	return &data.ConflictError{Records: o.records, Total: o.total, Message: data.Text{
		FR: fmt.Sprintf("%s (%d)\u00a0: %s", fr, o.total, list),
		EN: fmt.Sprintf("%s (%d): %s", en, o.total, list),
	}}
}

// conflict is the error of one record that stands in the way.
func conflict(record, fr, en string) error {
	return (&obstacles{records: []string{record}, total: 1}).err(fr, en)
}

func invalid(code, record, field, value, fr, en string) error {
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: code, Record: record, Field: field,
		Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
	}}}
}

// optional turns "no row" into found == false.
func optional(err error) (found bool, _ error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
