package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/internal/cli"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/worker"
)

// InProcess runs API and worker inside this process, for tests that change how they connect to Temporal. It is used as
// Options.Product by way of its method Product.
type InProcess struct {
	// API and Worker change the connections of the two.
	API, Worker []engine.Option

	environment Environment
	cancel      context.CancelFunc
	ended       chan error
}

// Product takes the configuration over.
func (p *InProcess) Product(e Environment) Product {
	p.environment = e
	return p
}

// Migrate prepares database and Temporal server.
func (p *InProcess) Migrate(ctx context.Context) error {
	c, err := config.LoadMigrate(asMigration(p.environment))
	if err != nil {
		return err
	}
	return cli.Migrate(ctx, c, io.Discard)
}

const inProcessReady = 30 * time.Second

// Start runs both and waits until the API is ready.
func (p *InProcess) Start(ctx context.Context) error {
	forAPI, err := config.LoadAPI(p.environment)
	if err != nil {
		return err
	}
	forWorker, err := config.LoadWorker(p.environment)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel, p.ended = cancel, make(chan error, 2)
	go func() { p.ended <- named("api", api.Run(running, forAPI, p.API...)) }()
	go func() { p.ended <- named("worker", worker.Run(running, forWorker, p.Worker...)) }()
	return p.awaitReady(ctx)
}

func named(part string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", part, err)
}

func (p *InProcess) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, inProcessReady)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.environment["PUBLIC_URL"]+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(r); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-p.ended:
			p.ended <- nil
			return fmt.Errorf("ended while it started: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}

// Unexpected waits until one of them ends by itself.
func (p *InProcess) Unexpected(ctx context.Context) error {
	select {
	case err := <-p.ended:
		p.ended <- nil
		return fmt.Errorf("ended by itself: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// Stop ends both.
func (p *InProcess) Stop() error {
	if p.cancel == nil {
		return nil
	}
	p.cancel()
	p.cancel = nil
	return errors.Join(<-p.ended, <-p.ended)
}
