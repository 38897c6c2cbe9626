package data

import "time"

// Role is what a person does; it decides the precision and the rights within a scope.
type Role string

// Roles. Whoever has none is the public.
const (
	RoleAnalyst   Role = "analyst"
	RoleInspector Role = "inspector"
	RolePlanner   Role = "planner"
	RoleManager   Role = "manager"
	RoleProvider  Role = "provider"
	RolePartner   Role = "partner"
	RoleAdmin     Role = "admin"
)

// Roles lists the roles in the order of user interfaces.
var Roles = []Role{RoleManager, RoleInspector, RolePlanner, RoleAnalyst, RoleProvider, RolePartner, RoleAdmin}

// roleOf is what a role sees and does. A partner sees what is shared with it, by
// other means than a scope, and an admin configures without seeing any home.
var roleOf = map[Role]struct {
	label     Text
	precision ViewPrecision
	rights    Right
}{
	RoleAnalyst:   {Text{FR: "Analyste", EN: "Analyst"}, ViewMasked, 0},
	RoleInspector: {Text{FR: "Inspecteur ou inspectrice", EN: "Inspector"}, ViewExact, RightEditSites | RightReview | RightReport},
	RolePlanner:   {Text{FR: "Planificateur ou planificatrice", EN: "Planner"}, ViewExact, RightStudy},
	RoleManager:   {Text{FR: "Responsable", EN: "Manager"}, ViewExact, RightEditSites | RightReview | RightReport | RightStudy | RightDecide | RightApprove},
	RoleProvider:  {Text{FR: "Foyer (organisme gestionnaire)", EN: "Home (provider)"}, ViewExact, RightReport},
	RolePartner:   {Text{FR: "Police ou gendarmerie (partenaire)", EN: "Police or gendarmerie (partner)"}, ViewNone, 0},
	RoleAdmin:     {Text{FR: "Administration", EN: "Administrator"}, ViewNone, RightImport | RightUsers | RightAudit},
}

// Valid tells whether r is one of Roles.
func (r Role) Valid() bool { _, ok := roleOf[r]; return ok }

// Label is the role's name for users.
func (r Role) Label() Text { return roleOf[r].label }

// Assignment gives a person a role in a scope until it expires.
type Assignment struct {
	Role  Role  `json:"role"`
	Scope Scope `json:"scope"`
	// Restricted also gives the right to police-restricted layers.
	Restricted bool `json:"restricted,omitempty"`
	// MissionOrder is the reference of the order that a national scope needs.
	MissionOrder string `json:"mission_order,omitempty"`
	// Expires is required of a national scope; nil otherwise means until revoked.
	Expires *time.Time `json:"expires,omitempty"`
}

// Holds tells whether the assignment gives anything at a time.
func (a Assignment) Holds(now time.Time) bool {
	return a.Role.Valid() && (a.Expires == nil || now.Before(*a.Expires))
}

func (a Assignment) power() power {
	role := roleOf[a.Role]
	p := power{scope: a.Scope, precision: role.precision, rights: role.rights}
	if a.Restricted {
		p.rights |= RightRestricted
	}
	return p
}

// GrantKind is what a grant gives.
type GrantKind string

// Kinds of grants.
const (
	// GrantExact lets an analyst see the homes of a scope exactly.
	GrantExact GrantKind = "exact"
	// GrantRegisterExport lets the whole register of a scope leave with exact positions, once.
	GrantRegisterExport GrantKind = "register_export"
)

// GrantState is where a grant stands.
type GrantState string

// States of a grant. Expiry is a date, not a state.
const (
	GrantRequested GrantState = "requested"
	GrantApproved  GrantState = "approved"
	GrantRefused   GrantState = "refused"
	GrantRevoked   GrantState = "revoked"
	GrantUsed      GrantState = "used"
)

// Grant is a request for more than one's role gives, decided by another person.
type Grant struct {
	ID      string     `json:"id"`
	Kind    GrantKind  `json:"kind"`
	State   GrantState `json:"state"`
	UserID  string     `json:"user_id"` // who asks
	Login   string     `json:"login"`   // of who asks
	Scope   Scope      `json:"scope"`
	Purpose string     `json:"purpose"`

	RequestedAt time.Time  `json:"requested_at"`
	DecidedBy   string     `json:"decided_by,omitempty"` // login; never the requester's
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
	Reason      string     `json:"reason,omitempty"` // of the decision
	// Expires is set with the approval, at most MaxGrantDays later.
	Expires *time.Time `json:"expires,omitempty"`
	Version int64      `json:"version"`
}

// MaxGrantDays bounds how long a grant may hold.
const MaxGrantDays = 92

// Holds tells whether the grant gives anything at a time.
func (g Grant) Holds(now time.Time) bool {
	return g.State == GrantApproved && g.Expires != nil && now.Before(*g.Expires)
}
