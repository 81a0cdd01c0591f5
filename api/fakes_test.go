package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// tokens are the callers by bearer token.
type tokens map[string]auth.Caller

func (k tokens) Authenticate(_ context.Context, authorization string) (auth.Caller, error) {
	switch authorization {
	case "":
		return auth.Caller{}, auth.ErrNoToken
	case "Bearer nobody-to-ask":
		return auth.Caller{}, fmt.Errorf("keys: %w", auth.ErrIssuerUnavailable)
	}
	if caller, ok := k[authorization]; ok {
		return caller, nil
	}
	return auth.Caller{}, &auth.TokenError{Reason: auth.ReasonExpired}
}

// egr answers who heads an organisation.
type egr struct {
	head registers.Head
	err  error
}

// Head answers for the organisation that was asked about, like the register.
func (e *egr) Head(_ context.Context, organisation order.UNP) (registers.Head, error) {
	head := e.head
	if head != (registers.Head{}) {
		head.UNP = organisation
	}
	return head, e.err
}

// stateRegisters agree with whoever is asked about, but for the answers they are told.
type stateRegisters struct {
	mu      sync.Mutex
	answers map[string]registers.Answer
	asked   []order.Subject
}

func (s *stateRegisters) Answers(_ context.Context, kind order.Kind, subject order.Subject) []registers.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, subject)
	var out []registers.Answer
	for _, name := range registers.Registers(kind) {
		a := registers.Answer{Register: name, State: order.RegisterAgrees, Report: order.Report{{Code: order.CheckPerson, Verdict: order.VerdictPassed}}}
		if told, ok := s.answers[name]; ok {
			a = told
		}
		out = append(out, a)
	}
	return out
}

// fakeChanges wakes those who wait for changes when it is told to.
type fakeChanges struct {
	mu      sync.Mutex
	waiters map[string][]chan struct{}
	// subscribed receives after each subscription.
	subscribed chan string
}

func newChanges() *fakeChanges {
	return &fakeChanges{waiters: map[string][]chan struct{}{}, subscribed: make(chan string, 100)}
}

func (f *fakeChanges) Subscribe(id string) (<-chan struct{}, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan struct{}, 1)
	f.waiters[id] = append(f.waiters[id], c)
	f.subscribed <- id
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.waiters, id)
	}
}

func (f *fakeChanges) wake(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.waiters[id] {
		select {
		case c <- struct{}{}:
		default: // one wake-up that has not been seen yet is enough
		}
	}
}

// stop ends all subscriptions as a process does that stops.
func (f *fakeChanges) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, waiters := range f.waiters {
		for _, c := range waiters {
			close(c)
		}
		f.waiters[id] = nil
	}
}

func (f *fakeChanges) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waiters)
}

// fakePrecheck answers for the certification authority.
type fakePrecheck struct{ err error }

func (f *fakePrecheck) Check(ca.Application) error { return f.err }

// signIns notes first sign-ins and answers with an order.
type signIns struct {
	orderID order.ID
	err     error
	at      time.Time
}

func (s *signIns) OrderOf(context.Context, []byte) (order.ID, error) { return s.orderID, s.err }

func (s *signIns) Activate(_ context.Context, _ []byte, at time.Time) (order.ID, error) {
	s.at = at
	return s.orderID, s.err
}
