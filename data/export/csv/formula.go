package csv

import "strings"

// Harmless puts an apostrophe before what a spreadsheet would run: a formula at the
// beginning of a text, or after a character that separates cells in another dialect
// than the file's, where a reader that takes one for the other begins a cell.
func Harmless(s string) string {
	if !strings.ContainsAny(s, "=+-@\t\r\n") {
		return s
	}
	out := make([]byte, 0, len(s)+1)
	for i := range len(s) {
		begins := i == 0 || separates(s[i-1])
		if begins && runs(s[i:]) || i == 0 && strings.IndexByte("\t\r\n", s[0]) >= 0 {
			out = append(out, '\'')
		}
		out = append(out, s[i])
	}
	return string(out)
}

// separates tells whether a byte ends a cell in some dialect of CSV, or a quoted part of one.
func separates(b byte) bool { return strings.IndexByte(",;\t\r\n\"", b) >= 0 }

// runs tells whether a cell is a formula.
func runs(cell string) bool {
	switch cell[0] {
	case '=', '@':
		return true
	case '+', '-':
		return !numeric(cell[1:])
	}
	return false
}

// numeric tells whether s is digits with at most one decimal point or comma.
func numeric(s string) bool {
	digits, marks := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.' || r == ',':
			marks++
		default:
			return false
		}
	}
	return digits > 0 && marks <= 1
}
