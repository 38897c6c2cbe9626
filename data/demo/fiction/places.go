package fiction

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"vigie/data"
)

// amenity is a place around homes.
type amenity struct {
	kind, name string
	commune    *commune
	point      orb.Point
	precision  data.Precision
}

// kindBrigade is the kind of the gendarmerie's units, which have a file of their own.
const kindBrigade = "gendarmerie"

// Words of the names of places.
var (
	schoolNames = []string{
		"Jean-Exemple", "des Contes", "Anne-Fiction", "de la Fable", "du Songe", "Marie-Chimère", "des Inventions", "Paul-Modèle",
		"de l’Utopie", "des Énigmes", "Louise-Parabole", "du Mirage", "de la Licorne", "Henri-Hypothèse",
	}
	innNames = []string{
		"du Mirage", "de la Fable", "des Songes", "de l’Exemple", "du Conte", "de la Licorne", "des Chimères", "de l’Énigme", "de l’Utopie", "du Modèle",
	}
)

func newPlaces(seed uint64, land *territory) []amenity {
	r := stream(seed, "places")
	var all []amenity
	// add puts a place in a commune, within a share of its built-up radius.
	add := func(c *commune, kind, name string, share float64) {
		v := c.centre.add(polar(between(r, 0, 360), share*c.builtUp()*math.Sqrt(r.Float64())))
		precision := data.PrecisionHouseNumber
		if r.Float64() < 0.1 {
			precision = data.PrecisionStreet
		}
		all = append(all, amenity{kind, name, c, v.point(), precision})
	}
	school := func() string { return schoolNames[r.IntN(len(schoolNames))] }
	inn := func() string { return innNames[r.IntN(len(innNames))] }
	brigades := 0
	for i := range land.communes {
		c := &land.communes[i]
		n := counts(c, r)
		for k := range n.police {
			name := "Commissariat fictif " + of(c.name)
			if k > 0 {
				name = "Bureau de police fictif " + of(c.name)
			}
			add(c, "police", name, 0.7)
		}
		if c.town > 1 || c.town < 0 && c.population > 900 && brigades < 9 {
			brigades++
			add(c, kindBrigade, "Brigade fictive de gendarmerie "+of(c.name), 0.9)
		}
		for range n.primary {
			add(c, "école", "École fictive "+school()+" ("+c.name+")", 0.8)
		}
		for range n.lower {
			add(c, "collège", "Collège fictif "+school()+" ("+c.name+")", 0.8)
		}
		for range n.upper {
			add(c, "lycée", "Lycée fictif "+school()+" ("+c.name+")", 0.6)
		}
		for range n.stations {
			add(c, "gare", "Gare fictive "+of(c.name), 0.5)
		}
		for range n.hospitals {
			add(c, "hospital", "Hôpital fictif "+of(c.name), 0.9)
		}
		for range n.hotels {
			add(c, "hotel", "Hôtel fictif "+inn()+" ("+c.name+")", 1)
		}
		for range n.bars {
			add(c, "bar", "Bar fictif "+inn()+" ("+c.name+")", 0.6)
		}
	}
	for k := range 2 {
		c := land.town(k)
		v := c.centre.add(polar(200, c.builtUp()+900))
		all = append(all, amenity{"motorway_exit", fmt.Sprintf("Sortie fictive n° %d de l’A00", k+1), land.at(v.point()), v.point(), data.PrecisionSurveyed})
	}
	return all
}

// equipment is how many places of each kind a commune has.
type equipment struct{ police, primary, lower, upper, stations, hospitals, hotels, bars int }

func counts(c *commune, r *rand.Rand) equipment {
	switch c.town {
	case 0:
		return equipment{police: 3, primary: 11, lower: 5, upper: 3, stations: 1, hospitals: 2, hotels: 8, bars: 12}
	case 1:
		return equipment{police: 1, primary: 4, lower: 2, upper: 1, stations: 1, hospitals: 1, hotels: 3, bars: 5}
	case 2, 3:
		return equipment{primary: 3, lower: 1, upper: 1, stations: 1, hotels: 2, bars: 3}
	}
	e := equipment{}
	if c.population > 300 {
		e.primary = 1
	}
	if c.population > 1500 {
		e.lower, e.bars = 1, 1
	}
	if r.Float64() < 0.12 {
		e.stations = 1
	}
	if r.Float64() < 0.1 {
		e.hotels = 1
	}
	if r.Float64() < 0.3 {
		e.bars++
	}
	return e
}

func placesFile(places []amenity) File {
	lines := make([][]string, 0, len(places))
	for i := range places {
		p := &places[i]
		if p.kind == kindBrigade {
			continue
		}
		lines = append(lines, []string{
			fmt.Sprintf("FICTIF-%03d", i+1), p.kind, p.name, p.commune.code, p.commune.name,
			degrees(p.point[0]), degrees(p.point[1]), string(p.precision),
		})
	}
	return table(FilePlaces, []string{"identifiant", "type", "nom", "code_insee", "commune", "longitude", "latitude", "precision"}, lines)
}
