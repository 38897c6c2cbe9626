package source

import (
	"math"
	"strings"

	"vigie/data"
)

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

	z.Population = m.population(a.Get(FieldPopulation), a.Name(FieldPopulation), &found)

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

// population reads a number of inhabitants; those that Insee estimates have decimals.
func (m *Mapper) population(raw, field string, found *findings) *int {
	if raw == "" {
		return nil
	}
	f, err := ParseNumber(raw)
	if err != nil || !(f >= 0 && f <= data.MaxPopulation) {
		found.add(data.SeverityWarning, "bad-population", field, raw,
			"population illisible\u00a0: un nombre d’habitants de 0 à 10\u00a0000\u00a0000 est attendu. Elle est tenue pour inconnue.",
			"unreadable population: a number of inhabitants from 0 to 10,000,000 is expected. It is taken as unknown.")
		return nil
	}
	n := int(math.Round(f))
	return &n
}

// qpvCode reads what the code of a QPV tells: QP, the département on three
// characters ("001", "02A", "971") and three digits in the generation of 2015; QN,
// the département, two digits and a letter in that of 2024.
func qpvCode(code string) (edition, department string) {
	if len(code) != 8 {
		return "", ""
	}
	code = strings.ToUpper(code)
	d, ok := NormaliseDepartment(code[2:5])
	last := code[7]
	switch {
	case !ok || !allDigits(code[5:7]):
	case code[:2] == "QP" && last >= '0' && last <= '9':
		return "2015", d
	case code[:2] == "QN" && last >= 'A' && last <= 'Z':
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

// placeKind normalises what a file says a place is; without that, the name of a
// police or gendarmerie unit tells.
func placeKind(raw, name string) string {
	if k, ok := data.PlaceKindByBPE(raw); ok {
		return k.ID
	}
	folded := FoldName(raw)
	for _, k := range data.PlaceKinds {
		if folded == FoldName(k.ID) || folded == FoldName(k.Label.FR) {
			return k.ID
		}
	}
	switch folded {
	case "":
	case "commissariat":
		return data.PlacePolice
	default:
		return strings.ToLower(strings.Join(strings.Fields(raw), "_"))
	}
	switch folded := FoldName(name); {
	case strings.HasPrefix(folded, "brigade"), strings.Contains(folded, "gendarmerie"):
		return data.PlaceGendarmerie
	case strings.Contains(folded, "commissariat"), strings.Contains(folded, "police"):
		return data.PlacePolice
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
