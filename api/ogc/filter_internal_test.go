package ogc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/filter"
	"vigie/data/snapshot"
	"vigie/geo/crs"
)

var places = &data.Schema{Columns: []data.Column{{Name: "size", Type: data.TypeInteger}}}

// somewhere draws a place on a coarse grid, so that edges and corners often meet.
func somewhere(t *rapid.T, label string) (x, y float64) {
	return 2 + float64(rapid.IntRange(0, 8).Draw(t, label+"x"))/4, 46 + float64(rapid.IntRange(0, 8).Draw(t, label+"y"))/4
}

func drawFeatures(t *rapid.T) []data.Feature {
	features := make([]data.Feature, rapid.IntRange(0, 30).Draw(t, "n"))
	for i := range features {
		x, y := somewhere(t, "at")
		size := data.Null
		if n := rapid.IntRange(0, 3).Draw(t, "size"); n > 0 {
			size = data.Integer(n)
		}
		features[i] = data.Feature{ID: fmt.Sprintf("%02d", i), Values: []data.Value{size}}
		switch rapid.IntRange(0, 2).Draw(t, "shape") {
		case 0:
			features[i].Geometry = orb.Point{x, y}
		case 1:
			features[i].Geometry = orb.MultiPolygon{{{{x, y}, {x + 0.5, y}, {x, y + 0.5}, {x, y}}}, {{{x + 1, y + 1}, {x + 1.25, y + 1}, {x + 1, y + 1.25}, {x + 1, y + 1}}}}
		}
	}
	return features
}

// drawCondition writes a condition, of every shape that bounds are read from.
func drawCondition(t *rapid.T, depth int) string {
	if depth > 0 {
		join := func(op string) string {
			var parts []string
			for range rapid.IntRange(1, 3).Draw(t, "terms") {
				parts = append(parts, drawCondition(t, depth-1))
			}
			return "(" + strings.Join(parts, " "+op+" ") + ")"
		}
		switch rapid.IntRange(0, 4).Draw(t, "node") {
		case 0, 1:
			return join("AND")
		case 2:
			return join("OR")
		case 3:
			return "NOT (" + drawCondition(t, depth-1) + ")"
		}
	}
	x, y := somewhere(t, "reference")
	shape := rapid.SampledFrom([]string{
		fmt.Sprintf("POINT(%g %g)", x, y), fmt.Sprintf("BBOX(%g,%g,%g,%g)", x, y, x+0.5, y+0.25), fmt.Sprintf("BBOX(%g,%g,%g,%g)", x+1, y, x-350, y+1),
		fmt.Sprintf("MULTIPOINT((%g %g),(%g %g))", x, y, x+1, y+0.5), fmt.Sprintf("POLYGON((%g %g,%g %g,%g %g,%g %g))", x, y, x+1, y, x+0.5, y+1, x, y),
		fmt.Sprintf("GEOMETRYCOLLECTION(POINT(%g %g),LINESTRING(%g %g,%g %g))", x, y, x+0.25, y, x+0.75, y+0.5),
	}).Draw(t, "literal")
	relation := rapid.SampledFrom([]string{"S_INTERSECTS", "S_WITHIN", "S_CONTAINS", "S_TOUCHES", "S_DISJOINT", "S_EQUALS", "S_OVERLAPS", "S_CROSSES"}).Draw(t, "relation")
	sides := []string{"geometry", shape}
	if rapid.Bool().Draw(t, "turned") {
		slices.Reverse(sides)
	}
	return rapid.SampledFrom([]string{
		relation + "(" + sides[0] + "," + sides[1] + ")", relation + "(" + sides[0] + "," + sides[1] + ")", "size > 1", "size IS NULL", "geometry IS NULL", "TRUE",
	}).Draw(t, "condition")
}

// Looking only around the geometries of a filter finds what looking everywhere does.
func TestBoundsOfFilterLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := drawCondition(t, 3)
		e, err := filter.ParseText(written)
		if err != nil {
			t.Skip(err) // too many vertices
		}
		keep, err := filter.Compile(e, places, nil, crs.CRS84)
		if err != nil {
			t.Fatal(written, err)
		}
		c := snapshot.NewCollection(places, drawFeatures(t))
		everywhere := c.Query(snapshot.Query{Limit: 100, Keep: keep})
		around := c.Query(snapshot.Query{Limit: 100, Keep: keep, Around: e.Bounds(crs.CRS84)})
		if !slices.Equal(everywhere.IDs(), around.IDs()) {
			t.Fatalf("%s: %v, around %v only %v", written, everywhere.IDs(), e.Bounds(crs.CRS84), around.IDs())
		}
	})
}

// Of a filter that has a place, only what is there is tried; of others everything.
func TestBoundsOfFilter(t *testing.T) {
	features := make([]data.Feature, 100)
	for i := range features {
		features[i] = data.Feature{ID: fmt.Sprintf("%03d", i), Geometry: orb.Point{2 + float64(i)/100, 46}, Values: []data.Value{data.Integer(i)}}
	}
	c := snapshot.NewCollection(places, features)
	for written, want := range map[string]int{
		"size > 1": 100, "S_INTERSECTS(geometry,BBOX(2.095,45,2.2,47)) AND size > 12": 11, "NOT (S_INTERSECTS(geometry,POINT(2 46)))": 100,
		"S_DISJOINT(geometry,POINT(2 46))": 100, "S_INTERSECTS(geometry,POINT(2 46)) OR S_WITHIN(geometry,BBOX(2.5,45,2.515,47))": 3,
		"S_INTERSECTS(geometry,POINT(2 46)) OR size = 3": 100, "S_INTERSECTS(geometry,BBOX(2,45,2.1,47)) AND S_INTERSECTS(geometry,BBOX(2.6,45,2.7,47))": 0,
		"S_INTERSECTS(geometry,BBOX(2.985,45,-170,47))": 1,
		// Of many places, the box around them.
		"S_INTERSECTS(geometry,MULTIPOINT(" + strings.Repeat("(2 46),", 9) + "(2.095 46)))": 10,
	} {
		e, err := filter.ParseText(written)
		if err != nil {
			t.Fatal(err)
		}
		tried := 0
		c.Query(snapshot.Query{Limit: 1, Around: e.Bounds(crs.CRS84), Keep: func(*data.Feature) (bool, error) {
			tried++
			return true, nil
		}})
		if tried != want {
			t.Errorf("%s: %d tried, want %d", written, tried, want)
		}
	}
}
