package ingest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/repair"
)

// repairText says what was wrong and what was done.
func repairText(k repair.Kind) data.Text {
	switch k {
	case repair.NonFinite:
		return data.Text{FR: "Coordonnée qui n’est pas un nombre fini\u00a0: la position est laissée de côté.", EN: "A coordinate is not a finite number: the position is left out."}
	case repair.OutOfRange:
		return data.Text{FR: "Coordonnée hors des degrés possibles\u00a0: la position est laissée de côté.", EN: "A coordinate is out of the range of degrees: the position is left out."}
	case repair.UnclosedRing:
		return data.Text{FR: "Contour non fermé\u00a0: il a été fermé.", EN: "Unclosed ring: it was closed."}
	case repair.RepeatedPoint:
		return data.Text{FR: "Position répétée\u00a0: elle n’est gardée qu’une fois.", EN: "Repeated position: it is kept once."}
	case repair.TooFewPoints:
		return data.Text{FR: "Contour de moins de trois positions, sans surface\u00a0: il est laissé de côté.", EN: "Ring of fewer than three positions, without area: it is left out."}
	case repair.Orientation:
		return data.Text{FR: "Contour tracé à l’envers\u00a0: son sens a été inversé.", EN: "Ring drawn the wrong way round: it was reversed."}
	case repair.Spike:
		return data.Text{FR: "Pointe sans surface\u00a0: elle a été coupée.", EN: "Spike without area: it was cut off."}
	case repair.SelfCrossing:
		return data.Text{FR: "Contour qui se croise\u00a0: il a été redessiné selon la règle pair-impair.", EN: "Ring that crosses itself: it was redrawn by the even-odd rule."}
	case repair.SelfTouching:
		return data.Text{FR: "Contour qui se touche en un point\u00a0: il y a été séparé.", EN: "Ring that touches itself at a point: it was split there."}
	case repair.HoleOutsideShell:
		return data.Text{FR: "Trou hors de son enveloppe\u00a0: il est devenu une partie de la zone.", EN: "Hole outside its shell: it became a part of the zone."}
	case repair.HoleCrossingShell:
		return data.Text{FR: "Trou qui croise son enveloppe\u00a0: ce qui dépasse est devenu une partie de la zone.", EN: "Hole that crosses its shell: what lies outside became a part of the zone."}
	case repair.HoleAlongShell:
		return data.Text{FR: "Trou qui longe son enveloppe\u00a0: le contour a été redessiné.", EN: "Hole that runs along its shell: the outline was redrawn."}
	case repair.HolesMeeting:
		return data.Text{FR: "Trous qui se croisent\u00a0: ils ont été redessinés selon la règle pair-impair.", EN: "Holes that meet: they were redrawn by the even-odd rule."}
	case repair.NestedHoles:
		return data.Text{FR: "Trou dans un trou\u00a0: il est devenu un îlot de la zone.", EN: "Hole inside a hole: it became an island of the zone."}
	case repair.DisconnectedInterior:
		return data.Text{FR: "Intérieur en plusieurs morceaux\u00a0: chacun est devenu une partie.", EN: "Interior in several pieces: each became a part."}
	case repair.OverlappingParts:
		return data.Text{FR: "Parties qui se recouvrent\u00a0: elles ont été réunies, rien n’est retranché.", EN: "Parts that overlap: they were united, nothing is taken away."}
	case repair.AdjoiningParts:
		return data.Text{FR: "Parties qui ont un bord commun\u00a0: elles ont été réunies.", EN: "Parts with a stretch of border in common: they were united."}
	case repair.ZeroArea:
		return data.Text{FR: "Contour sans surface\u00a0: il est laissé de côté.", EN: "Ring without area: it is left out."}
	}
	return data.Text{FR: "Géométrie corrigée (" + string(k) + ").", EN: "Geometry repaired (" + string(k) + ")."}
}

// cosmetic tells whether a fix changes nothing of what an outline covers.
func cosmetic(k repair.Kind) bool { return k == repair.Orientation || k == repair.RepeatedPoint }

// clockwiseFormat draws outer rings clockwise, by its specification: that is no finding.
const clockwiseFormat = "shapefile"

// cosmeticFix counts the records with a cosmetic fix, and locates the first.
type cosmeticFix struct {
	records int
	first   data.Problem
}

func (r *reader) countCosmetic(record string, report repair.Report, loc source.Location) {
	counted := map[repair.Kind]bool{}
	for _, fix := range report.Fixes {
		if !cosmetic(fix.Kind) || counted[fix.Kind] || fix.Kind == repair.Orientation && r.format.ID() == clockwiseFormat {
			continue
		}
		counted[fix.Kind] = true
		if r.cosmetic == nil {
			r.cosmetic = map[repair.Kind]*cosmeticFix{}
		}
		c := r.cosmetic[fix.Kind]
		if c == nil {
			c = &cosmeticFix{first: at(loc, data.Problem{
				Severity: data.SeverityInfo, Code: string(fix.Kind), Record: data.Clip(record), Value: position(fix.At[0], fix.At[1]),
			})}
			r.cosmetic[fix.Kind] = c
		}
		c.records++
	}
}

// cosmeticNotes tells each kind of cosmetic fix once, at the first record that has it;
// all its records are in the count of the code.
func (r *reader) cosmeticNotes() {
	for _, kind := range []repair.Kind{repair.Orientation, repair.RepeatedPoint} {
		c := r.cosmetic[kind]
		if c == nil {
			continue
		}
		p := c.first
		p.Message = repairText(kind)
		p.Message.FR += fmt.Sprintf(" %d enregistrements, celui-ci le premier\u00a0; leur surface ne change pas.", c.records)
		p.Message.EN += fmt.Sprintf(" %d records, this one the first; their area does not change.", c.records)
		r.found.add(p)
		r.found.counts[p.Code] += c.records - 1
	}
}

// repairProblems makes one problem of each kind of fix made to a record, cosmetic ones
// aside. When nothing with an area is left, the record is lost, which is an error.
func repairProblems(record string, report repair.Report, lost bool) []data.Problem {
	var problems []data.Problem
	index := map[repair.Kind]int{}
	places := map[repair.Kind]int{}
	overlap := 0.0
	for _, fix := range report.Fixes {
		places[fix.Kind] += max(fix.Count, 1)
		overlap += fix.Area
		if _, known := index[fix.Kind]; known || cosmetic(fix.Kind) {
			continue
		}
		index[fix.Kind] = len(problems)
		problems = append(problems, data.Problem{
			Severity: data.SeverityWarning, Code: string(fix.Kind), Record: data.Clip(record),
			Value: position(fix.At[0], fix.At[1]), Message: repairText(fix.Kind),
		})
	}
	fr, en := areaChange(report)
	for kind, i := range index {
		m := &problems[i].Message
		if n := places[kind]; n > 1 {
			m.FR += fmt.Sprintf(" En %d endroits.", n)
			m.EN += fmt.Sprintf(" In %d places.", n)
		}
		if kind == repair.OverlappingParts && overlap >= 0.005 {
			areaFR, areaEN := squareMetres(overlap)
			m.FR += " La règle pair-impair y aurait perdu " + areaFR + "."
			m.EN += " The even-odd rule would have lost " + areaEN + " there."
		}
		m.FR += " " + fr
		m.EN += " " + en
	}
	if !lost {
		return problems
	}
	before, beforeEN := squareMetres(math.Abs(report.AreaBefore))
	zero := data.Problem{
		Severity: data.SeverityError, Code: string(repair.ZeroArea), Record: data.Clip(record),
		Message: data.Text{
			FR: "La zone n’a pas de surface (" + before + ", moins de 1 m² après correction)\u00a0: elle est REJETÉE et n’apparaîtra pas sur la carte.",
			EN: "The zone has no area (" + beforeEN + ", less than 1 m² once repaired): it is REJECTED and will not be on the map.",
		},
	}
	if i, ok := index[repair.ZeroArea]; ok {
		zero.Value = problems[i].Value
		problems[i] = zero
		return problems
	}
	return append(problems, zero)
}

// position writes a point of a public outline as longitude, latitude.
func position(lon, lat float64) string {
	if lon == 0 && lat == 0 || math.IsNaN(lon+lat) || math.IsInf(lon+lat, 0) {
		return ""
	}
	return strconv.FormatFloat(lon, 'f', 6, 64) + ", " + strconv.FormatFloat(lat, 'f', 6, 64)
}

// areaChange tells the area before and after. Before is the sum of the rings as drawn, which
// may be far off, even negative, for an outline that is not valid.
func areaChange(report repair.Report) (fr, en string) {
	beforeFR, beforeEN := squareMetres(report.AreaBefore)
	afterFR, afterEN := squareMetres(report.AreaAfter)
	changeFR, changeEN := squareMetres(report.Change())
	if report.Change() > 0 && changeEN != "0\u00a0m²" {
		changeFR, changeEN = "+"+changeFR, "+"+changeEN
	}
	return "Somme des anneaux\u00a0: " + beforeFR + "\u00a0; surface retenue\u00a0: " + afterFR + " (" + changeFR + ").",
		"Sum of the rings: " + beforeEN + "; area kept: " + afterEN + " (" + changeEN + ")."
}

// squareMetres writes an area to the m², or to the cm² below 1 m².
func squareMetres(a float64) (fr, en string) {
	decimals := 0
	if math.Abs(a) < 10 {
		decimals = 2
	}
	s := strconv.FormatFloat(math.Abs(a), 'f', decimals, 64)
	if strings.Trim(s, "0.") == "" {
		s = "0"
	}
	whole, fraction, _ := strings.Cut(s, ".")
	sign := ""
	if a < 0 && s != "0" {
		sign = "−"
	}
	fr, en = group(whole, "\u202f"), group(whole, ",")
	if fraction != "" {
		fr, en = fr+","+fraction, en+"."+fraction
	}
	return sign + fr + "\u00a0m²", sign + en + "\u00a0m²"
}

// group separates the digits of a whole number by thousands.
func group(digits, separator string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}
