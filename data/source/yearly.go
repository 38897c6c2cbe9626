package source

import (
	"fmt"

	"vigie/data"
)

// Yearly describes a table of one figure by area, year and at times indicator, the form of
// many official statistics. The year is a column, or stands in the name of the figure's column, in
// the edition or in the name of the file.
type Yearly struct {
	// Codes and Figures are names of the columns, the surest first.
	Codes, Figures []string
	// CodeName and FigureName are what to ask for where a column is missing.
	CodeName, FigureName string
	// Dated gives the year in the (folded) name of a column of figures: "tp6021".
	Dated func(folded string) (year int, ok bool)
	// Area recognises an area's code, which BadArea says is expected; nil for the INSEE
	// codes of communes and départements.
	Area    func(code string) (StatisticArea, bool)
	BadArea data.Text
	// MissingYear is what to say of a table without a year.
	MissingYear data.Text
}

var yearColumns = []string{"annee", "year", "millesime", "time_period", "annee_recensement", "millesime_population"}

// Each reads the lines in file order. fn makes the figure of a line, in its column;
// false when it has reported what is wrong. Area, level, département, year and edition
// are filled in. A line of a département or year that is not asked for is filtered, one
// without a readable area or year is reported.
func (y Yearly) Each(t *Table, in *Input, opt Options, fn func(area StatisticArea, column int) (data.Statistic, bool)) error {
	code, figure, yearColumn := t.Column(y.Codes...), t.Column(y.Figures...), t.Column(yearColumns...)
	if figure < 0 {
		figure = t.ColumnMatching(func(folded string) bool { _, ok := y.Dated(folded); return ok })
	}
	if code < 0 {
		return t.Require(y.CodeName)
	}
	if figure < 0 {
		return t.Require(y.FigureName)
	}
	fixed, dated := y.Dated(FoldName(t.ColumnName(figure)))
	for _, name := range []string{opt.Edition, t.Name, in.Name} {
		if !dated {
			fixed, dated = YearIn(name)
		}
	}
	if yearColumn < 0 && !dated {
		return Reject(Location{File: t.File, Line: 1}, "missing-year", y.MissingYear.FR, y.MissingYear.EN)
	}
	if y.Area == nil {
		y.Area, y.BadArea = communeOrDepartment, data.Text{
			FR: "code INSEE de commune (5 caractères) ou de département attendu",
			EN: "an INSEE code of a commune (5 characters) or département is expected",
		}
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		area, ok := y.Area(t.Get(code))
		if !ok {
			t.Bad("bad-area-code", "", code, y.BadArea.FR, y.BadArea.EN)
			continue
		}
		if !opt.KeepsDepartment(area.Department) {
			t.Filtered("département " + area.Department)
			continue
		}
		year := fixed
		if yearColumn >= 0 {
			if year, ok = ParseYear(t.Raw(yearColumn)); !ok {
				t.Bad("bad-year", area.Code, yearColumn, "année illisible\u00a0: 2022 est attendu", "unreadable year: 2022 is expected")
				continue
			}
		}
		if year < opt.Since {
			t.Filtered("year")
			continue
		}
		s, ok := fn(area, figure)
		if !ok || t.Duplicate(fmt.Sprint(area.Code, " ", s.Indicator, " ", year), t.Line()) {
			continue
		}
		s.Area, s.Level, s.Department, s.Year, s.Edition = area.Code, area.Level, area.Department, year, opt.Edition
		if err := t.Statistic(&s, t.Line()); err != nil {
			return err
		}
	}
}

func communeOrDepartment(raw string) (StatisticArea, bool) {
	if area, ok := CommuneArea(raw); ok {
		return area, true
	}
	return DepartmentArea(raw)
}
