package repair

import (
	"cmp"
	"slices"

	"vigie/geo/overlay"
	"vigie/geo/overlay/boxsweep"

	"github.com/paulmach/orb"
)

// part is a valid polygon and the place in the multipolygon of the polygon it came from.
type part struct {
	polygon orb.Polygon
	origin  int
}

// inspectParts returns a finding for each pair of origins whose parts overlap or have a
// stretch of border in common, in the order of the later polygon. Parts of one origin are
// taken not to.
func inspectParts(parts []part) []Fix {
	if !slices.ContainsFunc(parts, func(p part) bool { return p.origin != parts[0].origin }) {
		return nil
	}
	var rings []*ring
	var owner []int                       // ring → part
	first := make([]int, 0, len(parts)+1) // part → its shell among rings
	boxes := make([]boxsweep.Box[float64], 0, len(parts))
	for i, p := range parts {
		first = append(first, len(rings))
		for j, points := range p.polygon {
			r := newRing(points, j)
			rings = append(rings, &r)
			owner = append(owner, i)
		}
		b := rings[first[i]].bound
		boxes = append(boxes, boxsweep.Of(b.Min[0], b.Min[1], b.Max[0], b.Max[1]))
	}
	first = append(first, len(rings))
	x := inspection{
		rings:   rings,
		compare: func(r, s int) bool { return parts[owner[r]].origin != parts[owner[s]].origin },
		met:     func(_, _ int, _ meeting) Kind { return "" },
		report:  func(_ Kind, _ int, _ orb.Point) bool { return true },
	}
	x.sweep()
	if x.tangled {
		return []Fix{{Kind: TooTangled, Polygon: -1, Ring: -1, At: parts[0].polygon[0][0], Count: 1}}
	}

	contacts := map[[2]int]contact{} // between parts
	for rs, c := range x.pairs {
		key := [2]int{owner[rs[0]], owner[rs[1]]}
		if old, ok := contacts[key]; !ok || c.how < old.how || c.how == old.how && comparePoints(c.at, old.at) < 0 {
			contacts[key] = c
		}
	}
	found := map[[2]int]Fix{} // between origins
	boxsweep.Pairs(boxes, func(i, j int) bool {
		i, j = min(i, j), max(i, j)
		a, b := parts[i].origin, parts[j].origin
		if a == b {
			return true
		}
		kind, at := Kind(""), orb.Point{}
		c, contact := contacts[[2]int{i, j}]
		switch {
		case contact && c.how == crossing:
			kind, at = OverlappingParts, c.at
		case contact:
			kind, at = AdjoiningParts, c.at
			if overlay.Overlaps(orb.MultiPolygon{parts[i].polygon}, orb.MultiPolygon{parts[j].polygon}) {
				kind = OverlappingParts
			}
		case x.covers(first[i], first[i+1], first[j]):
			kind, at = OverlappingParts, parts[j].polygon[0][0]
		case x.covers(first[j], first[j+1], first[i]):
			kind, at = OverlappingParts, parts[i].polygon[0][0]
		default:
			return true
		}
		key := [2]int{min(a, b), max(a, b)}
		if old, ok := found[key]; !ok || old.Kind == AdjoiningParts && kind == OverlappingParts {
			found[key] = Fix{Kind: kind, Polygon: key[1], At: at, Count: 1}
		}
		return true
	})
	keys := make([][2]int, 0, len(found))
	for k := range found {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(k, l [2]int) int { return cmp.Or(cmp.Compare(k[1], l[1]), cmp.Compare(k[0], l[0])) })
	fixes := make([]Fix, 0, len(keys))
	for _, k := range keys {
		fixes = append(fixes, found[k])
	}
	return fixes
}

// covers tells whether the polygon of the rings from shell up to end covers ring s, which is
// in none of its holes; the rings neither cross nor run along each other.
func (x *inspection) covers(shell, end, s int) bool {
	if !x.within(s, shell) {
		return false
	}
	for hole := shell + 1; hole < end; hole++ {
		if x.within(s, hole) {
			return false
		}
	}
	return true
}

func comparePoints(p, q orb.Point) int {
	return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]))
}
