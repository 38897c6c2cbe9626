package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"vigie/data"
)

// table is how the rows of a layer are kept.
type table struct {
	layer                data.Layer
	load, upsert, remove string // SQL
	// keyArgs are the values of the key's columns.
	keyArgs func(key string) []any
	// fields are the columns that load gives, in order, to scan into a row.
	fields func(*row) []any
	// values are the arguments of upsert after the key.
	values func(*row) []any
}

var siteTable = &table{
	layer: data.LayerSites,
	load:  `SELECT version, record, coalesce(source, ''), coalesce(merged_into, '') FROM sites WHERE id = ?`,
	upsert: `INSERT INTO sites (id, version, record, source, merged_into) VALUES (?, ?, ?, nullif(?, ''), nullif(?, ''))
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record,
			source = excluded.source, merged_into = excluded.merged_into`,
	remove:  `DELETE FROM sites WHERE id = ?`,
	keyArgs: func(key string) []any { return []any{key} },
	fields:  func(r *row) []any { return []any{&r.version, &r.record, &r.source, &r.mergedInto} },
	values:  func(r *row) []any { return []any{r.version, r.record, r.source, r.mergedInto} },
}

var zoneTable = &table{
	layer: data.LayerZones,
	load:  `SELECT record, geometry FROM zones WHERE kind = ? AND edition = ? AND code = ?`,
	upsert: `INSERT INTO zones (kind, edition, code, record, geometry) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, edition, code) DO UPDATE SET record = excluded.record, geometry = excluded.geometry`,
	remove: `DELETE FROM zones WHERE kind = ? AND edition = ? AND code = ?`,
	keyArgs: func(key string) []any {
		kind, edition, code := splitZoneKey(key)
		return []any{string(kind), edition, code}
	},
	fields: func(r *row) []any { return []any{&r.record, &r.geometry} },
	values: func(r *row) []any { return []any{r.record, r.geometry} },
}

var placeTable = &table{
	layer: data.LayerPlaces,
	load:  `SELECT record FROM places WHERE id = ?`,
	upsert: `INSERT INTO places (id, record) VALUES (?, ?)
		ON CONFLICT (id) DO UPDATE SET record = excluded.record`,
	remove:  `DELETE FROM places WHERE id = ?`,
	keyArgs: func(key string) []any { return []any{key} },
	fields:  func(r *row) []any { return []any{&r.record} },
	values:  func(r *row) []any { return []any{r.record} },
}

var areaTable = &table{
	layer: data.LayerAreas,
	load:  `SELECT record, geometry FROM areas WHERE level = ? AND code = ?`,
	upsert: `INSERT INTO areas (level, code, record, geometry) VALUES (?, ?, ?, ?)
		ON CONFLICT (level, code) DO UPDATE SET record = excluded.record, geometry = excluded.geometry`,
	remove: `DELETE FROM areas WHERE level = ? AND code = ?`,
	keyArgs: func(key string) []any {
		level, code, _ := strings.Cut(key, "/")
		return []any{unescape(level), code}
	},
	fields: func(r *row) []any { return []any{&r.record, &r.geometry} },
	values: func(r *row) []any { return []any{r.record, r.geometry} },
}

func tableOf(subject string) (*table, error) {
	for _, t := range []*table{siteTable, zoneTable, placeTable, areaTable} {
		if string(t.layer) == subject {
			return t, nil
		}
	}
	return nil, fmt.Errorf("stored change of an unknown layer %q", subject)
}

// get reads a row; nil when there is none.
func (t *table) get(ctx context.Context, tx *sql.Tx, key string) (*row, error) {
	r := &row{key: key}
	found, err := optional(tx.QueryRowContext(ctx, t.load, t.keyArgs(key)...).Scan(t.fields(r)...))
	if !found {
		return nil, err
	}
	return r, r.readDepartments()
}

func (t *table) put(ctx context.Context, tx *sql.Tx, r *row) error {
	if t == zoneTable {
		kind, edition, _ := splitZoneKey(r.key)
		if err := addEdition(ctx, tx, kind, edition); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, t.upsert, append(t.keyArgs(r.key), t.values(r)...)...)
	return err
}

func (t *table) delete(ctx context.Context, tx *sql.Tx, key string) error {
	_, err := tx.ExecContext(ctx, t.remove, t.keyArgs(key)...)
	return err
}

// zoneKey escapes the edition, so that the two slashes are found again.
func zoneKey(kind data.ZoneKind, edition, code string) string {
	return string(kind) + "/" + url.PathEscape(edition) + "/" + code
}

func splitZoneKey(key string) (kind data.ZoneKind, edition, code string) {
	k, rest, _ := strings.Cut(key, "/")
	edition, code, _ = strings.Cut(rest, "/")
	return data.ZoneKind(k), unescape(edition), code
}

// unescape is the inverse of url.PathEscape.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
