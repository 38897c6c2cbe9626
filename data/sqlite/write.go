package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"vigie/data"
)

// subjectEditions marks the changes of current edition in import_changes.
const subjectEditions = "editions"

// Write applies a batch in one transaction: zones and places are dropped, records put,
// and current editions set, in this order. It sorts the batch's table of statistics.
//
// What an import writes, and all that is not a site, needs data.RightImport in each
// département that a record leaves or enters; a site without import is an edit by hand
// (data.Viewer.MayEdit).
//
// Errors: data.ErrForbidden; a *data.ConflictError when a layer of BasedOn changed since
// (its version 0 stands for "did not exist yet"), a site is not at the version
// before the one put, a dropped zone or place is not there, or the import's ID is taken;
// data.ErrNotFound when Current has no zone; a *data.InvalidError for a record
// without identifier, a site merged into one that does not exist, a dry run or an
// incomplete audit entry. None leaves a trace.
//
// A zone, place, area or statistic put as it already is touches nothing.
func (s *Store) Write(ctx context.Context, by data.Viewer, b *data.Batch, entry data.AuditEntry) error {
	if !by.MayWrite() {
		return data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	if b == nil {
		b = new(data.Batch)
	}
	if b.Import != nil && b.Import.DryRun {
		return invalid("dry-run", b.Import.ID, "dry_run", "true",
			"un essai à blanc ne s’enregistre pas", "a dry run is not written")
	}
	// Encoded before the transaction, to keep other writers waiting less.
	rows, err := encodeBatch(b)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		w := &writer{tx: tx, by: by, byHand: b.Import == nil, touched: map[part]struct{}{}}
		return w.write(ctx, b, rows, entry)
	})
}

// batchRows are the encoded records of a batch.
type batchRows struct {
	drops, zones, sites, places, areas []*row
}

func encodeBatch(b *data.Batch) (rows batchRows, err error) {
	if rows.drops, err = encodeAll(b.DropZones, zoneRow); err != nil {
		return rows, err
	}
	if rows.zones, err = encodeAll(b.PutZones, zoneRow); err != nil {
		return rows, err
	}
	if rows.sites, err = encodeAll(b.PutSites, siteRow); err != nil {
		return rows, err
	}
	if rows.places, err = encodeAll(b.PutPlaces, placeRow); err != nil {
		return rows, err
	}
	rows.areas, err = encodeAll(b.PutAreas, areaRow)
	return rows, err
}

func encodeAll[T any](records []T, encode func(*T) (*row, error)) ([]*row, error) {
	rows := make([]*row, len(records))
	for i := range records {
		r, err := encode(&records[i])
		if err != nil {
			return nil, err
		}
		rows[i] = r
	}
	return rows, nil
}

// part is a layer in a département: what has a version.
type part struct {
	layer      data.Layer
	department string
}

// writer is one transaction under way.
type writer struct {
	tx        *sql.Tx
	by        data.Viewer
	byHand    bool  // sites are edited, not imported
	importSeq int64 // 0 when changes are not recorded
	touched   map[part]struct{}
}

func (w *writer) write(ctx context.Context, b *data.Batch, rows batchRows, entry data.AuditEntry) error {
	if err := w.checkBase(ctx, b.BasedOn); err != nil {
		return err
	}
	if b.Import != nil {
		if err := w.addImport(ctx, b.Import); err != nil {
			return err
		}
	}
	kinds := zoneKinds(b)
	before, err := w.currentEditions(ctx, kinds)
	if err != nil {
		return err
	}
	if err := w.dropZones(ctx, rows.drops); err != nil {
		return err
	}
	if err := w.dropPlaces(ctx, b.DropPlaces); err != nil {
		return err
	}
	if err := w.putSites(ctx, rows.sites); err != nil {
		return err
	}
	for _, layer := range []struct {
		table *table
		rows  []*row
	}{{zoneTable, rows.zones}, {placeTable, rows.places}, {areaTable, rows.areas}} {
		for _, r := range layer.rows {
			if err := w.put(ctx, layer.table, r); err != nil {
				return err
			}
		}
	}
	if err := w.putStatistics(ctx, b.PutStatistics); err != nil {
		return err
	}
	// Before Current, which must not name an edition that lost its last zone.
	if err := dropEmptyEditions(ctx, w.tx); err != nil {
		return err
	}
	for _, kind := range b.ClearCurrent {
		if err := w.setCurrent(ctx, kind, sql.NullString{}); err != nil {
			return err
		}
	}
	if b.Current != nil {
		if err := w.setCurrent(ctx, b.Current.Kind, sql.NullString{String: b.Current.Label, Valid: true}); err != nil {
			return err
		}
	}
	after, err := w.currentEditions(ctx, kinds)
	if err != nil {
		return err
	}
	for i, kind := range kinds {
		if before[i] != after[i] {
			if err := w.record(ctx, subjectEditions, string(kind), before[i], after[i]); err != nil {
				return err
			}
		}
	}
	return w.finish(ctx, entry)
}

// finish bumps the versions of all that was touched and writes the audit entry.
func (w *writer) finish(ctx context.Context, entry data.AuditEntry) error {
	for p := range w.touched {
		if _, err := w.tx.ExecContext(ctx, `INSERT INTO layer_versions (layer, department, version) VALUES (?, ?, 1)
			ON CONFLICT (layer, department) DO UPDATE SET version = version + 1`, string(p.layer), p.department); err != nil {
			return err
		}
	}
	return insertAudit(ctx, w.tx, entry)
}

func (w *writer) checkBase(ctx context.Context, base []data.LayerVersion) error {
	var changed obstacles
	for _, v := range base {
		var version int64
		if _, err := optional(w.tx.QueryRowContext(ctx, `SELECT version FROM layer_versions WHERE layer = ? AND department = ?`,
			string(v.Layer), v.Department).Scan(&version)); err != nil {
			return err
		}
		if version != v.Version {
			changed.add(string(v.Layer) + "/" + v.Department)
		}
	}
	return changed.err("des données ont changé depuis leur lecture, par couche et département",
		"data changed since it was read, by layer and département")
}

// touch notes that a layer changes in départements; data.ErrForbidden for one in which
// the viewer may not import.
func (w *writer) touch(layer data.Layer, departments ...string) error {
	for _, d := range departments {
		if !w.by.MayIn(data.RightImport, d) {
			return data.ErrForbidden
		}
	}
	w.note(layer, departments...)
	return nil
}

// note marks the versions to bump.
func (w *writer) note(layer data.Layer, departments ...string) {
	for _, d := range departments {
		w.touched[part{layer, d}] = struct{}{}
	}
}

// touchRows notes that prior becomes next, either of which may be nil.
func (w *writer) touchRows(t *table, prior, next *row) error {
	byHand := w.byHand && t == siteTable
	if byHand {
		if err := w.mayEdit(prior, next); err != nil {
			return err
		}
	}
	for _, r := range []*row{prior, next} {
		if r == nil {
			continue
		}
		w.note(t.layer, r.placing...)
		if byHand {
			w.note(t.layer, r.territory()...)
		} else if err := w.touch(t.layer, r.territory()...); err != nil {
			return err
		}
	}
	return nil
}

// mayEdit checks the right to edit a site by hand; prior is nil for a new one.
func (w *writer) mayEdit(prior, next *row) error {
	after, err := next.site()
	if err != nil {
		return err
	}
	var before *data.Site
	if prior != nil {
		if before, err = prior.site(); err != nil {
			return err
		}
	}
	if !w.by.MayEdit(before, after) {
		return data.ErrForbidden
	}
	return nil
}

// change is touchRows and replace.
func (w *writer) change(ctx context.Context, t *table, key string, prior, next *row) error {
	if err := w.touchRows(t, prior, next); err != nil {
		return err
	}
	return w.replace(ctx, t, key, prior, next)
}

// replace puts next in the place of prior, either of which may be nil, and records it.
func (w *writer) replace(ctx context.Context, t *table, key string, prior, next *row) error {
	if next == nil {
		if err := t.delete(ctx, w.tx, key); err != nil {
			return err
		}
	} else if err := t.put(ctx, w.tx, next); err != nil {
		return fmt.Errorf("%s %s: %w", t.layer, key, err)
	}
	if w.importSeq == 0 {
		return nil
	}
	before, err := prior.state()
	if err != nil {
		return err
	}
	after, err := next.state()
	if err != nil {
		return err
	}
	return w.record(ctx, string(t.layer), key, before, after)
}

func (w *writer) record(ctx context.Context, subject, key string, before, after sql.NullString) error {
	if w.importSeq == 0 {
		return nil
	}
	_, err := w.tx.ExecContext(ctx, `INSERT INTO import_changes (import_seq, subject, key, before, after) VALUES (?, ?, ?, ?, ?)`,
		w.importSeq, subject, key, before, after)
	return err
}

func (w *writer) put(ctx context.Context, t *table, r *row) error {
	prior, err := t.get(ctx, w.tx, r.key)
	if err != nil || r.same(prior) {
		return err
	}
	return w.change(ctx, t, r.key, prior, r)
}

func (w *writer) dropPlaces(ctx context.Context, ids []string) error {
	var missing obstacles
	for _, id := range ids {
		prior, err := placeTable.get(ctx, w.tx, id)
		if err != nil {
			return err
		}
		if prior == nil {
			missing.add(id)
			continue
		}
		if err := w.change(ctx, placeTable, id, prior, nil); err != nil {
			return err
		}
	}
	return missing.err("des lieux à retirer n’existent plus", "places to drop are gone")
}

func (w *writer) dropZones(ctx context.Context, rows []*row) error {
	var missing obstacles
	for _, r := range rows {
		prior, err := zoneTable.get(ctx, w.tx, r.key)
		if err != nil {
			return err
		}
		if prior == nil {
			missing.add(r.key)
			continue
		}
		if err := w.change(ctx, zoneTable, r.key, prior, nil); err != nil {
			return err
		}
	}
	return missing.err("des zones à retirer n’existent plus", "zones to drop are gone")
}

func (w *writer) putSites(ctx context.Context, rows []*row) error {
	var stale obstacles
	for _, r := range rows {
		prior, err := siteTable.get(ctx, w.tx, r.key)
		if err != nil {
			return err
		}
		var version int64
		if prior != nil {
			version = prior.version
		}
		// Before the version: it says nothing of a site out of the viewer's scope.
		if err := w.touchRows(siteTable, prior, r); err != nil {
			return err
		}
		if r.version != version+1 {
			stale.add(r.key)
			continue
		}
		if err := w.replace(ctx, siteTable, r.key, prior, r); err != nil {
			return err
		}
	}
	if err := stale.err("des établissements ont changé depuis leur lecture", "sites changed since they were read"); err != nil {
		return err
	}
	// After all puts: a site may be merged into a later one of the same batch.
	for _, r := range rows {
		if r.mergedInto == "" {
			continue
		}
		var exists bool
		if err := w.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sites WHERE id = ?)`, r.mergedInto).Scan(&exists); err != nil {
			return err
		}
		if !exists {
			return invalid("merged-into-unknown", r.key, "merged_into", r.mergedInto,
				"l’établissement avec lequel fusionner n’existe pas", "the site to merge into does not exist")
		}
	}
	return nil
}

// zoneKinds lists the kinds whose current edition the batch may change, once each.
func zoneKinds(b *data.Batch) []data.ZoneKind {
	kinds := slices.Clone(b.ClearCurrent)
	if b.Current != nil {
		kinds = append(kinds, b.Current.Kind)
	}
	for i := range b.DropZones {
		kinds = append(kinds, b.DropZones[i].Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (w *writer) currentEditions(ctx context.Context, kinds []data.ZoneKind) ([]sql.NullString, error) {
	labels := make([]sql.NullString, len(kinds))
	for i, kind := range kinds {
		var err error
		if labels[i], err = currentEdition(ctx, w.tx, kind); err != nil {
			return nil, err
		}
	}
	return labels, nil
}
