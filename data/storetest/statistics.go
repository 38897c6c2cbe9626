package storetest

import (
	"fmt"
	"slices"
	"testing"

	"vigie/data"
)

// statistics reads those that a filter chooses.
func (f *fixture) statistics(filter data.StatisticFilter) []data.Statistic {
	f.Helper()
	var all []data.Statistic
	if err := f.store.Statistics(f.Context(), filter, func(s *data.Statistic) error { all = append(all, *s); return nil }); err != nil {
		f.Fatalf("statistics: %v", err)
	}
	return all
}

func edited(s data.Statistic, edition string) data.Statistic {
	s.Edition = edition
	return s
}

func testStatistics(t *testing.T, b Backend) {
	t.Run("a figure replaces that of the same key, and the last of a batch stands", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 1), statistic("99001", "99", "y", 2025, 1))})
		changed := statistic("99001", "98", "x", 2025, 3)
		changed.Unit, changed.Estimated = data.UnitPerDwellings, true
		f.mustWrite(&data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 2), changed, statistic("99001", "99", "y", 2025, -1))})
		equal(t, "statistics", f.content().Statistics, []data.Statistic{changed, statistic("99001", "99", "y", 2025, -1)})
	})

	t.Run("a withheld figure is not a zero", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 0), statistic("99002", "99", "x", 2025, -1))})
		got := f.content().Statistics
		if len(got) != 2 || got[0].Value == nil || *got[0].Value != 0 || got[1].Value != nil || got[1].Status != data.StatisticNotPublished {
			t.Errorf("%+v", got)
		}
	})

	t.Run("a batch and an area larger than one statement, in order", func(t *testing.T) {
		f := start(t, b)
		var want []data.Statistic
		for _, area := range []string{"99002", "99001", "9900"} {
			for year := 2000; year < 2070; year++ {
				want = append(want, statistic(area, "99", "x", 2099-year, float64(year)), statistic(area, "99", "y", year, -1))
			}
		}
		f.mustWrite(&data.Batch{PutStatistics: table(want...)})
		slices.SortFunc(want, func(a, b data.Statistic) int { return data.StatisticOrder(&a, &b) })
		equal(t, "statistics", f.content().Statistics, want)
	})

	t.Run("filters", func(t *testing.T) {
		f := start(t, b)
		cell := data.Statistic{
			Area: "CRS3035RES200mN2000000E3000000", Level: data.StatisticGrid200, Department: "99", Indicator: data.IndicatorPopulation,
			Year: 2021, Edition: "2021", Source: data.SourceFilosofi, Status: data.StatisticNotAvailable, Unit: data.UnitPeople,
		}
		old := edited(statistic("99001", "99", "x", 2024, 1), "2025")
		older := edited(statistic("99001", "99", "x", 2023, 1), "2025")
		fresh := statistic("99001", "99", "x", 2025, 2)
		other := edited(statistic("98001", "98", "x", 2024, 3), "2025")
		y := edited(statistic("98001", "98", "y", 2024, 4), "2025")
		f.mustWrite(&data.Batch{PutStatistics: table(cell, old, older, fresh, other, y)})
		for name, c := range map[string]struct {
			filter data.StatisticFilter
			want   []data.Statistic
		}{
			"all":         {data.StatisticFilter{}, []data.Statistic{other, y, older, old, fresh, cell}},
			"levels":      {data.StatisticFilter{Levels: []data.StatisticLevel{data.StatisticGrid200, data.StatisticDepartment}}, []data.Statistic{cell}},
			"areas":       {data.StatisticFilter{Areas: []string{cell.Area, "98001", "none"}}, []data.Statistic{other, y, cell}},
			"departments": {data.StatisticFilter{Departments: []string{"98"}}, []data.Statistic{other, y}},
			"indicators":  {data.StatisticFilter{Indicators: []string{"y", data.IndicatorPopulation}}, []data.Statistic{y, cell}},
			"sources":     {data.StatisticFilter{Sources: []string{data.SourceFilosofi}}, []data.Statistic{cell}},
			"editions":    {data.StatisticFilter{Editions: []string{"2026"}}, []data.Statistic{fresh}},
			"since":       {data.StatisticFilter{Since: 2024}, []data.Statistic{other, y, old, fresh}},
			"newest":      {data.StatisticFilter{Newest: true}, []data.Statistic{other, y, fresh, cell}},
			"together": {
				data.StatisticFilter{Newest: true, Areas: []string{"99001", "98001"}, Indicators: []string{"x"}, Departments: []string{"99"}, Since: 2024},
				[]data.Statistic{fresh},
			},
			"nothing": {data.StatisticFilter{Indicators: []string{"none"}}, nil},
		} {
			equal(t, name, f.statistics(c.filter), c.want)
		}
	})
}

func testStatisticsUndo(t *testing.T, b Backend) {
	t.Run("an import that creates and replaces", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 1), statistic("99001", "99", "y", 2025, 1))})
		before, versions := f.content(), f.versions()
		f.mustWrite(imported("i", data.Batch{PutStatistics: table(
			statistic("99001", "98", "x", 2025, 7), statistic("99001", "99", "y", 2025, 1), statistic("97001", "97", "x", 2025, -1),
		)}))
		f.mustUndo("i")
		equal(t, "content", f.content(), before)
		for _, department := range []string{"97", "98", "99"} {
			versions[layer(data.LayerStatistics, department)] += 2
		}
		equal(t, "versions", f.versions(), versions)
	})

	t.Run("imports one over the other are undone from the last to the first", func(t *testing.T) {
		f := start(t, b)
		var before []content
		for i := range 3 {
			before = append(before, f.content())
			var all []data.Statistic
			for area := range 100 {
				all = append(all, statistic(fmt.Sprintf("99%03d", area), "99", "x", 2025, float64(i*(area%3))))
			}
			f.mustWrite(imported(fmt.Sprint("i", i), data.Batch{PutStatistics: table(all...)}))
		}
		content, versions := f.content(), f.versions()
		err := f.undo("i0")
		wantConflict(t, "the first", err,
			"99001/commune/ssmsi/x/2026/2025", "99002/commune/ssmsi/x/2026/2025", "99004/commune/ssmsi/x/2026/2025", "99005/commune/ssmsi/x/2026/2025",
			"99007/commune/ssmsi/x/2026/2025", "99008/commune/ssmsi/x/2026/2025", "99010/commune/ssmsi/x/2026/2025", "99011/commune/ssmsi/x/2026/2025",
			"99013/commune/ssmsi/x/2026/2025", "99014/commune/ssmsi/x/2026/2025")
		equal(t, "content after a refused undo", f.content(), content)
		equal(t, "versions after a refused undo", f.versions(), versions)
		for i := 2; i >= 0; i-- {
			f.mustUndo(fmt.Sprint("i", i))
			equal(t, fmt.Sprint("content before import ", i), f.content(), before[i])
		}
	})

	t.Run("a figure replaced by hand stands in the way", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i", data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 1))}))
		f.mustWrite(&data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 2))})
		wantConflict(t, "undo", f.undo("i"), "99001/commune/ssmsi/x/2026/2025")
	})

	t.Run("only in the viewer’s départements", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(imported("i", data.Batch{PutStatistics: table(statistic("99001", "99", "x", 2025, 1))}))
		local := b.Viewer(data.ViewerSpec{Subject: "local", Precision: data.ViewExact, Writes: true, Departments: []string{"98"}})
		_, err := f.store.UndoImport(t.Context(), local, "i", entry("undo"))
		wantError(t, "undo", err, data.ErrForbidden)
		equal(t, "statistics", len(f.content().Statistics), 1)
	})
}
