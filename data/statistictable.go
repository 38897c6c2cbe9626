package data

import (
	"cmp"
	"math"
	"slices"
)

// StatisticTable holds many statistics in little memory: about 40 bytes each, and the
// text of each area and series once. A national file has five million. The zero value
// is empty; it is not safe for concurrent use while it is written.
type StatisticTable struct {
	// chunks hold the rows in the order of Append; growing copies none of them.
	chunks [][]statisticRow
	// order numbers rows; nil stands for all of them as they came.
	order []uint32
	count int // rows of chunks

	series []statisticSeries
	areas  []string
	// departments holds the codes that rows number.
	departments []string

	seriesIndex     map[statisticSeries]uint32
	areaIndex       map[string]uint32
	departmentIndex map[string]uint16
	lastArea        uint32
	lastSeries      uint32
}

// statisticSeries is all of a statistic but its area and figures.
type statisticSeries struct {
	level     StatisticLevel
	source    string
	indicator string
	edition   string
	year      int
	unit      string
}

// statisticRow numbers its texts; NaN stands for unknown.
type statisticRow struct {
	area, series              uint32
	ref                       uint32
	department                uint16
	status                    uint8
	value, count, denominator float64
}

const (
	statusPublished uint8 = iota
	statusNotPublished
	statusNotAvailable
	statusMask      uint8 = 0x0f
	statusEstimated uint8 = 0x80
)

// StatisticOrder compares the keys of two statistics: by area, level, source, indicator,
// edition, then year, texts by their bytes. It is the order in which stores give them;
// 0 means that one would replace the other.
func StatisticOrder(a, b *Statistic) int {
	return cmp.Or(
		cmp.Compare(a.Area, b.Area), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Edition, b.Edition), cmp.Compare(a.Year, b.Year))
}

// Append adds a statistic, which is copied. ref is a number of the caller's own that At
// gives back, the line of a file for instance; it is not stored.
func (t *StatisticTable) Append(s *Statistic, ref uint32) {
	if t.areaIndex == nil {
		t.areaIndex = make(map[string]uint32)
		t.seriesIndex = make(map[statisticSeries]uint32)
		t.departmentIndex = make(map[string]uint16)
	}
	r := statisticRow{ref: ref, value: orNaN(s.Value), count: orNaN(s.Count), denominator: orNaN(s.Denominator)}
	switch s.Status {
	case StatisticNotPublished:
		r.status = statusNotPublished
	case StatisticNotAvailable:
		r.status = statusNotAvailable
	default:
		r.status = statusPublished
	}
	if s.Estimated {
		r.status |= statusEstimated
	}
	// Files go on with the same area, or the same series, for many lines.
	if len(t.areas) > 0 && t.areas[t.lastArea] == s.Area {
		r.area = t.lastArea
	} else {
		r.area = intern(t.areaIndex, &t.areas, s.Area)
		t.lastArea = r.area
	}
	r.department = intern(t.departmentIndex, &t.departments, s.Department)
	key := statisticSeries{s.Level, s.Source, s.Indicator, s.Edition, s.Year, s.Unit}
	if len(t.series) > 0 && t.series[t.lastSeries] == key {
		r.series = t.lastSeries
	} else {
		r.series = intern(t.seriesIndex, &t.series, key)
		t.lastSeries = r.series
	}
	if t.count%chunkRows == 0 {
		t.chunks = append(t.chunks, make([]statisticRow, 0, chunkRows))
	}
	last := &t.chunks[len(t.chunks)-1]
	*last = append(*last, r)
	if t.order != nil {
		t.order = append(t.order, uint32(t.count))
	}
	t.count++
}

const chunkRows = 1 << 14

// row is the i-th row in the order of the table.
func (t *StatisticTable) row(i int) *statisticRow {
	if t.order != nil {
		i = int(t.order[i])
	}
	return &t.chunks[i/chunkRows][i%chunkRows]
}

func intern[K comparable, N uint16 | uint32](index map[K]N, all *[]K, key K) N {
	n, ok := index[key]
	if !ok {
		n = N(len(*all))
		index[key] = n
		*all = append(*all, key)
	}
	return n
}

// Len is the number of statistics; a nil table has none.
func (t *StatisticTable) Len() int {
	if t == nil {
		return 0
	}
	if t.order != nil {
		return len(t.order)
	}
	return t.count
}

// At fills s with the i-th statistic and returns its ref. The numbers that s points to
// are its own: they stay as they are when s is filled again.
func (t *StatisticTable) At(i int, s *Statistic) (ref uint32) {
	r := t.row(i)
	k := &t.series[r.series]
	*s = Statistic{
		Area: t.areas[r.area], Level: k.level, Department: t.departments[r.department],
		Indicator: k.indicator, Year: k.year, Edition: k.edition, Source: k.source, Unit: k.unit,
		Status: StatisticPublished, Estimated: r.status&statusEstimated != 0,
	}
	switch r.status & statusMask {
	case statusNotPublished:
		s.Status = StatisticNotPublished
	case statusNotAvailable:
		s.Status = StatisticNotAvailable
	}
	SetNumbers(s, r.value, r.count, r.denominator)
	return r.ref
}

// SetNumbers sets Value, Count and Denominator; NaN stands for unknown.
func SetNumbers(s *Statistic, value, count, denominator float64) {
	s.Value, s.Count, s.Denominator = nil, nil, nil
	if value != value && count != count && denominator != denominator {
		return
	}
	n := &[3]float64{value, count, denominator} // one allocation for the three
	for i, p := range []**float64{&s.Value, &s.Count, &s.Denominator} {
		if n[i] == n[i] {
			*p = &n[i]
		}
	}
}

func orNaN(f *float64) float64 {
	if f == nil {
		return math.NaN()
	}
	return *f
}

// Series lists what the table's statistics are of, once each: level, source, indicator,
// edition, year and unit; the rest is empty.
func (t *StatisticTable) Series() []Statistic {
	list := make([]Statistic, len(t.series))
	for i, k := range t.series {
		list[i] = Statistic{Level: k.level, Source: k.source, Indicator: k.indicator, Edition: k.edition, Year: k.year, Unit: k.unit}
	}
	return list
}

// Sort puts the statistics in the order of StatisticOrder; those with the same key stay
// in the order in which they came.
func (t *StatisticTable) Sort() {
	if t == nil || t.sorted() {
		return
	}
	area := ranks(t.areas, cmp.Compare[string])
	series := ranks(t.series, statisticSeries.compare)
	if t.order == nil {
		t.order = make([]uint32, t.count)
		for i := range t.order {
			t.order[i] = uint32(i)
		}
	}
	at := func(i uint32) *statisticRow { return &t.chunks[i/chunkRows][i%chunkRows] }
	slices.SortFunc(t.order, func(i, j uint32) int {
		a, b := at(i), at(j)
		return cmp.Or(cmp.Compare(area[a.area], area[b.area]), cmp.Compare(series[a.series], series[b.series]), cmp.Compare(i, j))
	})
}

func (t *StatisticTable) sorted() bool {
	for i := 1; i < t.Len(); i++ {
		a, b := t.row(i-1), t.row(i)
		if a.area != b.area && t.areas[a.area] > t.areas[b.area] || a.area == b.area && t.series[a.series].compare(t.series[b.series]) > 0 {
			return false
		}
	}
	return true
}

// compare leaves the unit out: it is not part of the key.
func (k statisticSeries) compare(o statisticSeries) int {
	return cmp.Or(cmp.Compare(k.level, o.level), cmp.Compare(k.source, o.source),
		cmp.Compare(k.indicator, o.indicator), cmp.Compare(k.edition, o.edition), cmp.Compare(k.year, o.year))
}

// ranks numbers values by their order; equal values share a number.
func ranks[T any](values []T, compare func(a, b T) int) []uint32 {
	order := make([]uint32, len(values))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return compare(values[a], values[b]) })
	rank := make([]uint32, len(values))
	n := uint32(0)
	for i, at := range order {
		if i > 0 && compare(values[order[i-1]], values[at]) != 0 {
			n++
		}
		rank[at] = n
	}
	return rank
}

// SetEdition gives a label to the statistics that have none.
func (t *StatisticTable) SetEdition(label string) {
	for i := range t.series {
		if t.series[i].edition == "" {
			t.series[i].edition = label
		}
	}
	clear(t.seriesIndex)
	for i, k := range t.series {
		t.seriesIndex[k] = uint32(i)
	}
}

// Subset is a table of the statistics for which keep is true, in the same order; i counts
// from 0. The two share their rows: append to neither after.
func (t *StatisticTable) Subset(keep func(i int) bool) *StatisticTable {
	out := *t
	out.order = make([]uint32, 0, t.Len())
	for i := range t.Len() {
		if !keep(i) {
			continue
		}
		if t.order != nil {
			out.order = append(out.order, t.order[i])
		} else {
			out.order = append(out.order, uint32(i))
		}
	}
	return &out
}

// LastYear is the latest year of the table, 0 when it is empty.
func (t *StatisticTable) LastYear() int {
	last := 0
	for i := range t.series {
		last = max(last, t.series[i].year)
	}
	return last
}

// Sources lists the sources of the table, sorted, and Editions its editions.
func (t *StatisticTable) Sources() []string {
	return distinct(t.series, func(k statisticSeries) string { return k.source })
}

// Editions lists the editions of the table, sorted.
func (t *StatisticTable) Editions() []string {
	return distinct(t.series, func(k statisticSeries) string { return k.edition })
}

// Departments lists the départements of the table's rows, sorted; "" stands for those without.
func (t *StatisticTable) Departments() []string {
	seen := make([]bool, len(t.departments))
	for i := range t.Len() {
		seen[t.row(i).department] = true
	}
	var list []string
	for i, d := range t.departments {
		if seen[i] {
			list = append(list, d)
		}
	}
	slices.Sort(list)
	return list
}

func distinct[T any](all []T, of func(T) string) []string {
	var list []string
	for _, x := range all {
		list = append(list, of(x))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
