package main

import (
	"io"
	"strings"
	"unicode"
)

// printable writes text to a terminal without what would command it: names of
// files and values in them come from others. What it takes out shows as U+FFFD.
type printable struct{ w io.Writer }

// Write writes whole characters: callers don't split them.
func (p printable) Write(b []byte) (int, error) {
	if _, err := io.WriteString(p.w, strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
