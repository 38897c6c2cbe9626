package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	jsonv2 "github.com/go-json-experiment/json" // a third of the time of encoding/json to decode

	"vigie/data"
)

// Versions lists the versions by layer, then département.
func (s *Store) Versions(ctx context.Context) ([]data.LayerVersion, error) {
	var out []data.LayerVersion
	err := s.each(ctx, `SELECT layer, department, version FROM layer_versions ORDER BY layer, department`,
		func(rows *sql.Rows) error {
			var v data.LayerVersion
			err := rows.Scan(&v.Layer, &v.Department, &v.Version)
			out = append(out, v)
			return err
		})
	return out, err
}

// Conditions on a list of départements, a JSON array; each has its index.
const (
	inDepartments = ` WHERE coalesce(department_code, '') IN (SELECT value FROM json_each(?))`
	// Zones share few lists of départements: only those are looked into.
	zonesInDepartments = ` WHERE coalesce(department_codes, '[""]') IN (
		SELECT list FROM (SELECT DISTINCT coalesce(department_codes, '[""]') AS list FROM zones)
		WHERE EXISTS (SELECT 1 FROM json_each(list) AS code WHERE code.value IN (SELECT value FROM json_each(?))))`
)

// eachIn is each on the rows of the départements, all when nil; the order comes last in
// the query.
func (s *Store) eachIn(ctx context.Context, departments []string, query, condition, order string, fn func(*sql.Rows) error) error {
	if departments == nil {
		return s.each(ctx, query+order, fn)
	}
	list, err := json.Marshal(departments)
	if err != nil {
		return err
	}
	return s.each(ctx, query+condition+order, fn, string(list))
}

// Sites calls fn with each site of the départements (all when nil), merged ones included,
// in ID order: one consistent state, whatever is written meanwhile. An error of fn ends it
// and is returned.
func (s *Store) Sites(ctx context.Context, departments []string, fn func(*data.StoredSite) error) error {
	var id, record, source sql.RawBytes
	return s.eachIn(ctx, departments, `SELECT id, version, record, source, coalesce(merged_into, '') FROM sites`, inDepartments, ` ORDER BY id`,
		func(rows *sql.Rows) error {
			site := new(data.StoredSite)
			if err := rows.Scan(&id, &site.Version, &record, &source, &site.MergedInto); err != nil {
				return err
			}
			if err := jsonv2.Unmarshal(record, &site.Site); err != nil {
				return fmt.Errorf("stored site %s: %w", id, err)
			}
			switch {
			case source == nil:
			case string(source) == string(record):
				site.Source = clone(&site.Site)
			default:
				site.Source = new(data.Site)
				if err := jsonv2.Unmarshal(source, site.Source); err != nil {
					return fmt.Errorf("stored source of site %s: %w", id, err)
				}
			}
			return fn(site)
		})
}

// clone copies a site so that neither copy sees changes of the other. Most sites
// are as their file gave them: a copy is much faster than decoding twice.
func clone(s *data.Site) *data.Site {
	c := *s
	c.PlacingDepartments = slices.Clone(s.PlacingDepartments)
	if s.Capacity != nil {
		capacity := *s.Capacity
		c.Capacity = &capacity
	}
	if s.Position != nil {
		position := *s.Position
		c.Position = &position
	}
	return &c
}

// Zones calls fn with each zone of the départements (all when nil), of every edition, in
// kind, edition, code order (of bytes): one consistent state. An error of fn ends it and is
// returned.
func (s *Store) Zones(ctx context.Context, departments []string, fn func(*data.Zone) error) error {
	var record, geometry sql.RawBytes
	return s.eachIn(ctx, departments, `SELECT record, geometry FROM zones`, zonesInDepartments, ` ORDER BY kind, edition, code`,
		func(rows *sql.Rows) error {
			if err := rows.Scan(&record, &geometry); err != nil {
				return err
			}
			zone := new(data.Zone)
			err := jsonv2.Unmarshal(record, zone)
			if err == nil {
				zone.Geometry, err = decodeGeometry(geometry)
			}
			if err != nil {
				return fmt.Errorf("stored zone %s/%s/%s: %w", zone.Kind, zone.Edition, zone.Code, err)
			}
			return fn(zone)
		})
}

// Editions lists the editions that hold zones, by kind, then label.
func (s *Store) Editions(ctx context.Context) ([]data.Edition, error) {
	var out []data.Edition
	err := s.each(ctx, `SELECT kind, label, current,
			(SELECT count(*) FROM zones WHERE zones.kind = editions.kind AND zones.edition = editions.label)
		FROM editions ORDER BY kind, label`,
		func(rows *sql.Rows) error {
			var e data.Edition
			err := rows.Scan(&e.Kind, &e.Label, &e.Current, &e.Zones)
			out = append(out, e)
			return err
		})
	return out, err
}

// Places calls fn with each place of the départements (all when nil), in ID order: one
// consistent state. An error of fn ends it and is returned.
func (s *Store) Places(ctx context.Context, departments []string, fn func(*data.Place) error) error {
	var record sql.RawBytes
	return s.eachIn(ctx, departments, `SELECT record FROM places`, inDepartments, ` ORDER BY id`,
		func(rows *sql.Rows) error {
			if err := rows.Scan(&record); err != nil {
				return err
			}
			place := new(data.Place)
			if err := jsonv2.Unmarshal(record, place); err != nil {
				return fmt.Errorf("stored place %s: %w", place.ID, err)
			}
			return fn(place)
		})
}

// Areas calls fn with each area of the départements (all when nil), in level, code order:
// one consistent state. An error of fn ends it and is returned.
func (s *Store) Areas(ctx context.Context, departments []string, fn func(*data.Area) error) error {
	var record, geometry sql.RawBytes
	return s.eachIn(ctx, departments, `SELECT record, geometry FROM areas`, inDepartments, ` ORDER BY level, code`,
		func(rows *sql.Rows) error {
			if err := rows.Scan(&record, &geometry); err != nil {
				return err
			}
			area := new(data.Area)
			err := jsonv2.Unmarshal(record, area)
			if err == nil {
				area.Geometry, err = decodeGeometry(geometry)
			}
			if err != nil {
				return fmt.Errorf("stored area %s/%s: %w", area.Level, area.Code, err)
			}
			return fn(area)
		})
}

// each runs a query on a reader and calls fn at each row.
func (s *Store) each(ctx context.Context, query string, fn func(*sql.Rows) error, args ...any) error {
	rows, err := s.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return writeError(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return writeError(ctx, err)
	}
	return rows.Close()
}
