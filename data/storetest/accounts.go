package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"vigie/data"
)

var national = data.Scope{National: true}

func account(id, login string, assignments ...data.Assignment) *data.User {
	return &data.User{ID: id, Login: login, Name: "Fictive " + id, Assignments: assignments, CreatedAt: noon}
}

func admin(scope data.Scope) data.Assignment {
	return data.Assignment{Role: data.RoleAdmin, Scope: scope}
}

func departments(codes ...string) data.Scope { return data.Scope{Departments: codes} }

func (f *fixture) put(u *data.User) error {
	return f.store.PutUser(f.Context(), f.operator, u, entry("user.put"))
}

func (f *fixture) mustPut(u *data.User) *data.User {
	f.Helper()
	if err := f.put(u); err != nil {
		f.Fatalf("put %s: %v", u.Login, err)
	}
	return u
}

func (f *fixture) user(id string) *data.User {
	f.Helper()
	u, err := f.store.UserByID(f.Context(), id)
	if err != nil {
		f.Fatalf("user %s: %v", id, err)
	}
	return u
}

// actions lists the actions of the journal, oldest first.
func (f *fixture) actions() (actions []string) {
	f.Helper()
	err := f.store.EachAuditRecord(f.Context(), f.operator, func(r *data.AuditRecord) error {
		actions = append(actions, r.Action)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	return actions
}

func testUsers(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	until := noon.Add(24 * time.Hour)
	full := account("u1", "Élodie.Straße", data.Assignment{
		Role: data.RoleInspector, Scope: data.Scope{Departments: []string{"99"}, Sites: []string{"s1"}},
		Restricted: true, MissionOrder: "2024-17", Expires: &until,
	})
	full.Email, full.Issuer, full.OIDCSub = "elodie@example.org", "https://issuer.example", "sub-1"
	f.mustPut(full)
	equal(t, "version", full.Version, int64(1))

	t.Run("every field comes back, by any way", func(t *testing.T) {
		for name, find := range map[string]func() (*data.User, error){
			"id":    func() (*data.User, error) { return f.store.UserByID(ctx, "u1") },
			"login": func() (*data.User, error) { return f.store.UserByLogin(ctx, "E\u0301LODIE.STRASSE") },
			"oidc":  func() (*data.User, error) { return f.store.UserByOIDC(ctx, "https://issuer.example", "sub-1") },
		} {
			got, err := find()
			if err != nil {
				t.Errorf("by %s: %v", name, err)
				continue
			}
			equal(t, "by "+name, got, full)
		}
		for name, find := range map[string]func() (*data.User, error){
			"id":      func() (*data.User, error) { return f.store.UserByID(ctx, "none") },
			"login":   func() (*data.User, error) { return f.store.UserByLogin(ctx, "elodie.strasse") },
			"subject": func() (*data.User, error) { return f.store.UserByOIDC(ctx, "https://issuer.example", "sub-2") },
			"issuer":  func() (*data.User, error) { return f.store.UserByOIDC(ctx, "https://other.example", "sub-1") },
		} {
			_, err := find()
			wantError(t, "unknown "+name, err, data.ErrNotFound)
		}
	})

	t.Run("a login and an identity are taken once", func(t *testing.T) {
		wantConflict(t, "same login in capitals", f.put(account("u2", "ÉLODIE.STRASSE")), "ÉLODIE.STRASSE")
		twin := account("u2", "twin")
		twin.Issuer, twin.OIDCSub = full.Issuer, full.OIDCSub
		wantConflict(t, "same identity", f.put(twin), "twin")
		twin.OIDCSub = "sub-2"
		f.mustPut(twin)
		f.mustPut(account("u3", "no identity"))
		f.mustPut(account("u4", "no identity either"))
	})

	t.Run("a stale version changes nothing", func(t *testing.T) {
		before := f.user("u1")
		for _, version := range []int64{0, 2, 9} {
			stale := *before
			stale.Version, stale.Name = version, "stale"
			wantConflict(t, fmt.Sprint("version ", version), f.put(&stale), "u1")
			equal(t, "version given back", stale.Version, version)
		}
		ghost := account("ghost", "ghost")
		ghost.Version = 1
		wantConflict(t, "a change of nobody", f.put(ghost), "ghost")
		equal(t, "account", f.user("u1"), before)
		next := *before
		next.Name, next.CreatedAt = "changed", noon.Add(time.Hour)
		f.mustPut(&next)
		got := f.user("u1")
		if got.Name != "changed" || got.Version != 2 || !got.CreatedAt.Equal(noon) {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("a login is noted", func(t *testing.T) {
		if err := f.store.Seen(ctx, "u1", noon, entry("login")); err != nil {
			t.Fatal(err)
		}
		wantError(t, "of nobody", f.store.Seen(ctx, "none", noon, entry("login")), data.ErrNotFound)
		u := f.user("u1")
		if u.SeenAt == nil || !u.SeenAt.Equal(noon) || u.Version != 2 {
			t.Errorf("got %+v", u)
		}
		f.mustPut(u)
		equal(t, "seen, after a change", f.user("u1").SeenAt, u.SeenAt)
	})

	t.Run("what is written is in the journal, what is refused is not", func(t *testing.T) {
		equal(t, "actions", f.actions(), []string{"user.put", "user.put", "user.put", "user.put", "user.put", "login", "user.put"})
	})
}

func testUserRights(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	f.mustPut(account("national", "national", admin(national)))
	f.mustPut(account("here", "here", data.Assignment{Role: data.RoleInspector, Scope: departments("98")}))
	f.mustPut(account("both", "both", data.Assignment{Role: data.RoleInspector, Scope: departments("98", "99")}))
	viewer := func(a data.Assignment) data.Viewer {
		return b.Viewer(data.ViewerSpec{Subject: "someone", Now: noon, Assignments: []data.Assignment{a}})
	}
	local, inspector := viewer(admin(departments("98"))), viewer(data.Assignment{Role: data.RoleManager, Scope: national})

	for name, v := range map[string]data.Viewer{"a manager": inspector, "nobody": {}} {
		_, err := f.store.Users(ctx, v)
		wantError(t, name+" lists", err, data.ErrForbidden)
		wantError(t, name+" puts", f.store.PutUser(ctx, v, account("x", "x"), entry("x")), data.ErrForbidden)
		wantError(t, name+" erases", f.store.EraseUser(ctx, v, "here", entry("x")), data.ErrForbidden)
		wantError(t, name+" erases nobody", f.store.EraseUser(ctx, v, "none", entry("x")), data.ErrForbidden)
	}
	list := func(v data.Viewer) (ids []string) {
		users, err := f.store.Users(ctx, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			ids = append(ids, u.ID)
		}
		return ids
	}
	equal(t, "listed for the operator, in login order", list(f.operator), []string{"both", "here", "national"})
	equal(t, "listed for a local admin", list(local), []string{"here"})

	// A local admin gives nothing that is not its own, and takes nothing away elsewhere.
	for name, u := range map[string]*data.User{
		"a national admin":  account("x", "x", admin(national)),
		"an admin next to":  account("x", "x", admin(departments("99"))),
		"also another part": account("x", "x", admin(departments("98")), data.Assignment{Role: data.RoleInspector, Scope: departments("99")}),
		"its own promotion": account("here", "here", admin(national)),
	} {
		wantError(t, name, f.store.PutUser(ctx, local, u, entry("x")), data.ErrForbidden)
	}
	for _, id := range []string{"both", "national"} {
		taken := f.user(id)
		taken.Assignments = nil
		wantError(t, "taking the roles of "+id, f.store.PutUser(ctx, local, taken, entry("x")), data.ErrForbidden)
		wantError(t, "erasing "+id, f.store.EraseUser(ctx, local, id, entry("x")), data.ErrForbidden)
	}
	if err := f.store.PutUser(ctx, local, account("new", "new", admin(departments("98"))), entry("x")); err != nil {
		t.Errorf("an admin of its own département: %v", err)
	}
	wantError(t, "erasing nobody", f.store.EraseUser(ctx, f.operator, "none", entry("x")), data.ErrNotFound)

	// A named home is where it is; two départements may come from two assignments.
	f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s98", "98", "Foyer fictif", 1), site("s99", "99", "Foyer fictif", 1), site("s", "", "Foyer fictif", 1)}})
	found, err := f.store.HomeDepartments(ctx, []string{"s99", "s98", "s", "none"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "départements of homes", found, map[string]string{"s98": "98", "s99": "99", "s": ""})
	provider := func(ids ...string) *data.User {
		return account("p", "p", data.Assignment{Role: data.RoleProvider, Scope: data.Scope{Sites: ids}})
	}
	for _, id := range []string{"s99", "s", "none"} {
		wantError(t, "a provider of "+id, f.store.PutUser(ctx, local, provider("s98", id), entry("x")), data.ErrForbidden)
	}
	if err := f.store.PutUser(ctx, local, provider("s98"), entry("x")); err != nil {
		t.Errorf("a provider of its own département: %v", err)
	}
	equal(t, "listed with the provider", list(local), []string{"here", "new", "p"})
	twice := b.Viewer(data.ViewerSpec{Subject: "someone", Now: noon, Assignments: []data.Assignment{admin(departments("98")), admin(departments("99"))}})
	equal(t, "listed for an admin of both", list(twice), []string{"both", "here", "new", "p"})

	// Restricted layers are given by who sees them; an account without roles is nobody's
	// but a national administrator's.
	police := account("q", "q", data.Assignment{Role: data.RoleInspector, Scope: departments("98"), Restricted: true})
	wantError(t, "restricted layers", f.store.PutUser(ctx, local, police, entry("x")), data.ErrForbidden)
	wantError(t, "no role", f.store.PutUser(ctx, local, account("n", "n"), entry("x")), data.ErrForbidden)
}

func testLastAdmin(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	f.mustPut(account("first", "first", data.Assignment{Role: data.RoleInspector, Scope: departments("99")})) // before there is any admin
	past, future := noon.Add(-time.Second), noon.Add(time.Second)
	last := account("a", "a", admin(national))
	f.mustPut(last)
	disabled := account("d", "d", admin(national))
	disabled.Disabled = true
	f.mustPut(disabled)
	f.mustPut(account("l", "l", admin(departments("99"))))
	expired := admin(national)
	expired.Expires = &past
	f.mustPut(account("e", "e", expired))

	for name, spoil := range map[string]func(*data.User){
		"disabled":  func(u *data.User) { u.Disabled = true },
		"removed":   func(u *data.User) { u.Assignments = nil },
		"local":     func(u *data.User) { u.Assignments = []data.Assignment{admin(departments("99"))} },
		"expired":   func(u *data.User) { u.Assignments = []data.Assignment{expired} },
		"inspector": func(u *data.User) { u.Assignments[0].Role = data.RoleInspector },
	} {
		u := f.user("a")
		spoil(u)
		wantConflict(t, name, f.put(u), "a")
	}
	wantConflict(t, "erased", f.store.EraseUser(ctx, f.operator, "a", entry("x")), "a")
	equal(t, "the last admin", f.user("a"), last)

	another := admin(national)
	another.Expires = &future
	f.mustPut(account("b", "b", another))
	// Two who each take the other for the one that stays.
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, id := range []string{"a", "b"} {
		u := f.user(id)
		u.Disabled = true
		group.Go(func() { errs[i] = f.put(u) })
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both were disabled, or none: %v", errs)
	}
}

func testCredentials(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	f.mustPut(account("u", "u"))
	update := func(change func(*data.Credentials) bool) error {
		return f.store.UpdateCredentials(ctx, "u", change, entry("credentials"))
	}
	none, err := f.store.CredentialsOf(ctx, "u")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "before any", *none, data.Credentials{UserID: "u"})
	for name, err := range map[string]error{
		"read":   second(f.store.CredentialsOf(ctx, "none")),
		"link":   second(f.store.CredentialsByRecovery(ctx, []byte("none"))),
		"change": f.store.UpdateCredentials(ctx, "none", func(*data.Credentials) bool { return true }, entry("x")),
	} {
		wantError(t, name+" of nobody", err, data.ErrNotFound)
	}

	full := data.Credentials{
		UserID: "u", PasswordHash: "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", TOTPSecret: []byte{0, 1, 2}, TOTPStep: 5,
		RecoveryHash: bytes.Repeat([]byte{7}, 32), RecoveryExpires: noon,
	}
	if err := update(func(c *data.Credentials) bool { *c = full; return true }); err != nil {
		t.Fatal(err)
	}
	got, err := f.store.CredentialsByRecovery(ctx, full.RecoveryHash)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "every field", *got, full)
	equal(t, "has TOTP", f.user("u").HasTOTP, true)
	if err := update(func(c *data.Credentials) bool { c.PasswordHash = "lost"; return false }); err != nil {
		t.Fatal(err)
	}
	equal(t, "entries", len(f.actions()), 2)

	// Through two stores, as two processes would.
	stores := []data.Store{f.store, f.open()}
	race := func(change func(*data.Credentials) bool) (won int) {
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				accepted := false
				err := stores[i%2].UpdateCredentials(ctx, "u", func(c *data.Credentials) bool { accepted = change(c); return accepted }, entry("race"))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if accepted {
					won++
				}
			})
		}
		group.Wait()
		return won
	}
	equal(t, "times a step of TOTP served", race(func(c *data.Credentials) bool {
		fresh := c.TOTPStep < 6
		c.TOTPStep = 6
		return fresh
	}), 1)
	equal(t, "times a recovery link served", race(func(c *data.Credentials) bool {
		valid := bytes.Equal(c.RecoveryHash, full.RecoveryHash)
		c.RecoveryHash, c.PasswordHash = nil, "new"
		return valid
	}), 1)
	wantError(t, "a link that served", second(f.store.CredentialsByRecovery(ctx, full.RecoveryHash)), data.ErrNotFound)
	got, err = f.store.CredentialsOf(ctx, "u")
	if err != nil || got.PasswordHash != "new" || got.TOTPStep != 6 || !got.RecoveryExpires.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	equal(t, "entries of what was accepted", len(f.actions()), 4)
	if err := update(func(c *data.Credentials) bool { c.TOTPSecret = nil; return true }); err != nil || f.user("u").HasTOTP {
		t.Errorf("TOTP removed: %v", err)
	}
}

// second gives the error of a call that also has a value.
func second[T any](_ T, err error) error { return err }

func testTokens(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	f.mustPut(account("u", "u"))
	f.mustPut(account("v", "v"))
	token := func(id, user string) *data.Token {
		return &data.Token{
			ID: id, UserID: user, Name: "QGIS " + id, Hash: bytes.Repeat([]byte(id), 32), Exact: true,
			Purpose: "planning", Created: noon, Expires: noon.Add(time.Hour),
		}
	}
	one := token("1", "u")
	for _, tk := range []*data.Token{one, token("2", "u"), token("3", "v")} {
		if err := f.store.PutToken(ctx, tk, entry("token.add")); err != nil {
			t.Fatal(err)
		}
	}
	again := token("4", "u")
	again.Hash = one.Hash
	wantConflict(t, "same hash", f.store.PutToken(ctx, again, entry("x")), "4")
	wantConflict(t, "same id", f.store.PutToken(ctx, token("1", "v"), entry("x")), "1")
	wantError(t, "of nobody", f.store.PutToken(ctx, token("5", "none"), entry("x")), data.ErrNotFound)

	use := func(at time.Time) *time.Time {
		t.Helper()
		got, err := f.store.TokenByHash(ctx, one.Hash, at)
		if err != nil {
			t.Fatal(err)
		}
		used := got.UsedAt
		got.UsedAt = nil
		equal(t, "every field", got, one)
		return used
	}
	for _, c := range []struct{ after, noted time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}} {
		if got := use(noon.Add(c.after)); got == nil || !got.Equal(noon.Add(c.noted)) {
			t.Errorf("used after %v, noted %v", c.after, got)
		}
	}
	wantError(t, "expired", second(f.store.TokenByHash(ctx, one.Hash, one.Expires)), data.ErrNotFound)
	wantError(t, "unknown", second(f.store.TokenByHash(ctx, []byte("none"), noon)), data.ErrNotFound)

	wantError(t, "dropped by another", f.store.DropToken(ctx, "v", "1", entry("x")), data.ErrNotFound)
	if err := f.store.DropToken(ctx, "u", "1", entry("token.drop")); err != nil {
		t.Fatal(err)
	}
	wantError(t, "dropped twice", f.store.DropToken(ctx, "u", "1", entry("x")), data.ErrNotFound)
	wantError(t, "dropped", second(f.store.TokenByHash(ctx, one.Hash, noon)), data.ErrNotFound)
	list, err := f.store.Tokens(ctx, "u")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "tokens left", list, []data.Token{*token("2", "u")})
	equal(t, "entries", f.actions()[2:], []string{"token.add", "token.add", "token.add", "token.drop"})
}

func testSessions(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	u := f.mustPut(account("u", "u"))
	hash := func(name string) []byte { return bytes.Repeat([]byte(name), 32) }
	session := func(name, user string, expires time.Time) *data.Session {
		return &data.Session{Hash: hash(name), UserID: user, Data: []byte(name), Expires: expires}
	}
	add := func(name, user string, expires time.Time) {
		t.Helper()
		if err := f.store.AddSession(ctx, session(name, user, expires)); err != nil {
			t.Fatal(err)
		}
	}
	has := func(name string, at time.Time) bool {
		t.Helper()
		got, err := f.store.Session(ctx, hash(name), at)
		if err != nil {
			wantError(t, name, err, data.ErrNotFound)
			return false
		}
		return string(got.Data) == name && bytes.Equal(got.Hash, hash(name))
	}
	end := noon.Add(time.Hour)
	add("a", "", end)
	equal(t, "before login", has("a", noon), true)
	if err := f.store.UpdateSession(ctx, session("a", "u", end)); err != nil {
		t.Fatal(err)
	}
	got, err := f.store.Session(ctx, hash("a"), noon)
	if err != nil || got.UserID != "u" || !got.Expires.Equal(end) {
		t.Errorf("got %+v, %v", got, err)
	}
	equal(t, "at its end", has("a", end), false)
	wantError(t, "of nobody", f.store.AddSession(ctx, session("x", "none", end)), data.ErrNotFound)
	wantError(t, "given to nobody", f.store.UpdateSession(ctx, session("a", "none", end)), data.ErrNotFound)
	equal(t, "given to nobody", has("a", noon), true)
	if err := f.store.AddSession(ctx, session("a", "", end)); err == nil {
		t.Error("a secret serves two sessions")
	}

	add("b", "u", end.Add(time.Minute))
	add("c", "", end)
	add("g", "u", noon.Add(time.Minute))
	list := func(user string, at time.Time) (names []string) {
		t.Helper()
		sessions, err := f.store.Sessions(ctx, user, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sessions {
			if s.UserID != user || !bytes.Equal(s.Hash, hash(string(s.Data))) || !s.Expires.After(at) {
				t.Errorf("listed %+v", s)
			}
			names = append(names, string(s.Data))
		}
		return names
	}
	equal(t, "own", list("u", noon), []string{"b", "a", "g"})
	equal(t, "own, not expired", list("u", noon.Add(time.Minute)), []string{"b", "a"})
	equal(t, "of nobody", list("", noon), nil)
	if err := f.store.DropSessions(ctx, "u", hash("a")); err != nil {
		t.Fatal(err)
	}
	equal(t, "kept, other, anonymous", []bool{has("a", noon), has("b", noon), has("c", noon)}, []bool{true, false, true})
	if err := errors.Join(f.store.DropSession(ctx, hash("c")), f.store.DropSession(ctx, hash("c"))); err != nil {
		t.Fatal(err)
	}
	wantError(t, "written again after its end", f.store.UpdateSession(ctx, session("b", "u", end)), data.ErrNotFound)
	equal(t, "written again after its end", has("b", noon), false)
	add("b", "u", end)
	if err := f.store.DropSessions(ctx, "u", nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "after all ended", []bool{has("a", noon), has("b", noon), has("c", noon)}, []bool{false, false, false})

	add("d", "u", end)
	u.Disabled = true
	f.mustPut(u)
	equal(t, "of a disabled account", has("d", noon), false)

	// What expired goes, even for a clock that goes back.
	add("e", "", noon)
	add("f", "", end)
	for i, expires := range []time.Time{noon, end} {
		if err := f.store.PutToken(ctx, &data.Token{ID: fmt.Sprint(i), UserID: "u", Hash: []byte{byte(i)}, Expires: expires}, entry("x")); err != nil {
			t.Fatal(err)
		}
	}
	link := func(expires time.Time) {
		if err := f.store.UpdateCredentials(ctx, "u", func(c *data.Credentials) bool {
			c.PasswordHash, c.RecoveryHash, c.RecoveryExpires = "kept", hash("l"), expires
			return true
		}, entry("x")); err != nil {
			t.Fatal(err)
		}
	}
	link(end)
	sweep := func(now time.Time) {
		t.Helper()
		if err := f.store.SweepSessions(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	sweep(noon.Add(time.Second))
	tokens, err := f.store.Tokens(ctx, "u")
	if err != nil || len(tokens) != 1 || tokens[0].ID != "1" {
		t.Errorf("tokens %+v, %v", tokens, err)
	}
	equal(t, "swept, not yet", []bool{has("e", noon.Add(-time.Hour)), has("f", noon)}, []bool{false, true})
	if _, err := f.store.CredentialsByRecovery(ctx, hash("l")); err != nil {
		t.Errorf("a link that holds: %v", err)
	}
	sweep(end.Add(time.Second))
	wantError(t, "a link that expired", second(f.store.CredentialsByRecovery(ctx, hash("l"))), data.ErrNotFound)
	c, err := f.store.CredentialsOf(ctx, "u")
	if err != nil || c.PasswordHash != "kept" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func testGrants(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	f.mustPut(account("u", "u"))
	f.mustPut(account("v", "v"))
	grant := func(id, user string, scope data.Scope, at time.Time) *data.Grant {
		return &data.Grant{
			ID: id, Kind: data.GrantExact, State: data.GrantRequested, UserID: user, Login: user, Scope: scope,
			Purpose: "étude", RequestedAt: at,
		}
	}
	one := grant("1", "u", departments("98"), noon)
	for _, g := range []*data.Grant{one, grant("2", "v", departments("98", "99"), noon.Add(time.Hour)), grant("3", "u", departments("99"), noon.Add(2*time.Hour))} {
		if err := f.store.PutGrant(ctx, g, entry("grant.request")); err != nil {
			t.Fatal(err)
		}
		equal(t, "version", g.Version, int64(1))
	}
	got, err := f.store.Grant(ctx, "1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "every field", got, one)
	wantError(t, "unknown", second(f.store.Grant(ctx, "none")), data.ErrNotFound)
	wantError(t, "of nobody", f.store.PutGrant(ctx, grant("4", "none", national, noon), entry("x")), data.ErrNotFound)

	ids := func(grants []data.Grant, err error) (ids []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range grants {
			ids = append(ids, g.ID)
		}
		return ids
	}
	manager := b.Viewer(data.ViewerSpec{Subject: "m", Now: noon, Assignments: []data.Assignment{{Role: data.RoleManager, Scope: departments("98")}}})
	equal(t, "own, newest first", ids(f.store.GrantsOf(ctx, "u")), []string{"3", "1"})
	equal(t, "to decide", ids(f.store.Grants(ctx, manager, "m")), []string{"1"})
	equal(t, "own and to decide", ids(f.store.Grants(ctx, manager, "v")), []string{"2", "1"})
	equal(t, "without the right", ids(f.store.Grants(ctx, data.Viewer{}, "u")), []string{"3", "1"})

	// Two decide, or use, the same grant: one does.
	var group sync.WaitGroup
	errs := make([]error, 4)
	stores := []data.Store{f.store, f.open()}
	for i := range errs {
		g := *one
		g.State, g.DecidedBy = data.GrantApproved, fmt.Sprint(i)
		group.Go(func() { errs[i] = stores[i%2].PutGrant(ctx, &g, entry("grant.approve")) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantConflict(t, "late", err, "1")
		}
	}
	equal(t, "decisions", won, 1)
	equal(t, "entries", f.actions()[2:], []string{"grant.request", "grant.request", "grant.request", "grant.approve"})
	wantConflict(t, "a change of what is not there", f.store.PutGrant(ctx, &data.Grant{ID: "9", UserID: "u", Version: 1}, entry("x")), "9")
}

func testErasure(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	u := account("u", "camille.fictive")
	u.Email = "camille@example.org"
	f.mustPut(u)
	f.mustPut(account("v", "v"))
	batch := imported("i", data.Batch{})
	batch.Import.By = u.Login
	f.mustWrite(batch)
	camille := b.Viewer(data.ViewerSpec{Subject: u.Login, Writes: true, Precision: data.ViewExact})
	f.mustWrite(imported("j", data.Batch{}))
	if _, err := f.store.UndoImport(ctx, camille, "j", data.AuditEntry{At: noon, Action: "undo"}); err != nil {
		t.Fatal(err)
	}
	hash := bytes.Repeat([]byte{1}, 32)
	expires := noon.Add(time.Hour)
	if err := errors.Join(
		f.store.UpdateCredentials(ctx, "u", func(c *data.Credentials) bool {
			c.PasswordHash, c.RecoveryHash, c.RecoveryExpires = "hash", hash, expires
			return true
		}, entry("x")),
		f.store.AddSession(ctx, &data.Session{Hash: hash, UserID: "u", Expires: expires}),
		f.store.PutToken(ctx, &data.Token{ID: "t", UserID: "u", Hash: hash, Expires: expires}, entry("x")),
		f.store.PutGrant(ctx, &data.Grant{ID: "own", UserID: "u", Login: u.Login, State: data.GrantApproved}, entry("x")),
		f.store.PutGrant(ctx, &data.Grant{ID: "decided", UserID: "v", Login: "v", State: data.GrantApproved, DecidedBy: u.Login}, entry("x")),
	); err != nil {
		t.Fatal(err)
	}
	before := len(f.actions())
	if err := f.store.EraseUser(ctx, f.operator, "u", entry("user.erase")); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"account":     second(f.store.UserByID(ctx, "u")),
		"login":       second(f.store.UserByLogin(ctx, u.Login)),
		"credentials": second(f.store.CredentialsOf(ctx, "u")),
		"link":        second(f.store.CredentialsByRecovery(ctx, hash)),
		"session":     second(f.store.Session(ctx, hash, noon)),
		"token":       second(f.store.TokenByHash(ctx, hash, noon)),
		"grant":       second(f.store.Grant(ctx, "own")),
		"erased":      f.store.EraseUser(ctx, f.operator, "u", entry("x")),
	} {
		wantError(t, name, err, data.ErrNotFound)
	}
	decided, err := f.store.Grant(ctx, "decided")
	if err != nil || decided.DecidedBy != "" || decided.State != data.GrantApproved || decided.Version != 2 {
		t.Errorf("a grant that it decided: %+v, %v", decided, err)
	}
	imports, err := f.store.Imports(ctx, f.operator, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, im := range imports {
		if im.By == u.Login || im.UndoneBy == u.Login {
			t.Errorf("import %s names it: %+v", im.ID, im)
		}
	}
	equal(t, "the journal grew by the erasure", len(f.actions()), before+1)
	records, err := f.store.AuditRecords(ctx, f.operator, data.AuditQuery{Subject: u.Login, Limit: 10})
	if err != nil || len(records) != 1 {
		t.Errorf("what it did: %+v, %v", records, err)
	}
}
