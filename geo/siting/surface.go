package siting

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Encoding of layers: value = Offset + Scale·level.
const (
	// NoValue is the level of a cell that is outside the area, or whose value is unknown.
	NoValue = math.MaxUint16
	// maxLevel is the highest level of a value: it stands for itself and beyond.
	maxLevel = NoValue - 1
)

// Layer is one value of every cell of a grid, in 65,535 levels.
type Layer struct {
	ID     string  // see NewSurveyor
	Unit   string  // as Criterion.Unit
	Offset float64 // of level 0
	Scale  float64 // between two levels
	// Better tells to which side values were rounded: away from it, so that a cell that
	// meets a constraint by its level meets it by its value.
	Better Better
	Levels []uint16
}

// zonePrefix and placePrefix begin the identifiers of layers that are no criterion.
const (
	zonePrefix  = "zone_distance:"
	placePrefix = "place_distance:"
)

// layer is what the constraint compares of a cell; "" for an excluded area.
func (c Constraint) layer() string {
	switch c.Type {
	case ZoneDistance:
		return zonePrefix + c.Kind
	case PlaceDistance:
		return placeLayer(c.Theme)
	case HomeDistance:
		return Homes
	case ExposureLimit:
		return Exposure
	}
	return ""
}

// placeLayer is the layer of a theme of places: the criterion's when there is one.
func placeLayer(theme string) string {
	if _, ok := (Choice{ID: theme}).criterion(); ok {
		return theme
	}
	return placePrefix + theme
}

// newLayer is an empty layer; false for an identifier that no layer has.
func newLayer(id string, cells int) (Layer, bool) {
	l := Layer{ID: id, Unit: "m", Scale: 1, Better: Less}
	kind, zone := strings.CutPrefix(id, zonePrefix)
	name, place := strings.CutPrefix(id, placePrefix)
	_, theme := themes[name]
	entry, criterion := (Choice{ID: id}).criterion()
	switch {
	case zone && kind != "":
		l.Better = More
	case place && theme:
	case criterion && id != Cost:
		l.Unit, l.Better = entry.Unit, entry.Better
		switch id {
		case Exposure, Supply:
			l.Scale = 0.01
		case Family:
			l.Scale = 5
		}
	default:
		return Layer{}, false
	}
	l.Levels = make([]uint16, cells)
	for i := range l.Levels {
		l.Levels[i] = NoValue
	}
	return l, true
}

// set writes the value of a cell; NaN is unknown.
func (l *Layer) set(cell int, value float64) {
	// A value on a level, but for rounding, has that level.
	const slack = 1e-6
	level := (value - l.Offset) / l.Scale
	if l.Better == More {
		level = math.Floor(level + slack)
	} else {
		level = math.Ceil(level - slack)
	}
	if math.IsNaN(level) {
		return
	}
	l.Levels[cell] = uint16(min(max(level, 0), maxLevel))
}

// Value is that of a cell, NaN when it is outside or unknown.
func (l *Layer) Value(cell int) float64 {
	if l.Levels[cell] == NoValue {
		return math.NaN()
	}
	return l.Offset + l.Scale*float64(l.Levels[cell])
}

// Surface is the values of the cells of a grid.
type Surface struct {
	Grid   Grid
	Layers []Layer
}

func (s *Surface) layer(id string) *Layer {
	for i := range s.Layers {
		if s.Layers[i].ID == id {
			return &s.Layers[i]
		}
	}
	return nil
}

// CellStatus tells what a combination says of a cell.
type CellStatus uint8

// Statuses of a cell, the first that holds.
const (
	CellEmpty      CellStatus = iota // outside the area, or no criterion is known
	CellExcluded                     // it fails a constraint, or is in an excluded area
	CellUnverified                   // it fails none, but one cannot be verified
	CellIncomplete                   // a criterion is unknown
	CellScored
)

// Combined is the score of the cells of a surface under criteria and constraints.
type Combined struct {
	Grid   Grid
	Status []CellStatus
	// Score is 0–100, over the known criteria; NaN for empty cells.
	Score []float64
	// Absent are the criteria and constraints that no layer of the surface tells of. Such
	// a criterion does not count; such a constraint can be verified nowhere.
	Absent []string
}

// Combine scores every cell: its utilities' weighted mean, times 100. excluded tells which
// cells are in an excluded area; nil for none. It is the browser's arithmetic, operation by
// operation (testdata/surface.golden.json holds them equal). The study is a valid one.
func (s *Surface) Combine(choices []Choice, constraints []Constraint, excluded []bool) *Combined {
	out := &Combined{Grid: s.Grid, Status: make([]CellStatus, s.Grid.Cells()), Score: make([]float64, s.Grid.Cells())}
	criteria, weights := weighed(choices)
	var layers []*Layer
	for i := 0; i < len(criteria); {
		if l := s.layer(criteria[i].ID); l != nil {
			layers = append(layers, l)
			i++
			continue
		}
		out.Absent = append(out.Absent, criteria[i].ID)
		criteria, weights = slices.Delete(criteria, i, i+1), slices.Delete(weights, i, i+1)
	}
	type limit struct {
		Constraint
		layer *Layer
	}
	var limits []limit
	nowhere := false
	for _, c := range constraints {
		id := c.layer()
		if id == "" {
			continue
		}
		l := s.layer(id)
		if l == nil {
			nowhere = true
			out.Absent = append(out.Absent, id)
			continue
		}
		limits = append(limits, limit{c, l})
	}
	utilities := make([]float64, len(criteria))
	for cell := range out.Status {
		known := 0
		for i, l := range layers {
			utilities[i] = criteria[i].Utility(l.Value(cell))
			if !math.IsNaN(utilities[i]) {
				known++
			}
		}
		out.Score[cell] = weightedMean(utilities, weights)
		if known == 0 {
			continue
		}
		out.Status[cell] = CellScored
		if known < len(layers) {
			out.Status[cell] = CellIncomplete
		}
		if nowhere {
			out.Status[cell] = CellUnverified
		}
		if excluded != nil && excluded[cell] {
			out.Status[cell] = CellExcluded
			continue
		}
		for _, c := range limits {
			if v := c.layer.Value(cell); math.IsNaN(v) {
				out.Status[cell] = CellUnverified
			} else if !c.allows(v) {
				out.Status[cell] = CellExcluded
				break
			}
		}
	}
	return out
}

// BestCells are at most k cells, the best first and of equals the northernmost, then the
// westernmost, whose centres are at least spacing metres of the plane apart. Only cells
// with CellScored are taken.
func (c *Combined) BestCells(k int, spacing float64) []int {
	var order []int32
	for cell, status := range c.Status {
		if status == CellScored {
			order = append(order, int32(cell))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(c.Score[b], c.Score[a]), cmp.Compare(a, b)) })
	var out []int
	for _, cell := range order {
		if len(out) >= k {
			break
		}
		at := int(cell)
		near := slices.ContainsFunc(out, func(o int) bool {
			columns, rows := at%c.Grid.Columns-o%c.Grid.Columns, at/c.Grid.Columns-o/c.Grid.Columns
			return math.Hypot(float64(columns), float64(rows))*float64(c.Grid.CellSize) < spacing
		})
		if !near {
			out = append(out, at)
		}
	}
	return out
}
