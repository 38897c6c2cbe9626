// Package crs knows the coordinate reference systems of French official data:
// it recognises how files name them, converts between them and longitude and
// latitude, and measures distances on the ellipsoid.
//
// Everywhere coordinates are in the order easting, northing (or longitude,
// latitude), in metres (or degrees), whatever axis order the authority gives;
// see [CRS.LatLon] for exchanges that follow the authority.
//
// "WGS84" stands for every realisation of WGS 84 and for the French and
// European frames whose published transformation to it is null: RGF93 (v1, v2,
// v2b), ETRS89, RGAF09, RRAF91, RGFG95, RGR92, RGM04, RGSPM06, RGWF96 and
// RGNC91-93. PROJ does the same; the true offsets are under a metre. RGPF
// (French Polynesia) is moved by its published transformation, about 0.7 m.
//
// Conversions agree with PROJ to better than a micrometre, both ways, and
// allocate nothing.
package crs

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// CRS is a coordinate reference system: a small comparable value, safe to copy
// and to use from several goroutines. The zero CRS is CRS84.
type CRS struct {
	index uint8 // in table
}

// CRS84 is longitude and latitude on WGS84, in degrees and in that order
// (OGC:CRS84): the CRS of GeoJSON (RFC 7946) and of every record of Vigie.
var CRS84 = CRS{}

// ByCode finds a CRS by its EPSG code; false when Vigie does not know it.
// CRS84 has no EPSG code.
func ByCode(epsg int) (CRS, bool) {
	if epsg == 0 {
		return CRS84, false
	}
	for i := range table {
		if table[i].code == epsg {
			return CRS{uint8(i)}, true
		}
	}
	return CRS84, false
}

// All lists the known CRSs: CRS84, then the others by rising EPSG code.
func All() []CRS {
	all := make([]CRS, len(table))
	for i := range all {
		all[i] = CRS{uint8(i)}
	}
	return all
}

func (c CRS) definition() *definition { return &table[c.index] }

// Code is the EPSG code; 0 for CRS84, which is not in the EPSG registry.
func (c CRS) Code() int { return c.definition().code }

// URI is the identifier used by OGC APIs, such as
// http://www.opengis.net/def/crs/EPSG/0/2154.
func (c CRS) URI() string {
	if code := c.Code(); code != 0 {
		return "http://www.opengis.net/def/crs/EPSG/0/" + strconv.Itoa(code)
	}
	return "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
}

// String is the short identifier, "EPSG:2154" or "OGC:CRS84"; Parse reads it back.
func (c CRS) String() string {
	if code := c.Code(); code != 0 {
		return "EPSG:" + strconv.Itoa(code)
	}
	return "OGC:CRS84"
}

// Name is the name in the EPSG registry, such as "RGF93 v1 / Lambert-93".
func (c CRS) Name() string { return c.definition().name }

// Geographic tells whether coordinates are degrees, not metres.
func (c CRS) Geographic() bool {
	_, ok := c.definition().proj.(identity)
	return ok
}

// LatLon tells whether the authority's axis order is latitude, longitude, as
// for EPSG:4326. It concerns only exchanges that name the CRS by its authority
// (OGC APIs, GML): this package, GeoJSON, shapefiles and GeoPackages all put
// the longitude first.
func (c CRS) LatLon() bool { return c.Geographic() && c != CRS84 }

// Conformal tells whether the CRS is a conformal projection, for which Scale
// and ScaleGradient have a meaning.
func (c CRS) Conformal() bool {
	switch c.definition().proj.(type) {
	case *lambert, *transverseMercator:
		return true
	}
	return false
}

// Area is the area of use given by the EPSG registry, as longitudes and
// latitudes in degrees. That of RGWF96 / UTM zone 1S is cut at the antimeridian,
// west of which there is no land.
func (c CRS) Area() orb.Bound { return c.definition().area }

// FromWGS84 converts WGS84 longitude and latitude, in degrees, to easting and
// northing in metres (longitude and latitude in degrees in a geographic CRS).
// It means something within the area of use and some hundreds of kilometres
// around; far outside, the result may be infinite or NaN, which Plausible
// refuses.
func (c CRS) FromWGS84(lon, lat float64) (x, y float64) {
	d := c.definition()
	if d.shift != nil {
		lon, lat = d.shift.fromWGS84(lon, lat)
	}
	return d.proj.forward(lon, lat)
}

// ToWGS84 is the inverse of FromWGS84.
func (c CRS) ToWGS84(x, y float64) (lon, lat float64) {
	d := c.definition()
	lon, lat = d.proj.inverse(x, y)
	if d.shift != nil {
		lon, lat = d.shift.toWGS84(lon, lat)
	}
	return lon, lat
}

// Plausible tells whether (x, y) lies in the area of use, with a margin of
// 50 km (0.5° in a geographic CRS). A false answer betrays swapped axes, a
// wrong CRS or a missing position such as (0, 0); a true one proves nothing.
func (c CRS) Plausible(x, y float64) bool {
	return within(c.definition().plane, x, y)
}

// within is false for NaN, for which orb.Bound.Contains is true.
func within(b orb.Bound, x, y float64) bool {
	return x >= b.Min[0] && x <= b.Max[0] && y >= b.Min[1] && y <= b.Max[1]
}

// Scale is the point scale factor at a WGS84 position in degrees: length in
// the plane ÷ length on the ellipsoid, in every direction. It is exact (closed
// form; relative error under 1e-12, 1e-7 in RGPF). NaN where Conformal is false.
func (c CRS) Scale(lon, lat float64) float64 {
	return c.definition().proj.scale(lon, lat)
}

// ScaleGradient is the gradient of the natural logarithm of the scale factor
// at (x, y), in metres: relative change per metre eastwards and northwards in
// the plane. Closed form, exact to 1e-15 per metre for values up to 1e-7.
// NaN where Conformal is false.
func (c CRS) ScaleGradient(x, y float64) (dx, dy float64) {
	return c.definition().proj.scaleGradient(x, y)
}

// planeMargin widens the projected area of use for Plausible: metres, degrees.
const (
	planeMargin      = 50_000
	geographicMargin = 0.5
)

// planeOf projects an area of use and adds the margin.
func planeOf(d *definition) orb.Bound {
	const steps = 32
	if _, ok := d.proj.(identity); ok {
		b := d.area.Pad(geographicMargin)
		return orb.Bound{
			Min: orb.Point{math.Max(b.Min[0], -180), math.Max(b.Min[1], -90)},
			Max: orb.Point{math.Min(b.Max[0], 180), math.Min(b.Max[1], 90)},
		}
	}
	x, y := d.proj.forward(d.area.Min[0], d.area.Min[1])
	b := orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x, y}}
	for i := 0; i <= steps; i++ {
		for j := 0; j <= steps; j++ {
			x, y = d.proj.forward(
				d.area.Min[0]+(d.area.Max[0]-d.area.Min[0])*float64(i)/steps,
				d.area.Min[1]+(d.area.Max[1]-d.area.Min[1])*float64(j)/steps)
			b = b.Extend(orb.Point{x, y})
		}
	}
	return b.Pad(planeMargin)
}
