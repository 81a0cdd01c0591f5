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
	maxHeader      = 64 << 10
)

// limits are how long a connection may take for what is no exchange: its next
// header, and nothing at all between two of them.
type limits struct{ header, idle time.Duration }

func connectionLimits() limits { return limits{header: 10 * time.Second, idle: 2 * time.Minute} }

// Serve answers HTTP until the context ends, then gives running requests the
// grace to finish. Slow clients are given up: each has its time for header and
// body, and the number of connections is bounded.
func Serve(ctx context.Context, address string, h http.Handler, grace time.Duration) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	return connectionLimits().serve(ctx, netutil.LimitListener(listener, maxConnections), h, grace)
}

func (l limits) serve(ctx context.Context, listener net.Listener, h http.Handler, grace time.Duration) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: l.header, IdleTimeout: l.idle, MaxHeaderBytes: maxHeader,
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
