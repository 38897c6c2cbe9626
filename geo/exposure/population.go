package exposure

import (
	"math"
	"slices"

	"vigie/geo/zoneindex"
)

const (
	// populationRadius is that of the disc whose inhabitants are counted, in metres.
	populationRadius = 1000
	// populationKind is the kind of the zones whose inhabitants are counted. Those of
	// other kinds lie over it: to add them would count the same people twice.
	populationKind = "qpv"
)

// populationIndicators are the people who live in zones around.
func populationIndicators(kinds []string) []Indicator {
	kind := slices.Index(kinds, populationKind)
	return []Indicator{{
		ID: "zone_population_1000m", Unit: "1", Type: TypeNumber, Decimals: 0, Direction: Context,
		Label: Text{FR: "Habitants des QPV à moins de 1\u202f000\u00a0m", EN: "Inhabitants of QPV within 1,000 m"},
		Formula: Text{
			FR: "Σ sur les QPV de population × aire (zone ∩ disque) / aire de la zone, la population étant supposée répartie uniformément. Les zones des autres types, qui recouvrent les QPV, n’en sont pas\u00a0: personne n’est compté deux fois.",
			EN: "Σ over QPV of population × area (zone ∩ disc) / area of the zone, the population taken as evenly spread. Zones of other kinds, which lie over QPV, are left out: nobody is counted twice.",
		},
		Missing: Text{
			FR: "Inconnu si le foyer n’est pas localisé, si sa position est le centre de la commune, si aucun QPV chargé n’a de population, ou si un seul de ceux qui rencontrent le disque n’en a pas\u00a0: jamais une somme partielle, jamais 0. Le disque qui ne rencontre aucun QPV donne 0.",
			EN: "Unknown when the home is not located, when its position is the centre of the commune, when no QPV that is loaded has a population, or when a single one of those that meet the disc has none: never a partial sum, never 0. A disc that meets no QPV gives 0.",
		},
		Source:   "Insee, population des quartiers prioritaires\u00a0; Goodchild & Lam 1980, Geo-Processing 1",
		loaded:   func(w *World) bool { return kind >= 0 && w.Zones.group(kind).peopled },
		evaluate: func(e *Evaluator) Value { return e.people(kind) },
	}}
}

// people is how many people live in the zones of a kind within populationRadius.
func (e *Evaluator) people(kind int) Value {
	if e.Proximity().of(kind).Distance > populationRadius {
		return Number(0)
	}
	g := e.world.Zones.group(kind)
	if e.peopleMeter == nil {
		e.peopleMeter = g.index.NewMeter(zoneindex.Options{Radii: []float64{populationRadius}})
	}
	sum := 0.0
	e.peopleMeter.EachPart(e.subject.Point, func(zone int, share float64) {
		if n := g.zones[zone].Population; n != nil {
			sum += share * float64(*n)
		} else {
			sum = math.NaN()
		}
	})
	if math.IsNaN(sum) {
		return Null
	}
	return Number(sum)
}
