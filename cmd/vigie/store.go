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
func (f storeFlag) open(e *environment) (data.Store, error) {
	if _, err := os.Stat(f.DB); errors.Is(err, fs.ErrNotExist) && f.DB != "" && !f.remote() {
		return nil, usageError{
			FR: "la base « " + f.DB + " » n’existe pas. Vérifiez --db, ou importez d’abord un fichier.",
			EN: "there is no database “" + f.DB + "”. Check --db, or import a file first.",
		}
	}
	return f.create(e)
}

func (f storeFlag) remote() bool {
	return strings.HasPrefix(f.DB, "postgres:") || strings.HasPrefix(f.DB, "postgresql:")
}

// create opens a database, and makes it when there is none.
func (f storeFlag) create(e *environment) (data.Store, error) {
	if f.remote() {
		return nil, usageError{FR: "PostGIS n’est pas encore disponible : donnez un fichier SQLite à --db.", EN: "PostGIS is not available yet: give --db a SQLite file."}
	}
	if f.DB == "" {
		return nil, usageError{FR: "--db : un nom de fichier est attendu.", EN: "--db: a file name is expected."}
	}
	// A named pipe would be waited for without end.
	if info, err := os.Stat(f.DB); err == nil && !info.Mode().IsRegular() {
		return nil, usageError{FR: "--db : « " + f.DB + " » n’est pas un fichier ordinaire.", EN: "--db: “" + f.DB + "” is not a regular file."}
	}
	return sqlite.Open(e.ctx, f.DB, sqlite.Options{})
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
	store    data.Store
	snapshot *snapshot.Service
	ingest   *ingest.Service
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
