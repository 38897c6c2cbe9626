package crs

import "math"

// Local is a conformal projection around one position, to third order: where the
// position goes and how the scale factor varies there. Lengths are metres of the plane.
type Local struct {
	X, Y float64
	// Scale is that of [CRS.Scale].
	Scale float64
	// DX and DY are the gradient of ln Scale, as [CRS.ScaleGradient] gives it.
	DX, DY float64
	// DXX, DXY and DYY are the second derivatives of ln Scale. Their trace is the
	// Gauss curvature of the ellipsoid divided by Scale². They are exact for
	// conic projections; for the transverse Mercator, whose scale varies across
	// the central meridian, the curvature is given to DXX, good to 1 % of it
	// within 10° of that meridian.
	DXX, DXY, DYY float64
}

// Local expands the projection at a WGS84 position in degrees. It gives what
// FromWGS84, Scale and ScaleGradient give, for about the cost of the first. The
// scale and its derivatives are NaN where Conformal is false.
func (c CRS) Local(lon, lat float64) Local {
	d := c.definition()
	if d.shift != nil {
		lon, lat = d.shift.fromWGS84(lon, lat)
	}
	if d.conformal != nil {
		return d.conformal.local(lon, lat)
	}
	x, y := d.proj.forward(lon, lat)
	nan := math.NaN()
	return Local{X: x, Y: y, Scale: nan, DX: nan, DY: nan, DXX: nan, DXY: nan, DYY: nan}
}

// curvature is the Gauss curvature 1/(MN), in m⁻²; w2 = 1 - e² sin²φ.
func (el *ellipsoid) curvature(w2 float64) float64 {
	return w2 * w2 / (el.a * el.a * (1 - el.e2))
}

// local: see scaleGradient for the first derivatives. Along the meridian the second
// one follows from the curvature, since ln k has the Laplacian 1/(k²MN); along
// the circles around the apex, where k is constant, it is d ln k/dρ/ρ.
func (l *lambert) local(lon, lat float64) Local {
	sinPhi, cosPhi := math.Sincos(lat * degree)
	rho := l.radius(sinPhi)
	sin, cos := math.Sincos(l.n * wrap(lon-l.lon0) * degree)
	px, py := rho*sin, rho*cos
	w2 := 1 - l.ell.e2*sinPhi*sinPhi
	k := l.n * rho * math.Sqrt(w2) / (l.ell.a * cosPhi)
	g := (sinPhi - l.n) / (l.n * rho * rho)
	radial := l.ell.curvature(w2)/(k*k) + g
	return Local{
		X: l.x0 + px, Y: l.y0 + l.rho0 - py, Scale: k,
		DX: -g * px, DY: g * py,
		DXX: radial*sin*sin - g*cos*cos,
		DXY: -(radial + g) * sin * cos,
		DYY: radial*cos*cos - g*sin*sin,
	}
}

func (t *transverseMercator) local(lon, lat float64) Local {
	sinPhi, cosPhi := math.Sincos(lat * degree)
	s, tau, cosL, h := t.toSchreiber(sinPhi, wrap(lon-t.lon0))
	sin2, cos2 := s.doubled()
	d := sineSum(&t.ell.alp, sin2, cos2)
	first, second := t.derivatives(sin2, cos2)
	w2 := 1 - t.ell.e2*sinPhi*sinPhi
	k := t.radius / t.ell.a * math.Sqrt(real(first)*real(first)+imag(first)*imag(first)) * math.Sqrt(w2) / (cosPhi * h)
	dx, dy := t.gradient(s, sinPhi, first, second)
	return Local{
		X: t.x0 + t.radius*(math.Asinh(s.sinhEta)+imag(d)), Y: t.y0 + t.radius*(math.Atan2(tau, cosL)+real(d)),
		Scale: k, DX: dx, DY: dy, DXX: t.ell.curvature(w2) / (k * k),
	}
}
