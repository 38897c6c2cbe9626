package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"vigie/data"
)

// insertRows is how many rows one INSERT writes.
const insertRows = 64

func insertStatement(rows int, importSeq int64) string {
	row := `(?,?,?,?,?,?,?,` + strconv.FormatInt(importSeq, 10) + `)`
	return `INSERT INTO statistics (area, ` + statisticColumns + `) VALUES ` + strings.Repeat(row+`,`, rows-1) + row
}

// statisticWriter writes the statistics of a batch, area after area.
type statisticWriter struct {
	*writer
	ids  map[seriesKey]int64
	keys map[int64]seriesKey // the inverse, with the series stored before
	// fresh: no figure stored before can be replaced.
	fresh bool

	area  string
	prior map[int64]figure // stored figures of area
	next  []figure         // those to write for it

	many    *sql.Stmt
	pending []any // arguments of the rows to insert

	department  string // the last one touched
	departments map[string]struct{}
}

// putStatistics writes a table, which it sorts.
func (w *writer) putStatistics(ctx context.Context, t *data.StatisticTable) (err error) {
	if t.Len() == 0 {
		return nil
	}
	t.Sort()
	sw := &statisticWriter{writer: w, ids: map[seriesKey]int64{}, departments: map[string]struct{}{}}
	if err := sw.addSeries(ctx, t.Series()); err != nil {
		return err
	}
	if sw.many, err = w.tx.PrepareContext(ctx, insertStatement(insertRows, w.importSeq)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sw.many.Close()) }()
	var s data.Statistic
	for i := range t.Len() {
		t.At(i, &s)
		if i == 0 || s.Area != sw.area {
			if err := sw.endArea(ctx); err != nil {
				return err
			}
			if err := sw.beginArea(ctx, s.Area); err != nil {
				return err
			}
		}
		k := keyOf(&s)
		f := figureOf(&s, sw.ids[k], w.importSeq)
		if n := len(sw.next); n > 0 && k.replaces(sw.keys[sw.next[n-1].series]) {
			sw.next[n-1] = f
		} else {
			sw.next = append(sw.next, f)
		}
	}
	if err := sw.endArea(ctx); err != nil {
		return err
	}
	if err := sw.flush(ctx); err != nil {
		return err
	}
	for d := range sw.departments {
		if w.importSeq == 0 {
			break
		}
		if _, err := w.tx.ExecContext(ctx, `INSERT INTO statistic_imports (import_seq, department) VALUES (?, ?)`, w.importSeq, d); err != nil {
			return err
		}
	}
	return nil
}

// addSeries numbers the series of the batch.
func (sw *statisticWriter) addSeries(ctx context.Context, series []data.Statistic) (err error) {
	if sw.keys, _, err = readSeries(ctx, sw.tx, nil); err != nil {
		return err
	}
	stored := make([]seriesKey, 0, len(sw.keys))
	for id, k := range sw.keys {
		sw.ids[k] = id
		stored = append(stored, k)
	}
	sw.fresh = true
	for i := range series {
		s := &series[i]
		for _, f := range [...]struct {
			name, value string
			optional    bool
		}{
			{"level", string(s.Level), false}, {"source", s.Source, false}, {"indicator", s.Indicator, false},
			{"edition", s.Edition, true}, {"unit", s.Unit, true},
		} {
			if f.optional && f.value == "" {
				continue
			}
			if err := checkIdentifier(f.name, f.value); err != nil {
				return err
			}
		}
		k := keyOf(s)
		for _, o := range stored {
			sw.fresh = sw.fresh && !k.replaces(o)
		}
		if _, ok := sw.ids[k]; ok {
			continue
		}
		done, err := sw.tx.ExecContext(ctx, `INSERT INTO statistic_series (level, source, indicator, edition, year, unit) VALUES (?, ?, ?, ?, ?, ?)`,
			string(k.level), k.source, k.indicator, k.edition, k.year, k.unit)
		if err != nil {
			return err
		}
		id, err := done.LastInsertId()
		if err != nil {
			return err
		}
		sw.ids[k], sw.keys[id] = id, k
	}
	return nil
}

// beginArea reads what is stored of an area.
func (sw *statisticWriter) beginArea(ctx context.Context, area string) error {
	if err := checkIdentifier("area", area); err != nil {
		return err
	}
	sw.area = area
	clear(sw.prior)
	if sw.fresh {
		return nil
	}
	rows, err := sw.tx.QueryContext(ctx, `SELECT area, `+statisticColumns+` FROM statistics WHERE area = ?`, area)
	if err != nil {
		return err
	}
	defer rows.Close()
	if sw.prior == nil {
		sw.prior = map[int64]figure{}
	}
	var sc figureScanner
	for rows.Next() {
		if err := sc.scan(rows); err != nil {
			return err
		}
		sw.prior[sc.figure.series] = sc.figure
	}
	return rows.Err()
}

// endArea writes the figures of an area that differ from those stored.
func (sw *statisticWriter) endArea(ctx context.Context) error {
	for i := range sw.next {
		f := &sw.next[i]
		if prior, ok := sw.priorOf(f); ok {
			if prior.series == f.series && prior.same(f) {
				continue
			}
			if err := sw.replace(ctx, &prior); err != nil {
				return err
			}
		}
		if err := sw.touchStatistic(f.department); err != nil {
			return err
		}
		sw.pending = append(sw.pending, sw.area, f.series, f.department, f.status, nullable(f.value), nullable(f.count), nullable(f.denominator))
		if len(sw.pending) == 7*insertRows {
			if err := sw.flush(ctx); err != nil {
				return err
			}
		}
	}
	sw.next = sw.next[:0]
	return nil
}

// priorOf is the stored figure that f takes the place of: of its series, or of the same
// one with another unit.
func (sw *statisticWriter) priorOf(f *figure) (figure, bool) {
	if prior, ok := sw.prior[f.series]; ok {
		return prior, true
	}
	k := sw.keys[f.series]
	for series, prior := range sw.prior {
		if k.replaces(sw.keys[series]) {
			return prior, true
		}
	}
	return figure{}, false
}

// replace takes a stored figure away and keeps it for the undo.
func (sw *statisticWriter) replace(ctx context.Context, prior *figure) error {
	if err := sw.touchStatistic(prior.department); err != nil {
		return err
	}
	if prior.importSeq != sw.importSeq {
		if _, err := sw.tx.ExecContext(ctx, `INSERT OR IGNORE INTO statistic_history
			(import_seq, area, series, prior_import_seq, department, status, value, count, denominator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			sw.importSeq, sw.area, prior.series, prior.importSeq, prior.department, prior.status,
			nullable(prior.value), nullable(prior.count), nullable(prior.denominator)); err != nil {
			return err
		}
	}
	_, err := sw.tx.ExecContext(ctx, `DELETE FROM statistics WHERE area = ? AND series = ?`, sw.area, prior.series)
	return err
}

func (sw *statisticWriter) touchStatistic(department string) error {
	if department == sw.department && len(sw.departments) > 0 {
		return nil
	}
	if department != "" {
		if err := checkIdentifier("department", department); err != nil {
			return err
		}
	}
	if err := sw.touch(data.LayerStatistics, department); err != nil {
		return err
	}
	sw.department = department
	sw.departments[department] = struct{}{}
	return nil
}

// flush inserts the pending rows.
func (sw *statisticWriter) flush(ctx context.Context) error {
	rows := len(sw.pending) / 7
	var err error
	switch rows {
	case 0:
	case insertRows:
		_, err = sw.many.ExecContext(ctx, sw.pending...)
	default:
		_, err = sw.tx.ExecContext(ctx, insertStatement(rows, sw.importSeq), sw.pending...)
	}
	sw.pending = sw.pending[:0]
	return err
}

// restoreStatistics takes back the statistics that an import wrote. Unlike other
// records, one that was changed since stands in the way even if it was changed back.
func (w *writer) restoreStatistics(ctx context.Context, importSeq int64, changed *obstacles) error {
	rows, err := w.tx.QueryContext(ctx, `SELECT department FROM statistic_imports WHERE import_seq = ?`, importSeq)
	if err != nil {
		return err
	}
	departments, err := texts(rows)
	if err != nil || len(departments) == 0 {
		return err
	}
	if err := w.touch(data.LayerStatistics, departments...); err != nil {
		return err
	}
	rows, err = w.tx.QueryContext(ctx, `SELECT area || '/' || level || '/' || source || '/' || indicator || '/' || edition || '/' || year
		FROM statistic_history JOIN statistic_series ON statistic_series.id = statistic_history.series
		WHERE prior_import_seq = ? ORDER BY 1`, importSeq)
	if err != nil {
		return err
	}
	replaced, err := texts(rows)
	if err != nil || len(replaced) > 0 {
		for _, record := range replaced {
			changed.add(record)
		}
		return err
	}
	for _, statement := range []string{
		`DELETE FROM statistics WHERE import_seq = ?`,
		`INSERT INTO statistics (area, series, department, status, value, count, denominator, import_seq)
			SELECT area, series, department, status, value, count, denominator, prior_import_seq FROM statistic_history WHERE import_seq = ?`,
		`DELETE FROM statistic_history WHERE import_seq = ?`,
		`DELETE FROM statistic_imports WHERE import_seq = ?`,
	} {
		if _, err := w.tx.ExecContext(ctx, statement, importSeq); err != nil {
			return err
		}
	}
	return nil
}

// texts reads rows of one text and closes them.
func texts(rows *sql.Rows) (all []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
