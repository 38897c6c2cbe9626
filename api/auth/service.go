package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"

	"vigie/api/web"
	"vigie/data"
)

// DemoAccount is an account of the demonstration, whose password is public.
type DemoAccount struct {
	Login     string    `json:"login"`
	Password  string    `json:"password"`
	Name      string    `json:"name"`
	RoleLabel data.Text `json:"role_label"`
}

// Options of the service.
type Options struct {
	// Providers are the OpenID Connect providers at which people may log in.
	Providers []Provider
	// Demo are accounts to offer on the login page, for the demonstration only.
	Demo []DemoAccount
}

// Service is logging in and what people do of their own account.
type Service struct {
	*Gate
	ids       data.IDs
	demo      []DemoAccount
	providers []*provider
	throttle  *throttle
	alarm     alarm
	// cookies seals what the server trusts a browser to bring back: the name of a
	// device, a login that is under way. The key lives as long as the process.
	cookies *securecookie.SecureCookie
}

// New makes the service.
func New(gate *Gate, ids data.IDs, opt Options) (*Service, error) {
	s := &Service{Gate: gate, ids: ids, demo: opt.Demo, alarm: newAlarm(gate.clock)}
	for _, p := range opt.Providers {
		if err := p.check(); err != nil {
			return nil, err
		}
		s.providers = append(s.providers, &provider{Provider: p, clock: gate.clock})
	}
	var err error
	if s.throttle, err = newThrottle(gate.clock); err != nil {
		return nil, err
	}
	// Now, so that the first unknown login takes no longer than others.
	if _, err := dummyHash(); err != nil {
		return nil, err
	}
	s.cookies = securecookie.New(securecookie.GenerateRandomKey(64), securecookie.GenerateRandomKey(32))
	s.cookies.SetSerializer(securecookie.JSONEncoder{})
	s.cookies.MaxAge(deviceDays * 24 * 3600)
	return s, nil
}

// deviceDays is how long a browser is remembered.
const deviceDays = 90

const deviceCookie = "vigie-device"

// device is what a browser that has logged in keeps.
type device struct{ Login, Name string }

func (s *Service) clientOf(c *gin.Context, login string) client {
	address, _ := netip.ParseAddr(c.ClientIP()) // those that have none count as one
	from := client{address: address}
	if sealed, err := c.Request.Cookie(cookieName(deviceCookie, s.sessions.secure)); err == nil {
		var d device
		if s.cookies.Decode(deviceCookie, sealed.Value, &d) == nil && d.Login == data.LoginKey(login) {
			from.device = d.Name
		}
	}
	return from
}

func (s *Service) rememberDevice(c *gin.Context, u *data.User) error {
	sealed, err := s.cookies.Encode(deviceCookie, device{Login: data.LoginKey(u.Login), Name: rand.Text()})
	if err != nil {
		return err
	}
	setCookie(c, deviceCookie, sealed, deviceDays*24*3600, s.sessions.secure)
	return nil
}

// begin counts a try at a secret of an account.
func (s *Service) begin(c *gin.Context, login string) (*attempt, error) {
	a, wait := s.throttle.begin(login, s.clientOf(c, login))
	if wait > 0 {
		// Whose account it is, if anyone's, was not looked up.
		return nil, errors.Join(throttled(wait), s.refused(c.Request.Context(), data.SystemSubject))
	}
	return a, nil
}

func throttled(wait time.Duration) error {
	return tooMany(wait, "Trop d’essais.", "Too many attempts.")
}

// tooMany is the problem of what was asked for too often, as fr and en say, and may be
// asked for again after a wait.
func tooMany(wait time.Duration, fr, en string) error {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	p := web.NewProblem(web.CodeThrottled, fr+" Recommencez dans "+seconds+"\u00a0s.", en+" Try again in "+seconds+" s.")
	p.Header = http.Header{"Retry-After": {seconds}}
	return p
}

// credentials finds an account that may log in with a password. An unknown one takes
// the same way, and has none.
func (s *Service) credentials(ctx context.Context, login string) (*data.User, *data.Credentials, error) {
	u, err := s.store.UserByLogin(ctx, login)
	if err != nil && !errors.Is(err, data.ErrNotFound) {
		return nil, nil, err
	}
	id := ""
	if err == nil && !u.Disabled {
		id = u.ID
	}
	creds, err := s.store.CredentialsOf(ctx, id)
	switch {
	case errors.Is(err, data.ErrNotFound), err == nil && id == "":
		return nil, &data.Credentials{}, nil
	case err != nil:
		return nil, nil, err
	}
	return u, creds, nil
}

func (s *Service) login(c *gin.Context) error {
	var body struct{ Login, Password, Code string }
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	try, err := s.begin(c, body.Login)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	u, creds, err := s.credentials(ctx, body.Login)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, try, u, creds, body.Password, body.Code); err != nil {
		return err
	}
	if err := s.open(c, u, session{}); err != nil {
		return err
	}
	return s.session(c)
}

// prove checks the password of an account and, when it has a second factor, the code.
func (s *Service) prove(ctx context.Context, try *attempt, u *data.User, creds *data.Credentials, password, code string) error {
	ok, err := matches(ctx, password, creds.PasswordHash)
	if err == nil && ok && creds.TOTPSecret != nil {
		ok, err = s.secondFactor(ctx, try, u, code)
	}
	if err != nil {
		return err
	}
	if !ok {
		return s.refuseLogin(ctx, u)
	}
	try.succeeded()
	return nil
}

// secondFactor uses a code of someone who knows the password, which is in the journal even
// when no code follows: the owner of a stolen password must be able to see it.
func (s *Service) secondFactor(ctx context.Context, try *attempt, u *data.User, code string) (bool, error) {
	if code = strings.TrimSpace(code); code == "" {
		try.spare()
		entry := data.AuditEntry{At: s.clock(), Subject: u.Login, Action: ActionCodeWanted}
		if err := s.store.Audit(ctx, entry); err != nil {
			return false, err
		}
		return false, web.NewProblem(web.CodeTOTPRequired,
			"Donnez le code de votre application d’authentification.", "Give the code of your authenticator application.")
	}
	if wait := try.code(); wait > 0 {
		return false, errors.Join(throttled(wait), s.refused(ctx, u.Login))
	}
	return s.useCode(ctx, u, code, func(*data.Credentials) {}, ActionTOTPUsed)
}

// useCode uses a code of the account's second factor, and changes the credentials with it.
func (s *Service) useCode(ctx context.Context, u *data.User, code string, change func(*data.Credentials), action string) (used bool, err error) {
	now := s.clock()
	err = s.store.UpdateCredentials(ctx, u.ID, func(c *data.Credentials) bool {
		if used = c.TOTPSecret != nil && useTOTP(c, code, now); used {
			change(c)
		}
		return used
	}, data.AuditEntry{At: now, Subject: u.Login, Action: action})
	return used, err
}

// refuseLogin gives one answer, and one entry, whatever is wrong. What was typed as
// a login is not kept: it may be a password.
func (s *Service) refuseLogin(ctx context.Context, u *data.User) error {
	entry := data.AuditEntry{At: s.clock(), Subject: data.SystemSubject, Action: ActionLoginRefused}
	if u != nil {
		entry.Subject = u.Login
	}
	if err := s.store.Audit(ctx, entry); err != nil {
		return err
	}
	if err := s.refused(ctx, entry.Subject); err != nil {
		return err
	}
	return web.NewProblem(web.CodeInvalidCredentials,
		"L’identifiant, le mot de passe ou le code est incorrect.", "The login, the password or the code is wrong.")
}

// open begins a session of a person, once it is in the journal.
func (s *Service) open(c *gin.Context, u *data.User, next session) error {
	ctx := c.Request.Context()
	entry := data.AuditEntry{At: s.clock(), Subject: u.Login, Action: ActionLogin}
	if next.Provider != "" {
		entry.Records, entry.Count = []string{next.Provider}, 1
	}
	if err := s.store.Seen(ctx, u.ID, s.clock(), entry); err != nil {
		return err
	}
	next.UserID = u.ID
	if err := s.sessions.begin(c, next); err != nil {
		return err
	}
	grants, err := s.store.GrantsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	c.Set(identityKey, s.identityFor(&person{*u, grants}, "", nil))
	return s.rememberDevice(c, u)
}

func (s *Service) logout(c *gin.Context) error {
	current := s.sessions.of(c.Request.Context())
	if current.UserID != "" {
		if err := s.Record(c, data.AuditEntry{Action: ActionLogout}); err != nil {
			return err
		}
	}
	if err := s.sessions.end(c); err != nil {
		return err
	}
	// Not the cookies: the name of the device spares its owner the waits of guessing.
	c.Header("Clear-Site-Data", `"cache", "storage"`)
	return web.JSON(c, http.StatusOK, gin.H{"redirect": s.endSession(c, current)})
}

// session tells a client who it is.
func (s *Service) session(c *gin.Context) error {
	providers := []gin.H{}
	for _, p := range s.providers {
		providers = append(providers, gin.H{"id": p.ID, "label": p.Label})
	}
	u, v := UserOf(c), ViewerOf(c)
	if u == nil {
		answer := gin.H{"authenticated": false, "providers": providers}
		if s.demo != nil {
			answer["demo_accounts"] = s.demo
		}
		return web.JSON(c, http.StatusOK, answer)
	}
	ctx, now := c.Request.Context(), s.clock()
	creds, err := s.store.CredentialsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	grants, err := s.store.GrantsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	assignments := []data.Assignment{}
	for _, a := range u.Assignments {
		if a.Holds(now) {
			assignments = append(assignments, a)
		}
	}
	expires := s.sessions.of(ctx).Started.Add(absoluteTimeout)
	if t := identityOf(c).token; t != nil {
		expires = t.Expires
	}
	return web.JSON(c, http.StatusOK, gin.H{
		"authenticated": true,
		"user": gin.H{
			"id": u.ID, "login": u.Login, "name": u.Name, "has_totp": creds.TOTPSecret != nil, "has_password": creds.PasswordHash != "",
		},
		"assignments": assignments, "rights": RightWords(v.Has()), "precision": PrecisionWord(v.Precision()),
		"scope": scopeOf(u, grants, now), "purpose": v.Purpose(), "purposes": Purposes(),
		"expires_at": expires, "idle_seconds": int(idleTimeout.Seconds()), "providers": providers,
	})
}

func (s *Service) choosePurpose(c *gin.Context) error {
	var body struct{ Purpose string }
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	current := s.sessions.of(c.Request.Context())
	if current.Purpose != "" {
		return web.NewProblem(web.CodePurposeChosen,
			"Le motif est choisi pour toute la session\u00a0; reconnectez-vous pour en choisir un autre.",
			"The purpose holds for the whole session; log in again to choose another.")
	}
	current.Purpose = body.Purpose
	if err := s.sessions.save(c, current); err != nil {
		return err
	}
	u := UserOf(c)
	grants, err := s.store.GrantsOf(c.Request.Context(), u.ID)
	if err != nil {
		return err
	}
	c.Set(identityKey, s.identityFor(&person{*u, grants}, body.Purpose, nil))
	return s.session(c)
}
