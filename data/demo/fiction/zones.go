package fiction

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"vigie/data"
	"vigie/geo/overlay"
	"vigie/geo/repair"
)

// Editions of the zones that aren't QPV.
const (
	EditionQRR    = "2021"
	EditionZSP    = "2013"
	EditionCustom = "2026"
)

// before is what a zone of 2024 was in 2015.
type before uint8

const (
	absent before = iota // not a zone in 2015
	same                 // the same outline, under its old code
	moved                // another outline
	gone                 // a zone in 2015 only
)

// plan is where a zone lies and what it is like.
type plan struct {
	kind data.ZoneKind
	name string
	town int
	// bearing (degrees) and distance (metres) from the town's centre; radius in metres.
	bearing, distance, radius float64
	was                       before
	holed                     bool
	second                    *plan // another part of the zone
	// astride centres the zone on the border with the neighbour in that bearing.
	astride bool
}

// plans are the 25 zones of today, and three that are gone. Among the QPV, Les Chimères and
// La Cité-Imaginaire overlap each other, which real QPV don't; QRR and ZSP overlap QPV, as
// real ones do.
var plans = []plan{
	{kind: data.ZoneQPV, name: "Les Fables", town: 0, bearing: 20, distance: 1150, radius: 330, was: same},
	{kind: data.ZoneQPV, name: "Quartier de l’Exemple", town: 0, bearing: 78, distance: 1700, radius: 430, was: moved, holed: true},
	{kind: data.ZoneQPV, name: "Les Chimères", town: 0, bearing: 138, distance: 1900, radius: 310, was: same},
	{kind: data.ZoneQPV, name: "La Cité-Imaginaire", town: 0, bearing: 151, distance: 2200, radius: 340, was: absent},
	{kind: data.ZoneQPV, name: "Le Conte-Bleu", town: 0, bearing: 203, distance: 1400, radius: 260, was: same},
	{
		kind: data.ZoneQPV, name: "Beau-Récit – L’Invention", town: 0, bearing: 248, distance: 2000, radius: 380, was: moved,
		second: &plan{bearing: 262, distance: 2950, radius: 220},
	},
	{kind: data.ZoneQPV, name: "Les Inventions", town: 0, bearing: 305, distance: 1250, radius: 280, was: same},
	{kind: data.ZoneQPV, name: "Les Deux-Fables", town: 0, bearing: 335, radius: 360, was: same, astride: true},
	{kind: data.ZoneQPV, name: "Centre-Fictif", town: 0, bearing: 10, distance: 180, radius: 210, was: absent},
	{kind: data.ZoneQPV, name: "Les Songes", town: 1, bearing: 40, distance: 700, radius: 280, was: same},
	{kind: data.ZoneQPV, name: "Val-Fabulé", town: 1, bearing: 170, distance: 900, radius: 300, was: moved},
	{
		kind: data.ZoneQPV, name: "La Licorne", town: 1, bearing: 280, distance: 850, radius: 230, was: same,
		second: &plan{bearing: 312, distance: 1350, radius: 170},
	},
	{kind: data.ZoneQPV, name: "Les Hypothèses", town: 2, bearing: 110, distance: 650, radius: 260, was: same},
	{kind: data.ZoneQPV, name: "Le Mirage", town: 2, bearing: 310, distance: 800, radius: 230, was: absent},
	{kind: data.ZoneQPV, name: "Pré-Inventé", town: 3, bearing: 75, distance: 620, radius: 250, was: moved},
	{kind: data.ZoneQPV, name: "L’Utopie", town: 3, bearing: 220, distance: 700, radius: 220, was: absent},

	{kind: data.ZoneQRR, name: "Secteur fictif Fables-Inventions", town: 0, bearing: 352, distance: 1100, radius: 800},
	{kind: data.ZoneQRR, name: "Secteur fictif Beau-Récit", town: 0, bearing: 240, distance: 2250, radius: 520},
	{kind: data.ZoneQRR, name: "Secteur fictif des Songes", town: 1, bearing: 50, distance: 900, radius: 450},

	{kind: data.ZoneZSP, name: "Zone fictive du sud d’Exempleville", town: 0, bearing: 160, distance: 1900, radius: 1050},
	{kind: data.ZoneZSP, name: "Zone fictive de Chimères-sur-Fable", town: 2, bearing: 80, distance: 400, radius: 620},

	{kind: data.ZoneCustom, name: "Abords de la gare fictive", town: 0, bearing: 95, distance: 700, radius: 190},
	{kind: data.ZoneCustom, name: "Friche fictive de l’Usine", town: 3, bearing: 330, distance: 1300, radius: 240},
	{kind: data.ZoneCustom, name: "Parking fictif du Bois-Conté", town: 2, bearing: 200, distance: 6200, radius: 160},
	{
		kind: data.ZoneCustom, name: "Aires de repos fictives de l’A00", town: 1, bearing: 255, distance: 7400, radius: 150,
		second: &plan{bearing: 258, distance: 7900, radius: 150},
	},

	{kind: data.ZoneQPV, name: "Les Brumes-Contées", town: 0, bearing: 280, distance: 2300, radius: 270, was: gone},
	{kind: data.ZoneQPV, name: "Cité de l’Ancienne-Fable", town: 0, bearing: 50, distance: 2600, radius: 300, was: gone},
	{kind: data.ZoneQPV, name: "Le Vieux-Conte", town: 3, bearing: 150, distance: 900, radius: 240, was: gone},
}

// policePlan is a zone of a restricted layer, for those with the right.
var policePlan = plan{kind: data.ZoneZSP, name: "Secteur réservé fictif de Fabuleuil", town: 1, bearing: 200, distance: 500, radius: 420}

// zone is a zone of one edition.
type zone struct {
	kind     data.ZoneKind
	code     string
	name     string
	centre   vec
	radius   float64
	outline  orb.MultiPolygon
	communes []*commune
	// population is that of QPV and QRR of today, 0 for the others.
	population int
}

type zones struct {
	current []zone   // of 2024 and of the other kinds
	former  []zone   // QPV of 2015
	police  zone     // of today, restricted
	edges   [][2]vec // of the current zones
}

func newZones(seed uint64, land *territory) *zones {
	z := &zones{}
	counts := map[data.ZoneKind]int{}
	for i := range plans {
		p := &plans[i]
		r := stream(seed, "zone "+p.name)
		now := p.draw(r, land)
		then := now
		if p.was == moved {
			other := *p
			other.radius *= between(r, 0.8, 1.15)
			other.distance += between(r, 60, 130)
			then = other.draw(r, land)
		}
		if p.was != gone {
			counts[p.kind]++
			now.code = code(p.kind, counts[p.kind], p.name)
			now.population = inhabitants(seed, &now)
			z.current = append(z.current, now)
			z.edges = append(z.edges, edgesOf(now.outline)...)
		}
		if p.was != absent {
			then.code = fmt.Sprintf("QP0%s%03d", data.FictitiousDepartment, len(z.former)+1)
			z.former = append(z.former, then)
		}
	}
	z.police = policePlan.draw(stream(seed, "zone "+policePlan.name), land)
	z.police.code = code(policePlan.kind, counts[policePlan.kind]+1, policePlan.name)
	return z
}

// inhabitants draws how many people live in a QPV or QRR, in tens; QRR take in more
// sparsely peopled ground.
func inhabitants(seed uint64, z *zone) int {
	r := stream(seed, "inhabitants of "+z.name)
	perKM2 := 0.0
	switch z.kind {
	case data.ZoneQPV:
		perKM2 = between(r, 5000, 9000)
	case data.ZoneQRR:
		perKM2 = between(r, 3000, 4500)
	case data.ZoneZSP, data.ZoneCustom:
	}
	return 10 * int(math.Round(perKM2*repair.Area(z.outline)/1e7))
}

// code gives the n-th zone of a kind a code of the official shape.
func code(kind data.ZoneKind, n int, name string) string {
	switch kind {
	case data.ZoneQPV:
		// The last letter of real codes has no meaning to rely on either.
		return fmt.Sprintf("QN0%s%02d%c", data.FictitiousDepartment, n, 'A'+rune(n*7%26))
	case data.ZoneQRR:
		return fmt.Sprintf("QRR-%s-%d", data.FictitiousDepartment, n)
	case data.ZoneZSP:
		return fmt.Sprintf("ZSP-%s-%d", data.FictitiousDepartment, n)
	case data.ZoneCustom:
	}
	return fmt.Sprintf("LOCAL-%s-%d", data.FictitiousDepartment, n)
}

func (p *plan) draw(r *rand.Rand, land *territory) zone {
	town := land.town(p.town)
	z := zone{kind: p.kind, name: p.name, radius: p.radius, centre: town.centre.add(polar(p.bearing, p.distance))}
	if p.astride {
		z.centre = land.border(town, p.bearing)
	}
	polygon := orb.Polygon{ring(quarter(r, z.centre, p.radius))}
	if p.holed {
		hole := ring(quarter(r, z.centre, 0.35*p.radius))
		slices.Reverse(hole)
		polygon = append(polygon, hole)
	}
	z.outline = orb.MultiPolygon{polygon}
	if s := p.second; s != nil {
		centre := town.centre.add(polar(s.bearing, s.distance))
		z.outline = append(z.outline, orb.Polygon{ring(quarter(r, centre, s.radius))})
	}
	for i := range land.communes {
		c := &land.communes[i]
		if overlay.Overlaps(z.outline, orb.MultiPolygon{c.outline}) {
			z.communes = append(z.communes, c)
		}
	}
	return z
}

// border is the middle of a commune's border with the neighbour in a bearing.
func (t *territory) border(c *commune, bearing float64) vec {
	var neighbours []int
	for _, j := range t.mesh.cells[c.cell] {
		if t.byCell(j) != nil {
			neighbours = append(neighbours, j)
		}
	}
	best := slices.MinFunc(neighbours, func(a, b int) int {
		return cmp.Compare(
			angleBetween(bearingOf(t.mesh.seeds[a].sub(c.centre)), bearing),
			angleBetween(bearingOf(t.mesh.seeds[b].sub(c.centre)), bearing))
	})
	arc := t.mesh.arc(c.cell, best)
	return plane(arc[len(arc)/2])
}

// quarter draws the outline of a neighbourhood: a rounded square, turned at random, with
// uneven sides. Each vertex is seen from the centre, so that the outline can't cross itself.
func quarter(r *rand.Rand, centre vec, radius float64) []vec {
	n := 16 + r.IntN(10)
	turn := between(r, 0, 90)
	outline := make([]vec, n)
	for i := range outline {
		// Counter-clockwise: bearings decrease.
		bearing := -(float64(i) + between(r, -0.35, 0.35)) * 360 / float64(n)
		sin, cos := math.Sincos(bearing * math.Pi / 180)
		square := 1 / math.Pow(math.Pow(sin, 4)+math.Pow(cos, 4), 0.25)
		outline[i] = centre.add(polar(bearing+turn, radius*square*between(r, 0.84, 1.1)))
	}
	return outline
}

// edgesOf are the edges of an outline, in the plane.
func edgesOf(outline orb.MultiPolygon) [][2]vec {
	var edges [][2]vec
	for _, p := range outline {
		for _, r := range p {
			for i := range len(r) - 1 {
				edges = append(edges, [2]vec{plane(r[i]), plane(r[i+1])})
			}
		}
	}
	return edges
}

// distance is how far a point lies from the nearest zone of today, in metres, 0 inside;
// depth is how far it lies from any zone's edge when inside. It is computed here, edge by
// edge, for the files not to depend on the engine that they try.
func (z *zones) distance(p orb.Point) (distance, depth float64) {
	v, nearest := plane(p), math.Inf(1)
	for _, e := range z.edges {
		along := e[1].sub(e[0])
		share := v.sub(e[0]).dot(along) / along.dot(along)
		nearest = min(nearest, v.sub(e[0].to(e[1], min(max(share, 0), 1))).length())
	}
	if z.inside(p) {
		return 0, nearest
	}
	return nearest, 0
}

// inside tells whether a point is in a zone of today.
func (z *zones) inside(p orb.Point) bool {
	for i := range z.current {
		if planar.MultiPolygonContains(z.current[i].outline, p) {
			return true
		}
	}
	return false
}

// collections are the files of zones.
func (z *zones) collections() []*collection {
	former, current := &collection{name: FileQPV2015}, &collection{name: FileQPV2024}
	qrr, zsp, custom := &collection{name: FileQRR}, &collection{name: FileZSP}, &collection{name: FileCustom}
	police := &collection{name: FileZSPPolice}
	asZSP := func(c *collection, f *zone) {
		c.add(f.outline, property{"code_zsp", f.code}, property{"nom_zsp", f.name}, property{"insee_com", f.list(communeCode)})
	}
	asZSP(police, &z.police)
	for i := range z.former {
		f := &z.former[i]
		former.add(f.outline, property{"CODE_QP", f.code}, property{"NOM_QP", f.name}, property{"COMMUNE_QP", f.list(communeName)})
	}
	for i := range z.current {
		f := &z.current[i]
		codes, names := f.list(communeCode), f.list(communeName)
		switch f.kind {
		case data.ZoneQPV:
			current.add(f.outline,
				property{"code_qp", f.code}, property{"lib_qp", f.name},
				property{"insee_reg", "00"}, property{"lib_reg", "Région fictive"},
				property{"insee_dep", data.FictitiousDepartment}, property{"lib_dep", DepartmentName},
				property{"insee_com", codes}, property{"lib_com", names}, property{"siren_epci", "000000000"},
				property{"population", number(f.population)})
		case data.ZoneQRR:
			qrr.add(f.outline, property{"code_qrr", f.code}, property{"nom_qrr", f.name}, property{"insee_com", codes},
				property{"population", number(f.population)})
		case data.ZoneZSP:
			asZSP(zsp, f)
		case data.ZoneCustom:
			custom.add(f.outline, property{"code", f.code}, property{"nom", f.name}, property{"insee_com", codes})
		}
	}
	return []*collection{former, current, qrr, zsp, police, custom}
}

func communeCode(c *commune) string { return c.code }
func communeName(c *commune) string { return c.name }

func (z *zone) list(of func(*commune) string) string {
	items := make([]string, len(z.communes))
	for i, c := range z.communes {
		items[i] = of(c)
	}
	return strings.Join(items, ", ")
}
