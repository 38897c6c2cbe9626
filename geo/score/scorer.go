package score

import (
	"cmp"
	"math"
	"slices"
)

// Scorer is a profile made ready to compute. It is immutable and safe for
// concurrent use.
type Scorer struct {
	profile    *Profile
	hash       string
	indicators []string
	terms      []term // aligned with indicators
	pillars    []dimension
}

// term is one indicator that counts.
type term struct {
	pillar int     // index in Scorer.pillars
	inner  float64 // weight within the pillar; they sum to 1 in it
	scale
	prior Prior
}

// dimension is one pillar that counts.
type dimension struct {
	id     string
	weight float64 // they sum to 1
}

// scale maps a value to [0, 1] by its goalposts, possibly on a logarithmic scale.
type scale struct {
	log  bool
	zero float64 // the value that means 0, transformed
	span float64 // transformed value that means 1, less zero
}

// transformed is the value on the scale on which goalposts are linear.
func (s scale) transformed(v float64) float64 {
	if s.log {
		return math.Log(max(v, 0)) // −∞ at and below 0: the limit, clamped later
	}
	return v
}

// normalise clamps (v − zero)/span to [0, 1]; NaN stays NaN.
func (s scale) normalise(v float64) float64 {
	return min(max((s.transformed(v)-s.zero)/s.span, 0), 1)
}

// New makes a profile ready. A profile that is not valid gives an *[InvalidProfileError].
func New(p *Profile) (*Scorer, error) {
	if problems := p.Validate(); len(problems) > 0 {
		return nil, &InvalidProfileError{Problems: problems}
	}
	p = p.Clone()
	s := &Scorer{profile: p, hash: p.Hash()}
	total := 0.0
	inner := map[string]float64{}
	for _, pillar := range p.Pillars {
		total += pillar.Weight
	}
	entries := slices.DeleteFunc(slices.Clone(p.Entries), func(e Entry) bool { return e.Weight == 0 })
	// In the order of identifiers, sums do not depend on the order of the document.
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Indicator, b.Indicator) })
	for _, e := range entries {
		inner[e.Pillar] += e.Weight
	}
	index := map[string]int{}
	for _, pillar := range p.Pillars {
		if pillar.Weight > 0 {
			index[pillar.ID] = len(s.pillars)
			s.pillars = append(s.pillars, dimension{id: pillar.ID, weight: pillar.Weight / total})
		}
	}
	for _, e := range entries {
		i, ok := index[e.Pillar]
		if !ok {
			continue
		}
		t := term{pillar: i, inner: e.Weight / inner[e.Pillar], scale: scale{log: e.Transform == Log}, prior: p.Unknown}
		t.zero = t.transformed(e.Goalposts[0])
		t.span = t.transformed(e.Goalposts[1]) - t.zero
		if e.Unknown != nil {
			t.prior = *e.Unknown
		}
		s.indicators = append(s.indicators, e.Indicator)
		s.terms = append(s.terms, t)
	}
	return s, nil
}

// Profile is a copy of the profile.
func (s *Scorer) Profile() *Profile { return s.profile.Clone() }

// ProfileHash is the profile's [Profile.Hash].
func (s *Scorer) ProfileHash() string { return s.hash }

// Indicators are the identifiers of the indicators that count (weight above 0, in a
// pillar of weight above 0), sorted. Values given to a scorer are in this order.
func (s *Scorer) Indicators() []string { return slices.Clone(s.indicators) }

// weight is a term's share of the whole; these sum to 1.
func (s *Scorer) weight(i int) float64 { return s.pillars[s.terms[i].pillar].weight * s.terms[i].inner }

// loss is what a normalised indicator adds, per unit of weight: −ln(1−x), or x for
// the arithmetic mean. It is never negative.
func (a Aggregation) loss(x float64) float64 {
	if a == Arithmetic {
		return x
	}
	return -math.Log1p(-x)
}

// score turns the weighted sum of losses into 0–100.
func (a Aggregation) score(sum float64) float64 {
	if a == Arithmetic {
		return 100 * sum
	}
	return -100 * math.Expm1(-sum)
}

// Contribution is what one indicator adds to a score.
type Contribution struct {
	Indicator string
	Pillar    string
	Value     float64 // in the indicator's unit; NaN when unknown
	Known     bool    // false: Normalised is the median of the prior
	// Normalised is Value between its goalposts, capped: 0 to the profile's cap.
	Normalised float64
	Weight     float64 // share of the whole, 0–1; weights sum to 1
	// Share of the score, 0–1: wᵢ·ln(1−xᵢ)/Σ, of the means over draws where values are
	// uncertain. Shares sum to 1, or are all 0 when there is no exposure.
	Share float64
	// Points are Share × score; they sum to the score.
	Points float64
}

// Breakdown is the score of one set of values and where it comes from.
type Breakdown struct {
	// Complete is false when nothing is known in a pillar: there is no score then.
	Complete bool
	// Score is 0–100; NaN when incomplete.
	Score float64
	// MissingPillars are the pillars without data, in the profile's order.
	MissingPillars []string
	// Unknown are the indicators whose value is unknown, sorted.
	Unknown []string
	// Contributions, largest first, then by identifier; nil when incomplete.
	Contributions []Contribution
}

// Explain computes the score of values (in the order of Indicators, NaN = unknown)
// and what each indicator adds to it. An unknown indicator counts with the median of
// its prior and is marked. It panics when the number of values is not that of indicators.
func (s *Scorer) Explain(values []float64) Breakdown {
	if len(values) != len(s.terms) {
		panic("score: as many values as indicators are needed")
	}
	var b Breakdown
	known := make([]bool, len(s.pillars))
	for i, v := range values {
		if math.IsNaN(v) {
			b.Unknown = append(b.Unknown, s.indicators[i])
		} else {
			known[s.terms[i].pillar] = true
		}
	}
	for i, ok := range known {
		if !ok {
			b.MissingPillars = append(b.MissingPillars, s.pillars[i].id)
		}
	}
	if len(b.MissingPillars) > 0 {
		b.Score = math.NaN()
		return b
	}
	b.Complete = true
	losses := make([]float64, len(values))
	sum := 0.0
	for i, v := range values {
		losses[i] = s.weight(i) * s.profile.Aggregation.loss(s.central(i, v))
		sum += losses[i]
	}
	b.Score = s.profile.Aggregation.score(sum)
	b.Contributions = s.contributions(values, losses, b.Score)
	return b
}

// contributions shares a score out by the terms' weighted losses.
func (s *Scorer) contributions(values, losses []float64, score float64) []Contribution {
	sum := 0.0
	for _, loss := range losses {
		sum += loss
	}
	out := make([]Contribution, len(values))
	for i, v := range values {
		out[i] = Contribution{
			Indicator: s.indicators[i], Pillar: s.pillars[s.terms[i].pillar].id, Value: v, Known: !math.IsNaN(v),
			Normalised: s.central(i, v), Weight: s.weight(i),
		}
		if sum > 0 {
			out[i].Share = losses[i] / sum
		}
		out[i].Points = out[i].Share * score
	}
	slices.SortStableFunc(out, func(x, y Contribution) int { return cmp.Compare(y.Points, x.Points) })
	return out
}

// central is the normalised and capped value, the prior's median when unknown.
func (s *Scorer) central(i int, v float64) float64 {
	x := s.terms[i].prior.Median()
	if !math.IsNaN(v) {
		x = s.terms[i].normalise(v)
	}
	return min(x, s.profile.Cap)
}
