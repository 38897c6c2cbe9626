package exposure

import (
	"math"
	"math/rand/v2"
	"testing"
)

var none [2]float64 // nothing else is known

// TestShrinkRatesTowardsAll: what is known only together is part of what is drawn towards.
func TestShrinkRatesTowardsAll(t *testing.T) {
	// The last has no exposure of its own: it gets the rate of all.
	counts, exposures := []float64{60, 40, 4, 0}, []float64{10_000, 10_000, 400, 0}
	alone, all := ShrinkRates(counts, exposures, none), ShrinkRates(counts, exposures, [2]float64{96, 79_600})
	if math.Abs(alone[3]-104./20_400) > 1e-12 || math.Abs(all[3]-0.002) > 1e-12 {
		t.Errorf("rate of all %v, of the published %v", all[3], alone[3])
	}
	for i, raw := range []float64{0.006, 0.004, 0.01} {
		if !(all[i] > 0.002 && all[i] < raw) {
			t.Errorf("%v, drawn from %v towards 0.002", all[i], raw)
		}
	}
}

func TestShrinkRates(t *testing.T) {
	// All alike: nothing but noise, everything is the overall rate.
	for _, r := range ShrinkRates([]float64{10, 20, 5}, []float64{1000, 2000, 500}, none) {
		if math.Abs(r-0.01) > 1e-12 {
			t.Errorf("equal rates: %v", r)
		}
	}
	// A tiny place with an extreme rate is drawn further than a large one with the same rate.
	got := ShrinkRates([]float64{6, 6000, 1000, 1000}, []float64{200, 200_000, 200_000, 200_000}, none)
	mean := (6.0 + 6000 + 1000 + 1000) / (200 + 600_000)
	if !(got[0] > mean && got[0] < got[1] && got[1] < 0.03 && got[2] < mean && got[2] > 0.005) {
		t.Errorf("%v around %v", got, mean)
	}
	if got := ShrinkRates([]float64{3, 0}, []float64{0, 0}, none); got[0] != 0 || got[1] != 0 {
		t.Errorf("no exposure: %v", got)
	}
}

// TestShrinkingReducesError: over places whose true rates vary, the estimates are
// nearer to the truth than the raw rates.
func TestShrinkingReducesError(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	n := 400
	truth, counts, exposures := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range truth {
		truth[i] = 0.002 + 0.004*rng.Float64()
		exposures[i] = 300 + 5000*rng.Float64()
		for range int(exposures[i]) {
			if rng.Float64() < truth[i] {
				counts[i]++
			}
		}
	}
	raw, shrunk := 0.0, 0.0
	for i, r := range ShrinkRates(counts, exposures, none) {
		raw += math.Pow(counts[i]/exposures[i]-truth[i], 2)
		shrunk += math.Pow(r-truth[i], 2)
	}
	if !(shrunk < 0.7*raw) {
		t.Errorf("squared error %v after, %v before", shrunk, raw)
	}
}
