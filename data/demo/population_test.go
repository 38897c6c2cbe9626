package demo_test

import (
	"bytes"
	"context"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/demo"
	"vigie/data/demo/fiction"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/source"
)

// people are the inhabitants of QPV around each home of the map, "" for unknown.
func people(t *testing.T, h *house, service *snapshot.Service) map[string]string {
	t.Helper()
	collection, ok := service.Current().Collection(h.by, data.LayerSites)
	if !ok {
		t.Fatal("no sites")
	}
	out := map[string]string{}
	page := collection.Query(snapshot.Query{Limit: 1000, Status: "all"})
	if err := page.Each(func(f *data.Feature) error {
		for i, c := range collection.Schema().Columns {
			if c.Name == "zone_population_1000m" {
				out[f.ID] = f.Values[i].Format()
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// What a refreshed snapshot says of populations is what a new one says: a first population
// bears on every home, the change of one on those around.
func TestRefreshFollowsPopulations(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	load := func(file string, layer data.Layer, opt source.Options, change func(string) string) {
		t.Helper()
		content, err := fs.ReadFile(demo.Files(), file)
		if err != nil {
			t.Fatal(err)
		}
		content = []byte(change(string(content)))
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: file, Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}}, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.rec.Import(ctx, h.by, ingest.Request{Input: in, Layer: layer, Options: opt}); err != nil {
			t.Fatal(err)
		}
	}
	population := regexp.MustCompile(`,"population":"[0-9]+"`)
	asItIs := func(s string) string { return s }
	load(fiction.FileQPV2024, data.LayerZones, source.Options{}, func(s string) string { return population.ReplaceAllString(s, "") })
	load(fiction.FileSites, data.LayerSites, source.Options{}, asItIs)
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	before := people(t, h, service)
	for id, n := range before {
		if n != "" {
			t.Errorf("home %s has %s people around, though no population is known", id, n)
		}
	}
	for _, c := range []struct {
		name   string
		change func(string) string
		least  int // homes that have another value than before
	}{
		{"the first populations", asItIs, 40},
		{"one zone’s", func(s string) string { return strings.Replace(s, `"population":"3050"`, `"population":"6050"`, 1) }, 1},
	} {
		load(fiction.FileQPV2024, data.LayerZones, source.Options{}, c.change)
		if err := service.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		fresh, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: 1})
		if err != nil {
			t.Fatal(err)
		}
		got, want := people(t, h, service), people(t, h, fresh)
		fresh.Close()
		changed := 0
		for id, n := range want {
			if got[id] != n {
				t.Errorf("%s: home %s has %q people around, want %q", c.name, id, got[id], n)
			}
			if n != before[id] {
				changed++
			}
		}
		if changed < c.least {
			t.Errorf("%s: %d homes have another value, %d at least are expected", c.name, changed, c.least)
		}
		before = want
	}
}
