// Package siting compares places where a home could open: candidates that people name,
// and the cells of a whole département. Hard constraints exclude, criteria rank, and both
// say why and how surely.
//
// A criterion's value becomes a utility of 0 to 1 between two goalposts; the score of a
// place is the weighted mean of its utilities, times 100. [Meter] measures candidates,
// [Evaluate] ranks them, with intervals over the exposure's draws and over weights;
// [Surveyor] measures cells, and [Surface.Combine] scores them.
//
// Nothing here tells of a home but what the caller puts in [Inputs]. Positions are
// longitude, latitude in degrees (CRS84), distances metres. The package does no I/O; what
// is random comes from seeds.
package siting

import (
	"math"

	"vigie/geo/exposure"
)

// Text is a label or sentence in the two languages of the product.
type Text = exposure.Text

// Better tells which values of a criterion are good.
type Better string

// Senses of a criterion.
const (
	Less Better = "less"
	More Better = "more"
)

// Identifiers of criteria.
const (
	Exposure  = "exposure"
	School    = "school"
	Station   = "station"
	Police    = "police"
	Hospital  = "hospital"
	Family    = "family"
	Homes     = "homes"
	Dwellings = "dwellings"
	Supply    = "supply"
	Cost      = "cost"
)

// Criterion is one entry of the catalogue of what places are compared by.
type Criterion struct {
	ID      string `json:"id"`
	Label   Text   `json:"label"`
	Unit    string `json:"unit"` // "m", "€", "1" for scores and counts, "1/1000"
	Formula Text   `json:"formula"`
	Better  Better `json:"better"`
	// Goalposts are the default ones: the values that are worth 0 and 1.
	Goalposts [2]float64 `json:"goalposts"`
	// Weight is the default one, relative to the others'.
	Weight float64 `json:"weight"`
	// Source says where the goalposts come from.
	Source Text `json:"source"`
}

// Criteria is the catalogue, in the order of outputs.
func Criteria() []Criterion {
	profile := Text{FR: "Bornes du profil de score fourni avec Vigie.", EN: "Goalposts of the score profile that comes with Vigie."}
	choice := func(fr, en string) Text {
		return Text{FR: "Choix de départ, à arrêter par le département\u00a0: " + fr + ".", EN: "A starting point, for the département to decide: " + en + "."}
	}
	nearest := func(id, fr, en string, goalposts [2]float64, weight float64, source Text) Criterion {
		return Criterion{
			ID: id, Unit: "m", Better: Less, Goalposts: goalposts, Weight: weight, Source: source,
			Label:   Text{FR: "Distance " + fr, EN: "Distance to " + en},
			Formula: Text{FR: "Distance géodésique au lieu le plus proche.", EN: "Geodesic distance to the nearest place."},
		}
	}
	return []Criterion{
		{
			ID: Exposure, Unit: "1", Better: Less, Goalposts: [2]float64{60, 0}, Weight: 3,
			Label: Text{FR: "Exposition du lieu (0–100)", EN: "Exposure of the place (0–100)"},
			Formula: Text{
				FR: "Score d’exposition du profil\u00a0: borne haute de son intervalle pour un candidat, valeur centrale pour un carreau.",
				EN: "Exposure score of the profile: upper bound of its interval for a candidate, central value for a cell.",
			},
			Source: Text{FR: "Limite basse de la classe «\u00a0forte\u00a0» du profil de score fourni avec Vigie.", EN: "Lower bound of the class “high” of the score profile that comes with Vigie."},
		},
		nearest(School, "à l’école, au collège ou au lycée le plus proche", "the nearest school", [2]float64{5000, 500}, 1, profile),
		nearest(Station, "à la gare ou station la plus proche", "the nearest station", [2]float64{10_000, 500}, 1, choice("de quelques minutes à pied à une distance qui impose la voiture", "from a few minutes on foot to a distance that takes a car")),
		nearest(Police, "au commissariat ou à la brigade de gendarmerie le plus proche", "the nearest police or gendarmerie unit", [2]float64{10_000, 500}, 1, profile),
		nearest(Hospital, "à l’hôpital le plus proche", "the nearest hospital", [2]float64{30_000, 2000}, 0.5, profile),
		{
			ID: Family, Unit: "m", Better: Less, Goalposts: [2]float64{60_000, 5000}, Weight: 2,
			Label:   Text{FR: "Distance moyenne aux communes d’origine", EN: "Mean distance to the communes of origin"},
			Formula: Text{FR: "Σ jeunes × distance à vol d’oiseau / Σ jeunes, sur les communes d’origine du besoin.", EN: "Σ young people × straight-line distance / Σ young people, over the need’s communes of origin."},
			Source:  choice("de la commune voisine à une heure de route environ", "from the next commune to about an hour’s drive"),
		},
		{
			ID: Homes, Unit: "m", Better: More, Goalposts: [2]float64{500, 5000}, Weight: 0.5,
			Label:   Text{FR: "Distance au foyer le plus proche", EN: "Distance to the nearest other home"},
			Formula: Text{FR: "Distance géodésique au foyer le plus proche parmi ceux que vous voyez exactement\u00a0; 65\u202f534\u00a0m quand il n’y en a pas.", EN: "Geodesic distance to the nearest of the homes that you see exactly; 65,534 m when there is none."},
			Source:  choice("un même quartier à une autre commune", "the same neighbourhood to another commune"),
		},
		{
			ID: Dwellings, Unit: "1", Better: More, Goalposts: [2]float64{0, 300}, Weight: 1,
			Label:   Text{FR: "Ménages à moins de 300\u00a0m (discrétion)", EN: "Households within 300 m (discretion)"},
			Formula: Text{FR: "Σ ménages des carreaux de 200\u00a0m, chacun selon sa part dans le disque.", EN: "Σ households of the 200 m cells, each by its part in the disc."},
			Source:  choice("une maison isolée à un bourg de 300 ménages, où un foyer ne se remarque pas", "a house alone to a town of 300 households, where a home goes unnoticed"),
		},
		{
			ID: Supply, Unit: "1/1000", Better: Less, Goalposts: [2]float64{8, 0}, Weight: 1,
			Label: Text{FR: "Places de foyer pour 1\u202f000 jeunes de moins de 21 ans, à portée", EN: "Places in homes per 1,000 people under 21, within reach"},
			Formula: Text{
				FR: "Aire d’attraction flottante en deux temps (20 et 40\u00a0km), sur les foyers que vous voyez exactement.",
				EN: "Two-step floating catchment area (20 and 40 km), over the homes that you see exactly.",
			},
			Source: choice("environ deux fois la moyenne nationale à aucune place", "about twice the national mean to no place at all"),
		},
		{
			ID: Cost, Unit: "€", Better: Less, Goalposts: [2]float64{1_500_000, 0}, Weight: 1,
			Label:   Text{FR: "Coût", EN: "Cost"},
			Formula: Text{FR: "Coût saisi avec le candidat.", EN: "Cost entered with the candidate."},
			Source:  choice("à remplacer par le budget de l’opération", "to be replaced by the operation’s budget"),
		},
	}
}

// Choice is a criterion as a study uses it.
type Choice struct {
	ID string `json:"id"`
	// Weight is relative to the others', ≥ 0; 0 leaves the criterion out.
	Weight float64 `json:"weight"`
	// Goalposts are the values that are worth 0 and 1; nil for the catalogue's.
	Goalposts *[2]float64 `json:"goalposts,omitempty"`
}

// criterion is the catalogue's entry; false for an identifier that it does not have.
func (c Choice) criterion() (Criterion, bool) {
	for _, entry := range Criteria() {
		if entry.ID == c.ID {
			if c.Goalposts != nil {
				entry.Goalposts = *c.Goalposts
			}
			return entry, true
		}
	}
	return Criterion{}, false
}

// Problem says what is wrong with the choice; false when nothing is.
func (c Choice) Problem() (Text, bool) {
	entry, ok := c.criterion()
	worst, best := entry.Goalposts[0], entry.Goalposts[1]
	switch {
	case !ok:
		return Text{FR: "critère inconnu", EN: "unknown criterion"}, true
	case !(c.Weight >= 0) || math.IsInf(c.Weight, 1):
		return Text{FR: "le poids doit être un nombre d’au moins 0", EN: "the weight must be a number of at least 0"}, true
	case !finite(worst) || !finite(best):
		return Text{FR: "les bornes doivent être deux nombres", EN: "the goalposts must be two numbers"}, true
	case entry.Better == Less && !(best < worst):
		return Text{FR: "le moins est le mieux\u00a0: la première borne (la pire) doit être la plus grande", EN: "less is better: the first goalpost (the worst) must be the greater"}, true
	case entry.Better == More && !(best > worst):
		return Text{FR: "le plus est le mieux\u00a0: la première borne (la pire) doit être la plus petite", EN: "more is better: the first goalpost (the worst) must be the lesser"}, true
	}
	return Text{}, false
}

// Utility is what a value is worth, 0–1; NaN for NaN.
func (c Criterion) Utility(value float64) float64 {
	worst, best := c.Goalposts[0], c.Goalposts[1]
	return min(max((value-worst)/(best-worst), 0), 1)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// weighed are the criteria of choices whose weight is above 0, and their weights, which
// are as given.
func weighed(choices []Choice) (criteria []Criterion, weights []float64) {
	for _, c := range choices {
		if entry, ok := c.criterion(); ok && c.Weight > 0 {
			criteria, weights = append(criteria, entry), append(weights, c.Weight)
		}
	}
	return criteria, weights
}
