package scoring_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"vigie/data"
	"vigie/data/scoring"
)

// figures are published figures in hand.
type figures []data.Statistic

func (f figures) Statistics(_ context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error {
	for i := range f {
		s := &f[i]
		if slices.Contains(filter.Levels, s.Level) && slices.Contains(filter.Indicators, s.Indicator) && s.Year >= filter.Since {
			if err := fn(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestRatesAreDrawnToTheDepartment: communes whose figure is withheld count in the rate of
// the département by the mean that the producer gives of them, and get no rate.
func TestRatesAreDrawnToTheDepartment(t *testing.T) {
	at := func(f float64) *float64 { return &f }
	var all figures
	for year := 2023; year <= 2025; year++ {
		commune := func(code string, count *float64, people float64) {
			s := data.Statistic{Area: code, Level: data.StatisticCommune, Department: "00", Indicator: "physical_violence_other", Year: year, Source: data.SourceSSMSI, Count: count, Denominator: at(people), Status: data.StatisticPublished}
			if count == nil {
				s.Status = data.StatisticNotPublished
			}
			all = append(all, s)
		}
		// The small one's rate is almost the département's.
		commune("00001", at(60), 10_000)
		commune("00002", at(60), 10_000)
		commune("00003", at(0), 1)
		for _, code := range []string{"00004", "00005", "00006", "00007"} {
			commune(code, nil, 2000)
		}
	}
	rate := func(all figures) float64 {
		c, err := scoring.Context(context.Background(), all)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := c["00004"]; ok {
			t.Error("a withheld commune has a rate")
		}
		return c["00003"].CrimeRate
	}
	if got := rate(all); math.Abs(got-6) > 0.1 {
		t.Errorf("without the producer's mean: %v ‰", got)
	}
	for year := 2023; year <= 2025; year++ {
		all = append(all, data.Statistic{Area: "00", Level: data.StatisticDepartment, Department: "00", Indicator: "physical_violence_other" + data.SuppressedMean, Year: year, Source: data.SourceSSMSI, Value: at(1), Count: at(2), Status: data.StatisticPublished})
	}
	// (120 + 4 × 2) facts a year of 28,001 people.
	if got := rate(all); math.Abs(got-4.57) > 0.1 {
		t.Errorf("with the producer's mean: %v ‰", got)
	}
}
