package repair

import (
	"slices"

	"vigie/geo/overlay"

	"github.com/paulmach/orb"
)

// Fix is one kind of thing that was wrong with one ring, or one pair of polygons.
type Fix struct {
	Kind Kind
	// Polygon and Ring are 0-based positions in the multipolygon as given; Ring 0 is the outer
	// ring. Ring is -1 where a polygon as a whole is meant, and Polygon too where all are. For
	// parts that meet, Polygon is the later one.
	Polygon, Ring int
	// At is the first place found, longitude and latitude in degrees (CRS84). It is the
	// offending position for NonFinite and OutOfRange, and zero where nothing has a position.
	At orb.Point
	// Count is in how many places.
	Count int
	// Area, in m², is the area that reading all parts by the even-odd rule would have lost. It
	// is given once, on the first OverlappingParts.
	Area float64
}

// Report lists what a repair found and did.
type Report struct {
	// Fixes has one entry for each kind and ring, in the order found.
	Fixes []Fix
	// AreaBefore, in m², is what the rings as given enclose by the shoelace sum (see Area): the
	// first ring of each polygon less its other rings. Lobes of a ring that crosses itself
	// partly cancel in it, holes outside their shell are subtracted, overlaps of parts count
	// twice; so it may differ from AreaAfter, and even be negative, where no ground was lost.
	AreaBefore float64
	// AreaAfter, in m², is the area of the result.
	AreaAfter float64
}

// Change is AreaAfter − AreaBefore, in m².
func (r Report) Change() float64 { return r.AreaAfter - r.AreaBefore }

// Valid tells whether the geometry was valid as given: nothing was done to it but dropping
// repeated positions and reversing rings.
func (r Report) Valid() bool {
	return !slices.ContainsFunc(r.Fixes, func(f Fix) bool { return f.Kind.Invalid() })
}

// Has tells whether a fix of this kind was made.
func (r Report) Has(k Kind) bool {
	return slices.ContainsFunc(r.Fixes, func(f Fix) bool { return f.Kind == k })
}

// ledger gathers fixes, one entry for each kind and ring.
type ledger struct {
	fixes  []Fix
	places map[place]int
}

type place struct {
	kind          Kind
	polygon, ring int
}

// add counts a fix; it always returns true, for the inspections to go on.
func (l *ledger) add(f Fix) bool {
	at := place{f.Kind, f.Polygon, f.Ring}
	if i, ok := l.places[at]; ok {
		l.fixes[i].Count += f.Count
		return true
	}
	if l.places == nil {
		l.places = map[place]int{}
	}
	l.places[at] = len(l.fixes)
	l.fixes = append(l.fixes, f)
	return true
}

// Polygon repairs one polygon; see MultiPolygon.
func Polygon(p orb.Polygon) (orb.MultiPolygon, Report) {
	return MultiPolygon(orb.MultiPolygon{p})
}

// MultiPolygon returns mp made valid, with outer rings counter-clockwise and holes clockwise,
// and what was done. The result is empty, never nil, when less than MinArea is left or nothing
// could be made of mp: then the report has ZeroArea or TooTangled.
//
// A polygon that is valid keeps its positions, ring starts and order, and shares memory with
// mp; reversed rings are copies. mp is not modified. It cannot fail: what cannot be used is
// reported (see Kind.Lossy).
func MultiPolygon(mp orb.MultiPolygon) (orb.MultiPolygon, Report) {
	var report Report
	var fixes ledger
	var parts []part
	asGiven := true // but for repeated positions and directions
	for _, p := range clean(mp, fixes.add) {
		if len(p.rings) == 0 {
			continue
		}
		report.AreaBefore += Area(orb.MultiPolygon{p.rest()})
		sound, tangled := true, false
		inspectPolygon(p, func(f Fix) bool {
			sound, tangled = false, tangled || f.Kind == TooTangled
			return fixes.add(f)
		})
		if sound {
			parts = append(parts, part{orient7946(p, fixes.add), p.index})
			continue
		}
		asGiven = false
		if tangled {
			continue
		}
		pieces := overlay.EvenOdd(p.rest())
		if len(pieces) == 0 {
			fixes.add(Fix{Kind: ZeroArea, Polygon: p.index, At: p.rings[0].points[0], Count: 1})
		}
		for _, piece := range pieces {
			parts = append(parts, part{piece, p.index})
		}
	}
	result, united := unite(parts, fixes.add)
	report.Fixes = fixes.fixes
	report.AreaAfter = report.AreaBefore
	if united || !asGiven {
		report.AreaAfter = Area(result)
	}
	if report.AreaAfter < MinArea {
		result, report.AreaAfter = orb.MultiPolygon{}, 0
		if !report.Has(ZeroArea) && !report.Has(TooTangled) {
			at := somewhere(mp)
			report.Fixes = append(report.Fixes, Fix{Kind: ZeroArea, Polygon: -1, Ring: -1, At: at, Count: 1})
		}
	}
	return result, report
}

// orient7946 returns a valid polygon with its rings in the direction of RFC 7946.
func orient7946(p polygon, note func(Fix) bool) orb.Polygon {
	out := p.rest()
	for i, r := range p.rings {
		if r.ccw == (i == 0) {
			continue
		}
		note(Fix{Kind: Orientation, Polygon: p.index, Ring: r.index, At: r.points[0], Count: 1})
		out[i] = slices.Clone(r.points)
		slices.Reverse(out[i])
	}
	return out
}

// unite returns the parts as one valid multipolygon, and whether they had to be changed for it.
func unite(parts []part, note func(Fix) bool) (orb.MultiPolygon, bool) {
	apart := make(orb.MultiPolygon, len(parts))
	for i, p := range parts {
		apart[i] = p.polygon
	}
	found := inspectParts(parts)
	switch {
	case len(found) == 0:
		return apart, false
	case found[0].Kind == TooTangled:
		note(found[0])
		return nil, true
	}
	united := overlay.Union([]orb.MultiPolygon{apart})
	if i := slices.IndexFunc(found, func(f Fix) bool { return f.Kind == OverlappingParts }); i >= 0 {
		var rings []orb.Ring
		for _, p := range apart {
			rings = append(rings, p...)
		}
		found[i].Area = Area(united) - Area(overlay.EvenOdd(rings))
	}
	for _, f := range found {
		note(f)
	}
	return united, true
}

// somewhere is the first usable position of mp, or else zero.
func somewhere(mp orb.MultiPolygon) orb.Point {
	for _, p := range mp {
		for _, r := range p {
			for _, at := range r {
				if positionKind(at) == "" {
					return at
				}
			}
		}
	}
	return orb.Point{}
}
