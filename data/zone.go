package data

import "github.com/paulmach/orb"

// ZoneKind is the family of a zone.
type ZoneKind string

// Kinds of zones.
const (
	ZoneQPV    ZoneKind = "qpv"    // quartier prioritaire de la politique de la ville (income criterion)
	ZoneQRR    ZoneKind = "qrr"    // quartier de reconquête républicaine (police)
	ZoneZSP    ZoneKind = "zsp"    // zone de sécurité prioritaire (police)
	ZoneCustom ZoneKind = "custom" // drawn or imported by the user
)

// ZoneKinds lists the kinds in the order of outputs.
var ZoneKinds = []ZoneKind{ZoneQPV, ZoneQRR, ZoneZSP, ZoneCustom}

// Label is the kind's name for users.
func (k ZoneKind) Label() Text {
	switch k {
	case ZoneQPV:
		return Text{FR: "Quartier prioritaire (QPV)", EN: "Priority neighbourhood (QPV)"}
	case ZoneQRR:
		return Text{FR: "Quartier de reconquête républicaine (QRR)", EN: "Police priority district (QRR)"}
	case ZoneZSP:
		return Text{FR: "Zone de sécurité prioritaire (ZSP)", EN: "Priority security zone (ZSP)"}
	default:
		return Text{FR: "Zone ajoutée", EN: "Custom zone"}
	}
}

// Valid tells whether k is one of ZoneKinds.
func (k ZoneKind) Valid() bool {
	for _, x := range ZoneKinds {
		if x == k {
			return true
		}
	}
	return false
}

// Zone is a polygon of one edition of one kind.
type Zone struct {
	Kind    ZoneKind `json:"kind"`
	Edition string   `json:"edition"` // label, unique within the kind: "2015", "2024"
	// Code is the producer's code, unique within kind and edition.
	Code string `json:"code"`
	Name string `json:"name"`
	// CommuneCodes are INSEE codes; CommuneNames serve editions that only give names.
	CommuneCodes    []string `json:"commune_codes,omitempty"`
	CommuneNames    []string `json:"commune_names,omitempty"`
	DepartmentCodes []string `json:"department_codes,omitempty"`
	// Population is how many people live in the zone, as its producer says; nil when unknown.
	Population *int `json:"population,omitempty"`
	// Restricted: a police layer that needs its own right to be seen.
	Restricted bool `json:"restricted,omitempty"`
	// Geometry is valid (OGC), lon/lat in CRS84 degrees, outer rings counter-clockwise.
	Geometry orb.MultiPolygon `json:"-"`
}

// Edition is one dated version of the zones of a kind; editions live side by
// side and at most one of each kind is current.
type Edition struct {
	Kind    ZoneKind `json:"kind"`
	Label   string   `json:"label"`
	Current bool     `json:"current"`
	Zones   int      `json:"zones"`
}

// Area is an administrative unit (Admin Express): the base map and commune geography.
type Area struct {
	Level          string           `json:"level"` // AreaDepartment or AreaCommune
	Code           string           `json:"code"`  // INSEE code
	Name           string           `json:"name"`
	DepartmentCode string           `json:"department_code"`
	Geometry       orb.MultiPolygon `json:"-"` // CRS84
}

// Levels of an Area.
const (
	AreaDepartment = "department"
	AreaCommune    = "commune"
)

// Place is a point of interest around a home: police, gendarmerie, school, station…
type Place struct {
	ID             string    `json:"id"`
	Kind           string    `json:"kind"` // one of PlaceKinds, or a word of the file's own
	Name           string    `json:"name"`
	CommuneCode    string    `json:"commune_code,omitempty"`
	DepartmentCode string    `json:"department_code,omitempty"`
	Position       *Position `json:"position,omitempty"`
	// OpenAtNight: the public is received from 22:00 to 6:00, every day of the week; nil
	// when the hours are not known.
	OpenAtNight *bool `json:"open_at_night,omitempty"`
	// Source names the official file the place comes from ("bpe", "police",
	// "gendarmerie", "schools"), and Edition its publication; both are empty for a place
	// of a plain file.
	Source  string `json:"source,omitempty"`
	Edition string `json:"edition,omitempty"`
}
