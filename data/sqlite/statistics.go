package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"vigie/data"
)

// seriesKey is a row of statistic_series but its number.
type seriesKey struct {
	level                      data.StatisticLevel
	source, indicator, edition string
	year                       int
	unit                       string
}

func keyOf(s *data.Statistic) seriesKey {
	return seriesKey{s.Level, s.Source, s.Indicator, s.Edition, s.Year, s.Unit}
}

// replaces tells whether a figure of series k takes the place of one of series o.
func (k seriesKey) replaces(o seriesKey) bool {
	k.unit = o.unit
	return k == o
}

// figure is a row of statistics without its area.
type figure struct {
	series                    int64
	department                string
	status                    int64
	value, count, denominator float64 // NaN for null
	importSeq                 int64
}

// estimatedFlag is added to the status of an imputed figure.
const estimatedFlag = 128

var statuses = []data.StatisticStatus{data.StatisticPublished, data.StatisticNotPublished, data.StatisticNotAvailable}

func figureOf(s *data.Statistic, series, importSeq int64) figure {
	f := figure{
		series: series, department: s.Department, status: int64(max(0, slices.Index(statuses, s.Status))),
		value: orNaN(s.Value), count: orNaN(s.Count), denominator: orNaN(s.Denominator), importSeq: importSeq,
	}
	if s.Estimated {
		f.status += estimatedFlag
	}
	return f
}

func orNaN(f *float64) float64 {
	if f == nil {
		return math.NaN()
	}
	return *f
}

// same compares what two figures say, whoever wrote them.
func (f *figure) same(o *figure) bool {
	return f.department == o.department && f.status == o.status &&
		sameNumber(f.value, o.value) && sameNumber(f.count, o.count) && sameNumber(f.denominator, o.denominator)
}

func sameNumber(a, b float64) bool { return a == b || a != a && b != b }

// nullable gives the driver NULL for NaN.
func nullable(f float64) any {
	if f != f {
		return nil
	}
	return f
}

// statisticColumns are those of a figure, in the order in which scanFigure reads them.
const statisticColumns = `series, department, status, value, count, denominator, import_seq`

// figureScanner reads figures without an allocation each.
type figureScanner struct {
	area, department          sql.RawBytes
	value, count, denominator sql.NullFloat64
	figure                    figure
	departments               map[string]string
}

func (sc *figureScanner) scan(rows *sql.Rows) error {
	f := &sc.figure
	if err := rows.Scan(&sc.area, &f.series, &sc.department, &f.status, &sc.value, &sc.count, &sc.denominator, &f.importSeq); err != nil {
		return err
	}
	if f.department = sc.departments[string(sc.department)]; f.department == "" && len(sc.department) > 0 {
		if sc.departments == nil {
			sc.departments = map[string]string{}
		}
		f.department = string(sc.department)
		sc.departments[f.department] = f.department
	}
	f.value, f.count, f.denominator = number(sc.value), number(sc.count), number(sc.denominator)
	return nil
}

func number(n sql.NullFloat64) float64 {
	if !n.Valid {
		return math.NaN()
	}
	return n.Float64
}

// fill makes the statistic of a figure.
func (f *figure) fill(s *data.Statistic, area string, k seriesKey) {
	*s = data.Statistic{
		Area: area, Level: k.level, Department: f.department, Indicator: k.indicator, Year: k.year,
		Edition: k.edition, Source: k.source, Unit: k.unit,
		Status: statuses[min(int(f.status&^estimatedFlag), len(statuses)-1)], Estimated: f.status&estimatedFlag != 0,
	}
	data.SetNumbers(s, f.value, f.count, f.denominator)
}

// querierRows is a *sql.Tx or a *sql.DB.
type querierRows interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readSeries reads the series that a filter chooses; all tells whether it is all of them.
func readSeries(ctx context.Context, q querierRows, filter *data.StatisticFilter) (series map[int64]seriesKey, all bool, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, level, source, indicator, edition, year, unit FROM statistic_series`)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	series, all = map[int64]seriesKey{}, true
	for rows.Next() {
		var id int64
		var k seriesKey
		if err := rows.Scan(&id, &k.level, &k.source, &k.indicator, &k.edition, &k.year, &k.unit); err != nil {
			return nil, false, err
		}
		if filter != nil && !(chosen(filter.Levels, k.level) && chosen(filter.Sources, k.source) &&
			chosen(filter.Indicators, k.indicator) && chosen(filter.Editions, k.edition) && k.year >= filter.Since) {
			all = false
			continue
		}
		series[id] = k
	}
	return series, all, rows.Err()
}

func chosen[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }

// Statistics calls fn with each statistic that the filter chooses, in the order of
// data.StatisticOrder: one consistent state. The record passed to fn is used again for
// the next. An error of fn ends it and is returned.
func (s *Store) Statistics(ctx context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error {
	tx, err := s.reader.BeginTx(ctx, nil)
	if err != nil {
		return writeError(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to roll back: it only reads
	series, all, err := readSeries(ctx, tx, &filter)
	if err != nil {
		return writeError(ctx, err)
	}
	if len(series) == 0 {
		return nil
	}
	query, args, err := statisticQuery(&filter, series, all)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return writeError(ctx, err)
	}
	defer rows.Close()
	// SQLite gives the areas in order; the figures of one are put in order here.
	g := statisticGroup{series: series, newest: filter.Newest, fn: fn}
	var sc figureScanner
	for rows.Next() {
		if err := sc.scan(rows); err != nil {
			return writeError(ctx, err)
		}
		if string(sc.area) != g.area {
			if err := g.flush(); err != nil {
				return err
			}
			g.area = string(sc.area)
		}
		g.figures = append(g.figures, sc.figure)
	}
	if err := rows.Err(); err != nil {
		return writeError(ctx, err)
	}
	return g.flush()
}

func statisticQuery(filter *data.StatisticFilter, series map[int64]seriesKey, all bool) (query string, args []any, err error) {
	query = `SELECT area, ` + statisticColumns + ` FROM statistics WHERE true`
	list := func(column string, values any) error {
		b, err := json.Marshal(values)
		query += ` AND ` + column + ` IN (SELECT value FROM json_each(?))`
		args = append(args, string(b))
		return err
	}
	if len(filter.Areas) > 0 {
		err = list("area", filter.Areas)
	}
	if len(filter.Departments) > 0 && err == nil {
		err = list("department", filter.Departments)
	}
	if !all {
		ids := make([]string, 0, len(series))
		for id := range series {
			ids = append(ids, strconv.FormatInt(id, 10))
		}
		slices.Sort(ids)
		// The plus sign keeps SQLite from looking up each series of each area.
		query += ` AND +series IN (` + strings.Join(ids, ",") + `)`
	}
	return query + ` ORDER BY area`, args, err
}

// statisticGroup gathers the figures of one area.
type statisticGroup struct {
	series  map[int64]seriesKey
	newest  bool
	fn      func(*data.Statistic) error
	area    string
	figures []figure
	record  data.Statistic
}

func (g *statisticGroup) flush() error {
	slices.SortFunc(g.figures, func(a, b figure) int { return g.series[a.series].compare(g.series[b.series]) })
	for i := range g.figures {
		k := g.series[g.figures[i].series]
		// Figures of an indicator are together, its last edition at the end.
		if g.newest {
			last := i
			for last+1 < len(g.figures) && k.sameIndicator(g.series[g.figures[last+1].series]) {
				last++
			}
			if g.series[g.figures[last].series].edition != k.edition {
				continue
			}
		}
		g.figures[i].fill(&g.record, g.area, k)
		if err := g.fn(&g.record); err != nil {
			return err
		}
	}
	g.figures = g.figures[:0]
	return nil
}

func (k seriesKey) sameIndicator(o seriesKey) bool {
	return k.level == o.level && k.source == o.source && k.indicator == o.indicator
}

// compare is data.StatisticOrder within an area.
func (k seriesKey) compare(o seriesKey) int {
	a := data.Statistic{Level: k.level, Source: k.source, Indicator: k.indicator, Edition: k.edition, Year: k.year}
	b := data.Statistic{Level: o.level, Source: o.source, Indicator: o.indicator, Edition: o.edition, Year: o.year}
	return data.StatisticOrder(&a, &b)
}
