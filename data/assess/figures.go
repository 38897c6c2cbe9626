package assess

import (
	"context"
	"slices"

	"vigie/data"
)

// figures are the statistics of several files, read as a store gives them.
type figures struct {
	table  data.StatisticTable
	sorted bool
}

// add takes the figures of one more file.
func (f *figures) add(table *data.StatisticTable) {
	f.sorted = false
	var s data.Statistic
	for i := range table.Len() {
		line := table.At(i, &s)
		f.table.Append(&s, line)
	}
}

// Statistics calls fn with the figures that the filter chooses, in the order of
// data.StatisticOrder; of those with one key, that of the last file stands.
func (f *figures) Statistics(ctx context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error {
	if !f.sorted {
		f.table.Sort()
		f.sorted = true
	}
	// The figures of one indicator of an area come together, its last edition at the end.
	var series []data.Statistic
	flush := func() error {
		for i := range series {
			s := &series[i]
			replaced := i+1 < len(series) && data.StatisticOrder(s, &series[i+1]) == 0
			if replaced || filter.Newest && s.Edition != series[len(series)-1].Edition {
				continue
			}
			if err := fn(s); err != nil {
				return err
			}
		}
		series = series[:0]
		return nil
	}
	var s data.Statistic
	for i := range f.table.Len() {
		if f.table.At(i, &s); !chosen(&filter, &s) {
			continue
		}
		if len(series) > 0 && !sameSeries(&series[0], &s) {
			if err := flush(); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		series = append(series, s)
	}
	return flush()
}

func sameSeries(a, b *data.Statistic) bool {
	return a.Area == b.Area && a.Level == b.Level && a.Source == b.Source && a.Indicator == b.Indicator
}

// chosen tells whether a filter keeps a figure, Newest aside.
func chosen(f *data.StatisticFilter, s *data.Statistic) bool {
	return s.Year >= f.Since && among(f.Levels, s.Level) && among(f.Areas, s.Area) && among(f.Departments, s.Department) &&
		among(f.Indicators, s.Indicator) && among(f.Sources, s.Source) && among(f.Editions, s.Edition)
}

// among tells whether a list chooses a value; an empty one chooses all.
func among[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }
