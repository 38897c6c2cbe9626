package qrrjson

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
	"vigie/geo/crs"
)

func input(t testing.TB, content string) *source.Input {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: "qrr.json", Size: int64(len(content)), ReaderAt: bytes.NewReader([]byte(content))}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func read(t testing.TB, in *source.Input) (zones []data.Zone, at []source.Location, problems []data.Problem, err error) {
	t.Helper()
	err = Format{}.Read(t.Context(), in, source.Options{Layer: data.LayerZones}, source.Sink{
		Zone:    func(z data.Zone, l source.Location) error { zones, at = append(zones, z), append(at, l); return nil },
		Problem: func(p data.Problem) { problems = append(problems, p) },
	})
	return zones, at, problems, err
}

// The 62 official districts are all read, in place, with their rings as stored.
func TestOfficialFile(t *testing.T) {
	in, err := source.Open(sourcetest.Real(t, "qrr/sensible_zones.json.gz"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if score := (Format{}).Detect(in); score < 90 {
		t.Errorf("score %d", score)
	}
	zones, _, problems, err := read(t, in)
	if err != nil || len(zones) != 62 || len(problems) > 0 {
		t.Fatalf("%v, %d zones, %v", err, len(zones), problems)
	}
	rings, departments := 0, map[string]bool{}
	for _, z := range zones {
		if z.Kind != data.ZoneQRR || z.Code == "" || z.Name == "" || len(z.DepartmentCodes) != 1 {
			t.Errorf("incomplete zone %+v", z)
			continue
		}
		departments[z.DepartmentCodes[0]] = true
		c := z.Geometry[0].Bound().Center()
		want, _ := crs.LegalForDepartment(z.DepartmentCodes[0])
		if got, ok := crs.Legal(c[0], c[1]); !ok || got != want {
			t.Errorf("%s lies at %v, outside département %s", z.Code, c, z.DepartmentCodes[0])
		}
		for _, p := range z.Geometry {
			rings += len(p)
		}
	}
	if rings != 198 || !departments["976"] || !departments["988"] {
		t.Errorf("%d rings, want 198; départements %v", rings, departments)
	}
}

const good = `{"code":"93_1","name":"Quartier d’essai","dep":"93","g":[[[[2.38,48.91],[2.39,48.91],[2.39,48.92],[2.38,48.91]],[[2.5,48.9],[2.51,48.9],[2.51,48.91],[2.5,48.9]]]]}`

func TestRingsOfAPolygonStayTogether(t *testing.T) {
	zones, at, problems, err := read(t, input(t, `{"meta":{"zones":[1]},`+"\n"+`"zones":[`+good+`]}`))
	want := orb.MultiPolygon{{
		{{2.38, 48.91}, {2.39, 48.91}, {2.39, 48.92}, {2.38, 48.91}},
		{{2.5, 48.9}, {2.51, 48.9}, {2.51, 48.91}, {2.5, 48.9}},
	}}
	if err != nil || len(problems) > 0 || len(zones) != 1 || !orb.Equal(zones[0].Geometry, want) || at[0].Line != 2 {
		t.Errorf("%v, %v, %v, %v", err, zones, at, problems)
	}
}

func TestZonesThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct{ zone, code string }{
		"no outline":      {`{"code":"Z","name":"x"}`, source.CodeNoGeometry},
		"empty outline":   {`{"code":"Z","name":"x","g":[[[]]]}`, source.CodeNoGeometry},
		"too few levels":  {`{"code":"Z","name":"x","g":[[2.3,48.8]]}`, source.CodeBadGeometry},
		"one ordinate":    {`{"code":"Z","name":"x","g":[[[[2.3]]]]}`, source.CodeBadGeometry},
		"text ordinate":   {`{"code":"Z","name":"x","g":[[[["a",2]]]]}`, source.CodeBadGeometry},
		"infinite":        {`{"code":"Z","name":"x","g":[[[[1e999,48.8]]]]}`, source.CodeBadGeometry},
		"outside France":  {`{"code":"Z","name":"x","g":[[[[20,20],[21,20],[21,21],[20,20]]]]}`, source.CodeOutsideFrance},
		"same code again": {strings.Replace(good, "93_1", "93_0", 1), source.CodeDuplicateID},
	} {
		first := strings.Replace(good, "93_1", "93_0", 1)
		zones, _, problems, err := read(t, input(t, `{"zones":[`+first+",\n"+c.zone+",\n"+good+`]}`))
		if err != nil || len(zones) != 2 || len(problems) != 1 {
			t.Errorf("%s: %v, %d zones, %v", name, err, len(zones), problems)
			continue
		}
		p := problems[0]
		if p.Code != c.code || p.Severity != data.SeverityError || p.Line != 2 || p.Column != 1 || p.File != "qrr.json" || p.Record == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestThirdOrdinateAndNumericCode(t *testing.T) {
	zones, _, _, err := read(t, input(t, `{"zones":[{"code":12,"name":null,"dep":93,"g":[[[[2.38,48.91,35],[2.39,48.91,35],[2.39,48.92,35],[2.38,48.91,35]]]]}]}`))
	if err != nil || len(zones) != 1 || zones[0].Code != "12" || zones[0].Name != "12" || zones[0].DepartmentCodes[0] != "93" {
		t.Errorf("%v, %+v", err, zones)
	}
}

func TestDocumentsThatCannotBeUsed(t *testing.T) {
	whole := "{\"zones\":[\n" + good + "\n]}"
	for name, c := range map[string]struct {
		content, code string
		line          int
	}{
		"truncated":     {whole[:len(whole)-40], source.CodeTruncated, 2},
		"no list":       {`{"meta":{}}`, CodeNoZones, 0},
		"not a list":    {`{"zones":{}}`, source.CodeSyntax, 1},
		"not an object": {`[1]`, source.CodeSyntax, 1},
		"text after":    {whole + "x", source.CodeSyntax, 3},
		"missing comma": {"{\"zones\":[" + good + "\n" + good + "]}", source.CodeSyntax, 2},
	} {
		_, _, _, err := read(t, input(t, c.content))
		r, ok := source.Rejected(err)
		if !ok || r.Problem.Code != c.code || r.Problem.Line != c.line || r.Problem.File != "qrr.json" {
			t.Errorf("%s: %v (%+v), want %s at line %d", name, err, r, c.code, c.line)
		}
	}
}

func TestDetect(t *testing.T) {
	for content, want := range map[string]bool{
		`{"meta":{},"zones":[` + good + `]}`:                          true,
		"\ufeff {\"zones\":[" + good + "]}":                           true,
		`{"type":"FeatureCollection","features":[{"properties":{}}]}`: false,
		`{"zones":[1],"type":"FeatureCollection"}`:                    false,
		`zones`: false,
	} {
		if got := (Format{}).Detect(input(t, content)) >= 90; got != want {
			t.Errorf("%.40s: %v", content, got)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Format{}).Read(ctx, input(t, `{"zones":[`+good+`]}`), source.Options{}, source.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"meta":{},"zones":[` + good + `]}`)
	f.Add(`{"zones":[{"g":[[[[1,2,3]]]],"code":5}]}`)
	f.Fuzz(func(t *testing.T, content string) {
		if content == "" || strings.HasPrefix(content, "PK") || strings.HasPrefix(content, "\x1f\x8b") {
			return
		}
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "qrr.json", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
		if err != nil {
			return // another kind of archive
		}
		zones, _, _, err := read(t, in)
		if err != nil {
			if r, ok := source.Rejected(err); !ok || r.Problem.File == "" {
				t.Fatalf("error %v is no located rejection", err)
			}
		}
		for _, z := range zones {
			if z.Code == "" || len(z.Geometry) == 0 {
				t.Fatalf("unusable zone %+v", z)
			}
		}
	})
}
