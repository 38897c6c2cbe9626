package freetext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalised is a text in which what looks the same is the same: compatibility forms are
// composed, every blank is a space, every dash a hyphen, invisible characters are gone.
type normalised struct {
	text string
	// offset is, for each byte of text and its end, the place in UTF-16 units of the text given.
	offset []int
}

func normalise(text string) *normalised {
	var b strings.Builder
	var offset []int
	at := 0
	// Composed first, so that é is one letter; the offsets are those of what was given.
	var segment norm.Iter
	segment.InitString(norm.NFKC, text)
	for !segment.Done() {
		begin := segment.Pos()
		composed := segment.Next()
		for _, r := range string(composed) {
			switch {
			case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
				continue
			case unicode.IsSpace(r):
				r = ' '
			case unicode.Is(unicode.Pd, r), r == '−':
				r = '-'
			case unicode.IsDigit(r) && r > '9':
				r = '0' + digitValue(r)
			}
			n, _ := b.WriteRune(r)
			for range n {
				offset = append(offset, at)
			}
		}
		at += utf16Length(text[begin:segment.Pos()])
	}
	return &normalised{b.String(), append(offset, at)}
}

// digitValue is what a decimal digit of any script stands for: each has its ten digits in a row.
func digitValue(r rune) rune {
	for _, table := range unicode.Nd.R16 {
		if lo, hi := rune(table.Lo), rune(table.Hi); r >= lo && r <= hi {
			return (r - lo) % 10
		}
	}
	for _, table := range unicode.Nd.R32 {
		if lo, hi := rune(table.Lo), rune(table.Hi); r >= lo && r <= hi {
			return (r - lo) % 10
		}
	}
	return 0
}

func utf16Length(s string) (n int) {
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
