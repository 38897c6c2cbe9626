package finess

import (
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// How a FINESS position becomes a precision.
//
// In the classic stock the source of the coordinates reads "level,producer,score,
// base,CRS": "1,ATLASANTE,96,BAN,EPSG:2154 …". The level is what the geocoder matched:
// 1 the house number, 2 the street, 3 a hamlet or named place, 4 the commune. The
// score, in percent, is how well the address text matched; "." with ADMIN-EXPRESS (or
// a map) means that nothing matched and the commune's centroid was taken. FINESS+
// gives instead the interoperability key of the Base Adresse Nationale, whose third
// part is the house number, and a score from 0 to 1.
//
// A good level with a poor score is worth less: below sureScore it counts as one level
// lower, below doubtfulScore as a locality.
const (
	sureScore     = 80 // percent
	doubtfulScore = 50 // percent
	// soleScore is the score from which an address without level is taken as a house number.
	soleScore = 90 // percent
)

// geocoding is what the source of the coordinates tells.
type geocoding struct {
	precision data.Precision
	score     float64 // percent, 0 when absent
	crs       string  // label
}

// parseSource reads the source of a classic FINESS position, whose parts the older
// vintages put between semicolons: the caller joins them with commas.
func parseSource(s string) geocoding {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	g := geocoding{precision: data.PrecisionUnspecified, crs: parts[len(parts)-1]}
	if len(parts) < 3 {
		return g
	}
	if f, err := source.ParseNumber(parts[2]); err == nil && f >= 0 && f <= 100 {
		g.score = f
	}
	centroid := parts[0] == "4" || parts[2] == "."
	for _, p := range parts[:len(parts)-1] {
		centroid = centroid || strings.HasPrefix(strings.ToUpper(p), "ADMIN-EXPRESS")
	}
	switch {
	case centroid:
		g.precision = data.PrecisionCommune
	case parts[0] == "1":
		g.precision = demote(data.PrecisionHouseNumber, g.score)
	case parts[0] == "2":
		g.precision = demote(data.PrecisionStreet, g.score)
	case parts[0] == "3":
		g.precision = data.PrecisionLocality
	case g.score >= soleScore:
		g.precision = data.PrecisionHouseNumber
	case g.score > 0:
		g.precision = demote(data.PrecisionStreet, g.score)
	}
	return g
}

// banPrecision reads the interoperability key of the Base Adresse Nationale
// (commune_street_number) and its score in percent.
func banPrecision(key string, score float64) data.Precision {
	switch parts := strings.Split(key, "_"); {
	case key == "":
		return data.PrecisionUnspecified
	case len(parts) >= 3:
		return demote(data.PrecisionHouseNumber, score)
	case len(parts) == 2:
		return demote(data.PrecisionStreet, score)
	}
	return data.PrecisionCommune
}

// demote lowers a precision whose score is poor; a score of 0 is an absent one.
func demote(p data.Precision, score float64) data.Precision {
	switch {
	case score == 0 || score >= sureScore:
		return p
	case score < doubtfulScore:
		return data.PrecisionLocality
	case p == data.PrecisionHouseNumber:
		return data.PrecisionStreet
	}
	return p
}

// locate gives a classic site its position. Nothing given: not located, without a problem.
func locate(l *source.Locator, s *data.Site, x, y, from string) []data.Problem {
	x, y, from = strings.TrimSpace(x), strings.TrimSpace(y), strings.TrimSpace(from)
	if x == "" && y == "" {
		return nil
	}
	g := parseSource(from)
	declared, problems := l.Label(g.crs, data.SeverityError)
	if len(problems) > 0 {
		// Without its CRS a position would be a guess: refused, by name.
		for i := range problems {
			problems[i].Message.FR += " La position est refusée ; l’établissement est gardé, non localisé."
			problems[i].Message.EN += " The position is refused; the establishment is kept, not located."
		}
		return problems
	}
	p, located, problems := l.LocateText(x, y, declared, s.DepartmentCode)
	if located {
		s.Position = &data.Position{Point: p, Precision: g.precision, Source: data.Clip(from), GeocodingScore: g.score}
	}
	return problems
}
