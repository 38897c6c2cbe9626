//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vigie/api/auth"
	"vigie/data"
	"vigie/data/sqlite"
)

var firstAdmin = []string{"user", "add", "anna", "--name", "Anna Fictive", "--role", "admin@national", "--mission-order", "Arrêté 12", "--expires", "2099-12-31"}

// must runs a command that succeeds, in English, and gives what it prints.
func must(t *testing.T, db string, args ...string) string {
	t.Helper()
	code, stdout, stderr := vigie(t, append(append([]string{"--lang", "en"}, args...), "--db", db)...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, stderr)
	}
	return stdout
}

func openStore(t *testing.T, db string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), db, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// actionsOf lists the actions of the journal, oldest first; all are the operator’s.
func actionsOf(t *testing.T, store data.Store) string {
	t.Helper()
	var all []string
	err := store.EachAuditRecord(t.Context(), operator("test"), func(r *data.AuditRecord) error {
		if r.Subject != "operator" || r.Purpose == "" {
			t.Errorf("entry %+v", r.AuditEntry)
		}
		all = append(all, r.Action)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// The first administrator comes from the command line, before any import.
func TestFirstAdministrator(t *testing.T) {
	db := filepath.Join(t.TempDir(), "vigie.db")
	out := must(t, db, append(firstAdmin, "--public-url", "https://vigie.exemple.fr/")...)
	link := regexp.MustCompile(`https://vigie\.exemple\.fr/#/recovery/(\S+)`).FindStringSubmatch(out)
	if link == nil {
		t.Fatalf("no link in %q", out)
	}
	store := openStore(t, db)
	u, err := store.UserByLogin(t.Context(), "ANNA")
	if err != nil {
		t.Fatal(err)
	}
	creds, err := store.CredentialsOf(t.Context(), u.ID)
	if err != nil || creds.PasswordHash != "" || len(creds.RecoveryHash) != 32 || time.Until(creds.RecoveryExpires) > 72*time.Hour {
		t.Errorf("credentials %+v, %v", creds, err)
	}
	v := auth.ViewerFor(u, nil, "", time.Now())
	if !v.MayEverywhere(data.RightUsers) || !u.Assignments[0].Holds(time.Date(2099, 12, 31, 23, 59, 0, 0, time.UTC)) || u.Assignments[0].Holds(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("assignments %+v", u.Assignments)
	}
	if info, err := os.Stat(db); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the database is readable by others: %v, %v", info.Mode(), err)
	}
	if got := actionsOf(t, store); !strings.HasSuffix(got, "user.add recovery.issue") {
		t.Errorf("journal %q", got)
	}
	second := must(t, db, "user", "recover", "anna")
	if !strings.Contains(second, "http://127.0.0.1:8080/#/recovery/") || strings.Contains(second, link[1]) {
		t.Errorf("recover: %q", second)
	}
}

func TestPasswordFromStandardInput(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "vigie.db")
	stdin := os.Stdin
	t.Cleanup(func() { os.Stdin = stdin })
	type_ := func(line string) {
		f, err := os.Open(write(t, filepath.Join(dir, "in"), line))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		os.Stdin = f
	}
	type_("court\n")
	code, _, stderr := vigie(t, append(firstAdmin, "--password-stdin", "--db", db, "--lang", "fr")...)
	if _, err := os.Stat(db); code != exitRejected || !strings.Contains(stderr, "12 caractères") || err == nil {
		t.Errorf("short password: %d %q, database %v", code, stderr, err)
	}
	type_("une phrase de neuf mots qui ne dit rien\r\nle reste\n")
	out := must(t, db, append(firstAdmin, "--password-stdin")...)
	if strings.Contains(out, "recovery") {
		t.Errorf("a link all the same: %q", out)
	}
	store := openStore(t, db)
	u, err := store.UserByLogin(t.Context(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	creds, err := store.CredentialsOf(t.Context(), u.ID)
	if err != nil || !strings.HasPrefix(creds.PasswordHash, "$argon2id$") || creds.RecoveryHash != nil {
		t.Errorf("credentials %+v, %v", creds, err)
	}
}

func TestAccountsByCommand(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "vigie.db")
	must(t, db, "import", "sites", write(t, filepath.Join(dir, "a.csv"), sitesCSV))
	must(t, db, firstAdmin...)
	must(t, db, "user", "add", "foyer", "--name", "Foyer fictif", "--role", "provider@site:A1", "--role", "inspector@1,2a", "--restricted")
	list := must(t, db, "user", "list")
	for _, want := range []string{"anna", "admin@national", "provider@site:A1 inspector@01,2A", "never logged in", "enabled"} {
		if !strings.Contains(list, want) {
			t.Errorf("list without %q: %s", want, list)
		}
	}
	show := must(t, db, "user", "show", "Anna")
	for _, want := range []string{"Anna Fictive", "admin@national, mission order Arrêté 12, until 2100-01-01"} {
		if !strings.Contains(show, want) {
			t.Errorf("show without %q: %s", want, show)
		}
	}
	out := must(t, db, "token", "add", "foyer", "--name", "QGIS", "--purpose", "inspection", "--days", "30")
	secret := regexp.MustCompile(`vgt_\S+`).FindString(out)
	id := regexp.MustCompile(`Token (\S+),`).FindStringSubmatch(out)
	if secret == "" || id == nil {
		t.Fatalf("token: %q", out)
	}
	if tokens := must(t, db, "token", "list", "foyer"); !strings.Contains(tokens, id[1]) || !strings.Contains(tokens, "masked") || strings.Contains(tokens, secret) {
		t.Errorf("tokens: %q", tokens)
	}
	if out := must(t, db, "user", "disable", "foyer"); !strings.Contains(out, "disabled") {
		t.Errorf("disable: %q", out)
	}
	if tokens := must(t, db, "token", "list", "foyer"); tokens != "" {
		t.Errorf("tokens of who is disabled: %q", tokens)
	}
	must(t, db, "user", "enable", "foyer")
	again := must(t, db, "token", "add", "foyer", "--name", "QGIS", "--purpose", "inspection")
	must(t, db, "token", "revoke", "foyer", regexp.MustCompile(`Token (\S+),`).FindStringSubmatch(again)[1])
	must(t, db, "user", "role", "foyer", "--role", "analyst@01")
	must(t, db, "user", "erase", "foyer")
	if list := must(t, db, "user", "list"); strings.Contains(list, "foyer") {
		t.Errorf("erased, and listed: %s", list)
	}
	want := "user.add recovery.issue user.add recovery.issue user.read user.read token.issue user.read user.disable token.drop user.read user.enable token.issue token.drop user.change user.erase user.read"
	if got := actionsOf(t, openStore(t, db)); !strings.HasSuffix(got, want) {
		t.Errorf("journal %q, want %q", got, want)
	}
}

// A mistake is named in both languages, and changes nothing.
func TestAccountMistakes(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "vigie.db")
	must(t, db, firstAdmin...)
	for _, tt := range []struct {
		args   []string
		code   int
		fr, en string
	}{
		{[]string{"user", "add", "b", "--name", "B", "--role", "inspector@01"}, exitRejected, "2 à 64 caractères", "2 to 64 characters"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "chief@01"}, exitRejected, "Rôle inconnu", "Unknown role"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "inspector"}, exitUsage, "RÔLE@RESSORT", "ROLE@SCOPE"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "inspector@01,"}, exitUsage, "RÔLE@RESSORT", "ROLE@SCOPE"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "inspector@20"}, exitUsage, "RÔLE@RESSORT", "ROLE@SCOPE"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "provider@01"}, exitRejected, "nommés un à un", "named one by one"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "provider@site:none"}, exitRejected, "pas de foyer", "no home"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "manager@national"}, exitRejected, "ordre de mission", "mission order"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "manager@01", "--expires", "demain"}, exitUsage, "date est attendue", "date is expected"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "manager@01", "--expires", "2020-01-01"}, exitRejected, "passée", "has passed"},
		{[]string{"user", "add", "ANNA", "--name", "B", "--role", "inspector@01"}, exitRejected, "déjà pris", "is taken"},
		{[]string{"user", "add", "operator", "--name", "B", "--role", "inspector@01"}, exitRejected, "réservé", "reserved"},
		{[]string{"user", "add", "bo", "--name", "B", "--role", "inspector@01", "--public-url", "http://vigie.exemple.fr"}, exitUsage, "adresse publique", "public address"},
		{[]string{"user", "show", "bo"}, exitFailure, "pas de compte", "no account"},
		{[]string{"user", "erase", "anna"}, exitRejected, "administration national", "national administrator"},
		{[]string{"user", "disable", "anna"}, exitRejected, "administration national", "national administrator"},
		{[]string{"user", "role", "anna", "--role", "admin@01"}, exitRejected, "administration national", "national administrator"},
		{[]string{"token", "add", "anna", "--name", "QGIS", "--purpose", "curiosity"}, exitRejected, "motifs", "purposes"},
		{[]string{"token", "revoke", "anna", "none"}, exitFailure, "pas de jeton", "no token"},
	} {
		for lang, want := range map[string]string{"fr": tt.fr, "en": tt.en} {
			code, stdout, stderr := vigie(t, append(append([]string{"--lang", lang}, tt.args...), "--db", db)...)
			if code != tt.code || !strings.Contains(stderr, want) || stdout != "" {
				t.Errorf("%s %v: exit %d, want %d; %q %q, want %q", lang, tt.args, code, tt.code, stdout, stderr, want)
			}
		}
	}
	if got := actionsOf(t, openStore(t, db)); got != "user.add recovery.issue" {
		t.Errorf("journal %q", got)
	}
	none := filepath.Join(dir, "none.db")
	vigie(t, "user", "add", "b", "--name", "B", "--role", "inspector@01", "--db", none)
	vigie(t, "user", "list", "--db", none)
	if _, err := os.Stat(none); err == nil || !os.IsNotExist(err) {
		t.Errorf("a mistake made a database: %v", err)
	}
	if entries, err := fs.Glob(os.DirFS(dir), "none*"); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}
