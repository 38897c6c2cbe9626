package siting

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/zoneindex"
)

// tileSide is that of the squares of cells that are surveyed at a time.
const tileSide = 64

// Surveyor measures cells against inputs: what depends on the inputs alone is prepared
// once. It is immutable and safe for concurrent use.
type Surveyor struct {
	in     *Inputs
	crs    crs.CRS
	ids    []string
	zones  map[string]*zoneLayer // by kind and AnyKind
	places map[string][]chunk    // by theme; what is not loaded where the surface is is absent
	homes  []chunk
	// origins are points of the plane, their people aligned.
	origins []chunk
	people  []float64
	// sources tell where the scorer's inputs come from.
	sources   []source
	communes  [][]orb.Ring
	elsewhere string // the commune's code of a cell of no commune
}

// zoneLayer is the zones of a kind in the plane.
type zoneLayer struct {
	rings  [][]orb.Ring // of each zone
	chunks []chunk
	index  *zoneindex.Index // for shares; nil when none is asked for
}

// source is where an input of the score comes from: the distance to zones of a kind, the
// share of a disc that they cover, the distance to places of a theme, or else the indicator.
type source struct {
	zone, theme string
	radius      float64 // of the share; 0 for the distance
	indicator   *exposure.Indicator
}

// NewSurveyor prepares layers of the cells of a département (INSEE code) in a projection:
// criteria other than Cost, "zone_distance:" and a kind or "any", "place_distance:" and a
// theme that is no criterion. A layer whose inputs are unknown is unknown everywhere.
func NewSurveyor(c crs.CRS, department string, in *Inputs, layers []string) (*Surveyor, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if !c.Conformal() {
		return nil, fmt.Errorf("%s is no conformal projection", c)
	}
	s := &Surveyor{in: in, crs: c, ids: slices.Clone(layers), zones: map[string]*zoneLayer{}, places: map[string][]chunk{}}
	// A code that starts with the département's and that no commune has.
	s.elsewhere = (department + "000")[:5]
	for i, id := range layers {
		l, ok := newLayer(id, 0)
		if !ok || slices.Contains(layers[:i], id) {
			return nil, fmt.Errorf("layer %q is unknown or comes twice", id)
		}
		if kind, zone := strings.CutPrefix(l.ID, zonePrefix); zone {
			s.needZones(kind, false)
		}
		if name := strings.TrimPrefix(id, placePrefix); themes[name].kinds != nil {
			s.needPlaces(name)
		}
	}
	if slices.Contains(layers, Exposure) {
		s.needExposure()
	}
	if slices.Contains(layers, Homes) || slices.Contains(layers, Supply) {
		s.homes = pointChunks(c, in.Homes)
	}
	if slices.Contains(layers, Family) {
		for _, o := range in.Origins {
			s.origins = append(s.origins, pointChunks(c, []orb.Point{o.Point})...)
			s.people = append(s.people, o.People)
		}
	}
	for _, a := range in.Communes {
		s.communes = append(s.communes, project(c, a.Geometry))
	}
	return s, nil
}

// needZones prepares the zones of a kind, for shares too.
func (s *Surveyor) needZones(kind string, shares bool) *zoneLayer {
	l := s.zones[kind]
	if l == nil {
		l = &zoneLayer{}
		s.zones[kind] = l
		for i := range s.in.Zones {
			if z := &s.in.Zones[i]; kind == AnyKind || z.Kind == kind {
				rings := project(s.crs, z.Geometry)
				l.rings, l.chunks = append(l.rings, rings), append(l.chunks, ringChunks(rings)...)
			}
		}
	}
	if shares && l.index == nil {
		var outlines []orb.MultiPolygon
		for i := range s.in.Zones {
			if z := &s.in.Zones[i]; kind == AnyKind || z.Kind == kind {
				outlines = append(outlines, z.Geometry)
			}
		}
		l.index = zoneindex.Build(outlines)
	}
	return l
}

// needPlaces prepares the places of a theme.
func (s *Surveyor) needPlaces(name string) {
	if _, ok := s.places[name]; ok {
		return
	}
	var points []orb.Point
	for i := range s.in.Places {
		if p := &s.in.Places[i]; slices.Contains(themes[name].kinds, p.Kind) {
			points = append(points, p.Point)
		}
	}
	s.places[name] = pointChunks(s.crs, points)
}

// needExposure finds out where the scorer's inputs come from: distances to zones and
// places, and shares of discs, come from what layers are made of.
func (s *Surveyor) needExposure() {
	indicators := s.in.indicators()
	for i, id := range s.in.Scorer.Indicators() {
		from := source{indicator: indicators[i]}
		if from.indicator != nil {
			s.recognise(id, &from)
		}
		s.sources = append(s.sources, from)
	}
}

// recognise fills in the source of an indicator of the catalogue by its identifier.
func (s *Surveyor) recognise(id string, from *source) {
	for theme := range themes {
		if id == "nearest_"+theme+"_distance_m" {
			from.theme = theme
			s.needPlaces(theme)
			return
		}
	}
	for _, kind := range append([]string{AnyKind}, s.in.World.Zones.Kinds()...) {
		prefix := kind + "_"
		if kind == AnyKind {
			prefix = ""
		}
		if id == prefix+"nearest_zone_distance_m" {
			from.zone = kind
			s.needZones(kind, false)
			return
		}
		for _, r := range s.in.World.Radii {
			if id == prefix+"zone_share_"+strconv.FormatFloat(r, 'f', -1, 64)+"m" {
				from.zone, from.radius = kind, r
				s.needZones(kind, true)
				return
			}
		}
	}
}

// Compute measures the cells of a grid whose centres are in an area (lon/lat, CRS84). It
// fails when the grid is of another projection and when ctx ends. The memory that it takes
// is that of the surface and at most 10 bytes a cell.
func (s *Surveyor) Compute(ctx context.Context, g Grid, area orb.MultiPolygon) (*Surface, error) {
	if g.CRS != s.crs {
		return nil, fmt.Errorf("a grid in %s is expected, not in %s", s.crs, g.CRS)
	}
	out := &Surface{Grid: g}
	for _, id := range s.ids {
		l, _ := newLayer(id, g.Cells())
		out.Layers = append(out.Layers, l)
	}
	wanted := g.Mask(area)
	inside := map[string][]bool{}
	for kind, zones := range s.zones {
		cells := make([]bool, g.Cells())
		for _, rings := range zones.rings {
			g.fill(rings, func(from, to int) {
				for cell := from; cell < to; cell++ {
					cells[cell] = true
				}
			})
		}
		inside[kind] = cells
	}
	commune := s.communesOf(g)
	across := (g.Columns + tileSide - 1) / tileSide
	tiles := across * ((g.Rows + tileSide - 1) / tileSide)
	var next atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), tiles) {
		work.Go(func() error {
			w := s.newWorker(out, inside, commune)
			var memory scratch
			for {
				i := int(next.Add(1)) - 1
				if i >= tiles {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				w.survey(newTile(g, wanted, i%across*tileSide, i/across*tileSide, tileSide, &memory))
			}
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// communesOf tells of each cell which commune it is in, −1 for none; nil when exposure
// does not need it.
func (s *Surveyor) communesOf(g Grid) []int32 {
	if len(s.communes) == 0 || !slices.ContainsFunc(s.sources, func(f source) bool { return f.zone == "" && f.theme == "" }) {
		return nil
	}
	out := make([]int32, g.Cells())
	for i := range out {
		out[i] = -1
	}
	for i, rings := range s.communes {
		g.fill(rings, func(from, to int) {
			for cell := from; cell < to; cell++ {
				out[cell] = int32(i)
			}
		})
	}
	return out
}
