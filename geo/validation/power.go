package validation

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"vigie/geo/score"
)

// Rule says how many sites with and without events are enough: a one-sided test at
// Significance must find an AUC of Target with probability Power. With m sites with an
// event and n without,
//
//	z(1−Significance)·√V₀ + z(Power)·√V₁ ≤ Target − ½,
//
// V₀ = (m+n+1)/(12mn) being the variance of the Mann–Whitney statistic without any
// link and V₁ that of Hanley and McNeil (1982, Radiology 143) at Target. Whatever the
// outcome, both m and n must be at least 10 for the approximation to hold.
type Rule struct {
	Target, Significance, Power float64
}

const leastEvents = 10

// Enough applies the rule.
func (r Rule) Enough(withEvent, without int) bool {
	if withEvent < leastEvents || without < leastEvents {
		return false
	}
	m, n := float64(withEvent), float64(without)
	null := (m + n + 1) / (12 * m * n)
	return distuv.UnitNormal.Quantile(1-r.Significance)*math.Sqrt(null)+
		distuv.UnitNormal.Quantile(r.Power)*math.Sqrt(hanleyMcNeil(r.Target, m, n)) <= r.Target-0.5
}

// hanleyMcNeil is the variance of an AUC under exponential scores.
func hanleyMcNeil(auc, m, n float64) float64 {
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	return (auc*(1-auc) + (m-1)*(q1-auc*auc) + (n-1)*(q2-auc*auc)) / (m * n)
}

// EventsNeeded is the least number of sites with an event among sites that satisfies
// the rule; false when no number does, because there are too few sites.
func (r Rule) EventsNeeded(sites int) (int, bool) {
	for m := leastEvents; m <= sites-leastEvents; m++ {
		if r.Enough(m, sites-m) {
			return m, true
		}
	}
	return 0, false
}

// mostSites bounds the search for a number of sites.
const mostSites = 1_000_000

// SitesNeeded is the least number of sites that satisfies the rule when the share rate
// (0–1) of them has an event; false when a million do not.
func (r Rule) SitesNeeded(rate float64) (int, bool) {
	enough := func(sites int) bool {
		m := int(math.Round(rate * float64(sites)))
		return r.Enough(m, sites-m)
	}
	high := 2 * leastEvents
	for !enough(high) {
		if high *= 2; high > mostSites {
			return 0, false
		}
	}
	low := high / 2
	for low < high {
		if middle := (low + high) / 2; enough(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return high, true
}

// TooFewError refuses a validation that could not tell.
type TooFewError struct {
	Sites, WithEvent int
	// Needed is the least number of sites with an event among these sites; 0 when even
	// half of them would not do.
	Needed int
	// SitesNeeded is how many sites the observed rate of events asks for; 0 when unknown
	// (no event, or events everywhere).
	SitesNeeded int
	Rule        Rule
}

func (r Rule) refusal(sites, withEvent int) *TooFewError {
	e := &TooFewError{Sites: sites, WithEvent: withEvent, Rule: r}
	e.Needed, _ = r.EventsNeeded(sites)
	if sites > 0 {
		e.SitesNeeded, _ = r.SitesNeeded(float64(withEvent) / float64(sites))
	}
	return e
}

// Error gives the English message.
func (e *TooFewError) Error() string { return "validation: " + e.Message().EN }

// Message says what there is and what is needed.
func (e *TooFewError) Message() score.Text {
	t := score.Text{
		FR: fmt.Sprintf("Trop peu d’incidents pour conclure\u00a0: %d foyers avec au moins un incident sur %d.", e.WithEvent, e.Sites),
		EN: fmt.Sprintf("Too few incidents to tell: %d homes with at least one, of %d.", e.WithEvent, e.Sites),
	}
	switch {
	case e.Needed == 0:
		t.FR += " Ce nombre de foyers ne suffit pas, quel que soit le nombre d’incidents."
		t.EN += " That many homes are not enough whatever the number of incidents."
	case e.WithEvent < e.Needed:
		t.FR += fmt.Sprintf(" Il en faut au moins %d.", e.Needed)
		t.EN += fmt.Sprintf(" At least %d are needed.", e.Needed)
	default:
		t.FR += " Trop peu de foyers n’en ont aucun."
		t.EN += " Too few homes have none."
	}
	if e.SitesNeeded > 0 {
		t.FR += fmt.Sprintf(" À cette fréquence, il faudrait %d foyers, ou une période plus longue.", e.SitesNeeded)
		t.EN += fmt.Sprintf(" At this rate %d homes would be needed, or a longer period.", e.SitesNeeded)
	}
	return t
}
