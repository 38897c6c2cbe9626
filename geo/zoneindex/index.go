// Package zoneindex is an immutable index over polygons that answers, for a
// point, how close the nearest one is, how many meet discs around it and which
// share of each disc their union covers. It is the hot path of the product.
//
// Coordinates are longitude, latitude in degrees (CRS84); distances are metres
// in the azimuthal equidistant plane centred on the point, where edges are
// straight between the projected vertices. The search runs in the legal
// projection of the point's territory, with bounds that allow for its scale; what
// it keeps is measured in the azimuthal plane. Up to 10 km that plane is reached
// by a second-order expansion of the conformal projection at the point, whose
// error is d³/6R² (under 1 cm at 13 km); to 60 km by a third-order expansion of
// the length of a straight line of the projection; beyond, by exact geodesics.
package zoneindex

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
	"vigie/geo/overlay"
)

// MaxRadii is how many radii one Meter can measure at once.
const MaxRadii = 8

// zone is one polygon of the index.
type zone struct {
	*shape
	// union is the index of the union that this zone is part of, -1 when it overlaps no other.
	union int32
}

// union is the union of zones that overlap each other, directly or in a chain.
type union struct {
	*shape
	members []int32
}

// Index is immutable and safe for concurrent use; measure with a Meter per goroutine.
type Index struct {
	zones  []zone
	unions []union
	frames []*frame
	// overlaps are the pairs of zones whose interiors meet.
	overlaps map[pair]struct{}
}

// pair is two shapes in the order of their places in the index.
type pair struct{ a, b *shape }

// Build indexes polygons: valid (OGC), CRS84. The result refers to zones by
// their place in geoms. The geometries are not copied and must not change.
func Build(geoms []orb.MultiPolygon) *Index { return new(Index).Rebuild(geoms) }

// Rebuild indexes polygons as Build does, without doing again what ix has done for
// those that it holds already, recognised by their coordinates wherever they stand.
// ix does not change.
func (ix *Index) Rebuild(geoms []orb.MultiPolygon) *Index {
	next := &Index{zones: make([]zone, len(geoms)), overlaps: map[pair]struct{}{}}
	known := ix.byKey()
	inParallel(len(geoms), func(i int) {
		next.zones[i] = zone{shape: known.find(geoms[i]), union: -1}
		if next.zones[i].shape == nil {
			next.zones[i].shape = newShape(geoms[i])
		}
	})
	next.unite(ix)
	for i, c := range crs.Frames() {
		if f := buildFrame(i, c, next.zones, next.unions); f != nil {
			next.frames = append(next.frames, f)
		}
	}
	return next
}

// Len is the number of zones.
func (ix *Index) Len() int { return len(ix.zones) }

// inParallel calls work for 0 to n-1 on every processor.
func inParallel(n int, work func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/16)
	if workers < 2 {
		for i := range n {
			work(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				work(i)
			}
		})
	}
	wg.Wait()
}

// unite groups the zones whose interiors overlap and dissolves each group, so
// that the share of a disc counts no area twice.
func (ix *Index) unite(old *Index) {
	oldShapes := make(map[*shape]bool, len(old.zones))
	for i := range old.zones {
		oldShapes[old.zones[i].shape] = true
	}
	close := ix.neighbours()
	overlap := make([]bool, len(close))
	inParallel(len(close), func(i int) {
		a, b := ix.zones[close[i][0]].shape, ix.zones[close[i][1]].shape
		if a == b || !oldShapes[a] || !oldShapes[b] {
			overlap[i] = overlay.Overlaps(a.geometry, b.geometry)
			return
		}
		_, there := old.overlaps[pair{a, b}]
		_, back := old.overlaps[pair{b, a}]
		overlap[i] = there || back
	})
	group := newDisjointSets(len(ix.zones))
	for i, both := range close {
		if overlap[i] {
			group.join(int(both[0]), int(both[1]))
			ix.overlaps[pair{ix.zones[both[0]].shape, ix.zones[both[1]].shape}] = struct{}{}
		}
	}
	members := map[int][]int32{}
	for i := range ix.zones {
		r := group.find(i)
		members[r] = append(members[r], int32(i))
	}
	for i := range ix.zones {
		m := members[i]
		if len(m) < 2 {
			continue
		}
		for _, z := range m {
			ix.zones[z].union = int32(len(ix.unions))
		}
		ix.unions = append(ix.unions, union{members: m})
	}
	inParallel(len(ix.unions), func(i int) {
		u := &ix.unions[i]
		if u.shape = old.unionOf(ix, u.members); u.shape != nil {
			return
		}
		parts := make([]orb.MultiPolygon, len(u.members))
		for j, z := range u.members {
			parts[j] = ix.zones[z].geometry
		}
		u.shape = newShape(overlay.Union(parts))
	})
}

// neighbours are the pairs of zones whose rectangles meet, by a sweep eastwards.
func (ix *Index) neighbours() [][2]int32 {
	order := make([]int32, len(ix.zones))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		switch west, other := ix.zones[a].bound.Min[0], ix.zones[b].bound.Min[0]; {
		case west < other:
			return -1
		case west > other:
			return 1
		}
		return int(a - b)
	})
	var found [][2]int32
	for i, a := range order {
		first := &ix.zones[a].bound
		for _, b := range order[i+1:] {
			second := &ix.zones[b].bound
			if second.Min[0] > first.Max[0] {
				break
			}
			if second.Min[1] <= first.Max[1] && second.Max[1] >= first.Min[1] {
				found = append(found, [2]int32{min(a, b), max(a, b)})
			}
		}
	}
	return found
}

// unionOf finds in ix the union of the same shapes as these zones of next; nil when there is none.
func (ix *Index) unionOf(next *Index, members []int32) *shape {
	first := next.zones[members[0]].shape
	for _, u := range ix.unions {
		if len(u.members) != len(members) {
			continue
		}
		same := false
		for _, z := range u.members {
			same = same || ix.zones[z].shape == first
		}
		if !same {
			continue
		}
		shapes := map[*shape]int{}
		for _, z := range u.members {
			shapes[ix.zones[z].shape]++
		}
		for _, z := range members {
			shapes[next.zones[z].shape]--
		}
		for _, n := range shapes {
			same = same && n == 0
		}
		if same {
			return u.shape
		}
	}
	return nil
}

// disjointSets is union–find with path halving; the root is the smallest member.
type disjointSets []int

func newDisjointSets(n int) disjointSets {
	s := make(disjointSets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s disjointSets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s disjointSets) join(a, b int) {
	a, b = s.find(a), s.find(b)
	s[max(a, b)] = min(a, b)
}
