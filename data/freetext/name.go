package freetext

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed firstnames.txt
var firstNamesFile string

// firstNames are first names in use in France, folded.
var firstNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(firstNamesFile) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			names[line] = true
		}
	}
	return names
})

// fold takes case and accents away.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

var (
	// title is a form of address before a capitalised word.
	title    = regexp.MustCompile(`(?:^|[^\pL\pN])((?:M\.|MM\.|Mr\.?|Mme|Mlle|Mgr|Dr\.?|Docteur|Monsieur|Madame|Mademoiselle|Mrs\.?|Ms\.?|Maître) ?\p{Lu}[\pL'’\-]*)`)
	nameWord = regexp.MustCompile(`\pL[\pL'’]*`)
	// place ends where a name is that of a street, a school or a home.
	place = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:rue|avenue|av\.|boulevard|bd|place|all[ée]es?|impasse|square|quai|chemin|route|cours|pont|port|gare|parc|stade|gymnase|piscine|station|arr[êe]t|cit[ée]|quartier|r[ée]sidence|lotissement|[ée]cole|coll[èe]ge|lyc[ée]e|cr[èe]che|foyer|maison|mecs|pouponni[èe]re|institut|fondation|association|centre|h[ôo]pital|clinique|[ée]glise|saint|sainte|st|ste)[ -](?:(?:de|du|des|la|le|les|l['’]|d['’]|d[’']enfants|municipal|social|[ée]ducatif|maternel|(?-i:\p{Lu})[\pL'’]*)[ -]?){0,4}$`)
)

// names finds what may be the name of a person: a word after a form of address, or a first
// name in use, but in the names of streets and institutions.
func names(t *normalised) (found []span) {
	for _, m := range title.FindAllStringSubmatchIndex(t.text, -1) {
		found = append(found, span{KindName, m[2], m[3]})
	}
	for _, m := range nameWord.FindAllStringIndex(t.text, -1) {
		w := t.text[m[0]:m[1]]
		if first := []rune(w)[0]; !unicode.IsUpper(first) || !firstNames()[fold(w)] {
			continue
		}
		if !place.MatchString(t.text[max(0, m[0]-contextLength):m[0]]) {
			found = append(found, span{KindName, m[0], m[1]})
		}
	}
	return found
}
