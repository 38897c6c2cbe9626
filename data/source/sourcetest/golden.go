package sourcetest

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigie/data"
)

// String lists a result for a golden: a line a record, then the problems and what
// was filtered.
func (r *Result) String() string {
	var b strings.Builder
	for i, s := range r.Sites {
		capacity := "-"
		if s.Capacity != nil {
			capacity = fmt.Sprint(*s.Capacity)
		}
		fmt.Fprintf(&b, "site %s | %s | %s %s | %s | opened %s closed %s | %s, %s %s | commune %s in %s | places %s | entity %s | line %d\n",
			s.ID, s.Name, s.Category, s.Kind, s.Status, dash(s.OpenedOn), dash(s.ClosedOn), dash(s.Address.Street), dash(s.Address.PostalCode), s.Address.Locality,
			dash(s.CommuneCode), dash(s.DepartmentCode), capacity, dash(s.LegalEntityFINESS), r.Locations[i].Line)
		fmt.Fprintf(&b, "     %s\n", position(s.Position))
	}
	for i, z := range r.Zones {
		vertices := 0
		for _, p := range z.Geometry {
			for _, ring := range p {
				vertices += len(ring)
			}
		}
		people := ""
		if z.Population != nil {
			people = fmt.Sprintf(" | %d people", *z.Population)
		}
		fmt.Fprintf(&b, "zone %s %s %s | %s | communes %s %s | départements %s | %d polygons, %d vertices from %s%s | line %d\n",
			z.Kind, dash(z.Edition), z.Code, z.Name, dash(strings.Join(z.CommuneCodes, " ")), dash(strings.Join(z.CommuneNames, " / ")), dash(strings.Join(z.DepartmentCodes, " ")),
			len(z.Geometry), vertices, fmt.Sprintf("%.6f %.6f", z.Geometry[0][0][0][0], z.Geometry[0][0][0][1]), people, r.Locations[i].Line)
	}
	for i, p := range r.Places {
		fmt.Fprintf(&b, "place %s | %s | %s | commune %s in %s | line %d\n     %s\n",
			p.ID, p.Kind, p.Name, dash(p.CommuneCode), dash(p.DepartmentCode), r.Locations[i].Line, position(p.Position))
		if p.Source != "" {
			night := "unknown"
			if p.OpenAtNight != nil {
				night = fmt.Sprint(*p.OpenAtNight)
			}
			fmt.Fprintf(&b, "     source %s edition %s, open at night %s\n", p.Source, dash(p.Edition), night)
		}
	}
	for i, s := range r.Statistics {
		fmt.Fprintf(&b, "%s %s %s in %s | %s %d | %s %s = %s (%s of %s) | edition %s of %s | line %d\n",
			s.Level, s.Area, s.Status, dash(s.Department), s.Indicator, s.Year, number(s.Value), s.Unit, estimated(s.Estimated), number(s.Count), number(s.Denominator),
			dash(s.Edition), s.Source, r.Locations[i].Line)
	}
	for i, a := range r.Areas {
		fmt.Fprintf(&b, "area %s %s | %s | in %s | %d polygons | line %d\n", a.Level, a.Code, a.Name, a.DepartmentCode, len(a.Geometry), r.Locations[i].Line)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s %s %s", p.Severity, p.Code, p.Location())
		if p.Field != "" {
			fmt.Fprintf(&b, " [%s]", p.Field)
		}
		if p.Value != "" {
			fmt.Fprintf(&b, " %q", p.Value)
		}
		fmt.Fprintf(&b, "\n     %s\n     %s\n", knownCRS.ReplaceAllString(p.Message.FR, "$1 …"), knownCRS.ReplaceAllString(p.Message.EN, "$1 …"))
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Filtered)) {
		fmt.Fprintf(&b, "filtered %d: %s\n", r.Filtered[reason], reason)
	}
	if r.Err != nil {
		fmt.Fprintf(&b, "rejected: %v\n", r.Err)
	}
	return b.String()
}

func number(f *float64) string {
	if f == nil {
		return "?"
	}
	return fmt.Sprintf("%.6g", *f)
}

func estimated(e bool) string {
	if e {
		return "estimated"
	}
	return "counted"
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func position(p *data.Position) string {
	if p == nil {
		return "not located"
	}
	return fmt.Sprintf("at %.6f %.6f, %s, score %g, from %s", p.Point[0], p.Point[1], p.Precision, p.GeocodingScore, dash(p.Source))
}

// knownCRS is the part of a message that grows with the CRSs known.
var knownCRS = regexp.MustCompile(`(connus|known)[^:]*: OGC:[^.]*`)

// Golden compares a result's listing with a file, which the environment variable
// VIGIE_UPDATE_GOLDEN=1 rewrites.
func Golden(t testing.TB, r *Result, path string) {
	t.Helper()
	got := r.String()
	if os.Getenv("VIGIE_UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (VIGIE_UPDATE_GOLDEN=1 rewrites it):\n%s", path, got)
	}
}

// Sound fails the test when a result breaks what every format promises: problems
// are said in both languages, records are identified once and positions are finite.
func (r *Result) Sound(t testing.TB) {
	t.Helper()
	for _, p := range r.Problems {
		if p.Code == "" || p.Severity == "" || p.File == "" || p.Message.FR == "" || p.Message.EN == "" {
			t.Fatalf("problem not told in full: %+v", p)
		}
	}
	ids := make(map[string]bool)
	once := func(id string) {
		if id == "" || ids[id] {
			t.Fatalf("identifier %q is empty or given twice", id)
		}
		ids[id] = true
	}
	on := func(p *data.Position) {
		if p != nil && !(p.Point[0] >= -180 && p.Point[0] <= 180 && p.Point[1] >= -90 && p.Point[1] <= 90) {
			t.Fatalf("position %v", p.Point)
		}
	}
	for _, s := range r.Sites {
		once(s.ID)
		on(s.Position)
	}
	for _, p := range r.Places {
		once(p.ID)
		on(p.Position)
	}
	for _, z := range r.Zones {
		once(z.Code)
		for _, polygon := range z.Geometry {
			for _, ring := range polygon {
				for _, v := range ring {
					on(&data.Position{Point: v})
				}
			}
		}
	}
	for _, a := range r.Areas {
		once(a.Level + a.Code)
	}
	for i := range r.Statistics {
		s := r.Statistics[i]
		if s.Edition == "" {
			s.Edition = "0" // the caller's to give
		}
		if problems := s.Validate(); len(problems) > 0 {
			t.Fatalf("statistic %+v: %s", s, problems[0].Message.EN)
		}
	}
	if r.Err != nil {
		e, ok := rejected(r.Err)
		if !ok || e.Message.FR == "" || e.Message.EN == "" || e.File == "" || e.Code == "" {
			t.Fatalf("error not told in full: %v", r.Err)
		}
	}
}
