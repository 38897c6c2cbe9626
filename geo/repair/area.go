package repair

import (
	"math"

	"github.com/paulmach/orb"
)

// WGS84 ellipsoid (NIMA TR8350.2): semi-major axis in metres, flattening.
const (
	semiMajorAxis = 6378137.0
	flattening    = 1 / 298.257223563
)

var (
	semiMinorAxis = semiMajorAxis * (1 - flattening)
	eccentricity  = math.Sqrt(flattening * (2 - flattening))
)

// Area is the area of a multipolygon on the WGS84 ellipsoid, in m²: for each polygon the area
// of its first ring less that of its other rings, whatever their direction.
//
// It is the exact area between edges that are straight in longitude and latitude, as GeoJSON
// defines them: the integral of the area north of the equator (Snyder, Map Projections, USGS
// PP 1395, eq. 3-12) along each edge, by three-point Gauss-Legendre quadrature. An edge of
// length L leaves the geodesic by L²·tan(latitude)/8R: 0.2 mm for 100 m, 20 cm for 3 km.
// Positions must be finite; a ring that crosses itself gives the difference of its lobes.
func Area(mp orb.MultiPolygon) float64 {
	total := 0.0
	for _, p := range mp {
		for i, r := range p {
			if i == 0 {
				total += math.Abs(ringArea(r))
			} else {
				total -= math.Abs(ringArea(r))
			}
		}
	}
	return total
}

// ringArea is the signed area of a ring in m², positive when it is counter-clockwise. The
// ring need not be closed.
func ringArea(r orb.Ring) float64 {
	if len(r) < 3 {
		return 0
	}
	reference := zoneArea(r[0][1]) // keeps the sum small: its own integral is zero
	sum := 0.0
	for i, p := range r {
		q := r[(i+1)%len(r)]
		middle, half := (p[1]+q[1])/2, (q[1]-p[1])/2
		mean := 8*(zoneArea(middle)-reference) +
			5*(zoneArea(middle-half*gaussNode)-reference) +
			5*(zoneArea(middle+half*gaussNode)-reference)
		sum -= mean / 18 * (q[0] - p[0]) * math.Pi / 180
	}
	return sum
}

// gaussNode is the outer node of the three-point Gauss-Legendre rule, √(3/5).
const gaussNode = 0.7745966692414834

// zoneArea is the area between the equator and a latitude in degrees, in m² per radian of
// longitude.
func zoneArea(latitude float64) float64 {
	s := math.Sin(latitude * math.Pi / 180)
	es := eccentricity * s
	return semiMinorAxis * semiMinorAxis / 2 * (s/(1-es*es) + math.Atanh(es)/eccentricity)
}
