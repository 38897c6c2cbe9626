package shapefile

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// maxNesting bounds the vertex-against-edge tests spent on the rings of one
// record: some seconds at most for a hostile file, far above any real one.
const maxNesting = 200_000_000

// polygons groups the rings of one record. In a shapefile the rings of a record
// are in no order and only their orientation tells shells (clockwise) from holes.
// A hole goes to the smallest shell that contains it. A hole without a shell
// stays with the shell before it (the first one else), and rings that have no
// shell at all stay together: the repair of geometry, which reads the rings of a
// polygon by the even-odd rule, then decides.
func polygons(rings []orb.Ring) orb.MultiPolygon {
	if len(rings) == 0 {
		return nil
	}
	areas := make([]float64, len(rings))
	var shells []int
	for i, r := range rings {
		if areas[i] = signedArea(r); areas[i] < 0 {
			shells = append(shells, i)
		}
	}
	if len(shells) <= 1 {
		if len(shells) == 1 && shells[0] > 0 {
			ordered := make(orb.Polygon, 0, len(rings))
			ordered = append(ordered, rings[shells[0]])
			ordered = append(ordered, rings[:shells[0]]...)
			return orb.MultiPolygon{append(ordered, rings[shells[0]+1:]...)}
		}
		return orb.MultiPolygon{orb.Polygon(rings)}
	}

	grouped := make(orb.MultiPolygon, len(shells))
	bounds := make([]orb.Bound, len(shells))
	for s, i := range shells {
		grouped[s] = orb.Polygon{rings[i]}
		bounds[s] = rings[i].Bound()
	}
	budget := maxNesting
	previous := 0
	for i, hole := range rings {
		if areas[i] < 0 {
			for s := range shells {
				if shells[s] == i {
					previous = s
				}
			}
			continue
		}
		home, smallest := previous, 0.0
		box := hole.Bound()
		for s, j := range shells {
			if -areas[j] < areas[i] || smallest != 0 && -areas[j] >= smallest || !contains(bounds[s], box) {
				continue
			}
			if budget -= len(hole) * len(rings[j]); budget < 0 {
				return orb.MultiPolygon{orb.Polygon(rings)}
			}
			if within(hole, rings[j]) {
				home, smallest = s, -areas[j]
			}
		}
		grouped[home] = append(grouped[home], hole)
	}
	return grouped
}

func contains(outer, inner orb.Bound) bool {
	return outer.Contains(inner.Min) && outer.Contains(inner.Max)
}

// within tells whether every vertex of hole is in or on shell: a hole may touch
// its shell, and touches its neighbours' shells in places only.
func within(hole, shell orb.Ring) bool {
	for _, p := range hole {
		if !planar.RingContains(shell, p) {
			return false
		}
	}
	return true
}

// signedArea is positive for a counter-clockwise ring. It is computed from the
// first vertex, because projected coordinates are large and rings small.
func signedArea(r orb.Ring) float64 {
	if len(r) < 3 {
		return 0
	}
	o, sum := r[0], 0.0
	for i := 1; i+1 < len(r); i++ {
		sum += (r[i][0]-o[0])*(r[i+1][1]-o[1]) - (r[i+1][0]-o[0])*(r[i][1]-o[1])
	}
	return sum / 2
}
