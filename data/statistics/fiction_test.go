package statistics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// nation makes a fictitious register of n homes over the first départements of the official
// list: large and small ones (lognormal), urban and rural ones, managing bodies of a few homes
// each within a département.
func nation(departments, n int, seed uint64) *Register {
	rng := rand.New(rand.NewPCG(seed, 11473))
	list, _ := official()
	list = list[:departments]
	weights, urban := make([]float64, len(list)), make([]float64, len(list))
	total := 0.0
	for i := range list {
		weights[i] = math.Exp(0.65 * rng.NormFloat64())
		urban[i] = rng.Float64()
		total += weights[i]
	}
	r := &Register{QPV: "2024", Profile: "0123456789abcdef"}
	for i, d := range list {
		homes := max(1, int(math.Round(float64(n)*weights[i]/total)))
		bodies := max(1, homes*3/5)
		for range homes {
			r.Homes = append(r.Homes, fictitiousHome(rng, d.Code, bodies, urban[i]))
		}
	}
	return r
}

// within keeps the homes of some regions.
func within(r *Register, regions ...string) *Register {
	r.Homes = slices.DeleteFunc(r.Homes, func(h Home) bool { return !slices.Contains(regions, RegionOf(h.Department)) })
	return r
}

// fictitiousHome draws a home; urban (0–1) brings it nearer to priority neighbourhoods.
func fictitiousHome(rng *rand.Rand, department string, bodies int, urban float64) Home {
	h := Home{
		Department: department, Address: fmt.Sprintf("%d rue fictive, %s", rng.IntN(1_000_000), department), Located: rng.Float64() < 0.97,
		// Few bodies are large.
		Body: fmt.Sprintf("%s-%d", department, int(float64(bodies)*math.Pow(rng.Float64(), 1.2))), QPV: math.NaN(), Class: -1,
	}
	if rng.Float64() < 0.9 {
		places := 6 + int(rng.ExpFloat64()*18)
		h.Places = &places
	}
	if h.Located {
		h.QPV = 0
		if rng.Float64() > 0.04+0.08*urban {
			h.QPV = rng.ExpFloat64() * (600 + 3000*(1-urban))
		}
		if h.Class = 0; rng.Float64() < 0.6 {
			near := math.Exp(-h.QPV / 800)
			h.Class = 1 + min(4, int(5*math.Pow(rng.Float64(), 1.6-near)))
		}
	}
	return h
}
