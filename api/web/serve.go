package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// What a connection may take of the server.
const (
	// maxConnections bounds those that are open at a time; others wait to be accepted.
	maxConnections = 4096
	headerWithin   = 10 * time.Second
	idleFor        = 2 * time.Minute
	maxHeader      = 64 << 10
)

// Serve answers HTTP until the context ends, then gives running requests the
// grace to finish. Slow clients are given up: each has its time for header and
// body, and the number of connections is bounded.
func Serve(ctx context.Context, address string, h http.Handler, grace time.Duration) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	return serve(ctx, netutil.LimitListener(listener, maxConnections), h, grace)
}

func serve(ctx context.Context, listener net.Listener, h http.Handler, grace time.Duration) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(late); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
