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

// Service keeps the current snapshot of a store.
type Service struct {
	source  data.SnapshotSource
	options Options
	current atomic.Pointer[Snapshot]
	inputs  *scoring.Inputs
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
	s := &Service{source: source, options: options, inputs: scoring.NewInputs(scorer, siteIndicators), stopScoring: func() {}}
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
	// Versions are read first: a write in between is read early and rebuilt once more, never missed.
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

// load reads the layers whose version is not that of old, and takes the others from it.
func (s *Service) load(ctx context.Context, old *Snapshot, versions []data.LayerVersion) (*Snapshot, error) {
	next := &Snapshot{builtAt: s.options.Clock(), versions: versions, profileHash: s.inputs.Scorer().ProfileHash()}
	unchanged := func(layer data.Layer) bool {
		return old != nil && slices.Equal(versionsOf(old.versions, layer), versionsOf(versions, layer))
	}
	world := exposure.World{Radii: exposure.DefaultRadii}
	var restricted *exposure.Zones
	var around difference
	var err error
	if unchanged(data.LayerZones) {
		next.zones, next.editions, next.openZones = old.zones, old.editions, old.openZones
		world.Zones, restricted = old.open.world.Zones, old.restricted.zones()
	} else if world.Zones, restricted, err = s.loadZones(ctx, next, old, &around); err != nil {
		return nil, fmt.Errorf("snapshot: zones: %w", err)
	}
	if unchanged(data.LayerPlaces) {
		next.places, world.Places = old.places, old.open.world.Places
	} else if world.Places, err = s.loadPlaces(ctx, next); err != nil {
		return nil, fmt.Errorf("snapshot: places: %w", err)
	}
	if unchanged(data.LayerAreas) {
		next.areas = old.areas
	} else if err := s.loadAreas(ctx, next); err != nil {
		return nil, fmt.Errorf("snapshot: areas: %w", err)
	}
	if unchanged(data.LayerStatistics) {
		world.Context, world.Income, next.demand = old.open.world.Context, old.open.world.Income, old.demand
	} else if err = s.loadStatistics(ctx, next, &world); err != nil {
		return nil, fmt.Errorf("snapshot: statistics: %w", err)
	}
	if !unchanged(data.LayerAreas) || !unchanged(data.LayerStatistics) {
		next.demand.settle(next.areas)
	}
	around.everywhere = around.everywhere || !unchanged(data.LayerPlaces) || !unchanged(data.LayerAreas) || !unchanged(data.LayerStatistics)
	if unchanged(data.LayerSites) {
		next.sites = slices.Clone(old.sites)
	} else if err := s.loadSites(ctx, next, old); err != nil {
		return nil, fmt.Errorf("snapshot: sites: %w", err)
	}
	next.evaluate(&world, restricted, old, &around)
	if unchanged(data.LayerReleases) {
		next.release = old.release
	} else if next.release, err = s.loadRelease(ctx); err != nil {
		return nil, fmt.Errorf("snapshot: releases: %w", err)
	}
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

// loadSites reads the sites, in the order of their identifiers, without those merged into others.
func (s *Service) loadSites(ctx context.Context, next, old *Snapshot) error {
	if old != nil {
		next.sites = make([]siteRecord, 0, len(old.sites)+1)
	}
	err := s.source.Sites(ctx, func(site *data.StoredSite) error {
		if site.MergedInto != "" {
			return nil
		}
		r := siteRecord{StoredSite: *site}
		r.Source = nil // the base of merges is no business of readers
		next.sites = append(next.sites, r)
		return nil
	})
	slices.SortFunc(next.sites, func(a, b siteRecord) int { return cmp.Compare(a.ID, b.ID) })
	return err
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

// loadPlaces reads the places and indexes, by kind, those whose position is usable.
func (s *Service) loadPlaces(ctx context.Context, next *Snapshot) (map[string]*exposure.Places, error) {
	err := s.source.Places(ctx, func(p *data.Place) error {
		next.places = append(next.places, *p)
		return nil
	})
	slices.SortFunc(next.places, func(a, b data.Place) int { return cmp.Compare(a.ID, b.ID) })
	return scoring.Places(next.places), err
}

func (s *Service) loadAreas(ctx context.Context, next *Snapshot) error {
	err := s.source.Areas(ctx, func(a *data.Area) error {
		next.areas = append(next.areas, areaRecord{Area: *a, id: a.Level + "." + a.Code, bound: a.Geometry.Bound()})
		return nil
	})
	slices.SortFunc(next.areas, func(a, b areaRecord) int { return cmp.Compare(a.id, b.id) })
	return err
}
