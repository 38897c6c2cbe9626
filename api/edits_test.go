package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"vigie/data"
)

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type site struct {
	ID, Name, Category, Kind, Status string
	Address                          struct {
		Street     string
		PostalCode string `json:"postal_code"`
		Locality   string
	}
	CommuneCode    string `json:"commune_code"`
	DepartmentCode string `json:"department_code"`
	Capacity       *int
	Position       *struct {
		Lon, Lat          float64
		Precision, Source string
	}
	Version int64
}

const mergePatch = "application/merge-patch+json"

func TestAddAndCorrectAHome(t *testing.T) {
	s := newServer(t)
	w := s.do("POST", "/api/sites", `{"name":"Foyer fictif neuf","category":"175","commune_code":"01004","capacity":12,"position":{"lon":5.31,"lat":45.95}}`)
	if w.Code != 201 || w.Header().Get("ETag") != `"1"` {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	added := decode[site](t, w)
	location := strings.TrimPrefix(w.Header().Get("Location"), "http://127.0.0.1:8080")
	if added.Kind != "emergency_home" || added.DepartmentCode != "01" || added.Position == nil || added.Position.Precision != "surveyed" || location != "/api/sites/"+added.ID {
		t.Errorf("added %+v at %s", added, location)
	}
	f := get[feature](t, s, "/api/collections/sites/items/"+added.ID)
	if f.Properties["in_zone"] != true {
		t.Errorf("the new home has no indicators: %+v", f.Properties)
	}

	// A merge patch changes what it names and nothing else.
	w = s.do("PATCH", location, `{"address":{"locality":"Autreville"},"capacity":null}`, "If-Match", `"1"`, "Content-Type", mergePatch)
	if w.Code != 200 || w.Header().Get("ETag") != `"2"` {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = s.do("PATCH", location, `{"address":{"street":"2 rue Imaginaire"},"position":{"precision":"street"}}`, "If-Match", `"2"`, "Content-Type", mergePatch)
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := get[site](t, s, location)
	if got.Name != "Foyer fictif neuf" || got.Capacity != nil || got.Address.Locality != "Autreville" || got.Address.Street != "2 rue Imaginaire" ||
		got.Position == nil || got.Position.Lon != 5.31 || got.Position.Precision != "street" || got.Version != 3 {
		t.Errorf("after the patches: %s", jsonOf(t, got))
	}
	w = s.do("PATCH", location, `{"position":null}`, "If-Match", `"3"`, "Content-Type", mergePatch)
	if w.Code != 200 || decode[site](t, w).Position != nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = s.do("PATCH", location, `{"position":{"lon":5.4}}`, "If-Match", `"4"`, "Content-Type", mergePatch)
	if p := wantProblem(t, w, 422, "invalid-record"); len(p.Problems) != 1 || p.Problems[0].Field != "position" {
		t.Errorf("problems %+v", p.Problems)
	}
}

func TestInvalidHomes(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		name, body string
		field      string
	}{
		{"no name", `{"category":"177","commune_code":"01004"}`, "name"},
		{"blank name", `{"name":" ","category":"177","commune_code":"01004"}`, "name"},
		{"category in words", `{"name":"A","category":"MECS","commune_code":"01004"}`, "category"},
		{"wrong commune", `{"name":"A","category":"177","commune_code":"1"}`, "commune_code"},
		{"capacity", `{"name":"A","category":"177","commune_code":"01004","capacity":-1}`, "capacity"},
		{"abroad", `{"name":"A","category":"177","commune_code":"01004","position":{"lon":-60,"lat":-40}}`, "position"},
		{"beyond the world", `{"name":"A","category":"177","commune_code":"01004","position":{"lon":181,"lat":0}}`, "position.lon"},
		{"unknown member", `{"name":"A","commune_code":"01004","enfant":"x"}`, "enfant"},
	} {
		p := wantProblem(t, s.do("POST", "/api/sites", tt.body), 422, "invalid-record")
		found := false
		for _, f := range p.Problems {
			found = found || f.Field == tt.field && f.Message.FR != "" && f.Message.EN != ""
		}
		if !found {
			t.Errorf("%s: problems %+v, want one for %s", tt.name, p.Problems, tt.field)
		}
	}
	if page := get[collection](t, s, "/api/collections/sites/items?status=all"); page.NumberMatched != sitesInFixture {
		t.Errorf("%d homes after refusals, want %d", page.NumberMatched, sitesInFixture)
	}
	wantProblem(t, s.do("POST", "/api/sites", `{"name":`), 400, "invalid-body")
	wantProblem(t, s.do("POST", "/api/sites", `name=A`, "Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported-media-type")
	wantProblem(t, s.do("POST", "/api/sites", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`), 413, "too-large")
}

// Two people who edit one record: the second is told, with the record as it stands.
func TestLostUpdatesAreRefused(t *testing.T) {
	s := newServer(t)
	wantProblem(t, s.do("PATCH", "/api/sites/F-001", `{"name":"A"}`), 428, "precondition-required")
	if w := s.do("PATCH", "/api/sites/F-001", `{"name":"Premier fictif"}`, "If-Match", `"1"`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := s.do("PATCH", "/api/sites/F-001", `{"name":"Second fictif"}`, "If-Match", `"1"`)
	p := wantProblem(t, w, 412, "precondition-failed")
	if p.Current["name"] != "Premier fictif" || p.Current["version"] != 2.0 || w.Header().Get("ETag") != `"2"` {
		t.Errorf("current %+v, ETag %s", p.Current, w.Header().Get("ETag"))
	}
	wantProblem(t, s.do("PATCH", "/api/sites/nobody", `{"name":"A"}`, "If-Match", `"1"`), 404, "not-found")
	wantProblem(t, s.do("GET", "/api/sites/nobody", ""), 404, "not-found")
}

func TestCloseReopenMerge(t *testing.T) {
	s := newServer(t)
	if w := s.do("POST", "/api/sites/F-001/close", `{"on":"2026-11-24"}`); w.Code != 200 || decode[site](t, w).Status != "closed" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if page := get[collection](t, s, "/api/collections/sites/items?status=closed"); page.NumberMatched != 2 {
		t.Errorf("%d closed homes, want 2", page.NumberMatched)
	}
	wantProblem(t, s.do("POST", "/api/sites/F-001/close", `{"on":"yesterday"}`), 422, "invalid-record")
	wantProblem(t, s.do("POST", "/api/sites/F-001/reopen", "", "If-Match", `"1"`), 412, "precondition-failed")
	if w := s.do("POST", "/api/sites/F-001/reopen", "", "If-Match", `"2"`); w.Code != 200 || decode[site](t, w).Status != "open" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, s.do("POST", "/api/sites/F-002/merge", `{"absorb":"F-003","absorb_version":9}`, "If-Match", `"1"`), 409, "conflict")
	wantProblem(t, s.do("POST", "/api/sites/F-002/merge", `{"absorb":"F-002","absorb_version":1}`, "If-Match", `"1"`), 422, "invalid-record")
	if w := s.do("POST", "/api/sites/F-002/merge", `{"absorb":"F-003","absorb_version":1}`, "If-Match", `"1"`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, s.do("GET", "/api/collections/sites/items/F-003", ""), 404, "not-found")
}

func TestImportPreviewAndUndo(t *testing.T) {
	s := newServer(t)
	csv := file{"foyers.csv", csvOfOne + "N-2;Foyer fictif sans position;177;01004;;\n"}
	count := func() int {
		return get[collection](t, s, "/api/collections/sites/items?status=all").NumberMatched
	}
	preview := s.upload(t, map[string]string{"layer": "sites", "dry_run": "true"}, csv)
	if preview.Code != 200 || count() != sitesInFixture {
		t.Fatalf("preview: %d %s, %d homes", preview.Code, preview.Body, count())
	}
	if r := decode[data.Import](t, preview); !r.DryRun || r.Counts.Created != 2 || r.Counts.Unlocated != 1 {
		t.Errorf("preview %+v", r.Counts)
	}
	w := s.upload(t, map[string]string{"layer": "sites", "dry_run": "", "format": "", "strict": "false"}, csv)
	written := decode[data.Import](t, w)
	if w.Code != 201 || !strings.HasSuffix(w.Header().Get("Location"), "/api/imports/"+written.ID) || count() != sitesInFixture+2 {
		t.Fatalf("import: %d %s", w.Code, w.Body)
	}
	if list := get[struct{ Imports []data.Import }](t, s, "/api/imports"); len(list.Imports) != 1 || list.Imports[0].ID != written.ID || list.Imports[0].FileName != "foyers.csv" {
		t.Errorf("imports %+v", list.Imports)
	}
	if one := get[data.Import](t, s, "/api/imports/"+written.ID); one.SHA256 == "" || one.By != "mia" {
		t.Errorf("import %+v", one)
	}
	if w := s.do("POST", "/api/imports/"+written.ID+"/undo", ""); w.Code != 200 || count() != sitesInFixture {
		t.Errorf("undo: %d %s, %d homes", w.Code, w.Body, count())
	}
	wantProblem(t, s.do("POST", "/api/imports/"+written.ID+"/undo", ""), 404, "not-found")
	wantProblem(t, s.do("GET", "/api/imports/none", ""), 404, "not-found")
}

func TestUndoThatWouldLoseWorkIsRefused(t *testing.T) {
	s := newServer(t)
	written := decode[data.Import](t, s.upload(t, map[string]string{"layer": "sites"}, file{"foyers.csv", csvOfOne}))
	if w := s.do("PATCH", "/api/sites/N-1", `{"name":"Corrigé à la main"}`, "If-Match", `"1"`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	p := wantProblem(t, s.do("POST", "/api/imports/"+written.ID+"/undo", ""), 409, "conflict")
	if !strings.Contains(p.Detail, "N-1") {
		t.Errorf("the record in the way is not named: %s", p.Detail)
	}
}

func TestBadUploads(t *testing.T) {
	s := newServer(t)
	good := file{"foyers.csv", csvOfOne}
	for _, tt := range []struct {
		name   string
		values map[string]string
		files  []file
		status int
		code   string
		field  string
	}{
		{"no file", map[string]string{"layer": "sites"}, nil, 422, "invalid-record", "file"},
		{"no layer", nil, []file{good}, 422, "invalid-record", "layer"},
		{"unknown layer", map[string]string{"layer": "incidents"}, []file{good}, 422, "invalid-record", "layer"},
		{"zones without a kind", map[string]string{"layer": "zones"}, []file{good}, 422, "invalid-record", "kind"},
		{"unknown field", map[string]string{"layer": "sites", "simulate": "true"}, []file{good}, 422, "invalid-record", "simulate"},
		{"not a flag", map[string]string{"layer": "sites", "dry_run": "oui"}, []file{good}, 422, "invalid-record", "dry_run"},
		{"unknown CRS", map[string]string{"layer": "sites", "crs": "LAMBERT_99"}, []file{good}, 422, "invalid-record", "crs"},
		{"unknown category", map[string]string{"layer": "sites", "categories": "177,abc"}, []file{good}, 422, "invalid-record", "categories"},
		{"empty file", map[string]string{"layer": "sites"}, []file{{"vide.csv", ""}}, 422, "import-rejected", ""},
		{"binary file", map[string]string{"layer": "sites"}, []file{{"image.bin", "\x00\x01\x02\xff\xfe\x00\x00"}}, 422, "import-rejected", ""},
		{"truncated GeoJSON", map[string]string{"layer": "zones", "kind": "custom"}, []file{{"zones.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature"`}}, 422, "import-rejected", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := wantProblem(t, s.upload(t, tt.values, tt.files...), tt.status, tt.code)
			if len(p.Problems) == 0 || tt.field != "" && p.Problems[0].Field != tt.field {
				t.Errorf("problems %+v, want one for %q", p.Problems, tt.field)
			}
		})
	}
	wantProblem(t, s.do("POST", "/api/imports", `{"layer":"sites"}`), 415, "unsupported-media-type")
	body, contentType := form(t, map[string]string{"layer": "sites"}, good)
	wantProblem(t, s.do("POST", "/api/imports", body[:len(body)/2], "Content-Type", contentType), 400, "invalid-body")
	wantProblem(t, s.do("POST", "/api/imports", "x", "Content-Type", "multipart/form-data"), 400, "invalid-body")
	if list := get[struct{ Imports []data.Import }](t, s, "/api/imports"); len(list.Imports) != 0 {
		t.Errorf("refused uploads left imports: %+v", list.Imports)
	}
}

// Nothing of an upload stays on disk, whether it was taken or refused.
func TestUploadsLeaveNoFile(t *testing.T) {
	s := newServer(t)
	s.upload(t, map[string]string{"layer": "sites"}, file{"foyers.csv", csvOfOne})
	s.upload(t, map[string]string{"layer": "nothing"}, file{"foyers.csv", csvOfOne})
	left, err := os.ReadDir(s.tempDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("left on disk: %v", left)
	}
}

func TestAssess(t *testing.T) {
	s := newServer(t)
	w := s.do("POST", "/api/assess", `{"points":[{"id":"dedans","lon":5.31,"lat":45.95},{"id":"loin","lon":5.6,"lat":45.95}],"radii":[500,3000]}`)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/geo+json" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	answer := decode[collection](t, w)
	if len(answer.Features) != 2 {
		t.Fatalf("%+v", answer)
	}
	in, far := answer.Features[0], answer.Features[1]
	if in.ID != "dedans" || in.Properties["in_zone"] != true || in.Properties["zones_within_3000m"] != 1.0 || in.Properties["zones_within_1000m"] != nil {
		t.Errorf("inside: %+v", in.Properties)
	}
	if d, _ := far.Properties["nearest_zone_distance_m"].(float64); far.Properties["in_zone"] != false || d < 20000 || d > 23000 {
		t.Errorf("far: %+v", far.Properties)
	}
	if single := decode[collection](t, s.do("POST", "/api/assess", `{"lon":5.31,"lat":45.95}`)); len(single.Features) != 1 || single.Features[0].Properties["zones_within_1000m"] != 1.0 {
		t.Errorf("single point: %+v", single)
	}
	many := `{"points":[` + strings.TrimSuffix(strings.Repeat(`{"lon":5,"lat":45},`, 1001), ",") + `]}`
	for name, body := range map[string]string{
		"nothing": `{}`, "both": `{"lon":1,"lat":2,"points":[{"lon":1,"lat":2}]}`, "half": `{"lon":1}`, "none": `{"points":[]}`,
		"too many": many, "latitude": `{"lon":5,"lat":95}`, "radius": `{"lon":5,"lat":45,"radii":[0]}`, "radii twice": `{"lon":5,"lat":45,"radii":[500,500]}`,
		"too many radii": `{"lon":5,"lat":45,"radii":[1,2,3,4,5,6,7,8,9]}`, "text": `{"lon":"5","lat":45}`,
	} {
		if w := s.do("POST", "/api/assess", body); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// Anything after the JSON value is a mistake of the client: half of what it sent
// would be ignored.
func TestNothingFollowsTheBody(t *testing.T) {
	s := newServer(t)
	for _, tail := range []string{"x", "{}", "\n[1]"} {
		wantProblem(t, s.do("POST", "/api/assess", `{"lon":5.3,"lat":45.95}`+tail), 400, "invalid-body")
	}
	if w := s.do("POST", "/api/assess", "{\"lon\":5.3,\"lat\":45.95}\n \t"); w.Code != http.StatusOK {
		t.Errorf("blanks after the body: %d %s", w.Code, w.Body)
	}
}
