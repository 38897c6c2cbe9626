package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"vigie/data"
)

// How long sessions last.
const (
	idleTimeout     = 30 * time.Minute
	absoluteTimeout = 10 * time.Hour
	// touchEvery is how often a session in use is written again.
	touchEvery = time.Minute
)

// maxAgent is how much of the name of a browser is kept, in bytes.
const maxAgent = 300

// session is what the server keeps of a browser. It leaves the server nowhere.
type session struct {
	// ID names the session in lists; it opens nothing.
	ID      string
	UserID  string
	Purpose string
	Agent   string // of the browser, as it names itself
	Started time.Time
	Seen    time.Time
	// TOTP is a second factor that is being enrolled.
	TOTP string `json:",omitempty"`
	// Provider and IDToken are those of a login at an OpenID Connect provider, for its end.
	Provider string `json:",omitempty"`
	IDToken  string `json:",omitempty"`

	// stored is what the store held when the session was read.
	stored []byte
}

// sessions keeps sessions in the store under the hash of the cookie's secret. The
// library makes and renews secrets; when a session ends is computed here, from the
// injected clock.
type sessions struct {
	manager *scs.SessionManager
	clock   data.Clock
	secure  bool
}

func newSessions(accounts data.Accounts, clock data.Clock, secure bool) sessions {
	m := scs.New()
	m.Store = sessionStore{accounts, clock}
	m.Codec = sessionCodec{}
	m.Lifetime = absoluteTimeout
	return sessions{manager: m, clock: clock, secure: secure}
}

const sessionKey = "session"

// cookieName is the name of a cookie: under HTTPS with the prefix that browsers
// only accept with Secure, without Domain and for the whole host.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

func setCookie(c *gin.Context, name, value string, maxAge int, secure bool) {
	http.SetCookie(c.Writer, &http.Cookie{ // #nosec G124 -- not Secure on loopback without TLS only
		Name: cookieName(name, secure), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// load reads the request's session, from its cookie if that counts, notes that it is
// in use and puts it in a context. It is the zero session when there is none.
func (s sessions) load(r *http.Request, cookie bool) (session, context.Context, error) {
	secret := ""
	// Two cookies of one name: one of them was planted.
	if cookies := r.CookiesNamed(cookieName("vigie", s.secure)); cookie && len(cookies) == 1 {
		secret = cookies[0].Value
	}
	ctx, err := s.manager.Load(r.Context(), secret)
	if err != nil {
		return session{}, ctx, err
	}
	current := s.of(ctx)
	if now := s.clock(); current.UserID != "" && now.Sub(current.Seen) >= touchEvery {
		current.Seen = now
		_, err := s.commit(ctx, current)
		if err != nil && !errors.Is(err, data.ErrNotFound) && !errors.Is(err, data.ErrConflict) {
			return session{}, ctx, err
		}
		// As it is now: since it was read it may have ended, or another request written it.
		if ctx, err = s.manager.Load(r.Context(), secret); err != nil {
			return session{}, ctx, err
		}
		current = s.of(ctx)
	}
	return current, ctx, nil
}

// of is the session in a context that load made.
func (s sessions) of(ctx context.Context) session {
	current, _ := s.manager.Get(ctx, sessionKey).(session)
	return current
}

// hash is what the store knows the current session by.
func (s sessions) hash(ctx context.Context) []byte { return secretHash(s.manager.Token(ctx)) }

// begin starts a session under a new secret: one that was planted before the login
// is worth nothing after it.
func (s sessions) begin(c *gin.Context, next session) error {
	ctx := c.Request.Context()
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	next.ID, next.Started, next.Seen = rand.Text(), s.clock(), s.clock()
	agent := c.Request.UserAgent()
	next.Agent = strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "")
	return s.write(c, context.WithValue(ctx, newSession{}, true), next)
}

// renew gives the session another secret.
func (s sessions) renew(c *gin.Context) error {
	ctx := c.Request.Context()
	current := s.of(ctx)
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	return s.write(c, context.WithValue(ctx, newSession{}, true), current)
}

// save writes a session again, unless it has ended meanwhile; data.ErrConflict when another
// request has written it.
func (s sessions) save(c *gin.Context, next session) error {
	err := s.write(c, c.Request.Context(), next)
	if errors.Is(err, data.ErrNotFound) {
		return unauthenticated()
	}
	return err
}

// newSession marks the context of what is written under a new secret.
type newSession struct{}

// write writes the session and sends its cookie, which the browser forgets when it closes.
func (s sessions) write(c *gin.Context, ctx context.Context, next session) error {
	secret, err := s.commit(ctx, next)
	if err != nil {
		return err
	}
	setCookie(c, "vigie", secret, 0, s.secure)
	return nil
}

// replaced is the key of what a write replaces.
type replaced struct{}

func (s sessions) commit(ctx context.Context, next session) (secret string, err error) {
	s.manager.Put(ctx, sessionKey, next)
	secret, _, err = s.manager.Commit(context.WithValue(ctx, replaced{}, next.stored))
	return secret, err
}

// end forgets the session here and in the browser.
func (s sessions) end(c *gin.Context) error {
	if err := s.manager.Destroy(c.Request.Context()); err != nil {
		return err
	}
	setCookie(c, "vigie", "", -1, s.secure)
	return nil
}

// ends is when a session expires if it is not used any more.
func (s *session) ends() time.Time {
	if idle, absolute := s.Seen.Add(idleTimeout), s.Started.Add(absoluteTimeout); idle.Before(absolute) {
		return idle
	}
	return s.Started.Add(absoluteTimeout)
}

func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// sessionCodec writes a session as JSON.
type sessionCodec struct{}

func (sessionCodec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(values[sessionKey])
}

func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var s session
	if err := json.Unmarshal(b, &s); err != nil {
		return time.Time{}, nil, err
	}
	s.stored = b
	return s.Started.Add(absoluteTimeout), map[string]any{sessionKey: s}, nil
}

// sessionStore keeps the library's sessions in data.Accounts.
type sessionStore struct {
	accounts data.Accounts
	clock    data.Clock
}

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, secret string) ([]byte, bool, error) {
	found, err := s.accounts.Session(ctx, secretHash(secret), s.clock())
	if errors.Is(err, data.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return found.Data, true, nil
}

// CommitCtx implements scs.CtxStore. The expiry is the session's own, not that of
// the library, which reads the machine's clock.
func (s sessionStore) CommitCtx(ctx context.Context, secret string, b []byte, _ time.Time) error {
	var current session
	if err := json.Unmarshal(b, &current); err != nil {
		return err
	}
	write := s.accounts.UpdateSession
	if ctx.Value(newSession{}) != nil {
		write = s.accounts.AddSession
	}
	was, _ := ctx.Value(replaced{}).([]byte)
	return write(ctx, &data.Session{Hash: secretHash(secret), UserID: current.UserID, Data: b, Expires: current.ends(), Was: was})
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, secret string) error {
	return s.accounts.DropSession(ctx, secretHash(secret))
}

// Find implements scs.Store.
func (s sessionStore) Find(secret string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), secret)
}

// Commit implements scs.Store.
func (s sessionStore) Commit(secret string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), secret, b, expiry)
}

// Delete implements scs.Store.
func (s sessionStore) Delete(secret string) error { return s.DeleteCtx(context.Background(), secret) }
