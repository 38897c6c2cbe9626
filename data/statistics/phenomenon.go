package statistics

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"vigie/data"
)

// PublishedSeries is what others published of the phenomenon. Figures that conflict stand
// side by side: nothing here is a mean of them.
type PublishedSeries struct {
	ID         string    `json:"id"`
	Label      data.Text `json:"label"`
	Definition data.Text `json:"definition"`
	Unit       data.Text `json:"unit"`
	Coverage   data.Text `json:"coverage"`
	// Low and High are the least and largest of the figures.
	Low     float64           `json:"low"`
	High    float64           `json:"high"`
	Figures []PublishedFigure `json:"figures"`
}

// PublishedFigure is one published figure, a range when its source gives one.
type PublishedFigure struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Date is that of the publication, a year or a day (ISO 8601); nil when not recorded.
	Date   *string   `json:"date"`
	Source data.Text `json:"source"`
}

//go:embed phenomenon.json
var phenomenon []byte

// Phenomenon lists the published national figures.
func Phenomenon() []PublishedSeries {
	var list []PublishedSeries
	if err := json.Unmarshal(phenomenon, &list); err != nil {
		panic(err) // the file is embedded above
	}
	for i := range list {
		s := &list[i]
		s.Low, s.High = s.Figures[0].Low, s.Figures[0].High
		for _, f := range s.Figures {
			s.Low, s.High = min(s.Low, f.Low), max(s.High, f.High)
		}
	}
	return list
}

// ImportedSeries is a series by département that this service imported.
type ImportedSeries struct {
	Source    string           `json:"source"`
	Indicator string           `json:"indicator"`
	Label     data.Text        `json:"label"`
	Unit      string           `json:"unit"`
	Counts    *data.Text       `json:"counts,omitempty"`
	Figures   []ImportedFigure `json:"figures"`
}

// ImportedFigure is a figure of a département in a year.
type ImportedFigure struct {
	Department string `json:"department"`
	Year       int    `json:"year"`
	Edition    string `json:"edition"`
	// Status tells a figure that the producer withholds from one that is not known; neither is 0.
	Status data.StatisticStatus `json:"status"`
	Value  *float64             `json:"value"`
	Count  *float64             `json:"count,omitempty"`
}

// Reader reads imported statistics; every data.Store is one.
type Reader interface {
	Statistics(ctx context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error
}

// Imported lists the imported series by département in their newest edition, by source
// and indicator. Finer levels are not public.
func Imported(ctx context.Context, from Reader) ([]ImportedSeries, error) {
	list := []ImportedSeries{}
	at := map[[3]string]int{}
	filter := data.StatisticFilter{Levels: []data.StatisticLevel{data.StatisticDepartment}, Newest: true}
	err := from.Statistics(ctx, filter, func(s *data.Statistic) error {
		// The mean of withheld communes is not a figure of the département.
		if strings.HasSuffix(s.Indicator, data.SuppressedMean) {
			return nil
		}
		key := [3]string{s.Source, s.Indicator, s.Unit}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key] = i
			series := ImportedSeries{Source: s.Source, Indicator: s.Indicator, Unit: s.Unit, Label: data.Text{FR: s.Indicator, EN: s.Indicator}}
			if known, ok := data.StatisticIndicatorByID(s.Indicator); ok {
				series.Label, series.Counts = known.Label, &known.Counts
			}
			list = append(list, series)
		}
		list[i].Figures = append(list[i].Figures, ImportedFigure{s.Area, s.Year, s.Edition, s.Status, s.Value, s.Count})
		return nil
	})
	slices.SortFunc(list, func(a, b ImportedSeries) int {
		return strings.Compare(a.Source+"/"+a.Indicator+"/"+a.Unit, b.Source+"/"+b.Indicator+"/"+b.Unit)
	})
	return list, err
}
