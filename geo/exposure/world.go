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
	// Homes are those that the public register lists, for clustering: one that it does not
	// list must not show in what is told of another. nil for a computed point (assess, siting),
	// which must not tell where homes are, and when there is none.
	Homes *pointindex.Index
	// Supply is what Supply says of each of the homes, aligned with Homes; nil without
	// people under 21 or for a computed point.
	Supply []float64
	// Context gives what statistics say of a commune (INSEE code).
	Context map[string]CommuneContext
	// Income is the grid of households and poor households.
	Income *IncomeGrid
	// Radii of the proximity indicators, in metres.
	Radii []float64
}

// CommuneContext is what statistics say of a commune. NaN is unknown.
type CommuneContext struct {
	// CrimeRate is the rate of victims of recorded violence, per thousand inhabitants and
	// year, shrunk towards the département's.
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
	// Department is the INSEE code of the département; empty when only the commune's may tell.
	Department string
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
	around        Households
	hasAround     bool
	// bandMeter measures the disc of bandRadius, for the few subjects of which it is asked.
	bandMeter     *Meter
	bandProximity Proximity
	hasBand       bool
	// peopleMeter measures the parts of zones in the disc of populationRadius.
	peopleMeter *zoneindex.Meter
}

// NewEvaluator returns an Evaluator on a world.
func (w *World) NewEvaluator() *Evaluator {
	return &Evaluator{world: w, meter: w.Zones.newMeter(zoneindex.Options{Radii: w.Radii, Bandwidth: KernelBandwidth, DecayLength: DecayLength})}
}

// Begin starts a new subject.
func (e *Evaluator) Begin(s Subject) {
	e.subject = s
	e.hasProximity, e.hasNeighbours, e.hasAround, e.hasBand = false, false, false, false
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

// band is what the zones say of the disc of bandRadius.
func (e *Evaluator) band() *Proximity {
	if !e.hasBand {
		e.hasBand = true
		if e.bandMeter == nil {
			e.bandMeter = e.world.Zones.NewMeter([]float64{bandRadius})
		}
		e.bandMeter.MeasureTo(e.subject.Point, &e.bandProximity)
	}
	return &e.bandProximity
}

// households are those within deprivationRadius.
func (e *Evaluator) households() Households {
	if !e.hasAround {
		e.hasAround = true
		e.around = e.world.Income.Within(e.subject.Point, deprivationRadius)
	}
	return e.around
}

// commune is a figure of the subject's commune; Null when it is unknown.
func (e *Evaluator) commune(pick func(CommuneContext) float64) Value {
	c, ok := e.world.Context[e.subject.CommuneCode]
	if v := pick(c); ok && !math.IsNaN(v) {
		return Number(v)
	}
	return Null
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
