//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/audit"
	"vigie/data/sqlite"
)

// journalled is a database whose journal holds some entries, one made to command a spreadsheet.
func journalled(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "vigie.db")
	must(t, db, firstAdmin...)
	store := openStore(t, db)
	for i, e := range []data.AuditEntry{
		{Subject: "=cmd|' /C calc'!A0", Action: "read", Layer: data.LayerSites, Records: []string{"+33", "F-2"}, Count: 2, Purpose: "-1+2"},
		{Subject: "anna", Action: "read", Layer: data.LayerSites, Records: []string{"F-1"}, Count: 1, Purpose: "inspection"},
		{Subject: "anna", Action: "export", Layer: data.LayerSites, Records: []string{"F-1", "F-3", "F-4", "F-5", "F-6", "F-7"}, Count: 6, Purpose: "inspection"},
	} {
		e.At = time.Date(2026, 11, 20+i, 23, 0, 0, 0, time.UTC)
		if err := store.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func TestJournalIsListed(t *testing.T) {
	db := journalled(t)
	text := must(t, db, "audit", "list")
	if lines := strings.Split(text, "\n"); !strings.Contains(lines[0], "export") || !strings.Contains(lines[0], "F-6 …") || strings.Contains(text, "F-7") {
		t.Errorf("text: %s", text)
	}
	var records []data.AuditRecord
	if err := json.Unmarshal([]byte(must(t, db, "audit", "list", "--subject", "anna", "--record", "F-1", "--from", "2026-11-21", "--to", "2026-11-21", "--format", "json")), &records); err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 || records[0].Action != "read" || len(records[0].Hash) != data.HashSize {
		t.Errorf("json: %+v", records)
	}
	if none := must(t, db, "audit", "list", "--subject", "nobody", "--format", "json"); strings.TrimSpace(none) != "[]" {
		t.Errorf("none: %q", none)
	}
	rows, err := csv.NewReader(strings.NewReader(must(t, db, "audit", "list", "--action", "read", "--format", "csv"))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("csv: %v, %v", rows, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("cell %q runs in a spreadsheet", cell)
			}
		}
	}
	if last := rows[2]; last[2] != "'=cmd|' /C calc'!A0" || last[6] != "'-1+2" || last[7] != "'+33 F-2" {
		t.Errorf("row %q", last)
	}
	if got := must(t, db, "audit", "list", "--action", "journal.read"); strings.Count(got, "operator") != 4 {
		t.Errorf("looking at the journal is in it: %s", got)
	}
}

func TestJournalIsSignedAndVerified(t *testing.T) {
	db := journalled(t)
	if out := must(t, db, "audit", "verify"); !strings.Contains(out, "is whole. Records: 5; signed checkpoints: 0") {
		t.Errorf("before any key: %q", out)
	}
	key := audit.KeyPath(db)
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Errorf("a verification made a key: %v", err)
	}
	if out := must(t, db, "audit", "checkpoint"); !strings.Contains(out, "Checkpoint 1 signed: records 1 to 6") {
		t.Errorf("checkpoint: %q", out)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key %v, %v", info, err)
	}
	if out := must(t, db, "audit", "verify"); !strings.Contains(out, "signed checkpoints: 1") {
		t.Errorf("verify: %q", out)
	}
	store := openStore(t, db)
	checkpoints, err := store.Checkpoints(t.Context(), operator("test"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := json.Marshal(checkpoints[0].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	must(t, db, "audit", "verify", "--public-key", string(bytes.Trim(public, `"`)))
	if out := must(t, db, "audit", "key"); strings.TrimSpace(out) != string(bytes.Trim(public, `"`)) {
		t.Errorf("public key %q, want %s", out, public)
	}
	if out := must(t, db, "audit", "verify", "--key", db+".absent"); !strings.Contains(out, "Key missing") {
		t.Errorf("without the key’s file: %q", out)
	}
	other := filepath.Join(t.TempDir(), "other.key")
	if _, err := audit.OpenKey(other); err != nil {
		t.Fatal(err)
	}
	if out := must(t, db, "audit", "prune", "--retention", "6"); !strings.Contains(out, ": 0.") {
		t.Errorf("prune: %q", out)
	}
	for _, tt := range []struct {
		args   []string
		code   int
		fr, en string
	}{
		{[]string{"prune", "--retention", "3"}, exitRejected, "de 6 à 36 mois", "for 6 to 36 months"},
		{[]string{"list", "--from", "hier"}, exitUsage, "un jour", "a day"},
		{[]string{"list", "--limit", "0"}, exitUsage, "au moins 1", "at least 1"},
		{[]string{"verify", "--public-key", "AAAA"}, exitRejected, "32 octets", "32 bytes"},
		{[]string{"verify", "--public-key", strings.Repeat("A", 43) + "="}, exitFailure, "autre clé", "another key"},
		{[]string{"verify", "--key", db}, exitFailure, "clé privée", "private key"},
		{[]string{"checkpoint", "--key", db + ".absent"}, exitFailure, "absente (clé publique attendue", "is missing (public key expected"},
		{[]string{"checkpoint", "--key", other}, exitFailure, "pas celle qui a signé", "not the one that signed"},
		{[]string{"rekey", "--reason", "perdue"}, exitFailure, "rien à changer", "nothing to change"},
		{[]string{"rekey", "--reason", " "}, exitUsage, "un motif", "a reason"},
		{[]string{"key", "--key", db + ".absent"}, exitFailure, "ne peut pas être lue", "can’t be read"},
	} {
		for lang, want := range map[string]string{"fr": tt.fr, "en": tt.en} {
			code, stdout, stderr := vigie(t, append(append([]string{"--lang", lang, "audit"}, tt.args...), "--db", db)...)
			if code != tt.code || !strings.Contains(stderr, want) || stdout != "" {
				t.Errorf("%s %v: exit %d, want %d; %q %q, want %q", lang, tt.args, code, tt.code, stdout, stderr, want)
			}
		}
	}
	// Someone with the file alters what was signed.
	raw, err := sql.Open("sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var triggers []string
	rows, err := raw.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		triggers = append(triggers, name)
	}
	rows.Close()
	for _, name := range triggers {
		if _, err := raw.Exec(`DROP TRIGGER "` + name + `"`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := raw.Exec(`UPDATE journal SET subject = 'personne' WHERE seq = 4`); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := vigie(t, "--lang", "en", "audit", "verify", "--db", db)
	if code != exitFailure || !strings.Contains(stderr, "not whole from record 4 on") {
		t.Errorf("altered: %d %q", code, stderr)
	}
}

// A key that is lost is replaced only when someone says so, and the journal tells.
func TestALostKeyIsReplacedInTheOpen(t *testing.T) {
	db := journalled(t)
	must(t, db, "audit", "checkpoint")
	key := audit.KeyPath(db)
	if err := os.Rename(key, key+".old"); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"fr": "absente (clé publique attendue", "en": "is missing (public key expected"} {
		code, _, stderr := vigie(t, "--lang", lang, "serve", "--listen", "127.0.0.1:0", "--controller", "Conseil fictif", "--dpia-reference", "A", "--db", db)
		if code != exitFailure || !strings.Contains(stderr, want) || !strings.Contains(stderr, "vigie audit rekey") {
			t.Errorf("serve without the key: %d, %q", code, stderr)
		}
	}
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Errorf("a key was made: %v", err)
	}
	release, err := sqlite.Claim(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := vigie(t, "--lang", "fr", "audit", "rekey", "--reason", "disque perdu", "--db", db); code != exitFailure || !strings.Contains(stderr, "arrêtez-le") {
		t.Errorf("while it is served: %d, %q", code, stderr)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if out := must(t, db, "audit", "rekey", "--reason", "disque perdu"); !strings.Contains(out, "checkpoint 2 signed") {
		t.Errorf("rekey: %q", out)
	}
	if out := must(t, db, "audit", "verify"); !strings.Contains(out, "signed checkpoints: 2") || !strings.Contains(out, "changed at checkpoint 2") {
		t.Errorf("verify: %q", out)
	}
	if out := must(t, db, "audit", "list", "--action", audit.ActionRekey); !strings.Contains(out, "disque perdu") {
		t.Errorf("list: %q", out)
	}
	must(t, db, "audit", "checkpoint")
	if code, _, stderr := vigie(t, "--lang", "en", "audit", "verify", "--key", key+".old", "--db", db); code != exitFailure || !strings.Contains(stderr, "another key") {
		t.Errorf("with the key before: %d, %q", code, stderr)
	}
}
