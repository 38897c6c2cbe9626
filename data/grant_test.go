package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/data"
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// person is a viewer of one role in départements.
func person(login string, role data.Role, departments ...string) data.Viewer {
	return data.NewViewer(data.ViewerSpec{
		Subject: login, Now: noon(),
		Assignments: []data.Assignment{{Role: role, Scope: data.Scope{Departments: departments}}},
	})
}

func in(departments ...string) data.Scope { return data.Scope{Departments: departments} }

func TestWhoMayRequest(t *testing.T) {
	analyst, inspector := person("ana", data.RoleAnalyst, "01", "02"), person("ins", data.RoleInspector, "01")
	twice := data.NewViewer(data.ViewerSpec{Subject: "two", Now: noon(), Assignments: []data.Assignment{
		{Role: data.RoleAnalyst, Scope: in("01")}, {Role: data.RoleAnalyst, Scope: in("02")},
	}})
	for _, tt := range []struct {
		name   string
		by     data.Viewer
		userID string
		kind   data.GrantKind
		scope  data.Scope
		want   error
	}{
		{"masked", analyst, "u", data.GrantExact, in("01"), nil},
		{"all that is masked", analyst, "u", data.GrantExact, in("02", "01"), nil},
		{"more than is masked", analyst, "u", data.GrantExact, in("01", "03"), data.ErrForbidden},
		{"everywhere", analyst, "u", data.GrantExact, data.Scope{National: true}, data.ErrForbidden},
		{"a home that is not named", analyst, "u", data.GrantExact, data.Scope{Sites: []string{"F1"}}, data.ErrForbidden},
		{"scopes of two roles", twice, "u", data.GrantExact, in("01", "02"), data.ErrForbidden},
		{"exact already", inspector, "u", data.GrantExact, in("01"), data.ErrConflict},
		{"export of what is masked", analyst, "u", data.GrantRegisterExport, in("01"), data.ErrForbidden},
		{"export of what is exact", inspector, "u", data.GrantRegisterExport, in("01"), nil},
		{"export elsewhere", inspector, "u", data.GrantRegisterExport, in("02"), data.ErrForbidden},
		{"without an account", inspector, "", data.GrantRegisterExport, in("01"), data.ErrForbidden},
		{"an admin, who sees no home", person("adm", data.RoleAdmin, "01"), "u", data.GrantExact, in("01"), data.ErrForbidden},
		{"the public", data.Viewer{}, "u", data.GrantExact, in("01"), data.ErrForbidden},
	} {
		g, err := data.RequestGrant(tt.by, "g", tt.userID, tt.kind, tt.scope, " Bilan 2026 ", noon())
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if err == nil && (g.State != data.GrantRequested || g.Purpose != "Bilan 2026" || g.Holds(noon()) || !g.Mine(tt.by)) {
			t.Errorf("%s: %+v", tt.name, g)
		}
	}
	var invalid *data.InvalidError
	_, err := data.RequestGrant(analyst, "g", "u", "all", data.Scope{Departments: []string{"1"}}, " ", noon())
	if !errors.As(err, &invalid) || fields(invalid.Problems) != "kind scope.departments purpose" {
		t.Errorf("invalid request: %v", err)
	}
	if _, err := data.RequestGrant(analyst, "g", "u", data.GrantExact, data.Scope{}, "x", noon()); !errors.As(err, &invalid) {
		t.Errorf("a request for nowhere: %v", err)
	}
}

func fields(problems []data.Problem) string {
	var names []string
	for _, p := range problems {
		if p.Message.FR == "" || p.Message.EN == "" || p.Code == "" {
			names = append(names, "!")
		}
		names = append(names, p.Field)
	}
	return strings.Join(names, " ")
}

func TestDecisions(t *testing.T) {
	analyst := person("Ana", data.RoleAnalyst, "01")
	manager := person("mia", data.RoleManager, "01", "02")
	ask := func() *data.Grant {
		g, err := data.RequestGrant(analyst, "g", "u", data.GrantExact, in("01"), "Bilan", noon())
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for name, by := range map[string]data.Viewer{
		"oneself":                   analyst,
		"oneself as manager":        person("ANA", data.RoleManager, "01"),
		"a manager elsewhere":       person("max", data.RoleManager, "02"),
		"who has no right":          person("ins", data.RoleInspector, "01"),
		"an admin":                  person("adm", data.RoleAdmin, "01"),
		"the public":                {},
		"a manager whose time ends": data.NewViewer(data.ViewerSpec{Subject: "old", Now: noon(), Assignments: []data.Assignment{{Role: data.RoleManager, Scope: in("01"), Expires: ptr(noon())}}}),
	} {
		g := ask()
		if g.Decidable(by) {
			t.Errorf("%s may decide", name)
		}
		if err := errors.Join(g.Approve(by, "oui", 5, noon()), g.Refuse(by, "non", noon())); !errors.Is(err, data.ErrForbidden) || g.State != data.GrantRequested {
			t.Errorf("%s: %v, %s", name, err, g.State)
		}
	}
	var invalid *data.InvalidError
	for _, days := range []int{0, -1, data.MaxGrantDays + 1} {
		g := ask()
		if err := g.Approve(manager, "  ", days, noon()); !errors.As(err, &invalid) || fields(invalid.Problems) != "reason days" || g.State != data.GrantRequested {
			t.Errorf("%d days without a reason: %v, %s", days, err, g.State)
		}
	}
	g := ask()
	if err := g.Approve(manager, "Conforme", data.MaxGrantDays, noon()); err != nil {
		t.Fatal(err)
	}
	end := noon().AddDate(0, 0, data.MaxGrantDays)
	if g.DecidedBy != "mia" || !g.DecidedAt.Equal(noon()) || !g.Holds(end.Add(-time.Second)) || g.Holds(end) {
		t.Errorf("approved: %+v", g)
	}
	if err := errors.Join(g.Refuse(manager, "non", noon())); !errors.Is(err, data.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	if action, err := g.End(manager); err != nil || action != data.ActionGrantRevoked || g.Holds(noon()) || g.DecidedBy != "mia" {
		t.Errorf("revoked: %q %v %+v", action, err, g)
	}
	if _, err := g.End(manager); !errors.Is(err, data.ErrConflict) {
		t.Errorf("revoked twice: %v", err)
	}
	g = ask()
	if _, err := g.End(manager); !errors.Is(err, data.ErrConflict) {
		t.Errorf("a request is revoked without a decision: %v", err)
	}
	if action, err := g.End(analyst); err != nil || action != data.ActionGrantWithdrawn {
		t.Errorf("withdrawn: %q %v", action, err)
	}
	if err := g.Approve(manager, "oui", 1, noon()); !errors.Is(err, data.ErrConflict) {
		t.Errorf("approved once withdrawn: %v", err)
	}
	if _, err := ask().End(person("max", data.RoleManager, "02")); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("ended by a stranger: %v", err)
	}
}

func ptr[T any](v T) *T { return &v }

// Whatever is done in whatever order: what holds was approved by a second person over the
// whole scope, what was used was approved, and nothing comes back.
func TestGrantNeverHoldsWithoutASecondPerson(t *testing.T) {
	people := []data.Viewer{
		person("ins", data.RoleInspector, "01", "02"), person("ins", data.RoleManager, "01", "02"),
		person("mia", data.RoleManager, "01", "02"), person("max", data.RoleManager, "01"),
	}
	rapid.Check(t, func(t *rapid.T) {
		scope := rapid.SampledFrom([]data.Scope{in("01"), in("01", "02")}).Draw(t, "scope")
		g, err := data.RequestGrant(people[0], "g", "u", data.GrantRegisterExport, scope, "Bilan", noon())
		if err != nil {
			t.Fatal(err)
		}
		at, uses := noon(), 0
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			before := *g
			by := rapid.SampledFrom(people).Draw(t, "by")
			var err error
			switch rapid.SampledFrom([]string{"approve", "refuse", "end", "use", "wait"}).Draw(t, "step") {
			case "approve":
				err = g.Approve(by, "oui", rapid.IntRange(-1, 100).Draw(t, "days"), at)
			case "refuse":
				err = g.Refuse(by, "non", at)
			case "end":
				_, err = g.End(by)
			case "use":
				if err = g.Use(by, scope, at); err == nil {
					uses++
					if !before.Holds(at) {
						t.Fatalf("used without holding: %+v", before)
					}
				}
			case "wait":
				at = at.AddDate(0, 0, rapid.IntRange(1, 100).Draw(t, "wait"))
			}
			if err != nil && fmt.Sprint(*g) != fmt.Sprint(before) {
				t.Fatalf("a step that failed (%v) changed %+v to %+v", err, before, *g)
			}
			if before.State != data.GrantRequested && g.State == data.GrantRequested || g.State == data.GrantApproved && before.State != data.GrantRequested && before.State != data.GrantApproved {
				t.Fatalf("from %s back to %s", before.State, g.State)
			}
			if g.Holds(at) && (g.DecidedBy == g.Login || g.DecidedBy == "" || g.DecidedBy == "max" && len(scope.Departments) > 1 || g.Expires.Sub(*g.DecidedAt) > data.MaxGrantDays*24*time.Hour) {
				t.Fatalf("holds: %+v", g)
			}
		}
		if uses > 1 {
			t.Fatalf("one grant served %d exports", uses)
		}
	})
}

// grantStore keeps grants as a store does.
type grantStore struct {
	mu      sync.Mutex
	grants  []data.Grant
	entries []data.AuditEntry
	read    func() // called after each read
}

func (s *grantStore) GrantsOf(context.Context, string) ([]data.Grant, error) {
	s.mu.Lock()
	all := slices.Clone(s.grants)
	s.mu.Unlock()
	if s.read != nil {
		s.read()
	}
	return all, nil
}

func (s *grantStore) PutGrant(_ context.Context, g *data.Grant, entry data.AuditEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.grants {
		if s.grants[i].ID == g.ID {
			if s.grants[i].Version != g.Version {
				return data.ErrConflict
			}
			g.Version++
			s.grants[i] = *g
			s.entries = append(s.entries, entry)
		}
	}
	return nil
}

func TestExportOfTheRegisterConsumesOneGrant(t *testing.T) {
	inspector := person("ins", data.RoleInspector, "01")
	approved := func(id string, scope data.Scope) data.Grant {
		return data.Grant{
			ID: id, Kind: data.GrantRegisterExport, State: data.GrantApproved, UserID: "u", Login: "ins", Scope: scope,
			DecidedBy: "mia", Expires: ptr(noon().AddDate(0, 0, 1)), Version: 2,
		}
	}
	entry := data.AuditEntry{At: noon(), Subject: "ins", Purpose: "inspection"}
	use := func(s *grantStore, by data.Viewer, scope data.Scope, entry data.AuditEntry) error {
		_, err := data.UseRegisterExport(t.Context(), s, by, "u", scope, entry)
		return err
	}
	late := entry
	late.At = noon().AddDate(0, 0, 1)
	exact := approved("e", in("01"))
	exact.Kind = data.GrantExact
	for name, err := range map[string]error{
		"none":              use(&grantStore{}, inspector, in("01"), entry),
		"expired":           use(&grantStore{grants: []data.Grant{approved("g", in("01"))}}, inspector, in("01"), late),
		"narrower":          use(&grantStore{grants: []data.Grant{approved("g", in("01"))}}, inspector, in("01", "02"), entry),
		"nowhere":           use(&grantStore{grants: []data.Grant{approved("g", in("01"))}}, inspector, data.Scope{}, entry),
		"of another kind":   use(&grantStore{grants: []data.Grant{exact}}, inspector, in("01"), entry),
		"of another person": use(&grantStore{grants: []data.Grant{approved("g", in("01"))}}, person("max", data.RoleInspector, "01"), in("01"), entry),
		"seen no longer":    use(&grantStore{grants: []data.Grant{approved("g", in("01"))}}, person("ins", data.RoleAnalyst, "01"), in("01"), entry),
	} {
		if !errors.Is(err, data.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Two exports read the same two grants at the same moment: each takes one, a third gets none.
	var both sync.WaitGroup
	both.Add(2)
	store := &grantStore{
		grants: []data.Grant{approved("g1", in("01")), approved("g2", in("01", "02"))},
		read:   func() { both.Done(); both.Wait() },
	}
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- use(store, inspector, in("01"), entry) }()
	}
	if err := errors.Join(<-results, <-results); err != nil {
		t.Error(err)
	}
	store.read = nil
	if err := use(store, inspector, in("01"), entry); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("a third export: %v", err)
	}
	var used []string
	for _, e := range store.entries {
		if e.Action != data.ActionGrantUsed || e.Subject != "ins" || e.Purpose != "inspection" || e.Count != 1 {
			t.Errorf("entry %+v", e)
		}
		used = append(used, e.Records...)
	}
	if slices.Sort(used); !slices.Equal(used, []string{"g1", "g2"}) {
		t.Errorf("used %v", used)
	}
}
