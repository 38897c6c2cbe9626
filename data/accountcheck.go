package data

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Actions of the journal about accounts.
const (
	ActionUserAdded    = "user.add"
	ActionUserChanged  = "user.change"
	ActionUserDisabled = "user.disable"
	ActionUserEnabled  = "user.enable"
	ActionUserErased   = "user.erase"
)

// OperatorSubject names whoever runs commands on the server's own machine in the
// journal; no account may have this login.
const OperatorSubject = "operator"

// Codes of the problems that validation of accounts gives.
const (
	CodeInvalidLogin    = "invalid-login"
	CodeReservedLogin   = "reserved-login"
	CodeInvalidEmail    = "invalid-email"
	CodeInvalidIssuer   = "invalid-issuer"
	CodeInvalidRole     = "invalid-role"
	CodeMissingScope    = "missing-scope"
	CodeInvalidScope    = "invalid-scope"
	CodeProviderScope   = "provider-needs-sites"
	CodeMissingOrder    = "missing-mission-order"
	CodeMissingExpiry   = "missing-expiry"
	CodeExpired         = "already-expired"
	CodeTooMany         = "too-many"
	CodeMissingSentence = "missing-text"
)

// Bounds of an account.
const (
	MaxAssignments = 50
	MaxScopeItems  = 500 // départements or homes of one scope
	maxLogin       = 64  // characters
)

// Validate lists what is wrong with an account given by a person. Field is the JSON
// name, with the rank of the assignment: "assignments.0.scope". An assignment that has
// expired is wrong unless kept holds it: what an account had before may stay.
func (u *User) Validate(now time.Time, kept []Assignment) []Problem {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkLogin(add, u.Login)
	if u.Name == "" {
		add(finding{code: CodeMissingName, field: "name", message: Text{FR: "Le nom manque.", EN: "The name is missing."}})
	}
	checkText(add, "name", &u.Name)
	if address, err := mail.ParseAddress(u.Email); u.Email != "" && (err != nil || address.Address != u.Email || len(u.Email) > 254) {
		add(finding{
			code: CodeInvalidEmail, field: "email", value: u.Email,
			message: Text{FR: "Une adresse électronique est attendue (prenom.nom@exemple.fr).", EN: "An e-mail address is expected (name@example.org)."},
		})
	}
	if issuer, err := url.Parse(u.Issuer); u.Issuer != "" && (err != nil || issuer.Scheme != "https" && issuer.Scheme != "http" || issuer.Host == "" || len(u.Issuer) > MaxTextLength) {
		add(finding{
			code: CodeInvalidIssuer, field: "issuer", value: u.Issuer,
			message: Text{FR: "L’adresse d’un fournisseur d’identité est attendue (https://…).", EN: "The address of an identity provider is expected (https://…)."},
		})
	}
	if len(u.Assignments) > MaxAssignments {
		add(finding{
			code: CodeTooMany, field: "assignments",
			message: Text{FR: fmt.Sprintf("%d rôles au plus.", MaxAssignments), EN: fmt.Sprintf("At most %d roles.", MaxAssignments)},
		})
	}
	for i := range u.Assignments {
		a := &u.Assignments[i]
		field := fmt.Sprintf("assignments.%d.", i)
		a.check(add, field)
		if a.Expires != nil && !now.Before(*a.Expires) && !slices.ContainsFunc(kept, a.Same) {
			add(finding{
				code: CodeExpired, field: field + "expires", value: a.Expires.Format(time.DateOnly),
				message: Text{FR: "Cette date est passée.", EN: "This date has passed."},
			})
		}
	}
	return strict(u.Login, found)
}

func checkLogin(add func(finding), login string) {
	alphanumeric := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }
	wrong := func(c rune) bool { return !alphanumeric(c) && !strings.ContainsRune(".-_@", c) }
	switch {
	case len(login) < 2 || len(login) > maxLogin || strings.ContainsFunc(login, wrong) || !alphanumeric(rune(login[0])):
		add(finding{
			code: CodeInvalidLogin, field: "login", value: login,
			message: Text{
				FR: fmt.Sprintf("L’identifiant a de 2 à %d caractères\u00a0: lettres sans accent, chiffres, point, tiret, souligné, arobase\u00a0; d’abord une lettre ou un chiffre.", maxLogin),
				EN: fmt.Sprintf("A login has 2 to %d characters: letters without accent, digits, full stop, hyphen, underscore, at sign; first a letter or a digit.", maxLogin),
			},
		})
	case strings.EqualFold(login, OperatorSubject), strings.EqualFold(login, SystemSubject):
		add(finding{
			code: CodeReservedLogin, field: "login", value: login,
			message: Text{
				FR: "Cet identifiant est réservé\u00a0: le journal nomme ainsi le serveur ou les commandes lancées sur lui.",
				EN: "This login is reserved: it names the server, or commands run on it, in the journal.",
			},
		})
	}
}

// Same tells whether two assignments give the same, until the same moment.
func (a Assignment) Same(b Assignment) bool {
	return a.Role == b.Role && a.Restricted == b.Restricted && a.MissionOrder == b.MissionOrder &&
		(a.Expires == nil) == (b.Expires == nil) && (a.Expires == nil || a.Expires.Equal(*b.Expires)) &&
		a.Scope.Covers(b.Scope) && b.Scope.Covers(a.Scope)
}

// check adds what is wrong with an assignment; prefix begins the names of its fields.
func (a *Assignment) check(add func(finding), prefix string) {
	if !a.Role.Valid() {
		add(finding{
			code: CodeInvalidRole, field: prefix + "role", value: string(a.Role),
			message: Text{
				FR: "Rôle inconnu. Rôles\u00a0: " + roleNames() + ".",
				EN: "Unknown role. Roles: " + roleNames() + ".",
			},
		})
	}
	checkScope(add, prefix+"scope", a.Scope)
	if a.Role == RoleProvider && !a.Scope.Empty() && (a.Scope.National || len(a.Scope.Departments) > 0) {
		add(finding{
			code: CodeProviderScope, field: prefix + "scope",
			message: Text{
				FR: "Un organisme gestionnaire a pour ressort ses foyers, nommés un à un.",
				EN: "The scope of a provider is its homes, named one by one.",
			},
		})
	}
	checkText(add, prefix+"mission_order", &a.MissionOrder)
	if !a.Scope.National {
		return
	}
	if strings.TrimSpace(a.MissionOrder) == "" {
		add(finding{
			code: CodeMissingOrder, field: prefix + "mission_order",
			message: Text{
				FR: "Un ressort national demande la référence de l’ordre de mission.",
				EN: "A national scope needs the reference of the mission order.",
			},
		})
	}
	if a.Expires == nil {
		add(finding{
			code: CodeMissingExpiry, field: prefix + "expires",
			message: Text{FR: "Un ressort national demande une date de fin.", EN: "A national scope needs an end date."},
		})
	}
}

// NamedHomes are the homes that the scopes of the account name.
func (u *User) NamedHomes() (ids []string) {
	for _, a := range u.Assignments {
		ids = append(ids, a.Scope.Sites...)
	}
	return ids
}

// Manages tells whether an account is the viewer's to see and change: it may give and take
// each of its assignments. An account without any is a national administrator's.
// departments gives those of the homes that the assignments name; one that is absent is
// only in the scope of who has it by name.
func (v Viewer) Manages(u *User, departments map[string]string) bool {
	if len(u.Assignments) == 0 {
		return v.MayEverywhere(RightUsers)
	}
	return !slices.ContainsFunc(u.Assignments, func(a Assignment) bool {
		return !v.MayThroughout(RightUsers, a.Scope, departments) ||
			a.Restricted && !v.MayThroughout(RightRestricted, a.Scope, departments)
	})
}

// Oversees tells whether an account is the viewer's to see and to disable: who administers
// everywhere oversees every account, also those that it may not change.
func (v Viewer) Oversees(u *User, departments map[string]string) bool {
	return v.MayEverywhere(RightUsers) || v.Manages(u, departments)
}

// OnlyDisables tells whether the account is what it was before, but disabled.
func (u *User) OnlyDisables(before *User) bool {
	return u.Disabled && u.Login == before.Login && u.Name == before.Name && u.Email == before.Email &&
		u.Issuer == before.Issuer && u.OIDCSub == before.OIDCSub && slices.EqualFunc(u.Assignments, before.Assignments, Assignment.Same)
}

// MayThroughout tells whether the viewer has one of these rights in every part of a scope,
// from whichever of its powers: two départements may come from two of them. departments
// gives those of the homes that the scope names.
func (v Viewer) MayThroughout(any Right, s Scope, departments map[string]string) bool {
	if s.National {
		return v.MayEverywhere(any)
	}
	return !s.Empty() &&
		!slices.ContainsFunc(s.Departments, func(code string) bool { return !v.MayIn(any, code) }) &&
		!slices.ContainsFunc(s.Sites, func(id string) bool { return !v.MayAt(any, &Site{ID: id, DepartmentCode: departments[id]}) })
}

func roleNames() string {
	names := make([]string, len(Roles))
	for i, r := range Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

func checkScope(add func(finding), field string, s Scope) {
	switch {
	case s.Empty():
		add(finding{
			code: CodeMissingScope, field: field,
			message: Text{
				FR: "Le ressort manque\u00a0: des départements, des foyers nommés, ou national.",
				EN: "The scope is missing: départements, named homes, or national.",
			},
		})
	case s.National && (len(s.Departments) > 0 || len(s.Sites) > 0):
		add(finding{
			code: CodeInvalidScope, field: field,
			message: Text{
				FR: "Un ressort national contient déjà tous les départements et foyers.",
				EN: "A national scope holds every département and home already.",
			},
		})
	case len(s.Departments) > MaxScopeItems || len(s.Sites) > MaxScopeItems:
		add(finding{
			code: CodeTooMany, field: field,
			message: Text{
				FR: fmt.Sprintf("%d départements ou foyers au plus.", MaxScopeItems),
				EN: fmt.Sprintf("At most %d départements or homes.", MaxScopeItems),
			},
		})
	}
	checkCodes(add, field+".departments", &s.Departments, ValidDepartmentCode, CodeInvalidDepartment, departmentShape)
	for i, id := range s.Sites {
		checkID(add, fmt.Sprintf("%s.sites.%d", field, i), id)
	}
}

// maxSentence bounds a purpose or a reason, in characters.
const maxSentence = 300

// checkSentence wants a text of one line.
func checkSentence(add func(finding), field string, s *string) {
	if *s != "" && utf8.RuneCountInString(*s) <= maxSentence {
		checkText(add, field, s)
		return
	}
	add(finding{
		code: CodeMissingSentence, field: field, value: *s,
		message: Text{
			FR: fmt.Sprintf("Une phrase est attendue, de %d caractères au plus.", maxSentence),
			EN: fmt.Sprintf("A sentence is expected, of at most %d characters.", maxSentence),
		},
	})
}
