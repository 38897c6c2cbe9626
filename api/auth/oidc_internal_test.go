package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// away is a provider that answers once it is let, and how often it was asked.
func away(t *testing.T) (p *provider, asked *atomic.Int32, answer chan int) {
	t.Helper()
	asked, answer = &atomic.Int32{}, make(chan int)
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(<-answer)
		fmt.Fprintf(w, `{"issuer":%q,"end_session_endpoint":"https://idp.example/end"}`, server.URL)
	})
	server.Start()
	t.Cleanup(server.Close)
	return &provider{Provider: Provider{Issuer: server.URL}, clock: time.Now}, asked, answer
}

// Who leaves does not wait for a provider that is slow, nor take the answer from the others.
func TestDiscoveryWaitsForNobody(t *testing.T) {
	p, asked, answer := away(t)
	leaving, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := p.discover(leaving)
		left <- err
	}()
	for asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	staying := make(chan error)
	for range 3 {
		go func() {
			found, err := p.discover(t.Context())
			if err == nil && found.endSession != "https://idp.example/end" {
				err = errors.New(found.endSession)
			}
			staying <- err
		}()
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	answer <- http.StatusOK
	for range 3 {
		if err := <-staying; err != nil {
			t.Error(err)
		}
	}
	if _, err := p.discover(t.Context()); err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

// A provider that fails is left alone for a moment, then asked again.
func TestDiscoveryRemembersFailures(t *testing.T) {
	p, asked, answer := away(t)
	at := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	p.clock = func() time.Time { return at }
	go func() { answer <- http.StatusServiceUnavailable }()
	for range 3 {
		if _, err := p.discover(t.Context()); err == nil {
			t.Error("found")
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times in a moment", asked.Load())
	}
	at = at.Add(askAgain)
	go func() { answer <- http.StatusOK }()
	if _, err := p.discover(t.Context()); err != nil || asked.Load() != 2 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

func TestLowerASCII(t *testing.T) {
	for in, want := range map[string]string{"Mia.K@Exemple.FR": "mia.k@exemple.fr", "mia.\u212a@\uff26r": "mia.\u212a@\uff26r", "É@[`{": "É@[`{", "": ""} {
		if got := lowerASCII(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
