// Package boxsweep finds the pairs of axis-parallel boxes that meet. It is the broad phase
// of every planar algorithm of the product that compares many segments with many others:
// exact and slow tests run only on the pairs it reports.
package boxsweep

import (
	"cmp"
	"slices"
)

// Number is a coordinate: grid steps or coordinate units.
type Number interface{ ~int64 | ~float64 }

// Box is a closed axis-parallel box; MinX ≤ MaxX and MinY ≤ MaxY. A point or a line is a
// box of no width.
type Box[T Number] struct{ MinX, MinY, MaxX, MaxY T }

// Of returns the box of the segment from (x1,y1) to (x2,y2).
func Of[T Number](x1, y1, x2, y2 T) Box[T] {
	return Box[T]{MinX: min(x1, x2), MinY: min(y1, y2), MaxX: max(x1, x2), MaxY: max(y1, y2)}
}

// span is one box along the axis of the sweep (lo, hi) and across it (from, to).
type span[T Number] struct {
	lo, hi, from, to T
	index            int
}

// Pairs calls visit once for every unordered pair of boxes that share at least a point,
// with the two positions in boxes (in no particular order, the same for the same input),
// until visit returns false. Coordinates must be finite.
//
// The sweep goes along the axis where the boxes are narrower for the extent they cover:
// n log n plus the boxes that overlap on that axis.
func Pairs[T Number](boxes []Box[T], visit func(i, j int) bool) {
	if len(boxes) < 2 {
		return
	}
	spans := project(boxes)
	slices.SortFunc(spans, func(a, b span[T]) int {
		return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.index, b.index))
	})
	active := make([]span[T], 0, 64)
	for _, s := range spans {
		for k := 0; k < len(active); {
			o := &active[k]
			if o.hi < s.lo {
				active[k] = active[len(active)-1]
				active = active[:len(active)-1]
				continue
			}
			if o.from <= s.to && s.from <= o.to && !visit(o.index, s.index) {
				return
			}
			k++
		}
		active = append(active, s)
	}
}

// project lays the boxes along the better of the two axes.
func project[T Number](boxes []Box[T]) []span[T] {
	all := boxes[0]
	var sumX, sumY float64
	for _, b := range boxes {
		all = Box[T]{
			MinX: min(all.MinX, b.MinX), MinY: min(all.MinY, b.MinY),
			MaxX: max(all.MaxX, b.MaxX), MaxY: max(all.MaxY, b.MaxY),
		}
		sumX += float64(b.MaxX) - float64(b.MinX)
		sumY += float64(b.MaxY) - float64(b.MinY)
	}
	width := float64(all.MaxX) - float64(all.MinX)
	height := float64(all.MaxY) - float64(all.MinY)
	spans := make([]span[T], len(boxes))
	if sumX*height <= sumY*width {
		for i, b := range boxes {
			spans[i] = span[T]{lo: b.MinX, hi: b.MaxX, from: b.MinY, to: b.MaxY, index: i}
		}
		return spans
	}
	for i, b := range boxes {
		spans[i] = span[T]{lo: b.MinY, hi: b.MaxY, from: b.MinX, to: b.MaxX, index: i}
	}
	return spans
}
