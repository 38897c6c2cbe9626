package siting

import (
	"math"
	"strings"

	"vigie/geo/exposure"
	"vigie/geo/zoneindex"
)

// worker surveys tiles, one after the other.
type worker struct {
	*Surveyor
	surface   *Surface
	inside    map[string][]bool // of zones, by kind
	commune   []int32           // of a cell; nil when not known
	evaluator *exposure.Evaluator
	meters    []*zoneindex.Meter // of the sources that are shares
	distances [][]float64        // of the sources that rest on one: those of the tile at hand
	// zone and place hold the distances of the tile at hand, home those to the nearest home.
	zone, place map[string][]float64
	home        []float64
	values      []float64
}

func (s *Surveyor) newWorker(out *Surface, inside map[string][]bool, commune []int32) *worker {
	w := &worker{
		Surveyor: s, surface: out, inside: inside, commune: commune, evaluator: s.in.World.NewEvaluator(),
		zone: map[string][]float64{}, place: map[string][]float64{}, home: make([]float64, tileSide*tileSide),
		meters: make([]*zoneindex.Meter, len(s.sources)), distances: make([][]float64, len(s.sources)), values: make([]float64, len(s.sources)),
	}
	for kind := range s.zones {
		w.zone[kind] = make([]float64, tileSide*tileSide)
	}
	for theme := range s.places {
		w.place[theme] = make([]float64, tileSide*tileSide)
	}
	for i, from := range s.sources {
		switch {
		case from.theme != "":
			w.distances[i] = w.place[from.theme]
		case from.zone != "":
			w.distances[i] = w.zone[from.zone]
		}
		if from.radius > 0 {
			w.meters[i] = s.zones[from.zone].index.NewMeter(zoneindex.Options{Radii: []float64{from.radius}})
		}
	}
	return w
}

// survey fills in the layers of a tile.
func (w *worker) survey(t *tile) {
	if !t.wants(0, 0, t.columns, t.rows) {
		return
	}
	for kind, out := range w.zone {
		w.zoneDistances(t, kind, out)
	}
	for theme, out := range w.place {
		w.placeDistances(t, theme, out)
	}
	for i := range w.surface.Layers {
		l := &w.surface.Layers[i]
		kind, zone := strings.CutPrefix(l.ID, zonePrefix)
		switch theme := strings.TrimPrefix(l.ID, placePrefix); {
		case zone:
			distances := w.zone[kind]
			w.each(t, l, func(at, _ int) float64 { return distances[at] })
		case w.place[theme] != nil && l.ID == placeLayer(theme):
			distances := w.place[theme]
			w.each(t, l, func(at, _ int) float64 { return distances[at] })
		case l.ID == Homes && w.in.Homes != nil:
			t.nearest(w.homes, w.home)
			w.each(t, l, func(at, _ int) float64 { return min(w.home[at], farthest) })
		case l.ID == Family:
			w.each(t, l, func(_, cell int) float64 { return w.family(t, cell) })
		case l.ID == Supply && w.in.Supply != nil:
			w.supply(t, l)
		case l.ID == Dwellings && w.in.World.Income != nil:
			w.dwellings(t, l)
		case l.ID == Exposure:
			w.each(t, l, func(at, cell int) float64 { return w.exposure(t, at, cell) })
		}
	}
}

// each sets the wanted cells of a tile in a layer, by their place in the tile and in the grid.
func (w *worker) each(t *tile, l *Layer, value func(at, cell int) float64) {
	for row := range t.rows {
		for column := range t.columns {
			if cell := t.cell(column, row); t.wanted[cell] {
				l.set(cell, value(row*t.columns+column, cell))
			}
		}
	}
}

// zoneDistances are those to the nearest zone of a kind, 0 inside, NaN when there is none.
func (w *worker) zoneDistances(t *tile, kind string, out []float64) {
	t.nearest(w.zones[kind].chunks, out)
	inside := w.inside[kind]
	for row := range t.rows {
		for column := range t.columns {
			at := row*t.columns + column
			switch {
			case inside[t.cell(column, row)]:
				out[at] = 0
			case math.IsInf(out[at], 1):
				out[at] = math.NaN()
			}
		}
	}
}

// placeDistances are those to the nearest place of a theme, NaN where places are not
// loaded: exposure tells of the tile's middle whether they are.
func (w *worker) placeDistances(t *tile, theme string, out []float64) {
	middle := w.subject(t, t.cell(t.columns/2, t.rows/2))
	if _, ok := w.in.World.NearestPlace(theme, middle); ok {
		t.nearest(w.places[theme], out)
		return
	}
	for i := range out {
		out[i] = math.NaN()
	}
}

// subject is a cell as the catalogue needs it.
func (w *worker) subject(t *tile, cell int) exposure.Subject {
	code := w.elsewhere
	if w.commune != nil && w.commune[cell] >= 0 {
		code = w.in.Communes[w.commune[cell]].ID
	}
	return exposure.Subject{Status: exposure.Computed, Point: t.grid.Center(cell), CommuneCode: code, Self: -1}
}

// exposure is the score of a cell; at is its place in the tile.
func (w *worker) exposure(t *tile, at, cell int) float64 {
	begun := false
	subject := exposure.Subject{}
	begin := func() {
		if !begun {
			begun, subject = true, w.subject(t, cell)
			w.evaluator.Begin(subject)
		}
	}
	for i := range w.sources {
		from := &w.sources[i]
		switch {
		case w.distances[i] != nil:
			d := w.distances[i][at]
			w.values[i] = d
			switch {
			case from.radius == 0 || math.IsNaN(d):
			case d > from.radius+1: // a metre more than distances may be off by
				w.values[i] = 0
			default:
				begin()
				w.values[i] = w.meters[i].Measure(subject.Point).Share[0]
			}
		case from.indicator == nil:
			w.values[i] = math.NaN()
		default:
			begin()
			w.values[i] = from.indicator.Of(w.evaluator).Float64()
		}
	}
	return w.in.Scorer.Central(w.values)
}

// family is the mean distance to the origins, weighted by people.
func (w *worker) family(t *tile, cell int) float64 {
	x, y := t.grid.x(cell%t.grid.Columns), t.grid.y(cell/t.grid.Columns)
	s := t.scale(x, y)
	sum, people := 0.0, 0.0
	for i := range w.origins {
		sum += w.people[i] * s.length(w.origins[i].x-x, w.origins[i].y-y)
		people += w.people[i]
	}
	return sum / people
}

// Catchments of exposure's supply of places, in metres: within the first a home counts in
// full, within the second by a half.
const (
	nearCatchment = exposure.SupplyReach / 2
	farCatchment  = exposure.SupplyReach
)

// supply sums what homes within reach offer: those that bear alike on the whole tile at once.
func (w *worker) supply(t *tile, l *Layer) {
	x, y := t.center(0, 0, t.columns, t.rows)
	middle := t.scale(x, y)
	radius := math.Hypot(float64(t.columns), float64(t.rows))/2*float64(t.grid.CellSize)*(1+spread) + 1
	weight := func(d float64) float64 {
		switch {
		case d <= nearCatchment:
			return 1
		case d <= farCatchment:
			return 0.5
		}
		return 0
	}
	common := 0.0
	var apart []int
	for i := range w.homes {
		d := middle.length(w.homes[i].x-x, w.homes[i].y-y)
		switch near, far := weight(d-radius), weight(d+radius); {
		case near != far:
			apart = append(apart, i)
		case near > 0: // not of one out of reach, whose supply may be unknown
			common += w.in.Supply[i] * near
		}
	}
	w.each(t, l, func(_, cell int) float64 {
		x, y := t.grid.x(cell%t.grid.Columns), t.grid.y(cell/t.grid.Columns)
		s := t.scale(x, y)
		sum := common
		for _, i := range apart {
			if f := weight(s.length(w.homes[i].x-x, w.homes[i].y-y)); f > 0 {
				sum += w.in.Supply[i] * f
			}
		}
		return 1000 * sum
	})
}

// dwellings are the households around each cell.
func (w *worker) dwellings(t *tile, l *Layer) {
	income := w.in.World.Income
	middle := t.grid.Center(t.cell(t.columns/2, t.rows/2))
	radius := math.Hypot(float64(t.columns), float64(t.rows)) / 2 * float64(t.grid.CellSize) * (1 + spread)
	// Whoever lives that near to the middle is near every cell.
	settled := radius < settledRadius && income.Within(middle, settledRadius-radius-float64(t.grid.CellSize)).All > 0
	w.each(t, l, func(_, cell int) float64 {
		if settled {
			return income.Within(t.grid.Center(cell), dwellingsRadius).All
		}
		return dwellings(income, t.grid.Center(cell))
	})
}
