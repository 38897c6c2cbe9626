package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vigie/data"
)

// row is a record of any layer as its table holds it.
type row struct {
	key         string // names the record within its layer
	departments []string
	placing     []string // of a site: other départements in whose scope it is
	record      string   // JSON
	geometry    []byte   // WKB, zones and areas
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

// readDepartments sets departments and placing from the record.
func (r *row) readDepartments() error {
	var d struct {
		One  string   `json:"department_code"`
		Many []string `json:"department_codes"`

		Placing []string `json:"placing_departments"`
	}
	if err := jsonv2.Unmarshal([]byte(r.record), &d); err != nil {
		return fmt.Errorf("stored record %s: %w", r.key, err)
	}
	r.departments, r.placing = d.Many, d.Placing
	if d.One != "" {
		r.departments = append(r.departments, d.One)
	}
	return nil
}

// territory is the départements of the record, "" when it has none.
func (r *row) territory() []string {
	if len(r.departments) == 0 {
		return []string{""}
	}
	return r.departments
}

// site decodes the record of a site.
func (r *row) site() (*data.Site, error) {
	s := new(data.Site)
	if err := jsonv2.Unmarshal([]byte(r.record), s); err != nil {
		return nil, fmt.Errorf("stored site %s: %w", r.key, err)
	}
	return s, nil
}
