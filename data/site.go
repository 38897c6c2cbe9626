package data

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// SiteStatus tells whether a home operates.
type SiteStatus string

// Statuses of a site.
const (
	SiteOpen   SiteStatus = "open"
	SiteClosed SiteStatus = "closed"
)

// Precision tells how a position was obtained, from best to worst. It decides
// whether proximity may be computed and feeds the score's uncertainty.
type Precision string

// Precisions of a position, with the standard deviations of
// the indicator catalogue (house number ≈ 10 m, street ≈ 80 m in town to 1 km in the country).
const (
	PrecisionSurveyed    Precision = "surveyed"     // placed by a person on the map or measured
	PrecisionHouseNumber Precision = "house_number" // geocoded to the house number
	PrecisionStreet      Precision = "street"       // geocoded to the street
	PrecisionLocality    Precision = "locality"     // geocoded to a hamlet or named place
	PrecisionCommune     Precision = "commune"      // centroid of the commune: not usable for proximity
	PrecisionUnspecified Precision = "unspecified"  // the file does not say
)

// Usable tells whether proximity may be computed from a position of this
// precision: a commune's centroid never is "inside a zone".
func (p Precision) Usable() bool { return p != PrecisionCommune }

// Sigma is the standard deviation, in metres, of the error of a position of this
// precision in each direction: about 10 m for a house number and, for want of
// knowing whether the street is in town (80 m), in a suburb (400 m) or in the
// country (1 km), the middle one for a street and the largest for a locality
// (errors of street geocoding after Cayo and Talbot 2003). NaN when the file does
// not say or the position is a commune's centroid.
func (p Precision) Sigma() float64 {
	switch p {
	case PrecisionSurveyed:
		return 2
	case PrecisionHouseNumber:
		return 10
	case PrecisionStreet:
		return 400
	case PrecisionLocality:
		return 1000
	}
	return math.NaN()
}

// Position is a located point and what is known of its quality.
type Position struct {
	// Point is longitude, latitude in degrees, CRS84.
	Point     orb.Point `json:"point"`
	Precision Precision `json:"precision"`
	// Source is the geocoder or file that gave the position, as the file spells it.
	Source string `json:"source,omitempty"`
	// GeocodingScore is the geocoder's own score in percent (0–100), 0 when absent.
	GeocodingScore float64 `json:"geocoding_score,omitempty"`
}

// Address is a postal address.
type Address struct {
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Locality   string `json:"locality,omitempty"`
}

// Site is a home (foyer) or, on request, a child-protection service.
type Site struct {
	// ID is Vigie's stable identifier: the FINESS number when the site has one,
	// the file's identifier otherwise, an issued one for a site added by hand.
	ID string `json:"id"`
	// FINESS is the geographic FINESS number (9 characters, letters possible: 2A0002408), or empty.
	FINESS string `json:"finess,omitempty"`
	// LegalEntityFINESS is the FINESS number of the managing body (entité juridique).
	LegalEntityFINESS string `json:"legal_entity_finess,omitempty"`
	Name              string `json:"name"`
	// Category is the FINESS category code ("177"), or empty.
	Category string `json:"category,omitempty"`
	// Kind is Category.Kind, or KindOther.
	Kind     string     `json:"kind"`
	Status   SiteStatus `json:"status"`
	OpenedOn string     `json:"opened_on,omitempty"` // ISO 8601 date
	ClosedOn string     `json:"closed_on,omitempty"` // ISO 8601 date
	Address  Address    `json:"address"`
	// CommuneCode is the INSEE code of the commune, 5 characters ("2A004", "97127").
	CommuneCode string `json:"commune_code,omitempty"`
	// DepartmentCode is the INSEE code of the département: "01", "2A", "971".
	DepartmentCode string `json:"department_code,omitempty"`
	// PlacingDepartments are INSEE codes of other départements that place children here,
	// when that is recorded: the home is in their scope too.
	PlacingDepartments []string `json:"placing_departments,omitempty"`
	// Capacity is the number of authorised places; nil when unknown (never 0 for unknown).
	Capacity *int `json:"capacity,omitempty"`
	// Position is nil when the site is not located.
	Position *Position `json:"position,omitempty"`
}

// Listed tells whether the public register lists the home, so that nothing is learnt from its
// being there: it has a FINESS number, and is of no kind that may be a private home. Homes
// that it does not list are in nothing that anyone gets who does not see them exactly.
func (s *Site) Listed() bool {
	category, _ := CategoryByKind(s.Kind)
	return s.FINESS != "" && !category.Private
}

// PlacingDepartments puts the codes of départements that place children in a home in
// order, each once, without the home's own; nil when none is left.
func PlacingDepartments(codes []string, own string) []string {
	list := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == own })
	slices.Sort(list)
	if list = slices.Compact(list); len(list) == 0 {
		return nil
	}
	return list
}

// StoredSite is a site as the store holds it.
type StoredSite struct {
	Site
	// Version counts the changes of this record, from 1; it is the optimistic lock.
	Version int64 `json:"version"`
	// Source is the record as the last import gave it, nil for a site added by
	// hand. It is the base of the three-way merge that keeps corrections made by
	// hand when a new edition is imported.
	Source *Site `json:"source,omitempty"`
	// MergedInto is the ID of the site this one was merged into, or empty.
	MergedInto string `json:"merged_into,omitempty"`
}
