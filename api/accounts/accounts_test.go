package accounts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"vigie/api/accounts"
	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/sqlite"
)

func now() time.Time { return time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC) }

const password = "une phrase de neuf mots qui ne dit rien"

// office is the server of accounts on a database with people and two fictitious homes:
// F-1 in département 01, F-2 in 02.
type office struct {
	t       *testing.T
	store   *sqlite.Store
	manager *accounts.Manager
	handler http.Handler
	cookies map[string][]*http.Cookie
}

func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: data.OperatorSubject, Precision: data.ViewExact, Restricted: true, Writes: true})
}

func entry() data.AuditEntry {
	return data.AuditEntry{At: now(), Subject: data.OperatorSubject, Action: "test"}
}

func in(departments ...string) data.Scope { return data.Scope{Departments: departments} }

func role(r data.Role, s data.Scope) data.Assignment { return data.Assignment{Role: r, Scope: s} }

func national(r data.Role) data.Assignment {
	end := now().AddDate(1, 0, 0)
	return data.Assignment{Role: r, Scope: data.Scope{National: true}, MissionOrder: "IGAS 2026-117", Expires: &end}
}

// people are the accounts that every test finds.
var people = map[string][]data.Assignment{
	"root":       {national(data.RoleAdmin)},
	"admin01":    {role(data.RoleAdmin, in("01"))},
	"police01":   {{Role: data.RoleAdmin, Scope: in("01"), Restricted: true}},
	"admin0102":  {role(data.RoleAdmin, in("01")), role(data.RoleAdmin, in("02"))},
	"manager01":  {role(data.RoleManager, in("01"))},
	"manager02":  {role(data.RoleManager, in("02"))},
	"managers":   {role(data.RoleManager, in("01", "02"))},
	"inspector":  {role(data.RoleInspector, in("01"))},
	"inspector2": {role(data.RoleInspector, in("02"))},
	"planner":    {role(data.RolePlanner, in("01"))},
	"analyst":    {role(data.RoleAnalyst, in("01", "02"))},
	"provider":   {role(data.RoleProvider, data.Scope{Sites: []string{"F-1"}})},
	"partner":    {role(data.RolePartner, in("01"))},
	"two":        {role(data.RoleInspector, in("01")), role(data.RoleAnalyst, in("02"))},
}

// template is a database with the homes and the people, made once.
var template = sync.OnceValues(func() ([]byte, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "vigie-accounts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "vigie.db")
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	sites := &data.Batch{}
	for id, department := range map[string]string{"F-1": "01", "F-2": "02"} {
		sites.PutSites = append(sites.PutSites, data.StoredSite{Version: 1, Site: data.Site{
			ID: id, Name: "Foyer fictif", Category: "177", Kind: "mecs", Status: data.SiteOpen, DepartmentCode: department,
		}})
	}
	// A cheap hash: the cost of logins is tested elsewhere.
	hash, errs := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	errs = errors.Join(errs, store.Write(ctx, operator(), sites, entry()))
	for login, assignments := range people {
		u := &data.User{ID: "id-" + login, Login: login, Name: "Personne fictive", Assignments: assignments, CreatedAt: now()}
		errs = errors.Join(errs, store.PutUser(ctx, operator(), u, entry()), store.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
			c.PasswordHash = hash
			return true
		}, entry()))
	}
	if err := errors.Join(errs, store.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func newOffice(t *testing.T) *office {
	t.Helper()
	ctx := t.Context()
	content, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	o := &office{t: t, store: store, cookies: map[string][]*http.Cookie{}}
	var last atomic.Int64
	ids := func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", last.Add(1)) }
	gate := auth.NewGate(store, now, false)
	signIn, err := auth.New(gate, ids, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.manager = accounts.NewManager(store, ids)
	o.handler, err = web.NewHandler(web.Options{
		Info:   web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1", Server: web.Root},
		Logger: slog.New(slog.DiscardHandler), Clock: now, IDs: ids, Admit: gate.Admit,
	}, append(signIn.Routes(), accounts.New(store, gate, ids).Routes()...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// do sends a request of a person ("" is anyone) and decodes the answer.
func (o *office) do(login, method, path string, body any, headers ...string) (int, map[string]any, http.Header) {
	o.t.Helper()
	if _, ok := o.cookies[login]; !ok && login != "" {
		response := o.send(nil, http.MethodPost, "/auth/login", map[string]string{"login": login, "password": password})
		if response.StatusCode != http.StatusOK {
			o.t.Fatalf("login of %s: %s", login, response.Status)
		}
		o.cookies[login] = response.Cookies()
	}
	response := o.send(o.cookies[login], method, path, body, headers...)
	var decoded map[string]any
	if response.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(response.Body).Decode(&decoded); err != nil {
			o.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return response.StatusCode, decoded, response.Header
}

func (o *office) send(cookies []*http.Cookie, method, path string, body any, headers ...string) *http.Response {
	o.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			o.t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(o.t.Context(), method, "http://localhost/api"+path, &sent)
	if body != nil {
		r.Header.Set("Content-Type", web.TypeJSON)
	}
	r.Header.Set("Accept-Language", "fr")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Result()
}

// want sends a request and checks the status.
func (o *office) want(status int, login, method, path string, body any, headers ...string) map[string]any {
	o.t.Helper()
	got, answer, _ := o.do(login, method, path, body, headers...)
	if got != status {
		o.t.Errorf("%s %s by %q: %d, want %d: %v", method, path, login, got, status, answer)
	}
	return answer
}

// user is the body of a new account.
func user(login string, assignments ...data.Assignment) map[string]any {
	return map[string]any{"login": login, "name": "Personne fictive", "assignments": assignments}
}

// located are the fields of the problems of an answer.
func located(answer map[string]any) string {
	var fields []string
	problems, _ := answer["problems"].([]any)
	for _, p := range problems {
		fields = append(fields, p.(map[string]any)["field"].(string))
	}
	return strings.Join(fields, " ")
}

// actions are those of the journal since a sequence number, oldest first, with who did them.
func (o *office) actions(since int64) (actions []string) {
	o.t.Helper()
	err := o.store.EachAuditRecord(o.t.Context(), operator(), func(r *data.AuditRecord) error {
		if r.Seq > since {
			actions = append(actions, r.Subject+" "+r.Action)
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return actions
}

func (o *office) lastSeq() int64 {
	o.t.Helper()
	records, err := o.store.AuditRecords(o.t.Context(), operator(), data.AuditQuery{Limit: 1})
	if err != nil || len(records) == 0 {
		o.t.Fatal(err)
	}
	return records[0].Seq
}

// Accounts are for administrators; what is out of an administrator's scope does not exist.
func TestWhoManagesAccounts(t *testing.T) {
	o := newOffice(t)
	routes := func(id string) [][2]string {
		return [][2]string{
			{"GET", "/users/" + id}, {"PUT", "/users/" + id}, {"DELETE", "/users/" + id},
			{"POST", "/users/" + id + "/recovery"}, {"DELETE", "/users/" + id + "/sessions"},
		}
	}
	send := func(status int, login, method, path string) {
		t.Helper()
		if method == http.MethodPut {
			o.want(status, login, method, path, user("inspector", people["inspector"]...), "If-Match", "*")
			return
		}
		o.want(status, login, method, path, nil)
	}
	for _, login := range []string{"", "manager01", "managers", "inspector", "planner", "analyst", "provider", "partner"} {
		status := http.StatusForbidden
		if login == "" {
			status = http.StatusUnauthorized
		}
		for _, id := range []string{"id-inspector", "id-" + login, "nobody"} {
			for _, r := range routes(id) {
				send(status, login, r[0], r[1])
			}
		}
		send(status, login, "GET", "/users")
		send(status, login, "GET", "/roles")
		o.want(status, login, "POST", "/users", user("new", role(data.RoleInspector, in("01"))))
	}
	missing := o.want(http.StatusNotFound, "admin01", "GET", "/users/nobody", nil)
	for _, id := range []string{"id-root", "id-inspector2", "id-two", "id-analyst", "id-police01", "id-admin0102", "nobody"} {
		for _, r := range routes(id) {
			send(http.StatusNotFound, "admin01", r[0], r[1])
		}
		if answer := o.want(http.StatusNotFound, "admin01", "GET", "/users/"+id, nil); answer["detail"] != missing["detail"] {
			t.Errorf("%s: %v, unlike what does not exist: %v", id, answer, missing)
		}
	}
	listed := func(login string) (logins []string) {
		for _, u := range o.want(http.StatusOK, login, "GET", "/users", nil)["users"].([]any) {
			logins = append(logins, u.(map[string]any)["login"].(string))
		}
		return logins
	}
	if got := listed("admin01"); !slices.Equal(got, []string{"admin01", "inspector", "manager01", "partner", "planner", "provider"}) {
		t.Errorf("admin01 lists %v", got)
	}
	if got := listed("police01"); !slices.Contains(got, "police01") || slices.Contains(got, "root") {
		t.Errorf("police01 lists %v", got)
	}
	if got := listed("admin0102"); !slices.Contains(got, "two") || !slices.Contains(got, "analyst") || slices.Contains(got, "root") {
		t.Errorf("admin0102 lists %v", got)
	}
	if got := listed("root"); len(got) != len(people) { // also an account that it may not change
		t.Errorf("root lists %v", got)
	}
	// Who administers everywhere disables an account with restricted layers, and no more.
	change := user("police01", people["police01"]...)
	change["name"] = "Autre Personne"
	o.want(http.StatusForbidden, "root", "PUT", "/users/id-police01", change, "If-Match", "*")
	o.want(http.StatusForbidden, "root", "PUT", "/users/id-police01", user("police01", role(data.RoleInspector, in("01"))), "If-Match", "*")
	o.want(http.StatusForbidden, "root", "POST", "/users/id-police01/recovery", nil)
	o.want(http.StatusForbidden, "root", "DELETE", "/users/id-police01", nil)
	disable := o.want(http.StatusOK, "root", "GET", "/users/id-police01", nil)
	disable["disabled"] = true
	for _, given := range []string{"id", "created_at", "seen_at", "has_totp", "version", "oidc_sub"} {
		delete(disable, given)
	}
	o.want(http.StatusOK, "root", "PUT", "/users/id-police01", disable, "If-Match", "*")
	disable["disabled"] = false
	o.want(http.StatusForbidden, "root", "PUT", "/users/id-police01", disable, "If-Match", "*")
	for _, r := range routes("id-inspector") {
		if r[0] != http.MethodDelete {
			o.want(map[string]int{"GET": 200, "PUT": 200, "POST": 201}[r[0]], "admin01", r[0], r[1], map[string]any(bodyOf(r[0])), "If-Match", "*")
		}
	}
	o.want(http.StatusNoContent, "admin01", "DELETE", "/users/id-inspector/sessions", nil)
	o.want(http.StatusNoContent, "admin01", "DELETE", "/users/id-inspector", nil)
	o.want(http.StatusNotFound, "admin01", "GET", "/users/id-inspector", nil)
	roles := o.want(http.StatusOK, "admin01", "GET", "/roles", nil)["roles"].([]any)
	if len(roles) != len(data.Roles) || fmt.Sprint(roles[0].(map[string]any)["rights"]) != "[edit_sites review report decide study approve]" {
		t.Errorf("roles %v", roles)
	}
}

func bodyOf(method string) map[string]any {
	if method == http.MethodPut {
		return user("inspector", people["inspector"]...)
	}
	return nil
}

// Nobody gives more than it has, nor to itself.
func TestNoEscalation(t *testing.T) {
	o := newOffice(t)
	restricted := role(data.RoleInspector, in("01"))
	restricted.Restricted = true
	site := func(id string) data.Assignment { return role(data.RoleProvider, data.Scope{Sites: []string{id}}) }
	for i, tt := range []struct {
		by     string
		gives  []data.Assignment
		status int
		field  string
	}{
		{"admin01", []data.Assignment{role(data.RoleManager, in("01"))}, 201, ""},
		{"admin01", []data.Assignment{role(data.RoleAdmin, in("01"))}, 201, ""},
		{"admin01", []data.Assignment{role(data.RoleInspector, in("02"))}, 403, "assignments.0.scope"},
		{"admin01", []data.Assignment{role(data.RoleInspector, in("01")), role(data.RoleInspector, in("01", "02"))}, 403, "assignments.1.scope"},
		{"admin01", []data.Assignment{national(data.RoleAdmin)}, 403, "assignments.0.scope"},
		{"admin01", []data.Assignment{national(data.RoleAnalyst)}, 403, "assignments.0.scope"},
		{"admin01", []data.Assignment{restricted}, 403, "assignments.0.restricted"},
		{"admin01", nil, 403, "assignments"},
		{"admin01", []data.Assignment{site("F-1")}, 201, ""},
		{"admin01", []data.Assignment{site("F-2")}, 422, "assignments.0.scope.sites.0"},
		{"admin01", []data.Assignment{site("F-3")}, 422, "assignments.0.scope.sites.0"},
		{"police01", []data.Assignment{restricted}, 201, ""},
		{"root", []data.Assignment{restricted}, 403, "assignments.0.restricted"},
		{"root", []data.Assignment{national(data.RoleInspector)}, 201, ""},
		{"root", []data.Assignment{site("F-3")}, 422, "assignments.0.scope.sites.0"},
		{"root", []data.Assignment{}, 201, ""},
		{"admin0102", []data.Assignment{role(data.RoleInspector, in("01", "02"))}, 201, ""},
	} {
		login := fmt.Sprintf("new%d", i)
		body := user(login, tt.gives...)
		if tt.gives == nil {
			body["assignments"] = []data.Assignment{}
		}
		answer := o.want(tt.status, tt.by, "POST", "/users", body)
		if got := located(answer); got != tt.field {
			t.Errorf("%d: located %q, want %q", i, got, tt.field)
		}
		if _, err := o.store.UserByLogin(t.Context(), login); (err == nil) != (tt.status == 201) {
			t.Errorf("%d: %v", i, err)
		}
	}
	outOfScope := o.want(http.StatusUnprocessableEntity, "admin01", "POST", "/users", user("p", site("F-2")))
	unknown := o.want(http.StatusUnprocessableEntity, "admin01", "POST", "/users", user("p", site("F-3")))
	if fmt.Sprint(outOfScope["detail"]) != fmt.Sprint(unknown["detail"]) || strings.ReplaceAll(fmt.Sprint(outOfScope["problems"]), "F-2", "F-3") != fmt.Sprint(unknown["problems"]) {
		t.Errorf("a home elsewhere (%v) is told from one that does not exist (%v)", outOfScope, unknown)
	}
	put := func(status int, by, login string, change map[string]any) {
		t.Helper()
		body := user(login, people[login]...)
		for k, v := range change {
			body[k] = v
		}
		o.want(status, by, "PUT", "/users/id-"+login, body, "If-Match", "*")
	}
	put(403, "admin01", "inspector", map[string]any{"assignments": []data.Assignment{role(data.RoleInspector, in("01", "02"))}})
	put(403, "admin01", "inspector", map[string]any{"assignments": []data.Assignment{}})
	put(422, "admin01", "inspector", map[string]any{"login": "inspectrice"})
	// One's own rights and account.
	for _, more := range [][]data.Assignment{{role(data.RoleAdmin, in("01", "02"))}, {role(data.RoleAdmin, in("01")), role(data.RoleManager, in("01"))}, {role(data.RoleInspector, in("01"))}} {
		put(403, "admin01", "admin01", map[string]any{"assignments": more})
	}
	put(403, "root", "root", map[string]any{"assignments": []data.Assignment{national(data.RoleAdmin), national(data.RoleManager)}})
	put(403, "admin01", "admin01", map[string]any{"disabled": true})
	put(403, "admin01", "admin01", map[string]any{"issuer": "https://un.exemple"})
	put(403, "admin01", "admin01", map[string]any{"email": "autre@exemple.fr"})
	o.want(403, "admin01", "DELETE", "/users/id-admin01", nil)
	o.want(403, "admin01", "POST", "/users/id-admin01/recovery", nil)
	put(200, "admin01", "admin01", map[string]any{"name": "Autre nom fictif"})
	if u, err := o.store.UserByLogin(t.Context(), "admin01"); err != nil || u.Name != "Autre nom fictif" || len(u.Assignments) != 1 {
		t.Errorf("%+v, %v", u, err)
	}
}

// What is wrong is located, in the language of the person.
func TestAccountProblems(t *testing.T) {
	o := newOffice(t)
	bad := user("x y", data.Assignment{Role: data.RoleInspector, Scope: data.Scope{National: true}}, role(data.RoleProvider, in("01")))
	answer := o.want(422, "root", "POST", "/users", bad, "Accept-Language", "en")
	if got := located(answer); got != "login assignments.0.mission_order assignments.0.expires assignments.1.scope" {
		t.Errorf("located %q", got)
	}
	if answer["title"] != "Invalid input" || o.want(422, "root", "POST", "/users", bad)["title"] != "Saisie incorrecte" {
		t.Errorf("title %v", answer["title"])
	}
	o.want(422, "root", "POST", "/users", map[string]any{"login": "x", "name": "x", "assignments": []any{}, "admin": true})
	o.want(422, "root", "POST", "/users", map[string]any{"login": "x", "name": "x"})
	o.want(409, "root", "POST", "/users", user("INSPECTOR", role(data.RoleInspector, in("01"))))
}

func TestChangesNeedTheVersionRead(t *testing.T) {
	o := newOffice(t)
	path, body := "/users/id-inspector", user("inspector", people["inspector"]...)
	_, before, header := o.do("admin01", "GET", path, nil)
	tag := header.Get("ETag")
	o.want(428, "admin01", "PUT", path, body)
	body["name"] = "Premier nom fictif"
	status, _, header := o.do("admin01", "PUT", path, body, "If-Match", tag)
	if status != 200 || header.Get("ETag") == tag || header.Get("ETag") == "" {
		t.Fatalf("%d, ETag %q after %q", status, header.Get("ETag"), tag)
	}
	body["name"] = "Second nom fictif"
	status, answer, header := o.do("admin01", "PUT", path, body, "If-Match", tag)
	current, _ := answer["current"].(map[string]any)
	if status != 412 || current["name"] != "Premier nom fictif" || header.Get("ETag") != fmt.Sprintf(`"%v"`, current["version"]) {
		t.Errorf("%d %v, ETag %q", status, answer, header.Get("ETag"))
	}
	if current["created_at"] != before["created_at"] {
		t.Errorf("created_at %v, was %v", current["created_at"], before["created_at"])
	}
}

// Two who read the same version: one wins.
func TestConcurrentChanges(t *testing.T) {
	o := newOffice(t)
	u, err := o.store.UserByLogin(t.Context(), "inspector")
	if err != nil {
		t.Fatal(err)
	}
	next := *u
	next.Name = "Un"
	if _, err := o.manager.Change(t.Context(), operator(), u, next, entry()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.manager.Change(t.Context(), operator(), u, next, entry()); err == nil {
		t.Error("a change of an older version passed")
	}
}

// A change that says nothing of the identity provider keeps the person linked to it; another
// provider does not inherit who the person was.
func TestIdentityProviderOfAnAccount(t *testing.T) {
	o := newOffice(t)
	u, err := o.store.UserByLogin(t.Context(), "inspector")
	if err != nil {
		t.Fatal(err)
	}
	u.Issuer, u.OIDCSub = "https://un.exemple", "17"
	if err := o.store.PutUser(t.Context(), operator(), u, entry()); err != nil {
		t.Fatal(err)
	}
	body := user("inspector", people["inspector"]...)
	for _, tt := range []struct {
		issuer      any
		want, owner string
	}{{nil, "https://un.exemple", "17"}, {"https://un.exemple", "https://un.exemple", "17"}, {"https://deux.exemple", "https://deux.exemple", ""}, {"", "", ""}} {
		if delete(body, "issuer"); tt.issuer != nil {
			body["issuer"] = tt.issuer
		}
		o.want(200, "admin01", "PUT", "/users/id-inspector", body, "If-Match", "*")
		if u, err := o.store.UserByLogin(t.Context(), "inspector"); err != nil || u.Issuer != tt.want || u.OIDCSub != tt.owner {
			t.Errorf("issuer %v: %+v, %v", tt.issuer, u, err)
		}
	}
}

// Who is disabled is out at once, and stays out with the tokens of before.
func TestDisabledAtOnce(t *testing.T) {
	o := newOffice(t)
	o.want(200, "inspector", "GET", "/grants", nil)
	token := o.want(201, "inspector", "POST", "/auth/tokens", map[string]any{"name": "QGIS", "purpose": "inspection", "days": 10, "exact": false})
	withToken := func() int {
		response := o.send(nil, "GET", "/grants", nil, "Authorization", fmt.Sprintf("Bearer %v", token["secret"]))
		return response.StatusCode
	}
	if got := withToken(); got != 200 {
		t.Fatalf("token: %d", got)
	}
	since := o.lastSeq()
	body := user("inspector", people["inspector"]...)
	body["disabled"] = true
	o.want(200, "admin01", "PUT", "/users/id-inspector", body, "If-Match", "*")
	o.want(401, "inspector", "GET", "/grants", nil)
	o.want(401, "", "POST", "/auth/login", map[string]string{"login": "inspector", "password": password})
	o.want(409, "admin01", "POST", "/users/id-inspector/recovery", nil)
	if got := withToken(); got != 401 {
		t.Errorf("token of who is disabled: %d", got)
	}
	body["disabled"] = false
	o.want(200, "admin01", "PUT", "/users/id-inspector", body, "If-Match", "*")
	o.want(401, "inspector", "GET", "/grants", nil)
	if got := withToken(); got != 401 {
		t.Errorf("token of before: %d", got)
	}
	got := strings.Join(o.actions(since), ", ")
	for _, want := range []string{"admin01 user.disable", "admin01 token.drop", "admin01 user.enable"} {
		if !strings.Contains(got, want) {
			t.Errorf("journal %s: no %s", got, want)
		}
	}
}

// Ending somebody's sessions ends what programs do in their name too.
func TestEndedSessionsTakeTokens(t *testing.T) {
	o := newOffice(t)
	o.want(200, "inspector", "GET", "/grants", nil)
	o.want(200, "analyst", "GET", "/grants", nil)
	ask := map[string]any{"name": "QGIS", "purpose": "inspection", "days": 10, "exact": false}
	withToken := func(token map[string]any) int {
		return o.send(nil, "GET", "/grants", nil, "Authorization", fmt.Sprintf("Bearer %v", token["secret"])).StatusCode
	}
	ended, other := o.want(201, "inspector", "POST", "/auth/tokens", ask), o.want(201, "analyst", "POST", "/auth/tokens", ask)
	o.want(200, "admin01", "GET", "/users", nil)
	since := o.lastSeq()
	for range 2 { // the second finds nothing, and says nothing of tokens
		o.want(204, "admin01", "DELETE", "/users/id-inspector/sessions", nil)
	}
	o.want(401, "inspector", "GET", "/grants", nil)
	if a, b := withToken(ended), withToken(other); a != 401 || b != 200 {
		t.Errorf("token of the account: %d, of another: %d", a, b)
	}
	if got := strings.Join(o.actions(since), ", "); got != "admin01 sessions.drop, admin01 token.drop, admin01 sessions.drop" {
		t.Errorf("journal %s", got)
	}
}

// A new person chooses a password with a secret that serves once.
func TestRecovery(t *testing.T) {
	o := newOffice(t)
	added := o.want(201, "admin01", "POST", "/users", user("nouvelle", role(data.RoleInspector, in("01"))))
	secret := added["recovery"].(map[string]any)["secret"].(string)
	expires, err := time.Parse(time.RFC3339, added["recovery"].(map[string]any)["expires_at"].(string))
	if err != nil || !expires.Equal(now().Add(72*time.Hour)) || len(secret) < 26 {
		t.Errorf("recovery %v", added["recovery"])
	}
	id := added["user"].(map[string]any)["id"].(string)
	second := o.want(201, "admin01", "POST", "/users/"+id+"/recovery", nil)["secret"].(string)
	if creds, err := o.store.CredentialsOf(t.Context(), id); err != nil || len(creds.RecoveryHash) != 32 || bytes.Contains(creds.RecoveryHash, []byte(second)) {
		t.Errorf("kept %v, %v", creds, err)
	}
	set := map[string]string{"secret": secret, "password": password}
	o.want(401, "", "POST", "/auth/recovery", set) // replaced by the second
	set["secret"] = second
	o.want(204, "", "POST", "/auth/recovery", set)
	o.want(401, "", "POST", "/auth/recovery", set)
	o.want(200, "nouvelle", "GET", "/grants", nil)
}

// An erased person is gone but for the journal.
func TestErasure(t *testing.T) {
	o := newOffice(t)
	o.want(201, "analyst", "POST", "/grants", map[string]any{"kind": "exact", "scope": in("01"), "purpose": "Bilan"})
	o.want(204, "root", "DELETE", "/users/id-analyst", nil)
	o.want(401, "analyst", "GET", "/grants", nil)
	o.want(401, "", "POST", "/auth/login", map[string]string{"login": "analyst", "password": password})
	if grants := o.want(200, "managers", "GET", "/grants", nil)["grants"].([]any); len(grants) != 0 {
		t.Errorf("left: %v", grants)
	}
	if got := strings.Join(o.actions(0), ", "); !strings.Contains(got, "analyst grant.request") || !strings.Contains(got, "root user.erase") {
		t.Errorf("journal: %s", got)
	}
}

// Somebody always administers everything.
func TestLastAdminStays(t *testing.T) {
	o := newOffice(t)
	root, err := o.store.UserByLogin(t.Context(), "root")
	if err != nil {
		t.Fatal(err)
	}
	disabled, local := *root, *root
	disabled.Disabled = true
	local.Assignments = people["admin01"]
	_, disabling := o.manager.Change(t.Context(), operator(), root, disabled, entry())
	_, moving := o.manager.Change(t.Context(), operator(), root, local, entry())
	for name, err := range map[string]error{
		"disabled": disabling, "made local": moving, "erased": o.manager.Erase(t.Context(), operator(), root, entry()),
	} {
		if err == nil {
			t.Errorf("the last national administrator is %s", name)
		}
	}
}
