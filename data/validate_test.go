package data_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
)

func validSite() data.Site {
	capacity := 12
	return data.Site{
		ID: "010000099", FINESS: "010000099", Name: "Maison des Essais", Category: "177", Kind: "mecs",
		Status: data.SiteOpen, OpenedOn: "1998-09-01", CommuneCode: "01004", DepartmentCode: "01", Capacity: &capacity,
		Position: &data.Position{Point: orb.Point{5.35, 45.95}, Precision: data.PrecisionHouseNumber, GeocodingScore: 96},
	}
}

func codes(problems []data.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, string(p.Severity)+" "+p.Code)
	}
	return list
}

func TestSiteValidation(t *testing.T) {
	number := func(n int) *int { return &n }
	for _, c := range []struct {
		name   string
		change func(*data.Site)
		strict []string
		// lenient is what Sanitize says; the check of what it did follows.
		lenient []string
		after   func(*data.Site) bool
	}{
		{"valid", func(*data.Site) {}, nil, nil, func(s *data.Site) bool { return s.Position != nil }},
		{"no id", func(s *data.Site) { s.ID = "" }, []string{"error missing-id"}, []string{"error missing-id"}, nil},
		{"id with control character", func(s *data.Site) { s.ID = "a\nb" }, []string{"error invalid-id"}, []string{"error invalid-id"}, nil},
		{"id too long", func(s *data.Site) { s.ID = strings.Repeat("9", data.MaxIDLength+1) }, []string{"error invalid-id"}, []string{"error invalid-id"}, nil},
		{"no name", func(s *data.Site) { s.Name = "" }, []string{"warning missing-name"}, []string{"warning missing-name"}, nil},
		{"name of several lines", func(s *data.Site) { s.Name = "Foyer\tA" }, []string{"error invalid-text"}, []string{"warning invalid-text"}, func(s *data.Site) bool { return s.Name == "Foyer A" }},
		{"endless name", func(s *data.Site) { s.Name = strings.Repeat("é", 2000) }, []string{"error invalid-text"}, []string{"warning invalid-text"}, func(s *data.Site) bool { return len([]rune(s.Name)) == data.MaxTextLength }},
		{"bad FINESS", func(s *data.Site) { s.FINESS = "12-4" }, []string{"error invalid-finess"}, []string{"warning invalid-finess"}, func(s *data.Site) bool { return s.FINESS == "" && s.ID != "" }},
		{"malformed category", func(s *data.Site) { s.Category = "MECS" }, []string{"error unknown-category"}, []string{"warning unknown-category"}, func(s *data.Site) bool { return s.Category == "" && s.Kind == data.KindOther }},
		{"category of another aggregate", func(s *data.Site) { s.Category, s.Kind = "241", data.KindOther }, nil, nil, func(s *data.Site) bool { return s.Category == "241" }},
		{"kind of another category", func(s *data.Site) { s.Kind = "infant_home" }, []string{"error invalid-kind"}, []string{"warning invalid-kind"}, func(s *data.Site) bool { return s.Kind == "mecs" }},
		{"no status", func(s *data.Site) { s.Status = "" }, []string{"error invalid-status"}, []string{"warning invalid-status"}, func(s *data.Site) bool { return s.Status == data.SiteOpen }},
		{"no such day", func(s *data.Site) { s.OpenedOn = "2021-02-29" }, []string{"error invalid-date"}, []string{"warning invalid-date"}, func(s *data.Site) bool { return s.OpenedOn == "" }},
		{"closed before opened", func(s *data.Site) { s.Status, s.ClosedOn = data.SiteClosed, "1990-01-01" }, []string{"error dates-out-of-order"}, []string{"warning dates-out-of-order"}, func(s *data.Site) bool { return s.OpenedOn == "" && s.ClosedOn == "1990-01-01" }},
		{"commune of four digits", func(s *data.Site) { s.CommuneCode = "1004" }, []string{"error invalid-commune-code"}, []string{"warning invalid-commune-code"}, func(s *data.Site) bool { return s.CommuneCode == "" && s.DepartmentCode == "01" }},
		{"no such département", func(s *data.Site) { s.DepartmentCode = "20" }, []string{"error invalid-department-code"}, []string{"warning invalid-department-code"}, func(s *data.Site) bool { return s.DepartmentCode == "01" }},
		{"commune elsewhere", func(s *data.Site) { s.DepartmentCode = "69" }, []string{"error commune-department-mismatch"}, []string{"warning commune-department-mismatch"}, func(s *data.Site) bool { return s.DepartmentCode == "01" }},
		{"placing départements", func(s *data.Site) { s.PlacingDepartments = []string{"13", "2A"} }, nil, nil, func(s *data.Site) bool { return len(s.PlacingDepartments) == 2 }},
		{"no such placing département", func(s *data.Site) { s.PlacingDepartments = []string{"13", "20"} }, []string{"error invalid-department-code"}, []string{"warning invalid-department-code"}, func(s *data.Site) bool { return slices.Equal(s.PlacingDepartments, []string{"13"}) }},
		{"its own places", func(s *data.Site) { s.PlacingDepartments = []string{"01", "13"} }, []string{"error invalid-placing-departments"}, []string{"warning invalid-placing-departments"}, func(s *data.Site) bool { return slices.Equal(s.PlacingDepartments, []string{"13"}) }},
		{"placing twice, out of order", func(s *data.Site) { s.PlacingDepartments = []string{"84", "13", "84"} }, []string{"error invalid-placing-departments"}, []string{"warning invalid-placing-departments"}, func(s *data.Site) bool { return slices.Equal(s.PlacingDepartments, []string{"13", "84"}) }},
		{"capacity of none", func(s *data.Site) { s.Capacity = number(0) }, []string{"error invalid-capacity"}, []string{"warning invalid-capacity"}, func(s *data.Site) bool { return s.Capacity == nil }},
		{"capacity of a town", func(s *data.Site) { s.Capacity = number(1000) }, []string{"error invalid-capacity"}, []string{"warning invalid-capacity"}, func(s *data.Site) bool { return s.Capacity == nil }},
		{"capacity of one", func(s *data.Site) { s.Capacity = number(1) }, nil, nil, func(s *data.Site) bool { return *s.Capacity == 1 }},
		{"nowhere", func(s *data.Site) { s.Position.Point = orb.Point{0, 0} }, []string{"error invalid-position"}, []string{"warning invalid-position"}, func(s *data.Site) bool { return s.Position == nil }},
		{"not a number", func(s *data.Site) { s.Position.Point = orb.Point{math.NaN(), 45} }, []string{"error invalid-position"}, []string{"warning invalid-position"}, func(s *data.Site) bool { return s.Position == nil }},
		{"infinite", func(s *data.Site) { s.Position.Point = orb.Point{5, math.Inf(-1)} }, []string{"error invalid-position"}, []string{"warning invalid-position"}, func(s *data.Site) bool { return s.Position == nil }},
		{"metres", func(s *data.Site) { s.Position.Point = orb.Point{870000, 6500000} }, []string{"error invalid-position"}, []string{"warning invalid-position"}, func(s *data.Site) bool { return s.Position == nil }},
		{"unheard-of precision", func(s *data.Site) { s.Position.Precision = "about" }, []string{"error invalid-precision"}, []string{"warning invalid-precision"}, func(s *data.Site) bool { return s.Position.Precision == data.PrecisionUnspecified }},
		{"score above 100", func(s *data.Site) { s.Position.GeocodingScore = 101 }, []string{"error invalid-geocoding-score"}, []string{"warning invalid-geocoding-score"}, func(s *data.Site) bool { return s.Position.GeocodingScore == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := validSite()
			c.change(&s)
			if got := codes(s.Validate()); !slices.Equal(got, c.strict) {
				t.Errorf("Validate: %v, want %v", got, c.strict)
			}
			if got := codes(s.Sanitize()); !slices.Equal(got, c.lenient) {
				t.Errorf("Sanitize: %v, want %v", got, c.lenient)
			}
			if c.after != nil && !c.after(&s) {
				t.Errorf("after Sanitize: %+v", s)
			}
		})
	}
}

// Whatever a file says of a home, it is kept as a valid record or told as an error: never
// lost without a word, never kept wrong.
func TestSanitizeLeavesNothingWrong(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "01004", "97127", "971", "01", "2A", "2A004", "177", "mecs", "open", "2020-02-30", "2020-02-03", "NaN", "010000099"}))
	rapid.Check(t, func(t *rapid.T) {
		s := data.Site{
			ID: text.Draw(t, "id"), FINESS: text.Draw(t, "finess"), LegalEntityFINESS: text.Draw(t, "entity"), Name: text.Draw(t, "name"),
			Category: text.Draw(t, "category"), Kind: text.Draw(t, "kind"), Status: data.SiteStatus(text.Draw(t, "status")),
			OpenedOn: text.Draw(t, "opened"), ClosedOn: text.Draw(t, "closed"),
			CommuneCode: text.Draw(t, "commune"), DepartmentCode: text.Draw(t, "department"),
			Address: data.Address{Street: text.Draw(t, "street")}, PlacingDepartments: rapid.SliceOfN(text, 0, 3).Draw(t, "placing"),
		}
		if rapid.Bool().Draw(t, "has capacity") {
			n := rapid.Int().Draw(t, "capacity")
			s.Capacity = &n
		}
		if rapid.Bool().Draw(t, "has position") {
			s.Position = &data.Position{
				Point:     orb.Point{rapid.Float64().Draw(t, "lon"), rapid.Float64().Draw(t, "lat")},
				Precision: data.Precision(text.Draw(t, "precision")), GeocodingScore: rapid.Float64().Draw(t, "score"),
			}
		}
		id := s.ID
		for _, p := range s.Sanitize() {
			if p.Severity == data.SeverityError {
				if data.ValidID(id) {
					t.Fatalf("a home with a good identifier is rejected: %+v", p)
				}
				return
			}
			if p.Message.FR == "" || p.Message.EN == "" || p.Field == "" {
				t.Fatalf("a finding that does not say what is wrong: %+v", p)
			}
		}
		for _, p := range s.Validate() {
			if p.Severity == data.SeverityError {
				t.Fatalf("still wrong: %+v in %+v", p, s)
			}
		}
	})
}

func TestZoneValidation(t *testing.T) {
	valid := data.Zone{
		Kind: data.ZoneQPV, Edition: "2024", Code: "QN00101M", Name: "Quartier d’essai",
		CommuneCodes: []string{"01004"}, DepartmentCodes: []string{"01"},
	}
	if p := valid.Validate(); p != nil {
		t.Errorf("a valid zone: %v", p)
	}
	for name, change := range map[string]func(*data.Zone){
		"missing-id":      func(z *data.Zone) { z.Code = "" },
		"invalid-kind":    func(z *data.Zone) { z.Kind = "QPV" },
		"invalid-edition": func(z *data.Zone) { z.Edition = "2024.1" },
	} {
		z := valid
		change(&z)
		if got := codes(z.Sanitize()); !slices.Equal(got, []string{"error " + name}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, n := range []int{-1, data.MaxPopulation + 1} {
		z := valid
		z.Population = &n
		if got := codes(z.Validate()); !slices.Equal(got, []string{"error invalid-population"}) {
			t.Errorf("a population of %d: %v", n, got)
		}
		if got := codes(z.Sanitize()); !slices.Equal(got, []string{"warning invalid-population"}) || z.Population != nil {
			t.Errorf("a population of %d: %v, left %v", n, got, z.Population)
		}
	}
	for _, n := range []int{0, 1200, data.MaxPopulation} {
		z := valid
		if z.Population = &n; z.Sanitize() != nil || z.Population == nil {
			t.Errorf("a population of %d is refused", n)
		}
	}
	z := valid
	list := []string{"01004", "1004", "01053"}
	z.CommuneCodes = list
	if got := codes(z.Sanitize()); !slices.Equal(got, []string{"warning invalid-commune-code"}) || !slices.Equal(z.CommuneCodes, []string{"01004", "01053"}) {
		t.Errorf("a commune code too short: %v, left %v", got, z.CommuneCodes)
	}
	if list[1] != "1004" {
		t.Error("the caller’s slice was changed")
	}
}

func TestCodesOfTerritories(t *testing.T) {
	for commune, department := range map[string]string{
		"01004": "01", "2A004": "2A", "75056": "75", "97411": "974", "97127": "978", "97123": "977", "98735": "987",
		"00001": data.FictitiousDepartment,
	} {
		if !data.ValidCommuneCode(commune) || data.DepartmentOfCommune(commune) != department || !data.ValidDepartmentCode(department) {
			t.Errorf("%s is not a commune of %s", commune, department)
		}
	}
	for _, wrong := range []string{"", "1004", "010045", "20004", "00000", "96001", "2C004", "0100A", "97911", "0A004"} {
		if data.ValidCommuneCode(wrong) {
			t.Errorf("%q passes for a commune", wrong)
		}
	}
	for _, wrong := range []string{"", "0", "000", "20", "96", "2C", "970", "979", "985", "1", "9A", "97A"} {
		if data.ValidDepartmentCode(wrong) {
			t.Errorf("%q passes for a département", wrong)
		}
	}
}
