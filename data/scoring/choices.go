package scoring

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"vigie/geo/exposure"
	"vigie/geo/score"
	"vigie/geo/zoneindex"
)

// distanceChoice is a distance in metres that a family of indicators rests on, and that
// could have been chosen otherwise.
type distanceChoice struct {
	id    string
	label score.Text
	stem  string // "zone_share": zone_share_500m, qpv_zone_share_500m…
	set   func(*zoneindex.Options, float64)
	value func(*zoneindex.Measures) float64
}

var distanceChoices = []distanceChoice{
	{
		"disc_radius", score.Text{FR: "Rayon des disques (parts en zone)", EN: "Radius of discs (shares in zones)"}, "zone_share",
		func(o *zoneindex.Options, metres float64) { o.Radii = []float64{metres} },
		func(m *zoneindex.Measures) float64 { return m.Share[0] },
	},
	{
		"count_radius", score.Text{FR: "Rayon des disques (nombres de zones)", EN: "Radius of discs (numbers of zones)"}, "zones_within",
		func(o *zoneindex.Options, metres float64) { o.Radii, o.ShareUpTo = []float64{metres}, -1 },
		func(m *zoneindex.Measures) float64 { return float64(m.Within[0]) },
	},
	{
		"kernel_bandwidth", score.Text{FR: "Portée du noyau (présence pondérée)", EN: "Bandwidth of the kernel (kernel share)"}, "zone_kernel_share",
		func(o *zoneindex.Options, metres float64) { o.Bandwidth = metres },
		func(m *zoneindex.Measures) float64 { return m.Kernel },
	},
	{
		"decay_length", score.Text{FR: "Longueur λ de décroissance", EN: "Decay length λ"}, "zone_decay",
		func(o *zoneindex.Options, metres float64) { o.DecayLength = metres },
		func(m *zoneindex.Measures) float64 { return m.Decay },
	},
}

// alternatives are what distances could be instead of the adopted ones.
var alternatives = []struct {
	id    string
	label score.Text
	times float64
}{
	{"half", score.Text{FR: "divisé par deux", EN: "halved"}, 0.5},
	{"double", score.Text{FR: "doublé", EN: "doubled"}, 2},
}

// of tells the kind of zones ("" for all) and the distance of an indicator of the family.
func (c *distanceChoice) of(indicator string) (kind string, metres float64, ok bool) {
	for _, kind := range append([]string{""}, ZoneKinds()...) {
		prefix := c.stem + "_"
		if kind != "" {
			prefix = kind + "_" + prefix
		}
		if rest, found := strings.CutPrefix(indicator, prefix); found {
			number, metric := strings.CutSuffix(rest, "m")
			metres, err := strconv.ParseFloat(number, 64)
			return kind, metres, metric && err == nil && metres > 0
		}
	}
	return "", 0, false
}

// Choices are the distances that indicators rest on — radii of discs, bandwidths of
// kernels, decay lengths — each as adopted, halved or doubled, with the values that each
// option gives at points (lon, lat, CRS84): those of the sites of a sensitivity study, in
// its order. zones are the ones that the adopted values were measured against. A distance
// that none of the indicators rests on is no choice.
func Choices(indicators []string, zones []exposure.ZoneRef, points []orb.Point) []score.Choice {
	indexes := map[string]*zoneindex.Index{}
	index := func(kind string) *zoneindex.Index {
		if indexes[kind] == nil {
			var outlines []orb.MultiPolygon
			for i := range zones {
				if kind == "" || zones[i].Kind == kind {
					outlines = append(outlines, zones[i].Geometry)
				}
			}
			indexes[kind] = zoneindex.Build(outlines)
		}
		return indexes[kind]
	}
	var out []score.Choice
	for i := range distanceChoices {
		c := &distanceChoices[i]
		choice := score.Choice{ID: c.id, Label: c.label, Options: []score.Option{{ID: "adopted", Label: score.Text{FR: "comme adopté", EN: "as adopted"}}}}
		for _, other := range alternatives {
			option := score.Option{ID: other.id, Label: other.label, Values: map[string][]float64{}}
			for _, indicator := range indicators {
				if kind, metres, ok := c.of(indicator); ok {
					option.Values[indicator] = c.measure(index(kind), metres*other.times, points)
				}
			}
			if len(option.Values) > 0 {
				choice.Options = append(choice.Options, option)
			}
		}
		if len(choice.Options) > 1 {
			out = append(out, choice)
		}
	}
	return out
}

// measure gives the values at points; without any zone they are unknown, as in the catalogue.
func (c *distanceChoice) measure(index *zoneindex.Index, metres float64, points []orb.Point) []float64 {
	var options zoneindex.Options
	c.set(&options, metres)
	meter := index.NewMeter(options)
	out := make([]float64, len(points))
	for i, p := range points {
		out[i] = math.NaN()
		if index.Len() > 0 {
			m := meter.Measure(p)
			out[i] = c.value(&m)
		}
	}
	return out
}
