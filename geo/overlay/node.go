package overlay

import (
	"cmp"
	"slices"

	"vigie/geo/overlay/boxsweep"

	"github.com/paulmach/orb"
)

// segment is an edge of one source: a set of rings that is filled by the even-odd rule.
type segment struct {
	line
	source int32
}

func compareLines(l, m line) int {
	if c := l.a.compare(m.a); c != 0 {
		return c
	}
	return l.b.compare(m.b)
}

// segmentsOf appends the edges of a ring, on the grid and closed, to segs.
func (g Grid) segmentsOf(segs []segment, r orb.Ring, source int32) []segment {
	var first, last point
	started := false
	for _, p := range r {
		if !usable(p) {
			continue
		}
		q := g.snap(p)
		if !started {
			first, started = q, true
		} else if q != last {
			segs = append(segs, segment{newLine(last, q), source})
		}
		last = q
	}
	if started && last != first {
		segs = append(segs, segment{newLine(last, first), source})
	}
	return segs
}

// cancel sorts segs and removes what an even number of coincident edges of one source
// amounts to: nothing. It works in place.
func cancel(segs []segment) []segment {
	slices.SortFunc(segs, func(s, t segment) int {
		return cmp.Or(compareLines(s.line, t.line), cmp.Compare(s.source, t.source))
	})
	kept := segs[:0]
	for i := 0; i < len(segs); {
		j := i + 1
		for j < len(segs) && segs[j] == segs[i] {
			j++
		}
		if (j-i)%2 == 1 {
			kept = append(kept, segs[i])
		}
		i = j
	}
	return kept
}

// node splits segments until they meet at their ends only, and cancels coincident edges.
// The result is sorted by line, then source.
func node(segs []segment) []segment {
	segs = cancel(segs)
	for {
		lines, counts := distinct(segs)
		cuts := findCuts(lines)
		if len(cuts) == 0 {
			return segs
		}
		segs = cancel(split(segs, lines, counts, cuts))
	}
}

// distinct returns the lines of sorted segments, each once, and how many segments share it.
func distinct(segs []segment) ([]line, []int) {
	lines := make([]line, 0, len(segs))
	counts := make([]int, 0, len(segs))
	for _, s := range segs {
		if n := len(lines); n > 0 && lines[n-1] == s.line {
			counts[n-1]++
			continue
		}
		lines = append(lines, s.line)
		counts = append(counts, 1)
	}
	return lines, counts
}

// cut is a pixel that a line must bend through.
type cut struct {
	line int
	at   point
}

// findCuts returns all pixels of ends and crossings that lines pass through, apart from
// their own ends; possibly several times.
func findCuts(lines []line) []cut {
	boxes := make([]boxsweep.Box[int64], len(lines))
	for i, l := range lines {
		boxes[i] = boxsweep.Of(l.a.x, l.a.y, l.b.x, l.b.y)
	}
	var cuts []cut
	var crossings []point
	bend := func(i int, c point) {
		if l := lines[i]; c != l.a && c != l.b && l.through(c) {
			cuts = append(cuts, cut{i, c})
		}
	}
	boxsweep.Pairs(boxes, func(i, j int) bool {
		s, t := lines[i], lines[j]
		bend(i, t.a)
		bend(i, t.b)
		bend(j, s.a)
		bend(j, s.b)
		if s.a == t.a || s.b == t.b || s.a == t.b || s.b == t.a {
			return true
		}
		if p, ok := crossing(s, t); ok && p != s.a && p != s.b && p != t.a && p != t.b {
			crossings = append(crossings, p)
		}
		return true
	})
	if len(crossings) == 0 {
		return cuts
	}
	// A crossing may also lie on the way of third lines: bending these now keeps the order of
	// lines as it was, so that bends make no new crossings.
	slices.SortFunc(crossings, point.compare)
	crossings = slices.Compact(crossings)
	for _, p := range crossings {
		boxes = append(boxes, boxsweep.Of(p.x, p.y, p.x, p.y))
	}
	boxsweep.Pairs(boxes, func(i, j int) bool {
		if i > j {
			i, j = j, i
		}
		if i < len(lines) && j >= len(lines) {
			bend(i, crossings[j-len(lines)])
		}
		return true
	})
	return cuts
}

// split bends lines through their cuts.
func split(segs []segment, lines []line, counts []int, cuts []cut) []segment {
	slices.SortFunc(cuts, func(c, d cut) int {
		if c.line != d.line {
			return cmp.Compare(c.line, d.line)
		}
		if c.at.x != d.at.x {
			return cmp.Compare(c.at.x, d.at.x)
		}
		if l := lines[c.line]; l.b.y < l.a.y {
			return cmp.Compare(d.at.y, c.at.y)
		}
		return cmp.Compare(c.at.y, d.at.y)
	})
	cuts = slices.Compact(cuts)
	out := make([]segment, 0, len(segs)+2*len(cuts))
	from := 0
	for i, l := range lines {
		shared := segs[from : from+counts[i]]
		from += counts[i]
		last := l.a
		for len(cuts) > 0 && cuts[0].line == i {
			for _, s := range shared {
				out = append(out, segment{newLine(last, cuts[0].at), s.source})
			}
			last = cuts[0].at
			cuts = cuts[1:]
		}
		for _, s := range shared {
			out = append(out, segment{newLine(last, l.b), s.source})
		}
	}
	return out
}
