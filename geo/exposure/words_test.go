package exposure

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFrenchNumbersDoNotBreak: a number keeps to its unit, and to its thousands.
func TestFrenchNumbersDoNotBreak(t *testing.T) {
	broken := regexp.MustCompile(`[0-9] (m|km|ans|h|habitants|faits|[0-9]{3})([^\p{L}]|$)| [;:!?%]`)
	for _, in := range slices.Concat(Catalogue(kinds, DefaultRadii), RestrictedCatalogue(kinds, DefaultRadii)) {
		for _, text := range []string{in.Label.FR, in.Formula.FR, in.Missing.FR, in.Sentence(Null).FR, in.Sentence(Number(0.25)).FR} {
			if at := broken.FindString(text); at != "" {
				t.Errorf("%s: %q in %q", in.ID, at, text)
			}
		}
	}
}

// TestMarkdownIsReadable: the tables have neither bare 1s for units nor, in French, English.
func TestMarkdownIsReadable(t *testing.T) {
	catalogue := Catalogue(kinds, DefaultRadii)
	french, english := Markdown(catalogue, "fr"), Markdown(catalogue, "en")
	for _, want := range []string{"| nombre |", "| part (0 à 1) |"} {
		if !strings.Contains(french, want) {
			t.Errorf("no %q", want)
		}
	}
	if !strings.Contains(english, "| share (0 to 1) |") || strings.Contains(french+english, "| 1 |") {
		t.Error("a unit is a bare 1")
	}
	for _, word := range []string{"Gravity", "theorem", "Geodesic", "centred"} {
		if strings.Contains(french, word) {
			t.Errorf("the French table says %q", word)
		}
	}
}

// TestWithheldFiguresAreSaid: what is not published is not what does not concern the place.
func TestWithheldFiguresAreSaid(t *testing.T) {
	w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Context: map[string]CommuneContext{"00001": {CrimeRate: 3, PoorShare: 0.2}}}
	for commune, want := range map[string]Reason{"00001": Known, "00002": ReasonUnpublished, "": ReasonNoCommune} {
		s := located(home)
		s.CommuneCode = commune
		e := w.NewEvaluator()
		e.Begin(s)
		for _, in := range Catalogue(kinds, DefaultRadii) {
			if got := in.Why(e); in.Source == "Insee, Filosofi" && in.ID != "poor_household_share_500m" && got != want {
				t.Errorf("commune %q: %s is %q, want %q", commune, in.ID, got, want)
			}
		}
	}
}

// TestDepthIsThatOfTheDeepestZone, whatever the order of kinds.
func TestDepthIsThatOfTheDeepestZone(t *testing.T) {
	for _, halves := range [][2]float64{{200, 260}, {260, 200}} {
		w := &World{Radii: DefaultRadii, Zones: NewZones(kinds, []ZoneRef{
			squareZone("qpv", "A", 0, 0, halves[0]), squareZone("qrr", "B", 0, 0, halves[1]), squareZone("qrr", "C", 0, 100, 400),
		})}
		got := evaluate(w, located(home))
		for id, want := range map[string]float64{"zone_depth_m": 300, "qpv_zone_depth_m": halves[0], "qrr_zone_depth_m": 300} {
			if f := got[id].Float64(); !(f > want-0.1 && f < want+0.1) {
				t.Errorf("%v: %s = %v, want %v", halves, id, f, want)
			}
		}
	}
}

// TestDeprivationSaysWhichShare: the sentence is that of the figure that was used.
func TestDeprivationSaysWhichShare(t *testing.T) {
	w := &World{Zones: NewZones(kinds, nil), Radii: DefaultRadii, Income: gridAround(4, func(int, int) (float64, float64, bool) { return 20, 5, false })}
	if got := DeprivationIs(w, located(home)); got != "poor_household_share_500m" {
		t.Errorf("in the grid: %s", got)
	}
	for _, s := range []Subject{located(at(9000, 0)), {Status: PositionTooVague, Point: home}} {
		if got := DeprivationIs(w, s); got != "commune_poor_share" {
			t.Errorf("out of the grid: %s", got)
		}
	}
}
