package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/sqlite"
)

// bench is a service on a real store.
type bench struct {
	t       testing.TB
	store   data.Store
	service *Service
	by      data.Viewer
	refresh atomic.Int64 // how often the snapshot was asked to follow
}

func newBench(t testing.TB) *bench {
	t.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bench{t: t, store: store, by: operator()}
	var n atomic.Int64
	b.service = New(store, func(context.Context) error { b.refresh.Add(1); return nil },
		func() time.Time { return time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC) },
		func() string { return fmt.Sprintf("id-%03d", n.Add(1)) })
	return b
}

func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true, Purpose: "test"})
}

// dump is all that the store holds, but the imports, as text. Versions are left out when
// asked: an undo restores records, not versions, which never go back.
func (b *bench) dump(versions bool) string {
	b.t.Helper()
	var out strings.Builder
	line := func(kind string, v ...any) error {
		text, err := json.Marshal(v)
		fmt.Fprintf(&out, "%s %s\n", kind, text)
		return err
	}
	ctx := context.Background()
	errs := []error{
		b.store.Sites(ctx, nil, func(s *data.StoredSite) error {
			c := *s
			if !versions {
				c.Version = 0
			}
			return line("site", c.Site, c.Source, c.Version, c.MergedInto)
		}),
		b.store.Zones(ctx, nil, func(z *data.Zone) error { return line("zone", z, z.Geometry) }),
		b.store.Places(ctx, nil, func(p *data.Place) error { return line("place", p) }),
		b.store.Areas(ctx, nil, func(a *data.Area) error { return line("area", a, a.Geometry) }),
		b.store.Statistics(ctx, data.StatisticFilter{}, func(s *data.Statistic) error { return line("statistic", s) }),
	}
	editions, err := b.store.Editions(ctx)
	errs = append(errs, err, line("editions", editions))
	if versions {
		v, err := b.store.Versions(ctx)
		errs = append(errs, err, line("versions", v))
		imports, err := b.store.Imports(ctx, b.by, 0)
		errs = append(errs, err, line("imports", len(imports)))
	}
	for _, err := range errs {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return out.String()
}

func text(t testing.TB, name, content string) *source.Input {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// real opens an official file, or skips the test.
func real(t testing.TB, name string) *source.Input {
	t.Helper()
	dir := os.Getenv("VIGIE_TEST_DATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real file %s is not at hand; set VIGIE_TEST_DATA", name)
	}
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// do imports and fails the test on an error.
func (b *bench) do(r Request) *data.Import {
	b.t.Helper()
	im, err := b.service.Import(context.Background(), b.by, r)
	if err != nil {
		b.t.Fatalf("import of %s: %v", r.Input.Name, err)
	}
	checkCounts(b.t, im)
	return im
}

// checkCounts holds for every import, refused or not.
func checkCounts(t testing.TB, im *data.Import) {
	t.Helper()
	c := im.Counts
	if c.Read != c.Kept+c.Filtered+c.Rejected {
		t.Errorf("read %d is not kept %d + filtered %d + rejected %d", c.Read, c.Kept, c.Filtered, c.Rejected)
	}
	errors := 0
	for _, p := range im.Problems {
		if p.Severity == data.SeverityError {
			errors++
		}
		if p.Message.FR == "" || p.Message.EN == "" || p.Code == "" || p.File == "" {
			t.Errorf("a problem that does not say what and where: %+v", p)
		}
	}
	if len(im.Problems) < data.MaxProblems && errors < c.Rejected {
		t.Errorf("%d records rejected, %d errors told", c.Rejected, errors)
	}
}

func (b *bench) sites() map[string]*data.StoredSite {
	b.t.Helper()
	sites := map[string]*data.StoredSite{}
	if err := b.store.Sites(context.Background(), nil, func(s *data.StoredSite) error { sites[s.ID] = s; return nil }); err != nil {
		b.t.Fatal(err)
	}
	return sites
}
