package zoneindex

import (
	"math"

	"github.com/paulmach/orb"
)

// local maps the frame's plane to the azimuthal plane of one point, to second
// order: z = (w + c·w²/2)/k, w the complex offset in the frame's plane, k its
// scale factor at the point and c = −conj(∇ ln k). The map is conformal and its
// scale is that of the projection, so offsets from the point keep their length
// and direction to third order.
type local struct {
	x, y float64
	k    float64
	// invK is 1/k, halfR and halfI are c/2.
	invK, halfR, halfI float64
	bend               float64 // |c|, per metre
	// sag bounds, in metres of the plane, how far the edges between projected
	// vertices leave those of the azimuthal plane, and what is lost by rounding.
	sag float64
	// hxx, hxy and hyy are the second derivatives of ln k.
	hxx, hxy, hyy float64
}

// localAt expands the frame's projection at p.
func (f *frame) localAt(p orb.Point) local {
	e := f.crs.Local(p[0], p[1])
	bend := math.Sqrt(e.DX*e.DX + e.DY*e.DY)
	return local{
		x: e.X, y: e.Y, k: e.Scale, invK: 1 / e.Scale, halfR: -e.DX / 2, halfI: e.DY / 2,
		bend: bend, sag: bend*f.longest2/8 + rounding, hxx: e.DXX, hxy: e.DXY, hyy: e.DYY,
	}
}

func (l *local) to(x, y float64) (float64, float64) {
	u, v := x-l.x, y-l.y
	a, b := u*u-v*v, 2*u*v
	return (u + l.halfR*a - l.halfI*b) * l.invK, (v + l.halfR*b + l.halfI*a) * l.invK
}

// density is the first-order factor by which areas at the plane point (x, y)
// grow, beyond that at the centre.
func (l *local) density(x, y float64) float64 {
	return 1 + l.turn(x-l.x, y-l.y)*2
}

// turn is Re(c·(u+iv)).
func (l *local) turn(u, v float64) float64 { return 2 * (l.halfR*u - l.halfI*v) }

// planeReach2 is the square of a plane distance from the centre beyond which no
// edge is within the squared distance d2 of it in the azimuthal plane.
func (l *local) planeReach2(d2 float64) float64 {
	w := math.Sqrt(d2) * l.k
	if w > maxPlaneReach {
		return math.Inf(1)
	}
	// |z| ≥ |w|(1 − |c||w|/2)/k
	w += l.bend*w*w + l.sag
	return w * w
}

// planeDisc is two squared radii in the frame's plane: what is within the first is
// in the disc of radius r metres of the azimuthal plane, what is beyond the second
// is out of it.
func (l *local) planeDisc(r float64) (inner2, outer2 float64) {
	r *= l.k
	slack := l.bend*r*r + l.sag
	inner, outer := max(r-slack, 0), r+slack
	return inner * inner, outer * outer
}

// around2 is how near, in m² of the plane, a rectangle may be to the centre and
// hold it in the azimuthal plane: more than what moves there.
func (l *local) around2() float64 { return (1 + l.sag) * (1 + l.sag) }

// maxPlaneReach, in metres: beyond, planeReach2 bounds nothing.
const maxPlaneReach = 1e6

// rounding, in metres, covers the errors of coordinates of the order of 1e7 m.
const rounding = 1e-7

// edges2 is the least squared distance from the centre to a chain of edges, in the azimuthal plane.
func (l *local) edges2(v []float64) float64 {
	ax, ay := l.to(v[0], v[1])
	best := ax*ax + ay*ay
	for i := 2; i+1 < len(v); i += 2 {
		bx, by := l.to(v[i], v[i+1])
		dx, dy := bx-ax, by-ay
		if t := -(ax*dx + ay*dy); t > 0 {
			length2 := dx*dx + dy*dy
			if t < length2 {
				if c := ax*by - ay*bx; c*c < best*length2 {
					best = c * c / length2
				}
			} else {
				if d2 := bx*bx + by*by; d2 < best {
					best = d2
				}
			}
		}
		ax, ay = bx, by
	}
	return best
}

// length is the length in metres of the shortest path from the centre to the
// plane point at the offset (u, v), to third order: the straight line's, along
// which the scale is k·exp(u₁t + u₂t²/2), less what the geodesic gains by
// swerving to the side where the scale is larger. Its relative error is under
// 1e-7 to 60 km in the territories of France.
func (l *local) length(u, v float64) float64 {
	u1 := -l.turn(u, v)
	u2 := l.hxx*u*u + 2*l.hxy*u*v + l.hyy*v*v
	w2 := u*u + v*v
	across2 := l.bend*l.bend*w2 - u1*u1
	return math.Sqrt(w2) * l.invK * (1 - u1/2 - u2/6 + u1*u1/6 - across2/24)
}
