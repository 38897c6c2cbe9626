// Package filosofi reads Insee's gridded income data (Filosofi, 200 m and 1 km) as CSV,
// format "filosofi", of the editions 2015 to 2021 and those that keep their columns.
//
// Of each cell it gives two figures: the population, and the share of poor households with
// both numbers of households. Insee imputes the values of cells of few households
// (i_est_200 = 1): those are marked as estimated. The area is the INSPIRE identifier of
// the cell, from which crs.ParseGridCell makes its square. The département is that of the
// first commune of lcog_geo; with Options.Departments a cell is kept when any of its
// communes is there. A cell that comes twice is given twice: remembering millions of them
// is left to the reader of the figures.
package filosofi

import (
	"context"
	"errors"
	"fmt"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Format is the format "filosofi".
type Format struct{}

var _ source.Format = Format{}

// ID is "filosofi".
func (Format) ID() string { return "filosofi" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Revenus et pauvreté au carreau (Insee, Filosofi)", EN: "Gridded income and poverty (Insee, Filosofi)"}
}

// Layers are the statistics.
func (Format) Layers() []data.Layer { return []data.Layer{data.LayerStatistics} }

// cellColumns name the cell, the smallest first.
var cellColumns = []string{"idcar_200m", "IdINSPIRE", "idcar_1km"}

// Detect is sure when the header has a cell and households.
func (Format) Detect(in *source.Input) int {
	columns := source.TableColumns(in)
	if !source.HasColumns(columns, "ind", "men", "men_pauv") {
		return 0
	}
	for _, c := range cellColumns {
		if source.HasColumns(columns, c) {
			return 95
		}
	}
	return 0
}

type reader struct {
	*source.Table
	opt     source.Options
	edition string
	year    int

	cell, people, households, poor, imputed, communes int

	record        data.Statistic
	numbers       [3]float64
	noDepartment  bool
	departments   map[string]string // by commune code
	noImputations bool
}

// Read gives the figures in file order, the population of a cell before its poverty.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	t, err := source.OpenTable(ctx, in, sink)
	if err != nil {
		return err
	}
	defer t.Close()
	r := &reader{
		Table: t, opt: opt, edition: opt.Edition, departments: make(map[string]string),
		cell: t.Column(cellColumns...), people: t.Column("ind"), households: t.Column("men"), poor: t.Column("men_pauv"),
		imputed: t.Column("i_est_200", "i_est_cr"), communes: t.Column("lcog_geo", "depcom"),
	}
	if r.cell < 0 {
		return t.Require("idcar_200m")
	}
	if err := t.Require("ind", "men", "men_pauv"); err != nil {
		return err
	}
	if t.Column("idcar_200m", "IdINSPIRE") < 0 {
		r.imputed = t.Column("i_est_1km")
	}
	if err := r.dated(in.Name); err != nil {
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

// dated finds the year of the incomes, which only names tell.
func (r *reader) dated(input string) error {
	year, ok := source.YearIn(r.edition)
	if !ok {
		year, ok = source.YearIn(r.Name)
	}
	if !ok {
		year, ok = source.YearIn(input)
	}
	if !ok {
		return source.Reject(source.Location{File: r.File}, "missing-year",
			"l’année des revenus n’est ni dans le fichier ni dans son nom\u00a0: donnez-la comme édition (--edition 2021).",
			"the year of the incomes is neither in the file nor in its name: give it as the edition (--edition 2021).")
	}
	r.year = year
	if r.edition == "" {
		r.edition = fmt.Sprint(year)
	}
	return nil
}

func (r *reader) line() error {
	department, kept := r.department(r.Raw(r.communes))
	if !kept {
		r.Filtered("département")
		return nil
	}
	id := r.Get(r.cell)
	cell, err := crs.ParseGridCell(id)
	if err != nil {
		fr, en := err.Error(), err.Error()
		var told *crs.Error
		if errors.As(err, &told) {
			fr, en = told.FR, told.EN
		}
		r.Bad("bad-cell", id, r.cell, fr, en)
		return nil
	}
	level := data.StatisticGrid200
	switch cell.Size {
	case 200:
	case 1000:
		level = data.StatisticGrid1000
	default:
		r.Bad("bad-cell", id, r.cell, "des carreaux de 200\u00a0m ou de 1\u00a0km sont attendus", "cells of 200 m or 1 km are expected")
		return nil
	}
	id = cell.ID()
	var figures [3]source.Figure
	for i, column := range [...]int{r.people, r.households, r.poor} {
		var ok bool
		if figures[i], ok = source.ParseFigure(r.Raw(column)); !ok {
			r.Bad("bad-number", id, column, "nombre illisible\u00a0: un nombre positif ou nul est attendu", "unreadable number: a number of 0 or more is expected")
			return nil
		}
	}
	people, households, poor := figures[0], figures[1], figures[2]
	// Both are rounded to a tenth of a household.
	if poor.Known && households.Known && poor.Number > households.Number+0.1 {
		r.Bad("bad-number", id, r.poor, "plus de ménages pauvres que de ménages", "more poor households than households")
		return nil
	}
	estimated, ok := r.estimated(id)
	if !ok {
		return nil
	}

	s := r.begin(id, level, department, estimated, data.IndicatorPopulation, data.UnitPeople)
	if people.Known {
		s.Status, s.Value = data.StatisticPublished, r.number(0, people.Number)
	}
	if err := r.Statistic(s, r.Line()); err != nil {
		return err
	}
	s = r.begin(id, level, department, estimated, data.IndicatorPoorShare, data.UnitRatio)
	if households.Known {
		s.Denominator = r.number(2, households.Number)
	}
	if poor.Known && households.Known && households.Number > 0 {
		s.Status = data.StatisticPublished
		s.Value, s.Count = r.number(0, min(poor.Number/households.Number, 1)), r.number(1, poor.Number)
	}
	return r.Statistic(s, r.Line())
}

// begin starts a record without figures.
func (r *reader) begin(id string, level data.StatisticLevel, department string, estimated bool, indicator, unit string) *data.Statistic {
	r.record = data.Statistic{
		Area: id, Level: level, Department: department, Indicator: indicator, Year: r.year, Edition: r.edition,
		Source: data.SourceFilosofi, Unit: unit, Status: data.StatisticNotAvailable, Estimated: estimated,
	}
	return &r.record
}

func (r *reader) number(i int, f float64) *float64 {
	r.numbers[i] = f
	return &r.numbers[i]
}

// estimated reads the imputation flag; ok is false when the line was set aside.
func (r *reader) estimated(id string) (estimated, ok bool) {
	switch flag := r.Get(r.imputed); flag {
	case "0":
		return false, true
	case "1":
		return true, true
	case "":
		if !r.noImputations {
			r.noImputations = true
			r.Found(data.SeverityWarning, "unknown-imputation", id, r.imputed,
				"le fichier ne dit pas quels carreaux sont imputés (i_est_200)\u00a0: aucun n’est marqué (dit une fois pour tout le fichier).",
				"the file does not tell which cells are imputed (i_est_200): none is marked (said once for the whole file).")
		}
		return false, true
	}
	r.Bad("bad-imputation", id, r.imputed, "0 ou 1 est attendu", "0 or 1 is expected")
	return false, false
}

// department is that of the first commune of a list of codes without separators
// ("5935059009"); kept is false when none of them is in a département asked for.
func (r *reader) department(codes []byte) (first string, kept bool) {
	kept = r.opt.Departments == nil
	n := 0
	for rest := codes; len(rest) >= 5; {
		code := rest[:5]
		d, ok := r.departments[string(code)]
		if !ok {
			if a, valid := source.CommuneArea(string(code)); valid {
				d = a.Department
			}
			if len(r.departments) < maxCommunes {
				r.departments[string(code)] = d
			}
		}
		if n == 0 {
			first = d
		}
		n++
		kept = kept || d != "" && r.opt.KeepsDepartment(d)
		rest = rest[5:]
	}
	if first == "" && !r.noDepartment && kept {
		r.noDepartment = true
		r.Found(data.SeverityWarning, "unknown-department", "", r.communes,
			"commune du carreau absente ou illisible (lcog_geo)\u00a0: le carreau est gardé sans département (dit une fois pour tout le fichier).",
			"the cell’s commune is missing or unreadable (lcog_geo): the cell is kept without département (said once for the whole file).")
	}
	return first, kept
}

// maxCommunes bounds the communes remembered, whatever a file holds.
const maxCommunes = 100_000
