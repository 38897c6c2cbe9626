package crs

import (
	"math"
	"strings"
)

// ParseWKT recognises the CRS of a WKT definition: the .prj of a shapefile
// (ESRI's dialect), the definition of a GeoPackage (OGC's) or WKT 2. A
// projected CRS is matched by what its parameters do, to a millimetre in the
// plane, whatever it is called and however it is parametrised (one or two
// standard parallels, UTM by zone or by meridian); its datum then decides
// between equal projections. A geographic CRS is matched by its datum, that of
// WGS 84 giving CRS84. An unnamed datum on the WGS 84 or GRS 80 ellipsoid is
// taken for WGS84; any other is refused, as are units other than metres and
// degrees and prime meridians other than Greenwich.
//
// Files described by WKT put the easting or longitude first, whatever the
// authority's axis order. The error is an *Error.
func ParseWKT(prj string) (CRS, error) {
	root, err := readWKT(prj)
	if err != nil {
		return CRS84, err
	}
	return matchRoot(&root, prj)
}

var (
	projectedKeywords  = []string{"PROJCS", "PROJCRS", "PROJECTEDCRS"}
	geographicKeywords = []string{"GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS", "BASEGEOGCRS", "BASEGEODCRS"}
)

func matchRoot(n *wktNode, prj string) (CRS, error) {
	holder := &wktNode{children: []wktNode{*n}}
	if c := holder.child("COMPD_CS", "COMPOUNDCRS"); c != nil {
		holder = c // its horizontal part
	} else if c := holder.child("BOUNDCRS"); c != nil {
		holder = c.child("SOURCECRS")
	}
	if p := holder.child(projectedKeywords...); p != nil {
		return matchProjected(p)
	}
	if g := holder.child(geographicKeywords...); g != nil {
		return matchGeographic(g)
	}
	return CRS84, refused(n.keyword+" "+n.text(),
		"la définition WKT n’est ni projetée (PROJCS) ni géographique (GEOGCS)",
		"the WKT definition is neither projected (PROJCS) nor geographic (GEOGCS)")
}

// frameOf reads the datum, ellipsoid and prime meridian of a geographic CRS.
// The datum is nil when the file does not name it.
func frameOf(g *wktNode, name string) (*datum, ellipsoid, error) {
	d := g.child("DATUM", "GEODETICDATUM", "ENSEMBLE", "TRF")
	spheroid := d.child("SPHEROID", "ELLIPSOID")
	if spheroid == nil {
		return nil, ellipsoid{}, refused(name, "ellipsoïde absent de la définition WKT", "no ellipsoid in the WKT definition")
	}
	a, inverse := spheroid.number(0, 0), spheroid.number(1, 0)
	if a < 6.3e6 || a > 6.4e6 || inverse != 0 && (inverse < 100 || inverse > 1e6) {
		return nil, ellipsoid{}, refused(name, "ellipsoïde « "+clip(spheroid.text())+" » hors des dimensions de la Terre",
			"ellipsoid “"+clip(spheroid.text())+"” is not of the Earth’s size")
	}
	if meridian := g.child("PRIMEM", "PRIMEMERIDIAN"); math.Abs(meridian.number(0, 0)) > 1e-9 {
		return nil, ellipsoid{}, refused(name, "méridien origine « "+clip(meridian.text())+" », attendu Greenwich",
			"prime meridian “"+clip(meridian.text())+"”, expected Greenwich")
	}
	el := newEllipsoid(a, inverse)
	key := strings.TrimPrefix(fold(strings.TrimPrefix(d.text(), "D_")), "DATUM")
	if known := datumByName(key); known != nil {
		return known, el, nil
	}
	earth := math.Abs(a-6378137) < 1e-3 && math.Abs(inverse-298.2572) < 1e-4
	unnamed := key == "" || strings.HasPrefix(key, "UNKNOWN") || strings.HasPrefix(key, "NOTSPECIFIED") ||
		strings.HasPrefix(key, "UNSPECIFIED") || key == "GRS1980" || key == "GRS80"
	if earth && unnamed {
		return nil, el, nil
	}
	if strings.Contains(key, "NOUVELLETRIANGULATION") || strings.HasPrefix(key, "NTF") || strings.HasPrefix(key, "EUROPEAN1950") || strings.HasPrefix(key, "EUROPEANDATUM1950") {
		return nil, el, older(name)
	}
	return nil, el, refused(name, "réseau géodésique « "+clip(d.text())+" » inconnu ; attendu WGS 84 ou un réseau légal français (RGF93, RGAF09…)",
		"unknown datum “"+clip(d.text())+"”; expected WGS 84 or a legal French frame (RGF93, RGAF09…)")
}

// angularUnit is the size in radians of the unit of a geographic CRS.
func angularUnit(g *wktNode) float64 {
	if u := g.child("UNIT", "ANGLEUNIT"); u != nil {
		return u.number(0, degree)
	}
	return degree
}

func matchGeographic(g *wktNode) (CRS, error) {
	frame, _, err := frameOf(g, g.text())
	if err != nil {
		return CRS84, err
	}
	unit := angularUnit(g)
	for i := range g.children { // WKT 2 may give the unit by axis
		if u := g.children[i].child("ANGLEUNIT"); g.children[i].keyword == "AXIS" && u != nil {
			unit = u.number(0, degree)
		}
	}
	if math.Abs(unit/degree-1) > 1e-9 {
		return CRS84, refused(g.text(), "unité angulaire autre que le degré", "angular unit other than the degree")
	}
	if frame == nil || frame.geographic == 0 {
		return CRS84, nil
	}
	c, _ := ByCode(frame.geographic)
	return c, nil
}

func matchProjected(p *wktNode) (CRS, error) {
	name := p.text()
	base := p.child(geographicKeywords...)
	frame, el, err := frameOf(base, name)
	if err != nil {
		return CRS84, err
	}
	lengthUnit := p.child("UNIT", "LENGTHUNIT")
	for i := range p.children {
		if u := p.children[i].child("LENGTHUNIT"); lengthUnit == nil && p.children[i].keyword == "AXIS" {
			lengthUnit = u
		}
	}
	if unit := lengthUnit.number(0, 1); math.Abs(unit-1) > 1e-9 {
		return CRS84, refused(name, "unité « "+clip(lengthUnit.text())+" », attendu le mètre", "unit “"+clip(lengthUnit.text())+"”, expected the metre")
	}
	proj, err := projectionOf(p, base, el, name)
	if err != nil {
		return CRS84, err
	}
	return bestMatch(p, proj, frame, name)
}

// bestMatch finds the known CRS whose projection is the same, then whose datum is.
func bestMatch(p *wktNode, proj projection, frame *datum, name string) (CRS, error) {
	id := p.child("AUTHORITY", "ID")
	var declared string // AUTHORITY["EPSG","2154"] or ID["EPSG",2154]
	if id != nil && strings.EqualFold(id.text(), "EPSG") && len(id.texts) > 1 {
		declared = id.texts[1]
	}
	best, bestRank := -1, 0
	for i := range table {
		if !sameProjection(proj, &table[i]) {
			continue
		}
		d := &table[i]
		rank := 1
		switch {
		case frame != nil && d.datum == frame.key:
			rank += 8
		case d.shift != nil || frame != nil && frame.shift != nil:
			continue // not the same frame, and metres apart
		}
		if d.legal {
			rank += 4
		}
		if c := (CRS{uint8(i)}); declared == c.String()[len("EPSG:"):] || id.number(0, 0) == float64(d.code) {
			rank += 2
		}
		if rank > bestRank {
			best, bestRank = i, rank
		}
	}
	if best < 0 {
		return CRS84, unknown(name)
	}
	return CRS{uint8(best)}, nil
}

// sameProjection tells whether two projections agree to a millimetre across an
// area of use.
func sameProjection(p projection, d *definition) bool {
	if _, ok := d.proj.(identity); ok {
		return false
	}
	_, pseudo := p.(pseudoMercator)
	if _, ok := d.proj.(pseudoMercator); ok != pseudo {
		return false
	}
	for _, fx := range []float64{0.1, 0.5, 0.8} {
		for _, fy := range []float64{0.2, 0.5, 0.9} {
			lon := d.area.Min[0] + fx*(d.area.Max[0]-d.area.Min[0])
			lat := d.area.Min[1] + fy*(d.area.Max[1]-d.area.Min[1])
			x1, y1 := p.forward(lon, lat)
			x2, y2 := d.proj.forward(lon, lat)
			// Written so that NaN fails.
			if !(math.Abs(x1-x2) < 1e-3 && math.Abs(y1-y2) < 1e-3) {
				return false
			}
		}
	}
	return true
}

// Names of the parameters in the three dialects, folded.
var (
	latitudeNames  = []string{"LATITUDEOFORIGIN", "LATITUDEOFNATURALORIGIN", "LATITUDEOFFALSEORIGIN", "LATITUDEOFCENTER", "LATITUDEOFCENTRE"}
	longitudeNames = []string{"CENTRALMERIDIAN", "LONGITUDEOFNATURALORIGIN", "LONGITUDEOFFALSEORIGIN", "LONGITUDEOFCENTER", "LONGITUDEOFCENTRE", "LONGITUDEOFORIGIN"}
	parallel1Names = []string{"STANDARDPARALLEL1", "LATITUDEOF1STSTANDARDPARALLEL"}
	parallel2Names = []string{"STANDARDPARALLEL2", "LATITUDEOF2NDSTANDARDPARALLEL"}
	scaleNames     = []string{"SCALEFACTOR", "SCALEFACTORATNATURALORIGIN"}
	eastingNames   = []string{"FALSEEASTING", "EASTINGATFALSEORIGIN"}
	northingNames  = []string{"FALSENORTHING", "NORTHINGATFALSEORIGIN"}
)

// parameters reads those of a projected CRS, angles in degrees.
type parameters struct {
	holder *wktNode
	unit   float64 // of angles that do not give theirs, in degrees
}

func (p parameters) find(names []string) (float64, bool) {
	for i := range p.holder.children {
		c := &p.holder.children[i]
		if c.keyword != "PARAMETER" || len(c.numbers) == 0 {
			continue
		}
		key := fold(c.text())
		for _, n := range names {
			if n != key {
				continue
			}
			v := c.numbers[0]
			angle := strings.Contains(key, "LATITUDE") || strings.Contains(key, "LONGITUDE") ||
				strings.Contains(key, "MERIDIAN") || strings.Contains(key, "PARALLEL")
			if u := c.child("ANGLEUNIT"); u != nil {
				v *= u.number(0, degree) / degree
			} else if u := c.child("LENGTHUNIT"); u != nil {
				v *= u.number(0, 1)
			} else if angle {
				v *= p.unit
			}
			return v, true
		}
	}
	return 0, false
}

// projectionOf builds the projection that a projected CRS describes.
func projectionOf(p, base *wktNode, el ellipsoid, name string) (projection, error) {
	holder, method := p, p.child("PROJECTION").text()
	if conversion := p.child("CONVERSION", "DERIVINGCONVERSION"); conversion != nil {
		holder, method = conversion, conversion.child("METHOD", "PROJECTION").text()
	}
	ps := parameters{holder, angularUnit(base) / degree}
	lat0, _ := ps.find(latitudeNames)
	lon0, _ := ps.find(longitudeNames)
	lat1, has1 := ps.find(parallel1Names)
	lat2, has2 := ps.find(parallel2Names)
	k0, hasScale := ps.find(scaleNames)
	x0, _ := ps.find(eastingNames)
	y0, _ := ps.find(northingNames)
	if !hasScale {
		k0 = 1
	}
	// NaN fails these comparisons too.
	if !(math.Abs(lat0) <= 90 && math.Abs(lat1) <= 90 && math.Abs(lat2) <= 90 && math.Abs(lon0) <= 360 && k0 > 0 && math.Abs(x0) < 1e9 && math.Abs(y0) < 1e9) {
		return nil, refused(name, "paramètre de projection hors limites", "projection parameter out of range")
	}
	conic := func(lat float64) bool { return math.Abs(lat) > 0.01 && math.Abs(lat) < 89.99 }
	switch key := fold(method); key {
	case "TRANSVERSEMERCATOR", "GAUSSKRUGER":
		t := newTransverseMercator(el, lon0, lat0, k0, x0, y0)
		return &t, nil
	case "LAMBERTCONFORMALCONIC", "LAMBERTCONFORMALCONIC1SP", "LAMBERTCONFORMALCONIC2SP",
		"LAMBERTCONICCONFORMAL", "LAMBERTCONICCONFORMAL1SP", "LAMBERTCONICCONFORMAL2SP":
		switch {
		case has1 && has2 && conic(lat1) && conic(lat2) && conic((lat1+lat2)/2):
			l := newLambert2SP(el, lon0, lat0, lat1, lat2, x0, y0)
			if hasScale && k0 != 1 { // ESRI lets a 2SP cone be scaled as a whole
				l.af *= k0
				l.rho0 *= k0
			}
			return &l, nil
		case !has2 && conic(lat0) && (!has1 || math.Abs(lat1-lat0) < 1e-9):
			l := newLambert1SP(el, lon0, lat0, k0, x0, y0)
			return &l, nil
		}
		return nil, refused(name, "parallèles de la projection conique absents ou incohérents", "parallels of the conic projection missing or inconsistent")
	case "LAMBERTAZIMUTHALEQUALAREA":
		if conic(lat0) {
			l := newAzimuthalEqualArea(el, lon0, lat0, x0, y0)
			return &l, nil
		}
	case "MERCATORAUXILIARYSPHERE", "POPULARVISUALISATIONPSEUDOMERCATOR", "MERCATOR1SP":
		if key == "MERCATOR1SP" && !strings.Contains(strings.ReplaceAll(p.child("EXTENSION").allText(), " ", ""), "+b=6378137") {
			break // the true Mercator of EPSG:3395
		}
		if lon0 == 0 && x0 == 0 && y0 == 0 && k0 == 1 {
			return pseudoMercator{radius: el.a}, nil
		}
	}
	return nil, refused(name, "projection « "+clip(method)+" » inconnue ; attendu une Lambert conique conforme, une Mercator transverse (UTM), une azimutale équivalente ou la Mercator du Web",
		"unknown projection “"+clip(method)+"”; expected a Lambert conformal conic, a transverse Mercator (UTM), an azimuthal equal-area or Web Mercator")
}
