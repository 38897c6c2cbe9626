package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
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
	rows := map[string]struct {
		target, body string
		headers      []string
		status       int
	}{
		"GET /":                                     {target: "/api/"},
		"GET /conformance":                          {target: "/api/conformance"},
		"GET /openapi.json":                         {target: "/api/openapi.json"},
		"GET /problems":                             {target: "/api/problems"},
		"GET /collections":                          {target: "/api/collections"},
		"GET /collections/sites":                    {target: "/api/collections/sites"},
		"GET /collections/sites/schema":             {target: "/api/collections/sites/schema"},
		"GET /collections/sites/items":              {target: "/api/collections/sites/items?limit=3"},
		"GET /collections/sites/items/{featureId}":  {target: "/api/collections/sites/items/F-001"},
		"GET /collections/zones":                    {target: "/api/collections/zones"},
		"GET /collections/zones/schema":             {target: "/api/collections/zones/schema"},
		"GET /collections/zones/items":              {target: "/api/collections/zones/items"},
		"GET /collections/zones/items/{featureId}":  {target: "/api/collections/zones/items/qpv.2024.QN00101I"},
		"GET /collections/places":                   {target: "/api/collections/places"},
		"GET /collections/places/schema":            {target: "/api/collections/places/schema"},
		"GET /collections/places/items":             {target: "/api/collections/places/items"},
		"GET /collections/places/items/{featureId}": {target: "/api/collections/places/items/P-1"},
		"GET /collections/areas":                    {target: "/api/collections/areas"},
		"GET /collections/areas/schema":             {target: "/api/collections/areas/schema"},
		"GET /collections/areas/items":              {target: "/api/collections/areas/items"},
		"GET /collections/areas/items/{featureId}":  {target: "/api/collections/areas/items/department.01"},
		"POST /assess":                              {target: "/api/assess", body: `{"points":[{"id":"a","lon":5.3,"lat":45.95}],"radii":[500,750]}`},
		"GET /config":                               {target: "/api/config"},
		"GET /categories":                           {target: "/api/categories"},
		"GET /formats":                              {target: "/api/formats"},
		"GET /editions":                             {target: "/api/editions"},
		"GET /basemap/departments.geojson":          {target: "/api/basemap/departments.geojson"},
		"GET /health/live":                          {target: "/health/live"},
		"GET /health/ready":                         {target: "/health/ready"},
		"POST /imports":                             {target: "/api/imports", body: importBody, headers: []string{"Content-Type", importType}, status: 201},
		"GET /imports":                              {target: "/api/imports?limit=5"},
		"GET /imports/{id}":                         {target: "/api/imports/{import}"},
		"POST /imports/{id}/undo":                   {target: "/api/imports/{import}/undo"},
		"POST /sites":                               {target: "/api/sites", body: `{"name":"Foyer fictif ajouté","category":"177","commune_code":"01004"}`, status: 201},
		"GET /sites/{id}":                           {target: "/api/sites/F-001"},
		"GET /sites/{id}/explanation":               {target: "/api/sites/F-001/explanation"},
		"PATCH /sites/{id}":                         {target: "/api/sites/F-001", body: `{"name":"Foyer fictif renommé"}`, headers: []string{"If-Match", `"1"`}},
		"POST /sites/{id}/close":                    {target: "/api/sites/F-002/close", body: `{"on":"2026-11-01"}`, headers: []string{"If-Match", `"1"`}},
		"POST /sites/{id}/reopen":                   {target: "/api/sites/F-002/reopen", headers: []string{"If-Match", `"2"`}},
		"POST /sites/{id}/merge":                    {target: "/api/sites/F-003/merge", body: `{"absorb":"F-004","absorb_version":1}`, headers: []string{"If-Match", `"1"`}},
	}
	// Some rows need what others left: imports before their undo.
	order := slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		late := func(key string) int {
			return slices.Index([]string{"POST /imports", "GET /imports/{id}", "POST /imports/{id}/undo", "POST /sites/{id}/close", "POST /sites/{id}/reopen"}, key)
		}
		if d := late(a) - late(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	importID := ""
	for _, key := range order {
		row := rows[key]
		method, path, _ := strings.Cut(key, " ")
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s has a row but is not in the document", key)
			continue
		}
		w := s.do(method, strings.ReplaceAll(row.target, "{import}", importID), row.body, row.headers...)
		want := row.status
		if want == 0 {
			want = http.StatusOK
		}
		if w.Code != want {
			t.Errorf("%s: %d %s, want %d", key, w.Code, w.Body, want)
			continue
		}
		if key == "POST /imports" {
			importID = decode[struct{ ID string }](t, w).ID
		}
		validateResponse(t, doc, item, method, path, w)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if _, ok := rows[method+" "+path]; !ok {
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
	if n := strings.Count(raw, `{"$ref":"#/components/parameters/limit"}`); n != 4 {
		t.Errorf("%d collections take limit from the components, want 4", n)
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
	if len(list.Collections) != 4 {
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
	s := newServer(t)
	config := get[struct {
		Demo           bool
		Version        string
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
	if len(config.Bounds) != 4 || config.Bounds[0] != 5.30 || config.Bounds[1] != 45.95 {
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

func TestCheckListen(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "127.1.2.3:0": true, "[::1]:8080": true, "localhost:8080": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.168.1.10:8080": false, "vigie.example:8080": false,
		"127.0.0.1": false, "": false, "localhost.example:80": false, "[::ffff:10.0.0.1]:80": false,
	} {
		if err := api.CheckListen(addr); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
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
