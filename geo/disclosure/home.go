package disclosure

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Home is a home as this package needs it. Homes are known by their index in a slice.
type Home struct {
	// Position is longitude and latitude in degrees, CRS84. NaN when it is not known:
	// the home is then shown at the level of the département.
	Position orb.Point
	// Department is the INSEE code ("01", "2A", "974"), required.
	Department string
	// Category is what a masked viewer is told of the kind of home. The empty one is a
	// category like any other.
	Category string
	// Address and Body are keys: the same key is the same address or managing body. An
	// empty key is not known and adds nothing to a number of distinct ones.
	Address, Body string
	// Unlisted is true for a home that the public register lacks. No release shows it: what
	// is left of the rows once those of the register's homes are taken away would be its own.
	Unlisted bool
	// Class is the class of exposure, 1 (lowest) to 5 (highest), 0 when indeterminate.
	Class int
	// Bands are the bands that a masked row shows, one an indicator; see [Scale]. -1 is
	// not known. They must not come from incidents, reviews or other restricted data: what
	// these tell is a label of an [Attribute].
	Bands []int
	// Expected is, for each indicator of Bands, the probability of each band given public
	// geometry: what the attacker expects of this home. A nil distribution means that
	// public geometry tells nothing of the indicator; nil means so of all of them.
	Expected [][]float64
}

// Attribute is something of homes that rows may show: the class of exposure, whether there
// was an incident. Its labels (a class, yes or no) make up the secrets that it holds.
type Attribute struct {
	// Name identifies the attribute in errors.
	Name string
	// Labels is the label of each home that a row shows; -1 is not known and is not shown.
	Labels []int
	// Prior is for each home the probability of each label that anyone can compute from
	// the public register and public polygons; of homes that the register lacks too, for
	// counts that include them.
	Prior [][]float64
	// Secrets are what nobody may learn of a named home.
	Secrets []Secret
}

// Secret is that the label of a home is among some: that it is in the top class, has an
// incident, lacks a measure.
type Secret struct {
	// Name identifies the secret in reports.
	Name string
	// Guarded tells for each label of the attribute whether it is among them.
	Guarded []bool
}

// Labels of the class of exposure: 0 is indeterminate.
const (
	classes   = 6
	highClass = 4
	topClass  = 5
)

// Places of the secrets of [ExposureClass] among those of an attack whose first attribute it is.
const (
	TopClass = iota
	HighClass
)

// ExposureClass is the class of exposure. Its secrets are that a home is in class 5, and that
// it is in class 4 or 5. prior is for each home the probability of classes 0 to 5 given
// public geometry.
func ExposureClass(homes []Home, prior [][]float64) Attribute {
	a := Attribute{Name: "class", Labels: make([]int, len(homes)), Prior: prior, Secrets: []Secret{
		TopClass:  {Name: "top_class", Guarded: from(topClass)},
		HighClass: {Name: "high_class", Guarded: from(highClass)},
	}}
	for i, h := range homes {
		a.Labels[i] = h.Class
	}
	return a
}

// from guards the classes from one on.
func from(class int) []bool {
	guarded := make([]bool, classes)
	for c := class; c < classes; c++ {
		guarded[c] = true
	}
	return guarded
}

// secret is one of the secrets of an attack: of is the place of its attribute.
type secret struct {
	Secret
	of int
}

// secretsOf lists the secrets of attributes, in their order: that of reports and counts.
func secretsOf(attributes []Attribute) []secret {
	var all []secret
	for a, attribute := range attributes {
		for _, s := range attribute.Secrets {
			all = append(all, secret{s, a})
		}
	}
	return all
}

// Rules are the numbers behind masking.
type Rules struct {
	// K is the least number of distinct addresses, and of distinct managing bodies, among
	// the listed homes of a cell.
	K int
	// Classes is the least number of different classes (1 to 5) among them.
	Classes int
	// Bound is the most by which the attacker's probability of a secret may rise (0–1).
	Bound float64
}

// DefaultRules are those of the product: 5 addresses and bodies, 2 classes, a rise of 0.1.
func DefaultRules() Rules { return Rules{K: 5, Classes: 2, Bound: 0.1} }

func (r Rules) check() error {
	if r.K < 1 || r.Classes < 0 || !(r.Bound >= 0 && r.Bound <= 1) {
		return fmt.Errorf("rules %+v: k must be at least 1, classes at least 0, the bound within 0–1", r)
	}
	return nil
}

func checkHomes(homes []Home) error {
	for i, h := range homes {
		switch {
		case h.Department == "":
			return fmt.Errorf("home %d: no département", i)
		case h.Class < 0 || h.Class > topClass:
			return fmt.Errorf("home %d: class %d; expected 0 to %d", i, h.Class, topClass)
		case h.Expected != nil && len(h.Expected) != len(h.Bands):
			return fmt.Errorf("home %d: %d expected bands for %d bands", i, len(h.Expected), len(h.Bands))
		case len(h.Bands) != len(homes[0].Bands):
			return fmt.Errorf("home %d: %d bands; home 0 has %d", i, len(h.Bands), len(homes[0].Bands))
		}
		for j, p := range h.Expected {
			if p == nil {
				continue
			}
			if err := checkDistribution(p); err != nil {
				return fmt.Errorf("home %d, indicator %d: %w", i, j, err)
			}
		}
	}
	return nil
}

func checkAttributes(homes []Home, attributes []Attribute) error {
	for _, a := range attributes {
		if len(a.Labels) != len(homes) || len(a.Prior) != len(homes) {
			return fmt.Errorf("attribute %s: %d labels and %d priors for %d homes", a.Name, len(a.Labels), len(a.Prior), len(homes))
		}
		for _, s := range a.Secrets {
			if len(s.Guarded) != len(a.Secrets[0].Guarded) {
				return fmt.Errorf("attribute %s, secret %s: %d labels; %s has %d", a.Name, s.Name, len(s.Guarded), a.Secrets[0].Name, len(a.Secrets[0].Guarded))
			}
		}
		if len(a.Secrets) == 0 {
			return fmt.Errorf("attribute %s: no secret", a.Name)
		}
		for i, p := range a.Prior {
			if len(p) != a.size() {
				return fmt.Errorf("attribute %s, home %d: %d probabilities for %d labels", a.Name, i, len(p), a.size())
			}
			if err := checkDistribution(p); err != nil {
				return fmt.Errorf("attribute %s, home %d: %w", a.Name, i, err)
			}
			if l := a.Labels[i]; l < -1 || l >= a.size() {
				return fmt.Errorf("attribute %s, home %d: label %d of %d", a.Name, i, l, a.size())
			}
		}
	}
	return nil
}

// size is the number of labels of a checked attribute.
func (a *Attribute) size() int { return len(a.Secrets[0].Guarded) }

func checkDistribution(p []float64) error {
	sum := 0.0
	for _, v := range p {
		if !(v >= 0) {
			return fmt.Errorf("probability %v", v)
		}
		sum += v
	}
	if !(math.Abs(sum-1) <= 1e-6) {
		return fmt.Errorf("probabilities sum to %v", sum)
	}
	return nil
}
