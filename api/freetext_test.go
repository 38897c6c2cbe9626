package api_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/data/freetext"
)

// freeTexts are the operations whose requests hold text that people write freely, with a
// member's value for %s.
var freeTexts = map[string]struct{ login, method, target, body, field string }{
	"requestGrant purpose": {"analyst", "POST", "/api/grants", `{"kind":"exact","scope":{"departments":["01"]},"purpose":"%s","confirmed":true}`, "purpose"},
	"decideGrant reason":   {"manager", "POST", "/api/grants/{grant}/decision", `{"approve":false,"days":1,"reason":"%s","confirmed":true}`, "reason"},
	"addToken name":        {"analyst", "POST", "/api/auth/tokens", `{"name":"%s","purpose":"planning","days":9,"exact":false}`, "name"},
	"addUser name":         {"admin", "POST", "/api/users", `{"login":"zoe","name":"%s","assignments":[{"role":"analyst","scope":{"departments":["01"]}}]}`, "name"},
	"addUser mission order": {
		"admin", "POST", "/api/users",
		`{"login":"zoe","name":"Zoé Fictive","assignments":[{"role":"analyst","scope":{"departments":["01"]},"mission_order":"%s"}]}`, "assignments.0.mission_order",
	},
	"addSite name":         {"mia", "POST", "/api/sites", `{"name":"%s","category":"177","commune_code":"01004"}`, "name"},
	"correctSite name":     {"mia", "PATCH", "/api/sites/F-001", `{"name":"%s"}`, "name"},
	"correctSite street":   {"mia", "PATCH", "/api/sites/F-001", `{"address":{"street":"%s"}}`, "address.street"},
	"correctSite locality": {"mia", "PATCH", "/api/sites/F-001", `{"address":{"locality":"%s"}}`, "address.locality"},
	"correctSite source":   {"mia", "PATCH", "/api/sites/F-001", `{"position":{"lon":5.3,"lat":45.95,"source":"%s"}}`, "position.source"},
	"addSite source":       {"mia", "POST", "/api/sites", `{"name":"Foyer fictif","category":"177","commune_code":"01004","position":{"lon":5.3,"lat":45.95,"source":"%s"}}`, "position.source"},
	"addSite street":       {"mia", "POST", "/api/sites", `{"name":"Foyer fictif","category":"177","commune_code":"01004","address":{"street":"%s"}}`, "address.street"},
	"addSite locality":     {"mia", "POST", "/api/sites", `{"name":"Foyer fictif","category":"177","commune_code":"01004","address":{"locality":"%s"}}`, "address.locality"},
	"changeUser mission order": {
		"admin", "PUT", "/api/users/u-partner",
		`{"login":"partner","name":"Zoé Fictive","assignments":[{"role":"partner","scope":{"departments":["01"]},"mission_order":"%s"}]}`, "assignments.0.mission_order",
	},
	"changeUser name": {"admin", "PUT", "/api/users/u-partner", `{"login":"partner","name":"%s","assignments":[{"role":"partner","scope":{"departments":["01"]}}]}`, "name"},
}

// otherTexts are members of requests that are text without a form, and no free text: why.
var otherTexts = map[string]string{
	"login login": "never kept", "login password": "hashed", "login code": "never kept", "changePassword current": "never kept", "changePassword new": "hashed",
	"recover secret": "never kept", "recover password": "hashed", "confirmTOTP code": "never kept", "removeTOTP code": "never kept", "addToken password": "never kept", "addToken code": "never kept",
	"addUser login": "an identifier of form", "addUser email": "the contact of a professional, asked for", "addUser issuer": "an address of form",
	"changeUser login": "an identifier of form", "changeUser email": "the contact of a professional, asked for", "changeUser issuer": "an address of form",
	"assess id":           "given back, never kept",
	"addSite postal_code": "a code", "correctSite postal_code": "a code", "addUser role": "one of the roles", "changeUser role": "one of the roles",
	"createImport format": "one of the formats", "createImport crs": "one of the CRS known", "createImport since": "a date", "createImport edition": "a short label, public with the zones",
	"createImport id_field": "a column of the file", "createImport name_field": "a column of the file", "createImport categories": "codes", "createImport departments": "codes",
	"addSite category": "a code", "addSite commune_code": "a code", "addSite department_code": "a code", "addSite finess": "a number of form",
	"correctSite category": "a code", "correctSite commune_code": "a code", "correctSite department_code": "a code", "correctSite finess": "a number of form",
	"addSite legal_entity_finess": "a number of form", "correctSite legal_entity_finess": "a number of form",
	"addSite opened_on": "a date", "correctSite opened_on": "a date", "closeSite on": "a date",
	"mergeSites absorb": "an identifier",
}

// What identifies a person by its form is refused in every text that people write, and
// neither stored nor logged nor told back.
func TestRule14FreeTextIsScreened(t *testing.T) {
	s := newServer(t)
	grant := decode[struct{ ID string }](t, s.as("analyst", "POST", "/api/grants", `{"kind":"exact","scope":{"departments":["01"]},"purpose":"Essai"}`)).ID
	secrets := map[freetext.Kind]string{
		freetext.KindNIR: "2 55 08 14 168 025 38", freetext.KindPhone: "06 12 34 56 78", freetext.KindEmail: "prenom.nom@exemple.fr",
		freetext.KindPlate: "AB-123-CD", freetext.KindBirth: "née le 12/05/2010",
	}
	for name, r := range freeTexts {
		for kind, secret := range secrets {
			body := strings.ReplaceAll(r.body, "%s", "Vu "+secret)
			w := s.as(r.login, r.method, strings.ReplaceAll(r.target, "{grant}", grant), body, "If-Match", "*")
			p := wantProblem(t, w, 422, "invalid-record")
			if len(p.Problems) != 1 || p.Problems[0].Code != "free-text-"+string(kind) || p.Problems[0].Field != r.field || strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s, %s: %s", name, kind, w.Body)
			}
		}
	}
	for _, path := range []string{s.path, s.path + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for kind, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s: the database holds it", kind)
			}
		}
	}
	for kind, secret := range secrets {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("%s: the log holds it", kind)
		}
	}
}

// Each text of a request is screened, or there is a reason not to.
func TestRule14EveryTextIsKnown(t *testing.T) {
	known := map[string]bool{}
	for name := range freeTexts {
		operation, member, _ := strings.Cut(name, " ")
		known[operation+" "+strings.ReplaceAll(member, " ", "_")] = true
	}
	var walk func(operation, member string, schema *openapi3.Schema)
	walk = func(operation, member string, schema *openapi3.Schema) {
		if schema.Type.Is("string") && schema.Enum == nil && schema.Pattern == "" && (schema.Format == "" || schema.Format == "email") {
			if name := operation + " " + member; !known[name] && otherTexts[name] == "" {
				t.Errorf("%s: is it free text?", name)
			}
		}
		for name, p := range schema.Properties {
			walk(operation, name, p.Value)
		}
		if schema.Items != nil && schema.Items.Value.Type.Is("object") {
			walk(operation, member, schema.Items.Value)
		}
	}
	for _, item := range document(t, newServer(t)).Paths.Map() {
		for _, o := range item.Operations() {
			if o.RequestBody == nil {
				continue
			}
			for _, content := range o.RequestBody.Value.Content {
				walk(o.OperationID, "", content.Schema.Value)
			}
		}
	}
}
