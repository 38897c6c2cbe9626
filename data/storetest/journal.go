package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"vigie/data"
)

// records lists the journal, oldest first, and checks that it is one chain after a
// record of that number and hash.
func (f *fixture) records(after int64, previous []byte) (records []data.AuditRecord) {
	f.Helper()
	err := f.store.EachAuditRecord(f.Context(), f.operator, func(r *data.AuditRecord) error {
		if !r.Follows(after, previous) {
			f.Errorf("record %d does not follow %d", r.Seq, after)
		}
		after, previous = r.Seq, r.Hash
		records = append(records, *r)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return records
}

var origin = make([]byte, data.HashSize)

func signed(c *data.Checkpoint) error {
	c.PublicKey, c.Signature = []byte("key"), c.Digest()
	return nil
}

func testJournal(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	full := data.AuditEntry{
		At: noon.In(time.FixedZone("", 3600)), Subject: "Zoé", Action: "export", Layer: data.LayerSites,
		Records: []string{"b", "a", `q"uote`, "<é>"}, Count: 4, Purpose: "planning",
	}
	broken := full
	broken.Subject, broken.Records = "\xff", []string{"\xfe"}
	for _, e := range []data.AuditEntry{full, broken, entry("read")} {
		if err := f.store.Audit(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	f.mustWrite(imported("i", data.Batch{}))
	f.mustUndo("i")
	f.mustPut(account("u", "u"))
	wantConflict(t, "a refused write", f.write(&data.Batch{PutSites: []data.StoredSite{site("s", "99", "", 9)}}), "s")

	records := f.records(0, origin)
	got := records[0].AuditEntry
	if !got.At.Equal(full.At) {
		t.Errorf("at %v, want %v", got.At, full.At)
	}
	got.At = full.At
	equal(t, "every field", got, full)
	equal(t, "actions", f.actions(), []string{"export", "export", "read", "test", "undo", "user.put"})

	later := entry("read")
	later.At, later.Subject, later.Purpose, later.Records = noon.Add(time.Hour), "other", "incident", []string{"a", "c"}
	if err := f.store.Audit(ctx, later); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query data.AuditQuery
		want  []int64
	}{
		"all, newest first":  {data.AuditQuery{Limit: 100}, []int64{7, 6, 5, 4, 3, 2, 1}},
		"a page":             {data.AuditQuery{Limit: 2}, []int64{7, 6}},
		"the page before":    {data.AuditQuery{Limit: 2, Before: 6}, []int64{5, 4}},
		"subject":            {data.AuditQuery{Limit: 100, Subject: "Zoé"}, []int64{1}},
		"action":             {data.AuditQuery{Limit: 100, Action: "read"}, []int64{7, 3}},
		"record":             {data.AuditQuery{Limit: 100, Record: "a"}, []int64{7, 1}},
		"record in quotes":   {data.AuditQuery{Limit: 100, Record: `q"uote`}, []int64{1}},
		"part of a record":   {data.AuditQuery{Limit: 100, Record: "uote"}, nil},
		"record escaped":     {data.AuditQuery{Limit: 100, Record: "<é>"}, []int64{1}},
		"purpose":            {data.AuditQuery{Limit: 100, Purpose: "incident"}, []int64{7}},
		"from":               {data.AuditQuery{Limit: 100, From: noon.Add(time.Hour)}, []int64{7}},
		"to, left out":       {data.AuditQuery{Limit: 100, To: noon}, nil},
		"to":                 {data.AuditQuery{Limit: 2, To: noon.Add(1)}, []int64{6, 5}},
		"several conditions": {data.AuditQuery{Limit: 100, Action: "read", Record: "a", Before: 8}, []int64{7}},
	} {
		list, err := f.store.AuditRecords(ctx, f.operator, c.query)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var seqs []int64
		for _, r := range list {
			seqs = append(seqs, r.Seq)
		}
		equal(t, name, seqs, c.want)
	}

	local := b.Viewer(data.ViewerSpec{Subject: "local", Now: noon, Assignments: []data.Assignment{admin(departments("99"))}})
	for name, v := range map[string]data.Viewer{"nobody": {}, "a local admin": local} {
		for what, err := range map[string]error{
			"lists":       second(f.store.AuditRecords(ctx, v, data.AuditQuery{Limit: 1})),
			"walks":       f.store.EachAuditRecord(ctx, v, func(*data.AuditRecord) error { return nil }),
			"checkpoints": second(f.store.Checkpoints(ctx, v)),
			"drops":       second(f.store.DropSegments(ctx, v, noon, entry("x"))),
		} {
			wantError(t, name+" "+what, err, data.ErrForbidden)
		}
	}
}

// testJournalGroups lets many write at the same time, through two stores.
func testJournalGroups(t *testing.T, b Backend) {
	f := start(t, b)
	const writers, writes = 16, 10
	stores := []data.Store{f.store, f.open()}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range writes {
				e := entry("read")
				e.Subject, e.Records = fmt.Sprint(w), []string{fmt.Sprint(i)}
				if err := stores[w%2].Audit(t.Context(), e); err != nil {
					t.Error(err)
				}
				if w < 2 && i%5 == 0 { // amid transactions of other kinds
					if err := stores[w].Write(t.Context(), f.operator, &data.Batch{}, entry("write")); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	records := f.records(0, origin)
	next := map[string]int{}
	for _, r := range records {
		if r.Action == "read" {
			equal(t, "order of one writer "+r.Subject, r.Records[0], fmt.Sprint(next[r.Subject]))
			next[r.Subject]++
		}
	}
	equal(t, "records", len(records), writers*writes+4)

	// Some callers leave: each entry is there or its caller was told that it left.
	var mu sync.Mutex
	written := map[string]bool{}
	for i := range 60 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%6)*200*time.Microsecond)
			defer cancel()
			e := entry("brief")
			e.Records = []string{fmt.Sprint(i)}
			err := f.store.Audit(ctx, e)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			written[e.Records[0]] = err == nil
		})
	}
	group.Wait()
	found := map[string]bool{}
	for _, r := range f.records(0, origin) {
		if r.Action == "brief" {
			found[r.Records[0]] = true
		}
	}
	for id, ok := range written {
		if ok != found[id] {
			t.Errorf("entry %s: reported written %v, found %v", id, ok, found[id])
		}
	}
}

func testSegments(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	at := func(n int) data.AuditEntry { e := entry("read"); e.At = day(n); return e }
	closeAt := func(n int) *data.Checkpoint {
		t.Helper()
		c, err := f.store.CloseSegment(ctx, day(n), signed)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := closeAt(0); c != nil {
		t.Errorf("closed an empty journal: %+v", c)
	}
	for n := range 3 {
		for range n + 1 {
			if err := f.store.Audit(ctx, at(n)); err != nil {
				t.Fatal(err)
			}
		}
		records := f.records(0, origin)
		first, last := records[len(records)-n-1], records[len(records)-1]
		want := &data.Checkpoint{
			Segment: int64(n + 1), First: first.Seq, Last: last.Seq, From: day(n), To: day(n),
			Previous: first.Previous, Hash: last.Hash, SignedAt: day(n), PublicKey: []byte("key"),
		}
		want.Signature = want.Digest()
		equal(t, "checkpoint", closeAt(n), want)
		if c := closeAt(n); c != nil {
			t.Errorf("closed nothing: %+v", c)
		}
	}
	refusal := errors.New("no key")
	if err := f.store.Audit(ctx, at(3)); err != nil {
		t.Fatal(err)
	}
	_, err := f.store.CloseSegment(ctx, day(3), func(*data.Checkpoint) error { return refusal })
	wantError(t, "not signed", err, refusal)
	stored, err := f.store.Checkpoints(ctx, f.operator)
	if err != nil || len(stored) != 3 {
		t.Fatalf("checkpoints %+v, %v", stored, err)
	}
	for i, c := range stored {
		if !bytes.Equal(c.Signature, c.Digest()) {
			t.Errorf("checkpoint %d is not as it was signed", i+1)
		}
	}

	drop := func(before int) int {
		t.Helper()
		n, err := f.store.DropSegments(ctx, f.operator, day(before), at(9))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	total := len(f.records(0, origin))
	equal(t, "dropped of nothing expired", drop(0), 0)
	equal(t, "records", len(f.records(0, origin)), total)
	equal(t, "dropped", drop(2), 2)
	equal(t, "dropped again", drop(2), 0)
	records := f.records(stored[1].Last, stored[1].Hash)
	note := records[len(records)-1]
	equal(t, "segments named", note.Records, []string{"1", "2"})
	equal(t, "records counted", note.Count, 3)
	equal(t, "records left", len(records), total-3+1)
	stored, err = f.store.Checkpoints(ctx, f.operator)
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.DeleteFunc(slices.Clone(stored), func(c data.Checkpoint) bool { return c.DroppedAt != nil && c.DroppedAt.Equal(day(9)) })
	if len(stored) != 3 || len(kept) != 1 || kept[0].Segment != 3 {
		t.Errorf("checkpoints %+v", stored)
	}

	// The open segment is never dropped; when all others are, the chain goes on.
	closeAt(10)
	equal(t, "all dropped", drop(100), 2)
	records = f.records(stored[2].Last+2, nextHash(t, f))
	equal(t, "the entry of the drop is left", len(records), 1)
}

// nextHash is the hash of the last checkpoint's last record.
func nextHash(t *testing.T, f *fixture) []byte {
	t.Helper()
	all, err := f.store.Checkpoints(t.Context(), f.operator)
	if err != nil {
		t.Fatal(err)
	}
	return all[len(all)-1].Hash
}
