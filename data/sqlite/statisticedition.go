package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vigie/data"
)

const editionColumns = `sequence, id, quarter, revision, note, frozen_at, sha256`

func scanEdition(scan func(dest ...any) error, more ...any) (data.PublishedEdition, error) {
	var e data.PublishedEdition
	var at string
	if err := scan(append([]any{&e.Sequence, &e.ID, &e.Quarter, &e.Revision, &e.Note, &at, &e.SHA256}, more...)...); err != nil {
		return e, err
	}
	var err error
	if e.FrozenAt, err = time.Parse(timeLayout, at); err != nil {
		return e, fmt.Errorf("published edition %s: %w", e.ID, err)
	}
	return e, nil
}

// PublishedEditions lists the editions of the public statistics without their
// documents, in the order of their freezing.
func (s *Store) PublishedEditions(ctx context.Context) ([]data.PublishedEdition, error) {
	var out []data.PublishedEdition
	err := s.each(ctx, `SELECT `+editionColumns+` FROM published_statistics ORDER BY sequence`, func(rows *sql.Rows) error {
		e, err := scanEdition(rows.Scan)
		out = append(out, e)
		return err
	})
	return out, err
}

// PublishedEdition returns one edition with its document; data.ErrNotFound.
func (s *Store) PublishedEdition(ctx context.Context, id string) (*data.PublishedEdition, error) {
	var document []byte
	row := s.reader.QueryRowContext(ctx, `SELECT `+editionColumns+`, document FROM published_statistics WHERE id = ?`, id)
	e, err := scanEdition(row.Scan, &document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: published edition %q", data.ErrNotFound, id)
	}
	if err != nil {
		return nil, writeError(ctx, err)
	}
	e.Document = document
	return &e, nil
}

// FrozenCounts lists the counts behind every edition, in the order of their freezing.
// data.ErrForbidden unless by sees every home exactly.
func (s *Store) FrozenCounts(ctx context.Context, by data.Viewer) ([]data.FrozenCounts, error) {
	if !by.SeesEverySite() {
		return nil, data.ErrForbidden
	}
	var out []data.FrozenCounts
	err := s.each(ctx, `SELECT id, counts FROM published_statistics ORDER BY sequence`, func(rows *sql.Rows) error {
		var c data.FrozenCounts
		err := rows.Scan(&c.ID, &c.Counts)
		out = append(out, c)
		return err
	})
	return out, err
}

// PublishEdition stores an edition with its counts and audit entry.
//
// Errors: data.ErrForbidden unless by may import everywhere and sees every home exactly;
// a *data.ConflictError when another edition was frozen since or the quarter has this
// revision; a *data.InvalidError for an incomplete audit entry. None leaves a trace.
func (s *Store) PublishEdition(ctx context.Context, by data.Viewer, e *data.PublishedEdition, counts []byte, entry data.AuditEntry) error {
	if !by.MayEverywhere(data.RightImport) || !by.SeesEverySite() {
		return data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	if err := checkIdentifier("id", e.ID); err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO published_statistics (`+editionColumns+`, document, counts)
			SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? = (SELECT coalesce(max(sequence), 0) + 1 FROM published_statistics)
			ON CONFLICT DO NOTHING`,
			e.Sequence, e.ID, e.Quarter, e.Revision, e.Note, formatTime(e.FrozenAt), e.SHA256, e.Document, counts, e.Sequence)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			var taken obstacles
			taken.add(e.ID)
			return taken.err("une autre édition des statistiques a été arrêtée entre-temps", "another edition of the statistics was frozen meanwhile")
		}
		return insertAudit(ctx, tx, entry)
	})
}
