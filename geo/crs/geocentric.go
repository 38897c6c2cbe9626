package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// Geocentric gives the earth-centred, earth-fixed coordinates, in metres, of a
// point (longitude, latitude in degrees) on the WGS84 ellipsoid (EPSG method 9602).
// The straight line between two points is never longer than the geodesic.
func Geocentric(p orb.Point) (x, y, z float64) {
	const (
		a  = 6378137.0
		f  = 1 / 298.257223563
		e2 = f * (2 - f)
	)
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	n := a / math.Sqrt(1-e2*sinLat*sinLat)
	return n * cosLat * cosLon, n * cosLat * sinLon, n * (1 - e2) * sinLat
}
