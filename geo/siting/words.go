package siting

import (
	"math"
	"strconv"
	"strings"
)

// figure writes a number with at most so many decimals, thousands apart.
func figure(v float64, decimals int) Text {
	digits := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	var groups []string
	for len(whole) > 3 {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	groups = append([]string{whole}, groups...)
	out := Text{FR: strings.Join(groups, "\u202f"), EN: strings.Join(groups, ",")}
	if fraction != "" {
		out.FR, out.EN = out.FR+","+fraction, out.EN+"."+fraction
	}
	if v < 0 {
		out.FR, out.EN = "−"+out.FR, "−"+out.EN
	}
	return out
}

// metres writes a whole number of metres.
func metres(v float64) Text {
	t := figure(v, 0)
	return Text{FR: t.FR + "\u00a0m", EN: t.EN + " m"}
}

// quantity writes a value of a criterion.
func quantity(v float64, unit string) Text {
	switch unit {
	case "m":
		return metres(v)
	case "€":
		t := figure(v, 0)
		return Text{FR: t.FR + "\u00a0€", EN: "€" + t.EN}
	}
	return figure(v, 1)
}

// zoneOf names a zone of a kind, with its article: "un QPV"; AnyKind is any zone.
func zoneOf(kind string) Text {
	switch name := strings.ToUpper(kind); kind {
	case AnyKind:
		return Text{FR: "une zone", EN: "a zone"}
	case "qpv", "qrr":
		return Text{FR: "un " + name, EN: "a " + name}
	case "zsp":
		return Text{FR: "une " + name, EN: "a " + name}
	}
	return Text{FR: "une zone de type «\u00a0" + kind + "\u00a0»", EN: "a zone of kind “" + kind + "”"}
}

// theme is a family of places: the kinds that exposure looks at together, and words for
// the nearest, after "à" and after "de".
type theme struct {
	kinds    []string
	to, from Text
}

// themes are those of exposure.Themes.
var themes = map[string]theme{
	"police": {
		[]string{"police", "gendarmerie"},
		Text{FR: "au commissariat ou à la brigade de gendarmerie le plus proche", EN: "to the nearest police or gendarmerie unit"},
		Text{FR: "du commissariat ou de la brigade de gendarmerie le plus proche", EN: "from the nearest police or gendarmerie unit"},
	},
	"school": {
		[]string{"school", "college", "lycee"},
		Text{FR: "à l’école, au collège ou au lycée le plus proche", EN: "to the nearest school"},
		Text{FR: "de l’école, du collège ou du lycée le plus proche", EN: "from the nearest school"},
	},
	"station": {
		[]string{"station"},
		Text{FR: "à la gare ou station la plus proche", EN: "to the nearest station"},
		Text{FR: "de la gare ou station la plus proche", EN: "from the nearest station"},
	},
	"hospital": {
		[]string{"hospital", "emergency"},
		Text{FR: "à l’hôpital le plus proche", EN: "to the nearest hospital"},
		Text{FR: "de l’hôpital le plus proche", EN: "from the nearest hospital"},
	},
	"hotel": {
		[]string{"hotel"},
		Text{FR: "à l’hôtel le plus proche", EN: "to the nearest hotel"},
		Text{FR: "de l’hôtel le plus proche", EN: "from the nearest hotel"},
	},
	"bar": {
		[]string{"bar"},
		Text{FR: "au bar le plus proche", EN: "to the nearest bar"},
		Text{FR: "du bar le plus proche", EN: "from the nearest bar"},
	},
	"motorway_exit": {
		[]string{"motorway_exit"},
		Text{FR: "à la sortie d’autoroute la plus proche", EN: "to the nearest motorway exit"},
		Text{FR: "de la sortie d’autoroute la plus proche", EN: "from the nearest motorway exit"},
	},
	"college": {
		[]string{"college"},
		Text{FR: "au collège le plus proche", EN: "to the nearest lower secondary school"},
		Text{FR: "du collège le plus proche", EN: "from the nearest lower secondary school"},
	},
}
