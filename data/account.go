package data

import (
	"context"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// User is a person's account.
type User struct {
	ID          string       `json:"id"`
	Login       string       `json:"login"` // unique without regard to case
	Name        string       `json:"name"`
	Email       string       `json:"email,omitempty"`
	Assignments []Assignment `json:"assignments"`
	Disabled    bool         `json:"disabled,omitempty"`
	// Issuer and OIDCSub link the account to an OpenID Connect provider; unique together.
	Issuer  string `json:"issuer,omitempty"`
	OIDCSub string `json:"oidc_sub,omitempty"`

	CreatedAt time.Time `json:"created_at"`
	// SeenAt, the last login, and HasTOTP are given by the store and ignored when written.
	SeenAt  *time.Time `json:"seen_at,omitempty"`
	HasTOTP bool       `json:"has_totp"`
	Version int64      `json:"version"` // optimistic lock, from 1
}

// LoginKey is what two logins that differ by case only, or by how Unicode composes a
// character, have in common.
func LoginKey(login string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(login)))
}

// Credentials are the secrets of an account. They never leave the server.
type Credentials struct {
	UserID string
	// PasswordHash is in the PHC format of argon2id; empty when there is no password.
	PasswordHash string
	// TOTPSecret is the shared secret of RFC 6238, nil when not enrolled; TOTPStep is the last
	// time step that was accepted, so that no code serves twice.
	TOTPSecret []byte
	TOTPStep   int64
	// RecoveryHash is the SHA-256 of the single-use link's secret, nil when there is none.
	RecoveryHash    []byte
	RecoveryExpires time.Time
}

// Token lets a program act for a person, with at most the person's rights.
type Token struct {
	ID     string `json:"id"`
	UserID string `json:"user_id"`
	Name   string `json:"name"`
	// Hash is the SHA-256 of the secret, which is shown once and not kept.
	Hash []byte `json:"-"`
	// Exact lets the token see homes as the person does; without it, masked at most.
	Exact   bool       `json:"exact"`
	Purpose string     `json:"purpose"`
	Created time.Time  `json:"created_at"`
	Expires time.Time  `json:"expires_at"`
	UsedAt  *time.Time `json:"used_at,omitempty"`
}

// Session is a browser's session as the store holds it.
type Session struct {
	// Hash is the SHA-256 of the cookie's secret.
	Hash    []byte
	UserID  string // "" before login
	Data    []byte // opaque
	Expires time.Time
	// Was is the Data that UpdateSession replaces, nil for any. It is not kept.
	Was []byte
}

// Accounts is the part of a store that holds accounts. Reading and changing the
// accounts of others is for who Viewer.Manages them, before and after; the methods without a Viewer serve the identification of requests,
// before there is one, and are called by api/auth and cmd only. What is not there is
// ErrNotFound.
type Accounts interface {
	// HomeDepartments gives the département of each of these homes, for Viewer.Manages; one
	// that does not exist is absent.
	HomeDepartments(ctx context.Context, ids []string) (map[string]string, error)
	// Users lists the accounts in login order: those that the viewer oversees.
	// ErrForbidden without RightUsers.
	Users(ctx context.Context, by Viewer) ([]User, error)
	// PutUser creates (Version 0) or replaces an account, with its audit entry, in one
	// transaction, and sets u.Version; CreatedAt stays that of the creation. Disabling an
	// account ends its sessions; it takes Viewer.Oversees only. ErrConflict when the version is another, the login or the
	// OIDC identity is taken, or no enabled national admin would be left at entry.At;
	// ErrForbidden.
	PutUser(ctx context.Context, by Viewer, u *User, entry AuditEntry) error
	// EraseUser deletes an account with its credentials, sessions, tokens and grants, and
	// its login from the decisions on other grants and from the records of imports. What
	// it did stays in the journal until the end of its retention. Errors are those of PutUser.
	EraseUser(ctx context.Context, by Viewer, id string, entry AuditEntry) error

	// AccountsVersion grows with each change of a user, a second factor, a token (but for the
	// note of its use) or a grant, by any process: while it stays, UserByID, TokenByHash and
	// GrantsOf give what they gave, but for what has expired.
	AccountsVersion(ctx context.Context) (int64, error)

	UserByID(ctx context.Context, id string) (*User, error)
	// UserByLogin finds an account without regard to case; disabled ones too.
	UserByLogin(ctx context.Context, login string) (*User, error)
	UserByOIDC(ctx context.Context, issuer, subject string) (*User, error)
	// CredentialsOf gives an account's secrets, empty when it has none yet.
	CredentialsOf(ctx context.Context, userID string) (*Credentials, error)
	// CredentialsByRecovery finds the link's account, whether the link has expired or not.
	CredentialsByRecovery(ctx context.Context, hash []byte) (*Credentials, error)
	// UpdateCredentials changes them under a lock: change sees the current ones and
	// returns false to leave them; what it consumed (a code, a link) is consumed once.
	// The entry is written with the change, and not without.
	UpdateCredentials(ctx context.Context, userID string, change func(*Credentials) bool, entry AuditEntry) error
	// Seen notes a login.
	Seen(ctx context.Context, userID string, at time.Time, entry AuditEntry) error

	// Tokens lists a user's tokens, newest first.
	Tokens(ctx context.Context, userID string) ([]Token, error)
	// TokenByHash finds a token that has not expired and notes its use, at most once a minute.
	TokenByHash(ctx context.Context, hash []byte, now time.Time) (*Token, error)
	// PutToken adds a token. ErrConflict when its ID or hash is taken.
	PutToken(ctx context.Context, t *Token, entry AuditEntry) error
	DropToken(ctx context.Context, userID, id string, entry AuditEntry) error
	// DropTokens deletes all tokens of a user. The entry's records are followed by their
	// IDs; it is not written when there was none.
	DropTokens(ctx context.Context, userID string, entry AuditEntry) error

	// Session returns ErrNotFound when there is none or it has expired.
	Session(ctx context.Context, hash []byte, now time.Time) (*Session, error)
	// Sessions lists a user's sessions that have not expired, the last to expire first.
	Sessions(ctx context.Context, userID string, now time.Time) ([]Session, error)
	// AddSession adds a session under a secret that was never used.
	AddSession(ctx context.Context, s *Session) error
	// UpdateSession writes a session again. ErrNotFound when it has ended meanwhile: it
	// does not come back. ErrConflict when its data is no longer s.Was.
	UpdateSession(ctx context.Context, s *Session) error
	// DropSession ends a session, if it is there.
	DropSession(ctx context.Context, hash []byte) error
	// DropSessions ends all sessions of a user but the one whose hash is kept, when not nil.
	DropSessions(ctx context.Context, userID string, keep []byte) error
	// SweepSessions deletes what expired before now: sessions, tokens, recovery links.
	SweepSessions(ctx context.Context, now time.Time) error

	// Grants lists the requests of userID, who is the viewer, and those that the viewer may
	// decide (RightApprove over the whole scope), newest first.
	Grants(ctx context.Context, by Viewer, userID string) ([]Grant, error)
	Grant(ctx context.Context, id string) (*Grant, error)
	// GrantsOf lists a user's own requests, newest first.
	GrantsOf(ctx context.Context, userID string) ([]Grant, error)
	// PutGrant creates (Version 0) or replaces a grant and sets g.Version. ErrConflict when
	// the version is another.
	PutGrant(ctx context.Context, g *Grant, entry AuditEntry) error
}
