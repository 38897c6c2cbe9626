package exposure

// Reason tells why a value is unknown.
type Reason string

// Reasons. Known is that of a value that is known.
const (
	Known            Reason = ""
	ReasonNotLocated Reason = Reason(NotLocated)
	ReasonTooVague   Reason = Reason(PositionTooVague)
	// ReasonNotLoaded: no file of this kind has been imported.
	ReasonNotLoaded Reason = "not_loaded"
	// ReasonNotCovered: places are loaded, but not where the subject is.
	ReasonNotCovered Reason = "not_covered"
	// ReasonNoCommune: the figure is of a commune, and the subject's is not known.
	ReasonNoCommune Reason = "no_commune"
	// ReasonUnpublished: statistics are loaded, without this figure of the commune.
	ReasonUnpublished Reason = "unpublished"
	// ReasonNobody: nobody lives around, in the grid that is loaded.
	ReasonNobody Reason = "nobody_around"
	// ReasonNoHours: the opening hours of the nearest units are not known.
	ReasonNoHours Reason = "no_hours"
	// ReasonNoneOpen: no unit that is loaded around is open at night.
	ReasonNoneOpen Reason = "none_open"
	// ReasonNoFigure: the input is loaded and says nothing of this place.
	ReasonNoFigure Reason = "no_figure"
	// ReasonAwaited: nothing can give the input yet (Indicator.Awaits).
	ReasonAwaited Reason = "awaited"
)

// Label says the reason in words.
func (r Reason) Label() Text {
	switch r {
	case ReasonNotLocated:
		return Text{FR: "le foyer n’est pas localisé", EN: "the home is not located"}
	case ReasonTooVague:
		return Text{FR: "la position est le centre de la commune", EN: "the position is the centre of the commune"}
	case ReasonNotLoaded:
		return Text{FR: "la donnée n’est pas chargée", EN: "the input is not loaded"}
	case ReasonNotCovered:
		return Text{
			FR: "les lieux chargés ne couvrent pas ce secteur (aucun lieu dans ce département, ou aucun de ce type à moins de 200\u00a0km)",
			EN: "the places that are loaded do not cover this area (no place in this département, or none of this kind within 200 km)",
		}
	case ReasonNoCommune:
		return Text{FR: "la commune du foyer n’est pas connue", EN: "the home’s commune is not known"}
	case ReasonUnpublished:
		return Text{FR: "chiffre non publié pour cette commune", EN: "no figure is published for this commune"}
	case ReasonNobody:
		return Text{FR: "personne n’habite à moins de 500\u00a0m, d’après les carreaux chargés", EN: "nobody lives within 500 m, by the grid that is loaded"}
	case ReasonNoHours:
		return Text{FR: "horaires de l’unité la plus proche non connus", EN: "the hours of the nearest unit are not known"}
	case ReasonNoneOpen:
		return Text{FR: "aucune unité chargée n’est ouverte la nuit à moins de 200\u00a0km", EN: "no unit that is loaded is open at night within 200 km"}
	case ReasonNoFigure:
		return Text{FR: "la donnée chargée ne dit rien de ce lieu", EN: "the input that is loaded says nothing of this place"}
	case ReasonAwaited:
		return Text{FR: "aucune source ne donne encore cette donnée", EN: "no source gives this input yet"}
	}
	return Text{FR: "connu", EN: "known"}
}

// Why tells why the indicator's value for the evaluator's subject is unknown; Known when
// it is not.
func (in *Indicator) Why(e *Evaluator) Reason {
	if r := in.obstacle(e); r != Known {
		return r
	}
	switch v := in.Of(e); {
	case !v.IsNull():
		return Known
	case v.str != "":
		return Reason(v.str)
	}
	return ReasonNoFigure
}

// obstacle is what keeps the value from being computed at all.
func (in *Indicator) obstacle(e *Evaluator) Reason {
	switch {
	case in.Awaits != Text{}:
		return ReasonAwaited
	case !in.everywhere && e.subject.Status != Computed:
		return Reason(e.subject.Status)
	case in.loaded != nil && !in.loaded(e.world):
		return ReasonNotLoaded
	}
	return Known
}

// awaited is an indicator whose input nothing can give yet.
func awaited(in Indicator, what Text) Indicator {
	in.Awaits = what
	in.Missing = Text{FR: "Inconnu\u00a0: " + what.FR + ".", EN: "Unknown: " + what.EN + "."}
	return in
}

// awaitedIndicators are what the design asks of any point and nothing can give yet.
func awaitedIndicators() []Indicator {
	network := Text{FR: "aucun réseau routier n’est chargé", EN: "no road network is loaded"}
	var out []Indicator
	for _, theme := range []string{"police", "college", "station", "hospital"} {
		to := placeWords[theme].toNearest
		out = append(out, awaited(Indicator{
			ID: theme + "_access_time_min", Unit: "min", Type: TypeNumber, Decimals: 1, Direction: Context,
			Label:   Text{FR: "Temps d’accès " + to.FR, EN: "Access time " + to.EN},
			Formula: Text{FR: "Temps de trajet par la route.", EN: "Travel time by road."},
			Source:  "Geurs & van Wee 2004, doi 10.1016/j.jtrangeo.2003.10.005",
		}, network))
	}
	return out
}

// eventIndicators rest on recorded events and on the measures of a home: they are shown
// beside the score, never in it, and to those with the right.
func eventIndicators() []Indicator {
	incidents := Text{FR: "aucun incident n’est enregistré dans cette version", EN: "no incidents are recorded in this version"}
	return []Indicator{
		awaited(Indicator{
			ID: "incident_density_500m", Unit: "1/km2/a", Type: TypeNumber, Decimals: 2, Direction: Risk,
			Label:   Text{FR: "Densité d’incidents à 500\u00a0m", EN: "Density of incidents at 500 m"},
			Formula: Text{FR: "Noyau quartique de 500\u00a0m, décroissance sur 24 mois, correction de bord.", EN: "Quartic kernel of 500 m, decay over 24 months, edge-corrected."},
			Source:  kernelSource,
		}, incidents),
		awaited(Indicator{
			ID: "space_time_cluster_p", Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Context,
			Label:   Text{FR: "Agrégat d’incidents dans l’espace et le temps (valeur p)", EN: "Space–time cluster of incidents (p-value)"},
			Formula: Text{FR: "Statistique de balayage par permutation sur les foyers et les semaines, 999 tirages.", EN: "Space–time permutation scan statistic over homes and weeks, 999 runs."},
			Source:  "Kulldorff et al. 2005, doi 10.1371/journal.pmed.0020059",
		}, incidents),
		awaited(Indicator{
			ID: "runaway_rate", Unit: "1/100/a", Type: TypeNumber, Decimals: 1, Direction: Context,
			Label:   Text{FR: "Fugues signalées pour 100 places et par an", EN: "Reported disappearances per 100 places and year"},
			Formula: Text{FR: "Disparitions signalées sur 12 mois / places × 100, intervalle exact.", EN: "Disappearances reported in 12 months / places × 100, exact interval."},
			Source:  "Arrêté du 28 décembre 2016, catégorie 9",
		}, incidents),
		awaited(Indicator{
			ID: "protection_level", Unit: "1", Type: TypeNumber, Decimals: 2, Direction: Protective,
			Label:   Text{FR: "Part des mesures de protection en place", EN: "Share of protection measures in place"},
			Formula: Text{FR: "Part pondérée des mesures applicables qui sont en place et vérifiées.", EN: "Weighted share of the applicable measures that are in place and verified."},
			Source:  "Grille des revues de sûreté",
		}, Text{FR: "aucune mesure n’est enregistrée dans cette version", EN: "no measures are recorded in this version"}),
	}
}
