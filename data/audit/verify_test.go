package audit

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/data"
)

var start = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// memory is a journal that anyone can tamper with.
type memory struct {
	data.Journal
	records     []data.AuditRecord
	checkpoints []data.Checkpoint
	// dropped, when not nil, replaces the journal while it is walked.
	dropped *memory
}

func (m *memory) Checkpoints(context.Context, data.Viewer) ([]data.Checkpoint, error) {
	return m.checkpoints, nil
}

func (m *memory) EachAuditRecord(_ context.Context, _ data.Viewer, fn func(*data.AuditRecord) error) error {
	if m.dropped != nil {
		*m = *m.dropped
	}
	for i := range m.records {
		if err := fn(&m.records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) clone() *memory {
	return &memory{records: slices.Clone(m.records), checkpoints: slices.Clone(m.checkpoints)}
}

func (m *memory) append(e data.AuditEntry) {
	r := data.AuditRecord{Seq: 1, AuditEntry: e, Previous: make([]byte, data.HashSize)}
	if n := len(m.records); n > 0 {
		r.Seq, r.Previous = m.records[n-1].Seq+1, m.records[n-1].Hash
	} else if n := len(m.checkpoints); n > 0 {
		r.Seq, r.Previous = m.checkpoints[n-1].Last+1, m.checkpoints[n-1].Hash
	}
	r.Hash = data.ChainHash(r.Previous, r.Seq, &r.AuditEntry)
	m.records = append(m.records, r)
}

// close signs what is not yet signed.
func (m *memory) close(k *Key, at time.Time) {
	c := data.Checkpoint{Segment: int64(len(m.checkpoints) + 1), SignedAt: at}
	var closed int64
	if n := len(m.checkpoints); n > 0 {
		closed = m.checkpoints[n-1].Last
	}
	open := slices.DeleteFunc(slices.Clone(m.records), func(r data.AuditRecord) bool { return r.Seq <= closed })
	if len(open) == 0 {
		return
	}
	first, last := open[0], open[len(open)-1]
	c.First, c.Last, c.From, c.To, c.Previous, c.Hash = first.Seq, last.Seq, first.At, last.At, first.Previous, last.Hash
	if err := k.Sign(&c); err != nil {
		panic(err)
	}
	m.checkpoints = append(m.checkpoints, c)
}

// rechain makes the hashes right again from the record at i on, as someone without the key can.
func (m *memory) rechain(i int) {
	previous := make([]byte, data.HashSize)
	var seq int64
	if i > 0 {
		previous, seq = m.records[i-1].Hash, m.records[i-1].Seq
	}
	for ; i < len(m.records); i++ {
		seq++
		r := &m.records[i]
		r.Seq, r.Previous = seq, previous
		r.Hash = data.ChainHash(previous, seq, &r.AuditEntry)
		previous = r.Hash
	}
}

func (m *memory) head() *Head {
	r := m.records[len(m.records)-1]
	return &Head{Seq: r.Seq, Hash: r.Hash, At: r.At}
}

func newKey(t testing.TB) *Key {
	t.Helper()
	k, err := OpenKey(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (m *memory) verify(t rapid.TB, k *Key, noted *Head) *Report {
	t.Helper()
	r, err := Verify(context.Background(), m, data.Viewer{}, k.Public(), noted)
	if err != nil {
		t.Fatal(err)
	}
	if r.Broken != nil && (r.Broken.Reason.FR == "" || r.Broken.Reason.EN == "" || r.Broken.Seq < 1) {
		t.Errorf("a break that says nothing: %+v", r.Broken)
	}
	return r
}

func read(day int) data.AuditEntry {
	return data.AuditEntry{At: start.AddDate(0, 0, day), Subject: "a", Action: data.ActionRead, Layer: data.LayerSites, Records: []string{"x", "y"}, Count: 2, Purpose: "p"}
}

// journal has three segments of three records and two records after.
func journal(k *Key) *memory {
	m := new(memory)
	for day := range 11 {
		m.append(read(day))
		if day%3 == 2 {
			m.close(k, start.AddDate(0, 0, day))
		}
	}
	return m
}

func TestASoundJournal(t *testing.T) {
	k := newKey(t)
	m := journal(k)
	r := m.verify(t, k, m.head())
	if !r.OK() || r.Records != 11 || r.Checkpoints != 3 || r.Unsigned != 2 || r.Head.Seq != 11 || len(r.Unproven) != 1 {
		t.Errorf("%+v", r)
	}
	m.close(k, start)
	if r := m.verify(t, k, m.head()); !r.OK() || r.Unsigned != 0 || len(r.Unproven) != 0 {
		t.Errorf("wholly signed: %+v", r)
	}
	if r := m.verify(t, k, nil); !r.OK() || len(r.Unproven) != 1 {
		t.Errorf("no head noted: %+v", r)
	}
	if r := new(memory).verify(t, k, nil); !r.OK() || r.Head != nil {
		t.Errorf("empty: %+v", r)
	}
}

func TestTamperingIsFound(t *testing.T) {
	k, other := newKey(t), newKey(t)
	for _, c := range []struct {
		name   string
		tamper func(*memory)
		seq    int64  // the first broken one
		says   string // part of the reason
	}{
		{"altered", func(m *memory) { m.records[4].Subject = "b" }, 5, "altered"},
		{"altered, unsigned", func(m *memory) { m.records[10].Records = nil }, 11, "altered"},
		{"time altered", func(m *memory) { m.records[0].At = start.Add(1) }, 1, "altered"},
		{"altered and chained again", func(m *memory) { m.records[4].Subject = "b"; m.rechain(4) }, 6, "vouches"},
		{"all made anew, signed by another", func(m *memory) {
			m.records[0].Subject = "b"
			m.rechain(0)
			m.checkpoints = nil
			m.close(other, start)
		}, 1, "another key"},
		{"cut at the start", func(m *memory) { m.records = m.records[1:] }, 1, "missing"},
		{"cut in the middle", func(m *memory) { m.records = slices.Delete(m.records, 3, 5) }, 4, "records 4 to 5 are missing"},
		{"cut and chained again", func(m *memory) { m.records = slices.Delete(m.records, 3, 4); m.rechain(3) }, 4, "vouches"},
		{"added", func(m *memory) { m.records = slices.Insert(m.records, 5, m.records[5]) }, 6, "left"},
		{"added at the end", func(m *memory) { r := m.records[10]; r.Seq++; m.records = append(m.records, r) }, 12, "follow"},
		{"reordered", func(m *memory) {
			a, b := &m.records[4], &m.records[5]
			a.AuditEntry, b.AuditEntry = b.AuditEntry, a.AuditEntry
		}, 5, "altered"},
		{"segment cut at the end", func(m *memory) { m.records = m.records[:8] }, 9, "missing"},
		{"checkpoint altered", func(m *memory) { m.checkpoints[1].To = start }, 4, "signature"},
		{"checkpoint cut", func(m *memory) { m.checkpoints = slices.Delete(m.checkpoints, 1, 2) }, 7, "checkpoint 3"},
		{"checkpoints reordered", func(m *memory) {
			m.checkpoints[0], m.checkpoints[1] = m.checkpoints[1], m.checkpoints[0]
		}, 4, "checkpoint 2"},
		{"tail cut", func(m *memory) { m.records = m.records[:10] }, 11, "went up to record 11"},
		{"tail cut to the checkpoint", func(m *memory) { m.records = m.records[:9] }, 10, "went up to record 11"},
		{"an earlier state", func(m *memory) { m.records, m.checkpoints = m.records[:6], m.checkpoints[:2] }, 7, "went up to record 11"},
		{"another tail", func(m *memory) { m.records[10].Subject = "b"; m.rechain(10) }, 11, "is not the one"},
		{"emptied", func(m *memory) { m.records, m.checkpoints = nil, nil }, 1, "went up to record 11"},
		{"dropped without a word", func(m *memory) {
			m.records = m.records[3:]
			m.checkpoints[0].DroppedAt = &start
		}, 1, "no record says"},
		{"dropped, still there", func(m *memory) { m.checkpoints[0].DroppedAt = &start }, 1, "should have left"},
		{"dropped in the middle", func(m *memory) {
			m.records = slices.Delete(m.records, 3, 6)
			m.checkpoints[1].DroppedAt = &start
		}, 4, "before an older one"},
		{"dropped too early", func(m *memory) {
			e := read(20)
			e.Action, e.Records = data.ActionDropSegments, []string{"1"}
			m.append(e)
			m.records = m.records[3:]
			m.checkpoints[0].DroppedAt = &e.At
		}, 12, "before the end of its retention"},
	} {
		m := journal(k)
		noted := m.head()
		c.tamper(m)
		if r := m.verify(t, k, noted); r.OK() || r.Broken.Seq != c.seq || !strings.Contains(r.Broken.Reason.EN, c.says) {
			t.Errorf("%s: %+v", c.name, r.Broken)
		}
	}
}

func TestSegmentsDroppedInTime(t *testing.T) {
	k := newKey(t)
	m := journal(k)
	drop := func(n, day int) {
		e := read(day)
		e.Action, e.Records = data.ActionDropSegments, nil
		for i := range n {
			if c := &m.checkpoints[i]; c.DroppedAt == nil {
				c.DroppedAt = &e.At
				e.Records = append(e.Records, fmt.Sprint(c.Segment))
			}
		}
		m.append(e)
		m.records = slices.DeleteFunc(m.records, func(r data.AuditRecord) bool { return r.Seq <= m.checkpoints[n-1].Last })
	}
	drop(2, 400)
	if r := m.verify(t, k, m.head()); !r.OK() || r.Dropped != 2 || r.Records != 6 || len(r.Unproven) != 2 {
		t.Errorf("%+v, %+v", r, r.Broken)
	}
	// While it is walked.
	before := m.clone()
	drop(3, 400)
	before.dropped = m.clone()
	if r := before.verify(t, k, m.head()); !r.OK() || r.Dropped != 3 {
		t.Errorf("dropped meanwhile: %+v, %+v", r, r.Broken)
	}
	// Every record there was, but the entry of the drop.
	m.close(k, start.AddDate(0, 0, 401))
	drop(4, 800)
	if r := m.verify(t, k, m.head()); !r.OK() || r.Dropped != 4 || r.Records != 1 {
		t.Errorf("all dropped: %+v, %+v", r, r.Broken)
	}
}

// No change of one thing in a signed journal goes unseen.
func TestAnyChangeIsFound(t *testing.T) {
	k := newKey(t)
	rapid.Check(t, func(t *rapid.T) {
		m := new(memory)
		n := rapid.IntRange(1, 20).Draw(t, "records")
		for i := range n {
			e := read(i)
			e.Subject = rapid.StringN(1, 3, -1).Draw(t, "subject")
			e.Records = rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "records")
			m.append(e)
			if rapid.IntRange(0, 3).Draw(t, "close") == 0 {
				m.close(k, e.At)
			}
		}
		m.close(k, start)
		noted := m.head()
		if r := m.verify(t, k, noted); !r.OK() {
			t.Fatalf("sound: %+v", r.Broken)
		}
		i := rapid.IntRange(0, n-1).Draw(t, "at")
		r := &m.records[i]
		switch rapid.IntRange(0, 7).Draw(t, "change") {
		case 0:
			r.Subject += rapid.StringN(1, 2, -1).Draw(t, "added")
		case 1: // the same bytes in a row, cut elsewhere
			r.Records = append(slices.Clone(r.Records), "")
		case 2:
			r.At = r.At.Add(time.Duration(rapid.Int64Range(1, 1e12).Draw(t, "later")))
		case 3:
			r.Count++
		case 4:
			r.Action, r.Purpose = r.Purpose, r.Action
		case 5:
			m.records = slices.Delete(m.records, i, i+1)
		case 6:
			m.records = m.records[:i]
		case 7:
			added := *r
			added.Purpose = "another"
			m.records = slices.Insert(m.records, i, added)
		}
		if rapid.Bool().Draw(t, "chained again") {
			m.rechain(0)
		}
		if r := m.verify(t, k, noted); r.OK() {
			t.Fatal("not found")
		}
	})
}
