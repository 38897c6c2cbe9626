package source

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vigie/data"
)

// Territory reads the INSEE codes of a commune and of a département as official files
// write them, either of which may be empty. The département is the commune's when it has
// one. ok is false when a code is given that is none.
func Territory(commune, department string) (communeCode, departmentCode string, ok bool) {
	ok = true
	if commune != "" {
		if communeCode, ok = NormaliseCommune(commune); ok {
			return communeCode, DepartmentOfCommune(communeCode), true
		}
		communeCode = ""
	}
	if department != "" {
		d, valid := NormaliseDepartment(department)
		return "", d, ok && valid
	}
	return "", "", ok
}

// IndicatorID is the stable identifier of an indicator that a file names by a label, and
// whether Vigie knows it; of an unknown one the identifier is made of the label, and
// empty when the label has no letter.
func IndicatorID(label string) (id string, known bool) {
	folded := FoldName(label)
	for i := range data.StatisticIndicators {
		in := &data.StatisticIndicators[i]
		if folded == FoldName(in.Label.FR) || label == in.ID {
			return in.ID, true
		}
		for _, name := range in.Names {
			if folded == FoldName(name) {
				return in.ID, true
			}
		}
	}
	return slug(label), false
}

// slug makes an identifier of a label: small letters, digits and underscores.
func slug(label string) string {
	const longest = 80
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(label) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
		if b.Len() >= longest {
			break
		}
	}
	return b.String()
}
