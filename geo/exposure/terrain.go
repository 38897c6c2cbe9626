package exposure

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Risk terrain modelling (Caplan and Kennedy 2016) looks at places by two variables:
// whether one is within a band, and whether their kernel density stands out.
const (
	bandWidth = 75             // metres
	bands     = 6              // up to attractorReach
	bandwidth = attractorReach // of the kernel, in metres
)

// quartic is the quartic kernel at the distance d, per m², of bandwidth h.
func quartic(d, h float64) float64 {
	if d >= h {
		return 0
	}
	u := 1 - d*d/(h*h)
	return 3 / (math.Pi * h * h) * u * u
}

// overlapSteps is how many steps kernelOverlap tabulates between 0 and 2.
const overlapSteps = 64

// kernelOverlap gives ∫ k(x)·k(x−s) dx of the quartic kernel of bandwidth 1 at the
// distances s = 2i/overlapSteps, by the midpoint rule over the lens where both are
// positive, at whose border they vanish twice.
var kernelOverlap = sync.OnceValue(func() (table [overlapSteps + 1]float64) {
	const n = 64
	for i := range table {
		s := 2 * float64(i) / overlapSteps
		width, height := 2-s, 2*math.Sqrt(max(1-s*s/4, 0))
		for a := range n {
			x := s - 1 + width*(float64(a)+0.5)/n
			for b := range n {
				y := height * ((float64(b)+0.5)/n - 0.5)
				table[i] += quartic(math.Hypot(x, y), 1) * quartic(math.Hypot(x-s, y), 1)
			}
		}
		table[i] *= width * height / (n * n)
	}
	return table
})

// overlap is kernelOverlap at any distance of two places in metres, per m².
func overlap(d float64) float64 {
	at := d / bandwidth / 2 * overlapSteps
	i := int(at)
	if i >= overlapSteps {
		return 0
	}
	table := kernelOverlap()
	t := at - float64(i)
	return (table[i]*(1-t) + table[i+1]*t) / (bandwidth * bandwidth)
}

// IndexPlaces indexes places by kind, tells of all of them which départements they cover,
// and works out above which density those of a kind
// stand out in a département: the mean of the density over the département's terrain plus
// two standard deviations. The terrain is the convex hull of the département's places of
// every kind: the places that are loaded say it all, and no home has a part in it. Mean
// and deviation are integrals over the terrain rather than sums over a raster, so that no
// choice of origin or of cells bears on them: with n places i and the area A,
//
//	mean = n/A,  variance = Σᵢⱼ ∫ k(x−xᵢ)·k(x−xⱼ) dx / A − mean².
//
// A département whose places span no area has no threshold.
func IndexPlaces(refs []PlaceRef) map[string]*Places {
	byKind := map[string][]PlaceRef{}
	byDepartment := map[string][]orb.Point{}
	departments := map[string]bool{}
	for _, ref := range refs {
		departments[ref.Department] = true
		byKind[ref.Kind] = append(byKind[ref.Kind], ref)
		byDepartment[ref.Department] = append(byDepartment[ref.Department], ref.Point)
	}
	out := make(map[string]*Places, len(byKind))
	for kind, own := range byKind {
		out[kind] = NewPlaces(own)
		out[kind].departments, out[kind].standsOut = departments, map[string]float64{}
	}
	for department, points := range byDepartment {
		plane := crs.NewAzimuthal(orb.MultiPoint(points).Bound().Center())
		flat := func(points []orb.Point) []orb.Point {
			flattened := make([]orb.Point, len(points))
			for i, p := range points {
				flattened[i][0], flattened[i][1] = plane.Forward(p)
			}
			return flattened
		}
		area := hullArea(flat(points))
		if area == 0 {
			continue
		}
		for _, places := range out {
			var own []orb.Point
			for i := range places.refs {
				if places.refs[i].Department == department {
					own = append(own, places.refs[i].Point)
				}
			}
			if len(own) > 0 {
				mean := float64(len(own)) / area
				variance := overlaps(flat(own))/area - mean*mean
				places.standsOut[department] = mean + 2*math.Sqrt(max(variance, 0))
			}
		}
	}
	return out
}

// overlaps sums overlap over all ordered pairs of points of a plane, by a sweep eastwards.
func overlaps(points []orb.Point) float64 {
	slices.SortFunc(points, func(a, b orb.Point) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	sum := 0.0
	for i, p := range points {
		sum += overlap(0)
		for _, q := range points[i+1:] {
			if q[0]-p[0] >= 2*bandwidth {
				break
			}
			sum += 2 * overlap(math.Hypot(q[0]-p[0], q[1]-p[1]))
		}
	}
	return sum
}

// hullArea is the area of the convex hull of points of a plane (Andrew's monotone chain),
// which are sorted.
func hullArea(points []orb.Point) float64 {
	slices.SortFunc(points, func(a, b orb.Point) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	cross := func(a, b, c orb.Point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	var hull []orb.Point
	for range 2 { // there along one side and back along the other
		base := len(hull)
		for _, p := range points {
			for len(hull) >= base+2 && cross(hull[len(hull)-2], hull[len(hull)-1], p) <= 0 {
				hull = hull[:len(hull)-1]
			}
			hull = append(hull, p)
		}
		hull = hull[:len(hull)-1]
		slices.Reverse(points)
	}
	twice := 0.0
	for i, p := range hull {
		q := hull[(i+1)%len(hull)]
		twice += p[0]*q[1] - p[1]*q[0]
	}
	return max(twice/2, 0)
}

// terrainIndicators are the two variables of risk terrain modelling for each attractor.
func terrainIndicators() []Indicator {
	const source = "Caplan & Kennedy 2016, Risk Terrain Modeling"
	reach := strconv.Itoa(attractorReach)
	var out []Indicator
	for _, theme := range placeThemes {
		if !theme.attractor {
			continue
		}
		words := placeWords[theme.id]
		out = append(out, Indicator{
			ID: theme.id + "_bands", Unit: "1", Type: TypeInteger, Direction: Risk,
			Label: Text{FR: "Proximité " + words.of.FR + " (bandes de 75\u00a0m, de 0 à 6)", EN: "Nearness " + words.of.EN + " (bands of 75 m, 0 to 6)"},
			Formula: Text{
				FR: "Σ 1[d ≤ b] pour b = 75, 150, …, " + reach + "\u00a0m\u00a0: 6 à moins de 75\u00a0m, 0 au-delà de " + reach + "\u00a0m.",
				EN: "Σ 1[d ≤ b] for b = 75, 150, …, " + reach + " m: 6 within 75 m, 0 beyond " + reach + " m.",
			},
			Missing: missingPlaces, Source: source, loaded: placesLoaded(theme.kinds),
			evaluate: func(e *Evaluator) Value {
				_, d, ok := e.nearestPlace(theme.kinds)
				if !ok {
					return unknown(ReasonNotCovered)
				}
				return Integer(bands - min(max(int(math.Ceil(d/bandWidth))-1, 0), bands))
			},
		}, Indicator{
			ID: theme.id + "_density_high", Type: TypeBoolean, Direction: Risk,
			Label: Text{FR: "Densité " + words.ofMany.FR + " nettement supérieure à celle du département", EN: "Density " + words.ofMany.EN + " well above that of the département"},
			Formula: Text{
				FR: "Vrai si la densité (noyau quartique de " + reach + "\u00a0m) dépasse la moyenne plus deux écarts-types, sur le terrain du département du lieu le plus proche\u00a0: l’enveloppe convexe de ses lieux de tous types.",
				EN: "True when the density (quartic kernel of " + reach + " m) is above the mean plus two standard deviations, over the terrain of the nearest place’s département: the convex hull of its places of every kind.",
			},
			Missing: Text{
				FR: missingPlaces.FR + " Inconnu aussi si les lieux chargés du département ne couvrent aucune surface.",
				EN: missingPlaces.EN + " Unknown too when the loaded places of the département span no area.",
			},
			Source: source, loaded: placesLoaded(theme.kinds),
			evaluate: func(e *Evaluator) Value { return e.standsOut(theme.kinds) },
		})
	}
	return out
}

// standsOut is of an attractor, which is of one kind.
func (e *Evaluator) standsOut(kinds []string) Value {
	places := e.world.Places[kinds[0]]
	nearest, _, ok := e.nearestPlace(kinds)
	if !ok {
		return unknown(ReasonNotCovered)
	}
	threshold, ok := places.standsOut[nearest.Department]
	if !ok {
		return Null
	}
	density := 0.0
	for _, n := range places.index.Within(e.subject.Point, bandwidth) {
		density += quartic(n.Distance, bandwidth)
	}
	return Boolean(density > threshold)
}
