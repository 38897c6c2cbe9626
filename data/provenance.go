package data

import (
	"encoding/json"
	"time"
)

// Provenance says where an exported file comes from, for whom it was made and until
// when it may be kept. Every format holds it inside the file, so that a copy that
// strays says whose it is. What is empty is left out.
type Provenance struct {
	Release     string        // edition or release that the file was made from
	ProfileHash string        // profile of the scores
	Precision   ViewPrecision // how precisely the recipient sees homes; ViewNone when it does not apply
	Purpose     string        // chosen by the recipient for the session
	Recipient   string        // login, or the name of a service
	Expires     time.Time     // when the copy must be destroyed
	Licence     string        // identifier of the terms of reuse (SPDX)
	GeneratedAt time.Time
	Generator   string // program and version
	// Mark is a short code that names this copy among those of all recipients; the
	// caller derives it from a secret key.
	Mark string
}

// ProvenanceEntry is one known fact of a Provenance.
type ProvenanceEntry struct {
	Name  string // stable, snake_case
	Label Text
	// Value is for people, in both languages; its English is what machines read.
	Value Text
}

// Entries lists what is known, in the order in which it is shown. Times are in UTC,
// RFC 3339, to the second.
func (p *Provenance) Entries() []ProvenanceEntry {
	precision := Text{}
	switch p.Precision {
	case ViewMasked:
		precision = Text{FR: "masquée", EN: "masked"}
	case ViewExact:
		precision = Text{FR: "exacte", EN: "exact"}
	}
	all := []ProvenanceEntry{
		{"recipient", Text{FR: "Destinataire", EN: "Recipient"}, same(p.Recipient)},
		{"purpose", Text{FR: "Finalité", EN: "Purpose"}, same(p.Purpose)},
		{"expires", Text{FR: "À détruire le", EN: "To be destroyed on"}, moment(p.Expires)},
		{"mark", Text{FR: "Marque de l’exemplaire", EN: "Mark of this copy"}, same(p.Mark)},
		{"precision", Text{FR: "Précision des positions", EN: "Precision of positions"}, precision},
		{"release", Text{FR: "Édition", EN: "Edition"}, same(p.Release)},
		{"profile_hash", Text{FR: "Empreinte du profil de score", EN: "Hash of the score’s profile"}, same(p.ProfileHash)},
		{"licence", Text{FR: "Licence", EN: "Licence"}, same(p.Licence)},
		{"generated_at", Text{FR: "Produit le", EN: "Generated on"}, moment(p.GeneratedAt)},
		{"generator", Text{FR: "Logiciel", EN: "Software"}, same(p.Generator)},
	}
	known := all[:0]
	for _, e := range all {
		if e.Value != (Text{}) {
			known = append(known, e)
		}
	}
	return known
}

func same(s string) Text { return Text{FR: s, EN: s} }

func moment(t time.Time) Text {
	if t.IsZero() {
		return Text{}
	}
	return same(t.UTC().Format(time.RFC3339))
}

// JSON gives the entries as one object of strings, {"recipient":"…"}.
func (p *Provenance) JSON() []byte {
	object := []byte{'{'}
	for i, e := range p.Entries() {
		if i > 0 {
			object = append(object, ',')
		}
		// Strings always encode.
		name, _ := json.Marshal(e.Name)
		value, _ := json.Marshal(e.Value.EN)
		object = append(append(append(object, name...), ':'), value...)
	}
	return append(object, '}')
}
