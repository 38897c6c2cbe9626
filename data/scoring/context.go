package scoring

import (
	"context"
	"math"
	"slices"
	"strings"

	"vigie/data"
	"vigie/geo/crs"
	"vigie/geo/exposure"
)

// crimeIndicators are the series of violence outside the family, the newest
// definition first: only one is used, that of the most recent years.
var crimeIndicators = []string{"physical_violence_other", "assault_other"}

// crimeYears is how many successive years the rate is the mean of.
const crimeYears = 3

// facts are a commune's recorded facts in the years of the rate.
type facts struct {
	department string
	count      float64
	exposure   float64 // inhabitants × years
	years      int
}

// Statistics is where published figures are read: a store, or what was read of files.
type Statistics interface {
	// Statistics is that of data.SnapshotSource.
	Statistics(ctx context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error
}

// Context reads what statistics say of communes, by INSEE code.
func Context(ctx context.Context, from Statistics) (map[string]exposure.CommuneContext, error) {
	rates, err := crimeRates(ctx, from)
	if err != nil {
		return nil, err
	}
	out := map[string]exposure.CommuneContext{}
	for code, rate := range rates {
		out[code] = exposure.CommuneContext{CrimeRate: rate, PoorShare: math.NaN()}
	}
	// The newest year comes last.
	filter := data.StatisticFilter{Levels: []data.StatisticLevel{data.StatisticCommune, data.StatisticDistrict}, Indicators: []string{data.IndicatorPoorShare}, Newest: true}
	err = from.Statistics(ctx, filter, func(st *data.Statistic) error {
		if st.Value != nil {
			c, ok := out[st.Area]
			if !ok {
				c.CrimeRate = math.NaN()
			}
			c.PoorShare = *st.Value
			out[strings.Clone(st.Area)] = c
		}
		return nil
	})
	return out, err
}

// Income reads the households and poor households of cells of 200 m; nil when there are none.
func Income(ctx context.Context, from Statistics) (*exposure.IncomeGrid, error) {
	var cells exposure.IncomeGridBuilder
	// The newest year of a cell comes last, and stands.
	filter := data.StatisticFilter{
		Levels: []data.StatisticLevel{data.StatisticGrid200}, Indicators: []string{data.IndicatorPoorShare}, Sources: []string{data.SourceFilosofi}, Newest: true,
	}
	err := from.Statistics(ctx, filter, func(st *data.Statistic) error {
		if st.Count == nil || st.Denominator == nil {
			return nil
		}
		cell, err := crs.ParseGridCell(st.Area)
		if err != nil {
			return err
		}
		cells.Add(cell, *st.Denominator, *st.Count, st.Estimated)
		return nil
	})
	return cells.Build(), err
}

// crimeRates gives, by commune, the recorded facts per 1,000 inhabitants and year:
// the mean of the last three years, shrunk to the département's. A commune of
// which a year is not published has no rate.
func crimeRates(ctx context.Context, from Statistics) (map[string]float64, error) {
	for _, indicator := range crimeIndicators {
		byCommune, err := recordedFacts(ctx, from, indicator)
		if err != nil {
			return nil, err
		}
		if len(byCommune) == 0 {
			continue
		}
		rates := map[string]float64{}
		byDepartment := map[string][]string{}
		for code, f := range byCommune {
			byDepartment[f.department] = append(byDepartment[f.department], code)
		}
		for _, codes := range byDepartment {
			slices.Sort(codes)
			counts, exposures := make([]float64, len(codes)), make([]float64, len(codes))
			for i, code := range codes {
				counts[i], exposures[i] = byCommune[code].count, byCommune[code].exposure
			}
			for i, rate := range exposure.ShrinkRates(counts, exposures) {
				rates[codes[i]] = 1000 * rate
			}
		}
		return rates, nil
	}
	return nil, nil
}

// recordedFacts sums the last three years of an indicator by commune, for communes
// of which all three are published.
func recordedFacts(ctx context.Context, from Statistics, indicator string) (map[string]facts, error) {
	filter := data.StatisticFilter{
		Levels: []data.StatisticLevel{data.StatisticCommune, data.StatisticDistrict}, Indicators: []string{indicator}, Sources: []string{data.SourceSSMSI}, Newest: true,
	}
	last := 0
	if err := from.Statistics(ctx, filter, func(st *data.Statistic) error {
		last = max(last, st.Year)
		return nil
	}); err != nil || last == 0 {
		return nil, err
	}
	filter.Since = last - crimeYears + 1
	out := map[string]facts{}
	err := from.Statistics(ctx, filter, func(st *data.Statistic) error {
		if st.Count == nil || st.Denominator == nil || st.Status != data.StatisticPublished {
			return nil
		}
		f := out[st.Area]
		f.department = strings.Clone(st.Department)
		f.count, f.exposure, f.years = f.count+*st.Count, f.exposure+*st.Denominator, f.years+1
		out[strings.Clone(st.Area)] = f
		return nil
	})
	for code, f := range out {
		if f.years < crimeYears {
			delete(out, code)
		}
	}
	return out, err
}
