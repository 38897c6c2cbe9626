package exposure

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/pointindex"
)

// Catchments of the supply of places, in metres: within the first everybody counts in
// full, within the second by a half.
const (
	nearCatchment = 20_000
	farCatchment  = 40_000
	// SupplyReach is how far a home bears on the supply of another, in metres.
	SupplyReach = farCatchment
)

// catchment is the weight f of a distance in metres.
func catchment(d float64) float64 {
	switch {
	case d <= nearCatchment:
		return 1
	case d <= farCatchment:
		return 0.5
	}
	return 0
}

// Demand is how many people under 21 live somewhere: a commune, by the centroid of its
// outline.
type Demand struct {
	Point  orb.Point // lon, lat, CRS84
	People float64
}

// Supply is the first step of the two-step floating catchment area method: what each home
// offers to each young person around, Rⱼ = Sⱼ / Σₖ Pₖ·f(dₖⱼ), capacities being aligned
// with homes. A home whose capacity is unknown (NaN), or around which nobody lives, has
// the ratio NaN.
func Supply(demand *pointindex.Index, people []float64, homes []orb.Point, capacities []float64) []float64 {
	out := make([]float64, len(homes))
	for j, home := range homes {
		out[j] = math.NaN()
		if math.IsNaN(capacities[j]) {
			continue
		}
		around := 0.0
		for _, n := range demand.Within(home, farCatchment) {
			around += people[n.Index] * catchment(n.Distance)
		}
		if around > 0 {
			out[j] = capacities[j] / around
		}
	}
	return out
}

// supplyIndicators are of sites only: they rest on homes.
func supplyIndicators() []Indicator {
	return []Indicator{{
		ID: "place_supply_40km", Unit: "1/1000", Type: TypeNumber, Decimals: 2, Direction: Context,
		Label: Text{
			FR: "Places des foyers du registre public pour 1\u202f000\u00a0jeunes de moins de 21\u00a0ans, accessibles (à moins de 40\u00a0km à vol d’oiseau)",
			EN: "Places in homes of the public register per 1,000 people under 21, within reach (40 km in a straight line)",
		},
		Formula: Text{
			FR: "Aire d’attraction flottante en deux temps\u00a0: Rⱼ = capacité du foyer / Σ moins de 21\u00a0ans des communes × f(d)\u00a0; A = 1\u202f000 Σ Rⱼ·f(d)\u00a0; f = 1 à 20\u00a0km, ½ à 40\u00a0km\u00a0; chaque commune est représentée par son centroïde. Seuls comptent les foyers du registre public (FINESS, hors lieux de vie).",
			EN: "Two-step floating catchment area: Rⱼ = capacity of the home / Σ under-21s of communes × f(d); A = 1,000 Σ Rⱼ·f(d); f = 1 to 20 km, ½ to 40 km; each commune is represented by its centroid. Only homes of the public register count (FINESS, small living places excepted).",
		},
		Missing: Text{
			FR: "Inconnu si le foyer n’est pas localisé, si les moins de 21\u00a0ans ou les contours des communes ne sont pas chargés, s’il n’y a aucun foyer du registre public, ou si la capacité de l’un d’eux à moins de 40\u00a0km est inconnue\u00a0: jamais 0.",
			EN: "Unknown when the home is not located, when the under-21s or the outlines of communes are not loaded, when there is no home of the public register, or when the capacity of one within 40 km is unknown: never 0.",
		},
		Source: "Luo & Qi 2009, doi 10.1016/j.healthplace.2009.06.002\u00a0; DREES, accessibilité potentielle localisée",
		loaded: func(w *World) bool { return w.Supply != nil },
		evaluate: func(e *Evaluator) Value {
			sum := 0.0
			for _, h := range e.world.Homes.Within(e.subject.Point, farCatchment) {
				sum += e.world.Supply[h.Index] * catchment(h.Distance)
			}
			if math.IsNaN(sum) {
				return Null
			}
			return Number(1000 * sum)
		},
	}}
}
