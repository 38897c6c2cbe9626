package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"vigie/api"
	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/audit"
	"vigie/data/demo"
	"vigie/data/ingest"
	"vigie/data/release"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
)

// The rules of disclosure that HTTP answers for, by their numbers in docs/security.md.

// demoFile is the fictitious département with a masked release, and people in charge of it.
var demoFile = databaseOf(data.FictitiousDepartment, func(ctx context.Context, store *sqlite.Store) error {
	sn, err := snapshot.Open(ctx, store, snapshot.Options{Clock: now, Profile: quickProfile(), ScoreAtOnce: math.MaxInt})
	if err != nil {
		return err
	}
	defer sn.Close()
	n := 0
	in := ingest.New(store, sn.Refresh, now, func() string { n++; return fmt.Sprint("id-", n) })
	if err := demo.Populate(ctx, in, operator()); err != nil {
		return err
	}
	_, _, err = release.Freeze(ctx, store, sn.Current(), operator(), now(), make([]byte, release.KeySize))
	return err
})

func newDemoServer(t *testing.T) *server {
	t.Helper()
	return newServerOn(t, demoFile, func(*api.Config) {})
}

// homes gives all homes that a person sees.
func (s *server) homes(t *testing.T, login, query string) collection {
	t.Helper()
	w := s.as(login, "GET", "/api/collections/sites/items?limit=10000"+query, "")
	if w.Code != 200 {
		t.Fatalf("%s %s: %d %s", login, query, w.Code, w.Body)
	}
	return decode[collection](t, w)
}

func shapeOf(t *testing.T, f feature) orb.Geometry {
	t.Helper()
	if string(f.Geometry) == "null" {
		return nil
	}
	g, err := geojson.UnmarshalGeometry(f.Geometry)
	if err != nil {
		t.Fatal(err)
	}
	return g.Geometry()
}

// box is a bbox of about a metre around a point.
func box(p orb.Point) string {
	return fmt.Sprintf("&bbox=%.6f,%.6f,%.6f,%.6f", p[0]-5e-6, p[1]-5e-6, p[0]+5e-6, p[1]+5e-6)
}

// Nothing that the public gets is made of homes: without any home in the database, every
// operation answers the same, header for header.
func TestRule8NothingPublicIsMadeOfHomes(t *testing.T) {
	with := newServer(t)
	without := newServerOn(t, databaseOf("01", fill(func() *data.Batch {
		b := fixture()
		b.PutSites = nil
		return b
	})), func(*api.Config) {})
	asked := 0
	for key, rows := range accesses {
		method, _, _ := strings.Cut(key, " ")
		for _, row := range rows {
			a, b := with.anyone(method, row.target, row.body, "If-Match", "*"), without.anyone(method, row.target, row.body, "If-Match", "*")
			if a.Code != b.Code || bodyOf(a) != bodyOf(b) || !maps.EqualFunc(headersOf(a), headersOf(b), slices.Equal) {
				t.Errorf("%s %s tells that there are homes:\n%d %s %v\n%d %s %v", method, row.target, a.Code, a.Body, a.Header(), b.Code, b.Body, b.Header())
			}
			asked++
		}
	}
	if asked < 70 {
		t.Errorf("%d requests", asked)
	}
}

// With a masked position go bands: no number but the size of the cell, no point, and
// nothing at all of one home.
func TestRule10MaskedPositionsComeWithBandsOnly(t *testing.T) {
	s := newDemoServer(t)
	token := s.token(t, "manager", false)
	masked := s.homes(t, "analyst", "")
	if byToken := decode[collection](t, s.anyone("GET", "/api/collections/sites/items?limit=10000", "", "Authorization", "Bearer "+token)); !slices.Equal(byToken.ids(), masked.ids()) {
		t.Error("a masked token does not see what an analyst sees")
	}
	words := []string{"site_id", "kind", "category", "department_code", "cell", "exposure_class", "release"}
	bands := 0
	for _, f := range masked.Features {
		for name, value := range f.Properties {
			_, number := value.(float64)
			switch {
			case number && name != "cell_size_m":
				t.Fatalf("%s is a number: %v", name, value)
			case strings.HasSuffix(name, "_band"):
				if value != nil {
					bands++
				}
			case !number && value != nil && !slices.Contains(words, name):
				t.Fatalf("%s: %v", name, value)
			}
		}
		if _, ok := shapeOf(t, f).(orb.Point); ok {
			t.Fatal("a masked home is a point")
		}
	}
	if len(masked.Features) < 40 || bands < 15 {
		t.Errorf("%d homes, %d bands: too little for a test", len(masked.Features), bands)
	}
	record := decode[map[string]any](t, s.as("analyst", "GET", "/api/sites/"+masked.Features[0].ID, ""))
	for name, value := range record {
		empty := value == nil || value == "" || value == 0.0 || jsonOf(t, value) == `{"locality":"","postal_code":"","street":""}`
		if !empty && !slices.Contains([]string{"id", "kind", "category", "department_code"}, name) {
			t.Errorf("the masked record tells %s: %v", name, value)
		}
	}
	for _, path := range []string{"/explanation", "/unknowns"} {
		wantProblem(t, s.as("analyst", "GET", "/api/sites/"+masked.Features[0].ID+path, ""), 404, "not-found")
	}
}

// What is out of scope takes as much work as what does not exist: as many allocations,
// which any further step of the way would add to, and as many entries in the journal.
// (That both get the same answer: TestRule11OutOfScopeLooksAbsent.)
func TestRule11AbsenceIsAsMuchWork(t *testing.T) {
	s := newServer(t)
	for _, login := range []string{"analyst", "inspector", "provider", "partner"} {
		for _, path := range []string{"/api/sites/", "/api/collections/sites/items/"} {
			work := func(id string) (allocations float64, entries int) {
				before := len(s.audit.entries)
				allocations = math.Inf(1)
				for range 8 { // the least is what the request needs: others work in the background too
					allocations = min(allocations, testing.AllocsPerRun(10, func() {
						if w := s.as(login, "GET", path+id, ""); w.Code != 404 {
							t.Errorf("%s: %d", id, w.Code)
						}
					}))
				}
				return allocations, len(s.audit.entries) - before
			}
			hidden, hiddenEntries := work(elsewhere)
			absent, absentEntries := work("X-002")
			if ratio := hidden / absent; ratio < 0.95 || ratio > 1.05 || hiddenEntries != absentEntries {
				t.Errorf("%s %s: %.0f allocations and %d entries for what is hidden, %.0f and %d for what is absent", login, path, hidden, hiddenEntries, absent, absentEntries)
			}
		}
	}
}

// A masked viewer filters, sorts, counts, pages and looks on the map by the masked view.
func TestRule12QueriesActOnTheMaskedView(t *testing.T) {
	s := newDemoServer(t)
	exact, masked := s.homes(t, "inspector", ""), s.homes(t, "analyst", "")
	one := exact.Features[0].Properties
	for _, query := range []string{
		"name=" + fmt.Sprint(one["name"]), "filter=name LIKE 'F%25'", "filter=finess='" + fmt.Sprint(one["finess"]) + "'", "filter=in_zone=true", "sortby=name", "properties=name",
	} {
		w := s.as("analyst", "GET", "/api/collections/sites/items?"+strings.ReplaceAll(query, " ", "%20"), "")
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d, %d bytes", query, w.Code, w.Body.Len())
		}
	}
	// Parameters of properties that the masked view lacks are refused, whatever they say.
	refused := func(query string) string {
		w := s.as("analyst", "GET", "/api/collections/sites/items?"+query, "")
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d, %d bytes", query, w.Code, w.Body.Len())
		}
		return decode[problem](t, w).Detail
	}
	for name, values := range map[string][2]string{
		"finess": {fmt.Sprint(one["finess"]), "000000000"}, "commune_code": {fmt.Sprint(one["commune_code"]), "01001"}, "in_zone": {"true", "false"},
	} {
		if yes, no := refused(name+"="+values[0]), refused(name+"="+values[1]); yes != no {
			t.Errorf("%s: %q or %q", name, yes, no)
		}
	}
	if masked.NumberMatched != len(masked.Features) || masked.NumberMatched > exact.NumberMatched {
		t.Errorf("%d masked homes matched, %d given, %d exact", masked.NumberMatched, len(masked.Features), exact.NumberMatched)
	}
	if !slices.IsSorted(masked.ids()) || !slices.IsSorted(s.homes(t, "analyst", "&category=177").ids()) {
		t.Error("masked homes are not in the order of their pseudonyms")
	}
	var paged []string
	for next := "/api/collections/sites/items?limit=7"; next != ""; {
		page := decode[collection](t, s.as("analyst", "GET", next, ""))
		paged = append(paged, page.ids()...)
		next = strings.TrimPrefix(hrefOf(page.Links, "next"), "http://127.0.0.1:8080")
	}
	if !slices.Equal(paged, masked.ids()) {
		t.Errorf("%d homes page by page, %d at once", len(paged), len(masked.ids()))
	}

	// A box at a home selects what a box elsewhere in the same cells selects.
	cells := map[string]orb.Geometry{}
	for _, f := range masked.Features {
		if shape := shapeOf(t, f); shape != nil {
			cells[fmt.Sprint(f.Properties["cell"])] = shape
		}
	}
	around := func(p orb.Point) string {
		var names []string
		for name, shape := range cells {
			for _, d := range []orb.Point{{-1e-5, -1e-5}, {1e-5, 1e-5}} {
				if polygon, ok := shape.(orb.Polygon); ok && planar.PolygonContains(polygon, orb.Point{p[0] + d[0], p[1] + d[1]}) {
					names = append(names, name)
				}
			}
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	compared := 0
	for _, f := range exact.Features {
		home, ok := shapeOf(t, f).(orb.Point)
		if !ok || around(home) == "" || compared == 10 {
			continue
		}
		for i := range 50 {
			other := orb.Point{home[0] + 0.0004*float64(i%7-3), home[1] + 0.0003*float64(i/7-3)}
			if other == home || around(other) != around(home) {
				continue
			}
			at, beside := s.homes(t, "analyst", box(home)), s.homes(t, "analyst", box(other))
			if at.NumberMatched != beside.NumberMatched || !slices.Equal(at.ids(), beside.ids()) || at.NumberMatched == 0 {
				t.Errorf("at %v: %d homes, beside it %d", home, at.NumberMatched, beside.NumberMatched)
			}
			compared++
			break
		}
	}
	if compared < 3 {
		t.Errorf("%d homes compared: too little for a test", compared)
	}
}

// A correction of the exact record changes nothing of the masked view, its ETag included.
func TestRule12MaskedViewsAreDeafToCorrections(t *testing.T) {
	s := newDemoServer(t)
	ask := func() *httptest.ResponseRecorder {
		return s.as("analyst", "GET", "/api/collections/sites/items?limit=10000", "")
	}
	before := ask()
	home := s.homes(t, "manager", "").Features[0]
	if w := s.as("manager", "PATCH", "/api/sites/"+home.ID, `{"name":"Foyer fictif renommé","capacity":7}`, "If-Match", "*"); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	after := ask()
	if before.Body.String() != after.Body.String() || before.Header().Get("ETag") != after.Header().Get("ETag") {
		t.Errorf("ETag %s, then %s; bodies differ: %t", before.Header().Get("ETag"), after.Header().Get("ETag"), before.Body.String() != after.Body.String())
	}
}

// records are the journal's, oldest first, and its text.
func (s *server) records(t *testing.T) (records []data.AuditRecord, text string) {
	t.Helper()
	err := s.store.EachAuditRecord(t.Context(), operator(), func(r *data.AuditRecord) error {
		records = append(records, *r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, jsonOf(t, records)
}

// Exact reads, grants and refusals are in the journal with who, when, which and why;
// positions are nowhere in it, nor in the log. Bulk reads raise an alert. (Exports:
// TestRule13ExportsAreInTheJournal of cmd/vigie.)
func TestRule13ReadsGrantsAndRefusalsAreInTheJournal(t *testing.T) {
	s := newDemoServer(t)
	homes := s.homes(t, "manager", "")
	id := homes.Features[0].ID
	position := shapeOf(t, homes.Features[0]).(orb.Point)
	s.as("inspector", "GET", "/api/collections/sites/items/"+id, "")
	s.as("inspector", "GET", "/api/sites/"+id, "")
	s.as("inspector", "GET", "/api/sites/"+id+"/explanation", "")
	s.as("inspector", "GET", "/api/collections/sites/items?limit=5"+box(position), "")
	s.as("inspector", "GET", "/api/users", "")
	s.as("inspector", "POST", "/api/assess", `{"lon":2.654321,"lat":46.412345}`)
	asked := s.as("analyst", "POST", "/api/grants", `{"kind":"exact","scope":{"departments":["00"]},"purpose":"Bilan annuel"}`)
	grant := decode[struct{ ID string }](t, asked).ID
	s.as("analyst", "POST", "/api/grants/"+grant+"/decision", `{"approve":true,"reason":"Conforme","days":1}`)
	s.as("manager", "POST", "/api/grants/"+grant+"/decision", `{"approve":true,"reason":"Conforme","days":1}`)
	s.homes(t, "analyst", "")

	records, text := s.records(t)
	for _, want := range []struct{ subject, action, record, purpose string }{
		{"inspector", data.ActionRead, id, "inspection"},
		{"inspector", auth.ActionRefused, "getUsers", "inspection"},
		{"inspector", auth.ActionAssess, "", "inspection"},
		{"analyst", data.ActionGrantRequested, grant, "inspection"},
		{"analyst", auth.ActionRefused, "decideGrant", "inspection"},
		{"manager", data.ActionGrantApproved, grant, "inspection"},
		{"analyst", data.ActionRead, id, "inspection"}, // with the grant
	} {
		if want.action == data.ActionRead && want.subject == "inspector" {
			if n := len(slices.DeleteFunc(slices.Clone(records), func(r data.AuditRecord) bool {
				return r.Subject != want.subject || r.Action != want.action || !slices.Contains(r.Records, want.record)
			})); n != 4 {
				t.Errorf("%d reads of %s are in the journal, want 4", n, id)
			}
		}
		if !slices.ContainsFunc(records, func(r data.AuditRecord) bool {
			return r.Subject == want.subject && r.Action == want.action && r.Purpose == want.purpose && r.At.Equal(now()) &&
				(want.record == "" && len(r.Records) == 0 || slices.Contains(r.Records, want.record))
		}) {
			t.Errorf("not in the journal: %+v", want)
		}
	}
	places := []string{"2.654321", "46.412345"}
	for _, f := range homes.Features {
		if p, ok := shapeOf(t, f).(orb.Point); ok {
			places = append(places, strconv.FormatFloat(p[0], 'f', 4, 64), strconv.FormatFloat(p[1], 'f', 4, 64))
		}
	}
	for _, place := range places {
		if strings.Contains(text, place) || strings.Contains(s.log.String(), place) {
			t.Fatalf("the journal or the log holds the coordinate %s", place)
		}
	}
	file := filepath.Join(t.TempDir(), "key")
	key, err := audit.OpenKey(file)
	if err != nil {
		t.Fatal(err)
	}
	keeper, err := audit.NewKeeper(s.store, operator(), key, s.clock.now, audit.Settings{Limits: audit.Limits{Hour: len(homes.Features) - 1, Day: 300}, HeadPath: audit.HeadPath(file)})
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	alerts := decode[struct{ Alerts []audit.Alert }](t, s.as("mia", "GET", "/api/audit", "")).Alerts
	if !slices.ContainsFunc(alerts, func(a audit.Alert) bool { return a.Subject == "manager" && a.Sites == len(homes.Features) }) {
		t.Errorf("alerts %+v", alerts)
	}
}

// The page may talk to this server, and to the base map that a user switches on; the
// server talks to identity providers, and to nobody else.
func TestRule16NoThirdPartyIsAsked(t *testing.T) {
	s := newServer(t)
	policy := s.anyone("GET", "/", "").Header().Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'self'", "connect-src 'self' " + web.TileOrigin, "img-src 'self' data: blob: " + web.TileOrigin, "script-src 'self'", "form-action 'self'"} {
		if !slices.Contains(strings.Split(policy, "; "), directive) {
			t.Errorf("%q without %q", policy, directive)
		}
	}
	if origins := regexp.MustCompile(`https?://[^ ;]+`).FindAllString(policy, -1); slices.ContainsFunc(origins, func(o string) bool { return o != web.TileOrigin }) {
		t.Errorf("origins %v", origins)
	}

	real := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = real })
	http.DefaultTransport = transportFunc(func(r *http.Request) (*http.Response, error) {
		t.Errorf("the server asks %s", r.URL)
		return nil, http.ErrServerClosed
	})
	for key, rows := range accesses {
		for _, row := range rows {
			method, _, _ := strings.Cut(key, " ")
			s.as("manager", method, row.target, row.body)
		}
	}

	outgoing := regexp.MustCompile(`http\.(?:Get|Post|Head|PostForm|DefaultClient|Client|DefaultTransport|Transport)\b|net\.(?:Dial|Dialer)|tls\.Dial|exec\.Command`)
	var found []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
			return nil
		}
		text, err := os.ReadFile(filepath.Join("..", path))
		if outgoing.Match(text) {
			found = append(found, path)
		}
		return err
	})
	if want := []string{"api/auth/oidc.go", "cmd/vigie/health.go"}; err != nil || !slices.Equal(found, want) {
		t.Errorf("files that can ask others: %v, %v, want %v", found, err, want)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Measuring a point tells everyone the same, nothing of homes; how much is limited, by
// person, and in the journal.
func TestRule19AssessTellsNothingOfHomes(t *testing.T) {
	s := newDemoServer(t)
	home := shapeOf(t, s.homes(t, "manager", "").Features[0]).(orb.Point)
	body := fmt.Sprintf(`{"lon":%g,"lat":%g}`, home[0], home[1])
	first := s.as("analyst", "POST", "/api/assess", body)
	for _, login := range []string{"inspector", "manager", "provider", "admin"} {
		if w := s.as(login, "POST", "/api/assess", body); w.Code != 200 || w.Body.String() != first.Body.String() {
			t.Errorf("%s: %d %s\nanalyst: %s", login, w.Code, w.Body, first.Body)
		}
	}
	var measured collection
	if err := json.Unmarshal(first.Body.Bytes(), &measured); err != nil {
		t.Fatal(err)
	}
	for name := range measured.Features[0].Properties {
		if regexp.MustCompile(`site|home|foyer|incident|score|class|rank|finess|capacity`).MatchString(name) {
			t.Errorf("property %s", name)
		}
	}

	thousand := `{"points":[` + strings.TrimSuffix(strings.Repeat(`{"lon":2.6,"lat":46.4},`, 1000), ",") + `]}`
	token := s.token(t, "planner", false)
	for range auth.PointsPerHour / 1000 {
		if w := s.as("planner", "POST", "/api/assess", thousand); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	w := s.anyone("POST", "/api/assess", body, "Authorization", "Bearer "+token)
	wantProblem(t, w, 429, "throttled")
	if w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	wantProblem(t, s.as("planner", "POST", "/api/assess", thousand), 429, "throttled")
	if w := s.as("inspector", "POST", "/api/assess", thousand); w.Code != 200 {
		t.Errorf("another person is limited: %d %s", w.Code, w.Body)
	}
	s.clock.advance(time.Hour)
	if w := s.as("planner", "POST", "/api/assess", body); w.Code != 200 && w.Code != 401 {
		t.Errorf("an hour later: %d %s", w.Code, w.Body)
	}
	count, refused := 0, 0
	for _, e := range s.audit.entries {
		if e.Subject == "planner" && e.Action == auth.ActionAssess {
			count += e.Count
		}
		if e.Subject == "planner" && e.Action == auth.ActionRefused {
			refused++
		}
	}
	if count < auth.PointsPerHour || count > auth.PointsPerHour+1 || refused != 2 {
		t.Errorf("%d points and %d refusals in the journal", count, refused)
	}
}

// No browser or proxy stores what holds homes, and a logout empties what the page kept.
// (What the page keeps: the tests of the front end.)
func TestRule20NothingIsKept(t *testing.T) {
	s := newServer(t)
	for key, rows := range accesses {
		method, path, _ := strings.Cut(key, " ")
		if method != "GET" || !strings.Contains(path, "sites") || path == "/auth/sessions" {
			continue
		}
		for _, row := range rows {
			for _, login := range []string{"mia", "analyst"} {
				if got := s.as(login, method, row.target, "").Header().Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s %s: Cache-Control %q", login, row.target, got)
				}
			}
		}
	}
	for _, target := range []string{"/api/users", "/api/grants", "/api/audit", "/api/imports", "/api/auth/session", "/api/auth/sessions", "/api/auth/tokens"} {
		if got := s.as("mia", "GET", target, "").Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", target, got)
		}
	}
	if got := s.as("inspector", "POST", "/api/auth/logout", "").Header().Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data %q", got)
	}
}
