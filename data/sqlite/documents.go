package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/data"
)

// documentQuery reads documents, each with what rights need of its home.
const documentQuery = `SELECT d.kind, d.id, d.version, coalesce(d.site_id, ''), d.department, d.state, d.due,
		d.created_at, d.created_by, d.changed_at, d.changed_by, d.body, sites.record
	FROM documents d LEFT JOIN sites ON sites.id = d.site_id `

func scanDocument(scan func(dest ...any) error) (*data.Document, *data.Site, error) {
	var (
		d                data.Document
		body             []byte
		created, changed string
		due, site        sql.NullString
	)
	if err := scan(&d.Kind, &d.ID, &d.Version, &d.SiteID, &d.Department, &d.State, &due,
		&created, &d.CreatedBy, &changed, &d.ChangedBy, &body, &site); err != nil {
		return nil, nil, notFound(err)
	}
	d.Body = body
	times := func() (err error) {
		if d.CreatedAt, err = time.Parse(timeLayout, created); err != nil {
			return err
		}
		if d.ChangedAt, err = time.Parse(timeLayout, changed); err != nil {
			return err
		}
		d.Due, err = optionalTime(due)
		return err
	}
	if err := times(); err != nil {
		return nil, nil, fmt.Errorf("stored %s %s: %w", d.Kind, d.ID, err)
	}
	if !site.Valid {
		return &d, nil, nil
	}
	home := new(data.Site)
	if err := json.Unmarshal([]byte(site.String), home); err != nil {
		return nil, nil, fmt.Errorf("stored site %s: %w", d.SiteID, err)
	}
	return &d, home, nil
}

// document reads a document and its home, whoever asks.
func document(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, kind data.DocumentKind, id string) (*data.Document, *data.Site, error) {
	return scanDocument(q.QueryRowContext(ctx, documentQuery+`WHERE d.kind = ? AND d.id = ?`, string(kind), id).Scan)
}

// Document finds a document; data.ErrNotFound, also for a viewer who may not read it.
func (s *Store) Document(ctx context.Context, by data.Viewer, kind data.DocumentKind, id string) (*data.Document, error) {
	d, site, err := document(ctx, s.reader, kind, id)
	if err != nil {
		return nil, writeError(ctx, err)
	}
	if !d.Readable(by, site) {
		return nil, data.ErrNotFound
	}
	return d, nil
}

// Documents lists documents that the viewer may read, the last changed first.
func (s *Store) Documents(ctx context.Context, by data.Viewer, q data.DocumentQuery) ([]data.Document, error) {
	where, args := []string{"d.kind = ?"}, []any{string(q.Kind)}
	and := func(condition string, arg any) {
		where, args = append(where, condition), append(args, arg)
	}
	if q.SiteID != "" {
		and("d.site_id = ?", q.SiteID)
	}
	if q.Department != "" {
		and("d.department = ?", q.Department)
	}
	if q.States != nil {
		list, err := json.Marshal(q.States)
		if err != nil {
			return nil, err
		}
		and("d.state IN (SELECT value FROM json_each(?))", string(list))
	}
	if q.DueBefore != nil {
		and("d.due < ?", formatTime(*q.DueBefore))
	}
	rows, err := s.reader.QueryContext(ctx, documentQuery+`WHERE `+strings.Join(where, " AND ")+` ORDER BY d.changed_at DESC, d.id`, args...)
	if err != nil {
		return nil, writeError(ctx, err)
	}
	defer rows.Close()
	out := []data.Document{}
	for skipped := 0; len(out) < q.Limit && rows.Next(); {
		d, site, err := scanDocument(rows.Scan)
		if err != nil {
			return nil, err
		}
		switch {
		case !d.Readable(by, site):
		case skipped < q.Offset:
			skipped++
		default:
			out = append(out, *d)
		}
	}
	return out, writeError(ctx, rows.Err())
}

// DocumentHistory lists the versions of a document, newest first; data.ErrNotFound.
func (s *Store) DocumentHistory(ctx context.Context, by data.Viewer, kind data.DocumentKind, id string) ([]data.Document, error) {
	current, err := s.Document(ctx, by, kind, id)
	if err != nil {
		return nil, err
	}
	out := []data.Document{*current}
	// An edit in between is one version more that is not in the list, not one twice.
	err = s.each(ctx, `SELECT version, coalesce(site_id, ''), department, state, due, changed_at, changed_by, body
		FROM document_history WHERE kind = ? AND id = ? AND version < ? ORDER BY version DESC`, func(rows *sql.Rows) error {
		d := data.Document{Kind: kind, ID: id, CreatedAt: current.CreatedAt, CreatedBy: current.CreatedBy}
		var (
			body    []byte
			due     sql.NullString
			changed string
		)
		err := rows.Scan(&d.Version, &d.SiteID, &d.Department, &d.State, &due, &changed, &d.ChangedBy, &body)
		if err != nil {
			return err
		}
		d.Body = body
		if d.ChangedAt, err = time.Parse(timeLayout, changed); err != nil {
			return err
		}
		if d.Due, err = optionalTime(due); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	}, string(kind), id, current.Version)
	return out, err
}

// PutDocument creates or replaces a document; see data.Documents.
func (s *Store) PutDocument(ctx context.Context, by data.Viewer, d *data.Document, entry data.AuditEntry) error {
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	if problems := d.Validate(); len(problems) > 0 {
		return &data.InvalidError{Problems: problems}
	}
	next := *d
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		site, err := homeOf(ctx, tx, next.SiteID)
		if err != nil {
			return err
		}
		if site != nil {
			next.Department = site.DepartmentCode
		}
		prior, priorSite, err := document(ctx, tx, next.Kind, next.ID)
		switch {
		case errors.Is(err, data.ErrNotFound):
			next.Version = 0
			next.CreatedAt, next.CreatedBy = entry.At.UTC(), by.Subject()
		case err != nil:
			return err
		case !prior.Readable(by, priorSite):
			return data.ErrNotFound
		case !prior.Writable(by, priorSite):
			return data.ErrForbidden
		case prior.Version == d.Version+1 && prior.ChangedBy == by.Subject() && prior.Same(&next):
			next = *prior
			return nil // said again
		default:
			next.Version = prior.Version
			next.CreatedAt, next.CreatedBy = prior.CreatedAt, prior.CreatedBy
		}
		if !next.Writable(by, site) {
			return data.ErrForbidden
		}
		if d.Version != next.Version {
			return conflict(next.ID, "ce dossier a été modifié entre-temps", "this document was changed in the meantime")
		}
		next.Version++
		next.ChangedAt, next.ChangedBy = entry.At.UTC(), by.Subject()
		if err := replaceDocument(ctx, tx, &next); err != nil {
			return err
		}
		return insertAudit(ctx, tx, entry)
	})
	if err == nil {
		*d = next
	}
	return err
}

// homeOf reads the home that a document is about; nil for none.
func homeOf(ctx context.Context, tx *sql.Tx, id string) (*data.Site, error) {
	if id == "" {
		return nil, nil
	}
	r, err := siteTable.get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, data.ErrNotFound
	}
	return r.site()
}

// replaceDocument puts the present version into the history and the next in its place.
func replaceDocument(ctx context.Context, tx *sql.Tx, d *data.Document) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO document_history (kind, id, version, site_id, department, state, due, changed_at, changed_by, body)
		SELECT kind, id, version, site_id, department, state, due, changed_at, changed_by, body FROM documents WHERE kind = ? AND id = ?`,
		string(d.Kind), d.ID)
	if err != nil {
		return err
	}
	var due any
	if d.Due != nil {
		due = formatTime(*d.Due)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO documents (kind, id, version, site_id, department, state, due, created_at, created_by, changed_at, changed_by, body)
		VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, site_id = excluded.site_id, department = excluded.department,
			state = excluded.state, due = excluded.due, changed_at = excluded.changed_at, changed_by = excluded.changed_by, body = excluded.body`,
		string(d.Kind), d.ID, d.Version, d.SiteID, d.Department, d.State, due,
		formatTime(d.CreatedAt), d.CreatedBy, formatTime(d.ChangedAt), d.ChangedBy, string(d.Body))
	return err
}

// EraseDocument deletes a document with its history; see data.Documents.
func (s *Store) EraseDocument(ctx context.Context, by data.Viewer, kind data.DocumentKind, id string, version int64, entry data.AuditEntry) error {
	entry, err := complete(entry, by)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		prior, site, err := document(ctx, tx, kind, id)
		switch {
		case err != nil:
			return err
		case !prior.Readable(by, site):
			return data.ErrNotFound
		case !prior.Writable(by, site):
			return data.ErrForbidden
		case prior.Version != version:
			return conflict(id, "ce dossier a été modifié entre-temps", "this document was changed in the meantime")
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM documents WHERE kind = ? AND id = ?`, string(kind), id); err != nil {
			return err
		}
		return insertAudit(ctx, tx, entry)
	})
}
