// Package scoring joins records to geo/score: it makes of homes and their surroundings
// what a score is computed from, and of a score the values of an output. Whoever has
// homes in hand, a store's or a file's, gets the same score by the same way.
package scoring

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// Subject is a home as it is measured. self is its place among the homes of the world,
// −1 when it is not one of them.
func Subject(s *data.Site, self int) exposure.Subject {
	out := exposure.Subject{Status: exposure.NotLocated, CommuneCode: s.CommuneCode, Department: s.DepartmentCode, Self: self}
	if p := s.Position; p != nil {
		out.Status, out.Point, out.Sigma = exposure.Computed, p.Point, p.Precision.Sigma()
		if !p.Precision.Usable() {
			out.Status = exposure.PositionTooVague
		}
	}
	return out
}

// IsHome tells whether a site has a score: it is open and its position usable.
func IsHome(s *data.Site) bool {
	return s.Status != data.SiteClosed && s.Position != nil && s.Position.Precision.Usable()
}

// IsNeighbour tells whether a site counts among the homes of a world, on which the figures of
// others rest: it is a home that the public register lists.
func IsNeighbour(s *data.Site) bool { return IsHome(s) && s.Listed() }

// ZoneKinds are the kinds of zones that have indicators of their own.
func ZoneKinds() []string {
	return []string{string(data.ZoneQPV), string(data.ZoneQRR), string(data.ZoneZSP)}
}

// Places indexes by kind the places whose position is usable.
func Places(places []data.Place) map[string]*exposure.Places {
	var refs []exposure.PlaceRef
	for i := range places {
		if p := &places[i]; p.Position != nil && p.Position.Precision.Usable() {
			refs = append(refs, exposure.PlaceRef{
				ID: p.ID, Name: p.Name, Kind: p.Kind, Department: p.DepartmentCode, Point: p.Position.Point, OpenAtNight: p.OpenAtNight,
			})
		}
	}
	return exposure.IndexPlaces(refs)
}

// Inputs are the entries of a catalogue that a profile uses.
type Inputs struct {
	scorer *score.Scorer
	// entries and columns are aligned with the scorer's indicators: the catalogue's
	// entry and its place there, −1 for an indicator that it does not have.
	entries []*exposure.Indicator
	columns []int
}

// NewInputs finds a scorer's indicators in a catalogue, which is kept.
func NewInputs(scorer *score.Scorer, catalogue []exposure.Indicator) *Inputs {
	in := &Inputs{scorer: scorer}
	for _, id := range scorer.Indicators() {
		column, entry := -1, (*exposure.Indicator)(nil)
		for i := range catalogue {
			if catalogue[i].ID == id {
				column, entry = i, &catalogue[i]
			}
		}
		in.columns, in.entries = append(in.columns, column), append(in.entries, entry)
	}
	return in
}

// Scorer is the profile made ready to compute.
func (in *Inputs) Scorer() *score.Scorer { return in.scorer }

// Absent lists the indicators that the profile uses and the catalogue does not have:
// they are unknown everywhere.
func (in *Inputs) Absent() []string {
	var out []string
	for i, id := range in.scorer.Indicators() {
		if in.entries[i] == nil {
			out = append(out, id)
		}
	}
	return out
}

// unspecifiedSigma stands for the error of a position whose precision no file
// gives: that of a street.
var unspecifiedSigma = data.PrecisionStreet.Sigma()

// Site is what the score needs of a home: values are those of the catalogue, measured
// against world; self is the home's place among its homes.
func (in *Inputs) Site(s *data.Site, self int, values []data.Value, world *exposure.World) score.Site {
	out := score.Site{ID: s.ID, Group: s.DepartmentCode, Values: make([]float64, len(in.columns))}
	for i, column := range in.columns {
		out.Values[i] = math.NaN()
		if column >= 0 {
			out.Values[i] = values[column].Float64()
		}
	}
	subject := Subject(s, self)
	if math.IsNaN(subject.Sigma) {
		subject.Sigma = unspecifiedSigma
	}
	center, sigma := subject.Point, subject.Sigma
	perLat := 1 / 111_132.0
	perLon := perLat / math.Max(math.Cos(center.Lat()*math.Pi/180), 1e-6)
	var evaluator *exposure.Evaluator
	out.Draw = func(rng score.Source, values []float64) {
		if evaluator == nil {
			evaluator = world.NewEvaluator()
		}
		normal := rand.New(rng) // #nosec G404 -- draws of a simulation, which the seed repeats
		moved := subject
		moved.Point = orb.Point{center.Lon() + sigma*normal.NormFloat64()*perLon, center.Lat() + sigma*normal.NormFloat64()*perLat}
		evaluator.Begin(moved)
		for i, entry := range in.entries {
			if entry != nil {
				values[i] = entry.Of(evaluator).Float64()
			}
		}
	}
	return out
}
