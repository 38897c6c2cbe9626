package audit

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
)

func TestOnlyTheKeyOfTheJournalGoesOn(t *testing.T) {
	w := newWatch(t, Settings{})
	path := filepath.Join(t.TempDir(), "key")
	open := func() (*Key, error) { return OpenKeyOf(t.Context(), w.store, w.by, path) }
	first, err := open()
	if err != nil {
		t.Fatal("nothing signed: ", err)
	}
	w.read("a", "x")
	if _, err := w.store.CloseSegment(t.Context(), w.now, first.Sign); err != nil {
		t.Fatal(err)
	}
	if again, err := open(); err != nil || !again.Public().Equal(first.Public()) {
		t.Errorf("its own key: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wants := func(cause error) {
		t.Helper()
		_, err := open()
		var e *KeyError
		if !errors.Is(err, cause) || !errors.As(err, &e) || e.Path != path {
			t.Fatalf("%v, want %v", err, cause)
		}
		for _, text := range []string{e.Message.FR, e.Message.EN} {
			if !strings.Contains(text, FormatPublicKey(first.Public())) || !strings.Contains(text, "vigie audit rekey") {
				t.Errorf("message %q", text)
			}
		}
	}
	wants(ErrLostKey)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a key was made: %v", err)
	}
	if _, err := OpenKey(path); err != nil {
		t.Fatal(err)
	}
	wants(ErrOtherKey)

	// A server whose key was replaced meanwhile signs no more.
	w.now = w.now.Add(25 * time.Hour)
	w.read("a", "y")
	w.now = w.now.Add(25 * time.Hour)
	if err := w.Keep(t.Context()); !errors.Is(err, ErrOtherKey) {
		t.Errorf("kept with another key: %v", err)
	}
}

func TestRekey(t *testing.T) {
	w := newWatch(t, Settings{})
	next := newKey(t)
	entry := data.AuditEntry{At: w.now, Subject: data.OperatorSubject, Purpose: "disque perdu"}
	w.read("a", "x")
	if _, err := Rekey(t.Context(), w.store, w.by, next, entry); !errors.Is(err, ErrSameKey) {
		t.Errorf("nothing signed yet: %v", err)
	}
	if _, err := w.store.CloseSegment(t.Context(), w.now, w.key.Sign); err != nil {
		t.Fatal(err)
	}
	if _, err := Rekey(t.Context(), w.store, w.by, w.key, entry); !errors.Is(err, ErrSameKey) {
		t.Errorf("the same key: %v", err)
	}
	w.read("a", "y")
	closed, err := Rekey(t.Context(), w.store, w.by, next, entry)
	if err != nil || closed.Segment != 2 || closed.First != 2 || closed.Last != 3 {
		t.Fatalf("%+v, %v", closed, err)
	}
	w.key = next
	w.sound()
	records, err := w.store.AuditRecords(t.Context(), w.by, data.AuditQuery{Action: ActionRekey, Limit: 10})
	if err != nil || len(records) != 1 || records[0].Purpose != "disque perdu" || records[0].Records[1] != FormatPublicKey(next.Public()) {
		t.Errorf("%+v, %v", records, err)
	}
}

func TestAChangeOfKeyIsRecordedOrFound(t *testing.T) {
	before, after := newKey(t), newKey(t)
	rekeyed := func() *memory {
		m := journal(before)
		e := read(12)
		e.Action, e.Records = ActionRekey, []string{FormatPublicKey(before.Public()), FormatPublicKey(after.Public())}
		m.append(e)
		m.close(after, e.At)
		m.append(read(13))
		m.close(after, e.At)
		return m
	}
	m := rekeyed()
	if r := m.verify(t, after, m.head()); !r.OK() || len(r.Unproven) != 1 || !strings.Contains(r.Unproven[0].EN, "checkpoint 4") {
		t.Errorf("%+v, %+v", r, r.Broken)
	}
	if r := m.verify(t, before, m.head()); r.OK() || r.Broken.Seq != 10 || !strings.Contains(r.Broken.Reason.EN, "another key") {
		t.Errorf("with the key before: %+v", r.Broken)
	}
	r, err := Verify(t.Context(), m, data.Viewer{}, nil, m.head())
	if err != nil || !r.OK() || len(r.Unproven) != 2 || !strings.Contains(r.Unproven[0].FR, "Clé absente") {
		t.Errorf("without a key: %+v, %v", r, err)
	}
	for _, c := range []struct {
		name   string
		tamper func(*memory)
		seq    int64
		says   string
	}{
		{"not recorded", func(m *memory) {
			m.records[11].Action = "read"
			m.rechain(11)
			m.checkpoints = m.checkpoints[:3]
			m.close(after, start)
		}, 13, "no record says so"},
		{"of another key", func(m *memory) {
			m.records[11].Records = slices.Clone(m.records[11].Records)
			m.records[11].Records[0] = "other"
			m.rechain(11)
			m.checkpoints = m.checkpoints[:3]
			m.close(after, start)
		}, 13, "no record says so"},
		{"what came before, made anew by who has no key", func(m *memory) {
			m.records[0].Subject = "b"
			m.rechain(0)
		}, 3, "vouches"},
		{"another key named", func(m *memory) { m.checkpoints[1].PublicKey = after.Public() }, 4, "signature"},
	} {
		m := rekeyed()
		c.tamper(m)
		r := m.verify(t, after, nil)
		if r.OK() || r.Broken.Seq != c.seq || !strings.Contains(r.Broken.Reason.EN, c.says) {
			t.Errorf("%s: %+v", c.name, r.Broken)
		}
	}
}
