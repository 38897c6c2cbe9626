package accounts

import (
	"context"
	"slices"
	"strconv"
	"time"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/freetext"
)

// Manager changes accounts for the HTTP interface and the command line. Who may give
// what to whom is decided here (docs/decisions/grants.md); what is out of the scope of
// an administrator does not exist for it. Entries say who, when and why: the action and
// the account are filled in.
type Manager struct {
	accounts data.Accounts
	ids      data.IDs
}

// NewManager makes a Manager of the accounts of a store.
func NewManager(accounts data.Accounts, ids data.IDs) *Manager {
	return &Manager{accounts: accounts, ids: ids}
}

// List gives the accounts that the viewer oversees, in login order.
func (m *Manager) List(ctx context.Context, by data.Viewer) ([]data.User, error) {
	users, err := m.accounts.Users(ctx, by)
	if err != nil {
		return nil, err
	}
	if users == nil {
		users = []data.User{}
	}
	return users, nil
}

// Get gives an account that the viewer oversees; data.ErrNotFound for any other.
func (m *Manager) Get(ctx context.Context, by data.Viewer, id string) (*data.User, error) {
	u, err := m.accounts.UserByID(ctx, id)
	if err != nil {
		return nil, err
	}
	homes, err := m.accounts.HomeDepartments(ctx, u.NamedHomes())
	if err != nil {
		return nil, err
	}
	if !by.Oversees(u, homes) {
		return nil, data.ErrNotFound
	}
	return u, nil
}

// Add creates an account from its login, name, e-mail, issuer and assignments.
func (m *Manager) Add(ctx context.Context, by data.Viewer, u data.User, entry data.AuditEntry) (*data.User, error) {
	u.ID, u.CreatedAt, u.Version = m.ids(), entry.At, 0
	if err := m.check(ctx, by, &u, nil, entry.At); err != nil {
		return nil, err
	}
	return m.put(ctx, by, &u, about(entry, data.ActionUserAdded, u.ID))
}

// Change replaces what may be changed of an account (name, e-mail, issuer, assignments,
// disabled) by that of next; current is the account as Get gave it. An account that is
// disabled loses its sessions and tokens.
func (m *Manager) Change(ctx context.Context, by data.Viewer, current *data.User, next data.User, entry data.AuditEntry) (*data.User, error) {
	if next.Login != current.Login {
		return nil, &data.InvalidError{Problems: []data.Problem{{
			Severity: data.SeverityError, Code: data.CodeInvalidLogin, Record: current.Login, Field: "login", Value: data.Clip(next.Login),
			Message: data.Text{
				FR: "L’identifiant ne change pas\u00a0: le journal nomme la personne par lui.",
				EN: "A login does not change: the journal names the person by it.",
			},
		}}}
	}
	// Of one's own account only the name: an address or provider decides who may log in.
	if own(by, current) && (next.Disabled != current.Disabled || next.Email != current.Email || next.Issuer != current.Issuer ||
		!slices.EqualFunc(next.Assignments, current.Assignments, data.Assignment.Same)) {
		return nil, ownRights()
	}
	u := *current
	u.Name, u.Email, u.Assignments, u.Disabled = next.Name, next.Email, next.Assignments, next.Disabled
	if next.Issuer != current.Issuer {
		// Who the person is at another provider is not known yet.
		u.Issuer, u.OIDCSub = next.Issuer, ""
	}
	// Who oversees an account may disable it as it is.
	if !u.OnlyDisables(current) {
		if err := m.check(ctx, by, &u, current.Assignments, entry.At); err != nil {
			return nil, err
		}
	}
	action := data.ActionUserChanged
	switch {
	case u.Disabled && !current.Disabled:
		action = data.ActionUserDisabled
	case current.Disabled && !u.Disabled:
		action = data.ActionUserEnabled
	}
	changed, err := m.put(ctx, by, &u, about(entry, action, u.ID))
	if err != nil || !u.Disabled {
		return changed, err
	}
	// Enabled again, it must not find its tokens working.
	return changed, m.accounts.DropTokens(ctx, u.ID, about(entry, auth.ActionTokenDropped, u.ID))
}

func (m *Manager) put(ctx context.Context, by data.Viewer, u *data.User, entry data.AuditEntry) (*data.User, error) {
	if err := m.accounts.PutUser(ctx, by, u, entry); err != nil {
		return nil, err
	}
	return m.accounts.UserByID(ctx, u.ID)
}

// Erase deletes an account that Get gave.
func (m *Manager) Erase(ctx context.Context, by data.Viewer, u *data.User, entry data.AuditEntry) error {
	if own(by, u) {
		return ownRights()
	}
	return m.accounts.EraseUser(ctx, by, u.ID, about(entry, data.ActionUserErased, u.ID))
}

// Recover issues a single-use secret with which the person of an account that the viewer
// manages sets a password: with it one becomes that person. data.ErrForbidden otherwise.
func (m *Manager) Recover(ctx context.Context, by data.Viewer, u *data.User, entry data.AuditEntry) (secret string, expires time.Time, err error) {
	if own(by, u) {
		return "", time.Time{}, ownRights()
	}
	homes, err := m.accounts.HomeDepartments(ctx, u.NamedHomes())
	if err != nil {
		return "", time.Time{}, err
	}
	if !by.Manages(u, homes) {
		return "", time.Time{}, data.ErrForbidden
	}
	if u.Disabled {
		return "", time.Time{}, &data.ConflictError{Records: []string{u.ID}, Total: 1, Message: data.Text{
			FR: "Ce compte est désactivé\u00a0: réactivez-le d’abord.", EN: "This account is disabled: enable it first.",
		}}
	}
	return auth.IssueRecovery(ctx, m.accounts, u.ID, entry.At, about(entry, auth.ActionRecoveryIssued, u.ID))
}

func about(entry data.AuditEntry, action string, records ...string) data.AuditEntry {
	entry.Action, entry.Records, entry.Count = action, records, len(records)
	return entry
}

func own(by data.Viewer, u *data.User) bool {
	return data.LoginKey(by.Subject()) == data.LoginKey(u.Login)
}

func ownRights() error {
	return web.NewProblem(web.CodeForbidden,
		"On ne change pas ses propres droits ni son propre compte\u00a0: une autre personne de l’administration le fait.",
		"One does not change one’s own rights or account: another administrator does.")
}

// check refuses an account that is wrong, or that gives what the viewer may not give.
func (m *Manager) check(ctx context.Context, by data.Viewer, u *data.User, kept []data.Assignment, now time.Time) error {
	if problems := u.Validate(now, kept); len(problems) > 0 {
		return &data.InvalidError{Problems: problems}
	}
	if err := freetext.CheckAll(textsOf(u), true); err != nil { // that they name a person is what they are for
		return err
	}
	homes, err := m.accounts.HomeDepartments(ctx, u.NamedHomes())
	if err != nil {
		return err
	}
	if problems := unknownHomes(by, u, kept, homes); len(problems) > 0 {
		return &data.InvalidError{Problems: problems}
	}
	if by.Manages(u, homes) {
		return nil
	}
	p := web.NewProblem(web.CodeForbidden,
		"Rien n’a été enregistré\u00a0: vous ne pouvez donner que ce que couvre votre propre ressort d’administration.",
		"Nothing was saved: you can only give what your own scope of administration covers.")
	for i, a := range u.Assignments {
		field := "assignments." + strconv.Itoa(i)
		switch {
		case !by.MayThroughout(data.RightUsers, a.Scope, homes):
			p.Problems = append(p.Problems, outOfScope(u.Login, field+".scope", data.Text{
				FR: "Ce ressort dépasse le vôtre.", EN: "This scope goes beyond yours.",
			}))
		case a.Restricted && !by.MayThroughout(data.RightRestricted, a.Scope, homes):
			p.Problems = append(p.Problems, outOfScope(u.Login, field+".restricted", data.Text{
				FR: "Seule une personne qui voit les couches réservées de ce ressort peut en donner l’accès.",
				EN: "Only a person who sees the restricted layers of this scope can give access to them.",
			}))
		}
	}
	if len(u.Assignments) == 0 {
		p.Problems = append(p.Problems, outOfScope(u.Login, "assignments", data.Text{
			FR: "Donnez au moins un rôle dans votre ressort\u00a0; pour tout retirer, désactivez le compte.",
			EN: "Give at least one role in your scope; to take everything away, disable the account.",
		}))
	}
	return p
}

// textsOf are what is written freely of an account, by field.
func textsOf(u *data.User) map[string]string {
	texts := map[string]string{"name": u.Name}
	for i, a := range u.Assignments {
		texts["assignments."+strconv.Itoa(i)+".mission_order"] = a.MissionOrder
	}
	return texts
}

func outOfScope(record, field string, message data.Text) data.Problem {
	return data.Problem{Severity: data.SeverityError, Code: "out-of-scope", Record: record, Field: field, Message: message}
}

// unknownHomes lists the homes of new assignments that do not exist, or not for this viewer.
func unknownHomes(by data.Viewer, u *data.User, kept []data.Assignment, homes map[string]string) []data.Problem {
	var problems []data.Problem
	for i, a := range u.Assignments {
		if slices.ContainsFunc(kept, a.Same) {
			continue
		}
		for j, id := range a.Scope.Sites {
			if _, ok := homes[id]; ok && by.MayAt(data.RightUsers, &data.Site{ID: id, DepartmentCode: homes[id]}) {
				continue
			}
			problems = append(problems, data.Problem{
				Severity: data.SeverityError, Code: "unknown-home", Record: u.Login,
				Field: "assignments." + strconv.Itoa(i) + ".scope.sites." + strconv.Itoa(j), Value: data.Clip(id),
				Message: data.Text{FR: "Il n’y a pas de foyer de cet identifiant dans votre ressort.", EN: "There is no home with this identifier in your scope."},
			})
		}
	}
	return problems
}
