package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"vigie/data"
)

// row is a record of any layer as its table holds it.
type row struct {
	key         string // names the record within its layer
	departments []string
	record      string // JSON
	geometry    []byte // WKB, zones and areas
	// Of sites only.
	version    int64
	source     string // JSON, empty when there is none
	mergedInto string
}

// state is a row as import_changes keeps it. The version is left out: it goes on
// growing when a record comes back to an earlier state.
type state struct {
	Record     jsontext.Value `json:"record"`
	Source     jsontext.Value `json:"source"`
	MergedInto string         `json:"merged_into"`
	Geometry   []byte         `json:"geometry"` // base64
}

// state encodes r; a nil row has the null state. The record's JSON is copied, not
// encoded again: a record that comes back must be the same text as before.
func (r *row) state() (sql.NullString, error) {
	if r == nil {
		return sql.NullString{}, nil
	}
	var b strings.Builder
	b.WriteString(`{"record":` + r.record)
	if r.source != "" {
		b.WriteString(`,"source":` + r.source)
	}
	if r.mergedInto != "" {
		id, err := json.Marshal(r.mergedInto)
		if err != nil {
			return sql.NullString{}, err
		}
		b.WriteString(`,"merged_into":` + string(id))
	}
	if r.geometry != nil {
		b.WriteString(`,"geometry":"` + base64.StdEncoding.EncodeToString(r.geometry) + `"`)
	}
	b.WriteByte('}')
	return sql.NullString{String: b.String(), Valid: true}, nil
}

// parseState is the inverse of state.
func parseState(key string, s sql.NullString) (*row, error) {
	if !s.Valid {
		return nil, nil
	}
	var st state
	if err := jsonv2.Unmarshal([]byte(s.String), &st); err != nil {
		return nil, fmt.Errorf("stored state of %s: %w", key, err)
	}
	r := &row{
		key: key, record: string(st.Record), source: string(st.Source),
		mergedInto: st.MergedInto, geometry: st.Geometry,
	}
	return r, r.readDepartments()
}

// same tells whether two rows hold the same record, whatever their versions.
func (r *row) same(o *row) bool {
	if r == nil || o == nil {
		return r == o
	}
	return r.record == o.record && r.source == o.source && r.mergedInto == o.mergedInto &&
		bytes.Equal(r.geometry, o.geometry)
}

// readDepartments sets departments from the record.
func (r *row) readDepartments() error {
	var d struct {
		One  string   `json:"department_code"`
		Many []string `json:"department_codes"`
	}
	if err := jsonv2.Unmarshal([]byte(r.record), &d); err != nil {
		return fmt.Errorf("stored record %s: %w", r.key, err)
	}
	r.departments = d.Many
	if d.One != "" {
		r.departments = append(r.departments, d.One)
	}
	return nil
}

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

func siteRow(s *data.StoredSite) (*row, error) {
	if err := checkIdentifier("id", s.ID); err != nil {
		return nil, err
	}
	if s.MergedInto == s.ID {
		return nil, invalid("merged-into-itself", s.ID, "merged_into", s.MergedInto,
			"un établissement ne peut pas être fusionné avec lui-même", "a site cannot be merged into itself")
	}
	record, err := encode(data.LayerSites, s.ID, &s.Site)
	if err != nil {
		return nil, err
	}
	r := &row{
		key: s.ID, departments: departments(s.DepartmentCode), record: record,
		version: s.Version, mergedInto: s.MergedInto,
	}
	if s.Source != nil {
		r.source, err = encode(data.LayerSites, s.ID, s.Source)
	}
	return r, err
}

func zoneRow(z *data.Zone) (*row, error) {
	if !z.Kind.Valid() {
		return nil, invalid("unknown-zone-kind", z.Code, "kind", string(z.Kind),
			"ce type de zone est inconnu", "this kind of zone is unknown")
	}
	if err := checkIdentifier("code", z.Code); err != nil {
		return nil, err
	}
	// The edition may be empty, not malformed.
	if err := checkIdentifier("edition", "edition "+z.Edition); err != nil {
		return nil, err
	}
	key := zoneKey(z.Kind, z.Edition, z.Code)
	record, err := encode(data.LayerZones, key, z)
	if err != nil {
		return nil, err
	}
	geometry, err := encodeGeometry(key, z.Geometry)
	return &row{key: key, departments: slices.Clone(z.DepartmentCodes), record: record, geometry: geometry}, err
}

func placeRow(p *data.Place) (*row, error) {
	if err := checkIdentifier("id", p.ID); err != nil {
		return nil, err
	}
	record, err := encode(data.LayerPlaces, p.ID, p)
	return &row{key: p.ID, departments: departments(p.DepartmentCode), record: record}, err
}

func areaRow(a *data.Area) (*row, error) {
	if err := errors.Join(checkIdentifier("level", a.Level), checkIdentifier("code", a.Code)); err != nil {
		return nil, err
	}
	key := url.PathEscape(a.Level) + "/" + a.Code
	record, err := encode(data.LayerAreas, key, a)
	if err != nil {
		return nil, err
	}
	geometry, err := encodeGeometry(key, a.Geometry)
	return &row{key: key, departments: departments(a.DepartmentCode), record: record, geometry: geometry}, err
}

func departments(code string) []string {
	if code == "" {
		return nil
	}
	return []string{code}
}

// checkIdentifier refuses what could not be found again: an empty text, or one that
// JSON, which holds only UTF-8, would alter.
func checkIdentifier(field, value string) error {
	switch {
	case value == "":
		return invalid("missing-identifier", "", field, "",
			"un enregistrement sans identifiant ne peut pas être conservé", "a record without identifier cannot be stored")
	case !utf8.ValidString(value):
		return invalid("malformed-identifier", "", field, value,
			"un identifiant doit être un texte en UTF-8", "an identifier must be UTF-8 text")
	}
	return nil
}

func encode(layer data.Layer, key string, record any) (string, error) {
	b, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", layer, key, err)
	}
	return string(b), nil
}

// encodeGeometry gives nil for the nil geometry.
func encodeGeometry(key string, g orb.MultiPolygon) ([]byte, error) {
	if g == nil {
		return nil, nil
	}
	b, err := wkb.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("geometry of %s: %w", key, err)
	}
	return b, nil
}

func decodeGeometry(b []byte) (orb.MultiPolygon, error) {
	if len(b) == 0 {
		return nil, nil
	}
	g, err := wkb.Unmarshal(b)
	if err != nil {
		return nil, err
	}
	m, ok := g.(orb.MultiPolygon)
	if !ok {
		return nil, fmt.Errorf("stored geometry is a %s, not a MultiPolygon", g.GeoJSONType())
	}
	return m, nil
}
