package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"

	"vigie/data"
)

// importDetails is the bulky part of an import, kept apart so that lists do not read it.
type importDetails struct {
	Problems []data.Problem `json:"problems"`
	Changes  []data.Change  `json:"changes"`
}

func (w *writer) addImport(ctx context.Context, im *data.Import) error {
	if err := checkIdentifier("id", im.ID); err != nil {
		return err
	}
	summary := *im
	summary.Problems, summary.Changes = nil, nil
	summary.UndoneAt, summary.UndoneBy = nil, ""
	summary.ImportedAt = im.ImportedAt.UTC()
	if summary.By == "" {
		summary.By = w.by.Subject()
	}
	record, err := json.Marshal(&summary)
	if err != nil {
		return err
	}
	details, err := json.Marshal(importDetails{Problems: im.Problems, Changes: im.Changes})
	if err != nil {
		return err
	}
	done, err := w.tx.ExecContext(ctx, `INSERT INTO imports (id, record, details) VALUES (?, ?, ?)`,
		im.ID, string(record), string(details))
	var e sqlite3.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite3.ErrConstraintUnique {
		return conflict(im.ID, "cet identifiant d’import est déjà pris", "this import identifier is taken")
	}
	if err != nil {
		return err
	}
	w.importSeq, err = done.LastInsertId()
	return err
}

// Imports lists imports, newest first, without problems and changes; all of them
// when limit is not positive. A viewer who may not import everywhere sees its own, for
// what an import tells of records knows no scope. data.ErrForbidden without data.RightImport.
func (s *Store) Imports(ctx context.Context, by data.Viewer, limit int) ([]data.Import, error) {
	if !by.May(data.RightImport) {
		return nil, data.ErrForbidden
	}
	if limit <= 0 {
		limit = -1 // SQLite's "no limit"
	}
	var out []data.Import
	err := s.each(ctx, `SELECT record, undone_at, undone_by FROM imports WHERE ? OR record ->> '$.by' = ? ORDER BY seq DESC LIMIT ?`,
		func(rows *sql.Rows) error {
			im, err := scanImport(rows.Scan)
			if err != nil {
				return err
			}
			out = append(out, *im)
			return nil
		}, by.MayEverywhere(data.RightImport), by.Subject(), limit)
	return out, err
}

// Import returns one import in full, of those that Imports lists; data.ErrNotFound;
// data.ErrForbidden without data.RightImport.
func (s *Store) Import(ctx context.Context, by data.Viewer, id string) (*data.Import, error) {
	if !by.May(data.RightImport) {
		return nil, data.ErrForbidden
	}
	im, err := readImport(ctx, s.reader, id)
	if err != nil {
		return nil, writeError(ctx, err)
	}
	if im.By != by.Subject() && !by.MayEverywhere(data.RightImport) {
		return nil, noImport(id)
	}
	im.RedactFor(by)
	return im, nil
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readImport(ctx context.Context, q querier, id string) (*data.Import, error) {
	var details string
	im, err := scanImport(func(dest ...any) error {
		return q.QueryRowContext(ctx, `SELECT record, undone_at, undone_by, details FROM imports WHERE id = ?`, id).
			Scan(append(dest, &details)...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noImport(id)
	}
	if err != nil {
		return nil, err
	}
	var d importDetails
	if err := json.Unmarshal([]byte(details), &d); err != nil {
		return nil, fmt.Errorf("stored import %s: %w", id, err)
	}
	im.Problems, im.Changes = d.Problems, d.Changes
	return im, nil
}

func noImport(id string) error { return fmt.Errorf("%w: import %q", data.ErrNotFound, id) }

// scanImport reads the columns record, undone_at, undone_by.
func scanImport(scan func(dest ...any) error) (*data.Import, error) {
	var (
		record   string
		at, user sql.NullString
		im       data.Import
	)
	if err := scan(&record, &at, &user); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(record), &im); err != nil {
		return nil, fmt.Errorf("stored import %s: %w", im.ID, err)
	}
	if at.Valid {
		t, err := time.Parse(timeLayout, at.String)
		if err != nil {
			return nil, fmt.Errorf("stored import %s: %w", im.ID, err)
		}
		im.UndoneAt, im.UndoneBy = &t, user.String
	}
	return &im, nil
}
