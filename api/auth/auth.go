// Package auth decides who is asking: it is the only part of the HTTP interface that
// makes a data.Viewer. It holds the sessions of browsers, the tokens of programs,
// passwords, second factors and logins at OpenID Connect providers, lets each request
// in or not, and keeps the journal of what was read exactly and of what was refused.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

// Store is what this package needs of the store.
type Store interface {
	data.Accounts
	// Audit appends to the journal.
	Audit(ctx context.Context, entry data.AuditEntry) error
}

// Gate identifies who asks, lets requests in and records them.
type Gate struct {
	store    Store
	clock    data.Clock
	sessions sessions
	people   *people
	points   *allowance
}

// NewGate makes the Gate. secure tells that users come by HTTPS only.
func NewGate(store Store, clock data.Clock, secure bool) *Gate {
	return &Gate{
		store: store, clock: clock, sessions: newSessions(store, clock, secure), people: &people{store: store, clock: clock},
		points: newAllowance(clock, PointsPerHour, time.Hour),
	}
}

// identity is who sent a request; the zero identity is anyone.
type identity struct {
	user   *data.User
	viewer data.Viewer
	token  *data.Token // nil for a browser
}

const identityKey = "vigie.identity"

func identityOf(c *gin.Context) identity {
	v, _ := c.Get(identityKey)
	id, _ := v.(identity)
	return id
}

// ViewerOf is who asks. A request that went past Admit has the zero Viewer, which
// sees no home.
func ViewerOf(c *gin.Context) data.Viewer { return identityOf(c).viewer }

// UserOf is the account of who asks, nil when nobody is signed in.
func UserOf(c *gin.Context) *data.User { return identityOf(c).user }

// Admit identifies who asks and decides whether the route is for them. Refusals of
// people who are known go to the journal.
func (g *Gate) Admit(c *gin.Context, a web.Admission) error {
	id, err := g.identify(c)
	if err != nil {
		return err
	}
	c.Set(identityKey, id)
	switch {
	case id.token != nil && !a.Reads:
		return g.refuse(c, a.Operation)
	case a.IsPublic():
		return nil
	case a.OfHomes() && id.viewer.Precision() == data.ViewNone:
		return web.NotFound()
	case id.user == nil:
		return unauthenticated()
	case a.Right() != 0 && !id.viewer.May(a.Right()):
		return g.refuse(c, a.Operation)
	case a.OfHomes() && id.viewer.Purpose() == "":
		return web.NewProblem(web.CodePurposeRequired,
			"Choisissez d’abord le motif de votre consultation.", "First choose why you are reading.")
	}
	return nil
}

// refuse records that who asks may not call an operation. Nothing else of the
// request is kept.
func (g *Gate) refuse(c *gin.Context, operation string) error {
	if err := g.Record(c, data.AuditEntry{Action: ActionRefused, Records: []string{operation}, Count: 1}); err != nil {
		return err
	}
	return data.ErrForbidden
}

func unauthenticated() error {
	p := web.NewProblem(web.CodeUnauthenticated, "Connectez-vous pour continuer.", "Log in to go on.")
	// Not Basic, for which browsers open a dialogue of their own.
	p.Header = http.Header{"WWW-Authenticate": {`Bearer realm="Vigie"`}}
	return p
}

// identify finds who sent the request: a token when there is one, whatever the
// cookies say, otherwise the session. A token that does not hold is an error; a
// session that has ended makes a request anonymous.
func (g *Gate) identify(c *gin.Context) (identity, error) {
	authorization := c.Request.Header.Values("Authorization")
	s, ctx, err := g.sessions.load(c.Request, len(authorization) == 0)
	if err != nil {
		return identity{}, err
	}
	c.Request = c.Request.WithContext(ctx)
	switch {
	case len(authorization) > 1:
		return identity{}, unauthenticated()
	case len(authorization) == 1:
		return g.identifyToken(c.Request)
	case s.UserID == "":
		return identity{}, nil
	}
	known, err := g.people.now(ctx)
	if err != nil {
		return identity{}, err
	}
	p, err := known.person(ctx, s.UserID)
	if errors.Is(err, data.ErrNotFound) {
		return identity{}, nil
	}
	if err != nil {
		return identity{}, err
	}
	return g.identityFor(p, s.Purpose, nil), nil
}

// enabled finds an account that may be used.
func enabled(ctx context.Context, store Store, id string) (*data.User, error) {
	u, err := store.UserByID(ctx, id)
	if err == nil && u.Disabled {
		return nil, data.ErrNotFound
	}
	return u, err
}

// identityFor is a person, with a token or, when it is nil, a browser, now.
func (g *Gate) identityFor(p *person, purpose string, t *data.Token) identity {
	u := p.user // a copy: others have the person too
	id := identity{user: &u, token: t}
	if t == nil {
		id.viewer = ViewerFor(&u, p.grants, purpose, g.clock())
	} else {
		id.viewer = tokenViewer(&u, p.grants, t, g.clock())
	}
	return id
}

// Actions of the journal that this package records, besides data.ActionRead.
const (
	ActionAssess          = "assess"
	ActionRefused         = "refused"
	ActionLogin           = "login"
	ActionLoginRefused    = "login.refused"
	ActionCodeWanted      = "login.code_wanted"
	ActionLogout          = "logout"
	ActionPassword        = "password"
	ActionTOTP            = "totp.enrol"
	ActionTOTPRemoved     = "totp.remove"
	ActionTOTPUsed        = "totp.use"
	ActionRecoveryIssued  = "recovery.issue"
	ActionRecovered       = "recovery.use"
	ActionTokenIssued     = "token.issue"
	ActionTokenDropped    = "token.drop"
	ActionSessionsDropped = "sessions.drop"
	ActionLinked          = "account.link"
	// ActionGuessing is an alert: more logins of its subject were refused within an hour than
	// its count, of data.SystemSubject for all accounts together.
	ActionGuessing = "alert.login-refused"
)

// Entry begins an entry of the journal about this request.
func (g *Gate) Entry(c *gin.Context, action string, records ...string) data.AuditEntry {
	v := ViewerOf(c)
	return data.AuditEntry{
		At: g.clock(), Subject: v.Subject(), Purpose: v.Purpose(), Action: action, Records: records, Count: len(records),
	}
}

// Record appends an entry about this request to the journal: who, when and why are
// filled in.
func (g *Gate) Record(c *gin.Context, entry data.AuditEntry) error {
	v := ViewerOf(c)
	entry.At, entry.Subject, entry.Purpose = g.clock(), v.Subject(), v.Purpose()
	if err := g.store.Audit(c.Request.Context(), entry); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// RecordRead notes in the journal that the viewer is about to read these homes. It is
// called before the first byte leaves: when the journal can't be written, the read
// does not happen. Of a masked read only the number is kept, and reads of nothing
// are not recorded.
func (g *Gate) RecordRead(c *gin.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	entry := data.AuditEntry{Action: data.ActionRead, Layer: data.LayerSites, Count: len(ids)}
	if ViewerOf(c).Precision() == data.ViewExact {
		entry.Records = ids
	}
	return g.Record(c, entry)
}

// PointsPerHour is how many points a person may measure in an hour: enough to look at
// candidates, too little to map a département.
const PointsPerHour = 5000

// RecordAssess notes that the viewer measures count points, or refuses beyond
// PointsPerHour, whatever the sessions and tokens. Where they are is not kept: a
// candidate's position is as secret as a home's.
func (g *Gate) RecordAssess(c *gin.Context, count int) error {
	if wait := g.points.take(ViewerOf(c).Subject(), count); wait > 0 {
		return errors.Join(tooMany(wait, "Trop de points mesurés en une heure.", "Too many points measured in an hour."),
			g.Record(c, data.AuditEntry{Action: ActionRefused, Records: []string{ActionAssess}, Count: count}))
	}
	return g.Record(c, data.AuditEntry{Action: ActionAssess, Count: count})
}
