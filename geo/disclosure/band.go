package disclosure

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"vigie/geo/exposure"
)

// Scale is a fixed list of bands of an indicator. It is published, and never drawn from
// the values that it bands.
type Scale struct {
	upper []float64 // of all bands but the last; ends belong to the band below
	bands []Band
}

// Band is what a masked viewer gets instead of a value.
type Band struct {
	// Code is stable: "eq0" for none, "le250" up to 250, "gt5000" beyond the last break,
	// "fifth1" for the lowest fifth.
	Code  string
	Label exposure.Text
}

// DistanceScale has bands of metres: 0, up to 250, 500, 1,000, 2,000 and 5,000, beyond.
func DistanceScale() Scale {
	return breaks([]float64{0, 250, 500, 1000, 2000, 5000}, 1, "\u00a0m", " m")
}

// ShareScale has bands of ratios and probabilities (0–1): 0, up to 10, 25 and 50 %, beyond.
// Codes are in percent.
func ShareScale() Scale { return breaks([]float64{0, 10, 25, 50}, 100, "\u00a0%", "%") }

// CountScale has bands of counts: 0, 1–2, 3–5, beyond.
func CountScale() Scale {
	return Scale{upper: []float64{0, 2, 5}, bands: []Band{
		{"eq0", exposure.Text{FR: "0", EN: "0"}},
		{"le2", exposure.Text{FR: "1 ou 2", EN: "1 or 2"}},
		{"le5", exposure.Text{FR: "3 à 5", EN: "3 to 5"}},
		{"gt5", exposure.Text{FR: "plus de 5", EN: "more than 5"}},
	}}
}

// FifthScale has the five bands between four published breaks, which must ascend.
func FifthScale(breaks [4]float64) (Scale, error) {
	for i, b := range breaks {
		if math.IsNaN(b) || math.IsInf(b, 0) || i > 0 && b <= breaks[i-1] {
			return Scale{}, fmt.Errorf("breaks %v of fifths do not ascend", breaks)
		}
	}
	return Scale{upper: breaks[:], bands: []Band{
		{"fifth1", exposure.Text{FR: "1er cinquième (valeurs les plus basses)", EN: "1st fifth (lowest values)"}},
		{"fifth2", exposure.Text{FR: "2e cinquième", EN: "2nd fifth"}},
		{"fifth3", exposure.Text{FR: "3e cinquième", EN: "3rd fifth"}},
		{"fifth4", exposure.Text{FR: "4e cinquième", EN: "4th fifth"}},
		{"fifth5", exposure.Text{FR: "5e cinquième (valeurs les plus hautes)", EN: "5th fifth (highest values)"}},
	}}, nil
}

// breaks makes a scale of 0 and the parts between breaks, in units of 1/per.
func breaks(upper []float64, per float64, fr, en string) Scale {
	s := Scale{bands: []Band{{"eq0", exposure.Text{FR: "0" + fr, EN: "0" + en}}}}
	for i, u := range upper {
		s.upper = append(s.upper, u/per)
		if i == 0 {
			continue
		}
		below, label := upper[i-1], exposure.Text{FR: "jusqu’à " + thousands(u, "\u202f") + fr, EN: "up to " + thousands(u, ",") + en}
		if below > 0 {
			label = exposure.Text{
				FR: "de " + thousands(below, "\u202f") + " à " + thousands(u, "\u202f") + fr,
				EN: thousands(below, ",") + " to " + thousands(u, ",") + en,
			}
		}
		s.bands = append(s.bands, Band{"le" + thousands(u, ""), label})
	}
	last := upper[len(upper)-1]
	s.bands = append(s.bands, Band{"gt" + thousands(last, ""), exposure.Text{
		FR: "plus de " + thousands(last, "\u202f") + fr, EN: "more than " + thousands(last, ",") + en,
	}})
	return s
}

// thousands writes a whole number below a million.
func thousands(v float64, separator string) string {
	digits := strconv.Itoa(int(v))
	if cut := len(digits) - 3; cut > 0 {
		return strings.Join([]string{digits[:cut], digits[cut:]}, separator)
	}
	return digits
}

// Bands lists the bands from the lowest.
func (s Scale) Bands() []Band { return slices.Clone(s.bands) }

// Of is the index in [Scale.Bands] of the band of a value, -1 when it is NaN. A break
// belongs to the band below it, and what is below the first band to that one.
func (s Scale) Of(value float64) int {
	if math.IsNaN(value) {
		return -1
	}
	at, _ := slices.BinarySearch(s.upper, value)
	return at
}

// UnknownBand is what is shown for -1.
func UnknownBand() Band {
	return Band{"unknown", exposure.Text{FR: "inconnu", EN: "unknown"}}
}
