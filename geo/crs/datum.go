package crs

import "math"

var (
	ellipsoidWGS84 = newEllipsoid(6378137, 298.257223563)
	ellipsoidGRS80 = newEllipsoid(6378137, 298.257222101)
)

// helmert is a seven-parameter transformation to WGS84, position vector
// convention (EPSG method 9606), applied to points of the ellipsoid's surface:
// the height it yields (under a metre) is dropped.
type helmert struct {
	tx, ty, tz float64 // metres
	rx, ry, rz float64 // radians
	scale      float64 // 1 + ds
}

const arcSecond = degree / 3600

// polynesia is EPSG:8828, RGPF to WGS 84 (1), accuracy 0.5 m: the one French
// datum of this package whose published transformation is not null. It moves
// points by about 0.7 m.
var polynesia = helmert{
	0.072, -0.507, -0.245,
	0.0183 * arcSecond, -0.0003 * arcSecond, 0.007 * arcSecond,
	1 - 0.0093e-6,
}

// toWGS84 takes and returns longitude and latitude in degrees.
func (h *helmert) toWGS84(lon, lat float64) (float64, float64) {
	x, y, z := geocentric(&ellipsoidGRS80, lon, lat)
	return geodeticFromGeocentric(&ellipsoidWGS84,
		h.tx+h.scale*(x-h.rz*y+h.ry*z),
		h.ty+h.scale*(h.rz*x+y-h.rx*z),
		h.tz+h.scale*(-h.ry*x+h.rx*y+z))
}

// fromWGS84 is the inverse of toWGS84. The rotation is inverted by its
// transpose: with angles of 1e-7 radian the residue is under 1e-7 m.
func (h *helmert) fromWGS84(lon, lat float64) (float64, float64) {
	x, y, z := geocentric(&ellipsoidWGS84, lon, lat)
	x, y, z = (x-h.tx)/h.scale, (y-h.ty)/h.scale, (z-h.tz)/h.scale
	return geodeticFromGeocentric(&ellipsoidGRS80,
		x+h.rz*y-h.ry*z,
		-h.rz*x+y+h.rx*z,
		h.ry*x-h.rx*y+z)
}

// geocentric gives the cartesian coordinates, in metres, of a point of the surface.
func geocentric(el *ellipsoid, lon, lat float64) (x, y, z float64) {
	sinPhi, cosPhi := math.Sincos(lat * degree)
	sinL, cosL := math.Sincos(lon * degree)
	n := el.a / math.Sqrt(1-el.e2*sinPhi*sinPhi)
	return n * cosPhi * cosL, n * cosPhi * sinL, n * (1 - el.e2) * sinPhi
}

// geodeticFromGeocentric is Bowring's closed form (1976), exact to a nanometre
// near the surface.
func geodeticFromGeocentric(el *ellipsoid, x, y, z float64) (lon, lat float64) {
	p := math.Hypot(x, y)
	b := el.a * (1 - el.f)
	sin, cos := math.Sincos(math.Atan2(z*el.a, p*b))
	lat = math.Atan2(z+el.e2/(1-el.e2)*b*sin*sin*sin, p-el.e2*el.a*cos*cos*cos)
	return math.Atan2(y, x) / degree, lat / degree
}

// datum is a geodetic reference frame as files name it.
type datum struct {
	// key is the frame's short name, folded (see fold); it also appears in labels of CRSs.
	key string
	// geographic is the code of its geographic CRS; 0 stands for CRS84.
	geographic int
	// names are the folded names in WKT, without the "D_" of ESRI.
	names []string
	// shift to WGS84; nil when the published transformation is null.
	shift *helmert
}

// datums: "as WGS84" means a published null transformation of 1 m accuracy,
// which is what PROJ applies.
var datums = []datum{
	{"WGS84", 0, []string{"WGS1984", "WORLDGEODETICSYSTEM1984", "WORLDGEODETICSYSTEM1984ENSEMBLE"}, nil},
	{"RGF93", 4171, []string{"RGF1993", "RESEAUGEODESIQUEFRANCAIS1993", "RESEAUGEODESIQUEFRANCAIS1993V1", "RGF93V1", "RGF1993V1"}, nil},
	{"RGF93V2", 9777, []string{"RGF1993V2", "RESEAUGEODESIQUEFRANCAIS1993V2"}, nil},
	{"RGF93V2B", 9782, []string{"RGF1993V2B", "RESEAUGEODESIQUEFRANCAIS1993V2B"}, nil},
	{"ETRS89", 4258, []string{"ETRS1989", "EUROPEANTERRESTRIALREFERENCESYSTEM1989", "EUROPEANTERRESTRIALREFERENCESYSTEM1989ENSEMBLE"}, nil},
	{"RGAF09", 5489, []string{"RGAF2009", "RESEAUGEODESIQUEDESANTILLESFRANCAISES2009"}, nil},
	{"RRAF1991", 4558, []string{"RRAF91", "RRAF", "RESEAUDEREFERENCEDESANTILLESFRANCAISES1991"}, nil},
	{"RGFG95", 4624, []string{"RGFG1995", "RESEAUGEODESIQUEFRANCAISGUYANE1995"}, nil},
	{"RGR92", 4627, []string{"RGR1992", "RESEAUGEODESIQUEDELAREUNION1992"}, nil},
	{"RGM04", 4470, []string{"RGM2004", "RESEAUGEODESIQUEDEMAYOTTE2004"}, nil},
	{"RGSPM06", 4463, []string{"RGSPM2006", "RESEAUGEODESIQUEDESAINTPIERREETMIQUELON2006", "RESEAUGEODESIQUEDESTPIERREETMIQUELON2006"}, nil},
	{"RGPF", 4687, []string{"RESEAUGEODESIQUEDELAPOLYNESIEFRANCAISE"}, &polynesia},
	{"RGWF96", 8900, []string{"RGWF1996", "RESEAUGEODESIQUEDEWALLISETFUTUNA1996"}, nil},
	{"RGNC9193", 4749, []string{"RGNC91", "RGNC", "RGNC1991", "RGNC199193", "RESEAUGEODESIQUEDENOUVELLECALEDONIE9193", "RESEAUGEODESIQUEDENOUVELLECALEDONIE199193", "RESEAUGEODESIQUENOUVELLECALEDONIE1991", "RESEAUGEODESIQUEDENOUVELLECALEDONIE1991"}, nil},
}

// datumByName finds a datum by its folded name.
func datumByName(name string) *datum {
	for i := range datums {
		if datums[i].key == name {
			return &datums[i]
		}
		for _, n := range datums[i].names {
			if n == name {
				return &datums[i]
			}
		}
	}
	return nil
}
