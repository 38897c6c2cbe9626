package api_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/api/auth"
	"vigie/data"
	"vigie/data/sqlite"
)

// clock is the time of the fixture, which tests move on.
type clock struct {
	mu      sync.Mutex
	elapsed time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now().Add(c.elapsed)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elapsed += d
}

// password is everybody's.
const password = "lavande et granit 42"

var passwordHash = sync.OnceValues(func() (string, error) { return auth.HashPassword(context.Background(), password) })

// people in charge of a département, by login, with what they are.
func people(department string) map[string][]data.Assignment {
	until := now().AddDate(1, 0, 0)
	own := data.Scope{Departments: []string{department}}
	national := data.Assignment{Role: data.RoleAdmin, Scope: data.Scope{National: true}, MissionOrder: "essai", Expires: &until}
	return map[string][]data.Assignment{
		"mia":       {{Role: data.RoleManager, Scope: own, Restricted: true}, national},
		"admin":     {national},
		"clerk":     {{Role: data.RoleAdmin, Scope: own}},
		"manager":   {{Role: data.RoleManager, Scope: own}},
		"inspector": {{Role: data.RoleInspector, Scope: own}},
		"planner":   {{Role: data.RolePlanner, Scope: own}},
		"analyst":   {{Role: data.RoleAnalyst, Scope: own}},
		"provider":  {{Role: data.RoleProvider, Scope: data.Scope{Sites: []string{"F-001"}}}},
		"partner":   {{Role: data.RolePartner, Scope: own}},
		"otto":      {{Role: data.RoleManager, Scope: data.Scope{Departments: []string{"74"}}}},
	}
}

func addPeople(ctx context.Context, store *sqlite.Store, department string, by data.Viewer, entry data.AuditEntry) error {
	hash, err := passwordHash()
	if err != nil {
		return err
	}
	for login, assignments := range people(department) {
		u := data.User{ID: "u-" + login, Login: login, Name: "Personne fictive", Assignments: assignments, CreatedAt: now()}
		if err := store.PutUser(ctx, by, &u, entry); err != nil {
			return err
		}
		err := store.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
			c.PasswordHash = hash
			return true
		}, entry)
		if err != nil {
			return err
		}
	}
	return nil
}

// browsers hold the cookies of people, who log in when they first ask for something.
type browsers struct {
	mu      sync.Mutex
	cookies map[string]string
}

// as sends a request of a person, "" for nobody.
func (s *server) as(login, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	return s.anyone(method, target, body, append([]string{"Cookie", s.cookiesOf(login)}, headers...)...)
}

// cookiesOf logs a person in, with a purpose, the first time.
func (s *server) cookiesOf(login string) string {
	if login == "" {
		return ""
	}
	s.browsers.mu.Lock()
	defer s.browsers.mu.Unlock()
	if s.browsers.cookies[login] == "" {
		cookies := cookiesIn(s.logIn(login, password, ""))
		if w := s.anyone("PUT", "/api/auth/purpose", `{"purpose":"inspection"}`, "Cookie", cookies); w.Code != 200 {
			panic(w.Body.String())
		}
		s.browsers.cookies[login] = cookies
	}
	return s.browsers.cookies[login]
}

func (s *server) logIn(login, password, code string, headers ...string) *httptest.ResponseRecorder {
	body := `{"login":"` + login + `","password":"` + password + `"`
	if code != "" {
		body += `,"code":"` + code + `"`
	}
	return s.anyone("POST", "/api/auth/login", body+"}", headers...)
}

// token makes a token of a person.
func (s *server) token(t testing.TB, login string, exact bool) string {
	t.Helper()
	w := s.as(login, "POST", "/api/auth/tokens", fmt.Sprintf(`{"name":"essai","purpose":"statistics","days":30,"exact":%t,"password":%q}`, exact, password))
	if w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return decode[struct{ Secret string }](t, w).Secret
}

// cookiesIn are the cookies that an answer sets, as a browser sends them back.
func cookiesIn(w *httptest.ResponseRecorder) string {
	var pairs []string
	for _, c := range w.Result().Cookies() {
		if c.MaxAge >= 0 {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}
