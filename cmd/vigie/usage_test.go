package main

import (
	"strings"
	"testing"
)

// TestUsageErrorsSpeakBothLanguages goes through what the parser may say: whoever types
// a wrong command reads French, or English on demand, never the parser's words in French.
func TestUsageErrorsSpeakBothLanguages(t *testing.T) {
	t.Setenv("VIGIE_LANG", "")
	for _, tt := range []struct {
		args   []string
		fr, en string
	}{
		{[]string{"--foo"}, "option inconnue\u00a0: --foo", "unknown flag --foo"},
		{[]string{"serve", "--lisen", "x"}, "Peut-être\u00a0: \"--listen\"", "did you mean \"--listen\"?"},
		{[]string{"user", "add"}, "options obligatoires absentes\u00a0: --name", "missing flags: --name"},
		{[]string{"user"}, "au choix\u00a0: \"add\"", "expected one of \"add\""},
		{[]string{"explain"}, "argument absent\u00a0: \"<site>\"", "expected \"<site>\""},
		{[]string{"nothing"}, "argument inattendu\u00a0: nothing", "unexpected argument nothing"},
		{[]string{"imports", "--limit", "x"}, "un nombre entier est attendu, pas «\u00a0x\u00a0»", "valid 64 bit int"},
		{[]string{"imports", "--limit"}, "--limit\u00a0: une valeur est attendue", "expected int value"},
		{[]string{"imports", "--db"}, "--db\u00a0: une valeur est attendue", "expected string value"},
		{[]string{"import", "sites", "--strict=maybe"}, "true ou false est attendu, pas «\u00a0maybe\u00a0»", "bool value must be"},
	} {
		for lang, want := range map[string]string{"fr": tt.fr, "en": tt.en} {
			for _, args := range [][]string{append([]string{"--lang", lang}, tt.args...), append([]string{"--lang=" + lang}, tt.args...)} {
				code, _, stderr := vigie(t, args...)
				if code != exitUsage || !strings.Contains(stderr, "vigie: ") || !strings.Contains(stderr, want) {
					t.Errorf("%v: exit %d, %q, want %q", args, code, stderr, want)
				}
				if lang == "fr" && strings.Contains(stderr, "Help:") || strings.Contains(stderr, "ligne de commande incorrecte") {
					t.Errorf("%v: not in French: %q", args, stderr)
				}
			}
		}
	}
	if code, _, stderr := vigie(t, "--lang", "xx", "imports"); code != exitUsage || !strings.Contains(stderr, "«\u00a0xx\u00a0»") && !strings.Contains(stderr, "xx") {
		t.Errorf("unknown language: %d %q", code, stderr)
	}
}
