package exposure

import "slices"

// Direction tells how an indicator bears on exposure.
type Direction string

// Directions of an indicator.
const (
	Risk       Direction = "risk"       // more means more exposed
	Protective Direction = "protective" // more means less exposed
	Context    Direction = "context"    // describes, does not enter the score
)

// Indicator is one entry of the catalogue. Everything that names, labels,
// explains or serves the indicator is derived from it.
type Indicator struct {
	ID        string // stable, snake_case; the property's name in outputs
	Label     Text
	Unit      string // "m", "1" for ratios 0–1 and counts, "" for names and flags
	Type      Type
	Decimals  int // written for TypeNumber
	Direction Direction
	Formula   Text
	// Missing says what an absent input does. It is never a 0.
	Missing Text
	Source  string // of the formula or the threshold

	// Exactly one of these computes the value.
	value    func(*Zones, *Proximity) Value
	evaluate func(*Evaluator) Value
}

// Of is the indicator's value for the evaluator's subject.
func (in *Indicator) Of(e *Evaluator) Value {
	if in.evaluate != nil {
		return in.evaluate(e)
	}
	return in.value(e.world.Zones, e.Proximity())
}

// Value is the value of a proximity indicator for a proximity measured on z.
func (in *Indicator) Value(z *Zones, p *Proximity) Value { return in.value(z, p) }

// Catalogue is every indicator that a site has, in the order of outputs: proximity
// to zones for all kinds and each of kinds, then the rest.
func Catalogue(kinds []string, radii []float64) []Indicator {
	return slices.Concat(OpenCatalogue(kinds, radii), clusterIndicators())
}

// OpenCatalogue is what any point has, home or not: nothing in it tells of a home.
func OpenCatalogue(kinds []string, radii []float64) []Indicator {
	return slices.Concat(ProximityIndicators(kinds, radii), coverIndicators(kinds), placeIndicators(), contextIndicators())
}
