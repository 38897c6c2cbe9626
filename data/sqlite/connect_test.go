package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"vigie/data"
)

// A pragma holds for one connection: every one of the pool must have them all.
func TestEveryConnectionHasItsPragmas(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), Options{Readers: 3, BusyTimeout: 7 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	common := map[string]string{
		"journal_mode": "wal", "busy_timeout": "7000", "trusted_schema": "0", "temp_store": "2",
		"cell_size_check": "1", "journal_size_limit": "0", "application_id": fmt.Sprint(applicationID),
	}
	check(t, s.writer, 1, common, map[string]string{
		"synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "recursive_triggers": "1", "query_only": "0",
	})
	check(t, s.reader, 3, common, map[string]string{"query_only": "1"})
}

func check(t *testing.T, db *sql.DB, connections int, wants ...map[string]string) {
	t.Helper()
	if got := db.Stats().MaxOpenConnections; got != connections {
		t.Errorf("%d connections, want %d", got, connections)
	}
	for i := range connections {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // all at once, so that each is another one
		for _, want := range wants {
			for pragma, value := range want {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != value {
					t.Errorf("connection %d: %s is %s, want %s", i, pragma, got, value)
				}
			}
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.reader.ExecContext(t.Context(), `PRAGMA query_only = OFF; DELETE FROM sites`); err == nil {
		t.Error("a reader wrote, once query_only was off")
	}
}

// While another process writes, a write fails once its time is up and reads go on.
func TestAnotherProcessHoldsTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s, err := Open(t.Context(), path, Options{BusyTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := openPool(writerDSN(path, time.Second), 1)
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	entry := data.AuditEntry{At: time.Unix(1, 0), Subject: "operator", Action: "check"}
	err = s.Audit(t.Context(), entry)
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrBusy || !errors.Is(err, data.ErrStoreBusy) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("write: %v", err)
	}
	if _, err := s.Versions(t.Context()); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Audit(t.Context(), entry); err != nil {
		t.Errorf("write after it is released: %v", err)
	}
}

// A full disk stops a write, whole; what is stored stays, and smaller writes go on.
func TestDiskIsFull(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// SQLite answers the same when the file may not grow as when the disk is full.
	var pages int
	if err := s.writer.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2)); err != nil {
		t.Fatal(err)
	}
	entry := data.AuditEntry{At: time.Unix(1, 0), Subject: "operator", Action: "check"}
	large := entry
	for i := range 20_000 {
		large.Records = append(large.Records, fmt.Sprintf("F-%05d", i))
	}
	large.Count = len(large.Records)
	if err := s.Audit(t.Context(), large); !errors.Is(err, data.ErrStoreFull) {
		t.Errorf("large write: %v", err)
	}
	if err := s.Audit(t.Context(), entry); err != nil {
		t.Errorf("small write after it: %v", err)
	}
}

// The columns that operators search must say what the records say.
func TestColumnsFollowRecords(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	by := data.NewViewer(data.ViewerSpec{Subject: "operator", Writes: true})
	err = s.Write(t.Context(), by, &data.Batch{
		PutSites: []data.StoredSite{
			{Version: 1, Site: data.Site{
				ID: "a", FINESS: "2A9990001", DepartmentCode: "2A", CommuneCode: "2A999", Status: data.SiteOpen,
				Position: &data.Position{Point: [2]float64{-10, 45.5}},
			}},
			{Version: 1, Site: data.Site{ID: "b", Status: data.SiteClosed}},
		},
		PutZones: []data.Zone{
			{Kind: data.ZoneZSP, Edition: "e", Code: "a", Name: "A", DepartmentCodes: []string{"98", "99"}, Restricted: true},
			{Kind: data.ZoneZSP, Edition: "e", Code: "b"},
		},
		Import: &data.Import{ID: "i", Layer: data.LayerZones, FileName: "f", SHA256: "s", ImportedAt: time.Unix(0, 0)},
	}, data.AuditEntry{At: time.Unix(1, 0), Action: "import"})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		`SELECT concat_ws(' ', finess, department_code, commune_code, status, lon, lat) FROM sites WHERE id = 'a'`: "2A9990001 2A 2A999 open -10.0 45.5",
		`SELECT concat_ws(' ', finess, department_code, commune_code, status, lon, lat) FROM sites WHERE id = 'b'`: "closed",
		`SELECT concat_ws(' ', name, restricted, department_codes) FROM zones WHERE code = 'a'`:                    `A 1 ["98","99"]`,
		`SELECT concat_ws(' ', restricted, department_codes) FROM zones WHERE code = 'b'`:                          "0",
		`SELECT concat_ws(' ', layer, file_name, sha256, imported_at) FROM imports`:                                "zones f s 1970-01-01T00:00:00Z",
	} {
		var got string
		if err := s.reader.QueryRowContext(context.Background(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s\n got %s, %v\nwant %s", query, got, err, want)
		}
	}
}
