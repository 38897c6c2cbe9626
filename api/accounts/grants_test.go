package accounts_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vigie/data"
)

func (o *office) request(status int, login string, kind data.GrantKind, scope data.Scope) string {
	o.t.Helper()
	answer := o.want(status, login, "POST", "/grants", map[string]any{"kind": kind, "scope": scope, "purpose": "Bilan annuel"})
	id, _ := answer["id"].(string)
	return id
}

func decision(approve bool) map[string]any {
	return map[string]any{"approve": approve, "reason": "Conforme", "days": 30}
}

func (o *office) precision(login string) any {
	o.t.Helper()
	return o.want(200, login, "GET", "/auth/session", nil)["precision"]
}

// seen are the grants that a person sees: "id mine decidable".
func (o *office) seen(login string) (seen []string) {
	o.t.Helper()
	for _, g := range o.want(200, login, "GET", "/grants", nil)["grants"].([]any) {
		g := g.(map[string]any)
		seen = append(seen, fmt.Sprint(g["login"], " ", g["mine"], " ", g["decidable"]))
	}
	slices.Sort(seen)
	return seen
}

func TestExactViewByGrant(t *testing.T) {
	o := newOffice(t)
	o.want(401, "", "GET", "/grants", nil)
	o.want(401, "", "POST", "/grants", map[string]any{"kind": "exact", "scope": in("01"), "purpose": "x"})
	since := o.lastSeq()
	id := o.request(201, "analyst", data.GrantExact, in("01"))
	for login, want := range map[string][]string{
		"analyst": {"analyst true false"}, "manager01": {"analyst false true"}, "managers": {"analyst false true"},
		"manager02": nil, "inspector": nil, "admin01": nil, "root": nil, "provider": nil, "partner": nil, "planner": nil,
	} {
		if got := o.seen(login); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", login, got, want)
		}
	}
	path := "/grants/" + id + "/decision"
	for login, status := range map[string]int{
		"": 401, "analyst": 403, "inspector": 403, "planner": 403, "provider": 403, "partner": 403, "admin01": 403, "root": 403, "manager02": 404,
	} {
		o.want(status, login, "POST", path, decision(true))
	}
	o.want(404, "manager01", "POST", "/grants/nobody/decision", decision(true))
	for _, login := range []string{"manager02", "inspector", "root"} {
		o.want(404, login, "DELETE", "/grants/"+id, nil)
	}
	if got := o.precision("analyst"); got != "masked" {
		t.Errorf("before the decision: %v", got)
	}
	answer := o.want(422, "manager01", "POST", path, map[string]any{"approve": true, "reason": " ", "days": 93})
	if got := located(answer); got != "reason days" {
		t.Errorf("located %q", got)
	}
	approved := o.want(200, "manager01", "POST", path, decision(true))
	if approved["state"] != "approved" || approved["decided_by"] != "manager01" || approved["expires"] != "2026-12-24T08:30:00Z" || approved["decidable"] != false {
		t.Errorf("approved: %v", approved)
	}
	o.want(409, "managers", "POST", path, decision(false))
	if got := o.precision("analyst"); got != "exact" {
		t.Errorf("with the grant: %v", got)
	}
	o.want(409, "analyst", "POST", "/grants", map[string]any{"kind": "exact", "scope": in("01"), "purpose": "encore"})
	o.want(200, "managers", "DELETE", "/grants/"+id, nil)
	if got := o.precision("analyst"); got != "masked" {
		t.Errorf("once revoked: %v", got)
	}
	o.want(409, "analyst", "DELETE", "/grants/"+id, nil)

	withdrawn := o.request(201, "analyst", data.GrantExact, in("01", "02"))
	o.want(404, "manager01", "POST", "/grants/"+withdrawn+"/decision", decision(true)) // only a part is its own
	o.want(409, "managers", "DELETE", "/grants/"+withdrawn, nil)
	o.want(200, "analyst", "DELETE", "/grants/"+withdrawn, nil)
	o.want(409, "managers", "POST", "/grants/"+withdrawn+"/decision", decision(true))
	refused := o.request(201, "analyst", data.GrantExact, in("02"))
	if got := o.want(200, "manager02", "POST", "/grants/"+refused+"/decision", decision(false)); got["state"] != "refused" || got["expires"] != nil {
		t.Errorf("refused: %v", got)
	}
	var grants []string
	for _, a := range o.actions(since) {
		if strings.Contains(a, "grant.") {
			grants = append(grants, a)
		}
	}
	if want := []string{
		"analyst grant.request", "manager01 grant.approve", "managers grant.revoke", "analyst grant.request", "analyst grant.withdraw",
		"analyst grant.request", "manager02 grant.refuse",
	}; !slices.Equal(grants, want) {
		t.Errorf("journal %v, want %v", grants, want)
	}
}

// Four eyes: whoever may approve does not approve for itself, even under another case.
func TestNobodyApprovesItsOwn(t *testing.T) {
	o := newOffice(t)
	id := o.request(201, "manager01", data.GrantRegisterExport, in("01"))
	since := o.lastSeq()
	o.want(403, "manager01", "POST", "/grants/"+id+"/decision", decision(true))
	if got := o.actions(since); !slices.Equal(got, []string{"manager01 refused"}) {
		t.Errorf("journal %v", got)
	}
	if got := o.seen("manager01"); !slices.Equal(got, []string{"manager01 true false"}) {
		t.Errorf("sees %v", got)
	}
	o.want(200, "managers", "POST", "/grants/"+id+"/decision", decision(true))
}

// Neither a purpose nor a reason names a person.
func TestGrantsNameNobody(t *testing.T) {
	o := newOffice(t)
	ask := func(status int, purpose string, confirmed bool) map[string]any {
		return o.want(status, "analyst", "POST", "/grants", map[string]any{"kind": "exact", "scope": in("01"), "purpose": purpose, "confirmed": confirmed})
	}
	ask(422, "Rappeler le 06 12 34 56 78", true)
	if got := located(ask(422, "Demande de Mme Imaginaire", false)); got != "purpose" {
		t.Errorf("located %q", got)
	}
	id := ask(201, "Demande de Mme Imaginaire", true)["id"]
	answer := o.want(422, "manager01", "POST", fmt.Sprintf("/grants/%v/decision", id), map[string]any{"approve": false, "reason": "écrire à a@exemple.fr"})
	if got := located(answer); got != "reason" {
		t.Errorf("located %q", got)
	}
}

// What may be asked for depends on what one sees.
func TestWhoMayAsk(t *testing.T) {
	o := newOffice(t)
	for _, tt := range []struct {
		login  string
		kind   data.GrantKind
		scope  data.Scope
		status int
	}{
		{"analyst", data.GrantExact, in("03"), 403}, {"analyst", data.GrantExact, data.Scope{National: true}, 403},
		{"analyst", data.GrantRegisterExport, in("01"), 403}, {"analyst", data.GrantExact, data.Scope{}, 422},
		{"inspector", data.GrantExact, in("01"), 409}, {"inspector", data.GrantRegisterExport, in("01"), 201},
		{"inspector", data.GrantRegisterExport, in("02"), 403}, {"planner", data.GrantRegisterExport, in("01"), 201},
		{"provider", data.GrantRegisterExport, data.Scope{Sites: []string{"F-1"}}, 201}, {"provider", data.GrantRegisterExport, in("01"), 403},
		{"partner", data.GrantExact, in("01"), 403}, {"admin01", data.GrantRegisterExport, in("01"), 403}, {"root", data.GrantExact, in("01"), 403},
	} {
		o.request(tt.status, tt.login, tt.kind, tt.scope)
	}
	token := o.want(201, "inspector", "POST", "/auth/tokens", map[string]any{"name": "QGIS", "purpose": "inspection", "days": 10, "exact": true, "password": password})
	response := o.send(nil, "POST", "/grants", map[string]any{"kind": "register_export", "scope": in("01"), "purpose": "x"}, "Authorization", fmt.Sprintf("Bearer %v", token["secret"]))
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a program asks: %s", response.Status)
	}
}
