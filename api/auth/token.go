package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vigie/data"
	"vigie/data/freetext"
)

// tokenPrefix lets people and secret scanners recognise a token.
const tokenPrefix = "vgt_"

// Limits of tokens.
const (
	maxTokenDays = 365
	maxTokenName = 100
)

// TokenRequest is what a person asks of a token.
type TokenRequest struct {
	Name    string `json:"name"`
	Purpose string `json:"purpose"` // one of Purposes
	Days    int    `json:"days"`    // 1 to 365
	Exact   bool   `json:"exact"`
}

// IssueToken makes a token of a person, and its secret, which is not kept. A
// *data.InvalidError says what is wrong with the request.
func IssueToken(ctx context.Context, accounts data.Accounts, ids data.IDs, u *data.User, r TokenRequest, now time.Time, entry data.AuditEntry) (*data.Token, string, error) {
	var problems []data.Problem
	wrong := func(field string, message data.Text) {
		problems = append(problems, data.Problem{Severity: data.SeverityError, Code: "invalid-token", Field: field, Message: message})
	}
	r.Name = strings.TrimSpace(r.Name)
	if r.Name == "" || utf8.RuneCountInString(r.Name) > maxTokenName {
		wrong("name", data.Text{FR: "Un nom d’au plus 100 caractères.", EN: "A name of at most 100 characters."})
	}
	if !slices.Contains(purposeIDs(), any(r.Purpose)) {
		wrong("purpose", data.Text{FR: "Un des motifs proposés.", EN: "One of the purposes offered."})
	}
	if r.Days < 1 || r.Days > maxTokenDays {
		wrong("days", data.Text{FR: "De 1 à 365 jours.", EN: "From 1 to 365 days."})
	}
	if problems != nil {
		return nil, "", &data.InvalidError{Problems: problems}
	}
	if err := freetext.Check("name", r.Name, true); err != nil {
		return nil, "", err
	}
	secret := tokenPrefix + rand.Text()
	t := &data.Token{
		ID: ids(), UserID: u.ID, Name: r.Name, Hash: secretHash(secret), Exact: r.Exact, Purpose: r.Purpose,
		Created: now, Expires: now.AddDate(0, 0, r.Days),
	}
	entry.Records, entry.Count = []string{t.ID}, 1
	if err := accounts.PutToken(ctx, t, entry); err != nil {
		return nil, "", err
	}
	return t, secret, nil
}

// identifyToken finds who a token acts for: Bearer, or the password of Basic, which
// is what QGIS and GDAL send.
func (g *Gate) identifyToken(r *http.Request) (identity, error) {
	secret, ok := bearer(r)
	if !ok || !strings.HasPrefix(secret, tokenPrefix) {
		return identity{}, unauthenticated()
	}
	ctx := r.Context()
	known, err := g.people.now(ctx)
	if err != nil {
		return identity{}, err
	}
	t, err := known.token(ctx, secretHash(secret))
	if errors.Is(err, data.ErrNotFound) || err == nil && !g.clock().Before(t.Expires) {
		return identity{}, unauthenticated()
	}
	if err != nil {
		return identity{}, err
	}
	p, err := known.person(ctx, t.UserID)
	if errors.Is(err, data.ErrNotFound) {
		return identity{}, unauthenticated()
	}
	if err != nil {
		return identity{}, err
	}
	return g.identityFor(p, t.Purpose, t), nil
}

func bearer(r *http.Request) (string, bool) {
	if _, password, ok := r.BasicAuth(); ok {
		return password, true
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(secret), strings.EqualFold(scheme, "Bearer")
}
