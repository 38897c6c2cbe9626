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
)

// Options of a Service.
type Options struct {
	Logger *slog.Logger
	Clock  data.Clock
}

// Service keeps the current snapshot of a store.
type Service struct {
	source  data.SnapshotSource
	options Options
	current atomic.Pointer[Snapshot]
	// refreshing serialises rebuilds; readers never take it.
	refreshing sync.Mutex
}

// Open reads the store and builds the first snapshot.
func Open(ctx context.Context, source data.SnapshotSource, options Options) (*Service, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	s := &Service{source: source, options: options}
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
	next := &Snapshot{builtAt: s.options.Clock(), versions: versions}
	unchanged := func(layer data.Layer) bool { return old != nil && sameVersions(old.versions, versions, layer) }

	if unchanged(data.LayerZones) {
		next.zones, next.editions, next.exposure, next.indicators, next.siteSchema = old.zones, old.editions, old.exposure, old.indicators, old.siteSchema
	} else if err := s.loadZones(ctx, next); err != nil {
		return fmt.Errorf("snapshot: zones: %w", err)
	}
	if unchanged(data.LayerSites) && next.exposure == old.exposure {
		next.sites = old.sites
	} else if err := s.loadSites(ctx, old, next); err != nil {
		return fmt.Errorf("snapshot: sites: %w", err)
	}
	if unchanged(data.LayerPlaces) {
		next.places = old.places
	} else if err := s.loadPlaces(ctx, next); err != nil {
		return fmt.Errorf("snapshot: places: %w", err)
	}
	if unchanged(data.LayerAreas) {
		next.areas = old.areas
	} else if err := s.loadAreas(ctx, next); err != nil {
		return fmt.Errorf("snapshot: areas: %w", err)
	}
	s.current.Store(next)
	s.options.Logger.Info("snapshot", "sites", len(next.sites), "zones", len(next.zones), "places", len(next.places), "areas", len(next.areas),
		"duration_ms", time.Since(start).Milliseconds())
	return nil
}

func (s *Service) loadZones(ctx context.Context, next *Snapshot) error {
	editions, err := s.source.Editions(ctx)
	if err != nil {
		return err
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
		return err
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
	next.exposure = exposure.NewZones(ZoneKindsWithIndicators(), refs)
	next.indicators = exposure.ProximityIndicators(next.exposure.Kinds(), exposure.DefaultRadii)
	next.siteSchema = newSiteSchema(next.indicators)
	return nil
}

// ZoneID is the identifier of a zone's feature: "kind.edition.code".
func ZoneID(z *data.Zone) string { return string(z.Kind) + "." + z.Edition + "." + z.Code }

// ZoneKindsWithIndicators are the kinds of zones that have indicators of their own.
func ZoneKindsWithIndicators() []string {
	return []string{string(data.ZoneQPV), string(data.ZoneQRR), string(data.ZoneZSP)}
}

// loadSites reads the sites and measures those that are new or moved, or all
// when the zones changed.
func (s *Service) loadSites(ctx context.Context, old, next *Snapshot) error {
	var known map[string]*siteRecord
	if old != nil && old.exposure == next.exposure {
		known = make(map[string]*siteRecord, len(old.sites))
		for i := range old.sites {
			known[old.sites[i].ID] = &old.sites[i]
		}
	}
	var measure []int
	err := s.source.Sites(ctx, func(site *data.StoredSite) error {
		if site.MergedInto != "" {
			return nil
		}
		r := siteRecord{StoredSite: *site}
		r.Source = nil // the base of merges is no business of readers
		switch before := known[site.ID]; {
		case site.Position == nil:
			r.proximity.Status = exposure.NotLocated
		case !site.Position.Precision.Usable():
			r.proximity.Status = exposure.PositionTooVague
		case before != nil && before.proximity.Status == exposure.Computed && before.Position.Point == site.Position.Point:
			r.proximity = before.proximity
		default:
			measure = append(measure, len(next.sites))
		}
		next.sites = append(next.sites, r)
		return nil
	})
	if err != nil {
		return err
	}
	Parallel(len(measure), func(from, to int) {
		meter := next.exposure.NewMeter(exposure.DefaultRadii)
		for _, i := range measure[from:to] {
			next.sites[i].proximity = meter.Measure(next.sites[i].Position.Point)
		}
	})
	slices.SortFunc(next.sites, func(a, b siteRecord) int { return cmp.Compare(a.ID, b.ID) })
	return nil
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

func (s *Service) loadPlaces(ctx context.Context, next *Snapshot) error {
	err := s.source.Places(ctx, func(p *data.Place) error {
		next.places = append(next.places, *p)
		return nil
	})
	slices.SortFunc(next.places, func(a, b data.Place) int { return cmp.Compare(a.ID, b.ID) })
	return err
}

func (s *Service) loadAreas(ctx context.Context, next *Snapshot) error {
	err := s.source.Areas(ctx, func(a *data.Area) error {
		next.areas = append(next.areas, areaRecord{Area: *a, id: a.Level + "." + a.Code, bound: a.Geometry.Bound()})
		return nil
	})
	slices.SortFunc(next.areas, func(a, b areaRecord) int { return cmp.Compare(a.id, b.id) })
	return err
}
