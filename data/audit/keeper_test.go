package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/sqlite"
)

func TestKeyFiles(t *testing.T) {
	path := KeyPath(filepath.Join(t.TempDir(), "vigie.db"))
	k, err := OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKey(path)
	if err != nil || !again.Public().Equal(k.Public()) {
		t.Errorf("another key: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
	for name, c := range map[string]struct {
		spoil func(path string) error
		want  error
	}{
		"exposed":   {func(p string) error { return os.Chmod(p, 0o640) }, ErrExposedKey},
		"no key":    {func(p string) error { return os.WriteFile(p, []byte("secret"), 0o600) }, ErrNoKey},
		"no folder": {func(p string) error { return os.Remove(filepath.Dir(p)) }, fs.ErrNotExist},
	} {
		path := filepath.Join(t.TempDir(), "sub", "key")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if name != "no folder" {
			if _, err := OpenKey(path); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.spoil(path); err != nil {
			t.Fatal(err)
		}
		_, err := OpenKey(path)
		var e *KeyError
		if !errors.Is(err, c.want) || !errors.As(err, &e) || e.Path != path || e.Message.FR == "" || e.Message.EN == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParsePublicKey("bm90IGEga2V5"); err == nil {
		t.Error("a public key of 9 bytes")
	}
}

func TestRetention(t *testing.T) {
	for r, ok := range map[Retention]bool{0: false, 5: false, 6: true, 12: true, 36: true, 37: false, -1: false} {
		var invalid *data.InvalidError
		if err := r.Validate(); (err == nil) != ok || err != nil && !errors.As(err, &invalid) {
			t.Errorf("%d: %v", r, err)
		}
	}
	for _, c := range []struct {
		now, want string
		r         Retention
	}{{"2026-11-24", "2025-11-24", 12}, {"2026-08-31", "2026-02-28", 6}, {"2028-08-31", "2028-02-29", 6}, {"2026-03-31", "2024-09-30", 18}} {
		now, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.r.Before(now).Format(time.DateOnly); got != c.want {
			t.Errorf("%d months before %s: %s, want %s", c.r, c.now, got, c.want)
		}
	}
}

// watch is a Keeper on a real store, and a clock that is moved by hand.
type watch struct {
	*testing.T
	store *sqlite.Store
	by    data.Viewer
	key   *Key
	head  string
	now   time.Time
	*Keeper
}

func newWatch(t *testing.T, set Settings) *watch {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := &watch{
		T: t, store: store, key: newKey(t), head: filepath.Join(t.TempDir(), "head"), now: start,
		by: data.NewViewer(data.ViewerSpec{Subject: data.SystemSubject, Writes: true}),
	}
	w.restart(set)
	return w
}

func (w *watch) restart(set Settings) {
	w.Helper()
	set.HeadPath = w.head
	k, err := NewKeeper(w.store, w.by, w.key, func() time.Time { return w.now }, set)
	if err != nil {
		w.Fatal(err)
	}
	w.Keeper = k
}

func (w *watch) read(subject string, ids ...string) {
	w.Helper()
	if err := w.store.Audit(context.Background(), data.AuditEntry{
		At: w.now, Subject: subject, Action: data.ActionRead, Layer: data.LayerSites, Records: ids, Count: len(ids),
	}); err != nil {
		w.Fatal(err)
	}
}

func (w *watch) keep() {
	w.Helper()
	if err := w.Keep(context.Background()); err != nil {
		w.Fatal(err)
	}
}

func (w *watch) segments() (kept, dropped int) {
	w.Helper()
	all, err := w.store.Checkpoints(context.Background(), w.by)
	if err != nil {
		w.Fatal(err)
	}
	for _, c := range all {
		if c.DroppedAt != nil {
			dropped++
		}
	}
	return len(all) - dropped, dropped
}

func (w *watch) sound() {
	w.Helper()
	noted, err := ReadHead(w.head)
	if err != nil {
		w.Fatal(err)
	}
	r, err := Verify(context.Background(), w.store, w.by, w.key.Public(), noted)
	if err != nil || !r.OK() {
		w.Errorf("%+v, %v", r, err)
	}
}

func TestSegmentsAreClosedAndDropped(t *testing.T) {
	w := newWatch(t, Settings{SegmentRecords: 5, Retention: 6})
	w.keep()
	w.read("a", "x")
	w.keep()
	if kept, _ := w.segments(); kept != 0 {
		t.Errorf("closed after one record: %d", kept)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.keep()
	if kept, _ := w.segments(); kept != 1 {
		t.Errorf("not closed after a day: %d", kept)
	}
	for range 5 {
		w.read("a", "x")
	}
	w.keep()
	w.keep()
	if kept, _ := w.segments(); kept != 2 {
		t.Errorf("not closed after 5 records: %d", kept)
	}
	w.sound()
	w.now = start.AddDate(0, 6, 0).Add(time.Hour)
	w.read("a", "x")
	w.keep()
	if kept, dropped := w.segments(); kept != 1 || dropped != 1 {
		t.Errorf("%d kept, %d dropped", kept, dropped)
	}
	w.sound()
	w.now = w.now.AddDate(1, 0, 0)
	w.keep() // closes what is open and drops it: its records are older than 6 months
	w.keep()
	w.sound()
	if kept, dropped := w.segments(); kept != 0 || dropped != 3 {
		t.Errorf("%d kept, %d dropped", kept, dropped)
	}
}

func TestACutIsFoundAtTheNextRound(t *testing.T) {
	w := newWatch(t, Settings{})
	w.read("a", "x")
	w.keep()
	noted, err := ReadHead(w.head)
	if err != nil {
		t.Fatal(err)
	}
	noted.Seq++
	if err := noted.write(w.head); err != nil {
		t.Fatal(err)
	}
	if err := w.Keep(t.Context()); !errors.Is(err, data.ErrBrokenJournal) {
		t.Errorf("a record that was noted is gone: %v", err)
	}
	noted.Seq--
	noted.Hash[0]++
	if err := noted.write(w.head); err != nil {
		t.Fatal(err)
	}
	if err := w.Keep(t.Context()); !errors.Is(err, data.ErrBrokenJournal) {
		t.Errorf("a record that was noted is another: %v", err)
	}
	if again, err := ReadHead(w.head); err != nil || again.Hash[0] != noted.Hash[0] {
		t.Errorf("the head was noted anew: %+v, %v", again, err)
	}
}

func homes(from, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("h", from+i)
	}
	return ids
}

func (w *watch) alerts() (alerts []Alert) {
	w.Helper()
	w.keep()
	records, err := w.store.AuditRecords(context.Background(), w.by, data.AuditQuery{Action: data.ActionBulkRead, Limit: 100})
	if err != nil {
		w.Fatal(err)
	}
	for i := range records {
		a, ok := AlertOf(&records[i])
		if !ok || a.Message().FR == "" {
			w.Errorf("not an alert: %+v", records[i])
		}
		alerts = append(alerts, a)
	}
	return alerts
}

func TestBulkReads(t *testing.T) {
	set := Settings{Limits: Limits{Hour: 10, Day: 25}}
	w := newWatch(t, set)
	expect := func(what string, want int) []Alert {
		t.Helper()
		got := w.alerts()
		if len(got) != want {
			t.Errorf("%s: %+v, want %d", what, got, want)
		}
		return got
	}
	for range 30 {
		w.read("again", homes(0, 10)...) // the same ten
	}
	w.read("b", homes(0, 6)...)
	w.now = w.now.Add(time.Minute)
	w.read("c", homes(6, 5)...) // another person
	expect("nobody over the limit", 0)
	w.now = w.now.Add(58 * time.Minute)
	w.read("b", homes(6, 5)...)
	got := expect("11 within the hour", 1)
	if a := got[0]; a.Subject != "b" || a.Sites != 11 || !a.To.Equal(w.now) || !a.From.Equal(w.now.Add(-time.Hour)) {
		t.Errorf("%+v", a)
	}
	w.read("b", homes(20, 3)...)
	expect("raised once", 1)
	w.restart(set)
	expect("raised once, after a restart", 1)
	w.read("b", homes(30, 1)...)
	expect("and after it", 1)
	w.now = w.now.Add(61 * time.Minute)
	w.read("b", homes(40, 9)...)
	expect("an hour later, 24 in the day", 1)
	w.read("b", homes(50, 1)...)
	expect("25 in the day", 1)
	w.read("b", homes(60, 1)...)
	got = expect("26 in the day, 11 in the hour", 3)
	days := 0
	for _, a := range got {
		if a.To.Sub(a.From) == 24*time.Hour {
			days++
		}
	}
	if days != 1 {
		t.Errorf("%+v", got)
	}
	w.now = w.now.Add(25 * time.Hour)
	w.read("b", homes(0, 9)...)
	expect("the next day", 3)
	w.sound()
}
