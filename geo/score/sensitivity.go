package score

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Method is the uncertainty of the method: which choices could have been made
// otherwise. It is reported apart from the uncertainty of the data.
type Method struct {
	// WeightConcentration is the sum κ of the parameters of the Dirichlet distributions
	// of the pillars' weights and of the weights within each pillar, centred on the
	// profile's: a weight w has the standard deviation √(w(1−w)/(κ+1)). 0 keeps weights.
	WeightConcentration float64
	// GoalpostShift is the most by which each goalpost moves either way, as a share of
	// the distance between the two (uniform), in [0, 0.5). 0 keeps goalposts.
	GoalpostShift float64
	// Aggregations that could be chosen, equally likely; fewer than two keep the profile's.
	Aggregations []Aggregation
	// Choices are the alternatives of computation: radii, bandwidths, decay lengths.
	Choices []Choice
	// Samples is the size N of each of the two base samples: N·(factors + 2) scores are
	// computed a site. At least 16.
	Samples int
	Seed    uint64
}

// DefaultMethod varies weights (κ = 20: a weight of one half stays between 0.32 and
// 0.68 nine times in ten), goalposts by a fifth either way, and the aggregation.
func DefaultMethod() Method {
	return Method{
		WeightConcentration: 20,
		GoalpostShift:       0.2,
		Aggregations:        []Aggregation{Geometric, Arithmetic},
		Samples:             1024,
		Seed:                1,
	}
}

// Choice is one decision on how indicators are computed, with its options, equally likely.
type Choice struct {
	ID      string
	Label   Text
	Options []Option
}

// Option is one way to compute some indicators.
type Option struct {
	ID    string
	Label Text
	// Values replaces the values of indicators, in the order of the sites, NaN =
	// unknown. Empty: as the sites have them; one option of a choice, the adopted one,
	// is. An indicator is replaced by one choice at most.
	Values map[string][]float64
}

// Identifiers of the factors that are no [Choice].
const (
	FactorPillarWeights    = "pillar_weights"
	FactorIndicatorWeights = "indicator_weights"
	FactorGoalposts        = "goalposts"
	FactorAggregation      = "aggregation"
)

// Sensitivity is how much scores depend on the method. Positions are as recorded and
// unknown inputs at the median of their prior throughout, so that the uncertainty of data
// is not in it: the adopted score is that of [Scorer.Explain].
type Sensitivity struct {
	ProfileHash string
	Seed        uint64
	Samples     int
	Evaluations int      // scores computed
	Sites       int      // complete sites, those that the figures are about
	Incomplete  []string // identifiers of the sites left out
	// Factors, in a fixed order; indices are those of all sites' scores together.
	Factors []Factor
	// Deviation is the root mean square, over sites, of the scores' standard deviation
	// under the method's uncertainty, in points.
	Deviation float64
	// ClassChange is the share of sites (0–1) whose class at the central values is not
	// the adopted one: mean over samples, and the ends of the interval (the profile's
	// probability) over samples.
	ClassChange, ClassChangeLow, ClassChangeHigh float64
	// BySite is in the order of the sites given, incomplete ones left out.
	BySite []SiteSensitivity
	// Scenarios change one choice at a time.
	Scenarios []Scenario
}

// Factor is one choice of method and its indices.
type Factor struct {
	ID    string
	Label Text
	SobolIndex
}

// SiteSensitivity is what the method's uncertainty does to one site.
type SiteSensitivity struct {
	ID    string
	Score float64 // adopted
	// Low and High hold the score with the profile's probability over the samples.
	Low, High   float64
	ClassChange float64 // share of samples in which the class is not the adopted one
	// MainFactor is the factor with the largest total index; empty when the score does not vary.
	MainFactor string
}

// Sensitivity explores the method's uncertainty over the central values of sites
// (samplers are not used).
func (s *Scorer) Sensitivity(ctx context.Context, sites []Site, m Method, opts Options) (*Sensitivity, error) {
	study, err := s.newStudy(sites, m)
	if err != nil {
		return nil, err
	}
	out := &Sensitivity{
		ProfileHash: s.hash, Seed: m.Seed, Samples: m.Samples, Sites: len(study.rows), Incomplete: study.incomplete,
		Evaluations: len(study.rows) * m.Samples * (len(study.factors) + 2),
		BySite:      make([]SiteSensitivity, len(study.rows)),
	}
	changed, sums, err := study.explore(ctx, out.BySite, opts)
	if err != nil {
		return nil, err
	}
	indices, variance := sums.indices()
	for i, f := range study.factors {
		out.Factors = append(out.Factors, Factor{ID: f.id, Label: f.label, SobolIndex: indices[i]})
	}
	if n := float64(len(study.rows)); n > 0 {
		out.Deviation = math.Sqrt(variance / n)
		for _, count := range changed {
			out.ClassChange += float64(count) / n / float64(len(changed))
		}
		slices.Sort(changed)
		low, high := centralInterval(changed, s.profile.Interval)
		out.ClassChangeLow, out.ClassChangeHigh = float64(low)/n, float64(high)/n
	}
	out.Scenarios = study.scenarios()
	return out, nil
}

// study is a method's uncertainty made ready for a set of sites.
type study struct {
	*Scorer
	method     Method
	factors    []factor
	incomplete []string
	rows       []row
	governs    []int // of each term: the choice that replaces its values, or −1
}

// row is one complete site.
type row struct {
	id, group string
	score     float64
	class     int
	// values are on the transformed scale, NaN = unknown: of term i under option o at [i][o].
	values [][]float64
}

// settings are one way to make all choices. Parts are shared, never changed.
type settings struct {
	pillars     []float64    // weights, sum 1
	inner       []float64    // of each term within its pillar, sum 1 in it
	goalposts   [][2]float64 // of each term: zero and span on the transformed scale
	aggregation Aggregation
	options     []int // of each choice
}

// factor varies one part of the settings.
type factor struct {
	id    string
	label Text
	// draw replaces its part of the settings by a random one.
	draw func(rng Source, to *settings)
	// take copies its part.
	take func(from, to *settings)
}

func (s *Scorer) newStudy(sites []Site, m Method) (*study, error) {
	switch {
	case m.Samples < 16:
		return nil, fmt.Errorf("score: %d samples: at least 16 are expected", m.Samples)
	case !(m.WeightConcentration >= 0) || math.IsInf(m.WeightConcentration, 1):
		return nil, fmt.Errorf("score: weight concentration %v: a number of at least 0 is expected", m.WeightConcentration)
	case !(m.GoalpostShift >= 0 && m.GoalpostShift < 0.5):
		return nil, fmt.Errorf("score: goalpost shift %v: at least 0 and under 0.5 is expected", m.GoalpostShift)
	}
	for _, a := range m.Aggregations {
		if a != Geometric && a != Arithmetic {
			return nil, fmt.Errorf("score: unknown aggregation %q", a)
		}
	}
	st := &study{Scorer: s, method: m, governs: make([]int, len(s.terms))}
	for i := range st.governs {
		st.governs[i] = -1
	}
	if err := st.choices(len(sites)); err != nil {
		return nil, err
	}
	for at, site := range sites {
		if err := s.check(site); err != nil {
			return nil, err
		}
		b := s.Explain(site.Values)
		if !b.Complete {
			st.incomplete = append(st.incomplete, site.ID)
			continue
		}
		st.rows = append(st.rows, row{
			id: site.ID, group: site.Group, score: b.Score, class: s.profile.Classes.Of(b.Score), values: st.values(site, at),
		})
	}
	st.factors = st.makeFactors()
	if len(st.factors) == 0 {
		return nil, errors.New("score: the method has no choice that varies")
	}
	return st, nil
}

// choices checks them and notes which terms they govern.
func (st *study) choices(sites int) error {
	seen := map[string]bool{FactorPillarWeights: true, FactorIndicatorWeights: true, FactorGoalposts: true, FactorAggregation: true}
	for c, choice := range st.method.Choices {
		if choice.ID == "" || seen[choice.ID] {
			return fmt.Errorf("score: choice %q: an identifier of its own is expected", choice.ID)
		}
		seen[choice.ID] = true
		if len(choice.Options) < 2 {
			return fmt.Errorf("score: choice %q: at least two options are expected", choice.ID)
		}
		if adoptedOption(choice) < 0 {
			return fmt.Errorf("score: choice %q: one option without values, the adopted one, is expected", choice.ID)
		}
		for _, option := range choice.Options {
			for indicator, values := range option.Values {
				i, found := slices.BinarySearch(st.indicators, indicator)
				if !found {
					return fmt.Errorf("score: choice %q, option %q: the profile has no indicator %q", choice.ID, option.ID, indicator)
				}
				if st.governs[i] >= 0 && st.governs[i] != c {
					return fmt.Errorf("score: indicator %q is replaced by choices %q and %q", indicator, st.method.Choices[st.governs[i]].ID, choice.ID)
				}
				if len(values) != sites {
					return fmt.Errorf("score: choice %q, option %q, indicator %q: %d values, %d are expected", choice.ID, option.ID, indicator, len(values), sites)
				}
				st.governs[i] = c
			}
		}
	}
	return nil
}

// values are a site's, transformed, under every option.
func (st *study) values(site Site, at int) [][]float64 {
	out := make([][]float64, len(st.terms))
	for i := range st.terms {
		t := &st.terms[i]
		c := st.governs[i]
		if c < 0 {
			out[i] = []float64{t.transformed(site.Values[i])}
			continue
		}
		for _, option := range st.method.Choices[c].Options {
			v := site.Values[i]
			if replaced, ok := option.Values[st.indicators[i]]; ok {
				v = replaced[at]
			}
			out[i] = append(out[i], t.transformed(v))
		}
	}
	return out
}

// adoptedOption is the first that leaves the sites' values as they are, −1 without one.
func adoptedOption(c Choice) int {
	return slices.IndexFunc(c.Options, func(o Option) bool { return len(o.Values) == 0 })
}

// adopted are the settings of the profile.
func (st *study) adopted() *settings {
	out := &settings{aggregation: st.profile.Aggregation}
	for _, p := range st.pillars {
		out.pillars = append(out.pillars, p.weight)
	}
	for i := range st.terms {
		out.inner = append(out.inner, st.terms[i].inner)
		out.goalposts = append(out.goalposts, [2]float64{st.terms[i].zero, st.terms[i].span})
	}
	for _, choice := range st.method.Choices {
		out.options = append(out.options, adoptedOption(choice))
	}
	return out
}

// evaluate is the score of a site under settings.
func (st *study) evaluate(r *row, use *settings) float64 {
	sum := 0.0
	for i := range st.terms {
		t := &st.terms[i]
		w := use.pillars[t.pillar] * use.inner[i]
		if w == 0 {
			continue
		}
		o := 0
		if c := st.governs[i]; c >= 0 {
			o = use.options[c]
		}
		x := t.prior.Median()
		if v := r.values[i][o]; !math.IsNaN(v) {
			x = min(max((v-use.goalposts[i][0])/use.goalposts[i][1], 0), 1)
		}
		sum += w * use.aggregation.loss(min(x, st.profile.Cap))
	}
	return use.aggregation.score(sum)
}

// sitesAtOnce is a fixed share of the work, so that sums are made in the same order
// whatever the number of workers.
const sitesAtOnce = 16

// explore scores every site under every settings. It fills bySite and gives, for each
// of the 2N settings of the base samples, how many sites change class.
func (st *study) explore(ctx context.Context, bySite []SiteSensitivity, opts Options) ([]int32, *sobolSums, error) {
	n, k := st.method.Samples, len(st.factors)
	a, b := make([]*settings, n), make([]*settings, n)
	for i, f := range st.factors {
		rng := stream(st.method.Seed, "sensitivity", f.id)
		for j := range n {
			if i == 0 {
				a[j], b[j] = st.adopted(), st.adopted()
			}
			f.draw(rng, a[j])
			f.draw(rng, b[j])
		}
	}
	ab := make([][]settings, k)
	for i, f := range st.factors {
		ab[i] = make([]settings, n)
		for j := range n {
			ab[i][j] = *a[j]
			ab[i][j].options = slices.Clone(a[j].options)
			f.take(b[j], &ab[i][j])
		}
	}
	blocks := (len(st.rows) + sitesAtOnce - 1) / sitesAtOnce
	type part struct {
		changed []int32
		sums    *sobolSums
	}
	parts := make([]part, blocks)
	var work errgroup.Group
	work.SetLimit(opts.workers())
	for block := range blocks {
		work.Go(func() error {
			p := part{make([]int32, 2*n), newSobolSums(n, k)}
			scores := make([]float64, 2*n) // of A, then of B
			swapped := make([][]float64, k)
			for i := range swapped {
				swapped[i] = make([]float64, n)
			}
			for at := block * sitesAtOnce; at < min((block+1)*sitesAtOnce, len(st.rows)); at++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				r := &st.rows[at]
				for j := range n {
					scores[j] = st.evaluate(r, a[j])
					scores[n+j] = st.evaluate(r, b[j])
					for i := range swapped {
						swapped[i][j] = st.evaluate(r, &ab[i][j])
					}
				}
				own := newSobolSums(n, k)
				own.add(scores[:n], scores[n:], swapped)
				p.sums.merge(own)
				bySite[at] = st.summary(r, scores, own, p.changed)
			}
			parts[block] = p
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, nil, err
	}
	changed, sums := make([]int32, 2*n), newSobolSums(n, k)
	for _, p := range parts {
		sums.merge(p.sums)
		for j, count := range p.changed {
			changed[j] += count
		}
	}
	return changed, sums, nil
}

// summary is one site's part of the report; it counts its changes of class. scores
// are sorted in place.
func (st *study) summary(r *row, scores []float64, sums *sobolSums, changed []int32) SiteSensitivity {
	out := SiteSensitivity{ID: r.id, Score: r.score}
	count := 0
	for j, v := range scores {
		if st.profile.Classes.Of(v) != r.class {
			changed[j]++
			count++
		}
	}
	out.ClassChange = float64(count) / float64(len(scores))
	slices.Sort(scores)
	low, high := centralInterval(scores, st.profile.Interval)
	out.Low, out.High = min(low, r.score), max(high, r.score)
	if indices, variance := sums.indices(); variance > 0 {
		best := 0
		for i := range indices {
			if indices[i].Total > indices[best].Total {
				best = i
			}
		}
		out.MainFactor = st.factors[best].id
	}
	return out
}
