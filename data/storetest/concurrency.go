package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"vigie/data"
)

func testConcurrency(t *testing.T, b Backend) {
	const writers, writes = 8, 20

	t.Run("no writer is turned away", func(t *testing.T) {
		f := start(t, b)
		// Half of them through another store, as another process would.
		stores := []data.Store{f.store, f.open()}
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range writes {
					id := fmt.Sprintf("s%d-%02d", w, i)
					err := stores[w%2].Write(t.Context(), f.operator,
						&data.Batch{PutSites: []data.StoredSite{site(id, "99", "", 1)}}, entry("import"))
					if err != nil {
						t.Errorf("%s: %v", id, err)
					}
				}
			})
		}
		group.Wait()
		equal(t, "sites", len(f.content().Sites), writers*writes)
		equal(t, "version", f.versions()[layer(data.LayerSites, "99")], int64(writers*writes))
	})

	t.Run("no change is lost", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s", "99", "", 1)}})
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for won := 0; won < 5; {
					s := f.site("s")
					places := 1
					if s.Capacity != nil {
						places += *s.Capacity
					}
					s.Capacity = &places
					s.Version++
					switch err := f.write(&data.Batch{PutSites: []data.StoredSite{*s}}); {
					case err == nil:
						won++
					case !errors.Is(err, data.ErrConflict):
						t.Errorf("write: %v", err)
						return
					}
				}
			})
		}
		group.Wait()
		equal(t, "places", *f.site("s").Capacity, 5*writers)
	})

	t.Run("readers see whole batches", func(t *testing.T) {
		f := start(t, b)
		batch := func(generation int) *data.Batch {
			var b data.Batch
			name := fmt.Sprint(generation)
			for i := range 200 {
				b.PutSites = append(b.PutSites, site(fmt.Sprintf("s%03d", i), "99", name, int64(generation)))
				b.PutZones = append(b.PutZones, zone("2024", fmt.Sprintf("z%03d", i), name, "99"))
			}
			return &b
		}
		f.mustWrite(batch(1))
		stores := []data.Store{f.store, f.open()}
		stop, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for reader := range 4 {
			group.Go(func() {
				for stop.Err() == nil {
					sites, zones := map[string]int{}, map[string]int{}
					err := errors.Join(
						stores[reader%2].Sites(t.Context(), nil, func(s *data.StoredSite) error { sites[s.Name]++; return nil }),
						stores[reader%2].Zones(t.Context(), nil, func(z *data.Zone) error { zones[z.Name]++; return nil }),
					)
					if err != nil || len(sites) != 1 || len(zones) != 1 {
						t.Errorf("read %v and %v: %v", sites, zones, err)
						return
					}
				}
			})
		}
		for generation := 2; generation < 12; generation++ {
			f.mustWrite(batch(generation))
		}
		cancel()
		group.Wait()
	})
}

func testCancellation(t *testing.T, b Backend) {
	f := start(t, b)
	var batch data.Batch
	for i := range 500 {
		batch.PutSites = append(batch.PutSites, site(fmt.Sprintf("s%03d", i), "99", "", 1))
	}
	f.mustWrite(imported("i", batch))
	before := f.content()

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"versions": func() error { _, err := f.store.Versions(cancelled); return err },
		"sites":    func() error { return f.store.Sites(cancelled, nil, func(*data.StoredSite) error { return nil }) },
		"zones":    func() error { return f.store.Zones(cancelled, nil, func(*data.Zone) error { return nil }) },
		"editions": func() error { _, err := f.store.Editions(cancelled); return err },
		"places":   func() error { return f.store.Places(cancelled, nil, func(*data.Place) error { return nil }) },
		"areas":    func() error { return f.store.Areas(cancelled, nil, func(*data.Area) error { return nil }) },
		"statistics": func() error {
			return f.store.Statistics(cancelled, data.StatisticFilter{}, func(*data.Statistic) error { return nil })
		},
		"imports": func() error { _, err := f.store.Imports(cancelled, f.operator, 1); return err },
		"import":  func() error { _, err := f.store.Import(cancelled, f.operator, "i"); return err },
		"undo":    func() error { _, err := f.store.UndoImport(cancelled, f.operator, "i", entry("undo")); return err },
		"audit":   func() error { return f.store.Audit(cancelled, entry("export")) },
	} {
		wantError(t, name, call(), context.Canceled)
	}

	reading, cancel := context.WithCancel(t.Context())
	calls := 0
	err := f.store.Sites(reading, nil, func(*data.StoredSite) error {
		if calls++; calls == 10 {
			cancel()
		}
		return nil
	})
	wantError(t, "cancelled while reading", err, context.Canceled)
	if calls > 20 {
		t.Errorf("%d sites were read after the cancellation", calls-10)
	}

	// Cancelled at some moment of a long write: it stands whole or not at all.
	for i := range batch.PutSites {
		batch.PutSites[i].Version = 2
		batch.PutSites[i].Name = "changed"
	}
	writing, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.store.Write(writing, f.operator, &batch, entry("import")) }()
	cancel()
	if err := <-done; err == nil {
		equal(t, "name", f.site("s000").Name, "changed")
	} else {
		wantError(t, "cancelled while writing", err, context.Canceled)
		equal(t, "content", f.content(), before)
	}
	for i := range batch.PutSites {
		batch.PutSites[i].Version = f.site("s000").Version + 1
	}
	f.mustWrite(&batch)
}
