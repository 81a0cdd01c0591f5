package api

import (
	"context"
	"fmt"
	"sync"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// fakeTemporal answers in place of the workflows of orders.
type fakeTemporal struct {
	client.Client
	mu      sync.Mutex
	scripts map[string]func(message) error
	got     []message
	health  error
	// blocked are workflows that cannot go on, away says why nothing is known of any.
	blocked map[string]bool
	away    error
}

// Execution lets every workflow run.
func (f *fakeTemporal) Execution(_ context.Context, id string) (status.Execution, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := status.Execution{Running: true}
	if f.blocked[id] {
		out.Attempts = 9
	}
	return out, f.away
}

// message is what a workflow is told.
type message struct {
	workflowID, name string
	argument         any
}

// on sets what answers an update or a signal.
func (f *fakeTemporal) on(name string, script func(message) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scripts[name] = script
}

// refuse lets a message be refused like a workflow does.
func (f *fakeTemporal) refuse(name, errorType string) {
	f.on(name, func(message) error { return temporal.NewNonRetryableApplicationError("refused", errorType, nil) })
}

func (f *fakeTemporal) run(m message) error {
	f.mu.Lock()
	f.got = append(f.got, m)
	script, ok := f.scripts[m.name]
	f.mu.Unlock()
	if !ok {
		return fmt.Errorf("nothing answers %s", m.name)
	}
	return script(m)
}

// last is the last message of a name, and how many there were.
func (f *fakeTemporal) last(name string) (found message, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.got {
		if m.name == name {
			found, n = m, n+1
		}
	}
	return found, n
}

func (f *fakeTemporal) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	err := f.run(message{workflowID: o.WorkflowID, name: o.UpdateName})
	if _, refused := err.(*temporal.ApplicationError); refused || err == nil { //nolint:errorlint // the scripts return it bare
		return &updateHandle{err: err}, nil
	}
	return nil, err
}

func (f *fakeTemporal) SignalWorkflow(_ context.Context, workflowID, _, name string, argument any) error {
	return f.run(message{workflowID: workflowID, name: name, argument: argument})
}

func (f *fakeTemporal) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	return &client.CheckHealthResponse{}, f.health
}

// updateHandle holds an outcome.
type updateHandle struct {
	client.WorkflowUpdateHandle
	err error
}

func (h *updateHandle) Get(context.Context, any) error { return h.err }

// playWorkflows lets workflows answer whose every step goes well.
func (b *bundle) playWorkflows() {
	end := func(e order.End, reason order.EndReason) func(message) error {
		return func(m message) error {
			var id string
			err := b.pool.QueryRow(context.Background(), "SELECT id::text FROM orders WHERE number || '-order-' || id = $1", m.workflowID).Scan(&id)
			if err != nil {
				return err
			}
			orderID, err := order.ParseID(id)
			if err != nil {
				return err
			}
			_, err = b.orders.End(context.Background(), order.Ending{OrderID: orderID, End: e, Reason: reason, By: order.BySystem, At: b.now})
			b.changes.wake(id)
			return err
		}
	}
	b.temporal.on(workflows.UpdateWithdraw, end(order.EndWithdrawn, order.ReasonByApplicant))
	b.temporal.on(workflows.SignalRejected, end(order.EndRejected, order.ReasonByManager))
}

// fakeStarter starts no workflow and remembers which it should have started.
type fakeStarter struct {
	mu            sync.Mutex
	orders        []order.ID
	confirmations []order.ID
	err           error
}

func (f *fakeStarter) StartOrder(_ context.Context, r order.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = append(f.orders, r.ID)
	return f.err
}

func (f *fakeStarter) StartConfirmation(_ context.Context, c order.Confirmation) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.confirmations = append(f.confirmations, c.ID)
	return f.err
}
