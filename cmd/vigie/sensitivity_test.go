//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

// sensitiveWorld is a database of three homes of one département and one of another, a
// priority neighbourhood that discs of 500 m just miss, and places.
func sensitiveWorld(t *testing.T) (dir, db string) {
	t.Helper()
	dir = t.TempDir()
	db = filepath.Join(dir, "vigie.db")
	sites := write(t, filepath.Join(dir, "sites.csv"), "id;name;lon;lat;category;department_code;precision\n"+
		"A1;Foyer fictif 1;2.0920;46.5;177;23;house_number\nA2;Foyer fictif 2;2.0915;46.5;177;23;house_number\n"+
		"A3;Foyer fictif 3;2.0910;46.5;177;23;house_number\nA4;Foyer fictif 4;;;177;23;\nB1;Foyer fictif 5;2.5;46.4;177;03;house_number\n")
	zones := write(t, filepath.Join(dir, "zones.geojson"), `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"Z1","nom":"Quartier fictif"},
"geometry":{"type":"Polygon","coordinates":[[[2.1,46.48],[2.13,46.48],[2.13,46.52],[2.1,46.52],[2.1,46.48]]]}}]}`)
	places := write(t, filepath.Join(dir, "places.csv"), "id;kind;name;lon;lat\nP1;police;Commissariat fictif;2.05;46.5\nP2;school;École fictive;2.09;46.51\n")
	for _, args := range [][]string{{"sites", sites}, {"zones", zones, "--kind", "qpv", "--edition", "2024"}, {"places", places}} {
		if code, _, stderr := vigie(t, append([]string{"import", "--db", db}, args...)...); code != 0 {
			t.Fatal(stderr)
		}
	}
	return dir, db
}

// discProfile is a profile in which only the share of a disc varies with a distance.
func discProfile(t *testing.T, dir string) string {
	t.Helper()
	p := score.Default()
	share, police := p.Entries[0], p.Entries[0]
	share.Indicator, share.Pillar, share.Goalposts = "qpv_zone_share_500m", p.Pillars[0].ID, [2]float64{0, 0.5}
	police.Indicator, police.Pillar, police.Goalposts = "nearest_police_distance_m", p.Pillars[1].ID, [2]float64{0, 10_000}
	p.Entries = []score.Entry{share, police}
	content, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(dir, "profile.json"), string(content))
}

func TestSensitivity(t *testing.T) {
	dir, db := sensitiveWorld(t)
	profile := discProfile(t, dir)
	args := []string{"sensitivity", "--db", db, "--profile", profile, "--draws", "512", "--seed", "7"}
	code, stdout, stderr := vigie(t, append(args, "--format", "json")...)
	var got sensitivityReport
	if err := json.Unmarshal([]byte(stdout), &got); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	if got.Sites != 4 || len(got.BySite) != 4 || got.Profile.Seed != 7 || got.Profile.Draws != 512 || len(got.Profile.Hash) != 64 {
		t.Errorf("report: %+v", got)
	}
	// All at 500 m or more of the zone, the disc doubled is what raises their scores.
	at := slices.IndexFunc(got.Scenarios, func(s sensitivityScenario) bool { return s.ID == "disc_radius:double" })
	half := slices.IndexFunc(got.Scenarios, func(s sensitivityScenario) bool { return s.ID == "disc_radius:half" })
	if at < 0 || half < 0 || got.Scenarios[at].MaxShift < 5 || got.Scenarios[half].MaxShift > 5 {
		t.Errorf("scenarios: %+v", got.Scenarios)
	}
	var ids []string
	for _, c := range got.Choices {
		ids = append(ids, c.ID)
	}
	if want := []string{"pillar_weights", "goalposts", "aggregation", "disc_radius"}; !slices.Equal(ids, want) {
		t.Errorf("choices %v, want %v", ids, want)
	}

	if _, again, _ := vigie(t, append(args, "--format", "json")...); again != stdout {
		t.Error("the same seed gives another report")
	}
	_, table, _ := vigie(t, append(args, "--format", "csv")...)
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) < 30 || !slices.Contains(rows[2], "7") {
		t.Errorf("csv: %v, %d rows", err, len(rows))
	}
	for lang, want := range map[string][]string{
		"fr": {"4 foyers (0 sans score complet)", "Rayon des disques", "Lire", "graine 7, 512 tirages"},
		"en": {"4 homes (0 without a complete score)", "Radius of discs", "How to read", "seed 7, 512 draws", "halved"},
	} {
		_, text, _ := vigie(t, append([]string{"--lang", lang}, args...)...)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in\n%s", lang, w, text)
			}
		}
	}

	code, stdout, stderr = vigie(t, append(args, "--format", "json", "--department", "3")...)
	if err := json.Unmarshal([]byte(stdout), &got); code != 0 || err != nil || got.Sites != 1 {
		t.Errorf("one département: exit %d, %v, %d homes: %s", code, err, got.Sites, stderr)
	}
	store, err := sqlite.Open(t.Context(), db, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	entries, err := store.AuditRecords(t.Context(), operator("test"), data.AuditQuery{Action: "sensitivity", Limit: 100})
	if err != nil || len(entries) != 6 || entries[0].Count != 1 || entries[1].Count != 4 {
		t.Errorf("journal: %v, %+v", err, entries)
	}
}

func TestSensitivityRefuses(t *testing.T) {
	_, db := sensitiveWorld(t)
	for _, tt := range []struct {
		args   []string
		code   int
		fr, en string
	}{
		{[]string{"--draws", "3"}, exitUsage, "de 16 à", "16 to"},
		{[]string{"--department", "zz"}, exitUsage, "code INSEE", "INSEE code"},
		{[]string{"--department", "44"}, exitFailure, "aucun foyer", "no home"},
		{[]string{"--profile", db}, exitRejected, "vigie.db", "vigie.db"},
	} {
		for lang, want := range map[string]string{"fr": tt.fr, "en": tt.en} {
			code, _, stderr := vigie(t, append([]string{"--lang", lang, "sensitivity", "--db", db}, tt.args...)...)
			if code != tt.code || !strings.Contains(stderr, want) {
				t.Errorf("%v: exit %d, want %d: %s", tt.args, code, tt.code, stderr)
			}
		}
	}
}

// TestNumbersAreThoseOfTheLanguage: French text has decimal commas, and none of its points.
func TestNumbersAreThoseOfTheLanguage(t *testing.T) {
	dir, db := sensitiveWorld(t)
	args := []string{"sensitivity", "--db", db, "--profile", discProfile(t, dir), "--draws", "64"}
	for lang, number := range map[string]*regexp.Regexp{"fr": regexp.MustCompile(`[0-9]\.[0-9]`), "en": regexp.MustCompile(`[0-9],[0-9]{1,2}\b`)} {
		code, stdout, stderr := vigie(t, append(args, "--lang", lang)...)
		figures, _, _ := strings.Cut(stdout, "vigie-default") // the profile's version has points
		if at := number.FindString(figures); code != 0 || at != "" || !strings.Contains(figures, "±") {
			t.Errorf("%s: exit %d, %q in %q %s", lang, code, at, figures, stderr)
		}
	}
}
