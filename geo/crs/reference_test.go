package crs

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// tolerance against PROJ, in metres. The product needs 1 cm; the formulas give
// far better, and a slip in one coefficient would show here.
const tolerance = 1e-6

// readRows reads a reference file of numbers: comma-separated, "#" comments.
func readRows(t *testing.T, path string, columns int) [][]float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]float64
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		fields := strings.Split(s.Text(), ",")
		if len(fields) != columns {
			t.Fatalf("%s: %q has %d columns, want %d", path, s.Text(), len(fields), columns)
		}
		row := make([]float64, columns)
		for i, v := range fields {
			if row[i], err = strconv.ParseFloat(v, 64); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return rows
}

// metresBetween turns a small difference of positions in degrees into metres.
func metresBetween(lon1, lat1, lon2, lat2 float64) float64 {
	return math.Hypot(wrap(lon2-lon1)*math.Cos(lat1*degree), lat2-lat1) * 111_320
}

func mustCode(t testing.TB, code int) CRS {
	t.Helper()
	c, ok := ByCode(code)
	if !ok {
		t.Fatalf("EPSG:%d is not known", code)
	}
	return c
}

func TestPointsOfPROJ(t *testing.T) {
	for _, row := range readRows(t, "testdata/points.csv", 5) {
		c := mustCode(t, int(row[0]))
		unit := 1.0
		if c.Geographic() {
			unit = 111_320
		}
		x, y := c.FromWGS84(row[1], row[2])
		if d := math.Hypot(x-row[3], y-row[4]) * unit; !(d < tolerance) {
			t.Errorf("%v: FromWGS84(%v, %v) = %.6f, %.6f: %.2g m from PROJ's %.6f, %.6f", c, row[1], row[2], x, y, d, row[3], row[4])
		}
		lon, lat := c.ToWGS84(row[3], row[4])
		if d := metresBetween(row[1], row[2], lon, lat); !(d < tolerance) {
			t.Errorf("%v: ToWGS84(%v, %v) = %.9f, %.9f: %.2g m from %v, %v", c, row[3], row[4], lon, lat, d, row[1], row[2])
		}
	}
}

// runPROJ pipes lines through one of PROJ's tools, skipping where it is absent.
func runPROJ(t *testing.T, input string, name string, args ...string) []string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s not found: install proj-bin to compare with PROJ", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// inhabited is the part of a projection's area of use to test: with the seas,
// but for WGS 84 zones, which reach the pole, within France's latitudes.
func inhabited(c CRS) orb.Bound {
	b := c.Area()
	b.Min[1], b.Max[1] = math.Max(b.Min[1], -50), math.Min(b.Max[1], 60)
	return b
}

func TestLivePROJ(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	worst, worstCRS := 0.0, CRS84
	for _, c := range All() {
		if c.Geographic() {
			continue
		}
		area := inhabited(c)
		points := make([]orb.Point, 300)
		var input strings.Builder
		for i := range points {
			points[i] = orb.Point{
				area.Min[0] + rng.Float64()*(area.Max[0]-area.Min[0]),
				area.Min[1] + rng.Float64()*(area.Max[1]-area.Min[1]),
			}
			fmt.Fprintf(&input, "%.12f %.12f\n", points[i][0], points[i][1])
		}
		lines := runPROJ(t, input.String(), "cs2cs", "-f", "%.9f", "OGC:CRS84", c.String())
		if len(lines) != len(points) {
			t.Fatalf("%v: cs2cs answered %d lines for %d points", c, len(lines), len(points))
		}
		for i, p := range points {
			var px, py float64
			if _, err := fmt.Sscan(lines[i], &px, &py); err != nil {
				t.Fatalf("%v: %q: %v", c, lines[i], err)
			}
			if c.Code() == 3035 { // its authority puts the northing first
				px, py = py, px
			}
			x, y := c.FromWGS84(p[0], p[1])
			lon, lat := c.ToWGS84(px, py)
			d := math.Max(math.Hypot(x-px, y-py), metresBetween(p[0], p[1], lon, lat))
			if !(d < tolerance) {
				t.Errorf("%v at %v: %.3g m from PROJ", c, p, d)
			}
			if d > worst {
				worst, worstCRS = d, c
			}
		}
	}
	t.Logf("worst difference with PROJ, both ways: %.2g m in %v", worst, worstCRS)
}

func TestGeodesicsOfGeographicLib(t *testing.T) {
	for _, row := range readRows(t, "testdata/geodesics.csv", 6) {
		p, q := orb.Point{row[0], row[1]}, orb.Point{row[2], row[3]}
		d, az := Inverse(p, q)
		if math.Abs(d-row[4]) > 1e-4 {
			t.Errorf("Inverse(%v, %v) = %.6f m, geod says %.6f", p, q, d, row[4])
		}
		// Where the azimuth is free (poles, antipodes) only its effect counts: below.
		free := math.Abs(p[1]) == 90 || math.Abs(p[1]+q[1]) < 1e-9 && math.Abs(wrap(q[0]-p[0])) > 179.9
		limit := 1e-5
		if d > 1.9e7 {
			limit = 0.01
		}
		if !free && math.Abs(wrap(az-row[5])) > limit {
			t.Errorf("azimuth from %v to %v = %.6f°, geod says %.6f°", p, q, az, row[5])
		}
		if d < 1.9e7 {
			if r := Direct(p, az, d); metresBetween(q[0], q[1], r[0], r[1]) > 1e-3 {
				t.Errorf("Direct(%v, %v, %v) = %v, want %v", p, az, d, r, q)
			}
		}
	}
}

func TestLiveGeod(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var input strings.Builder
	type pair struct{ p, q orb.Point }
	var pairs []pair
	for range 2000 {
		p := orb.Point{rng.Float64()*360 - 180, rng.Float64()*160 - 80}
		reach := math.Pow(10, rng.Float64()*5-4) // degrees: 10 m to 1,000 km
		q := orb.Point{wrap(p[0] + (rng.Float64()*2-1)*reach), p[1] + (rng.Float64()*2-1)*reach*0.9}
		pairs = append(pairs, pair{p, q})
		fmt.Fprintf(&input, "%.15f %.15f %.15f %.15f\n", p[1], p[0], q[1], q[0])
	}
	for range 200 { // nearly antipodal
		p := orb.Point{rng.Float64()*360 - 180, rng.Float64()*120 - 60}
		q := orb.Point{wrap(p[0] + 180 + rng.NormFloat64()*0.4), -p[1] + rng.NormFloat64()*0.4}
		pairs = append(pairs, pair{p, q})
		fmt.Fprintf(&input, "%.15f %.15f %.15f %.15f\n", p[1], p[0], q[1], q[0])
	}
	worst, worstFar := 0.0, 0.0
	for i, line := range runPROJ(t, input.String(), "geod", "-I", "+ellps=WGS84", "-f", "%.9f", "-F", "%.7f") {
		var az, back, want float64
		if _, err := fmt.Sscan(line, &az, &back, &want); err != nil {
			t.Fatal(err)
		}
		d, _ := Inverse(pairs[i].p, pairs[i].q)
		diff := math.Abs(d - want)
		if want > 1.8e7 {
			worstFar = math.Max(worstFar, diff)
		} else {
			worst = math.Max(worst, diff)
		}
		if !(diff < 1e-4) {
			t.Errorf("Inverse(%v) = %.7f, geod says %.7f", pairs[i], d, want)
		}
	}
	t.Logf("worst difference with geod: %.2g m up to 1,000 km, %.2g m near antipodes", worst, worstFar)
}

func TestLiveAzimuthal(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, center := range []orb.Point{{2, 48}, {-61.5, 16.2}, {55.5, -21}, {-179.9, -14}} {
		var input strings.Builder
		var points []orb.Point
		for range 200 {
			p := orb.Point{wrap(center[0] + rng.NormFloat64()*0.5), center[1] + rng.NormFloat64()*0.5}
			points = append(points, p)
			fmt.Fprintf(&input, "%.13f %.13f\n", p[0], p[1])
		}
		a := NewAzimuthal(center)
		lines := runPROJ(t, input.String(), "proj", "-f", "%.9f", "+proj=aeqd", "+ellps=WGS84",
			fmt.Sprintf("+lon_0=%v", center[0]), fmt.Sprintf("+lat_0=%v", center[1]))
		for i, line := range lines {
			var px, py float64
			if _, err := fmt.Sscan(line, &px, &py); err != nil {
				t.Fatal(err)
			}
			x, y := a.Forward(points[i])
			if d := math.Hypot(x-px, y-py); !(d < 1e-5) {
				t.Errorf("%v seen from %v: %.3g m from PROJ", points[i], center, d)
			}
		}
	}
}
