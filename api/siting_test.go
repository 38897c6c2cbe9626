package api_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/api"
	"vigie/data"
	"vigie/data/siting"
)

// study is the body of one in département 01, with candidates that are JSON objects.
func study(candidates string) string {
	return `{"format":"vigie-study/1","title":"Douze places au sud","note":"","need":{"kind":"mecs","capacity":12,"age_min":13,"age_max":17,"homes":1,"origins":null,"series":null},` +
		`"area":null,"cell_size_m":500,"constraints":[{"type":"zone_distance","kind":"qpv","min_m":500}],` +
		`"criteria":[{"id":"exposure","weight":3},{"id":"police","weight":1},{"id":"homes","weight":1}],` +
		`"candidates":[` + candidates + `],"exclusions":[],"allocation":null,"runs":50,"seed":11473}`
}

func candidate(id string, lon, lat float64) string {
	return fmt.Sprintf(`{"id":%q,"label":"Lieu secret %s","address":"","lon":%v,"lat":%v,"precision":"surveyed","source":"map"}`, id, id, lon, lat)
}

func newStudy(department, body string) string {
	return `{"department_code":"` + department + `","body":` + body + `}`
}

var otherStudy = newStudy("74", study(""))

const exclusionsFile = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"E1","nom":"Zone inondable fictive"},` +
	`"geometry":{"type":"Polygon","coordinates":[[[5.5,46],[5.6,46],[5.6,46.1],[5.5,46.1],[5.5,46]]]}}]}`

// secretLon and secretLat are a candidate's: no other text of the fixture has them.
const secretLon, secretLat = 5.712345, 46.271828

func (s *server) addStudy(t testing.TB, login, body string) data.Document {
	t.Helper()
	w := s.as(login, "POST", "/api/siting/studies", body)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return decode[data.Document](t, w)
}

// No one but who plans in the département learns that a candidate exists: no other
// viewer, no tile, statistic, log line or address.
func TestRule18CandidatesAreSecret(t *testing.T) {
	s := newServer(t)
	secrets := []string{"Lieu secret", "5.712345", "46.271828", "Douze places"}
	target := "/api/siting/studies/" + s.addStudy(t, "planner", newStudy("01", study(candidate("C-1", secretLon, secretLat)))).ID
	for _, path := range []string{target, target + "/answer", target + "/answer?f=csv", target + "/history"} {
		if w := s.as("planner", "GET", path, ""); w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, login := range []string{"", "analyst", "inspector", "provider", "partner", "otto", "clerk", "admin"} {
		for _, path := range []string{target, target + "/answer", target + "/answer?f=gpkg", target + "/allocation", target + "/history", "/api/siting/studies"} {
			w := s.as(login, "GET", path, "")
			if w.Code == 200 && path != "/api/siting/studies" {
				t.Errorf("%q reads %s", login, path)
			}
			for _, secret := range secrets {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("%q, %s: %s", login, path, w.Body)
				}
			}
		}
	}
	// Whatever else there is to read is the same for everyone as without the study.
	without := newServer(t)
	for key, rows := range accesses {
		if method, path, _ := strings.Cut(key, " "); method != "GET" || strings.Contains(path, "/siting/") || strings.Contains(path, "/audit") || strings.Contains(path, "/auth/") {
			continue
		}
		for _, row := range rows {
			for _, login := range []string{"", "analyst", "planner", "otto"} {
				a, b := s.as(login, "GET", row.target, ""), without.as(login, "GET", row.target, "")
				if a.Code != b.Code || bodyOf(a) != bodyOf(b) {
					t.Errorf("%q, %s tells of a study:\n%s\n%s", login, row.target, a.Body, b.Body)
				}
			}
		}
	}
	for _, secret := range secrets {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	answers := 0
	for _, e := range s.audit.entries {
		if e.Action == "study.answer" || e.Action == "study.export" {
			answers++
			if e.Count != 1 || len(e.Records) == 0 || e.Purpose == "" {
				t.Errorf("%+v", e)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%+v", e), secret) {
				t.Errorf("the journal holds %q: %+v", secret, e)
			}
		}
	}
	if answers != 2 {
		t.Errorf("%d answers in the journal", answers)
	}
}

// Of two who change a study at once, the second sees the first's beside its own.
func TestStudiesAreNotOverwritten(t *testing.T) {
	s := newServer(t)
	d := s.addStudy(t, "planner", newStudy("01", study("")))
	target := "/api/siting/studies/" + d.ID
	change := func(login, title, version string) (w *http.Response, body string) {
		r := s.as(login, "PUT", target, `{"body":`+strings.Replace(study(""), "Douze places au sud", title, 1)+`}`, "If-Match", version)
		return r.Result(), r.Body.String()
	}
	if r, body := change("manager", "Version de la première", `"1"`); r.StatusCode != 200 {
		t.Fatal(r.Status, body)
	}
	r, body := change("planner", "Version du second", `"1"`)
	if r.StatusCode != http.StatusPreconditionFailed || !strings.Contains(body, "Version de la première") || r.Header.Get("ETag") != `"2"` {
		t.Errorf("%s %s", r.Status, body)
	}
	wantProblem(t, s.as("planner", "PUT", target, `{"body":`+study("")+`}`), 428, "precondition-required")
	wantProblem(t, s.as("planner", "DELETE", target, "", "If-Match", `"1"`), 412, "precondition-failed")
	if w := s.as("planner", "GET", target+"?version=1", ""); !strings.Contains(w.Body.String(), "Douze places au sud") {
		t.Error(w.Body)
	}
}

// A place far from zones and near the police comes first; one inside a zone is excluded,
// and says why.
func TestPlantedOptimum(t *testing.T) {
	s := newServer(t)
	body := study(candidate("inside", 5.31, 45.95) + "," + candidate("best", 5.29, 45.9) + "," + candidate("far", 5.9, 46.45))
	target := "/api/siting/studies/" + s.addStudy(t, "planner", newStudy("01", body)).ID
	w := s.as("planner", "GET", target+"/answer", "")
	found := decode[struct {
		Method     siting.Method
		Existing   []struct{ ID string }
		Candidates []struct {
			ID, Status string
			Rank       int
			Front      bool
			Failed     []struct{ Text data.Text }
			Change     []data.Text
			Score, Low *float64
		}
	}](t, w)
	if len(found.Candidates) != 3 || len(found.Existing) == 0 || found.Method.Seed != 11473 || found.Method.Profile.Hash == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if c := found.Candidates[0]; c.Status != "excluded" || len(c.Failed) != 1 || c.Failed[0].Text.FR == "" || len(c.Change) != 1 {
		t.Errorf("%+v", c)
	}
	if c := found.Candidates[1]; c.Status != "ranked" || c.Rank != 1 || !c.Front {
		t.Errorf("%+v", c)
	}
	if c := found.Candidates[2]; c.Rank != 2 || len(c.Change) == 0 {
		t.Errorf("%+v", c)
	}
}

// A home that moves is compared where it is, and does not count among the others.
func TestRelocation(t *testing.T) {
	s := newServer(t)
	body := strings.Replace(study(""), `"need"`, `"origin_site_id":"F-020","need"`, 1)
	d := s.addStudy(t, "planner", newStudy("01", body))
	w := s.as("planner", "GET", "/api/siting/studies/"+d.ID+"/answer", "")
	if d.SiteID != "F-020" || !strings.Contains(w.Body.String(), `"id":"present"`) || strings.Contains(w.Body.String(), `"id":"F-020"`) {
		t.Errorf("%s", w.Body)
	}
	wantProblem(t, s.as("planner", "POST", "/api/siting/studies", newStudy("01", strings.Replace(body, "F-020", elsewhere, 1))), 404, "not-found")
}

// What is wrong is located: by JSON path in a study, by line in a file.
func TestBadStudies(t *testing.T) {
	s := newServer(t)
	for field, replace := range map[string][2]string{
		"body.cell_size_m":          {`"cell_size_m":500`, `"cell_size_m":5`},
		"body.constraints[0]":       {`"min_m":500`, `"min_m":-1`},
		"body.criteria[1]":          {`"id":"police"`, `"id":"polise"`},
		"body.need.homes":           {`"homes":1`, `"homes":"un"`},
		"body.surprise":             {`"runs":50`, `"runs":50,"surprise":1`},
		"body.candidates[0].lon":    {`"lon":5.7`, `"lon":571`},
		"body.candidates[0].source": {`"source":"map"`, `"source":"rumour"`},
	} {
		body := newStudy("01", strings.Replace(study(candidate("C-1", 5.7, 46.2)), replace[0], replace[1], 1))
		p := wantProblem(t, s.as("planner", "POST", "/api/siting/studies", body), 422, "invalid-record")
		if len(p.Problems) != 1 || p.Problems[0].Field != field {
			t.Errorf("%s: %+v", field, p.Problems)
		}
	}
}

type uploaded struct {
	Version  int64
	Counts   data.Counts
	Problems []data.Problem
}

func (s *server) addFile(t testing.TB, target, version string, f file) uploaded {
	t.Helper()
	body, contentType := form(t, nil, f)
	w := s.as("planner", "POST", target, body, "Content-Type", contentType, "If-Match", version)
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return decode[uploaded](t, w)
}

func TestCandidateFiles(t *testing.T) {
	s := newServer(t)
	d := s.addStudy(t, "planner", newStudy("01", study("")))
	target := "/api/siting/studies/" + d.ID
	csv := "id;label;adresse;lon;lat;capacity;cost_eur;precision\nA;Lieu A;1 rue Fictive;5.4;46.1;12;450000;surveyed\nB;Lieu B;;;;;;\nC;Lieu C;;5.5;46.2;8;beaucoup;street\n"
	got := s.addFile(t, target+"/candidates", `"1"`, file{"lieux.csv", csv})
	if got.Counts.Read != 3 || got.Counts.Kept != 2 || got.Counts.Rejected != 1 || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	lines := map[string]int{}
	for _, p := range got.Problems {
		lines[p.Code] = p.Line
	}
	if lines[siting.CodeNotLocated] != 3 || lines[siting.CodeBadCost] != 4 {
		t.Errorf("%+v", got.Problems)
	}
	if got := s.addFile(t, target+"/exclusions", `"2"`, file{"exclus.geojson", exclusionsFile}); got.Counts.Created != 1 || got.Version != 3 {
		t.Errorf("%+v", got)
	}
	var kept siting.Study
	if err := json.Unmarshal(decode[data.Document](t, s.as("planner", "GET", target, "")).Body, &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept.Candidates) != 2 || kept.Candidates[0].Cost == nil || *kept.Candidates[0].Cost != 450000 || kept.Candidates[1].Cost != nil || len(kept.Exclusions) != 1 {
		t.Errorf("%+v", kept)
	}
}

// A surface has the values that its header announces, for who was given the header alone.
func TestSurface(t *testing.T) {
	s := newServer(t)
	w := s.as("planner", "GET", "/api/siting/surface?department=01&cell=500", "")
	header := decode[siting.Surface](t, w)
	if header.Columns*header.Rows == 0 || len(header.Layers) < 8 || header.Bounds[0] > 5 || header.Bounds[2] < 6 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	values := "/api/siting/surface/" + header.Token + "/values"
	got := s.as("planner", "GET", values, "").Body.Bytes()
	if len(got) != 2*len(header.Layers)*header.Columns*header.Rows {
		t.Fatalf("%d bytes", len(got))
	}
	known := 0
	for at := 0; at < 2*header.Columns*header.Rows; at += 2 {
		if binary.LittleEndian.Uint16(got[at:]) != math.MaxUint16 {
			known++
		}
	}
	if known == 0 {
		t.Error("the exposure is known nowhere")
	}
	wantProblem(t, s.as("manager", "GET", values, ""), 404, "not-found")
	if again := decode[siting.Surface](t, s.as("planner", "GET", "/api/siting/surface?department=01&cell=500", "")); again.Token != header.Token {
		t.Error("the surface was made again")
	}
}

func TestAllocation(t *testing.T) {
	s := newServer(t)
	body := strings.Replace(study(candidate("A", 5.2, 46.3)+","+candidate("B", 5.9, 46.4)+","+candidate("C", 5.21, 46.3)), `"allocation":null`, `"allocation":{"model":"dispersion","homes":2,"pool":"candidates"}`, 1)
	target := "/api/siting/studies/" + s.addStudy(t, "planner", newStudy("01", body)).ID
	w := s.as("planner", "GET", target+"/allocation", "")
	found := decode[siting.Allocated](t, w)
	if len(found.Chosen) != 2 || found.Chosen[1].ID != "B" || !found.Proven || found.Unit != "m" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// manyCandidates is a file of n candidates on a lattice.
func manyCandidates(n int) file {
	var csv strings.Builder
	csv.WriteString("id;label;lon;lat;precision\n")
	for i := range n {
		fmt.Fprintf(&csv, "N-%05d;Lieu %d;%.5f;%.5f;surveyed\n", i, i, 5.05+0.009*float64(i%100), 45.55+0.009*float64(i/100))
	}
	return file{"lieux.csv", csv.String()}
}

// As many candidates as a study may hold are read from one file and kept; hundreds are compared.
func TestManyCandidates(t *testing.T) {
	if testing.Short() {
		t.Skip()
	}
	s := newServer(t)
	for _, n := range []int{siting.MaxCandidates, 300} {
		d := s.addStudy(t, "planner", newStudy("01", strings.Replace(study(""), `"runs":50`, `"runs":20`, 1)))
		if got := s.addFile(t, "/api/siting/studies/"+d.ID+"/candidates", `"1"`, manyCandidates(n)); got.Counts.Kept != n {
			t.Fatalf("%+v", got)
		}
		if n == siting.MaxCandidates {
			continue // compared by BenchmarkManyCandidates
		}
		w := s.as("planner", "GET", "/api/siting/studies/"+d.ID+"/answer", "")
		if answer := decode[siting.Answer](t, w); w.Code != 200 || len(answer.Candidates) != n {
			t.Fatalf("%d, %d candidates compared", w.Code, len(answer.Candidates))
		}
	}
}

// BenchmarkManyCandidates compares as many candidates as a study may hold.
func BenchmarkManyCandidates(b *testing.B) {
	s := newServerOn(b, demoFile, func(*api.Config) {})
	d := s.addStudy(b, "planner", newStudy("01", strings.Replace(study(""), `"runs":50`, `"runs":20`, 1)))
	s.addFile(b, "/api/siting/studies/"+d.ID+"/candidates", `"1"`, manyCandidates(siting.MaxCandidates))
	for b.Loop() {
		if w := s.as("planner", "GET", "/api/siting/studies/"+d.ID+"/answer", ""); w.Code != 200 {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// BenchmarkSurface is the 100 m surface of the fictitious département: made, then asked
// for again, then its values.
func BenchmarkSurface(b *testing.B) {
	s := newServerOn(b, demoFile, func(*api.Config) {})
	header := func() siting.Surface {
		return decode[siting.Surface](b, s.as("planner", "GET", "/api/siting/surface?department="+data.FictitiousDepartment+"&cell=100", ""))
	}
	start := time.Now()
	first := header()
	b.Logf("%d × %d cells, %d layers: first in %v", first.Columns, first.Rows, len(first.Layers), time.Since(start))
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			header()
		}
	})
	b.Run("values", func(b *testing.B) {
		for b.Loop() {
			w := s.as("planner", "GET", "/api/siting/surface/"+first.Token+"/values", "", "Accept-Encoding", "gzip")
			if w.Header().Get("Content-Encoding") != "gzip" {
				b.Fatal(w.Header())
			}
			b.ReportMetric(float64(w.Body.Len()), "bytes")
		}
	})
}
