package repair

import (
	"slices"

	"vigie/geo/overlay/boxsweep"

	"github.com/paulmach/orb"
)

// edge is the segment of rings[ring] from its position i to the next.
type edge struct{ ring, i int }

// touch is a point that two edges have in common, an end of at least one of them; of one ring
// at two visits, or of two rings.
type touch struct {
	a, b edge
	at   orb.Point
}

// contact is the worst way in which two rings meet, and where: crossing, else overlapping.
type contact struct {
	how meeting
	at  orb.Point
}

// inspection looks for what makes simple features invalid among closed rings.
//
// Edges are compared pairwise for crossings, common stretches and touches. Where rings do not
// cross, the side on which one lies of another is read off the edges around a touch, or else
// off any of its positions. Rings that touch leave the interior in one piece exactly when the
// graph of rings and touching points has no cycle.
type inspection struct {
	rings []*ring
	// report receives (kind, the later ring, place); false ends the inspection.
	report func(k Kind, ring int, at orb.Point) bool
	// compare tells whether the edges of two rings are of interest to each other.
	compare func(r, s int) bool
	// met names two different rings with an edge that crosses or runs along one of the other.
	met func(r, s int, how meeting) Kind

	// filled by sweep
	touches []touch
	pairs   map[[2]int]contact // rings that cross or run along each other, the earlier first
	spikes  map[orb.Point]bool
	places  int // where edges meet
	tangled bool
	stopped bool
}

func (x *inspection) say(k Kind, ring int, at orb.Point) bool {
	if !x.stopped {
		x.stopped = !x.report(k, ring, at)
	}
	return !x.stopped
}

// sweep compares edges and reports what they say by themselves.
func (x *inspection) sweep() {
	n := 0
	for _, r := range x.rings {
		n += len(r.points) - 1
	}
	edges := make([]edge, 0, n)
	boxes := make([]boxsweep.Box[float64], 0, n)
	for k, r := range x.rings {
		for i := range len(r.points) - 1 {
			edges = append(edges, edge{k, i})
			p, q := r.points[i], r.points[i+1]
			boxes = append(boxes, boxsweep.Of(p[0], p[1], q[0], q[1]))
		}
	}
	boxsweep.Pairs(boxes, func(i, j int) bool {
		if i > j {
			i, j = j, i
		}
		a, b := edges[i], edges[j]
		switch {
		case x.places > MaxCrossings:
			x.tangled = true
			return false
		case !x.compare(a.ring, b.ring):
			return true
		case a.ring == b.ring:
			return x.sameRing(a, b)
		}
		return x.twoRings(a, b)
	})
	x.sides()
}

func (x *inspection) ends(e edge) (orb.Point, orb.Point) {
	r := x.rings[e.ring].points
	return r[e.i], r[e.i+1]
}

// meeting is meet, counted.
func (x *inspection) meeting(a, b, c, d orb.Point) (meeting, orb.Point) {
	how, at := meet(a, b, c, d)
	if how != apart {
		x.places++
	}
	return how, at
}

// sameRing compares two edges of one ring, a before b.
func (x *inspection) sameRing(a, b edge) bool {
	p, q := x.ends(a)
	r, s := x.ends(b)
	n := len(x.rings[a.ring].points) - 1
	switch {
	case b.i == a.i+1:
		return x.corner(a.ring, p, q, s)
	case a.i == 0 && b.i == n-1:
		return x.corner(a.ring, r, p, q)
	}
	how, at := x.meeting(p, q, r, s)
	switch how {
	case crossing, overlapping:
		return x.say(SelfCrossing, a.ring, at)
	case touching:
		x.touches = append(x.touches, touch{a, b, at})
	}
	return true
}

// corner reports a spike at v, where the way back from u to w has the direction it came from.
func (x *inspection) corner(ring int, u, v, w orb.Point) bool {
	if orient(u, v, w) != 0 || !inBox(u, v, w) && !inBox(w, v, u) {
		return true
	}
	if x.spikes == nil {
		x.spikes = map[orb.Point]bool{}
	}
	x.spikes[u], x.spikes[v], x.spikes[w] = true, true, true
	return x.say(Spike, ring, v)
}

func (x *inspection) twoRings(a, b edge) bool {
	p, q := x.ends(a)
	r, s := x.ends(b)
	how, at := x.meeting(p, q, r, s)
	switch how {
	case touching:
		x.touches = append(x.touches, touch{a, b, at})
	case crossing, overlapping:
		return x.pair(a.ring, b.ring, how, at)
	}
	return true
}

// pair notes and reports that two different rings cross or run along each other.
func (x *inspection) pair(r, s int, how meeting, at orb.Point) bool {
	if x.pairs == nil {
		x.pairs = map[[2]int]contact{}
	}
	if old, ok := x.pairs[[2]int{r, s}]; !ok || how < old.how || how == old.how && comparePoints(at, old.at) < 0 {
		x.pairs[[2]int{r, s}] = contact{how, at}
	}
	return x.say(x.met(r, s, how), s, at)
}

// sides tells touches from crossings at a vertex, and keeps one touch for each point and pair
// of rings, touches of rings with themselves reported.
func (x *inspection) sides() {
	type key struct {
		a, b int
		at   orb.Point
	}
	var seen map[key]bool
	kept := x.touches[:0]
	for _, t := range x.touches {
		k := key{t.a.ring, t.b.ring, t.at}
		if x.stopped || seen[k] || x.meet(k.a, k.b) {
			continue
		}
		if seen == nil {
			seen = map[key]bool{}
		}
		seen[k] = true
		before, after := x.around(t.b, t.at)
		crosses := x.leftOf(t.a, t.at, before) != x.leftOf(t.a, t.at, after)
		switch {
		case k.a == k.b && x.spikes[t.at]:
		case k.a == k.b && crosses:
			x.say(SelfCrossing, k.a, t.at)
		case k.a == k.b:
			x.say(SelfTouching, k.a, t.at)
		case crosses:
			x.pair(k.a, k.b, crossing, t.at)
		default:
			kept = append(kept, t)
		}
	}
	x.touches = slices.DeleteFunc(kept, func(t touch) bool { return x.meet(t.a.ring, t.b.ring) })
}

// meet tells whether two rings cross or run along each other.
func (x *inspection) meet(r, s int) bool {
	_, ok := x.pairs[[2]int{min(r, s), max(r, s)}]
	return ok
}

// around returns the positions before and after a point of an edge along its ring.
func (x *inspection) around(e edge, at orb.Point) (before, after orb.Point) {
	r := x.rings[e.ring].points
	n := len(r) - 1
	switch at {
	case r[e.i]:
		return r[(e.i+n-1)%n], r[e.i+1]
	case r[e.i+1]:
		return r[e.i], r[(e.i+2)%n]
	}
	return r[e.i], r[e.i+1]
}

// leftOf tells whether the direction from at to p lies left of the way of e's ring through at;
// it is not a direction of that way.
func (x *inspection) leftOf(e edge, at, p orb.Point) bool {
	before, after := x.around(e, at)
	in, out := orient(before, at, p), orient(at, after, p)
	switch orient(before, at, after) {
	case 1:
		return in > 0 && out > 0
	case -1:
		return in > 0 || out > 0
	}
	return in > 0
}

// within tells whether ring s lies inside ring r; they do not cross or run along each other.
func (x *inspection) within(s, r int) bool {
	outer, inner := x.rings[r], x.rings[s]
	if !outer.bound.Intersects(inner.bound) {
		return false
	}
	for _, t := range x.touches {
		a, b := t.a, t.b
		if a.ring == s && b.ring == r {
			a, b = b, a
		}
		if a.ring == r && b.ring == s {
			before, _ := x.around(b, t.at)
			return x.leftOf(a, t.at, before) == outer.ccw
		}
	}
	return inside(inner.points[0], outer.points)
}

// inspectPolygon reports what makes one polygon invalid, once for each place, until report
// returns false.
func inspectPolygon(p polygon, report func(Fix) bool) {
	if len(p.rings) == 0 {
		return
	}
	rings := make([]*ring, len(p.rings))
	for i := range p.rings {
		rings[i] = &p.rings[i]
	}
	isShell := func(r int) bool { return rings[r].index == 0 }
	x := inspection{
		rings: rings,
		report: func(k Kind, r int, at orb.Point) bool {
			return report(Fix{Kind: k, Polygon: p.index, Ring: rings[r].index, At: at, Count: 1})
		},
		compare: func(_, _ int) bool { return true },
		met: func(r, _ int, how meeting) Kind {
			switch {
			case !isShell(r):
				return HolesMeeting
			case how == crossing:
				return HoleCrossingShell
			}
			return HoleAlongShell
		},
	}
	sound := true
	outer := x.report
	x.report = func(k Kind, r int, at orb.Point) bool { sound = false; return outer(k, r, at) }
	x.sweep()
	if x.tangled {
		x.say(TooTangled, 0, p.rings[0].points[0])
		return
	}
	for s := range rings {
		if isShell(s) || x.stopped {
			continue
		}
		switch {
		case !isShell(0), !x.meet(0, s) && !x.within(s, 0):
			x.say(HoleOutsideShell, s, rings[s].points[0])
		}
		for r := range rings {
			if r == s || isShell(r) || x.meet(r, s) {
				continue
			}
			if x.within(s, r) {
				x.say(NestedHoles, s, rings[s].points[0])
			}
		}
	}
	if sound {
		x.connected()
	}
}

// connected reports the first touch that closes a cycle of rings and touching points.
func (x *inspection) connected() {
	parent := make([]int, len(x.rings), len(x.rings)+len(x.touches))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	nodes := map[orb.Point]int{}
	linked := map[[2]int]bool{}
	for _, t := range x.touches {
		node, ok := nodes[t.at]
		if !ok {
			node = len(parent)
			nodes[t.at] = node
			parent = append(parent, node)
		}
		for _, r := range []int{t.a.ring, t.b.ring} {
			if linked[[2]int{r, node}] {
				continue
			}
			linked[[2]int{r, node}] = true
			a, b := root(r), root(node)
			if a == b {
				x.say(DisconnectedInterior, t.b.ring, t.at)
				return
			}
			parent[a] = b
		}
	}
}
