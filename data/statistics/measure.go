package statistics

import (
	"vigie/data"
	"vigie/geo/disclosure"
)

// measure is one figure of the cube: what is counted, how it is shown, and what it is
// part of. A new measure is one entry of measures.
type measure struct {
	ID         string
	Label      data.Text
	Definition data.Text
	Quality    data.Text
	Source     data.Text
	// Counts is what is counted: it decides the thresholds.
	Counts disclosure.Unit
	// Family is what an edition gives up together at a level where too little would be
	// published; empty for what is never given up.
	Family string
	// Needs is the layer without which nothing can be told; empty for none.
	Needs data.ZoneKind
	// PartOf is the measure to which those of the family that are part of it add up;
	// empty for a total.
	PartOf string
	// known tells whether the measure is known of a home; nil when it always is.
	known func(*Home) bool
	// count is what a home adds; it counts nothing of a home of which it is not known.
	count func(*Home) int
}

// Identifiers of measures that others refer to.
const (
	measureHomes  = "homes"
	measurePlaces = "places"
)

// Families of measures, in the order in which they matter: the last is given up first.
const (
	familyExposure  = "exposure"
	familyQPV       = "qpv"
	familyClasses   = "classes"
	familyQPV500    = "qpv_500"
	familyQPVInside = "qpv_inside"
	familyScored    = "scored"
)

var families = []string{familyExposure, familyQPV, familyClasses, familyQPV500, familyQPVInside, familyScored}

// national families exist for France only: divided further, a small part would take all
// the others with it.
func national(family string) bool {
	return family != familyExposure && family != familyQPV && family != ""
}

var (
	register = data.Text{
		FR: "Foyers du registre public (FINESS, corrections à la main)", EN: "Homes of the public register (FINESS, corrections by hand)",
	}
	scored = data.Text{
		FR: "Foyers du registre public\u00a0; score ouvert d’exposition de Vigie", EN: "Homes of the public register; Vigie’s open exposure score",
	}
	neighbourhoods = data.Text{
		FR: "Foyers du registre public\u00a0; quartiers prioritaires (QPV), ANCT", EN: "Homes of the public register; priority neighbourhoods (QPV), ANCT",
	}
	registerQuality = data.Text{
		FR: "Dépend de la tenue du registre\u00a0: les foyers dont le département est inconnu ne sont pas comptés. Ne comptent jamais les lieux de vie, ni les foyers que le registre public ne recense pas.",
		EN: "Depends on how the register is kept: homes of an unknown département are not counted. Small living places, and homes that the public register does not list, never count.",
	}
	scoreQuality = data.Text{
		FR: "Exposition du lieu, non de l’équipe ni des enfants. Sont indéterminés les foyers dont aucune classe n’atteint la probabilité exigée.",
		EN: "Exposure of the place, not of the staff or the children. A home is indeterminate when no class reaches the required probability.",
	}
	qpvQuality = data.Text{
		FR: "Les QPV sont désignés selon le revenu\u00a0: ce ne sont pas des zones de délinquance. Distance à vol d’oiseau, à la précision de la position.",
		EN: "QPV are designated on income: they are not crime zones. Straight-line distance, as precise as the position.",
	}
)

// classes counts the homes of a range of classes: −1 is not computed, 0 indeterminate.
func classes(from, to int) func(*Home) int {
	return where(func(h *Home) bool { return from <= h.Class && h.Class <= to })
}

// distance counts the homes at over < d ≤ upTo metres of a QPV.
func distance(over, upTo float64) func(*Home) int {
	return where(func(h *Home) bool { return over < h.QPV && h.QPV <= upTo })
}

func where(is func(*Home) bool) func(*Home) int {
	return func(h *Home) int {
		if is(h) {
			return 1
		}
		return 0
	}
}

// measures is the cube: crossed with départements, regions and France, and nothing else.
var measures = []measure{
	{
		ID: measureHomes, Counts: disclosure.Facilities, Source: register, Quality: registerQuality,
		Label:      data.Text{FR: "Foyers", EN: "Homes"},
		Definition: data.Text{FR: "Foyers de protection de l’enfance du registre public, hors lieux de vie, ouverts le dernier jour du trimestre.", EN: "Child-protection homes of the public register, small living places excepted, open on the last day of the quarter."},
		count:      where(func(*Home) bool { return true }),
	},
	{
		ID: measurePlaces, Counts: disclosure.People, Source: register, Quality: registerQuality, known: func(h *Home) bool { return h.Places != nil },
		Label:      data.Text{FR: "Places", EN: "Places"},
		Definition: data.Text{FR: "Places autorisées des foyers ouverts du registre public dont la capacité est connue.", EN: "Authorised places of the open homes of the public register whose capacity is known."},
		count: func(h *Home) int {
			if h.Places == nil {
				return 0
			}
			return *h.Places
		},
	},
	exposure("exposure_1_3", "Exposition basse ou moyenne (classes 1 à 3)", "Low or medium exposure (classes 1 to 3)", familyExposure, measureHomes, classes(1, 3)),
	exposure("exposure_4_5", "Exposition haute (classes 4 et 5)", "High exposure (classes 4 and 5)", familyExposure, measureHomes, classes(4, 5)),
	exposure("exposure_unknown", "Exposition indéterminée ou non calculée", "Exposure indeterminate or not computed", familyExposure, measureHomes, classes(-1, 0)),
	exposure("exposure_1", "Exposition de classe 1", "Exposure of class 1", familyClasses, "exposure_1_3", classes(1, 1)),
	exposure("exposure_2", "Exposition de classe 2", "Exposure of class 2", familyClasses, "exposure_1_3", classes(2, 2)),
	exposure("exposure_3", "Exposition de classe 3", "Exposure of class 3", familyClasses, "exposure_1_3", classes(3, 3)),
	exposure("exposure_4", "Exposition de classe 4", "Exposure of class 4", familyClasses, "exposure_4_5", classes(4, 4)),
	exposure("exposure_5", "Exposition de classe 5", "Exposure of class 5", familyClasses, "exposure_4_5", classes(5, 5)),
	exposure("exposure_indeterminate", "Exposition indéterminée", "Exposure indeterminate", familyScored, "exposure_unknown", classes(0, 0)),
	exposure("exposure_not_computed", "Exposition non calculée", "Exposure not computed", familyScored, "exposure_unknown", classes(-1, -1)),
	qpv("qpv_within_1000", "Dans un QPV ou à 1 km au plus", "Inside a QPV or within 1 km", familyQPV, measureHomes, distance(-1, 1000)),
	qpv("qpv_elsewhere", "À plus de 1 km d’un QPV, ou non localisés", "Over 1 km from a QPV, or not located", familyQPV, measureHomes, where(func(h *Home) bool { return !(h.QPV <= 1000) })),
	qpv("qpv_within_500", "Dans un QPV ou à 500 m au plus", "Inside a QPV or within 500 m", familyQPV500, "qpv_within_1000", distance(-1, 500)),
	qpv("qpv_500_1000", "De 500 m à 1 km d’un QPV", "From 500 m to 1 km of a QPV", familyQPV500, "qpv_within_1000", distance(500, 1000)),
	qpv("qpv_inside", "Dans un QPV", "Inside a QPV", familyQPVInside, "qpv_within_500", distance(-1, 0)),
	qpv("qpv_0_500", "Hors d’un QPV, à 500 m au plus", "Outside a QPV, within 500 m", familyQPVInside, "qpv_within_500", distance(0, 500)),
}

func exposure(id, fr, en, family, total string, count func(*Home) int) measure {
	return measure{
		ID: id, Label: data.Text{FR: fr, EN: en}, Family: family, Counts: disclosure.Facilities, count: count,
		Definition: data.Text{
			FR: "Foyers ouverts du registre public par classe d’exposition du lieu, de 1 (la plus basse) à 5.", EN: "Open homes of the public register by class of exposure of the place, from 1 (lowest) to 5.",
		},
		Source: scored, Quality: scoreQuality, PartOf: total,
		known: func(h *Home) bool { return h.Class >= 0 },
	}
}

func qpv(id, fr, en, family, total string, count func(*Home) int) measure {
	return measure{
		ID: id, Label: data.Text{FR: fr, EN: en}, Family: family, Counts: disclosure.Facilities, Needs: data.ZoneQPV, count: count,
		Definition: data.Text{
			FR: "Foyers ouverts du registre public selon la distance au quartier prioritaire le plus proche.", EN: "Open homes of the public register by distance to the nearest priority neighbourhood.",
		},
		Source: neighbourhoods, Quality: qpvQuality, PartOf: total,
		known: func(h *Home) bool { return h.Located },
	}
}

// measureByID finds a measure; nil for none.
func measureByID(id string) *measure {
	for i := range measures {
		if measures[i].ID == id {
			return &measures[i]
		}
	}
	return nil
}
