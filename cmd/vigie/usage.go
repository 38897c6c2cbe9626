package main

import (
	"regexp"
	"strings"

	"vigie/data"
)

// usageMessages are kong's messages about a command line, which have no type of their
// own, with what they are in French. Of flags and arguments kong keeps the names.
var usageMessages = []struct {
	pattern *regexp.Regexp
	fr      string
}{
	{regexp.MustCompile(`^unknown flag (\S+)$`), "option inconnue\u00a0: $1"},
	{regexp.MustCompile(`^unexpected flag argument "(.*)"$`), "cette option ne prend pas de valeur\u00a0: «\u00a0$1\u00a0»"},
	{regexp.MustCompile(`^unexpected argument (.*)$`), "argument inattendu\u00a0: $1"},
	{regexp.MustCompile(`^missing flags: (.*)$`), "options obligatoires absentes\u00a0: $1"},
	{regexp.MustCompile(`^missing positional arguments (.*)$`), "arguments absents\u00a0: $1"},
	{regexp.MustCompile(`^expected one of (.*)$`), "commande ou argument absent\u00a0; au choix\u00a0: $1"},
	{regexp.MustCompile(`^(--\S+) must be one of (.*) but got "(.*)"$`), "$1\u00a0: «\u00a0$3\u00a0» n’est pas permis\u00a0; au choix\u00a0: $2"},
	{regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together$`), "$1 et $2 s’excluent"},
	{regexp.MustCompile(`^(\S+): expected \S+ value but got "EOL" .*$`), "$1\u00a0: une valeur est attendue"},
	{regexp.MustCompile(`^(\S+): expected an? (?:valid \d+ bit u?)?int but got "(.*)".*$`), "$1\u00a0: un nombre entier est attendu, pas «\u00a0$2\u00a0»"},
	{regexp.MustCompile(`^(\S+): expected a float but got "(.*)".*$`), "$1\u00a0: un nombre est attendu, pas «\u00a0$2\u00a0»"},
	{regexp.MustCompile(`^(\S+): expected duration but got "(.*?)".*$`), "$1\u00a0: une durée est attendue (30s, 15m, 12h), pas «\u00a0$2\u00a0»"},
	{regexp.MustCompile(`^(\S+): bool value must be .* but got "(.*)"$`), "$1\u00a0: true ou false est attendu, pas «\u00a0$2\u00a0»"},
	{regexp.MustCompile(`^expected ("[^"]*")$`), "argument absent\u00a0: $1"},
}

var suggestion = regexp.MustCompile(`^(.*), did you mean (?:one of )?(.*)\?$`)

// usageMessage is what kong says of a command line, in both languages.
func usageMessage(err error) data.Text {
	message, hint := err.Error(), ""
	if m := suggestion.FindStringSubmatch(message); m != nil {
		message, hint = m[1], ". Peut-être\u00a0: "+m[2]
	}
	for _, known := range usageMessages {
		if m := known.pattern.FindStringSubmatchIndex(message); m != nil {
			return data.Text{FR: string(known.pattern.ExpandString(nil, known.fr, message, m)) + hint, EN: err.Error()}
		}
	}
	return data.Text{FR: "ligne de commande incorrecte\u00a0: " + err.Error(), EN: err.Error()}
}

// askedLanguage is the value of --lang on a command line that could not be parsed.
func askedLanguage(args []string) string {
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--lang="); ok {
			return value
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
