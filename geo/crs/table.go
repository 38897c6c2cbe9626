package crs

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"
)

// definition is one entry of the table of known CRSs.
type definition struct {
	code  int
	name  string
	area  orb.Bound // degrees
	datum string    // key in datums
	proj  projection
	// utm is the UTM zone, negative in the southern hemisphere; 0 for other projections.
	utm int
	// legal: the projection is prescribed by decree 2000-1276 for a French territory.
	legal bool
	// aliases are other folded names; that of the registry is recognised anyway.
	aliases []string

	conformal conformal // proj, nil when it has no scale factor

	shift *helmert  // of the datum
	plane orb.Bound // projected area with a margin
}

// table is sorted by code and is never written after initialisation. Names and
// areas of use are those of the EPSG registry.
var table = build()

func bound(west, south, east, north float64) orb.Bound {
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

func build() []definition {
	world := bound(-180, -90, 180, 90)
	france := bound(-9.86, 41.15, 10.38, 51.56)
	antilles := bound(-63.66, 14.08, -57.52, 18.53)
	saintPierre := bound(-57.1, 43.41, -55.9, 47.37)
	mayotte := bound(43.68, -14.49, 46.7, -11.33)
	wallis := bound(-180, -15.94, -174.27, -9.84)

	defs := []definition{
		{code: 0, name: "WGS 84 longitude-latitude", area: world, datum: "WGS84", proj: identity{},
			aliases: []string{"CRS84", "OGCCRS84", "LONLAT", "WGS84LONLAT"}},
		{code: 4326, name: "WGS 84", area: world, datum: "WGS84", proj: identity{},
			aliases: []string{"WGS1984", "GCSWGS1984"}},
		{code: 3857, name: "WGS 84 / Pseudo-Mercator", area: bound(-180, -85.06, 180, 85.06), datum: "WGS84",
			proj:    pseudoMercator{radius: ellipsoidWGS84.a},
			aliases: []string{"WEBMERCATOR", "PSEUDOMERCATOR", "WGS84WEBMERCATOR", "GOOGLEMERCATOR"}},
		{code: 3163, name: "RGNC91-93 / Lambert New Caledonia", area: bound(163.54, -22.73, 168.19, -19.5), datum: "RGNC9193", legal: true,
			proj:    conic(166, -21.5, -20-40./60, -22-20./60, 400_000, 300_000),
			aliases: []string{"RGNCLAM", "RGNCLAMBNC", "RGNCLAMBERTNOUVELLECALEDONIE", "RGNC9193LAMBERTNOUVELLECALEDONIE", "LAMBERTNOUVELLECALEDONIE", "RGNC199193LAMBERTNEWCALEDONIA"}},
	}

	europe := newAzimuthalEqualArea(ellipsoidGRS80, 10, 52, 4_321_000, 3_210_000)
	defs = append(defs, definition{
		code: 3035, name: "ETRS89-extended / LAEA Europe", area: bound(-35.58, 24.6, 44.83, 84.73), datum: "ETRS89", proj: &europe,
		aliases: []string{"ETRS89LAEA", "ETRS89LAEAEUROPE", "LAEAEUROPE", "ETRS1989LAEA"},
	})

	lambert93 := []string{"LAMBERT93", "L93", "LAMB93", "L93METROPOLE", "LAMBERT93METROPOLE", "RGF93LAMB93", "RGF93LAMBERT93", "RGF93L93", "RGF1993LAMBERT93"}
	for _, v := range []struct {
		code  int
		name  string
		datum string
	}{{2154, "v1", "RGF93"}, {9793, "v2", "RGF93V2"}, {9794, "v2b", "RGF93V2B"}} {
		d := definition{code: v.code, name: "RGF93 " + v.name + " / Lambert-93", area: france, datum: v.datum,
			proj: conic(3, 46.5, 49, 44, 700_000, 6_600_000)}
		if v.code == 2154 {
			d.legal, d.aliases = true, lambert93
		}
		defs = append(defs, d)
	}

	// The nine zones: central latitude, parallels 0.75° from it.
	for i, area := range []orb.Bound{
		bound(-1.06, 41.31, 9.63, 43.07), bound(-1.79, 42.33, 7.65, 44.01), bound(-1.79, 42.92, 7.71, 45),
		bound(-1.46, 44, 7.71, 46), bound(-2.21, 45, 7.16, 47), bound(-4.77, 46, 7.63, 48),
		bound(-4.87, 47, 8.23, 49), bound(-4.87, 48, 8.23, 50), bound(-2.03, 49, 8.08, 51.14),
	} {
		lat := 42 + i
		cc := fmt.Sprintf("CC%d", lat)
		defs = append(defs, definition{code: 3900 + lat, name: "RGF93 v1 / " + cc, area: area, datum: "RGF93",
			proj:    conic(3, float64(lat), float64(lat)-0.75, float64(lat)+0.75, 1_700_000, float64(200_000+1_000_000*(i+1))),
			aliases: []string{cc, "RGF93" + cc, "LAMBERT" + cc, "RGF93LAMBERT" + cc, fmt.Sprintf("LAMBERT93CC%d", lat), fmt.Sprintf("RGF1993CC%d", lat), fmt.Sprintf("%sZONE%d", cc, i+1)}})
	}

	for _, u := range []struct {
		code  int
		datum string
		name  string // of the datum
		zone  int    // negative in the south
		area  orb.Bound
		legal bool
		alias string // in IGN's registry
	}{
		{2972, "RGFG95", "RGFG95", 22, bound(-54, 2.17, -49.45, 8.88), true, "UTM22RGFG95"},
		{3313, "RGFG95", "RGFG95", 21, bound(-54.61, 2.11, -54, 5.69), false, "UTM21RGFG95"},
		{2975, "RGR92", "RGR92", -40, bound(54, -24.72, 58.24, -18.28), true, ""},
		{4471, "RGM04", "RGM04", -38, mayotte, true, ""},
		{4467, "RGSPM06", "RGSPM06", 21, saintPierre, true, "RGSPM06U21"},
		{5490, "RGAF09", "RGAF09", 20, bound(-63.66, 14.08, -60, 18.31), true, ""},
		{4559, "RRAF1991", "RRAF 1991", 20, bound(-63.66, 14.08, -60, 18.31), false, ""},
		{3296, "RGPF", "RGPF", -5, bound(-158.13, -26.7, -150, -12.5), true, ""},
		{3297, "RGPF", "RGPF", -6, bound(-150, -31.2, -144, -7.29), true, ""},
		{3298, "RGPF", "RGPF", -7, bound(-144, -31.24, -138, -4.52), true, ""},
		{3299, "RGPF", "RGPF", -8, bound(-138, -26.58, -131.97, -5.52), true, ""},
		{8903, "RGWF96", "RGWF96", -1, wallis, true, ""},
	} {
		d := utm(u.code, u.datum, u.name, u.zone, u.area)
		d.legal = u.legal
		if u.alias != "" {
			d.aliases = append(d.aliases, u.alias)
		}
		defs = append(defs, d)
	}

	// WGS 84 and ETRS89 zones that cover French land.
	for _, zone := range []int{20, 21, 22, 30, 31, 32, -1, -5, -6, -7, -8, -38, -40, -57, -58, -59} {
		west, code := float64(6*abs(zone)-186), 32600+zone
		area := bound(west, 0, west+6, 84)
		if zone < 0 {
			code, area = 32700-zone, bound(west, -80, west+6, 0)
		}
		defs = append(defs, utm(code, "WGS84", "WGS 84", zone, area))
	}
	for zone, area := range map[int]orb.Bound{30: bound(-6, 35.26, 0.01, 80.49), 31: bound(-0.01, 37, 6.01, 82.45), 32: bound(6, 36.53, 12.01, 84.01)} {
		defs = append(defs, utm(25800+zone, "ETRS89", "ETRS89", zone, area))
	}

	for _, g := range []struct {
		code  int
		datum string
		name  string
		area  orb.Bound
	}{
		{4171, "RGF93", "RGF93 v1", france},
		{9777, "RGF93V2", "RGF93 v2", france},
		{9782, "RGF93V2B", "RGF93 v2b", france},
		{4258, "ETRS89", "ETRS89", bound(-16.1, 32.88, 40.18, 84.73)},
		{5489, "RGAF09", "RGAF09", antilles},
		{4558, "RRAF1991", "RRAF 1991", antilles},
		{4624, "RGFG95", "RGFG95", bound(-54.61, 2.11, -49.45, 8.88)},
		{4627, "RGR92", "RGR92", bound(51.83, -24.72, 58.24, -18.28)},
		{4470, "RGM04", "RGM04", mayotte},
		{4463, "RGSPM06", "RGSPM06", saintPierre},
		{4687, "RGPF", "RGPF", bound(-158.13, -31.24, -131.97, -4.52)},
		{8900, "RGWF96", "RGWF96", wallis},
		{4749, "RGNC9193", "RGNC91-93", bound(156.25, -26.45, 174.28, -14.83)},
	} {
		d := definition{code: g.code, name: g.name, area: g.area, datum: g.datum, proj: identity{}}
		if g.code == 4171 {
			d.aliases = []string{"RGF93"}
		}
		defs = append(defs, d)
	}

	slices.SortFunc(defs, func(a, b definition) int { return a.code - b.code })
	for i := range defs {
		defs[i].conformal, _ = defs[i].proj.(conformal)
		defs[i].shift = datumByName(defs[i].datum).shift
		defs[i].plane = planeOf(&defs[i])
	}
	return defs
}

// conic is a Lambert conformal conic on GRS 80 with two standard parallels.
func conic(lon0, lat0, lat1, lat2, x0, y0 float64) projection {
	l := newLambert2SP(ellipsoidGRS80, lon0, lat0, lat1, lat2, x0, y0)
	return &l
}

// utm builds the entry of a UTM zone, negative in the southern hemisphere.
func utm(code int, datum, name string, zone int, area orb.Bound) definition {
	ell, hemisphere := ellipsoidGRS80, "N"
	if datum == "WGS84" {
		ell = ellipsoidWGS84
	}
	if zone < 0 {
		hemisphere = "S"
	}
	t := newUTM(ell, abs(zone), zone < 0)
	return definition{code: code, datum: datum, utm: zone, area: area, proj: &t,
		name: fmt.Sprintf("%s / UTM zone %d%s", name, abs(zone), hemisphere)}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
