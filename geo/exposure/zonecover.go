package exposure

import (
	"math"
	"strconv"
)

// coverIndicators are the entries on zones that need more than distances: how deep,
// how probable, how much around.
func coverIndicators(kinds []string) []Indicator {
	out := coverOf("", Text{FR: "toutes zones", EN: "all zones"}, -1)
	for i, kind := range kinds {
		out = append(out, coverOf(kind+"_", zoneKindLabel(kind), i)...)
	}
	return out
}

func coverOf(prefix string, of Text, kind int) []Indicator {
	missing := Text{
		FR: "Inconnu si le foyer n’est pas localisé, si sa position est le centre de la commune, ou si aucune zone de ce type n’est chargée.",
		EN: "Unknown when the home is not located, when its position is the centre of the commune, or when no zone of this kind is loaded.",
	}
	label := func(fr, en string) Text {
		return Text{FR: fr + " (" + of.FR + ")", EN: en + " (" + of.EN + ")"}
	}
	measured := func(value func(*Evaluator) float64) func(*Evaluator) Value {
		return func(e *Evaluator) Value {
			if !e.located() || e.world.Zones.group(kind).index == nil || e.world.Zones.group(kind).index.Len() == 0 {
				return Null
			}
			return Number(value(e))
		}
	}
	bandwidth, length := strconv.Itoa(KernelBandwidth), strconv.Itoa(DecayLength)
	return []Indicator{
		{
			ID: prefix + "zone_depth_m", Label: label("Profondeur dans la zone", "Depth inside the zone"), Unit: "m", Type: TypeNumber, Decimals: 1, Direction: Risk,
			Formula: Text{FR: "Distance au bord de la zone qui contient le point, 0 à l’extérieur.", EN: "Distance to the edge of the zone that holds the point, 0 outside."},
			Missing: missing, Source: geodesicSource,
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Depth }),
		},
		{
			ID: prefix + "in_zone_probability", Label: label("Probabilité d’être dans une zone", "Probability of being inside a zone"), Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Formula: Text{
				FR: "Part de l’incertitude de la position (loi normale d’écart-type σ) qui tombe dans les zones.",
				EN: "Share of the position’s uncertainty (normal of standard deviation σ) that lies in the zones.",
			},
			Missing: missing, Source: "Cayo and Talbot 2003, doi 10.1186/1476-072X-2-10",
			evaluate: func(e *Evaluator) Value {
				if math.IsNaN(e.subject.Sigma) {
					return Null
				}
				return measured(func(e *Evaluator) float64 { return e.meter.of(kind).Probability(e.subject.Point, e.subject.Sigma) })(e)
			},
		},
		{
			ID: prefix + "zone_kernel_share_" + bandwidth + "m", Label: label("Présence pondérée des zones à "+bandwidth+" m", "Kernel share of zones at "+bandwidth+" m"), Unit: "1", Type: TypeNumber, Decimals: 4, Direction: Risk,
			Formula: Text{FR: "∫ zones de 3/(πh²)·(1−d²/h²)², h = " + bandwidth + " m.", EN: "∫ over the zones of 3/(πh²)·(1−d²/h²)², h = " + bandwidth + " m."},
			Missing: missing, Source: "Quartic kernel (Silverman 1986)",
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Kernel }),
		},
		{
			ID: prefix + "zone_decay_" + length + "m", Label: label("Exposition décroissante aux zones", "Decay exposure to zones"), Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Formula: Text{FR: "Σ exp(−d/λ) sur les zones à moins de 3λ, λ = " + length + " m.", EN: "Σ exp(−d/λ) over zones within 3λ, λ = " + length + " m."},
			Missing: missing, Source: "Gravity models",
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Decay }),
		},
	}
}
