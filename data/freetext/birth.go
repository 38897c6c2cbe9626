package freetext

import "regexp"

const (
	month = `(?:janv(?:ier)?|f[ée]v(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[ûu]t|sept?(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?` +
		`|january|february|march|april|may|june|july|august|september|october|november|december)\.?`
	date = `(?:\d{1,2} ?[/.\- ] ?\d{1,2} ?[/.\- ] ?\d{2,4}|\d{4} ?[/.\-] ?\d{1,2} ?[/.\-] ?\d{1,2}|(?:\d{1,2}(?:er|st|nd|rd|th)? )?` +
		month + `,? (?:\d{1,2}(?:st|nd|rd|th)?,? )?\d{4}|\d{8})`
)

// birth is a date after what says that someone was born then. Other dates, a visit's for
// instance, are nobody's.
var birth = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])` +
	`(n[ée](?:\(e\)|e|\.e|·e)?s? (?:le|en|au mois de)|(?:date|jour|mois)(?: et lieu)? de naissance|naissance|ddn|d\.d\.n\.?|dob|d\.o\.b\.?|date of birth|birth ?(?:day|date)|born(?: on| in)?|anniversaire)` +
	`[^\pN\n]{0,30}?(` + date + `)(?:$|[^\pN])`)

func births(t *normalised) (found []span) {
	for _, m := range birth.FindAllStringSubmatchIndex(t.text, -1) {
		found = append(found, span{KindBirth, m[2], m[5]})
	}
	return found
}
