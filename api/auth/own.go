package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

func noContent(c *gin.Context) error {
	c.Status(http.StatusNoContent)
	return nil
}

// wrong is the problem of one field of a form.
func wrong(field, code, fr, en string) error {
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: code, Field: field, Message: data.Text{FR: fr, EN: en},
	}}}
}

func wrongCode() error {
	return wrong("code", "totp-wrong", "Ce code n’est pas, ou n’est plus, le bon.", "This is not, or no longer, the right code.")
}

func (s *Service) changePassword(c *gin.Context) error {
	var body struct{ Current, New string }
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	ctx, u := c.Request.Context(), UserOf(c)
	try, err := s.begin(c, u.Login)
	if err != nil {
		return err
	}
	creds, err := s.store.CredentialsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	ok, err := matches(ctx, body.Current, creds.PasswordHash)
	if err != nil {
		return err
	}
	if !ok {
		return wrong("current", "password-wrong", "Ce n’est pas votre mot de passe actuel.", "This is not your current password.")
	}
	try.succeeded()
	if err := SetPassword(ctx, s.store, u, body.New, s.Entry(c, ActionPassword)); err != nil {
		var invalid *data.InvalidError
		if errors.As(err, &invalid) {
			invalid.Problems[0].Field = "new"
		}
		return err
	}
	// Whoever knew the old password may have made tokens, be in the other sessions, or hold
	// this one's secret.
	if err := s.store.DropTokens(ctx, u.ID, s.Entry(c, ActionTokenDropped)); err != nil {
		return err
	}
	if err := s.sessions.renew(c); err != nil {
		return err
	}
	if err := s.store.DropSessions(ctx, u.ID, s.sessions.hash(ctx)); err != nil {
		return err
	}
	return noContent(c)
}

func (s *Service) recovery(c *gin.Context) error {
	var body struct{ Secret, Password string }
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	try, err := s.begin(c, "recovery")
	if err != nil {
		return err
	}
	if err := s.recoverAccount(c.Request.Context(), body.Secret, body.Password); err != nil {
		var invalid *data.InvalidError
		if errors.As(err, &invalid) {
			try.succeeded() // the secret is right, the password is to be chosen again
		}
		return err
	}
	try.succeeded()
	return noContent(c)
}

func (s *Service) startTOTP(c *gin.Context) error {
	ctx, u := c.Request.Context(), UserOf(c)
	creds, err := s.store.CredentialsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	if creds.TOTPSecret != nil {
		return alreadyEnrolled()
	}
	secret, uri, err := newTOTP(u.Login)
	if err != nil {
		return err
	}
	current := s.sessions.of(ctx)
	current.TOTP = secret
	if err := s.sessions.save(c, current); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, gin.H{"secret": secret, "uri": uri})
}

func alreadyEnrolled() error {
	return web.NewProblem(web.CodeConflict,
		"Un second facteur est déjà en place\u00a0: retirez-le d’abord.", "There is a second factor already: remove it first.")
}

func (s *Service) confirmTOTP(c *gin.Context) error {
	code, try, err := s.code(c)
	if err != nil {
		return err
	}
	ctx, u := c.Request.Context(), UserOf(c)
	current := s.sessions.of(ctx)
	secret, err := base32Secret.DecodeString(current.TOTP)
	if err != nil || len(secret) == 0 {
		return web.NewProblem(web.CodeConflict,
			"Aucun second facteur n’est en cours d’ajout\u00a0: recommencez.", "No second factor is being added: begin again.")
	}
	enrolled := data.Credentials{TOTPSecret: secret}
	if !useTOTP(&enrolled, code, s.clock()) {
		return wrongCode()
	}
	try.succeeded()
	added := false
	err = s.store.UpdateCredentials(ctx, u.ID, func(creds *data.Credentials) bool {
		// Read again under the lock: another session may have begun to add one too.
		if added = creds.TOTPSecret == nil; added {
			creds.TOTPSecret, creds.TOTPStep = enrolled.TOTPSecret, enrolled.TOTPStep
		}
		return added
	}, s.Entry(c, ActionTOTP))
	if err != nil {
		return err
	}
	if !added {
		return alreadyEnrolled()
	}
	// The others were opened without it.
	if err := s.store.DropSessions(ctx, u.ID, s.sessions.hash(ctx)); err != nil {
		return err
	}
	current.TOTP = ""
	if err := s.sessions.save(c, current); err != nil {
		return err
	}
	return noContent(c)
}

func (s *Service) removeTOTP(c *gin.Context) error {
	code, try, err := s.code(c)
	if err != nil {
		return err
	}
	removed, err := s.useCode(c.Request.Context(), UserOf(c), code, func(creds *data.Credentials) {
		creds.TOTPSecret, creds.TOTPStep = nil, 0
	}, ActionTOTPRemoved)
	if err != nil {
		return err
	}
	if !removed {
		return wrongCode()
	}
	try.succeeded()
	return noContent(c)
}

// code reads a code of the second factor and counts the try.
func (s *Service) code(c *gin.Context) (string, *attempt, error) {
	var body struct{ Code string }
	if err := web.Decode(c, &body); err != nil {
		return "", nil, err
	}
	try, err := s.begin(c, UserOf(c).Login)
	return strings.TrimSpace(body.Code), try, err
}

// sessionView is a session as its owner sees it in a list.
type sessionView struct {
	ID      string    `json:"id"`
	Current bool      `json:"current"`
	Created time.Time `json:"created_at"`
	Seen    time.Time `json:"seen_at"`
	Agent   string    `json:"agent"`
}

func (s *Service) listSessions(c *gin.Context) error {
	ctx := c.Request.Context()
	stored, err := s.store.Sessions(ctx, UserOf(c).ID, s.clock())
	if err != nil {
		return err
	}
	own := s.sessions.of(ctx).ID
	views := make([]sessionView, len(stored))
	for i := range stored {
		var one session
		if err := json.Unmarshal(stored[i].Data, &one); err != nil {
			return fmt.Errorf("stored session: %w", err)
		}
		views[i] = sessionView{ID: one.ID, Current: one.ID == own, Created: one.Started, Seen: one.Seen, Agent: one.Agent}
	}
	return web.JSON(c, http.StatusOK, gin.H{"sessions": views})
}

func (s *Service) dropSessions(c *gin.Context) error {
	ctx := c.Request.Context()
	if err := s.Record(c, data.AuditEntry{Action: ActionSessionsDropped}); err != nil {
		return err
	}
	if err := s.store.DropSessions(ctx, UserOf(c).ID, s.sessions.hash(ctx)); err != nil {
		return err
	}
	return noContent(c)
}

func (s *Service) tokens(c *gin.Context) error {
	list, err := s.store.Tokens(c.Request.Context(), UserOf(c).ID)
	if err != nil {
		return err
	}
	if list == nil {
		list = []data.Token{}
	}
	return web.JSON(c, http.StatusOK, gin.H{"tokens": list})
}

func (s *Service) addToken(c *gin.Context) error {
	var body struct {
		TokenRequest
		Password, Code string
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	if body.Exact {
		if err := s.proveAgain(c, body.Password, body.Code); err != nil {
			return err
		}
	}
	t, secret, err := IssueToken(c.Request.Context(), s.store, s.ids, UserOf(c), body.TokenRequest, s.clock(), s.Entry(c, ActionTokenIssued))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, gin.H{"token": t, "secret": secret})
}

// recentLogin is how old a login at a provider may be that stands for a password.
const recentLogin = 15 * time.Minute

// proveAgain asks who is signed in to prove it again: a session left open, or stolen, is
// not enough for what outlives it. An account without a password must have logged in recently.
func (s *Service) proveAgain(c *gin.Context, password, code string) error {
	ctx, u := c.Request.Context(), UserOf(c)
	creds, err := s.store.CredentialsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	if creds.PasswordHash != "" {
		try, err := s.begin(c, u.Login)
		if err != nil {
			return err
		}
		return s.prove(ctx, try, u, creds, password, code)
	}
	if s.clock().Sub(s.sessions.of(ctx).Started) >= recentLogin {
		return web.NewProblem(web.CodeInvalidCredentials,
			"Votre connexion date de plus d’un quart d’heure\u00a0: déconnectez-vous, puis reconnectez-vous.",
			"You logged in more than a quarter of an hour ago: log out, then log in again.")
	}
	return nil
}

func (s *Service) dropToken(c *gin.Context) error {
	id := c.Param("id")
	if err := s.store.DropToken(c.Request.Context(), UserOf(c).ID, id, s.Entry(c, ActionTokenDropped, id)); err != nil {
		return err
	}
	return noContent(c)
}
