package data

import (
	"context"
	"time"
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

	CreatedAt time.Time  `json:"created_at"`
	SeenAt    *time.Time `json:"seen_at,omitempty"` // last login
	HasTOTP   bool       `json:"has_totp"`          // given by the store, ignored when written
	Version   int64      `json:"version"`           // optimistic lock, from 1
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
}

// Accounts is the part of a store that holds accounts. Reading and changing the
// accounts of others needs RightUsers; the methods without a Viewer serve the
// identification of requests, before there is one, and are called by api/auth and cmd only.
type Accounts interface {
	// Users lists the accounts in login order. ErrForbidden without RightUsers.
	Users(ctx context.Context, by Viewer) ([]User, error)
	// PutUser creates (Version 0) or replaces an account, with its audit entry, in one
	// transaction. ErrConflict when the version is another, the login or the OIDC identity
	// is taken, or no enabled national admin would be left; ErrForbidden without RightUsers.
	PutUser(ctx context.Context, by Viewer, u *User, entry AuditEntry) error
	// EraseUser deletes an account with its credentials, sessions, tokens and undecided
	// grants. What it did stays in the journal until the end of its retention.
	EraseUser(ctx context.Context, by Viewer, id string, entry AuditEntry) error

	UserByID(ctx context.Context, id string) (*User, error)
	UserByLogin(ctx context.Context, login string) (*User, error)
	UserByOIDC(ctx context.Context, issuer, subject string) (*User, error)
	CredentialsOf(ctx context.Context, userID string) (*Credentials, error)
	CredentialsByRecovery(ctx context.Context, hash []byte) (*Credentials, error)
	// UpdateCredentials changes them under a lock: change sees the current ones and
	// returns false to leave them; what it consumed (a code, a link) is consumed once.
	// The entry is written with the change.
	UpdateCredentials(ctx context.Context, userID string, change func(*Credentials) bool, entry AuditEntry) error
	// Seen notes a login.
	Seen(ctx context.Context, userID string, at time.Time, entry AuditEntry) error

	Tokens(ctx context.Context, userID string) ([]Token, error)
	// TokenByHash finds a token and notes its use, at most once a minute.
	TokenByHash(ctx context.Context, hash []byte, now time.Time) (*Token, error)
	PutToken(ctx context.Context, t *Token, entry AuditEntry) error
	DropToken(ctx context.Context, userID, id string, entry AuditEntry) error

	// Session returns ErrNotFound when there is none or it has expired.
	Session(ctx context.Context, hash []byte, now time.Time) (*Session, error)
	PutSession(ctx context.Context, s *Session) error
	DropSession(ctx context.Context, hash []byte) error
	// DropSessions ends all sessions of a user but the one whose hash is kept, when not nil.
	DropSessions(ctx context.Context, userID string, keep []byte) error
	// SweepSessions deletes what expired before now: sessions, tokens, recovery links.
	SweepSessions(ctx context.Context, now time.Time) error

	// Grants lists the viewer's own requests and those that it may decide
	// (RightApprove over the whole scope), newest first.
	Grants(ctx context.Context, by Viewer, userID string) ([]Grant, error)
	Grant(ctx context.Context, id string) (*Grant, error)
	GrantsOf(ctx context.Context, userID string) ([]Grant, error)
	// PutGrant creates (Version 0) or replaces a grant. ErrConflict when the version is another.
	PutGrant(ctx context.Context, g *Grant, entry AuditEntry) error
}
