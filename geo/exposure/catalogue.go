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
	// Awaits names the input that nothing can give yet: the value is unknown everywhere.
	Awaits Text

	// everywhere: no position is needed.
	everywhere bool
	// loaded tells whether the world has the input; nil when there is none to load.
	loaded func(*World) bool
	// One of these computes the value, of a located subject and a loaded input; none for
	// what awaits its input.
	value    func(*Zones, *Proximity) Value
	evaluate func(*Evaluator) Value
}

// Of is the indicator's value for the evaluator's subject.
func (in *Indicator) Of(e *Evaluator) Value {
	switch {
	case in.obstacle(e) != Known:
		return Null
	case in.evaluate != nil:
		return in.evaluate(e)
	}
	return in.value(e.world.Zones, e.Proximity())
}

// Value is the value of a proximity indicator for a proximity measured on z.
func (in *Indicator) Value(z *Zones, p *Proximity) Value { return in.value(z, p) }

// Catalogue is every indicator that a site has for whoever sees it exactly, in the order
// of outputs: proximity to zones for all kinds and each of kinds, then the rest.
func Catalogue(kinds []string, radii []float64) []Indicator {
	return slices.Concat(OpenCatalogue(kinds, radii), clusterIndicators(), supplyIndicators())
}

// OpenCatalogue is what any point has, home or not: nothing in it tells of a home.
func OpenCatalogue(kinds []string, radii []float64) []Indicator {
	return slices.Concat(
		ProximityIndicators(kinds, radii), coverIndicators(kinds), placeIndicators(), contextIndicators(),
		bandIndicators(kinds, radii), deprivationIndicators(), terrainIndicators(), nightIndicators(), awaitedIndicators(),
		populationIndicators(kinds))
}

// RestrictedCatalogue is what a site has besides for who sees police-restricted layers and
// recorded events: the twins of open indicators on every zone, measured against a World
// whose Zones hold the restricted ones too, then what rests on events.
func RestrictedCatalogue(kinds []string, radii []float64) []Indicator {
	return slices.Concat(restrictedLayers(kinds, radii), eventIndicators())
}
