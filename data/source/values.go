package source

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vigie/data"
)

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
