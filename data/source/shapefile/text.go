package shapefile

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// textDecoder decodes the texts of a .dbf. A nil charset is UTF-8.
type textDecoder struct {
	charset *charmap.Charmap
	// declared tells that a .cpg named the encoding. Without one, a value that is
	// valid UTF-8 beyond ASCII is UTF-8 whatever the language driver says: several
	// programs write the driver of their locale and UTF-8, and by chance a French
	// text in Windows-1252 is never valid UTF-8.
	declared bool
	// undecodable counts the values that were not of the declared UTF-8, and were
	// read as Windows-1252.
	undecodable int
}

// codePages are the names found in .cpg files, reduced to capitals and digits.
var codePages = map[string]*charmap.Charmap{
	"UTF8": nil, "UTF": nil, "65001": nil, "CP65001": nil,
	"1252": charmap.Windows1252, "CP1252": charmap.Windows1252, "ANSI1252": charmap.Windows1252,
	"WINDOWS1252": charmap.Windows1252, "WIN1252": charmap.Windows1252, "ANSI": charmap.Windows1252,
	// Windows-1252 holds Latin-1, but for control characters that no name has.
	"ISO88591": charmap.Windows1252, "88591": charmap.Windows1252, "LATIN1": charmap.Windows1252,
	"ISO885915": charmap.ISO8859_15, "885915": charmap.ISO8859_15, "LATIN9": charmap.ISO8859_15,
	"850": charmap.CodePage850, "CP850": charmap.CodePage850, "OEM850": charmap.CodePage850, "IBM850": charmap.CodePage850, "OEM": charmap.CodePage850,
	"437": charmap.CodePage437, "CP437": charmap.CodePage437, "OEM437": charmap.CodePage437, "IBM437": charmap.CodePage437,
	"858": charmap.CodePage858, "CP858": charmap.CodePage858,
	"1250": charmap.Windows1250, "CP1250": charmap.Windows1250, "ANSI1250": charmap.Windows1250,
	"ISO88592": charmap.ISO8859_2, "88592": charmap.ISO8859_2,
	"MACINTOSH": charmap.Macintosh, "10000": charmap.Macintosh,
}

// languageDrivers are the code pages of byte 29 of the .dbf header (dBase IV and
// FoxPro) that western European files have.
var languageDrivers = map[byte]*charmap.Charmap{
	0x01: charmap.CodePage437, 0x02: charmap.CodePage850, 0x04: charmap.Macintosh,
	0x0d: charmap.CodePage437, 0x0e: charmap.CodePage850, 0x0f: charmap.CodePage437, 0x10: charmap.CodePage850,
	0x12: charmap.CodePage850, 0x14: charmap.CodePage850, 0x18: charmap.CodePage850,
	0x25: charmap.CodePage850, 0x37: charmap.CodePage850,
}

// newTextDecoder chooses the encoding: the .cpg, else the language driver, else
// Windows-1252. known is false when the .cpg names something else.
func newTextDecoder(cpg string, languageDriver byte) (d textDecoder, known bool) {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, cpg)
	if strings.HasPrefix(name, "LDID") {
		name = ""
	}
	if charset, ok := codePages[name]; ok {
		return textDecoder{charset: charset, declared: true}, true
	}
	charset, ok := languageDrivers[languageDriver]
	if !ok {
		charset = charmap.Windows1252
	}
	return textDecoder{charset: charset}, name == ""
}

// decode turns the bytes of a field into text, without the blanks and zeros that pad it.
func (d *textDecoder) decode(b []byte) string {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	ascii := true
	for _, c := range b {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.TrimSpace(string(b))
	}
	charset := d.charset
	if charset == nil || !d.declared {
		// A writer may have cut a character at the width of the field.
		if whole := withoutCutRune(b); utf8.Valid(whole) {
			return strings.TrimSpace(string(whole))
		}
		if charset == nil {
			d.undecodable++
			charset = charmap.Windows1252
		}
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(charset.DecodeByte(c))
	}
	return strings.TrimSpace(s.String())
}

// withoutCutRune removes the beginning of a UTF-8 sequence from the end of b.
func withoutCutRune(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)-1); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
