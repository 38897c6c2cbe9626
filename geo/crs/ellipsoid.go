package crs

import "math"

const degree = math.Pi / 180 // radians in one degree

// ellipsoid is an ellipsoid of revolution with the series its projections need.
// The series are in the third flattening n; their coefficients are those of
// Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geod.
// 85 (2011), equations 35 and 36, and of GeographicLib for the conformal
// latitude. At sixth order the truncation is under a nanometre within 3,000 km
// of the central meridian.
type ellipsoid struct {
	a    float64    // semi-major axis, metres
	f    float64    // flattening
	e2   float64    // first eccentricity, squared
	e    float64    // first eccentricity
	rect float64    // rectifying radius: quarter meridian × 2/π, metres
	phi  [6]float64 // conformal → geodetic latitude, factors of sin 2jχ
	alp  [6]float64 // Gauss-Schreiber → Gauss-Krüger, factors of sin 2jζ′
	bet  [6]float64 // Gauss-Krüger → Gauss-Schreiber, factors of sin 2jζ
}

// newEllipsoid builds an ellipsoid from its semi-major axis in metres and its
// inverse flattening; an inverse flattening of 0 means a sphere.
func newEllipsoid(a, inverseFlattening float64) ellipsoid {
	el := ellipsoid{a: a}
	if inverseFlattening != 0 {
		el.f = 1 / inverseFlattening
	}
	el.e2 = el.f * (2 - el.f)
	el.e = math.Sqrt(el.e2)
	n := el.f / (2 - el.f)
	n2 := n * n
	n3, n4 := n2*n, n2*n2
	n5, n6 := n4*n, n3*n3
	el.rect = a / (1 + n) * (1 + n2/4 + n4/64 + n6/256)
	el.phi = [6]float64{
		2*n - 2./3*n2 - 2*n3 + 116./45*n4 + 26./45*n5 - 2854./675*n6,
		7./3*n2 - 8./5*n3 - 227./45*n4 + 2704./315*n5 + 2323./945*n6,
		56./15*n3 - 136./35*n4 - 1262./105*n5 + 73814./2835*n6,
		4279./630*n4 - 332./35*n5 - 399572./14175*n6,
		4174./315*n5 - 144838./6237*n6,
		601676. / 22275 * n6,
	}
	el.alp = [6]float64{
		n/2 - 2./3*n2 + 5./16*n3 + 41./180*n4 - 127./288*n5 + 7891./37800*n6,
		13./48*n2 - 3./5*n3 + 557./1440*n4 + 281./630*n5 - 1983433./1935360*n6,
		61./240*n3 - 103./140*n4 + 15061./26880*n5 + 167603./181440*n6,
		49561./161280*n4 - 179./168*n5 + 6601661./7257600*n6,
		34729./80640*n5 - 3418889./1995840*n6,
		212378941. / 319334400 * n6,
	}
	el.bet = [6]float64{
		n/2 - 2./3*n2 + 37./96*n3 - 1./360*n4 - 81./512*n5 + 96199./604800*n6,
		1./48*n2 + 1./15*n3 - 437./1440*n4 + 46./105*n5 - 1118711./3870720*n6,
		17./480*n3 - 37./840*n4 - 209./4480*n5 + 5569./90720*n6,
		4397./161280*n4 - 11./504*n5 - 830251./7257600*n6,
		4583./161280*n5 - 108847./3991680*n6,
		20648693. / 638668800 * n6,
	}
	return el
}

// isometric returns the isometric latitude ψ of a geodetic latitude given by its
// sine: artanh(sin φ) - e·artanh(e·sin φ). The second term is summed as a series,
// whose rest is under 1e-16 as long as e² is under 0.01.
func (el *ellipsoid) isometric(sinPhi float64) float64 {
	u := el.e2 * sinPhi * sinPhi
	series := 1 + u*(1./3+u*(1./5+u*(1./7+u*(1./9+u*(1./11)))))
	return math.Log((1+sinPhi)/(1-sinPhi))/2 - el.e2*sinPhi*series
}

// geodetic returns the geodetic latitude φ, in radians, of a conformal latitude
// given by its tangent (the hyperbolic sine of the isometric latitude).
func (el *ellipsoid) geodetic(tanChi float64) float64 {
	cos2 := 1 / (1 + tanChi*tanChi) // cos²χ
	sin2chi, cos2chi := 2*tanChi*cos2, 2*cos2-1
	if math.IsInf(tanChi, 0) {
		sin2chi, cos2chi = 0, -1
	}
	// Clenshaw's summation of Σ phi[j-1] sin 2jχ.
	var b1, b2 float64
	for j := len(el.phi) - 1; j >= 0; j-- {
		b1, b2 = el.phi[j]+2*cos2chi*b1-b2, b1
	}
	return math.Atan(tanChi) + sin2chi*b1
}

// parallel returns the radius of the parallel, as a ratio of the semi-major axis.
func (el *ellipsoid) parallel(sinPhi, cosPhi float64) float64 {
	return cosPhi / math.Sqrt(1-el.e2*sinPhi*sinPhi)
}

// wrap brings a difference of longitudes, in degrees, into [-180, 180].
func wrap(d float64) float64 {
	if d >= -180 && d <= 180 {
		return d
	}
	return math.Remainder(d, 360)
}
