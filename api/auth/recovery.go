package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"vigie/api/web"
	"vigie/data"
)

// recoveryLifetime is how long a link serves.
const recoveryLifetime = 72 * time.Hour

// IssueRecovery makes the secret of a link with which the person sets a password,
// once. It replaces the one before.
func IssueRecovery(ctx context.Context, accounts data.Accounts, userID string, now time.Time, entry data.AuditEntry) (secret string, expires time.Time, err error) {
	secret, expires = rand.Text(), now.Add(recoveryLifetime)
	err = accounts.UpdateCredentials(ctx, userID, func(c *data.Credentials) bool {
		c.RecoveryHash, c.RecoveryExpires = secretHash(secret), expires
		return true
	}, entry)
	return secret, expires, err
}

func recoveryRefused() error {
	return web.NewProblem(web.CodeInvalidCredentials,
		"Ce lien ne sert plus\u00a0: demandez-en un autre à l’administration.", "This link serves no more: ask the administrator for another.")
}

// recoverAccount sets the password of the account that a link is for, takes its second factor
// away, which whoever needs a link may have lost, and ends its sessions and tokens.
func (g *Gate) recoverAccount(ctx context.Context, secret, password string) error {
	hash, now := secretHash(secret), g.clock()
	found, err := g.store.CredentialsByRecovery(ctx, hash)
	if errors.Is(err, data.ErrNotFound) || err == nil && !now.Before(found.RecoveryExpires) {
		return recoveryRefused()
	}
	if err != nil {
		return err
	}
	u, err := enabled(ctx, g.store, found.UserID)
	if errors.Is(err, data.ErrNotFound) {
		return recoveryRefused()
	}
	if err != nil {
		return err
	}
	if err := CheckPassword(u.Login, password); err != nil {
		return err
	}
	passwordHash, err := HashPassword(ctx, password)
	if err != nil {
		return err
	}
	used := false
	err = g.store.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
		// Read again under the lock: a link serves once.
		if used = bytes.Equal(c.RecoveryHash, hash) && now.Before(c.RecoveryExpires); used {
			*c = data.Credentials{UserID: c.UserID, PasswordHash: passwordHash}
		}
		return used
	}, data.AuditEntry{At: now, Subject: u.Login, Action: ActionRecovered})
	if err != nil {
		return err
	}
	if !used {
		return recoveryRefused()
	}
	if err := g.store.DropTokens(ctx, u.ID, data.AuditEntry{At: now, Subject: u.Login, Action: ActionTokenDropped}); err != nil {
		return err
	}
	return g.store.DropSessions(ctx, u.ID, nil)
}
