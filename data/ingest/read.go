package ingest

import (
	"context"
	"fmt"
	"slices"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/all"
	"vigie/geo/repair"
)

// hopelessAfter is how many records in a row, from the first, may be rejected before a
// file is given up: it is not what it was taken for, and reading on would only cost time.
const hopelessAfter = 1000

// maxRecords is how many records of a layer one file may give. They are held in memory
// until the file is known to be good: homes take about 2 kB each, places less. The
// register has some thousands of homes, the BPE 2.8 million places of all types, France
// 35,000 communes; statistics are held in a compact table.
var maxRecords = map[data.Layer]int{
	data.LayerSites:      200_000,
	data.LayerZones:      100_000,
	data.LayerPlaces:     1_000_000,
	data.LayerAreas:      100_000,
	data.LayerStatistics: 50_000_000,
}

// reader runs a format over an input and counts what becomes of each record.
type reader struct {
	in     *source.Input
	opt    source.Options
	format source.Format
	found  *findings
	counts data.Counts

	// lastKept, lastRejected and lastFiltered are where the latest record of each fate
	// stands: a record with several problems, or a problem and kept, counts once.
	lastKept, lastRejected, lastFiltered source.Location
	// held are the problems of the record being read, dropped if it is not asked for.
	held []data.Problem

	// cosmetic are fixes that change nothing of what an outline covers, told once for a file.
	cosmetic map[repair.Kind]*cosmeticFix

	// limit is how many records may be kept or rejected, 0 for any number.
	limit int

	abort  *data.RejectedError
	cancel context.CancelFunc
}

// newReader finds the format: the one named, or the one that recognises the input.
// Errors are *data.RejectedError.
func newReader(in *source.Input, opt source.Options, formatID string) (*reader, error) {
	format, err := chooseFormat(in, opt.Layer, formatID)
	if err != nil {
		return nil, err
	}
	return &reader{in: in, opt: opt, format: format, found: newFindings(), limit: maxRecords[opt.Layer]}, nil
}

func chooseFormat(in *source.Input, layer data.Layer, id string) (source.Format, error) {
	if id == "" {
		return all.Detect(in, layer)
	}
	format, ok := all.ByID(id)
	if !ok {
		return nil, all.Unknown(id)
	}
	if !slices.Contains(format.Layers(), layer) {
		fr, en := layerName(layer)
		return nil, source.Reject(source.Location{File: in.Name}, all.CodeWrongLayer,
			"le format "+source.Quote(id)+" ne donne pas de "+fr+".",
			"format "+source.QuoteEN(id)+" gives no "+en+".")
	}
	return format, nil
}

// layerName names the records of a layer, in the plural.
func layerName(l data.Layer) (fr, en string) {
	switch l {
	case data.LayerSites:
		return "foyers", "homes"
	case data.LayerZones:
		return "zones", "zones"
	case data.LayerPlaces:
		return "lieux", "places"
	case data.LayerAreas:
		return "unités administratives", "administrative units"
	case data.LayerStatistics:
		return "statistiques", "statistics"
	}
	return string(l), string(l)
}

// run reads the input. The sink's functions for records are the caller's; those for
// problems, filtered records and progress are set here. The caller's functions call keep,
// reject or filter once for each record.
func (r *reader) run(ctx context.Context, sink source.Sink, progress func(done, total int64)) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	r.cancel = cancel
	sink.Problem = r.problem
	sink.Filtered = func(string) { r.counts.Filtered++ }
	if progress != nil {
		sink.Progress = func(done int64) { progress(min(done, r.in.Size), r.in.Size) }
	}
	err := r.format.Read(inner, r.in, r.opt, sink)
	r.release()
	switch {
	case r.abort != nil:
		return r.abort
	case err != nil:
		return err
	}
	r.cosmeticNotes()
	r.swappedNote()
	if progress != nil {
		progress(r.in.Size, r.in.Size)
	}
	return ctx.Err()
}

// problem receives what the format finds.
func (r *reader) problem(p data.Problem) {
	loc := source.Location{File: p.File, Line: p.Line, Column: p.Column}
	if p.Severity == data.SeverityError {
		r.found.add(p)
		if !r.onlyPosition(p.Code) && !sameRecord(loc, r.lastKept) && !sameRecord(loc, r.lastRejected) {
			r.countRejected(loc)
		}
		return
	}
	if sameRecord(loc, r.lastFiltered) {
		return
	}
	r.held = append(r.held, p)
	if len(r.held) > 64 {
		r.release()
	}
}

// onlyPosition tells of an error that costs a home or place its position, not the record,
// which may stand on another line.
func (r *reader) onlyPosition(code string) bool {
	return code == source.CodeUnknownCRS && (r.opt.Layer == data.LayerSites || r.opt.Layer == data.LayerPlaces)
}

// begin opens a record: problems of earlier ones are settled.
func (r *reader) begin(loc source.Location) {
	if len(r.held) == 0 {
		return
	}
	own := r.held[:0]
	for _, p := range r.held {
		if sameRecord(loc, source.Location{File: p.File, Line: p.Line, Column: p.Column}) {
			own = append(own, p)
		} else {
			r.found.add(p)
		}
	}
	r.held = own
}

func (r *reader) release() {
	for _, p := range r.held {
		r.found.add(p)
	}
	r.held = r.held[:0]
}

// keep counts a record that is kept. A format that gave an error about it before gave
// the record all the same: it is not rejected. The error is that of a file with too many.
func (r *reader) keep(loc source.Location) error {
	if sameRecord(loc, r.lastRejected) {
		r.counts.Rejected--
		r.lastRejected = source.Location{}
	}
	r.lastKept = loc
	r.counts.Kept++
	r.checkLimit(loc)
	return r.stopped()
}

// filter counts a record that is not asked for and forgets its lesser problems.
func (r *reader) filter(loc source.Location) {
	r.held = r.held[:0]
	r.lastFiltered = loc
	r.counts.Filtered++
}

// reject counts a record as rejected, with its problems.
func (r *reader) reject(loc source.Location, problems ...data.Problem) {
	for _, p := range problems {
		r.found.add(at(loc, p))
	}
	if !sameRecord(loc, r.lastRejected) {
		r.countRejected(loc)
	}
}

func (r *reader) countRejected(loc source.Location) {
	r.lastRejected = loc
	r.counts.Rejected++
	if r.counts.Rejected >= hopelessAfter && r.counts.Kept+r.counts.Filtered == 0 && r.abort == nil {
		r.abort = r.nothingUsable()
		r.cancel()
	}
	r.checkLimit(loc)
}

// checkLimit gives a file up that has too many records: those rejected count, since
// their identifiers are remembered too.
func (r *reader) checkLimit(loc source.Location) {
	if r.limit == 0 || r.counts.Kept+r.counts.Rejected <= r.limit || r.abort != nil {
		return
	}
	fr, en := layerName(r.opt.Layer)
	r.abort = source.Reject(loc, CodeTooManyRecords,
		fmt.Sprintf("trop d’enregistrements\u00a0: un fichier de %s en donne au plus %d. Vérifiez la couche choisie, ou partagez le fichier.", fr, r.limit),
		fmt.Sprintf("too many records: a file of %s gives at most %d. Check the layer chosen, or split the file.", en, r.limit))
	r.cancel()
}

// stopped is the error that ends a read which was given up.
func (r *reader) stopped() error {
	if r.abort != nil {
		return r.abort
	}
	return nil
}

// sameRecord tells whether two locations are of one record. Formats of lines give the
// record no column; in JSON a line may hold many records.
func sameRecord(a, b source.Location) bool {
	return a.Line > 0 && a.Line == b.Line && a.File == b.File &&
		(a.Column == b.Column || a.Column == 0 || b.Column == 0)
}

// conclude is the report, and the rejection of a file that gave nothing.
func (r *reader) conclude(err error) (*Report, error) {
	r.counts.Read = r.counts.Kept + r.counts.Filtered + r.counts.Rejected
	if err == nil {
		err = r.usable()
	}
	if rejected, ok := source.Rejected(err); ok && !slices.Contains(r.found.errors, rejected.Problem) {
		r.found.add(rejected.Problem)
	}
	return &Report{
		Format: r.format.ID(), Counts: r.counts,
		Problems: r.found.list(), ProblemCounts: r.found.counts,
	}, err
}

// usable is why a file that could be read is refused as a whole, nil when it is not.
func (r *reader) usable() error {
	if r.counts.Kept == 0 {
		return r.nothingKept()
	}
	if (r.opt.Layer == data.LayerSites || r.opt.Layer == data.LayerPlaces) && r.found.counts[source.CodeGeometryType] >= r.counts.Kept {
		return r.onlyOutlines()
	}
	return nil
}

// onlyOutlines refuses a file of which each record has an outline where a point is
// expected: kept, all would be without position.
func (r *reader) onlyOutlines() *data.RejectedError {
	loc := source.Location{File: r.in.Name}
	if i := slices.IndexFunc(r.found.warnings, func(p data.Problem) bool { return p.Code == source.CodeGeometryType }); i >= 0 {
		p := r.found.warnings[i]
		loc = source.Location{File: p.File, Line: p.Line, Column: p.Column}
	}
	fr, en := layerName(r.opt.Layer)
	return source.Reject(loc, all.CodeWrongLayer,
		"des points sont attendus pour des "+fr+", mais ce fichier ne contient que d’autres géométries. S’agit-il de zones\u00a0?",
		"points are expected for "+en+", but this file holds other geometries only. Are these zones?")
}

func (r *reader) nothingKept() *data.RejectedError {
	at := source.Location{File: r.in.Name}
	fr, en := layerName(r.opt.Layer)
	switch {
	case r.counts.Rejected > 0:
		return r.nothingUsable()
	case r.counts.Filtered > 0 && r.opt.Layer != data.LayerSites:
		return source.Reject(at, CodeNothingAskedFor,
			fmt.Sprintf("%d enregistrements lus, dont aucun n’est de ceux qui sont demandés (départements, années, types).", r.counts.Filtered),
			fmt.Sprintf("%d records read, none of which is among those asked for (départements, years, types).", r.counts.Filtered))
	case r.counts.Filtered > 0:
		return source.Reject(at, CodeNothingAskedFor,
			fmt.Sprintf("%d enregistrements lus, dont aucun n’est de ceux qui sont demandés. Les catégories gardées par défaut sont les hébergements de la protection de l’enfance\u00a0; d’autres se demandent par leur code.", r.counts.Filtered),
			fmt.Sprintf("%d records read, none of which is among those asked for. By default the residential homes of child protection are kept; other categories can be asked for by code.", r.counts.Filtered))
	}
	return source.Reject(at, CodeNoRecords,
		"le fichier ne contient pas de "+fr+".",
		"the file holds no "+en+".")
}

// nothingUsable says why no record is left, by the first problem found.
func (r *reader) nothingUsable() *data.RejectedError {
	fr, en := layerName(r.opt.Layer)
	loc := source.Location{File: r.in.Name}
	var first data.Text
	record := ""
	if len(r.found.errors) > 0 {
		p := r.found.errors[0]
		loc = source.Location{File: p.File, Line: p.Line, Column: p.Column}
		first, record = p.Message, p.Record
	}
	rejected := source.Reject(loc, CodeNothingUsable,
		fmt.Sprintf("rien d’utilisable comme %s\u00a0: les %d enregistrements lus sont rejetés. Premier problème\u00a0: %s", fr, r.counts.Rejected, first.FR),
		fmt.Sprintf("nothing usable as %s: all %d records read are rejected. First problem: %s", en, r.counts.Rejected, first.EN))
	rejected.Problem.Record = record
	return rejected
}
