package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"vigie/api/web"
)

// Time-outs of connections. Routes that take longer, such as uploads, extend
// theirs.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = web.DefaultTimeout + 30*time.Second
	idleTimeout       = 2 * time.Minute
	// abortAfter is how long requests in progress may take once the server is told to stop.
	abortAfter     = 10 * time.Second
	maxHeaderBytes = 64 << 10
)

// Serve answers requests on the listener until ctx ends, then lets those in
// progress finish for ten seconds, then cuts them. It closes the listener. The
// error is nil after an orderly stop.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	return serve(ctx, listener, handler, log, abortAfter)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger, abort time.Duration) error {
	// Requests outlive ctx by the time they are given to finish, not more.
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext:    func(net.Listener) context.Context { return requests },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping", "abort_after", abort)
	limit, cancel := context.WithTimeout(context.Background(), abort)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		cut()
		log.Warn("requests cut")
		return errors.Join(fmt.Errorf("serve: requests were cut after %s: %w", abort, err), server.Close())
	}
	return nil
}
