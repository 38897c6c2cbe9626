package source

import (
	"strings"

	"vigie/data"
)

// Attributes are the values of one record by field, with the names that the file
// gives them. The zero value is empty; reuse one from record to record with Reset.
type Attributes struct {
	value [NumFields]string
	name  [NumFields]string
	rank  [NumFields]uint8
}

// Reset empties a.
func (a *Attributes) Reset() { *a = Attributes{} }

// Get is a field's value, trimmed; empty when absent or a sentinel such as NA.
func (a *Attributes) Get(f Field) string { return a.value[f] }

// Name is the name that the file gives to a field; empty when it has none.
func (a *Attributes) Name(f Field) string { return a.name[f] }

// Slot is where a Mapper puts the values of one column.
type Slot struct {
	Field Field
	Name  string // as the file spells it
	rank  uint8  // 0: not a field
}

// Known tells whether the column is a field of the layer.
func (s Slot) Known() bool { return s.rank > 0 }

// Mapper recognises the columns of a layer and makes its records of them. It holds
// what a read has already reported; use one for each read, from one goroutine.
type Mapper struct {
	opt        Options
	table      map[string]fieldAlias
	slots      map[string]Slot
	categories map[string]string // codes by what the file says
	reported   map[string]bool
}

// maxSlots bounds the names remembered and the values reported once, whatever a file holds.
const maxSlots = 4096

// NewMapper makes a Mapper for opt.Layer.
func NewMapper(opt Options) *Mapper {
	return &Mapper{
		opt: opt, table: tables()[opt.Layer],
		slots: make(map[string]Slot), categories: make(map[string]string), reported: make(map[string]bool),
	}
}

// Slot recognises a column by its name. The fields named by the options come first.
func (m *Mapper) Slot(name []byte) Slot {
	if s, ok := m.slots[string(name)]; ok {
		return s
	}
	s := Slot{Name: strings.TrimSpace(string(name))}
	switch folded := FoldName(s.Name); {
	case m.opt.IDField != "" && strings.EqualFold(s.Name, m.opt.IDField):
		s.Field, s.rank = FieldID, 1
	case m.opt.NameField != "" && strings.EqualFold(s.Name, m.opt.NameField):
		s.Field, s.rank = FieldName, 1
	default:
		if fa, ok := m.table[folded]; ok && !m.superfluous(fa.field) {
			s.Field, s.rank = fa.field, fa.rank+1
		} else if year, dated := PopulationYear(folded); dated && m.opt.Layer == data.LayerZones {
			s.Field, s.rank = FieldPopulation, datedRank(year)
		}
	}
	if len(m.slots) < maxSlots {
		m.slots[string(name)] = s
	}
	return s
}

// datedRank is the rank of a column of populations by its year, 1950 to 2100: the newest
// is the surest, after those that bear none.
func datedRank(year int) uint8 { return uint8(2150 - year) }

// superfluous tells whether a field is skipped by Options.KeepGeometryOnly.
func (m *Mapper) superfluous(f Field) bool {
	if !m.opt.KeepGeometryOnly {
		return false
	}
	switch f {
	case FieldStreet, FieldPostalCode, FieldCommune, FieldOpenedOn, FieldClosedOn, FieldLegalEntity, FieldPlacingDepartments:
		return true
	}
	return false
}

// Set puts a column's value into a, unless a surer column for the same field has
// one. value is not kept when it is blank or a sentinel.
func (a *Attributes) Set(s Slot, value string) {
	if s.rank == 0 || a.rank[s.Field] != 0 && a.rank[s.Field] <= s.rank {
		return
	}
	if value = clean(value); value == "" {
		if a.name[s.Field] == "" {
			a.name[s.Field] = s.Name
		}
		return
	}
	a.value[s.Field], a.name[s.Field], a.rank[s.Field] = value, s.Name, s.rank
}

// SetDefault puts a value where no column gave one: the identifier that a container
// gives its records for instance. name is what the file calls it.
func (a *Attributes) SetDefault(f Field, name, value string) {
	if a.value[f] == "" {
		a.value[f], a.name[f] = clean(value), name
	}
}

// fill asks get for every name of the layer's fields, the surest first.
func (m *Mapper) fill(get func(name string) (string, bool)) *Attributes {
	a := new(Attributes)
	set := func(name string, s Slot) {
		if v, ok := get(name); ok {
			a.Set(s, v)
		}
	}
	if m.opt.IDField != "" {
		set(FoldName(m.opt.IDField), Slot{FieldID, m.opt.IDField, 1})
	}
	if m.opt.NameField != "" {
		set(FoldName(m.opt.NameField), Slot{FieldName, m.opt.NameField, 1})
	}
	for name, fa := range m.table {
		if !m.superfluous(fa.field) {
			set(name, Slot{fa.field, name, fa.rank + 1})
		}
	}
	return a
}

// once tells whether key is new for this read.
func (m *Mapper) once(key string) bool {
	if m.reported[key] || len(m.reported) >= maxSlots {
		return false
	}
	m.reported[key] = true
	return true
}

type findings []data.Problem

func (f *findings) add(sev data.Severity, code, field, value, fr, en string) {
	*f = append(*f, data.Problem{
		Severity: sev, Code: code, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
	})
}
