package xlsx

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"vigie/data/export/decimal"
)

// cellColumn is what the cells of a column begin with.
type cellColumn struct {
	letters string
	style   string // the attribute, where there is one
}

// startRow begins the next row (ECMA-376, part 1, clause 18.3.1.73).
func (b *body) startRow() {
	b.row++
	b.buf = append(b.buf, `<row r="`...)
	b.buf = strconv.AppendInt(b.buf, int64(b.row), 10)
	b.buf = append(b.buf, `">`...)
}

// startCell begins a cell, up to the end of its style.
func (b *body) startCell(column int) {
	b.buf = append(b.buf, `<c r="`...)
	b.buf = append(b.buf, b.columns[column].letters...)
	b.buf = strconv.AppendInt(b.buf, int64(b.row), 10)
	b.buf = append(b.buf, '"')
	b.buf = append(b.buf, b.columns[column].style...)
}

func (b *body) putInteger(column, n int) {
	b.startCell(column)
	b.buf = append(b.buf, "><v>"...)
	b.buf = strconv.AppendInt(b.buf, int64(n), 10)
	b.buf = append(b.buf, "</v></c>"...)
}

func (b *body) putNumber(column int, v float64, decimals int) {
	b.startCell(column)
	b.buf = append(b.buf, "><v>"...)
	b.buf = decimal.Append(b.buf, v, decimals)
	b.buf = append(b.buf, "</v></c>"...)
}

func (b *body) putBoolean(column int, v bool) {
	digit := byte('0')
	if v {
		digit = '1'
	}
	b.startCell(column)
	b.buf = append(append(append(b.buf, ` t="b"><v>`...), digit), "</v></c>"...)
}

func (b *body) putText(column int, s string) {
	b.startCell(column)
	b.buf = append(b.buf, ` t="inlineStr"><is><t`...)
	if strings.TrimSpace(s) != s {
		b.buf = append(b.buf, ` xml:space="preserve"`...)
	}
	b.buf = append(b.buf, '>')
	b.buf = appendText(b.buf, s)
	b.buf = append(b.buf, "</t></is></c>"...)
}

// appendText appends a text as an ST_Xstring (clause 22.9.2.19): a character that XML
// can't hold is written _xHHHH_, and so is the _ of what only looks so.
func appendText(dst []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '\r':
			dst = append(dst, "&#xD;"...) // else a reader makes a line feed of it
		case r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF:
			dst = fmt.Appendf(dst, "_x%04X_", r)
		case r == '_' && escaped(s[i:]):
			dst = append(dst, "_x005F_"...)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// escaped tells whether s begins with what reads as an escaped character.
func escaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}
