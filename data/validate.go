package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Codes of the problems that validation gives. They are stable.
const (
	CodeMissingID         = "missing-id"
	CodeInvalidID         = "invalid-id"
	CodeMissingName       = "missing-name"
	CodeInvalidText       = "invalid-text"
	CodeInvalidFINESS     = "invalid-finess"
	CodeUnknownCategory   = "unknown-category"
	CodeInvalidKind       = "invalid-kind"
	CodeInvalidStatus     = "invalid-status"
	CodeInvalidDate       = "invalid-date"
	CodeDatesOutOfOrder   = "dates-out-of-order"
	CodeInvalidCommune    = "invalid-commune-code"
	CodeInvalidDepartment = "invalid-department-code"
	CodeCommuneDepartment = "commune-department-mismatch"
	CodeInvalidCapacity   = "invalid-capacity"
	CodeInvalidPopulation = "invalid-population"
	CodeInvalidPlacing    = "invalid-placing-departments"
	CodeInvalidPosition   = "invalid-position"
	CodeInvalidPrecision  = "invalid-precision"
	CodeInvalidEdition    = "invalid-edition"
	CodeInvalidLevel      = "invalid-level"
	CodeMissingGeometry   = "missing-geometry"
	CodeInvalidScore      = "invalid-geocoding-score"
)

// Bounds of what a record may hold.
const (
	MaxIDLength   = 100        // characters of an identifier or code
	MaxTextLength = 500        // characters of a name or an address line
	MaxCapacity   = 999        // places of one home
	MaxPopulation = 10_000_000 // inhabitants of one zone
)

// finding is one broken rule of a record: what is wrong, and how an importer may
// go on without the value (nil: the record can't be kept).
type finding struct {
	code, field, value string
	message            Text
	// dropped is what is done about it by Sanitize, to end its message.
	dropped Text
	drop    func()
	// tolerable values are in doubt but not wrong by their shape: a warning everywhere.
	tolerable bool
}

func (f finding) problem(record string, severity Severity, message Text) Problem {
	return Problem{Severity: severity, Code: f.code, Record: Clip(record), Field: f.field, Value: Clip(f.value), Message: message}
}

// strict makes problems of the findings for a record given by a user.
func strict(record string, findings []finding) []Problem {
	var problems []Problem
	for _, f := range findings {
		severity := SeverityError
		if f.tolerable {
			severity = SeverityWarning
		}
		problems = append(problems, f.problem(record, severity, f.message))
	}
	return problems
}

// lenient drops the values that are wrong, one warning each; what can't be dropped
// stays an error.
func lenient(record string, findings []finding) []Problem {
	var problems []Problem
	for _, f := range findings {
		severity, message := SeverityWarning, f.message
		switch {
		case f.tolerable:
		case f.drop == nil:
			severity = SeverityError
			message.FR += " L’enregistrement est rejeté."
			message.EN += " The record is rejected."
		default:
			f.drop()
			message.FR += " " + f.dropped.FR
			message.EN += " " + f.dropped.EN
		}
		problems = append(problems, f.problem(record, severity, message))
	}
	return problems
}

var ignored = Text{FR: "La valeur est ignorée.", EN: "The value is ignored."}

// Validate lists what is wrong with a site given by a person, without changing it.
// Field is the JSON name of the field. Errors must be put right; warnings are doubts.
func (s *Site) Validate() []Problem { return strict(s.ID, s.check()) }

// Sanitize makes a site read from a file fit to be kept: an optional value that is
// wrong is dropped, with a warning, because a home must not be lost for a bad date. A
// problem of error severity means that the site can't be kept.
func (s *Site) Sanitize() []Problem {
	problems := lenient(s.ID, s.check())
	// Another département may have become the home's own.
	s.PlacingDepartments = PlacingDepartments(s.PlacingDepartments, s.DepartmentCode)
	return problems
}

func (s *Site) check() []finding {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkID(add, "id", s.ID)
	if s.Name == "" {
		add(finding{
			code: CodeMissingName, field: "name",
			message:   Text{FR: "Le nom manque.", EN: "The name is missing."},
			tolerable: true,
		})
	}
	for _, t := range [...]struct {
		field string
		value *string
	}{
		{"name", &s.Name}, {"address.street", &s.Address.Street},
		{"address.postal_code", &s.Address.PostalCode}, {"address.locality", &s.Address.Locality},
	} {
		checkText(add, t.field, t.value)
	}
	checkFINESS(add, "finess", &s.FINESS)
	checkFINESS(add, "legal_entity_finess", &s.LegalEntityFINESS)
	s.checkCategory(add)
	if s.Status != SiteOpen && s.Status != SiteClosed {
		add(finding{
			code: CodeInvalidStatus, field: "status", value: string(s.Status),
			message: Text{FR: "Statut inconnu\u00a0: «\u00a0open\u00a0» ou «\u00a0closed\u00a0» sont attendus.", EN: "Unknown status: “open” or “closed” is expected."},
			dropped: Text{FR: "La structure est gardée comme ouverte.", EN: "The home is kept as open."},
			drop:    func() { s.Status = SiteOpen },
		})
	}
	checkDate(add, "opened_on", &s.OpenedOn)
	checkDate(add, "closed_on", &s.ClosedOn)
	if ValidDate(s.OpenedOn) && ValidDate(s.ClosedOn) && s.ClosedOn < s.OpenedOn {
		add(finding{
			code: CodeDatesOutOfOrder, field: "closed_on", value: s.ClosedOn,
			message: Text{
				FR: "La date de fermeture précède la date d’ouverture (" + s.OpenedOn + ").",
				EN: "The closing date is before the opening date (" + s.OpenedOn + ").",
			},
			dropped: Text{FR: "La date d’ouverture est ignorée.", EN: "The opening date is ignored."},
			drop:    func() { s.OpenedOn = "" },
		})
	}
	checkCommune(add, &s.CommuneCode, &s.DepartmentCode)
	checkCodes(add, "placing_departments", &s.PlacingDepartments, ValidDepartmentCode, CodeInvalidDepartment, departmentShape)
	if placing := PlacingDepartments(s.PlacingDepartments, s.DepartmentCode); !slices.Equal(placing, s.PlacingDepartments) {
		add(finding{
			code: CodeInvalidPlacing, field: "placing_departments", value: strings.Join(s.PlacingDepartments, " "),
			message: Text{
				FR: "Les départements qui placent des enfants sont donnés une fois chacun, dans l’ordre, sans celui du foyer.",
				EN: "The départements that place children are given once each, in order, without the home’s own.",
			},
			dropped: Text{FR: "Ils sont remis en ordre.", EN: "They are put in order."},
			drop:    func() {},
		})
	}
	if c := s.Capacity; c != nil && (*c < 1 || *c > MaxCapacity) {
		add(finding{
			code: CodeInvalidCapacity, field: "capacity", value: strconv.Itoa(*c),
			message: Text{
				FR: fmt.Sprintf("La capacité doit être un nombre de places de 1 à %d.", MaxCapacity),
				EN: fmt.Sprintf("The capacity must be a number of places from 1 to %d.", MaxCapacity),
			},
			dropped: Text{FR: "Elle est tenue pour inconnue.", EN: "It is taken as unknown."},
			drop:    func() { s.Capacity = nil },
		})
	}
	checkPosition(add, &s.Position)
	return found
}

func (s *Site) checkCategory(add func(finding)) {
	if s.Category == "" {
		if _, ok := CategoryByKind(s.Kind); !ok && s.Kind != KindOther {
			add(finding{
				code: CodeInvalidKind, field: "kind", value: s.Kind,
				message: Text{FR: "Type de structure inconnu.", EN: "Unknown kind of home."},
				dropped: Text{FR: "La structure est gardée avec le type «\u00a0autre\u00a0».", EN: "The home is kept with the kind “other”."},
				drop:    func() { s.Kind = KindOther },
			})
		}
		return
	}
	if !validCategory(s.Category) {
		add(finding{
			code: CodeUnknownCategory, field: "category", value: s.Category,
			message: Text{
				FR: "Un code de catégorie FINESS a 3 chiffres, par exemple 177.",
				EN: "A FINESS category code has 3 digits, for example 177.",
			},
			dropped: Text{FR: "La structure est gardée sans catégorie.", EN: "The home is kept without category."},
			drop:    func() { s.Category, s.Kind = "", KindOther },
		})
		return
	}
	if kind := KindOfCategory(s.Category); s.Kind != kind {
		add(finding{
			code: CodeInvalidKind, field: "kind", value: s.Kind,
			message: Text{
				FR: "Le type ne correspond pas à la catégorie " + s.Category + ", dont le type est " + kind + ".",
				EN: "The kind does not match category " + s.Category + ", whose kind is " + kind + ".",
			},
			dropped: Text{FR: "La catégorie l’emporte.", EN: "The category prevails."},
			drop:    func() { s.Kind = kind },
		})
	}
}

// validCategory tells the shape only: a category that Vigie does not know may be asked for.
func validCategory(s string) bool {
	return len(s) == 3 && digit(s[0]) && digit(s[1]) && digit(s[2])
}

// Validate lists what is wrong with a zone, its geometry aside: geo/repair looks
// after that.
func (z *Zone) Validate() []Problem { return strict(z.Code, z.check()) }

// Sanitize drops what is wrong with a zone read from a file, with a warning each. A
// problem of error severity means that the zone can't be kept.
func (z *Zone) Sanitize() []Problem { return lenient(z.Code, z.check()) }

func (z *Zone) check() []finding {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkID(add, "code", z.Code)
	if !z.Kind.Valid() {
		add(finding{
			code: CodeInvalidKind, field: "kind", value: string(z.Kind),
			message: Text{FR: "Type de zone inconnu\u00a0: qpv, qrr, zsp ou custom est attendu.", EN: "Unknown kind of zone: qpv, qrr, zsp or custom is expected."},
		})
	}
	if !ValidEditionLabel(z.Edition) {
		add(finding{
			code: CodeInvalidEdition, field: "edition", value: z.Edition,
			message: Text{
				FR: "L’édition doit être un millésime ou un mot court\u00a0: lettres, chiffres, tiret.",
				EN: "The edition must be a year or a short word: letters, digits, hyphen.",
			},
		})
	}
	if z.Name == "" {
		add(finding{
			code: CodeMissingName, field: "name",
			message:   Text{FR: "Le nom manque\u00a0: la zone est désignée par son code.", EN: "The name is missing: the zone goes by its code."},
			tolerable: true,
		})
	}
	checkText(add, "name", &z.Name)
	checkCodes(add, "commune_codes", &z.CommuneCodes, ValidCommuneCode, CodeInvalidCommune, communeShape)
	checkCodes(add, "department_codes", &z.DepartmentCodes, ValidDepartmentCode, CodeInvalidDepartment, departmentShape)
	if n := z.Population; n != nil && (*n < 0 || *n > MaxPopulation) {
		add(finding{
			code: CodeInvalidPopulation, field: "population", value: strconv.Itoa(*n),
			message: Text{
				FR: "La population doit être un nombre d’habitants de 0 à 10\u00a0000\u00a0000.",
				EN: "The population must be a number of inhabitants from 0 to 10,000,000.",
			},
			dropped: Text{FR: "Elle est tenue pour inconnue.", EN: "It is taken as unknown."},
			drop:    func() { z.Population = nil },
		})
	}
	return found
}

func checkCodes(add func(finding), field string, codes *[]string, valid func(string) bool, code string, message Text) {
	for _, c := range *codes {
		if valid(c) {
			continue
		}
		add(finding{
			code: code, field: field, value: c, message: message, dropped: ignored,
			drop: func() {
				*codes = slices.DeleteFunc(slices.Clone(*codes), func(x string) bool { return x == c })
			},
		})
	}
}

// Validate lists what is wrong with a place, strictly.
func (p *Place) Validate() []Problem { return strict(p.ID, p.check()) }

// Sanitize drops what is wrong with a place read from a file, with a warning each. A
// problem of error severity means that the place can't be kept.
func (p *Place) Sanitize() []Problem { return lenient(p.ID, p.check()) }

func (p *Place) check() []finding {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkID(add, "id", p.ID)
	if p.Kind == "" {
		add(finding{
			code: CodeInvalidKind, field: "kind",
			message: Text{FR: "Le type de lieu manque (police, school, station…).", EN: "The kind of place is missing (police, school, station…)."},
			dropped: Text{FR: "Le lieu est gardé avec le type «\u00a0autre\u00a0».", EN: "The place is kept with the kind “other”."},
			drop:    func() { p.Kind = KindOther },
		})
	}
	checkText(add, "name", &p.Name)
	checkCommune(add, &p.CommuneCode, &p.DepartmentCode)
	checkPosition(add, &p.Position)
	return found
}

// Validate lists what is wrong with an area, its geometry aside.
func (a *Area) Validate() []Problem { return strict(a.Code, a.check()) }

func (a *Area) check() []finding {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	switch a.Level {
	case AreaDepartment:
		if !ValidDepartmentCode(a.Code) {
			add(finding{code: CodeInvalidDepartment, field: "code", value: a.Code, message: departmentShape})
		}
	case AreaCommune:
		if !ValidCommuneCode(a.Code) {
			add(finding{code: CodeInvalidCommune, field: "code", value: a.Code, message: communeShape})
		}
	default:
		add(finding{
			code: CodeInvalidLevel, field: "level", value: a.Level,
			message: Text{FR: "Niveau inconnu\u00a0: department ou commune est attendu.", EN: "Unknown level: department or commune is expected."},
		})
	}
	checkText(add, "name", &a.Name)
	return found
}

func checkID(add func(finding), field, id string) {
	switch {
	case id == "":
		add(finding{
			code: CodeMissingID, field: field,
			message: Text{FR: "L’identifiant manque.", EN: "The identifier is missing."},
		})
	case !ValidID(id):
		add(finding{
			code: CodeInvalidID, field: field, value: id,
			message: Text{
				FR: fmt.Sprintf("L’identifiant doit avoir au plus %d caractères lisibles, sans espace au début ni à la fin.", MaxIDLength),
				EN: fmt.Sprintf("The identifier must have at most %d readable characters, without blanks at either end.", MaxIDLength),
			},
		})
	}
}

// ValidID tells whether s can identify a record: 1 to MaxIDLength characters, all
// printable, no blank at either end.
func ValidID(s string) bool {
	if s == "" || len(s) > MaxIDLength && utf8.RuneCountInString(s) > MaxIDLength {
		return false
	}
	if !printableASCII(s) {
		for _, r := range s {
			if r == utf8.RuneError || !unicode.IsPrint(r) {
				return false
			}
		}
	}
	return s[0] != ' ' && s[len(s)-1] != ' '
}

// printableASCII tells, quickly, whether s has nothing but printable ASCII, as most values
// have: a file may hold a million records.
func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func checkText(add func(finding), field string, s *string) {
	if len(*s) <= MaxTextLength && printableASCII(*s) {
		return
	}
	if utf8.ValidString(*s) && (len(*s) <= MaxTextLength || utf8.RuneCountInString(*s) <= MaxTextLength) && !strings.ContainsFunc(*s, unicode.IsControl) {
		return
	}
	add(finding{
		code: CodeInvalidText, field: field, value: *s,
		message: Text{
			FR: fmt.Sprintf("Le texte doit avoir au plus %d caractères et tenir sur une ligne.", MaxTextLength),
			EN: fmt.Sprintf("The text must have at most %d characters, on one line.", MaxTextLength),
		},
		dropped: Text{FR: "Il est raccourci.", EN: "It is shortened."},
		drop:    func() { *s = oneLine(*s) },
	})
}

// oneLine makes a text fit: valid UTF-8, control characters as blanks, cut to MaxTextLength.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if utf8.RuneCountInString(s) > MaxTextLength {
		s = string([]rune(s)[:MaxTextLength-1]) + "…"
	}
	return strings.TrimSpace(s)
}

func checkFINESS(add func(finding), field string, s *string) {
	if *s == "" || ValidFINESS(*s) {
		return
	}
	add(finding{
		code: CodeInvalidFINESS, field: field, value: *s,
		message: Text{
			FR: "Un numéro FINESS a 9 caractères, chiffres ou lettres (2A0002408).",
			EN: "A FINESS number has 9 characters, digits or letters (2A0002408).",
		},
		dropped: ignored,
		drop:    func() { *s = "" },
	})
}

// ValidFINESS tells whether s has the shape of a FINESS number: 9 digits or capital letters.
func ValidFINESS(s string) bool {
	if len(s) != 9 {
		return false
	}
	for i := range len(s) {
		if !digit(s[i]) && (s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return true
}

func checkDate(add func(finding), field string, s *string) {
	if *s == "" || ValidDate(*s) {
		return
	}
	add(finding{
		code: CodeInvalidDate, field: field, value: *s,
		message: Text{FR: "Date inconnue du calendrier\u00a0: AAAA-MM-JJ est attendu.", EN: "Not a date of the calendar: YYYY-MM-DD is expected."},
		dropped: ignored,
		drop:    func() { *s = "" },
	})
}

// ValidDate tells whether s is a date of the calendar in ISO 8601, "2026-05-12", from
// the year 1000 on (older foundations than that are not recorded).
func ValidDate(s string) bool {
	if len(s) != len(time.DateOnly) || s[0] == '0' {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

var (
	communeShape = Text{
		FR: "Un code INSEE de commune a 5 caractères (01004, 2A004, 97411).",
		EN: "An INSEE commune code has 5 characters (01004, 2A004, 97411).",
	}
	departmentShape = Text{
		FR: "Un code de département est 01 à 95, 2A, 2B ou 971 à 989.",
		EN: "A département code is 01 to 95, 2A, 2B or 971 to 989.",
	}
)

func checkCommune(add func(finding), commune, department *string) {
	communeOK := *commune == "" || ValidCommuneCode(*commune)
	departmentOK := *department == "" || ValidDepartmentCode(*department)
	if !communeOK {
		add(finding{
			code: CodeInvalidCommune, field: "commune_code", value: *commune,
			message: communeShape, dropped: ignored, drop: func() { *commune = "" },
		})
	}
	if !departmentOK {
		add(finding{
			code: CodeInvalidDepartment, field: "department_code", value: *department,
			message: departmentShape, dropped: ignored, drop: func() { *department = DepartmentOfCommune(*commune) },
		})
	}
	if communeOK && departmentOK && *commune != "" && *department != "" && !communeInDepartment(*commune, *department) {
		add(finding{
			code: CodeCommuneDepartment, field: "department_code", value: *department,
			message: Text{
				FR: "La commune " + *commune + " n’est pas dans le département " + *department + ".",
				EN: "Commune " + *commune + " is not in département " + *department + ".",
			},
			dropped: Text{FR: "Le département de la commune est retenu.", EN: "The commune’s département is taken."},
			drop:    func() { *department = DepartmentOfCommune(*commune) },
		})
	}
}

// FictitiousDepartment is the code of the fictitious département of demonstrations. INSEE
// gives it to none, so that its communes ("00001"), zones and homes can't be mistaken for
// real ones.
const FictitiousDepartment = "00"

// ValidDepartmentCode tells whether s has the shape of the INSEE code of a département
// or overseas collectivity: "01" to "95" without "20", "2A", "2B", "971" to "978", "984",
// "986" to "989"; or is FictitiousDepartment.
func ValidDepartmentCode(s string) bool {
	switch len(s) {
	case 2:
		if s == "2A" || s == "2B" {
			return true
		}
		return digit(s[0]) && digit(s[1]) && s != "20" && s <= "95"
	case 3:
		return s >= "971" && s <= "978" && digit(s[2]) || s == "984" || s >= "986" && s <= "989" && digit(s[2])
	}
	return false
}

// ValidCommuneCode tells whether s has the shape of an INSEE commune code: a
// département's code and the rest of 5 characters in digits. "00000", which stands for an
// absent code, is none.
func ValidCommuneCode(s string) bool {
	if len(s) != 5 || s == "00000" || !ValidDepartmentCode(DepartmentOfCommune(s)) {
		return false
	}
	for i := 2; i < 5; i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// DepartmentOfCommune is the département or collectivity that a commune's INSEE code
// begins with: "2A" of "2A004", "974" of "97411". Saint-Barthélemy and Saint-Martin, which
// FINESS still numbers as communes of Guadeloupe (97123, 97127), are "977" and "978".
// Empty for what is too short.
func DepartmentOfCommune(commune string) string {
	switch commune {
	case "97123":
		return "977"
	case "97127":
		return "978"
	}
	n := 2
	if strings.HasPrefix(commune, "97") || strings.HasPrefix(commune, "98") {
		n = 3
	}
	if len(commune) < n {
		return ""
	}
	return commune[:n]
}

// communeInDepartment accepts Guadeloupe for the two collectivities that left it.
func communeInDepartment(commune, department string) bool {
	return DepartmentOfCommune(commune) == department ||
		department == "971" && (commune == "97123" || commune == "97127")
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func checkPosition(add func(finding), position **Position) {
	p := *position
	if p == nil {
		return
	}
	drop := func() { *position = nil }
	unlocated := Text{FR: "L’enregistrement est gardé comme non localisé.", EN: "The record is kept as not located."}
	lon, lat := p.Point[0], p.Point[1]
	if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) { // also not a number
		add(finding{
			code: CodeInvalidPosition, field: "position.point",
			message: Text{
				FR: "La longitude doit être de −180 à 180 degrés et la latitude de −90 à 90.",
				EN: "The longitude must be from −180 to 180 degrees and the latitude from −90 to 90.",
			},
			dropped: unlocated, drop: drop,
		})
		return
	}
	if lon == 0 && lat == 0 {
		add(finding{
			code: CodeInvalidPosition, field: "position.point",
			message: Text{
				FR: "La position (0, 0) n’en est pas une\u00a0: elle vient d’un champ vide.",
				EN: "Position (0, 0) is none: it comes from an empty field.",
			},
			dropped: unlocated, drop: drop,
		})
		return
	}
	if !p.Precision.Valid() {
		add(finding{
			code: CodeInvalidPrecision, field: "position.precision", value: string(p.Precision),
			message: Text{
				FR: "Précision inconnue\u00a0: surveyed, house_number, street, locality, commune ou unspecified est attendu.",
				EN: "Unknown precision: surveyed, house_number, street, locality, commune or unspecified is expected.",
			},
			dropped: Text{FR: "Elle est gardée comme non précisée.", EN: "It is kept as unspecified."},
			drop:    func() { p.Precision = PrecisionUnspecified },
		})
	}
	if !(p.GeocodingScore >= 0 && p.GeocodingScore <= 100) {
		add(finding{
			code: CodeInvalidScore, field: "position.geocoding_score", value: strconv.FormatFloat(p.GeocodingScore, 'g', -1, 64),
			message: Text{FR: "Le score de géocodage est un pourcentage.", EN: "The geocoding score is a percentage."},
			dropped: ignored, drop: func() { p.GeocodingScore = 0 },
		})
	}
}

// Valid tells whether p is one of the precisions of this package.
func (p Precision) Valid() bool {
	switch p {
	case PrecisionSurveyed, PrecisionHouseNumber, PrecisionStreet, PrecisionLocality, PrecisionCommune, PrecisionUnspecified:
		return true
	}
	return false
}

// maxEditionLength bounds an edition's label.
const maxEditionLength = 30

// ValidEditionLabel tells whether s can label an edition: 1 to 30 letters, digits,
// hyphens and underscores. It stands between dots in identifiers and addresses:
// "qpv.2024.QN00101M".
func ValidEditionLabel(s string) bool {
	if s == "" || len(s) > maxEditionLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// KindOfCategory is the kind of a FINESS category code, KindOther for others.
func KindOfCategory(code string) string {
	if c, ok := CategoryByCode(code); ok {
		return c.Kind
	}
	return KindOther
}
