package auth

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
	"vigie/data"
)

type members = map[string]*openapi3.Schema

func text(longest int64) *openapi3.Schema { return openapi3.NewStringSchema().WithMaxLength(longest) }

func purposeSchema() *openapi3.Schema { return openapi3.NewStringSchema().WithEnum(purposeIDs()...) }

// localPath is a path of this server, with its fragment: nothing that a browser takes
// for another host.
const localPath = `^/([!#-.0-\[\]-~][!-\[\]-~]*)?$`

// row is a row of the route table as this package needs it: addresses below /auth,
// closed JSON bodies, one answer.
type row struct {
	method, path string
	access       web.Access
	id           string
	summary      data.Text
	handler      web.Handler
	// body lists the members of the request, all required but those of optional.
	body, optional members
	status         int
	answer         *openapi3.SchemaRef
	parameters     []parameter
}

type parameter func(web.Tr) *openapi3.ParameterRef

func (r row) route() web.Route {
	return web.Route{
		Method: r.method, Path: "/auth" + r.path, Access: r.access, Handler: r.handler,
		// A provider may take its time, and hashes wait for each other.
		Timeout: 30 * time.Second,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op(r.id, "auth", tr(r.summary.FR, r.summary.EN))
			for _, p := range r.parameters {
				op.Parameters = append(op.Parameters, p(tr))
			}
			if r.body != nil {
				all := maps.Clone(r.body)
				maps.Copy(all, r.optional)
				web.Takes(op, web.Inline(web.Closed(all, slices.Sorted(maps.Keys(r.body))...)), web.TypeJSON)
			}
			mediaType := ""
			if r.answer != nil {
				mediaType = web.TypeJSON
			}
			return web.Answers(op, r.status, tr(r.summary.FR, r.summary.EN), mediaType, r.answer)
		},
	}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	object := web.Inline(openapi3.NewObjectSchema())
	tokenID := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("id", tr("Identifiant du jeton", "Identifier of the token"))
	}
	atProvider := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("provider", tr("Fournisseur d’identité", "Identity provider"))
	}
	back := func(tr web.Tr) *openapi3.ParameterRef {
		path := web.Pattern(localPath, "un chemin de ce serveur", "a path of this server").WithMaxLength(500)
		return web.Own(web.Query("return", tr("Où revenir", "Where to come back to"), path))
	}
	callback := []parameter{atProvider}
	// Those of the specification, and what known providers add.
	for _, name := range []string{"code", "state", "iss", "error", "error_description", "error_uri", "session_state", "scope", "authuser", "hd", "prompt"} {
		callback = append(callback, func(tr web.Tr) *openapi3.ParameterRef {
			return web.Own(web.Query(name, tr("Donné par le fournisseur", "Given by the provider"), text(4096)))
		})
	}
	var routes []web.Route
	for _, r := range []row{
		{
			method: http.MethodGet, path: "/session", access: web.Public, id: "getSession", handler: s.session, status: 200, answer: sessionSchema(),
			summary: data.Text{FR: "Qui est connecté", EN: "Who is logged in"},
		},
		{
			method: http.MethodPost, path: "/login", access: web.Public, id: "login", handler: s.login, status: 200, answer: sessionSchema(),
			summary: data.Text{FR: "Se connecter", EN: "Log in"},
			body:    members{"login": text(200), "password": text(1000)}, optional: members{"code": text(20)},
		},
		{
			method: http.MethodPost, path: "/logout", access: web.Public, id: "logout", handler: s.logout, status: 200, answer: object,
			summary: data.Text{FR: "Se déconnecter", EN: "Log out"},
		},
		{
			method: http.MethodPut, path: "/purpose", access: web.SignedIn, id: "choosePurpose", handler: s.choosePurpose, status: 200, answer: sessionSchema(),
			summary: data.Text{FR: "Choisir le motif de la session", EN: "Choose the purpose of the session"},
			body:    members{"purpose": purposeSchema()},
		},
		{
			method: http.MethodPost, path: "/password", access: web.SignedIn, id: "changePassword", handler: s.changePassword, status: 204,
			summary: data.Text{FR: "Changer de mot de passe", EN: "Change the password"},
			body:    members{"current": text(1000), "new": text(1000)},
		},
		{
			method: http.MethodPost, path: "/recovery", access: web.Public, id: "recover", handler: s.recovery, status: 204,
			summary: data.Text{FR: "Choisir un mot de passe avec un lien", EN: "Set a password with a link"},
			body:    members{"secret": text(200), "password": text(1000)},
		},
		{
			method: http.MethodPost, path: "/totp", access: web.SignedIn, id: "startTOTP", handler: s.startTOTP, status: 200, answer: object,
			summary: data.Text{FR: "Ajouter un second facteur", EN: "Add a second factor"},
		},
		{
			method: http.MethodPut, path: "/totp", access: web.SignedIn, id: "confirmTOTP", handler: s.confirmTOTP, status: 204,
			summary: data.Text{FR: "Confirmer le second facteur", EN: "Confirm the second factor"},
			body:    members{"code": text(20)},
		},
		{
			method: http.MethodDelete, path: "/totp", access: web.SignedIn, id: "removeTOTP", handler: s.removeTOTP, status: 204,
			summary: data.Text{FR: "Retirer le second facteur", EN: "Remove the second factor"},
			body:    members{"code": text(20)},
		},
		{
			method: http.MethodGet, path: "/sessions", access: web.SignedIn, id: "getSessions", handler: s.listSessions, status: 200, answer: sessionsSchema(),
			summary: data.Text{FR: "Ses sessions ouvertes", EN: "One’s open sessions"},
		},
		{
			method: http.MethodDelete, path: "/sessions", access: web.SignedIn, id: "dropSessions", handler: s.dropSessions, status: 204,
			summary: data.Text{FR: "Fermer les autres sessions", EN: "End the other sessions"},
		},
		{
			method: http.MethodGet, path: "/tokens", access: web.SignedIn, id: "getTokens", handler: s.tokens, status: 200, answer: object,
			summary: data.Text{FR: "Jetons pour des programmes", EN: "Tokens for programs"},
		},
		{
			method: http.MethodPost, path: "/tokens", access: web.SignedIn, id: "addToken", handler: s.addToken, status: 201, answer: object,
			summary: data.Text{FR: "Créer un jeton", EN: "Make a token"},
			body: members{
				"name": text(maxTokenName).WithMinLength(1), "purpose": purposeSchema(), "exact": openapi3.NewBoolSchema(),
				"days": openapi3.NewIntegerSchema().WithMin(1).WithMax(maxTokenDays),
			},
			optional: members{"password": text(1000), "code": text(20)}, // for an exact one
		},
		{
			method: http.MethodDelete, path: "/tokens/{id}", access: web.SignedIn, id: "dropToken", handler: s.dropToken, status: 204,
			summary: data.Text{FR: "Supprimer un jeton", EN: "Delete a token"}, parameters: []parameter{tokenID},
		},
		{
			method: http.MethodGet, path: "/oidc/{provider}/login", access: web.Public, id: "startOIDC", handler: s.startOIDC, status: 303,
			summary: data.Text{FR: "Se connecter auprès d’un fournisseur", EN: "Log in at a provider"}, parameters: []parameter{atProvider, back},
		},
		{
			method: http.MethodGet, path: "/oidc/{provider}/callback", access: web.Public, id: "endOIDC", handler: s.endOIDC, status: 303,
			summary: data.Text{FR: "Retour du fournisseur", EN: "Back from the provider"}, parameters: callback,
		},
	} {
		routes = append(routes, r.route())
	}
	return routes
}

func sessionsSchema() *openapi3.SchemaRef {
	s := openapi3.NewStringSchema
	one := web.Closed(members{
		"id": s(), "current": openapi3.NewBoolSchema(), "created_at": openapi3.NewDateTimeSchema(), "seen_at": openapi3.NewDateTimeSchema(),
		"agent": s().WithMaxLength(maxAgent),
	}, "id", "current", "created_at", "seen_at", "agent")
	return web.Inline(web.Closed(members{"sessions": openapi3.NewArraySchema().WithItems(one)}, "sessions"))
}

func sessionSchema() *openapi3.SchemaRef {
	s, b := openapi3.NewStringSchema, openapi3.NewBoolSchema
	both := openapi3.NewObjectSchema().WithProperties(members{"fr": s(), "en": s()})
	list := func(item *openapi3.Schema) *openapi3.Schema { return openapi3.NewArraySchema().WithItems(item) }
	choice := openapi3.NewObjectSchema().WithProperties(members{"id": s(), "label": both})
	schema := openapi3.NewObjectSchema().WithProperties(members{
		"authenticated": b(),
		"user":          openapi3.NewObjectSchema().WithProperties(members{"id": s(), "login": s(), "name": s(), "has_totp": b(), "has_password": b()}),
		"assignments":   list(openapi3.NewObjectSchema()), "rights": list(s()), "precision": s().WithEnum("none", "masked", "exact"),
		"scope": openapi3.NewObjectSchema(), "purpose": s(), "purposes": list(choice), "providers": list(choice),
		"expires_at": openapi3.NewDateTimeSchema(), "idle_seconds": openapi3.NewIntegerSchema(),
		"demo_accounts": list(openapi3.NewObjectSchema().WithProperties(members{"login": s(), "password": s(), "name": s(), "role_label": both})),
	})
	schema.Required = []string{"authenticated", "providers"}
	return web.Named("Session", schema)
}
