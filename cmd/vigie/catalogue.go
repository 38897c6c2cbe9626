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

func indicatorsDocument() string {
	indicators := exposure.Catalogue(snapshot.ZoneKindsWithIndicators(), exposure.DefaultRadii)
	var b strings.Builder
	b.WriteString("# Indicators\n\nRendered from the catalogue by `vigie catalogue > docs/indicators.md`; a test holds it current.\n\n")
	b.WriteString("A missing input is unknown, never 0. QPV are designated on income: they are not crime zones. A communal rate is a context, never a fact about a site.\n\n")
	b.WriteString(exposure.Markdown(indicators, "en"))
	b.WriteString("\n## Indicateurs\n\nUne donnée absente est inconnue, jamais 0. Les QPV sont désignés selon le revenu : ce ne sont pas des zones de délinquance. Un taux communal est un contexte, jamais un fait sur un lieu.\n\n")
	b.WriteString(exposure.Markdown(indicators, "fr"))
	return b.String()
}
