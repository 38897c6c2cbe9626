package main

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// The check of a container asks the server as it is set up there: everywhere, in clear
// behind a proxy or under its own certificate.
func TestHealth(t *testing.T) {
	status := http.StatusOK
	ready := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/ready" {
			status = http.StatusTeapot
		}
		w.WriteHeader(status)
	})
	plain, encrypted := httptest.NewServer(ready), httptest.NewTLSServer(ready)
	defer plain.Close()
	defer encrypted.Close()
	chain := write(t, filepath.Join(t.TempDir(), "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encrypted.Certificate().Raw})))
	port := func(s *httptest.Server) string {
		_, port, err := net.SplitHostPort(s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
	}{
		{"everywhere", []string{"--listen", "0.0.0.0:" + port(plain)}, 0},
		{"any address", []string{"--listen", ":" + port(plain)}, 0},
		{"named", []string{"--url", plain.URL + "/"}, 0},
		{"own certificate", []string{"--listen", ":" + port(encrypted), "--tls-cert", chain, "--public-url", "https://example.com"}, 0},
		{"certificate of another name", []string{"--listen", ":" + port(encrypted), "--tls-cert", chain, "--public-url", "https://vigie.example"}, exitFailure},
		{"no port", []string{"--listen", "127.0.0.1"}, exitUsage},
	} {
		if code, _, stderr := vigie(t, append([]string{"health"}, tt.args...)...); code != tt.code {
			t.Errorf("%s: exit %d: %s", tt.name, code, stderr)
		}
	}
	status = http.StatusServiceUnavailable
	if code, _, stderr := vigie(t, "health", "--listen", ":"+port(plain)); code != exitFailure || !strings.Contains(stderr, "503") {
		t.Errorf("not ready: exit %d: %s", code, stderr)
	}
}
