package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// LeaderLock names a job that one process at a time does for all; its value is
// the advisory lock that decides which.
type LeaderLock int64

// The jobs that have a leader.
const (
	LeaderCRLs LeaderLock = 0x63726c01 + iota
	LeaderOrphans
	LeaderSuperseded
	LeaderCheckpoints
	LeaderDrafts
)

// LeaderLocks lets one of all processes do a job.
type LeaderLocks struct {
	pool *pgxpool.Pool
	// turn lets this process hold one lock at a time: each holds a connection
	// and needs another one for the work, and pools can be as small as four.
	turn chan struct{}
}

// NewLeaderLocks makes the locks of a process's jobs.
func NewLeaderLocks(pool *pgxpool.Pool) *LeaderLocks {
	return &LeaderLocks{pool: pool, turn: make(chan struct{}, 1)}
}

// Alone runs fn while no other process does the same job, and does nothing,
// without an error, while another one does. The lock is that of a transaction,
// so that it ends with the process however the process ends; fn itself works
// on other connections and commits as it likes. The jobs of one process wait
// for each other.
func (l *LeaderLocks) Alone(ctx context.Context, lock LeaderLock, fn func(context.Context) error) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		mine, err := db.New(tx).TryLock(ctx, int64(lock))
		if err != nil {
			return fmt.Errorf("leader lock: %w", err)
		}
		if !mine {
			return nil
		}
		return fn(ctx)
	})
}
