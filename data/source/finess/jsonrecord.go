package finess

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vigie/data"
	"vigie/data/source"
)

// text is a JSON value read as text whatever its kind: the flow writes numbers and
// codes as strings, its schema codes as objects with a "code".
type text string

// UnmarshalJSONFrom reads a string, a number, a boolean, null or an object with a code.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '{':
		var coded struct {
			Code text `json:"code"`
		}
		if err := json.UnmarshalDecode(dec, &coded); err != nil {
			return err
		}
		*t = coded.Code
		return nil
	case '[':
		return dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() == 'n' {
		*t = ""
	} else {
		*t = text(clean(tok.String()))
	}
	return nil
}

// The parts of the flow that matter; names are matched without case.
type (
	establishment struct {
		General  general   `json:"informationsGeneralesEGE"`
		Category text      `json:"categorieentiteGeographiqueExercice"`
		State    text      `json:"etatObjet"`
		Address  []address `json:"adresse"`
	}
	general struct {
		EgeID     text `json:"egeId"`
		Number    text `json:"numFinessEge"`
		ShortName text `json:"nomEgeCourt"`
		LongName  text `json:"nomEgeLong"`
		Opened    text `json:"dateOuverture"`
		Closed    text `json:"dateFermeture"`
	}
	address struct {
		Usage       text  `json:"usageAdresse"`
		Number      text  `json:"numeroVoie"`
		StreetType  text  `json:"typeVoie"`
		Street      text  `json:"libelleVoie"`
		Complement  text  `json:"complementVoie"`
		NamedPlace  text  `json:"lieuDit"`
		Commune     text  `json:"cogCommune"`
		Delivery    text  `json:"ligneAcheminement"`
		LineFour    text  `json:"ligneQuatre"`
		PostalCode  text  `json:"codePostal"`
		Coordinates *pair `json:"coordonneesGeographique"`
	}
	pair struct {
		X         text `json:"coordonneeX"`
		Y         text `json:"coordonneeY"`
		Latitude  text `json:"directionLatitude"`
		Longitude text `json:"directionLongitude"`
		Key       text `json:"cleInInteropBAN"`
		OtherKey  text `json:"cleInteropBAN"`
		Score     text `json:"scoreBAN"`
	}
)

var caseless = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
)

// mainAddress is the usage of the address where the establishment is.
const mainAddress = "03"

// site makes the site of an establishment and finds its address.
func (ege *establishment) site(legalEntity string) (s data.Site, main *address, problems []data.Problem, ok bool) {
	add := func(sev data.Severity, code, field, value, fr, en string) {
		problems = append(problems, data.Problem{
			Severity: sev, Code: code, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
		})
	}
	g := &ege.General
	s = data.Site{Category: string(ege.Category), Kind: data.KindOther, Status: data.SiteOpen}
	number, padded, valid := source.NormaliseFINESS(string(g.Number))
	switch {
	case !valid:
		add(data.SeverityError, "missing-id", "numFinessEge", string(g.Number),
			"numéro FINESS géographique absent ou mal formé : 9 chiffres ou lettres sont attendus ; l’établissement "+source.Quote(string(g.EgeID))+" est écarté.",
			"missing or malformed geographic FINESS number: 9 digits or letters are expected; the establishment "+source.QuoteEN(string(g.EgeID))+" is set aside.")
		return s, nil, problems, false
	case padded:
		add(data.SeverityInfo, "leading-zero", "numFinessEge", string(g.Number), "zéro de tête rétabli : "+number+".", "leading zero put back: "+number+".")
	}
	s.ID, s.FINESS = number, number
	s.LegalEntityFINESS, _, _ = source.NormaliseFINESS(legalEntity)
	s.Name = first(string(g.LongName), string(g.ShortName), s.ID)
	if c, known := data.CategoryByCode(s.Category); known {
		s.Kind = c.Kind
	}
	day := func(field string, raw text) string {
		d, valid := source.ParseDate(string(raw))
		if !valid && raw != "" {
			add(data.SeverityWarning, "bad-date", field, string(raw),
				"date illisible : 2024-01-31 est attendu. Elle est ignorée.", "unreadable date: 2024-01-31 is expected. It is ignored.")
		}
		return d
	}
	s.OpenedOn, s.ClosedOn = day("dateOuverture", g.Opened), day("dateFermeture", g.Closed)
	switch strings.ToUpper(string(ege.State)) {
	case "I":
		s.Status = data.SiteClosed
	case "A", "":
	default:
		add(data.SeverityWarning, "unknown-status", "etatObjet", string(ege.State),
			"état inconnu : A (actif) ou I (inactif) sont attendus. L’établissement est tenu pour ouvert.",
			"unknown state: A (active) or I (inactive) are expected. The establishment is taken as open.")
	}
	for i := range ege.Address {
		if ege.Address[i].Usage == mainAddress {
			main = &ege.Address[i]
			break
		}
	}
	if main == nil && len(ege.Address) > 0 {
		main = &ege.Address[0]
		add(data.SeverityWarning, "no-main-address", "usageAdresse", string(main.Usage),
			"aucune adresse d’usage 03 (localisation) : la première adresse est prise.",
			"no address with usage 03 (location): the first address is taken.")
	}
	if main == nil {
		return s, nil, problems, true
	}
	s.Address = data.Address{
		Street:     first(joined(string(main.Number), string(main.Complement), string(main.StreetType), string(main.Street)), string(main.LineFour), string(main.NamedPlace)),
		PostalCode: string(main.PostalCode), Locality: string(main.Delivery),
	}
	if main.Commune != "" {
		if code, valid := source.NormaliseCommune(string(main.Commune)); valid {
			s.CommuneCode, s.DepartmentCode = code, source.DepartmentOfCommune(code)
		} else {
			add(data.SeverityWarning, "bad-commune-code", "cogCommune", string(main.Commune),
				"code INSEE de commune mal formé : 5 caractères sont attendus. Il est ignoré.",
				"malformed INSEE commune code: 5 characters are expected. It is ignored.")
		}
	}
	return s, main, problems, true
}
