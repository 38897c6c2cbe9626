package main

import (
	"fmt"
	"strings"

	"vigie/data/snapshot"
	"vigie/geo/exposure"
)

type catalogueCmd struct{}

// Run prints docs/indicators.md: the catalogue of indicators, in both languages.
func (catalogueCmd) Run(e *environment) error {
	_, err := fmt.Fprint(e.stdout, indicatorsDocument())
	return err
}

// chapters are the document's, one a language.
var chapters = []struct {
	lang                       string
	title, preamble            string
	restricted, restrictedNote string
}{
	{
		"en", "# Indicators",
		"Rendered from the catalogue by `vigie catalogue > docs/indicators.md`; a test holds it current.\n\n" +
			"A missing input is unknown, never 0. QPV are designated on income: they are not crime zones. A communal rate is a context, never a fact about a site.",
		"## Restricted indicators",
		"Only for those with the right to police-restricted layers and recorded events: the twins of open indicators, measured with the restricted zones, and what rests on events. They are in no open output and in no score but the one that bears the same prefix.",
	},
	{
		"fr", "## Indicateurs",
		"Une donnée absente est inconnue, jamais 0. Les QPV sont désignés selon le revenu\u00a0: ce ne sont pas des zones de délinquance. Un taux communal est un contexte, jamais un fait sur un lieu.",
		"## Indicateurs réservés",
		"Pour les seules personnes qui ont droit aux couches réservées de la police et aux événements enregistrés\u00a0: les jumeaux d’indicateurs ouverts, mesurés avec les zones réservées, et ce qui repose sur des événements. Ils ne sont dans aucune sortie ouverte, ni dans aucun autre score que celui qui porte le même préfixe.",
	},
}

func indicatorsDocument() string {
	kinds, radii := snapshot.ZoneKindsWithIndicators(), exposure.DefaultRadii
	open, restricted := exposure.Catalogue(kinds, radii), exposure.RestrictedCatalogue(kinds, radii)
	parts := make([]string, len(chapters))
	for i, c := range chapters {
		parts[i] = fmt.Sprintf("%s\n\n%s\n\n%s\n%s\n\n%s\n\n%s",
			c.title, c.preamble, exposure.Markdown(open, c.lang), c.restricted, c.restrictedNote, exposure.Markdown(restricted, c.lang))
	}
	return strings.Join(parts, "\n")
}
