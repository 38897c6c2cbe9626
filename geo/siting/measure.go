package siting

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"gonum.org/v1/gonum/stat/distuv"

	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
	"vigie/geo/score"
)

// Inputs are what places are measured against. What is nil is unknown, not empty.
type Inputs struct {
	// World is that of the open layers. A place to come is a computed point: World has
	// neither Homes nor Supply.
	World *exposure.World
	// Scorer gives the exposure.
	Scorer *score.Scorer
	// Zones and Places are those that World was made of.
	Zones  []exposure.ZoneRef
	Places []exposure.PlaceRef
	// Homes are the homes that whoever asks sees exactly, without the one that is to be
	// replaced; Supply is what exposure.Supply says of each.
	Homes  []orb.Point
	Supply []float64
	// Origins are where the young people of the need come from.
	Origins []exposure.Demand
	// Communes tell of a cell which commune's figures are its own; ID is the INSEE code.
	Communes []Area
	// Exclusions are the excluded areas that constraints may name.
	Exclusions []Area
}

// Area is a part of the ground.
type Area struct {
	ID, Label string
	Geometry  orb.MultiPolygon // valid (OGC), lon/lat, CRS84
}

// errTellsOfHomes keeps what rests on homes out of computed points.
var errTellsOfHomes = errors.New("the world of a siting study must have neither homes nor their supply: give them apart")

func (in *Inputs) check() error {
	switch {
	case in.World == nil || in.World.Zones == nil || in.Scorer == nil:
		return errors.New("a world with zones and a scorer are needed")
	case in.World.Homes != nil || in.World.Supply != nil:
		return errTellsOfHomes
	case in.Supply != nil && len(in.Supply) != len(in.Homes):
		return fmt.Errorf("%d values of supply for %d homes", len(in.Supply), len(in.Homes))
	}
	return nil
}

// Candidate is a place that somebody proposes.
type Candidate struct {
	ID    string    // unique in the study; it names the candidate's random streams
	Point orb.Point // lon, lat, CRS84
	// Sigma is the standard deviation of the position's error, in metres; 0 when certain.
	Sigma       float64
	CommuneCode string
	// Cost is in euros, NaN when unknown.
	Cost float64
}

// Measures are what is known of a candidate.
type Measures struct {
	ID string
	// Exposure is its score with the interval, Draws the score of each of its draws.
	Exposure score.Result
	Draws    []float64
	// Criteria holds the value of each criterion of the catalogue, in its unit; NaN when
	// unknown. That of Exposure is the upper bound.
	Criteria map[string]float64
	// Zones are distances to the edge of the nearest zone in metres, 0 inside, by kind and
	// for AnyKind; Places those to the nearest place, by theme. What is unknown is absent.
	Zones, Places map[string]float64
	// Areas tells of each excluded area of the inputs whether the candidate is inside.
	Areas []Membership
}

// Membership tells whether a place is inside an area.
type Membership struct {
	ID, Label string
	Inside    bool
}

const (
	// dwellingsRadius is that of the households that make a home unremarkable, in metres.
	dwellingsRadius = 300
	// settledRadius, in metres: where the grid of households has none within it, the grid
	// that is loaded does not cover the place, and 0 would be made up.
	settledRadius = 10_000
	// farthest is the distance, in metres, that stands for "as far or farther" in layers,
	// and for the nearest home where there is none.
	farthest = maxLevel
)

// Meter measures candidates against inputs, one after the other: one a goroutine.
type Meter struct {
	in         *Inputs
	indicators []*exposure.Indicator // aligned with the scorer's; nil for what the catalogue lacks
	evaluator  *exposure.Evaluator
	homes      *pointindex.Index
	supply     *exposure.Evaluator
	supplied   exposure.Indicator
}

// NewMeter returns a Meter. The error tells what is missing in the inputs, or that their
// world tells of homes.
func NewMeter(in *Inputs) (*Meter, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	m := &Meter{in: in, indicators: in.indicators(), evaluator: in.World.NewEvaluator()}
	if in.Homes != nil {
		m.homes = pointindex.Build(in.Homes)
	}
	if in.Supply != nil {
		world := &exposure.World{Zones: exposure.NewZones(nil, nil), Homes: m.homes, Supply: in.Supply}
		m.supply = world.NewEvaluator()
		m.supplied = supplyIndicator()
	}
	return m, nil
}

// indicators are the scorer's in the open catalogue.
func (in *Inputs) indicators() []*exposure.Indicator {
	catalogue := exposure.OpenCatalogue(in.World.Zones.Kinds(), in.World.Radii)
	var out []*exposure.Indicator
	for _, id := range in.Scorer.Indicators() {
		at := slices.IndexFunc(catalogue, func(i exposure.Indicator) bool { return i.ID == id })
		if at < 0 {
			out = append(out, nil)
		} else {
			out = append(out, &catalogue[at])
		}
	}
	return out
}

// supplyIndicator is the catalogue's entry on the supply of places.
func supplyIndicator() exposure.Indicator {
	catalogue := exposure.Catalogue(nil, nil)
	return catalogue[slices.IndexFunc(catalogue, func(i exposure.Indicator) bool { return i.ID == "place_supply_40km" })]
}

// values are the scorer's inputs at a subject; NaN is unknown.
func values(e *exposure.Evaluator, indicators []*exposure.Indicator, s exposure.Subject, out []float64) {
	e.Begin(s)
	for i, in := range indicators {
		out[i] = math.NaN()
		if in != nil {
			out[i] = in.Of(e).Float64()
		}
	}
}

// Measure measures a candidate. It fails when the position is no position, or when its
// error is not known.
func (m *Meter) Measure(c Candidate) (Measures, error) {
	if !(math.Abs(c.Point.Lon()) <= 180 && math.Abs(c.Point.Lat()) <= 90) {
		return Measures{}, fmt.Errorf("candidate %q: longitude %v, latitude %v is no position", c.ID, c.Point.Lon(), c.Point.Lat())
	}
	if !(c.Sigma >= 0) || math.IsInf(c.Sigma, 1) {
		return Measures{}, fmt.Errorf("candidate %q: the standard deviation of the position is %v, a number of metres ≥ 0 is expected", c.ID, c.Sigma)
	}
	subject := exposure.Subject{Status: exposure.Computed, Point: c.Point, Sigma: c.Sigma, CommuneCode: c.CommuneCode, Self: -1}
	out := Measures{ID: c.ID, Criteria: map[string]float64{}, Zones: map[string]float64{}, Places: map[string]float64{}}
	var err error
	if out.Exposure, out.Draws, err = m.in.Scorer.Draws(m.site(c.ID, subject)); err != nil {
		return Measures{}, err
	}
	for _, kind := range append([]string{AnyKind}, m.in.World.Zones.Kinds()...) {
		if n, ok := m.in.World.NearestZone(zoneKind(kind), subject); ok {
			out.Zones[kind] = n.Distance
		}
	}
	for _, theme := range exposure.Themes() {
		if n, ok := m.in.World.NearestPlace(theme, subject); ok {
			out.Places[theme] = n.Distance
		}
	}
	for _, entry := range Criteria() {
		out.Criteria[entry.ID] = math.NaN()
		if d, ok := out.Places[entry.ID]; ok {
			out.Criteria[entry.ID] = d
		}
	}
	out.Criteria[Exposure] = out.Exposure.High
	out.Criteria[Family] = m.family(c.Point)
	out.Criteria[Homes] = m.nearestHome(c.Point)
	out.Criteria[Dwellings] = dwellings(m.in.World.Income, c.Point)
	out.Criteria[Cost] = c.Cost
	if m.supply != nil {
		m.supply.Begin(subject)
		out.Criteria[Supply] = m.supplied.Of(m.supply).Float64()
	}
	for _, a := range m.in.Exclusions {
		out.Areas = append(out.Areas, Membership{ID: a.ID, Label: a.Label, Inside: planar.MultiPolygonContains(a.Geometry, c.Point)})
	}
	return out, nil
}

// zoneKind is a kind as exposure names it: all of them are "".
func zoneKind(kind string) string {
	if kind == AnyKind {
		return ""
	}
	return kind
}

// site is the subject as the score needs it: its position is drawn from a normal error.
func (m *Meter) site(id string, s exposure.Subject) score.Site {
	out := score.Site{ID: id, Values: make([]float64, len(m.indicators))}
	values(m.evaluator, m.indicators, s, out.Values)
	if s.Sigma == 0 {
		return out
	}
	plane := crs.NewAzimuthal(s.Point)
	out.Draw = func(rng score.Source, drawn []float64) {
		normal := distuv.Normal{Sigma: s.Sigma, Src: rng}
		moved := s
		moved.Point = plane.Inverse(normal.Rand(), normal.Rand())
		values(m.evaluator, m.indicators, moved, drawn)
	}
	return out
}

// family is the mean distance to the origins, weighted by people; NaN without any.
func (m *Meter) family(p orb.Point) float64 {
	sum, people := 0.0, 0.0
	for _, o := range m.in.Origins {
		d, _ := crs.Inverse(p, o.Point)
		sum, people = sum+o.People*d, people+o.People
	}
	return sum / people
}

func (m *Meter) nearestHome(p orb.Point) float64 {
	if m.homes == nil {
		return math.NaN()
	}
	if n, ok := m.homes.Nearest(p); ok {
		return min(n.Distance, farthest)
	}
	return farthest
}

// dwellings are the households around a place; NaN where the grid does not cover it.
func dwellings(grid *exposure.IncomeGrid, p orb.Point) float64 {
	if grid == nil {
		return math.NaN()
	}
	around := grid.Within(p, dwellingsRadius).All
	if around == 0 && grid.Within(p, settledRadius).All == 0 {
		return math.NaN()
	}
	return around
}
