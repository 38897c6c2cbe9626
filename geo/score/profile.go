package score

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Format is what the "format" member of a profile says.
const Format = "vigie-score-profile/1"

// Transform is applied to a value and to its goalposts before normalisation.
type Transform string

// Transforms.
const (
	Linear Transform = "linear"
	Log    Transform = "log" // natural logarithm; goalposts are > 0, values ≤ 0 count as the limit at 0
)

// Aggregation is the way normalised indicators become one number.
type Aggregation string

// Aggregations.
const (
	// Geometric is 1 − Π(1−xᵢ)^wᵢ: a severe exposure is not averaged away.
	Geometric Aggregation = "geometric_on_safety"
	// Arithmetic is Σ wᵢxᵢ: exposures compensate one another in full.
	Arithmetic Aggregation = "arithmetic"
)

// Profile is the whole method of a score as a small document: what counts, how much
// and why, who decided it and when. Its JSON form is read by [ParseProfile]. A
// profile is a value: nothing in this package changes one.
type Profile struct {
	Format      string      `json:"format"`
	Name        string      `json:"name"`
	Version     string      `json:"version"`
	Description Text        `json:"description"`
	Elicitation Elicitation `json:"elicitation"`
	Pillars     []Pillar    `json:"pillars"`
	Entries     []Entry     `json:"entries"`
	Aggregation Aggregation `json:"aggregation"`
	// Cap bounds each normalised indicator, in (0, 1): without it one indicator at
	// its goalpost would make the score 100 whatever its weight.
	Cap     float64 `json:"cap"`
	Classes Classes `json:"classes"`
	// ClassProbability is the least probability of a class for it to be given, in (0.5, 1].
	ClassProbability float64 `json:"class_probability"`
	// Interval is the probability that intervals hold, in (0, 1).
	Interval float64 `json:"interval"`
	// Draws is the number of draws of a site, 100 to 100,000.
	Draws int `json:"draws"`
	// Seed starts every random stream.
	Seed uint64 `json:"seed"`
	// Unknown is the prior of normalised indicators whose value is unknown, unless
	// their entry has one of its own.
	Unknown Prior `json:"unknown"`
}

// Elicitation says where weights and goalposts come from.
type Elicitation struct {
	By     string `json:"by"`     // body or group that decided, not a person
	On     string `json:"on"`     // day of the decision, YYYY-MM-DD
	Method Text   `json:"method"` // how: workshop, pairwise comparison, equal weights…
}

// Pillar is a dimension of exposure. A pillar of which nothing is known leaves the
// score incomplete.
type Pillar struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
	// Weight is relative to the other pillars', ≥ 0; 0 leaves the pillar out.
	Weight float64 `json:"weight"`
}

// Entry is one indicator of a pillar.
type Entry struct {
	Indicator string `json:"indicator"` // identifier in the catalogue
	Pillar    string `json:"pillar"`
	// Weight is relative to the other entries of the pillar, ≥ 0; 0 leaves the indicator out.
	Weight float64 `json:"weight"`
	// Goalposts are the values that mean 0 and 1, in the indicator's unit. Their order
	// tells the direction: [2000, 0] means that less is more exposed.
	Goalposts [2]float64 `json:"goalposts"`
	Transform Transform  `json:"transform"`
	// Reason says why these goalposts.
	Reason Text `json:"reason"`
	// Unknown replaces the profile's prior for this indicator.
	Unknown *Prior `json:"unknown,omitempty"`
}

// Prior is the uniform distribution from which a normalised indicator is drawn when
// its value is unknown: 0 ≤ Low ≤ High ≤ 1. [0, 1] says that nothing is known.
type Prior struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Median is the value that stands for the unknown one where nothing is drawn.
func (p Prior) Median() float64 { return (p.Low + p.High) / 2 }

// at is the quantile function, for u in [0, 1).
func (p Prior) at(u float64) float64 { return p.Low + u*(p.High-p.Low) }

// Classes cut the score into fixed classes, in the same units (0–100).
type Classes struct {
	// Bounds ascend strictly within (0, 100). A score on a bound is in the class above.
	Bounds []float64 `json:"bounds"`
	// Labels has one more element than Bounds, lowest class first.
	Labels []Text `json:"labels"`
}

// Indeterminate is the class of a score whose uncertainty does not allow one.
const Indeterminate = -1

// Of gives the index of the class of a score.
func (c Classes) Of(score float64) int {
	class := 0
	for class < len(c.Bounds) && score >= c.Bounds[class] {
		class++
	}
	return class
}

// Label names a class; Indeterminate and what is out of range are "indéterminée".
func (c Classes) Label(class int) Text {
	if class < 0 || class >= len(c.Labels) {
		return Text{FR: "indéterminée", EN: "indeterminate"}
	}
	return c.Labels[class]
}

// Canonical is the profile as JSON with every default written out, members sorted
// by name and no white space. Numbers are in their shortest form.
func (p *Profile) Canonical() []byte {
	var out bytes.Buffer
	plain, err := json.Marshal(p)
	if err != nil {
		return nil // only a NaN or an infinity can do this, and Validate refuses them
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber() // seeds above 2^53 keep their digits
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil
	}
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(tree); err != nil {
		return nil
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// Hash is the SHA-256 of the canonical form in hexadecimal. It does not depend on
// the order of members, on white space, nor on whether defaults are written; it
// travels with every result.
func (p *Profile) Hash() string {
	sum := sha256.Sum256(p.Canonical())
	return hex.EncodeToString(sum[:])
}

// Clone copies the profile with all it refers to.
func (p *Profile) Clone() *Profile {
	out := *p
	out.Pillars = slices.Clone(p.Pillars)
	out.Entries = slices.Clone(p.Entries)
	for i := range out.Entries {
		if prior := out.Entries[i].Unknown; prior != nil {
			own := *prior
			out.Entries[i].Unknown = &own
		}
	}
	out.Classes.Bounds = slices.Clone(p.Classes.Bounds)
	out.Classes.Labels = slices.Clone(p.Classes.Labels)
	return &out
}
