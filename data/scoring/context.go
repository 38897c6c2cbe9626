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
// which a year is not published has no rate, and counts in the département's by the mean
// that the producer gives of those.
func crimeRates(ctx context.Context, from Statistics) (map[string]float64, error) {
	for _, indicator := range crimeIndicators {
		byCommune, rest, err := recordedFacts(ctx, from, indicator)
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
		for department, codes := range byDepartment {
			slices.Sort(codes)
			counts, exposures := make([]float64, len(codes)), make([]float64, len(codes))
			for i, code := range codes {
				counts[i], exposures[i] = byCommune[code].count, byCommune[code].exposure
			}
			for i, rate := range exposure.ShrinkRates(counts, exposures, rest[department]) {
				rates[codes[i]] = 1000 * rate
			}
		}
		return rates, nil
	}
	return nil, nil
}

// withheld are a département's communes whose figure of a year is not published.
type withheld struct {
	communes, inhabitants float64
	mean                  float64 // facts of one of them, as the producer says; NaN when not
}

// recordedFacts sums the last three years of an indicator by commune, for communes
// of which all three are published; rest is, by département, the count and exposure of
// what is not published in a year of which the producer gives the mean.
func recordedFacts(ctx context.Context, from Statistics, indicator string) (published map[string]facts, rest map[string][2]float64, err error) {
	filter := data.StatisticFilter{
		Levels: []data.StatisticLevel{data.StatisticCommune, data.StatisticDistrict}, Indicators: []string{indicator}, Sources: []string{data.SourceSSMSI}, Newest: true,
	}
	last := 0
	if err := from.Statistics(ctx, filter, func(st *data.Statistic) error {
		last = max(last, st.Year)
		return nil
	}); err != nil || last == 0 {
		return nil, nil, err
	}
	filter.Since = last - crimeYears + 1
	published = map[string]facts{}
	type key struct {
		department string
		year       int
	}
	hidden := map[key]withheld{}
	err = from.Statistics(ctx, filter, func(st *data.Statistic) error {
		switch {
		case st.Denominator == nil:
		case st.Status == data.StatisticNotPublished:
			k := key{strings.Clone(st.Department), st.Year}
			w := hidden[k]
			hidden[k] = withheld{w.communes + 1, w.inhabitants + *st.Denominator, math.NaN()}
		case st.Status == data.StatisticPublished && st.Count != nil:
			f := published[st.Area]
			f.department = strings.Clone(st.Department)
			f.count, f.exposure, f.years = f.count+*st.Count, f.exposure+*st.Denominator, f.years+1
			published[strings.Clone(st.Area)] = f
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	filter.Levels, filter.Indicators = []data.StatisticLevel{data.StatisticDepartment}, []string{indicator + data.SuppressedMean}
	err = from.Statistics(ctx, filter, func(st *data.Statistic) error {
		if w, ok := hidden[key{st.Area, st.Year}]; ok && st.Count != nil {
			w.mean = *st.Count
			hidden[key{strings.Clone(st.Area), st.Year}] = w
		}
		return nil
	})
	rest = map[string][2]float64{}
	for k, w := range hidden {
		if !math.IsNaN(w.mean) {
			r := rest[k.department]
			rest[k.department] = [2]float64{r[0] + w.mean*w.communes, r[1] + w.inhabitants}
		}
	}
	// A commune of which a year is not published is in the rest for that year only.
	for code, f := range published {
		if f.years < crimeYears {
			r := rest[f.department]
			rest[f.department] = [2]float64{r[0] + f.count, r[1] + f.exposure}
			delete(published, code)
		}
	}
	return published, rest, err
}
