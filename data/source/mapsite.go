package source

import (
	"math"
	"strings"

	"vigie/data"
)

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
	s.PlacingDepartments = m.placingDepartments(a, s.DepartmentCode, &found)
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

// placingDepartments reads "13 84", "13,84" or "13;84": the départements other than the
// home's own that place children there.
func (m *Mapper) placingDepartments(a *Attributes, own string, found *findings) []string {
	var codes []string
	for _, raw := range splitList(strings.ReplaceAll(a.Get(FieldPlacingDepartments), " ", ",")) {
		code, ok := NormaliseDepartment(raw)
		if !ok {
			found.add(data.SeverityWarning, "unknown-department", a.Name(FieldPlacingDepartments), raw,
				"département inconnu : un code INSEE est attendu (01, 2A, 971…). Il est ignoré.",
				"unknown département: an INSEE code is expected (01, 2A, 971…). It is ignored.")
			continue
		}
		codes = append(codes, code)
	}
	return data.PlacingDepartments(codes, own)
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
	case d == data.FictitiousDepartment:
		return "" // "00000" stands for an absent code
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
