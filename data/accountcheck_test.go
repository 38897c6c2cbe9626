package data_test

import (
	"strings"
	"testing"
	"time"

	"vigie/data"
)

func TestAccountsAreChecked(t *testing.T) {
	nextYear, yesterday := noon().AddDate(1, 0, 0), noon().AddDate(0, 0, -1)
	inspector := data.Assignment{Role: data.RoleInspector, Scope: in("01", "2A")}
	mission := data.Assignment{Role: data.RoleInspector, Scope: data.Scope{National: true}, MissionOrder: "IGAS 2026-117", Expires: &nextYear}
	for _, tt := range []struct {
		name   string
		change func(u *data.User)
		want   string // fields in error
	}{
		{"right", func(*data.User) {}, ""},
		{"named homes", func(u *data.User) {
			u.Assignments[0] = data.Assignment{Role: data.RoleProvider, Scope: data.Scope{Sites: []string{"F-1"}}}
		}, ""},
		{"by mission order", func(u *data.User) { u.Assignments[0] = mission }, ""},
		{"no role", func(u *data.User) { u.Assignments = nil }, ""},
		{"login", func(u *data.User) { u.Login = "é" }, "login"},
		{"login with a blank", func(u *data.User) { u.Login = "a b" }, "login"},
		{"login that looks like another", func(u *data.User) { u.Login = "аnna" }, "login"},
		{"login too long", func(u *data.User) { u.Login = strings.Repeat("a", 65) }, "login"},
		{"the operator", func(u *data.User) { u.Login = "Operator" }, "login"},
		{"the server", func(u *data.User) { u.Login = "system" }, "login"},
		{"nobody", func(u *data.User) { u.Name = "" }, "name"},
		{"two lines", func(u *data.User) { u.Name = "a\nb" }, "name"},
		{"e-mail", func(u *data.User) { u.Email = "Anna <a@b.fr>" }, "email"},
		{"issuer", func(u *data.User) { u.Issuer = "proconnect" }, "issuer"},
		{"role", func(u *data.User) { u.Assignments[0].Role = "chief" }, "assignments.0.role"},
		{"no scope", func(u *data.User) { u.Assignments[0].Scope = data.Scope{} }, "assignments.0.scope"},
		{"département", func(u *data.User) { u.Assignments[0].Scope = in("01", "20") }, "assignments.0.scope.departments"},
		{"home", func(u *data.User) { u.Assignments[0].Scope = data.Scope{Sites: []string{"a", " b"}} }, "assignments.0.scope.sites.1"},
		{"provider of a département", func(u *data.User) { u.Assignments[0].Role = data.RoleProvider }, "assignments.0.scope"},
		{"national without order or end", func(u *data.User) {
			u.Assignments = append(u.Assignments, data.Assignment{Role: data.RoleAdmin, Scope: data.Scope{National: true}, MissionOrder: " "})
		}, "assignments.1.mission_order assignments.1.expires"},
		{"national and more", func(u *data.User) { u.Assignments[0] = mission; u.Assignments[0].Scope.Departments = []string{"01"} }, "assignments.0.scope"},
		{"past", func(u *data.User) { u.Assignments[0].Expires = &yesterday }, "assignments.0.expires"},
		{"too many", func(u *data.User) { u.Assignments = make([]data.Assignment, 51) }, "assignments"},
	} {
		u := data.User{ID: "u", Login: "anna.exemple", Name: "Anna Exemple", Email: "anna@exemple.fr", Assignments: []data.Assignment{inspector}}
		tt.change(&u)
		got := fields(u.Validate(noon(), nil))
		if got != tt.want && !(tt.name == "too many" && strings.HasPrefix(got, tt.want+" ")) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	// What has expired may stay beside a change of something else.
	old := inspector
	old.Expires = &yesterday
	u := data.User{ID: "u", Login: "anna", Name: "Anna", Assignments: []data.Assignment{old}}
	same := old
	same.Expires = ptr(yesterday.In(time.FixedZone("", 3600)))
	if problems := u.Validate(noon(), []data.Assignment{same}); len(problems) > 0 {
		t.Errorf("kept: %v", problems)
	}
}
