package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"vigie/data"
)

// The version of the accounts grows with whatever changes who somebody is or what they
// may, seen from another process too, and with nothing that each request writes.
func TestAccountsVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	s, ctx := open(t, path), t.Context()
	other := open(t, path)
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	by := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true})
	entry := data.AuditEntry{At: at, Subject: "operator", Action: "test"}
	scope := data.Scope{Departments: []string{"01"}}
	u := data.User{ID: "u", Login: "u", Name: "u", CreatedAt: at, Assignments: []data.Assignment{{Role: data.RoleAnalyst, Scope: scope}}}
	token := func(id string) *data.Token {
		return &data.Token{ID: id, UserID: "u", Hash: []byte(id), Created: at, Expires: at.Add(time.Hour)}
	}
	session := data.Session{Hash: []byte("s"), UserID: "u", Data: []byte("{}"), Expires: at.Add(time.Hour)}
	grant := data.Grant{ID: "g", Kind: data.GrantExact, State: data.GrantRequested, UserID: "u", Login: "u", Scope: scope, RequestedAt: at}
	var before int64
	for _, step := range []struct {
		name  string
		grows bool
		do    func() error
	}{
		{"an account is opened", false, func() error { return s.PutUser(ctx, by, &u, entry) }},
		{"a role is withdrawn", true, func() error { u.Assignments[0].Role = data.RoleInspector; return s.PutUser(ctx, by, &u, entry) }},
		{"a password is set", true, func() error {
			return s.UpdateCredentials(ctx, "u", func(c *data.Credentials) bool { c.PasswordHash = "x"; return true }, entry)
		}},
		{"a second factor is enrolled", true, func() error {
			return s.UpdateCredentials(ctx, "u", func(c *data.Credentials) bool { c.TOTPSecret = []byte("x"); return true }, entry)
		}},
		{"a grant is requested", true, func() error { return s.PutGrant(ctx, &grant, entry) }},
		{"a grant is approved", true, func() error { grant.State = data.GrantApproved; return s.PutGrant(ctx, &grant, entry) }},
		{"a token is used", false, func() error {
			if err := s.PutToken(ctx, token("1"), entry); err != nil {
				return err
			}
			_, err := s.TokenByHash(ctx, []byte("1"), at)
			return err
		}},
		{"a token is revoked", true, func() error { return s.DropToken(ctx, "u", "1", entry) }},
		{"all tokens are revoked", true, func() error {
			if err := s.PutToken(ctx, token("2"), entry); err != nil {
				return err
			}
			return s.DropTokens(ctx, "u", entry)
		}},
		{"a session begins, is used and ends", false, func() error {
			if err := s.AddSession(ctx, &session); err != nil {
				return err
			}
			if err := s.UpdateSession(ctx, &session); err != nil {
				return err
			}
			return s.DropSession(ctx, session.Hash)
		}},
		{"a read is in the journal", false, func() error { return s.Audit(ctx, entry) }},
		{"a login is noted", true, func() error { return s.Seen(ctx, "u", at, entry) }},
		{"an account is erased", true, func() error { return s.EraseUser(ctx, by, "u", entry) }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		after, err := other.AccountsVersion(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if after > before != step.grows || after < before {
			t.Errorf("%s: from %d to %d", step.name, before, after)
		}
		before = after
	}
}
