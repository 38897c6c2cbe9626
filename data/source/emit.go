package source

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"vigie/data"
)

// Emitter hands records and problems to a Sink, minds the context and tells the
// progress. It spares formats the nil checks.
type Emitter struct {
	ctx  context.Context
	in   *Input
	sink Sink
	n    int

	// Identifiers seen and their lines. As long as they come in rising order, as in
	// most registers, none can be a duplicate and the map is not needed: the
	// identifiers stand one after the other in ids, each up to its end.
	ids  []byte
	past []idEnd
	seen map[string]int

	streak int // records in error since the last good one
}

// tickEvery is how many records pass between two looks at the context.
const tickEvery = 512

// NewEmitter reports first what opening the input noticed.
func NewEmitter(ctx context.Context, in *Input, sink Sink) *Emitter {
	e := &Emitter{ctx: ctx, in: in, sink: sink}
	for _, p := range in.notes {
		e.Problem(p)
	}
	return e
}

// maxStreak is how many records may be in error one after the other before the
// file is not worth reading on.
const maxStreak = 10_000

// Tick counts a record read. It gives the context's error once it is done, and a
// *data.RejectedError once a very long run of records is in error.
func (e *Emitter) Tick() error {
	if e.streak > maxStreak {
		return Reject(Location{File: e.in.Name}, "too-many-errors",
			fmt.Sprintf("plus de %d enregistrements de suite en erreur : le fichier n’est sans doute pas de ce format, ou son séparateur est un autre.", maxStreak),
			fmt.Sprintf("more than %d records in error one after the other: the file is probably not of this format, or its separator is another one.", maxStreak))
	}
	if e.n++; e.n%tickEvery != 1 {
		return nil
	}
	if e.sink.Progress != nil {
		e.sink.Progress(e.in.Consumed())
	}
	return e.ctx.Err()
}

// Done tells the end of the progress.
func (e *Emitter) Done() {
	if e.sink.Progress != nil {
		e.sink.Progress(e.in.Size)
	}
}

// Problem reports p.
func (e *Emitter) Problem(p data.Problem) {
	if e.sink.Problem != nil {
		e.sink.Problem(p)
	}
}

// Problems reports findings about one record, after giving them its location.
func (e *Emitter) Problems(found []data.Problem, at Location, record string) {
	if len(found) == 0 || e.sink.Problem == nil {
		return
	}
	for _, p := range Locate(found, at, record) {
		e.sink.Problem(p)
	}
}

// Error reports that a record is skipped.
func (e *Emitter) Error(at Location, record, code, field, value, fr, en string) {
	e.streak++
	e.Problem(data.Problem{
		Severity: data.SeverityError, Code: code, File: at.File, Line: at.Line, Column: at.Column,
		Record: record, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
	})
}

// Duplicate tells whether a record with this identifier came before; the one at
// hand is then reported, to be skipped. Identifiers are what memory grows with.
func (e *Emitter) Duplicate(id string, at Location) bool {
	if e.seen == nil {
		if n := len(e.past); n == 0 || len(e.ids) < maxIDs && rises(e.ids[e.idStart(n-1):], id) {
			e.ids = append(e.ids, id...)
			e.past = append(e.past, idEnd{uint32(len(e.ids)), int32(at.Line)})
			e.streak = 0
			return false
		}
		e.seen = make(map[string]int, 2*len(e.past))
		all := string(e.ids)
		for i, p := range e.past {
			e.seen[all[e.idStart(i):p.end]] = int(p.line)
		}
		e.ids, e.past = nil, nil
	}
	first, ok := e.seen[id]
	if !ok {
		e.seen[id] = at.Line
		e.streak = 0
		return false
	}
	e.Error(at, id, "duplicate-id", "", id,
		fmt.Sprintf("identifiant déjà vu à la ligne %d : ce second enregistrement est écarté.", first),
		fmt.Sprintf("identifier already seen on line %d: this second record is set aside.", first))
	return true
}

// idEnd is where an identifier ends in Emitter.ids, and its line.
type idEnd struct {
	end  uint32
	line int32
}

// maxIDs is how many bytes Emitter.ids holds before the map takes over.
const maxIDs = 1 << 31

func (e *Emitter) idStart(i int) uint32 {
	if i == 0 {
		return 0
	}
	return e.past[i-1].end
}

// rises tells whether b comes strictly after a, shorter identifiers first.
func rises(a []byte, b string) bool {
	return len(b) > len(a) || len(b) == len(a) && b > string(a)
}

// Filtered tells of a record not asked for.
func (e *Emitter) Filtered(reason string) {
	e.streak = 0
	if e.sink.Filtered != nil {
		e.sink.Filtered(reason)
	}
}

// Site hands a site over.
func (e *Emitter) Site(s data.Site, at Location) error {
	e.streak = 0
	if e.sink.Site == nil {
		return nil
	}
	return e.sink.Site(s, at)
}

// Zone hands a zone over.
func (e *Emitter) Zone(z data.Zone, at Location) error {
	e.streak = 0
	if e.sink.Zone == nil {
		return nil
	}
	return e.sink.Zone(z, at)
}

// Place hands a place over.
func (e *Emitter) Place(p data.Place, at Location) error {
	e.streak = 0
	if e.sink.Place == nil {
		return nil
	}
	return e.sink.Place(p, at)
}

// Area hands an area over.
func (e *Emitter) Area(a data.Area, at Location) error {
	e.streak = 0
	if e.sink.Area == nil {
		return nil
	}
	return e.sink.Area(a, at)
}

// Statistic hands a figure over.
func (e *Emitter) Statistic(s *data.Statistic, at Location) error {
	e.streak = 0
	if e.sink.Statistic == nil {
		return nil
	}
	return e.sink.Statistic(s, at)
}

// TextHead gives the beginning of a member as UTF-8, about n bytes of it, to detect
// its format; false, with what comes before, when it can't be read or is binary.
func TextHead(m Member, n int) ([]byte, bool) {
	raw, err := m.Head(n)
	if err != nil || len(raw) == 0 {
		return nil, false
	}
	// A rune cut at the end must not decide the encoding.
	if cut := unfinished(raw); cut > 0 && len(raw) == n {
		raw = raw[:len(raw)-cut]
	}
	text, err := io.ReadAll(NewText(bytes.NewReader(raw), m.File()))
	return text, err == nil
}
