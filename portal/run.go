package portal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/netutil"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// What a connection may take of the server.
const (
	maxConnections = 2048
	maxHeader      = 64 << 10
	grace          = 20 * time.Second
	// apiWithin bounds a call of the API, waiting for a change included.
	apiWithin = 75 * time.Second
)

// deadlines are how long a connection may take: for a header, for a whole
// exchange, and for nothing in between.
type deadlines struct{ header, exchange, idle time.Duration }

// patience holds the longest wait for a change; forms have less time (package web).
func patience() deadlines {
	return deadlines{header: 10 * time.Second, exchange: 2 * time.Minute, idle: 2 * time.Minute}
}

// Run serves the portal until the context ends, then lets running requests finish.
func Run(ctx context.Context, c config.Site) error {
	log := telemetry.NewLogger(os.Stderr, telemetry.LogOptions{Process: "portal", Level: c.Log.Level, Text: c.Log.Format == config.LogText})
	handler, err := New(c, log, &http.Client{Timeout: apiWithin})
	if err != nil {
		return fmt.Errorf("portal: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", string(c.Pages.Address))
	if err != nil {
		return fmt.Errorf("portal: listen on %s: %w", c.Pages.Address, err)
	}
	log.InfoContext(ctx, "portal listens", "address", c.Pages.Address)
	return patience().serve(ctx, netutil.LimitListener(listener, maxConnections), handler)
}

func (d deadlines) serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: d.header, IdleTimeout: d.idle, MaxHeaderBytes: maxHeader,
		// A body that no handler wants is waited for all the same.
		ReadTimeout: d.exchange, WriteTimeout: d.exchange,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("portal: serve HTTP: %w", err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(late); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
