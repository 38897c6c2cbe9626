package siting

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
	"vigie/geo/siting"
	"vigie/geo/siting/allocation"
)

// Limits of an allocation.
const (
	maxPool = 2000 // places to choose among
	// bestCells is how many cells the pool of a surface holds, cellSpacing metres apart.
	bestCells   = 300
	cellSpacing = 1000
)

// Allocated is the answer of an allocation.
type Allocated struct {
	Study StudyRef `json:"study"`
	Model Model    `json:"model"`
	Pool  Pool     `json:"pool"`
	// Choices is how many places there were to choose among, Existing how many homes count
	// as open already.
	Choices  int      `json:"choices"`
	Existing int      `json:"existing"`
	Chosen   []Chosen `json:"chosen"`
	// Objective and Bound are in Unit: people times metres to the nearest home, people
	// within reach, or metres between homes.
	Objective Number `json:"objective"`
	Unit      string `json:"unit"`
	Bound     Number `json:"bound"`
	// Gap is how much better the best choice could be at most, as a share of the objective.
	Gap    Number `json:"gap"`
	Proven bool   `json:"proven"`
	Seed   uint64 `json:"seed"`
	Effort Effort `json:"effort"`
	Method Method `json:"method"`
}

// Effort is what the search was allowed, and how many sub-problems it opened.
type Effort struct {
	MaxNodes int `json:"max_nodes"`
	Shakes   int `json:"shakes"`
	Nodes    int `json:"nodes"`
}

// Chosen is a place that was chosen.
type Chosen struct {
	ID    string  `json:"id"`
	Label string  `json:"label"`
	Lon   float64 `json:"lon"`
	Lat   float64 `json:"lat"`
}

// Allocate chooses the places of several homes at once, by the study's allocation, among
// its candidates that no constraint excludes or the best cells of its surface. It fails on
// a study without an allocation or with too many or too few places (*data.InvalidError),
// and when ctx ends.
func (s *Service) Allocate(ctx context.Context, v data.Viewer, d *data.Document, study *Study) (*Allocated, error) {
	a := study.Allocation
	if a == nil {
		return nil, invalid("allocation", "L’étude ne demande pas d’implanter plusieurs foyers à la fois.", "The study does not ask for several homes at once.")
	}
	on := s.open(v, d.Department, study.OriginSiteID)
	places, err := s.withStudy(ctx, on, d.Department, study)
	if err != nil {
		return nil, err
	}
	if a.Model != Dispersion && len(places) == 0 {
		return nil, errNoOrigins
	}
	var pool []Chosen
	if a.Pool == PoolCells {
		pool, err = s.cells(ctx, v, d.Department, on, study)
	} else {
		pool, err = candidatePool(ctx, on, study)
	}
	if err != nil {
		return nil, err
	}
	if len(pool) > maxPool {
		return nil, invalid("candidates", "Plus de 2\u202f000 candidats possibles\u00a0: ajoutez des contraintes, ou retirez des candidats.", "More than 2,000 possible candidates: add constraints, or take candidates out.")
	}
	effort := allocation.DefaultEffort
	effort.Seed = study.Seed
	found, unit, err := solve(ctx, on, a, places, pool, effort)
	if errors.Is(err, allocation.ErrTooFew) {
		return nil, invalid("allocation.homes", "Moins de lieux possibles ("+strconv.Itoa(len(pool))+") que de foyers à implanter.", "Fewer possible places ("+strconv.Itoa(len(pool))+") than homes to place.")
	}
	if err != nil {
		return nil, err
	}
	out := &Allocated{
		Study: StudyRef{d.ID, d.Version}, Model: a.Model, Pool: a.Pool, Choices: len(pool), Existing: len(on.Inputs.Homes), Chosen: []Chosen{},
		Objective: Number(found.Objective), Unit: unit, Bound: Number(found.Bound), Gap: Number(found.Gap()), Proven: found.Proven,
		Seed: effort.Seed, Effort: Effort{effort.Nodes, effort.Shakes, found.Nodes}, Method: on.method,
	}
	for _, i := range found.Chosen {
		out.Chosen = append(out.Chosen, pool[i])
	}
	return out, nil
}

func solve(ctx context.Context, on *basis, a *Allocation, places []place, pool []Chosen, effort allocation.Effort) (allocation.Solution, string, error) {
	points := make([]orb.Point, len(pool))
	for i, c := range pool {
		points[i] = orb.Point{c.Lon, c.Lat}
	}
	if a.Model == Dispersion {
		spread := allocation.Spread{Candidates: len(pool), Distances: mutual(points), Existing: nearest(points, on.Inputs.Homes)}
		found, err := allocation.Disperse(ctx, spread, a.Homes, effort)
		return found, "m", err
	}
	need := allocation.Need{Candidates: len(pool)}
	from := make([]orb.Point, len(places))
	for i, p := range places {
		from[i], need.Weights = p.Point, append(need.Weights, p.People)
	}
	need.Distances, need.Existing = distances(from, points), nearest(from, on.Inputs.Homes)
	if a.Model == Cover {
		found, err := allocation.Cover(ctx, need, a.Reach, a.Homes, effort)
		return found, "people", err
	}
	found, err := allocation.Median(ctx, need, a.Homes, effort)
	return found, "people·m", err
}

// distances are geodesic, from each of some points to each of others, in metres.
func distances(from, to []orb.Point) []float64 {
	out := make([]float64, 0, len(from)*len(to))
	for _, p := range from {
		for _, q := range to {
			d, _ := crs.Inverse(p, q)
			out = append(out, d)
		}
	}
	return out
}

// mutual are the distances between points, the same both ways to the last bit.
func mutual(points []orb.Point) []float64 {
	n := len(points)
	out := make([]float64, n*n)
	for i := range n {
		for j := range i {
			d, _ := crs.Inverse(points[i], points[j])
			out[i*n+j], out[j*n+i] = d, d
		}
	}
	return out
}

// nearest are the distances from points to the nearest home; nil without homes.
func nearest(from, homes []orb.Point) []float64 {
	if len(homes) == 0 {
		return nil
	}
	out := make([]float64, len(from))
	for i, p := range from {
		out[i] = math.Inf(1)
		for _, h := range homes {
			d, _ := crs.Inverse(p, h)
			out[i] = min(out[i], d)
		}
	}
	return out
}

// candidatePool is the candidates that pass every constraint.
func candidatePool(ctx context.Context, on *basis, study *Study) ([]Chosen, error) {
	_, assessments, err := assess(ctx, on, study)
	if err != nil {
		return nil, err
	}
	var out []Chosen
	for i := range assessments {
		if c := &study.Candidates[i]; assessments[i].Status == siting.Ranked && c.ID != Present {
			out = append(out, Chosen{ID: c.ID, Label: c.Label, Lon: c.Lon, Lat: c.Lat})
		}
	}
	return out, nil
}

// cells are the best of a study's surface.
func (s *Service) cells(ctx context.Context, v data.Viewer, department string, on *basis, study *Study) ([]Chosen, error) {
	surface, err := s.Surface(ctx, v, department, study.CellSize, study)
	if err != nil {
		return nil, err
	}
	grid := surface.surface.Grid
	excluded := make([]bool, grid.Cells())
	exclude := func(area orb.MultiPolygon, inside bool) {
		for cell, in := range grid.Mask(area) {
			excluded[cell] = excluded[cell] || in == inside
		}
	}
	if study.Area != nil {
		exclude(orb.MultiPolygon(*study.Area), false)
	}
	for _, c := range study.Constraints {
		if at := slices.IndexFunc(study.Exclusions, func(a Area) bool { return c.Type == siting.Exclusion && a.ID == c.ID }); at >= 0 {
			exclude(orb.MultiPolygon(study.Exclusions[at].Geometry), true)
		}
	}
	var out []Chosen
	for _, cell := range surface.surface.Combine(study.Criteria, study.Constraints, excluded).BestCells(bestCells, cellSpacing) {
		p := grid.Center(cell)
		id := strconv.Itoa(cell)
		out = append(out, Chosen{ID: "cell-" + id, Label: on.communeName(p), Lon: p.Lon(), Lat: p.Lat()})
	}
	return out, nil
}

// communeName is the name of the département's commune that holds a point, "" for none.
func (on *basis) communeName(p orb.Point) string {
	code := on.CommuneAt(p)
	if at := slices.IndexFunc(on.Inputs.Communes, func(a siting.Area) bool { return a.ID == code }); at >= 0 {
		return on.Inputs.Communes[at].Label
	}
	return ""
}
