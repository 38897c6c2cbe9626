package auth

import (
	"slices"
	"time"

	"vigie/data"
)

// ViewerFor is what a person sees and does at a time.
func ViewerFor(u *data.User, grants []data.Grant, purpose string, now time.Time) data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: u.Login, Purpose: purpose, Assignments: u.Assignments, Grants: grants, Now: now})
}

// tokenViewer is what a program sees with a person's token: homes masked, as an
// analyst of the person's scopes, or as the person does when the token is exact.
// It has no right but to see restricted layers exactly.
func tokenViewer(u *data.User, grants []data.Grant, t *data.Token, now time.Time) data.Viewer {
	spec := data.ViewerSpec{Subject: u.Login, Purpose: t.Purpose, Now: now}
	for _, a := range u.Assignments {
		alone := data.NewViewer(data.ViewerSpec{Assignments: []data.Assignment{a}, Now: now})
		if alone.Precision() == data.ViewNone {
			continue
		}
		spec.Assignments = append(spec.Assignments, data.Assignment{
			Role: data.RoleAnalyst, Scope: a.Scope, Restricted: a.Restricted && t.Exact, Expires: a.Expires,
		})
		if t.Exact && alone.Precision() == data.ViewExact {
			spec.Grants = append(spec.Grants, data.Grant{
				Kind: data.GrantExact, State: data.GrantApproved, Scope: a.Scope, Expires: &t.Expires,
			})
		}
	}
	if t.Exact {
		spec.Grants = append(spec.Grants, grants...)
	}
	return data.NewViewer(spec)
}

// RoleViewer is what a role gives, everywhere and always.
func RoleViewer(r data.Role) data.Viewer {
	return data.NewViewer(data.ViewerSpec{Assignments: []data.Assignment{{Role: r, Scope: data.Scope{National: true}}}})
}

// rightWords are the words for rights in answers.
var rightWords = []struct {
	right data.Right
	word  string
}{
	{data.RightImport, "import"}, {data.RightEditSites, "edit_sites"}, {data.RightRestricted, "restricted"},
	{data.RightReview, "review"}, {data.RightReport, "report"}, {data.RightDecide, "decide"}, {data.RightStudy, "study"},
	{data.RightApprove, "approve"}, {data.RightUsers, "users"}, {data.RightAudit, "audit"},
}

// RightWords lists rights in the words of answers.
func RightWords(r data.Right) []string {
	words := []string{}
	for _, w := range rightWords {
		if r&w.right != 0 {
			words = append(words, w.word)
		}
	}
	return words
}

// PrecisionWord is a precision in the words of answers: none, masked or exact.
func PrecisionWord(p data.ViewPrecision) string { return [...]string{"none", "masked", "exact"}[p] }

// Purpose is why homes are read, chosen once a session.
type Purpose struct {
	ID    string    `json:"id"`
	Label data.Text `json:"label"`
}

// Purposes lists the purposes in the order of user interfaces.
func Purposes() []Purpose {
	return []Purpose{
		{"inspection", data.Text{FR: "Contrôle ou visite d’un foyer", EN: "Inspection or visit of a home"}},
		{"planning", data.Text{FR: "Planification, implantation", EN: "Planning, siting"}},
		{"incident", data.Text{FR: "Suite d’un incident", EN: "Follow-up of an incident"}},
		{"statistics", data.Text{FR: "Étude statistique", EN: "Statistical study"}},
		{"administration", data.Text{FR: "Tenue du registre, administration", EN: "Upkeep of the register, administration"}},
		{"other", data.Text{FR: "Autre motif", EN: "Other"}},
	}
}

func purposeIDs() []any {
	var ids []any
	for _, p := range Purposes() {
		ids = append(ids, p.ID)
	}
	return ids
}

// scopeOf is everywhere that an assignment or grant reaches at a time.
func scopeOf(u *data.User, grants []data.Grant, now time.Time) data.Scope {
	var all data.Scope
	add := func(s data.Scope) {
		all.National = all.National || s.National
		all.Departments = append(all.Departments, s.Departments...)
		all.Sites = append(all.Sites, s.Sites...)
	}
	for _, a := range u.Assignments {
		if a.Holds(now) {
			add(a.Scope)
		}
	}
	for _, g := range grants {
		if g.Holds(now) {
			add(g.Scope)
		}
	}
	for _, list := range []*[]string{&all.Departments, &all.Sites} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return all
}
