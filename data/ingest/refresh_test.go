package ingest

import (
	"context"
	"testing"

	"vigie/data"
)

// Readers see a write that stands even when whoever asked for it has gone: else they
// would be served what was before until the next write.
func TestReadersFollowAfterTheCallerHasGone(t *testing.T) {
	b := newBench(t)
	var gone context.CancelFunc
	refreshes := 0
	b.service.refresh = func(ctx context.Context) error {
		gone() // the write has just been committed
		refreshes++
		return ctx.Err()
	}
	call := func(what func(context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		gone = cancel
		if err := what(ctx); err != nil {
			t.Fatal(err)
		}
	}
	var site *data.StoredSite
	var im *data.Import
	call(func(ctx context.Context) (err error) {
		site, err = b.service.AddSite(ctx, b.by, data.Site{Name: "Foyer fictif", Category: "177", DepartmentCode: "44"})
		return err
	})
	call(func(ctx context.Context) (err error) {
		_, err = b.service.CloseSite(ctx, b.by, site.ID, site.Version, "2026-01-01")
		return err
	})
	call(func(ctx context.Context) (err error) {
		im, err = b.service.Import(ctx, b.by, Request{Layer: data.LayerSites, Input: text(t, "a.csv", "id;name;lon;lat\nA1;Foyer fictif;1.9;46.5\n")})
		return err
	})
	call(func(ctx context.Context) (err error) {
		_, err = b.service.Undo(ctx, b.by, im.ID)
		return err
	})
	if refreshes != 4 {
		t.Errorf("%d refreshes, want 4", refreshes)
	}
}
