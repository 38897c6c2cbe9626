package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

// manyHomes is a CSV of n homes.
func manyHomes(n int) string {
	var b strings.Builder
	b.WriteString("id;name;lon;lat\n")
	for i := range n {
		fmt.Fprintf(&b, "H%06d;Foyer fictif %d;2.6%d;46.4%d\n", i, i, i%1000, i%777)
	}
	return b.String()
}

func inputOf(t *testing.T, name, content string) *source.Input {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func limitTo(t *testing.T, layer data.Layer, n int) {
	t.Helper()
	old := maxRecords[layer]
	maxRecords[layer] = n
	t.Cleanup(func() { maxRecords[layer] = old })
}

// TestTooManyRecords: reading stops soon after the limit, on the line that passes it,
// whether the file is compressed or not, and nothing is stored.
func TestTooManyRecords(t *testing.T) {
	limitTo(t, data.LayerSites, 1000)
	const n = 60_000
	for name, content := range map[string]string{"h.csv": manyHomes(n), "h.csv.gz": gzipped(t, manyHomes(n))} {
		b := newBench(t)
		in := inputOf(t, name, content)
		var reached int64
		im, err := b.service.Import(context.Background(), b.by, Request{
			Input: in, Layer: data.LayerSites, Progress: func(done, _ int64) { reached = max(reached, done) },
		})
		rejected, ok := source.Rejected(err)
		if !ok || rejected.Problem.Code != CodeTooManyRecords || rejected.Problem.Line != 1002 {
			t.Fatalf("%s: %v, want %s on line 1002", name, err, CodeTooManyRecords)
		}
		if !strings.Contains(rejected.Problem.Message.FR, "1000") || !strings.Contains(rejected.Problem.Message.EN, "1000") {
			t.Errorf("%s: the message does not tell the limit: %v", name, rejected.Problem.Message)
		}
		if reached > in.Size/2 {
			t.Errorf("%s: read on to %d bytes of %d", name, reached, in.Size)
		}
		if im.Counts.Kept > 1001 || len(b.sites()) != 0 {
			t.Errorf("%s: %d homes kept, %d stored", name, im.Counts.Kept, len(b.sites()))
		}
	}
}

// TestRejectedRecordsCountToo: their identifiers are remembered, so that they must not
// make memory grow for ever either.
func TestRejectedRecordsCountToo(t *testing.T) {
	limitTo(t, data.LayerSites, 1000)
	b := newBench(t)
	lines := strings.SplitAfter(manyHomes(200), "\n")
	content := lines[0] + strings.Repeat(strings.Join(lines[1:], ""), 20)
	_, err := b.service.Import(context.Background(), b.by, Request{Input: inputOf(t, "h.csv", content), Layer: data.LayerSites})
	if rejected, ok := source.Rejected(err); !ok || rejected.Problem.Code != CodeTooManyRecords {
		t.Fatalf("%v, want %s", err, CodeTooManyRecords)
	}
}

// TestLimitIsReachedWithoutHarm: as many records as the limit are imported.
func TestLimitIsReachedWithoutHarm(t *testing.T) {
	limitTo(t, data.LayerSites, 300)
	b := newBench(t)
	if im := b.do(Request{Input: inputOf(t, "h.csv", manyHomes(300)), Layer: data.LayerSites}); im.Counts.Created != 300 {
		t.Errorf("%d homes created of 300", im.Counts.Created)
	}
}

// TestStreamingHasNoLimit: EachSite keeps nothing of what it gives.
func TestStreamingHasNoLimit(t *testing.T) {
	limitTo(t, data.LayerSites, 10)
	n := 0
	_, err := EachSite(context.Background(), inputOf(t, "h.csv", manyHomes(50)), source.Options{}, "", func(data.Site) error { n++; return nil })
	if err != nil || n != 50 {
		t.Errorf("%d homes, %v", n, err)
	}
}

// TestCancelledWhileReading: an import that is given up ends within the next records.
func TestCancelledWhileReading(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := inputOf(t, "h.csv", manyHomes(60_000))
	var reached int64
	_, err := b.service.Import(ctx, b.by, Request{Input: in, Layer: data.LayerSites, Progress: func(done, _ int64) {
		reached = done
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || reached > in.Size/2 {
		t.Errorf("%v at %d bytes of %d", err, reached, in.Size)
	}
}

// TestChangesAreCounted: a list cut on the way is that of all changes sorted at the end.
func TestChangesAreCounted(t *testing.T) {
	l := newChangeList()
	const n = 9 * data.MaxProblems
	for i := range n {
		kind := data.ChangeNew
		if i%1000 == 999 {
			kind = data.ChangeMoved
		}
		l.add(data.Change{Kind: kind, Record: fmt.Sprintf("%06d", n-i)})
	}
	list := l.list()
	if len(list) != data.MaxProblems || l.counts[string(data.ChangeNew)] != n-n/1000 || l.counts[string(data.ChangeMoved)] != n/1000 {
		t.Fatalf("%d changes, %v", len(list), l.counts)
	}
	for i, c := range list[:n/1000] {
		if c.Kind != data.ChangeMoved {
			t.Fatalf("change %d is %s: those moved come first", i, c.Kind)
		}
	}
	if list[n/1000].Record != "000002" && list[n/1000].Record != "000001" {
		t.Errorf("the first new record is %s", list[n/1000].Record)
	}
}
