package zoneindex

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
)

// centre is a fictitious point in the middle of France.
var centre = orb.Point{2.6, 46.4}

// ringAround is a closed ring whose vertices lie at given plane offsets (metres)
// from c in the azimuthal plane centred there.
func ringAround(c orb.Point, offsets ...[2]float64) orb.Ring {
	az := crs.NewAzimuthal(c)
	ring := make(orb.Ring, 0, len(offsets)+1)
	for _, o := range offsets {
		p := az.Inverse(o[0], o[1])
		// Nine decimals, as files have at most: the grid on which overlaps are dissolved.
		ring = append(ring, orb.Point{math.Round(p[0]*1e9) / 1e9, math.Round(p[1]*1e9) / 1e9})
	}
	return append(ring, ring[0])
}

func square(c orb.Point, cx, cy, half float64) orb.MultiPolygon {
	return orb.MultiPolygon{{ringAround(c, [2]float64{cx - half, cy - half}, [2]float64{cx + half, cy - half}, [2]float64{cx + half, cy + half}, [2]float64{cx - half, cy + half})}}
}

func circle(c orb.Point, r float64, n int) orb.Ring {
	offsets := make([][2]float64, n)
	for i := range offsets {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		offsets[i] = [2]float64{r * cos, r * sin}
	}
	return ringAround(c, offsets...)
}

func measure(t testing.TB, p orb.Point, radii []float64, geoms ...orb.MultiPolygon) Measures {
	t.Helper()
	return Build(geoms).NewMeter(Options{Radii: radii}).Measure(p)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.12g, want %.12g ± %g", what, got, want, tolerance)
	}
}

// places are one point in each legal projection, both hemispheres, and abroad.
var places = map[string]orb.Point{
	"metropolitan centre": centre, "Dunkirk": {2.37, 51.03}, "Corsica": {9.2, 41.6}, "Brest": {-4.6, 48.4},
	"Guadeloupe": {-61.55, 16.25}, "Guyane": {-52.3, 4.9}, "La Réunion": {55.5, -21.1}, "Mayotte": {45.15, -12.8},
	"Tahiti": {-149.55, -17.6}, "Wallis": {-176.2, -13.3}, "Saint-Pierre": {-56.2, 46.8}, "Nouméa": {166.45, -22.25},
	"Québec (no legal projection)": {-71.2, 46.8}, "pole": {10, 89.9}, "Fiji, near the antimeridian": {178.9, -16.8},
}

func TestDistanceToSquare(t *testing.T) {
	for name, p := range places {
		t.Run(name, func(t *testing.T) {
			m := measure(t, p, []float64{500, 1000, 2000}, square(p, 1000, 0, 250))
			near(t, "distance", m.Distance, 750, 0.002)
			if m.Inside || m.Nearest != 0 {
				t.Errorf("inside %v, nearest %d", m.Inside, m.Nearest)
			}
			if m.Within[0] != 0 || m.Within[1] != 1 || m.Within[2] != 1 {
				t.Errorf("within = %v", m.Within)
			}
			near(t, "share of 2,000 m", m.Share[2], 250000/(math.Pi*4e6), 1e-7)
		})
	}
}

func TestInsideAndDepth(t *testing.T) {
	for name, p := range places {
		t.Run(name, func(t *testing.T) {
			m := measure(t, p, []float64{100, 500}, square(p, 100, 0, 300))
			if !m.Inside || m.Distance != 0 {
				t.Errorf("inside %v, distance %v", m.Inside, m.Distance)
			}
			near(t, "depth", m.Depth, 200, 0.001)
			near(t, "share of 100 m", m.Share[0], 1, 1e-9)
		})
	}
}

func TestDepthBeyondTheRadii(t *testing.T) {
	m := measure(t, centre, []float64{500}, square(centre, 0, 0, 5000))
	near(t, "depth", m.Depth, 5000, 0.01)
	if !m.Inside || m.Within[0] != 1 || m.Share[0] != 1 {
		t.Errorf("%+v", m)
	}
}

func TestHalfPlane(t *testing.T) {
	// The edge passes at h = 200 m; the circular segment has a closed form.
	g := orb.MultiPolygon{{ringAround(centre, [2]float64{200, -6000}, [2]float64{8000, -6000}, [2]float64{8000, 6000}, [2]float64{200, 6000})}}
	r, h := 500.0, 200.0
	want := (r*r*math.Acos(h/r) - h*math.Sqrt(r*r-h*h)) / (math.Pi * r * r)
	m := measure(t, centre, []float64{r}, g)
	near(t, "share", m.Share[0], want, 1e-6)
}

func TestAnnulus(t *testing.T) {
	hole := circle(centre, 300, 720)
	shell := circle(centre, 800, 720)
	m := measure(t, centre, []float64{200, 500, 1000}, orb.MultiPolygon{{shell, hole}})
	polygon := func(r float64) float64 { return 720.0 / 2 * r * r * math.Sin(2*math.Pi/720) }
	near(t, "share inside the hole", m.Share[0], 0, 1e-12)
	near(t, "share across the inner edge", m.Share[1], (math.Pi*500*500-polygon(300))/(math.Pi*500*500), 1e-7)
	near(t, "share of the whole annulus", m.Share[2], (polygon(800)-polygon(300))/(math.Pi*1e6), 1e-7)
	if m.Inside {
		t.Error("the hole is not inside")
	}
	near(t, "distance", m.Distance, 300*math.Cos(math.Pi/720), 0.001)
}

func TestOverlapCountsOnce(t *testing.T) {
	a, b := square(centre, 0, 0, 300), square(centre, 200, 0, 300)
	m := measure(t, centre, []float64{1000}, a, b, a)
	near(t, "share of the union", m.Share[0], (600*600+200*600)/(math.Pi*1e6), 1e-7)
	if m.Within[0] != 3 {
		t.Errorf("every zone counts: %v", m.Within)
	}
	alone := measure(t, centre, []float64{1000}, a)
	twice := measure(t, centre, []float64{1000}, a, a)
	near(t, "share of a zone given twice", twice.Share[0], alone.Share[0], 1e-12)
}

func TestOnTheBorder(t *testing.T) {
	// At the middle of a side half of a small disc is covered, at a corner a quarter.
	for name, c := range map[string]struct {
		cx, cy, share float64
	}{"side": {300, 0, 0.5}, "corner": {300, 300, 0.25}} {
		for place, p := range places {
			m := measure(t, p, []float64{100}, square(p, c.cx, c.cy, 300))
			near(t, name+" share at "+place, m.Share[0], c.share, 1e-5)
			if m.Distance > 1e-3 {
				t.Errorf("%s at %s: distance %v", name, place, m.Distance)
			}
			if m.Within[0] != 1 {
				t.Errorf("%s at %s: within %v", name, place, m.Within)
			}
		}
	}
	// Exactly on a vertex: no nudge of the test data.
	g := square(centre, 0, 0, 300)
	m := measure(t, g[0][0][1], []float64{100}, g)
	near(t, "share on a vertex", m.Share[0], 0.25, 1e-6)
	if !m.Inside || m.Distance != 0 {
		t.Errorf("a vertex is in the zone: %+v", m)
	}
}

func TestFarZones(t *testing.T) {
	az := crs.NewAzimuthal(centre)
	for _, d := range []float64{5e3, 20e3, 60e3, 150e3, 400e3, 2000e3} {
		c := az.Inverse(d, 0)
		g := square(c, 0, 0, 200)
		m := measure(t, centre, []float64{2000}, g)
		// The reference: every edge, projected.
		want, _ := nearestEdge(az, g)
		near(t, "distance", m.Distance, math.Sqrt(want), max(0.01, 1e-6*d))
	}
}

func TestNeighbourAcrossProjections(t *testing.T) {
	// A site in one legal projection, a zone that only the other territory's covers.
	site := orb.Point{-151, -17}
	zone := square(orb.Point{-149.6, -17.5}, 0, 0, 300)
	m := measure(t, site, []float64{500}, zone)
	want, _ := nearestEdge(crs.NewAzimuthal(site), zone)
	near(t, "distance", m.Distance, math.Sqrt(want), 0.05)
}

func TestEmptyIndex(t *testing.T) {
	m := measure(t, centre, []float64{500})
	if m.Nearest != -1 || !math.IsInf(m.Distance, 1) || m.Inside || m.Share[0] != 0 {
		t.Errorf("%+v", m)
	}
}

// star is a random simple (star-shaped) polygon near the centre.
func star(t *rapid.T, label string) orb.MultiPolygon {
	n := rapid.IntRange(3, 60).Draw(t, label+" vertices")
	cx := rapid.Float64Range(-2500, 2500).Draw(t, label+" x")
	cy := rapid.Float64Range(-2500, 2500).Draw(t, label+" y")
	size := rapid.Float64Range(30, 900).Draw(t, label+" size")
	seed := rapid.Uint64().Draw(t, label+" seed")
	rng := rand.New(rand.NewPCG(seed, 1))
	offsets := make([][2]float64, n)
	for i := range offsets {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.4*rng.Float64()) / float64(n))
		r := size * (0.3 + 0.7*rng.Float64())
		offsets[i] = [2]float64{cx + r*cos, cy + r*sin}
	}
	return orb.MultiPolygon{{ringAround(centre, offsets...)}}
}

// TestAgreesWithExactGeodesics: the fast way and the exhaustive one say the same.
func TestAgreesWithExactGeodesics(t *testing.T) {
	radii := []float64{300, 500, 1000, 2000}
	rapid.Check(t, func(t *rapid.T) {
		geoms := make([]orb.MultiPolygon, rapid.IntRange(1, 6).Draw(t, "zones"))
		for i := range geoms {
			geoms[i] = star(t, "zone")
		}
		ix := Build(geoms)
		m := ix.NewMeter(Options{Radii: radii})
		dx := rapid.Float64Range(-30000, 30000).Draw(t, "dx")
		dy := rapid.Float64Range(-30000, 30000).Draw(t, "dy")
		if rapid.Bool().Draw(t, "close") {
			dx, dy = dx/10, dy/10
		}
		p := crs.NewAzimuthal(centre).Inverse(dx, dy)
		fast := m.Measure(p)
		exact := Measures{Nearest: -1, Distance: math.Inf(1)}
		m.begin()
		m.measureAnywhere(p, &exact)
		if math.Abs(fast.Distance-exact.Distance) > max(0.005, 1e-6*exact.Distance) {
			t.Fatalf("distance %v, exactly %v", fast.Distance, exact.Distance)
		}
		if fast.Inside != exact.Inside && exact.Depth > 0.001 {
			t.Fatalf("inside %v, exactly %v", fast.Inside, exact.Inside)
		}
		if fast.Inside && math.Abs(fast.Depth-exact.Depth) > 0.005 {
			t.Fatalf("depth %v, exactly %v", fast.Depth, exact.Depth)
		}
		for i := range radii {
			if math.Abs(fast.Share[i]-exact.Share[i]) > 1e-6 {
				t.Fatalf("share[%d] %v, exactly %v", i, fast.Share[i], exact.Share[i])
			}
			if fast.Within[i] != exact.Within[i] && !anyAt(p, geoms, radii[i]) {
				t.Fatalf("within[%d] %v, exactly %v", i, fast.Within[i], exact.Within[i])
			}
		}
	})
}

// anyAt tells whether the edge of some zone is, to a centimetre, at a distance from p.
func anyAt(p orb.Point, geoms []orb.MultiPolygon, distance float64) bool {
	az := crs.NewAzimuthal(p)
	for _, g := range geoms {
		if d2, _ := nearestEdge(az, g); math.Abs(math.Sqrt(d2)-distance) < 0.01 {
			return true
		}
	}
	return false
}

// TestNearestOverTheCountry: with zones of all sizes all over a frame, the nearest
// one is found, near and far, and everything else agrees with the exhaustive way.
func TestNearestOverTheCountry(t *testing.T) {
	for name, frame := range map[string][2]orb.Point{"mainland": {{-4, 43}, {7.5, 50.5}}, "New Caledonia": {{164, -22.4}, {167, -20.2}}, "La Réunion": {{55.2, -21.4}, {55.8, -20.9}}} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(11, 12))
			anywhere := func() orb.Point {
				return orb.Point{frame[0][0] + rng.Float64()*(frame[1][0]-frame[0][0]), frame[0][1] + rng.Float64()*(frame[1][1]-frame[0][1])}
			}
			geoms := make([]orb.MultiPolygon, 60)
			for i := range geoms {
				geoms[i] = orb.MultiPolygon{{circle(anywhere(), 50*math.Exp(4*rng.Float64()), 3+rng.IntN(60))}}
			}
			options := Options{Radii: []float64{500, 8000, 2000}, DecayLength: 1500, Bandwidth: 700}
			ix := Build(geoms)
			m, reference := ix.NewMeter(options), ix.NewMeter(options)
			for range 400 {
				p := anywhere()
				got, want := m.Measure(p), Measures{Nearest: -1, Distance: math.Inf(1)}
				reference.begin()
				reference.measureAnywhere(p, &want)
				if math.Abs(got.Distance-want.Distance) > max(0.01, 1e-6*want.Distance) || got.Inside != want.Inside {
					t.Errorf("at %v: distance %v, exactly %v", p, got.Distance, want.Distance)
				}
				if got.Nearest != want.Nearest && !anyAt(p, []orb.MultiPolygon{geoms[got.Nearest]}, want.Distance) {
					t.Errorf("at %v: nearest %d, exactly %d", p, got.Nearest, want.Nearest)
				}
				for i, r := range options.Radii {
					if got.Within[i] != want.Within[i] && !anyAt(p, geoms, r) {
						t.Errorf("at %v: within %v, exactly %v", p, got.Within, want.Within)
					}
					near(t, "share", got.Share[i], want.Share[i], 1e-6)
				}
				near(t, "decay", got.Decay, want.Decay, 1e-4)
				near(t, "kernel", got.Kernel, want.Kernel, 1e-5)
			}
		})
	}
}

// TestShareUpTo: leaving shares out changes nothing else.
func TestShareUpTo(t *testing.T) {
	ix := Build([]orb.MultiPolygon{square(centre, 300, 0, 200), square(centre, 0, 900, 400)})
	radii := []float64{2000, 500, 1000}
	want := ix.NewMeter(Options{Radii: radii}).Measure(centre)
	for upTo, kept := range map[float64][]bool{-1: {false, false, false}, 500: {false, true, false}, 1000: {false, true, true}, 5000: {true, true, true}} {
		got := ix.NewMeter(Options{Radii: radii, ShareUpTo: upTo}).Measure(centre)
		expected := want
		for i, k := range kept {
			if !k {
				expected.Share[i] = 0
			}
		}
		if got != expected {
			t.Errorf("up to %v: %+v, want %+v", upTo, got, expected)
		}
	}
}

// TestRebuild: an index made from another one answers as one made from nothing,
// and shares what did not change.
func TestRebuild(t *testing.T) {
	radii := []float64{500, 1000, 2000}
	rapid.Check(t, func(t *rapid.T) {
		var before, after []orb.MultiPolygon
		for range rapid.IntRange(0, 6).Draw(t, "zones") {
			z := star(t, "zone")
			if rapid.Bool().Draw(t, "was there") {
				before = append(before, z)
			}
			if rapid.Bool().Draw(t, "stays") {
				copied := z
				if rapid.Bool().Draw(t, "read again") {
					copied = z.Clone()
				}
				after = append(after, copied)
				if rapid.Bool().Draw(t, "twice") {
					after = append(after, copied)
				}
			}
		}
		old := Build(before)
		next, fresh := old.Rebuild(after), Build(after)
		for i := range after {
			for j := range before {
				if after[i].Equal(before[j]) && next.zones[i].shape != old.zones[j].shape {
					t.Fatalf("zone %d was worked out again", i)
				}
			}
		}
		for range 4 {
			p := crs.NewAzimuthal(centre).Inverse(rapid.Float64Range(-3000, 3000).Draw(t, "dx"), rapid.Float64Range(-3000, 3000).Draw(t, "dy"))
			got, want := next.NewMeter(Options{Radii: radii}).Measure(p), fresh.NewMeter(Options{Radii: radii}).Measure(p)
			for i := range radii {
				if math.Abs(got.Share[i]-want.Share[i]) > 1e-9 {
					t.Fatalf("share %v, want %v", got.Share, want.Share)
				}
			}
			got.Share, want.Share = [MaxRadii]float64{}, [MaxRadii]float64{}
			if got != want {
				t.Fatalf("%+v, want %+v", got, want)
			}
		}
	})
}

// TestInvariances: ring start, ring direction, order of the zones and duplication change nothing.
func TestInvariances(t *testing.T) {
	radii := []float64{500, 1000, 2000}
	rapid.Check(t, func(t *rapid.T) {
		a, b := star(t, "a"), star(t, "b")
		p := crs.NewAzimuthal(centre).Inverse(rapid.Float64Range(-3000, 3000).Draw(t, "dx"), rapid.Float64Range(-3000, 3000).Draw(t, "dy"))
		want := Build([]orb.MultiPolygon{a, b}).NewMeter(Options{Radii: radii}).Measure(p)
		ring := a[0][0]
		k := rapid.IntRange(0, len(ring)-2).Draw(t, "start")
		turned := append(append(orb.Ring{}, ring[k:len(ring)-1]...), ring[:k+1]...)
		if rapid.Bool().Draw(t, "reverse") {
			turned.Reverse()
		}
		got := Build([]orb.MultiPolygon{b, {{turned}}, b}).NewMeter(Options{Radii: radii}).Measure(p)
		if math.Abs(got.Distance-want.Distance) > 1e-6 || got.Inside != want.Inside {
			t.Fatalf("distance %v inside %v, want %v %v", got.Distance, got.Inside, want.Distance, want.Inside)
		}
		for i := range radii {
			if math.Abs(got.Share[i]-want.Share[i]) > 1e-7 {
				t.Fatalf("share %v, want %v", got.Share[i], want.Share[i])
			}
		}
	})
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	m := Build([]orb.MultiPolygon{square(centre, 300, 0, 200), square(centre, 9000, 0, 200)}).NewMeter(Options{Radii: []float64{500, 1000, 2000}})
	points := []orb.Point{centre, {2.7, 46.5}, {2.61, 46.4}}
	for _, p := range points {
		m.Measure(p)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range points {
			m.Measure(p)
		}
	}); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// discTerm is the area term of one edge.
func discTerm(ax, ay, bx, by, r2 float64) float64 {
	var t discTerms
	t.addCut(0, ax, ay, bx, by, r2)
	return (t.cross[0] - r2*t.angle[0].sum()) / 2
}

// TestTurns: the product of complex numbers sums their angles, over many turns.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum turns
		want := 0.0
		x, y := 1000.0, 0.0
		for range rapid.IntRange(0, 400).Draw(t, "edges") {
			sin, cos := math.Sincos(rapid.Float64Range(-3.1, 3.1).Draw(t, "angle"))
			scale := math.Exp(rapid.Float64Range(-3, 3).Draw(t, "scale"))
			if size := math.Hypot(x, y); size > 1e4 || size < 1e-4 {
				scale /= size
			}
			u, v := scale*(x*cos-y*sin), scale*(x*sin+y*cos)
			sum.add(x, y, u, v)
			want += math.Atan2(x*v-y*u, x*u+y*v)
			x, y = u, v
		}
		if math.Abs(sum.sum()-want) > 1e-9 {
			t.Fatalf("%v, want %v", sum.sum(), want)
		}
	})
}

func FuzzDiscTerm(f *testing.F) {
	f.Add(0.0, 0.0, 1.0, 1.0, 5.0)
	f.Add(-3.0, 4.0, 3.0, 4.0, 4.0)
	f.Fuzz(func(t *testing.T, ax, ay, bx, by, r float64) {
		for _, v := range []float64{ax, ay, bx, by} {
			if !(math.Abs(v) < 1e6) {
				t.Skip()
			}
		}
		if !(r > 1e-3 && r < 1e5) {
			t.Skip()
		}
		term := discTerm(ax, ay, bx, by, r*r)
		// A chord cuts off at most a half disc on either side.
		if !(math.Abs(term) <= math.Pi*r*r/2*(1+1e-9)) {
			t.Fatalf("term %v of a disc of area %v", term, math.Pi*r*r)
		}
		if back := discTerm(bx, by, ax, ay, r*r); math.Abs(term+back) > 1e-6*r*r && math.Abs(math.Abs(term)-math.Pi*r*r/2) > 1e-6*r*r {
			t.Fatalf("reversed edge: %v and %v", term, back)
		}
	})
}

func TestProbability(t *testing.T) {
	const sigma = 80.0
	for name, p := range places {
		// A half plane whose edge is d metres east, and the same with the point inside.
		for _, d := range []float64{-120, -1, 0, 1, 60, 200} {
			g := orb.MultiPolygon{{ringAround(p, [2]float64{d, -5000}, [2]float64{5000, -5000}, [2]float64{5000, 5000}, [2]float64{d, 5000})}}
			got := Build([]orb.MultiPolygon{g, g}).NewMeter(Options{}).Probability(p, sigma)
			near(t, name, got, math.Erfc(d/sigma/math.Sqrt2)/2, 1e-5)
		}
	}
	m := Build([]orb.MultiPolygon{square(centre, 0, 0, 300)}).NewMeter(Options{})
	if m.Probability(centre, 0) != 1 || m.Probability(orb.Point{3, 46}, 0) != 0 || m.Probability(orb.Point{3, 46}, 50) != 0 {
		t.Error("a certain position is inside or not")
	}
}

func TestKernelAndDecay(t *testing.T) {
	options := Options{Radii: []float64{500}, Bandwidth: 500, DecayLength: 300}
	for name, p := range places {
		a, b, far := square(p, 500, 0, 100), square(p, 0, -600, 100), square(p, 0, 1500, 100)
		m := Build([]orb.MultiPolygon{a, b, far}).NewMeter(options).Measure(p)
		near(t, "decay at "+name, m.Decay, math.Exp(-400./300)+math.Exp(-500./300), 1e-5)
		whole := Build([]orb.MultiPolygon{square(p, 0, 0, 700)}).NewMeter(options).Measure(p)
		near(t, "kernel of a zone all around at "+name, whole.Kernel, 1, 1e-9)
		edge := Build([]orb.MultiPolygon{{{ringAround(p, [2]float64{0, -5000}, [2]float64{5000, -5000}, [2]float64{5000, 5000}, [2]float64{0, 5000})}}}).NewMeter(options).Measure(p)
		near(t, "kernel on the edge of a half plane at "+name, edge.Kernel, 0.5, 1e-5)
	}
}

// TestMaxBend: the bound holds wherever sites are measured in a frame.
func TestMaxBend(t *testing.T) {
	for _, c := range crs.Frames() {
		area := c.Area()
		for i := range 21 {
			for j := range 21 {
				l := c.Local(area.Min[0]+(area.Max[0]-area.Min[0])*float64(i)/20, area.Min[1]+(area.Max[1]-area.Min[1])*float64(j)/20)
				if bend := math.Hypot(l.DX, l.DY); !(bend < maxBend) {
					t.Fatalf("%v: %g", c, bend)
				}
			}
		}
	}
}
