package siting

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/siting"
)

// Statistics is where series of needs are read from.
type Statistics interface {
	Statistics(ctx context.Context, filter data.StatisticFilter, fn func(*data.Statistic) error) error
}

// Service answers studies from the current snapshot.
type Service struct {
	snapshots  *snapshot.Service
	statistics Statistics
	clock      data.Clock
	surfaces   *surfaces
}

// New makes the service. secret keys the tokens of surfaces, which are not to tell what
// they were made of.
func New(snapshots *snapshot.Service, statistics Statistics, clock data.Clock, secret []byte) *Service {
	return &Service{snapshots: snapshots, statistics: statistics, clock: clock, surfaces: newSurfaces(secret)}
}

// Method is what an answer rests on.
type Method struct {
	Profile  Profile   `json:"profile"`
	Draws    int       `json:"draws"`
	Seed     uint64    `json:"seed"`
	Runs     int       `json:"runs,omitempty"`
	Travel   string    `json:"travel"` // "straight_line"
	Editions []Edition `json:"editions"`
	Time     time.Time `json:"time"`
}

// Profile names the profile of the exposure.
type Profile struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Edition is one current edition of zones.
type Edition struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
}

// straightLine is how distances to the people of the need are measured.
const straightLine = "straight_line"

// basis is what an answer is computed from.
type basis struct {
	*snapshot.Siting
	method Method
}

func (s *Service) open(v data.Viewer, department, replaced string) *basis {
	sn := s.snapshots.Current()
	on := &basis{Siting: s.snapshots.Siting(sn, v, department, replaced)}
	profile := on.Inputs.Scorer.Profile()
	on.method = Method{
		Profile: Profile{Name: profile.Name, Version: profile.Version, Hash: on.Inputs.Scorer.ProfileHash()},
		Draws:   profile.Draws, Seed: profile.Seed, Travel: straightLine, Editions: []Edition{}, Time: s.clock().UTC(),
	}
	for _, e := range sn.Editions(data.Viewer{}) {
		if e.Current {
			on.method.Editions = append(on.method.Editions, Edition{Kind: string(e.Kind), Label: e.Label})
		}
	}
	return on
}

// Errors of studies that have no answer.
var (
	errNoOutline = invalid("department_code", "Le contour du département et de ses communes n’est pas chargé\u00a0: importez les unités administratives.",
		"The outlines of the département and of its communes are not loaded: import the administrative units.")
	errNoOrigins = invalid("need.origins", "Dites d’où viennent les jeunes\u00a0: communes d’origine ou série de statistiques.",
		"Say where the young people come from: communes of origin, or a series of statistics.")
)

func invalid(field, fr, en string) error {
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: CodeInvalidStudy, Field: field, Message: data.Text{FR: fr, EN: en},
	}}}
}

// place is a place of need.
type place struct {
	commune string
	exposure.Demand
}

// need finds where the people of a study are.
func (s *Service) need(ctx context.Context, on *basis, department string, n *Need) ([]place, error) {
	origins := n.Origins
	if n.Series != nil {
		var err error
		if origins, err = s.series(ctx, department, n.Series); err != nil {
			return nil, err
		}
		if len(origins) == 0 {
			return nil, invalid("need.series", "Aucune commune du département n’a de valeur dans cette série.", "No commune of the département has a value in this series.")
		}
	}
	var out []place
	for i, o := range origins {
		at, ok := on.Origin(o.Commune)
		if !ok {
			if n.Series != nil {
				continue // a commune of another year's geography
			}
			return nil, invalid(pathOf("need/origins/"+strconv.Itoa(i)+"/commune_code"), "Le contour de cette commune n’est pas chargé\u00a0: "+o.Commune+".", "The outline of this commune is not loaded: "+o.Commune+".")
		}
		out = append(out, place{o.Commune, exposure.Demand{Point: at, People: o.People}})
	}
	return out, nil
}

// series reads the people of communes in a series of statistics: the count, else the value.
func (s *Service) series(ctx context.Context, department string, from *Series) ([]Origin, error) {
	filter := data.StatisticFilter{
		Levels: []data.StatisticLevel{data.StatisticCommune}, Departments: []string{department},
		Sources: []string{from.Source}, Indicators: []string{from.Indicator}, Since: from.Year, Newest: from.Edition == "",
	}
	if from.Edition != "" {
		filter.Editions = []string{from.Edition}
	}
	var out []Origin
	year := from.Year
	err := s.statistics.Statistics(ctx, filter, func(st *data.Statistic) error {
		if from.Year != 0 && st.Year != from.Year {
			return nil
		}
		year = max(year, st.Year)
		people := st.Count
		if people == nil {
			people = st.Value
		}
		if people != nil && *people > 0 {
			out = append(out, Origin{Commune: string([]byte(st.Area)), People: *people})
		}
		return nil
	})
	return out, err
}

// withStudy puts what a study says of its need and exclusions into the inputs.
func (s *Service) withStudy(ctx context.Context, on *basis, department string, study *Study) ([]place, error) {
	places, err := s.need(ctx, on, department, &study.Need)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		on.Inputs.Origins = append(on.Inputs.Origins, p.Demand)
	}
	for i := range study.Exclusions {
		a := &study.Exclusions[i]
		on.Inputs.Exclusions = append(on.Inputs.Exclusions, siting.Area{ID: a.ID, Label: a.Label, Geometry: orb.MultiPolygon(a.Geometry)})
	}
	return places, nil
}

// measure measures the candidates, on every processor.
func measure(ctx context.Context, on *basis, candidates []Candidate) ([]siting.Measures, error) {
	out := make([]siting.Measures, len(candidates))
	var next atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	for range max(min(runtime.GOMAXPROCS(0), len(candidates)), 1) {
		meter, err := siting.NewMeter(&on.Inputs)
		if err != nil {
			return nil, err
		}
		work.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(candidates) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				m, err := meter.Measure(on.candidate(&candidates[i]))
				if err != nil {
					return err
				}
				out[i] = m
			}
		})
	}
	return out, work.Wait()
}

func (on *basis) candidate(c *Candidate) siting.Candidate {
	p := orb.Point{c.Lon, c.Lat}
	sigma := c.Precision.Sigma()
	if math.IsNaN(sigma) { // as for homes
		sigma = data.PrecisionStreet.Sigma()
	}
	cost := math.NaN()
	if c.Cost != nil {
		cost = *c.Cost
	}
	return siting.Candidate{ID: c.ID, Point: p, Sigma: sigma, CommuneCode: on.CommuneAt(p), Cost: cost}
}

// projection is that of a département's cells.
func projection(department string, outline orb.MultiPolygon) (crs.CRS, error) {
	if c, ok := crs.LegalForDepartment(department); ok {
		return c, nil
	}
	center := outline.Bound().Center()
	if c, ok := crs.Legal(center.Lon(), center.Lat()); ok {
		return c, nil
	}
	return crs.CRS{}, errors.New("no legal projection for département " + department)
}
