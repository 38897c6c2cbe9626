package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/api"
	"vigie/data"
	"vigie/data/demo"
	"vigie/data/sqlite"
)

// storeOf makes a database with one home in a département.
func storeOf(t *testing.T, department string) data.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if department == "" {
		return store
	}
	by := operator("test")
	site := data.Site{ID: "F-1", Name: "Foyer fictif", Category: "177", Kind: "mecs", Status: data.SiteOpen, DepartmentCode: department}
	entry := data.AuditEntry{At: demoDay(), Subject: by.Subject(), Action: "test"}
	if err := store.Write(t.Context(), by, &data.Batch{PutSites: []data.StoredSite{{Site: site, Version: 1}}}, entry); err != nil {
		t.Fatal(err)
	}
	return store
}

// Real data is only served once someone answers for it.
func TestRule15ServeNeedsAController(t *testing.T) {
	named := responsibleFlag{Controller: "Conseil départemental fictif", DPIA: "AIPD-1"}
	local := api.Network{Listen: "127.0.0.1:8080"}
	for _, tt := range []struct {
		name, department string
		flag             responsibleFlag
		ok               bool
	}{
		{"real data, nobody", "01", responsibleFlag{}, false},
		{"real data, no assessment", "01", responsibleFlag{Controller: "Conseil départemental fictif"}, false},
		{"real data, nobody named", "01", responsibleFlag{Controller: " ", DPIA: "AIPD-1"}, false},
		{"nothing yet", "", responsibleFlag{}, false},
		{"the demo", data.FictitiousDepartment, responsibleFlag{}, true},
		{"real data, answered for", "01", named, true},
	} {
		err := tt.flag.check(t.Context(), storeOf(t, tt.department), local)
		var usage usageError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &usage) || !strings.Contains(usage.FR, "VIGIE_CONTROLLER") || !strings.Contains(usage.EN, "DPIA")) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// An origin that no browser would send is a mistake, and "*" would be everyone.
func TestOriginsAreExact(t *testing.T) {
	if err := (networkFlag{CORSOrigin: []string{"https://carte.exemple.fr", "http://localhost:5173"}}).checkOrigins(); err != nil {
		t.Error(err)
	}
	var usage usageError
	err := (&serveCmd{networkFlag: networkFlag{CORSOrigin: []string{"https://carte.exemple.fr", "*"}}}).Run(&environment{ctx: t.Context()})
	if !errors.As(err, &usage) || !strings.Contains(usage.FR, "--cors-origin") || !strings.Contains(usage.EN, "“*”") {
		t.Errorf("%v", err)
	}
}

// Passwords that everyone knows open nothing but a demonstration on this machine.
func TestDemoPasswordsStayAtHome(t *testing.T) {
	named := responsibleFlag{Controller: "Conseil départemental fictif", DPIA: "AIPD-1"}
	local, open := api.Network{Listen: "127.0.0.1:8080"}, api.Network{Listen: ":443", TLS: true, PublicURL: "https://vigie.example"}
	for _, tt := range []struct {
		name, department string
		network          api.Network
		ok               bool
	}{
		{"demo here", data.FictitiousDepartment, local, true},
		{"demo in the open", data.FictitiousDepartment, open, false},
		{"real data here", "01", local, false},
	} {
		store := storeOf(t, tt.department)
		accounts, err := addDemoAccounts(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		if len(accounts) != len(data.Roles) {
			t.Errorf("%d accounts for %d roles", len(accounts), len(data.Roles))
		}
		err = named.check(t.Context(), store, tt.network)
		if (err == nil) != tt.ok || err != nil && !strings.Contains(err.Error(), "vigie user erase") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A demo that is only created has no account with a public password.
func TestCreatedDemoHasNoAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.db")
	if code, _, stderr := vigie(t, "demo", "--only-create", "--db", path); code != 0 {
		t.Fatal(stderr)
	}
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	users, err := store.Users(t.Context(), operator("test"))
	if err != nil || len(users) != 0 {
		t.Errorf("%+v, %v", users, err)
	}
}

// The demo prints how to log in, and stops when it is told to.
func TestDemoTellsItsAccounts(t *testing.T) {
	var out bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	e := &environment{ctx: ctx, lang: "fr", stdout: writerFunc(func(p []byte) (int, error) {
		out.Write(p)
		if strings.Contains(string(p), "police") {
			stop()
		}
		return len(p), nil
	}), stderr: &bytes.Buffer{}, printed: map[data.Problem]bool{}}
	if err := (&demoCmd{listenFlag: listenFlag{Listen: "127.0.0.1:0"}}).Run(e); err != nil {
		t.Fatal(err)
	}
	for _, a := range demo.Accounts(demoDay()) {
		if !strings.Contains(out.String(), a.User.Login) || !strings.Contains(out.String(), a.Password) {
			t.Errorf("%s is not told: %s", a.User.Login, out.String())
		}
	}
	refused := &demoCmd{listenFlag: listenFlag{Listen: "0.0.0.0:0"}}
	if err := refused.Run(e); err == nil {
		t.Error("the demo is served beyond this machine")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func demoDay() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }
