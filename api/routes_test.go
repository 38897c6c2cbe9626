package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"vigie/api"
)

func document(t *testing.T, s *server) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(s.do("GET", "/api/openapi.json?lang=en", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

const csvOfOne = "id;nom;categorie;code_insee;lon;lat\nN-1;Foyer fictif importé;177;01004;5.35;45.96\n"

// Every route of the table works, and its answer is the one that its
// operation documents. A route without a row fails.
func TestEveryRoute(t *testing.T) {
	s := newServer(t)
	doc := document(t, s)
	importBody, importType := form(t, map[string]string{"layer": "sites"}, file{"un.csv", csvOfOne})
	candidatesBody, candidatesType := form(t, nil, file{"lieux.csv", "id;nom;lon;lat\nC-9;Lieu fictif;5.4;46.1\n"})
	exclusionsBody, exclusionsType := form(t, nil, file{"exclus.geojson", exclusionsFile})
	fresh := cookiesIn(s.logIn("planner", password, ""))
	type request struct {
		target, body string
		headers      []string
		status       int // 0 is 200
	}
	// In this order: some rows need what others left, whose identifier stands for {made}.
	rows := []struct {
		key, login string
		request
	}{
		{"GET /", "mia", request{target: "/api/"}},
		{"GET /conformance", "mia", request{target: "/api/conformance"}},
		{"GET /openapi.json", "mia", request{target: "/api/openapi.json"}},
		{"GET /problems", "mia", request{target: "/api/problems"}},
		{"GET /collections", "mia", request{target: "/api/collections"}},
		{"GET /collections/sites", "mia", request{target: "/api/collections/sites"}},
		{"GET /collections/sites/schema", "mia", request{target: "/api/collections/sites/schema"}},
		{"GET /collections/sites/queryables", "mia", request{target: "/api/collections/sites/queryables"}},
		{"GET /collections/sites/sortables", "mia", request{target: "/api/collections/sites/sortables"}},
		{"GET /collections/sites/items", "mia", request{target: "/api/collections/sites/items?limit=3"}},
		{"GET /collections/sites/items/{featureId}", "mia", request{target: "/api/collections/sites/items/F-001"}},
		{"GET /collections/zones", "mia", request{target: "/api/collections/zones"}},
		{"GET /collections/zones/schema", "mia", request{target: "/api/collections/zones/schema"}},
		{"GET /collections/zones/queryables", "mia", request{target: "/api/collections/zones/queryables"}},
		{"GET /collections/zones/sortables", "mia", request{target: "/api/collections/zones/sortables"}},
		{"GET /collections/zones/items", "mia", request{target: "/api/collections/zones/items"}},
		{"GET /collections/zones/items/{featureId}", "mia", request{target: "/api/collections/zones/items/qpv.2024.QN00101I"}},
		{"GET /collections/places", "mia", request{target: "/api/collections/places"}},
		{"GET /collections/places/schema", "mia", request{target: "/api/collections/places/schema"}},
		{"GET /collections/places/queryables", "mia", request{target: "/api/collections/places/queryables"}},
		{"GET /collections/places/sortables", "mia", request{target: "/api/collections/places/sortables"}},
		{"GET /collections/places/items", "mia", request{target: "/api/collections/places/items"}},
		{"GET /collections/places/items/{featureId}", "mia", request{target: "/api/collections/places/items/P-1"}},
		{"GET /style.css", "mia", request{target: "/api/style.css"}},
		{"GET /docs", "mia", request{target: "/api/docs"}},
		{"GET /collections/departments", "mia", request{target: "/api/collections/departments"}},
		{"GET /collections/departments/schema", "mia", request{target: "/api/collections/departments/schema"}},
		{"GET /collections/departments/queryables", "mia", request{target: "/api/collections/departments/queryables"}},
		{"GET /collections/departments/sortables", "mia", request{target: "/api/collections/departments/sortables"}},
		{"GET /collections/departments/items", "mia", request{target: "/api/collections/departments/items"}},
		{"GET /collections/departments/items/{featureId}", "mia", request{target: "/api/collections/departments/items/department.01"}},
		{"GET /collections/areas", "mia", request{target: "/api/collections/areas"}},
		{"GET /collections/areas/schema", "mia", request{target: "/api/collections/areas/schema"}},
		{"GET /collections/areas/queryables", "mia", request{target: "/api/collections/areas/queryables"}},
		{"GET /collections/areas/sortables", "mia", request{target: "/api/collections/areas/sortables"}},
		{"GET /collections/areas/items", "mia", request{target: "/api/collections/areas/items"}},
		{"GET /collections/areas/items/{featureId}", "mia", request{target: "/api/collections/areas/items/department.01"}},
		{"POST /assess", "mia", request{target: "/api/assess", body: `{"points":[{"id":"a","lon":5.3,"lat":45.95}],"radii":[500,750]}`}},
		{"GET /config", "mia", request{target: "/api/config"}},
		{"GET /categories", "mia", request{target: "/api/categories"}},
		{"GET /formats", "mia", request{target: "/api/formats"}},
		{"GET /editions", "mia", request{target: "/api/editions"}},
		{"GET /vocabulary", "", request{target: "/api/vocabulary"}},
		{"GET /basemap/departments.geojson", "mia", request{target: "/api/basemap/departments.geojson"}},
		{"GET /health/live", "mia", request{target: "/health/live"}},
		{"GET /health/ready", "mia", request{target: "/health/ready"}},
		{"GET /imports", "mia", request{target: "/api/imports?limit=5"}},
		{"POST /sites", "mia", request{target: "/api/sites", body: `{"name":"Foyer fictif ajouté","category":"177","commune_code":"01004"}`, status: 201}},
		{"GET /sites/{id}", "mia", request{target: "/api/sites/F-001"}},
		{"GET /sites/{id}/explanation", "mia", request{target: "/api/sites/F-001/explanation"}},
		{"GET /sites/{id}/unknowns", "mia", request{target: "/api/sites/F-001/unknowns"}},
		{"PATCH /sites/{id}", "mia", request{target: "/api/sites/F-001", body: `{"name":"Foyer fictif renommé"}`, headers: []string{"If-Match", `"1"`}}},
		{"POST /sites/{id}/merge", "mia", request{target: "/api/sites/F-003/merge", body: `{"absorb":"F-004","absorb_version":1}`, headers: []string{"If-Match", `"1"`}}},
		{"POST /imports", "mia", request{target: "/api/imports", body: importBody, headers: []string{"Content-Type", importType}, status: 201}},
		{"GET /imports/{id}", "mia", request{target: "/api/imports/{made}"}},
		{"POST /imports/{id}/undo", "mia", request{target: "/api/imports/{made}/undo"}},
		{"POST /sites/{id}/close", "mia", request{target: "/api/sites/F-002/close", body: `{"on":"2026-11-01"}`, headers: []string{"If-Match", `"1"`}}},
		{"POST /sites/{id}/reopen", "mia", request{target: "/api/sites/F-002/reopen", headers: []string{"If-Match", `"2"`}}},
		{"GET /tileMatrixSets", "", request{target: "/api/tileMatrixSets"}},
		{"GET /tileMatrixSets/WebMercatorQuad", "", request{target: "/api/tileMatrixSets/WebMercatorQuad?f=json"}},
		{"GET /styles/vigie", "mia", request{target: "/api/styles/vigie"}},
		{"GET /collections/zones/tiles", "mia", request{target: "/api/collections/zones/tiles"}},
		{"GET /collections/zones/tiles/WebMercatorQuad", "mia", request{target: "/api/collections/zones/tiles/WebMercatorQuad?f=tilejson"}},
		{"GET /collections/zones/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "mia", request{target: "/api/collections/zones/tiles/WebMercatorQuad/10/364/527"}},
		{"GET /collections/places/tiles", "mia", request{target: "/api/collections/places/tiles"}},
		{"GET /collections/places/tiles/WebMercatorQuad", "mia", request{target: "/api/collections/places/tiles/WebMercatorQuad?f=tilejson"}},
		{"GET /collections/places/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "mia", request{target: "/api/collections/places/tiles/WebMercatorQuad/10/364/527"}},
		{"GET /collections/areas/tiles", "mia", request{target: "/api/collections/areas/tiles"}},
		{"GET /collections/areas/tiles/WebMercatorQuad", "mia", request{target: "/api/collections/areas/tiles/WebMercatorQuad?f=tilejson"}},
		{"GET /collections/areas/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "mia", request{target: "/api/collections/areas/tiles/WebMercatorQuad/10/364/527"}},
		{"GET /collections/sites/tiles", "mia", request{target: "/api/collections/sites/tiles"}},
		{"GET /collections/sites/tiles/WebMercatorQuad", "mia", request{target: "/api/collections/sites/tiles/WebMercatorQuad?f=tilejson"}},
		{"GET /collections/sites/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "mia", request{target: "/api/collections/sites/tiles/WebMercatorQuad/10/364/527"}},
		// No edition is frozen in the fixture.
		{"GET /collections/statistics", "", request{target: "/api/collections/statistics", status: 404}},
		{"GET /collections/statistics/schema", "", request{target: "/api/collections/statistics/schema", status: 404}},
		{"GET /collections/statistics/queryables", "", request{target: "/api/collections/statistics/queryables", status: 404}},
		{"GET /collections/statistics/sortables", "", request{target: "/api/collections/statistics/sortables", status: 404}},
		{"GET /collections/statistics/items", "", request{target: "/api/collections/statistics/items", status: 404}},
		{"GET /collections/statistics/items/{featureId}", "", request{target: "/api/collections/statistics/items/01", status: 404}},
		{"GET /stats", "", request{target: "/api/stats"}},
		{"GET /stats/phenomenon", "", request{target: "/api/stats/phenomenon"}},
		{"GET /stats/{edition}", "", request{target: "/api/stats/2026-Q3", status: 404}},
		{"GET /stats/{edition}/schema.json", "", request{target: "/api/stats/2026-Q3/schema.json", status: 404}},
		{"GET /auth/session", "mia", request{target: "/api/auth/session"}},
		{"POST /auth/login", "", request{target: "/api/auth/login", body: `{"login":"MIA","password":"` + password + `"}`}},
		{"PUT /auth/purpose", "", request{target: "/api/auth/purpose", body: `{"purpose":"planning"}`, headers: []string{"Cookie", fresh}}},
		{"POST /auth/logout", "", request{target: "/api/auth/logout", headers: []string{"Cookie", fresh}}},
		{"POST /auth/password", "partner", request{target: "/api/auth/password", body: `{"current":"` + password + `","new":"bruyère et basalte 43"}`, status: 204}},
		{"POST /auth/recovery", "", request{target: "/api/auth/recovery", body: `{"secret":"none","password":"bruyère et basalte 43"}`, status: 401}},
		{"POST /auth/totp", "mia", request{target: "/api/auth/totp"}},
		{"PUT /auth/totp", "mia", request{target: "/api/auth/totp", body: `{"code":"000"}`, status: 422}},
		{"DELETE /auth/totp", "mia", request{target: "/api/auth/totp", body: `{"code":"000"}`, status: 422}},
		{"GET /auth/sessions", "mia", request{target: "/api/auth/sessions"}},
		{"DELETE /auth/sessions", "mia", request{target: "/api/auth/sessions", status: 204}},
		{"POST /auth/tokens", "mia", request{target: "/api/auth/tokens", body: `{"name":"QGIS","purpose":"planning","days":90,"exact":false}`, status: 201}},
		{"GET /auth/tokens", "mia", request{target: "/api/auth/tokens"}},
		{"DELETE /auth/tokens/{id}", "mia", request{target: "/api/auth/tokens/{made}", status: 204}},
		// With a provider: TestOIDC.
		{"GET /auth/oidc/{provider}/login", "", request{target: "/api/auth/oidc/none/login?return=/", status: 404}},
		{"GET /auth/oidc/{provider}/callback", "", request{target: "/api/auth/oidc/none/callback?code=a&state=b", status: 404}},
		{"GET /roles", "mia", request{target: "/api/roles"}},
		{"GET /users", "mia", request{target: "/api/users"}},
		{"POST /users", "mia", request{target: "/api/users", body: `{"login":"zoe","name":"Zoé Fictive","assignments":[{"role":"analyst","scope":{"departments":["01"]}}]}`, status: 201}},
		{"GET /users/{id}", "mia", request{target: "/api/users/{made}"}},
		{"PUT /users/{id}", "mia", request{
			target: "/api/users/{made}", body: `{"login":"zoe","name":"Zoé Imaginaire","assignments":[]}`, headers: []string{"If-Match", `"1"`},
		}},
		{"POST /users/{id}/recovery", "mia", request{target: "/api/users/{made}/recovery", status: 201}},
		{"DELETE /users/{id}/sessions", "mia", request{target: "/api/users/{made}/sessions", status: 204}},
		{"DELETE /users/{id}", "mia", request{target: "/api/users/{made}", status: 204}},
		{"GET /audit", "mia", request{target: "/api/audit?limit=5"}},
		{"GET /audit/verification", "mia", request{target: "/api/audit/verification"}},
		{"GET /audit/checkpoints", "mia", request{target: "/api/audit/checkpoints"}},
		{"GET /grants", "mia", request{target: "/api/grants"}},
		{"POST /grants", "analyst", request{target: "/api/grants", body: `{"kind":"exact","scope":{"departments":["01"]},"purpose":"Essai"}`, status: 201}},
		{"POST /grants/{id}/decision", "mia", request{target: "/api/grants/{made}/decision", body: `{"approve":true,"reason":"Essai","days":7}`}},
		{"DELETE /grants/{id}", "analyst", request{target: "/api/grants/{made}"}},
		{"GET /siting/criteria", "planner", request{target: "/api/siting/criteria"}},
		{"POST /siting/studies", "planner", request{target: "/api/siting/studies", body: newStudy("01", study("")), status: 201}},
		{"GET /siting/studies", "planner", request{target: "/api/siting/studies?department=01&state=open&limit=5&offset=0"}},
		{"GET /siting/studies/{id}", "planner", request{target: "/api/siting/studies/{made}?version=1"}},
		{"POST /siting/studies/{id}/candidates", "planner", request{
			target: "/api/siting/studies/{made}/candidates?dry_run=true", body: candidatesBody, headers: []string{"Content-Type", candidatesType},
		}},
		{"POST /siting/studies/{id}/exclusions", "planner", request{
			target: "/api/siting/studies/{made}/exclusions?dry_run=true", body: exclusionsBody, headers: []string{"Content-Type", exclusionsType},
		}},
		{"GET /siting/studies/{id}/answer", "planner", request{target: "/api/siting/studies/{made}/answer?f=json"}},
		{"GET /siting/studies/{id}/allocation", "planner", request{target: "/api/siting/studies/{made}/allocation", status: 422}},
		{"GET /siting/studies/{id}/history", "planner", request{target: "/api/siting/studies/{made}/history"}},
		{"POST /siting/studies/{id}/clone", "planner", request{target: "/api/siting/studies/{made}/clone", status: 201}},
		{"PUT /siting/studies/{id}", "planner", request{target: "/api/siting/studies/{made}", body: `{"body":` + study("") + `}`, headers: []string{"If-Match", `"1"`}}},
		{"DELETE /siting/studies/{id}", "planner", request{target: "/api/siting/studies/{made}", headers: []string{"If-Match", "*"}, status: 204}},
		{"GET /siting/surface", "planner", request{target: "/api/siting/surface?department=01&cell=500"}},
		// With its header: TestSurface.
		{"GET /siting/surface/{token}/values", "planner", request{target: "/api/siting/surface/none/values", status: 404}},
	}
	made, seen := "", map[string]bool{}
	for _, row := range rows {
		seen[row.key] = true
		method, path, _ := strings.Cut(row.key, " ")
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s has a row but is not in the document", row.key)
			continue
		}
		w := s.as(row.login, method, strings.ReplaceAll(row.target, "{made}", made), row.body, row.headers...)
		want := row.status
		if want == 0 {
			want = http.StatusOK
		}
		if w.Code != want {
			t.Errorf("%s: %d %s, want %d", row.key, w.Code, w.Body, want)
			continue
		}
		if method == http.MethodPost && want == http.StatusCreated && !strings.Contains(path, "{") {
			answer := decode[struct {
				ID          string
				User, Token struct{ ID string }
			}](t, w)
			made = answer.ID + answer.User.ID + answer.Token.ID
		}
		validateResponse(t, doc, item, method, path, w)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if !seen[method+" "+path] {
				t.Errorf("%s %s has no row in this test", method, path)
			}
		}
	}
}

func validateResponse(t *testing.T, doc *openapi3.T, item *openapi3.PathItem, method, path string, w *httptest.ResponseRecorder) {
	t.Helper()
	request := httptest.NewRequest(method, "/api"+path, nil)
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request,
			Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		},
		Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s %s: the answer is not the documented one: %v", method, path, err)
	}
}

// What OGC clients read in the document before anything else.
func TestDocumentFitsOGCClients(t *testing.T) {
	s := newServer(t)
	raw := s.do("GET", "/api/openapi.json", "").Body.String()
	if n := strings.Count(raw, `{"$ref":"#/components/parameters/limit"}`); n != 6 {
		t.Errorf("%d collections take limit from the components, want 6", n)
	}
	doc := document(t, s)
	for _, id := range []string{"sites", "zones", "places", "areas"} {
		op := doc.Paths.Value("/collections/" + id + "/items").Get
		limit := op.Parameters.GetByInAndName("query", "limit").Schema.Value
		if limit.Min == nil || limit.Max == nil || limit.Default == nil || *limit.Max < 1000 {
			t.Errorf("%s: limit %+v", id, limit)
		}
		bbox := op.Parameters.GetByInAndName("query", "bbox")
		if bbox.Style != "form" || bbox.Explode == nil || *bbox.Explode || bbox.Required || bbox.Schema.Value.MinItems != 4 || *bbox.Schema.Value.MaxItems != 6 {
			t.Errorf("%s: bbox %+v", id, bbox)
		}
		if !op.Parameters.GetByInAndName("query", "datetime").Schema.Value.Type.Is("string") {
			t.Errorf("%s: datetime is not a string", id)
		}
	}
	landing := get[struct{ Links []link }](t, s, "/api/")
	for rel, contentType := range map[string]string{
		"service-desc": "application/vnd.oai.openapi+json;version=3.0", "conformance": "application/json", "data": "application/json",
	} {
		href := hrefOf(landing.Links, rel)
		u, err := url.Parse(href)
		if err != nil {
			t.Fatal(err)
		}
		if w := s.do("GET", u.RequestURI(), ""); w.Code != 200 || w.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: %s gives %d %q", rel, href, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

// A collection is described alike in the list and at its own address.
func TestCollectionsAgree(t *testing.T) {
	s := newServer(t)
	list := get[struct{ Collections []map[string]any }](t, s, "/api/collections")
	if len(list.Collections) != 5 {
		t.Fatalf("%d collections", len(list.Collections))
	}
	for _, entry := range list.Collections {
		own := get[map[string]any](t, s, "/api/collections/"+entry["id"].(string))
		for _, member := range []string{"title", "description", "extent", "links"} {
			if a, b := jsonOf(t, entry[member]), jsonOf(t, own[member]); a != b || a == "null" {
				t.Errorf("%s: %s is %s in the list, %s alone", entry["id"], member, a, b)
			}
		}
	}
	english := s.do("GET", "/api/collections/sites", "", "Accept-Language", "en")
	if !strings.Contains(english.Body.String(), `"title":"Homes"`) || english.Header().Get("Content-Language") != "en" {
		t.Errorf("%s", english.Body)
	}
}

// French texts of the document keep French typography: no plain space before a
// double sign nor inside quotation marks.
func TestFrenchTypography(t *testing.T) {
	s := newServer(t)
	plain := regexp.MustCompile(`[\pL»)] [:;!?»]|« `)
	for _, target := range []string{"/api/openapi.json", "/api/problems", "/api/collections", "/api/config", "/api/", "/api/collections/sites/schema"} {
		if found := plain.FindAllString(s.do("GET", target+"?lang=fr", "").Body.String(), -1); found != nil {
			t.Errorf("%s: %q", target, found)
		}
	}
}

func TestConfig(t *testing.T) {
	s := newServerWith(t, func(cfg *api.Config) { cfg.Controller, cfg.DPIAReference = "Conseil départemental fictif", "AIPD-1" })
	config := get[struct {
		Demo           bool
		Version        string
		Controller     string
		DPIA           string `json:"dpia_reference"`
		Languages      []string
		DefaultBasemap string `json:"default_basemap"`
		Basemaps       []struct {
			ID       string
			StyleURL string `json:"style_url"`
		}
		Viewer struct {
			Subject   string
			Writes    bool
			Precision string
		}
		Bounds []float64
	}](t, s, "/api/config")
	if config.Viewer.Precision != "exact" || !config.Viewer.Writes || config.DefaultBasemap != "offline" || len(config.Basemaps) != 2 ||
		config.Basemaps[0].StyleURL != "" || config.Basemaps[1].StyleURL == "" || config.Version != "test" {
		t.Errorf("config %+v", config)
	}
	if config.Controller != "Conseil départemental fictif" || config.DPIA != "AIPD-1" {
		t.Errorf("who answers for the processing: %+v", config)
	}
	if len(config.Bounds) != 4 || config.Bounds[0] != 5.25 || config.Bounds[1] != 45.75 {
		t.Errorf("bounds %v", config.Bounds)
	}
	editions := get[struct {
		Editions []struct {
			Kind, Label string
			Current     bool
			Zones       int
		}
	}](t, s, "/api/editions")
	if len(editions.Editions) != 3 {
		t.Errorf("editions %+v", editions)
	}
	if formats := get[[]struct{ ID string }](t, s, "/api/formats"); len(formats) < 5 {
		t.Errorf("formats %+v", formats)
	}
}

func TestFrontend(t *testing.T) {
	s := newServer(t)
	index := s.do("GET", "/", "")
	if index.Code != 200 || !strings.HasPrefix(index.Header().Get("Content-Type"), "text/html") || index.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %v", index.Code, index.Header())
	}
	if w := s.do("GET", "/", "", "If-None-Match", index.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("%d, want 304", w.Code)
	}
	asset := s.do("GET", "/assets/app-1234.js", "")
	if asset.Code != 200 || !strings.HasPrefix(asset.Header().Get("Content-Type"), "text/javascript") || !strings.Contains(asset.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", asset.Code, asset.Header())
	}
	for _, target := range []string{"/.gitkeep", "/assets/", "/assets/none.js", "/../go.mod", "/api", "/api/unknown"} {
		w := s.do("GET", target, "")
		if target == "/api" {
			if w.Code != 200 {
				t.Errorf("%s: %d", target, w.Code)
			}
			continue
		}
		wantProblem(t, w, 404, "not-found")
	}
	wantProblem(t, s.do("POST", "/", "{}"), 405, "method-not-allowed")
}

func TestNewRefusesBadConfiguration(t *testing.T) {
	if _, err := api.New(api.Config{}); err == nil {
		t.Error("an empty configuration is accepted")
	}
}

// Told to stop, the server finishes the requests in progress and accepts no more.
func TestServeStopsGracefully(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-release
		_, _ = io.WriteString(w, "whole")
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- api.Serve(ctx, listener, handler, slog.New(slog.DiscardHandler)) }()
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-started
	stop()
	time.Sleep(20 * time.Millisecond)
	close(release)
	if got := <-answer; got != "whole" {
		t.Errorf("the request in progress got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second); err == nil {
		t.Error("the server still accepts connections")
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	err = api.Serve(t.Context(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if err == nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("err = %v, want net.ErrClosed", err)
	}
}
