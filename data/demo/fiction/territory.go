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
)

// Extent of the département: half-axes, in metres, of the rounded box that the seeds of
// its communes lie in.
const (
	halfWidth  = 29_500.0
	halfHeight = 24_500.0
)

// DepartmentName is the name of the département.
const DepartmentName = "Val-d’Exemple (fictif)"

// town is a place larger than a village.
type town struct {
	name       string
	population int
	near       vec // the commune nearest to it becomes the town
}

// towns, the largest first. The other communes are villages.
var towns = []town{
	{"Exempleville", 42_300, vec{}},
	{"Fabuleuil", 11_800, polar(55, 17_500)},
	{"Chimères-sur-Fable", 8_400, polar(172, 15_500)},
	{"Saint-Fictif", 6_900, polar(292, 18_500)},
}

var villageNames = []string{
	"Ailleurs-sur-Fable", "Allégoriac", "Allégorie", "Anonymac", "Anonymes", "Apocryphe", "Chimérac", "Chimérolles",
	"Conte-l’Évêque", "Conte-le-Comte", "Contefable", "Dubitac", "Énigme-Saint-Conte", "Exemplon-sur-Fable", "Fableret", "Fablines",
	"Facticourt", "Factice-en-Plaine", "Fantaisigny", "Feint-le-Vieux", "Feintes", "Fictiac", "Ficticourt", "Fictigny",
	"Hypothézac", "Illusac", "Illusions-les-Bains", "Inventeuil", "Invention-Saint-Imaginaire", "La Fable-aux-Bois", "Légende-la-Vallée",
	"Légendeuil", "Licornigny", "Maquettes-en-Bois", "Miragny", "Modèle-la-Forêt", "Modeleuil", "Mythaucourt", "Mythiac",
	"Nullepart", "Nullepart-le-Neuf", "Paraboleuil", "Prototypac", "Pseudigny", "Pseudolieu", "Rêverolles", "Rêveuil",
	"Saint-Fictif-le-Bas", "Saint-Fictif-le-Haut", "Saint-Imaginaire", "Sainte-Hypothèse", "Songe-sur-Mirage", "Songeries",
	"Spécimen-les-Prés", "Spécimeuil", "Utopie-les-Prés", "Utopigny",
}

// commune is a commune of the département.
type commune struct {
	cell       int // in the tessellation
	code, name string
	postalCode string
	centre     vec
	outline    orb.Polygon
	town       int // index in towns, -1 for a village
	population int
	under21    int
	households int
	poverty    float64 // share of people under the poverty line, 0–1
}

// builtUp is the radius of the built-up area in metres: the density of French towns and
// villages, some 1,600 inhabitants a square kilometre.
func (c *commune) builtUp() float64 { return max(14*math.Sqrt(float64(c.population)), 220) }

// police tells whether the commune is in the police's zone; others are the gendarmerie's.
func (c *commune) police() bool { return c.town == 0 || c.town == 1 }

// force is the security force of the commune.
func (c *commune) force() string {
	if c.police() {
		return "police"
	}
	return "gendarmerie"
}

type territory struct {
	mesh       *tessellation
	communes   []commune // in order of their names, as INSEE numbers them
	department orb.Polygon
	// townCommunes are the communes of towns.
	townCommunes []int
	bounds       []orb.Bound // of communes
}

func newTerritory(seed uint64) (*territory, error) {
	r := stream(seed, "communes")
	t := &territory{mesh: tessellate(r, halfWidth+3*spacing, halfHeight+3*spacing)}
	wave := [2]float64{between(r, 0, 2*math.Pi), between(r, 0, 2*math.Pi)}
	var chosen []int
	for i, s := range t.mesh.seeds {
		if t.mesh.cells[i] != nil && within(s, wave) {
			chosen = append(chosen, i)
		}
	}
	chosen = t.mesh.withoutCapes(chosen)
	if err := t.mesh.wind(r, chosen); err != nil {
		return nil, err
	}
	hull, err := t.mesh.hull(chosen)
	if err != nil {
		return nil, err
	}
	t.department = orb.Polygon{hull}
	if err := t.name(r, chosen); err != nil {
		return nil, err
	}
	return t, nil
}

// within tells whether a commune's seed is in the département: a rounded box with a waving
// border.
func within(s vec, wave [2]float64) bool {
	angle := math.Atan2(s.y, s.x)
	reach := 1 + 0.07*math.Sin(3*angle+wave[0]) + 0.05*math.Sin(5*angle+wave[1])
	return math.Pow(math.Abs(s.x)/halfWidth, 2.6)+math.Pow(math.Abs(s.y)/halfHeight, 2.6) < reach
}

// name gives the communes names, codes and inhabitants.
func (t *territory) name(r *rand.Rand, chosen []int) error {
	if n := len(chosen) - len(towns); n > len(villageNames) {
		return fmt.Errorf("%d villages for %d names", n, len(villageNames))
	}
	villages := slices.Clone(villageNames)
	r.Shuffle(len(villages), func(i, j int) { villages[i], villages[j] = villages[j], villages[i] })
	isTown := map[int]int{}
	for k, w := range towns {
		nearest := slices.MinFunc(chosen, func(a, b int) int {
			return cmp.Compare(t.mesh.seeds[a].sub(w.near).length(), t.mesh.seeds[b].sub(w.near).length())
		})
		if _, taken := isTown[nearest]; taken {
			return fmt.Errorf("%s has no commune of its own", w.name)
		}
		isTown[nearest] = k
	}
	for _, cell := range chosen {
		c := commune{cell: cell, centre: t.mesh.seeds[cell], outline: orb.Polygon{t.mesh.outline(cell)}, town: -1}
		if k, ok := isTown[cell]; ok {
			c.town, c.name, c.population = k, towns[k].name, towns[k].population
		} else {
			c.name, villages = villages[0], villages[1:]
			c.population = int(min(max(620*math.Exp(0.85*r.NormFloat64()), 85), 4200))
		}
		c.under21 = int(float64(c.population) * between(r, 0.19, 0.26))
		c.households = int(float64(c.population) / between(r, 2.0, 2.3))
		c.poverty = between(r, 0.09, 0.17)
		if c.town >= 0 {
			c.poverty = between(r, 0.17, 0.24)
		}
		t.communes = append(t.communes, c)
	}
	slices.SortFunc(t.communes, func(a, b commune) int { return cmp.Compare(sortName(a.name), sortName(b.name)) })
	t.townCommunes = make([]int, len(towns))
	for i := range t.communes {
		c := &t.communes[i]
		// Odd numbers to spare, as INSEE left them.
		c.code = fmt.Sprintf("%s%03d", data.FictitiousDepartment, 3*i+1)
		t.bounds = append(t.bounds, c.outline.Bound())
		if c.town >= 0 {
			t.townCommunes[c.town] = i
		}
	}
	for i := range t.communes {
		c := &t.communes[i]
		nearest := 0
		for k := range towns {
			if c.centre.sub(t.town(k).centre).length() < c.centre.sub(t.town(nearest).centre).length() {
				nearest = k
			}
		}
		c.postalCode = fmt.Sprintf("%s%d%d0", data.FictitiousDepartment, nearest+1, 1+i%9)
		if c.town >= 0 {
			c.postalCode = fmt.Sprintf("%s%d00", data.FictitiousDepartment, nearest+1)
		}
	}
	return nil
}

// sortName is a name without accents on its first letter, for its rank among others.
func sortName(s string) string { return strings.NewReplacer("É", "E").Replace(s) }

// town is the commune of a town.
func (t *territory) town(k int) *commune { return &t.communes[t.townCommunes[k]] }

// at finds the commune of a point; nil outside.
func (t *territory) at(p orb.Point) *commune {
	for i := range t.communes {
		if t.bounds[i].Contains(p) && planar.PolygonContains(t.communes[i].outline, p) {
			return &t.communes[i]
		}
	}
	return nil
}

// byCell finds the commune of a cell; nil outside the département.
func (t *territory) byCell(cell int) *commune {
	for i := range t.communes {
		if t.communes[i].cell == cell {
			return &t.communes[i]
		}
	}
	return nil
}

// areas is the file of the communes and the département.
func (t *territory) areas() (File, error) {
	c := collection{name: FileAreas}
	c.add(orb.MultiPolygon{t.department}, property{"code", data.FictitiousDepartment}, property{"nom", DepartmentName})
	for i := range t.communes {
		m := &t.communes[i]
		c.add(orb.MultiPolygon{m.outline}, property{"code", m.code}, property{"nom", m.name}, property{"insee_dep", data.FictitiousDepartment})
	}
	return c.file()
}

// of puts "de" before a commune's name as French grammar has it.
func of(name string) string {
	switch {
	case strings.HasPrefix(name, "Le "):
		return "du " + name[len("Le "):]
	case strings.HasPrefix(name, "Les "):
		return "des " + name[len("Les "):]
	case strings.HasPrefix(name, "La "):
		return "de la " + name[len("La "):]
	case strings.ContainsRune("AEIOUYÉÈH", []rune(name)[0]):
		return "d’" + name
	}
	return "de " + name
}
