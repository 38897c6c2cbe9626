package zoneindex

import "math"

// segmentDistance2 is the squared distance from the origin to the segment a–b.
func segmentDistance2(ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	t := -(ax*dx + ay*dy)
	l := dx*dx + dy*dy
	switch {
	case t <= 0 || l == 0:
		return ax*ax + ay*ay
	case t >= l:
		return bx*bx + by*by
	}
	c := ax*by - ay*bx
	return c * c / l
}

// discTerm is what one boundary edge a–b adds to the area of (region ∩ disc of
// radius r centred on the origin), by Green's theorem on the part of the edge
// that lies in the disc:
//
//	½ (p×q − r²·∠(p,q)), p and q the ends of that part.
//
// The terms of a whole boundary, plus πr² when the origin is inside the region,
// are the exact area; an edge outside the disc adds nothing.
func discTerm(ax, ay, bx, by, r2 float64) float64 {
	dx, dy := bx-ax, by-ay
	l := dx*dx + dy*dy
	if l == 0 {
		return 0
	}
	// |a + t·d|² = r²
	h := ax*dx + ay*dy
	c := ax*ax + ay*ay - r2
	disc := h*h - l*c
	if disc <= 0 {
		return 0
	}
	s := math.Sqrt(disc)
	// The stable form of the two roots: no difference of nearly equal numbers.
	var t0, t1 float64
	if h > 0 {
		t0 = (-h - s) / l
		t1 = c / (-h - s)
	} else {
		t0 = c / (-h + s)
		t1 = (-h + s) / l
		if -h+s == 0 {
			return 0
		}
	}
	if t0 > t1 {
		t0, t1 = t1, t0
	}
	t0, t1 = max(t0, 0), min(t1, 1)
	if t0 >= t1 {
		return 0
	}
	px, py := ax+t0*dx, ay+t0*dy
	qx, qy := ax+t1*dx, ay+t1*dy
	cross := px*qy - py*qx
	return (cross - r2*math.Atan2(cross, px*qx+py*qy)) / 2
}

// crosses tells whether the edge a–b crosses the horizontal half-line from
// (x, y) to the right (half-open rule, so that a vertex counts once).
func crosses(ax, ay, bx, by, x, y float64) bool {
	if (ay > y) == (by > y) {
		return false
	}
	return x < ax+(y-ay)/(by-ay)*(bx-ax)
}
