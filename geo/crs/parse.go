package crs

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxLabel bounds the length of a label, in bytes: identifiers are short.
const maxLabel = 500

var (
	urnPattern = regexp.MustCompile(`(?i)^urn:(?:x-)?ogc:def:crs:(EPSG|OGC|CRS|IGNF):(?:[^:]*:)?([A-Z0-9]+)$`)
	uriPattern = regexp.MustCompile(`(?i)^https?://(?:www\.)?opengis\.net/def/crs/(EPSG|OGC)/[^/]+/([A-Z0-9]+)/?$`)
	gmlPattern = regexp.MustCompile(`(?i)^https?://(?:www\.)?opengis\.net/gml/srs/epsg\.xml#(\d+)$`)
	// A code may be followed by its name: "EPSG:2154 RGF93 / Lambert-93 (Métropole)".
	codePattern  = regexp.MustCompile(`(?i)^EPSG[\s:_-]*(\d{1,6})(?:$|[\s/(].*$)`)
	digits       = regexp.MustCompile(`^\d{1,6}$`)
	parentheses  = regexp.MustCompile(`\([^()]*\)`)
	olderName    = regexp.MustCompile(`^(?:NTF|ED50|LAMB(?:ERT)?(?:[1-4]|I|ZONE)|LAMBE$)`)
	utmPattern   = regexp.MustCompile(`UTM(?:ZONE|FUSEAU)?0?(\d{1,2})([NS])(?:ORD|UD)?`)
	utmHemiFirst = regexp.MustCompile(`UTM([NS])(?:ORD|UD)?(?:ZONE|FUSEAU|F)?0?(\d{1,2})`)
)

// Parse recognises a CRS by what files and requests call it: an EPSG code
// ("2154", "EPSG:2154", with or without a name after it), an OGC URN or URI,
// CRS84 in its spellings, a name of the registry or of IGN ("RGF93 v1 /
// Lambert-93", "LAMB93", "CC46"), and the labels of FINESS ("L93_METROPOLE",
// "UTM_N20", "WGS84/UTM zone 1S (Wallis-et-Futuna)"). Case, accents,
// punctuation and what is in parentheses do not matter. Of a list separated by
// commas, as in FINESS sources, the last item counts. A UTM zone without a
// datum is that of the legal projection.
//
// The error is an *Error. An EPSG code in a label wins over the name after it.
func Parse(s string) (CRS, error) {
	label := strings.TrimSpace(s)
	if label == "" || len(label) > maxLabel {
		return CRS84, unknown(label)
	}
	if i := strings.LastIndexByte(label, ','); i >= 0 {
		label = strings.TrimSpace(label[i+1:])
	}
	label = strings.TrimSuffix(strings.TrimPrefix(label, "["), "]") // safe CURIE of OGC APIs

	for _, p := range []*regexp.Regexp{urnPattern, uriPattern} {
		if m := p.FindStringSubmatch(label); m != nil {
			if strings.EqualFold(m[1], "EPSG") {
				return byDigits(s, m[2])
			}
			return byName(s, m[2])
		}
	}
	for _, p := range []*regexp.Regexp{codePattern, gmlPattern} {
		if m := p.FindStringSubmatch(label); m != nil {
			return byDigits(s, m[1])
		}
	}
	if digits.MatchString(label) {
		return byDigits(s, label)
	}
	for _, authority := range []string{"OGC:", "IGNF:"} {
		if len(label) > len(authority) && strings.EqualFold(label[:len(authority)], authority) {
			label = label[len(authority):]
		}
	}
	return byName(s, label)
}

func byDigits(s, code string) (CRS, error) {
	n, err := strconv.Atoi(code)
	if err != nil {
		return CRS84, unknown(s)
	}
	if c, ok := ByCode(n); ok {
		return c, nil
	}
	if olderFrame(n) {
		return CRS84, older(s)
	}
	return CRS84, unknown(s)
}

// olderFrame tells whether an EPSG code is of NTF or ED50 in France.
func olderFrame(code int) bool {
	switch {
	case code >= 27561 && code <= 27594, code >= 23028 && code <= 23038,
		code == 4275, code == 4807, code == 4902, code == 4230, code == 7421:
		return true
	}
	return false
}

// older refuses the frames that preceded RGF93. Their published seven- and
// three-parameter transformations are metres wrong; the exact one needs IGN's
// grid gr3df97a, which Vigie does not carry.
func older(value string) *Error {
	return refused(value,
		"réseau antérieur à RGF93 (NTF, ED50), dont la conversion demande une grille et serait sinon fausse de plusieurs mètres ; convertissez d’abord le fichier en Lambert-93 (EPSG:2154), par exemple avec QGIS ou Circé",
		"frame older than RGF93 (NTF, ED50), whose conversion needs a grid and would otherwise be metres wrong; convert the file to Lambert-93 (EPSG:2154) first, for example with QGIS or Circé")
}

// byName looks a name up; s is the whole label, for messages.
func byName(s, name string) (CRS, error) {
	key := fold(parentheses.ReplaceAllString(name, " "))
	if key == "" {
		return CRS84, unknown(s)
	}
	for i := range table {
		if fold(table[i].name) == key {
			return CRS{uint8(i)}, nil
		}
		for _, alias := range table[i].aliases {
			if alias == key {
				return CRS{uint8(i)}, nil
			}
		}
	}
	if c, ok := byUTM(key); ok {
		return c, nil
	}
	if olderName.MatchString(key) {
		return CRS84, older(s)
	}
	return CRS84, unknown(s)
}

// places are territory names that labels put around a UTM zone.
var places = []string{
	"ANTILLES", "GUADELOUPE", "MARTINIQUE", "SAINTMARTIN", "STMARTIN", "SAINTBARTHELEMY", "STBARTHELEMY",
	"GUYANE", "LAREUNION", "REUNION", "MAYOTTE", "SAINTPIERREETMIQUELON", "STPIERREETMIQUELON", "SPM",
	"WALLISETFUTUNA", "WALLIS", "POLYNESIEFRANCAISE", "POLYNESIE", "TAHITI", "NOUVELLECALEDONIE",
}

// byUTM recognises a UTM zone with or without a datum, in either order. What
// remains of the label must be a known datum or territory: a zone on another
// datum (Combani 1950, NAD27…) is hundreds of metres away and must be refused.
func byUTM(key string) (CRS, bool) {
	var zone, hemisphere string
	at := utmPattern.FindStringSubmatchIndex(key)
	if at != nil {
		zone, hemisphere = key[at[2]:at[3]], key[at[4]:at[5]]
	} else if at = utmHemiFirst.FindStringSubmatchIndex(key); at != nil {
		hemisphere, zone = key[at[2]:at[3]], key[at[4]:at[5]]
	} else {
		return CRS84, false
	}
	number, err := strconv.Atoi(zone)
	if err != nil {
		return CRS84, false
	}
	if hemisphere == "S" {
		number = -number
	}
	rest := key[:at[0]] + key[at[1]:]
	for changed := true; changed; {
		changed = false
		for _, p := range places {
			if r := strings.Replace(rest, p, "", 1); r != rest {
				rest, changed = r, true
			}
		}
	}
	if rest == "W84" {
		rest = "WGS84"
	}
	if rest == "" {
		// The legal zone; else, on WGS 84.
		for i := range table {
			if table[i].utm == number && table[i].legal {
				return CRS{uint8(i)}, true
			}
		}
		rest = "WGS84"
	}
	frame := datumByName(rest)
	if frame == nil {
		return CRS84, false
	}
	for i := range table {
		if table[i].utm == number && table[i].datum == frame.key {
			return CRS{uint8(i)}, true
		}
	}
	return CRS84, false
}

// fold reduces a name to its letters and digits, in capitals without accents.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if r = unicode.ToUpper(r); r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
