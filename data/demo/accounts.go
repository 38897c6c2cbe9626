package demo

import (
	"time"

	"vigie/data"
)

// Account is an account of the demonstration.
type Account struct {
	User data.User
	// Password is public: the account must only exist in a demonstration.
	Password string
}

// password is long enough for the rules of real accounts, and one to type once.
const password = "colline et lavoir 00"

// Accounts are one account a role, in the order of data.Roles and beginning with the
// administrator, whom a store wants first. Identifiers are for the caller to give.
func Accounts(now time.Time) []Account {
	expires := now.AddDate(1, 0, 0)
	department := data.Scope{Departments: []string{data.FictitiousDepartment}}
	homes := data.Scope{Sites: []string{"000000034", "000000042"}}
	account := func(login, name string, a data.Assignment) Account {
		return Account{Password: password, User: data.User{Login: login, Name: name, Assignments: []data.Assignment{a}, CreatedAt: now}}
	}
	return []Account{
		account("administration", "Administration (démonstration)", data.Assignment{
			Role: data.RoleAdmin, Scope: data.Scope{National: true}, MissionOrder: "Démonstration", Expires: &expires,
		}),
		account("responsable", "Responsable (démonstration)", data.Assignment{Role: data.RoleManager, Scope: department, Restricted: true}),
		account("inspectrice", "Inspectrice (démonstration)", data.Assignment{Role: data.RoleInspector, Scope: department}),
		account("planificateur", "Planificateur (démonstration)", data.Assignment{Role: data.RolePlanner, Scope: department}),
		account("analyste", "Analyste (démonstration)", data.Assignment{Role: data.RoleAnalyst, Scope: department}),
		account("foyer", "Foyer (démonstration)", data.Assignment{Role: data.RoleProvider, Scope: homes}),
		account("police", "Police (démonstration)", data.Assignment{Role: data.RolePartner, Scope: department}),
	}
}
