package storetest

import (
	"context"
	"testing"

	"vigie/data"
)

// RunPublished is the contract of data.PublishedStatistics. open opens an empty store
// that lasts as long as the test.
func RunPublished(t *testing.T, open func(t *testing.T) data.PublishedStatistics, viewer func(data.ViewerSpec) data.Viewer) {
	operator := Backend{Viewer: viewer}.operator()
	edition := func(sequence int64, quarter string, revision int, id string) *data.PublishedEdition {
		return &data.PublishedEdition{
			Sequence: sequence, ID: id, Quarter: quarter, Revision: revision, Note: "note of " + id, FrozenAt: noon,
			SHA256: "0123", Document: []byte(`{"id":"` + id + `"}`),
		}
	}
	publish := func(ctx context.Context, s data.PublishedStatistics, by data.Viewer, e *data.PublishedEdition) error {
		return s.PublishEdition(ctx, by, e, []byte("counts of "+e.ID), entry(data.ActionPublish))
	}
	t.Run("editions are listed in the order of their freezing, documents and counts apart", func(t *testing.T) {
		s := open(t)
		first, second := edition(1, "2026-Q2", 0, "2026-Q2"), edition(2, "2025-Q4", 0, "2025-Q4")
		for _, e := range []*data.PublishedEdition{first, second} {
			if err := publish(t.Context(), s, operator, e); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.PublishedEdition(t.Context(), "2026-Q2")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "edition", *got, *first)
		list, err := s.PublishedEditions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first.Document, second.Document = nil, nil
		equal(t, "list", list, []data.PublishedEdition{*first, *second})
		counts, err := s.FrozenCounts(t.Context(), operator)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "counts", counts, []data.FrozenCounts{
			{ID: "2026-Q2", Counts: []byte("counts of 2026-Q2")}, {ID: "2025-Q4", Counts: []byte("counts of 2025-Q4")},
		})
		_, err = s.PublishedEdition(t.Context(), "2026-Q1")
		wantError(t, "an unknown edition", err, data.ErrNotFound)
	})
	t.Run("an edition never changes", func(t *testing.T) {
		s := open(t)
		if err := publish(t.Context(), s, operator, edition(1, "2026-Q2", 0, "2026-Q2")); err != nil {
			t.Fatal(err)
		}
		for _, e := range []*data.PublishedEdition{
			edition(1, "2026-Q3", 0, "2026-Q3"),     // computed before the first was frozen
			edition(3, "2026-Q3", 0, "2026-Q3"),     // a gap
			edition(2, "2026-Q2", 0, "2026-Q2-bis"), // the revision is taken
			edition(2, "2026-Q3", 0, "2026-Q2"),     // the identifier is taken
		} {
			wantConflict(t, e.ID, publish(t.Context(), s, operator, e), e.ID)
		}
		list, err := s.PublishedEditions(t.Context())
		if err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if err := publish(t.Context(), s, operator, edition(2, "2026-Q2", 1, "2026-Q2-r1")); err != nil {
			t.Errorf("a revision: %v", err)
		}
	})
	t.Run("only who sees every home freezes, or reads the counts", func(t *testing.T) {
		s := open(t)
		for name, spec := range map[string]data.ViewerSpec{
			"public": {},
			"masked": {Subject: "x", Precision: data.ViewMasked, Writes: true},
			"local":  {Subject: "x", Precision: data.ViewExact, Writes: true, Departments: []string{"99"}},
			"reader": {Subject: "x", Precision: data.ViewExact},
		} {
			wantError(t, name, publish(t.Context(), s, viewer(spec), edition(1, "2026-Q2", 0, "2026-Q2")), data.ErrForbidden)
			if name == "reader" {
				continue
			}
			_, err := s.FrozenCounts(t.Context(), viewer(spec))
			wantError(t, name+" reading counts", err, data.ErrForbidden)
		}
	})
}
