package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"vigie/api"
	"vigie/api/accounts"
	"vigie/api/auth"
	"vigie/data"
	"vigie/data/source"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Open an account and print a single-use link for its password; the first administrator is made so / ouvrir un compte."`
	List    userListCmd    `cmd:"" help:"List the accounts / lister les comptes."`
	Show    userShowCmd    `cmd:"" help:"Show one account / montrer un compte."`
	Role    userRoleCmd    `cmd:"" help:"Replace the roles of an account / remplacer les rôles d'un compte."`
	Disable userDisableCmd `cmd:"" help:"Disable an account; its sessions and tokens end at once / désactiver un compte."`
	Enable  userEnableCmd  `cmd:"" help:"Enable an account that is disabled / réactiver un compte."`
	Recover userRecoverCmd `cmd:"" help:"Print a new single-use link for the password of an account / nouveau lien de mot de passe."`
	Erase   userEraseCmd   `cmd:"" help:"Erase an account; the journal keeps what it did until the end of its retention / effacer un compte."`
}

// actionUserRead is the journal's word for accounts that a command showed.
const actionUserRead = "user.read"

// office is the accounts of a database, as the operator manages them.
type office struct {
	store   data.Store
	manager *accounts.Manager
	by      data.Viewer
}

func newOffice(store data.Store) *office {
	return &office{store: store, manager: accounts.NewManager(store, newID), by: operator("accounts")}
}

func openOffice(e *environment, f storeFlag) (*office, error) {
	store, err := f.open(e)
	if err != nil {
		return nil, err
	}
	return newOffice(store), nil
}

func (o *office) close() { o.store.Close() }

// entry begins an entry of the journal about what the operator does.
func (o *office) entry(action string, records ...string) data.AuditEntry {
	return data.AuditEntry{
		At: time.Now(), Subject: o.by.Subject(), Purpose: o.by.Purpose(), Action: action, Records: records, Count: len(records),
	}
}

// user finds an account by its login.
func (o *office) user(ctx context.Context, login string) (*data.User, error) {
	u, err := o.store.UserByLogin(ctx, login)
	if errors.Is(err, data.ErrNotFound) {
		return nil, failure{
			FR: "il n’y a pas de compte «\u00a0" + login + "\u00a0» (liste\u00a0: vigie user list).",
			EN: "there is no account “" + login + "” (list: vigie user list).",
		}
	}
	return u, err
}

// accountArg names an account of a database.
type accountArg struct {
	storeFlag
	Login string `arg:"" help:"Login of the account / identifiant du compte." placeholder:"LOGIN"`
}

// with opens the database and finds the account.
func (a accountArg) with(e *environment, do func(o *office, u *data.User) error) error {
	o, err := openOffice(e, a.storeFlag)
	if err != nil {
		return err
	}
	defer o.close()
	u, err := o.user(e.ctx, a.Login)
	if err != nil {
		return err
	}
	return do(o, u)
}

// rolesFlag gives roles on the command line.
type rolesFlag struct {
	Roles        []string `name:"role" required:"" sep:"none" help:"Role and scope, repeatable: inspector@13,84, manager@national, provider@site:ID / rôle et ressort." placeholder:"ROLE@SCOPE"`
	MissionOrder string   `help:"Reference of the order that a national scope needs / ordre de mission." placeholder:"REF"`
	Expires      string   `help:"Last day of the roles; a national scope needs one / dernier jour." placeholder:"DAY"`
	Restricted   bool     `help:"Also give the right to police-restricted layers / couches réservées."`
}

func (f rolesFlag) assignments() ([]data.Assignment, error) {
	var expires *time.Time
	if f.Expires != "" {
		day, err := time.Parse(time.DateOnly, f.Expires)
		if err != nil {
			return nil, usageError{FR: "--expires\u00a0: une date est attendue, 2027-06-30.", EN: "--expires: a date is expected, 2027-06-30."}
		}
		day = day.AddDate(0, 0, 1) // the last day counts
		expires = &day
	}
	list := make([]data.Assignment, len(f.Roles))
	for i, text := range f.Roles {
		role, where, _ := strings.Cut(text, "@")
		scope, err := parseScope(text, where)
		if err != nil {
			return nil, err
		}
		list[i] = data.Assignment{Role: data.Role(role), Scope: scope, Restricted: f.Restricted, Expires: expires}
		if scope.National {
			list[i].MissionOrder = strings.TrimSpace(f.MissionOrder)
		}
	}
	return list, nil
}

const siteItem = "site:"

// parseScope reads a scope as "national", codes of départements and "site:ID", separated
// by commas; text is the whole value, for messages.
func parseScope(text, where string) (data.Scope, error) {
	var s data.Scope
	for item := range strings.SplitSeq(where, ",") {
		item = strings.TrimSpace(item)
		site, named := strings.CutPrefix(item, siteItem)
		department, known := source.NormaliseDepartment(item)
		switch {
		case item == "national":
			s.National = true
		case named && site != "":
			s.Sites = append(s.Sites, site)
		case known:
			s.Departments = append(s.Departments, department)
		default:
			return s, usageError{
				FR: "--role\u00a0: «\u00a0" + text + "\u00a0» n’est pas RÔLE@RESSORT, où le ressort est des codes de départements (13,84), national ou site:ID.",
				EN: "--role: “" + text + "” is not ROLE@SCOPE, where the scope is codes of départements (13,84), national or site:ID.",
			}
		}
	}
	return s, nil
}

// formatAssignment writes an assignment as --role takes it.
func formatAssignment(a data.Assignment) string {
	var items []string
	if a.Scope.National {
		items = append(items, "national")
	}
	items = append(items, a.Scope.Departments...)
	for _, id := range a.Scope.Sites {
		items = append(items, siteItem+id)
	}
	return string(a.Role) + "@" + strings.Join(items, ",")
}

// linkFlag is where links lead.
type linkFlag struct {
	PublicURL string `help:"Address of the server for users / adresse du serveur." default:"http://127.0.0.1:8080" env:"VIGIE_PUBLIC_URL" placeholder:"URL"`
}

// printLink issues and prints a single-use link. The secret is in its fragment, which
// browsers send to nobody.
func printLink(e *environment, o *office, u *data.User, public api.PublicURL) error {
	secret, expires, err := o.manager.Recover(e.ctx, o.by, u, o.entry(""))
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{
		FR: "Lien à usage unique pour choisir le mot de passe, valable jusqu’au %s\u00a0:",
		EN: "Single-use link to choose the password, valid until %s:",
	}, expires.Local().Format("2006-01-02 15:04"))
	fmt.Fprintln(e.stdout, string(public)+"/#/recovery/"+secret)
	return nil
}

type userAddCmd struct {
	accountArg
	rolesFlag
	linkFlag
	Name          string `required:"" help:"Name of the person / nom de la personne."`
	Email         string `help:"E-mail address / adresse électronique."`
	Issuer        string `help:"OpenID Connect provider that will identify the person / fournisseur d'identité." placeholder:"URL"`
	PasswordStdin bool   `help:"Read the password from standard input, or ask for it, instead of printing a link / lire le mot de passe."`
}

// Run opens an account, and makes the database when there is none: the first
// administrator comes before any import.
func (c *userAddCmd) Run(e *environment) error {
	assignments, err := c.assignments()
	if err != nil {
		return err
	}
	public, err := api.ParsePublicURL(c.PublicURL)
	if err != nil {
		return err
	}
	password := ""
	if c.PasswordStdin {
		if password, err = readPassword(e, os.Stdin); err != nil {
			return err
		}
		if err := auth.CheckPassword(c.Login, password); err != nil {
			return err
		}
	}
	account := data.User{Login: c.Login, Name: strings.TrimSpace(c.Name), Email: c.Email, Issuer: c.Issuer, Assignments: assignments}
	// A mistake makes no database.
	if problems := account.Validate(time.Now(), nil); len(problems) > 0 {
		return &data.InvalidError{Problems: problems}
	}
	store, err := c.create(e)
	if err != nil {
		return err
	}
	o := newOffice(store)
	defer o.close()
	u, err := o.manager.Add(e.ctx, o.by, account, o.entry(""))
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "Compte %s ouvert.", EN: "Account %s opened."}, u.Login)
	if c.PasswordStdin {
		return auth.SetPassword(e.ctx, o.store, u, password, o.entry(auth.ActionPassword, u.ID))
	}
	return printLink(e, o, u, public)
}

// readPassword reads a line, or asks for it on a terminal, where it does not show.
func readPassword(e *environment, in *os.File) (string, error) {
	if fd := int(in.Fd()); term.IsTerminal(fd) {
		e.say(e.stderr, data.Text{FR: "Mot de passe (rien ne s’affiche)\u00a0:", EN: "Password (nothing shows):"})
		password, err := term.ReadPassword(fd)
		return string(password), err
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userListCmd struct{ storeFlag }

// Run lists the accounts.
func (c *userListCmd) Run(e *environment) error {
	o, err := openOffice(e, c.storeFlag)
	if err != nil {
		return err
	}
	defer o.close()
	users, err := o.manager.List(e.ctx, o.by)
	if err != nil {
		return err
	}
	ids := make([]string, len(users))
	for i := range users {
		ids[i] = users[i].ID
	}
	if err := o.store.Audit(e.ctx, o.entry(actionUserRead, ids...)); err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for i := range users {
		u := &users[i]
		roles := make([]string, len(u.Assignments))
		for j, a := range u.Assignments {
			roles[j] = formatAssignment(a)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.Login, u.Name, strings.Join(roles, " "), lastSeen(u).In(e.lang), stateOf(u).In(e.lang))
	}
	return w.Flush()
}

func lastSeen(u *data.User) data.Text {
	if u.SeenAt == nil {
		return data.Text{FR: "jamais connecté", EN: "never logged in"}
	}
	at := u.SeenAt.Local().Format(time.DateTime)
	return data.Text{FR: "connecté le " + at, EN: "logged in " + at}
}

func stateOf(u *data.User) data.Text {
	if u.Disabled {
		return data.Text{FR: "désactivé", EN: "disabled"}
	}
	return data.Text{FR: "actif", EN: "enabled"}
}

type userShowCmd struct{ accountArg }

// Run shows an account.
func (c *userShowCmd) Run(e *environment) error {
	return c.with(e, func(o *office, u *data.User) error {
		if err := o.store.Audit(e.ctx, o.entry(actionUserRead, u.ID)); err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
		row := func(label data.Text, value string) {
			if value != "" {
				fmt.Fprintf(w, "%s\t%s\n", label.In(e.lang), value)
			}
		}
		row(data.Text{FR: "identifiant", EN: "login"}, u.Login)
		row(data.Text{FR: "nom", EN: "name"}, u.Name)
		row(data.Text{FR: "adresse électronique", EN: "e-mail"}, u.Email)
		row(data.Text{FR: "fournisseur d’identité", EN: "identity provider"}, u.Issuer)
		for _, a := range u.Assignments {
			row(data.Text{FR: "rôle", EN: "role"}, describe(a, e.lang))
		}
		if u.HasTOTP {
			row(data.Text{FR: "second facteur", EN: "second factor"}, data.Text{FR: "oui", EN: "yes"}.In(e.lang))
		}
		row(data.Text{FR: "ouvert le", EN: "opened"}, u.CreatedAt.Local().Format(time.DateTime))
		row(data.Text{FR: "état", EN: "state"}, stateOf(u).In(e.lang)+", "+lastSeen(u).In(e.lang))
		return w.Flush()
	})
}

// describe is an assignment in words: what --role takes, then the rest.
func describe(a data.Assignment, lang string) string {
	text := formatAssignment(a)
	add := func(t data.Text, value string) { text += ", " + t.In(lang) + value }
	if a.Restricted {
		add(data.Text{FR: "couches réservées", EN: "restricted layers"}, "")
	}
	if a.MissionOrder != "" {
		add(data.Text{FR: "ordre de mission ", EN: "mission order "}, a.MissionOrder)
	}
	if a.Expires != nil {
		add(data.Text{FR: "jusqu’au ", EN: "until "}, a.Expires.Format(time.RFC3339))
	}
	return text
}

type userRoleCmd struct {
	accountArg
	rolesFlag
}

// Run replaces the roles of an account.
func (c *userRoleCmd) Run(e *environment) error {
	assignments, err := c.assignments()
	if err != nil {
		return err
	}
	return c.change(e, func(u *data.User) { u.Assignments = assignments })
}

type userDisableCmd struct{ accountArg }

// Run disables an account.
func (c *userDisableCmd) Run(e *environment) error {
	return c.change(e, func(u *data.User) { u.Disabled = true })
}

type userEnableCmd struct{ accountArg }

// Run enables an account.
func (c *userEnableCmd) Run(e *environment) error {
	return c.change(e, func(u *data.User) { u.Disabled = false })
}

// change changes an account and shows its line.
func (a accountArg) change(e *environment, edit func(u *data.User)) error {
	return a.with(e, func(o *office, u *data.User) error {
		next := *u
		edit(&next)
		changed, err := o.manager.Change(e.ctx, o.by, u, next, o.entry(""))
		if err != nil {
			return err
		}
		roles := make([]string, len(changed.Assignments))
		for i, assignment := range changed.Assignments {
			roles[i] = describe(assignment, e.lang)
		}
		e.say(e.stdout, data.Text{FR: "Compte %s\u00a0: %s ; %s", EN: "Account %s: %s; %s"}, changed.Login, stateOf(changed).In(e.lang), strings.Join(roles, " ; "))
		return nil
	})
}

type userRecoverCmd struct {
	accountArg
	linkFlag
}

// Run prints a new link.
func (c *userRecoverCmd) Run(e *environment) error {
	public, err := api.ParsePublicURL(c.PublicURL)
	if err != nil {
		return err
	}
	return c.with(e, func(o *office, u *data.User) error { return printLink(e, o, u, public) })
}

type userEraseCmd struct{ accountArg }

// Run erases an account.
func (c *userEraseCmd) Run(e *environment) error {
	return c.with(e, func(o *office, u *data.User) error {
		if err := o.manager.Erase(e.ctx, o.by, u, o.entry("")); err != nil {
			return err
		}
		e.say(e.stdout, data.Text{FR: "Compte %s effacé.", EN: "Account %s erased."}, u.Login)
		return nil
	})
}
