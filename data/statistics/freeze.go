package statistics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/disclosure"
)

// Request asks for an edition.
type Request struct {
	Quarter string // "2026-Q3", over by Now
	// Note says what a correction corrects: required when the quarter has an edition, and
	// public.
	Note string
	Now  time.Time
}

// maxNote bounds a note, in bytes.
const maxNote = 500

// Freeze builds the edition of a quarter from a snapshot, attacks it together with all
// stored ones, and stores it for good. A quarter that has an edition gets a new revision.
//
// by must see every home exactly, no restricted layer, and have RightImport everywhere;
// the error is data.ErrForbidden otherwise, ErrPending while scores are being computed,
// a *data.InvalidError for a wrong request, a *data.RejectedError when the edition would
// give a hidden figure away, and data.ErrConflict when another edition was frozen meanwhile.
// None leaves a trace.
func Freeze(ctx context.Context, store data.PublishedStatistics, sn *snapshot.Snapshot, by data.Viewer, q Request) (*Edition, error) {
	at, err := parseQuarter(q.Quarter, q.Now)
	if err != nil {
		return nil, err
	}
	editions, err := store.PublishedEditions(ctx)
	if err != nil {
		return nil, err
	}
	id, revision, err := q.identify(editions)
	if err != nil {
		return nil, err
	}
	day := at.last().Format(time.DateOnly)
	register, err := Read(sn, by, day)
	if err != nil {
		return nil, err
	}
	if len(register.Homes) == 0 {
		return nil, invalid("quarter", q.Quarter, "il n’y a aucun foyer du registre public ce jour-là.", "there is no home of the public register on that day.")
	}
	stored, err := storedTables(ctx, store, by, editions)
	if err != nil {
		return nil, err
	}
	r, err := compile(register, q.Quarter, stored)
	if err != nil {
		return nil, err
	}
	e := r.edition()
	e.ID, e.Quarter, e.Revision, e.Note = id, q.Quarter, revision, q.Note
	e.ReferenceDay, e.FrozenAt = day, q.Now.UTC().Truncate(time.Second)
	if at.number == 4 {
		e.Year = at.year
	}
	for i := range e.Measures {
		e.Measures[i].Date = day
	}
	e.Citation = data.Text{
		FR: fmt.Sprintf("Vigie, statistiques publiques sur l’exposition des foyers, édition %s, arrêtée le %s.", id, e.FrozenAt.Format("02/01/2006")),
		EN: fmt.Sprintf("Vigie, public statistics on the exposure of homes, edition %s, frozen on %s.", id, e.FrozenAt.Format(time.DateOnly)),
	}
	document, sum, err := e.encode()
	if err != nil {
		return nil, err
	}
	counts, err := json.Marshal(r.freeze())
	if err != nil {
		return nil, err
	}
	published := &data.PublishedEdition{
		Sequence: int64(len(editions)) + 1, ID: id, Quarter: q.Quarter, Revision: revision, Note: q.Note,
		FrozenAt: e.FrozenAt, SHA256: sum, Document: document,
	}
	entry := data.AuditEntry{At: q.Now, Subject: by.Subject(), Action: data.ActionPublish, Records: []string{id}, Count: len(e.Cells), Purpose: by.Purpose()}
	if err := store.PublishEdition(ctx, by, published, counts, entry); err != nil {
		return nil, err
	}
	return e, nil
}

// identify names the edition: the quarter, or its next revision.
func (q Request) identify(editions []data.PublishedEdition) (id string, revision int, err error) {
	for _, e := range editions {
		if e.Quarter == q.Quarter {
			revision = max(revision, e.Revision+1)
		}
	}
	switch note := strings.TrimSpace(q.Note); {
	case len(q.Note) > maxNote:
		return "", 0, invalid("note", q.Note, "la note est trop longue.", "the note is too long.")
	case revision == 0 && note != "":
		return "", 0, invalid("note", q.Note, "la première édition d’un trimestre ne corrige rien.", "the first edition of a quarter corrects nothing.")
	case revision == 0:
		return q.Quarter, 0, nil
	case note == "":
		return "", 0, invalid("note", "", "ce trimestre a déjà une édition\u00a0: une note publique doit dire ce que la nouvelle corrige.", "this quarter has an edition: a public note must say what the new one corrects.")
	}
	return fmt.Sprintf("%s-r%d", q.Quarter, revision), revision, nil
}

// storedTables are the editions so far, oldest first; counts and editions are in the same order.
func storedTables(ctx context.Context, store data.PublishedStatistics, by data.Viewer, editions []data.PublishedEdition) ([]frozen, error) {
	counts, err := store.FrozenCounts(ctx, by)
	if err != nil {
		return nil, err
	}
	stored := make([]frozen, len(editions))
	for i, e := range editions {
		stored[i].quarter = e.Quarter
		if err := json.Unmarshal(counts[i].Counts, &stored[i].tables); err != nil {
			return nil, fmt.Errorf("counts of edition %s: %w", e.ID, err)
		}
	}
	return stored, nil
}

// edition is what the public gets of the release, but for its name and date.
func (r *release) edition() *Edition {
	e := &Edition{
		Title: data.Text{
			FR: "Exposition des lieux d’accueil de la protection de l’enfance", EN: "Exposure of the places where child protection houses children",
		},
		Licence: OpenLicence, Rules: rules, QPV: r.register.QPV, Profile: r.register.Profile,
		ListedOnly: true, Areas: r.areas,
	}
	for _, level := range levels {
		e.Suppression = append(e.Suppression, r.suppression(r.figures, level))
	}
	for i := range measures {
		m := &measures[i]
		out := Measure{
			ID: m.ID, Label: m.Label, Definition: m.Definition, Unit: units[m.Counts], Source: m.Source, Quality: m.Quality,
			Coverage: r.register.coverage(m), PartOf: m.PartOf,
		}
		for _, level := range levels {
			if r.has(m, level) {
				out.Levels = append(out.Levels, level)
			}
		}
		e.Measures = append(e.Measures, out)
	}
	for a := range r.areas {
		area := &r.areas[a]
		homes, _ := r.figure(area, &measures[0])
		for i := range measures {
			m := &measures[i]
			if !r.has(m, area.Level) {
				continue
			}
			c := Cell{Level: area.Level, Area: area.Code, Measure: m.ID, Status: StatusNoReport}
			if f, ok := r.figure(area, m); ok && f.Hidden() {
				c.Status = StatusHidden
			} else if ok {
				value := f.Value
				c.Status, c.Value = StatusPublished, &value
				if share := disclosure.Rate(f, homes, 1); m.Counts == disclosure.Facilities && m.ID != measureHomes && !math.IsNaN(share) {
					share = math.Round(share*1000) / 1000
					c.Share = &share
				}
			}
			e.Cells = append(e.Cells, c)
		}
	}
	return e
}

// figure is what is published of a cell; false when nothing was reported.
func (r *release) figure(a *Area, m *measure) (disclosure.Figure, bool) {
	i, ok := r.tables[m.Counts].index[key(a, m.ID)]
	if !ok {
		return disclosure.Figure{Reason: disclosure.UnderThreshold}, false
	}
	return r.figures[m.Counts][i], true
}
