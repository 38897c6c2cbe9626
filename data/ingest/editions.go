package ingest

import (
	"context"

	"vigie/data"
)

// UseEdition makes an edition the current one of its kind: indicators are computed
// from current editions only.
//
// Errors: data.ErrForbidden; data.ErrNotFound when there is no such edition.
func (s *Service) UseEdition(ctx context.Context, by data.Viewer, kind data.ZoneKind, label string) error {
	if !by.May(data.RightImport) {
		return data.ErrForbidden
	}
	editions, err := s.store.Editions(ctx)
	if err != nil {
		return err
	}
	for _, e := range editions {
		if e.Kind == kind && e.Label == label {
			if e.Current {
				return nil
			}
			e.Current = true
			b := &data.Batch{Current: &e}
			if err := s.store.Write(ctx, by, b, s.entry(by, "edition.use", data.LayerZones, []string{string(kind) + ":" + label}, e.Zones)); err != nil {
				return err
			}
			return s.refreshed(ctx)
		}
	}
	return data.ErrNotFound
}
