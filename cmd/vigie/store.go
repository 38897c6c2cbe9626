package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/source"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

// storeFlag names the database; the same everywhere.
type storeFlag struct {
	DB string `help:"SQLite file of the database / fichier de la base." default:"vigie.db" env:"VIGIE_DB" placeholder:"FILE"`
}

// open opens a database that exists: to list or export what is in a file whose name
// was mistyped would show an empty register.
func (f storeFlag) open(e *environment) (*sqlite.Store, error) {
	if err := f.exists(); err != nil {
		return nil, err
	}
	return f.create(e)
}

// asIs opens a database that exists, of this version's schema, and changes no schema.
func (f storeFlag) asIs(e *environment) (*sqlite.Store, error) {
	if err := errors.Join(f.check(), f.exists()); err != nil {
		return nil, err
	}
	return sqlite.Open(e.ctx, f.DB, sqlite.Options{AsIs: true})
}

func (f storeFlag) exists() error {
	if _, err := os.Stat(f.DB); errors.Is(err, fs.ErrNotExist) && f.DB != "" && !f.remote() {
		return usageError{
			FR: "la base « " + f.DB + " » n’existe pas. Vérifiez --db, ou importez d’abord un fichier.",
			EN: "there is no database “" + f.DB + "”. Check --db, or import a file first.",
		}
	}
	return nil
}

func (f storeFlag) remote() bool {
	return strings.HasPrefix(f.DB, "postgres:") || strings.HasPrefix(f.DB, "postgresql:")
}

// check refuses a name that can't be a database.
func (f storeFlag) check() error {
	if f.remote() {
		return usageError{FR: "PostGIS n’est pas encore disponible : donnez un fichier SQLite à --db.", EN: "PostGIS is not available yet: give --db a SQLite file."}
	}
	if f.DB == "" {
		return usageError{FR: "--db : un nom de fichier est attendu.", EN: "--db: a file name is expected."}
	}
	// A named pipe would be waited for without end.
	if info, err := os.Stat(f.DB); err == nil && !info.Mode().IsRegular() {
		return usageError{FR: "--db : « " + f.DB + " » n’est pas un fichier ordinaire.", EN: "--db: “" + f.DB + "” is not a regular file."}
	}
	return nil
}

// create opens a database, and makes it when there is none. An upgrade of its schema is
// told: there is no way back.
func (f storeFlag) create(e *environment) (*sqlite.Store, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return sqlite.Open(e.ctx, f.DB, sqlite.Options{Upgraded: func(from, to int64) {
		e.say(e.stderr, data.Text{
			FR: "Schéma de la base %s mis à jour\u00a0: %d → %d. Une version antérieure de Vigie ne l’ouvre plus.",
			EN: "Schema of the database %s upgraded: %d → %d. An earlier Vigie no longer opens it.",
		}, f.DB, from, to)
	}})
}

// operator is the viewer of the command line: everything, exactly, and audited.
func operator(purpose string) data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: data.OperatorSubject, Precision: data.ViewExact, Restricted: true, Writes: true, Purpose: purpose})
}

// newID issues identifiers that sort by time (UUID version 7).
func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return rand.Text()
	}
	return id.String()
}

// house is the store with its read and write sides.
type house struct {
	store    *sqlite.Store
	snapshot *snapshot.Service
	ingest   *ingest.Service
	release  func() error // of the claim of a server; nil without one
}

func openHouse(e *environment, f storeFlag, profile *score.Profile, logger *slog.Logger) (*house, error) {
	store, err := f.create(e)
	if err != nil {
		return nil, err
	}
	sn, err := snapshot.Open(e.ctx, store, snapshot.Options{Logger: logger, Clock: time.Now, Profile: profile})
	if err != nil {
		store.Close()
		return nil, err
	}
	return &house{store: store, snapshot: sn, ingest: ingest.New(store, sn.Refresh, time.Now, newID)}, nil
}

// openInput opens one or several files as one input.
func openInput(paths []string) (*source.Input, error) {
	if len(paths) == 1 {
		return source.Open(paths[0], source.Limits{})
	}
	var files []source.NamedReaderAt
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		files = append(files, source.NamedReaderAt{Name: info.Name(), Size: info.Size(), ReaderAt: f})
	}
	return source.FromFiles(files, source.Limits{})
}
