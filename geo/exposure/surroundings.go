package exposure

import "strconv"

// Parameters of the indicators around a site, in metres.
const (
	// KernelBandwidth is the bandwidth h of the kernel share.
	KernelBandwidth = 500
	// DecayLength is λ of the decay exposure, cut at 3λ.
	DecayLength = 300
	// attractorReach is the outermost band of risk terrain modelling.
	attractorReach = 450
)

// placeTheme is a family of kinds of places that one set of indicators looks at.
type placeTheme struct {
	id    string   // "police": nearest_police_distance_m
	kinds []string // any of these
	noun
	direction Direction
	attractor bool // also what risk terrain modelling looks at
	count     bool // also a count within attractorReach
}

// placeThemes are guardianship, access and attractors (indicators.md).
var placeThemes = []placeTheme{
	{id: "police", kinds: policeKinds, noun: noun{Text{FR: "commissariat ou brigade de gendarmerie", EN: "police or gendarmerie unit"}, false}, direction: Protective},
	{id: "school", kinds: []string{"school", "college", "lycee"}, noun: noun{Text{FR: "école, collège ou lycée", EN: "school"}, false}, direction: Protective},
	{id: "station", kinds: []string{"station"}, noun: noun{Text{FR: "gare ou station", EN: "station"}, true}, direction: Context, attractor: true},
	{id: "hospital", kinds: []string{"hospital", "emergency"}, noun: noun{Text{FR: "hôpital", EN: "hospital"}, false}, direction: Protective},
	{id: "hotel", kinds: []string{"hotel"}, noun: noun{Text{FR: "hôtel", EN: "hotel"}, false}, direction: Risk, attractor: true, count: true},
	{id: "bar", kinds: []string{"bar"}, noun: noun{Text{FR: "bar", EN: "bar"}, false}, direction: Risk, attractor: true, count: true},
	{id: "motorway_exit", kinds: []string{"motorway_exit"}, noun: noun{Text{FR: "sortie d’autoroute", EN: "motorway exit"}, true}, direction: Risk, attractor: true},
	{id: "college", kinds: []string{"college"}, noun: noun{Text{FR: "collège", EN: "lower secondary school"}, false}, direction: Protective},
}

var policeKinds = []string{"police", "gendarmerie"}

const geodesicSource = "Vincenty 1975, Survey Review 23 (WGS\u00a084)"

var missingPlaces = Text{
	FR: "Inconnu si le foyer n’est pas localisé, si sa position est le centre de la commune, ou si les lieux chargés ne couvrent pas le secteur (aucun dans le département, ou aucun de ce type à moins de 200\u00a0km)\u00a0: ce qui n’est pas chargé n’est pas loin.",
	EN: "Unknown when the home is not located, when its position is the centre of the commune, or when the places that are loaded do not cover the area (none in the département, or none of this kind within 200 km): what is not loaded is not far.",
}

// placeIndicators are the catalogue's entries on places.
func placeIndicators() []Indicator {
	var out []Indicator
	for _, theme := range placeThemes {
		reach, words := strconv.Itoa(attractorReach), placeWords[theme.id]
		out = append(out, Indicator{
			ID: "nearest_" + theme.id + "_distance_m", Unit: "m", Type: TypeNumber, Decimals: 1, Direction: opposite(theme.direction),
			Label:   Text{FR: "Distance " + words.toNearest.FR, EN: "Distance " + words.toNearest.EN},
			Formula: Text{FR: "Distance géodésique au lieu le plus proche.", EN: "Geodesic distance to the nearest place."},
			Missing: missingPlaces, Source: geodesicSource, loaded: placesLoaded(theme.kinds),
			evaluate: func(e *Evaluator) Value {
				_, d, ok := e.nearestPlace(theme.kinds)
				if !ok {
					return unknown(ReasonNotCovered)
				}
				return Number(d)
			},
		})
		if theme.count {
			out = append(out, Indicator{
				ID: theme.id + "s_within_" + reach + "m", Unit: "1", Type: TypeInteger, Direction: theme.direction,
				Label:   Text{FR: capital(theme.FR) + "s à moins de " + reach + "\u00a0m", EN: capital(theme.EN) + "s within " + reach + " m"},
				Formula: Text{FR: "Nombre de lieux à moins de " + reach + "\u00a0m.", EN: "Number of places within " + reach + " m."},
				Missing: missingPlaces, Source: "Caplan & Kennedy 2016, Risk Terrain Modeling", loaded: placesLoaded(theme.kinds),
				evaluate: func(e *Evaluator) Value { return e.countPlaces(theme.kinds, attractorReach) },
			})
		}
	}
	return out
}

// opposite is how a distance bears on exposure when what is near bears on it as d.
func opposite(d Direction) Direction {
	switch d {
	case Risk:
		return Protective
	case Protective:
		return Risk
	}
	return d
}

// clusterIndicators look at the other homes of the public register around: never of a
// computed point.
func clusterIndicators() []Indicator {
	var out []Indicator
	for _, radius := range []float64{500, HomesReach} {
		metres := RadiusName(radius)
		out = append(out, Indicator{
			ID: "homes_within_" + metres, Unit: "1", Type: TypeInteger, Direction: Context,
			Label: Text{
				FR: "Autres foyers du registre public à moins de " + spaced(radius) + "\u00a0m",
				EN: "Other homes of the public register within " + commas(radius) + " m",
			},
			Formula: Text{
				FR: "Nombre d’autres foyers du registre public (FINESS, hors lieux de vie), ouverts et localisés, dans le disque. Un foyer que le registre ne recense pas n’y compte jamais.",
				EN: "Number of other open, located homes of the public register (FINESS, small living places excepted) in the disc. A home that the register does not list never counts.",
			},
			Missing: Text{
				FR: "Inconnu si le foyer n’est pas localisé, si aucun foyer du registre public n’est chargé, ou pour un point calculé, qui ne doit pas révéler de foyer.",
				EN: "Unknown when the home is not located, when no home of the public register is loaded, and for a computed point, which must not tell of a home.",
			},
			Source: geodesicSource,
			loaded: func(w *World) bool { return w.Homes != nil },
			evaluate: func(e *Evaluator) Value {
				n := 0
				for _, h := range e.homes() {
					if h.Distance <= radius {
						n++
					}
				}
				return Integer(n)
			},
		})
	}
	return out
}
