//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data/audit"
)

func TestBackup(t *testing.T) {
	db := journalled(t)
	must(t, db, "audit", "checkpoint")
	dir := t.TempDir()
	out := filepath.Join(dir, "copy.db")
	if said := must(t, db, "backup", "--out", out); !strings.Contains(said, "made and verified") {
		t.Errorf("said %q", said)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("left %v, %v", files, err)
	}
	// The copy is a database of its own, and says that it is a copy.
	if got := must(t, out, "audit", "list", "--action", actionBackup); strings.Count(got, "operator") != 1 {
		t.Errorf("the backup in its own journal: %q", got)
	}
	if said := must(t, out, "check", "--key", audit.KeyPath(db)); !strings.Contains(said, "file is sound") || !strings.Contains(said, "journal is whole") || !strings.Contains(said, "key is the journal’s") {
		t.Errorf("check: %q", said)
	}
	for lang, want := range map[string]string{"fr": "existe déjà", "en": "exists already"} {
		if code, _, stderr := vigie(t, "--lang", lang, "backup", "--db", db, "--out", out); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("a second time: %d, %q", code, stderr)
		}
	}
	if code, _, stderr := vigie(t, "--lang", "en", "backup", "--db", filepath.Join(dir, "no.db"), "--out", filepath.Join(dir, "b.db")); code != exitUsage || !strings.Contains(stderr, "no database") {
		t.Errorf("no database: %d, %q", code, stderr)
	}
}

// A journal that was cut is not backed up as if it were whole.
func TestBackupRefusesABrokenJournal(t *testing.T) {
	db := journalled(t)
	must(t, db, "audit", "checkpoint")
	write(t, audit.HeadPath(audit.KeyPath(db)), `{"seq":99,"hash":"","noted_at":"2026-11-24T00:00:00Z"}`)
	dir := t.TempDir()
	code, _, stderr := vigie(t, "--lang", "en", "backup", "--db", db, "--out", filepath.Join(dir, "copy.db"))
	if code != exitFailure || !strings.Contains(stderr, "went up to record 99") {
		t.Errorf("%d, %q", code, stderr)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	db := journalled(t)
	if said := must(t, db, "check"); !strings.Contains(said, "file is sound") {
		t.Errorf("never signed: %q", said)
	}
	must(t, db, "audit", "checkpoint")
	if code, stdout, stderr := vigie(t, "--lang", "en", "check", "--db", db, "--key", db+".absent"); code != exitFailure ||
		!strings.Contains(stdout, "Key missing") || !strings.Contains(stderr, "key that signed the journal is missing") {
		t.Errorf("no key: %d, %q, %q", code, stdout, stderr)
	}
	b, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	clear(b[len(b)*3/4:])
	if err := os.WriteFile(db, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := vigie(t, "--lang", "fr", "check", "--db", db); code != exitFailure || !strings.Contains(stderr, "endommagée") {
		t.Errorf("damaged: %d, %q", code, stderr)
	}
}
