package export_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export"
)

// One vertex that is not a number is seen wherever it hides: bounds do not show it.
func TestVertexThatIsNotANumber(t *testing.T) {
	bad := orb.Point{2.62, math.NaN()}
	ring := orb.Ring{{2.6, 46.4}, {2.7, 46.4}, {2.7, 46.5}, {2.6, 46.4}}
	line := orb.LineString(ring)
	schema := &data.Schema{Layer: data.LayerZones}
	check := func(g orb.Geometry) error { return export.CheckFeature(schema, &data.Feature{ID: "a", Geometry: g}) }
	for _, pair := range [][2]orb.Geometry{
		{orb.Point{2.6, 46.4}, bad},
		{orb.MultiPoint{{1, 2}, {3, 4}}, orb.MultiPoint{{1, 2}, bad, {3, 4}}},
		{line, append(orb.LineString{{0, 0}, {9, 90}, bad}, line...)},
		{orb.MultiLineString{line}, orb.MultiLineString{line, {bad}}},
		{orb.Polygon{ring}, orb.Polygon{ring, {ring[0], bad, ring[1]}}},
		{orb.MultiPolygon{{ring}, {}}, orb.MultiPolygon{{ring}, {ring, {bad}}}},
		{orb.Collection{orb.Polygon{ring}}, orb.Collection{orb.Polygon{ring}, bad}},
	} {
		if err := check(pair[0]); err != nil {
			t.Errorf("%v: %v", pair[0], err)
		}
		if check(pair[1]) == nil {
			t.Errorf("%v is accepted", pair[1])
		}
	}
	if check(nil) != nil || check(orb.Polygon{{{math.Inf(1), 0}}}) == nil {
		t.Error("nil is refused, or the infinite accepted")
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		v    data.Value
		want bool
	}{
		{data.Number(1.5), true}, {data.Integer(3), true}, {data.Number(math.NaN()), false},
		{data.Number(math.Inf(-1)), false}, {data.Null, false}, {data.String("1"), false},
	} {
		if f, ok := export.Number(&c.v); ok != c.want || ok && f == 0 {
			t.Errorf("%v: %v, %v", c.v, f, ok)
		}
	}
}
