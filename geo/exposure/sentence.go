package exposure

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

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
}

// zoneNames are the kinds of zones in sentences, without stigmatising words.
var zoneNames = map[string]noun{
	"qpv": {Text{FR: "quartier prioritaire (critère de revenu)", EN: "priority neighbourhood (an income criterion)"}, false},
	"qrr": {Text{FR: "quartier de reconquête républicaine", EN: "police priority district (QRR)"}, false},
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

// ZoneSentence says where the nearest zone of a kind is, in one plain sentence.
func ZoneSentence(n Nearby) Text {
	kind, ok := zoneNames[n.Kind]
	if !ok {
		kind = noun{Text{FR: "zone", EN: "zone"}, true}
	}
	name := quoted(n.Name)
	if n.Distance == 0 {
		return Text{
			FR: "Le foyer est dans " + name.FR + ", " + kind.FR + ".",
			EN: "The home is inside " + name.EN + ", a " + kind.EN + ".",
		}
	}
	d, to, nearest := DistanceText(n.Distance), Compass(n.Bearing), kind.nearest()
	return Text{
		FR: nearest.FR + "\u00a0: " + name.FR + ", à " + d.FR + " " + to.FR + ".",
		EN: nearest.EN + ": " + name.EN + ", " + d.EN + " " + to.EN + ".",
	}
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
			FR: in.Label.FR + "\u00a0: inconnu\u00a0; l’intervalle du score en est élargi.",
			EN: in.Label.EN + ": unknown; it widens the score’s interval.",
		}
	}
	if in.Unit == "m" {
		d := DistanceText(f)
		return Text{FR: in.Label.FR + "\u00a0: " + d.FR + ".", EN: in.Label.EN + ": " + d.EN + "."}
	}
	fr, en := number(f, in.Decimals, ','), number(f, in.Decimals, '.')
	switch {
	case in.Type == TypeNumber && in.Unit == "1" && strings.Contains(in.ID, "share"):
		fr, en = number(100*f, 0, ',')+"\u00a0%", number(100*f, 0, '.')+"%"
	case in.Unit != "1" && in.Unit != "":
		fr, en = fr+"\u00a0"+in.Unit, en+" "+in.Unit
	}
	return Text{FR: in.Label.FR + "\u00a0: " + fr + ".", EN: in.Label.EN + ": " + en + "."}
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
	return Text{FR: spaced(math.Round(metres/1000)) + "\u00a0km", EN: strconv.Itoa(int(math.Round(metres/1000))) + " km"}
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

// NearestZone is the nearest zone of a kind ("" for all) to a point; false when none is loaded.
func (w *World) NearestZone(kind string, p orb.Point) (Nearby, bool) {
	g := &w.Zones.all
	for i, k := range w.Zones.kinds {
		if k == kind {
			g = &w.Zones.by[i]
		}
	}
	if g.index == nil || g.index.Len() == 0 {
		return Nearby{}, false
	}
	m := g.index.NewMeter(zoneindex.Options{}).Measure(p)
	if m.Nearest < 0 {
		return Nearby{}, false
	}
	z := &g.zones[m.Nearest]
	n := Nearby{Kind: z.Kind, ID: z.ID, Name: z.Name, Distance: m.Distance}
	if m.Distance > 0 {
		_, n.Bearing = Toward(p, z.Geometry)
	}
	return n, true
}

// NearestPlace is the nearest place of a theme to a point; false when none is loaded.
func (w *World) NearestPlace(theme string, p orb.Point) (Nearby, bool) {
	for _, t := range placeThemes {
		if t.id != theme {
			continue
		}
		e := Evaluator{world: w, subject: Subject{Status: Computed, Point: p}}
		ref, d, ok := e.nearestPlace(t.kinds)
		if !ok {
			return Nearby{}, false
		}
		_, bearing := crs.Inverse(p, ref.Point)
		return Nearby{Kind: theme, ID: ref.ID, Name: ref.Name, Distance: d, Bearing: bearing}, true
	}
	return Nearby{}, false
}
