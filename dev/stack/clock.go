package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/sandbox"
)

// movable tells whether days can be let pass: every part with a time must be the stack's own and have one clock. Tests with a product
// in their own process, or with workflows that skip time, have clocks of their own.
func (s *Stack) movable() bool {
	o := s.options
	return o.DatabaseURL == "" && o.TemporalAddress == "" && o.Product == nil && (!o.TemporalAlone || o.TemporalMoves) && !o.TimeSkipping
}

// Now is the time of the stack.
func (s *Stack) Now() time.Time { return s.clock.Now() }

func (s *Stack) openClock() (err error) {
	if s.clock, err = sandbox.OpenClock(filepath.Join(s.dir, "clock")); err != nil {
		return err
	}
	if s.clock.Ahead() > 0 && !s.movable() {
		return errors.New("days were let pass in this data directory: with servers of others the time would run back; use another directory")
	}
	return nil
}

func (s *Stack) prepareClock(ctx context.Context) error {
	if !s.movable() {
		return nil
	}
	return sandbox.Database(s.cluster.URL(database)).Prepare(ctx, s.clock.Ahead())
}

func (s *Stack) startSandbox(ctx context.Context) error {
	if s.movable() {
		o, err := s.TemporalOptions(TemporalOperator)
		if err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		o.Logger = log.NewStructuredLogger(slog.New(slog.DiscardHandler))
		c, err := client.DialContext(ctx, o)
		if err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		s.onClose(func() error { c.Close(); return nil })
		s.clock.Join(sandbox.World{
			Database: sandbox.Database(s.URLs.Database).Set, Ring: s.ring, Settle: sandbox.Settle(c),
			NextTimer: sandbox.NextTimer(s.cluster.URL(temporalDatabase)), Passed: s.cas.Publish,
		})
	}
	server, err := sandbox.Start(sandbox.Options{
		Listen: s.ports.listen(serviceSandbox), Addresses: s.addresses, Clock: s.clock, Registers: s.registers, Gateways: s.gateways,
		Issuer: s.issuer, Inbox: s.URLs.Inbox, Holders: s.people, Renew: s.renew,
	})
	if err != nil {
		return err
	}
	s.onClose(server.Close)
	s.URLs.Sandbox = server.URL()
	return nil
}

// addresses are those of the parts that an integrator meets.
func (s *Stack) addresses() map[string]string {
	u := s.URLs
	return map[string]string{"api": u.API, "contract": u.API + "/openapi.yaml", "storage": u.API + "/storage", "portal": u.Portal, "issuer": u.OIDC,
		"temporalUi": u.TemporalUI, "inbox": u.Inbox, "gateways": u.Gateways, "registers": u.Registers, "sandbox": u.Sandbox}
}

// renew gives a sample person a new key and certificate, under which the person signs in from now on.
func (s *Stack) renew(id string) (persons.Holder, error) {
	h, err := persons.Renew(filepath.Join(s.dir, "persons"), s.cas, s.clock.Now(), s.Holder(id).Person)
	if err != nil {
		return persons.Holder{}, err
	}
	s.holding.Lock()
	defer s.holding.Unlock()
	for i := range s.Holders {
		if s.Holders[i].ID == id {
			s.Holders[i] = h
		}
	}
	s.issuer.PutPerson(h.SignIn())
	return h, nil
}

// LetPass lets time pass for everybody, as the sandbox's door does; see sandbox.Clock.Advance.
func (s *Stack) LetPass(ctx context.Context, d time.Duration) error {
	_, err := s.clock.Advance(ctx, d)
	return err
}
