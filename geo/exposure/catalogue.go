package exposure

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

	value func(*Zones, *Proximity) Value
}

// Value is the indicator's value for a proximity measured on z.
func (in *Indicator) Value(z *Zones, p *Proximity) Value { return in.value(z, p) }
