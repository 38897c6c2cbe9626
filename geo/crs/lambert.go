package crs

import "math"

// lambert is the Lambert conformal conic projection, EPSG methods 9801 (one
// standard parallel) and 9802 (two), after IOGP Guidance Note 373-7-2 § 3.1.1,
// written with the isometric latitude ψ: t = exp(-ψ).
type lambert struct {
	ell          ellipsoid
	n            float64 // sine of the cone's standard latitude; negative in the south
	af           float64 // a·F: radius at ψ = 0, metres, of the sign of n
	lon0         float64 // central meridian, degrees
	x0, y0, rho0 float64 // metres
}

// newLambert2SP builds the projection from two standard parallels lat1 and lat2
// and the false origin (lon0, lat0), in degrees, whose coordinates are (x0, y0) metres.
func newLambert2SP(ell ellipsoid, lon0, lat0, lat1, lat2, x0, y0 float64) lambert {
	s1, c1 := math.Sincos(lat1 * degree)
	psi1, m1 := ell.isometric(s1), ell.parallel(s1, c1)
	n := s1
	if lat1 != lat2 {
		s2, c2 := math.Sincos(lat2 * degree)
		n = math.Log(m1/ell.parallel(s2, c2)) / (ell.isometric(s2) - psi1)
	}
	l := lambert{ell: ell, n: n, af: ell.a * m1 * math.Exp(n*psi1) / n, lon0: lon0, x0: x0, y0: y0}
	l.rho0 = l.radius(math.Sin(lat0 * degree))
	return l
}

// newLambert1SP builds the projection from its natural origin (lon0, lat0), in
// degrees, and the scale factor k0 there.
func newLambert1SP(ell ellipsoid, lon0, lat0, k0, x0, y0 float64) lambert {
	s, c := math.Sincos(lat0 * degree)
	l := lambert{ell: ell, n: s, lon0: lon0, x0: x0, y0: y0}
	l.af = ell.a * ell.parallel(s, c) * k0 * math.Exp(s*ell.isometric(s)) / s
	l.rho0 = l.radius(s)
	return l
}

// radius is the distance from the apex of the cone to a latitude given by its sine.
func (l *lambert) radius(sinPhi float64) float64 {
	return l.af * math.Exp(-l.n*l.ell.isometric(sinPhi))
}

func (l *lambert) forward(lon, lat float64) (x, y float64) {
	rho := l.radius(math.Sin(lat * degree))
	sin, cos := math.Sincos(l.n * wrap(lon-l.lon0) * degree)
	return l.x0 + rho*sin, l.y0 + l.rho0 - rho*cos
}

// polar returns the signed radius and the isometric latitude of a plane point,
// and its position relative to the apex, oriented so that dy > 0 towards it.
func (l *lambert) polar(x, y float64) (rho, psi, dx, dy float64) {
	dx, dy = x-l.x0, l.rho0-(y-l.y0)
	rho = math.Copysign(math.Sqrt(dx*dx+dy*dy), l.n)
	return rho, -math.Log(rho/l.af) / l.n, dx, dy
}

func (l *lambert) inverse(x, y float64) (lon, lat float64) {
	_, psi, dx, dy := l.polar(x, y)
	if l.n < 0 {
		dx, dy = -dx, -dy
	}
	lon = wrap(l.lon0 + math.Atan2(dx, dy)/l.n/degree)
	return lon, l.ell.geodetic(math.Sinh(psi)) / degree
}

func (l *lambert) scale(_, lat float64) float64 {
	sin, cos := math.Sincos(lat * degree)
	return l.n * l.radius(sin) / (l.ell.a * l.ell.parallel(sin, cos))
}

// scaleGradient: k = nρ/(N cos φ) and d ln k/dφ = (sin φ - n)·M/(N cos φ), so
// that along the meridian, whose plane element is k·M·dφ, d ln k = (sin φ -
// n)/(nρ) per metre, in the direction of the apex.
func (l *lambert) scaleGradient(x, y float64) (dx, dy float64) {
	rho, psi, px, py := l.polar(x, y)
	sinPhi := math.Sin(l.ell.geodetic(math.Sinh(psi)))
	g := (sinPhi - l.n) / (l.n * rho * rho)
	return -g * px, g * py
}
