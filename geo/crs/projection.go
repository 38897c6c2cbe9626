package crs

import "math"

// projection maps longitude and latitude in degrees, on the ellipsoid of its
// CRS, to easting and northing in metres (degrees when geographic), and back.
type projection interface {
	forward(lon, lat float64) (x, y float64)
	inverse(x, y float64) (lon, lat float64)
	// scale is the point scale factor; NaN when the projection is not conformal.
	scale(lon, lat float64) float64
	// scaleGradient is the gradient of the logarithm of the scale, per metre.
	scaleGradient(x, y float64) (dx, dy float64)
}

// conformal is a projection that has a scale factor.
type conformal interface {
	projection
	// local is all of the above at once, with second derivatives.
	local(lon, lat float64) Local
}

// identity is the "projection" of a geographic CRS.
type identity struct{}

func (identity) forward(lon, lat float64) (x, y float64) { return lon, lat }
func (identity) inverse(x, y float64) (lon, lat float64) { return x, y }
func (identity) scale(_, _ float64) float64              { return math.NaN() }
func (identity) scaleGradient(_, _ float64) (dx, dy float64) {
	return math.NaN(), math.NaN()
}

// pseudoMercator is EPSG method 1024 (IOGP 373-7-2 § 3.2.2): the spherical
// Mercator formulas applied to geodetic latitudes. It is not conformal on the
// ellipsoid: its scale differs by 0.67 % between north and east.
type pseudoMercator struct {
	identity
	radius float64 // metres
}

func (m pseudoMercator) forward(lon, lat float64) (x, y float64) {
	return m.radius * lon * degree, m.radius * math.Atanh(math.Sin(lat*degree))
}

func (m pseudoMercator) inverse(x, y float64) (lon, lat float64) {
	return wrap(x / m.radius / degree), math.Atan(math.Sinh(y/m.radius)) / degree
}
