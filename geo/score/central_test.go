package score

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A score without its explanation is the explained one, to the last digit.
func TestCentralIsTheExplainedScore(t *testing.T) {
	arithmetic := Default()
	arithmetic.Aggregation = Arithmetic
	for _, profile := range []*Profile{Default(), arithmetic} {
		s, err := New(profile)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			values := make([]float64, len(s.Indicators()))
			for i := range values {
				values[i] = math.NaN()
				if rapid.Bool().Draw(t, "known") {
					values[i] = rapid.Float64Range(-10, 40_000).Draw(t, "value")
				}
			}
			got, want := s.Central(values), s.Explain(values).Score
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Fatalf("%v: %v, explained %v", values, got, want)
			}
		})
		values := make([]float64, len(s.Indicators()))
		if n := testing.AllocsPerRun(100, func() { s.Central(values) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// Draws come with the interval that they make.
func TestDrawsMakeTheInterval(t *testing.T) {
	s, err := New(Default())
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, len(s.Indicators()))
	values[0] = math.NaN()
	result, draws, err := s.Draws(Site{ID: "a", Values: values})
	if err != nil {
		t.Fatal(err)
	}
	if len(draws) != Default().Draws {
		t.Fatalf("%d draws", len(draws))
	}
	slices.Sort(draws)
	low, high := CentralInterval(draws, Default().Interval)
	if math.Abs(result.Low-min(low, result.Score)) > 0.001 || math.Abs(result.High-max(high, result.Score)) > 0.001 {
		t.Errorf("interval %v–%v, of the draws %v–%v", result.Low, result.High, low, high)
	}
	if _, draws, _ = s.Draws(Site{ID: "a", Values: make([]float64, len(values))}); len(draws) != 1 {
		t.Errorf("%d draws of a certain score", len(draws))
	}
	if _, _, err := s.Draws(Site{ID: "a"}); err == nil {
		t.Error("a site without values has draws")
	}
}
