package web

import (
	"strconv"
	"strings"
)

// Negotiate gives the place, among the media types offered, of the one that an Accept
// header likes best (RFC 9110, 12.5.1): the first one of those that it likes as much, −1
// when it admits none. What is offered as "+json" also serves those who ask for
// application/json. Parameters other than the quality are not compared.
func Negotiate(accept string, offers []string) int {
	best, bestQ := -1, 0.0
	for i, offer := range offers {
		offer, _, _ = strings.Cut(offer, ";")
		if q := qualityOf(accept, offer); q > bestQ {
			best, bestQ = i, q
		}
	}
	return best
}

// qualityOf is how much the header likes a media type, 0 to 1: what its most specific
// range says. Without a header everything is liked.
func qualityOf(accept, mediaType string) float64 {
	if accept == "" {
		return 1
	}
	closest, q := -1, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		mediaRange, parameters, _ := strings.Cut(part, ";")
		if s := specificity(strings.TrimSpace(mediaRange), mediaType); s > closest {
			closest, q = s, quality(parameters)
		}
	}
	return q
}

// specificity of a media range for a type: −1 when it does not match.
func specificity(mediaRange, mediaType string) int {
	major, _, _ := strings.Cut(mediaType, "/")
	wide, isWide := strings.CutSuffix(mediaRange, "/*")
	switch {
	case strings.EqualFold(mediaRange, mediaType):
		return 3
	case strings.EqualFold(mediaRange, TypeJSON) && strings.HasSuffix(mediaType, "+json"):
		return 2
	case isWide && strings.EqualFold(wide, major):
		return 1
	case mediaRange == "*/*":
		return 0
	default:
		return -1
	}
}

// quality is the parameter q of a media range; 1 without one that is a number.
func quality(parameters string) float64 {
	for parameters != "" {
		var p string
		p, parameters, _ = strings.Cut(parameters, ";")
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 1
			}
			return q
		}
	}
	return 1
}
