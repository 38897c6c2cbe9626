package score

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestDefaultProfileIsValidAndSaysWhy(t *testing.T) {
	p := Default()
	if problems := p.Validate(); problems != nil {
		t.Fatal(problems)
	}
	if p.Cap != 0.99 || p.ClassProbability != 0.8 || p.Interval != 0.9 || p.Draws != 2000 || !slices.Equal(p.Classes.Bounds, []float64{20, 40, 60, 80}) {
		t.Errorf("the profile departs from the design: %+v", p)
	}
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	pillars := map[string]float64{}
	for i, indicator := range s.Indicators() {
		pillars[s.pillars[s.terms[i].pillar].id] += s.weight(i)
		if strings.Contains(indicator, "incident") {
			t.Errorf("%s: recorded events are never in the score", indicator)
		}
	}
	if math.Abs(pillars["environment"]-0.5) > 1e-12 || math.Abs(pillars["guardianship_deficit"]-0.5) > 1e-12 {
		t.Errorf("weights of pillars: %v", pillars)
	}
	for _, prefix := range []string{"qpv_", "qrr_", "zsp_"} {
		if !slices.ContainsFunc(s.Indicators(), func(id string) bool { return strings.HasPrefix(id, prefix) }) {
			t.Errorf("no indicator %s…: kinds of zones are weighted apart, none is left out", prefix)
		}
	}
}

func TestFrenchTextsKeepFrenchTypography(t *testing.T) {
	p := Default()
	texts := []string{p.Description.FR, p.Elicitation.Method.FR}
	for _, e := range p.Entries {
		texts = append(texts, e.Reason.FR)
	}
	for _, s := range texts {
		if strings.Contains(s, "'") || strings.Contains(s, " :") || strings.Contains(s, " ;") || strings.Contains(s, " %") {
			t.Errorf("typography: %q", s)
		}
	}
}

const tiny = `{
  "format": "vigie-score-profile/1",
  "name": "tiny", "version": "1",
  "elicitation": {"by": "a working group", "on": "2026-02-28"},
  "pillars": [
    {"id": "environment", "label": {"fr": "Environnement", "en": "Environment"}, "weight": 1},
    {"id": "guardianship", "label": {"fr": "Gardiens", "en": "Guardians"}, "weight": 1}
  ],
  "entries": [
    {"indicator": "near", "pillar": "environment", "weight": 2, "goalposts": [1000, 0], "reason": {"fr": "r", "en": "r"}},
    {"indicator": "share", "pillar": "environment", "weight": 1, "goalposts": [0, 0.5], "reason": {"fr": "r", "en": "r"}},
    {"indicator": "police", "pillar": "guardianship", "weight": 1, "goalposts": [500, 8000], "transform": "log", "reason": {"fr": "r", "en": "r"}}
  ]
}`

func TestHashIgnoresSpellingOnly(t *testing.T) {
	p, err := ParseProfile([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal([]byte(tiny), &tree); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(tree, "\t", "   ") // members sorted, other white space
	if err != nil {
		t.Fatal(err)
	}
	explicit := p.Canonical() // defaults written out
	bom := append([]byte("\xef\xbb\xbf"), tiny...)
	spelled := []byte(strings.Replace(tiny, "[0, 0.5]", "[0.0, 5e-1]", 1))
	for _, doc := range [][]byte{sorted, explicit, bom, spelled} {
		q, err := ParseProfile(doc)
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if q.Hash() != p.Hash() {
			t.Errorf("another hash for\n%s", doc)
		}
	}
	for _, change := range [][2]string{{"0.5]", "0.6]"}, {`"weight": 2`, `"weight": 3`}, {`"1",`, `"2",`}, {"working", "study"}} {
		q, err := ParseProfile([]byte(strings.Replace(tiny, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if q.Hash() == p.Hash() {
			t.Errorf("%v does not change the hash", change)
		}
	}
	// The hash is in stored results: a new version of the program must not change it.
	const golden = "58fcbb7daa229c4985a9614f2f09338074b8d7c79bc806ca49b8192ab3d59bf8"
	if p.Hash() != golden {
		t.Errorf("hash %s, %s is expected", p.Hash(), golden)
	}
}

func TestProblemsAreLocatedAndBilingual(t *testing.T) {
	tests := []struct {
		name, old, new string
		path           string
		near           string // text of the document that starts where the problem is located; "" = not checked
		want           string // part of the English message
	}{
		{"unknown field", `"name": "tiny"`, `"nom": 1, "name": "tiny"`, "/nom", `"nom"`, "unknown member"},
		{"twice", `"name": "tiny"`, `"name": "a", "name": "tiny"`, "/name", `"name": "tiny"`, "twice"},
		{"missing", `"version": "1",`, ``, "/version", "{\n  \"format\"", "missing"},
		{"wrong format", `profile/1`, `profile/9`, "/format", `"vigie-score`, "is expected"},
		{"wrong type", `"weight": 2`, `"weight": "2"`, "/entries/0/weight", `"2"`, "number"},
		{"null", `"weight": 2`, `"weight": null`, "/entries/0/weight", `null`, "number"},
		{"huge number", `"weight": 2`, `"weight": 1e999`, "/entries/0/weight", `1e999`, "number"},
		{"negative weight", `"weight": 2`, `"weight": -2`, "/entries/0/weight", `-2`, "at least 0"},
		{"goalposts equal", `[1000, 0]`, `[1000, 1000]`, "/entries/0/goalposts", `[1000, 1000]`, "equal"},
		{"one goalpost", `[1000, 0]`, `[1000]`, "/entries/0/goalposts", `[1000]`, "two numbers"},
		{"goalpost of another type", `[1000, 0]`, `[1000, "0"]`, "/entries/0/goalposts/1", `"0"`, "number"},
		{"log of 0", `[500, 8000]`, `[0, 8000]`, "/entries/2/goalposts", `[0, 8000]`, "above 0"},
		{"duplicate indicator", `"indicator": "share"`, `"indicator": "near"`, "/entries/1/indicator", `"near", "pillar": "environment", "weight": 1`, "twice"},
		{"unknown pillar", `"pillar": "guardianship"`, `"pillar": "guards"`, "/entries/2/pillar", `"guards"`, "no pillar"},
		{"unknown transform", `"transform": "log"`, `"transform": "sqrt"`, "/entries/2/transform", `"sqrt"`, "linear"},
		{"no reason", `"log", "reason": {"fr": "r", "en": "r"}`, `"log"`, "/entries/2/reason", ``, "missing"},
		{"reason in one language", `"log", "reason": {"fr": "r", "en": "r"}`, `"log", "reason": {"fr": "r", "en": " "}`, "/entries/2/reason/en", `" "`, "English"},
		{"pillar of weight without entries", `"weight": 1, "goalposts": [500`, `"weight": 0, "goalposts": [500`, "/pillars/1", `{"id": "guardianship"`, "no indicator"},
		{"not a day", `2026-02-28`, `2026-02-29`, "/elicitation/on", `"2026-02-29"`, "YYYY-MM-DD"},
		{"aggregation", `"version": "1",`, `"version": "1", "aggregation": "mean",`, "/aggregation", `"mean"`, "arithmetic"},
		{"cap 1", `"version": "1",`, `"version": "1", "cap": 1,`, "/cap", "1,\n", "between 0 and 1"},
		{"few draws", `"version": "1",`, `"version": "1", "draws": 10,`, "/draws", `10,`, "100"},
		{"draws not whole", `"version": "1",`, `"version": "1", "draws": 2000.5,`, "/draws", `2000.5`, "integer"},
		{"negative seed", `"version": "1",`, `"version": "1", "seed": -1,`, "/seed", `-1`, "2^64"},
		{"prior upside down", `"version": "1",`, `"version": "1", "unknown": {"low": 0.9, "high": 0.1},`, "/unknown", `{"low"`, "above"},
		{"class probability", `"version": "1",`, `"version": "1", "class_probability": 0.5,`, "/class_probability", `0.5,`, "above 0.5"},
		{"classes not ascending", `"version": "1",`, `"version": "1", "classes": {"bounds": [40, 20], "labels": [{"fr":"a","en":"a"},{"fr":"b","en":"b"},{"fr":"c","en":"c"}]},`, "/classes/bounds/1", `20]`, "ascend"},
		{"too few labels", `"version": "1",`, `"version": "1", "classes": {"bounds": [40], "labels": []},`, "/classes/labels", `[]`, "2 class labels"},
		{"not an object", tiny, `[1]`, "", `[1]`, "object"},
		{"truncated", "\n}", "\n", "", "", "ends before"},
		{"trailing comma", `"version": "1",`, `"version": "1",,`, "", ",\n", "malformed"},
		{"empty", tiny, ``, "", "", "ends before"},
		{"not UTF-8", "tiny", "t\xffny", "", "\xff", "UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := strings.Replace(tiny, test.old, test.new, 1)
			if doc == tiny {
				t.Fatal("nothing was replaced")
			}
			_, err := ParseProfile([]byte(doc))
			var invalid *InvalidProfileError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v", err)
			}
			i := slices.IndexFunc(invalid.Problems, func(p Problem) bool {
				return p.Path == test.path && strings.Contains(p.Message.EN, test.want)
			})
			if i < 0 {
				t.Fatalf("no problem at %q with %q in\n%v", test.path, test.want, err)
			}
			p := invalid.Problems[i]
			if p.Message.FR == "" || p.Message.FR == p.Message.EN || p.Line < 1 || p.Column < 1 {
				t.Errorf("problem %+v", p)
			}
			lines := strings.Split(doc, "\n")
			if at := strings.Join(lines[p.Line-1:], "\n"); test.near != "" && !strings.HasPrefix(string([]rune(at)[p.Column-1:]), strings.ToValidUTF8(test.near, "�")) &&
				!strings.HasPrefix(at[p.Column-1:], test.near) {
				t.Errorf("%d:%d is not at %q", p.Line, p.Column, test.near)
			}
		})
	}
}

func TestAllProblemsComeTogether(t *testing.T) {
	doc := strings.NewReplacer(`"weight": 2`, `"weight": -2`, `[500, 8000]`, `[5, 5]`, `"tiny"`, `""`).Replace(tiny)
	_, err := ParseProfile([]byte(doc))
	var invalid *InvalidProfileError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 3 {
		t.Fatalf("three problems are expected: %v", err)
	}
	if !slices.IsSortedFunc(invalid.Problems, func(a, b Problem) int { return a.Line - b.Line }) {
		t.Error("problems are not in the document's order")
	}
}

func TestWeightsThatSumToZeroAreRefused(t *testing.T) {
	p, err := ParseProfile([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Pillars {
		p.Pillars[i].Weight = 0
	}
	if _, err := New(p); err == nil || !strings.Contains(err.Error(), "sum to 0") {
		t.Errorf("error %v", err)
	}
	p.Pillars[0].Weight = math.NaN()
	if _, err := New(p); err == nil {
		t.Error("a weight that is not a number is accepted")
	}
}

func TestAProfileTooLongIsRefused(t *testing.T) {
	if _, err := ParseProfile(bytes.Repeat([]byte(" "), maxProfileBytes+1)); err == nil || !strings.Contains(err.Error(), "1 MiB") {
		t.Errorf("error %v", err)
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(tiny))
	f.Add(DefaultJSON())
	f.Add([]byte(`{"entries":[{"goalposts":[1,{"a":[]}]}],"entries":1}`))
	f.Add([]byte("{\"é\":\n[1,"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := ParseProfile(src)
		if err != nil {
			var invalid *InvalidProfileError
			if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
				t.Fatalf("error without problems: %v", err)
			}
			for _, problem := range invalid.Problems {
				if problem.Line < 1 || problem.Column < 1 || problem.Message.FR == "" || problem.Message.EN == "" {
					t.Fatalf("problem %+v", problem)
				}
			}
			return
		}
		// What is accepted computes, and comes back the same from its canonical form.
		q, err := ParseProfile(p.Canonical())
		if err != nil || q.Hash() != p.Hash() {
			t.Fatalf("the canonical form of an accepted profile is another: %v", err)
		}
		s, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		values := make([]float64, len(s.Indicators()))
		for i := range values {
			values[i] = float64(i) * 100
		}
		if b := s.Explain(values); !(b.Score >= 0 && b.Score <= 100) {
			t.Fatalf("score %v", b.Score)
		}
	})
}
