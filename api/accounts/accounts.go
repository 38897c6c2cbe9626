// Package accounts is the management of accounts and of grants: who may do what, where
// and until when, given within one's own scope and, for more than a role gives, by a
// second person (docs/decisions/grants.md).
package accounts

import (
	"context"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
)

// Service answers for accounts and grants.
type Service struct {
	manager *Manager
	grants  Grants
	gate    *auth.Gate
	ids     data.IDs
}

// Grants is what the service needs of the store for grants.
type Grants interface {
	Grants(ctx context.Context, by data.Viewer, userID string) ([]data.Grant, error)
	Grant(ctx context.Context, id string) (*data.Grant, error)
	PutGrant(ctx context.Context, g *data.Grant, entry data.AuditEntry) error
}

// New makes the service.
func New(accounts data.Accounts, gate *auth.Gate, ids data.IDs) *Service {
	return &Service{manager: NewManager(accounts, ids), grants: accounts, gate: gate, ids: ids}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	admin := web.Needs(data.RightUsers)
	id := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("id", tr("Identifiant du compte", "Identifier of the account"))
	}
	grantID := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("id", tr("Identifiant de la demande", "Identifier of the request"))
	}
	match := func(tr web.Tr) *openapi3.ParameterRef {
		return web.Header("If-Match", tr("Version du compte lu (ETag)", "Version of the account as read (ETag)"))
	}
	account := func(op *openapi3.Operation, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, 200, tr("Le compte", "The account"), web.TypeJSON, userSchema())
	}
	nothing := func(op *openapi3.Operation, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, http.StatusNoContent, tr("Fait", "Done"), "", nil)
	}
	grant := func(op *openapi3.Operation, status int, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, status, tr("La demande", "The request"), web.TypeJSON, grantSchema())
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/users", Access: admin, Handler: s.list, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getUsers", "accounts", tr("Les comptes de votre ressort", "The accounts of your scope"))
			return web.Answers(op, 200, tr("Comptes", "Accounts"), web.TypeJSON, list("users", userSchema()))
		}},
		{Method: http.MethodPost, Path: "/users", Access: admin, Handler: s.add, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("addUser", "accounts", tr("Ouvrir un compte", "Open an account"))
			web.Takes(op, web.Named("UserFields", fieldsSchema()), web.TypeJSON)
			return web.Answers(op, http.StatusCreated, tr("Le compte, et le secret qui sert une fois à choisir le mot de passe", "The account, and the secret that serves once to choose the password"), web.TypeJSON, addedSchema())
		}},
		{Method: http.MethodGet, Path: "/users/{id}", Access: admin, Handler: s.get, Operation: func(tr web.Tr) *openapi3.Operation {
			return account(web.Op("getUser", "accounts", tr("Un compte", "One account"), id(tr)), tr)
		}},
		{Method: http.MethodPut, Path: "/users/{id}", Access: admin, Handler: s.change, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("changeUser", "accounts", tr("Modifier, désactiver ou réactiver un compte", "Change, disable or enable an account"), id(tr), match(tr))
			web.Takes(op, web.Named("UserFields", fieldsSchema()), web.TypeJSON)
			return account(op, tr)
		}},
		{Method: http.MethodDelete, Path: "/users/{id}", Access: admin, Handler: s.erase, Operation: func(tr web.Tr) *openapi3.Operation {
			return nothing(web.Op("eraseUser", "accounts", tr("Effacer un compte", "Erase an account"), id(tr)), tr)
		}},
		{Method: http.MethodPost, Path: "/users/{id}/recovery", Access: admin, Handler: s.recover, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("recoverUser", "accounts", tr("Donner un nouveau secret à usage unique pour le mot de passe", "Issue a new single-use secret for the password"), id(tr))
			return web.Answers(op, http.StatusCreated, tr("Le secret, montré une fois", "The secret, shown once"), web.TypeJSON, web.Inline(recoverySchema()))
		}},
		{Method: http.MethodDelete, Path: "/users/{id}/sessions", Access: admin, Handler: s.endSessions, Operation: func(tr web.Tr) *openapi3.Operation {
			return nothing(web.Op("endUserSessions", "accounts", tr("Fermer les sessions d’un compte", "End the sessions of an account"), id(tr)), tr)
		}},
		{Method: http.MethodGet, Path: "/roles", Access: admin, Handler: s.roles, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getRoles", "accounts", tr("Les rôles et ce qu’ils donnent", "The roles and what they give"))
			return web.Answers(op, 200, tr("Rôles", "Roles"), web.TypeJSON, list("roles", roleSchema()))
		}},
		{Method: http.MethodGet, Path: "/grants", Access: web.SignedIn, Handler: s.listGrants, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getGrants", "grants", tr("Vos demandes d’autorisation, et celles que vous pouvez traiter", "Your requests for grants, and those that you may decide"))
			return web.Answers(op, 200, tr("Demandes", "Requests"), web.TypeJSON, list("grants", grantSchema()))
		}},
		{Method: http.MethodPost, Path: "/grants", Access: web.SignedIn, Handler: s.request, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("requestGrant", "grants", tr("Demander à voir exactement, ou à exporter le registre", "Ask to see exactly, or to export the register"))
			web.Takes(op, web.Named("GrantRequest", requestSchema()), web.TypeJSON)
			return grant(op, http.StatusCreated, tr)
		}},
		{Method: http.MethodPost, Path: "/grants/{id}/decision", Access: web.Needs(data.RightApprove), Handler: s.decide, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("decideGrant", "grants", tr("Accorder ou refuser la demande d’une autre personne", "Approve or refuse the request of another person"), grantID(tr))
			web.Takes(op, web.Named("GrantDecision", decisionSchema()), web.TypeJSON)
			return grant(op, 200, tr)
		}},
		{Method: http.MethodDelete, Path: "/grants/{id}", Access: web.SignedIn, Handler: s.end, Operation: func(tr web.Tr) *openapi3.Operation {
			return grant(web.Op("endGrant", "grants", tr("Retirer sa demande, ou révoquer une autorisation", "Withdraw one’s request, or revoke a grant"), grantID(tr)), 200, tr)
		}},
	}
}
