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
