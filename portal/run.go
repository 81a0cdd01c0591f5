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
	headerWithin   = 10 * time.Second
	// answerWithin holds the longest wait for a change.
	answerWithin = 2 * time.Minute
	idleFor      = 2 * time.Minute
	maxHeader    = 64 << 10
	grace        = 20 * time.Second
	// apiWithin bounds a call of the API, waiting for a change included.
	apiWithin = 75 * time.Second
)

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
	return serve(ctx, netutil.LimitListener(listener, maxConnections), handler)
}

func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, WriteTimeout: answerWithin, IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
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
