package score

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Site is a place to score.
type Site struct {
	ID string // unique in a run; it names the site's random streams
	// Group is the set within which sites are ranked: the code of the département.
	Group string
	// Values are the central values in the order of [Scorer.Indicators]; NaN = unknown.
	Values []float64
	// Draw gives one possible state of what is uncertain (the position above all): it
	// overwrites the elements of out, which holds the central values, that it changes;
	// NaN makes one unknown. It may use rng only for randomness, and always in the same
	// way for the same site. nil: the values are certain. Sites are drawn in parallel,
	// one site by one goroutine.
	Draw func(rng Source, out []float64)
}

// Options of a computation.
type Options struct {
	// Workers is the number of goroutines; 0 is the number of processors. Results do
	// not depend on it.
	Workers int
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// Result is the exposure of a site with its uncertainty. All scores are 0–100.
type Result struct {
	ID    string
	Group string
	// Breakdown is over the draws: Score is their median, and the shares of Contributions
	// those of mean losses; for certain values, what [Scorer.Explain] gives. Score is NaN
	// when incomplete; then all that follows is NaN, Indeterminate or 0. Contributions are
	// nil in the results of an Ensemble, which has them apart ([Ensemble.Contributions]).
	Breakdown
	// Low and High are the ends of the central interval of the draws that holds the
	// profile's probability (Interval): the score lies in it.
	Low, High float64
	// Class is the index of the class, Indeterminate when none reaches the profile's
	// ClassProbability. The score lies in it, being the median.
	Class              int
	ClassProbabilities []float64 // of each class, lowest first; they sum to 1
	Rank
}

// drawn is a site with its draws.
type drawn struct {
	result Result
	values []float64 // the central ones
	losses []float64 // of each term, weighted: the mean over the draws
	draws  []level   // one when the score is certain, the profile's number otherwise, nil when incomplete
}

// level is a score on a scale of 65,535 steps of 0.0015 each: enough to rank draws by, in
// half the memory, which draws take most of.
type level uint16

func levelOf(score float64) level { return level(math.Round(score / 100 * math.MaxUint16)) }

// Assess scores one site alone: a Result without rank (Ranked is 0).
func (s *Scorer) Assess(site Site) (Result, error) {
	if err := s.check(site); err != nil {
		return Result{}, err
	}
	return s.draw(site).result, nil
}

func (s *Scorer) check(site Site) error {
	if len(site.Values) != len(s.terms) {
		return fmt.Errorf("score: site %q has %d values, %d are expected", site.ID, len(site.Values), len(s.terms))
	}
	return nil
}

// draw scores a site in every draw.
func (s *Scorer) draw(site Site) drawn {
	p := s.profile
	out := drawn{values: slices.Clone(site.Values), result: Result{
		ID: site.ID, Group: site.Group, Breakdown: s.Explain(site.Values),
		Low: math.NaN(), High: math.NaN(), Class: Indeterminate,
	}}
	r := &out.result
	if !r.Complete {
		return out
	}
	r.ClassProbabilities = make([]float64, len(p.Classes.Labels))
	central := make([]float64, len(s.terms)) // each term's part of the sum, at the central value
	for i, v := range site.Values {
		central[i] = s.weight(i) * p.Aggregation.loss(s.central(i, v))
	}
	if site.Draw == nil && len(r.Unknown) == 0 {
		out.draws, out.losses = []level{levelOf(r.Score)}, central
		r.Low, r.High = r.Score, r.Score
		r.Class = p.Classes.Of(r.Score)
		r.ClassProbabilities[r.Class] = 1
		return out
	}
	out.draws = make([]level, p.Draws)
	out.losses = make([]float64, len(s.terms))
	scores := make([]float64, p.Draws)
	// The position and each unknown indicator have streams of their own, so that one
	// more known value leaves the draws of the others as they were.
	position := stream(p.Seed, site.ID, "draw")
	unknown := make([]Source, len(s.terms))
	values := make([]float64, len(s.terms))
	for d := range out.draws {
		copy(values, site.Values)
		if site.Draw != nil {
			site.Draw(position, values)
		}
		sum := 0.0
		for i, v := range values {
			loss := central[i]
			switch {
			case math.IsNaN(v):
				if unknown[i] == nil {
					unknown[i] = stream(p.Seed, site.ID, "unknown", s.indicators[i])
				}
				x := min(s.terms[i].prior.at(Uniform(unknown[i])), p.Cap)
				loss = s.weight(i) * p.Aggregation.loss(x)
			case v != site.Values[i]:
				loss = s.weight(i) * p.Aggregation.loss(s.central(i, v))
			}
			sum += loss
			out.losses[i] += loss / float64(p.Draws)
		}
		score := p.Aggregation.score(sum)
		scores[d], out.draws[d] = score, levelOf(score)
		r.ClassProbabilities[p.Classes.Of(score)]++
	}
	best := 0
	for class := range r.ClassProbabilities {
		r.ClassProbabilities[class] /= float64(p.Draws)
		if r.ClassProbabilities[class] > r.ClassProbabilities[best] {
			best = class
		}
	}
	if r.ClassProbabilities[best] >= p.ClassProbability {
		r.Class = best
	}
	slices.Sort(scores)
	r.Low, r.High = centralInterval(scores, p.Interval)
	n := len(scores)
	r.Score = (scores[(n-1)/2] + scores[n/2]) / 2
	r.Contributions = s.contributions(site.Values, out.losses, r.Score)
	return out
}

// centralInterval gives the ends of the central interval of sorted draws: as many are left
// out on either side, at most (1−probability)/2 of them.
func centralInterval[T any](sorted []T, probability float64) (low, high T) {
	out := int(float64(len(sorted)) * (1 - probability) / 2)
	return sorted[out], sorted[len(sorted)-1-out]
}

// Ensemble holds the results of many sites and their draws (2 bytes each), so that a
// change of one site costs that site's draws and its group's ranks. It is immutable
// and safe for concurrent use.
type Ensemble struct {
	scorer *Scorer
	groups map[string]*group
	group  map[string]string // of a site, by identifier
}

// group is the sites that are ranked together, by identifier.
type group struct{ sites []drawn }

// Run scores sites and ranks them within their groups. It fails when an identifier
// comes twice, when a site has the wrong number of values, and when ctx ends.
func (s *Scorer) Run(ctx context.Context, sites []Site, opts Options) (*Ensemble, error) {
	empty := &Ensemble{scorer: s}
	return empty.Update(ctx, sites, opts)
}

// Update gives the ensemble with sites added or replaced. Only they are drawn, and
// only the groups they are in or leave are ranked again; the receiver is unchanged.
func (e *Ensemble) Update(ctx context.Context, sites []Site, opts Options) (*Ensemble, error) {
	seen := make(map[string]bool, len(sites))
	for _, site := range sites {
		if err := e.scorer.check(site); err != nil {
			return nil, err
		}
		if seen[site.ID] {
			return nil, fmt.Errorf("score: site %q is given twice", site.ID)
		}
		seen[site.ID] = true
	}
	fresh := make([]drawn, len(sites))
	var work errgroup.Group
	work.SetLimit(opts.workers())
	for i, site := range sites {
		work.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			fresh[i] = e.scorer.draw(site)
			fresh[i].result.Contributions = nil
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	next := e.without(seen)
	for _, d := range fresh {
		next.add(d)
	}
	return next.finish(opts), nil
}

// Remove gives the ensemble without some sites; identifiers it does not have are ignored.
func (e *Ensemble) Remove(ids []string, opts Options) *Ensemble {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	return e.without(gone).finish(opts)
}
