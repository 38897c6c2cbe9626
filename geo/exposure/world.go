package exposure

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/pointindex"
	"vigie/geo/zoneindex"
)

// World is everything that a site is measured against. It is immutable and safe
// for concurrent use. A part that is nil is unknown, not empty: its indicators have
// no value.
type World struct {
	Zones *Zones
	// Places are the points of interest by kind ("police", "school", …).
	Places map[string]*Places
	// Homes are the other homes, for clustering; nil for a computed point (assess,
	// siting), which must not tell where homes are.
	Homes *pointindex.Index
	// Context gives what statistics say of a commune (INSEE code).
	Context map[string]CommuneContext
	// Radii of the proximity indicators, in metres.
	Radii []float64
}

// Places are the points of one kind.
type Places struct {
	index *pointindex.Index
	refs  []PlaceRef
}

// PlaceRef is a place as the indicators need it.
type PlaceRef struct {
	ID, Name string
	Point    orb.Point // lon, lat, CRS84
}

// NewPlaces indexes the places of one kind; the slice is kept.
func NewPlaces(refs []PlaceRef) *Places {
	points := make([]orb.Point, len(refs))
	for i := range refs {
		points[i] = refs[i].Point
	}
	return &Places{index: pointindex.Build(points), refs: refs}
}

// Nearest is the nearest place and its geodesic distance in metres.
func (p *Places) Nearest(at orb.Point) (PlaceRef, float64, bool) {
	if p == nil {
		return PlaceRef{}, 0, false
	}
	n, ok := p.index.Nearest(at)
	if !ok {
		return PlaceRef{}, 0, false
	}
	return p.refs[n.Index], n.Distance, true
}

// CommuneContext is what statistics say of a commune. NaN is unknown.
type CommuneContext struct {
	// CrimeRate is the recorded-crime rate, per thousand inhabitants and year, shrunk
	// towards the département's.
	CrimeRate float64
	// PoorShare is the share (0–1) of poor households.
	PoorShare float64
}

// Subject is the site or point that is measured.
type Subject struct {
	Status Status
	Point  orb.Point // lon, lat, CRS84; ignored unless Status is Computed
	// Sigma is the standard deviation of the position's error, in metres; 0 when certain, NaN when unknown.
	Sigma       float64
	CommuneCode string
	// Self is the subject's place in World.Homes, −1 when it is not one of them.
	Self int
}

// Evaluator computes indicators of subjects, one after the other: one a goroutine.
// What several indicators need of a subject is computed once.
type Evaluator struct {
	world   *World
	meter   *Meter
	subject Subject

	proximity     Proximity
	hasProximity  bool
	neighbours    []pointindex.Neighbour
	hasNeighbours bool
}

// NewEvaluator returns an Evaluator on a world.
func (w *World) NewEvaluator() *Evaluator {
	return &Evaluator{world: w, meter: w.Zones.newMeter(zoneindex.Options{Radii: w.Radii, Bandwidth: KernelBandwidth, DecayLength: DecayLength})}
}

// Begin starts a new subject.
func (e *Evaluator) Begin(s Subject) {
	e.subject = s
	e.hasProximity, e.hasNeighbours = false, false
}

// Proximity is what the zones say of the subject.
func (e *Evaluator) Proximity() *Proximity {
	if !e.hasProximity {
		e.hasProximity = true
		if e.subject.Status == Computed {
			e.proximity = e.meter.Measure(e.subject.Point)
		} else {
			e.proximity = Proximity{Status: e.subject.Status}
		}
	}
	return &e.proximity
}

// HomesReach is the largest distance of the clustering indicators, in metres.
const HomesReach = 1000

// homes are the other homes within HomesReach, nearest first.
func (e *Evaluator) homes() []pointindex.Neighbour {
	if !e.hasNeighbours {
		e.hasNeighbours = true
		e.neighbours = e.neighbours[:0]
		for _, n := range e.world.Homes.Within(e.subject.Point, HomesReach) {
			if n.Index != e.subject.Self {
				e.neighbours = append(e.neighbours, n)
			}
		}
	}
	return e.neighbours
}

// located tells whether distances can be computed.
func (e *Evaluator) located() bool { return e.subject.Status == Computed }

// Float64 is a value as a number for the score: numbers as they are, true 1, false 0,
// and NaN when unknown or not numeric.
func (v Value) Float64() float64 {
	switch v.kind {
	case valueInteger, valueNumber:
		return v.num
	case valueTrue:
		return 1
	case valueFalse:
		return 0
	}
	return math.NaN()
}
