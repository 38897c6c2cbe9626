// Package freetext screens what people write of a home, before it is kept anywhere: it
// refuses what identifies a person by its form (social-security and phone numbers, e-mail
// addresses, number plates, dates of birth) and warns of what may be a person's name.
//
// It finds forms, not meanings: a child told by circumstances goes through, which is what
// the notice above the field is for. A finding gives where, never what.
package freetext

import (
	"cmp"
	"maps"
	"slices"

	"vigie/data"
)

// Kind is what was found.
type Kind string

// Kinds. All are refused but KindName.
const (
	KindNIR   Kind = "nir"
	KindPhone Kind = "phone"
	KindEmail Kind = "email"
	KindPlate Kind = "plate"
	KindBirth Kind = "date-of-birth"
	// KindName may be a person's name: the writer says whether it is.
	KindName Kind = "name"
)

// Refused tells whether a text that holds it is not kept.
func (k Kind) Refused() bool { return k != KindName }

// Message says what was found, why it does not go and what to do, for users.
func (k Kind) Message() data.Text {
	switch k {
	case KindNIR:
		return data.Text{
			FR: "Numéro de sécurité sociale (NIR)\u00a0: il désigne une personne. Retirez-le.",
			EN: "Social-security number (NIR): it names a person. Take it out.",
		}
	case KindPhone:
		return data.Text{
			FR: "Numéro de téléphone\u00a0: Vigie ne garde pas de coordonnées. Retirez-le.",
			EN: "Phone number: Vigie keeps no contact details. Take it out.",
		}
	case KindEmail:
		return data.Text{
			FR: "Adresse électronique\u00a0: Vigie ne garde pas de coordonnées. Retirez-la.",
			EN: "E-mail address: Vigie keeps no contact details. Take it out.",
		}
	case KindPlate:
		return data.Text{
			FR: "Plaque d’immatriculation\u00a0: elle désigne une personne. Transmettez-la à la police, pas ici.",
			EN: "Number plate: it names a person. Give it to the police, not here.",
		}
	case KindBirth:
		return data.Text{
			FR: "Date de naissance\u00a0: elle désigne une personne. Donnez au plus une tranche d’âge.",
			EN: "Date of birth: it names a person. Give an age range at most.",
		}
	}
	return data.Text{
		FR: "Peut-être le nom d’une personne. Retirez-le, ou confirmez que ce n’en est pas un.",
		EN: "Perhaps a person’s name. Take it out, or confirm that it is none.",
	}
}

// Finding is something in a text.
type Finding struct {
	Kind Kind `json:"kind"`
	// From and To are offsets in the text, in UTF-16 code units as browsers count, To
	// left out.
	From int `json:"from"`
	To   int `json:"to"`
}

// Screen lists what is in a text, in its order. What overlaps something refused is told once.
func Screen(text string) []Finding {
	t := normalise(text)
	var spans []span
	for _, find := range []func(*normalised) []span{nirs, emails, births, plates, phones, names} {
		for _, s := range find(t) {
			if !slices.ContainsFunc(spans, s.overlaps) {
				spans = append(spans, s)
			}
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	findings := make([]Finding, len(spans))
	for i, s := range spans {
		findings[i] = Finding{Kind: s.kind, From: t.offset[s.from], To: t.offset[s.to]}
	}
	return findings
}

// Check is a *data.InvalidError when a text of a record's field may not be kept: for what
// is refused, and, unless the writer has confirmed that there is no person's name, for
// what may be one. The problems say where, never what.
func Check(field, text string, confirmed bool) error {
	return CheckAll(map[string]string{field: text}, confirmed)
}

// CheckAll is Check of several fields' texts.
func CheckAll(texts map[string]string, confirmed bool) error {
	var problems []data.Problem
	for _, field := range slices.Sorted(maps.Keys(texts)) {
		for _, f := range Screen(texts[field]) {
			severity := data.SeverityError
			if !f.Kind.Refused() {
				if confirmed {
					continue
				}
				severity = data.SeverityWarning
			}
			problems = append(problems, data.Problem{
				Severity: severity, Code: "free-text-" + string(f.Kind), Field: field, Column: f.From + 1, Message: f.Kind.Message(),
			})
		}
	}
	if problems == nil {
		return nil
	}
	return &data.InvalidError{Problems: problems}
}

// span is a finding in the normalised text, in bytes.
type span struct {
	kind     Kind
	from, to int
}

func (s span) overlaps(o span) bool { return s.from < o.to && o.from < s.to }
