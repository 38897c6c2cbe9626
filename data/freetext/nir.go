package freetext

import "strings"

// maxGap is how many separators may stand between two characters of a NIR.
const maxGap = 4

// nirs finds social-security numbers: 15 characters with a right key, in any spacing; or
// 13 and 15, the key aside, in one block or in the usual groups. Lists of figures look like
// numbers without key in odd groups, which are let through.
func nirs(t *normalised) (found []span) {
	for i := 0; i < len(t.text); i++ {
		if !alphanumeric(t.text, i) || alphanumeric(t.text, i-1) {
			continue
		}
		if end, ok := nirAt(t.text, i); ok {
			found = append(found, span{KindNIR, i, end})
			i = end - 1
		}
	}
	return found
}

// nirGroups are where the usual groups end: sex, year, month, département, commune, order, key.
const nirGroups = "\x01\x03\x05\x07\x0a\x0d\x0f"

// nirAt reads a NIR that begins at i.
func nirAt(text string, i int) (end int, ok bool) {
	var number [15]byte
	n, end13 := 0, 0
	usual, block := true, true
	for gap := 0; i < len(text) && n < len(number); i++ {
		c := text[i] &^ 0x20
		switch {
		case text[i] >= '0' && text[i] <= '9':
			number[n] = text[i]
		case n == 6 && (c == 'A' || c == 'B'):
			number[n] = c
		case !alphanumeric(text, i) && text[i] < 0x80 && gap < maxGap:
			if gap == 0 && n < 13 {
				block = false
				usual = usual && strings.IndexByte(nirGroups, byte(n)) >= 0
			}
			gap++
			continue
		default:
			i = len(text)
			continue
		}
		n++
		gap = 0
		switch n {
		case 13:
			end13 = i + 1
		case 15:
			end = i + 1
		}
	}
	if n < 13 || !nirShape(number[:13]) {
		return 0, false
	}
	switch plain := block || usual; {
	case n == 15 && !alphanumeric(text, end) && (plain || nirKey(number[:])):
		return end, true
	case plain && !alphanumeric(text, end13):
		return end13, true
	}
	return 0, false
}

// nirShape tells whether 13 characters may be a NIR: sex (3, 4, 7 and 8 while it is
// provisional), month (with those for births whose month is not known) and département.
func nirShape(n []byte) bool {
	month := n[3:5]
	switch {
	case strings.IndexByte("123478", n[0]) < 0:
		return false
	case !(string(month) >= "01" && string(month) <= "12" || string(month) >= "20" && string(month) <= "42" || string(month) >= "50"):
		return false
	case n[6] == 'A' || n[6] == 'B':
		return n[5] == '2'
	}
	return string(n[5:7]) != "00" && string(n[7:10]) != "000" && string(n[10:13]) != "000"
}

// nirKey tells whether the key is right: 97 less the rest of the number, in which Corsica
// counts as 19 (2A) and 18 (2B).
func nirKey(n []byte) bool {
	rest := 0
	for i, c := range n[:13] {
		switch c {
		case 'A':
			c = '9'
		case 'B':
			c = '8'
		}
		if i == 5 && n[6] >= 'A' {
			c = '1'
		}
		rest = (rest*10 + int(c-'0')) % 97
	}
	return 97-rest == int(n[13]-'0')*10+int(n[14]-'0')
}

// alphanumeric tells whether the byte at i belongs to a word; false outside the text.
func alphanumeric(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return false
	}
	c := s[i]
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
