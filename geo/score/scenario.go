package score

import "math"

// Scenario is the profile with one choice made otherwise.
type Scenario struct {
	ID    string
	Label Text
	// ChangedClass is how many complete sites are in another class than under the profile.
	ChangedClass int
	// MeanShift and MaxShift are of |score − adopted score|, in points.
	MeanShift, MaxShift float64
	// MeanRankShift is the mean of |rank − adopted rank| within groups, in places.
	MeanRankShift float64
}

// scenarios changes one choice at a time: the aggregation, each option, goalposts
// nearer and farther apart, and each indicator left out.
func (st *study) scenarios() []Scenario {
	var out []Scenario
	add := func(id string, label Text, change func(*settings)) {
		use := st.adopted()
		change(use)
		s := Scenario{ID: id, Label: label}
		scores := make([]float64, len(st.rows))
		for i := range st.rows {
			r := &st.rows[i]
			scores[i] = st.evaluate(r, use)
			if st.profile.Classes.Of(scores[i]) != r.class {
				s.ChangedClass++
			}
			shift := math.Abs(scores[i] - r.score)
			s.MeanShift += shift / float64(len(st.rows))
			s.MaxShift = max(s.MaxShift, shift)
		}
		s.MeanRankShift = st.rankShift(scores)
		out = append(out, s)
	}
	for _, a := range st.method.Aggregations {
		if a == st.profile.Aggregation {
			continue
		}
		label := Text{FR: "Moyenne arithmétique", EN: "Arithmetic mean"}
		if a == Geometric {
			label = Text{FR: "Moyenne géométrique de la sécurité", EN: "Geometric mean of safety"}
		}
		add("aggregation:"+string(a), label, func(to *settings) { to.aggregation = a })
	}
	for c, choice := range st.method.Choices {
		adopted := st.adopted().options[c]
		for o, option := range choice.Options {
			if o == adopted {
				continue
			}
			add(choice.ID+":"+option.ID, Text{
				FR: choice.Label.FR + "\u00a0: " + option.Label.FR,
				EN: choice.Label.EN + ": " + option.Label.EN,
			}, func(to *settings) { to.options[c] = o })
		}
	}
	if shift := st.method.GoalpostShift; shift > 0 {
		stretch := func(by float64) func(*settings) {
			return func(to *settings) {
				for i, g := range to.goalposts {
					to.goalposts[i] = [2]float64{g[0] - by*g[1], g[1] * (1 + 2*by)}
				}
			}
		}
		add("goalposts:wider", Text{FR: "Bornes plus écartées", EN: "Goalposts farther apart"}, stretch(shift))
		add("goalposts:narrower", Text{FR: "Bornes plus serrées", EN: "Goalposts closer together"}, stretch(-shift))
	}
	for _, terms := range st.members() {
		if len(terms) < 2 {
			continue // without its only indicator the pillar would be empty
		}
		for _, left := range terms {
			if st.terms[left].inner == 1 {
				continue // the others' weights are lost in rounding
			}
			add("without:"+st.indicators[left], Text{FR: "Sans " + st.indicators[left], EN: "Without " + st.indicators[left]}, func(to *settings) {
				to.inner[left] = 0
				rest := 0.0
				for _, i := range terms {
					rest += to.inner[i]
				}
				for _, i := range terms {
					to.inner[i] /= rest
				}
			})
		}
	}
	return out
}

// rankShift is the mean absolute change of rank within groups.
func (st *study) rankShift(scores []float64) float64 {
	groups := map[string][]int{}
	for i := range st.rows {
		groups[st.rows[i].group] = append(groups[st.rows[i].group], i)
	}
	total := 0
	for _, members := range groups {
		for _, i := range members {
			before, after := 0, 0
			for _, j := range members {
				if st.rows[j].score > st.rows[i].score {
					before++
				}
				if scores[j] > scores[i] {
					after++
				}
			}
			total += max(before-after, after-before)
		}
	}
	if len(st.rows) == 0 {
		return 0
	}
	return float64(total) / float64(len(st.rows))
}
