package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"vigie/data"
)

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
		key: s.ID, departments: departments(s.DepartmentCode), placing: s.PlacingDepartments, record: record,
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
	if z.Edition != "" {
		if err := checkIdentifier("edition", z.Edition); err != nil {
			return nil, err
		}
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
