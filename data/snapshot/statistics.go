package snapshot

import (
	"context"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/geo/exposure"
	"vigie/geo/pointindex"
)

// loadStatistics reads what statistics say of communes and of cells.
func (s *Service) loadStatistics(ctx context.Context, next *Snapshot, world *exposure.World) (err error) {
	if world.Context, err = scoring.Context(ctx, s.source); err != nil {
		return err
	}
	if world.Income, err = scoring.Income(ctx, s.source); err != nil {
		return err
	}
	next.demand.under21 = map[string]float64{}
	filter := data.StatisticFilter{Levels: []data.StatisticLevel{data.StatisticCommune}, Indicators: []string{data.IndicatorPopulationUnder21}, Newest: true}
	return s.source.Statistics(ctx, filter, func(st *data.Statistic) error {
		if st.Value != nil {
			next.demand.under21[strings.Clone(st.Area)] = *st.Value
		}
		return nil
	})
}

// demand is how many people under 21 live in which commune.
type demand struct {
	under21 map[string]float64 // by INSEE code
	// index holds the centroids of the communes that have a figure, people their figures;
	// nil when no commune has both.
	index  *pointindex.Index
	people []float64
}

// settle places the people at the centroids of their communes.
func (d *demand) settle(areas []areaRecord) {
	var points []orb.Point
	d.index, d.people = nil, nil
	for i := range areas {
		a := &areas[i]
		if n, ok := d.under21[a.Code]; ok && a.Level == data.AreaCommune {
			centroid, _ := planar.CentroidArea(a.Geometry)
			points, d.people = append(points, centroid), append(d.people, n)
		}
	}
	if len(points) > 0 {
		d.index = pointindex.Build(points)
	}
}
