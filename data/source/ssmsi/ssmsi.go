// Package ssmsi reads the recorded-crime bases of the service statistique ministériel de la
// sécurité intérieure as CSV, plain or compressed, format "ssmsi": the communal base of
// every edition since 2022 and the departmental base.
//
// A figure that is not published ("ndiff": 5 facts or fewer in three successive years) is
// a statistic whose value is unknown. complement_info_* is the mean, over the communes
// of a département whose figure is not published: it is read once for the département, as
// an indicator of its own (data.SuppressedMean), and never as the value of a commune. The
// populations and dwellings that rates are computed with are read once an area and
// census. Paris, Lyon and Marseille have figures as communes and by district: the
// districts have a level of their own.
package ssmsi

import (
	"context"
	"fmt"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Format is the format "ssmsi".
type Format struct{}

var _ source.Format = Format{}

// ID is "ssmsi".
func (Format) ID() string { return "ssmsi" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Délinquance enregistrée, bases du SSMSI", EN: "Recorded crime, bases of the SSMSI"}
}

// Layers are the statistics.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerStatistics} }

// Detect is sure when the header has the names of any edition.
func (Format) Detect(in *source.Input) int {
	columns := source.TableColumns(in)
	if !source.HasColumns(columns, "annee", "tauxpourmille") ||
		!source.HasColumns(columns, "indicateur") && !source.HasColumns(columns, "classe") {
		return 0
	}
	for _, c := range columns {
		if communeColumn(c) || c == "codedepartement" {
			return 95
		}
	}
	return 0
}

func communeColumn(folded string) bool {
	rest, ok := strings.CutPrefix(folded, "codgeo")
	return ok && strings.Trim(rest, "0123456789") == ""
}

type reader struct {
	*source.Table
	opt     source.Options
	edition string

	area, year, indicator, published                    int
	count, rate, meanCount, meanRate                    int
	people, peopleCensus, dwellings, dwellingsCensus    int
	areas                                               map[string]*area
	indicators                                          map[string]data.StatisticIndicator
	means                                               map[meanKey]source.Figure
	record                                              data.Statistic
	numbers                                             [3]float64
	disagreement, valueWithheld, missingValue, badMeans bool
}

// area is an area of the file and what was read of it.
type area struct {
	source.StatisticArea
	censuses map[censusKey]float64
}

type censusKey struct {
	indicator string
	year      int
}

type meanKey struct {
	department, indicator string
	year                  int
}

// maxAreas bounds the areas remembered, whatever a file holds: there are some 35,000 communes.
const maxAreas = 100_000

// Read gives the figures in file order, each before the ones that its line also brings.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	r := &reader{
		Table: t, opt: opt, edition: opt.Edition,
		year: t.Column("annee"), indicator: t.Column("indicateur", "classe"),
		published: t.Column("est_diffuse", "valeur.publiée"),
		count:     t.Column("nombre", "faits"), rate: t.Column("taux_pour_mille"),
		meanCount: t.Column("complement_info_nombre", "complementinfoval"), meanRate: t.Column("complement_info_taux", "complementinfotaux"),
		people: t.Column("insee_pop", "POP"), peopleCensus: t.Column("insee_pop_millesime", "millPOP"),
		dwellings: t.Column("insee_log", "LOG"), dwellingsCensus: t.Column("insee_log_millesime", "millLOG"),
		areas: make(map[string]*area), indicators: make(map[string]data.StatisticIndicator), means: make(map[meanKey]source.Figure),
	}
	if err := r.header(); err != nil {
		return err
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		if err := r.line(); err != nil {
			return err
		}
	}
}

func (r *reader) header() error {
	if err := r.Require("annee", "taux_pour_mille"); err != nil {
		return err
	}
	if r.indicator < 0 {
		return r.Require("indicateur")
	}
	if r.count < 0 {
		return r.Require("nombre")
	}
	if r.area = r.ColumnMatching(communeColumn); r.area >= 0 {
		if r.published < 0 {
			return r.Require("est_diffuse")
		}
		if r.edition == "" {
			r.edition = strings.TrimPrefix(source.FoldName(r.ColumnName(r.area)), "codgeo")
		}
		return nil
	}
	if r.area = r.Column("code_departement"); r.area < 0 {
		return r.Require("CODGEO_2026")
	}
	if r.edition == "" {
		if _, geography, ok := strings.Cut(r.Name, "geographie"); ok && len(geography) >= 4 {
			if y, ok := source.YearIn(geography[:4]); ok {
				r.edition = fmt.Sprint(y)
			}
		}
	}
	return nil
}

// line reads one line of the file.
func (r *reader) line() error {
	a, ok := r.areaOf(r.Raw(r.area))
	if !ok {
		r.Bad("bad-area-code", "", r.area, "code INSEE de commune (5 caractères) ou de département attendu", "an INSEE code of a commune (5 characters) or département is expected")
		return nil
	}
	if !r.opt.KeepsDepartment(a.Department) {
		r.Filtered("département " + a.Department)
		return nil
	}
	year, ok := source.ParseYear(r.Raw(r.year))
	if !ok {
		r.Bad("bad-year", a.Code, r.year, "année illisible\u00a0: 2025 ou 25 est attendu", "unreadable year: 2025 or 25 is expected")
		return nil
	}
	if year < r.opt.Since {
		r.Filtered("year")
		return nil
	}
	indicator, ok := r.indicatorOf(r.Raw(r.indicator))
	if !ok {
		r.Bad("bad-indicator", a.Code, r.indicator, "nom d’indicateur absent", "missing name of indicator")
		return nil
	}
	var figures [6]source.Figure
	for i, column := range [...]int{r.count, r.rate, r.people, r.dwellings, r.meanCount, r.meanRate} {
		if figures[i], ok = source.ParseFigure(r.Raw(column)); !ok {
			r.Bad("bad-number", a.Code, column, "nombre illisible\u00a0: un nombre positif ou nul, à virgule ou point décimal, ou NA est attendu",
				"unreadable number: a number of 0 or more, with a decimal comma or point, or NA is expected")
			return nil
		}
	}
	count, rate, people, dwellings, meanCount, meanRate := figures[0], figures[1], figures[2], figures[3], figures[4], figures[5]
	published := true
	if r.published >= 0 {
		switch flag := r.Raw(r.published); string(flag) {
		case "diff":
		case "ndiff":
			published = false
		default:
			r.Bad("bad-publication-flag", a.Code, r.published, "«\u00a0diff\u00a0» ou «\u00a0ndiff\u00a0» est attendu", "“diff” or “ndiff” is expected")
			return nil
		}
	}
	by := people
	if indicator.Unit == data.UnitPerDwellings {
		by = dwellings
	}
	s := r.begin(a, indicator.ID, year, indicator.Unit)
	r.set(2, &s.Denominator, by)
	switch {
	case !published:
		s.Status = data.StatisticNotPublished
		if count.Known || rate.Known {
			r.once(&r.valueWithheld, a.Code, r.count, "value-withheld",
				"la ligne est «\u00a0ndiff\u00a0» et porte pourtant une valeur\u00a0: elle n’est pas retenue (dit une fois pour tout le fichier).",
				"the line is “ndiff” and has a value all the same: it is not taken (said once for the whole file).")
		}
	case rate.Known || count.Known && by.Known && by.Number > 0:
		s.Status = data.StatisticPublished
		if !rate.Known {
			rate.Number, rate.Known = 1000*count.Number/by.Number, true
		}
		r.set(0, &s.Value, rate)
		r.set(1, &s.Count, count)
	default:
		s.Status = data.StatisticNotAvailable
		r.once(&r.missingValue, a.Code, r.rate, "missing-value",
			"des lignes sont «\u00a0diff\u00a0» sans valeur\u00a0: elles sont gardées comme inconnues, jamais comme des zéros (dit une fois pour tout le fichier).",
			"lines are “diff” without value: they are kept as unknown, never as zeros (said once for the whole file).")
	}
	if err := r.Statistic(s, r.Line()); err != nil {
		return err
	}
	if !published && meanRate.Known {
		if err := r.mean(a, indicator, year, meanCount, meanRate); err != nil {
			return err
		}
	}
	if err := r.census(a, data.IndicatorPopulation, data.UnitPeople, r.people, r.peopleCensus, people, year); err != nil {
		return err
	}
	return r.census(a, data.IndicatorDwellings, data.UnitDwellings, r.dwellings, r.dwellingsCensus, dwellings, year)
}

// begin starts the record of an area; what it points to is used again for the next.
func (r *reader) begin(a *area, indicator string, year int, unit string) *data.Statistic {
	r.record = data.Statistic{
		Area: a.Code, Level: a.Level, Department: a.Department, Indicator: indicator, Year: year,
		Edition: r.edition, Source: data.SourceSSMSI, Unit: unit,
	}
	return &r.record
}

func (r *reader) set(i int, field **float64, f source.Figure) {
	if f.Known {
		r.numbers[i] = f.Number
		*field = &r.numbers[i]
	}
}

// mean gives the mean of the unpublished communes of a département, once a year and indicator.
func (r *reader) mean(a *area, in data.StatisticIndicator, year int, count, rate source.Figure) error {
	if a.Level == data.StatisticDepartment {
		return nil
	}
	key := meanKey{a.Department, in.ID, year}
	if known, ok := r.means[key]; ok {
		if known != rate {
			r.once(&r.badMeans, a.Code, r.meanRate, "suppressed-mean-disagrees",
				"la moyenne des communes non publiées d’un département varie d’une ligne à l’autre\u00a0: la première est retenue (dit une fois pour tout le fichier).",
				"the mean of a département’s unpublished communes varies from line to line: the first is taken (said once for the whole file).")
		}
		return nil
	}
	r.means[key] = rate
	s := r.begin(a, in.ID+data.SuppressedMean, year, in.Unit)
	s.Area, s.Level, s.Status = a.Department, data.StatisticDepartment, data.StatisticPublished
	r.set(0, &s.Value, rate)
	r.set(1, &s.Count, count)
	return r.Statistic(s, r.Line())
}

// census gives a population or number of dwellings, once an area and census.
func (r *reader) census(a *area, indicator, unit string, column, yearColumn int, f source.Figure, fallback int) error {
	if !f.Known {
		return nil
	}
	year, ok := source.ParseYear(r.Raw(yearColumn))
	if !ok {
		year = fallback
	}
	key := censusKey{indicator, year}
	if known, ok := a.censuses[key]; ok {
		if known != f.Number {
			r.once(&r.disagreement, a.Code, column, "census-disagrees",
				"la population ou le nombre de logements d’une commune varie d’une ligne à l’autre pour un même recensement\u00a0: le premier est retenu (dit une fois pour tout le fichier).",
				"the population or number of dwellings of a commune varies from line to line for one census: the first is taken (said once for the whole file).")
		}
		return nil
	}
	if a.censuses == nil {
		a.censuses = make(map[censusKey]float64)
	}
	a.censuses[key] = f.Number
	s := r.begin(a, indicator, year, unit)
	s.Status = data.StatisticPublished
	r.set(0, &s.Value, f)
	return r.Statistic(s, r.Line())
}

// once reports a finding about a field the first time it is met.
func (r *reader) once(told *bool, record string, column int, code, fr, en string) {
	if *told {
		return
	}
	*told = true
	r.Found(data.SeverityWarning, code, record, column, fr, en)
}

func (r *reader) areaOf(raw []byte) (*area, bool) {
	if a, ok := r.areas[string(raw)]; ok {
		return a, true
	}
	a := new(area)
	var ok bool
	if communeColumn(source.FoldName(r.ColumnName(r.area))) {
		a.StatisticArea, ok = source.CommuneArea(string(raw))
	} else {
		a.StatisticArea, ok = source.DepartmentArea(string(raw))
	}
	if ok && len(r.areas) < maxAreas {
		r.areas[string(raw)] = a
	}
	return a, ok
}

// maxIndicators bounds the labels remembered.
const maxIndicators = 1000

func (r *reader) indicatorOf(raw []byte) (data.StatisticIndicator, bool) {
	if in, ok := r.indicators[string(raw)]; ok {
		return in, true
	}
	label := strings.TrimSpace(string(raw))
	id, known := source.IndicatorID(label)
	if id == "" {
		return data.StatisticIndicator{}, false
	}
	in, _ := data.StatisticIndicatorByID(id)
	if !known {
		in = data.StatisticIndicator{ID: id, Unit: data.UnitPerThousand}
		r.Found(data.SeverityInfo, "unknown-indicator", "", r.indicator,
			"indicateur inconnu de Vigie\u00a0: il est gardé sous l’identifiant "+id+", et son taux n’a pas de dénominateur connu.",
			"indicator unknown to Vigie: it is kept under the identifier "+id+", and the base of its rate is not known.")
	}
	if len(r.indicators) < maxIndicators {
		r.indicators[string(raw)] = in
	}
	return in, true
}
