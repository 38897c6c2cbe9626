package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"vigie/api/auth"
	"vigie/data"
)

type tokenCmd struct {
	Add    tokenAddCmd    `cmd:"" help:"Make a token with which a program reads for a person; its secret shows once / créer un jeton."`
	List   tokenListCmd   `cmd:"" help:"List the tokens of an account / lister les jetons d'un compte."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token / révoquer un jeton."`
}

type tokenAddCmd struct {
	accountArg
	Name    string `required:"" help:"What the token is for: QGIS, nightly export… / à quoi sert le jeton."`
	Purpose string `required:"" help:"Purpose of its reads: inspection, planning, incident, statistics, administration, other / motif." placeholder:"ID"`
	Days    int    `help:"Days until it expires, 365 at most / durée en jours." default:"90"`
	Exact   bool   `help:"Show homes as the person sees them, not masked / positions exactes."`
}

// Run makes a token and prints its secret.
func (c *tokenAddCmd) Run(e *environment) error {
	return c.with(e, func(o *office, u *data.User) error {
		if u.Disabled {
			return failure{FR: "ce compte est désactivé.", EN: "this account is disabled."}
		}
		entry := o.entry(auth.ActionTokenIssued)
		token, secret, err := auth.IssueToken(e.ctx, o.store, newID, u, auth.TokenRequest{Name: c.Name, Purpose: c.Purpose, Days: c.Days, Exact: c.Exact}, entry.At, entry)
		if err != nil {
			return err
		}
		e.say(e.stdout, data.Text{
			FR: "Jeton %s, valable jusqu’au %s. Son secret ne sera plus montré\u00a0:",
			EN: "Token %s, valid until %s. Its secret will not be shown again:",
		}, token.ID, token.Expires.Local().Format(time.DateOnly))
		fmt.Fprintln(e.stdout, secret)
		return nil
	})
}

type tokenListCmd struct{ accountArg }

// Run lists the tokens of an account.
func (c *tokenListCmd) Run(e *environment) error {
	return c.with(e, func(o *office, u *data.User) error {
		tokens, err := o.store.Tokens(e.ctx, u.ID)
		if err != nil {
			return err
		}
		if err := o.store.Audit(e.ctx, o.entry(actionUserRead, u.ID)); err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
		for _, t := range tokens {
			view := data.Text{FR: "masqué", EN: "masked"}
			if t.Exact {
				view = data.Text{FR: "exact", EN: "exact"}
			}
			used := data.Text{FR: "jamais employé", EN: "never used"}
			if t.UsedAt != nil {
				at := t.UsedAt.Local().Format(time.DateTime)
				used = data.Text{FR: "employé le " + at, EN: "used " + at}
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Purpose, view.In(e.lang), t.Expires.Local().Format(time.DateOnly), used.In(e.lang))
		}
		return w.Flush()
	})
}

type tokenRevokeCmd struct {
	accountArg
	ID string `arg:"" help:"Identifier of the token (vigie token list) / identifiant du jeton." placeholder:"ID"`
}

// Run revokes a token.
func (c *tokenRevokeCmd) Run(e *environment) error {
	return c.with(e, func(o *office, u *data.User) error {
		err := o.store.DropToken(e.ctx, u.ID, c.ID, o.entry(auth.ActionTokenDropped, c.ID))
		if errors.Is(err, data.ErrNotFound) {
			return failure{
				FR: "ce compte n’a pas de jeton «\u00a0" + c.ID + "\u00a0» (liste\u00a0: vigie token list " + u.Login + ").",
				EN: "this account has no token “" + c.ID + "” (list: vigie token list " + u.Login + ").",
			}
		}
		if err != nil {
			return err
		}
		e.say(e.stdout, data.Text{FR: "Jeton %s révoqué.", EN: "Token %s revoked."}, c.ID)
		return nil
	})
}
