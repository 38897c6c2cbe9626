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
	"vigie/geo/exposure"
	"vigie/geo/repair"
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
	inputs  *inputs
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
	s := &Service{source: source, options: options, inputs: newInputs(scorer), stopScoring: func() {}}
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
	next := &Snapshot{builtAt: s.options.Clock(), versions: versions, profileHash: s.inputs.scorer.ProfileHash()}
	unchanged := func(layer data.Layer) bool { return old != nil && sameVersions(old.versions, versions, layer) }

	var world exposure.World
	world.Radii = exposure.DefaultRadii
	if unchanged(data.LayerZones) {
		next.zones, next.editions, world.Zones = old.zones, old.editions, old.world.Zones
	} else if world.Zones, err = s.loadZones(ctx, next, old); err != nil {
		return fmt.Errorf("snapshot: zones: %w", err)
	}
	if unchanged(data.LayerPlaces) {
		next.places, world.Places = old.places, old.world.Places
	} else if world.Places, err = s.loadPlaces(ctx, next); err != nil {
		return fmt.Errorf("snapshot: places: %w", err)
	}
	if unchanged(data.LayerStatistics) {
		world.Context = old.world.Context
	} else if world.Context, err = s.loadContext(ctx); err != nil {
		return fmt.Errorf("snapshot: statistics: %w", err)
	}
	same := unchanged(data.LayerZones) && unchanged(data.LayerPlaces) && unchanged(data.LayerStatistics)
	if same && unchanged(data.LayerSites) {
		next.sites, next.world, next.scores = old.sites, old.world, old.scores
	} else {
		if err := s.loadSites(ctx, next); err != nil {
			return fmt.Errorf("snapshot: sites: %w", err)
		}
		next.evaluate(&world, old, same)
	}
	if unchanged(data.LayerAreas) {
		next.areas = old.areas
	} else if err := s.loadAreas(ctx, next); err != nil {
		return fmt.Errorf("snapshot: areas: %w", err)
	}
	s.stopScoring()
	s.scoring.Wait()
	if pending := next.unscored(s.inputs, old); len(pending) <= s.options.ScoreAtOnce {
		if err := next.score(ctx, s.inputs, old, pending); err != nil {
			return fmt.Errorf("snapshot: score: %w", err)
		}
		s.current.Store(next)
	} else {
		s.current.Store(next)
		s.scoreLater(next, old, pending)
	}
	s.options.Logger.Info("snapshot", "sites", len(next.sites), "zones", len(next.zones), "places", len(next.places), "areas", len(next.areas),
		"duration_ms", time.Since(start).Milliseconds())
	return nil
}

// scoreLater scores sites in the background and swaps in a snapshot with their
// scores, unless a newer one came first, which then does it.
func (s *Service) scoreLater(next, old *Snapshot, pending []score.Site) {
	ctx, cancel := context.WithCancel(context.Background())
	s.stopScoring = cancel
	s.scoring.Go(func() {
		start := time.Now()
		scored := *next
		if err := scored.score(ctx, s.inputs, old, pending); err != nil {
			return // cancelled: nothing else can fail
		}
		if s.current.CompareAndSwap(next, &scored) {
			s.options.Logger.Info("scores", "sites", len(pending), "duration_ms", time.Since(start).Milliseconds())
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

func (s *Service) loadZones(ctx context.Context, next, old *Snapshot) (*exposure.Zones, error) {
	editions, err := s.source.Editions(ctx)
	if err != nil {
		return nil, err
	}
	next.editions = editions
	current := map[[2]string]bool{}
	for _, e := range editions {
		current[[2]string{string(e.Kind), e.Label}] = e.Current
	}
	err = s.source.Zones(ctx, func(z *data.Zone) error {
		next.zones = append(next.zones, zoneRecord{
			Zone: *z, id: ZoneID(z), bound: z.Geometry.Bound(), areaM2: repair.Area(z.Geometry),
			current: current[[2]string{string(z.Kind), z.Edition}],
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(next.zones, func(a, b zoneRecord) int { return cmp.Compare(a.id, b.id) })

	var refs []exposure.ZoneRef
	for i := range next.zones {
		z := &next.zones[i]
		// Restricted layers are never in an open indicator.
		if z.current && !z.Restricted {
			refs = append(refs, exposure.ZoneRef{Kind: string(z.Kind), ID: z.Code, Name: z.Name, Geometry: z.Geometry})
		}
	}
	var known *exposure.Zones
	if old != nil {
		known = old.world.Zones
	}
	return known.Rebuild(ZoneKindsWithIndicators(), refs), nil
}

// ZoneID is the identifier of a zone's feature: "kind.edition.code".
func ZoneID(z *data.Zone) string { return string(z.Kind) + "." + z.Edition + "." + z.Code }

// ZoneKindsWithIndicators are the kinds of zones that have indicators of their own.
func ZoneKindsWithIndicators() []string {
	return []string{string(data.ZoneQPV), string(data.ZoneQRR), string(data.ZoneZSP)}
}

// loadSites reads the sites, in the order of their identifiers, without those merged into others.
func (s *Service) loadSites(ctx context.Context, next *Snapshot) error {
	err := s.source.Sites(ctx, func(site *data.StoredSite) error {
		if site.MergedInto != "" {
			return nil
		}
		r := siteRecord{StoredSite: *site, home: -1}
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
	byKind := map[string][]exposure.PlaceRef{}
	err := s.source.Places(ctx, func(p *data.Place) error {
		next.places = append(next.places, *p)
		if p.Position != nil && p.Position.Precision.Usable() {
			byKind[p.Kind] = append(byKind[p.Kind], exposure.PlaceRef{ID: p.ID, Name: p.Name, Point: p.Position.Point})
		}
		return nil
	})
	slices.SortFunc(next.places, func(a, b data.Place) int { return cmp.Compare(a.ID, b.ID) })
	places := make(map[string]*exposure.Places, len(byKind))
	for kind, refs := range byKind {
		places[kind] = exposure.NewPlaces(refs)
	}
	return places, err
}

func (s *Service) loadAreas(ctx context.Context, next *Snapshot) error {
	err := s.source.Areas(ctx, func(a *data.Area) error {
		next.areas = append(next.areas, areaRecord{Area: *a, id: a.Level + "." + a.Code, bound: a.Geometry.Bound()})
		return nil
	})
	slices.SortFunc(next.areas, func(a, b areaRecord) int { return cmp.Compare(a.id, b.id) })
	return err
}
