package exposure

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestToward(t *testing.T) {
	for _, c := range []struct{ x, y, distance, bearing float64 }{
		{1000, 0, 900, 90}, {-1000, 0, 900, 270}, {0, 1000, 900, 0}, {0, -1000, 900, 180}, {1000, 1000, 900 * math.Sqrt2, 45},
	} {
		d, b := Toward(home, squareZone("qpv", "A", c.x, c.y, 100).Geometry)
		if math.Abs(d-c.distance) > 0.01 || math.Abs(math.Mod(b-c.bearing+540, 360)-180) > 0.1 {
			t.Errorf("zone at (%v, %v): %v m, %v°, want %v m, %v°", c.x, c.y, d, b, c.distance, c.bearing)
		}
	}
}

func TestCompass(t *testing.T) {
	for bearing, want := range map[float64]string{0: "au nord", 359: "au nord", 22: "au nord", 23: "au nord-est", 90: "à l’est", 181: "au sud", 315: "au nord-ouest", -45: "au nord-ouest", 720: "au nord"} {
		if got := Compass(bearing).FR; got != want {
			t.Errorf("%v° = %q, want %q", bearing, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for got, want := range map[string]string{
		ZoneSentence(Nearby{Kind: "qpv", Name: "Les Fables", Distance: 312, Bearing: 44}).FR:       "Quartier prioritaire (critère de revenu) le plus proche\u00a0: «\u00a0Les Fables\u00a0», à 310\u00a0m au nord-est.",
		ZoneSentence(Nearby{Kind: "qrr", Name: "Les Songes"}).FR:                                   "Le foyer est dans «\u00a0Les Songes\u00a0», quartier de reconquête républicaine.",
		PlaceSentence(Nearby{Kind: "police", Name: "Poste fictif", Distance: 3249, Bearing: 1}).EN: "Nearest police or gendarmerie unit: “Poste fictif”, 3.2 km to the north.",
		DistanceText(42.4).FR:   "42\u00a0m",
		DistanceText(999).FR:    "1,0\u00a0km",
		DistanceText(412000).FR: "412\u00a0km",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, in := range Catalogue(kinds, DefaultRadii) {
		for _, v := range []Value{Null, Number(0.25), Integer(3), Boolean(true)} {
			s := in.Sentence(v)
			if s.FR == "" || s.EN == "" || strings.Contains(s.FR, "NaN") {
				t.Errorf("%s: %q / %q", in.ID, s.FR, s.EN)
			}
		}
	}
}

func TestTowardIsTheMeasuredDistance(t *testing.T) {
	z := squareZone("qpv", "A", 700, 300, 150)
	w := &World{Zones: NewZones(kinds, []ZoneRef{z}), Radii: DefaultRadii}
	for _, p := range []orb.Point{home, at(500, 500), at(3000, -2000)} {
		d, _ := Toward(p, z.Geometry)
		if got := evaluate(w, located(p))["nearest_zone_distance_m"].Float64(); math.Abs(got-d) > 0.01 {
			t.Errorf("%v and %v", got, d)
		}
	}
}
