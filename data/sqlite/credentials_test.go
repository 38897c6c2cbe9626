package sqlite_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vigie/data"
)

// All tokens of one person go at once, and the journal names them.
func TestDropTokens(t *testing.T) {
	s, ctx := open(t, filepath.Join(t.TempDir(), "vigie.db")), t.Context()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	by := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true})
	entry := data.AuditEntry{At: at, Subject: "operator", Action: "token.drop", Records: []string{"u"}}
	for _, id := range []string{"u", "v"} {
		u := data.User{
			ID: id, Login: id, Name: id, CreatedAt: at,
			Assignments: []data.Assignment{{Role: data.RoleInspector, Scope: data.Scope{Departments: []string{"01"}}}},
		}
		if err := s.PutUser(ctx, by, &u, entry); err != nil {
			t.Fatal(err)
		}
	}
	for id, owner := range map[string]string{"1": "u", "2": "u", "3": "v"} {
		token := data.Token{ID: id, UserID: owner, Hash: []byte(id), Expires: at.Add(time.Hour)}
		if err := s.PutToken(ctx, &token, entry); err != nil {
			t.Fatal(err)
		}
	}
	recorded := func() (entries []data.AuditEntry) {
		if err := s.EachAuditRecord(ctx, by, func(r *data.AuditRecord) error {
			entries = append(entries, r.AuditEntry)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return entries
	}
	before := len(recorded())
	if err := s.DropTokens(ctx, "u", data.AuditEntry{Records: []string{"u"}}); err == nil {
		t.Error("tokens go without a trace")
	}
	if left, err := s.Tokens(ctx, "u"); err != nil || len(left) != 2 {
		t.Errorf("%d tokens after an entry that was refused, %v", len(left), err)
	}
	for range 2 { // the second finds none
		if err := s.DropTokens(ctx, "u", entry); err != nil {
			t.Fatal(err)
		}
	}
	gone, err := s.Tokens(ctx, "u")
	kept, err2 := s.Tokens(ctx, "v")
	if err != nil || err2 != nil || len(gone) != 0 || len(kept) != 1 {
		t.Errorf("%v, %v, %v, %v", gone, err, kept, err2)
	}
	entries := recorded()[before:]
	if len(entries) != 1 || entries[0].Count != 3 {
		t.Fatalf("entries %+v", entries)
	}
	if slices.Sort(entries[0].Records); !slices.Equal(entries[0].Records, []string{"1", "2", "u"}) {
		t.Errorf("records %v", entries[0].Records)
	}
}

// A session that another request has written is not overwritten unseen.
func TestUpdateSessionOfBefore(t *testing.T) {
	s, ctx := open(t, filepath.Join(t.TempDir(), "vigie.db")), t.Context()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	session := data.Session{Hash: []byte("hash"), Data: []byte("a"), Expires: at.Add(time.Hour)}
	if err := s.AddSession(ctx, &session); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		was, data, holds string
		err              error
	}{{"a", "b", "b", nil}, {"a", "c", "b", data.ErrConflict}, {"b", "d", "d", nil}} {
		session.Was, session.Data = []byte(tt.was), []byte(tt.data)
		if err := s.UpdateSession(ctx, &session); !errors.Is(err, tt.err) {
			t.Errorf("%s to %s: %v", tt.was, tt.data, err)
		}
		if got, err := s.Session(ctx, session.Hash, at); err != nil || string(got.Data) != tt.holds {
			t.Errorf("%s to %s: holds %s, %v", tt.was, tt.data, got.Data, err)
		}
	}
	session.Hash = []byte("none")
	if err := s.UpdateSession(ctx, &session); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("of none: %v", err)
	}
}
