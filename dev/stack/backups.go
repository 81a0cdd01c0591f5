package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// ConfirmBackups confirms the backups of the stack's keys, which need none, as
// soon as its worker has told of them.
func (s *Stack) ConfirmBackups(ctx context.Context) error {
	pool, err := postgres.Connect(ctx, s.URLs.Database)
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for store := postgres.NewKeyBackups(pool); ; {
		confirmed, err := store.Confirm(ctx, persons.Operator, s.Now())
		if err != nil {
			return err
		}
		if len(confirmed) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the worker does not tell of its keys: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
