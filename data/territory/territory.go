// Package territory knows where the French départements are: simplified outlines
// (ANCT, from IGN Admin Express, Licence Ouverte 2.0; see make-departments.sh).
package territory

import (
	_ "embed"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"vigie/geo/exposure"
)

// Outlines is a GeoJSON feature collection of the départements, with the properties code
// (INSEE) and name. It must not be changed.
//
//go:embed departments.geojson
var Outlines []byte

// Attribution is the credit to show with the outlines.
const Attribution = "ANCT, IGN Admin Express"

// Slack is how far, in metres, a point may be outside an outline and yet be in the
// département: outlines are simplified.
const Slack = 2000

var outlines = sync.OnceValue(func() map[string]orb.MultiPolygon {
	collection, err := geojson.UnmarshalFeatureCollection(Outlines)
	if err != nil {
		panic(err) // embedded above
	}
	out := map[string]orb.MultiPolygon{}
	for _, f := range collection.Features {
		code := f.Properties.MustString("code")
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			out[code] = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			out[code] = g
		}
	}
	return out
})

// Outside tells whether a point (longitude, latitude in degrees, CRS84) is more than Slack
// outside a département, by its INSEE code. Of a code without outline nothing is outside.
func Outside(department string, p orb.Point) bool {
	outline, ok := outlines()[department]
	if !ok || planar.MultiPolygonContains(outline, p) {
		return false
	}
	distance, _ := exposure.Toward(p, outline)
	return distance > Slack
}
