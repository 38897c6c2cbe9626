//go:build unix

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/sqlite"
)

const sitesCSV = "id;name;lon;lat;category;department_code\nA1;Foyer fictif;1.9;46.5;177;00\n"

// vigie runs a command as main does.
func vigie(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What goes wrong is said in the user's language, with a stable exit code.
func TestFailuresSpeakBothLanguages(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.csv"), sitesCSV)
	db := filepath.Join(dir, "vigie.db")
	if code, _, stderr := vigie(t, "import", "sites", file, "--db", db); code != 0 {
		t.Fatal(stderr)
	}
	text := write(t, filepath.Join(dir, "text.db"), strings.Repeat("du texte ", 200))
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   []string
		code   int
		fr, en string
	}{
		{[]string{"serve", "--listen", "0.0.0.0:8080", "--db", db}, exitUsage, "doivent être chiffrés", "must be encrypted"},
		{[]string{"serve", "--trusted-proxy", "10.0.0.0/8", "--db", db}, exitUsage, "adresse https", "https address"},
		{[]string{"serve", "--trusted-proxy", "proxy", "--db", db}, exitUsage, "ni un réseau", "nor a network"},
		{[]string{"serve", "--tls-cert", file, "--db", db}, exitUsage, "vont ensemble", "go together"},
		{[]string{"serve", "--listen", "8080", "--db", db}, exitUsage, "hôte:port attendu", "expected host:port"},
		{[]string{"imports", "--db", text}, exitFailure, "n’est pas une base de données de Vigie", "not a Vigie database"},
		{[]string{"imports", "--db", dir}, exitUsage, "pas un fichier ordinaire", "not a regular file"},
		{[]string{"imports", "--db", pipe}, exitUsage, "pas un fichier ordinaire", "not a regular file"},
		{[]string{"imports", "--db", ""}, exitUsage, "nom de fichier est attendu", "file name is expected"},
		{[]string{"imports", "--db", filepath.Join(dir, "no.db")}, exitUsage, "n’existe pas", "there is no database"},
		{[]string{"import", "--undo", "nobody", "--db", db}, exitFailure, "pas d’import", "no import"},
		{[]string{"editions", "--use", "qpv:1999", "--db", db}, exitFailure, "pas d’édition", "no edition"},
		{[]string{"import", "sites", file, "--db", db, "--crs", "EPSG:1"}, exitUsage, "système de coordonnées", "coordinate reference system"},
		{[]string{"import", "sites", file, "--db", db, "--categories", "99"}, exitUsage, "catégorie FINESS inconnue", "unknown FINESS category"},
		{[]string{"import", "sites", file, "--db", db, "--report", filepath.Join(dir, "no", "r.json")}, exitFailure, "n’existe pas", "does not exist"},
		{[]string{"import", "sites", filepath.Join(dir, "no.csv"), "--db", db}, exitRejected, "n’existe pas", "does not exist"},
		{[]string{"export", "zones", "--db", db, "--out", dir, "--format", "csv"}, exitUsage, "c’est un dossier", "this is a folder"},
		{[]string{"export", "sites", "--db", db, "--precision", "exact", "--purpose", " ", "--out", "x.csv"}, exitUsage, "demande --purpose", "needs --purpose"},
		{[]string{"health", "--url", "http://127.0.0.1:1"}, exitFailure, "ne répond pas", "does not answer"},
	} {
		for lang, want := range map[string]string{"fr": tt.fr, "en": tt.en} {
			code, _, stderr := vigie(t, append([]string{"--lang", lang}, tt.args...)...)
			if code != tt.code || !strings.Contains(stderr, want) || strings.Contains(stderr, "goroutine") {
				t.Errorf("%s %v: exit %d, want %d; %q, want %q", lang, tt.args, code, tt.code, stderr, want)
			}
		}
	}
	t.Setenv("VIGIE_LANG", "en")
	if code, _, stderr := vigie(t, "nothing"); code != exitUsage || !strings.Contains(stderr, "Help: vigie --help") {
		t.Errorf("unknown command: %d %q", code, stderr)
	}
}

// To read a database that is not there, or to preview an import into one, makes none.
func TestReadingCreatesNoDatabase(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.csv"), sitesCSV)
	db := filepath.Join(dir, "vigie.db")
	for _, args := range [][]string{
		{"imports"}, {"editions"}, {"explain", "A1"}, {"sensitivity"}, {"import", "--undo", "x"}, {"export", "zones", "--out", filepath.Join(dir, "z.csv")},
	} {
		if code, _, _ := vigie(t, append(args, "--db", db)...); code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	if code, stdout, stderr := vigie(t, "--lang", "en", "import", "sites", file, "--dry-run", "--db", db); code != 0 || !strings.Contains(stdout, "Dry run") {
		t.Errorf("preview: %d %q %q", code, stdout, stderr)
	}
	for _, d := range []string{dir, temporary} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != "a.csv" {
				t.Errorf("left behind: %s", e.Name())
			}
		}
	}
}

// textOf is what a file holds, that of its members when it is an archive.
func textOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return string(content)
	}
	var all bytes.Buffer
	for _, member := range archive.File {
		f, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = all.ReadFrom(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// An exact export is in the journal with who, when, which and why, and no position.
func TestRule13ExportsAreInTheJournal(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "vigie.db")
	must(t, db, "import", "sites", write(t, filepath.Join(dir, "a.csv"), sitesCSV))
	grantExport(t, db, "ines")
	out := filepath.Join(dir, "a.geojson")
	must(t, db, "export", "sites", "--precision", "exact", "--purpose", "visite", "--recipient", "ines", "--out", out)
	var exported struct {
		Features []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(textOf(t, out)), &exported); err != nil || len(exported.Features) == 0 {
		t.Fatal(exported, err)
	}
	records, err := openStore(t, db).AuditRecords(t.Context(), operator("test"), data.AuditQuery{Limit: 2})
	if err != nil || len(records) != 2 {
		t.Fatal(records, err)
	}
	left, used := records[0], records[1]
	if left.Action != data.ActionExport || left.Subject != "ines" || left.Purpose != "visite" || left.Count != len(exported.Features) || time.Since(left.At) > time.Minute {
		t.Errorf("%+v", left)
	}
	for _, f := range exported.Features {
		if !slices.Contains(left.Records, f.ID) {
			t.Errorf("%s left and is not in the journal: %v", f.ID, left.Records)
		}
	}
	if used.Action != data.ActionGrantUsed || !slices.Equal(used.Records, []string{"g"}) {
		t.Errorf("%+v", used)
	}
	if text := fmt.Sprint(left.Records, used.Records); strings.Contains(text, "46.5") {
		t.Errorf("the journal places a home: %s", text)
	}
}

// The exact register leaves once for each approval of another person. An export to
// standard output is the file and nothing else.
func TestRule17ExactExportNeedsASecondPerson(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "vigie.db")
	file := write(t, filepath.Join(dir, "a.csv"), strings.Replace(sitesCSV, "Foyer fictif", "=1+1", 1))
	if code, _, stderr := vigie(t, "import", "sites", file, "--db", db); code != 0 {
		t.Fatal(stderr)
	}
	exact := []string{"export", "sites", "--db", db, "--precision", "exact", "--purpose", "essai", "--recipient", "ines", "--out", "-", "--format", "csv"}
	if code, stdout, stderr := vigie(t, exact...); code != exitUsage || stdout != "" || !strings.Contains(stderr, "autorisation") {
		t.Fatalf("without a grant: exit %d, %q, %q", code, stdout, stderr)
	}
	grantExport(t, db, "ines")
	code, stdout, stderr := vigie(t, exact...)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if code != 0 || err != nil || len(rows) != 2 {
		t.Fatalf("exit %d, %v, %d rows: %q", code, err, len(rows), stderr)
	}
	if !strings.Contains(stdout, ",'=1+1,") {
		t.Errorf("a spreadsheet would run the name: %q", rows[1])
	}
	if !strings.Contains(rows[1][len(rows[1])-1]+stdout, "ines") {
		t.Errorf("the file does not say whose it is: %q", stdout)
	}
	if code, stdout, _ := vigie(t, exact...); code != exitUsage || stdout != "" {
		t.Error("one approval served two exports")
	}
}

// grantExport gives a person the right to export the register of the test's département
// once, as another person's approval does.
func grantExport(t *testing.T, db, login string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), db, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Now()
	scope := data.Scope{Departments: []string{"00"}}
	expires := now.Add(time.Hour)
	entry := data.AuditEntry{At: now, Subject: "operator", Action: "test"}
	err = errors.Join(
		store.PutUser(t.Context(), operator("test"), &data.User{
			ID: "u", Login: login, Name: "Ines", CreatedAt: now, Assignments: []data.Assignment{{Role: data.RoleInspector, Scope: scope}},
		}, entry),
		store.PutGrant(t.Context(), &data.Grant{
			ID: "g", Kind: data.GrantRegisterExport, State: data.GrantApproved, UserID: "u", Login: login, Scope: scope, Purpose: "essai",
			RequestedAt: now, DecidedBy: "other", DecidedAt: &now, Expires: &expires,
		}, entry),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// Masked exports of every format name and place no home, and bear recipient, purpose,
// expiry and a mark of their own, by which the journal finds the copy that strayed.
func TestRule10MaskedExportsAreMarked(t *testing.T) {
	dir := t.TempDir()
	db, out := filepath.Join(dir, "demo.db"), filepath.Join(dir, "homes.geojson")
	if code, _, stderr := vigie(t, "demo", "--db", db, "--only-create"); code != 0 {
		t.Fatal(stderr)
	}
	profile := filepath.Join(dir, "quick.json")
	code, text, _ := vigie(t, "profile")
	if code != 0 {
		t.Fatal("no profile")
	}
	write(t, profile, regexp.MustCompile(`"draws":\s*\d+`).ReplaceAllString(text, `"draws": 200`))
	freeze := []string{"--lang", "en", "release", "freeze", "--db", db, "--profile", profile}
	if code, stdout, stderr := vigie(t, freeze...); code != 0 || !strings.Contains(stdout, "frozen: ") {
		t.Fatalf("exit %d: %q %q", code, stdout, stderr)
	}
	store := openStore(t, db)
	homes := map[string]bool{}
	err := store.Sites(t.Context(), nil, func(s *data.StoredSite) error {
		homes[s.Name], homes[s.FINESS], homes[s.Address.Street] = true, true, true
		return nil
	})
	delete(homes, "")
	if err != nil || len(homes) < 50 {
		t.Fatal(len(homes), err)
	}
	expires := time.Now().AddDate(0, 0, 30).UTC().Format(time.DateOnly)
	for _, f := range export.Formats() {
		file := filepath.Join(dir, "homes"+f.Extension)
		if code, _, stderr := vigie(t, "export", "sites", "--db", db, "--profile", profile, "--out", file, "--recipient", "Bureau d’études", "--purpose", "étude", "--days", "30"); code != 0 {
			t.Fatal(stderr)
		}
		records, err := store.AuditRecords(t.Context(), operator("test"), data.AuditQuery{Action: data.ActionExport, Limit: 1})
		if err != nil || len(records) != 1 || len(records[0].Records) != 1 || records[0].Purpose != "étude" {
			t.Fatalf("%s: journal %+v, %v", f.ID, records, err)
		}
		text := textOf(t, file)
		for _, want := range []string{"Bureau d’études", "étude", expires, strings.TrimPrefix(records[0].Records[0], "mark:")} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the export does not bear %s", f.ID, want)
			}
		}
		for name := range homes {
			if strings.Contains(text, name) {
				t.Errorf("%s: the masked export tells %q", f.ID, name)
			}
		}
		if strings.Contains(text, `"Point"`) {
			t.Errorf("%s: the masked export places a home", f.ID)
		}
	}
	if code, stdout, stderr := vigie(t, "--lang", "en", "audit", "disclosure", "--db", db, "--profile", profile, "--export", out); code != 0 || !strings.Contains(stdout, "gains at most") {
		t.Errorf("exit %d: %q %q", code, stdout, stderr)
	}
}

// A device is written to, never replaced by a file.
func TestOutputToDevice(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string, 1)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- string(b)
	}()
	out, err := createOutput(pipe, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.buffer.WriteString("contenu"); err != nil {
		t.Fatal(err)
	}
	if err := out.commit(); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "contenu" {
		t.Errorf("read %q", got)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe was replaced: %v %v", info, err)
	}
}

// Names in files of others can't command the terminal.
func TestTerminalIsNotCommanded(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a\x1b[31m\u202e.csv"), sitesCSV+"A2\u009b2J;\x1b]0;titre\x07;1;46\n")
	db := filepath.Join(dir, "vigie.db")
	_, stdout, stderr := vigie(t, "import", "sites", file, "--db", db, "--all-problems")
	_, list, more := vigie(t, "imports", "--db", db)
	all := stdout + stderr + list + more
	if strings.ContainsAny(all, "\x1b\x07\u009b\u202e") {
		t.Errorf("control characters reach the terminal: %q", all)
	}
	if !strings.Contains(list, "a\uFFFD[31m\uFFFD.csv") || !strings.Contains(stderr, "\uFFFD") {
		t.Errorf("the file is not named: %q, %q", list, stderr)
	}
}

// The report says what was imported, for its owner alone, even over an older file.
func TestReportIsPrivate(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "a.csv"), sitesCSV)
	report := filepath.Join(dir, "r.json")
	if err := os.WriteFile(report, []byte("ancien"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := vigie(t, "import", "sites", file, "--db", filepath.Join(dir, "vigie.db"), "--report", report); code != 0 {
		t.Fatal(stderr)
	}
	info, err := os.Stat(report)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	if b, err := os.ReadFile(report); err != nil || !bytes.Contains(b, []byte(`"created": 1`)) {
		t.Errorf("report %s (%v)", b, err)
	}
}

// What another process writes is served without a restart; a database that can't
// be read for a while is logged once.
func TestRepeat(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	var log bytes.Buffer
	calls := 0
	refresh := func(context.Context) error {
		calls++
		if calls == 2 || calls == 3 {
			return errors.New("disk I/O error")
		}
		return nil
	}
	go func() {
		repeat(ctx, ticks, refresh, "the database can't be read again", slog.New(slog.NewTextHandler(&log, nil)))
		close(done)
	}()
	for range 4 {
		ticks <- time.Time{}
	}
	stop()
	<-done
	if n := strings.Count(log.String(), "disk I/O error"); calls != 4 || n != 1 {
		t.Errorf("%d refreshes, %d logged: %s", calls, n, log.String())
	}
}

// The score comes from files alone, and says by what method; a wrong profile is refused
// with the place of what is wrong.
func TestAssessWithScore(t *testing.T) {
	dir := t.TempDir()
	sites := write(t, filepath.Join(dir, "sites.csv"), sitesCSV)
	zones := write(t, filepath.Join(dir, "zones.geojson"), `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"Z1","nom":"Quartier fictif"},
"geometry":{"type":"Polygon","coordinates":[[[1.91,46.49],[1.93,46.49],[1.93,46.51],[1.91,46.51],[1.91,46.49]]]}}]}`)
	places := write(t, filepath.Join(dir, "places.csv"), "id;kind;name;lon;lat\nP1;police;Commissariat fictif;1.95;46.5\nP2;school;École fictive;1.901;46.5\n")
	args := []string{"--lang", "en", "assess", "--sites", sites, "--zones", "qpv=" + zones, "--places", "csv=" + places, "--format", "csv"}
	code, stdout, stderr := vigie(t, append(args, "--score")...)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(stdout, "\ufeff"))).ReadAll()
	if code != 0 || err != nil || len(rows) != 2 {
		t.Fatalf("exit %d, %v, %d rows: %s", code, err, len(rows), stderr)
	}
	value := map[string]string{}
	for i, name := range rows[0] {
		value[name] = rows[1][i]
	}
	if value["exposure_status"] != "computed" || value["exposure_score"] == "" || len(value["exposure_profile"]) != 64 || value["exposure_rank"] != "1" {
		t.Errorf("score: %v", value)
	}
	if !strings.Contains(stderr, "seed 20260101, 2000 draws") || !strings.Contains(stderr, value["exposure_profile"][:12]) || !strings.Contains(stderr, "places: 2 read") {
		t.Errorf("stderr: %s", stderr)
	}
	if code, stdout, stderr := vigie(t, args...); code != 0 || strings.Contains(stdout, "exposure_") || !strings.Contains(stdout, "nearest_police_distance_m") {
		t.Errorf("places without a score: exit %d, %s", code, stderr)
	}

	profile := write(t, filepath.Join(dir, "profile.json"), "{\n  \"format\": \"vigie-score-profile/1\",\n  \"draws\": 3\n}\n")
	code, stdout, stderr = vigie(t, append(args, "--score", "--profile", profile)...)
	if code != exitRejected || stdout != "" || !strings.Contains(stderr, "profile.json:3:") {
		t.Errorf("a wrong profile: exit %d, %s", code, stderr)
	}
	if code, _, stderr := vigie(t, append(args, "--profile", profile)...); code != exitUsage || !strings.Contains(stderr, "needs --score") {
		t.Errorf("a profile without a score: exit %d, %s", code, stderr)
	}
	if code, _, stderr := vigie(t, append(args, "--score", "--radii", "1,2,3,4,5,6")...); code != exitUsage || !strings.Contains(stderr, "at most 5 radii") {
		t.Errorf("too many radii: exit %d, %s", code, stderr)
	}
}
