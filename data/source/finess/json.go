package finess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// JSON reads the structures flow of FINESS+, format "finess-json".
type JSON struct{}

// ID is "finess-json".
func (JSON) ID() string { return "finess-json" }

// Label names the format.
func (JSON) Label() data.Text {
	return data.Text{FR: "FINESS+, flux des structures (JSON)", EN: "FINESS+, structures flow (JSON)"}
}

// Layers are the sites.
func (JSON) Layers() []data.Layer { return siteLayer }

func jsonMember(in *source.Input) (source.Member, bool) {
	return pick(in, func(head []byte) bool {
		head = bytes.ToLower(bytes.TrimLeft(head, " \t\r\n"))
		if !bytes.HasPrefix(head, []byte("{")) {
			return false
		}
		for _, mark := range []string{`"pmej"`, `"gco"`, `"gcc"`, `"schemaversion"`} {
			if bytes.Contains(head, []byte(mark)) {
				return true
			}
		}
		return false
	})
}

// Detect is sure when the first members are those of the flow.
func (JSON) Detect(in *source.Input) int {
	if _, ok := jsonMember(in); ok {
		return 100
	}
	return 0
}

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

// jsonRead is one read of a flow.
type jsonRead struct {
	e       *source.Emitter
	opt     source.Options
	locator *source.Locator
	stream  *source.JSON
	usual   int // coordinates in the usual orientation
	other   map[string]int
}

// Read gives the sites in file order; an establishment in error is skipped, its
// legal entity's others are not.
func (JSON) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := jsonMember(in)
	if !ok {
		if m, ok = in.Main(".json"); !ok {
			if m, ok = in.Main(); !ok {
				return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
			}
		}
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	decoded := source.NewText(body, m.File())
	r := &jsonRead{
		e: source.NewEmitter(ctx, in, sink), opt: opt, locator: source.NewLocator(opt),
		stream: source.NewJSON(decoded, m.File()), other: make(map[string]int),
	}
	found := false
	err = r.stream.Object(func(name string) error {
		if !strings.EqualFold(name, "pmej") {
			return r.stream.Skip()
		}
		found = true
		return r.stream.Array(r.legalEntity)
	})
	if err == nil {
		err = r.stream.End()
	}
	if err != nil {
		return err
	}
	if !found {
		return source.Reject(source.Location{File: m.File(), Line: 1}, source.CodeUnrecognised,
			"ce n’est pas un flux FINESS+ des structures : le membre « pmej » est attendu.",
			"this is not a FINESS+ structures flow: the member “pmej” is expected.")
	}
	if p, ok := decoded.Note(); ok {
		r.e.Problem(p)
	}
	r.orientations(m.File())
	r.e.Done()
	return nil
}

// legalEntity reads one element of pmej: its number, wherever it stands, then its establishments.
func (r *jsonRead) legalEntity() error {
	// The number comes first in the flow, but nothing binds it to: establishments
	// met before it wait as text.
	type waiting struct {
		value jsontext.Value
		at    source.Location
	}
	var number string
	var known bool
	var wait []waiting
	err := r.stream.Object(func(name string) error {
		switch {
		case strings.EqualFold(name, "informationsGeneralesPMEJ"):
			v, at, err := r.stream.Value()
			if err != nil {
				return err
			}
			var g struct {
				Number text `json:"numFinessPm"`
			}
			if err := json.Unmarshal(v, &g, caseless); err != nil {
				r.mistyped(err, at)
			}
			number, known = string(g.Number), true
			return nil
		case strings.EqualFold(name, "ege"):
			if r.stream.Kind() == 'n' {
				return r.stream.Skip()
			}
			return r.stream.Array(func() error {
				v, at, err := r.stream.Value()
				if err != nil {
					return err
				}
				if !known {
					wait = append(wait, waiting{v.Clone(), at})
					return nil
				}
				return r.establishment(v, at, number)
			})
		}
		return r.stream.Skip()
	})
	if err != nil {
		return err
	}
	for _, w := range wait {
		if err := r.establishment(w.value, w.at, number); err != nil {
			return err
		}
	}
	return nil
}

// mistyped reports a value of another type than the schema's.
func (r *jsonRead) mistyped(err error, at source.Location) {
	where := ""
	var s *json.SemanticError
	if errors.As(err, &s) {
		where = string(s.JSONPointer)
	}
	r.e.Error(at, "", "bad-structure", where, "",
		"structure inattendue : l’enregistrement ne suit pas le schéma FINESS+ ; il est écarté.",
		"unexpected structure: the record does not follow the FINESS+ schema; it is set aside.")
}

func (r *jsonRead) establishment(v jsontext.Value, at source.Location, legalEntity string) error {
	if err := r.e.Tick(); err != nil {
		return err
	}
	var ege establishment
	if err := json.Unmarshal(v, &ege, caseless); err != nil {
		r.mistyped(err, at)
		return nil
	}
	if !r.opt.KeepsCategory(string(ege.Category)) {
		r.e.Filtered("category " + string(ege.Category))
		return nil
	}
	s, a, problems, ok := ege.site(legalEntity)
	if ok && a != nil {
		problems = append(problems, r.locate(&s, a.Coordinates)...)
	}
	r.e.Problems(problems, at, s.ID)
	if !ok || r.e.Duplicate(s.ID, at) {
		return nil
	}
	return r.e.Site(s, at)
}

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

// maxDisagreement is how far the two forms of one position may be apart, in metres.
const maxDisagreement = 100

// Orientations of the four coordinates of a record.
const (
	degreesInXY         = "X=lon Y=lat"
	degreesInDirections = "direction*=deg"
	degreesSwapped      = "X=lat Y=lon"
	metresOnly          = "m"
)

// locate reads coordinates whose orientation varies between flows, by range of
// values: degrees in X, Y and metres in direction*, or the reverse, in either order.
func (r *jsonRead) locate(s *data.Site, c *pair) []data.Problem {
	if c == nil {
		return nil
	}
	raw := [4]text{c.X, c.Y, c.Longitude, c.Latitude}
	var v [4]float64
	for i := range raw {
		v[i] = math.NaN()
		if raw[i] == "" {
			continue
		}
		f, err := source.ParseNumber(string(raw[i]))
		if err != nil {
			return []data.Problem{{
				Severity: data.SeverityWarning, Code: source.CodeBadCoordinates, Field: "coordonneesGeographique", Value: data.Clip(string(raw[i])),
				Message: data.Text{
					FR: "coordonnées illisibles : des nombres sont attendus. L’établissement est gardé, non localisé.",
					EN: "unreadable coordinates: numbers are expected. The establishment is kept, not located.",
				},
			}}
		}
		v[i] = f
	}
	absent := func(i int) bool { return math.IsNaN(v[i]) || math.IsNaN(v[i+1]) }
	degrees := func(i int) bool { return !absent(i) && math.Abs(v[i]) <= 180 && math.Abs(v[i+1]) <= 180 }
	var at orb.Point
	var located bool
	var problems []data.Problem
	orientation := degreesInXY
	switch {
	case absent(0) && absent(2):
		return nil
	case degrees(0):
		at, located, problems = r.locator.Locate(v[0], v[1], nil, s.DepartmentCode)
		if has(problems, source.CodeSwapped) {
			orientation, problems = degreesSwapped, without(problems, source.CodeSwapped)
		}
	case degrees(2):
		orientation = degreesInDirections
		at, located, problems = r.locator.Locate(v[2], v[3], nil, s.DepartmentCode)
		problems = append(problems, data.Problem{
			Severity: data.SeverityWarning, Code: source.CodeSwapped, Field: "coordonneesGeographique",
			Value: data.Clip(string(c.X + " " + c.Y)),
			Message: data.Text{
				FR: "coordonnées échangées : les mètres sont dans coordonneeX et Y, les degrés dans directionLongitude et Latitude. Les degrés sont pris.",
				EN: "coordinates exchanged: metres are in coordonneeX and Y, degrees in directionLongitude and Latitude. The degrees are taken.",
			},
		})
	case !absent(0):
		orientation = metresOnly
		at, located, problems = r.locator.Locate(v[0], v[1], nil, s.DepartmentCode)
	default:
		orientation = metresOnly
		at, located, problems = r.locator.Locate(v[2], v[3], nil, s.DepartmentCode)
	}
	if orientation == degreesInXY {
		r.usual++
	} else {
		r.other[orientation]++
	}
	if !located {
		return problems
	}
	score := 0.0
	if f, err := source.ParseNumber(string(c.Score)); err == nil && f > 0 && f <= 1 {
		score = math.Round(f*10_000) / 100
	}
	key := string(c.Key)
	if key == "" {
		key = string(c.OtherKey)
	}
	s.Position = &data.Position{Point: at, Precision: banPrecision(key, score), GeocodingScore: score}
	if key != "" {
		s.Position.Source = "BAN " + data.Clip(key)
	}
	if degrees(0) && !absent(2) && !degrees(2) {
		problems = append(problems, disagreement(at, v[2], v[3], s.DepartmentCode)...)
	} else if degrees(2) && !absent(0) && !degrees(0) {
		problems = append(problems, disagreement(at, v[0], v[1], s.DepartmentCode)...)
	}
	return problems
}

// disagreement compares a position with its projected form, in either order.
func disagreement(at orb.Point, x, y float64, department string) []data.Problem {
	legal, ok := crs.LegalForDepartment(department)
	if !ok {
		return nil
	}
	nearest := math.Inf(1)
	for _, v := range [2][2]float64{{x, y}, {y, x}} {
		if legal.Plausible(v[0], v[1]) {
			lon, lat := legal.ToWGS84(v[0], v[1])
			d, _ := crs.Inverse(at, orb.Point{lon, lat})
			nearest = math.Min(nearest, d)
		}
	}
	if nearest <= maxDisagreement {
		return nil
	}
	distance := "?"
	if !math.IsInf(nearest, 1) {
		distance = fmt.Sprintf("%.0f m", nearest)
	}
	return []data.Problem{{
		Severity: data.SeverityWarning, Code: "coordinates-disagree", Field: "coordonneesGeographique", Value: distance,
		Message: data.Text{
			FR: "les degrés et les mètres de cette adresse désignent deux points différents (écart " + distance + ") : les degrés sont pris.",
			EN: "the degrees and metres of this address are two different points (" + distance + " apart): the degrees are taken.",
		},
	}}
}

// orientations says, once, in which orientations coordinates came.
func (r *jsonRead) orientations(file string) {
	if len(r.other) == 0 {
		return
	}
	parts := []string{fmt.Sprintf("%s (%d)", degreesInXY, r.usual)}
	for _, o := range []string{degreesSwapped, degreesInDirections, metresOnly} {
		if n := r.other[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", o, n))
		}
	}
	list := strings.Join(parts, ", ")
	r.e.Problem(data.Problem{
		Severity: data.SeverityInfo, Code: "coordinate-orientation", File: file, Value: data.Clip(list),
		Message: data.Text{
			FR: "l’orientation des coordonnées varie dans ce flux ; elle est décidée pour chaque enregistrement par l’ordre de grandeur : " + list + ".",
			EN: "the orientation of coordinates varies in this flow; it is decided for each record by the range of values: " + list + ".",
		},
	})
}

func has(problems []data.Problem, code string) bool {
	for _, p := range problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

func without(problems []data.Problem, code string) []data.Problem {
	var kept []data.Problem
	for _, p := range problems {
		if p.Code != code {
			kept = append(kept, p)
		}
	}
	return kept
}
