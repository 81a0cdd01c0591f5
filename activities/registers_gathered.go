package activities

import (
	"context"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// gatheredFor is how long the answer of a register waits for those of the
// others before it is shown: registers that answer at once are one change of
// the order, and one reading of everybody who watches it.
const gatheredFor = 200 * time.Millisecond

// gathered are answers of registers that are not shown yet.
type gathered struct {
	write func(order.RegisterAnswers) error

	mu     sync.Mutex
	fresh  order.RegisterAnswers
	timer  *time.Timer
	failed error
}

// add takes an answer; it fails when an earlier one could not be shown.
func (g *gathered) add(_ context.Context, register string, state order.RegisterState) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fresh == nil {
		g.fresh = order.RegisterAnswers{}
		g.timer = time.AfterFunc(gatheredFor, func() { _ = g.end() })
	}
	g.fresh[register] = state
	return g.failed
}

// end shows what was not shown yet, and tells what could not be shown.
func (g *gathered) end() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if answers := g.take(); answers != nil && g.failed == nil {
		g.failed = g.write(answers)
	}
	return g.failed
}

// forget shows nothing more: what was not shown yet is shown otherwise.
func (g *gathered) forget() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.take()
	return g.failed
}

func (g *gathered) take() order.RegisterAnswers {
	answers := g.fresh
	g.fresh = nil
	if g.timer != nil {
		g.timer.Stop()
	}
	return answers
}
