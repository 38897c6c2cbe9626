package exposure

import (
	"math"
	"slices"
	"strconv"
)

const kernelSource = "Silverman 1986, Density Estimation for Statistics and Data Analysis"

// coverIndicators are the entries on zones that need more than distances: how deep,
// how probable, how much around.
func coverIndicators(kinds []string) []Indicator {
	out := coverOf("", allZones, -1)
	for i, kind := range kinds {
		out = append(out, coverOf(kind+"_", zoneKindLabel(kind), i)...)
	}
	return out
}

func coverOf(prefix string, of Text, kind int) []Indicator {
	missing := missingZones
	label := func(fr, en string) Text {
		return Text{FR: fr + " (" + of.FR + ")", EN: en + " (" + of.EN + ")"}
	}
	measured := func(value func(*Evaluator) float64) func(*Evaluator) Value {
		return func(e *Evaluator) Value { return Number(value(e)) }
	}
	bandwidth, length := strconv.Itoa(KernelBandwidth), strconv.Itoa(DecayLength)
	out := []Indicator{
		{
			ID: prefix + "zone_depth_m", Label: label("Profondeur dans la zone", "Depth inside the zone"), Unit: "m", Type: TypeNumber, Decimals: 1, Direction: Risk,
			Formula: Text{
				FR: "Distance au bord de la zone qui contient le point, de celle où il est le plus au fond s’il y en a plusieurs\u00a0; 0 à l’extérieur.",
				EN: "Distance to the edge of the zone that holds the point, of the one where it is deepest when there are several; 0 outside.",
			},
			Missing: missing, Source: geodesicSource,
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Depth }),
		},
		{
			ID: prefix + "in_zone_probability", Label: label("Probabilité d’être dans une zone", "Probability of being inside a zone"), Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Formula: Text{
				FR: "Part de l’incertitude de la position (loi normale d’écart-type σ) qui tombe dans les zones.",
				EN: "Share of the position’s uncertainty (normal of standard deviation σ) that lies in the zones.",
			},
			Missing: missing, Source: "Cayo & Talbot 2003, doi 10.1186/1476-072X-2-10",
			evaluate: func(e *Evaluator) Value {
				if math.IsNaN(e.subject.Sigma) {
					return Null
				}
				return Number(e.meter.of(kind).Probability(e.subject.Point, e.subject.Sigma))
			},
		},
		{
			ID: prefix + "zone_kernel_share_" + bandwidth + "m", Label: label("Part du voisinage ("+bandwidth+"\u00a0m) en zone, pondérée par la proximité", "Share of the surroundings ("+bandwidth+" m) in zones, weighted by nearness"), Unit: "1", Type: TypeNumber, Decimals: 4, Direction: Risk,
			Formula: Text{FR: "∫ zones de 3/(πh²)·(1−d²/h²)², h = " + bandwidth + "\u00a0m.", EN: "∫ over the zones of 3/(πh²)·(1−d²/h²)², h = " + bandwidth + " m."},
			Missing: missing, Source: kernelSource,
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Kernel }),
		},
		{
			ID: prefix + "zone_decay_" + length + "m", Label: label("Proximité cumulée des zones (décroît avec la distance, portée "+length+"\u00a0m)", "Cumulated nearness of zones (decays with distance, reach "+length+" m)"), Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Formula: Text{FR: "Σ exp(−d/λ) sur les zones à moins de 3λ, λ = " + length + "\u00a0m.", EN: "Σ exp(−d/λ) over zones within 3λ, λ = " + length + " m."},
			Missing: missing, Source: "Hansen 1959, Journal of the American Institute of Planners 25",
			evaluate: measured(func(e *Evaluator) float64 { return e.Proximity().of(kind).Decay }),
		},
	}
	for i := range out {
		out[i].loaded = zonesLoaded(kind)
	}
	return out
}

// bandRadius is the narrower of the two bands around a QPV, in metres, of the reduced-VAT
// rule; the other, 500 m, is one of DefaultRadii.
const bandRadius = 300

// bandIndicators are the shares of the disc of bandRadius, unless it is one of radii.
func bandIndicators(kinds []string, radii []float64) []Indicator {
	if slices.Contains(radii, bandRadius) {
		return nil
	}
	share := func(prefix string, of Text, kind int) Indicator {
		in := shareOf(prefix, of, bandRadius)
		in.loaded = zonesLoaded(kind)
		in.evaluate = func(e *Evaluator) Value { return Number(e.band().of(kind).Share[0]) }
		return in
	}
	out := []Indicator{share("", allZones, -1)}
	for i, kind := range kinds {
		out = append(out, share(kind+"_", zoneKindLabel(kind), i))
	}
	return out
}
