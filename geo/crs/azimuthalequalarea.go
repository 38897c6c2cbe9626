package crs

import "math"

// azimuthalEqualArea is the oblique Lambert azimuthal equal-area projection, EPSG
// method 9820, after IOGP Guidance Note 373-7-2 § 3.3.1 and Snyder (1987), p. 187. It is
// not conformal.
type azimuthalEqualArea struct {
	ell          ellipsoid
	lon0         float64 // degrees
	sin0, cos0   float64 // of the authalic latitude of the centre
	qp           float64 // q at the pole
	rq           float64 // radius of the authalic sphere, metres
	d            float64 // makes the scale true at the centre
	x0, y0       float64 // metres
	notConformal identity
}

// newAzimuthalEqualArea builds the projection from its centre (lon0, lat0), in degrees,
// not a pole, whose coordinates are (x0, y0) metres.
func newAzimuthalEqualArea(ell ellipsoid, lon0, lat0, x0, y0 float64) azimuthalEqualArea {
	p := azimuthalEqualArea{ell: ell, lon0: lon0, x0: x0, y0: y0}
	p.qp = p.q(1)
	sin, cos := math.Sincos(lat0 * degree)
	p.sin0 = p.q(sin) / p.qp
	p.cos0 = math.Sqrt(1 - p.sin0*p.sin0)
	p.rq = ell.a * math.Sqrt(p.qp/2)
	p.d = ell.a * ell.parallel(sin, cos) / (p.rq * p.cos0)
	return p
}

// q is proportional to the area between the equator and a latitude given by its sine.
func (p *azimuthalEqualArea) q(sin float64) float64 {
	return (1 - p.ell.e2) * (sin/(1-p.ell.e2*sin*sin) + math.Atanh(p.ell.e*sin)/p.ell.e)
}

func (p *azimuthalEqualArea) forward(lon, lat float64) (x, y float64) {
	sinB := p.q(math.Sin(lat*degree)) / p.qp
	cosB := math.Sqrt(math.Max(0, 1-sinB*sinB))
	sinL, cosL := math.Sincos(wrap(lon-p.lon0) * degree)
	b := p.rq * math.Sqrt(2/(1+p.sin0*sinB+p.cos0*cosB*cosL))
	return p.x0 + b*p.d*cosB*sinL, p.y0 + b/p.d*(p.cos0*sinB-p.sin0*cosB*cosL)
}

func (p *azimuthalEqualArea) inverse(x, y float64) (lon, lat float64) {
	x, y = (x-p.x0)/p.d, (y-p.y0)*p.d
	rho := math.Hypot(x, y)
	if rho == 0 {
		return p.lon0, p.geodetic(p.sin0)
	}
	sinC, cosC := math.Sincos(2 * math.Asin(rho/(2*p.rq)))
	lon = wrap(p.lon0 + math.Atan2(x*sinC, rho*p.cos0*cosC-y*p.sin0*sinC)/degree)
	return lon, p.geodetic(cosC*p.sin0 + y*sinC*p.cos0/rho)
}

// geodetic is the latitude, in degrees, whose authalic latitude has this sine, by
// Newton's method from a first-order series: four steps reach the last digit.
func (p *azimuthalEqualArea) geodetic(sinB float64) float64 {
	if math.Abs(sinB) >= 1 {
		return math.Copysign(90, sinB)
	}
	phi := math.Asin(sinB)
	phi += p.ell.e2 / 3 * math.Sin(2*phi)
	for range 4 {
		sin, cos := math.Sincos(phi)
		w := 1 - p.ell.e2*sin*sin
		phi += (p.qp*sinB - p.q(sin)) * w * w / (2 * (1 - p.ell.e2) * cos)
	}
	return phi / degree
}

func (p *azimuthalEqualArea) scale(lon, lat float64) float64 { return p.notConformal.scale(lon, lat) }

func (p *azimuthalEqualArea) scaleGradient(x, y float64) (dx, dy float64) {
	return p.notConformal.scaleGradient(x, y)
}
