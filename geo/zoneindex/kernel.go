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

// clip is the part p–q of the edge a–b that lies in the disc of squared radius r2
// centred on the origin; ok is false when there is none.
func clip(ax, ay, bx, by, r2 float64) (px, py, qx, qy float64, ok bool) {
	dx, dy := bx-ax, by-ay
	l := dx*dx + dy*dy
	if l == 0 {
		return
	}
	// |a + t·d|² = r²
	h := ax*dx + ay*dy
	c := ax*ax + ay*ay - r2
	disc := h*h - l*c
	if disc <= 0 {
		return
	}
	s := math.Sqrt(disc)
	// The stable form of the two roots: no difference of nearly equal numbers.
	var t0, t1 float64
	if h > 0 {
		t0 = (-h - s) / l
		t1 = c / (-h - s)
	} else {
		if -h+s == 0 {
			return
		}
		t0 = c / (-h + s)
		t1 = (-h + s) / l
	}
	t0, t1 = max(min(t0, t1), 0), min(max(t0, t1), 1)
	if t0 >= t1 {
		return
	}
	return ax + t0*dx, ay + t0*dy, ax + t1*dx, ay + t1*dy, true
}

// kernelTerm is what one boundary edge adds to the integral over the region of the
// quartic kernel 3/(πh²)·(1−ρ²/h²)² (Silverman 1986, § 4.2), which is 1 over the
// whole plane. In polar coordinates the kernel integrates along the radius to
// (1 − (1−ρ²/h²)³)/2π, and along an edge at signed distance d from the origin,
// ρ² = d² + u², to a polynomial in the offset u along it and the angle it spans.
// The terms of a whole boundary, plus 1 when the origin is inside, are exact.
func kernelTerm(ax, ay, bx, by, h float64) float64 {
	px, py, qx, qy, ok := clip(ax, ay, bx, by, h*h)
	if !ok {
		return 0
	}
	length := math.Hypot(bx-ax, by-ay)
	ux, uy := (bx-ax)/length/h, (by-ay)/length/h
	d := (ax*by - ay*bx) / length / h
	along := func(x, y float64) float64 {
		u := x*ux + y*uy
		u2, d2 := u*u, d*d
		return d * u * (-3 + 3*d2 + u2 - d2*d2 - 2*d2*u2/3 - u2*u2/5)
	}
	angle := math.Atan2(px*qy-py*qx, px*qx+py*qy)
	return -(angle + along(qx, qy) - along(px, py)) / (2 * math.Pi)
}

// gaussTerm is what one boundary edge adds to the integral over the region of the
// normal density of standard deviation sigma in both directions, centred on the
// origin, as far as reach (beyond, the density is negligible): the integral of
// −exp(−ρ²/2σ²)/2π over the angle that the edge spans. With s = ρ²/σ² that is the
// angle itself less the integral along the edge of (1 − exp(−s/2))/s, which is
// smooth however near the edge passes.
func gaussTerm(ax, ay, bx, by, sigma, reach float64) float64 {
	px, py, qx, qy, ok := clip(ax, ay, bx, by, reach*reach)
	if !ok {
		return 0
	}
	angle := math.Atan2(px*qy-py*qx, px*qx+py*qy)
	length := math.Hypot(qx-px, qy-py)
	d := (px*qy - py*qx) / length / sigma
	ux, uy := (qx-px)/length/sigma, (qy-py)/length/sigma
	from, to := px*ux+py*uy, qx*ux+qy*uy
	// Panels of at most 2σ, each by Gauss–Legendre of ten points.
	panels := math.Ceil((to - from) / 2)
	half := (to - from) / panels / 2
	sum := 0.0
	for k := range int(panels) {
		middle := from + half*(2*float64(k)+1)
		for i, node := range legendreNodes {
			low, high := middle-half*node, middle+half*node
			sum += legendreWeights[i] * half * (smoothed(d*d+low*low) + smoothed(d*d+high*high))
		}
	}
	return -(angle - d*sum) / (2 * math.Pi)
}

// smoothed is (1 − exp(−s/2))/s, 1/2 at 0.
func smoothed(s float64) float64 {
	if s < 1e-12 {
		return 0.5
	}
	return -math.Expm1(-s/2) / s
}

// Nodes and weights of the ten-point Gauss–Legendre rule (Abramowitz and Stegun, table 25.4).
var (
	legendreNodes   = [5]float64{0.14887433898163122, 0.43339539412924719, 0.67940956829902441, 0.86506336668898451, 0.97390652851717172}
	legendreWeights = [5]float64{0.29552422471475287, 0.26926671930999636, 0.21908636251598204, 0.14945134915058059, 0.06667134430868814}
)

// crosses tells whether the edge a–b crosses the horizontal half-line from
// (x, y) to the right (half-open rule, so that a vertex counts once).
func crosses(ax, ay, bx, by, x, y float64) bool {
	if (ay > y) == (by > y) {
		return false
	}
	return x < ax+(y-ay)/(by-ay)*(bx-ax)
}
