package assess

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
	"vigie/geo/score"
)

// whole tells whether sites get the whole catalogue. That takes all of them at once:
// other homes count, and a score has a rank.
func (r *Request) whole() bool {
	return r.Profile != nil || len(r.Places)+len(r.Statistics) > 0
}

// site is a record and what is known of it.
type site struct {
	data.Site
	subject exposure.Subject
	values  exposure.Row // of the catalogue
}

// runWhole writes the whole catalogue, and the score when there is a profile, of every site.
func (r *Request) runWhole(ctx context.Context, zones []exposure.ZoneRef, present []string, report *Report) error {
	kinds := kindsOf(present)
	world := &exposure.World{Zones: exposure.NewZones(kinds, zones), Radii: r.worldRadii()}
	var err error
	if world.Places, err = r.readPlaces(ctx, report); err != nil {
		return err
	}
	if err := r.readStatistics(ctx, world, report); err != nil {
		return err
	}
	sites, err := r.readSites(ctx, world, report)
	if err != nil {
		return err
	}
	catalogue := exposure.Catalogue(kinds, world.Radii)
	if err := measure(ctx, sites, world, catalogue, report); err != nil {
		return err
	}
	if r.Profile != nil {
		if err := r.score(ctx, sites, world, catalogue, report); err != nil {
			return err
		}
	}
	return r.write(sites, kinds, catalogue, report)
}

// kindsOf are the kinds of zones that get columns of their own: those of a server, so
// that results can be put side by side, and what else was read.
func kindsOf(present []string) []string {
	var kinds []string
	for _, kind := range data.ZoneKinds {
		if k := string(kind); slices.Contains(scoring.ZoneKinds(), k) || slices.Contains(present, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// worldRadii are those asked for, and those that profiles rely on.
func (r *Request) worldRadii() []float64 {
	radii := slices.Clone(r.Radii)
	if r.Profile != nil {
		for _, radius := range exposure.DefaultRadii {
			if !slices.Contains(radii, radius) {
				radii = append(radii, radius)
			}
		}
	}
	return radii
}

// readPlaces reads the places; of those with one identifier the last stands, as in a store.
func (r *Request) readPlaces(ctx context.Context, report *Report) (map[string]*exposure.Places, error) {
	var places []data.Place
	at := map[string]int{}
	for _, in := range r.Places {
		read, rep, err := ingest.ReadPlaces(ctx, in.Input, in.Options, in.Format)
		report.Places = append(report.Places, rep)
		if err != nil {
			return nil, err
		}
		for _, p := range read {
			if i, again := at[p.ID]; again {
				places[i] = p
				continue
			}
			at[p.ID] = len(places)
			places = append(places, p)
		}
	}
	return scoring.Places(places), nil
}

func (r *Request) readStatistics(ctx context.Context, world *exposure.World, report *Report) (err error) {
	var all figures
	for _, in := range r.Statistics {
		table, rep, err := ingest.ReadStatistics(ctx, in.Input, in.Options, in.Format)
		report.Statistics = append(report.Statistics, rep)
		if err != nil {
			return err
		}
		all.add(table)
	}
	if world.Context, err = scoring.Context(ctx, &all); err != nil {
		return err
	}
	world.Income, err = scoring.Income(ctx, &all)
	return err
}

// readSites reads the sites, and gives the world the homes that are neighbours of others:
// those of the public register, or all of a file that has no number of the register.
func (r *Request) readSites(ctx context.Context, world *exposure.World, report *Report) ([]site, error) {
	var sites []site
	var err error
	report.Sites, err = ingest.EachSite(ctx, r.Sites, r.SiteOptions, r.SitesFormat, func(s data.Site) error {
		sites = append(sites, site{Site: s})
		if r.Progress != nil && len(sites)%batchSize == 0 {
			r.Progress(r.Sites.Consumed(), r.Sites.Size)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	neighbour := scoring.IsNeighbour
	if !slices.ContainsFunc(sites, func(s site) bool { return s.Listed() }) {
		neighbour = scoring.IsHome
	}
	var points []orb.Point
	for i := range sites {
		self := -1
		if neighbour(&sites[i].Site) {
			self = len(points)
			points = append(points, sites[i].Position.Point)
		}
		sites[i].subject = scoring.Subject(&sites[i].Site, self)
	}
	world.Homes = pointindex.Build(points)
	return sites, nil
}

// measure computes the catalogue of every site.
func measure(ctx context.Context, sites []site, world *exposure.World, catalogue []exposure.Indicator, report *Report) error {
	var wg sync.WaitGroup
	var notCovered atomic.Int64
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			e := world.NewEvaluator()
			part := sites[len(sites)*w/workers : len(sites)*(w+1)/workers]
			for i := range part {
				if ctx.Err() != nil {
					return
				}
				e.Begin(part[i].subject)
				part[i].values = exposure.MeasureRow(catalogue, e)
				if uncovered := func(in exposure.Indicator) bool { return in.Why(e) == exposure.ReasonNotCovered }; slices.ContainsFunc(catalogue, uncovered) {
					notCovered.Add(1)
				}
			}
		})
	}
	wg.Wait()
	report.NotCovered = int(notCovered.Load())
	return ctx.Err()
}

func (r *Request) score(ctx context.Context, sites []site, world *exposure.World, catalogue []exposure.Indicator, report *Report) error {
	scorer, err := score.New(r.Profile)
	if err != nil {
		return err
	}
	inputs := scoring.NewInputs(scorer, catalogue)
	report.Absent = inputs.Absent()
	var homes []score.Site
	var row []data.Value
	for i := range sites {
		if s := &sites[i]; scoring.IsHome(&s.Site) {
			row = s.values.Append(row[:0], catalogue)
			homes = append(homes, inputs.Site(&s.Site, s.subject.Self, row, world))
		}
	}
	r.follow(homes)
	report.Scores, err = scorer.Run(ctx, homes, score.Options{})
	return err
}

// follow tells Scored of every home whose draws begin.
func (r *Request) follow(homes []score.Site) {
	if r.Scored == nil {
		return
	}
	var mu sync.Mutex
	begun := int64(0)
	for i := range homes {
		draw, once := homes[i].Draw, new(sync.Once)
		homes[i].Draw = func(rng score.Source, values []float64) {
			once.Do(func() {
				mu.Lock()
				defer mu.Unlock()
				begun++
				r.Scored(begun, int64(len(homes)))
			})
			draw(rng, values)
		}
	}
}

func (r *Request) write(sites []site, kinds []string, catalogue []exposure.Indicator, report *Report) error {
	// Radii that only the score needs have no columns.
	shown := exposure.Catalogue(kinds, r.Radii)
	places := make([]int, len(shown))
	for i := range shown {
		places[i] = slices.IndexFunc(catalogue, func(in exposure.Indicator) bool { return in.ID == shown[i].ID })
	}
	columns := data.ColumnsOf(shown)
	if report.Scores != nil {
		columns = append(columns, scoring.Columns...)
	}
	writer, err := r.NewWriter(schema(columns))
	if err != nil {
		return err
	}
	var f data.Feature
	var row []data.Value
	for i := range sites {
		s := &sites[i]
		identify(&f, &s.Site, s.subject.Status)
		row = s.values.Append(row[:0], catalogue)
		for _, place := range places {
			f.Values = append(f.Values, row[place])
		}
		if report.Scores != nil {
			f.Values = scoring.Append(f.Values, report.Scores, s.ID, scoring.IsHome(&s.Site), report.Scores.ProfileHash())
		}
		if err := writer.Write(&f); err != nil {
			return err
		}
		report.Assessed++
	}
	return writer.Close()
}
