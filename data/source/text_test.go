package source_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"vigie/data/source"
)

func decode(t testing.TB, b []byte) (string, *source.Text) {
	t.Helper()
	text := source.NewText(bytes.NewReader(b), "f")
	out, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), text
}

func TestTextDecodesTheEncodingsOfFrenchFiles(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("nom;Été\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, in, want, encoding string }{
		{"ASCII", "nom;ville", "nom;ville", "UTF-8"},
		{"UTF-8", "Établissement d’accueil", "Établissement d’accueil", "UTF-8"},
		{"UTF-8 with mark", "\xef\xbb\xbfid;nom", "id;nom", "UTF-8"},
		{"UTF-16", utf16, "nom;Été\n", "UTF-8"},
		{"Windows-1252", "\xc9tablissement d\x92accueil, 3 \x80", "Établissement d’accueil, 3 €", "windows-1252"},
		{"Latin-9 ligature", "SACR\xc9-C\xbcUR, c\xbdur", "SACRÉ-CŒUR, cœur", "windows-1252"},
		{"Windows-1252 fraction", "n\xb0 \xbd", "n° ½", "windows-1252"},
		{"late accent", strings.Repeat("a", 200_000) + "\xe9", strings.Repeat("a", 200_000) + "é", "windows-1252"},
	} {
		got, text := decode(t, []byte(c.in))
		if got != c.want || text.Encoding() != c.encoding {
			t.Errorf("%s: %q in %s, want %q in %s", c.name, got, text.Encoding(), c.want, c.encoding)
		}
		if _, ok := text.Note(); ok {
			t.Errorf("%s: a problem is reported", c.name)
		}
	}
}

func TestTextRepairsMixedEncodings(t *testing.T) {
	got, text := decode(t, []byte("Préfecture\nn\xb0 3\n"))
	p, ok := text.Note()
	if got != "Préfecture\nn° 3\n" || !ok || p.Code != "mixed-encoding" {
		t.Errorf("%q, note %+v", got, p)
	}
}

func TestTextRefusesBinary(t *testing.T) {
	_, err := io.ReadAll(source.NewText(strings.NewReader("id;nom\n1;\x00\x01"), "f.csv"))
	if code(err) != source.CodeUnrecognised {
		t.Errorf("error %v", err)
	}
}

// Whatever the sizes of reads, UTF-8 goes through unchanged.
func TestTextKeepsUTF8(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zé€\n𝄞]{1,300}`).Draw(t, "s")
		if s[0] >= 0x80 {
			s = "a" + s
		}
		out, err := io.ReadAll(source.NewText(iotest.OneByteReader(strings.NewReader(s)), "f"))
		if err != nil || string(out) != s {
			t.Fatalf("%q became %q, %v", s, out, err)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("\xef\xbb\xbfid\xe9"))
	f.Add([]byte("é\xe9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := io.ReadAll(source.NewText(iotest.HalfReader(bytes.NewReader(b)), "f"))
		if err == nil && !bytes.Equal(out, bytes.ToValidUTF8(out, nil)) {
			t.Fatalf("%q became %q, which is no UTF-8", b, out)
		}
	})
}
