package score

import (
	"gonum.org/v1/gonum/stat/distuv"
)

// makeFactors lists what varies, in a fixed order.
func (st *study) makeFactors() []factor {
	var out []factor
	m := st.method
	if m.WeightConcentration > 0 && len(st.pillars) > 1 {
		out = append(out, factor{
			id:    FactorPillarWeights,
			label: Text{FR: "Poids des piliers", EN: "Weights of pillars"},
			draw: func(rng Source, to *settings) {
				to.pillars = dirichlet(rng, m.WeightConcentration, to.pillars)
			},
			take: func(from, to *settings) { to.pillars = from.pillars },
		})
	}
	if members := st.members(); m.WeightConcentration > 0 && len(st.terms) > len(members) {
		out = append(out, factor{
			id:    FactorIndicatorWeights,
			label: Text{FR: "Poids des indicateurs dans leur pilier", EN: "Weights of indicators within pillars"},
			draw: func(rng Source, to *settings) {
				inner := make([]float64, len(to.inner))
				for _, terms := range members {
					means := make([]float64, len(terms))
					for i, term := range terms {
						means[i] = to.inner[term]
					}
					for i, w := range dirichlet(rng, m.WeightConcentration, means) {
						inner[terms[i]] = w
					}
				}
				to.inner = inner
			},
			take: func(from, to *settings) { to.inner = from.inner },
		})
	}
	if m.GoalpostShift > 0 {
		out = append(out, factor{
			id:    FactorGoalposts,
			label: Text{FR: "Bornes des indicateurs", EN: "Goalposts"},
			draw: func(rng Source, to *settings) {
				goalposts := make([][2]float64, len(to.goalposts))
				for i, g := range to.goalposts {
					zero, span := g[0], g[1]
					first := m.GoalpostShift * (2*Uniform(rng) - 1)
					second := m.GoalpostShift * (2*Uniform(rng) - 1)
					goalposts[i] = [2]float64{zero + first*span, span * (1 + second - first)}
				}
				to.goalposts = goalposts
			},
			take: func(from, to *settings) { to.goalposts = from.goalposts },
		})
	}
	if len(m.Aggregations) > 1 {
		out = append(out, factor{
			id:    FactorAggregation,
			label: Text{FR: "Agrégation", EN: "Aggregation"},
			draw: func(rng Source, to *settings) {
				to.aggregation = m.Aggregations[pick(rng, len(m.Aggregations))]
			},
			take: func(from, to *settings) { to.aggregation = from.aggregation },
		})
	}
	for c, choice := range m.Choices {
		out = append(out, factor{
			id:    choice.ID,
			label: choice.Label,
			draw:  func(rng Source, to *settings) { to.options[c] = pick(rng, len(choice.Options)) },
			take:  func(from, to *settings) { to.options[c] = from.options[c] },
		})
	}
	return out
}

// members are the terms of each pillar.
func (st *study) members() [][]int {
	out := make([][]int, len(st.pillars))
	for i := range st.terms {
		out[st.terms[i].pillar] = append(out[st.terms[i].pillar], i)
	}
	return out
}

// pick is uniform over 0 … n−1.
func pick(rng Source, n int) int { return int(Uniform(rng) * float64(n)) }

// dirichlet draws weights with the given means (which sum to 1) and concentration.
func dirichlet(rng Source, concentration float64, means []float64) []float64 {
	out := make([]float64, len(means))
	sum := 0.0
	for i, mean := range means {
		if alpha := concentration * mean; alpha > 0 { // a negligible weight can round to 0
			out[i] = distuv.Gamma{Alpha: alpha, Beta: 1, Src: rng}.Rand()
			sum += out[i]
		}
	}
	if !(sum > 0) { // every Gamma underflowed: the concentration is close to 0
		copy(out, means)
		return out
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
