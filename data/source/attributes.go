package source

import (
	"crypto/sha256"
	"encoding/hex"

	"vigie/data"
)

// Locate gives problems the place of the record they are about.
func Locate(problems []data.Problem, at Location, record string) []data.Problem {
	for i := range problems {
		p := &problems[i]
		p.File, p.Line = at.File, at.Line
		if p.Column == 0 {
			p.Column = at.Column
		}
		if p.Record == "" {
			p.Record = record
		}
	}
	return problems
}

// IssuedID makes an identifier of a record's content, for a file that gives none:
// the same content gives the same identifier, so that importing twice is
// importing once.
func IssuedID(prefix string, content ...string) string {
	h := sha256.New()
	for _, c := range content {
		h.Write([]byte(c))
		h.Write([]byte{0})
	}
	return prefix + "-" + hex.EncodeToString(h.Sum(nil))[:12]
}

// IssuedIDNote is the problem that goes with IssuedID, once for a file.
func IssuedIDNote(at Location) data.Problem {
	return data.Problem{
		Severity: data.SeverityInfo, Code: "id-issued", File: at.File, Line: at.Line,
		Message: data.Text{
			FR: "enregistrements sans identifiant : un identifiant stable est tiré du contenu de chacun (dit une fois pour tout le fichier). S’il y a une colonne d’identifiants, indiquez-la avec --id-field.",
			EN: "records without identifier: a stable identifier is made of the content of each (said once for the whole file). If there is a column of identifiers, name it with --id-field.",
		},
	}
}
