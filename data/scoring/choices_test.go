package scoring_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data/scoring"
	"vigie/geo/crs"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

var plane = crs.NewAzimuthal(orb.Point{2.6, 46.4}) // fictitious

func at(x, y float64) orb.Point { return plane.Inverse(x, y) }

func square(kind string, x, y, half float64) exposure.ZoneRef {
	ring := orb.Ring{at(x-half, y-half), at(x+half, y-half), at(x+half, y+half), at(x-half, y+half)}
	return exposure.ZoneRef{Kind: kind, ID: kind, Geometry: orb.MultiPolygon{{append(ring, ring[0])}}}
}

// Values of the options are those of the catalogue under the other distance.
func TestChoicesAgreeWithTheCatalogue(t *testing.T) {
	zones := []exposure.ZoneRef{square("qpv", 700, 0, 200), square("qrr", -300, 400, 250)}
	points := []orb.Point{at(0, 0), at(400, 300), at(-300, 400), at(5000, 0)}
	indicators := []string{
		"zone_share_500m", "qpv_zone_share_1000m", "zsp_zone_share_500m", "zones_within_2000m", "qrr_zones_within_500m",
		"zone_kernel_share_1000m", "qpv_zone_decay_150m", "qpv_nearest_zone_distance_m", "nearest_hotel_distance_m",
	}
	choices := scoring.Choices(indicators, zones, points)
	// The catalogue under each distance that options come to; 500 and 300 m are its own
	// for kernel and decay.
	world := &exposure.World{Zones: exposure.NewZones(scoring.ZoneKinds(), zones), Radii: []float64{250, 500, 1000, 2000, 4000}}
	twin := map[string]map[string]string{
		"half": {
			"zone_share_500m": "zone_share_250m", "qpv_zone_share_1000m": "qpv_zone_share_500m", "zsp_zone_share_500m": "zsp_zone_share_250m",
			"zones_within_2000m": "zones_within_1000m", "qrr_zones_within_500m": "qrr_zones_within_250m", "zone_kernel_share_1000m": "zone_kernel_share_500m",
		},
		"double": {
			"zone_share_500m": "zone_share_1000m", "qpv_zone_share_1000m": "qpv_zone_share_2000m", "zsp_zone_share_500m": "zsp_zone_share_1000m",
			"zones_within_2000m": "zones_within_4000m", "qrr_zones_within_500m": "qrr_zones_within_1000m", "qpv_zone_decay_150m": "qpv_zone_decay_300m",
		},
	}
	evaluator := world.NewEvaluator()
	compared := 0
	for _, choice := range choices {
		if len(choice.Options) != 3 || len(choice.Options[0].Values) > 0 {
			t.Errorf("%s: %d options", choice.ID, len(choice.Options))
		}
		for _, option := range choice.Options[1:] {
			for indicator, values := range option.Values {
				id, known := twin[option.ID][indicator]
				if !known {
					continue
				}
				for i, p := range points {
					evaluator.Begin(exposure.Subject{Status: exposure.Computed, Point: p, Self: -1})
					for _, in := range exposure.Catalogue(scoring.ZoneKinds(), world.Radii) {
						if in.ID != id {
							continue
						}
						want := in.Of(evaluator).Float64()
						if math.Abs(values[i]-want) > 1e-9 || math.IsNaN(values[i]) != math.IsNaN(want) {
							t.Errorf("%s %s at point %d: %v, %s is %v", indicator, option.ID, i, values[i], id, want)
						}
						compared++
					}
				}
			}
		}
	}
	if len(choices) != 4 || compared != 12*len(points) {
		t.Errorf("%d choices, %d values compared", len(choices), compared)
	}
	if none := scoring.Choices([]string{"qpv_nearest_zone_distance_m"}, zones, points); len(none) > 0 {
		t.Errorf("choices for an indicator without any: %v", none)
	}
}

// With a zone that only the doubled disc reaches, and another that every kernel lies
// wholly in, the radius explains all of the variance and the bandwidth nothing.
func TestTheChoiceThatMattersDominates(t *testing.T) {
	profile := score.Default()
	entry := func(indicator, pillar string) score.Entry {
		e := profile.Entries[0]
		e.Indicator, e.Pillar, e.Goalposts = indicator, pillar, [2]float64{0, 1}
		return e
	}
	profile.Entries = []score.Entry{
		entry("qpv_zone_share_500m", profile.Pillars[0].ID), entry("qrr_zone_kernel_share_500m", profile.Pillars[1].ID),
	}
	profile.Entries[1].Goalposts = [2]float64{0, 2}
	scorer, err := score.New(profile)
	if err != nil {
		t.Fatal(err)
	}
	zones := []exposure.ZoneRef{square("qpv", 900, 0, 300), square("qrr", 0, 0, 5000)}
	points := []orb.Point{at(0, 0), at(50, 30)}
	var sites []score.Site
	for i := range points {
		sites = append(sites, score.Site{ID: string(rune('a' + i)), Group: "00", Values: []float64{0, 1}})
	}
	method := score.Method{Samples: 1024, Seed: 5, Choices: scoring.Choices(scorer.Indicators(), zones, points)}
	out, err := scorer.Sensitivity(t.Context(), sites, method, score.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Factors) != 2 || out.Sites != 2 || out.Deviation == 0 {
		t.Fatalf("%+v", out)
	}
	for _, f := range out.Factors {
		want := map[string]float64{"disc_radius": 1, "kernel_bandwidth": 0}[f.ID]
		if math.Abs(f.Total-want) > 0.1 || math.Abs(f.First-want) > 0.1 {
			t.Errorf("%s: first-order %v, total %v, want %v", f.ID, f.First, f.Total, want)
		}
	}
	for _, s := range out.BySite {
		if s.MainFactor != "disc_radius" {
			t.Errorf("%s: main factor %q", s.ID, s.MainFactor)
		}
	}
}
