package freetext

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"vigie/data"
)

// found gives what a text holds, as "kind:text".
func found(text string) (out []string) {
	units := utf16.Encode([]rune(text))
	for _, f := range Screen(text) {
		out = append(out, string(f.Kind)+":"+string(utf16.Decode(units[f.From:f.To])))
	}
	return out
}

func TestWhatIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		// The number of INSEE's documentation, and others with their keys.
		"son NIR est 2 55 08 14 168 025 38.":      "nir:2 55 08 14 168 025 38",
		"255081416802538":                         "nir:255081416802538",
		"25508 14168 02538":                       "nir:25508 14168 02538",
		"2-55-08-14-168-025":                      "nir:2-55-08-14-168-025",
		"né à Ajaccio, 1 85 05 2A 004 123 73, vu": "nir:1 85 05 2A 004 123 73",
		"185052B00412303":                         "nir:185052B00412303",
		"２５５０８１４１６８０２５３８ en pleine chasse":      "nir:２５５０８１４１６８０２５３８",
		"2 55\u00a008\u200b 14 168\u202f025 38": "nir:2 55\u00a008\u200b 14 168\u202f025 38",
		"12 2 55 08 14 168 025 38 34":           "nir:2 55 08 14 168 025 38",
		"appeler le 06 12 34 56 78 le soir":     "phone:06 12 34 56 78",
		"tél. 01.23.45.67.89":                   "phone:01.23.45.67.89",
		"0612345678":                            "phone:0612345678",
		"06 123 456 78":                         "phone:06 123 456 78",
		"+33 6 12 34 56 78":                     "phone:+33 6 12 34 56 78",
		"+33 (0)6 12 34 56 78":                  "phone:+33 (0)6 12 34 56 78",
		"0033 612345678":                        "phone:0033 612345678",
		"0262 12 34 56 à La Réunion":            "phone:0262 12 34 56",
		"en Tunisie +216 20 123 456":            "phone:+216 20 123 456",
		"écrire à prenom.nom@exemple.fr vite":   "email:prenom.nom@exemple.fr",
		"zoé@exemple.org":                       "email:zoé@exemple.org",
		"nom [at] exemple.fr":                   "email:nom [at] exemple.fr",
		"nom arobase exemple.fr":                "email:nom arobase exemple.fr",
		"une Clio AB-123-CD grise":              "plate:AB-123-CD",
		"une Clio AB 123 CD grise":              "plate:AB 123 CD",
		"plaque ab-123-cd":                      "plate:ab-123-cd",
		"AB123CD":                               "plate:AB123CD",
		"un scooter immatriculé 123 ABC 75":     "plate:123 ABC 75",
		"une berline noire, 1234-VX-2A":         "plate:1234-VX-2A",
		"né le 12/05/2010":                      "date-of-birth:né le 12/05/2010",
		"NÉE LE 12.05.10":                       "date-of-birth:NÉE LE 12.05.10",
		"nee le 1er mai 2011 à Lyon":            "date-of-birth:nee le 1er mai 2011",
		"né(e) le 12 février 2009":              "date-of-birth:né(e) le 12 février 2009",
		"née en mars 2011":                      "date-of-birth:née en mars 2011",
		"Date de naissance : 2010-05-12":        "date-of-birth:Date de naissance : 2010-05-12",
		"DDN 12 05 2010":                        "date-of-birth:DDN 12 05 2010",
		"dob: 05/12/2010":                       "date-of-birth:dob: 05/12/2010",
		"born on May 12, 2010":                  "date-of-birth:born on May 12, 2010",
		"ne\u0301 le 12/05/2010 (décomposé)":    "date-of-birth:ne\u0301 le 12/05/2010",
		"😀 06 12 34 56 78":                      "phone:06 12 34 56 78",
	} {
		if got := found(text); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsKept(t *testing.T) {
	for _, text := range []string{
		"",
		"Visite du 12/05/2026 à 14 h 30, puis le 01/02/2026 14:30 et le 2026-05-12.",
		"Le foyer (FINESS 010000099, SIRET 12345678200010, SIREN 123456782) accueille 12 jeunes.",
		"Numéros d’urgence : 119, 17, 112, 3919.",
		"Fréquentation par mois : 12 15 20 18 14 10 9 11 13 12 10 8.",
		"Places : 12 5 11 20 18 14 2.",
		"Trois jeunes de 14 à 17 ans, 25 places, 1 250 €, 3 500 m², 49000 Angers.",
		"Il y a 2 QPV 93 et 12 ASE 75 ; QN09301M, zone 12.",
		"APPELER LE 119 EN CAS DE DOUTE",
		"Le foyer ne rouvre pas avant le 12/05/2026.",
		"Réunion le 12 mai 2026 avec le collège Jean Moulin, rue Pierre Curie, école Sainte-Marie et foyer Saint-Vincent.",
		"Position 46.412345, 2.612345 ; arrêté 2024-1234 ; 10:30-12:45 ; 100 % ; v1.2.3.",
		"Éclairage public en panne depuis le 3 mars. Rupture de la clôture nord.",
		"A@B", "12@34", "Mme et M. sont venus",
	} {
		if got := found(text); got != nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestNamesAreAsked(t *testing.T) {
	for text, want := range map[string][]string{
		"Vu avec Mme Fictive ce matin":         {"name:Mme Fictive"},
		"Vu avec M. Fictif":                    {"name:M. Fictif"},
		"Mr. Fictif":                           {"name:Mr. Fictif"},
		"Enzo est rentré avec Inès.":           {"name:Enzo", "name:Inès"},
		"LÉA est sortie":                       {"name:LÉA"},
		"Jean-Baptiste est absent":             {"name:Jean", "name:Baptiste"},
		"le foyer a dit que Mohamed":           {"name:Mohamed"},
		"la rue Pierre Curie, où Kévin attend": {"name:Kévin"},
		"enzo en minuscules":                   nil,
		"l’avenue du Général-de-Gaulle":        nil,
		"au lycée Camille Claudel":             nil,
		"la Maison d’enfants Sainte Thérèse":   nil,
	} {
		if got := found(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	secret := "06 12 34 56 78"
	err := Check("comment", "Enzo, "+secret, true)
	var invalid *data.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 {
		t.Fatalf("%v", err)
	}
	p := invalid.Problems[0]
	if p.Severity != data.SeverityError || p.Code != "free-text-phone" || p.Field != "comment" || p.Column != 7 || p.Message.FR == "" || p.Message.EN == "" {
		t.Errorf("%+v", p)
	}
	if strings.Contains(fmt.Sprintf("%+v %v", p, err), "12") {
		t.Errorf("the text is repeated: %+v", p)
	}
	if err := Check("comment", "Enzo", true); err != nil {
		t.Errorf("confirmed: %v", err)
	}
	if err := Check("comment", "Enzo", false); !errors.As(err, &invalid) || invalid.Problems[0].Severity != data.SeverityWarning {
		t.Errorf("not confirmed: %v", err)
	}
	if err := Check("comment", "La clôture est basse.", false); err != nil {
		t.Errorf("nothing to say: %v", err)
	}
}

// A text with a NIR, however it is spaced, is refused.
func TestAnyNIRIsFound(t *testing.T) {
	separator := rapid.SampledFrom([]string{" ", "\u00a0", "\u202f", "-", ".", "\u2011", "\u200b", " . "})
	rapid.Check(t, func(t *rapid.T) {
		department := rapid.SampledFrom([]string{"01", "69", "75", "2A", "2b", "97", "99"}).Draw(t, "department")
		number := fmt.Sprintf("%d%02d%02d%s%03d%03d", rapid.IntRange(1, 2).Draw(t, "sex"), rapid.IntRange(0, 99).Draw(t, "year"),
			rapid.IntRange(1, 12).Draw(t, "month"), department, rapid.IntRange(1, 999).Draw(t, "commune"), rapid.IntRange(1, 999).Draw(t, "order"))
		var rest int
		for _, c := range strings.NewReplacer("2A", "19", "2b", "18").Replace(number) {
			rest = (rest*10 + int(c-'0')) % 97
		}
		keyed := number + fmt.Sprintf("%02d", 97-rest)
		var spaced strings.Builder
		for i, c := range keyed {
			if i > 0 && rapid.Bool().Draw(t, "gap") {
				spaced.WriteString(separator.Draw(t, "separator"))
			}
			spaced.WriteRune(c)
		}
		for _, nir := range []string{spaced.String(), number, number[:1] + " " + number[1:3] + " " + number[3:5] + " " + number[5:7] + " " + number[7:10] + " " + number[10:]} {
			text := rapid.String().Draw(t, "before") + " \n" + nir + "\n " + rapid.String().Draw(t, "after")
			if !slices.ContainsFunc(Screen(text), func(f Finding) bool { return f.Kind.Refused() }) {
				t.Fatalf("not refused: %q", text)
			}
		}
	})
}

// A phone number of French form is refused in any grouping.
func TestAnyPhoneIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString("0")
		for i := range 9 {
			if rapid.IntRange(0, 2).Draw(t, "gap") == 0 {
				b.WriteString(rapid.SampledFrom([]string{" ", ".", "-", "\u00a0"}).Draw(t, "separator"))
			}
			low := 0
			if i == 0 {
				low = 1
			}
			fmt.Fprint(&b, rapid.IntRange(low, 9).Draw(t, "digit"))
		}
		if notPhones.MatchString(b.String()) {
			t.Skip("also a date")
		}
		text := "appeler " + b.String() + " demain"
		if !slices.ContainsFunc(Screen(text), func(f Finding) bool { return f.Kind.Refused() }) {
			t.Fatalf("not refused: %q", text)
		}
	})
}

func FuzzScreen(f *testing.F) {
	for _, seed := range []string{"né le 12/05/2010", "2 55 08 14 168 025 38", "Mme X, 06 12 34 56 78", "\xff\xfe", "e\u0301\u0301", "ﷺ@ﷺ.fr"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		length := len(utf16.Encode([]rune(text)))
		last := 0
		for _, s := range Screen(text) {
			if s.From < last || s.To <= s.From || s.To > length {
				t.Fatalf("%+v in a text of %d units", s, length)
			}
			last = s.From
		}
	})
}
