package source

import (
	"testing"

	"pgregory.net/rapid"
)

func TestCommuneFromFINESS(t *testing.T) {
	for _, c := range [][4]string{
		{"01", "451", "01451", "01"}, {"2A", "004", "2A004", "2A"}, {"2b", "033", "2B033", "2B"}, {"1", "4", "01004", "01"},
		{"9A", "127", "97127", "978"}, {"9A", "123", "97123", "977"}, {"9A", "105", "97105", "971"}, {"9B", "207", "97207", "972"},
		{"9C", "302", "97302", "973"}, {"9D", "411", "97411", "974"}, {"9E", "502", "97502", "975"}, {"9F", "611", "97611", "976"},
		{"9J", "613", "98613", "986"}, {"974", "411", "97411", "974"},
	} {
		got, ok := CommuneFromFINESS(c[0], c[1])
		if !ok || got != c[2] || DepartmentOfCommune(got) != c[3] {
			t.Errorf("%s + %s: %s of %s, want %s of %s", c[0], c[1], got, DepartmentOfCommune(got), c[2], c[3])
		}
	}
	for _, c := range [][2]string{{"", "451"}, {"01", ""}, {"9Z", "100"}, {"01", "4510"}, {"99", "100"}, {"0", "100"}, {"00", "000"}} {
		if got, ok := CommuneFromFINESS(c[0], c[1]); ok {
			t.Errorf("%s + %s is taken as %s", c[0], c[1], got)
		}
	}
}

func TestNormaliseCodes(t *testing.T) {
	for in, want := range map[string]string{"1004": "01004", "2a004": "2A004", "75056.0": "75056", " 97127 ": "97127", "ABCDE": "", "100": "", "00100": "00100", "00000": "", "0100": ""} {
		if got, _ := NormaliseCommune(in); got != want {
			t.Errorf("commune %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"1": "01", "001": "01", "02A": "2A", "971": "971", "9D": "974", "1.0": "01", "00": "00", "000": "00"} {
		if got, ok := NormaliseDepartment(in); !ok || got != want {
			t.Errorf("département %q: %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"", "0", "20", "96", "99", "XX", "970"} {
		if got, ok := NormaliseDepartment(in); ok {
			t.Errorf("département %q is taken as %q", in, got)
		}
	}
	for in, want := range map[string]string{"10000024": "010000024", "2a0002408": "2A0002408", "01 000 002 4": "010000024", "1234567890": "", "01000-024": "", "": ""} {
		got, padded, ok := NormaliseFINESS(in)
		if got != want || ok != (want != "") || padded != (in == "10000024") {
			t.Errorf("FINESS %q: %q, padded %v", in, got, padded)
		}
	}
}

func TestNormaliseCommuneIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[0-9ABab. ]{0,7}`).Draw(t, "code")
		once, ok := NormaliseCommune(in)
		if !ok {
			return
		}
		if twice, _ := NormaliseCommune(once); len(once) != 5 || twice != once || DepartmentOfCommune(once) == "" {
			t.Fatalf("%q gives %q then %q", in, once, twice)
		}
	})
}
