// Package poverty reads the poverty rate of communes, format "filosofi-communes":
// Insee's Filosofi table (CODGEO, NBMENFISC21, TP6021) or a plain one with a commune
// code, a rate in percent and a year, which may stand in the name of the rate's column.
// A rate that Insee withholds (s, nd, ns) is unknown, not 0.
package poverty

import (
	"context"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Format is the format "filosofi-communes".
type Format struct{}

var _ source.Format = Format{}

// ID is "filosofi-communes".
func (Format) ID() string { return "filosofi-communes" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Taux de pauvreté par commune (Filosofi), CSV", EN: "Poverty rates by commune (Filosofi), CSV"}
}

// Layers are the statistics.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerStatistics} }

var (
	codeColumns       = []string{"codgeo", "code_commune", "code_insee", "insee_com", "depcom", "com", "commune_code"}
	rateColumns       = []string{"taux_pauvrete", "taux_de_pauvrete", "taux_pauvrete_pct", "tp60", "poverty_rate"}
	householdsColumns = []string{"menages", "nbmenfisc", "households"}
)

// Detect recognises the columns. A table that also counts people is no less a table of rates.
func (Format) Detect(in *source.Input) int {
	columns := source.TableColumns(in)
	has := func(names []string, dated string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return source.HasColumns(columns, n) }) ||
			slices.ContainsFunc(columns, func(c string) bool { _, ok := columnYear(c, dated); return ok })
	}
	if has(codeColumns, "\x00") && has(rateColumns, "tp60") {
		return 75
	}
	return 0
}

// columnYear is the year in the name of a column: "tp6021" with the stem "tp60" is 2021.
func columnYear(folded, stem string) (year int, ok bool) {
	rest, found := strings.CutPrefix(folded, stem)
	if !found || len(rest) != 2 {
		return 0, false
	}
	return source.ParseYear([]byte(rest))
}

// withheld are Insee's marks of a figure that is not published.
var withheld = []string{"s", "nd", "ns", "n.d.", "nc"}

// Read gives the rates in file order, as ratios 0–1.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	households := t.Column(householdsColumns...)
	if households < 0 {
		households = t.ColumnMatching(func(folded string) bool { _, ok := columnYear(folded, "nbmenfisc"); return ok })
	}
	table := source.Yearly{
		Codes: codeColumns, CodeName: "code_commune", Figures: rateColumns, FigureName: "taux_pauvrete",
		Dated:   func(folded string) (int, bool) { return columnYear(folded, "tp60") },
		Area:    source.CommuneArea,
		BadArea: data.Text{FR: "code INSEE de commune attendu (5 caractères)", EN: "an INSEE commune code is expected (5 characters)"},
		MissingYear: data.Text{
			FR: "l’année du taux manque\u00a0: une colonne «\u00a0annee\u00a0» est attendue, ou --edition 2021.",
			EN: "the year of the rate is missing: a column “annee” is expected, or --edition 2021.",
		},
	}
	return table.Each(t, in, opt, func(area source.StatisticArea, rate int) (data.Statistic, bool) {
		s := data.Statistic{Indicator: data.IndicatorPoorShare, Source: data.SourceFilosofi, Unit: data.UnitRatio, Status: data.StatisticNotAvailable}
		switch raw := strings.TrimSpace(t.Get(rate)); {
		case raw == "":
		case slices.Contains(withheld, strings.ToLower(raw)):
			s.Status = data.StatisticNotPublished
		default:
			f, ok := source.ParseFigure([]byte(raw))
			if !ok || f.Known && f.Number > 100 {
				t.Bad("bad-rate", area.Code, rate, "taux illisible\u00a0: un pourcentage de 0 à 100 est attendu", "unreadable rate: a percentage from 0 to 100 is expected")
				return s, false
			}
			if f.Known {
				share := f.Number / 100
				s.Status, s.Value = data.StatisticPublished, &share
			}
		}
		if households >= 0 {
			if f, ok := source.ParseFigure(t.Raw(households)); ok && f.Known {
				s.Denominator = &f.Number
			}
		}
		return s, true
	})
}
