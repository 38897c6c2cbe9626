package zoneindex

import (
	"math"
	"math/rand/v2"
	"testing"
)

// polygon is a closed sequence of plane points.
type polygon [][2]float64

func (p polygon) sum(term func(ax, ay, bx, by float64) float64) float64 {
	total := 0.0
	for i := range p {
		q := p[(i+1)%len(p)]
		total += term(p[i][0], p[i][1], q[0], q[1])
	}
	return total
}

func (p polygon) holds(x, y float64) bool {
	in := false
	for i := range p {
		q := p[(i+1)%len(p)]
		if crosses(p[i][0], p[i][1], q[0], q[1], x, y) {
			in = !in
		}
	}
	return in
}

func rectangle(x0, y0, x1, y1 float64) polygon {
	return polygon{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

func TestKernelOfWholePlaneAndHalfPlane(t *testing.T) {
	const h = 500
	kernel := func(ax, ay, bx, by float64) float64 { return kernelTerm(ax, ay, bx, by, h) }
	around := rectangle(-1000, -1000, 1000, 1000)
	near(t, "the whole kernel", around.sum(kernel)+1, 1, 1e-12)
	half := rectangle(0.001, -1000, 1000, 1000)
	near(t, "half of it", half.sum(kernel), 0.5, 1e-5)
	near(t, "none of it", rectangle(600, -1000, 1000, 1000).sum(kernel), 0, 1e-12)
}

// TestTermsAgainstSampling compares the closed forms with sums over a fine grid.
func TestTermsAgainstSampling(t *testing.T) {
	const h, sigma = 500.0, 120.0
	rng := rand.New(rand.NewPCG(7, 7))
	for range 8 {
		cx, cy := 300*rng.NormFloat64(), 300*rng.NormFloat64()
		var p polygon
		for k := range 9 {
			sin, cos := math.Sincos(2 * math.Pi * (float64(k) + 0.5*rng.Float64()) / 9)
			r := 100 + 400*rng.Float64()
			p = append(p, [2]float64{cx + r*cos, cy + r*sin})
		}
		inside := 0.0
		if p.holds(0, 0) {
			inside = 1
		}
		const step = 4.0
		kernel, gauss := 0.0, 0.0
		for x := -1000 + step/2; x < 1000; x += step {
			for y := -1000 + step/2; y < 1000; y += step {
				if !p.holds(x, y) {
					continue
				}
				if u := 1 - (x*x+y*y)/(h*h); u > 0 {
					kernel += 3 / (math.Pi * h * h) * u * u * step * step
				}
				gauss += math.Exp(-(x*x+y*y)/(2*sigma*sigma)) / (2 * math.Pi * sigma * sigma) * step * step
			}
		}
		near(t, "kernel", p.sum(func(ax, ay, bx, by float64) float64 { return kernelTerm(ax, ay, bx, by, h) })+inside, kernel, 2e-3)
		near(t, "gauss", p.sum(func(ax, ay, bx, by float64) float64 { return gaussTerm(ax, ay, bx, by, sigma, 6*sigma) })+inside, gauss, 3e-3)
	}
}

func TestGaussOfHalfPlane(t *testing.T) {
	// P(X > d) of a normal variable.
	const sigma = 80.0
	for _, d := range []float64{1, 40, 80, 200} {
		g := rectangle(d, -5000, 5000, 5000).sum(func(ax, ay, bx, by float64) float64 { return gaussTerm(ax, ay, bx, by, sigma, 8*sigma) })
		near(t, "probability", g, math.Erfc(d/sigma/math.Sqrt2)/2, 1e-9)
	}
}
