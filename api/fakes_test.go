package api

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/auth"
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

// bell wakes those who wait for changes when it is rung.
type bell struct {
	mu      sync.Mutex
	waiters map[string][]chan struct{}
	// subscribed receives after each subscription.
	subscribed chan string
}

func newBell() *bell {
	return &bell{waiters: map[string][]chan struct{}{}, subscribed: make(chan string, 100)}
}

func (b *bell) Subscribe(id string) (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	b.waiters[id] = append(b.waiters[id], c)
	b.subscribed <- id
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiters, id)
	}
}

func (b *bell) ring(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.waiters[id] {
		select {
		case c <- struct{}{}:
		default: // one wake-up that has not been seen yet is enough
		}
	}
}

// stop ends all subscriptions as a process does that stops.
func (b *bell) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, waiters := range b.waiters {
		for _, c := range waiters {
			close(c)
		}
		b.waiters[id] = nil
	}
}

func (b *bell) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiters)
}

// message is what the engine is asked to bring to a workflow.
type message struct {
	workflowID, name string
	// updateID is empty for starts and signals.
	updateID string
	// input is the first argument, or the workflow's input for UpdateOpen.
	input any
	// options are those of a workflow to start.
	options client.StartWorkflowOptions
}

// conductor stands for Temporal; the scripts answer in place of workflows.
type conductor struct {
	client.Client
	mu      sync.Mutex
	scripts map[string]func(message) (any, error)
	got     []message
	health  error
}

func newConductor() *conductor { return &conductor{scripts: map[string]func(message) (any, error){}} }

// on sets what answers an update or a signal; "open Order" answers starts.
func (e *conductor) on(name string, script func(message) (any, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scripts[name] = script
}

// refuse lets a message be refused like a workflow does.
func (e *conductor) refuse(name, errorType string) {
	e.on(name, func(message) (any, error) {
		return nil, temporal.NewNonRetryableApplicationError("refused", errorType, nil)
	})
}

func (e *conductor) run(script string, m message) (any, error) {
	e.mu.Lock()
	e.got = append(e.got, m)
	s, ok := e.scripts[script]
	e.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("nothing answers %s", script)
	}
	return s(m)
}

// last is the last message of a name.
func (e *conductor) last(name string) (message, int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found message
	n := 0
	for _, m := range e.got {
		if m.name == name {
			found, n = m, n+1
		}
	}
	return found, n
}

type startOperation struct {
	options  client.StartWorkflowOptions
	workflow string
	input    any
}

func (*startOperation) Get(context.Context) (client.WorkflowRun, error) { return nil, nil } //nolint:nilnil // nobody asks

func (e *conductor) NewWithStartWorkflowOperation(
	options client.StartWorkflowOptions, workflow any, args ...any,
) client.WithStartWorkflowOperation {
	return &startOperation{options: options, workflow: workflow.(string), input: args[0]}
}

func (e *conductor) UpdateWithStartWorkflow(
	_ context.Context, o client.UpdateWithStartWorkflowOptions,
) (client.WorkflowUpdateHandle, error) {
	start := o.StartWorkflowOperation.(*startOperation)
	m := message{workflowID: start.options.ID, name: o.UpdateOptions.UpdateName, input: start.input, options: start.options}
	return answer(e.run(m.name+" "+start.workflow, m))
}

func (e *conductor) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	m := message{workflowID: o.WorkflowID, name: o.UpdateName, updateID: o.UpdateID}
	if len(o.Args) > 0 {
		m.input = o.Args[0]
	}
	return answer(e.run(o.UpdateName, m))
}

func (e *conductor) SignalWorkflow(_ context.Context, workflowID, _, name string, arg any) error {
	_, err := e.run(name, message{workflowID: workflowID, name: name, input: arg})
	return err
}

func (e *conductor) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	return &client.CheckHealthResponse{}, e.health
}

// updateHandle carries an answer through JSON, as the wire does.
type updateHandle struct {
	client.WorkflowUpdateHandle
	value any
	err   error
}

// answer gives errors of the application with the outcome and those of the
// engine at once, like Temporal.
func answer(value any, err error) (client.WorkflowUpdateHandle, error) {
	if err == nil || isApplication(err) {
		return &updateHandle{value: value, err: err}, nil
	}
	return nil, err
}

func isApplication(err error) bool {
	_, ok := err.(*temporal.ApplicationError) //nolint:errorlint // the scripts return it bare
	return ok
}

func (h *updateHandle) Get(_ context.Context, out any) error {
	if h.err != nil {
		return h.err
	}
	raw, err := json.Marshal(h.value)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, out)
}

// signIns notes first sign-ins and answers with an order.
type signIns struct {
	orderID string
	err     error
	at      time.Time
}

func (s *signIns) Activate(_ context.Context, _ []byte, at time.Time) (string, error) {
	s.at = at
	return s.orderID, s.err
}
