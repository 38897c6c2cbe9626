package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vigie/data"
	"vigie/data/source"
)

// statisticsPlan adds figures to those stored, of the same edition and of others, and
// replaces those that a new file of an edition corrects.
type statisticsPlan struct {
	by    data.Viewer
	file  string
	table *data.StatisticTable // sorted, each key once
}

func readStatisticsPlan(ctx context.Context, by data.Viewer, r *Request, im *data.Import) (plan, *reader, error) {
	rd, err := newStatisticReader(r.Input, r.Options, r.Format)
	if err != nil {
		return nil, nil, err
	}
	p := &statisticsPlan{by: by, file: r.Input.Name}
	if p.table, err = rd.statistics(ctx, r.Progress); err == nil {
		err = rd.usable()
	}
	im.Edition = onlyOne(p.table.Editions())
	return p, rd, err
}

// ReadStatistics reads figures from a file, sorted, each key once; those of which nothing
// tells the edition have that of the file's last year. format is a format's ID, "" to
// detect it. The report is never nil unless the format isn't found; the error is a
// *data.RejectedError when the file can't be read or gives no figure, else that of ctx.
func ReadStatistics(ctx context.Context, in *source.Input, opt source.Options, format string) (*data.StatisticTable, *Report, error) {
	r, err := newStatisticReader(in, opt, format)
	if err != nil {
		return nil, nil, err
	}
	table, err := r.statistics(ctx, nil)
	rep, err := r.conclude(err)
	if err != nil {
		return nil, rep, err
	}
	return table, rep, nil
}

func newStatisticReader(in *source.Input, opt source.Options, format string) (*reader, error) {
	opt.Layer = data.LayerStatistics
	if opt.Edition != "" && !data.ValidEditionLabel(opt.Edition) {
		return nil, source.Reject(source.Location{File: in.Name}, data.CodeInvalidEdition,
			"l’édition doit être un millésime ou un mot court\u00a0: lettres, chiffres, tiret.",
			"the edition must be a year or a short word: letters, digits, hyphen.")
	}
	return newReader(in, opt, format)
}

// statistics reads figures; the table is never nil.
func (r *reader) statistics(ctx context.Context, progress func(done, total int64)) (*data.StatisticTable, error) {
	table := new(data.StatisticTable)
	member := r.in.Name
	err := r.run(ctx, source.Sink{Statistic: func(s *data.Statistic, loc source.Location) error {
		if err := r.stopped(); err != nil {
			return err
		}
		r.begin(loc)
		checked := *s
		if checked.Edition == "" {
			checked.Edition = "0" // given below, by the whole file
		}
		if problems := checked.Validate(); len(problems) > 0 {
			r.reject(loc, problems...)
			return r.stopped()
		}
		member = loc.File
		table.Append(s, uint32(loc.Line)) // files are limited to fewer lines
		return r.keep(loc)
	}}, progress)
	if err != nil {
		return table, err
	}
	table.SetEdition(fmt.Sprint(table.LastYear()))
	table.Sort()
	return r.unique(table, member), nil
}

// onlyOne is the one text of a list, empty when there are several.
func onlyOne(list []string) string {
	if len(list) != 1 {
		return ""
	}
	return list[0]
}

// unique keeps the first of the figures that share a key and reports the others.
func (r *reader) unique(table *data.StatisticTable, file string) *data.StatisticTable {
	var last, s data.Statistic
	var first uint32
	var repeated []int
	for i := range table.Len() {
		line := table.At(i, &s)
		if i == 0 || data.StatisticOrder(&last, &s) != 0 {
			last, first = s, line
			continue
		}
		repeated = append(repeated, i)
		r.counts.Kept--
		r.lastRejected = source.Location{}
		r.reject(source.Location{File: file, Line: int(line)}, data.Problem{
			Severity: data.SeverityError, Code: source.CodeDuplicateID, Record: s.Area, Value: data.Clip(fmt.Sprint(s.Indicator, " ", s.Year)),
			Message: data.Text{
				FR: fmt.Sprintf("chiffre déjà donné à la ligne %d pour %s, %s, %d\u00a0: celui-ci est écarté.", first, s.Area, s.Indicator, s.Year),
				EN: fmt.Sprintf("figure already given on line %d for %s, %s, %d: this one is set aside.", first, s.Area, s.Indicator, s.Year),
			},
		})
	}
	if repeated == nil {
		return table
	}
	return table.Subset(func(i int) bool {
		_, again := slices.BinarySearch(repeated, i)
		return !again
	})
}

// seriesCount counts what becomes of the figures of one indicator.
type seriesCount struct{ created, updated, unchanged int }

type seriesName struct {
	source, indicator, edition string
	level                      data.StatisticLevel
}

func (p *statisticsPlan) compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error {
	counts := map[seriesName]*seriesCount{}
	// skip marks the figures that are not written.
	skip := make([]bool, p.table.Len())
	skipped := 0
	var own data.Statistic
	next := 0
	count := func(s *data.Statistic) *seriesCount {
		name := seriesName{s.Source, s.Indicator, s.Edition, s.Level}
		c := counts[name]
		if c == nil {
			c = new(seriesCount)
			counts[name] = c
		}
		return c
	}
	// settle decides what becomes of the next figure of the file, given the stored one
	// of the same key, nil when there is none.
	settle := func(line uint32, stored *data.Statistic) {
		i := next
		next++
		if !p.by.MayIn(data.RightImport, own.Department) || stored != nil && !p.by.MayIn(data.RightImport, stored.Department) {
			im.Counts.Rejected++
			found.add(at(source.Location{File: p.file, Line: int(line)}, outsideScope(own.Area, own.Department)))
			skip[i] = true
			skipped++
			return
		}
		switch c := count(&own); {
		case stored == nil:
			c.created++
		case sameStatistic(stored, &own):
			c.unchanged++
			skip[i] = true
			skipped++
		default:
			c.updated++
		}
	}
	filter := data.StatisticFilter{Sources: p.table.Sources(), Editions: p.table.Editions(), Departments: p.table.Departments()}
	err := store.Statistics(ctx, filter, func(stored *data.Statistic) error {
		for next < p.table.Len() {
			line := p.table.At(next, &own)
			switch order := data.StatisticOrder(&own, stored); {
			case order < 0:
				settle(line, nil)
				continue
			case order == 0:
				settle(line, stored)
			}
			return nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	for next < p.table.Len() {
		if next%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		settle(p.table.At(next, &own), nil)
	}
	b.PutStatistics = p.table
	if skipped > 0 {
		b.PutStatistics = p.table.Subset(func(i int) bool { return !skip[i] })
	}
	p.summary(counts, im, changes)
	return nil
}

// summary makes one change of each indicator: a national file has millions of figures.
func (p *statisticsPlan) summary(counts map[seriesName]*seriesCount, im *data.Import, changes *changeList) {
	names := make([]seriesName, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b seriesName) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.edition, b.edition), cmp.Compare(a.level, b.level))
	})
	for _, name := range names {
		c := counts[name]
		im.Counts.Created += c.created
		im.Counts.Updated += c.updated
		im.Counts.Unchanged += c.unchanged
		if c.created+c.updated == 0 {
			continue
		}
		change := data.Change{
			Kind: data.ChangeNew, Record: name.source + "." + name.edition + "." + name.indicator + "." + string(name.level),
			After: fmt.Sprintf("+%d ~%d =%d", c.created, c.updated, c.unchanged),
		}
		if in, ok := data.StatisticIndicatorByID(name.indicator); ok {
			change.Name = in.Label.FR
		}
		if c.updated > 0 {
			change.Kind = data.ChangeAttributes
		}
		changes.add(change)
	}
}

// sameStatistic compares what two statistics of one key say.
func sameStatistic(a, b *data.Statistic) bool {
	return a.Department == b.Department && a.Status == b.Status && a.Unit == b.Unit && a.Estimated == b.Estimated &&
		samePointee(a.Value, b.Value) && samePointee(a.Count, b.Count) && samePointee(a.Denominator, b.Denominator)
}
