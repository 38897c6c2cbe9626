package source

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
		}
	}
	if len(m.slots) < maxSlots {
		m.slots[string(name)] = s
	}
	return s
}

// superfluous tells whether a field is skipped by Options.KeepGeometryOnly.
func (m *Mapper) superfluous(f Field) bool {
	if !m.opt.KeepGeometryOnly {
		return false
	}
	switch f {
	case FieldStreet, FieldPostalCode, FieldCommune, FieldOpenedOn, FieldClosedOn, FieldLegalEntity:
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

// clean trims a value and empties the sentinels that official files put for "unknown".
func clean(s string) string {
	s = strings.TrimSpace(s)
	switch len(s) {
	case 2, 3, 4:
		switch strings.ToUpper(s) {
		case "NA", "N/A", "NAN", "NULL", "_Z", "_U", `\N`, "#N/A":
			return ""
		}
	}
	return s
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

// SiteFromAttributes maps the attributes of a record of any layout to a site,
// without position. get is asked for names as FoldName gives them. The problems
// have no location yet: see Locate.
func SiteFromAttributes(get func(name string) (string, bool), opt Options) (data.Site, []data.Problem) {
	opt.Layer = data.LayerSites
	m := NewMapper(opt)
	return m.Site(m.fill(get))
}

// ZoneFromAttributes is SiteFromAttributes for zones, without geometry.
func ZoneFromAttributes(get func(name string) (string, bool), opt Options) (data.Zone, []data.Problem) {
	opt.Layer = data.LayerZones
	m := NewMapper(opt)
	return m.Zone(m.fill(get))
}

// PlaceFromAttributes is SiteFromAttributes for places, without position.
func PlaceFromAttributes(get func(name string) (string, bool), opt Options) (data.Place, []data.Problem) {
	opt.Layer = data.LayerPlaces
	m := NewMapper(opt)
	return m.Place(m.fill(get))
}

// AreaFromAttributes is SiteFromAttributes for areas, without geometry.
func AreaFromAttributes(get func(name string) (string, bool), opt Options) (data.Area, []data.Problem) {
	opt.Layer = data.LayerAreas
	m := NewMapper(opt)
	return m.Area(m.fill(get))
}

// Locate gives problems the place of the record they are about.
func Locate(problems []data.Problem, at Location, record string) []data.Problem {
	for i := range problems {
		p := &problems[i]
		p.File, p.Line = at.File, at.Line
		if p.Column == 0 {
			p.Column = at.Column
		}
		if p.Record == "" {
			p.Record = record
		}
	}
	return problems
}

// IssuedID makes an identifier of a record's content, for a file that gives none:
// the same content gives the same identifier, so that importing twice is
// importing once.
func IssuedID(prefix string, content ...string) string {
	h := sha256.New()
	for _, c := range content {
		h.Write([]byte(c))
		h.Write([]byte{0})
	}
	return prefix + "-" + hex.EncodeToString(h.Sum(nil))[:12]
}

// IssuedIDNote is the problem that goes with IssuedID, once for a file.
func IssuedIDNote(at Location) data.Problem {
	return data.Problem{
		Severity: data.SeverityInfo, Code: "id-issued", File: at.File, Line: at.Line,
		Message: data.Text{
			FR: "enregistrements sans identifiant : un identifiant stable est tiré du contenu de chacun (dit une fois pour tout le fichier). S’il y a une colonne d’identifiants, indiquez-la avec --id-field.",
			EN: "records without identifier: a stable identifier is made of the content of each (said once for the whole file). If there is a column of identifiers, name it with --id-field.",
		},
	}
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

// Site makes a site of attributes; the position is the format's work. Its ID is
// the FINESS number when there is one, else the file's identifier, else empty: the
// format then issues one. A site without name bears its ID. FINESS categories are
// recognised by code, kind or label.
func (m *Mapper) Site(a *Attributes) (data.Site, []data.Problem) {
	var found findings
	s := data.Site{
		ID: Identifier(a.Get(FieldID)), Name: spaces(a.Get(FieldName)), Kind: data.KindOther, Status: data.SiteOpen,
		Address: data.Address{Street: spaces(a.Get(FieldStreet)), PostalCode: postalCode(a.Get(FieldPostalCode))},
	}
	if raw := a.Get(FieldFINESS); raw != "" {
		s.FINESS = m.finess(raw, a.Name(FieldFINESS), &found)
		if s.FINESS != "" {
			s.ID = s.FINESS
		} else if s.ID == "" {
			s.ID = Identifier(raw)
		}
	}
	if raw := a.Get(FieldLegalEntity); raw != "" {
		s.LegalEntityFINESS = m.finess(raw, a.Name(FieldLegalEntity), &found)
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	if raw := a.Get(FieldCategory); raw != "" {
		m.category(&s, raw, a.Name(FieldCategory), &found)
	}
	s.CommuneCode, s.DepartmentCode = m.communeAndDepartment(a, &found)
	if s.CommuneCode == "" || a.Get(FieldCommuneCode) != "" {
		if _, isCode := NormaliseCommune(a.Get(FieldCommune)); !isCode {
			s.Address.Locality = spaces(a.Get(FieldCommune))
		}
	}
	if s.DepartmentCode == "" && len(s.Address.PostalCode) == 5 {
		s.DepartmentCode = departmentOfPostalCode(s.Address.PostalCode)
	}
	s.Capacity = m.capacity(a.Get(FieldCapacity), a.Name(FieldCapacity), &found)
	s.OpenedOn = m.date(a.Get(FieldOpenedOn), a.Name(FieldOpenedOn), &found)
	s.ClosedOn = m.date(a.Get(FieldClosedOn), a.Name(FieldClosedOn), &found)
	m.status(&s, a.Get(FieldStatus), a.Name(FieldStatus), &found)
	return s, found
}

// Wanted tells whether a site is asked for, and if not the reason for Sink.Filtered.
// A site whose FINESS category is not known is kept: the file is the user's own choice.
func (m *Mapper) Wanted(s *data.Site) (reason string, ok bool) {
	if s.Category == "" || m.opt.KeepsCategory(s.Category) {
		return "", true
	}
	return "category " + s.Category, false
}

func (m *Mapper) finess(raw, field string, found *findings) string {
	n, padded, ok := NormaliseFINESS(raw)
	switch {
	case !ok:
		found.add(data.SeverityWarning, "bad-finess", field, raw,
			"numéro FINESS mal formé : 9 chiffres ou lettres sont attendus. Il est gardé comme simple identifiant.",
			"malformed FINESS number: 9 digits or letters are expected. It is kept as a plain identifier.")
	case padded:
		found.add(data.SeverityInfo, "leading-zero", field, raw,
			"zéro de tête rétabli : "+n+".", "leading zero put back: "+n+".")
	}
	return n
}

// category recognises a code, a kind or a label of the nomenclature.
func (m *Mapper) category(s *data.Site, raw, field string, found *findings) {
	raw = strings.TrimSuffix(raw, ".0")
	code, seen := m.categories[raw]
	if !seen {
		code = categoryCode(raw)
		if len(m.categories) < maxSlots {
			m.categories[raw] = code
		}
		if code == "" && !strings.EqualFold(raw, data.KindOther) && m.once("category "+raw) {
			found.add(data.SeverityInfo, "unknown-category", field, raw,
				"catégorie non reconnue : un code FINESS à 3 chiffres est attendu, « 177 » par exemple. Les établissements de cette catégorie sont gardés comme « autres ».",
				"unrecognised category: a 3-digit FINESS code is expected, “177” for example. Homes of this category are kept as “other”.")
		}
	}
	s.Category = code
	if c, ok := data.CategoryByCode(code); ok {
		s.Kind = c.Kind
	}
}

// categoryCode is the code that a category's code, kind or label stands for; empty when unknown.
func categoryCode(raw string) string {
	if len(raw) == 3 && allDigits(raw) {
		return raw
	}
	if c, ok := data.CategoryByKind(raw); ok {
		return c.Code
	}
	folded := FoldName(raw)
	for _, c := range data.Categories {
		for _, label := range []string{c.Label.FR, c.Label.EN} {
			short, _, _ := strings.Cut(label, "(")
			if folded == FoldName(label) || folded == FoldName(short) {
				return c.Code
			}
		}
	}
	if folded == "mecs" {
		return "177"
	}
	return ""
}

// communeAndDepartment reads INSEE codes, which some producers put in the column of names.
func (m *Mapper) communeAndDepartment(a *Attributes, found *findings) (commune, department string) {
	raw, field := a.Get(FieldCommuneCode), a.Name(FieldCommuneCode)
	if raw == "" {
		if c, ok := NormaliseCommune(a.Get(FieldCommune)); ok {
			raw, field = c, ""
		}
	}
	if raw != "" {
		c, ok := NormaliseCommune(raw)
		if !ok {
			// FINESS' own columns: département on 2 characters, commune on 3.
			c, ok = CommuneFromFINESS(a.Get(FieldDepartment), raw)
		}
		commune = c
		switch {
		case !ok:
			m.badCommune(raw, field, found)
		case len(raw) == 4 && field != "" && c == "0"+raw:
			found.add(data.SeverityInfo, "leading-zero", field, raw, "zéro de tête rétabli : "+c+".", "leading zero put back: "+c+".")
		}
	}
	department = DepartmentOfCommune(commune)
	if raw := a.Get(FieldDepartment); raw != "" && department == "" {
		d, ok := NormaliseDepartment(raw)
		if !ok {
			if m.once("department " + raw) {
				found.add(data.SeverityWarning, "unknown-department", a.Name(FieldDepartment), raw,
					"département inconnu : un code INSEE est attendu (01, 2A, 971…). Il est ignoré.",
					"unknown département: an INSEE code is expected (01, 2A, 971…). It is ignored.")
			}
		} else {
			department = d
		}
	}
	return commune, department
}

func (m *Mapper) badCommune(raw, field string, found *findings) {
	found.add(data.SeverityWarning, "bad-commune-code", field, raw,
		"code INSEE de commune mal formé : 5 caractères sont attendus (01004, 2A004, 97127). Il est ignoré.",
		"malformed INSEE commune code: 5 characters are expected (01004, 2A004, 97127). It is ignored.")
}

// departmentOfPostalCode is the département of a postal code where its first digits
// tell it: a few communes are served from the neighbouring one, hence for want of better.
func departmentOfPostalCode(cp string) string {
	d := cp[:2]
	switch {
	case cp == "97133":
		return "977"
	case cp == "97150":
		return "978"
	case d == "97" || d == "98":
		d = cp[:3]
	case d == "20" && cp[2] < '2':
		return "2A"
	case d == "20":
		return "2B"
	}
	if d, ok := NormaliseDepartment(d); ok {
		return d
	}
	return ""
}

func postalCode(s string) string {
	s = strings.TrimSuffix(s, ".0")
	if len(s) == 4 && allDigits(s) {
		return "0" + s
	}
	return s
}

// maxCapacity is beyond the largest home: a number above it is a mistake.
const maxCapacity = 10_000

func (m *Mapper) capacity(raw, field string, found *findings) *int {
	if raw == "" {
		return nil
	}
	f, err := ParseNumber(raw)
	if err != nil || f != math.Trunc(f) || f < 0 || f > maxCapacity {
		found.add(data.SeverityWarning, "bad-capacity", field, raw,
			"capacité illisible : un nombre entier de places est attendu. Elle est tenue pour inconnue.",
			"unreadable capacity: a whole number of places is expected. It is taken as unknown.")
		return nil
	}
	if f == 0 {
		return nil // files put 0 for unknown: no home has no place
	}
	n := int(f)
	return &n
}

var dateLayouts = []string{"2006-01-02", "02/01/2006", "20060102", "2006/01/02", "02-01-2006", "2/1/2006"}

// ParseDate reads the dates of French files (2024-01-31, 31/01/2024, 20240131, with
// or without a time after) to ISO 8601.
func ParseDate(raw string) (string, bool) {
	day := raw
	if i := strings.IndexAny(day, "T "); i > 0 {
		day = day[:i]
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, day); err == nil {
			return t.Format("2006-01-02"), true
		}
	}
	return "", false
}

func (m *Mapper) date(raw, field string, found *findings) string {
	if raw == "" {
		return ""
	}
	d, ok := ParseDate(raw)
	if !ok {
		found.add(data.SeverityWarning, "bad-date", field, raw,
			"date illisible : 2024-01-31 ou 31/01/2024 sont attendus. Elle est ignorée.",
			"unreadable date: 2024-01-31 or 31/01/2024 are expected. It is ignored.")
	}
	return d
}

// status reads the status, which a closing date alone also tells.
func (m *Mapper) status(s *data.Site, raw, field string, found *findings) {
	switch FoldName(raw) {
	case "":
		if s.ClosedOn != "" {
			s.Status = data.SiteClosed
		}
	case "open", "ouvert", "ouverte", "actif", "active", "a", "o", "1", "enservice", "enactivite", "true", "oui":
	case "closed", "ferme", "fermee", "inactif", "inactive", "i", "f", "0", "cesse", "false", "non":
		s.Status = data.SiteClosed
	default:
		if m.once("status " + raw) {
			found.add(data.SeverityWarning, "unknown-status", field, raw,
				"statut non reconnu : « ouvert » ou « fermé » sont attendus. L’établissement est tenu pour ouvert.",
				"unrecognised status: “open” or “closed” are expected. The home is taken as open.")
		}
	}
}

// Zone makes a zone of attributes, without geometry. Its code is empty when the
// file gives none. The edition is the option's, else the file's, else told by the
// codes of QPV: QP… is the generation of 2015, QN… that of 2024.
func (m *Mapper) Zone(a *Attributes) (data.Zone, []data.Problem) {
	var found findings
	z := data.Zone{Kind: m.opt.Kind, Edition: m.opt.Edition, Code: Identifier(a.Get(FieldID)), Name: spaces(a.Get(FieldName))}
	edition, codeDepartment := qpvCode(z.Code)
	if z.Kind == "" {
		z.Kind = data.ZoneCustom
		if k := data.ZoneKind(strings.ToLower(a.Get(FieldCategory))); k.Valid() {
			z.Kind = k
		} else if edition != "" {
			z.Kind = data.ZoneQPV
		}
	}
	if z.Edition == "" {
		z.Edition = Identifier(a.Get(FieldEdition))
	}
	if z.Edition == "" && z.Kind == data.ZoneQPV {
		z.Edition = edition
	}
	if z.Name == "" {
		z.Name = z.Code
	}

	names := a.Get(FieldCommune)
	for _, raw := range splitList(a.Get(FieldCommuneCode)) {
		c, ok := NormaliseCommune(raw)
		if !ok {
			m.badCommune(raw, a.Name(FieldCommuneCode), &found)
			continue
		}
		if len(raw) == 4 {
			found.add(data.SeverityInfo, "leading-zero", a.Name(FieldCommuneCode), raw, "zéro de tête rétabli : "+c+".", "leading zero put back: "+c+".")
		}
		z.CommuneCodes = appendNew(z.CommuneCodes, c)
	}
	for _, raw := range splitList(names) {
		if c, ok := NormaliseCommune(raw); ok {
			z.CommuneCodes = appendNew(z.CommuneCodes, c)
		} else {
			z.CommuneNames = appendNew(z.CommuneNames, spaces(raw))
		}
	}

	for _, raw := range splitList(a.Get(FieldDepartment)) {
		if d, ok := NormaliseDepartment(raw); ok {
			z.DepartmentCodes = appendNew(z.DepartmentCodes, d)
		} else if m.once("department " + raw) {
			found.add(data.SeverityWarning, "unknown-department", a.Name(FieldDepartment), raw,
				"département inconnu : un code INSEE est attendu (01, 2A, 971…). Il est ignoré.",
				"unknown département: an INSEE code is expected (01, 2A, 971…). It is ignored.")
		}
	}
	if len(z.DepartmentCodes) == 0 && codeDepartment != "" && len(z.CommuneCodes) == 0 {
		z.DepartmentCodes = []string{codeDepartment}
	}
	for _, c := range z.CommuneCodes {
		z.DepartmentCodes = appendNew(z.DepartmentCodes, DepartmentOfCommune(c))
	}
	return z, found
}

// qpvCode reads what the code of a QPV tells: QP or QN, then the département on
// three characters ("001", "02A", "971").
func qpvCode(code string) (edition, department string) {
	if len(code) < 8 || len(code) > 9 {
		return "", ""
	}
	d, ok := NormaliseDepartment(code[2:5])
	if !ok {
		return "", ""
	}
	switch strings.ToUpper(code[:2]) {
	case "QP":
		return "2015", d
	case "QN":
		return "2024", d
	}
	return "", ""
}

// Place makes a place of attributes, without position.
func (m *Mapper) Place(a *Attributes) (data.Place, []data.Problem) {
	var found findings
	p := data.Place{ID: Identifier(a.Get(FieldID)), Name: spaces(a.Get(FieldName))}
	p.Kind = placeKind(a.Get(FieldCategory), p.Name)
	if p.Name == "" {
		p.Name = p.ID
	}
	p.CommuneCode, p.DepartmentCode = m.communeAndDepartment(a, &found)
	return p, found
}

// equipmentKinds are the kinds of the types of facilities of the BPE (Insee) that matter here.
var equipmentKinds = map[string]string{
	"A140": "police", "A101": "police", "A104": "gendarmerie",
	"C107": "school", "C108": "school", "C109": "school", "C201": "school", "C301": "school", "C302": "school", "C303": "school",
	"E107": "station", "E108": "station", "E109": "station",
}

// placeKind normalises what a file says a place is; without that, the name of a
// police or gendarmerie unit tells.
func placeKind(raw, name string) string {
	if k, ok := equipmentKinds[strings.ToUpper(raw)]; ok {
		return k
	}
	switch folded := FoldName(raw); folded {
	case "":
	case "police", "commissariat":
		return "police"
	case "gendarmerie":
		return "gendarmerie"
	case "school", "ecole", "college", "lycee":
		return "school"
	case "station", "gare":
		return "station"
	default:
		return strings.ToLower(strings.Join(strings.Fields(raw), "_"))
	}
	switch folded := FoldName(name); {
	case strings.HasPrefix(folded, "brigade"), strings.Contains(folded, "gendarmerie"):
		return "gendarmerie"
	case strings.Contains(folded, "commissariat"), strings.Contains(folded, "police"):
		return "police"
	}
	return data.KindOther
}

// Area makes an administrative unit of attributes, without geometry. The level is
// told by the code: five characters for a commune, two or three for a département.
func (m *Mapper) Area(a *Attributes) (data.Area, []data.Problem) {
	var found findings
	area := data.Area{Name: spaces(a.Get(FieldName))}
	code, field := a.Get(FieldCommuneCode), a.Name(FieldCommuneCode)
	if code == "" {
		code, field = a.Get(FieldID), a.Name(FieldID)
	}
	if code == "" {
		code, field = a.Get(FieldDepartment), a.Name(FieldDepartment)
	}
	if c, ok := NormaliseCommune(code); ok {
		area.Level, area.Code, area.DepartmentCode = data.AreaCommune, c, DepartmentOfCommune(c)
	} else if d, ok := NormaliseDepartment(code); ok {
		area.Level, area.Code, area.DepartmentCode = data.AreaDepartment, d, d
	} else {
		found.add(data.SeverityError, "bad-area-code", field, code,
			"code INSEE de commune (5 caractères) ou de département (2 ou 3) attendu ; l’enregistrement est écarté.",
			"an INSEE code of a commune (5 characters) or département (2 or 3) is expected; the record is set aside.")
	}
	if area.Name == "" {
		area.Name = area.Code
	}
	return area, found
}

// Quality reads how a position was obtained: the precision, its source and the
// geocoder's score in percent.
func (m *Mapper) Quality(a *Attributes) (p data.Precision, source string, score float64) {
	p = data.PrecisionUnspecified
	if raw := a.Get(FieldPrecision); raw != "" {
		p = ParsePrecision(raw)
	}
	if raw := a.Get(FieldScore); raw != "" {
		if f, err := ParseNumber(raw); err == nil && f > 0 && f <= 100 {
			score = f
			if f <= 1 {
				score = f * 100
			}
		}
	}
	return p, a.Get(FieldPositionSource), score
}

// ParsePrecision reads a precision in the words of Vigie, of the geocoder of the
// Base Adresse Nationale (housenumber, street…), of the schools directory
// (precision_localisation) and the codes of Insee's BPE (QUALITE_GEOLOC: 11 exact
// number, 12, 21 and 22 street, 33 random point of the commune).
func ParsePrecision(raw string) data.Precision {
	switch folded := FoldName(raw); folded {
	case "":
		return data.PrecisionUnspecified
	case "surveyed", "releve", "mesure", "gps", "manuel":
		return data.PrecisionSurveyed
	case "housenumber", "numero", "numeroderue", "adresse", "address", "plaque", "exact", "exacte", "interpolation", "parfaite", "11":
		return data.PrecisionHouseNumber
	case "street", "rue", "voie", "12", "21", "22":
		return data.PrecisionStreet
	case "locality", "lieudit", "hameau", "place", "zone":
		return data.PrecisionLocality
	case "commune", "ville", "municipality", "city", "town", "centroide", "centroidecommune", "mairie", "33":
		return data.PrecisionCommune
	}
	return data.PrecisionUnspecified
}

// ParseNumber reads a finite number, with a decimal comma or point and the spaces
// that group digits.
func ParseNumber(raw string) (float64, error) {
	raw = strings.TrimSpace(raw)
	if strings.IndexByte(raw, ',') >= 0 && strings.IndexByte(raw, '.') < 0 {
		raw = strings.Replace(raw, ",", ".", 1)
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil && strings.ContainsAny(raw, " \u00a0\u202f") {
		f, err = strconv.ParseFloat(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(raw), 64)
	}
	if err == nil && (math.IsInf(f, 0) || math.IsNaN(f)) {
		err = strconv.ErrRange
	}
	return f, err
}

// Identifier cleans an identifier: what spreadsheets and GIS made a float ("12.0")
// is a whole number again. It is bounded to 200 bytes.
func Identifier(s string) string {
	if i := strings.IndexByte(s, '.'); i > 0 && strings.Trim(s[i+1:], "0") == "" && allDigits(s[:i]) {
		s = s[:i]
	}
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}

// splitList reads several values in one field: "02571, 02691", "01004;01005".
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	var list []string
	for _, item := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if item = clean(item); item != "" {
			list = append(list, strings.TrimSuffix(item, ".0"))
		}
	}
	return list
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// spaces puts one space between words and none at the ends.
func spaces(s string) string {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= utf8.RuneSelf {
			if s[i] == ' ' && i+1 < len(s) && s[i+1] > ' ' && s[i+1] < utf8.RuneSelf {
				continue
			}
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return s
}
