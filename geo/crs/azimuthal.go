package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// Azimuthal is the azimuthal equidistant plane of the WGS84 ellipsoid centred
// on a point (EPSG method 1125): distances and directions from the centre are
// true. It is a value, safe for concurrent use.
type Azimuthal struct {
	center   orb.Point // degrees
	sin, cos float64   // of the centre's reduced latitude
}

// NewAzimuthal centres a plane on a longitude and latitude in degrees.
func NewAzimuthal(center orb.Point) Azimuthal {
	sin, cos := reducedLatitude(center[1])
	return Azimuthal{center: center, sin: sin, cos: cos}
}

// Center is the centre of the plane, in degrees.
func (a Azimuthal) Center() orb.Point { return a.center }

// Forward converts longitude and latitude in degrees to metres east and north
// of the centre: the length and azimuth of the geodesic, as polar coordinates.
// Precision as [Inverse].
func (a Azimuthal) Forward(p orb.Point) (x, y float64) {
	sin, cos := reducedLatitude(p[1])
	d, sinA, cosA, ok := vincentyInverse(a.sin, a.cos, sin, cos, wrap(p[0]-a.center[0])*degree)
	if !ok {
		d, sinA, cosA = antipodal(a.center, p)
	}
	return d * sinA, d * cosA
}

// Inverse converts metres east and north of the centre to longitude and
// latitude in degrees.
func (a Azimuthal) Inverse(x, y float64) orb.Point {
	d := math.Hypot(x, y)
	if d == 0 {
		return a.center
	}
	return vincentyDirect(a.center[0], a.sin, a.cos, x/d, y/d, d)
}
