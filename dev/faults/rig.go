package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/clock"
)

// The servers, beside the product's processes.
const (
	processTemporal = "temporal"
	processPostgres = "postgres"
)

// everyProcess is what is kept running.
func everyProcess() []string {
	return []string{processPostgres, processTemporal, stack.ProcessAPI, stack.ProcessWorker}
}

// aheadAtFirst is how far the stack's time is ahead of the machine's: the clocks of processes can be behind by less.
const aheadAtFirst = 2 * time.Hour

// rig is a stack with something bad between any two of its parts.
type rig struct {
	plan      plan
	stack     *stack.Stack
	processes *stack.Processes
	temporal  client.Client
	pool      *pgxpool.Pool
	// disk is nil where none can be mounted.
	disk *disk
	// databases and temporals are the networks of each process.
	databases, temporals map[string]*proxy
	// holds are locked while a fault has a process in hand.
	holds map[string]*sync.Mutex
	tally *tally

	environment stack.Environment
	stopKeeper  func()
	closers     []func() error
}

func start(ctx context.Context, p plan) (*rig, error) {
	r := &rig{plan: p, databases: map[string]*proxy{}, temporals: map[string]*proxy{}, holds: map[string]*sync.Mutex{}, tally: newTally()}
	for _, name := range everyProcess() {
		r.holds[name] = &sync.Mutex{}
	}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *rig) start(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.plan.data, 0o755); err != nil {
		return err
	}
	if r.plan.disk > 0 {
		switch r.disk, err = mountDisk(r.plan.data, r.plan.disk); {
		case errors.Is(err, errNoMount):
			r.tally.note(err.Error())
		case err != nil:
			return err
		default:
			r.closers = append(r.closers, r.disk.unmount)
		}
	}
	if err := clock.Write(filepath.Join(r.plan.data, "clock"), aheadAtFirst); err != nil {
		return err
	}
	r.stack, err = stack.Start(ctx, stack.Options{DataDir: r.plan.data, WithoutUI: true, TemporalAlone: true, TemporalMoves: true,
		Families: []authority.Family{authority.Bign}, Rewire: r.rewire, PostgresSettings: []string{"autovacuum_naptime=1min"}})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, r.stack.Close)
	var ok bool
	if r.processes, ok = r.stack.Product().(*stack.Processes); !ok || r.stack.Cluster() == nil {
		return errors.New("the bench needs servers and processes of its own: unset DATABASE_URL and TEMPORAL_ADDRESS")
	}
	o, err := r.stack.TemporalOptions(stack.TemporalWorker)
	if err != nil {
		return err
	}
	o.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	if r.temporal, err = client.NewLazyClient(o); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.temporal.Close(); return nil })
	if r.pool, err = pgxpool.New(ctx, r.stack.URLs.Database); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.pool.Close(); return nil })
	keeping, stop := context.WithCancel(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { r.keep(keeping) })
	r.stopKeeper = func() { stop(); kept.Wait() }
	return nil
}

// rewire puts a network between a process and its servers, and gives it a clock of its own.
func (r *rig) rewire(process string, e stack.Environment) (stack.Environment, error) {
	if process == stack.ProcessPortal {
		return e, nil
	}
	u, err := url.Parse(e["DATABASE_URL"])
	if err != nil {
		return nil, err
	}
	if r.databases[process], err = startProxy(u.Host); err != nil {
		return nil, err
	}
	if r.temporals[process], err = startProxy(e["TEMPORAL_ADDRESS"]); err != nil {
		return nil, err
	}
	for _, p := range []*proxy{r.databases[process], r.temporals[process]} {
		r.closers = append(r.closers, p.close)
	}
	if r.environment == nil {
		r.environment = e
	}
	u.Host = r.databases[process].address()
	if err := os.Symlink("clock", r.clockOf(process)); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return e.With(stack.Environment{"DATABASE_URL": u.String(), "TEMPORAL_ADDRESS": r.temporals[process].address(),
		"SANDBOX_CLOCK": r.clockOf(process)}), nil
}

// clockOf is the file that the clock of a process follows: a link to the stack's, or a file while it is wrong.
func (r *rig) clockOf(process string) string { return filepath.Join(r.plan.data, "clock-of-"+process) }

// shift makes the clock of a process wrong by so much, and right again by 0.
func (r *rig) shift(process string, by time.Duration) error {
	path := r.clockOf(process)
	if by != 0 {
		ahead, err := clock.Read(filepath.Join(r.plan.data, "clock"))
		if err != nil {
			return err
		}
		return clock.Write(path, ahead+by)
	}
	next := path + ".new"
	if err := os.Symlink("clock", next); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (r *rig) close() error {
	if r.stopKeeper != nil {
		r.stopKeeper()
	}
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	r.closers = nil
	return errors.Join(errs...)
}

// keepEvery is how often it is looked whether everything runs.
const keepEvery = 300 * time.Millisecond

// keep starts again what has ended and no fault has in hand, as an orchestrator does.
func (r *rig) keep(ctx context.Context) {
	// failing are those that were told of and do not start yet.
	failing := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(keepEvery):
		}
		for _, name := range everyProcess() {
			if !r.holds[name].TryLock() {
				continue
			}
			if !r.running(name) {
				if !failing[name] {
					r.tally.ended(name)
				}
				failing[name] = r.begin(ctx, name) != nil
			}
			r.holds[name].Unlock()
		}
	}
}

func (r *rig) running(name string) bool {
	switch name {
	case processPostgres:
		return r.stack.Cluster().Running()
	case processTemporal:
		select {
		case <-r.stack.Temporal().Done():
			return false
		default:
			return true
		}
	default:
		return r.processes.Running(name)
	}
}

func (r *rig) begin(ctx context.Context, name string) error {
	switch name {
	case processPostgres:
		return r.stack.Cluster().Restart(ctx)
	case processTemporal:
		return r.stack.RestartTemporal(ctx)
	default:
		return r.processes.StartOne(ctx, name)
	}
}

// kill ends a process as kill -9 does.
func (r *rig) kill(name string) error {
	switch name {
	case processPostgres:
		return r.stack.Cluster().Kill()
	case processTemporal:
		return r.stack.Temporal().Kill()
	default:
		return r.processes.Kill(name)
	}
}

// pid is the process id; 0 when it does not run.
func (r *rig) pid(name string) int {
	switch name {
	case processPostgres:
		return r.stack.Cluster().PID()
	case processTemporal:
		return r.stack.TemporalPID()
	default:
		return r.processes.PID(name)
	}
}
