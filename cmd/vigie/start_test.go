//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigie/api"
	"vigie/data"
	"vigie/data/sqlite"
)

// started serves a database until it says that it is ready and what follows, and gives
// what it said.
func started(t *testing.T, db, until string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	e := &environment{ctx: ctx, lang: "fr", stdout: writerFunc(func(p []byte) (int, error) {
		out.Write(p)
		if strings.Contains(string(p), until) {
			stop()
		}
		return len(p), nil
	}), stderr: &bytes.Buffer{}, printed: map[data.Problem]bool{}}
	c := &serveCmd{
		storeFlag: storeFlag{DB: db}, listenFlag: listenFlag{Listen: "127.0.0.1:0"},
		responsibleFlag: responsibleFlag{Controller: "Conseil départemental fictif", DPIA: "AIPD-1"},
	}
	err := c.Run(e)
	return out.String(), err
}

// An empty database and one without accounts look like lost data: they are named.
func TestServeSaysWhatItFound(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vigie.db")
	said, err := started(t, db, "Aucun compte")
	if err != nil || !strings.Contains(said, "Nouvelle base créée, vide\u00a0: "+db) || !strings.Contains(said, "vigie user add … --db "+db) {
		t.Errorf("%q, %v", said, err)
	}
	must(t, db, firstAdmin...)
	said, err = started(t, db, "AIPD")
	if err != nil || strings.Contains(said, "Nouvelle base") || strings.Contains(said, "Aucun compte") {
		t.Errorf("the second time: %q, %v", said, err)
	}
}

func TestTwoServersOnOneDatabase(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vigie.db")
	release, err := sqlite.Claim(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if said, err := started(t, db, "prête"); !errors.Is(err, sqlite.ErrServed) || said != "" {
		t.Errorf("%q, %v", said, err)
	}
	if _, err := os.Stat(db); !os.IsNotExist(err) {
		t.Errorf("a database was made: %v", err)
	}
}

func TestServeRefusesWhatOthersMayRead(t *testing.T) {
	db := journalled(t)
	if err := os.Chmod(db, 0o644); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"fr": "d’autres comptes de la machine", "en": "other accounts of the machine"} {
		code, _, stderr := vigie(t, "--lang", lang, "serve", "--controller", "C", "--dpia-reference", "A", "--db", db)
		if code != exitFailure || !strings.Contains(stderr, want) || !strings.Contains(stderr, "chmod 600 "+db) {
			t.Errorf("%d, %q", code, stderr)
		}
	}
}

func TestServeRefusesWhatItCannotWrite(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	db := journalled(t)
	if err := os.Chmod(db, 0o400); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := vigie(t, "--lang", "en", "serve", "--listen", "127.0.0.1:0", "--controller", "C", "--dpia-reference", "A", "--db", db)
	if code != exitFailure || !strings.Contains(stderr, db+": the database can’t be written") || stdout != "" {
		t.Errorf("%d, %q, %q", code, stdout, stderr)
	}
}

// A server that can write nothing lets nobody in: it is not ready.
func TestReadinessIsThatOfWriting(t *testing.T) {
	e := &environment{ctx: t.Context(), stderr: &bytes.Buffer{}}
	h, err := openHouse(e, storeFlag{DB: filepath.Join(t.TempDir(), "vigie.db")}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	writable := true
	handler, err := api.New(api.Config{
		Snapshot: h.snapshot, Ingest: h.ingest, Store: h.store, Clock: time.Now, IDs: newID, Version: "test", Writable: func() bool { return writable },
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{"/health/ready": {200, 503}, "/health/live": {200, 200}} {
		for i, now := range []bool{true, false} {
			writable = now
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8080"+path, nil))
			if w.Code != want[i] {
				t.Errorf("%s, writable %v: %d %s", path, writable, w.Code, w.Body)
			}
		}
	}
}

// Closing the terminal ends a server as any other end does.
func TestHangUpEndsInOrder(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vigie.db")
	ended := make(chan int, 1)
	go func() {
		var out, said bytes.Buffer
		ended <- run([]string{"serve", "--listen", "127.0.0.1:0", "--controller", "C", "--dpia-reference", "A", "--db", db}, writerFunc(func(p []byte) (int, error) {
			if strings.Contains(string(p), "AIPD") || strings.Contains(string(p), "DPIA") {
				if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
					t.Error(err)
				}
			}
			return out.Write(p)
		}), &said)
	}()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("exit %d", code)
		}
	case <-time.After(time.Minute):
		t.Fatal("it did not end")
	}
	if _, err := os.Stat(db + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the log is left: %v", err)
	}
}

// An upgrade can't be taken back: whatever command makes it says so.
func TestUpgradesAreSaid(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vigie.db")
	must(t, db, firstAdmin...)
	raw, err := sql.Open("sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, statement := range []string{`DROP TABLE document_history`, `DROP TABLE documents`, `DELETE FROM goose_db_version WHERE version_id >= 10`} {
		if _, err := raw.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, stderr := vigie(t, "--lang", "en", "backup", "--db", db, "--out", db+".copy"); code != exitFailure || !strings.Contains(stderr, "schema 9, written by an older Vigie") {
		t.Errorf("backup: %d, %q", code, stderr)
	}
	code, _, stderr := vigie(t, "--lang", "fr", "imports", "--db", db)
	if code != 0 || !strings.Contains(stderr, "mis à jour\u00a0: 9 → ") {
		t.Errorf("%d, %q", code, stderr)
	}
}
