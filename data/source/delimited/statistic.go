package delimited

import (
	"context"
	"slices"

	"vigie/data"
	"vigie/data/source"
)

// statisticSource is the source of the figures of plain tables, which name no producer's series.
const statisticSource = "custom"

// Names of the columns; the first is what to ask for where one is missing.
var (
	statisticAreas = []string{
		"area", "code_insee", "codgeo", "code_geo", "code_commune", "insee_com", "depcom", "commune_code", "code_departement", "department_code", "code",
	}
	statisticIndicators = []string{"indicator", "indicateur"}
	statisticValues     = []string{"value", "valeur"}
	statisticUnits      = []string{"unit", "unite"}
)

// statisticColumns counts the columns of a table of statistics that the input has.
func statisticColumns(in *source.Input) int {
	columns, n := source.TableColumns(in), 0
	for _, names := range [][]string{statisticAreas, statisticIndicators, statisticValues} {
		if slices.ContainsFunc(names, func(name string) bool { return source.HasColumns(columns, name) }) {
			n++
		}
	}
	return n
}

// readStatistics reads a figure a line: the INSEE code of a commune or département, an
// indicator by its identifier or its label, a year, a value (empty where it is not known)
// and, for an indicator that Vigie does not know, its unit. The edition is Options.Edition.
func readStatistics(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	var missing []string
	for _, names := range [][]string{statisticAreas, statisticIndicators, statisticValues} {
		if t.Column(names...) < 0 {
			missing = append(missing, names[0])
		}
	}
	if err := t.Require(missing...); err != nil {
		return err
	}
	indicator, unit := t.Column(statisticIndicators...), t.Column(statisticUnits...)
	table := source.Yearly{
		Codes: statisticAreas, CodeName: statisticAreas[0], Figures: statisticValues, FigureName: statisticValues[0],
		Dated: func(string) (int, bool) { return 0, false },
		MissingYear: data.Text{
			FR: "l’année des chiffres manque\u00a0: une colonne «\u00a0year\u00a0» ou «\u00a0annee\u00a0» est attendue, ou --edition 2022.",
			EN: "the year of the figures is missing: a column “year” or “annee” is expected, or --edition 2022.",
		},
	}
	return table.Each(t, in, opt, func(area source.StatisticArea, value int) (data.Statistic, bool) {
		s := data.Statistic{Source: statisticSource, Status: data.StatisticNotAvailable, Unit: t.Get(unit)}
		var known bool
		if s.Indicator, known = source.IndicatorID(t.Get(indicator)); s.Indicator == "" {
			t.Bad("bad-indicator", area.Code, indicator, "nom d’indicateur absent", "missing name of indicator")
			return s, false
		}
		if known {
			in, _ := data.StatisticIndicatorByID(s.Indicator)
			if s.Unit != "" && s.Unit != in.Unit {
				t.Bad("wrong-unit", area.Code, unit, "l’unité de cet indicateur est "+in.Unit, "the unit of this indicator is "+in.Unit)
				return s, false
			}
			s.Unit = in.Unit
		}
		if !data.ValidID(s.Unit) {
			t.Bad("bad-unit", area.Code, max(unit, indicator), "unité absente ou illisible\u00a0: Vigie ne connaît pas cet indicateur, la colonne «\u00a0unit\u00a0» doit dire ce qu’il compte (people, 1, per_1000…)",
				"missing or unreadable unit: Vigie does not know this indicator, the column “unit” must tell what it counts (people, 1, per_1000…)")
			return s, false
		}
		if raw := t.Get(value); raw != "" {
			n, err := source.ParseNumber(raw)
			if err != nil || n < 0 {
				t.Bad("bad-number", area.Code, value, "valeur illisible\u00a0: un nombre positif ou nul est attendu", "unreadable value: a number of 0 or more is expected")
				return s, false
			}
			if s.Unit == data.UnitRatio && n > 1 {
				t.Bad("bad-number", area.Code, value, "part de 0 à 1 attendue, et non un pourcentage", "a share from 0 to 1 is expected, not a percentage")
				return s, false
			}
			s.Status, s.Value = data.StatisticPublished, &n
		}
		return s, true
	})
}
