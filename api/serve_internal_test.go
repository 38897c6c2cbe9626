package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// A request that does not end is cut once its time is over: its context ends,
// and the stop is reported as not orderly.
func TestServeCutsWhatDoesNotEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, cut := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done()
		close(cut)
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		stopped <- serve(ctx, listener, handler, slog.New(slog.DiscardHandler), 50*time.Millisecond)
	}()
	go func() {
		if response, err := http.Get("http://" + listener.Addr().String()); err == nil {
			response.Body.Close()
		}
	}()
	<-started
	stop()
	select {
	case <-cut:
	case <-time.After(5 * time.Second):
		t.Fatal("the request outlived the abort timer")
	}
	if err := <-stopped; err == nil {
		t.Error("requests were cut, and no error says so")
	}
}

func TestPublicURL(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "http://localhost:8080": "http://localhost:8080", "http://127.0.0.1/vigie/": "http://127.0.0.1/vigie", "https://[::1]:8443": "https://[::1]:8443",
	} {
		if got, err := publicURL(in); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"localhost:8080", "ftp://localhost", "https://vigie.example", "http://localhost/?a=b", "http://user@localhost", "http://", ":"} {
		if got, err := publicURL(in); err == nil {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}
