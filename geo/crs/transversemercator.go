package crs

import "math"

// transverseMercator is EPSG method 9807 (Gauss-Krüger, UTM) by Krüger's series
// in the third flattening to sixth order, after Karney (2011): the JHS formulas
// of IOGP 373-7-2 § 3.2.5.1, with two more terms. Exact to a few nanometres
// within 3,000 km of the central meridian.
type transverseMercator struct {
	ell    ellipsoid
	lon0   float64 // central meridian, degrees
	k0     float64 // scale on the central meridian
	radius float64 // k0 × rectifying radius, metres
	x0     float64 // false easting, metres
	y0     float64 // northing of the equator, metres
}

// newTransverseMercator builds the projection from its natural origin (lon0,
// lat0) in degrees, whose coordinates are (x0, y0) metres, and the scale k0 on
// the central meridian.
func newTransverseMercator(ell ellipsoid, lon0, lat0, k0, x0, y0 float64) transverseMercator {
	t := transverseMercator{ell: ell, lon0: lon0, k0: k0, radius: k0 * ell.rect, x0: x0}
	_, north := t.forward(lon0, lat0)
	t.y0 = y0 - north
	return t
}

// newUTM builds a zone (1 to 60) of the Universal Transverse Mercator.
func newUTM(ell ellipsoid, zone int, south bool) transverseMercator {
	y0 := 0.0
	if south {
		y0 = 1e7
	}
	return newTransverseMercator(ell, float64(6*zone-183), 0, 0.9996, 5e5, y0)
}

// schreiber holds a point of the Gauss-Schreiber plane ζ′ = ξ′ + iη′ (the
// transverse Mercator of the conformal sphere) by what the series need of it.
type schreiber struct {
	sinXi, cosXi, sinhEta, coshEta float64
}

func (s schreiber) doubled() (sin2, cos2 complex128) {
	sin, cos := 2*s.sinXi*s.cosXi, (s.cosXi-s.sinXi)*(s.cosXi+s.sinXi)
	sinh, cosh := 2*s.sinhEta*s.coshEta, 1+2*s.sinhEta*s.sinhEta
	return complex(sin*cosh, cos*sinh), complex(cos*cosh, -sin*sinh)
}

// sineSum is Σ c[j-1] sin 2jζ by Clenshaw's recurrence.
func sineSum(c *[6]float64, sin2, cos2 complex128) complex128 {
	var b1, b2 complex128
	for j := len(c) - 1; j >= 0; j-- {
		b1, b2 = complex(c[j], 0)+2*cos2*b1-b2, b1
	}
	return sin2 * b1
}

// derivatives of ζ(ζ′) = ζ′ + Σ α_j sin 2jζ′: first and second.
func (t *transverseMercator) derivatives(sin2, cos2 complex128) (first, second complex128) {
	var c1, c2, s1, s2 complex128
	for j := len(t.ell.alp) - 1; j >= 0; j-- {
		m := 2 * float64(j+1)
		c1, c2 = complex(m*t.ell.alp[j], 0)+2*cos2*c1-c2, c1
		s1, s2 = complex(m*m*t.ell.alp[j], 0)+2*cos2*s1-s2, s1
	}
	return 1 + cos2*c1 - c2, -sin2 * s1
}

// toSchreiber maps longitude and latitude to the Gauss-Schreiber plane; h is
// the hypotenuse of tan χ and cos λ, tau the tangent of the conformal latitude.
func (t *transverseMercator) toSchreiber(sinPhi, dLon float64) (s schreiber, tau, cosL, h float64) {
	tau = math.Sinh(t.ell.isometric(sinPhi))
	sinL, cosL := math.Sincos(dLon * degree)
	h = math.Sqrt(tau*tau + cosL*cosL)
	s = schreiber{tau / h, cosL / h, sinL / h, math.Sqrt(1+tau*tau) / h}
	return s, tau, cosL, h
}

func (t *transverseMercator) forward(lon, lat float64) (x, y float64) {
	s, tau, cosL, _ := t.toSchreiber(math.Sin(lat*degree), wrap(lon-t.lon0))
	sin2, cos2 := s.doubled()
	d := sineSum(&t.ell.alp, sin2, cos2)
	return t.x0 + t.radius*(math.Asinh(s.sinhEta)+imag(d)),
		t.y0 + t.radius*(math.Atan2(tau, cosL)+real(d))
}

// fromPlane maps a plane point to the Gauss-Schreiber plane.
func (t *transverseMercator) fromPlane(x, y float64) schreiber {
	xi, eta := (y-t.y0)/t.radius, (x-t.x0)/t.radius
	sin, cos := math.Sincos(xi)
	sinh := math.Sinh(eta)
	sin2, cos2 := schreiber{sin, cos, sinh, math.Sqrt(1 + sinh*sinh)}.doubled()
	d := sineSum(&t.ell.bet, sin2, cos2)
	sin, cos = math.Sincos(xi - real(d))
	sinh = math.Sinh(eta - imag(d))
	return schreiber{sin, cos, sinh, math.Sqrt(1 + sinh*sinh)}
}

func (t *transverseMercator) inverse(x, y float64) (lon, lat float64) {
	s := t.fromPlane(x, y)
	tau := s.sinXi / math.Sqrt(s.sinhEta*s.sinhEta+s.cosXi*s.cosXi)
	lon = wrap(t.lon0 + math.Atan2(s.sinhEta, s.cosXi)/degree)
	return lon, t.ell.geodetic(tau) / degree
}

func (t *transverseMercator) scale(lon, lat float64) float64 {
	sinPhi, cosPhi := math.Sincos(lat * degree)
	s, _, _, h := t.toSchreiber(sinPhi, wrap(lon-t.lon0))
	d, _ := t.derivatives(s.doubled())
	// Karney (2011), equations 24 and 25.
	return t.radius / t.ell.a * math.Sqrt(real(d)*real(d)+imag(d)*imag(d)) /
		(t.ell.parallel(sinPhi, cosPhi) * h)
}

// scaleGradient sums, in the Gauss-Schreiber plane, the gradients of the three
// factors of the scale: sphere to plane (cosh η′), ellipsoid to sphere
// (cos χ/(N cos φ), whose logarithm grows by sin φ - sin χ per unit of
// isometric latitude, along true north) and Krüger's series; the complex
// number u_ξ - i·u_η of a gradient follows a conformal map by division by its
// derivative.
func (t *transverseMercator) scaleGradient(x, y float64) (dx, dy float64) {
	s := t.fromPlane(x, y)
	d := s.sinhEta*s.sinhEta + s.cosXi*s.cosXi
	first, second := t.derivatives(s.doubled())
	return t.gradient(s, math.Sin(t.ell.geodetic(s.sinXi/math.Sqrt(d))), first, second)
}

// gradient is scaleGradient at a point of which all is known.
func (t *transverseMercator) gradient(s schreiber, sinPhi float64, first, second complex128) (dx, dy float64) {
	g := (sinPhi - s.sinXi/s.coshEta) / (s.sinhEta*s.sinhEta + s.cosXi*s.cosXi)
	u := complex(g*s.cosXi*s.coshEta, g*s.sinXi*s.sinhEta-s.sinhEta/s.coshEta) + second/first
	u /= first * complex(t.radius, 0)
	return -imag(u), real(u)
}
