package exposure

// contextIndicators are what statistics say of the commune: a context, never a fact
// about the site.
func contextIndicators() []Indicator {
	missing := Text{
		FR: "Inconnu si le taux n’est pas publié (moins de 6 faits trois années de suite), si la commune n’est pas connue ou si aucune statistique n’est chargée\u00a0: jamais 0.",
		EN: "Unknown when the rate is not published (under 6 facts in three successive years), when the commune is not known or no statistics are loaded: never 0.",
	}
	loaded := func(w *World) bool { return len(w.Context) > 0 }
	of := func(pick func(CommuneContext) float64) func(*Evaluator) Value {
		return func(e *Evaluator) Value { return e.commune(pick) }
	}
	return []Indicator{
		{
			ID: "crime_context_rate", Unit: "‰", Type: TypeNumber, Decimals: 2, Direction: Risk,
			Label: Text{FR: "Délinquance enregistrée dans la commune (contexte)", EN: "Recorded crime in the commune (context)"},
			Formula: Text{
				FR: "Faits pour 1 000 habitants, moyenne de 3 ans, rapprochée du taux du département (Bayes empirique).",
				EN: "Facts per 1,000 inhabitants, 3-year mean, shrunk to the département’s rate (empirical Bayes).",
			},
			Missing: missing, Source: "SSMSI, base communale de la délinquance enregistrée", everywhere: true, loaded: loaded,
			evaluate: of(func(c CommuneContext) float64 { return c.CrimeRate }),
		},
		{
			ID: "commune_poor_share", Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
			Label:      Text{FR: "Part de ménages pauvres dans la commune (contexte)", EN: "Share of poor households in the commune (context)"},
			Formula:    Text{FR: "Ménages sous le seuil de pauvreté / ménages.", EN: "Households below the poverty line / households."},
			Missing:    missing,
			Source:     "Insee, Filosofi",
			everywhere: true, loaded: loaded,
			evaluate: of(func(c CommuneContext) float64 { return c.PoorShare }),
		},
	}
}
