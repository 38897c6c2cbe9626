package validation

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"vigie/geo/score"
)

// Case is one site over the period that is looked at.
type Case struct {
	ID string
	// Score is 0–100; NaN (no score) leaves the case out, counted in Report.WithoutScore.
	Score float64
	// Events is the number of incidents in the period, ≥ 0. A site counts once, however
	// many it has: a home that reports more is not a place that is more exposed.
	Events int
	// Group is the type of neighbourhood, by which errors are reported; "" is none.
	Group string
	// Stratum is the set within which the permutation test exchanges sites: places that
	// report alike, for example a département, or a class of capacity.
	Stratum string
}

// Period holds days as YYYY-MM-DD, which compare as text.
type Period struct {
	InputsUntil string // last day that any input of the score describes
	From, Until string // first and last day of the events
}

// Options of a validation. [DefaultOptions] has the usual ones.
type Options struct {
	Period Period
	// Target is the AUC worth detecting, in (0.5, 1); with Significance (one-sided) and
	// Power it says how many events are needed.
	Target, Significance, Power float64
	// Confidence of the intervals, in (0, 1).
	Confidence float64
	// Permutations and Resamples are the numbers of runs of the permutation test and of
	// the bootstrap, at least 99.
	Permutations, Resamples int
	// Threshold is the score from which a site counts as exposed in errors by group.
	Threshold float64
	Seed      uint64
}

// DefaultOptions detect an AUC of 0.7 at 5 % with a power of 80 %.
func DefaultOptions(period Period) Options {
	return Options{
		Period: period, Target: 0.7, Significance: 0.05, Power: 0.8, Confidence: 0.95,
		Permutations: 9999, Resamples: 2000, Threshold: 60, Seed: 1,
	}
}

// Report is the outcome of a validation.
type Report struct {
	Period       Period
	Seed         uint64
	Sites        int // with a score
	WithoutScore int // left out
	WithEvent    int // sites with at least one event
	Events       int // events of the sites with a score
	Needed       int // sites with an event that the rule asks for
	Rate         Proportion
	AUC          AUC
	Permutation  Permutation
	Calibration  Calibration
	TopDecile    Lift
	Groups       []GroupErrors // by name
}

// Validate compares scores with later events. It fails with a *[CircularError] when
// the events are not later than the inputs, with a *[TooFewError] when there are too
// few events (or too few sites without any), and when options are out of range, an
// identifier comes twice, or a score is not 0–100.
func Validate(cases []Case, opts Options) (*Report, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	r := &Report{Period: opts.Period, Seed: opts.Seed}
	var kept []Case
	seen := map[string]bool{}
	for _, c := range cases {
		switch {
		case seen[c.ID]:
			return nil, fmt.Errorf("validation: site %q is given twice", c.ID)
		case c.Events < 0:
			return nil, fmt.Errorf("validation: site %q has %d events", c.ID, c.Events)
		case c.Score < 0 || c.Score > 100:
			return nil, fmt.Errorf("validation: site %q has the score %v, 0 to 100 is expected", c.ID, c.Score)
		}
		seen[c.ID] = true
		if math.IsNaN(c.Score) {
			r.WithoutScore++
			continue
		}
		kept = append(kept, c)
		r.Events += c.Events
		if c.Events > 0 {
			r.WithEvent++
		}
	}
	r.Sites = len(kept)
	rule := Rule{Target: opts.Target, Significance: opts.Significance, Power: opts.Power}
	r.Needed, _ = rule.EventsNeeded(r.Sites)
	if !rule.Enough(r.WithEvent, r.Sites-r.WithEvent) {
		return nil, rule.refusal(r.Sites, r.WithEvent)
	}
	// From here on in the order of scores; identifiers make it one order.
	slices.SortFunc(kept, func(a, b Case) int { return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(a.ID, b.ID)) })
	s := newSample(kept)
	r.Rate = proportion(r.WithEvent, r.Sites, opts.Confidence)
	r.AUC = s.auc(opts.Confidence)
	r.Permutation = s.permute(kept, opts.Permutations, opts.Seed)
	r.Calibration = s.calibrate(opts.Confidence)
	r.TopDecile = s.lift(opts)
	r.Groups = s.groups(kept, r.Calibration, opts)
	return r, nil
}

func (o Options) check() error {
	inside := func(v, low, high float64) bool { return v > low && v < high }
	switch {
	case !inside(o.Target, 0.5, 1):
		return fmt.Errorf("validation: target AUC %v: between 0.5 and 1 is expected", o.Target)
	case !inside(o.Significance, 0, 0.5):
		return fmt.Errorf("validation: significance %v: between 0 and 0.5 is expected", o.Significance)
	case !inside(o.Power, 0, 1):
		return fmt.Errorf("validation: power %v: between 0 and 1 is expected", o.Power)
	case !inside(o.Confidence, 0, 1):
		return fmt.Errorf("validation: confidence %v: between 0 and 1 is expected", o.Confidence)
	case o.Permutations < 99 || o.Resamples < 99:
		return fmt.Errorf("validation: %d permutations and %d resamples: at least 99 are expected", o.Permutations, o.Resamples)
	}
	for _, day := range []string{o.Period.InputsUntil, o.Period.From, o.Period.Until} {
		if !isDay(day) {
			return fmt.Errorf("validation: %q: a day YYYY-MM-DD is expected", day)
		}
	}
	if o.Period.Until < o.Period.From {
		return fmt.Errorf("validation: the period ends on %s, before it begins on %s", o.Period.Until, o.Period.From)
	}
	if o.Period.From <= o.Period.InputsUntil {
		return &CircularError{Period: o.Period}
	}
	return nil
}

func isDay(s string) bool {
	for i, c := range []byte(s) {
		if (i == 4 || i == 7) != (c == '-') || c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) == 10
}

// CircularError refuses events that the score may already contain.
type CircularError struct{ Period Period }

// Error gives the English message.
func (e *CircularError) Error() string { return "validation: " + e.Message().EN }

// Message says what is expected.
func (e *CircularError) Message() score.Text {
	return score.Text{
		FR: fmt.Sprintf("Les incidents commencent le %s, mais les données du score vont jusqu’au %s\u00a0: seuls des incidents postérieurs peuvent le mettre à l’épreuve.", e.Period.From, e.Period.InputsUntil),
		EN: fmt.Sprintf("The incidents begin on %s, but the score's inputs go up to %s: only later incidents can test it.", e.Period.From, e.Period.InputsUntil),
	}
}
