package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"vigie/api/web"
	"vigie/data"
)

// Provider is an OpenID Connect provider at which people may log in.
type Provider struct {
	// ID is its name in addresses: lower-case letters, digits and hyphens.
	ID       string    `json:"id"`
	Label    data.Text `json:"label"`
	Issuer   string    `json:"issuer"`
	ClientID string    `json:"client_id"`
	// ClientSecretFile holds the secret. A relative name is looked for beside the
	// configuration.
	ClientSecretFile string `json:"client_secret_file"`
	ClientSecret     string `json:"-"`
	// Scopes are asked for besides "openid".
	Scopes []string `json:"scopes"`
	// PKCE sends a code challenge; nil is true. ProConnect refuses it, as any
	// parameter that it does not know.
	PKCE *bool `json:"pkce"`
	// ACRValues are the levels of authentication to ask for, one of which the
	// provider must have met; empty leaves it to the provider.
	ACRValues []string `json:"acr_values"`
	// TrustEmail takes the provider's addresses for verified although it does not say so.
	TrustEmail bool `json:"trust_email"`
}

// ReadProviders reads the configuration of providers: a JSON list of Provider.
func ReadProviders(path string) ([]Provider, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	var list []Provider
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range list {
		name := list[i].ClientSecretFile
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		secret, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: client_secret_file of %q: %w", path, list[i].ID, err)
		}
		list[i].ClientSecret = strings.TrimSpace(string(secret))
		if err := list[i].check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return list, nil
}

var providerID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func (p *Provider) check() error {
	issuer, err := url.Parse(p.Issuer)
	switch {
	case !providerID.MatchString(p.ID):
		return fmt.Errorf("OpenID Connect provider %q: id must be lower-case letters, digits and hyphens", p.ID)
	case p.Label.FR == "" || p.Label.EN == "":
		return fmt.Errorf("OpenID Connect provider %q: label needs fr and en", p.ID)
	case err != nil || issuer.Host == "" || issuer.Scheme != "https" && !web.LoopbackHost(issuer.Host):
		return fmt.Errorf("OpenID Connect provider %q: issuer must be an https address", p.ID)
	case p.ClientID == "" || p.ClientSecret == "":
		return fmt.Errorf("OpenID Connect provider %q: client_id and client_secret_file are needed", p.ID)
	}
	return nil
}

// provider is a Provider with what it says of itself, asked on the first use: the
// server starts without it.
type provider struct {
	Provider
	clock data.Clock

	asking singleflight.Group
	mu     sync.Mutex // not held while the provider is asked
	found  *discovery
	failed error
	again  time.Time // not asked before this after a failure
}

// discovery is what a provider says of itself.
type discovery struct {
	*oidc.Provider
	endSession string
}

// providerClient talks to providers.
var providerClient = &http.Client{Timeout: 10 * time.Second}

// askAgain is how long a provider that could not be asked is left alone.
const askAgain = 5 * time.Second

// discover asks the provider once for all who wait for it; each waits as long as its
// own request lasts.
func (p *provider) discover(ctx context.Context) (*discovery, error) {
	p.mu.Lock()
	found, failed, again := p.found, p.failed, p.again
	p.mu.Unlock()
	switch {
	case found != nil:
		return found, nil
	case failed != nil && p.clock().Before(again):
		return nil, failed
	}
	asked := p.asking.DoChan("", func() (any, error) {
		// The first who asks may leave before the others.
		found, err := p.ask(context.WithoutCancel(ctx))
		p.mu.Lock()
		defer p.mu.Unlock()
		p.found, p.failed, p.again = found, err, p.clock().Add(askAgain)
		return found, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case answer := <-asked:
		return answer.Val.(*discovery), answer.Err
	}
}

func (p *provider) ask(ctx context.Context) (*discovery, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, providerClient), p.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	return &discovery{found, more.EndSession}, nil
}

func (p *provider) oauth(found *discovery, base string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: base + web.Root + "/auth/oidc/" + p.ID + "/callback",
		Scopes:      append([]string{oidc.ScopeOpenID}, p.Scopes...),
	}
}

func (s *Service) provider(id string) *provider {
	i := slices.IndexFunc(s.providers, func(p *provider) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return s.providers[i]
}

const (
	flowCookie  = "vigie-oidc"
	flowMinutes = 10
)

// flow is a login under way at a provider. It lives in the browser that began it,
// sealed: another browser can't end it.
type flow struct {
	Provider, State, Nonce, Verifier, Return string
	Until                                    time.Time
}

// Errors of logins at providers, as the login page names them.
const (
	oidcUnavailable = "provider-unavailable"
	oidcRefused     = "provider-refused"
	oidcExpired     = "login-expired"
	oidcInvalid     = "login-invalid"
	oidcNoAccount   = "no-account"
)

func redirect(c *gin.Context, to string) error {
	c.Header("Location", to)
	c.Status(http.StatusSeeOther)
	return nil
}

// failed goes back to the login page. The cause is for the log only.
func failed(c *gin.Context, code string, cause error) error {
	if cause != nil {
		web.CallOf(c).Note(cause)
	}
	return redirect(c, web.CallOf(c).Base+"/#/login?error="+code)
}

// secret is one of at least 32 characters, which ProConnect asks for.
func secret() string { return rand.Text() + rand.Text() }

func (s *Service) startOIDC(c *gin.Context) error {
	p, call := s.provider(c.Param("provider")), web.CallOf(c)
	if p == nil {
		return web.NotFound()
	}
	found, err := p.discover(c.Request.Context())
	if err != nil {
		return failed(c, oidcUnavailable, err)
	}
	next := flow{
		Provider: p.ID, State: secret(), Nonce: secret(), Return: call.Query.Get("return"),
		Until: s.clock().Add(flowMinutes * time.Minute),
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(next.Nonce)}
	if p.PKCE == nil || *p.PKCE {
		next.Verifier = oauth2.GenerateVerifier()
		options = append(options, oauth2.S256ChallengeOption(next.Verifier))
	}
	if len(p.ACRValues) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(p.ACRValues, " ")))
	}
	sealed, err := s.cookies.Encode(flowCookie, next)
	if err != nil {
		return err
	}
	setCookie(c, flowCookie, sealed, flowMinutes*60, s.sessions.secure)
	return redirect(c, p.oauth(found, call.Base).AuthCodeURL(next.State, options...))
}

func (s *Service) endOIDC(c *gin.Context) error {
	p, call := s.provider(c.Param("provider")), web.CallOf(c)
	if p == nil {
		return web.NotFound()
	}
	var begun flow
	cookie, err := c.Request.Cookie(cookieName(flowCookie, s.sessions.secure))
	if err == nil {
		err = s.cookies.Decode(flowCookie, cookie.Value, &begun)
	}
	// A login serves once, whatever becomes of it.
	setCookie(c, flowCookie, "", -1, s.sessions.secure)
	issuer := call.Query.Get("iss")
	switch {
	case err != nil || begun.Provider != p.ID || !s.clock().Before(begun.Until):
		return failed(c, oidcExpired, nil)
	case subtle.ConstantTimeCompare([]byte(call.Query.Get("state")), []byte(begun.State)) != 1, issuer != "" && issuer != p.Issuer:
		return failed(c, oidcInvalid, nil)
	case call.Query.Get("error") != "" || call.Query.Get("code") == "":
		return failed(c, oidcRefused, nil)
	}
	ctx := oidc.ClientContext(c.Request.Context(), providerClient)
	claims, err := p.exchange(ctx, call, begun)
	if err != nil {
		return failed(c, oidcInvalid, err)
	}
	u, err := s.account(ctx, p, claims)
	if errors.Is(err, data.ErrNotFound) {
		return failed(c, oidcNoAccount, nil)
	}
	if err != nil {
		return err
	}
	if err := s.open(c, u, session{Provider: p.ID, IDToken: claims.raw}); err != nil {
		return err
	}
	return redirect(c, call.Base+begun.Return)
}

// claims is what a provider says of a person.
type claims struct {
	raw     string // the identity token
	subject string
	// email is verified, or empty.
	email string
}

// exchange turns the code into verified claims.
func (p *provider) exchange(ctx context.Context, call *web.Call, begun flow) (claims, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return claims{}, err
	}
	var options []oauth2.AuthCodeOption
	if begun.Verifier != "" {
		options = append(options, oauth2.VerifierOption(begun.Verifier))
	}
	tokens, err := p.oauth(found, call.Base).Exchange(ctx, call.Query.Get("code"), options...)
	if err != nil {
		return claims{}, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.clock}).Verify(ctx, raw)
	if err != nil {
		return claims{}, err
	}
	var own struct {
		ACR string `json:"acr"`
		emailClaims
	}
	if err := id.Claims(&own); err != nil {
		return claims{}, err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(begun.Nonce)) != 1:
		return claims{}, errors.New("oidc: the nonce is another login's")
	case len(p.ACRValues) > 0 && !slices.Contains(p.ACRValues, own.ACR):
		return claims{}, errors.New("oidc: the level of authentication is not one that was asked for")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(tokens.AccessToken); err != nil {
			return claims{}, err
		}
	}
	got := claims{raw: raw, subject: id.Subject, email: own.verified(p.TrustEmail)}
	if got.email == "" && found.UserInfoEndpoint() != "" {
		if got.email, err = p.userEmail(ctx, found, tokens, id.Subject); err != nil {
			return claims{}, err
		}
	}
	return got, nil
}

// userEmail asks for the address where the identity token has none. A signed answer
// (ProConnect) is verified with the provider's keys, and must be for this client.
func (p *provider) userEmail(ctx context.Context, found *discovery, tokens *oauth2.Token, subject string) (string, error) {
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return "", err
	}
	var own struct {
		Issuer   string   `json:"iss"`
		Audience audience `json:"aud"`
		emailClaims
	}
	if err := info.Claims(&own); err != nil {
		return "", err
	}
	switch {
	case info.Subject != subject:
		return "", errors.New("oidc: userinfo is about someone else")
	case own.Issuer != "" && own.Issuer != p.Issuer, own.Audience != nil && !slices.Contains(own.Audience, p.ClientID):
		return "", errors.New("oidc: userinfo is for someone else")
	}
	return own.verified(p.TrustEmail), nil
}

type emailClaims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some providers write "true"
}

func (c emailClaims) verified(trusted bool) string {
	if trusted && c.Verified == nil || c.Verified == true || c.Verified == "true" {
		return c.Email
	}
	return ""
}

// audience is one client or a list of them.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// account finds the account of who logged in at a provider: the one linked to the
// issuer and subject or, the first time, the one that an administrator prepared for
// this issuer with the verified address. None is made.
func (s *Service) account(ctx context.Context, p *provider, who claims) (*data.User, error) {
	u, err := s.store.UserByOIDC(ctx, p.Issuer, who.subject)
	if err == nil && u.Disabled {
		return nil, data.ErrNotFound
	}
	if !errors.Is(err, data.ErrNotFound) || who.email == "" {
		return u, err
	}
	system := data.NewViewer(data.ViewerSpec{Subject: data.SystemSubject, Restricted: true, Writes: true})
	all, err := s.store.Users(ctx, system)
	if err != nil {
		return nil, err
	}
	prepared := slices.DeleteFunc(all, func(u data.User) bool {
		return u.Disabled || u.Issuer != p.Issuer || u.OIDCSub != "" || lowerASCII(u.Email) != lowerASCII(who.email)
	})
	if len(prepared) != 1 {
		return nil, data.ErrNotFound
	}
	u = &prepared[0]
	u.OIDCSub = who.subject
	return u, s.store.PutUser(ctx, system, u, data.AuditEntry{
		At: s.clock(), Subject: u.Login, Action: ActionLinked, Records: []string{u.ID}, Count: 1,
	})
}

// lowerASCII folds the case of the letters A to Z and leaves all else: addresses that only
// look alike (another K, full-width letters) belong to other people.
func lowerASCII(address string) string {
	b := []byte(address)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// endSession is where the browser ends its session at the provider; empty when
// there is none.
func (s *Service) endSession(c *gin.Context, ended session) string {
	p := s.provider(ended.Provider)
	if p == nil {
		return ""
	}
	found, err := p.discover(c.Request.Context())
	if err != nil || found.endSession == "" {
		return ""
	}
	to, err := url.Parse(found.endSession)
	if err != nil {
		return ""
	}
	query := to.Query()
	query.Set("id_token_hint", ended.IDToken)
	query.Set("state", secret())
	query.Set("post_logout_redirect_uri", web.CallOf(c).Base+"/")
	to.RawQuery = query.Encode()
	return to.String()
}
