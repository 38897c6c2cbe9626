package source

import (
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
)

// finessOverseas maps the codes that FINESS gives to overseas départements and
// collectivities to the first two digits of their commune codes; the third digit is
// the first of FINESS' own three-character commune ("9A" + "127" is 97127).
var finessOverseas = map[string]string{
	"9A": "97", // Guadeloupe, with Saint-Martin and Saint-Barthélemy
	"9B": "97", // Martinique
	"9C": "97", // Guyane
	"9D": "97", // La Réunion
	"9E": "97", // Saint-Pierre-et-Miquelon
	"9F": "97", // Mayotte
	"9H": "98", // Polynésie française
	"9I": "98", // Nouvelle-Calédonie
	"9J": "98", // Wallis-et-Futuna
}

// finessDepartments are the INSEE codes of the départements that FINESS writes with a letter.
var finessDepartments = map[string]string{
	"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976",
	"9H": "987", "9I": "988", "9J": "986",
}

// CommuneFromFINESS builds the INSEE commune code from the two fields of FINESS:
// département on two characters ("01", "2A", "9A") and commune on three ("451",
// "127"). It is false when they don't make one.
func CommuneFromFINESS(department, commune string) (string, bool) {
	department = strings.ToUpper(strings.TrimSpace(department))
	commune = strings.TrimSpace(commune)
	if prefix, ok := finessOverseas[department]; ok {
		department = prefix
	} else if len(department) == 3 && (strings.HasPrefix(department, "97") || strings.HasPrefix(department, "98")) {
		department = department[:2]
	}
	if len(department) == 1 && department != "0" {
		department = "0" + department // a spreadsheet dropped the zero
	}
	if n := len(commune); n == 0 || n > 3 {
		return "", false
	}
	return NormaliseCommune(department + strings.Repeat("0", 3-len(commune)) + commune)
}

// NormaliseCommune gives the INSEE code of a commune on five characters: the
// leading zero that spreadsheets drop is put back ("1004" is 01004), "2a004" is
// 2A004, "75056.0" is 75056. Communes of data.FictitiousDepartment need all their digits. It is false when s is no commune code.
func NormaliseCommune(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(s), ".0"))
	if len(s) == 4 && allDigits(s) && s[0] != '0' {
		s = "0" + s
	}
	if len(s) != 5 || !allDigits(s[2:]) {
		return "", false
	}
	if d := s[:2]; d != "2A" && d != "2B" && (!allDigits(d) || s == "00000" || d == "96" || d == "99") {
		return "", false
	}
	return s, true
}

// DepartmentOfCommune gives the INSEE code of the département or collectivity of a
// commune: "01" for 01004, "2A" for 2A004, "974" for 97411. The codes that
// Saint-Barthélemy (97123) and Saint-Martin (97127) had as communes of Guadeloupe,
// still used by FINESS, give their collectivities, 977 and 978. Empty for what is
// no commune code.
func DepartmentOfCommune(commune string) string {
	commune, ok := NormaliseCommune(commune)
	switch {
	case !ok:
		return ""
	case commune == "97123":
		return "977"
	case commune == "97127":
		return "978"
	case commune[:2] == "97" || commune[:2] == "98":
		return commune[:3]
	}
	return commune[:2]
}

// NormaliseDepartment gives the INSEE code of a département: "1", "01" and "001"
// are 01; "02A" and "2a" are 2A; "9D", of FINESS, is 974; "00" and "000" are
// data.FictitiousDepartment. It is false for an unknown code.
func NormaliseDepartment(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(s), ".0"))
	if d, ok := finessDepartments[s]; ok {
		return d, true
	}
	if len(s) == 3 && s[0] == '0' {
		s = s[1:]
	}
	if s == data.FictitiousDepartment { // not from "0", which stands for an absent code
		return s, true
	}
	if len(s) == 1 {
		s = "0" + s
	}
	_, ok := departmentExtents[s]
	return s, ok
}

// NormaliseFINESS gives a FINESS number on nine characters, digits or capital
// letters ("010000024", "2A0002408"). padded tells that the leading zero a
// spreadsheet dropped was put back. ok is false when s is no FINESS number.
func NormaliseFINESS(s string) (number string, padded, ok bool) {
	s = strings.ToUpper(strings.TrimSuffix(strings.ReplaceAll(strings.TrimSpace(s), " ", ""), ".0"))
	if len(s) == 8 && allDigits(s) {
		s, padded = "0"+s, true
	}
	if len(s) != 9 {
		return "", false, false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return "", false, false
		}
	}
	return s, padded, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// departmentMargin widens a département's box: an address may be recorded in the
// neighbouring one.
const departmentMargin = 0.1 // degrees, about 10 km

// nearDepartment tells whether a point (lon, lat) is in a département's box, widened.
// It is true for an unknown code.
func nearDepartment(p orb.Point, department string) bool {
	box, ok := departmentExtents[department]
	return !ok || box.Pad(departmentMargin).Contains(p)
}
