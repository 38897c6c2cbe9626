package crs

import (
	"math"

	"github.com/paulmach/orb"
)

// Vincenty's series stop at the third power of the flattening: their error is
// below 0.1 mm on the WGS84 ellipsoid, at any distance.
const (
	geodesicTolerance  = 1e-14 // radians; a change of 0.06 µm
	geodesicIterations = 60
)

// Inverse returns the length in metres of the shortest path on the WGS84
// ellipsoid between two points (longitude, latitude in degrees), and its
// azimuth at p, in degrees clockwise from true north, in [0, 360); 0 when the
// points coincide.
//
// By T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid
// with application of nested equations", Survey Review 176 (1975), within 0.1
// mm of the exact length. Between nearly antipodal points, for which Vincenty's
// iteration diverges, the path is searched for by azimuth: the length is as
// good, the azimuth is good to 0.01° (and is one of two equally good ones
// between points that mirror each other). It always ends, and gives finite
// results for finite positions.
func Inverse(p, q orb.Point) (distance, azimuth float64) {
	sin1, cos1 := reducedLatitude(p[1])
	sin2, cos2 := reducedLatitude(q[1])
	d, sinA, cosA, ok := vincentyInverse(sin1, cos1, sin2, cos2, wrap(q[0]-p[0])*degree)
	if !ok {
		d, sinA, cosA = antipodal(p, q)
	}
	return d, bearing(sinA, cosA)
}

// Direct returns the point reached from p (longitude, latitude in degrees) by
// following the geodesic of an azimuth in degrees clockwise from true north,
// for a distance in metres. Longitude in [-180, 180]. Vincenty (1975), within
// 0.1 mm over half the Earth's circumference.
func Direct(p orb.Point, azimuth, distance float64) orb.Point {
	sin1, cos1 := reducedLatitude(p[1])
	sinA, cosA := math.Sincos(azimuth * degree)
	return vincentyDirect(p[0], sin1, cos1, sinA, cosA, distance)
}

// bearing turns a direction into degrees in [0, 360).
func bearing(sinA, cosA float64) float64 {
	if sinA == 0 && cosA == 0 {
		return 0
	}
	az := math.Atan2(sinA, cosA) / degree
	if az < 0 {
		az += 360
	}
	if az >= 360 { // a tiny negative angle rounds up
		az = 0
	}
	return az
}

// reducedLatitude gives the sine and cosine of the reduced latitude; a latitude
// beyond a pole is brought back to it.
func reducedLatitude(lat float64) (sin, cos float64) {
	s, c := math.Sincos(math.Max(-90, math.Min(90, lat)) * degree)
	s *= 1 - ellipsoidWGS84.f
	h := math.Sqrt(s*s + c*c)
	return s / h, c / h
}

// seriesAB are Vincenty's A and B, equations 3 and 4.
func seriesAB(cos2Alpha float64) (a, b float64) {
	const ep2 = 0.00673949674227643 // second eccentricity of WGS84, squared
	u2 := cos2Alpha * ep2
	a = 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
	b = u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
	return a, b
}

// deltaSigma is Vincenty's equation 6.
func deltaSigma(b, sinS, cosS, cos2M float64) float64 {
	c2 := cos2M * cos2M
	return b * sinS * (cos2M + b/4*(cosS*(2*c2-1)-b/6*cos2M*(4*sinS*sinS-3)*(4*c2-3)))
}

// longitudeCorrection is the product of the constants of Vincenty's equation
// 11 but for sin α: λ - L = sin α × it.
func longitudeCorrection(cos2Alpha, sigma, sinS, cosS, cos2M float64) float64 {
	f := ellipsoidWGS84.f
	c := f / 16 * cos2Alpha * (4 + f*(4-3*cos2Alpha))
	return (1 - c) * f * (sigma + c*sinS*(cos2M+c*cosS*(2*cos2M*cos2M-1)))
}

// vincentyInverse works on reduced latitudes and a difference of longitudes in
// radians, within [-π, π]. It returns the distance and the direction at the
// first point (a unit vector, zero when the points coincide); false when the
// iteration diverges.
func vincentyInverse(sin1, cos1, sin2, cos2, l float64) (distance, sinA, cosA float64, ok bool) {
	lambda := l
	ss, cc, sc, cs := sin1*sin2, cos1*cos2, sin1*cos2, cos1*sin2
	for range geodesicIterations {
		sinL, cosL := math.Sincos(lambda)
		east, north := cos2*sinL, cs-sc*cosL
		sinS := math.Sqrt(east*east + north*north)
		cosS := ss + cc*cosL
		if sinS == 0 {
			return 0, 0, 0, cosS > 0
		}
		sigma := math.Atan2(sinS, cosS)
		sinAlpha := cc * sinL / sinS // of the geodesic at the equator
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cos2M := 0.0 // on the equator its factor vanishes
		if cos2Alpha > 1e-15 {
			cos2M = cosS - 2*ss/cos2Alpha
		}
		next := l + sinAlpha*longitudeCorrection(cos2Alpha, sigma, sinS, cosS, cos2M)
		if math.Abs(next) > math.Pi {
			return 0, 0, 0, false
		}
		if math.Abs(next-lambda) < geodesicTolerance {
			a, b := seriesAB(cos2Alpha)
			distance = ellipsoidWGS84.a * (1 - ellipsoidWGS84.f) * a * (sigma - deltaSigma(b, sinS, cosS, cos2M))
			return distance, east / sinS, north / sinS, true
		}
		lambda = next
	}
	return 0, 0, 0, false
}

// vincentyDirect starts at longitude lon (degrees) and a reduced latitude, in
// the direction of a unit vector.
func vincentyDirect(lon, sin1, cos1, sinA, cosA, distance float64) orb.Point {
	f := ellipsoidWGS84.f
	sigma1 := math.Atan2(sin1, cos1*cosA)
	sinAlpha := cos1 * sinA
	cos2Alpha := 1 - sinAlpha*sinAlpha
	a, b := seriesAB(cos2Alpha)
	start := distance / (ellipsoidWGS84.a * (1 - f) * a)
	sigma, change := start, math.Inf(1)
	sinS, cosS := math.Sincos(sigma)
	cos2M := math.Cos(2*sigma1 + sigma)
	for i := 0; i < geodesicIterations && math.Abs(change) >= geodesicTolerance; i++ {
		next := start + deltaSigma(b, sinS, cosS, cos2M)
		sigma, change = next, next-sigma
		sinS, cosS = math.Sincos(sigma)
		cos2M = math.Cos(2*sigma1 + sigma)
	}
	north := sin1*cosS + cos1*sinS*cosA
	across := sin1*sinS - cos1*cosS*cosA
	lat := math.Atan2(north, (1-f)*math.Sqrt(sinAlpha*sinAlpha+across*across))
	lambda := math.Atan2(sinS*sinA, cos1*cosS-sin1*sinS*cosA)
	l := lambda - sinAlpha*longitudeCorrection(cos2Alpha, sigma, sinS, cosS, cos2M)
	return orb.Point{wrap(lon + l/degree), lat / degree}
}

// antipodal finds the shortest path between nearly antipodal points: of the
// points M at 10,000 km from p, the one that makes pM + Mq shortest is on it,
// and both parts are short enough for Vincenty.
func antipodal(p, q orb.Point) (distance, sinA, cosA float64) {
	const half = 1e7 // metres
	sin1, cos1 := reducedLatitude(p[1])
	sin2, cos2 := reducedLatitude(q[1])
	length := func(az float64) float64 {
		s, c := math.Sincos(az)
		m := vincentyDirect(p[0], sin1, cos1, s, c, half)
		sinM, cosM := reducedLatitude(m[1])
		d, _, _, _ := vincentyInverse(sinM, cosM, sin2, cos2, wrap(q[0]-m[0])*degree)
		return half + d
	}
	const steps = 72
	best, shortest := 0.0, math.Inf(1)
	for i := range steps {
		az := 2 * math.Pi * float64(i) / steps
		if d := length(az); d < shortest {
			best, shortest = az, d
		}
	}
	// Golden-section search around the best of the grid.
	const phi = 0.6180339887498949
	lo, hi := best-2*math.Pi/steps, best+2*math.Pi/steps
	x1, x2 := hi-phi*(hi-lo), lo+phi*(hi-lo)
	d1, d2 := length(x1), length(x2)
	for hi-lo > 1e-9 {
		if d1 < d2 {
			hi, x2, d2 = x2, x1, d1
			x1 = hi - phi*(hi-lo)
			d1 = length(x1)
		} else {
			lo, x1, d1 = x1, x2, d2
			x2 = lo + phi*(hi-lo)
			d2 = length(x2)
		}
	}
	sinA, cosA = math.Sincos((lo + hi) / 2)
	return math.Min(d1, d2), sinA, cosA
}
