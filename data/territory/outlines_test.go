package territory_test

import (
	"testing"
	"vigie/data/territory"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// The embedded outlines are those of the 101 départements, wound as RFC 7946 asks.
func TestDepartments(t *testing.T) {
	if len(territory.Outlines) > 350_000 {
		t.Errorf("%d bytes, want at most 350,000", len(territory.Outlines))
	}
	fc, err := geojson.UnmarshalFeatureCollection(territory.Outlines)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, f := range fc.Features {
		code := f.Properties.MustString("code")
		if f.Properties.MustString("name") == "" || codes[code] {
			t.Errorf("département %q has no name or comes twice", code)
		}
		codes[code] = true
		var polygons orb.MultiPolygon
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			polygons = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			polygons = g
		default:
			t.Fatalf("%s: geometry %T", code, g)
		}
		for _, p := range polygons {
			for i, ring := range p {
				want := orb.CCW
				if i > 0 {
					want = orb.CW
				}
				if !ring.Closed() || ring.Orientation() != want {
					t.Errorf("%s: ring %d is not closed or wound the wrong way", code, i)
				}
			}
		}
	}
	for _, code := range []string{"01", "2A", "2B", "75", "971", "976"} {
		if !codes[code] {
			t.Errorf("département %s is missing", code)
		}
	}
	if len(codes) != 101 {
		t.Errorf("%d départements, want 101", len(codes))
	}
}
