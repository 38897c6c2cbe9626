package finess

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// maxDisagreement is how far the two forms of one position may be apart, in metres.
const maxDisagreement = 100

// Orientations of the four coordinates of a record.
const (
	degreesInXY         = "X=lon Y=lat"
	degreesInDirections = "direction*=deg"
	degreesSwapped      = "X=lat Y=lon"
	metresOnly          = "m"
)

// locate reads coordinates whose orientation varies between flows, by range of
// values: degrees in X, Y and metres in direction*, or the reverse, in either order.
func (r *jsonRead) locate(s *data.Site, c *pair) []data.Problem {
	if c == nil {
		return nil
	}
	raw := [4]text{c.X, c.Y, c.Longitude, c.Latitude}
	var v [4]float64
	for i := range raw {
		v[i] = math.NaN()
		if raw[i] == "" {
			continue
		}
		f, err := source.ParseNumber(string(raw[i]))
		if err != nil {
			return []data.Problem{{
				Severity: data.SeverityWarning, Code: source.CodeBadCoordinates, Field: "coordonneesGeographique", Value: data.Clip(string(raw[i])),
				Message: data.Text{
					FR: "coordonnées illisibles : des nombres sont attendus. L’établissement est gardé, non localisé.",
					EN: "unreadable coordinates: numbers are expected. The establishment is kept, not located.",
				},
			}}
		}
		v[i] = f
	}
	absent := func(i int) bool { return math.IsNaN(v[i]) || math.IsNaN(v[i+1]) }
	degrees := func(i int) bool { return !absent(i) && math.Abs(v[i]) <= 180 && math.Abs(v[i+1]) <= 180 }
	var at orb.Point
	var located bool
	var problems []data.Problem
	orientation := degreesInXY
	switch {
	case absent(0) && absent(2):
		return nil
	case degrees(0):
		at, located, problems = r.locator.Locate(v[0], v[1], nil, s.DepartmentCode)
		if has(problems, source.CodeSwapped) {
			orientation, problems = degreesSwapped, without(problems, source.CodeSwapped)
		}
	case degrees(2):
		orientation = degreesInDirections
		at, located, problems = r.locator.Locate(v[2], v[3], nil, s.DepartmentCode)
		problems = append(problems, data.Problem{
			Severity: data.SeverityWarning, Code: source.CodeSwapped, Field: "coordonneesGeographique",
			Value: data.Clip(string(c.X + " " + c.Y)),
			Message: data.Text{
				FR: "coordonnées échangées : les mètres sont dans coordonneeX et Y, les degrés dans directionLongitude et Latitude. Les degrés sont pris.",
				EN: "coordinates exchanged: metres are in coordonneeX and Y, degrees in directionLongitude and Latitude. The degrees are taken.",
			},
		})
	case !absent(0):
		orientation = metresOnly
		at, located, problems = r.locator.Locate(v[0], v[1], nil, s.DepartmentCode)
	default:
		orientation = metresOnly
		at, located, problems = r.locator.Locate(v[2], v[3], nil, s.DepartmentCode)
	}
	if orientation == degreesInXY {
		r.usual++
	} else {
		r.other[orientation]++
	}
	if !located {
		return problems
	}
	score := 0.0
	if f, err := source.ParseNumber(string(c.Score)); err == nil && f > 0 && f <= 1 {
		score = math.Round(f*10_000) / 100
	}
	key := string(c.Key)
	if key == "" {
		key = string(c.OtherKey)
	}
	s.Position = &data.Position{Point: at, Precision: banPrecision(key, score), GeocodingScore: score}
	if key != "" {
		s.Position.Source = "BAN " + data.Clip(key)
	}
	if degrees(0) && !absent(2) && !degrees(2) {
		problems = append(problems, disagreement(at, v[2], v[3], s.DepartmentCode)...)
	} else if degrees(2) && !absent(0) && !degrees(0) {
		problems = append(problems, disagreement(at, v[0], v[1], s.DepartmentCode)...)
	}
	return problems
}

// disagreement compares a position with its projected form, in either order.
func disagreement(at orb.Point, x, y float64, department string) []data.Problem {
	legal, ok := crs.LegalForDepartment(department)
	if !ok {
		return nil
	}
	nearest := math.Inf(1)
	for _, v := range [2][2]float64{{x, y}, {y, x}} {
		if legal.Plausible(v[0], v[1]) {
			lon, lat := legal.ToWGS84(v[0], v[1])
			d, _ := crs.Inverse(at, orb.Point{lon, lat})
			nearest = math.Min(nearest, d)
		}
	}
	if nearest <= maxDisagreement {
		return nil
	}
	distance := "?"
	if !math.IsInf(nearest, 1) {
		distance = fmt.Sprintf("%.0f m", nearest)
	}
	return []data.Problem{{
		Severity: data.SeverityWarning, Code: "coordinates-disagree", Field: "coordonneesGeographique", Value: distance,
		Message: data.Text{
			FR: "les degrés et les mètres de cette adresse désignent deux points différents (écart " + distance + ") : les degrés sont pris.",
			EN: "the degrees and metres of this address are two different points (" + distance + " apart): the degrees are taken.",
		},
	}}
}

// orientations says, once, in which orientations coordinates came.
func (r *jsonRead) orientations(file string) {
	if len(r.other) == 0 {
		return
	}
	parts := []string{fmt.Sprintf("%s (%d)", degreesInXY, r.usual)}
	for _, o := range []string{degreesSwapped, degreesInDirections, metresOnly} {
		if n := r.other[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", o, n))
		}
	}
	list := strings.Join(parts, ", ")
	r.e.Problem(data.Problem{
		Severity: data.SeverityInfo, Code: "coordinate-orientation", File: file, Value: data.Clip(list),
		Message: data.Text{
			FR: "l’orientation des coordonnées varie dans ce flux ; elle est décidée pour chaque enregistrement par l’ordre de grandeur : " + list + ".",
			EN: "the orientation of coordinates varies in this flow; it is decided for each record by the range of values: " + list + ".",
		},
	})
}

func has(problems []data.Problem, code string) bool {
	for _, p := range problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

func without(problems []data.Problem, code string) []data.Problem {
	var kept []data.Problem
	for _, p := range problems {
		if p.Code != code {
			kept = append(kept, p)
		}
	}
	return kept
}
