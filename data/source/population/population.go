// Package population reads a table of populations by commune or département, format
// "population": a column of INSEE codes, a column of numbers and a year, which may be a
// column, stand in the name of the number's column (P22_POP, PMUN2022) or in that of
// the file, or be given as the edition.
package population

import (
	"context"
	"slices"

	"vigie/data"
	"vigie/data/source"
)

// Format is the format "population".
type Format struct{}

var _ source.Format = Format{}

// ID is "population".
func (Format) ID() string { return "population" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Populations par commune, CSV", EN: "Populations by commune, CSV"}
}

// Layers are the statistics.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerStatistics} }

var (
	codeColumns = []string{
		"codgeo", "code_commune", "code_insee", "code_commune_insee", "insee_com", "depcom", "com", "geo", "code_geo", "commune_code", "code",
		"code_departement", "department_code", "dep",
	}
	// populationColumns: of Insee's populations of reference, the municipal one comes first.
	populationColumns = []string{"pmun", "population_municipale", "pop_municipale", "population", "pop", "ptot", "population_totale", "obs_value"}
)

// Detect recognises the columns. It is not sure: tables of homes or zones may have them
// too, but they also have positions.
func (Format) Detect(in *source.Input) int {
	columns := source.TableColumns(in)
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return source.HasColumns(columns, n) })
	}
	if has("lon", "longitude", "lat", "latitude", "x", "y", "wkt", "geom", "geometry") {
		return 0
	}
	if has(codeColumns...) && (has(populationColumns...) || slices.ContainsFunc(columns, datedColumn)) {
		return 70
	}
	return 0
}

// datedColumn tells whether a column is a population that bears its year.
func datedColumn(folded string) bool {
	_, ok := source.PopulationYear(folded)
	return ok
}

// Read gives the populations in file order. Their edition is Options.Edition; when it is
// empty the file's last year becomes it.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	table := source.Yearly{
		Codes: codeColumns, CodeName: "code_commune", Figures: populationColumns, FigureName: "population", Dated: source.PopulationYear,
		MissingYear: data.Text{
			FR: "l’année de la population manque\u00a0: une colonne «\u00a0annee\u00a0» est attendue, ou --edition 2022.",
			EN: "the year of the population is missing: a column “annee” is expected, or --edition 2022.",
		},
	}
	return table.Each(t, in, opt, func(area source.StatisticArea, people int) (data.Statistic, bool) {
		s := data.Statistic{Indicator: data.IndicatorPopulation, Source: data.SourcePopulation, Unit: data.UnitPeople, Status: data.StatisticNotAvailable}
		if raw := t.Get(people); raw != "" {
			n, err := source.ParseNumber(raw)
			if err != nil || n < 0 {
				t.Bad("bad-number", area.Code, people, "population illisible\u00a0: un nombre positif ou nul est attendu", "unreadable population: a number of 0 or more is expected")
				return s, false
			}
			s.Status, s.Value = data.StatisticPublished, &n
		}
		return s, true
	})
}
