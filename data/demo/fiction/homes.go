package fiction

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
)

// stand is where a home stands in relation to the zones of today.
type stand uint8

const (
	standInside    stand = iota // more than 25 m within a zone
	standBorder                 // within 25 m of a zone's edge, on either side
	standNear                   // 30 to 480 m away
	standMid                    // 520 to 980 m
	standOuter                  // 1,020 to 1,980 m
	standFar                    // more than 2,100 m, in or around a village
	standShared                 // with others at one address
	standCommune                // known by its commune only
	standUnlocated              // not located
)

// homePlan is how many homes of a category there are, and where.
type homePlan struct {
	category string
	// prefix is what comes before the home's own name.
	prefix   string
	capacity [2]int
	stands   map[stand]int
}

// standOrder is the order in which a plan's homes are made.
var standOrder = []stand{
	standInside, standBorder, standNear, standMid, standOuter, standFar, standShared, standCommune, standUnlocated,
}

var homePlans = []homePlan{
	{"177", "Maison d’enfants fictive", [2]int{12, 60}, map[stand]int{standInside: 3, standBorder: 2, standNear: 4, standMid: 3, standOuter: 3, standFar: 4, standShared: 1}},
	{"175", "Foyer fictif", [2]int{20, 70}, map[stand]int{standInside: 2, standBorder: 1, standNear: 2, standMid: 1, standOuter: 1, standCommune: 1}},
	{"176", "Village d’enfants fictif", [2]int{30, 60}, map[stand]int{standMid: 1, standOuter: 1, standFar: 2}},
	{"172", "Pouponnière fictive", [2]int{12, 36}, map[stand]int{standInside: 1, standNear: 1, standMid: 1, standOuter: 1}},
	{"159", "Centre parental fictif", [2]int{10, 24}, map[stand]int{standInside: 1, standNear: 1, standMid: 1}},
	{"166", "Accueil mère-enfant fictif", [2]int{14, 40}, map[stand]int{standInside: 1, standBorder: 1, standNear: 1, standFar: 1}},
	{"462", "Lieu de vie fictif", [2]int{4, 7}, map[stand]int{standBorder: 1, standNear: 1, standOuter: 2, standFar: 6, standCommune: 1, standUnlocated: 1}},
	{"236", "Service fictif de placement familial", [2]int{60, 150}, map[stand]int{standShared: 1, standNear: 1}},
	{"295", "Service fictif d’action éducative", [2]int{200, 500}, map[stand]int{standShared: 1, standMid: 1}},
	{"411", "Service fictif d’intermédiation", [2]int{}, map[stand]int{standUnlocated: 1}},
}

var homeNames = []string{
	"des Alouettes", "des Tilleuls", "des Mésanges", "du Grand Chêne", "de la Source", "des Hirondelles", "des Cerisiers", "du Moulin",
	"des Bleuets", "de la Clairière", "des Marronniers", "du Verger", "des Coquelicots", "de la Colline", "des Platanes", "du Ruisseau",
	"des Rouges-Gorges", "de la Prairie", "des Noisetiers", "du Vieux Puits", "des Genêts", "de la Roseraie", "des Érables", "du Belvédère",
	"des Libellules", "de la Passerelle", "des Bouleaux", "du Pré Vert", "des Églantiers", "de la Bergerie", "des Acacias", "du Phare",
	"des Lucioles", "de la Charmille", "des Lilas", "du Soleil Levant", "des Jonquilles", "de l’Escale", "des Amandiers", "du Petit Bois",
	"des Pinsons", "de l’Étang", "des Saules", "du Chemin Creux", "des Hérons", "de l’Horizon", "des Glycines", "du Tournesol",
	"des Écureuils", "de la Ronde", "des Peupliers", "du Clos Joli", "des Fougères", "de la Boussole", "des Myrtilles", "du Cap Blanc",
	"des Chardons", "de l’Abri", "des Merles", "du Grand Pré", "des Ormes", "de la Halte",
}

var streetNames = []string{
	"rue de l’Exemple", "rue des Fables", "avenue de la Fiction", "rue du Conte", "place de l’Invention", "rue des Chimères", "chemin du Mirage",
	"rue de l’Hypothèse", "boulevard Imaginaire", "allée des Songes", "rue du Modèle", "impasse de l’Énigme", "rue de la Licorne", "chemin de l’Utopie",
}

// home is a home or service.
type home struct {
	finess, entity string
	name, category string
	residence      bool
	opened, closed time.Time // zero: unknown, open
	capacity       int       // 0: unknown
	street         string
	commune        *commune
	stand          stand
	located        bool
	point          orb.Point
	precision      data.Precision
	score          int // of geocoding, in percent
	distance       float64
	near           bool // within 500 m of a zone
}

// openOn tells whether the home operates on a day.
func (h *home) openOn(day time.Time) bool {
	return !day.Before(h.opened) && (h.closed.IsZero() || day.Before(h.closed))
}

// finess numbers: "00", where real ones have their département, then a rank, and the key
// that real ones have (Luhn).
func finessNumber(rank int) string {
	body := fmt.Sprintf("%s%06d", data.FictitiousDepartment, rank)
	sum := 0
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return body + number((10-sum%10)%10)
}

func newHomes(seed uint64, land *territory, z *zones) ([]home, error) {
	r := stream(seed, "homes")
	names := make([]string, len(homeNames))
	copy(names, homeNames)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	shared, ok := place(r, land, z, standNear)
	if !ok {
		return nil, fmt.Errorf("no place for the shared address")
	}
	sharedStreet := address(r)
	var homes []home
	for _, p := range homePlans {
		category, known := data.CategoryByCode(p.category)
		if !known {
			return nil, fmt.Errorf("unknown category %s", p.category)
		}
		for _, st := range standOrder {
			for range p.stands[st] {
				h := home{
					finess: finessNumber(len(homes) + 1), entity: finessNumber(9001 + r.IntN(9)),
					name: p.prefix + " " + names[len(homes)], category: p.category, residence: category.Residence,
					stand: st, street: address(r), precision: data.PrecisionHouseNumber, score: 86 + r.IntN(13), located: true,
					opened: time.Date(1962+r.IntN(60), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC),
				}
				if p.capacity[1] > 0 {
					h.capacity = p.capacity[0] + r.IntN(p.capacity[1]-p.capacity[0]+1)
				}
				if err := h.settle(r, land, z, shared); err != nil {
					return nil, err
				}
				if st == standShared {
					h.street = sharedStreet
				}
				homes = append(homes, h)
			}
		}
	}
	exceptions(homes)
	return homes, nil
}

// exceptions are what a real file has too: a closed home, recent ones, an unknown capacity.
// That is of a home known by its commune only: of one with a position, it would leave
// unknown the supply of places around every home within 40 km.
func exceptions(homes []home) {
	homes[16].closed = time.Date(2025, time.June, 30, 0, 0, 0, 0, time.UTC)
	homes[8].opened = time.Date(2024, time.September, 2, 0, 0, 0, 0, time.UTC)
	homes[30].opened = time.Date(2025, time.March, 3, 0, 0, 0, 0, time.UTC)
	homes[27].capacity = 0
}

// settle gives a home its position, or what is known of it.
func (h *home) settle(r *rand.Rand, land *territory, z *zones, shared orb.Point) error {
	switch h.stand {
	case standUnlocated:
		h.located, h.street = false, ""
		h.commune = village(r, land)
		return nil
	case standCommune:
		h.commune = village(r, land)
		h.street, h.score = "", 0
		h.point, h.precision = h.commune.centre.point(), data.PrecisionCommune
	case standShared:
		h.point = shared
	default:
		p, ok := place(r, land, z, h.stand)
		if !ok {
			return fmt.Errorf("no place for %s", h.name)
		}
		h.point = p
		h.known(r)
	}
	h.commune = land.at(h.point)
	h.distance, _ = z.distance(h.point)
	h.near = h.distance <= 500
	return nil
}

// known draws how well the address was found: worse in the country.
func (h *home) known(r *rand.Rand) {
	switch x := r.Float64(); {
	case h.stand == standFar && x < 0.45:
		h.precision, h.score = data.PrecisionLocality, 55+r.IntN(25)
		h.street = "Lieu-dit " + pick(r, "La Fable", "L’Exemple", "Le Conte", "Le Songe", "L’Invention", "La Chimère")
	case h.stand != standBorder && x < 0.62 && x > 0.45:
		h.precision, h.score = data.PrecisionStreet, 70+r.IntN(20)
		h.street = h.street[strings.IndexByte(h.street, ' ')+1:]
	case x > 0.96:
		h.precision, h.score = data.PrecisionSurveyed, 0
	}
}

func address(r *rand.Rand) string {
	return number(1+r.IntN(120)) + " " + streetNames[r.IntN(len(streetNames))]
}

// village draws a commune, the larger ones more often.
func village(r *rand.Rand, land *territory) *commune {
	weights := make([]float64, len(land.communes))
	for i := range land.communes {
		if c := &land.communes[i]; c.town < 0 {
			weights[i] = math.Sqrt(float64(c.population))
		}
	}
	return &land.communes[weighted(r, weights)]
}

// place draws a point that stands as asked; false when none is found.
func place(r *rand.Rand, land *territory, z *zones, st stand) (orb.Point, bool) {
	for range 20_000 {
		var v vec
		if st == standFar {
			c := village(r, land)
			v = c.centre.add(polar(between(r, 0, 360), c.builtUp()*math.Sqrt(r.Float64())+between(r, 0, 600)))
		} else {
			around := &z.current[r.IntN(len(z.current))]
			reach := around.radius*1.3 + 2000
			if st == standInside || st == standBorder {
				reach = around.radius * 1.3
			}
			v = around.centre.add(polar(between(r, 0, 360), reach*r.Float64()))
		}
		p := v.point()
		if land.at(p) == nil {
			continue
		}
		if d, depth := z.distance(p); st.fits(d, depth) {
			return p, true
		}
	}
	return orb.Point{}, false
}

// fits tells whether a distance to the nearest zone, and the depth inside, are those asked for.
func (st stand) fits(d, depth float64) bool {
	switch st {
	case standInside:
		return d == 0 && depth > 25
	case standBorder:
		return d > 0 && d < 25 || d == 0 && depth > 0 && depth < 25
	case standNear:
		return d > 30 && d < 480
	case standMid:
		return d > 520 && d < 980
	case standOuter:
		return d > 1020 && d < 1980
	case standFar:
		return d > 2100
	case standShared, standCommune, standUnlocated:
	}
	return false
}

func homesFile(homes []home) File {
	lines := make([][]string, 0, len(homes))
	for i := range homes {
		h := &homes[i]
		status, capacity, closed, score := "ouvert", "", "", ""
		if !h.closed.IsZero() {
			status, closed = "fermé", day(h.closed)
		}
		if h.capacity > 0 {
			capacity = number(h.capacity)
		}
		lon, lat, precision, from := "", "", "", ""
		if h.located {
			lon, lat, precision, from = degrees(h.point[0]), degrees(h.point[1]), string(h.precision), "Géocodage fictif"
			if h.score > 0 {
				score = number(h.score)
			}
		}
		lines = append(lines, []string{
			h.finess, h.entity, h.name, h.category, status, day(h.opened), closed, capacity,
			h.street, h.commune.postalCode, h.commune.name, h.commune.code, lon, lat, precision, from, score,
		})
	}
	return table(FileSites, []string{
		"finess", "finess_ej", "nom", "categorie", "statut", "date_ouverture", "date_fermeture", "capacite",
		"adresse", "code_postal", "commune", "code_insee", "longitude", "latitude", "precision", "source_geocodage", "score_geocodage",
	}, lines)
}
