package freetext

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Dates and 9-digit numbers (FINESS, SIREN) are set aside before phone numbers are looked
// for: "01/02/2026 14" has the ten digits of one.
var notPhones = regexp.MustCompile(`\b\d{1,2} ?[/.\-] ?\d{1,2} ?[/.\-] ?(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{9}\b`)

var (
	frenchPhone = regexp.MustCompile(`\b0[ .\-/()]{0,2}[1-9](?:[ .\-/()]{0,3}\d){8}\b`)
	// With an international prefix, "+" or "00"; "+33 (0)6" is common.
	foreignPhone = regexp.MustCompile(`(?:\+|\b00)[ .\-]{0,2}[1-9](?:[ .\-/()]{0,3}\d){6,14}\b`)
)

// phones finds phone numbers: international ones that may exist, and any of French form.
func phones(t *normalised) (found []span) {
	for _, m := range foreignPhone.FindAllStringIndex(t.text, -1) {
		n, err := phonenumbers.Parse(t.text[m[0]:m[1]], "FR")
		if err == nil && phonenumbers.IsPossibleNumber(n) {
			found = append(found, span{KindPhone, m[0], m[1]})
		}
	}
	text := notPhones.ReplaceAllStringFunc(t.text, func(s string) string { return strings.Repeat("#", len(s)) })
	for _, m := range frenchPhone.FindAllStringIndex(text, -1) {
		found = append(found, span{KindPhone, m[0], m[1]})
	}
	return found
}

var email = regexp.MustCompile(`(?i)[\pL\pN._%+\-]+ ?(?:@|[(\[] ?(?:at|arobase|a) ?[)\]]| arobase ) ?[\pL\pN\-]+(?: ?\. ?[\pL\pN\-]+)*\.[\pL]{2,}`)

func emails(t *normalised) (found []span) {
	for _, m := range email.FindAllStringIndex(t.text, -1) {
		found = append(found, span{KindEmail, m[0], m[1]})
	}
	return found
}
