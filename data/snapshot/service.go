package snapshot

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Options of a Service.
type Options struct {
	Logger *slog.Logger
	Clock  data.Clock
	// Profile of the score; the built-in one when nil.
	Profile *score.Profile
	// ScoreAtOnce is how many sites are scored before a Refresh returns (DefaultScoreAtOnce
	// when 0); beyond, their score is pending and comes with a later snapshot.
	ScoreAtOnce int
}

// DefaultScoreAtOnce is what two cores score in about two seconds.
const DefaultScoreAtOnce = 200

// loadAgain is how often what was written while a snapshot was read is read with it;
// beyond, it comes with the next.
const loadAgain = 3

// Service keeps the current snapshot of a store.
type Service struct {
	source  data.SnapshotSource
	options Options
	current atomic.Pointer[Snapshot]
	inputs  *scoring.Inputs
	// restsOnHomes: the profile has indicators on the homes around.
	restsOnHomes bool
	// refreshing serialises rebuilds; readers never take it.
	refreshing sync.Mutex
	// stopScoring ends the scoring that goes on in the background, if any.
	stopScoring context.CancelFunc
	scoring     sync.WaitGroup
}

// Open reads the store and builds the first snapshot.
func Open(ctx context.Context, source data.SnapshotSource, options Options) (*Service, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Profile == nil {
		options.Profile = score.Default()
	}
	if options.ScoreAtOnce == 0 {
		options.ScoreAtOnce = DefaultScoreAtOnce
	}
	scorer, err := score.New(options.Profile)
	if err != nil {
		return nil, err
	}
	s := &Service{
		source: source, options: options, inputs: scoring.NewInputs(scorer, siteIndicators),
		restsOnHomes: restsOnHomes(scorer.Indicators()), stopScoring: func() {},
	}
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Current is the newest snapshot. It stays valid for as long as it is held.
func (s *Service) Current() *Snapshot { return s.current.Load() }

// Refresh rebuilds what changed in the store since the current snapshot and
// swaps it in. When it returns, Current shows every write that had committed
// before the call.
func (s *Service) Refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	start := time.Now()
	// Versions are read first: a write in between comes once more, and is never missed.
	versions, err := s.source.Versions(ctx)
	if err != nil {
		return fmt.Errorf("snapshot: versions: %w", err)
	}
	old := s.current.Load()
	if old != nil && slices.Equal(old.versions, versions) {
		return nil
	}
	next, err := s.load(ctx, old, versions)
	if err != nil {
		return err
	}
	// A record that moved meanwhile to a département that was not read would be missing.
	for range loadAgain {
		later, err := s.source.Versions(ctx)
		if err != nil {
			return fmt.Errorf("snapshot: versions: %w", err)
		}
		if slices.Equal(later, versions) {
			break
		}
		versions = later
		if next, err = s.load(ctx, old, versions); err != nil {
			return err
		}
	}
	// Scores that came in the meantime are kept.
	for {
		latest := s.current.Load()
		next.inherit(latest)
		if s.current.CompareAndSwap(latest, next) {
			break
		}
	}
	s.options.Logger.Info("snapshot", "sites", len(next.sites), "zones", len(next.zones), "places", len(next.places), "areas", len(next.areas),
		"duration_ms", time.Since(start).Milliseconds())
	s.stopScoring()
	s.scoring.Wait()
	if next.pending() > s.options.ScoreAtOnce {
		s.scoreLater(next)
		return nil
	}
	if err := s.scoreAll(ctx, next); err != nil {
		s.scoreLater(s.current.Load())
		return fmt.Errorf("snapshot: score: %w", err)
	}
	return nil
}

// load reads the départements of each layer whose version is not that of old, at once, and
// takes the others from it.
func (s *Service) load(ctx context.Context, old *Snapshot, versions []data.LayerVersion) (*Snapshot, error) {
	next := &Snapshot{builtAt: s.options.Clock(), versions: versions, profileHash: s.inputs.Scorer().ProfileHash(), restsOnHomes: s.restsOnHomes}
	world := exposure.World{Radii: exposure.DefaultRadii}
	var restricted *exposure.Zones
	around := difference{homes: s.restsOnHomes}
	if old != nil {
		next.zones, next.editions, next.openZones, next.places, next.areas = old.zones, old.editions, old.openZones, old.places, old.areas
		next.sites, next.demand, next.release = slices.Clone(old.sites), old.demand, old.release
		world, restricted = *old.open.world, old.restricted.zones()
	}
	loads, ctx := errgroup.WithContext(ctx)
	// load calls read unless nothing of the layer changed, which it tells.
	load := func(layer data.Layer, read func(context.Context, reread) error) (changed bool) {
		in := changes(old, versions, layer)
		if in.none() {
			return false
		}
		loads.Go(func() error {
			if err := read(ctx, in); err != nil {
				return fmt.Errorf("snapshot: %s: %w", layer, err)
			}
			return nil
		})
		return true
	}
	load(data.LayerZones, func(ctx context.Context, in reread) (err error) {
		world.Zones, restricted, err = s.loadZones(ctx, in, next, old, &around)
		return err
	})
	places := load(data.LayerPlaces, func(ctx context.Context, in reread) (err error) {
		next.places, err = s.loadPlaces(ctx, in, next.places)
		world.Places = scoring.Places(next.places)
		return err
	})
	areas := load(data.LayerAreas, func(ctx context.Context, in reread) (err error) {
		next.areas, err = s.loadAreas(ctx, in, next.areas)
		return err
	})
	statistics := load(data.LayerStatistics, func(ctx context.Context, _ reread) error { return s.loadStatistics(ctx, next, &world) })
	load(data.LayerSites, func(ctx context.Context, in reread) (err error) {
		next.sites, err = s.loadSites(ctx, in, next.sites)
		return err
	})
	load(data.LayerReleases, func(ctx context.Context, _ reread) (err error) {
		next.release, err = s.loadRelease(ctx)
		return err
	})
	if err := loads.Wait(); err != nil {
		return nil, err
	}
	if areas || statistics {
		next.demand.settle(next.areas)
	}
	around.everywhere = around.everywhere || places || areas || statistics
	next.evaluate(&world, restricted, old, &around)
	return next, nil
}

// scoreAll scores what is pending in sn, some départements after the others, and swaps in a
// snapshot with the scores of each, until a newer one comes, which then goes on.
func (s *Service) scoreAll(ctx context.Context, sn *Snapshot) error {
	for sn.unsettled() {
		scored, err := sn.score(ctx, s.inputs)
		if err != nil {
			return err // cancelled: nothing else can fail
		}
		if !s.current.CompareAndSwap(sn, scored) {
			return nil
		}
		sn = scored
	}
	return nil
}

// scoreLater is scoreAll in the background.
func (s *Service) scoreLater(sn *Snapshot) {
	ctx, cancel := context.WithCancel(context.Background())
	s.stopScoring = cancel
	s.scoring.Go(func() {
		start, n := time.Now(), sn.pending()
		if s.scoreAll(ctx, sn) == nil {
			s.options.Logger.Info("scores", "sites", n, "duration_ms", time.Since(start).Milliseconds())
		}
	})
}

// Close ends the scoring that goes on in the background. The current snapshot stays readable.
func (s *Service) Close() {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	s.stopScoring()
	s.scoring.Wait()
}

// ZoneID is the identifier of a zone's feature: "kind.edition.code".
func ZoneID(z *data.Zone) string { return string(z.Kind) + "." + z.Edition + "." + z.Code }

// ZoneKindsWithIndicators are the kinds of zones that have indicators of their own.
func ZoneKindsWithIndicators() []string { return scoring.ZoneKinds() }

// loadSites reads sites into those of before, in the order of their identifiers, without
// those merged into others.
func (s *Service) loadSites(ctx context.Context, in reread, before []*siteRecord) ([]*siteRecord, error) {
	var read []*siteRecord
	err := s.source.Sites(ctx, in, func(site *data.StoredSite) error {
		if site.MergedInto == "" {
			read = append(read, newSiteRecord(site))
		}
		return nil
	})
	slices.SortFunc(read, func(a, b *siteRecord) int { return cmp.Compare(a.ID, b.ID) })
	return merge(before, read, func(s **siteRecord) string { return (*s).ID }, func(s **siteRecord) bool { return in.covers((*s).DepartmentCode) }), err
}

// Parallel splits 0…n−1 into one range a processor and calls fn with each, at once.
func Parallel(n int, fn func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+255)/256)
	if workers <= 1 {
		if n > 0 {
			fn(0, n)
		}
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { fn(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}

// loadPlaces reads places into those of before, in the order of their identifiers.
func (s *Service) loadPlaces(ctx context.Context, in reread, before []data.Place) ([]data.Place, error) {
	var read []data.Place
	err := s.source.Places(ctx, in, func(p *data.Place) error {
		read = append(read, *p)
		return nil
	})
	slices.SortFunc(read, func(a, b data.Place) int { return cmp.Compare(a.ID, b.ID) })
	return merge(before, read, func(p *data.Place) string { return p.ID }, func(p *data.Place) bool { return in.covers(p.DepartmentCode) }), err
}

// loadAreas reads areas into those of before, in the order of their identifiers.
func (s *Service) loadAreas(ctx context.Context, in reread, before []areaRecord) ([]areaRecord, error) {
	var read []areaRecord
	err := s.source.Areas(ctx, in, func(a *data.Area) error {
		read = append(read, areaRecord{Area: *a, id: a.Level + "." + a.Code, bound: a.Geometry.Bound()})
		return nil
	})
	slices.SortFunc(read, func(a, b areaRecord) int { return cmp.Compare(a.id, b.id) })
	return merge(before, read, func(a *areaRecord) string { return a.id }, func(a *areaRecord) bool { return in.covers(a.DepartmentCode) }), err
}
