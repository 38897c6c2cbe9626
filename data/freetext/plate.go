package freetext

import (
	"regexp"
	"strings"
)

var (
	// SIV, since 2009: AB-123-CD, without I, O and U. In small letters only with hyphens.
	siv = regexp.MustCompile(`\b([A-HJ-NP-TV-Z]{2})([ .\-]{0,3})\d{3}[ .\-]{0,3}([A-HJ-NP-TV-Z]{2})\b|\b[a-hj-np-tv-z]{2} ?- ?\d{3} ?- ?[a-hj-np-tv-z]{2}\b`)
	// FNI, before: 1234 AB 75. With blanks it also is "12 QPV 93", unless a vehicle is meant.
	fni = regexp.MustCompile(`(?i)\b\d{1,4}([ \-]?)[A-HJ-NP-TV-Z]{2,3}([ \-]?)(?:0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-6])\b`)
	// vehicle tells that a plate may follow.
	vehicle = regexp.MustCompile(`(?i)immatricul|plaque|v[ée]hicule|voiture|scooter|\bmoto|camion|fourgon|berline|\bplate\b|\bcar\b|\bvan\b`)
)

// words are two-letter words that stand before and after a number in capitals: "LE 119 EN".
const words = " LA LE DE DU EN ET NE SE CE CA SA MA TA AN PL NB KM "

func plates(t *normalised) (found []span) {
	for _, m := range siv.FindAllStringSubmatchIndex(t.text, -1) {
		if m[2] >= 0 && t.text[m[4]:m[5]] == " " && word(t.text[m[2]:m[3]]) && word(t.text[m[6]:m[7]]) {
			continue
		}
		found = append(found, span{KindPlate, m[0], m[1]})
	}
	for _, m := range fni.FindAllStringSubmatchIndex(t.text, -1) {
		hyphens := t.text[m[2]:m[3]] == "-" && t.text[m[4]:m[5]] == "-"
		if hyphens || vehicle.MatchString(t.text[max(0, m[0]-contextLength):m[0]]) {
			found = append(found, span{KindPlate, m[0], m[1]})
		}
	}
	return found
}

// contextLength is how far before a form, in bytes, what it means is looked for.
const contextLength = 60

func word(s string) bool { return strings.Contains(words, " "+s+" ") }
