package ingest

import (
	"cmp"
	"slices"

	"vigie/data"
	"vigie/data/source"
)

// Codes of the problems that importing adds to those of data, data/source and
// geo/repair. They are stable.
const (
	CodeNoRecords       = "no-records"
	CodeNothingUsable   = "nothing-usable"
	CodeNothingAskedFor = "nothing-asked-for"
	CodeStrict          = "strict"
	CodePartlyOutside   = "partly-outside-france"
	CodeFileSwapped     = "file-swapped"
	CodeMixedEditions   = "mixed-editions"
	CodeMixedKinds      = "mixed-kinds"
	CodeUndatedEdition  = "undated-edition"
	CodeDoubtfulKind    = "doubtful-kind"
	CodeSharedPoint     = "shared-point"
	CodeOutsideScope    = "outside-scope"
	CodePositionDropped = "position-dropped"
	CodePositionOlder   = "position-older-than-address"
	CodeMissingRecords  = "missing-records"
	CodeAlreadyExists   = "already-exists"
	CodeAlreadyClosed   = "already-closed"
	CodeAlreadyOpen     = "already-open"
	CodeMerged          = "merged-record"
	CodeMergeWithItself = "merge-with-itself"
	CodeTooManyRecords  = "too-many-records"
)

// Report tells what a stateless reading found. Counts.Read is always Kept + Filtered +
// Rejected.
type Report struct {
	// Format is the ID of the format that read the file.
	Format string
	Counts data.Counts
	// Problems are at most data.MaxProblems, worst first, then in file order.
	Problems []data.Problem
	// ProblemCounts counts all problems by code, those beyond the cap too.
	ProblemCounts map[string]int
}

// findings collects problems in bounded memory: data.MaxProblems of each severity, and
// the number of all.
type findings struct {
	errors, warnings, infos []data.Problem
	counts                  map[string]int
	total                   int // of error severity
}

func newFindings() *findings { return &findings{counts: map[string]int{}} }

func (f *findings) add(p data.Problem) {
	f.counts[p.Code]++
	list := &f.infos
	switch p.Severity {
	case data.SeverityError:
		list = &f.errors
		f.total++
	case data.SeverityWarning:
		list = &f.warnings
	case data.SeverityInfo:
	}
	if len(*list) < data.MaxProblems {
		*list = append(*list, p)
	}
}

// clone lets a plan that is computed several times add its own problems to those of the file.
func (f *findings) clone() *findings {
	c := &findings{
		errors: slices.Clone(f.errors), warnings: slices.Clone(f.warnings), infos: slices.Clone(f.infos),
		counts: make(map[string]int, len(f.counts)), total: f.total,
	}
	for code, n := range f.counts {
		c.counts[code] = n
	}
	return c
}

// list gives the problems to keep, worst first. It is never nil: JSON shows [].
func (f *findings) list() []data.Problem {
	all := slices.Concat(make([]data.Problem, 0, 1), f.errors, f.warnings, f.infos)
	return all[:min(len(all), data.MaxProblems)]
}

// at locates a problem where a record stands.
func at(loc source.Location, p data.Problem) data.Problem {
	p.File, p.Line = loc.File, loc.Line
	if p.Column == 0 {
		p.Column = loc.Column
	}
	return p
}

// changeRank is the order in which an import shows its changes: what needs a look
// first. New records come last: the first import of a file has nothing else.
func changeRank(k data.ChangeKind) int {
	return slices.Index([]data.ChangeKind{
		data.ChangeKeptByHand, data.ChangeMoved, data.ChangeCategory, data.ChangeReopened, data.ChangeClosed,
		data.ChangeGone, data.ChangeAttributes, data.ChangeNew,
	}, k)
}

// changeList collects the changes of an import in bounded memory: the data.MaxProblems
// that need a look first, and the number of all by kind.
type changeList struct {
	first  []data.Change
	counts map[string]int
}

func newChangeList() *changeList { return &changeList{counts: map[string]int{}} }

func (l *changeList) add(c data.Change) {
	l.counts[string(c.Kind)]++
	if l.first = append(l.first, c); len(l.first) >= 4*data.MaxProblems {
		l.cut()
	}
}

// cut keeps the changes that come first; of equals, those added first.
func (l *changeList) cut() {
	slices.SortStableFunc(l.first, func(a, b data.Change) int {
		return cmp.Or(cmp.Compare(changeRank(a.Kind), changeRank(b.Kind)), cmp.Compare(a.Record, b.Record))
	})
	l.first = l.first[:min(len(l.first), data.MaxProblems)]
}

// list gives the changes to keep. It is never nil: JSON shows [].
func (l *changeList) list() []data.Change {
	l.cut()
	return slices.Concat(make([]data.Change, 0, 1), l.first)
}
