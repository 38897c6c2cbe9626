package ingest

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// EachSite reads homes from a file and calls fn with each valid one, in file order,
// in constant memory but for the identifiers that the format remembers. format is a format's ID, "" to detect it.
//
// A record in error, or whose identifier came before, gives a located problem and is
// left out; an optional value that is wrong is dropped with a warning. The report is
// never nil unless the format isn't found. The error is a *data.RejectedError when the
// file can't be read or gives no home, else that of ctx or of fn: what fn was given
// before must then not be used.
func EachSite(ctx context.Context, in *source.Input, opt source.Options, format string, fn func(data.Site) error) (*Report, error) {
	opt.Layer = data.LayerSites
	r, err := newReader(in, opt, format)
	if err != nil {
		return nil, err
	}
	r.limit = 0
	err = r.sites(ctx, nil, nil, func(s data.Site, _ source.Location) error { return fn(s) })
	return r.conclude(err)
}

// sites reads homes. asked, when not nil, tells which are wanted.
func (r *reader) sites(ctx context.Context, progress func(done, total int64), asked func(*data.Site) bool, fn func(data.Site, source.Location) error) error {
	return r.run(ctx, source.Sink{Site: func(s data.Site, loc source.Location) error {
		if err := r.stopped(); err != nil {
			return err
		}
		r.begin(loc)
		problems := s.Sanitize()
		if p, outside := dropOutside(&s); outside {
			problems = append(problems, p)
		}
		fatal := false
		for _, p := range problems {
			fatal = fatal || p.Severity == data.SeverityError
		}
		if fatal {
			r.reject(loc, problems...)
			return r.stopped()
		}
		if asked != nil && !asked(&s) {
			r.filter(loc)
			return nil
		}
		for _, p := range problems {
			if p.Code != data.CodeMissingName || !r.opt.KeepGeometryOnly {
				r.found.add(at(loc, p))
			}
		}
		if err := r.keep(loc); err != nil {
			return err
		}
		if s.Position == nil {
			r.counts.Unlocated++
		}
		return fn(s, loc)
	}}, progress)
}

// dropOutside unlocates a home whose position is in no French territory: no format
// lets one through, but the indicators rely on it.
func dropOutside(s *data.Site) (data.Problem, bool) {
	if s.Position == nil {
		return data.Problem{}, false
	}
	if _, ok := crs.Legal(s.Position.Point[0], s.Position.Point[1]); ok {
		return data.Problem{}, false
	}
	s.Position = nil
	return data.Problem{
		Severity: data.SeverityWarning, Code: source.CodeOutsideFrance, Record: data.Clip(s.ID),
		Message: data.Text{
			FR: "La position est hors de France. La structure est gardée comme non localisée.",
			EN: "The position is outside France. The home is kept as not located.",
		},
	}, true
}

// sharedPoints tells, as one finding, how many homes stand at the same point as another:
// each is shown, but a map draws them on one another. Positions on a commune's centroid
// are no point of their own.
func sharedPoints(sites []*data.Site) (data.Problem, bool) {
	at := map[orb.Point]int{}
	for _, s := range sites {
		if p := s.Position; p != nil && p.Precision.Usable() {
			at[p.Point]++
		}
	}
	points, homes, most := 0, 0, 0
	for _, n := range at {
		if n > 1 {
			points++
			homes += n
			most = max(most, n)
		}
	}
	if points == 0 {
		return data.Problem{}, false
	}
	return data.Problem{
		Severity: data.SeverityInfo, Code: CodeSharedPoint,
		Message: data.Text{
			FR: fmt.Sprintf("%d structures partagent leur position avec une autre, en %d points (jusqu’à %d au même point).", homes, points, most),
			EN: fmt.Sprintf("%d homes share their position with another, at %d points (up to %d at one point).", homes, points, most),
		},
	}, true
}
