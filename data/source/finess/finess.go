// Package finess reads the three layouts in which the French register of health
// and social establishments (FINESS) is published.
//
//   - finess-etalab: the classic stock (cs1100502 without coordinates, cs1100507
//     with), without header, fields between semicolons, "structureet" lines of 31
//     fields and "geolocalisation" lines in either order.
//   - finess-joined: the same fields with a header and the coordinates on the same line.
//   - finess-json: the structures flow of FINESS+ (schema v1).
//
// Categories not asked for are filtered. A home without usable position is kept,
// not located. No layout gives capacities.
package finess

import (
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Formats are the three layouts.
func Formats() []source.Format { return []source.Format{Etalab{}, Joined{}, JSON{}} }

var siteLayer = []data.Layer{data.LayerSites}

// structureFields are the fields of a "structureet" line, in order.
var structureFields = []string{
	"nofinesset", "nofinessej", "rs", "rslongue", "complrs", "compldistrib", "numvoie", "typvoie", "voie", "compvoie",
	"lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone", "telecopie", "categetab",
	"libcategetab", "categagretab", "libcategagretab", "siret", "codeape", "codemft", "libmft", "codesph", "libsph",
	"dateouv", "dateautor", "datemaj", "numuai",
}

// fields gives a structure's field by name, empty when the file has no such column.
type fields func(name string) string

// category is the FINESS category, all that is needed to filter a line.
func (get fields) category() string { return strings.TrimSpace(get("categetab")) }

// site makes the site of a structure, without position. ok is false, with an
// error among the problems, when it has no usable number.
func (get fields) site() (s data.Site, problems []data.Problem, ok bool) {
	add := func(sev data.Severity, code, field, value, fr, en string) {
		problems = append(problems, data.Problem{
			Severity: sev, Code: code, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
		})
	}
	number := func(field string) string {
		raw := clean(get(field))
		if raw == "" {
			return ""
		}
		n, padded, valid := source.NormaliseFINESS(raw)
		if padded {
			add(data.SeverityInfo, "leading-zero", field, raw, "zéro de tête rétabli : "+n+".", "leading zero put back: "+n+".")
		}
		if !valid {
			add(data.SeverityWarning, "bad-finess", field, raw,
				"numéro FINESS mal formé : 9 chiffres ou lettres sont attendus.",
				"malformed FINESS number: 9 digits or letters are expected.")
		}
		return n
	}
	s = data.Site{Kind: data.KindOther, Status: data.SiteOpen, Category: get.category()}
	s.FINESS = number("nofinesset")
	if s.FINESS == "" {
		add(data.SeverityError, "missing-id", "nofinesset", get("nofinesset"),
			"numéro FINESS géographique absent ou mal formé : 9 chiffres ou lettres sont attendus ; l’établissement est écarté.",
			"missing or malformed geographic FINESS number: 9 digits or letters are expected; the establishment is set aside.")
		return s, problems, false
	}
	s.ID = s.FINESS
	s.LegalEntityFINESS = number("nofinessej")
	s.Name = first(clean(get("rslongue")), clean(get("rs")), s.ID)
	if c, known := data.CategoryByCode(s.Category); known {
		s.Kind = c.Kind
	}

	department, commune := clean(get("departement")), clean(get("commune"))
	if code, valid := source.CommuneFromFINESS(department, commune); valid {
		s.CommuneCode, s.DepartmentCode = code, source.DepartmentOfCommune(code)
	} else {
		add(data.SeverityWarning, "bad-commune-code", "commune", department+" "+commune,
			"commune illisible : un département (01, 2A, 9A) et trois caractères de commune sont attendus. Elle est ignorée.",
			"unreadable commune: a département (01, 2A, 9A) and three characters of commune are expected. It is ignored.")
		s.DepartmentCode, _ = knownDepartment(department)
	}

	s.Address.Street = joined(get("numvoie"), get("compvoie"), get("typvoie"), get("voie"))
	if s.Address.Street == "" {
		s.Address.Street = first(clean(get("lieuditbp")), clean(get("compldistrib")))
	}
	s.Address.PostalCode, s.Address.Locality = delivery(get("ligneacheminement"))

	if raw := clean(get("dateouv")); raw != "" {
		if day, valid := source.ParseDate(raw); valid {
			s.OpenedOn = day
		} else {
			add(data.SeverityWarning, "bad-date", "dateouv", raw,
				"date illisible : 2024-01-31 est attendu. Elle est ignorée.", "unreadable date: 2024-01-31 is expected. It is ignored.")
		}
	}
	return s, problems, true
}

func knownDepartment(code string) (string, bool) {
	d, ok := source.NormaliseDepartment(code)
	if !ok {
		return "", false
	}
	return d, true
}

// clean puts one space between words and none at the ends.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

func joined(parts ...string) string { return clean(strings.Join(parts, " ")) }

func first(options ...string) string {
	for _, s := range options {
		if s != "" {
			return s
		}
	}
	return ""
}

// delivery splits the delivery line, "01440 VIRIAT", into postal code and locality.
func delivery(line string) (postalCode, locality string) {
	line = clean(line)
	if len(line) >= 5 && strings.Trim(line[:5], "0123456789") == "" && (len(line) == 5 || line[5] == ' ') {
		return line[:5], strings.TrimSpace(line[5:])
	}
	return "", line
}
