package exposure

// contextIndicators are what statistics say of the commune: a context, never a fact
// about the site.
func contextIndicators() []Indicator {
	loaded := func(w *World) bool { return len(w.Context) > 0 }
	of := func(pick func(CommuneContext) float64) func(*Evaluator) Value {
		return func(e *Evaluator) Value { return e.published(pick) }
	}
	return []Indicator{
		{
			ID: "crime_context_rate", Unit: "‰", Type: TypeNumber, Decimals: 2, Direction: Risk,
			Label: Text{
				FR: "Violences physiques hors cadre familial enregistrées dans la commune (contexte)",
				EN: "Recorded physical violence outside the family, in the commune (context)",
			},
			Formula: Text{
				FR: "Victimes pour 1\u202f000\u00a0habitants, moyenne de 3\u00a0ans, rapprochée du taux du département (Bayes empirique\u00a0; les communes non publiées comptent dans ce taux si le fichier donne leur moyenne).",
				EN: "Victims per 1,000 inhabitants, 3-year mean, shrunk to the département’s rate (empirical Bayes; communes that are not published count in that rate when the file gives their mean).",
			},
			Missing: Text{
				FR: "Inconnu si le taux n’est pas publié (il faut plus de 5\u00a0faits enregistrés trois années de suite), si la commune n’est pas connue ou si aucune statistique n’est chargée\u00a0: jamais 0.",
				EN: "Unknown when the rate is not published (published only when over 5 facts were recorded in three successive years), when the commune is not known or no statistics are loaded: never 0.",
			},
			Source: "SSMSI, base communale de la délinquance enregistrée", everywhere: true, loaded: loaded,
			evaluate: of(func(c CommuneContext) float64 { return c.CrimeRate }),
		},
		{
			ID: wideDeprivation, Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Label:   Text{FR: "Part de ménages pauvres dans la commune (contexte)", EN: "Share of poor households in the commune (context)"},
			Formula: Text{FR: "Ménages sous le seuil de pauvreté / ménages.", EN: "Households below the poverty line / households."},
			Missing: Text{
				FR: "Inconnu si l’Insee ne publie pas la part, si la commune n’est pas connue ou si aucune statistique n’est chargée\u00a0: jamais 0.",
				EN: "Unknown when Insee does not publish the share, when the commune is not known or no statistics are loaded: never 0.",
			},
			Source: "Insee, Filosofi", everywhere: true, loaded: loaded,
			evaluate: of(func(c CommuneContext) float64 { return c.PoorShare }),
		},
	}
}

// published is a figure of the subject's commune, or why there is none.
func (e *Evaluator) published(pick func(CommuneContext) float64) Value {
	if e.subject.CommuneCode == "" {
		return unknown(ReasonNoCommune)
	}
	if v := e.commune(pick); !v.IsNull() {
		return v
	}
	return unknown(ReasonUnpublished)
}
