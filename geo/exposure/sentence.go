package exposure

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"vigie/geo/crs"
	"vigie/geo/zoneindex"
)

// Nearby is a zone or place that an explanation names.
type Nearby struct {
	// Kind is a zone's kind ("qpv") or a place theme's identifier ("police").
	Kind string
	ID   string
	Name string
	// Distance is in metres, 0 inside a zone.
	Distance float64
	// Bearing is in degrees clockwise from north; meaningless when Distance is 0.
	Bearing float64
	// Sigma is the standard deviation of the position's error in metres, NaN when not known;
	// Probability that of being in a zone of the kind (0–1), for zones and a known Sigma.
	Sigma, Probability float64
}

// surely is the probability above which a zone's sentence has no doubt, and under whose
// complement it does not mention one.
const surely = 0.95

// within95 is the radius, in standard deviations, within which 95 % of circular normal errors lie.
const within95 = 2.448

// zoneNames are the kinds of zones in sentences, without stigmatising words.
var zoneNames = map[string]noun{
	"qpv": {Text{FR: "quartier prioritaire (critère de revenu)", EN: "priority neighbourhood (an income criterion)"}, false},
	"qrr": {Text{FR: "quartier de reconquête républicaine", EN: "republican reconquest district (QRR)"}, false},
	"zsp": {Text{FR: "zone de sécurité prioritaire", EN: "priority security zone"}, true},
}

// noun is a name with its French gender.
type noun struct {
	Text
	feminine bool
}

// nearest is "X le plus proche", agreed and with a capital, and its English.
func (n noun) nearest() Text {
	article := "le"
	if n.feminine {
		article = "la"
	}
	return Text{FR: capital(n.FR) + " " + article + " plus proche", EN: "Nearest " + n.EN}
}

func quoted(name string) Text {
	return Text{FR: "«\u00a0" + name + "\u00a0»", EN: "“" + name + "”"}
}

// ZoneSentence says where the nearest zone of a kind is, in one plain sentence. Where the
// position's error leaves a doubt whether the home is inside, so does the sentence.
func ZoneSentence(n Nearby) Text {
	kind, ok := zoneNames[n.Kind]
	if !ok {
		kind = noun{Text{FR: "zone", EN: "zone"}, true}
	}
	name := quoted(n.Name)
	likely := percent(n.Probability)
	if n.Distance == 0 {
		switch within := DistanceText(within95 * n.Sigma); {
		case math.IsNaN(n.Sigma):
			return Text{
				FR: "D’après sa position, dont la précision n’est pas connue, le foyer serait dans " + name.FR + ", " + kind.FR + ".",
				EN: "By its position, whose precision is not known, the home would be inside " + name.EN + ", a " + kind.EN + ".",
			}
		case n.Sigma > 0 && n.Probability < surely:
			return Text{
				FR: "D’après sa position, connue à " + within.FR + " près (95\u00a0%), le foyer serait dans " + name.FR + ", " + kind.FR + " (probabilité d’être dans une telle zone\u00a0: " + likely.FR + ").",
				EN: "By its position, known to within " + within.EN + " (95%), the home would be inside " + name.EN + ", a " + kind.EN + " (probability of being in such a zone: " + likely.EN + ").",
			}
		}
		return Text{
			FR: "Le foyer est dans " + name.FR + ", " + kind.FR + ".",
			EN: "The home is inside " + name.EN + ", a " + kind.EN + ".",
		}
	}
	d, to, nearest := DistanceText(n.Distance), Compass(n.Bearing), kind.nearest()
	out := Text{
		FR: nearest.FR + "\u00a0: " + name.FR + ", à " + d.FR + " " + to.FR,
		EN: nearest.EN + ": " + name.EN + ", " + d.EN + " " + to.EN,
	}
	if n.Probability > 1-surely { // false for NaN
		out.FR += "\u00a0; vu la précision de sa position, le foyer pourrait être dans une telle zone (probabilité\u00a0: " + likely.FR + ")"
		out.EN += "; given the precision of its position, the home could be inside such a zone (probability: " + likely.EN + ")"
	}
	return Text{FR: out.FR + ".", EN: out.EN + "."}
}

// percent writes a share of 0–1.
func percent(share float64) Text {
	if share > 0 && share < 0.005 {
		return Text{FR: "moins de 1\u00a0%", EN: "under 1%"}
	}
	return Text{FR: number(100*share, 0, ',') + "\u00a0%", EN: number(100*share, 0, '.') + "%"}
}

// PlaceSentence says where the nearest place of a theme is.
func PlaceSentence(n Nearby) Text {
	what := noun{Text{FR: "lieu", EN: "place"}, false}
	for _, theme := range placeThemes {
		if theme.id == n.Kind {
			what = theme.noun
		}
	}
	d, to, nearest := DistanceText(n.Distance), Compass(n.Bearing), what.nearest()
	var name Text
	if n.Name != "" {
		name = quoted(n.Name)
		name.FR, name.EN = name.FR+", ", name.EN+", "
	}
	return Text{
		FR: nearest.FR + "\u00a0: " + name.FR + "à " + d.FR + " " + to.FR + ".",
		EN: nearest.EN + ": " + name.EN + d.EN + " " + to.EN + ".",
	}
}

// Sentence states the value of an indicator that has no nearest zone or place to
// name; an unknown value says what that does to the score.
func (in *Indicator) Sentence(v Value) Text {
	f := v.Float64()
	if math.IsNaN(f) {
		return Text{
			FR: in.Label.FR + "\u00a0: donnée inconnue, ce qui élargit l’intervalle du score.",
			EN: in.Label.EN + ": unknown, which widens the score’s interval.",
		}
	}
	if in.Unit == "m" {
		d := DistanceText(f)
		return Text{FR: in.Label.FR + "\u00a0: " + d.FR + ".", EN: in.Label.EN + ": " + d.EN + "."}
	}
	value := Text{FR: number(f, in.Decimals, ','), EN: number(f, in.Decimals, '.')}
	switch {
	case in.share():
		value = percent(f)
	case in.Type == TypeBoolean && f != 0:
		value = Text{FR: "oui", EN: "yes"}
	case in.Type == TypeBoolean:
		value = Text{FR: "non", EN: "no"}
	case in.Unit != "1" && in.Unit != "":
		value = Text{FR: value.FR + "\u00a0" + in.Unit, EN: value.EN + " " + in.Unit}
	}
	return Text{FR: in.Label.FR + "\u00a0: " + value.FR + ".", EN: in.Label.EN + ": " + value.EN + "."}
}

// DistanceText writes a distance as people say it: "40 m", "310 m", "3,2 km".
func DistanceText(metres float64) Text {
	switch {
	case metres < 100:
		n := strconv.Itoa(int(math.Round(metres)))
		return Text{FR: n + "\u00a0m", EN: n + " m"}
	case metres < 995:
		n := strconv.Itoa(int(math.Round(metres/10) * 10))
		return Text{FR: n + "\u00a0m", EN: n + " m"}
	case metres < 99_500:
		return Text{FR: number(metres/1000, 1, ',') + "\u00a0km", EN: number(metres/1000, 1, '.') + " km"}
	}
	return Text{FR: spaced(math.Round(metres/1000)) + "\u00a0km", EN: commas(math.Round(metres/1000)) + " km"}
}

func number(f float64, decimals int, point byte) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', decimals, 64), ".", string(point), 1)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// Themes are the identifiers of the themes of places, in the order of the catalogue.
func Themes() []string {
	out := make([]string, len(placeThemes))
	for i := range placeThemes {
		out[i] = placeThemes[i].id
	}
	return out
}

// NearestZone is the nearest zone of a kind ("" for all) to a located subject; false when
// none is loaded.
func (w *World) NearestZone(kind string, s Subject) (Nearby, bool) {
	g := w.Zones.group(slices.Index(w.Zones.kinds, kind))
	if g.index == nil || g.index.Len() == 0 {
		return Nearby{}, false
	}
	meter := g.index.NewMeter(zoneindex.Options{})
	m := meter.Measure(s.Point)
	if m.Nearest < 0 {
		return Nearby{}, false
	}
	z := &g.zones[m.Nearest]
	n := Nearby{Kind: z.Kind, ID: z.ID, Name: z.Name, Distance: m.Distance, Sigma: s.Sigma, Probability: math.NaN()}
	if m.Distance > 0 {
		_, n.Bearing = Toward(s.Point, z.Geometry)
	}
	if !math.IsNaN(s.Sigma) {
		n.Probability = meter.Probability(s.Point, s.Sigma)
	}
	return n, true
}

// NearestPlace is the nearest place of a theme to a located subject; false when none is
// loaded where it is.
func (w *World) NearestPlace(theme string, s Subject) (Nearby, bool) {
	for _, t := range placeThemes {
		if t.id != theme {
			continue
		}
		e := Evaluator{world: w, subject: s}
		ref, d, ok := e.nearestPlace(t.kinds)
		if !ok {
			return Nearby{}, false
		}
		_, bearing := crs.Inverse(s.Point, ref.Point)
		return Nearby{Kind: theme, ID: ref.ID, Name: ref.Name, Distance: d, Bearing: bearing}, true
	}
	return Nearby{}, false
}
