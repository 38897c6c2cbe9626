package data

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Actions of the journal about grants.
const (
	ActionGrantRequested = "grant.request"
	ActionGrantApproved  = "grant.approve"
	ActionGrantRefused   = "grant.refuse"
	ActionGrantRevoked   = "grant.revoke"
	ActionGrantWithdrawn = "grant.withdraw"
	ActionGrantUsed      = "grant.use"
)

// CodeInvalidDuration is the problem of a grant that would hold too long or not at all.
const CodeInvalidDuration = "invalid-duration"

// RequestGrant makes a viewer's request for more than its role gives: to see exactly a
// scope that it sees masked, or to let the register of one that it sees exactly leave.
// ErrForbidden when the viewer has no such view of the whole scope, ErrConflict when it
// sees the scope exactly already, *InvalidError for what is wrong with the request.
// id is the grant's, userID the viewer's.
func RequestGrant(by Viewer, id, userID string, kind GrantKind, scope Scope, purpose string, at time.Time) (*Grant, error) {
	g := &Grant{
		ID: id, Kind: kind, State: GrantRequested, UserID: userID, Login: by.Subject(),
		Scope: scope, Purpose: strings.TrimSpace(purpose), RequestedAt: at,
	}
	if problems := strict(id, g.check()); len(problems) > 0 {
		return nil, &InvalidError{Problems: problems}
	}
	switch view := by.PrecisionOver(scope); {
	case userID == "" || view == ViewNone || kind == GrantRegisterExport && view < ViewExact:
		return nil, ErrForbidden
	case kind == GrantExact && view == ViewExact:
		return nil, grantConflict(
			"vous voyez déjà exactement les foyers de ce ressort.", "you see the homes of this scope exactly already.")
	}
	return g, nil
}

func (g *Grant) check() []finding {
	var found []finding
	add := func(f finding) { found = append(found, f) }
	if g.Kind != GrantExact && g.Kind != GrantRegisterExport {
		add(finding{
			code: CodeInvalidKind, field: "kind", value: string(g.Kind),
			message: Text{
				FR: "Type de demande inconnu\u00a0: exact ou register_export est attendu.",
				EN: "Unknown kind of request: exact or register_export is expected.",
			},
		})
	}
	checkScope(add, "scope", g.Scope)
	checkSentence(add, "purpose", &g.Purpose)
	return found
}

// Mine tells whether the viewer asked for the grant.
func (g *Grant) Mine(by Viewer) bool { return LoginKey(g.Login) == LoginKey(by.Subject()) }

// Overseen tells whether the viewer is a second person who may decide about the grant:
// it has RightApprove over the whole of its scope and did not ask for it.
func (g *Grant) Overseen(by Viewer) bool { return !g.Mine(by) && by.MayCover(RightApprove, g.Scope) }

// Decidable tells whether the viewer may approve or refuse the grant now.
func (g *Grant) Decidable(by Viewer) bool { return g.State == GrantRequested && g.Overseen(by) }

// Approve lets the grant hold for a number of days. ErrForbidden unless it is Overseen
// by the viewer, ErrConflict when it is decided already, *InvalidError when days are not
// 1 to MaxGrantDays or the reason is missing.
func (g *Grant) Approve(by Viewer, reason string, days int, at time.Time) error {
	if err := g.decide(by, GrantApproved, reason, days, at); err != nil {
		return err
	}
	expires := at.AddDate(0, 0, days)
	g.Expires = &expires
	return nil
}

// Refuse answers no. Its errors are those of Approve.
func (g *Grant) Refuse(by Viewer, reason string, at time.Time) error {
	return g.decide(by, GrantRefused, reason, 1, at)
}

func (g *Grant) decide(by Viewer, state GrantState, reason string, days int, at time.Time) error {
	switch {
	case !g.Overseen(by):
		return ErrForbidden
	case g.State != GrantRequested:
		return grantConflict("cette demande est déjà traitée.", "this request is decided already.")
	}
	reason = strings.TrimSpace(reason)
	var found []finding
	add := func(f finding) { found = append(found, f) }
	checkSentence(add, "reason", &reason)
	if days < 1 || days > MaxGrantDays {
		add(finding{
			code: CodeInvalidDuration, field: "days", value: strconv.Itoa(days),
			message: Text{
				FR: fmt.Sprintf("Une autorisation dure de 1 à %d jours.", MaxGrantDays),
				EN: fmt.Sprintf("A grant holds for 1 to %d days.", MaxGrantDays),
			},
		})
	}
	if len(found) > 0 {
		return &InvalidError{Problems: strict(g.ID, found)}
	}
	g.State, g.Reason, g.DecidedBy, g.DecidedAt = state, reason, by.Subject(), &at
	return nil
}

// End takes the request back when it is the viewer's own, and otherwise revokes what
// was approved; it returns the action for the journal. ErrForbidden unless the grant is
// the viewer's or Overseen by it, ErrConflict when there is nothing to end, or the
// request of another is to be refused instead.
func (g *Grant) End(by Viewer) (action string, err error) {
	mine := g.Mine(by)
	switch {
	case !mine && !g.Overseen(by):
		return "", ErrForbidden
	case g.State == GrantRequested && !mine:
		return "", grantConflict(
			"cette demande n’est pas encore traitée\u00a0: refusez-la avec un motif.", "this request is not decided yet: refuse it with a reason.")
	case g.State != GrantRequested && g.State != GrantApproved:
		return "", grantConflict("cette demande ne donne plus rien.", "this request gives nothing any more.")
	}
	g.State = GrantRevoked
	if mine {
		return ActionGrantWithdrawn, nil
	}
	return ActionGrantRevoked, nil
}

// Use consumes the grant for one export of the register of a scope. ErrForbidden unless
// it holds, is the viewer's own, covers the scope, and the viewer still sees the scope exactly.
func (g *Grant) Use(by Viewer, scope Scope, at time.Time) error {
	if g.Kind != GrantRegisterExport || !g.Holds(at) || !g.Mine(by) || scope.Empty() ||
		!g.Scope.Covers(scope) || by.PrecisionOver(scope) < ViewExact {
		return ErrForbidden
	}
	g.State = GrantUsed
	return nil
}

// GrantStore is the part of Accounts that UseRegisterExport needs.
type GrantStore interface {
	GrantsOf(ctx context.Context, userID string) ([]Grant, error)
	PutGrant(ctx context.Context, g *Grant, entry AuditEntry) error
}

// UseRegisterExport consumes a grant of the viewer, whose account is userID, to export
// the whole register of a scope with exact positions: call it before the first byte
// leaves. entry says who, when and why; the action and the grant's id are filled in.
// ErrForbidden when no grant of another person's approval serves; one grant serves once,
// even two exports at the same moment.
func UseRegisterExport(ctx context.Context, store GrantStore, by Viewer, userID string, scope Scope, entry AuditEntry) (*Grant, error) {
	grants, err := store.GrantsOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	entry.Action, entry.Count = ActionGrantUsed, 1
	for i := range grants {
		g := &grants[i]
		if g.Use(by, scope, entry.At) != nil {
			continue
		}
		entry.Records = []string{g.ID}
		switch err := store.PutGrant(ctx, g, entry); {
		case err == nil:
			return g, nil
		case !errors.Is(err, ErrConflict): // else another export took it first
			return nil, err
		}
	}
	return nil, ErrForbidden
}

// PrecisionOver is how precisely one power of the viewer shows all the homes of a scope.
func (v Viewer) PrecisionOver(scope Scope) ViewPrecision {
	best := ViewNone
	for i := range v.powers {
		if p := &v.powers[i]; p.precision > best && !scope.Empty() && p.scope.Covers(scope) {
			best = p.precision
		}
	}
	return best
}

func grantConflict(fr, en string) error {
	return &ConflictError{Message: Text{FR: "Rien n’a été enregistré\u00a0: " + fr, EN: "Nothing was saved: " + en}}
}
