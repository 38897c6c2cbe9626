package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"vigie/data"
	"vigie/data/source"
)

// placesPlan and areasPlan replace records by key: nobody corrects them by hand, and
// editions of a file take one another's place.
type placesPlan struct {
	by     data.Viewer
	file   string
	remove bool // of places that are missing
	places []data.Place
	locs   []source.Location
}

func readPlacesPlan(ctx context.Context, by data.Viewer, r *Request) (plan, *reader, error) {
	rd, err := newPlaceReader(r.Input, r.Options, r.Format)
	if err != nil {
		return nil, nil, err
	}
	p := &placesPlan{by: by, file: r.Input.Name, remove: r.CloseMissing}
	err = rd.places(ctx, r.Progress, func(pl data.Place, loc source.Location) {
		p.places, p.locs = append(p.places, pl), append(p.locs, loc)
	})
	if err == nil {
		err = rd.usable()
	}
	return p, rd, err
}

// ReadPlaces reads places from a file, each with an identifier, issued where the file
// gives none. format is a format's ID, "" to detect it. The report is never nil unless
// the format isn't found; the error is a *data.RejectedError when the file can't be read
// or gives no place, else that of ctx.
func ReadPlaces(ctx context.Context, in *source.Input, opt source.Options, format string) ([]data.Place, *Report, error) {
	r, err := newPlaceReader(in, opt, format)
	if err != nil {
		return nil, nil, err
	}
	var places []data.Place
	rep, err := r.conclude(r.places(ctx, nil, func(p data.Place, _ source.Location) { places = append(places, p) }))
	if err != nil {
		return nil, rep, err
	}
	return places, rep, nil
}

func newPlaceReader(in *source.Input, opt source.Options, format string) (*reader, error) {
	opt.Layer = data.LayerPlaces
	return newReader(in, opt, format)
}

// places reads places.
func (r *reader) places(ctx context.Context, progress func(done, total int64), fn func(data.Place, source.Location)) error {
	return r.run(ctx, source.Sink{Place: func(pl data.Place, loc source.Location) error {
		if err := r.stopped(); err != nil {
			return err
		}
		r.begin(loc)
		if !r.opt.KeepsDepartment(pl.DepartmentCode) {
			r.filter(loc)
			return nil
		}
		if pl.ID == "" {
			pl.ID = placeID(&pl)
		}
		problems := pl.Sanitize()
		for _, pr := range problems {
			if pr.Severity == data.SeverityError {
				r.reject(loc, problems...)
				return r.stopped()
			}
		}
		for _, pr := range problems {
			r.found.add(at(loc, pr))
		}
		if err := r.keep(loc); err != nil {
			return err
		}
		if pl.Position == nil {
			r.counts.Unlocated++
		}
		fn(pl, loc)
		return nil
	}}, progress)
}

// placeID makes an identifier of what a place is and where, for files that give none.
func placeID(p *data.Place) string {
	lon, lat := "", ""
	if p.Position != nil {
		lon = strconv.FormatFloat(p.Position.Point[0], 'f', 6, 64)
		lat = strconv.FormatFloat(p.Position.Point[1], 'f', 6, 64)
	}
	return source.IssuedID(p.Kind, p.Kind, p.Name, p.CommuneCode, lon, lat)
}

func (p *placesPlan) compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error {
	stored := map[string]*data.Place{}
	err := store.Places(ctx, nil, func(pl *data.Place) error {
		stored[pl.ID] = pl
		return nil
	})
	if err != nil {
		return err
	}
	for i := range p.places {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		pl := &p.places[i]
		st := stored[pl.ID]
		if !p.by.MayIn(data.RightImport, pl.DepartmentCode) || st != nil && !p.by.MayIn(data.RightImport, st.DepartmentCode) {
			im.Counts.Rejected++
			found.add(at(p.locs[i], outsideScope(pl.ID, pl.DepartmentCode)))
			continue
		}
		c := data.Change{Kind: data.ChangeNew, Record: pl.ID, Name: pl.Name}
		switch {
		case st == nil:
			im.Counts.Created++
		case samePlace(st, pl):
			im.Counts.Unchanged++
			continue
		default:
			im.Counts.Updated++
			c.Kind = data.ChangeAttributes
			if !samePointee(st.Position, pl.Position) {
				c.Kind, c.DistanceM = data.ChangeMoved, distance(st.Position, pl.Position)
			}
		}
		changes.add(c)
		b.PutPlaces = append(b.PutPlaces, *pl)
	}
	p.missing(stored, b, im, found, changes)
	return nil
}

// missing reports the places that an earlier edition of the same official file gave, of
// the kinds and départements of this one, and that it no longer has; they are removed
// when that is asked for.
func (p *placesPlan) missing(stored map[string]*data.Place, b *data.Batch, im *data.Import, found *findings, changes *changeList) {
	type part struct{ source, kind, department string }
	covered, present := map[part]bool{}, map[string]bool{}
	for i := range p.places {
		pl := &p.places[i]
		present[pl.ID] = true
		covered[part{pl.Source, pl.Kind, pl.DepartmentCode}] = pl.Source != ""
	}
	for id, st := range stored {
		if present[id] || !covered[part{st.Source, st.Kind, st.DepartmentCode}] || !p.by.MayIn(data.RightImport, st.DepartmentCode) {
			continue
		}
		changes.add(data.Change{Kind: data.ChangeGone, Record: id, Name: st.Name})
		im.Counts.Missing++
		if p.remove {
			b.DropPlaces = append(b.DropPlaces, id)
		}
	}
	slices.Sort(b.DropPlaces) // maps have no order
	if im.Counts.Missing > 0 && !p.remove {
		found.add(data.Problem{
			Severity: data.SeverityWarning, Code: CodeMissingRecords, File: p.file,
			Message: data.Text{
				FR: fmt.Sprintf("%d lieux de l’édition précédente de ce fichier n’y figurent plus : ils sont gardés. Pour les retirer : --close-missing.", im.Counts.Missing),
				EN: fmt.Sprintf("%d places of the previous edition of this file are no longer in it: they are kept. To remove them: --close-missing.", im.Counts.Missing),
			},
		})
	}
}

func samePlace(a, b *data.Place) bool {
	x, y := *a, *b
	x.Position, y.Position, x.OpenAtNight, y.OpenAtNight = nil, nil, nil, nil
	return x == y && samePointee(a.Position, b.Position) && samePointee(a.OpenAtNight, b.OpenAtNight)
}

type areasPlan struct {
	by    data.Viewer
	areas []data.Area
	locs  []source.Location
}

func readAreasPlan(ctx context.Context, by data.Viewer, r *Request) (plan, *reader, error) {
	opt := r.Options
	opt.Layer = data.LayerAreas
	rd, err := newReader(r.Input, opt, r.Format)
	if err != nil {
		return nil, nil, err
	}
	p := &areasPlan{by: by}
	err = rd.run(ctx, source.Sink{Area: func(a data.Area, loc source.Location) error {
		if err := rd.stopped(); err != nil {
			return err
		}
		rd.begin(loc)
		problems := a.Validate()
		for _, pr := range problems {
			if pr.Severity == data.SeverityError {
				rd.reject(loc, problems...)
				return rd.stopped()
			}
		}
		geometry, more, repaired, ok := rd.outline(a.Code, a.Geometry, loc)
		if !ok {
			rd.reject(loc, append(problems, more...)...)
			return rd.stopped()
		}
		for _, pr := range append(problems, more...) {
			rd.found.add(at(loc, pr))
		}
		if repaired {
			rd.counts.Repaired++
		}
		a.Geometry = geometry
		p.areas, p.locs = append(p.areas, a), append(p.locs, loc)
		return rd.keep(loc)
	}}, r.Progress)
	if err == nil {
		err = rd.usable()
	}
	return p, rd, err
}

func (p *areasPlan) compare(ctx context.Context, store data.Store, b *data.Batch, im *data.Import, found *findings, changes *changeList) error {
	stored := map[string]*data.Area{}
	err := store.Areas(ctx, nil, func(a *data.Area) error {
		stored[a.Level+"/"+a.Code] = a
		return nil
	})
	if err != nil {
		return err
	}
	for i := range p.areas {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		a := &p.areas[i]
		if !p.by.MayIn(data.RightImport, a.DepartmentCode) {
			im.Counts.Rejected++
			found.add(at(p.locs[i], outsideScope(a.Code, a.DepartmentCode)))
			continue
		}
		c := data.Change{Kind: data.ChangeNew, Record: a.Level + "/" + a.Code, Name: a.Name}
		switch st := stored[a.Level+"/"+a.Code]; {
		case st == nil:
			im.Counts.Created++
		case st.Name == a.Name && st.DepartmentCode == a.DepartmentCode && st.Geometry.Equal(a.Geometry):
			im.Counts.Unchanged++
			continue
		default:
			im.Counts.Updated++
			c.Kind = data.ChangeAttributes
			if !st.Geometry.Equal(a.Geometry) {
				c.Kind = data.ChangeMoved
			}
		}
		changes.add(c)
		b.PutAreas = append(b.PutAreas, *a)
	}
	return nil
}
