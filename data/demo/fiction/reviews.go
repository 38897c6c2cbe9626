package fiction

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// review is the review of a home's place, in coded facts.
type review struct {
	ID            string         `json:"review_id"`
	Site          string         `json:"site_id"`
	Type          string         `json:"type"` // pre_opening, annual, triggered
	Trigger       string         `json:"trigger,omitempty"`
	State         string         `json:"state"` // planned, under_way, contradictory, decided, follow_up, closed
	Due           string         `json:"due_on"`
	Started       string         `json:"started_on,omitempty"`
	Provisional   string         `json:"provisional_report_on,omitempty"`
	Decided       string         `json:"decided_on,omitempty"`
	Decision      string         `json:"decision,omitempty"` // suitable, with_measures, unsuitable, relocate
	Consultations []consultation `json:"consultations"`
	Visits        []visit        `json:"visits"`
	Hazards       []hazard       `json:"hazards"`
	Measures      []string       `json:"measure_ids"`

	home      *home
	decidedOn time.Time
}

type consultation struct {
	Body     string `json:"body"`
	Asked    string `json:"asked_on"`
	Answered string `json:"answered_on,omitempty"`
	Outcome  string `json:"outcome"` // no_concern, concern, silence
}

type visit struct {
	On   string `json:"on"`
	Slot string `json:"slot"` // day, night
	// Observations from 1 (bad) to 5 (good).
	Lighting      int `json:"lighting"`
	SightLines    int `json:"sight_lines"`
	AccessControl int `json:"access_control"`
	Surroundings  int `json:"surroundings"`
}

type hazard struct {
	Code       string `json:"code"`
	Likelihood int    `json:"likelihood"` // 1 to 5
	Impact     int    `json:"impact"`     // 1 to 5
	Residual   int    `json:"residual"`   // likelihood × impact that remain, 1 to 25
}

// measure is what a decision asked for.
type measure struct {
	review   *review
	id, kind string
	owner    string
	due      time.Time
	cost     int // euros
	state    string
	done     time.Time
	verified time.Time
}

var (
	hazardCodes  = []string{"recruitment", "loitering", "drug_dealing", "traffic", "isolation", "flood", "intrusion", "poor_lighting"}
	measureKinds = []string{
		"physical_security", "lighting", "staffing", "night_presence", "police_convention", "referent", "runaway_protocol", "training",
	}
	owners = []string{"provider", "departement", "commune", "police", "gendarmerie"}
)

// newReviews makes the reviews of the residences: one each year and one before opening,
// and one after the planted cluster for the homes it hit.
func newReviews(seed uint64, homes []home, truth *planted) ([]review, []measure) {
	r := stream(seed, "reviews")
	var all []review
	for i := range homes {
		h := &homes[i]
		if !h.residence {
			continue
		}
		if h.opened.After(From) {
			all = append(all, newReview(r, h, "pre_opening", "", h.opened.Add(-days(45))))
		}
		shift := days(r.IntN(330))
		for year := From.Year(); year <= To.Year(); year++ {
			due := time.Date(year, time.January, 10, 0, 0, 0, 0, time.UTC).Add(shift)
			if h.openOn(due) && due.Sub(h.opened) > days(200) {
				all = append(all, newReview(r, h, "annual", "", due))
			}
		}
		if slices.Contains(truth.Cluster.SiteIDs, h.finess) {
			all = append(all, newReview(r, h, "triggered", "serious_incident", clusterTo.Add(days(30))))
		}
	}
	slices.SortStableFunc(all, func(a, b review) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Site, b.Site)) })
	var measures []measure
	for i := range all {
		v := &all[i]
		v.ID = fmt.Sprintf("REV-%03d", i+1)
		for range asked(r, v) {
			m := newMeasure(r, v)
			m.id = fmt.Sprintf("MES-%03d", len(measures)+1)
			v.Measures = append(v.Measures, m.id)
			measures = append(measures, m)
		}
	}
	settle(all, measures)
	return all, measures
}

// asked is how many measures a decision asks for.
func asked(r *rand.Rand, v *review) int {
	if v.Decision == "with_measures" || v.Decision == "relocate" {
		return 1 + r.IntN(3)
	}
	return 0
}

// newReview makes a review as it stands on the last day of the period. One decided has a
// police consultation or its silence, a visit by day, and the children's views, as the
// practice asks.
func newReview(r *rand.Rand, h *home, kind, trigger string, due time.Time) review {
	v := review{
		Site: h.finess, Type: kind, Trigger: trigger, Due: day(due), State: "planned", home: h,
		Consultations: []consultation{}, Visits: []visit{}, Hazards: []hazard{}, Measures: []string{},
	}
	started := due.Add(-days(30 + r.IntN(30)))
	if r.Float64() < 0.12 {
		started = due.Add(days(r.IntN(40))) // overdue
	}
	if started.After(To) {
		return v
	}
	v.State, v.Started = "under_way", day(started)
	bodies := []string{h.commune.force(), "children", "staff", "commune", "school"}
	if r.Float64() < 0.3 {
		bodies = append(bodies, "prosecutor")
	}
	risky := h.located && h.near
	for _, body := range bodies {
		v.Consultations = append(v.Consultations, consult(r, body, started, risky))
	}
	v.Visits = append(v.Visits, observe(r, "day", started.Add(days(5+r.IntN(10))), risky))
	if r.Float64() < 0.6 {
		v.Visits = append(v.Visits, observe(r, "night", started.Add(days(7+r.IntN(10))), risky))
	}
	v.Visits = slices.DeleteFunc(v.Visits, func(x visit) bool { return x.On > day(To) })
	for _, k := range r.Perm(len(hazardCodes))[:1+r.IntN(3)] {
		z := hazard{Code: hazardCodes[k], Likelihood: 1 + r.IntN(4), Impact: 1 + r.IntN(5)}
		z.Residual = max(1, z.Likelihood*z.Impact-r.IntN(z.Likelihood*z.Impact))
		v.Hazards = append(v.Hazards, z)
	}
	provisional := started.Add(days(22 + r.IntN(12)))
	if provisional.After(To) {
		return v
	}
	v.State, v.Provisional = "contradictory", day(provisional)
	decided := provisional.Add(days(15 + r.IntN(20)))
	if decided.After(To) {
		return v
	}
	v.State, v.Decided, v.decidedOn = "decided", day(decided), decided
	weights := []float64{70, 28, 1, 1}
	if risky {
		weights = []float64{22, 68, 3, 7}
	}
	v.Decision = []string{"suitable", "with_measures", "unsuitable", "relocate"}[weighted(r, weights)]
	return v
}

func consult(r *rand.Rand, body string, started time.Time, risky bool) consultation {
	c := consultation{Body: body, Asked: day(started.Add(days(1)))}
	answered := started.Add(days(3 + r.IntN(18)))
	concern := 0.12
	if risky {
		concern = 0.45
	}
	switch x := r.Float64(); {
	case answered.After(To) || x < 0.1 && body != "children":
		c.Outcome = "silence"
	case x < 0.1+concern:
		c.Outcome, c.Answered = "concern", day(answered)
	default:
		c.Outcome, c.Answered = "no_concern", day(answered)
	}
	return c
}

func observe(r *rand.Rand, slot string, on time.Time, risky bool) visit {
	grade := func() int {
		g := 2 + r.IntN(4)
		if risky {
			g -= r.IntN(2)
		}
		return g
	}
	return visit{On: day(on), Slot: slot, Lighting: grade(), SightLines: grade(), AccessControl: grade(), Surroundings: grade()}
}

func newMeasure(r *rand.Rand, v *review) measure {
	m := measure{review: v, kind: pick(r, measureKinds...), owner: "provider", state: "planned", cost: 100 * (2 + r.IntN(240))}
	if v.Decision == "relocate" {
		m.kind, m.cost = "relocation", 10_000*(4+r.IntN(60))
	}
	if m.kind == "police_convention" {
		m.owner, m.cost = v.home.commune.force(), 0
	} else if r.Float64() < 0.35 {
		m.owner = pick(r, owners[:3]...)
	}
	m.due = v.decidedOn.Add(days(30 * (1 + r.IntN(9))))
	done := m.due.Add(days(r.IntN(80) - 50))
	verified := done.Add(days(10 + r.IntN(40)))
	switch x := r.Float64(); {
	case x < 0.05:
		m.state = "refused"
	case !verified.After(To) && x < 0.8:
		m.state, m.done, m.verified = "verified", done, verified
	case !done.After(To) && x < 0.9:
		m.state, m.done = "done", done
	case x < 0.95:
		m.state = "ordered"
	}
	return m
}

// settle closes the reviews whose measures are all settled; the others are followed up.
func settle(all []review, measures []measure) {
	open := map[string]bool{}
	for i := range measures {
		if m := &measures[i]; m.state != "verified" && m.state != "refused" {
			open[m.review.ID] = true
		}
	}
	for i := range all {
		switch v := &all[i]; {
		case v.State != "decided":
		case open[v.ID]:
			v.State = "follow_up"
		case To.Sub(v.decidedOn) > days(30):
			v.State = "closed"
		}
	}
}

// reviewsFile is a JSON array, one review a line.
func reviewsFile(reviews []review) (File, error) {
	var b bytes.Buffer
	for i := range reviews {
		line, err := json.Marshal(&reviews[i])
		if err != nil {
			return File{}, err
		}
		b.WriteString(",\n")
		b.Write(line)
	}
	b.WriteString("\n]\n")
	content := b.Bytes()
	content[0] = '['
	return File{FileReviews, content}, nil
}

func measuresFile(measures []measure) File {
	lines := make([][]string, 0, len(measures))
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return day(t)
	}
	for i := range measures {
		m := &measures[i]
		lines = append(lines, []string{
			m.id, m.review.ID, m.review.Site, m.kind, m.owner, day(m.due), number(m.cost), m.state, date(m.done), date(m.verified),
		})
	}
	return table(FileMeasures, []string{
		"measure_id", "review_id", "site_id", "type", "owner_role", "due_on", "cost_eur", "state", "done_on", "verified_on",
	}, lines)
}
