package siting

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"gonum.org/v1/gonum/mathext/prng"
	"pgregory.net/rapid"

	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

var allLayers = []string{
	Exposure, School, Station, Police, Hospital, Family, Homes, Dwellings, Supply,
	"zone_distance:any", "zone_distance:qpv", "zone_distance:qrr", "place_distance:hotel", "place_distance:motorway_exit",
}

func survey(t testing.TB, in *Inputs, area orb.MultiPolygon, cell int, layers ...string) *Surface {
	t.Helper()
	s, err := NewSurveyor(lambert, "23", in, layers)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGrid(lambert, area, cell)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Compute(context.Background(), g, area)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGridIsAlignedAndMasked(t *testing.T) {
	area := orb.MultiPolygon{box(0, 0, 2000)[0], box(5000, 1000, 700)[0]}
	hole := box(300, 300, 400)[0][0]
	slices.Reverse(hole)
	area[0] = append(area[0], hole)
	g, err := NewGrid(lambert, area, 150)
	if err != nil {
		t.Fatal(err)
	}
	if g.East%150 != 0 || g.North%150 != 0 {
		t.Errorf("the corner is (%d, %d)", g.East, g.North)
	}
	bound := orb.Bound{Min: g.Corners()[3], Max: g.Corners()[1]}.Pad(0.002)
	for _, polygon := range area {
		for _, p := range polygon[0] {
			if !bound.Contains(p) {
				t.Errorf("%v is not covered", p)
			}
		}
	}
	for cell, in := range g.Mask(area) {
		if want := planar.MultiPolygonContains(area, g.Center(cell)); in != want {
			t.Errorf("cell %d: %v, want %v", cell, in, want)
		}
	}
	if first := g.Center(0); first.Lat() < g.Center(g.Cells()-1).Lat() {
		t.Error("the first row is not the northernmost")
	}
	cells := 0
	for tile := range g.Tiles(7) {
		cells += tile.Cells()
	}
	if cells != g.Cells() {
		t.Errorf("tiles have %d cells, the grid %d", cells, g.Cells())
	}
	for _, bad := range []struct {
		area orb.MultiPolygon
		size int
		crs  crs.CRS
	}{{nil, 100, lambert}, {area, 0, lambert}, {area, 100, crs.CRS84}, {orb.MultiPolygon{{{{-61, 16}, {-60, 16}, {-60, 17}, {-61, 16}}}}, 100, lambert}} {
		if _, err := NewGrid(bad.crs, bad.area, bad.size); err == nil {
			t.Errorf("%v, %d m in %s is a grid", bad.area, bad.size, bad.crs)
		}
	}
}

// A cell's values are those of a candidate at its centre, to the layer's step and to the
// side that is worse.
func TestCellsMeasureAsCandidatesDo(t *testing.T) {
	in := town(t)
	in.Homes = []orb.Point{at(0, 2000), at(5000, 17_000), at(-3000, -38_000), at(26_000, 0)}
	in.Supply = []float64{0.002, 0.004, 0.001, 0.003}
	in.Origins = []exposure.Demand{{Point: at(3000, 0), People: 3}, {Point: at(-60_000, 20_000), People: 1}}
	area := box(0, 0, 8000)
	surface := survey(t, in, area, 200, allLayers...)
	meter, err := NewMeter(in)
	if err != nil {
		t.Fatal(err)
	}
	rng := prng.NewXoshiro256starstar(7)
	mask := surface.Grid.Mask(area)
	compared, inputs := 0, make([]float64, len(meter.indicators))
	for range 300 {
		cell := int(score.Uniform(rng) * float64(surface.Grid.Cells()))
		if !mask[cell] {
			for i := range surface.Layers {
				if surface.Layers[i].Levels[cell] != NoValue {
					t.Errorf("%s has a value outside the area", surface.Layers[i].ID)
				}
			}
			continue
		}
		commune := "23000"
		if planar.MultiPolygonContains(in.Communes[0].Geometry, surface.Grid.Center(cell)) {
			commune = "23001"
		}
		m, err := meter.Measure(Candidate{ID: "x", Point: surface.Grid.Center(cell), CommuneCode: commune})
		if err != nil {
			t.Fatal(err)
		}
		for i := range surface.Layers {
			l := &surface.Layers[i]
			var want float64
			switch l.ID {
			case Exposure:
				// At the central values: a candidate's score is the median of its draws.
				values(meter.evaluator, meter.indicators, exposure.Subject{Status: exposure.Computed, Point: surface.Grid.Center(cell), CommuneCode: commune, Self: -1}, inputs)
				want = in.Scorer.Central(inputs)
			case "place_distance:motorway_exit":
				want = math.NaN()
			case "place_distance:hotel":
				want = m.Places["hotel"]
			case "zone_distance:any":
				want = m.Zones[AnyKind]
			case "zone_distance:qpv":
				want = m.Zones["qpv"]
			case "zone_distance:qrr":
				want = m.Zones["qrr"]
			default:
				want = m.Criteria[l.ID]
			}
			got := l.Value(cell)
			if math.IsNaN(got) || math.IsNaN(want) {
				if math.IsNaN(got) != math.IsNaN(want) {
					t.Errorf("%s: %v, want %v", l.ID, got, want)
				}
				continue
			}
			compared++
			slack := 0.02 * l.Scale
			low, high := want-slack, want+l.Scale+slack
			if l.Better == More {
				low, high = want-l.Scale-slack, want+slack
			}
			if got < low || got > high {
				t.Errorf("%s in cell %d: %v, want %v", l.ID, cell, got, want)
			}
		}
	}
	if compared < 2000 {
		t.Errorf("%d values compared", compared)
	}
}

// Distances of a grid are those of the index and of geodesics, whatever the edges.
func TestNearestOnAGridIsTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var zones []exposure.ZoneRef
		for range rapid.IntRange(1, 12).Draw(t, "zones") {
			reach := rapid.SampledFrom([]float64{4000, 90_000}).Draw(t, "reach")
			zones = append(zones, zone("qpv", rapid.Float64Range(-reach, reach).Draw(t, "x"), rapid.Float64Range(-reach, reach).Draw(t, "y"), rapid.Float64Range(20, 900).Draw(t, "half")))
		}
		var points []orb.Point
		for range rapid.IntRange(1, 30).Draw(t, "homes") {
			points = append(points, at(rapid.Float64Range(-40_000, 40_000).Draw(t, "x"), rapid.Float64Range(-40_000, 40_000).Draw(t, "y")))
		}
		area := box(0, 0, 3000)
		g, err := NewGrid(lambert, area, 100)
		if err != nil {
			t.Fatal(err)
		}
		wanted := g.Mask(area)
		var edges []chunk
		for _, z := range zones {
			edges = append(edges, ringChunks(project(lambert, z.Geometry))...)
		}
		homes := pointChunks(lambert, points)
		meter := exposure.NewZones([]string{"qpv"}, zones).NewMeter(nil)
		toZones, toHomes := make([]float64, tileSide*tileSide), make([]float64, tileSide*tileSide)
		tile := newTile(g, wanted, 0, 0, tileSide, new(scratch))
		tile.nearest(edges, toZones)
		tile.nearest(homes, toHomes)
		for range 40 {
			column, row := rapid.IntRange(0, tile.columns-1).Draw(t, "column"), rapid.IntRange(0, tile.rows-1).Draw(t, "row")
			cell := tile.cell(column, row)
			if !wanted[cell] {
				continue
			}
			p := g.Center(cell)
			want := math.Inf(1)
			for _, q := range points {
				d, _ := crs.Inverse(p, q)
				want = min(want, d)
			}
			if got := toHomes[row*tile.columns+column]; math.Abs(got-want) > 0.02 {
				t.Fatalf("home: %v, want %v", got, want)
			}
			m := meter.Measure(p)
			if want = m.All.Distance; want == 0 {
				want = m.All.Depth
			}
			if got := toZones[row*tile.columns+column]; math.Abs(got-want) > 0.02+1e-6*want && m.All.Distance > 0 {
				t.Fatalf("zone: %v, want %v", got, want)
			}
		}
	})
}

// The best cell of a département made for it is found: far from the only zone, next to the
// only school, and away from the only home.
func TestPlantedOptimumIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(-5000, 5000).Draw(t, "x"), rapid.Float64Range(-5000, 5000).Draw(t, "y")
		in := &Inputs{
			World:  &exposure.World{Zones: exposure.NewZones([]string{"qpv"}, []exposure.ZoneRef{zone("qpv", -x, -y, 100)}), Radii: radii},
			Scorer: planted, Zones: []exposure.ZoneRef{zone("qpv", -x, -y, 100)}, Places: []exposure.PlaceRef{place("school", x, y), place("school", -x, -y)},
		}
		in.World.Places = exposure.IndexPlaces(in.Places)
		s, err := NewSurveyor(lambert, "23", in, []string{School, "zone_distance:qpv"})
		if err != nil {
			t.Fatal(err)
		}
		area := box(0, 0, 6000)
		g, err := NewGrid(lambert, area, 200)
		if err != nil {
			t.Fatal(err)
		}
		surface, err := s.Compute(context.Background(), g, area)
		if err != nil {
			t.Fatal(err)
		}
		constraint := Constraint{Type: ZoneDistance, Kind: "qpv", Min: 1000}
		combined := surface.Combine([]Choice{{ID: School, Weight: 1, Goalposts: &[2]float64{20_000, 0}}}, []Constraint{constraint}, nil)
		best := combined.BestCells(3, 1000)
		if math.Hypot(x, y) < 800 {
			return // both schools are in the reach of the zone
		}
		if d, _ := crs.Inverse(surface.Grid.Center(best[0]), at(x, y)); d > 200*math.Sqrt2/2+2 {
			t.Fatalf("the best cell is %v m from the school at (%v, %v)", d, x, y)
		}
		for i, cell := range best {
			p := surface.Grid.Center(cell)
			for _, other := range best[:i] {
				if d, _ := crs.Inverse(p, surface.Grid.Center(other)); d < 990 {
					t.Fatalf("two of the best are %v m apart", d)
				}
			}
			// No best cell violates a constraint, measured again.
			n, _ := in.World.NearestZone("qpv", exposure.Subject{Status: exposure.Computed, Point: p, Self: -1})
			if n.Distance < 1000-0.02 {
				t.Fatalf("a best cell is %v m from the zone", n.Distance)
			}
		}
	})
}

var planted = func() *score.Scorer {
	s, err := score.New(score.Default())
	if err != nil {
		panic(err)
	}
	return s
}()

func TestTilesMakeTheSameSurface(t *testing.T) {
	in := town(t)
	area := box(0, 0, 6000)
	whole := survey(t, in, area, 100, Exposure, "zone_distance:qrr", School)
	s, err := NewSurveyor(lambert, "23", in, []string{Exposure, "zone_distance:qrr", School})
	if err != nil {
		t.Fatal(err)
	}
	for tile := range whole.Grid.Tiles(50) {
		part, err := s.Compute(context.Background(), tile, area)
		if err != nil {
			t.Fatal(err)
		}
		for i := range part.Layers {
			for cell, level := range part.Layers[i].Levels {
				column := (tile.East-whole.Grid.East)/100 + cell%tile.Columns
				row := (whole.Grid.North-tile.North)/100 + cell/tile.Columns
				other := whole.Layers[i].Levels[row*whole.Grid.Columns+column]
				// Where a value is on a level, rounding decides.
				if level != other && (level == NoValue || other == NoValue || max(level, other)-min(level, other) > 1) {
					t.Fatalf("%s: %d in the tile, %d in the whole", part.Layers[i].ID, level, other)
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Compute(ctx, whole.Grid, area); err == nil {
		t.Error("an ended context gives a surface")
	}
	for _, layers := range [][]string{{Cost}, {"zone_distance:"}, {"place_distance:pub"}, {School, School}} {
		if _, err := NewSurveyor(lambert, "23", in, layers); err == nil {
			t.Errorf("layers %q pass", layers)
		}
	}
	if _, err := NewSurveyor(crs.CRS84, "23", in, nil); err == nil {
		t.Error("degrees are a plane")
	}
}

// golden is what Go and the browser have to agree on.
type golden struct {
	Note        string        `json:"note"`
	CellSize    int           `json:"cell_size_m"`
	Columns     int           `json:"columns"`
	Rows        int           `json:"rows"`
	NoValue     int           `json:"no_value"`
	Layers      []goldenLayer `json:"layers"`
	Criteria    []Choice      `json:"criteria"`
	Constraints []Constraint  `json:"constraints"`
	Excluded    []bool        `json:"excluded"`
	Status      []string      `json:"status"`
	Score       []*float64    `json:"score"`
	Best        goldenBest    `json:"best"`
	Absent      []string      `json:"absent"`
}

type goldenLayer struct {
	ID     string   `json:"id"`
	Offset float64  `json:"offset"`
	Scale  float64  `json:"scale"`
	Levels []uint16 `json:"levels"`
}

type goldenBest struct {
	Count   int     `json:"count"`
	Spacing float64 `json:"spacing_m"`
	Cells   []int   `json:"cells"`
}

func TestCombinationIsThatOfTheGoldenFile(t *testing.T) {
	const file = "testdata/surface.golden.json"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want golden
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	s := &Surface{Grid: Grid{CRS: lambert, CellSize: want.CellSize, Columns: want.Columns, Rows: want.Rows}}
	for _, l := range want.Layers {
		s.Layers = append(s.Layers, Layer{ID: l.ID, Offset: l.Offset, Scale: l.Scale, Levels: l.Levels})
	}
	combined := s.Combine(want.Criteria, want.Constraints, want.Excluded)
	names := [...]string{CellEmpty: "empty", CellExcluded: "excluded", CellUnverified: "unverified", CellIncomplete: "incomplete", CellScored: "scored"}
	got := want
	got.Status, got.Score, got.Absent = nil, nil, combined.Absent
	for cell, status := range combined.Status {
		got.Status = append(got.Status, names[status])
		var score *float64
		if v := combined.Score[cell]; !math.IsNaN(v) {
			score = &v
		}
		got.Score = append(got.Score, score)
	}
	got.Best.Cells = combined.BestCells(want.Best.Count, want.Best.Spacing)
	text := func(g golden) string {
		out, _ := json.Marshal(g)
		return string(out)
	}
	if text(got) != text(want) {
		t.Errorf("got\n%s\nwant\n%s", text(got), text(want))
	}
}

// benchInputs are the yardstick's: 1,600 zones of 90 vertices and 40,000 places, all in one
// département of about 6,000 km², and households all over it.
func benchInputs(b *testing.B) (*Inputs, orb.MultiPolygon) {
	rng := prng.NewXoshiro256starstar(3)
	spot := func() (x, y float64) {
		return (score.Uniform(rng) - 0.5) * 77_000, (score.Uniform(rng) - 0.5) * 77_000
	}
	kinds := []string{"qpv", "qrr", "zsp"}
	var zones []exposure.ZoneRef
	for i := range 1600 {
		x, y := spot()
		var ring orb.Ring
		for k := range 90 {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / 90)
			r := 300 * (0.6 + 0.4*score.Uniform(rng))
			ring = append(ring, at(x+r*cos, y+r*sin))
		}
		zones = append(zones, exposure.ZoneRef{Kind: kinds[i%3], ID: fmt.Sprint(i), Geometry: orb.MultiPolygon{{append(ring, ring[0])}}})
	}
	sorts := []string{"police", "gendarmerie", "school", "college", "lycee", "station", "hospital", "hotel", "bar", "bar"}
	var places []exposure.PlaceRef
	for i := range 40_000 {
		x, y := spot()
		places = append(places, place(sorts[i%len(sorts)], x, y))
	}
	var income exposure.IncomeGridBuilder
	laea, _ := crs.ByCode(3035)
	for east := -200; east < 200; east++ {
		for north := -200; north < 200; north++ {
			if (east*7+north*13)%3 == 0 {
				income.Add(crs.CellAt(laea, 200, center[0], center[1]).Offset(east, north), 12, 2, false)
			}
		}
	}
	in := &Inputs{
		World: &exposure.World{
			Zones: exposure.NewZones(kinds, zones), Places: exposure.IndexPlaces(places), Radii: exposure.DefaultRadii, Income: income.Build(),
			Context: map[string]exposure.CommuneContext{"23001": {CrimeRate: 3, PoorShare: 0.2}},
		},
		Scorer: scorer(b), Zones: zones, Places: places, Communes: []Area{{ID: "23001", Geometry: box(0, 0, 20_000)}},
	}
	for range 60 {
		x, y := spot()
		in.Homes, in.Supply = append(in.Homes, at(x, y)), append(in.Supply, 0.001)
	}
	for range 200 {
		x, y := spot()
		in.Origins = append(in.Origins, exposure.Demand{Point: at(x, y), People: 5})
	}
	return in, box(0, 0, 38_700)
}

func benchmarkSurvey(b *testing.B, cell int, layers ...string) {
	in, area := benchInputs(b)
	s, err := NewSurveyor(lambert, "23", in, layers)
	if err != nil {
		b.Fatal(err)
	}
	g, err := NewGrid(lambert, area, cell)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		if _, err := s.Compute(context.Background(), g, area); err != nil {
			b.Fatal(err)
		}
	}
	// On a shared machine this says more than the time that passed.
	b.ReportMetric((processorTime(b)-before)/float64(b.N)*1000, "cpu-ms/op")
	b.ReportMetric(float64(g.Cells()), "cells")
}

// processorTime is what the process has used of every processor, in seconds.
func processorTime(b *testing.B) float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}

func BenchmarkGeometricLayers(b *testing.B) {
	benchmarkSurvey(b, 100, "zone_distance:any", "zone_distance:qpv", "zone_distance:qrr", "zone_distance:zsp", School, Station, Police, Hospital, Homes)
}

func BenchmarkExposureLayer(b *testing.B) { benchmarkSurvey(b, 100, Exposure) }

func BenchmarkOtherLayers(b *testing.B) { benchmarkSurvey(b, 100, Family, Dwellings, Supply) }

// BenchmarkNationalTile is a tile of 67,000 cells: France in cells of 200 m takes about 205.
func BenchmarkNationalTile(b *testing.B) {
	benchmarkSurvey(b, 300, Exposure, "zone_distance:qpv", School, Station, Police, Hospital, Dwellings)
}

func BenchmarkCombine(b *testing.B) {
	in, area := benchInputs(b)
	surface := survey(b, in, area, 100, "zone_distance:qpv", School, Station, Police, Hospital, Homes)
	choices := []Choice{{ID: School, Weight: 1}, {ID: Station, Weight: 1}, {ID: Police, Weight: 1}, {ID: Hospital, Weight: 1}, {ID: Homes, Weight: 1}}
	b.ReportAllocs()
	for b.Loop() {
		surface.Combine(choices, []Constraint{{Type: ZoneDistance, Kind: "qpv", Min: 500}}, nil).BestCells(20, 1000)
	}
}
