package audit_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	api "vigie/api/audit"
	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/audit"
	"vigie/data/sqlite"
)

func now() time.Time { return time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC) }

const password = "une phrase de neuf mots qui ne dit rien"

// desk is the server of a journal of 25 records, and of people.
type desk struct {
	t       *testing.T
	store   *sqlite.Store
	key     *audit.Key
	handler http.Handler
	cookies map[string][]*http.Cookie
}

func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: data.OperatorSubject, Precision: data.ViewExact, Restricted: true, Writes: true})
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	key, err := audit.OpenKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, store: store, key: key, cookies: map[string][]*http.Cookie{}}
	// A cheap hash: the cost of logins is tested elsewhere.
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	end := now().AddDate(1, 0, 0)
	entry := data.AuditEntry{At: now().Add(-time.Hour), Subject: data.OperatorSubject, Action: "test"}
	for login, a := range map[string]data.Assignment{
		"root":    {Role: data.RoleAdmin, Scope: data.Scope{National: true}, MissionOrder: "A 12", Expires: &end},
		"admin01": {Role: data.RoleAdmin, Scope: data.Scope{Departments: []string{"01"}}},
		"manager": {Role: data.RoleManager, Scope: data.Scope{National: true}, MissionOrder: "A 13", Expires: &end},
	} {
		u := &data.User{ID: "id-" + login, Login: login, Name: "Personne fictive", Assignments: []data.Assignment{a}}
		if err := store.PutUser(ctx, operator(), u, entry); err != nil {
			t.Fatal(err)
		}
		err := store.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
			c.PasswordHash = hash
			return true
		}, entry)
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 18 {
		e := data.AuditEntry{At: now().Add(time.Duration(i-18) * time.Minute), Subject: "anna", Action: data.ActionRead, Layer: data.LayerSites, Records: []string{fmt.Sprintf("F-%d", i)}, Count: 1, Purpose: "inspection"}
		if err := store.Audit(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	alert := data.AuditEntry{At: now(), Subject: "anna", Action: data.ActionBulkRead, Layer: data.LayerSites, Count: 120, Purpose: "hour"}
	if err := store.Audit(ctx, alert); err != nil {
		t.Fatal(err)
	}
	gate := auth.NewGate(store, now, false)
	ids := func() string { return "00000000-0000-4000-8000-000000000001" }
	signIn, err := auth.New(gate, ids, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pins := api.Pins{Key: key.Public(), HeadPath: filepath.Join(dir, "head")}
	d.handler, err = web.NewHandler(web.Options{
		Info:   web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1", Server: web.Root},
		Logger: slog.New(slog.DiscardHandler), Clock: now, IDs: ids, Admit: gate.Admit,
	}, append(signIn.Routes(), api.New(store, pins, gate).Routes()...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) send(login, method, path, body string) *http.Response {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, "http://localhost/api"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", web.TypeJSON)
	}
	for _, c := range d.cookies[login] {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result()
}

// get reads as a person ("" is anyone).
func (d *desk) get(status int, login, path string) (answer map[string]any) {
	d.t.Helper()
	if d.cookies[login] == nil && login != "" {
		d.cookies[login] = d.send("", "POST", "/auth/login", fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)).Cookies()
	}
	response := d.send(login, "GET", path, "")
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		d.t.Fatal(err)
	}
	if response.StatusCode != status {
		d.t.Errorf("%s by %q: %s, want %d: %v", path, login, response.Status, status, answer)
	}
	return answer
}

func seqs(answer map[string]any) (all []int) {
	for _, r := range answer["records"].([]any) {
		all = append(all, int(r.(map[string]any)["seq"].(float64)))
	}
	return all
}

// The journal can't be cut by département: only who may read all of it reads it.
func TestWhoReadsTheJournal(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/audit", "/audit/verification", "/audit/checkpoints"} {
		d.get(401, "", path)
		d.get(403, "manager", path)
		d.get(403, "admin01", path)
		d.get(200, "root", path)
	}
}

func TestPagesOfTheJournal(t *testing.T) {
	d := newDesk(t)
	d.get(200, "root", "/audit") // whose login and look are records too
	var walked []int
	before, pages := "", 0
	for {
		answer := d.get(200, "root", "/audit?limit=10"+before)
		walked = append(walked, seqs(answer)...)
		if pages++; answer["next"] == nil || pages > 9 {
			break
		}
		before = fmt.Sprintf("&before=%v", answer["next"])
	}
	if pages != 3 || len(walked) != 27 {
		t.Fatalf("%d records on %d pages: %v", len(walked), pages, walked)
	}
	for i, seq := range walked {
		if seq != len(walked)-i {
			t.Errorf("records %v", walked)
			break
		}
	}
	query := func(q url.Values) []int { return seqs(d.get(200, "root", "/audit?"+q.Encode())) }
	at := func(minutes int) string { return now().Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339) }
	for _, tt := range []struct {
		q    url.Values
		want int
	}{
		{url.Values{"subject": {"anna"}}, 19}, {url.Values{"subject": {"Nobody"}}, 0}, {url.Values{"action": {"read"}}, 18},
		{url.Values{"record": {"F-7"}}, 1}, {url.Values{"record": {"F-"}}, 0}, {url.Values{"purpose": {"inspection"}, "limit": {"5"}}, 5},
		{url.Values{"action": {"read"}, "from": {at(-10)}, "to": {at(-5)}}, 5},
	} {
		if got := query(tt.q); len(got) != tt.want {
			t.Errorf("%v: records %v, want %d", tt.q, got, tt.want)
		}
	}
	alerts := d.get(200, "root", "/audit?action=read&limit=1")["alerts"].([]any)
	if len(alerts) != 1 || fmt.Sprint(alerts[0]) != "map[from:2026-11-24T07:30:00Z sites:120 subject:anna to:2026-11-24T08:30:00Z]" {
		t.Errorf("alerts %v", alerts)
	}
	if alerts := d.get(200, "root", "/audit?to="+at(-5))["alerts"].([]any); len(alerts) != 0 {
		t.Errorf("alerts of another time: %v", alerts)
	}
	for q, field := range map[string]string{
		"limit=0": "limit", "limit=1001": "limit", "before=0": "before", "from=hier": "from", "to=2026-13-45T00:00:00Z": "to", "user=anna": "user",
	} {
		problems := d.get(400, "root", "/audit?"+q)["problems"].([]any)
		if got := problems[0].(map[string]any)["field"]; got != field {
			t.Errorf("%s: field %v", q, got)
		}
	}
}

func TestVerification(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	answer := d.get(200, "root", "/audit/verification")
	if answer["ok"] != true || answer["broken"] != nil || answer["records"].(float64) != 26 || answer["checkpoints"].(float64) != 0 {
		t.Errorf("sound: %v", answer)
	}
	if _, err := d.store.CloseSegment(ctx, now(), d.key.Sign); err != nil {
		t.Fatal(err)
	}
	checkpoints := d.get(200, "root", "/audit/checkpoints")["checkpoints"].([]any)
	if len(checkpoints) != 1 || checkpoints[0].(map[string]any)["last_seq"].(float64) != 27 {
		t.Errorf("checkpoints %v", checkpoints)
	}
	if answer := d.get(200, "root", "/audit/verification"); answer["ok"] != true || answer["checkpoints"].(float64) != 1 {
		t.Errorf("signed: %v", answer)
	}
	other, err := audit.OpenKey(filepath.Join(t.TempDir(), "other"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.CloseSegment(ctx, now(), other.Sign); err != nil {
		t.Fatal(err)
	}
	answer = d.get(200, "root", "/audit/verification")
	broken, _ := answer["broken"].(map[string]any)
	reason, _ := broken["reason"].(map[string]any)
	if answer["ok"] != false || broken["seq"].(float64) != 28 || reason["fr"] == "" || reason["en"] == "" {
		t.Errorf("signed by another key: %v", answer)
	}
	if got := seqs(d.get(200, "root", "/audit?action="+api.ActionVerify)); len(got) != 3 {
		t.Errorf("verifications in the journal: %v", got)
	}
}
