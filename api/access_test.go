package api_test

import (
	"strconv"
	"strings"
	"testing"
)

// access is what each kind of person gets of one operation: one status each, in the
// order of columns. A target of another département, when there is one, is a row of
// its own.
type access struct {
	target, body string
	want         string
}

// columns of the table: nobody, one person a role in charge of département 01, an
// administrator of that département, and an exact token of its manager.
var columns = []string{"", "analyst", "inspector", "planner", "manager", "provider", "partner", "admin", "clerk", "token"}

// What everyone gets alike; absent is for what the fixture does not have.
const (
	everyone = "200 200 200 200 200 200 200 200 200 200"
	absent   = "404 404 404 404 404 404 404 404 404 404"
)

// accesses is who may call what. What gets past access is judged by its content: 400,
// 404 and 422 are then the answers to requests that are made to change nothing.
var accesses = map[string][]access{
	"GET /":                                          {{"/api/", "", everyone}},
	"GET /conformance":                               {{"/api/conformance", "", everyone}},
	"GET /openapi.json":                              {{"/api/openapi.json", "", everyone}},
	"GET /problems":                                  {{"/api/problems", "", everyone}},
	"GET /config":                                    {{"/api/config", "", everyone}},
	"GET /categories":                                {{"/api/categories", "", everyone}},
	"GET /formats":                                   {{"/api/formats", "", everyone}},
	"GET /editions":                                  {{"/api/editions", "", everyone}},
	"GET /vocabulary":                                {{"/api/vocabulary", "", everyone}},
	"GET /basemap/departments.geojson":               {{"/api/basemap/departments.geojson", "", everyone}},
	"GET /health/live":                               {{"/health/live", "", everyone}},
	"GET /health/ready":                              {{"/health/ready", "", everyone}},
	"GET /collections":                               {{"/api/collections", "", everyone}},
	"GET /collections/zones":                         {{"/api/collections/zones", "", everyone}},
	"GET /collections/zones/schema":                  {{"/api/collections/zones/schema", "", everyone}},
	"GET /collections/zones/queryables":              {{"/api/collections/zones/queryables", "", everyone}},
	"GET /collections/zones/sortables":               {{"/api/collections/zones/sortables", "", everyone}},
	"GET /collections/zones/items":                   {{"/api/collections/zones/items", "", everyone}},
	"GET /collections/zones/items/{featureId}":       {{"/api/collections/zones/items/qpv.2024.QN00101I", "", everyone}},
	"GET /collections/places":                        {{"/api/collections/places", "", everyone}},
	"GET /collections/places/schema":                 {{"/api/collections/places/schema", "", everyone}},
	"GET /collections/places/queryables":             {{"/api/collections/places/queryables", "", everyone}},
	"GET /collections/places/sortables":              {{"/api/collections/places/sortables", "", everyone}},
	"GET /collections/places/items":                  {{"/api/collections/places/items", "", everyone}},
	"GET /collections/places/items/{featureId}":      {{"/api/collections/places/items/P-1", "", everyone}},
	"GET /style.css":                                 {{"/api/style.css", "", everyone}},
	"GET /docs":                                      {{"/api/docs", "", everyone}},
	"GET /collections/departments":                   {{"/api/collections/departments", "", everyone}},
	"GET /collections/departments/schema":            {{"/api/collections/departments/schema", "", everyone}},
	"GET /collections/departments/queryables":        {{"/api/collections/departments/queryables", "", everyone}},
	"GET /collections/departments/sortables":         {{"/api/collections/departments/sortables", "", everyone}},
	"GET /collections/departments/items":             {{"/api/collections/departments/items", "", everyone}},
	"GET /collections/departments/items/{featureId}": {{"/api/collections/departments/items/department.01", "", everyone}},
	"GET /collections/areas":                         {{"/api/collections/areas", "", everyone}},
	"GET /collections/areas/schema":                  {{"/api/collections/areas/schema", "", everyone}},
	"GET /collections/areas/queryables":              {{"/api/collections/areas/queryables", "", everyone}},
	"GET /collections/areas/sortables":               {{"/api/collections/areas/sortables", "", everyone}},
	"GET /collections/areas/items":                   {{"/api/collections/areas/items", "", everyone}},
	"GET /collections/areas/items/{featureId}":       {{"/api/collections/areas/items/department.01", "", everyone}},

	"GET /collections/statistics":                   {{"/api/collections/statistics", "", absent}},
	"GET /collections/statistics/schema":            {{"/api/collections/statistics/schema", "", absent}},
	"GET /collections/statistics/queryables":        {{"/api/collections/statistics/queryables", "", absent}},
	"GET /collections/statistics/sortables":         {{"/api/collections/statistics/sortables", "", absent}},
	"GET /collections/statistics/items":             {{"/api/collections/statistics/items", "", absent}},
	"GET /collections/statistics/items/{featureId}": {{"/api/collections/statistics/items/none", "", absent}},

	"GET /collections/sites":            {{"/api/collections/sites", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/schema":     {{"/api/collections/sites/schema", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/queryables": {{"/api/collections/sites/queryables", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/sortables":  {{"/api/collections/sites/sortables", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/items":      {{"/api/collections/sites/items", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/items/{featureId}": {
		{"/api/collections/sites/items/F-001", "", "404 404 200 200 200 200 404 404 404 200"},
		{"/api/collections/sites/items/F-002", "", "404 404 200 200 200 404 404 404 404 200"},
		{"/api/collections/sites/items/X-001", "", absent},
	},
	"GET /sites/{id}":             {{"/api/sites/F-001", "", "404 404 200 200 200 200 404 404 404 200"}, {"/api/sites/F-002", "", "404 404 200 200 200 404 404 404 404 200"}, {"/api/sites/X-001", "", absent}},
	"GET /sites/{id}/explanation": {{"/api/sites/F-001/explanation", "", "404 404 200 200 200 200 404 404 404 200"}, {"/api/sites/X-001/explanation", "", absent}},
	"GET /sites/{id}/unknowns":    {{"/api/sites/F-001/unknowns", "", "404 404 200 200 200 200 404 404 404 200"}, {"/api/sites/X-001/unknowns", "", absent}},
	"POST /sites": {
		{"/api/sites", `{"name":"Foyer fictif","category":"177","commune_code":"01004"}`, "401 403 201 403 201 403 403 403 403 403"},
		{"/api/sites", `{"name":"Foyer fictif","category":"177","commune_code":"74010"}`, "401 403 403 403 403 403 403 403 403 403"},
	},
	"PATCH /sites/{id}":       {{"/api/sites/F-001", `{"capacity":12}`, "404 403 200 403 200 403 404 404 404 403"}, {"/api/sites/X-001", `{"capacity":12}`, "404 403 404 403 404 403 404 404 404 403"}},
	"POST /sites/{id}/close":  {{"/api/sites/F-002/close", `{"on":"2026-11-01"}`, "404 403 200 403 422 403 404 404 404 403"}, {"/api/sites/X-001/close", `{"on":"2026-11-01"}`, "404 403 404 403 404 403 404 404 404 403"}},
	"POST /sites/{id}/reopen": {{"/api/sites/F-005/reopen", "", "404 403 422 403 422 403 404 404 404 403"}, {"/api/sites/X-001/reopen", "", "404 403 404 403 404 403 404 404 404 403"}},
	"POST /sites/{id}/merge": {
		{"/api/sites/F-003/merge", `{"absorb":"F-003","absorb_version":1}`, "404 403 422 403 422 403 404 404 404 403"},
		{"/api/sites/F-003/merge", `{"absorb":"X-001","absorb_version":1}`, "404 403 404 403 404 403 404 404 404 403"},
		{"/api/sites/X-001/merge", `{"absorb":"F-003","absorb_version":1}`, "404 403 404 403 404 403 404 404 404 403"},
	},
	"POST /assess": {{"/api/assess", `{"lon":5.3,"lat":45.95}`, "401 200 200 200 200 200 200 200 200 200"}},

	"GET /imports":            {{"/api/imports", "", "401 403 403 403 403 403 403 200 200 403"}},
	"GET /imports/{id}":       {{"/api/imports/none", "", "401 403 403 403 403 403 403 404 404 403"}},
	"POST /imports":           {{"/api/imports", "{}", "401 403 403 403 403 403 403 415 415 403"}},
	"POST /imports/{id}/undo": {{"/api/imports/none/undo", "", "401 403 403 403 403 403 403 404 404 403"}},

	"GET /users":                  {{"/api/users", "", "401 403 403 403 403 403 403 200 200 403"}},
	"POST /users":                 {{"/api/users", "{}", "401 403 403 403 403 403 403 422 422 403"}},
	"GET /users/{id}":             {{"/api/users/u-analyst", "", "401 403 403 403 403 403 403 200 200 403"}, {"/api/users/u-otto", "", "401 403 403 403 403 403 403 200 404 403"}},
	"PUT /users/{id}":             {{"/api/users/u-analyst", "{}", "401 403 403 403 403 403 403 422 422 403"}, {"/api/users/u-otto", `{"login":"otto","name":"Autre","email":"","assignments":[]}`, "401 403 403 403 403 403 403 200 404 403"}},
	"DELETE /users/{id}":          {{"/api/users/u-nobody", "", "401 403 403 403 403 403 403 404 404 403"}},
	"POST /users/{id}/recovery":   {{"/api/users/u-nobody/recovery", "", "401 403 403 403 403 403 403 404 404 403"}},
	"DELETE /users/{id}/sessions": {{"/api/users/u-otto/sessions", "", "401 403 403 403 403 403 403 204 404 403"}},
	"GET /roles":                  {{"/api/roles", "", "401 403 403 403 403 403 403 200 200 403"}},
	"GET /grants":                 {{"/api/grants", "", "401 200 200 200 200 200 200 200 200 200"}},
	"POST /grants":                {{"/api/grants", "{}", "401 422 422 422 422 422 422 422 422 403"}},
	"POST /grants/{id}/decision":  {{"/api/grants/none/decision", `{"approve":true,"reason":"essai","days":1}`, "401 403 403 403 404 403 403 403 403 403"}},
	"DELETE /grants/{id}":         {{"/api/grants/none", "", "401 404 404 404 404 404 404 404 404 403"}},

	"GET /audit":              {{"/api/audit", "", "401 403 403 403 403 403 403 200 403 403"}},
	"GET /audit/verification": {{"/api/audit/verification", "", "401 403 403 403 403 403 403 200 403 403"}},
	"GET /audit/checkpoints":  {{"/api/audit/checkpoints", "", "401 403 403 403 403 403 403 200 403 403"}},

	"GET /siting/criteria":                 {{"/api/siting/criteria", "", "401 403 403 200 200 403 403 403 403 403"}},
	"GET /siting/studies":                  {{"/api/siting/studies", "", "404 403 403 200 200 403 404 404 404 403"}},
	"POST /siting/studies":                 {{"/api/siting/studies", "{}", "404 403 403 422 422 403 404 404 404 403"}, {"/api/siting/studies", otherStudy, "404 403 403 403 403 403 404 404 404 403"}},
	"GET /siting/studies/{id}":             {{"/api/siting/studies/none", "", "404 403 403 404 404 403 404 404 404 403"}},
	"PUT /siting/studies/{id}":             {{"/api/siting/studies/none", `{"body":{}}`, "404 403 403 404 404 403 404 404 404 403"}},
	"DELETE /siting/studies/{id}":          {{"/api/siting/studies/none", "", "404 403 403 404 404 403 404 404 404 403"}},
	"GET /siting/studies/{id}/history":     {{"/api/siting/studies/none/history", "", "404 403 403 404 404 403 404 404 404 403"}},
	"POST /siting/studies/{id}/clone":      {{"/api/siting/studies/none/clone", "", "404 403 403 404 404 403 404 404 404 403"}},
	"POST /siting/studies/{id}/candidates": {{"/api/siting/studies/none/candidates", "{}", "404 403 403 415 415 403 404 404 404 403"}},
	"POST /siting/studies/{id}/exclusions": {{"/api/siting/studies/none/exclusions", "{}", "404 403 403 415 415 403 404 404 404 403"}},
	"GET /siting/studies/{id}/answer":      {{"/api/siting/studies/none/answer", "", "404 403 403 404 404 403 404 404 404 403"}},
	"GET /siting/studies/{id}/allocation":  {{"/api/siting/studies/none/allocation", "", "404 403 403 404 404 403 404 404 404 403"}},
	"GET /siting/surface":                  {{"/api/siting/surface?department=74", "", "404 403 403 403 403 403 404 404 404 403"}, {"/api/siting/surface?department=01&cell=500", "", "404 403 403 200 200 403 404 404 404 403"}},
	"GET /siting/surface/{token}/values":   {{"/api/siting/surface/none/values", "", "404 403 403 404 404 403 404 404 404 403"}},

	"GET /tileMatrixSets":                          {{"/api/tileMatrixSets", "", everyone}},
	"GET /tileMatrixSets/WebMercatorQuad":          {{"/api/tileMatrixSets/WebMercatorQuad", "", everyone}},
	"GET /styles/vigie":                            {{"/api/styles/vigie", "", everyone}},
	"GET /collections/zones/tiles":                 {{"/api/collections/zones/tiles", "", everyone}},
	"GET /collections/zones/tiles/WebMercatorQuad": {{"/api/collections/zones/tiles/WebMercatorQuad", "", everyone}},
	"GET /collections/zones/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": {{"/api/collections/zones/tiles/WebMercatorQuad/10/364/527", "", everyone}},
	"GET /collections/places/tiles":                                                  {{"/api/collections/places/tiles", "", everyone}},
	"GET /collections/places/tiles/WebMercatorQuad":                                  {{"/api/collections/places/tiles/WebMercatorQuad", "", everyone}},
	"GET /collections/places/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": {{"/api/collections/places/tiles/WebMercatorQuad/10/364/527", "", everyone}},
	"GET /collections/areas/tiles":                                                   {{"/api/collections/areas/tiles", "", everyone}},
	"GET /collections/areas/tiles/WebMercatorQuad":                                   {{"/api/collections/areas/tiles/WebMercatorQuad", "", everyone}},
	"GET /collections/areas/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}":  {{"/api/collections/areas/tiles/WebMercatorQuad/10/364/527", "", everyone}},
	"GET /collections/sites/tiles":                                                   {{"/api/collections/sites/tiles", "", "404 200 200 200 200 200 404 404 404 200"}},
	"GET /collections/sites/tiles/WebMercatorQuad":                                   {{"/api/collections/sites/tiles/WebMercatorQuad", "", "404 200 200 200 200 200 404 404 404 200"}},
	// No release is frozen in the fixture: an analyst's tile is empty.
	"GET /collections/sites/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": {{"/api/collections/sites/tiles/WebMercatorQuad/10/364/527", "", "404 204 200 200 200 200 404 404 404 200"}},

	"GET /stats":                       {{"/api/stats", "", everyone}},
	"GET /stats/phenomenon":            {{"/api/stats/phenomenon", "", everyone}},
	"GET /stats/{edition}":             {{"/api/stats/2026-Q3", "", absent}},
	"GET /stats/{edition}/schema.json": {{"/api/stats/2026-Q3/schema.json", "", absent}},

	"GET /auth/session":                  {{"/api/auth/session", "", everyone}},
	"POST /auth/login":                   {{"/api/auth/login", "{}", "422 422 422 422 422 422 422 422 422 403"}},
	"POST /auth/logout":                  {{"/api/auth/logout?unknown=1", "", "400 400 400 400 400 400 400 400 400 403"}},
	"PUT /auth/purpose":                  {{"/api/auth/purpose", `{"purpose":"inspection"}`, "401 409 409 409 409 409 409 409 409 403"}},
	"POST /auth/password":                {{"/api/auth/password", "{}", "401 422 422 422 422 422 422 422 422 403"}},
	"POST /auth/recovery":                {{"/api/auth/recovery", "{}", "422 422 422 422 422 422 422 422 422 403"}},
	"POST /auth/totp":                    {{"/api/auth/totp", "", "401 200 200 200 200 200 200 200 200 403"}},
	"PUT /auth/totp":                     {{"/api/auth/totp", "{}", "401 422 422 422 422 422 422 422 422 403"}},
	"DELETE /auth/totp":                  {{"/api/auth/totp", "{}", "401 422 422 422 422 422 422 422 422 403"}},
	"GET /auth/sessions":                 {{"/api/auth/sessions", "", "401 200 200 200 200 200 200 200 200 200"}},
	"DELETE /auth/sessions":              {{"/api/auth/sessions", "", "401 204 204 204 204 204 204 204 204 403"}},
	"GET /auth/tokens":                   {{"/api/auth/tokens", "", "401 200 200 200 200 200 200 200 200 200"}},
	"POST /auth/tokens":                  {{"/api/auth/tokens", "{}", "401 422 422 422 422 422 422 422 422 403"}},
	"DELETE /auth/tokens/{id}":           {{"/api/auth/tokens/none", "", "401 404 404 404 404 404 404 404 404 403"}},
	"GET /auth/oidc/{provider}/login":    {{"/api/auth/oidc/none/login?return=/", "", absent}},
	"GET /auth/oidc/{provider}/callback": {{"/api/auth/oidc/none/callback", "", absent}},
}

// Who may call what, over their own scope and over another. A route without a row fails.
func TestAccess(t *testing.T) {
	s := newServer(t)
	token := s.token(t, "manager", true)
	for path, item := range document(t, s).Paths.Map() {
		for method := range item.Operations() {
			if _, ok := accesses[method+" "+path]; !ok {
				t.Errorf("%s %s: who may call it? No row in accesses", method, path)
			}
		}
	}
	for key, rows := range accesses {
		method, _, _ := strings.Cut(key, " ")
		for _, row := range rows {
			var got []string
			for _, login := range columns {
				headers := []string{"If-Match", "*"}
				if login == "token" {
					headers, login = append(headers, "Authorization", "Bearer "+token), ""
				}
				got = append(got, strconv.Itoa(s.as(login, method, row.target, row.body, headers...).Code))
			}
			if got := strings.Join(got, " "); got != row.want {
				t.Errorf("%s %s:\n  got  %s\n  want %s", method, row.target, got, row.want)
			}
		}
	}
}
