package repair_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"vigie/geo/repair"

	"github.com/paulmach/orb"
)

// verdict is what testdata/referee.py says of one case.
type verdict struct {
	ID         string  `json:"id"`
	Valid      bool    `json:"valid"`
	Reason     string  `json:"reason"`
	OutValid   bool    `json:"out_valid"`
	OutReason  string  `json:"out_reason"`
	Area       float64 `json:"area"`
	OutArea    float64 `json:"out_area"`
	Difference float64 `json:"difference"`
}

type judged struct {
	id     string
	in     orb.MultiPolygon
	out    orb.MultiPolygon
	report repair.Report
}

// python returns an interpreter with shapely and pyproj, or skips the test.
func python(t *testing.T, modules string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import "+modules).Run() == nil {
			return name
		}
	}
	t.Skip("no python3 with " + modules + " (Debian: python3-shapely, python3-pyproj, python3-geopandas)")
	return ""
}

func referee(t *testing.T, stdin []byte, args ...string) *bufio.Scanner {
	t.Helper()
	cmd := exec.Command(python(t, "shapely, pyproj"), append([]string{filepath.Join("testdata", "referee.py")}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("referee:", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<26)
	return lines
}

// judge has GEOS compare repaired geometries with what its make_valid gives.
func judge(t *testing.T, cases []judged) []verdict {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, c := range cases {
		out := c.out
		if out == nil {
			out = orb.MultiPolygon{}
		}
		if err := enc.Encode(map[string]any{"id": c.id, "in": c.in, "out": out}); err != nil {
			t.Fatal(err)
		}
	}
	lines := referee(t, in.Bytes(), "judge")
	var verdicts []verdict
	for lines.Scan() {
		var v verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) != len(cases) {
		t.Fatalf("%d verdicts on %d cases", len(verdicts), len(cases))
	}
	return verdicts
}

// testData is the folder of the official files, or the test is skipped.
func testData(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("VIGIE_TEST_DATA")
	if folder == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for root != filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		folder = filepath.Join(root, "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(folder, "qpv2024")); err != nil {
		t.Skip("official files not found, set VIGIE_TEST_DATA: ", err)
	}
	return folder
}

// TestOfficialZonesAgreeWithGEOS repairs every official zone at hand. Each must be valid
// afterwards and cover the same ground as what GEOS makes of it to within 1 m², but for what
// MakeValid loses where parts overlap; and Valid must agree with GEOS about what was given.
func TestOfficialZonesAgreeWithGEOS(t *testing.T) {
	folder := testData(t)
	python(t, "shapely, pyproj, geopandas")
	var cases []judged
	lines := referee(t, nil, "zones", folder)
	for lines.Scan() {
		var zone struct {
			ID          string           `json:"id"`
			Coordinates orb.MultiPolygon `json:"coordinates"`
		}
		if err := json.Unmarshal(lines.Bytes(), &zone); err != nil {
			t.Fatal(err)
		}
		out, report := repair.MultiPolygon(zone.Coordinates)
		cases = append(cases, judged{zone.ID, zone.Coordinates, out, report})
	}
	if len(cases) < 3000 {
		t.Fatalf("only %d zones read", len(cases))
	}
	var invalid, empty int
	var worst, worstArea, worstOverlap float64
	kinds := map[repair.Kind]int{}
	for i, v := range judge(t, cases) {
		c := cases[i]
		for _, f := range c.report.Fixes {
			kinds[f.Kind]++
			worstOverlap = max(worstOverlap, f.Area)
		}
		if !v.Valid {
			invalid++
		}
		valid, problem := repair.Valid(c.in)
		if valid != v.Valid {
			t.Errorf("%s: Valid says %v (%v), GEOS %v (%s)", v.ID, valid, problem, v.Valid, v.Reason)
		}
		if valid != c.report.Valid() {
			t.Errorf("%s: Valid says %v, the report %+v", v.ID, valid, c.report.Fixes)
		}
		if !v.OutValid {
			t.Errorf("%s: result is not valid: %s", v.ID, v.OutReason)
		}
		if len(c.out) == 0 {
			empty++
			t.Logf("%s: no area left (GEOS: %.6f m², %s)", v.ID, v.Area, v.Reason)
		}
		lost := 0.0
		for _, f := range c.report.Fixes {
			if f.Kind == repair.OverlappingParts {
				lost += f.Area
				t.Logf("%s: parts overlap, even-odd would lose %.2f m² of %.0f", v.ID, f.Area, c.report.AreaAfter)
			}
		}
		if math.Abs(v.Difference-lost) > 1 {
			t.Errorf("%s: differs from GEOS by %.3f m², %.3f m² of it by overlapping parts", v.ID, v.Difference, lost)
		}
		worst = max(worst, math.Abs(v.Difference-lost))
		if v.OutArea > 0 {
			e := math.Abs(c.report.AreaAfter-v.OutArea) / v.OutArea
			worstArea = max(worstArea, e)
			if e > 1e-4 {
				t.Errorf("%s: area %.3f m², in an equal-area projection %.3f m²", v.ID, c.report.AreaAfter, v.OutArea)
			}
		}
	}
	t.Logf("%d zones, %d invalid, %d without area; worst difference %.6f m², worst relative area error %.2g; fixes by ring: %v",
		len(cases), invalid, empty, worst, worstArea, kinds)
}

// TestRandomValidityAgreesWithGEOS compares validity before and after repair on random
// multipolygons of a coarse lattice, where rings cross, touch, repeat and run along each other
// all the time. The ground covered is not compared: noding doubles, make_valid loses faces of
// some of these; TestRepairKeepsGround samples it.
func TestRandomValidityAgreesWithGEOS(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var cases []judged
	for range 3000 {
		in := latticeMultiPolygon(random)
		out, report := repair.MultiPolygon(in)
		cases = append(cases, judged{"random", in, out, report})
	}
	valid := 0
	for i, v := range judge(t, cases) {
		c := cases[i]
		if got, problem := repair.Valid(c.in); got != v.Valid {
			t.Errorf("%v: Valid says %v (%v), GEOS %v (%s)", c.in, got, problem, v.Valid, v.Reason)
		}
		if v.Valid {
			valid++
		}
		if !v.OutValid {
			t.Errorf("%v: result %v is not valid: %s", c.in, c.out, v.OutReason)
		}
	}
	if valid < len(cases)/20 || valid > len(cases)*19/20 {
		t.Errorf("%d of %d cases valid: the comparison is one-sided", valid, len(cases))
	}
}

// latticeMultiPolygon has a few small rings with corners on a lattice of 1e-4 degree.
func latticeMultiPolygon(random *rand.Rand) orb.MultiPolygon {
	corner := func(span int) orb.Point {
		return orb.Point{2 + float64(random.IntN(span))/1e4, 46 + float64(random.IntN(span))/1e4}
	}
	mp := make(orb.MultiPolygon, 1+random.IntN(2))
	for i := range mp {
		mp[i] = make(orb.Polygon, 1+random.IntN(3))
		for j := range mp[i] {
			var r orb.Ring
			if j == 0 && random.IntN(2) == 0 {
				x, y := 2+float64(10*i+random.IntN(3))/1e4, 46+float64(random.IntN(3))/1e4
				r = orb.Ring{{x, y}, {x + 9e-4, y}, {x + 9e-4, y + 9e-4}, {x, y + 9e-4}}
			} else {
				for range 3 + random.IntN(4) {
					r = append(r, corner(8))
				}
			}
			mp[i][j] = append(r, r[0])
		}
	}
	return mp
}
