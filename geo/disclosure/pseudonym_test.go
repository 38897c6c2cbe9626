package disclosure

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPseudonyms(t *testing.T) {
	key, other := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9A-Z]{1,9}`), 1, 30, rapid.ID).Draw(t, "ids")
		names, err := Pseudonyms(key, ids)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Pseudonyms(key, ids)
		next, _ := Pseudonyms(other, ids)
		seen := map[string]bool{}
		for i, name := range names {
			if name != again[i] || name == next[i] || seen[name] || len(name) != 10 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz234567") != "" {
				t.Fatalf("%q is called %q, %q, %q", ids[i], name, again[i], next[i])
			}
			seen[name] = true
		}
	})
	// Computed with another implementation of HMAC-SHA-256.
	if names, err := Pseudonyms(key, []string{"750000001"}); err != nil || names[0] != "ija6atvbwa" {
		t.Errorf("%v, %v", names, err)
	}
	for _, ids := range [][]string{{""}, {"a", "a"}} {
		if _, err := Pseudonyms(key, ids); err == nil {
			t.Errorf("%q were taken", ids)
		}
	}
	if _, err := Pseudonyms(key[:31], []string{"a"}); err == nil {
		t.Error("a short key was taken")
	}
}

func TestPseudonymsThatCollideGrow(t *testing.T) {
	names, err := shorten([]string{"abcdefghijk", "abcdefghijl", "xbcdefghijk"}, 9)
	if err != nil || names[0] != "abcdefghijk" || names[2] != "xbcdefghijk" {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := shorten([]string{"abc", "abc"}, 2); err == nil {
		t.Error("equal names were told apart")
	}
}
