// Package ingest brings files and corrections made by hand into a data.Store: it reads a
// file through its format, validates and repairs, compares with what is stored, and writes
// the difference in one transaction with a record of what was done.
//
// An import is idempotent: importing the same file twice changes nothing the second time,
// though the second import is recorded too. Corrections made by hand outlive imports
// (three-way merge), a file never empties a field, and a record that a file no longer
// holds is reported and kept. Nothing is written of a file that is refused, whatever was
// read of it before.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vigie/data"
	"vigie/data/source"
)

// Request is what to import and how.
type Request struct {
	Input *source.Input
	Layer data.Layer
	// Format is a format's ID; "" detects it.
	Format string
	// Options are those of the format. Its Layer is set from Layer.
	Options source.Options
	// Strict refuses the whole file when any record is in error.
	Strict bool
	// DryRun reports what an import would do and writes nothing.
	DryRun bool
	// MakeCurrent tells whether the edition of zones becomes the current one of its kind;
	// nil: it does when none is, or when its label is newer.
	MakeCurrent *bool
	// CloseMissing closes, as of today, the homes that earlier files gave and this one
	// no longer does, and removes the places of an official file that its new edition no
	// longer has. They are always reported.
	CloseMissing bool
	// Progress is told, now and then, how many bytes of the input were read.
	Progress func(done, total int64)
	// Restricted marks the zones as a police layer that needs its own right to be seen.
	Restricted bool
}

// Service imports and corrects. It is safe for concurrent use.
type Service struct {
	store   data.Store
	refresh func(context.Context) error
	clock   data.Clock
	ids     data.IDs
}

// New makes a Service. refresh is called after each write, for readers to see it before
// the call that wrote returns; nil when there are none.
func New(store data.Store, refresh func(context.Context) error, clock data.Clock, ids data.IDs) *Service {
	if refresh == nil {
		refresh = func(context.Context) error { return nil }
	}
	return &Service{store: store, refresh: refresh, clock: clock, ids: ids}
}

// refreshStored brings readers up to date with a write that stands. The caller may
// have gone since: others would read what was before until the next write.
func (s *Service) refreshStored(ctx context.Context) error {
	return s.refresh(context.WithoutCancel(ctx))
}

// attempts bounds how often a write is planned anew when another writer came first.
const attempts = 5

// Import brings a file into the store and returns the record of what it did, which is
// also what a dry run returns.
//
// Errors: *data.RejectedError when the file is refused as a whole, with the report as far as
// it goes (nil when no format was found), the store unchanged; data.ErrForbidden;
// data.ErrConflict when other writers kept coming first. When only the refresh of
// the snapshot failed, the import stands, and is returned with that error.
func (s *Service) Import(ctx context.Context, by data.Viewer, r Request) (*data.Import, error) {
	if !by.May(data.RightImport) || r.Restricted && !by.SeesRestricted() {
		return nil, data.ErrForbidden
	}
	base := data.Import{
		ID: s.ids(), Layer: r.Layer, FileName: r.Input.Name,
		ImportedAt: s.clock().UTC().Truncate(time.Millisecond), By: by.Subject(), DryRun: r.DryRun,
	}
	// Versions come before the records, those of the store that reading needs too:
	// whoever writes in between is found out.
	versions, err := s.versions(ctx, r.Layer)
	if err != nil {
		return nil, err
	}
	p, rd, err := s.read(ctx, by, &r, &base)
	if err != nil {
		if rd == nil {
			return nil, err
		}
		return refused(base, rd, err)
	}
	if r.Strict && rd.found.total > 0 {
		return refused(base, rd, strictError(rd.found, r.Input.Name))
	}
	// Only now: a file that is refused need not be read to its end.
	if base.SHA256, err = r.Input.SHA256(); err != nil {
		return nil, err
	}
	im, err := s.commit(ctx, by, &r, base, rd, p, versions)
	if err != nil {
		if _, ok := source.Rejected(err); ok && im != nil {
			return im, err
		}
		return nil, err
	}
	if r.DryRun {
		return im, nil
	}
	if err := s.refreshStored(ctx); err != nil {
		return im, fmt.Errorf("the import is stored, but its snapshot failed: %w", err)
	}
	return im, nil
}

// plan is an import of one layer: what was read, ready to be compared with the store.
type plan interface {
	// compare reads the store and fills the batch; it may add to the import's counts,
	// and to found. It may be called several times.
	compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error
}

// read reads the whole file: nothing is written of a file that turns out bad at its end.
func (s *Service) read(ctx context.Context, by data.Viewer, r *Request, im *data.Import) (plan, *reader, error) {
	switch r.Layer {
	case data.LayerSites:
		return readSitesPlan(ctx, s.store, by, r, im)
	case data.LayerZones:
		return readZonesPlan(ctx, by, r, im)
	case data.LayerPlaces:
		return readPlacesPlan(ctx, by, r)
	case data.LayerAreas:
		return readAreasPlan(ctx, by, r)
	case data.LayerStatistics:
		return readStatisticsPlan(ctx, by, r, im)
	}
	return nil, nil, fmt.Errorf("layer %q can't be imported", r.Layer)
}

// refused is the report of a file refused as a whole.
func refused(im data.Import, rd *reader, err error) (*data.Import, error) {
	if _, ok := source.Rejected(err); !ok {
		return nil, err
	}
	rep, err := rd.conclude(err)
	im.Format, im.Counts, im.Problems, im.ProblemCounts = rep.Format, rep.Counts, rep.Problems, rep.ProblemCounts
	none := newChangeList()
	im.Changes, im.ChangeCounts = none.list(), none.counts
	return &im, err
}

// strictError is why Strict refuses a file: its first error.
func strictError(f *findings, file string) *data.RejectedError {
	p := data.Problem{File: file}
	if len(f.errors) > 0 {
		p = f.errors[0]
	}
	rejected := source.Reject(source.Location{File: p.File, Line: p.Line, Column: p.Column}, CodeStrict,
		fmt.Sprintf("mode strict\u00a0: %d erreurs, le fichier entier est refusé. La première\u00a0: %s", f.total, p.Message.FR),
		fmt.Sprintf("strict mode: %d errors, the whole file is refused. The first: %s", f.total, p.Message.EN))
	rejected.Problem.Record, rejected.Problem.Field, rejected.Problem.Value = p.Record, p.Field, p.Value
	return rejected
}

// commit plans the write from what is stored and tries it, anew when another writer
// came first.
func (s *Service) commit(ctx context.Context, by data.Viewer, r *Request, base data.Import, rd *reader, p plan, versions []data.LayerVersion) (*data.Import, error) {
	for attempt := 1; ; attempt++ {
		im := base
		im.Format = rd.format.ID()
		im.Counts = rd.counts
		found := rd.found.clone()
		batch := &data.Batch{Import: &im}
		changes := newChangeList()
		if err := p.compare(ctx, s.store, batch, &im, found, changes); err != nil {
			return nil, err
		}
		im.Counts.Kept = im.Counts.Created + im.Counts.Updated + im.Counts.Unchanged
		im.Counts.Read = im.Counts.Kept + im.Counts.Filtered + im.Counts.Rejected
		im.Problems, im.ProblemCounts = found.list(), found.counts
		im.Changes, im.ChangeCounts = changes.list(), changes.counts
		if im.Counts.Kept == 0 || r.Strict && found.total > 0 {
			// What the comparison itself rejected: records out of the viewer's scope.
			rd.found, rd.counts = found, im.Counts
			if im.Counts.Kept == 0 {
				return refused(im, rd, rd.nothingKept())
			}
			return refused(im, rd, strictError(found, r.Input.Name))
		}
		if r.DryRun {
			// A preview tells of what is stored.
			return &im, s.store.Audit(ctx, s.entry(by, data.ActionImportPreview, r.Layer, changed(&im), len(im.Changes)))
		}
		batch.BasedOn = basedOn(versions, r.Layer, batch)
		err := s.store.Write(ctx, by, batch, s.entry(by, "import", r.Layer, []string{im.ID}, puts(batch)))
		if err == nil {
			return &im, nil
		}
		if !errors.Is(err, data.ErrConflict) || attempt == attempts {
			return nil, err
		}
		if versions, err = s.versions(ctx, r.Layer); err != nil {
			return nil, err
		}
	}
}

// changed lists the homes that an import tells of.
func changed(im *data.Import) []string {
	if im.Layer != data.LayerSites {
		return nil
	}
	out := make([]string, len(im.Changes))
	for i := range im.Changes {
		out[i] = im.Changes[i].Record
	}
	return out
}

// puts counts the records that a batch writes.
func puts(b *data.Batch) int {
	return len(b.PutSites) + len(b.PutZones) + len(b.PutPlaces) + len(b.DropPlaces) + len(b.PutAreas) + b.PutStatistics.Len()
}

func (s *Service) entry(by data.Viewer, action string, layer data.Layer, records []string, count int) data.AuditEntry {
	return data.AuditEntry{
		At: s.clock().UTC(), Subject: by.Subject(), Action: action, Layer: layer,
		Records: records, Count: count, Purpose: by.Purpose(),
	}
}

func (s *Service) versions(ctx context.Context, layer data.Layer) ([]data.LayerVersion, error) {
	versions, err := s.store.Versions(ctx)
	if err != nil {
		return nil, err
	}
	own := versions[:0]
	for _, v := range versions {
		if v.Layer == layer {
			own = append(own, v)
		}
	}
	return own, nil
}

// basedOn completes the versions read with version 0 of the départements that the batch
// is the first to touch.
func basedOn(versions []data.LayerVersion, layer data.Layer, b *data.Batch) []data.LayerVersion {
	known := map[string]bool{}
	for _, v := range versions {
		known[v.Department] = true
	}
	add := func(departments ...string) {
		if len(departments) == 0 {
			departments = []string{""}
		}
		for _, d := range departments {
			if !known[d] {
				known[d] = true
				versions = append(versions, data.LayerVersion{Layer: layer, Department: d})
			}
		}
	}
	for i := range b.PutSites {
		add(b.PutSites[i].DepartmentCode)
		add(b.PutSites[i].PlacingDepartments...)
	}
	for i := range b.PutZones {
		add(b.PutZones[i].DepartmentCodes...)
	}
	for i := range b.PutPlaces {
		add(b.PutPlaces[i].DepartmentCode)
	}
	for i := range b.PutAreas {
		add(b.PutAreas[i].DepartmentCode)
	}
	if b.PutStatistics.Len() > 0 {
		add(b.PutStatistics.Departments()...)
	}
	return versions
}

// Undo restores every record that an import wrote to its state before it.
//
// Errors: data.ErrForbidden; data.ErrNotFound when there is no such import or it is
// already undone; data.ErrConflict, with the records in the message, when one was changed
// since. When only the refresh of the snapshot failed, the import is undone, and is
// returned with that error.
func (s *Service) Undo(ctx context.Context, by data.Viewer, id string) (*data.Import, error) {
	if !by.May(data.RightImport) {
		return nil, data.ErrForbidden
	}
	im, err := s.store.UndoImport(ctx, by, id, s.entry(by, "undo", "", []string{id}, 1))
	if err != nil {
		return nil, err
	}
	if err := s.refreshStored(ctx); err != nil {
		return im, fmt.Errorf("the import is undone, but its snapshot failed: %w", err)
	}
	return im, nil
}
