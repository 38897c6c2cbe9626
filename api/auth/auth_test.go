package auth_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"pgregory.net/rapid"

	"vigie/api/auth"
	"vigie/data"
)

func TestNobodyByDefault(t *testing.T) {
	c := &gin.Context{}
	if v := auth.ViewerOf(c); v.Precision() != data.ViewNone || v.Has() != 0 || v.Subject() != "" || auth.UserOf(c) != nil {
		t.Errorf("a request that was not identified is of %+v", v)
	}
}

func TestCheckPassword(t *testing.T) {
	for _, tt := range []struct{ login, password, code string }{
		{"mia", "lavande et granit 42", ""},
		{"mia", "correct horse battery staple", ""},
		{"mia", "Ünïcödé ☂ phrase", ""},
		{"mia", "éééééééééée", "password-too-short"}, // 11 characters, 22 bytes
		{"mia", "aaaaaaaaaaaaaaaaaaaa", "password-too-common"},
		{"mia", "qwertyuiop[]", "password-too-common"},
		{"mia", "password12345", "password-too-common"},
		{"mia", "abcdefghijklmnop", "password-too-common"},
		{"m.durand", "le chat de M.DURAND dort", "password-contains-login"},
		{"mia", strings.Repeat("lavande ", 40), "password-too-long"},
		{"mia", "lavande\xffet granit 42", "password-too-long"},
	} {
		err := auth.CheckPassword(tt.login, tt.password)
		var invalid *data.InvalidError
		code := ""
		if errors.As(err, &invalid) {
			code = invalid.Problems[0].Code
			if p := invalid.Problems[0]; p.Value != "" || p.Message.FR == "" || p.Message.EN == "" {
				t.Errorf("%q: problem %+v", tt.password, p)
			}
		}
		if code != tt.code {
			t.Errorf("%q: %q, want %q", tt.password, code, tt.code)
		}
	}
}

// Judging never fails, and a password that is refused is not told again.
func TestCheckPasswordOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.String().Draw(t, "password")
		if err := auth.CheckPassword("mia", password); err != nil && len(password) > 3 && strings.Contains(err.Error(), password) {
			t.Fatalf("%v", err)
		}
	})
}

func TestHashPassword(t *testing.T) {
	a, err := auth.HashPassword(t.Context(), "lavande et granit 42")
	if err != nil {
		t.Fatal(err)
	}
	b, err := auth.HashPassword(t.Context(), "lavande et granit 42")
	if err != nil {
		t.Fatal(err)
	}
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%s, %s", a, b)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	for range 20 { // a place may be free at the same moment
		if _, err := auth.HashPassword(ended, "lavande et granit 42"); errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("hashes are made for requests that have ended")
}

func TestReadProviders(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secret", "s3cret\n")
	entry := func(id, label, issuer, client, file, more string) string {
		return fmt.Sprintf(`[{"id":%q,"label":%s,"issuer":%q,"client_id":%q,"client_secret_file":%q%s}]`, id, label, issuer, client, file, more)
	}
	const label, issuer = `{"fr":"ProConnect","en":"ProConnect"}`, "https://idp.example/api/v2"
	list, err := auth.ReadProviders(write("good.json", entry("proconnect", label, issuer, "vigie", "secret", `,"scopes":["email"],"pkce":false`)))
	if err != nil || len(list) != 1 || list[0].ClientSecret != "s3cret" || *list[0].PKCE {
		t.Errorf("%+v, %v", list, err)
	}
	for name, content := range map[string]string{
		"id": entry("Pro Connect", label, issuer, "vigie", "secret", ""), "label": entry("a", `{"fr":"A"}`, issuer, "vigie", "secret", ""),
		"issuer": entry("a", label, "http://idp.example", "vigie", "secret", ""), "client": entry("a", label, issuer, "", "secret", ""),
		"secret": entry("a", label, issuer, "vigie", "none", ""), "unknown member": entry("a", label, issuer, "vigie", "secret", `,"pckе":false`),
		"not JSON": "id: a",
	} {
		if list, err := auth.ReadProviders(write("bad.json", content)); err == nil {
			t.Errorf("%s: accepted as %+v", name, list)
		}
	}
}

func TestWords(t *testing.T) {
	if got := fmt.Sprint(auth.RightWords(auth.RoleViewer(data.RoleAdmin).Has())); got != "[import users audit]" {
		t.Errorf("%s", got)
	}
	for precision, want := range map[data.ViewPrecision]string{data.ViewNone: "none", data.ViewMasked: "masked", data.ViewExact: "exact"} {
		if got := auth.PrecisionWord(precision); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, p := range auth.Purposes() {
		if p.ID == "" || p.Label.FR == "" || p.Label.EN == "" {
			t.Errorf("%+v", p)
		}
	}
}
