package siting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"vigie/geo/score"
)

// Status tells whether a candidate takes part in the ranking.
type Status string

// Statuses of a candidate.
const (
	Ranked   Status = "ranked"
	Excluded Status = "excluded" // it fails a constraint
	// Unknown: it fails none, but one cannot be verified, or no criterion is known.
	Unknown Status = "unknown"
)

// Study is what a comparison of candidates rests on.
type Study struct {
	Criteria    []Choice
	Constraints []Constraint
	// Runs is how many times weights and uncertain values are drawn, 1 to MaxRuns.
	Runs int
	Seed uint64
}

// MaxRuns bounds the runs of a study.
const MaxRuns = 10_000

// interval is the probability that intervals of scores and ranks hold.
const interval = 0.9

// Part is what one criterion gives a candidate.
type Part struct {
	ID string
	// Value is in the criterion's unit, Utility 0–1; both NaN when unknown.
	Value, Utility float64
	// Weight is the share of all criteria's weight, 0–1.
	Weight float64
	// Points are what the criterion adds: those of the known criteria sum to the score.
	Points float64
}

// Assessment is the place of a candidate in a study.
type Assessment struct {
	ID     string
	Status Status
	// Failed are the constraints that it fails; Unverified those that nothing known can verify.
	Failed, Unverified []Finding
	Criteria           []Part
	// Score is the weighted mean of the known utilities, 0–100; NaN without any. Low and
	// High hold it 9 times in 10 when weights and the exposure vary, an unknown criterion
	// being at its worst and at its best. They are stretched to the score.
	Score, Low, High float64
	// Rank is 1 for the best; equal scores share the better rank; 0 when not ranked.
	// RankLow (the better end) and RankHigh hold it 9 times in 10, in the same way.
	Rank, RankLow, RankHigh int
	// Front tells that no other candidate is surely at least as good by every criterion
	// and better by one (Pareto).
	Front bool
	// FrontShare is the share of runs in which that is so, BestShare the share in which no
	// candidate scores more; unknown utilities are drawn from 0 to 1.
	FrontShare, BestShare float64
	// Change is what would have to change for an excluded candidate to be kept, or for a
	// ranked one to be first. It is empty for the first.
	Change []Text
	// Percentile is the share (0–100) of the existing homes that are at least as exposed;
	// NaN without any or without an exposure.
	Percentile float64
}

// rated is a ranked candidate in the making.
type rated struct {
	out       *Assessment
	utilities []float64 // NaN unknown
	draws     []float64 // the exposure's
	unknown   score.Source
	// low, high and drawn are the scores of a run, an unknown criterion being at its worst,
	// at its best and drawn; at holds the run's utilities.
	low, high, drawn          float64
	at                        []float64
	lows, highs               []float64 // of every run
	bestRanks, worstRanks     []int
	runsOnFront, runsAtTheTop int
}

// Evaluate holds a study's constraints against candidates and ranks those that meet them.
// Answers are in the order of the candidates. existing are the scores (0–100) of the
// exposure of homes to compare with. It fails on a study that is not valid, on an
// identifier that comes twice, and when ctx ends.
func Evaluate(ctx context.Context, s *Study, candidates []Measures, existing []float64) ([]Assessment, error) {
	if err := s.check(candidates); err != nil {
		return nil, err
	}
	criteria, weights := weighed(s.Criteria)
	shares := normalised(weights)
	out := make([]Assessment, len(candidates))
	var ranked []*rated
	for i := range candidates {
		m := &candidates[i]
		utilities := assess(&out[i], m, s.Constraints, criteria, shares)
		out[i].Percentile = percentile(m.Exposure.Score, existing)
		if out[i].Status == Ranked {
			ranked = append(ranked, &rated{out: &out[i], utilities: utilities, draws: m.Draws, at: make([]float64, len(criteria)), unknown: score.Stream(s.Seed, "siting unknown", m.ID)})
		}
	}
	rank(ranked)
	if err := s.vary(ctx, ranked, criteria, shares); err != nil {
		return nil, err
	}
	explain(ranked, criteria, shares)
	return out, nil
}

func (s *Study) check(candidates []Measures) error {
	for i, c := range s.Criteria {
		if text, bad := c.Problem(); bad {
			return fmt.Errorf("criterion %d (%q): %s", i, c.ID, text.EN)
		}
		if slices.ContainsFunc(s.Criteria[:i], func(o Choice) bool { return o.ID == c.ID }) {
			return fmt.Errorf("criterion %d (%q) comes twice", i, c.ID)
		}
	}
	if _, weights := weighed(s.Criteria); len(weights) == 0 {
		return errors.New("no criterion has a weight above 0")
	}
	for i, c := range s.Constraints {
		if text, bad := c.Problem(); bad {
			return fmt.Errorf("constraint %d (%q): %s", i, c.Type, text.EN)
		}
	}
	if s.Runs < 1 || s.Runs > MaxRuns {
		return fmt.Errorf("%d runs: 1 to %d are expected", s.Runs, MaxRuns)
	}
	seen := map[string]bool{}
	for i := range candidates {
		if id := candidates[i].ID; seen[id] {
			return fmt.Errorf("candidate %q is given twice", id)
		}
		seen[candidates[i].ID] = true
	}
	return nil
}

func normalised(weights []float64) []float64 {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	out := make([]float64, len(weights))
	for i, w := range weights {
		out[i] = w / total
	}
	return out
}

// assess fills in what concerns one candidate alone, and gives its utilities.
func assess(a *Assessment, m *Measures, constraints []Constraint, criteria []Criterion, shares []float64) []float64 {
	a.ID, a.Low, a.High = m.ID, math.NaN(), math.NaN()
	a.Failed, a.Unverified = check(constraints, m)
	utilities := make([]float64, len(criteria))
	for i, c := range criteria {
		value, ok := m.Criteria[c.ID]
		if !ok {
			value = math.NaN()
		}
		utilities[i] = c.Utility(value)
		a.Criteria = append(a.Criteria, Part{ID: c.ID, Value: value, Utility: utilities[i], Weight: shares[i]})
	}
	a.Score = weightedMean(utilities, shares)
	known := knownWeight(utilities, shares)
	for i := range a.Criteria {
		if p := &a.Criteria[i]; !math.IsNaN(p.Utility) {
			p.Points = 100 * p.Weight * p.Utility / known
		}
	}
	switch {
	case len(a.Failed) > 0:
		a.Status = Excluded
		for _, f := range a.Failed {
			a.Change = append(a.Change, f.Change)
		}
	case len(a.Unverified) > 0 || math.IsNaN(a.Score):
		a.Status = Unknown
	default:
		a.Status = Ranked
	}
	return utilities
}

// weightedMean is the score of utilities, over those that are known; NaN without any. The
// browser computes that of a cell by the same operations in the same order.
func weightedMean(utilities, weights []float64) float64 {
	sum, total := 0.0, 0.0
	for i, u := range utilities {
		if !math.IsNaN(u) {
			sum += weights[i] * u
			total += weights[i]
		}
	}
	return 100 * sum / total
}

func knownWeight(utilities, weights []float64) float64 {
	total := 0.0
	for i, u := range utilities {
		if !math.IsNaN(u) {
			total += weights[i]
		}
	}
	return total
}

// percentile is the share of scores that are at least as high as one, in percent.
func percentile(exposure float64, existing []float64) float64 {
	count, known := 0, 0
	for _, e := range existing {
		if math.IsNaN(e) {
			continue
		}
		known++
		if e >= exposure {
			count++
		}
	}
	if known == 0 || math.IsNaN(exposure) {
		return math.NaN()
	}
	return 100 * float64(count) / float64(known)
}

// rank gives ranks by score, and the front.
func rank(ranked []*rated) {
	lows, highs := make([][]float64, len(ranked)), make([][]float64, len(ranked))
	for i, r := range ranked {
		r.out.Rank = 1
		for _, o := range ranked {
			if o.out.Score > r.out.Score {
				r.out.Rank++
			}
		}
		lows[i], highs[i] = filled(r.utilities, 0), filled(r.utilities, 1)
	}
	for i, on := range front(lows, highs) {
		ranked[i].out.Front = on
	}
}

// filled is utilities with a value in the place of those that are unknown.
func filled(utilities []float64, value float64) []float64 {
	out := slices.Clone(utilities)
	for i, u := range out {
		if math.IsNaN(u) {
			out[i] = value
		}
	}
	return out
}

// front tells which points no other dominates: is at least as good in each coordinate, and
// better in one, from the least that it can be against the most that the point can be.
func front(lows, highs [][]float64) []bool {
	out := make([]bool, len(lows))
	order := make([]int, len(lows))
	sums := make([]float64, len(lows))
	for i := range lows {
		order[i] = i
		for _, u := range lows[i] {
			sums[i] += u
		}
	}
	// What dominates has the greater sum, or is equal but for rounding: it comes first, and
	// dominance being transitive, the members of the front so far are enough to compare with.
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(sums[j], sums[i]), slices.Compare(lows[j], lows[i])) })
	var members []int
	for _, i := range order {
		out[i] = !slices.ContainsFunc(members, func(j int) bool { return dominates(lows[j], highs[i]) })
		if out[i] {
			members = append(members, i)
		}
	}
	return out
}

// dominates tells that a is at least b in each coordinate and more in one.
func dominates(a, b []float64) bool {
	better := false
	for i := range a {
		if a[i] < b[i] {
			return false
		}
		better = better || a[i] > b[i]
	}
	return better
}

// vary draws weights and uncertain values again and again: weights around the study's, the
// exposure from each candidate's draws, the same draw for all, and what is unknown.
func (s *Study) vary(ctx context.Context, ranked []*rated, criteria []Criterion, shares []float64) error {
	weights := score.Stream(s.Seed, "siting weights")
	exposed := slices.IndexFunc(criteria, func(c Criterion) bool { return c.ID == Exposure })
	concentration := score.DefaultMethod().WeightConcentration
	at := make([][]float64, len(ranked))
	for run := range s.Runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		drawn := score.Dirichlet(weights, concentration, shares)
		for i, r := range ranked {
			r.draw(run, exposed, criteria, drawn)
			at[i] = r.at
		}
		count(ranked)
		for i, on := range front(at, at) {
			if on {
				ranked[i].runsOnFront++
			}
		}
	}
	for _, r := range ranked {
		r.summarise(s.Runs)
	}
	return nil
}

// draw makes the utilities and scores of a run.
func (r *rated) draw(run, exposed int, criteria []Criterion, weights []float64) {
	copy(r.at, r.utilities)
	if exposed >= 0 && len(r.draws) > 0 {
		r.at[exposed] = criteria[exposed].Utility(r.draws[run%len(r.draws)])
	}
	sum, missing := 0.0, 0.0
	for i, u := range r.at {
		if math.IsNaN(u) {
			r.at[i] = score.Uniform(r.unknown)
			missing += weights[i]
		} else {
			sum += weights[i] * u
		}
	}
	r.low, r.high, r.drawn = 100*sum, 100*(sum+missing), weightedMean(r.at, weights)
	r.lows, r.highs = append(r.lows, r.low), append(r.highs, r.high)
}

// count gives the ranks of a run: the best that each can have, and the worst.
func count(ranked []*rated) {
	lows, highs, top := make([]float64, len(ranked)), make([]float64, len(ranked)), math.Inf(-1)
	for i, r := range ranked {
		lows[i], highs[i], top = r.low, r.high, max(top, r.drawn)
	}
	slices.Sort(lows)
	slices.Sort(highs)
	for _, r := range ranked {
		// Its own low is not above its high; its own high is above its low when uncertain.
		surely := above(lows, r.high)
		maybe := above(highs, r.low)
		if r.high > r.low {
			maybe--
		}
		r.bestRanks, r.worstRanks = append(r.bestRanks, 1+surely), append(r.worstRanks, 1+maybe)
		if r.drawn >= top {
			r.runsAtTheTop++
		}
	}
}

// above is how many of sorted values are above one.
func above(sorted []float64, v float64) int {
	at, _ := slices.BinarySearchFunc(sorted, v, func(e, v float64) int {
		if e <= v {
			return -1
		}
		return 1
	})
	return len(sorted) - at
}

func (r *rated) summarise(runs int) {
	slices.Sort(r.lows)
	slices.Sort(r.highs)
	slices.Sort(r.bestRanks)
	slices.Sort(r.worstRanks)
	low, _ := score.CentralInterval(r.lows, interval)
	_, high := score.CentralInterval(r.highs, interval)
	best, _ := score.CentralInterval(r.bestRanks, interval)
	_, worst := score.CentralInterval(r.worstRanks, interval)
	a := r.out
	a.Low, a.High = min(low, a.Score), max(high, a.Score)
	a.RankLow, a.RankHigh = min(best, a.Rank), max(worst, a.Rank)
	a.FrontShare, a.BestShare = float64(r.runsOnFront)/float64(runs), float64(r.runsAtTheTop)/float64(runs)
}

// explain says of each ranked candidate that is not first what would make it so.
func explain(ranked []*rated, criteria []Criterion, shares []float64) {
	best := math.Inf(-1)
	for _, r := range ranked {
		best = max(best, r.out.Score)
	}
	for _, r := range ranked {
		if r.out.Rank > 1 {
			r.out.Change = []Text{r.toBeFirst(best, criteria, shares)}
		}
	}
}

// toBeFirst is the change of a single criterion that brings the score to the best, the
// smallest as a share of the way between the criterion's goalposts.
func (r *rated) toBeFirst(best float64, criteria []Criterion, shares []float64) Text {
	gap := (best - r.out.Score) / 100 * knownWeight(r.utilities, shares)
	at, smallest := -1, math.Inf(1)
	for i, u := range r.utilities {
		if step := gap / shares[i]; u+step <= 1 && step < smallest { // false for an unknown
			at, smallest = i, step
		}
	}
	if at < 0 {
		return Text{
			FR: "aucun critère ne suffit à lui seul à le rendre premier",
			EN: "no criterion alone is enough to make it first",
		}
	}
	c := criteria[at]
	needed := c.Goalposts[0] + (r.utilities[at]+smallest)*(c.Goalposts[1]-c.Goalposts[0])
	// Rounded towards what is better, so that what is written is enough.
	unit := 1.0
	if c.Unit != "m" && c.Unit != "€" {
		unit = 10
	}
	if c.Better == Less {
		needed = math.Floor(needed*unit) / unit
	} else {
		needed = math.Ceil(needed*unit) / unit
	}
	from, to := quantity(r.out.Criteria[at].Value, c.Unit), quantity(needed, c.Unit)
	return Text{
		FR: "serait premier si ce critère passait de " + from.FR + " à " + to.FR + "\u00a0: " + c.Label.FR,
		EN: "would be first if this criterion went from " + from.EN + " to " + to.EN + ": " + c.Label.EN,
	}
}
