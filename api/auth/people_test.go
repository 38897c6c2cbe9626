package auth_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/sqlite"
)

// counted counts what is read of accounts.
type counted struct {
	*sqlite.Store
	reads atomic.Int64
}

func (s *counted) TokenByHash(ctx context.Context, hash []byte, now time.Time) (*data.Token, error) {
	s.reads.Add(1)
	return s.Store.TokenByHash(ctx, hash, now)
}

func (s *counted) UserByID(ctx context.Context, id string) (*data.User, error) {
	s.reads.Add(1)
	return s.Store.UserByID(ctx, id)
}

func (s *counted) GrantsOf(ctx context.Context, userID string) ([]data.Grant, error) {
	s.reads.Add(1)
	return s.Store.GrantsOf(ctx, userID)
}

// house is a server's identification and, on the same file, another process.
type house struct {
	*testing.T
	store  *counted
	other  *sqlite.Store
	gate   *auth.Gate
	now    atomic.Int64 // Unix time in seconds
	user   data.User
	token  *data.Token
	secret string
}

var (
	opening = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	fixture = data.NewViewer(data.ViewerSpec{Subject: "fixture", Precision: data.ViewExact, Restricted: true, Writes: true})
	noted   = data.AuditEntry{At: opening, Subject: "fixture", Action: "fixture"}
)

func newHouse(t *testing.T) *house {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vigie.db")
	h := &house{T: t, store: &counted{}}
	h.now.Store(opening.Unix())
	for _, s := range []**sqlite.Store{&h.store.Store, &h.other} {
		var err error
		if *s, err = sqlite.Open(t.Context(), path, sqlite.Options{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := (*s).Close(); err != nil {
				t.Error(err)
			}
		})
	}
	clock := func() time.Time { return time.Unix(h.now.Load(), 0).UTC() }
	h.gate = auth.NewGate(h.store, clock, false)
	until := opening.Add(2 * time.Hour)
	h.user = data.User{ID: "u", Login: "u", Name: "u", CreatedAt: opening, Assignments: []data.Assignment{
		{Role: data.RoleInspector, Scope: data.Scope{Departments: []string{"01"}}, Expires: &until},
		{Role: data.RoleAnalyst, Scope: data.Scope{Departments: []string{"02"}}},
	}}
	h.must(h.store.PutUser(t.Context(), fixture, &h.user, noted))
	var err error
	h.token, h.secret, err = auth.IssueToken(t.Context(), h.store, func() string { return "t" }, &h.user,
		auth.TokenRequest{Name: "SIG", Purpose: "planning", Days: 1, Exact: true}, opening, noted)
	h.must(err)
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// sees tells how precisely the token sees homes in a département; "" when it does not hold.
func (h *house) sees(department string) string {
	c := &gin.Context{Request: httptest.NewRequest("GET", "/api/zones", nil)}
	c.Request.Header.Set("Authorization", "Bearer "+h.secret)
	if err := h.gate.Admit(c, web.Admission{Access: web.SignedIn, Reads: true}); err != nil {
		return ""
	}
	v := auth.ViewerOf(c)
	exact := v.PrecisionOf(&data.Site{DepartmentCode: department})
	if exact != data.ViewExact && v.SeesMaskedIn(department) {
		exact = data.ViewMasked
	}
	return auth.PrecisionWord(exact)
}

// What is known of a person is not read again while nothing changes.
func TestIdentityIsKept(t *testing.T) {
	h := newHouse(t)
	if got := h.sees("01"); got != "exact" {
		t.Fatalf("%q", got)
	}
	before := h.store.reads.Load()
	for range 10 {
		h.must(h.store.Audit(t.Context(), noted)) // what each request writes
		if got := h.sees("01"); got != "exact" {
			t.Fatalf("%q", got)
		}
	}
	if n := h.store.reads.Load() - before; n != 0 {
		t.Errorf("%d reads", n)
	}
	h.now.Add(90)
	h.sees("01")
	if list, err := h.store.Tokens(t.Context(), "u"); err != nil || !list[0].UsedAt.Equal(opening.Add(90*time.Second)) {
		t.Errorf("the use of the token is not noted: %+v, %v", list, err)
	}
}

// Whatever is withdrawn is withdrawn from the very next request on, here and when another
// process did it; so is what ends by itself.
func TestIdentityFollowsChanges(t *testing.T) {
	type accounts = *sqlite.Store
	grant := func(state data.GrantState, version int64) *data.Grant {
		until := opening.Add(time.Hour)
		return &data.Grant{ID: "g", Kind: data.GrantExact, State: state, UserID: "u", Login: "u", Scope: data.Scope{Departments: []string{"02"}}, RequestedAt: opening, Expires: &until, Version: version}
	}
	for _, tt := range []struct {
		name       string
		department string
		was, is    string
		prepare    func(*house) error
		change     func(*house, accounts) error
	}{
		{"a role is withdrawn", "01", "exact", "none", nil, func(h *house, s accounts) error {
			h.user.Assignments = h.user.Assignments[1:]
			return s.PutUser(h.Context(), fixture, &h.user, noted)
		}},
		{"a role is given", "03", "none", "masked", nil, func(h *house, s accounts) error {
			h.user.Assignments = append(h.user.Assignments, data.Assignment{Role: data.RoleAnalyst, Scope: data.Scope{Departments: []string{"03"}}})
			return s.PutUser(h.Context(), fixture, &h.user, noted)
		}},
		{"the account is disabled", "01", "exact", "", nil, func(h *house, s accounts) error {
			h.user.Disabled = true
			return s.PutUser(h.Context(), fixture, &h.user, noted)
		}},
		{"the account is erased", "01", "exact", "", nil, func(h *house, s accounts) error {
			return s.EraseUser(h.Context(), fixture, "u", noted)
		}},
		{"the token is revoked", "01", "exact", "", nil, func(h *house, s accounts) error {
			return s.DropToken(h.Context(), "u", "t", noted)
		}},
		{"a new password ends the tokens", "01", "exact", "", nil, func(h *house, s accounts) error {
			if err := auth.SetPassword(h.Context(), s, &h.user, "lavande et granit 42", noted); err != nil {
				return err
			}
			return s.DropTokens(h.Context(), "u", noted)
		}},
		{"a grant is approved", "02", "masked", "exact", func(h *house) error {
			return h.store.PutGrant(h.Context(), grant(data.GrantRequested, 0), noted)
		}, func(h *house, s accounts) error {
			return s.PutGrant(h.Context(), grant(data.GrantApproved, 1), noted)
		}},
		{"a grant is revoked", "02", "exact", "masked", func(h *house) error {
			return h.store.PutGrant(h.Context(), grant(data.GrantApproved, 0), noted)
		}, func(h *house, s accounts) error {
			return s.PutGrant(h.Context(), grant(data.GrantRevoked, 1), noted)
		}},
		{"a grant ends", "02", "exact", "masked", func(h *house) error {
			return h.store.PutGrant(h.Context(), grant(data.GrantApproved, 0), noted)
		}, func(h *house, _ accounts) error { h.now.Add(3600); return nil }},
		{"a role ends", "01", "exact", "none", nil, func(h *house, _ accounts) error { h.now.Add(7200); return nil }},
		{"the token expires", "02", "masked", "", nil, func(h *house, _ accounts) error { h.now.Add(24 * 3600); return nil }},
	} {
		for place, in := range map[string]func(*house) accounts{
			"here": func(h *house) accounts { return h.store.Store }, "in another process": func(h *house) accounts { return h.other },
		} {
			t.Run(tt.name+", "+place, func(t *testing.T) {
				h := newHouse(t)
				if tt.prepare != nil {
					h.must(tt.prepare(h))
				}
				for range 2 {
					if got := h.sees(tt.department); got != tt.was {
						t.Fatalf("before: %q, want %q", got, tt.was)
					}
				}
				h.must(tt.change(h, in(h)))
				if got := h.sees(tt.department); got != tt.is {
					t.Errorf("after: %q, want %q", got, tt.is)
				}
			})
		}
	}
}

// Requests under way while a role is withdrawn leave nothing behind that is older.
func TestIdentityUnderWay(t *testing.T) {
	h := newHouse(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					h.sees("01")
				}
			}
		})
	}
	all := h.user.Assignments
	for i := range 30 {
		h.user.Assignments = all[i%2:]
		h.must(h.store.PutUser(t.Context(), fixture, &h.user, noted))
		if got, want := h.sees("01"), []string{"exact", "none"}[i%2]; got != want {
			t.Fatalf("after change %d: %q, want %q", i, got, want)
		}
	}
	close(stop)
	readers.Wait()
}
