package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/worker"
)

// The peers are workflows whose steps do nothing: what Temporal itself costs.
const (
	floorWorkflow = "BenchFloor"
	naiveWorkflow = "BenchNaive"
	peersQueue    = "bench-peers"
	stubActivity  = "BenchStep"

	signalApproved = "approved"
	signalPaid     = "paid"

	// peerPollers are as many as the product's worker has: with the SDK's two the pollers would be measured.
	peerPollers = 16
)

// peers runs both workflows in this process.
type peers struct {
	client client.Client
	worker sdkworker.Worker
	run    string
	serial atomic.Int64

	mu sync.Mutex
	// waits are closed in turn as a workflow comes to its waits.
	waits map[string][]chan struct{}
}

func startPeers(c client.Client) (*peers, error) {
	p := &peers{client: c, run: fmt.Sprint(time.Now().UnixNano()), waits: map[string][]chan struct{}{}}
	p.worker = sdkworker.New(c, peersQueue, sdkworker.Options{BuildID: worker.UnreleasedBuild, MaxConcurrentWorkflowTaskPollers: peerPollers,
		MaxConcurrentActivityTaskPollers: peerPollers})
	p.worker.RegisterWorkflowWithOptions(p.floor, workflow.RegisterOptions{Name: floorWorkflow})
	p.worker.RegisterWorkflowWithOptions(p.naive, workflow.RegisterOptions{Name: naiveWorkflow})
	p.worker.RegisterActivityWithOptions(func(context.Context, string) error { return nil }, activity.RegisterOptions{Name: stubActivity})
	return p, p.worker.Start()
}

func (p *peers) stop() error {
	p.worker.Stop()
	return nil
}

// floor is the least that an order could be: two waits for people and one step.
func (p *peers) floor(ctx workflow.Context, id string) error {
	p.wait(ctx, id, signalApproved, 0)
	p.wait(ctx, id, signalPaid, 0)
	return step(ctx, id).Get(ctx, nil)
}

// naive is an order as one would write it first: seven remote activities, two waits with deadlines.
func (p *peers) naive(ctx workflow.Context, id string) error {
	for range 3 { // two checks, and the order is saved
		if err := step(ctx, id).Get(ctx, nil); err != nil {
			return err
		}
	}
	p.wait(ctx, id, signalApproved, 5*24*time.Hour)
	p.wait(ctx, id, signalPaid, 10*24*time.Hour)
	for range 2 { // issue, store
		if err := step(ctx, id).Get(ctx, nil); err != nil {
			return err
		}
	}
	email, sms := step(ctx, id), step(ctx, id)
	if err := email.Get(ctx, nil); err != nil {
		return err
	}
	return sms.Get(ctx, nil)
}

func step(ctx workflow.Context, id string) workflow.Future {
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute}), stubActivity, id)
}

// wait waits for a signal, or so long when that is not 0.
func (p *peers) wait(ctx workflow.Context, id, name string, atMost time.Duration) {
	if !workflow.IsReplaying(ctx) {
		p.reached(id)
	}
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel()
	s := workflow.NewSelector(ctx).AddReceive(workflow.GetSignalChannel(ctx, name), func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
	if atMost != 0 {
		s.AddFuture(workflow.NewTimer(timer, atMost), func(workflow.Future) {})
	}
	s.Select(ctx)
}

// reached tells the load that a workflow waits.
func (p *peers) reached(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if list := p.waits[id]; len(list) > 0 {
		close(list[0])
		p.waits[id] = list[1:]
	}
}

func (p *peers) prepare(kind string) func(context.Context, int) ([]job, error) {
	return func(_ context.Context, n int) ([]job, error) {
		jobs := make([]job, 0, n)
		for range n {
			id := fmt.Sprintf("%s-%s-%d", kind, p.run, p.serial.Add(1))
			jobs = append(jobs, func(ctx context.Context) ([]time.Duration, error) { return p.drive(ctx, kind, id) })
		}
		return jobs, nil
	}
}

// taskEnds is how long after a workflow has come to its wait the task that brought it there has certainly been completed: a signal
// before would be handed over only then, and the floor would look slower than it is.
const taskEnds = 20 * time.Millisecond

// drive sends each signal when the workflow waits for it: sent earlier, one task would take two.
func (p *peers) drive(ctx context.Context, kind, id string) ([]time.Duration, error) {
	waits := []chan struct{}{make(chan struct{}), make(chan struct{})}
	p.mu.Lock()
	p.waits[id] = waits
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.waits, id)
	}()
	run, err := p.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: peersQueue}, kind, id)
	if err != nil {
		return nil, err
	}
	var paid time.Time
	for i, name := range []string{signalApproved, signalPaid} {
		select {
		case <-waits[i]:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		time.Sleep(taskEnds)
		paid = time.Now()
		if err := p.client.SignalWorkflow(ctx, id, "", name, nil); err != nil {
			return nil, err
		}
	}
	err = run.Get(ctx, nil)
	return []time.Duration{time.Since(paid)}, err
}
