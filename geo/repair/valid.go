package repair

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Problem is the first reason found why a geometry is not valid.
type Problem struct {
	Kind Kind
	// Polygon and Ring are 0-based positions in the multipolygon; Ring 0 is the outer ring. Where
	// two rings are involved it is the later one. Ring is -1 for a polygon without rings.
	Polygon, Ring int
	// At is where, longitude and latitude in degrees; it is a position with a coordinate that is
	// not a number for NonFinite, and zero where no position exists.
	At orb.Point
}

// String gives the reason in English, with the path and the place.
func (p Problem) String() string {
	return fmt.Sprintf("%s at polygon %d, ring %d, position [%.9g %.9g]", p.Kind, p.Polygon, p.Ring, p.At[0], p.At[1])
}

// Valid tells whether mp is valid in the sense of OGC Simple Features (OGC 06-103r4, 6.1.11 and
// 6.1.14) and has finite positions in the range of longitude and latitude, and if not, why.
// Like GEOS it accepts repeated positions and rings in any direction. Predicates are exact: the
// answer is that for the doubles as they are. The empty multipolygon is valid; a polygon
// without rings is not.
func Valid(mp orb.MultiPolygon) (bool, Problem) {
	var first Problem
	found := false
	keep := func(f Fix) bool {
		if f.Kind.Invalid() && !found {
			first, found = Problem{f.Kind, f.Polygon, f.Ring, f.At}, true
		}
		return !found
	}
	parts := make([]part, 0, len(mp))
	for _, p := range clean(mp, keep) {
		if !found {
			inspectPolygon(p, keep)
			parts = append(parts, part{p.rest(), p.index})
		}
	}
	if !found {
		for _, f := range inspectParts(parts) {
			keep(f)
		}
	}
	return !found, first
}
