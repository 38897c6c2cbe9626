package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"vigie/api"
	"vigie/api/auth"
	"vigie/data"
)

type sessionAnswer struct {
	Authenticated bool
	User          struct {
		Login       string
		HasTOTP     bool `json:"has_totp"`
		HasPassword bool `json:"has_password"`
	}
	Rights       []string
	Precision    string
	Purpose      string
	Scope        data.Scope
	DemoAccounts []auth.DemoAccount `json:"demo_accounts"`
}

func (s *server) whois(t *testing.T, cookies string) sessionAnswer {
	t.Helper()
	w := s.anyone("GET", "/api/auth/session", "", "Cookie", cookies)
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return decode[sessionAnswer](t, w)
}

// bodyOf is a problem document without what differs between any two requests.
func bodyOf(w *httptest.ResponseRecorder) string {
	before, after, ok := strings.Cut(w.Body.String(), `"instance":"`)
	if !ok {
		return w.Body.String()
	}
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func headersOf(w *httptest.ResponseRecorder) http.Header {
	h := w.Header().Clone()
	h.Del("X-Request-Id")
	return h
}

func TestLogin(t *testing.T) {
	s := newServer(t)
	if who := s.whois(t, ""); who.Authenticated || who.DemoAccounts != nil {
		t.Errorf("nobody is %+v", who)
	}
	w := s.logIn("Inspector", password, "")
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %+v", c)
		}
	}
	who := s.whois(t, cookiesIn(w))
	if !who.Authenticated || who.User.Login != "inspector" || !who.User.HasPassword || who.Precision != "exact" || who.Purpose != "" ||
		!slices.Equal(who.Rights, []string{"edit_sites", "review", "report"}) || !slices.Equal(who.Scope.Departments, []string{"01"}) {
		t.Errorf("%+v", who)
	}
}

// Nothing tells an unknown login from a wrong password.
func TestLoginTellsNothing(t *testing.T) {
	s := newServer(t)
	disabled, err := s.store.UserByLogin(t.Context(), "planner")
	if err != nil {
		t.Fatal(err)
	}
	disabled.Disabled = true
	by := data.NewViewer(data.ViewerSpec{Subject: "fixture", Writes: true})
	if err := s.store.PutUser(t.Context(), by, disabled, data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}); err != nil {
		t.Fatal(err)
	}
	wrong := s.logIn("inspector", "pas le bon mot de passe", "")
	wantProblem(t, wrong, 401, "invalid-credentials")
	for name, other := range map[string]*httptest.ResponseRecorder{
		"unknown": s.logIn("nobody", "pas le bon mot de passe", ""), "disabled": s.logIn("planner", password, ""),
		"empty password": s.logIn("inspector", "", ""), "unknown and empty": s.logIn("nobody", "", ""), "nothing": s.logIn("", "", ""),
		"a code that nobody asked for": s.logIn("nobody", "pas le bon mot de passe", "123456"),
	} {
		if other.Code != wrong.Code || bodyOf(other) != bodyOf(wrong) || len(headersOf(other)) != len(headersOf(wrong)) {
			t.Errorf("%s: %d %s %v\nwrong password: %d %s %v", name, other.Code, other.Body, other.Header(), wrong.Code, wrong.Body, wrong.Header())
		}
	}
	for _, e := range s.audit.entries {
		if e.Action != auth.ActionLoginRefused || e.Subject == "nobody" {
			t.Errorf("entry %+v", e)
		}
	}
	if n := len(s.audit.entries); n != 7 {
		t.Errorf("%d entries for 7 refusals", n)
	}
}

// A session planted before a login is not the one after it.
func TestSessionFixation(t *testing.T) {
	s := newServer(t)
	before := cookiesIn(s.logIn("analyst", password, ""))
	w := s.logIn("inspector", password, "", "Cookie", before)
	if who := s.whois(t, cookiesIn(w)); who.User.Login != "inspector" {
		t.Errorf("%+v", who)
	}
	if who := s.whois(t, before); who.Authenticated {
		t.Errorf("the session from before the login is %s", who.User.Login)
	}
	planted := "vigie=" + strings.Repeat("A", 43)
	w = s.logIn("inspector", password, "", "Cookie", planted)
	if strings.Contains(cookiesIn(w), planted) || s.whois(t, planted).Authenticated {
		t.Error("a secret that the browser chose is a session")
	}
	// Which of two cookies is the planted one is not known.
	if who := s.whois(t, planted+"; "+cookiesIn(w)); who.Authenticated {
		t.Error("one of two cookies is believed")
	}
}

func TestSessionsExpire(t *testing.T) {
	s := newServer(t)
	idle := cookiesIn(s.logIn("inspector", password, ""))
	s.clock.advance(31 * time.Minute)
	if s.whois(t, idle).Authenticated {
		t.Error("a session lives 31 minutes without being used")
	}
	used := cookiesIn(s.logIn("inspector", password, ""))
	for elapsed := time.Duration(0); elapsed < 10*time.Hour; elapsed += 20 * time.Minute {
		if !s.whois(t, used).Authenticated {
			t.Fatalf("a session in use ended after %s", elapsed)
		}
		s.clock.advance(20 * time.Minute)
	}
	if s.whois(t, used).Authenticated {
		t.Error("a session outlives ten hours")
	}
}

type ownSession struct {
	ID, Agent string
	Current   bool
	Created   time.Time `json:"created_at"`
	Seen      time.Time `json:"seen_at"`
}

func TestSessionsEnd(t *testing.T) {
	s := newServer(t)
	log := func() string { return cookiesIn(s.logIn("inspector", password, "", "User-Agent", "Essai/1")) }
	first, second := log(), log()
	if w := s.anyone("POST", "/api/auth/logout", "", "Cookie", first); w.Code != 200 || cookiesIn(w) != "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if s.whois(t, first).Authenticated || !s.whois(t, second).Authenticated {
		t.Error("logging out ends another session, or not its own")
	}
	third := log()
	list := decode[struct{ Sessions []ownSession }](t, s.anyone("GET", "/api/auth/sessions", "", "Cookie", third, "User-Agent", "another")).Sessions
	if len(list) != 2 || list[0].ID == list[1].ID || list[0].Current == list[1].Current || list[0].Agent != "Essai/1" || !list[0].Created.Equal(now()) || !list[0].Seen.Equal(now()) {
		t.Errorf("sessions %+v", list)
	}
	if w := s.anyone("DELETE", "/api/auth/sessions", "", "Cookie", third); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if s.whois(t, second).Authenticated || !s.whois(t, third).Authenticated {
		t.Error("the other sessions are not those that ended")
	}
	u, err := s.store.UserByLogin(t.Context(), "inspector")
	if err != nil {
		t.Fatal(err)
	}
	token := s.token(t, "inspector", true)
	u.Disabled = true
	by := data.NewViewer(data.ViewerSpec{Subject: "fixture", Writes: true})
	if err := s.store.PutUser(t.Context(), by, u, data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}); err != nil {
		t.Fatal(err)
	}
	if s.whois(t, third).Authenticated {
		t.Error("a disabled account keeps its session")
	}
	wantProblem(t, s.anyone("GET", "/api/collections/sites/items", "", "Authorization", "Bearer "+token), 401, "authentication-required")
}

// endedMeanwhile is a store where each session ends just before it is written again.
type endedMeanwhile struct{ *journal }

func (e endedMeanwhile) UpdateSession(ctx context.Context, s *data.Session) error {
	return errors.Join(e.DropSession(ctx, s.Hash), e.journal.UpdateSession(ctx, s))
}

// A request under way at the moment of a logout does not bring the session back.
func TestEndedSessionsStayEnded(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.Store = endedMeanwhile{cfg.Store.(*journal)} })
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	wantProblem(t, s.anyone("PUT", "/api/auth/purpose", `{"purpose":"inspection"}`, "Cookie", cookies), 401, "authentication-required")
	if s.whois(t, cookies).Authenticated {
		t.Error("choosing a purpose writes an ended session back")
	}
	cookies = cookiesIn(s.logIn("inspector", password, ""))
	s.clock.advance(2 * time.Minute)
	for range 2 {
		if s.whois(t, cookies).Authenticated {
			t.Error("using an ended session writes it back")
		}
	}
}

// chosenMeanwhile is a store where another request chooses a purpose just before a session
// is written again.
type chosenMeanwhile struct{ *journal }

func (m chosenMeanwhile) UpdateSession(ctx context.Context, s *data.Session) error {
	other := *s
	var held map[string]any
	if err := json.Unmarshal(s.Was, &held); err != nil {
		return err
	}
	held["Purpose"] = "planning"
	var err error
	if other.Data, err = json.Marshal(held); err != nil {
		return err
	}
	return errors.Join(m.journal.UpdateSession(ctx, &other), m.journal.UpdateSession(ctx, s))
}

// Of two purposes chosen at once one is kept, and using a session does not undo the choice.
func TestPurposeChosenTwiceAtOnce(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.Store = chosenMeanwhile{cfg.Store.(*journal)} })
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	wantProblem(t, s.anyone("PUT", "/api/auth/purpose", `{"purpose":"inspection"}`, "Cookie", cookies), 409, "conflict")
	if got := s.whois(t, cookies).Purpose; got != "planning" {
		t.Errorf("purpose %q, want the first", got)
	}
	cookies = cookiesIn(s.logIn("inspector", password, ""))
	s.clock.advance(2 * time.Minute)
	if got := s.whois(t, cookies).Purpose; got != "planning" {
		t.Errorf("purpose %q after a request under way", got)
	}
}

// Homes are read for a purpose, chosen once a session and kept with every read.
func TestPurpose(t *testing.T) {
	s := newServer(t)
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	for _, target := range []string{"/api/collections/sites/items", "/api/collections/sites/items/F-001", "/api/sites/F-001", "/api/sites/nobody", "/api/sites/F-001/explanation"} {
		wantProblem(t, s.anyone("GET", target, "", "Cookie", cookies), 403, "purpose-required")
	}
	put := func(purpose string) *httptest.ResponseRecorder {
		return s.anyone("PUT", "/api/auth/purpose", `{"purpose":"`+purpose+`"}`, "Cookie", cookies)
	}
	wantProblem(t, put("curiosity"), 422, "invalid-record")
	if w := put("incident"); w.Code != 200 || decode[sessionAnswer](t, w).Purpose != "incident" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, put("planning"), 409, "purpose-chosen")
	if w := s.anyone("GET", "/api/sites/F-001", "", "Cookie", cookies); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if e := s.audit.entries[len(s.audit.entries)-1]; e.Subject != "inspector" || e.Purpose != "incident" || !slices.Equal(e.Records, []string{"F-001"}) {
		t.Errorf("entry %+v", e)
	}
	if s.whois(t, cookiesIn(s.logIn("inspector", password, ""))).Purpose != "" {
		t.Error("a purpose outlives its session")
	}
}

// A refusal of someone who is known is in the journal, with the operation and nothing else.
func TestRefusalsAreRecorded(t *testing.T) {
	s := newServer(t)
	wantProblem(t, s.as("planner", "PATCH", "/api/sites/F-001", `{"name":"A"}`, "If-Match", "*"), 403, "forbidden")
	wantProblem(t, s.as("planner", "GET", "/api/users", ""), 403, "forbidden")
	wantProblem(t, s.as("", "GET", "/api/users", ""), 401, "authentication-required")
	var got []string
	for _, e := range s.audit.entries {
		if e.Action == auth.ActionRefused {
			got = append(got, e.Subject+" "+strings.Join(e.Records, ",")+" "+e.Purpose)
		}
	}
	if want := []string{"planner correctSite inspection", "planner getUsers inspection"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.audit.err = http.ErrServerClosed
	wantProblem(t, s.as("planner", "GET", "/api/users", ""), 500, "internal")
}

func TestChangePassword(t *testing.T) {
	s := newServer(t)
	mine, other := cookiesIn(s.logIn("inspector", password, "")), cookiesIn(s.logIn("inspector", password, ""))
	change := func(current, next string) *httptest.ResponseRecorder {
		return s.anyone("POST", "/api/auth/password", `{"current":"`+current+`","new":"`+next+`"}`, "Cookie", mine)
	}
	for next, code := range map[string]string{
		"court": "password-too-short", "motdepasse12": "password-too-common", "azertyuiop123": "password-too-common", "123456789012": "password-too-common",
		"le INSPECTOR du jour": "password-contains-login", strings.Repeat("a", 257): "password-too-long",
	} {
		if p := wantProblem(t, change(password, next), 422, "invalid-record"); p.Problems[0].Code != code || p.Problems[0].Field != "new" {
			t.Errorf("%q: %+v, want %s", next, p.Problems, code)
		}
	}
	const next = "trois genêts sur le causse"
	if p := wantProblem(t, change("pas le bon mot de passe", next), 422, "invalid-record"); p.Problems[0].Field != "current" {
		t.Errorf("%+v", p.Problems)
	}
	token, others := s.token(t, "inspector", true), s.token(t, "manager", true)
	w := change(password, next)
	if w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.wantToken(t, token, false)
	s.wantToken(t, others, true)
	if s.whois(t, other).Authenticated || s.whois(t, mine).Authenticated || !s.whois(t, cookiesIn(w)).Authenticated {
		t.Error("the sessions of who knew the old password go on")
	}
	wantProblem(t, s.logIn("inspector", password, ""), 401, "invalid-credentials")
	if w := s.logIn("inspector", next, ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// wantToken checks whether a token still opens anything.
func (s *server) wantToken(t *testing.T, token string, holds bool) {
	t.Helper()
	if w := s.anyone("GET", "/api/auth/session", "", "Authorization", "Bearer "+token); (w.Code == 200) != holds {
		t.Errorf("token: %d, want it to hold: %t", w.Code, holds)
	}
}

func (s *server) enrol(t *testing.T, cookies string) (code func() string) {
	t.Helper()
	enrolment := decode[struct{ Secret string }](t, s.anyone("POST", "/api/auth/totp", "", "Cookie", cookies))
	return func() string {
		c, err := totp.GenerateCode(enrolment.Secret, s.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// Whoever has a session can't put another second factor in the place of the first, and
// those who came in without it are out.
func TestTOTPIsNotReplaced(t *testing.T) {
	s := newServer(t)
	mine, other := cookiesIn(s.logIn("inspector", password, "")), cookiesIn(s.logIn("inspector", password, ""))
	first, second := s.enrol(t, mine), s.enrol(t, mine)
	confirm := func(cookies, code string) *httptest.ResponseRecorder {
		return s.anyone("PUT", "/api/auth/totp", `{"code":"`+code+`"}`, "Cookie", cookies)
	}
	wantProblem(t, confirm(mine, first()), 422, "invalid-record") // begun again, the first attempt is forgotten
	third := s.enrol(t, other)
	if w := confirm(mine, second()); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if s.whois(t, other).Authenticated || !s.whois(t, mine).Authenticated {
		t.Error("the other sessions are not those that ended")
	}
	before, err := s.store.CredentialsOf(t.Context(), "u-inspector")
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, confirm(other, third()), 401, "authentication-required")
	wantProblem(t, confirm(mine, second()), 409, "conflict")
	if after, err := s.store.CredentialsOf(t.Context(), "u-inspector"); err != nil || !slices.Equal(after.TOTPSecret, before.TOTPSecret) {
		t.Errorf("another second factor is in place: %v", err)
	}
}

// enrolledMeanwhile is a store where another second factor is confirmed just before.
type enrolledMeanwhile struct{ *journal }

func (e enrolledMeanwhile) UpdateCredentials(ctx context.Context, userID string, change func(*data.Credentials) bool, entry data.AuditEntry) error {
	if entry.Action == auth.ActionTOTP {
		err := e.journal.UpdateCredentials(ctx, userID, func(c *data.Credentials) bool {
			c.TOTPSecret = []byte("the first to be confirmed")
			return true
		}, entry)
		if err != nil {
			return err
		}
	}
	return e.journal.UpdateCredentials(ctx, userID, change, entry)
}

func TestTOTPConfirmedTwiceAtOnce(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.Store = enrolledMeanwhile{cfg.Store.(*journal)} })
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	code := s.enrol(t, cookies)
	wantProblem(t, s.anyone("PUT", "/api/auth/totp", `{"code":"`+code()+`"}`, "Cookie", cookies), 409, "conflict")
	if c, err := s.store.CredentialsOf(t.Context(), "u-inspector"); err != nil || string(c.TOTPSecret) != "the first to be confirmed" {
		t.Errorf("%q, %v", c.TOTPSecret, err)
	}
}

// A session is not enough for a token that shows homes exactly.
func TestExactTokenNeedsProof(t *testing.T) {
	s := newServer(t)
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	ask := func(more string) *httptest.ResponseRecorder {
		return s.anyone("POST", "/api/auth/tokens", `{"name":"essai","purpose":"inspection","days":30`+more+`}`, "Cookie", cookies)
	}
	wantProblem(t, ask(`,"exact":true`), 401, "invalid-credentials")
	wantProblem(t, ask(`,"exact":true,"password":"pas le bon mot de passe"`), 401, "invalid-credentials")
	if e := s.audit.entries[len(s.audit.entries)-1]; e.Action != auth.ActionLoginRefused || e.Subject != "inspector" {
		t.Errorf("entry %+v", e)
	}
	for _, more := range []string{`,"exact":false`, `,"exact":true,"password":"` + password + `"`} {
		if w := ask(more); w.Code != 201 {
			t.Errorf("%s: %d %s", more, w.Code, w.Body)
		}
	}
	code := s.enrol(t, cookies)
	if w := s.anyone("PUT", "/api/auth/totp", `{"code":"`+code()+`"}`, "Cookie", cookies); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.clock.advance(time.Minute)
	known := `,"exact":true,"password":"` + password + `"`
	wantProblem(t, ask(known), 401, "totp-required")
	wantProblem(t, ask(known+`,"code":"000"`), 401, "invalid-credentials")
	if w := ask(known + `,"code":"` + code() + `"`); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for range 8 { // guessing here is slowed as at the login
		ask(`,"exact":true,"password":"pas le bon mot de passe"`)
	}
	wantProblem(t, ask(known), 429, "throttled")
}

// An account that logs in at a provider proves itself by having done so recently.
func TestExactTokenWithoutAPassword(t *testing.T) {
	s, p := newOIDC(t, func(*auth.Provider) {})
	s.prepare(t, p.URL, "Test-User@zitadel.CH")
	to, cookies := s.toProvider(t, "/")
	cookies = cookiesIn(s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies))
	ask := func() *httptest.ResponseRecorder {
		return s.anyone("POST", "/api/auth/tokens", `{"name":"essai","purpose":"inspection","days":30,"exact":true}`, "Cookie", cookies)
	}
	s.clock.advance(14 * time.Minute)
	if w := ask(); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.clock.advance(time.Minute)
	wantProblem(t, ask(), 401, "invalid-credentials")
}

// A right password leaves a trace although no code follows.
func TestCodeWantedIsRecorded(t *testing.T) {
	s := newServer(t)
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	code := s.enrol(t, cookies)
	if w := s.anyone("PUT", "/api/auth/totp", `{"code":"`+code()+`"}`, "Cookie", cookies); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	before := len(s.audit.entries)
	wantProblem(t, s.logIn("inspector", password, ""), 401, "totp-required")
	if got := s.audit.entries[before:]; len(got) != 1 || got[0].Action != auth.ActionCodeWanted || got[0].Subject != "inspector" {
		t.Errorf("entries %+v", got)
	}
	s.audit.err = http.ErrServerClosed
	wantProblem(t, s.logIn("inspector", password, ""), 500, "internal")
}

func TestTOTP(t *testing.T) {
	s := newServer(t)
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	ask := func(method, body string) *httptest.ResponseRecorder {
		return s.anyone(method, "/api/auth/totp", body, "Cookie", cookies)
	}
	wantProblem(t, ask("PUT", `{"code":"123456"}`), 409, "conflict")
	w := ask("POST", "")
	enrolment := decode[struct{ Secret, URI string }](t, w)
	if w.Code != 200 || !strings.HasPrefix(enrolment.URI, "otpauth://totp/Vigie:inspector?") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	code := func() string {
		c, err := totp.GenerateCode(enrolment.Secret, s.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	wantProblem(t, ask("PUT", `{"code":"1"}`), 422, "invalid-record")
	if w := s.logIn("inspector", password, ""); w.Code != 200 {
		t.Errorf("a second factor that is not confirmed is asked for: %d", w.Code)
	}
	if w := ask("PUT", `{"code":"`+code()+`"}`); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, ask("POST", ""), 409, "conflict")

	wantProblem(t, s.logIn("inspector", password, ""), 401, "totp-required")
	wantProblem(t, s.logIn("inspector", "pas le bon mot de passe", ""), 401, "invalid-credentials")
	wantProblem(t, s.logIn("inspector", password, code()), 401, "invalid-credentials") // it served to confirm
	s.clock.advance(30 * time.Second)
	used := code()
	if w := s.logIn("inspector", password, used); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, s.logIn("inspector", password, used), 401, "invalid-credentials")
	s.clock.advance(3 * time.Minute)
	old := used
	wantProblem(t, s.logIn("inspector", password, old), 401, "invalid-credentials")

	wantProblem(t, ask("DELETE", `{"code":"000"}`), 422, "invalid-record")
	if w := ask("DELETE", `{"code":"`+code()+`"}`); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := s.logIn("inspector", password, ""); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRecovery(t *testing.T) {
	s := newServer(t)
	entry := data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}
	issue := func() string {
		secret, _, err := auth.IssueRecovery(t.Context(), s.store, "u-inspector", s.clock.now(), entry)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	use := func(secret, password string) *httptest.ResponseRecorder {
		return s.anyone("POST", "/api/auth/recovery", `{"secret":"`+secret+`","password":"`+password+`"}`)
	}
	const next = "trois genêts sur le causse"
	before := cookiesIn(s.logIn("inspector", password, ""))
	token := s.token(t, "inspector", true)
	replaced := issue()
	secret := issue()
	wantProblem(t, use(replaced, next), 401, "invalid-credentials")
	wantProblem(t, use(secret, "court"), 422, "invalid-record")
	if w := use(secret, next); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.wantToken(t, token, false)
	wantProblem(t, use(secret, "quatre genêts sur le causse"), 401, "invalid-credentials")
	if w := s.logIn("inspector", next, ""); w.Code != 200 || s.whois(t, before).Authenticated {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	late := issue()
	s.clock.advance(73 * time.Hour)
	wantProblem(t, use(late, next), 401, "invalid-credentials")
}

func TestTokens(t *testing.T) {
	s := newServer(t)
	exact, masked := s.token(t, "manager", true), s.token(t, "manager", false)
	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	basic := func(user, token string) []string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(user, token)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	for name, headers := range map[string][]string{"bearer": bearer(exact), "basic": basic("qgis", exact), "basic without a user": basic("", exact), "lower case": {"Authorization", "bearer " + exact}} {
		if w := s.anyone("GET", "/api/collections/sites/items/F-001", "", headers...); w.Code != 200 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	e := s.audit.entries[len(s.audit.entries)-1]
	if e.Subject != "manager" || e.Purpose != "statistics" || !slices.Equal(e.Records, []string{"F-001"}) {
		t.Errorf("entry %+v", e)
	}
	wantProblem(t, s.anyone("GET", "/api/collections/sites/items/F-001", "", bearer(masked)...), 404, "not-found")
	wantProblem(t, s.anyone("GET", "/api/collections/sites/items/X-001", "", bearer(exact)...), 404, "not-found")
	if who := decode[sessionAnswer](t, s.anyone("GET", "/api/auth/session", "", bearer(masked)...)); who.Precision != "masked" || len(who.Rights) != 0 {
		t.Errorf("%+v", who)
	}
	// A token never writes, whatever the person may do.
	for _, tt := range [][2]string{{"PATCH", "/api/sites/F-001"}, {"POST", "/api/sites"}, {"POST", "/api/auth/tokens"}, {"PUT", "/api/auth/purpose"}, {"POST", "/api/auth/logout"}, {"POST", "/api/grants"}} {
		wantProblem(t, s.anyone(tt[0], tt[1], "{}", append(bearer(exact), "If-Match", "*")...), 403, "forbidden")
	}
	if w := s.anyone("POST", "/api/assess", `{"lon":5.3,"lat":45.95}`, bearer(masked)...); w.Code != 200 {
		t.Errorf("a token may not measure a point: %d %s", w.Code, w.Body)
	}
	altered := []byte(exact)
	altered[len(altered)-1] ^= 1
	for name, headers := range map[string][]string{
		"altered": bearer(string(altered)), "short": bearer("vgt_"), "empty": bearer(""), "no scheme": {"Authorization", exact}, "other scheme": {"Authorization", "Digest " + exact},
		"session as a token": bearer(strings.TrimPrefix(s.cookiesOf("manager"), "vigie=")), "password": basic("manager", password),
	} {
		// Even a good session does not make up for a bad token.
		w := s.as("manager", "GET", "/api/collections/sites/items", "", headers...)
		wantProblem(t, w, 401, "authentication-required")
		if w.Header().Get("WWW-Authenticate") != `Bearer realm="Vigie"` {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	for _, body := range []string{
		`{"name":"a","purpose":"statistics","days":366,"exact":false}`, `{"name":"a","purpose":"statistics","days":0,"exact":false}`,
		`{"name":"a","purpose":"none","days":1,"exact":false}`, `{"name":" ","purpose":"statistics","days":1,"exact":false}`,
	} {
		wantProblem(t, s.as("manager", "POST", "/api/auth/tokens", body), 422, "invalid-record")
	}
	list := decode[struct{ Tokens []data.Token }](t, s.as("manager", "GET", "/api/auth/tokens", "")).Tokens
	if len(list) != 2 || list[0].UsedAt == nil || strings.Contains(jsonOf(t, list), exact) {
		t.Errorf("%+v", list)
	}
	wantProblem(t, s.as("inspector", "DELETE", "/api/auth/tokens/"+list[0].ID, ""), 404, "not-found")
	if w := s.as("manager", "DELETE", "/api/auth/tokens/"+list[0].ID, ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, s.anyone("GET", "/api/auth/session", "", bearer(masked)...), 401, "authentication-required")
	s.clock.advance(31 * 24 * time.Hour)
	wantProblem(t, s.anyone("GET", "/api/collections/sites/items", "", bearer(exact)...), 401, "authentication-required")
}

// Guessing is slowed down where it comes from, and shuts nobody else out.
func TestGuessing(t *testing.T) {
	s := newServer(t)
	known := cookiesIn(s.logIn("inspector", password, ""))
	guess := func(login string, headers ...string) *httptest.ResponseRecorder {
		return s.logIn(login, "pas le bon mot de passe", "", headers...)
	}
	for range 6 {
		wantProblem(t, guess("inspector"), 401, "invalid-credentials")
	}
	w := guess("inspector")
	wantProblem(t, w, 429, "throttled")
	if w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	// Not even the right password is looked at, from there, for a time…
	wantProblem(t, s.logIn("inspector", password, ""), 429, "throttled")
	// … but in a browser that has logged in before it is, and so are other accounts.
	if w := s.logIn("inspector", password, "", "Cookie", known); w.Code != 200 {
		t.Errorf("the owner is shut out: %d %s", w.Code, w.Body)
	}
	if w := s.logIn("analyst", password, ""); w.Code != 200 {
		t.Errorf("others are shut out: %d %s", w.Code, w.Body)
	}
	// An unknown account is slowed down alike.
	for range 6 {
		wantProblem(t, guess("nobody"), 401, "invalid-credentials")
	}
	wantProblem(t, guess("nobody"), 429, "throttled")
	s.clock.advance(2 * time.Second)
	if w := s.logIn("inspector", password, ""); w.Code != 200 {
		t.Errorf("the wait is over, yet: %d %s", w.Code, w.Body)
	}
}

// Under HTTPS cookies have the prefix that ties them to this host, and browsers are
// told to use nothing else.
func TestSecureCookies(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.PublicURL = "https://vigie.example" })
	r := httptest.NewRequest("POST", "https://vigie.example/api/auth/login", strings.NewReader(`{"login":"mia","password":"`+password+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	cookies := w.Result().Cookies()
	if w.Code != 200 || len(cookies) != 2 || w.Header().Get("Strict-Transport-Security") == "" {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, "__Host-vigie") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %+v", c)
		}
	}
}
