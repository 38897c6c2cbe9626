// Package poverty reads the poverty rate of communes, format "filosofi-communes":
// Insee's Filosofi table (CODGEO, NBMENFISC21, TP6021) or a plain one with a commune
// code, a rate in percent and a year, which may stand in the name of the rate's column.
// A rate that Insee withholds (s, nd, ns) is unknown, not 0.
package poverty

import (
	"context"
	"fmt"
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
	yearColumns       = []string{"annee", "year", "millesime"}
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
	code, rate, households, yearColumn := t.Column(codeColumns...), t.Column(rateColumns...), t.Column(householdsColumns...), t.Column(yearColumns...)
	dated := func(stem string) int {
		return t.ColumnMatching(func(folded string) bool { _, ok := columnYear(folded, stem); return ok })
	}
	if rate < 0 {
		rate = dated("tp60")
	}
	if households < 0 {
		households = dated("nbmenfisc")
	}
	if code < 0 {
		return t.Require("code_commune")
	}
	if rate < 0 {
		return t.Require("taux_pauvrete")
	}
	fixed, known := columnYear(source.FoldName(t.ColumnName(rate)), "tp60")
	for _, name := range []string{opt.Edition, t.Name, in.Name} {
		if !known {
			fixed, known = source.YearIn(name)
		}
	}
	if yearColumn < 0 && !known {
		return source.Reject(source.Location{File: t.File, Line: 1}, "missing-year",
			"l’année du taux manque\u00a0: une colonne «\u00a0annee\u00a0» est attendue, ou --edition 2021.",
			"the year of the rate is missing: a column “annee” is expected, or --edition 2021.")
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		area, ok := source.CommuneArea(t.Get(code))
		if !ok {
			t.Bad("bad-area-code", "", code, "code INSEE de commune attendu (5 caractères)", "an INSEE commune code is expected (5 characters)")
			continue
		}
		if !opt.KeepsDepartment(area.Department) {
			t.Filtered("département " + area.Department)
			continue
		}
		year := fixed
		if yearColumn >= 0 {
			if year, ok = source.ParseYear(t.Raw(yearColumn)); !ok {
				t.Bad("bad-year", area.Code, yearColumn, "année illisible\u00a0: 2021 est attendu", "unreadable year: 2021 is expected")
				continue
			}
		}
		if year < opt.Since {
			t.Filtered("year")
			continue
		}
		s := data.Statistic{
			Area: area.Code, Level: area.Level, Department: area.Department, Indicator: data.IndicatorPoorShare, Year: year,
			Edition: opt.Edition, Source: data.SourceFilosofi, Unit: data.UnitRatio, Status: data.StatisticNotAvailable,
		}
		switch raw := strings.TrimSpace(t.Get(rate)); {
		case raw == "":
		case slices.Contains(withheld, strings.ToLower(raw)):
			s.Status = data.StatisticNotPublished
		default:
			f, ok := source.ParseFigure([]byte(raw))
			if !ok || f.Known && f.Number > 100 {
				t.Bad("bad-rate", area.Code, rate, "taux illisible\u00a0: un pourcentage de 0 à 100 est attendu", "unreadable rate: a percentage from 0 to 100 is expected")
				continue
			}
			if f.Known {
				share := f.Number / 100
				s.Status, s.Value = data.StatisticPublished, &share
			}
		}
		if households >= 0 {
			if f, ok := source.ParseFigure(t.Raw(households)); ok && f.Known {
				n := f.Number
				s.Denominator = &n
			}
		}
		if t.Duplicate(fmt.Sprint(area.Code, " ", year), t.Line()) {
			continue
		}
		if err := t.Statistic(&s, t.Line()); err != nil {
			return err
		}
	}
}
