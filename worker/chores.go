package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// How often chores look whether there is something to do.
const (
	listsEvery      = 15 * time.Second
	orphansEvery    = time.Minute
	supersededEvery = 5 * time.Minute
	sweepEvery      = 10 * time.Minute
)

// choreTimeout keeps a chore that hangs from keeping the others waiting.
const choreTimeout = 5 * time.Minute

// chore is work that is done at the start and then again and again. What fails
// is logged and tried again the next time.
type chore struct {
	name  string
	every time.Duration
	do    func(ctx context.Context, at time.Time) error
}

// run works until the context ends; a failure ends nothing.
func (c chore) run(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		if err := c.once(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "chore failed, tried again", "chore", c.name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c chore) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, choreTimeout)
	defer cancel()
	return c.do(ctx, time.Now())
}

// alone makes a chore one that a single process at a time does for all.
func alone(duties *postgres.Duties, duty postgres.Duty, do func(context.Context, time.Time) error) func(context.Context, time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		return duties.Alone(ctx, duty, func(ctx context.Context) error { return do(ctx, at) })
	}
}

// chores are what a worker does beside workflows, messages and payments.
func chores(base *process.Base, c config.Worker, issuers *ca.Registry, issuing *ca.Service, grants *postgres.Credentials) ([]chore, error) {
	book, log, duties := postgres.NewBook(base.Pool), postgres.NewAudit(base.Pool), postgres.NewDuties(base.Pool)
	publisher, err := ca.NewPublisher(issuers, book, string(c.Trust.Dir), c.Issuing.CRLPeriod)
	if err != nil {
		return nil, err
	}
	lists := lists{publisher: publisher, audit: log, log: base.Log}
	orphans := orphans{service: issuing, age: c.Issuing.OrphanAfter, log: base.Log}
	out := []chore{
		{"revocation lists", listsEvery, alone(duties, postgres.DutyRevocationLists, lists.publish)},
		{"orphans", orphansEvery, alone(duties, postgres.DutyOrphans, orphans.finish)},
		{"storage", sweepEvery, sweeper{grants: grants, log: base.Log}.sweep},
	}
	if c.Issuing.SupersedeAfter > 0 {
		superseded := superseded{book: book, after: c.Issuing.SupersedeAfter, log: base.Log}
		out = append(out, chore{"superseded certificates", supersededEvery, alone(duties, postgres.DutySuperseded, superseded.revoke)})
	}
	if c.Audit.KeyFile == "" {
		base.Log.Warn("the audit log is not sealed: no AUDIT_KEY_FILE")
		return out, nil
	}
	signer, err := checkpointSigner(string(c.Audit.KeyFile))
	if err != nil {
		return nil, err
	}
	checkpoints := checkpoints{store: log, signer: signer, log: base.Log}
	return append(out, chore{"checkpoints", c.Audit.Every, alone(duties, postgres.DutyCheckpoints, checkpoints.seal)}), nil
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
