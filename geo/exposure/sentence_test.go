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
		ZoneSentence(Nearby{Kind: "qpv", Name: "Les Fables", Distance: 312, Bearing: 44}).FR:                               "Quartier prioritaire (critère de revenu) le plus proche\u00a0: «\u00a0Les Fables\u00a0», à 310\u00a0m au nord-est.",
		ZoneSentence(Nearby{Kind: "qrr", Name: "Les Songes"}).FR:                                                           "Le foyer est dans «\u00a0Les Songes\u00a0», quartier de reconquête républicaine.",
		PlaceSentence(Nearby{Kind: "police", Name: "Poste fictif", Distance: 3249, Bearing: 1}).EN:                         "Nearest police or gendarmerie unit: “Poste fictif”, 3.2 km to the north.",
		ZoneSentence(Nearby{Kind: "qpv", Name: "Les Fables", Sigma: 10, Probability: 0.998}).FR:                            "Le foyer est dans «\u00a0Les Fables\u00a0», quartier prioritaire (critère de revenu).",
		ZoneSentence(Nearby{Kind: "qrr", Name: "Les Songes", Sigma: 400, Probability: 0.17}).FR:                            "D’après sa position, connue à 980\u00a0m près (95\u00a0%), le foyer serait dans «\u00a0Les Songes\u00a0», quartier de reconquête républicaine (probabilité d’être dans une telle zone\u00a0: 17\u00a0%).",
		ZoneSentence(Nearby{Kind: "qrr", Name: "Les Songes", Sigma: math.NaN(), Probability: math.NaN()}).EN:               "By its position, whose precision is not known, the home would be inside “Les Songes”, a republican reconquest district (QRR).",
		ZoneSentence(Nearby{Kind: "zsp", Name: "La Fiction", Distance: 5.4, Bearing: 90, Sigma: 10, Probability: 0.29}).FR: "Zone de sécurité prioritaire la plus proche\u00a0: «\u00a0La Fiction\u00a0», à 5\u00a0m à l’est\u00a0; vu la précision de sa position, le foyer pourrait être dans une telle zone (probabilité\u00a0: 29\u00a0%).",
		DistanceText(42.4).FR:    "42\u00a0m",
		DistanceText(999).FR:     "1,0\u00a0km",
		DistanceText(412000).FR:  "412\u00a0km",
		DistanceText(6763028).EN: "6,763 km",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for id, want := range map[string]string{
		"nearest_hotel_distance_m unknown": "donnée inconnue, ce qui élargit l’intervalle du score.", "zsp_in_zone": "oui.", "qpv_in_zone_probability": "100\u00a0%.", "crime_context_rate": "1,00\u00a0‰.",
	} {
		id, missing := strings.CutSuffix(id, " unknown")
		for _, in := range Catalogue(kinds, DefaultRadii) {
			v := Number(1)
			if missing {
				v = Null
			}
			if got := in.Sentence(v).FR; in.ID == id && got != in.Label.FR+"\u00a0: "+want {
				t.Errorf("%s: %q, want %q", id, got, want)
			}
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
