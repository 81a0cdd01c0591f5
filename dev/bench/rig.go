package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/usage"
	"github.com/remote-issuance/remote-issuance/workflows"
)

const (
	productDatabase      = "issuance"
	orderWorkflow        = workflows.OrderWorkflow
	confirmationWorkflow = workflows.ConfirmationWorkflow
)

// The groups of processes. The bench's own process is the load and the sandboxes, and the worker of the peers.
const (
	groupTemporal = "Temporal"
	groupPostgres = "PostgreSQL"
	groupAPI      = "API"
	groupWorker   = "worker"
	groupBench    = "bench"
)

// rig is everything that a measurement needs, running.
type rig struct {
	stack    *stack.Stack
	temporal client.Client
	// counters is a connection to a database that nobody else uses.
	counters *pgx.Conn
	groups   []usage.Group

	peers        *peers
	stateMachine *stateMachine
	portal       *portal

	// waiting are the orders that were opened to wait and are not expected to end.
	waiting int64

	closers []func() error
}

// postgresSettings count statements, and keep checkpoints, after which every page is written to the WAL in full once more, out of the
// measurement.
func postgresSettings(p plan) []string {
	settings := []string{"shared_preload_libraries=pg_stat_statements", "max_wal_size=8GB", "checkpoint_timeout=1h"}
	if p.statements > 0 {
		settings = append(settings, "pg_stat_statements.track_planning=on")
	}
	return settings
}

func start(ctx context.Context, p plan) (*rig, error) {
	r := &rig{}
	if err := r.start(ctx, p); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *rig) start(ctx context.Context, p plan) (err error) {
	var environment stack.Environment
	if p.profiles != "" {
		environment = stack.Environment{profilesVariable: p.profiles}
	}
	r.stack, err = stack.Start(ctx, stack.Options{DataDir: p.data, WithoutUI: true, TemporalAlone: true,
		Families: []authority.Family{authority.Bign}, PostgresSettings: postgresSettings(p), Environment: environment})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, r.stack.Close)
	cluster := r.stack.Cluster()
	if cluster == nil {
		return errors.New("the benchmark needs a PostgreSQL server of its own: unset DATABASE_URL")
	}
	product, ok := r.stack.Product().(*stack.Processes)
	if !ok {
		return errors.New("the benchmark needs the product in processes of its own")
	}
	r.groups = []usage.Group{
		{Name: groupTemporal, PID: r.stack.TemporalPID()}, {Name: groupPostgres, PID: cluster.PID(), Children: true},
		{Name: groupAPI, PID: product.PID(stack.ProcessAPI)}, {Name: groupWorker, PID: product.PID(stack.ProcessWorker)},
		{Name: groupBench, PID: os.Getpid()},
	}
	peer, err := r.stack.TemporalOptions(stack.TemporalWorker)
	if err != nil {
		return err
	}
	peer.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	if r.temporal, err = client.Dial(peer); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { r.temporal.Close(); return nil })
	if r.counters, err = openCounters(ctx, cluster.URL("postgres")); err != nil {
		return err
	}
	r.closers = append(r.closers, func() error { return r.counters.Close(context.WithoutCancel(ctx)) })
	return r.startContenders(ctx)
}

func (r *rig) startContenders(ctx context.Context) (err error) {
	if r.portal, err = newPortal(r.stack); err != nil {
		return err
	}
	if r.peers, err = startPeers(r.temporal); err != nil {
		return err
	}
	r.closers = append(r.closers, r.peers.stop)
	if err := r.stack.Cluster().CreateDatabase(ctx, machineDatabase); err != nil {
		return err
	}
	if r.stateMachine, err = startStateMachine(ctx, r.stack.Cluster().URL(machineDatabase)); err != nil {
		return err
	}
	r.closers = append(r.closers, r.stateMachine.stop)
	return nil
}

func (r *rig) close() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	r.closers = nil
	return errors.Join(errs...)
}
