package siting

import (
	"math"
	"slices"
)

// ConstraintType is a way to exclude places.
type ConstraintType string

// Types of constraints and the members that they read.
const (
	ZoneDistance  ConstraintType = "zone_distance"  // Kind, Min
	PlaceDistance ConstraintType = "place_distance" // Theme, Max
	HomeDistance  ConstraintType = "home_distance"  // Min
	ExposureLimit ConstraintType = "exposure"       // Limit
	Exclusion     ConstraintType = "exclusion"      // ID
)

// ConstraintEntry is one type of constraint in the catalogue.
type ConstraintEntry struct {
	Type    ConstraintType `json:"type"`
	Label   Text           `json:"label"`
	Members []string       `json:"members"` // of the constraint's JSON form
}

// ConstraintTypes is the catalogue of types of constraints.
func ConstraintTypes() []ConstraintEntry {
	return []ConstraintEntry{
		{ZoneDistance, Text{FR: "Distance minimale aux zones", EN: "Least distance to zones"}, []string{"kind", "min_m"}},
		{PlaceDistance, Text{FR: "Distance maximale au lieu le plus proche", EN: "Greatest distance to the nearest place"}, []string{"theme", "max_m"}},
		{HomeDistance, Text{FR: "Distance minimale aux autres foyers", EN: "Least distance to other homes"}, []string{"min_m"}},
		{ExposureLimit, Text{FR: "Exposition maximale (borne haute pour un candidat, valeur centrale pour un carreau)", EN: "Greatest exposure (upper bound for a candidate, central value for a cell)"}, []string{"max"}},
		{Exclusion, Text{FR: "Hors d’un périmètre exclu", EN: "Outside an excluded area"}, []string{"id"}},
	}
}

// AnyKind, as the kind of a zone distance, means zones of every kind.
const AnyKind = "any"

// Constraint is a condition without which a place is excluded.
type Constraint struct {
	Type  ConstraintType `json:"type"`
	Kind  string         `json:"kind,omitempty"`  // of zones, or AnyKind
	Theme string         `json:"theme,omitempty"` // of places: exposure.Themes
	Min   float64        `json:"min_m,omitempty"` // metres
	Max   float64        `json:"max_m,omitempty"` // metres
	Limit float64        `json:"max,omitempty"`   // 0–100
	ID    string         `json:"id,omitempty"`    // of an excluded area
}

// Problem says what is wrong with the constraint; false when nothing is.
func (c Constraint) Problem() (Text, bool) {
	distance := Text{FR: "une distance en mètres, supérieure à 0, est attendue", EN: "a distance in metres, above 0, is expected"}
	switch c.Type {
	case ZoneDistance:
		if c.Kind == "" {
			return Text{FR: "un type de zone est attendu, ou «\u00a0any\u00a0» pour toutes", EN: "a kind of zone is expected, or “any” for all"}, true
		}
		return distance, !positive(c.Min)
	case PlaceDistance:
		if _, ok := themes[c.Theme]; !ok {
			return Text{FR: "thème de lieux inconnu", EN: "unknown theme of places"}, true
		}
		return distance, !positive(c.Max)
	case HomeDistance:
		return distance, !positive(c.Min)
	case ExposureLimit:
		return Text{FR: "une exposition de 0 à 100 est attendue", EN: "an exposure of 0 to 100 is expected"}, !(c.Limit > 0 && c.Limit <= 100)
	case Exclusion:
		return Text{FR: "l’identifiant d’un périmètre exclu est attendu", EN: "the identifier of an excluded area is expected"}, c.ID == ""
	}
	return Text{FR: "type de contrainte inconnu", EN: "unknown type of constraint"}, true
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

// limit is what the constraint compares with, and whether a value has to be at least that
// (at most otherwise).
func (c Constraint) limit() (limit float64, least bool) {
	switch c.Type {
	case ZoneDistance, HomeDistance:
		return c.Min, true
	case PlaceDistance:
		return c.Max, false
	}
	return c.Limit, false
}

// allows tells whether a value, which is known, meets the constraint.
func (c Constraint) allows(value float64) bool {
	limit, least := c.limit()
	if least {
		return value >= limit
	}
	return value <= limit
}

// Finding is a constraint that a candidate fails, or that nothing known can verify.
type Finding struct {
	// Constraint is its place in the study's list.
	Constraint int
	// Value is the candidate's, NaN when unknown and for an excluded area; Limit is what
	// the constraint asks for, NaN for an excluded area.
	Value, Limit float64
	// Text says what is the case and what is required, in one sentence part.
	Text Text
	// Change says what would have to change; empty for what cannot be verified.
	Change Text
}

// value is what the constraint compares of a candidate; NaN when unknown.
func (c Constraint) value(m *Measures) float64 {
	known := func(values map[string]float64, key string) float64 {
		if v, ok := values[key]; ok {
			return v
		}
		return math.NaN()
	}
	switch c.Type {
	case ZoneDistance:
		return known(m.Zones, c.Kind)
	case PlaceDistance:
		return known(m.Places, c.Theme)
	case HomeDistance:
		return known(m.Criteria, Homes)
	case ExposureLimit:
		return known(m.Criteria, Exposure)
	}
	return math.NaN()
}

// check holds constraints against a candidate: those that it fails, and those that cannot
// be verified, which are not passed either.
func check(constraints []Constraint, m *Measures) (failed, unverified []Finding) {
	for i, c := range constraints {
		if c.Type == Exclusion {
			f := Finding{Constraint: i, Value: math.NaN(), Limit: math.NaN()}
			at := slices.IndexFunc(m.Areas, func(a Membership) bool { return a.ID == c.ID })
			switch {
			case at < 0:
				f.Text = c.unknown()
				unverified = append(unverified, f)
			case m.Areas[at].Inside:
				label := m.Areas[at].Label
				f.Text = Text{FR: "dans le périmètre exclu «\u00a0" + label + "\u00a0»", EN: "inside the excluded area “" + label + "”"}
				f.Change = Text{FR: "être hors du périmètre exclu «\u00a0" + label + "\u00a0»", EN: "be outside the excluded area “" + label + "”"}
				failed = append(failed, f)
			}
			continue
		}
		value := c.value(m)
		limit, _ := c.limit()
		f := Finding{Constraint: i, Value: value, Limit: limit}
		switch {
		case math.IsNaN(value):
			f.Text = c.unknown()
			unverified = append(unverified, f)
		case !c.allows(value):
			f.Text, f.Change = c.failure(value), c.change(value)
			failed = append(failed, f)
		}
	}
	return failed, unverified
}

// failure says by how much a value misses the limit. What is too near is rounded down and
// what is too far up, so that a miss never reads as the limit itself.
func (c Constraint) failure(value float64) Text {
	limit, least := c.limit()
	if c.Type == ExposureLimit {
		v, l := figure(math.Ceil(10*value)/10, 1), figure(limit, 1)
		return Text{
			FR: "exposition (borne haute) de " + v.FR + "\u00a0; " + l.FR + " au plus sont demandés",
			EN: "exposure (upper bound) of " + v.EN + "; at most " + l.EN + " is required",
		}
	}
	l := metres(limit)
	asked := Text{FR: "\u00a0; " + l.FR + " au plus sont demandés", EN: "; at most " + l.EN + " is required"}
	at := metres(math.Ceil(value))
	if least {
		asked = Text{FR: "\u00a0; " + l.FR + " au moins sont demandés", EN: "; at least " + l.EN + " is required"}
		at = metres(math.Floor(value))
	}
	switch c.Type {
	case ZoneDistance:
		zone := zoneOf(c.Kind)
		if value == 0 {
			return Text{FR: "dans " + zone.FR + asked.FR, EN: "inside " + zone.EN + asked.EN}
		}
		return Text{FR: "à " + at.FR + " d’" + zone.FR + asked.FR, EN: at.EN + " from " + zone.EN + asked.EN}
	case HomeDistance:
		return Text{FR: "à " + at.FR + " d’un autre foyer" + asked.FR, EN: at.EN + " from another home" + asked.EN}
	}
	from := themes[c.Theme].from
	return Text{FR: "à " + at.FR + " " + from.FR + asked.FR, EN: at.EN + " " + from.EN + asked.EN}
}

// change says what a value that misses the limit lacks.
func (c Constraint) change(value float64) Text {
	limit, _ := c.limit()
	if c.Type == ExposureLimit {
		by := figure(math.Ceil(10*(value-limit))/10, 1)
		return Text{
			FR: "une exposition (borne haute) plus basse de " + by.FR + " points",
			EN: "an exposure (upper bound) " + by.EN + " points lower",
		}
	}
	by := metres(math.Ceil(math.Abs(value - limit)))
	switch c.Type {
	case ZoneDistance:
		zone := zoneOf(c.Kind)
		return Text{FR: "s’éloigner de " + by.FR + " d’" + zone.FR, EN: "be " + by.EN + " farther from " + zone.EN}
	case HomeDistance:
		return Text{FR: "s’éloigner de " + by.FR + " d’un autre foyer", EN: "be " + by.EN + " farther from another home"}
	}
	t := themes[c.Theme]
	return Text{FR: "se rapprocher de " + by.FR + " " + t.from.FR, EN: "be " + by.EN + " nearer " + t.to.EN}
}

// unknown says that the constraint cannot be verified.
func (c Constraint) unknown() Text {
	var what Text
	switch c.Type {
	case ZoneDistance:
		zone := zoneOf(c.Kind)
		what = Text{FR: "distance à " + zone.FR, EN: "distance to " + zone.EN}
	case PlaceDistance:
		to := themes[c.Theme].to
		what = Text{FR: "distance " + to.FR, EN: "distance " + to.EN}
	case HomeDistance:
		what = Text{FR: "distance aux autres foyers", EN: "distance to other homes"}
	case Exclusion:
		return Text{
			FR: "périmètre exclu «\u00a0" + c.ID + "\u00a0» absent\u00a0: cette contrainte ne peut pas être vérifiée",
			EN: "excluded area “" + c.ID + "” missing: this constraint cannot be verified",
		}
	default:
		what = Text{FR: "exposition", EN: "exposure"}
	}
	return Text{
		FR: what.FR + " inconnue\u00a0: cette contrainte ne peut pas être vérifiée",
		EN: what.EN + " unknown: this constraint cannot be verified",
	}
}
