package api_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"vigie/api"
	"vigie/api/auth"
	"vigie/data"
)

// idp is an OpenID Connect provider (zitadel/oidc) that tests may have lie.
type idp struct {
	*httptest.Server
	storage *storage.Storage
	// claims changes the identity token, which is then signed again; userinfo the same
	// of the userinfo, which is then a signed JWT, as ProConnect's is.
	claims, userinfo func(map[string]any)
	// key signs what was changed; the provider's own by default.
	key any
}

const clientID = "vigie"

func newIDP(t *testing.T) *idp {
	t.Helper()
	p := &idp{}
	var handler http.Handler
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(t, handler, w, r) }))
	t.Cleanup(p.Close)
	p.storage = storage.NewStorageWithClients(storage.NewUserStore(p.URL), map[string]*storage.Client{
		clientID: storage.WebClient(clientID, "secret", "http://127.0.0.1:8080/api/auth/oidc/idp/callback"),
	})
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true, AuthMethodPost: true},
		p.storage, op.StaticIssuer(p.URL), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	handler = provider
	return p
}

// serve lets the provider answer, and changes what it says when a test asks for it.
func (p *idp) serve(t *testing.T, handler http.Handler, w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	body, contentType := answer.Body.Bytes(), answer.Header().Get("Content-Type")
	switch {
	case answer.Code != http.StatusOK:
	case r.URL.Path == "/oauth/token" && p.claims != nil:
		var tokens map[string]any
		if err := json.Unmarshal(body, &tokens); err != nil {
			t.Error(err)
			return
		}
		signed, err := jose.ParseSigned(tokens["id_token"].(string), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Error(err)
			return
		}
		tokens["id_token"] = p.sign(t, signed.UnsafePayloadWithoutVerification(), p.claims)
		if body, err = json.Marshal(tokens); err != nil {
			t.Error(err)
		}
	case r.URL.Path == "/userinfo" && p.userinfo != nil:
		body, contentType = []byte(p.sign(t, body, p.userinfo)), "application/jwt"
	}
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(answer.Code)
	_, _ = io.Copy(w, bytes.NewReader(body))
}

func (p *idp) sign(t *testing.T, payload []byte, change func(map[string]any)) string {
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Error(err)
	}
	change(claims)
	own, err := p.storage.SigningKey(t.Context())
	if err != nil {
		t.Error(err)
		return ""
	}
	key := own.Key()
	if p.key != nil {
		key = p.key
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: own.ID()}}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	payload, err = json.Marshal(claims)
	if err != nil {
		t.Error(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Error(err)
		return ""
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return compact
}

// newOIDC is a server with a provider, on the provider's clock.
func newOIDC(t *testing.T, configure func(*auth.Provider)) (*server, *idp) {
	t.Helper()
	p := newIDP(t)
	return newServerFor(t, p, configure), p
}

func newServerFor(t *testing.T, p *idp, configure func(*auth.Provider)) *server {
	t.Helper()
	s := newServerWith(t, func(cfg *api.Config) {
		provider := auth.Provider{
			ID: "idp", Label: data.Text{FR: "Essai", EN: "Test"}, Issuer: p.URL, ClientID: clientID, ClientSecret: "secret",
			Scopes: []string{"profile", "email"},
		}
		configure(&provider)
		cfg.Providers = []auth.Provider{provider}
	})
	s.clock.advance(time.Since(now()))
	return s
}

// prepare makes an account that waits for its first login at the provider.
func (s *server) prepare(t *testing.T, issuer, email string) {
	t.Helper()
	u := data.User{
		ID: "u-nina", Login: "nina", Name: "Nina Fictive", Email: email, Issuer: issuer, CreatedAt: now(),
		Assignments: []data.Assignment{{Role: data.RoleInspector, Scope: data.Scope{Departments: []string{"01"}}}},
	}
	by := data.NewViewer(data.ViewerSpec{Subject: "fixture", Writes: true})
	if err := s.store.PutUser(t.Context(), by, &u, data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}); err != nil {
		t.Fatal(err)
	}
}

// toProvider begins a login: where the browser is sent, and its cookies.
func (s *server) toProvider(t *testing.T, back string) (*url.URL, string) {
	t.Helper()
	w := s.anyone("GET", "/api/auth/oidc/idp/login?return="+url.QueryEscape(back), "")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return to, cookiesIn(w)
}

// authorize logs the person in at the provider: where the browser is sent back.
func (p *idp) authorize(t *testing.T, to *url.URL) string {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	follow := func(address string) *url.URL {
		response, err := browser.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		location, err := response.Location()
		if err != nil {
			body, _ := io.ReadAll(response.Body)
			t.Fatalf("%s: %d %s", address, response.StatusCode, body)
		}
		return location
	}
	id := follow(to.String()).Query().Get("authRequestID")
	if err := p.storage.CheckUsernamePassword("test-user@127.0.0.1", "verysecure", id); err != nil {
		// The example's user is named after the host of the issuer.
		t.Fatal(err)
	}
	return follow(p.URL + "/authorize/callback?id=" + id).RequestURI()
}

// loginError is the code with which a login came back to the login page, or where it went.
func loginError(w *httptest.ResponseRecorder) string {
	location := w.Header().Get("Location")
	if _, code, ok := strings.Cut(location, "/#/login?error="); ok {
		return code
	}
	return location
}

func TestOIDC(t *testing.T) {
	s, p := newOIDC(t, func(*auth.Provider) {})
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	for range 2 { // the account is linked at the first login, and found at the second
		to, cookies := s.toProvider(t, "/#/sites")
		if q := to.Query(); len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 || q.Get("code_challenge_method") != "S256" {
			t.Errorf("sent to %s", to)
		}
		w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "http://127.0.0.1:8080/#/sites" {
			t.Fatalf("%d %v %s\n%s", w.Code, w.Header(), w.Body, s.log)
		}
		session := cookiesIn(w)
		who := decode[struct {
			Authenticated bool
			User          struct{ Login string }
		}](t, s.anyone("GET", "/api/auth/session", "", "Cookie", session))
		if !who.Authenticated || who.User.Login != "nina" {
			t.Fatalf("%+v", who)
		}
		end, err := url.Parse(decode[struct{ Redirect string }](t, s.anyone("POST", "/api/auth/logout", "", "Cookie", session)).Redirect)
		if err != nil {
			t.Fatal(err)
		}
		if q := end.Query(); !strings.HasPrefix(end.String(), p.URL) || q.Get("id_token_hint") == "" || len(q.Get("state")) < 32 || q.Get("post_logout_redirect_uri") != "http://127.0.0.1:8080/" {
			t.Errorf("logout at %s", end)
		}
	}
	u, err := s.store.UserByLogin(t.Context(), "nina")
	if err != nil || u.OIDCSub != "id1" {
		t.Errorf("%+v, %v", u, err)
	}
}

// ProConnect refuses any parameter that it does not expect.
func TestOIDCWithoutPKCE(t *testing.T) {
	no := false
	s, p := newOIDC(t, func(cfg *auth.Provider) { cfg.PKCE = &no })
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	to, cookies := s.toProvider(t, "/")
	names := slices.Sorted(maps.Keys(to.Query()))
	if want := []string{"client_id", "nonce", "redirect_uri", "response_type", "scope", "state"}; !slices.Equal(names, want) {
		t.Errorf("parameters %v, want %v", names, want)
	}
	if w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies); loginError(w) != "http://127.0.0.1:8080/" {
		t.Errorf("%s", loginError(w))
	}
}

// Nobody comes in but who was let in: an account is neither made nor taken over.
func TestOIDCNeedsAPreparedAccount(t *testing.T) {
	p := newIDP(t)
	for name, prepare := range map[string]func(t *testing.T, s *server, p *idp){
		"no account":     func(*testing.T, *server, *idp) {},
		"another issuer": func(t *testing.T, s *server, _ *idp) { s.prepare(t, "https://other.example", "test-user@zitadel.ch") },
		"no issuer":      func(t *testing.T, s *server, _ *idp) { s.prepare(t, "", "test-user@zitadel.ch") },
		"another address": func(t *testing.T, s *server, p *idp) {
			s.prepare(t, p.URL, "test-user@zitadel.example")
		},
		"address that only looks alike": func(t *testing.T, s *server, p *idp) {
			s.prepare(t, p.URL, "test-uſer@zitadel.ch")
		},
		"address not verified": func(t *testing.T, s *server, p *idp) {
			s.prepare(t, p.URL, "test-user@zitadel.ch")
			p.userinfo = func(c map[string]any) { c["email_verified"] = false }
		},
		"nothing said of the address": func(t *testing.T, s *server, p *idp) {
			s.prepare(t, p.URL, "test-user@zitadel.ch")
			p.userinfo = func(c map[string]any) { delete(c, "email_verified") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServerFor(t, p, func(*auth.Provider) {})
			p.userinfo = nil
			prepare(t, s, p)
			to, cookies := s.toProvider(t, "/")
			if w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies); loginError(w) != "no-account" || strings.Contains(cookiesIn(w), "vigie=") {
				t.Errorf("%d %s, cookies %s", w.Code, loginError(w), cookiesIn(w))
			}
		})
	}
}

// What a provider, or someone in its place, may get wrong.
func TestForgedOIDC(t *testing.T) {
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	same := func(map[string]any) {}
	s, p := newOIDC(t, func(*auth.Provider) {})
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	for name, forge := range map[string]func(to *url.URL, cookies *string, callback *func(string) string){
		"audience": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.claims = func(c map[string]any) { c["aud"] = "another" }
		},
		"issuer": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.claims = func(c map[string]any) { c["iss"] = "https://other.example" }
		},
		"expired identity": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.claims = func(c map[string]any) { c["exp"] = now().Add(-time.Hour).Unix() }
		},
		"no nonce": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.claims = func(c map[string]any) { delete(c, "nonce") }
		},
		"another's key": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.claims, p.key = same, foreign
		},
		"userinfo of another": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.userinfo = func(c map[string]any) { c["sub"] = "id2" }
		},
		"userinfo for another": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.userinfo = func(c map[string]any) { c["aud"] = "another" }
		},
		"userinfo with another's key": func(_ *url.URL, _ *string, _ *func(string) string) {
			p.userinfo, p.key = same, foreign
		},
		"nonce of another login": func(to *url.URL, _ *string, _ *func(string) string) {
			q := to.Query()
			q.Set("nonce", strings.Repeat("n", 40))
			to.RawQuery = q.Encode()
		},
		"state": func(to *url.URL, _ *string, _ *func(string) string) {
			q := to.Query()
			q.Set("state", strings.Repeat("s", 40))
			to.RawQuery = q.Encode()
		},
		"state twice": func(_ *url.URL, _ *string, callback *func(string) string) {
			*callback = func(to string) string { return to + "&state=" + strings.Repeat("s", 40) }
		},
		"code of another": func(_ *url.URL, _ *string, callback *func(string) string) {
			*callback = func(to string) string { return strings.Replace(to, "code=", "code=x", 1) }
		},
		"mixed-up issuer": func(_ *url.URL, _ *string, callback *func(string) string) {
			*callback = func(to string) string { return to + "&iss=https%3A%2F%2Fother.example" }
		},
		"another browser": func(_ *url.URL, cookies *string, _ *func(string) string) { *cookies = "" },
		"altered cookie": func(_ *url.URL, cookies *string, _ *func(string) string) {
			*cookies = "vigie-oidc=" + strings.Repeat("A", 200)
		},
		"too late": func(_ *url.URL, _ *string, callback *func(string) string) {
			*callback = func(to string) string { s.clock.advance(11 * time.Minute); return to }
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.claims, p.userinfo, p.key = nil, nil, nil
			to, cookies := s.toProvider(t, "/")
			callback := func(to string) string { return to }
			forge(to, &cookies, &callback)
			w := s.anyone("GET", callback(p.authorize(t, to)), "", "Cookie", cookies)
			if code := loginError(w); code != "login-invalid" && code != "login-expired" || strings.Contains(cookiesIn(w), "vigie=") {
				t.Errorf("%d %s, cookies %s", w.Code, code, cookiesIn(w))
			}
			if u, err := s.store.UserByLogin(t.Context(), "nina"); err != nil || u.OIDCSub != "" {
				t.Errorf("the account was linked: %+v, %v", u, err)
			}
		})
	}
	p.claims, p.userinfo, p.key = nil, nil, nil
	to, cookies := s.toProvider(t, "/")
	if w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies); loginError(w) != "http://127.0.0.1:8080/" {
		t.Errorf("what is not forged is refused too: %s", loginError(w))
	}
}

// A code, and a login, serve once.
func TestOIDCReplay(t *testing.T) {
	s, p := newOIDC(t, func(*auth.Provider) {})
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	to, cookies := s.toProvider(t, "/")
	back := p.authorize(t, to)
	if w := s.anyone("GET", back, "", "Cookie", cookies); loginError(w) != "http://127.0.0.1:8080/" {
		t.Fatal(loginError(w))
	}
	if w := s.anyone("GET", back, "", "Cookie", cookies); loginError(w) != "login-invalid" {
		t.Errorf("the code served twice: %s", loginError(w))
	}
}

// A signed answer is verified with the provider's keys, and is good.
func TestSignedUserinfo(t *testing.T) {
	s, p := newOIDC(t, func(*auth.Provider) {})
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	p.userinfo = func(c map[string]any) { c["aud"], c["iss"] = clientID, p.URL }
	to, cookies := s.toProvider(t, "/")
	if w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies); loginError(w) != "http://127.0.0.1:8080/" {
		t.Errorf("%s\n%s", loginError(w), s.log)
	}
}

// A level of authentication that was asked for must have been met.
func TestOIDCLevel(t *testing.T) {
	s, p := newOIDC(t, func(cfg *auth.Provider) { cfg.ACRValues = []string{"eidas2"} })
	s.prepare(t, p.URL, "test-user@zitadel.ch")
	for level, want := range map[string]string{"eidas1": "login-invalid", "eidas2": "http://127.0.0.1:8080/"} {
		p.claims = func(c map[string]any) { c["acr"] = level }
		to, cookies := s.toProvider(t, "/")
		if w := s.anyone("GET", p.authorize(t, to), "", "Cookie", cookies); to.Query().Get("acr_values") != "eidas2" || loginError(w) != want {
			t.Errorf("%s: %s", level, loginError(w))
		}
	}
}

// Coming back leads to this server only.
func TestOIDCReturn(t *testing.T) {
	s, _ := newOIDC(t, func(*auth.Provider) {})
	for _, back := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "evil", "javascript:alert(1)", "/\t/evil.example", "/\n"} {
		if w := s.anyone("GET", "/api/auth/oidc/idp/login?return="+url.QueryEscape(back), ""); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d %s", back, w.Code, w.Header().Get("Location"))
		}
	}
}

// The server does not need its providers to start, nor to answer.
func TestProviderAway(t *testing.T) {
	s, p := newOIDC(t, func(*auth.Provider) {})
	p.Close()
	if w := s.anyone("GET", "/api/auth/oidc/idp/login?return=/", ""); loginError(w) != "provider-unavailable" {
		t.Errorf("%d %s", w.Code, loginError(w))
	}
}
