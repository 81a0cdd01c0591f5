package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// How often jobs look whether there is something to do.
const (
	startsEvery     = 5 * time.Second
	crlsEvery       = 15 * time.Second
	draftsEvery     = 15 * time.Second
	orphansEvery    = time.Minute
	supersededEvery = 5 * time.Minute
	sweepEvery      = 10 * time.Minute
	eventsEvery     = time.Minute
	keysEvery       = time.Hour
)

// jobTimeout keeps a job that hangs from keeping the others waiting.
const jobTimeout = 5 * time.Minute

// job is work that must go on without Temporal; what operators should see and
// pause is a Schedule instead. It is done at the start and then again and again. What fails
// is logged and tried again the next time.
type job struct {
	name  string
	every time.Duration
	do    func(ctx context.Context, at time.Time) error
}

// run works until the context ends; a failure ends nothing.
func (j job) run(ctx context.Context, log *slog.Logger) error {
	for {
		if err := j.once(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "job failed, tried again", "job", j.name, "error", err)
		}
		if !clock.Wait(ctx, j.every) {
			return nil
		}
	}
}

func (j job) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	return j.do(ctx, clock.Now())
}

// alone makes a job one that a single process at a time does for all.
func alone(
	locks *postgres.LeaderLocks, lock postgres.LeaderLock, do func(context.Context, time.Time) error,
) func(context.Context, time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		return locks.Alone(ctx, lock, func(ctx context.Context) error { return do(ctx, at) })
	}
}

// jobs are what a worker does beside workflows, messages and payments.
func jobs(base *process.Base, c config.Worker, issuers *ca.Registry, issuing *ca.Service, s stores) ([]job, error) {
	log, locks := postgres.NewAudit(base.Pool), postgres.NewLeaderLocks(base.Pool)
	publisher, err := ca.NewPublisher(issuers, s.certificates, string(c.Trust.Dir), c.Issuing.CRLPeriod)
	if err != nil {
		return nil, err
	}
	crls := crls{publisher: publisher, audit: log, log: base.Log}
	orphans := orphans{service: issuing, age: c.Issuing.OrphanAfter, log: base.Log}
	anew := base.Starter()
	anew.Anew = true
	starts := starts{starter: anew, orders: s.orders, confirmations: s.confirmations, log: base.Log}
	drafts := drafts{orders: s.orders, confirmations: s.confirmations, log: base.Log}
	out := []job{
		// Several processes may start the same workflow: it is started once.
		{"workflows that were not started", startsEvery, starts.start},
		{"drafts and lists", draftsEvery, alone(locks, postgres.LeaderDrafts, drafts.expire)},
		{"revocation lists", crlsEvery, alone(locks, postgres.LeaderCRLs, crls.publish)},
		{"orphans", orphansEvery, alone(locks, postgres.LeaderOrphans, orphans.finish)},
		{"storage", sweepEvery, sweeper{credentials: s.credentials, log: base.Log}.sweep},
	}
	if c.Issuing.SupersedeAfter > 0 {
		superseded := superseded{store: s.certificates, after: c.Issuing.SupersedeAfter, log: base.Log}
		out = append(out, job{"superseded certificates", supersededEvery, alone(locks, postgres.LeaderSuperseded, superseded.revoke)})
	}
	var signer audit.Signer
	if c.Audit.KeyFile == "" {
		base.Log.Warn("the audit log is not sealed: no AUDIT_KEY_FILE")
	} else {
		if signer, err = checkpointSigner(string(c.Audit.KeyFile)); err != nil {
			return nil, err
		}
		checkpoints := checkpoints{store: log, signer: signer, log: base.Log}
		out = append(out, job{"checkpoints", c.Sealing.Every, alone(locks, postgres.LeaderCheckpoints, checkpoints.seal)})
	}
	held, err := heldKeys(c.Common.Keys, issuers, signer)
	if err != nil {
		return nil, err
	}
	held.store = postgres.NewKeyBackups(base.Pool)
	// Each process tells of its own: they need not hold the same ones.
	return append(out, job{"keys in use", keysEvery, held.tell}), nil
}

func checkpointSigner(path string) (audit.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("AUDIT_KEY_FILE: %w", err)
	}
	key, err := audit.ParseKey(data)
	if err != nil {
		return nil, fmt.Errorf("AUDIT_KEY_FILE: %w", err)
	}
	return audit.NewSigner(key)
}
