package crs

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error says, in French and in English, why a CRS could not be recognised.
type Error struct {
	Value string // what the file says, shortened to 80 characters
	FR    string
	EN    string
}

// Error gives the English message.
func (e *Error) Error() string { return e.EN }

// maxErrorValue bounds how much of an offending value is repeated, in runes.
const maxErrorValue = 80

func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	if utf8.RuneCountInString(s) <= maxErrorValue {
		return s
	}
	return string([]rune(s)[:maxErrorValue-1]) + "…"
}

// refused makes an Error from what is wrong with value.
func refused(value, fr, en string) *Error {
	value = clip(value)
	return &Error{
		Value: value,
		FR:    "système de coordonnées « " + value + " » refusé : " + fr,
		EN:    "coordinate reference system “" + value + "” refused: " + en,
	}
}

// unknown makes an Error that lists what is known.
func unknown(value string) *Error {
	if strings.TrimSpace(value) == "" {
		return &Error{
			FR: "système de coordonnées absent ; attendu par exemple « EPSG:2154 » ; connus : " + knownCodes(),
			EN: "missing coordinate reference system; expected for example “EPSG:2154”; known: " + knownCodes(),
		}
	}
	value = clip(value)
	return &Error{
		Value: value,
		FR:    "système de coordonnées inconnu : « " + value + " » ; connus : " + knownCodes(),
		EN:    "unknown coordinate reference system: “" + value + "”; known: " + knownCodes(),
	}
}

// knownCodes lists the table, runs of consecutive codes shortened.
func knownCodes() string {
	var b strings.Builder
	b.WriteString("OGC:CRS84, EPSG:")
	for i := 1; i < len(table); i++ {
		if i > 1 {
			b.WriteString(", ")
		}
		first := table[i].code
		b.WriteString(strconv.Itoa(first))
		j := i
		for j+1 < len(table) && table[j+1].code == table[j].code+1 {
			j++
		}
		if j > i+1 {
			b.WriteString("–" + strconv.Itoa(table[j].code))
			i = j
		}
	}
	return b.String()
}
